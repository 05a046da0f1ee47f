//! `handler runde update` and `zuweisung`: changing what is frozen, seen before it is done.

use super::super::{Outcome, ask, register, say};
use super::{find_open, luecken, read_form, sentence};
use crate::clock::Moment;
use crate::config::Config;
use crate::lists;
use crate::store::{AlteAngabe, Anpassung, Store};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// `ja` is the answer that was given beforehand; without one, nothing is to be done.
pub(super) fn update(
    store: &mut Store,
    config: &Config,
    kennung: &str,
    formular: Option<PathBuf>,
    ja: Option<bool>,
    now: Moment,
) -> Result<Outcome> {
    let Some(runde) = find_open(store, kennung)? else {
        return Ok(Outcome::No);
    };
    let frozen = runde.form()?;
    let built = config
        .site
        .join("handler/formulare")
        .join(format!("{}.toml", frozen.kennung));
    let path = formular.or_else(|| built.is_file().then_some(built));
    let formular = match path {
        None => None,
        Some(path) => {
            let Some(read) = read_form(&path)? else {
                return Ok(Outcome::No);
            };
            if read.1.kennung != frozen.kennung {
                eprintln!(
                    "{} ist das Formular „{}“, die Runde hat das Formular „{}“. {}",
                    path.display(),
                    read.1.kennung,
                    frozen.kennung,
                    ask::NOTHING_DONE
                );
                return Ok(Outcome::No);
            }
            Some(read)
        }
    };
    let planned = store.update_runde(&runde, formular.as_ref(), false, now)?;
    print(&planned)?;
    luecken(store, kennung)?;
    if planned.is_empty() {
        say(format_args!(
            "Die Berichtsrunde {kennung} entspricht dem Verzeichnis und dem Formular."
        ))?;
        return Ok(Outcome::Done);
    }
    let Some(ja) = ja else {
        say(ask::NOTHING_DONE)?;
        return Ok(Outcome::Done);
    };
    if !ask::confirmed(
        &format!("Die Unterschiede in die Berichtsrunde {kennung} übernehmen?"),
        ja,
    )? {
        say(ask::NOTHING_DONE)?;
        return Ok(Outcome::No);
    }
    store.update_runde(&runde, formular.as_ref(), true, now)?;
    say(format_args!(
        "Die Unterschiede sind in die Berichtsrunde {kennung} übernommen."
    ))?;
    Ok(Outcome::Done)
}

pub(super) fn zuweisung(
    store: &mut Store,
    kennung: &str,
    file: &Path,
    grund: &str,
    apply: bool,
    now: Moment,
) -> Result<Outcome> {
    let Some(runde) = find_open(store, kennung)? else {
        return Ok(Outcome::No);
    };
    let Some(list) = register::read(file, lists::zuweisungen)? else {
        return Ok(Outcome::No);
    };
    if !runde.uebertrag
        && list
            .rows
            .iter()
            .any(|row| row.uebertrag.is_some_and(|cent| cent.0 != 0))
    {
        say("Hinweis: Diese Runde wurde ohne Übertrag geöffnet. Die Spalte Uebertrag bleibt außer Acht.")?;
    }
    match store.correct_zuweisungen(&runde, &list.rows, grund, apply, now)? {
        Ok(done) => {
            print(&done)?;
            if done.is_empty() {
                say(format_args!(
                    "Die Datei sagt dasselbe wie die Berichtsrunde {kennung}. {}",
                    ask::NOTHING_DONE
                ))?;
            } else if !apply {
                say(ask::NOTHING_DONE)?;
            } else {
                say(format_args!(
                    "Die Zuweisungen der Berichtsrunde {kennung} sind berichtigt."
                ))?;
            }
            Ok(Outcome::Done)
        }
        Err(fehler) => {
            eprintln!("{} {}", sentence(&fehler), ask::NOTHING_DONE);
            Ok(Outcome::No)
        }
    }
}

fn print(anpassung: &Anpassung) -> Result<()> {
    for unterschied in &anpassung.unterschiede {
        say(unterschied)?;
    }
    for schule in &anpassung.entfallene_schulen {
        say(format_args!(
            "Hinweis: Die Schule {schule} steht nicht mehr im Verzeichnis. Sie bleibt in der Runde, denn ihr Geld ist noch abzurechnen."
        ))?;
    }
    for change in &anpassung.formular {
        let fits = if change.is_compatible { "passt" } else { "bricht" };
        say(format_args!("Formular ({fits}): {}", change.sentence))?;
    }
    if anpassung.formular.iter().any(|change| !change.is_compatible) {
        say(
            "Formulare, die schon heruntergeladen oder eingereicht sind, passen zu dieser Fassung nicht. Wer ein solches hochlädt, erhält seine Angaben im neuen Formular zurück.",
        )?;
    }
    print_old(&anpassung.alte_angaben)
}

/// Accepted Meldungen that rest on old figures, and what to do about them.
pub(super) fn print_old(alte_angaben: &[AlteAngabe]) -> Result<()> {
    if alte_angaben.is_empty() {
        return Ok(());
    }
    say(
        "Diese Meldungen beruhen auf überholten Angaben. Sie gelten, bis der Träger neu meldet oder Sie sie zurücknehmen:",
    )?;
    for alt in alte_angaben {
        say(format_args!("  {}  {} {}", alt.nummer, alt.traeger, alt.name))?;
    }
    Ok(())
}
