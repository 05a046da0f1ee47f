//! `handler runde`: opening a Berichtsrunde freezes everything that it rests on.

mod aendern;
mod show;

use super::{Outcome, ask, counted, few, grund, register, say};
use crate::clock::Moment;
use crate::config::Config;
use crate::lists;
use crate::store::{Luecken, NeueRunde, Runde as Frozen, RundeFehler, Store, Zuweisung};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use form::Form;
use form::day_text;
use jiff::civil::Date;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Runde {
    /// Öffnet eine Berichtsrunde
    #[command(after_help = "Beispiel:
  handler runde open cb-2026 \\
      --formular formular.toml --zuweisungen zuweisungen.csv \\
      --von 2026-01-01 --bis 2026-12-31 --frist 2027-03-31

Die Zuweisungen sind eine CSV-Datei mit diesen Spalten, Beträge in Euro mit Komma:
  Schulnummer;Zugewiesen;Uebertrag
  wahlweise dazu: Meldet (die Nummer des Trägers, der für die Schule meldet)

Beim Öffnen wird alles kopiert: Träger, Schulen, Zuweisungen, Formular. Spätere Änderungen am Verzeichnis wirken erst mit „runde update“. \
Mit --uebertrag gilt die Spalte Uebertrag; wo sie leer ist, der Rest aus der Runde davor (zugewiesen + Übertrag - verausgabt).")]
    Open(Box<Open>),
    /// Zeigt alle Berichtsrunden
    #[command(after_help = "Beispiel:
  handler runde list")]
    List {
        /// Gibt die Liste als JSON aus
        #[arg(long)]
        json: bool,
    },
    /// Zeigt eine Berichtsrunde: Zeitraum, Fristen, Stand, Meldungen mit überholten Angaben
    #[command(after_help = "Beispiel:
  handler runde show cb-2026")]
    Show {
        /// Kennung der Berichtsrunde
        kennung: String,
        /// Gibt alles als JSON aus
        #[arg(long)]
        json: bool,
    },
    /// Schließt eine Berichtsrunde; hochladen kann danach niemand mehr
    #[command(after_help = "Beispiel:
  handler runde close cb-2026")]
    Close {
        /// Kennung der Berichtsrunde
        kennung: String,
        /// Fragt nicht nach
        #[arg(long)]
        ja: bool,
    },
    /// Zeigt, was in Verzeichnis und Formular anders ist als in der Runde, und übernimmt es auf Wunsch
    #[command(after_help = "Beispiele:
  handler runde update cb-2026 --dry-run
  handler runde update cb-2026
  handler runde update cb-2026 --formular formular.toml --ja")]
    Update {
        /// Kennung der Berichtsrunde
        kennung: String,
        /// Die neue Fassung des Formulars [sonst: die der gebauten Website]
        #[arg(long, value_name = "DATEI")]
        formular: Option<PathBuf>,
        /// Zeigt nur die Unterschiede und ändert nichts
        #[arg(long, conflicts_with = "ja")]
        dry_run: bool,
        /// Übernimmt die Unterschiede ohne Rückfrage
        #[arg(long)]
        ja: bool,
    },
    /// Verlängert die Frist für einen Träger oder nimmt die Verlängerung zurück
    #[command(after_help = "Beispiele:
  handler runde frist cb-2026 --traeger 10054 --bis 2027-04-15 \\
      --grund \"Umstellung der Haushaltssoftware\"
  handler runde frist cb-2026 --traeger 10054 --wie-alle \\
      --grund \"War für einen anderen Träger gedacht\"")]
    Frist {
        /// Kennung der Berichtsrunde
        kennung: String,
        /// Schulträgernummer
        #[arg(long, value_name = "NUMMER")]
        traeger: String,
        /// Der neue letzte Tag
        #[arg(long, value_name = "TAG", required_unless_present = "wie_alle")]
        bis: Option<Date>,
        /// Nimmt die Verlängerung zurück: Es gilt wieder die Frist für alle
        #[arg(long, conflicts_with = "bis")]
        wie_alle: bool,
        /// Warum; bitte keine Namen
        #[arg(long, value_name = "TEXT", value_parser = grund)]
        grund: String,
    },
    /// Berichtigt Zuweisungen oder ergänzt Schulen
    #[command(after_help = "Beispiel:
  handler runde zuweisung cb-2026 berichtigung.csv \\
      --grund \"Bescheid vom 3. Februar\"

Die Datei nennt nur die Schulen, die sich ändern. Wer sein Formular schon heruntergeladen hat, bekommt beim Hochladen \
die neue Fassung mit seinen Angaben darin.")]
    Zuweisung {
        /// Kennung der Berichtsrunde
        kennung: String,
        /// CSV-Datei der Zuweisungen: Schulnummer;Zugewiesen;Uebertrag und wahlweise Meldet
        #[arg(value_name = "DATEI")]
        file: PathBuf,
        /// Zeigt nur, was sich ändern würde
        #[arg(long)]
        dry_run: bool,
        /// Warum; bitte keine Namen
        #[arg(long, value_name = "TEXT", value_parser = grund)]
        grund: String,
    },
}

#[derive(Args)]
pub(super) struct Open {
    /// Kurzname aus a-z, 0-9 und Bindestrich, zum Beispiel cb-2026
    kennung: String,
    /// Das Formular: formular.toml
    #[arg(long, value_name = "DATEI")]
    formular: PathBuf,
    /// Beginn des Berichtszeitraums
    #[arg(long, value_name = "TAG")]
    von: Date,
    /// Ende des Berichtszeitraums
    #[arg(long, value_name = "TAG")]
    bis: Date,
    /// Erster Tag zum Hochladen [sonst: heute]
    #[arg(long, value_name = "TAG")]
    ab: Option<Date>,
    /// Letzter Tag zum Hochladen
    #[arg(long, value_name = "TAG")]
    frist: Date,
    /// Was mit Dateien geschieht, die nach der Frist kommen; angenommene gelten als verspätet
    #[arg(long, value_name = "FOLGE", value_enum, default_value = "annehmen")]
    nach_frist: NachFrist,
    /// Überträgt, was von der Runde davor übrig ist: die Spalte Uebertrag, und wo sie leer ist, den errechneten Rest
    #[arg(long)]
    uebertrag: bool,
    /// CSV-Datei der Zuweisungen
    #[arg(long, value_name = "DATEI")]
    zuweisungen: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NachFrist {
    Annehmen,
    Ablehnen,
}

impl Runde {
    pub(super) fn run(self, store: &mut Store, config: &Config, now: Moment) -> Result<Outcome> {
        match self {
            Runde::Open(open) => open.run(store, now),
            Runde::List { json } => show::list(store, json, now),
            Runde::Show { kennung, json } => show::show(store, &find(store, &kennung)?, json, now),
            Runde::Close { kennung, ja } => close(store, &kennung, ja, now),
            Runde::Update {
                kennung,
                formular,
                dry_run,
                ja,
            } => {
                let answer = if dry_run { None } else { Some(ja) };
                aendern::update(store, config, &kennung, formular, answer, now)
            }
            Runde::Frist {
                kennung,
                traeger,
                bis,
                grund,
                wie_alle: _,
            } => frist(store, &kennung, &traeger, bis, &grund, now),
            Runde::Zuweisung {
                kennung,
                file,
                dry_run,
                grund,
            } => aendern::zuweisung(store, &kennung, &file, &grund, !dry_run, now),
        }
    }
}

pub(super) fn find(store: &Store, kennung: &str) -> Result<Frozen> {
    let found = store.runde(kennung)?;
    found.with_context(|| {
        format!("Die Berichtsrunde {kennung} gibt es nicht. Welche es gibt, zeigt „handler runde list“")
    })
}

/// A Runde that may still change; `None` where it is closed, which has been said then.
fn find_open(store: &Store, kennung: &str) -> Result<Option<Frozen>> {
    let runde = find(store, kennung)?;
    if runde.geschlossen {
        eprintln!(
            "Die Berichtsrunde {kennung} ist schon geschlossen. {}",
            ask::NOTHING_DONE
        );
        return Ok(None);
    }
    Ok(Some(runde))
}

fn close(store: &mut Store, kennung: &str, ja: bool, now: Moment) -> Result<Outcome> {
    if find_open(store, kennung)?.is_none() {
        return Ok(Outcome::No);
    }
    let missing = store
        .staende(kennung)?
        .iter()
        .filter(|stand| stand.stand == "fehlt")
        .count();
    let question = format!(
        "{} noch. Ist die Berichtsrunde {kennung} geschlossen, kann niemand mehr hochladen, und sie lässt sich nicht wieder öffnen. Schließen?",
        counted(missing, "Träger fehlt", "Träger fehlen")
    );
    if !ask::confirmed(&question, ja)? {
        say(ask::NOTHING_DONE)?;
        return Ok(Outcome::No);
    }
    if !store.close_runde(kennung, now)? {
        eprintln!("Die Berichtsrunde {kennung} wurde soeben geschlossen.");
        return Ok(Outcome::No);
    }
    say(format_args!(
        "Die Berichtsrunde {kennung} ist geschlossen. Es fehlen: {missing}."
    ))?;
    Ok(Outcome::Done)
}

/// Without a day of its own the Träger has the day of all again.
fn frist(
    store: &mut Store,
    kennung: &str,
    traeger: &str,
    bis: Option<Date>,
    grund: &str,
    now: Moment,
) -> Result<Outcome> {
    let Some(runde) = find_open(store, kennung)? else {
        return Ok(Outcome::No);
    };
    if store.vordruck(&runde, traeger)?.is_none() {
        bail!("Der Träger {traeger} hat in der Berichtsrunde {kennung} nichts zu melden");
    }
    let name = store.name_in_runde(kennung, traeger)?.unwrap_or_default();
    let Some(bis) = bis else {
        if !store.frist_aufheben(kennung, traeger, grund, now)? {
            eprintln!(
                "Die Frist ist für {name} ({traeger}) nicht verlängert. {}",
                ask::NOTHING_DONE
            );
            return Ok(Outcome::No);
        }
        say(format_args!(
            "Für {name} ({traeger}) endet die Frist in der Berichtsrunde {kennung} wieder am {}, wie für alle.",
            day_text(runde.frist)
        ))?;
        return Ok(Outcome::Done);
    };
    if bis <= runde.frist {
        eprintln!(
            "Die Frist endet für alle am {}. Nennen Sie einen späteren Tag. {}",
            day_text(runde.frist),
            ask::NOTHING_DONE
        );
        return Ok(Outcome::No);
    }
    store.verlaengern(kennung, traeger, bis, grund, now)?;
    say(format_args!(
        "{name} ({traeger}) kann in der Berichtsrunde {kennung} bis zum {} fristgerecht melden.",
        day_text(bis)
    ))?;
    Ok(Outcome::Done)
}

/// Reads a form, or prints all its problems.
fn read_form(path: &Path) -> Result<Option<(String, Form)>> {
    let definition =
        std::fs::read_to_string(path).with_context(|| format!("{} lässt sich nicht lesen", path.display()))?;
    match Form::parse(&definition) {
        Ok(form) => Ok(Some((definition, form))),
        Err(problems) => {
            for problem in problems {
                eprintln!(
                    "{}:{}:{}: {} {}",
                    path.display(),
                    problem.line,
                    problem.column,
                    problem.message,
                    problem.remedy
                );
            }
            Ok(None)
        }
    }
}

impl Open {
    fn run(self, store: &mut Store, now: Moment) -> Result<Outcome> {
        if let Err(complaint) = self.check(now) {
            eprintln!("{complaint}");
            return Ok(Outcome::No);
        }
        let Some((definition, form)) = read_form(&self.formular)? else {
            return Ok(Outcome::No);
        };
        let Some(zuweisungen) = register::read(&self.zuweisungen, lists::zuweisungen)? else {
            return Ok(Outcome::No);
        };
        let neu = NeueRunde {
            kennung: self.kennung,
            von: self.von,
            bis: self.bis,
            ab: self.ab.unwrap_or(now.day()),
            frist: self.frist,
            nach_frist_ablehnen: self.nach_frist == NachFrist::Ablehnen,
            uebertrag: self.uebertrag,
            beispiel: false,
        };
        match store.open_runde(&neu, &definition, &form, &zuweisungen.rows, now)? {
            Ok(()) => {
                let expected = store.staende(&neu.kennung)?.len();
                say(format_args!(
                    "Die Berichtsrunde {} ist eingerichtet: {}, {}.",
                    neu.kennung,
                    counted(zuweisungen.rows.len(), "Schule", "Schulen"),
                    counted(expected, "Träger meldet", "Träger melden")
                ))?;
                say(format_args!(
                    "Hochgeladen wird vom {} bis zum {}.",
                    day_text(neu.ab),
                    day_text(neu.frist)
                ))?;
                if neu.uebertrag {
                    uebertrag(store, &neu.kennung, &zuweisungen.rows)?;
                }
                luecken(store, &neu.kennung)?;
                say(format_args!(
                    "Wer gemeldet hat, zeigt: handler meldung list --runde {}",
                    neu.kennung
                ))?;
                Ok(Outcome::Done)
            }
            Err(fehler) => {
                eprintln!("{}", sentence(&fehler));
                Ok(Outcome::No)
            }
        }
    }

    fn check(&self, now: Moment) -> Result<(), &'static str> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if self.kennung.is_empty() || self.kennung.len() > 32 || !self.kennung.bytes().all(plain) {
            return Err("Die Kennung besteht aus höchstens 32 Zeichen: a-z, 0-9 und Bindestrich.");
        }
        if self.bis < self.von {
            return Err("Der Berichtszeitraum endet, bevor er beginnt. Prüfen Sie --von und --bis.");
        }
        if self.frist < self.ab.unwrap_or(now.day()) {
            return Err(
                "Die Frist endet, bevor hochgeladen werden kann. Prüfen Sie --frist und --ab (ohne Angabe: heute).",
            );
        }
        Ok(())
    }
}

/// What is carried over, and for whom nobody has said how much that is.
fn uebertrag(store: &Store, kennung: &str, zuweisungen: &[Zuweisung]) -> Result<()> {
    say(format_args!(
        "Übertragen werden insgesamt {}.",
        store.uebertragen(kennung)?
    ))?;
    let open = zuweisungen.iter().filter(|zuweisung| zuweisung.uebertrag.is_none());
    let open: Vec<&str> = open.map(|zuweisung| zuweisung.schulnummer.as_str()).collect();
    match store.ohne_letzte_meldung(&find(store, kennung)?, &open)? {
        0 => Ok(()),
        missing => say(format_args!(
            "Hinweis: Für {} fehlt die Meldung der Runde davor; dort ist als Übertrag 0 eingesetzt. Berichtigen lässt sich das mit „handler runde zuweisung“.",
            counted(missing, "Schule", "Schulen")
        )),
    }
}

/// Schools without money and Träger that are not waited for: allowed, and yet worth knowing.
fn luecken(store: &Store, kennung: &str) -> Result<()> {
    let Luecken { schulen, traeger } = store.luecken(kennung)?;
    if !schulen.is_empty() {
        say(format_args!(
            "Hinweis: {} im Verzeichnis, aber ohne Zuweisung, und deshalb nicht in der Runde: {}. Ergänzen lassen sie sich mit „handler runde zuweisung“.",
            counted(schulen.len(), "Schule steht", "Schulen stehen"),
            few(&schulen)
        ))?;
    }
    if !traeger.is_empty() {
        say(format_args!(
            "Hinweis: Nur solche Schulen haben und melden deshalb nicht: {}.",
            few(&traeger)
        ))?;
    }
    Ok(())
}

fn sentence(fehler: &RundeFehler) -> String {
    match fehler {
        RundeFehler::NoRest => "Dieses Formular rechnet keinen Rest aus, der sich übertragen ließe. Füllen Sie die Spalte Uebertrag aus, notfalls mit 0,00.".to_owned(),
        RundeFehler::UebertragNotAsked(lines) => format!(
            "In der Spalte Uebertrag steht in {} ein Betrag, aber --uebertrag fehlt; er ginge verloren. Ergänzen Sie --uebertrag oder leeren Sie die Spalte.",
            counted(*lines, "Zeile", "Zeilen")
        ),
        RundeFehler::Exists => "Diese Berichtsrunde gibt es schon. Wählen Sie eine andere Kennung.".to_owned(),
        RundeFehler::UnknownSchulen(nummern) => {
            format!(
                "Diese Schulen stehen nicht im Verzeichnis: {}. Lesen Sie zuerst das Verzeichnis ein oder berichtigen Sie die Zuweisungen.",
                few(nummern)
            )
        }
        RundeFehler::UnknownTraeger(nummern) => {
            format!(
                "Diese Träger aus der Spalte Meldet stehen nicht im Verzeichnis: {}. Berichtigen Sie die Zuweisungen.",
                few(nummern)
            )
        }
    }
}
