//! What one Träger's form is prefilled with in one Runde: the frozen data that workbook and checks share.

use crate::definition::{Form, Prefill, Sheet, SheetKind};
use crate::value::{Cent, Schulnummer, Traegernummer, Value, date_text};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that is known before a Träger types a word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vordruck {
    pub runde: Runde,
    pub traeger: Traeger,
    /// The schools that this Träger reports for, in the order of the form.
    pub schulen: Vec<Schule>,
}

/// What the form says about its Runde.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Runde {
    pub kennung: String,
    /// The Berichtszeitraum, both days inclusive.
    pub von: Date,
    pub bis: Date,
    /// When the Runde was opened; the workbook's time of creation.
    pub eroeffnet: Timestamp,
    /// Allocations are made up, and the workbook says so.
    pub beispiel: bool,
}

/// What the form says about its Träger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Traeger {
    pub nummer: Traegernummer,
    pub name: String,
    /// 1, 3, 5, 7 or 9.
    pub bezirksregierung: String,
}

/// A school with its allocation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schule {
    pub nummer: Schulnummer,
    pub kurzbezeichnung: String,
    /// Two characters, such as `02`.
    pub schulform: String,
    /// The school year, or empty.
    pub aufnahmejahr: String,
    /// The name of the school's own Träger, where another one reports for it; else empty.
    pub traeger: String,
    pub zugewiesen: Cent,
    pub uebertrag: Cent,
    /// The amounts of the Meldung that counted in the Runde before, by field id.
    #[serde(default)]
    pub letztes_mal: BTreeMap<String, Cent>,
}

impl Vordruck {
    /// Whether a sheet is in this Träger's form.
    pub fn has(&self, sheet: &Sheet) -> bool {
        let Some(field) = &sheet.only_if else { return true };
        let prefill = sheet.field(field).and_then(|field| field.prefill);
        let is_given = |line| match self.prefill(prefill?, line)? {
            Value::Money(cent) => (cent != Cent(0)).then_some(()),
            _ => Some(()),
        };
        (0..self.schulen.len()).any(|line| is_given(line).is_some())
    }

    /// Who reports, and about which time: what stands below the title of every sheet.
    pub(crate) fn subtitle(&self) -> [String; 2] {
        let Vordruck { runde, traeger, .. } = self;
        [
            format!("{} (Schulträgernummer {})", traeger.name, traeger.nummer),
            format!("Berichtszeitraum {} bis {}", date_text(runde.von), date_text(runde.bis)),
        ]
    }

    /// How many lines a sheet has for this Träger.
    pub fn lines(&self, sheet: &Sheet) -> usize {
        match sheet.kind {
            _ if !self.has(sheet) => 0,
            SheetKind::Once => 1,
            SheetKind::PerSchool => self.schulen.len(),
            SheetKind::Free { rows } => rows as usize,
        }
    }

    /// The locked value of a field; `None` where the register has nothing.
    pub fn prefill(&self, prefill: Prefill, line: usize) -> Option<Value> {
        let text = |text: &str| (!text.is_empty()).then(|| Value::Text(text.to_owned()));
        match prefill {
            Prefill::TraegerNummer => text(self.traeger.nummer.as_str()),
            Prefill::TraegerName => text(&self.traeger.name),
            Prefill::Bezirksregierung => text(&self.traeger.bezirksregierung),
            Prefill::RundeKennung => text(&self.runde.kennung),
            Prefill::RundeVon => Some(Value::Date(self.runde.von)),
            Prefill::RundeBis => Some(Value::Date(self.runde.bis)),
            Prefill::SchulenAnzahl => Some(Value::Integer(self.schulen.len() as i64)),
            Prefill::SchuleNr => Some(Value::Integer(line as i64 + 1)),
            of_school => {
                let schule = self.schulen.get(line)?;
                match of_school {
                    Prefill::SchuleNummer => text(schule.nummer.as_str()),
                    Prefill::Kurzbezeichnung => text(&schule.kurzbezeichnung),
                    Prefill::Schulform => text(&schule.schulform),
                    Prefill::Aufnahmejahr => text(&schule.aufnahmejahr),
                    Prefill::SchuleTraeger => text(&schule.traeger),
                    Prefill::Zugewiesen => Some(Value::Money(schule.zugewiesen)),
                    _ => Some(Value::Money(schule.uebertrag)),
                }
            }
        }
    }

    /// The fields that a sheet shows to this Träger: columns that would stay empty are left out.
    pub fn shown<'f>(&self, sheet: &'f Sheet) -> Vec<&'f crate::Field> {
        let has_something = |prefill| (0..self.lines(sheet)).any(|line| self.prefill(prefill, line).is_some());
        let fields = sheet.fields.iter().filter(|_| self.has(sheet));
        fields
            .filter(|field| !field.only_if_prefilled || field.prefill.is_some_and(has_something))
            .collect()
    }

    /// The hidden sheet's lines, by which a workbook says what it is.
    pub(crate) fn meta(&self, form: &Form) -> [(&'static str, String); 5] {
        [
            ("kennung", form.kennung.clone()),
            ("version", form.version.clone()),
            ("runde", self.runde.kennung.clone()),
            ("traegernummer", self.traeger.nummer.to_string()),
            ("stand", self.stand(form)),
        ]
    }

    /// Tells one prefilled form from one with other figures: a checksum over everything that is filled in beforehand.
    fn stand(&self, form: &Form) -> String {
        let mut checksum = crc32fast::Hasher::new();
        for sheet in &form.sheets {
            for line in 0..self.lines(sheet) {
                for prefill in sheet.fields.iter().filter_map(|field| field.prefill) {
                    let text = self
                        .prefill(prefill, line)
                        .map(|value| value.text())
                        .unwrap_or_default();
                    checksum.update(text.as_bytes());
                    checksum.update(&[0x1f]);
                }
            }
        }
        format!("{:08x}", checksum.finalize())
    }
}
