//! `handler bericht write`: the merged report as workbook, CSV files and a page with charts.

use super::{Outcome, fill_folder, say};
use crate::bericht::view::{BerichtView, Datei};
use crate::bericht::vollstaendigkeit::maengel;
use crate::bericht::{Bericht as Ergebnis, csv, svg, tabelle::Tabelle, tabelle::Wert, xlsx};
use crate::config::Config;
use crate::pages::Pages;
use crate::store::Store;
use crate::store::journal::sha256;
use anyhow::{Context, Result};
use clap::Subcommand;
use form::{Cent, Form, bericht};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Bericht {
    /// Führt die gültigen Meldungen einer Runde zusammen
    #[command(
        after_help = "Beispiele:\n  handler bericht write --runde cb-2026 --out bericht-cb-2026\n  handler bericht write --runde cb-2026 --out wie-damals --stand 3f2a…\n\nIn den Ordner kommen bericht.html mit Diagrammen, bericht.xlsx und je Tabelle eine CSV-Datei.\n\nMit --stand entsteht derselbe Bericht noch einmal, wenn der Aufbau (bericht.toml) denselben Prüfwert hat und Programm und Seitenvorlage dieselben sind."
    )]
    Write {
        /// Kennung der Berichtsrunde
        #[arg(long, value_name = "KENNUNG")]
        runde: String,
        /// Ein neuer Ordner
        #[arg(long, value_name = "ORDNER")]
        out: PathBuf,
        /// Kettenwert eines früheren Standes: der Bericht, wie er damals gewesen wäre
        #[arg(long, value_name = "KETTE")]
        stand: Option<String>,
    },
}

impl Bericht {
    pub(super) fn run(self, config: &Config, store: &mut Store) -> Result<Outcome> {
        let Bericht::Write { runde, out, stand } = self;
        super::runde::find(store, &runde)?;
        let stand = stand.map(|kette| kette.trim().to_lowercase());
        let Some(journal) = store.journalstand(stand.as_deref())? else {
            eprintln!("Diesen Kettenwert gibt es im Journal nicht. Vergleichen Sie ihn Zeichen für Zeichen.");
            return Ok(Outcome::No);
        };
        let (nr, zeit) = (journal.nr, journal.zeit);
        let Some(stoff) = store.stoff(&runde, journal)? else {
            eprintln!(
                "Die Berichtsrunde {runde} gab es damals noch nicht: Der Kettenwert ist der Eintrag {nr} vom {}.",
                zeit.text()
            );
            return Ok(Outcome::No);
        };
        let (aufbau, aufbau_sha256) = aufbau(config, &stoff.form)?;
        let pages = Pages::open(&config.site, false)?;
        let ergebnis = Ergebnis::new(&stoff, &aufbau, &aufbau_sha256)?;
        fill_folder(&out, |folder| write(&ergebnis, &pages, folder))?;
        let view = crate::bericht::view::Zahlen::of(&stoff);
        say(format_args!(
            "{} ist geschrieben: {} von {} Trägern haben gemeldet, {} davon verspätet, {} fehlen.",
            out.join("bericht.html").display(),
            view.eingegangen,
            view.erwartet,
            view.verspaetet,
            view.fehlend
        ))?;
        say(format_args!(
            "Schulen in den Meldungen: {} von {}",
            view.schulen_gemeldet, view.schulen
        ))?;
        for mangel in maengel(&stoff) {
            say(mangel)?;
        }
        for (label, cent) in &ergebnis.summen {
            say(format_args!("{label}: {cent}"))?;
        }
        say("Alle Summen gehen auf.")?;
        say(format_args!("Prüfwert des Aufbaus (bericht.toml): {aufbau_sha256}"))?;
        say(format_args!("Kettenwert dieses Standes: {}", stoff.stand.kette))?;
        Ok(Outcome::Done)
    }
}

/// The layout lies beside the form in the built site, so that it can follow what the Bund asks for. Not being in the
/// journal, it comes with its digest.
fn aufbau(config: &Config, form: &Form) -> Result<(bericht::Bericht, String)> {
    let path = config
        .site
        .join("handler/formulare")
        .join(format!("{}.bericht.toml", form.kennung));
    let source = std::fs::read_to_string(&path).with_context(|| {
        format!(
            "{} fehlt. Legen Sie bericht.toml neben formular.toml an; „generator build“ bringt es dorthin",
            path.display()
        )
    })?;
    let aufbau = bericht::Bericht::parse(&source, form).map_err(|problems| {
        let lines = problems.iter().map(|problem| {
            let (line, column) = (problem.line, problem.column);
            format!(
                "{}:{line}:{column}: {} {}",
                path.display(),
                problem.message,
                problem.remedy
            )
        });
        anyhow::anyhow!("{}", lines.collect::<Vec<_>>().join("\n"))
    })?;
    Ok((aufbau, sha256(source.as_bytes())))
}

/// Writes every file of a report.
pub(super) fn write(bericht: &Ergebnis<'_>, pages: &Pages, out: &Path) -> Result<()> {
    let save = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("{} lässt sich nicht schreiben", path.display()))
    };
    std::fs::create_dir_all(out.join("maschinenlesbar"))?;
    save("bericht.xlsx", &xlsx::write(bericht)?)?;
    let mut dateien = vec![Datei {
        name: "bericht.xlsx".to_owned(),
        title: "Alles in einer Arbeitsmappe".to_owned(),
    }];
    for tabelle in bericht.alle_tabellen() {
        let name = format!("{}.csv", tabelle.id);
        save(&name, &csv::for_excel(tabelle)?)?;
        save(&format!("maschinenlesbar/{name}"), &csv::for_machines(tabelle)?)?;
        dateien.push(Datei {
            name,
            title: tabelle.title.clone(),
        });
    }
    let charts = bericht.gliederungen.iter().filter_map(|(tabelle, column)| {
        let amounts = tabelle.spalten.len() - bericht.aufbau.betraege.len();
        Some((tabelle, (*column)? + amounts))
    });
    let mut diagramme = Vec::new();
    for (tabelle, column) in charts.chain(bericht.verwendung.iter().map(|tabelle| (tabelle, 1))) {
        let title = format!("{}: {}", tabelle.title, tabelle.spalten[column].title);
        save(
            &format!("{}.svg", tabelle.id),
            svg::bars(&title, &lines(tabelle, column)).as_bytes(),
        )?;
        diagramme.push(tabelle.id.clone());
    }
    let view = BerichtView::new(bericht, &diagramme, dateien);
    save("bericht.html", pages.render("bericht.html", &view)?.as_bytes())
}

fn lines(tabelle: &Tabelle, column: usize) -> Vec<(String, Cent)> {
    let line = |zeile: &Vec<Wert>| {
        let label = match &zeile[0] {
            Wert::Wahl { label, .. } => label.clone(),
            other => other.text(),
        };
        match zeile[column] {
            Wert::Geld(cent) => Some((label, cent)),
            _ => None,
        }
    };
    tabelle.zeilen.iter().filter_map(line).collect()
}
