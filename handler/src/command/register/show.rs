//! `handler register show`: all that there is about one Träger, as it is told on the telephone.

use super::super::{Outcome, counted, meldung, say};
use crate::clock::Moment;
use crate::store::{Store, TraegerImRegister, Versuch};
use anyhow::{Result, anyhow};
use serde_json::json;

pub(super) fn show(store: &Store, nummer: &str, as_json: bool) -> Result<Outcome> {
    let known = match store.traeger_im_register(nummer)? {
        Some(traeger) => Some(traeger),
        None => store.traeger_in_runde(nummer)?,
    };
    let Some(traeger) = known else {
        return Err(unknown(store, nummer)?);
    };
    let vertreten = store.vertreten(nummer)?;
    let versuche = store.versuche(nummer)?;
    let mut runden = Vec::new();
    for runde in store.runden_of(nummer)? {
        let schulen = store
            .vordruck(&runde, nummer)?
            .map_or(0, |vordruck| vordruck.schulen.len());
        let meldungen = store.meldungen_of(&runde.kennung, nummer)?;
        runden.push((runde, schulen, meldungen));
    }
    if as_json {
        let runden: Vec<_> = runden
            .iter()
            .map(|(runde, schulen, meldungen)| {
                let meldungen: Vec<_> = meldungen.iter().map(meldung::as_json).collect();
                json!({ "kennung": runde.kennung, "frist": runde.frist, "verlaengert": runde.verlaengert, "schulen": schulen, "meldungen": meldungen })
            })
            .collect();
        let all = json!({ "traeger": traeger, "runden": runden, "vertreten": vertreten, "versuche": versuche });
        say(serde_json::to_string_pretty(&all)?)?;
        return Ok(Outcome::Done);
    }
    head(&traeger)?;
    say(format_args!("\nSchulen: {}", traeger.schulen.len()))?;
    for schule in &traeger.schulen {
        say(format_args!(
            "  {}  {}  {}",
            schule.nummer, schule.schulform, schule.kurzbezeichnung
        ))?;
    }
    say("\nBerichtsrunden:")?;
    for (runde, schulen, meldungen) in &runden {
        let frist = if runde.verlaengert {
            "verlängerte Frist"
        } else {
            "Frist"
        };
        say(format_args!(
            "  {}: {}, {frist} {}",
            runde.kennung,
            counted(*schulen, "Schule", "Schulen"),
            runde.frist
        ))?;
        for meldung in meldungen {
            say(format_args!("    {}", meldung::sentence(meldung)))?;
        }
        if meldungen.is_empty() && *schulen > 0 {
            say("    noch keine Meldung")?;
        }
    }
    for fuer in &vertreten {
        say(format_args!(
            "  {}: für {} dieses Trägers meldet {} {}",
            fuer.runde,
            counted(fuer.schulen, "Schule", "Schulen"),
            fuer.meldet,
            fuer.name
        ))?;
    }
    if runden.is_empty() && vertreten.is_empty() {
        say("  keine")?;
    }
    say("\nVersuche, aus denen nicht sofort eine Meldung wurde:")?;
    print_versuche(&versuche, 10)?;
    Ok(Outcome::Done)
}

/// Whoever knows only the name finds the number.
pub(super) fn unknown(store: &Store, said: &str) -> Result<anyhow::Error> {
    let wanted = said.to_lowercase();
    let known: Vec<String> = (store.verzeichnis()?.traeger.iter())
        .filter(|(_, eintrag)| eintrag.name.to_lowercase().contains(&wanted))
        .map(|(nummer, eintrag)| format!("{nummer} {}", eintrag.name))
        .collect();
    let advice = match known.len() {
        0 => "Nennen Sie die fünfstellige Schulträgernummer oder einen Teil des Namens".to_owned(),
        _ => format!("Gemeint ist vielleicht: {}", known.join("; ")),
    };
    Ok(anyhow!("Den Träger {said} gibt es im Verzeichnis nicht. {advice}"))
}

fn head(traeger: &TraegerImRegister) -> Result<()> {
    say(format_args!("{} {}", traeger.nummer, traeger.name))?;
    if traeger.ausgeschieden {
        say("Steht nicht mehr im Verzeichnis; behalten wegen seiner Meldungen und Berichtsrunden.")?;
    }
    let kind = if traeger.rechtsform == "2" {
        "privat"
    } else {
        "öffentlich"
    };
    say(format_args!("Bezirksregierung {}, {kind}", traeger.bezirksregierung))?;
    if let Some(bis) = &traeger.gueltig_bis {
        let nachfolger = traeger
            .nachfolger
            .as_ref()
            .map(|nummer| format!(", Nachfolger {nummer}"));
        say(format_args!("Besteht bis {bis}{}", nachfolger.unwrap_or_default()))?;
    }
    say("\nE-Mail-Adressen:")?;
    for adresse in &traeger.adressen {
        let gesperrt = if adresse.gesperrt { "  (gesperrt)" } else { "" };
        say(format_args!("  {}{gesperrt}", adresse.email))?;
    }
    if traeger.adressen.is_empty() {
        say("  keine, anmelden kann sich niemand")?;
    }
    say(format_args!("\nOffene Sitzungen: {}", traeger.sitzungen.len()))?;
    for sitzung in &traeger.sitzungen {
        say(format_args!(
            "  begonnen {}, zuletzt {}",
            Moment::parse(&sitzung.begonnen)?.text(),
            Moment::parse(&sitzung.zuletzt)?.text()
        ))?;
    }
    Ok(())
}

/// Attempts with codes and cells, the latest first.
pub(in crate::command) fn print_versuche(versuche: &[Versuch], most: usize) -> Result<()> {
    for versuch in versuche.iter().take(most) {
        let what = match versuch.ergebnis.as_str() {
            "fehler" => "zu korrigieren",
            "bestaetigen" => "zu bestätigen",
            other => other,
        };
        let unreadable = if versuch.befunde.is_empty() {
            " die Datei ließ sich nicht lesen"
        } else {
            ""
        };
        say(format_args!(
            "  {}  {}  {what}:{unreadable}",
            Moment::parse(&versuch.zeit)?.text(),
            versuch.runde
        ))?;
        for befund in &versuch.befunde {
            let place = format!("{} {}", befund.blatt, form::runs(&befund.zellen));
            let place = match place.trim() {
                "" => "Datei",
                place => place,
            };
            let (code, words) = (&befund.code, form::code_words(&befund.code));
            say(format_args!("    {place}: {words} ({code})"))?;
        }
    }
    if versuche.is_empty() {
        say("  keine")?;
    }
    if versuche.len() > most {
        say(format_args!("  und {} ältere", versuche.len() - most))?;
    }
    Ok(())
}
