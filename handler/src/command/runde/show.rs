//! `handler runde list` and `show`: what there is, and how far it has come.

use super::super::table::Table;
use super::super::{Outcome, say};
use super::Frozen;
use crate::clock::Moment;
use crate::store::{Stand, Store};
use anyhow::Result;
use form::day_text;
use serde_json::json;

pub(super) fn list(store: &Store, as_json: bool, now: Moment) -> Result<Outcome> {
    let mut rows = Vec::new();
    let mut data = Vec::new();
    for runde in store.runden()? {
        let staende = store.staende(&runde.kennung)?;
        let (received, expected) = (received(&staende), staende.len());
        let stand = phase(&runde, now);
        let title = runde.form()?.title;
        data.push(json!({
            "kennung": runde.kennung, "titel": title, "von": runde.von, "bis": runde.bis, "ab": runde.ab, "frist": runde.frist,
            "stand": stand, "erwartet": expected, "eingegangen": received,
        }));
        rows.push(vec![
            runde.kennung.clone(),
            title,
            format!("{} bis {}", runde.von, runde.bis),
            runde.frist.to_string(),
            stand.to_owned(),
            format!("{received} von {expected}"),
        ]);
    }
    if as_json {
        say(serde_json::to_string_pretty(&data)?)?;
    } else if rows.is_empty() {
        say("Es gibt noch keine Berichtsrunde. Eine öffnen: handler runde open --help")?;
    } else {
        let heads = vec!["Kennung", "Formular", "Zeitraum", "Frist", "Stand", "Eingegangen"];
        Table {
            heads,
            rows,
            gives_way: 1,
            dispensable: &[],
        }
        .print()?;
    }
    Ok(Outcome::Done)
}

pub(super) fn show(store: &Store, runde: &Frozen, as_json: bool, now: Moment) -> Result<Outcome> {
    let staende = store.staende(&runde.kennung)?;
    let fristen = store.fristen(&runde.kennung)?;
    let alte_angaben = store.alte_angaben(runde)?;
    let form = runde.form()?;
    let delegated: Vec<&Stand> = staende
        .iter()
        .filter(|stand| !stand.gemeldet_durch.is_empty())
        .collect();
    if as_json {
        let all = json!({
            "kennung": runde.kennung,
            "formular": { "kennung": form.kennung, "version": form.version, "titel": form.title },
            "von": runde.von,
            "bis": runde.bis,
            "ab": runde.ab,
            "frist": runde.frist,
            "nach_frist_ablehnen": runde.nach_frist_ablehnen,
            "uebertrag": runde.uebertrag,
            "stand": phase(runde, now),
            "eroeffnet": runde.eroeffnet.iso(),
            "erwartet": staende.len(),
            "eingegangen": received(&staende),
            "fristen": fristen,
            "alte_angaben": alte_angaben,
        });
        say(serde_json::to_string_pretty(&all)?)?;
        return Ok(Outcome::Done);
    }
    say(format_args!(
        "{}: {}, Fassung {}, {}",
        runde.kennung,
        form.title,
        form.version,
        phase(runde, now)
    ))?;
    say(format_args!(
        "Berichtszeitraum: {} bis {}",
        day_text(runde.von),
        day_text(runde.bis)
    ))?;
    let late = if runde.nach_frist_ablehnen {
        "danach wird abgelehnt"
    } else {
        "danach wird angenommen und als verspätet vermerkt"
    };
    say(format_args!(
        "Hochladen: {} bis {}, {late}",
        day_text(runde.ab),
        day_text(runde.frist)
    ))?;
    if runde.uebertrag {
        say(format_args!(
            "Übertrag aus der Runde davor: {}",
            store.uebertragen(&runde.kennung)?
        ))?;
    }
    say(format_args!(
        "Eingegangen: {} von {}",
        received(&staende),
        staende.len()
    ))?;
    for frist in &fristen {
        say(format_args!(
            "Frist bis {}: {} {} ({})",
            frist.bis, frist.traeger, frist.name, frist.grund
        ))?;
    }
    for stand in delegated {
        say(format_args!(
            "Für {} {} meldet {}",
            stand.traeger,
            stand.name,
            stand.gemeldet_durch.join(", ")
        ))?;
    }
    super::aendern::print_old(&alte_angaben)?;
    Ok(Outcome::Done)
}

fn received(staende: &[Stand]) -> usize {
    staende.iter().filter(|stand| stand.stand != "fehlt").count()
}

fn phase(runde: &Frozen, now: Moment) -> &'static str {
    let today = now.day();
    match () {
        () if runde.geschlossen => "geschlossen",
        () if today < runde.ab => "kommt",
        () if today > runde.frist => "Frist vorbei",
        () => "offen",
    }
}
