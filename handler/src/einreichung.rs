//! The office files a workbook for a Träger that is offline: the same examination in the same child, the same Meldung.

use crate::child::{Auftrag, Examiner};
use crate::clock::Moment;
use crate::rejection::Rejection;
use crate::store::journal::sha256;
use crate::store::{Bestaetigung, Eingang, Kept, Store};
use crate::upload::{Ziel, beleg};
use form::{Finding, Severity, day_text};
use jiff::civil::Date;

/// What the office files, and why.
pub struct Einreichung<'a> {
    pub runde: &'a str,
    pub traeger: &'a str,
    pub upload: &'a [u8],
    pub grund: &'a str,
    /// The day on which the file came to the office, where that was before today: it is late or not by that day.
    pub eingang: Option<Date>,
    /// The code of the reason with which the Träger confirmed whatever is unusual.
    pub bestaetigt: Option<&'a str>,
    /// Whether the Träger's addresses are written to about it.
    pub ankuendigen: bool,
}

/// What became of it.
pub enum Eingereicht {
    /// With its Vorgangsnummer.
    New(String),
    /// The same bytes count already, under this number.
    Already(String),
    /// What must be corrected or confirmed first.
    Findings(Vec<Finding>),
    /// The form has no such reason; with those that it has.
    UnknownGrund(Vec<String>),
}

/// Files a workbook. Whatever waits in the Träger's own session is left as it is.
pub async fn einreichen(
    store: &mut Store,
    examiner: &Examiner,
    einreichung: &Einreichung<'_>,
    now: Moment,
) -> Result<Eingereicht, Rejection> {
    let (runde, traeger) = (einreichung.runde, einreichung.traeger);
    let found = store.runde_of(runde, traeger).map_err(Rejection::StoreFailed)?;
    let (runde, vordruck) = found.ok_or(Rejection::UnknownRunde)?;
    let stand = store.stand(&runde.kennung, traeger).map_err(Rejection::StoreFailed)?;
    let (came, grund) = match einreichung.eingang {
        None => (now, einreichung.grund.to_owned()),
        Some(day) => (
            Moment::start_of(day).map_err(Rejection::Internal)?,
            format!(
                "{} (der Geschäftsstelle zugegangen am {})",
                einreichung.grund,
                day_text(day)
            ),
        ),
    };
    let ziel = Ziel::new(runde, vordruck, stand, came)?;
    let auftrag = Auftrag {
        definition: ziel.runde.definition.clone(),
        vordruck: ziel.vordruck.clone(),
        korrektur: false,
    };
    let ergebnis = examiner.examine(&auftrag, einreichung.upload).await?;
    let Some(rows) = ergebnis.zeilen else {
        return Ok(Eingereicht::Findings(ergebnis.befunde));
    };
    let questions: Vec<&Finding> = ergebnis
        .befunde
        .iter()
        .filter(|finding| finding.severity == Severity::Bestaetigen)
        .collect();
    let mut bestaetigt = Vec::new();
    if !questions.is_empty() {
        let Some(code) = einreichung.bestaetigt else {
            return Ok(Eingereicht::Findings(ergebnis.befunde));
        };
        let Some(grund) = ziel.form.gruende.iter().find(|grund| grund.code == code) else {
            let known = ziel
                .form
                .gruende
                .iter()
                .map(|grund| format!("{} ({})", grund.code, grund.label));
            return Ok(Eingereicht::UnknownGrund(known.collect()));
        };
        bestaetigt.extend(questions.iter().map(|finding| Bestaetigung {
            code: finding.code.clone(),
            stelle: finding.place_text(),
            grund: grund.label.clone(),
        }));
    }
    let eingang = Eingang {
        runde: &ziel.runde,
        form: &ziel.form,
        vordruck: &ziel.vordruck,
        traeger,
        rows: &rows,
        verspaetet: ziel.verspaetet,
        mappe: &ergebnis.mappe,
        upload_sha256: &sha256(einreichung.upload),
        upload_bytes: einreichung.upload.len() as u64,
        beleg: beleg(&ziel.form, &rows, &ergebnis.befunde, bestaetigt),
        bestaetigt: None,
        einreichung: Some(&grund),
        ankuendigen: einreichung.ankuendigen,
    };
    match store.keep(&eingang, &[], now).map_err(Rejection::StoreFailed)? {
        Kept::New(nummer) => Ok(Eingereicht::New(nummer)),
        Kept::Already(nummer) => Ok(Eingereicht::Already(nummer)),
        Kept::Closed => Err(Rejection::Closed),
        Kept::Changed | Kept::Overtaken | Kept::SitzungOver => Err(Rejection::Changed),
    }
}
