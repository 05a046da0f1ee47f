//! The Eingangsbestaetigung.

use super::{TraegerView, is_late, withdrawn_on, zeitraum};
use crate::clock::Moment;
use crate::rejection::size_text;
use crate::store::{Meldung, Runde};
use form::{Form, day_text};
use serde::Serialize;

/// `eingang.html`: the Eingangsbestaetigung.
#[derive(Debug, Serialize)]
pub struct EingangView {
    nummer: String,
    eingegangen: String,
    eingegangen_iso: String,
    frisch: bool,
    gilt: bool,
    ersetzt_durch: String,
    /// The day on which the office withdrew it, and why; or empty.
    zurueckgenommen: String,
    zuruecknahme_grund: String,
    /// The day on which the signed paper came, or empty.
    unterschrift: String,
    /// Filed by the office, and why; or empty.
    einreichung: String,
    verspaetet: bool,
    traeger: TraegerView,
    runde: EingangRunde,
    formular: FormularView,
    schulen: usize,
    summen: Vec<SummeView>,
    hinweise: Vec<crate::store::Hinweis>,
    bestaetigt: Vec<crate::store::Bestaetigung>,
    aenderung: String,
    sha256: String,
    kette: String,
    groesse: String,
    beispiel: bool,
}

/// So long an Eingangsbestaetigung is greeted as a new one.
const JUST_NOW_SECONDS: i64 = 600;

#[derive(Debug, Serialize)]
struct EingangRunde {
    kennung: String,
    title: String,
    zeitraum: String,
    frist: String,
    verlaengert: bool,
}

#[derive(Debug, Serialize)]
struct FormularView {
    title: String,
    version: String,
}

#[derive(Debug, Serialize)]
struct SummeView {
    label: String,
    wert: String,
}

impl EingangView {
    pub fn new(meldung: &Meldung, runde: &Runde, form: &Form, traeger: TraegerView, now: Moment) -> EingangView {
        let beleg = &meldung.beleg;
        EingangView {
            nummer: meldung.nummer.clone(),
            eingegangen: meldung.eingegangen.text_with_zone(),
            eingegangen_iso: meldung.eingegangen.iso(),
            frisch: now.seconds() - meldung.eingegangen.seconds() < JUST_NOW_SECONDS,
            gilt: meldung.gilt,
            ersetzt_durch: meldung.ersetzt_durch.clone().unwrap_or_default(),
            zurueckgenommen: withdrawn_on(meldung),
            zuruecknahme_grund: meldung
                .ruecknahme
                .as_ref()
                .map(|ruecknahme| ruecknahme.grund.clone())
                .unwrap_or_default(),
            unterschrift: meldung.unterschrift.map(day_text).unwrap_or_default(),
            einreichung: meldung.einreichung.clone().unwrap_or_default(),
            verspaetet: is_late(meldung, runde),
            traeger,
            runde: EingangRunde {
                kennung: runde.kennung.clone(),
                title: form.title.clone(),
                zeitraum: zeitraum(runde),
                frist: day_text(runde.frist),
                verlaengert: runde.verlaengert,
            },
            formular: FormularView {
                title: form.title.clone(),
                version: form.version.clone(),
            },
            schulen: beleg.schulen,
            summen: beleg
                .summen
                .iter()
                .map(|summe| SummeView {
                    label: summe.label.clone(),
                    wert: summe.cent.to_string(),
                })
                .collect(),
            hinweise: beleg.hinweise.clone(),
            bestaetigt: beleg.bestaetigt.clone(),
            aenderung: beleg.aenderung.clone(),
            sha256: meldung.upload_sha256.clone(),
            kette: meldung.kette.clone(),
            groesse: size_text(meldung.upload_bytes),
            beispiel: runde.beispiel,
        }
    }
}
