//! The one page of a Träger.

use super::befund::WartendView;
use super::{TraegerView, is_late, withdrawn_on, zeitraum};
use crate::clock::{Moment, days_between};
use crate::store::{Meldung, Runde, Wartend};
use form::{Form, day_text, routes};
use serde::Serialize;

/// `uebersicht.html`: the one page of a Träger.
#[derive(Debug, Serialize)]
pub struct Uebersicht {
    pub traeger: TraegerView,
    pub runden: Vec<RundeView>,
    pub hoechstgroesse: String,
}

#[derive(Debug, Serialize)]
pub struct RundeView {
    kennung: String,
    title: String,
    zeitraum: String,
    ab: String,
    frist: String,
    frist_iso: String,
    /// The office has given this Träger more time.
    verlaengert: bool,
    /// Whole days left; 0 on the last day and after it.
    tage: i64,
    /// `kommt`, `offen`, `verspaetet`, `geschlossen`, or `entfallen` where its schools are no longer its own to report.
    stand: &'static str,
    beispiel: bool,
    formular: String,
    schulen: usize,
    /// What was uploaded in this session and can still become a Meldung.
    wartend: Option<WartendView>,
    meldungen: Vec<MeldungView>,
}

#[derive(Debug, Serialize)]
struct MeldungView {
    nummer: String,
    href: String,
    eingegangen: String,
    gilt: bool,
    verspaetet: bool,
    /// The day on which the office withdrew it, or empty.
    zurueckgenommen: String,
    /// The day on which the signed paper came, or empty.
    unterschrift: String,
}

impl RundeView {
    pub fn new(
        runde: &Runde,
        form: &Form,
        schulen: usize,
        wartend: Option<&Wartend>,
        meldungen: &[Meldung],
        now: Moment,
    ) -> RundeView {
        let today = now.day();
        let stand = match () {
            () if schulen == 0 => "entfallen",
            () if runde.geschlossen || (today > runde.frist && runde.nach_frist_ablehnen) => "geschlossen",
            () if today < runde.ab => "kommt",
            () if today > runde.frist => "verspaetet",
            () => "offen",
        };
        RundeView {
            kennung: runde.kennung.clone(),
            title: form.title.clone(),
            zeitraum: zeitraum(runde),
            ab: day_text(runde.ab),
            frist: day_text(runde.frist),
            frist_iso: runde.frist.to_string(),
            verlaengert: runde.verlaengert,
            tage: days_between(today, runde.frist).max(0),
            stand,
            beispiel: runde.beispiel,
            formular: if schulen == 0 {
                String::new()
            } else {
                routes::formular(&runde.kennung)
            },
            schulen,
            wartend: wartend
                .filter(|wartend| wartend.runde == runde.kennung && matches!(stand, "offen" | "verspaetet"))
                // Confirmed elsewhere: the same bytes count already.
                .filter(|wartend| {
                    meldungen
                        .first()
                        .is_none_or(|counts| !counts.gilt || counts.upload_sha256 != wartend.upload_sha256)
                })
                .map(|wartend| WartendView::new(wartend, form)),
            meldungen: meldungen
                .iter()
                .map(|meldung| MeldungView {
                    nummer: meldung.nummer.clone(),
                    href: routes::eingang(&meldung.nummer),
                    eingegangen: meldung.eingegangen.text(),
                    gilt: meldung.gilt,
                    verspaetet: is_late(meldung, runde),
                    zurueckgenommen: withdrawn_on(meldung),
                    unterschrift: meldung.unterschrift.map(day_text).unwrap_or_default(),
                })
                .collect(),
        }
    }
}
