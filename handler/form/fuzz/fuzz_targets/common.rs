//! The small form with all kinds of fields, for one school.

use form::{Eintraege, Form, Vordruck, examine, testing, write};
use std::sync::LazyLock;

pub const DEFINITION: &str = include_str!("../../tests/common/alle_arten.toml");

pub static FORM: LazyLock<Form> = LazyLock::new(|| Form::parse(DEFINITION).expect("the form"));

pub static VORDRUCK: LazyLock<Vordruck> = LazyLock::new(|| testing::vordruck(&["Duisburg, GG Eins"]));

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
