//! The small form with all kinds of fields, for one school.

use form::{Cent, Eintraege, Form, Runde, Schule, Schulnummer, Traeger, Traegernummer, Vordruck, examine, write};
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub const DEFINITION: &str = include_str!("../../tests/common/alle_arten.toml");

pub static FORM: LazyLock<Form> = LazyLock::new(|| Form::parse(DEFINITION).expect("the form"));

pub static VORDRUCK: LazyLock<Vordruck> = LazyLock::new(|| Vordruck {
    runde: Runde {
        kennung: "cb-2026".to_owned(),
        von: "2026-01-01".parse().expect("a day"),
        bis: "2026-12-31".parse().expect("a day"),
        eroeffnet: "2026-11-01T09:00:00Z".parse().expect("a time"),
        beispiel: false,
    },
    traeger: Traeger {
        nummer: Traegernummer::parse("10054").expect("five digits"),
        name: "Stadt Duisburg".to_owned(),
        bezirksregierung: "1".to_owned(),
    },
    schulen: vec![Schule {
        nummer: Schulnummer::parse("100091").expect("six digits"),
        kurzbezeichnung: "Duisburg, GG Eins".to_owned(),
        schulform: "02".to_owned(),
        aufnahmejahr: String::new(),
        traeger: String::new(),
        zugewiesen: Cent(1_000_000),
        uebertrag: Cent(0),
        letztes_mal: BTreeMap::new(),
    }],
});

/// Our own workbook, as it is handed out.
#[allow(dead_code)] // Not every target starts from it.
pub fn empty() -> Vec<u8> {
    write(&FORM, &VORDRUCK, &Eintraege::default()).expect("a workbook")
}

/// Examines; of what can be read, a Korrekturfassung must come about.
#[allow(dead_code)] // The definition's target examines another form.
pub fn examined(upload: &[u8]) {
    if let Ok(examination) = examine(&FORM, &VORDRUCK, upload) {
        write(&FORM, &VORDRUCK, &examination.eintraege).expect("a Korrekturfassung");
    }
}
