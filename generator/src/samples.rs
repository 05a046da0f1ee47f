//! The workbooks that lie beside the page of a form: blank and filled, of a Träger that does not exist.

use std::collections::BTreeMap;

use form::Form;
use jiff::civil::{Date, date};
use tera::Value;

use crate::page::Page;
use crate::problem::Problem;
use crate::shortcode::{sha256_text, size_text};
use crate::surroundings::Byproducts;

/// What pages without a day of their own are dated by: a clock would make every build another one.
const SOME_DAY: Date = date(2026, 1, 1);

/// Ends of file names, with what the file is.
const KINDS: [(&str, &str, &str); 2] = [
    (
        "muster",
        "Leeres Muster",
        "So sieht die Arbeitsmappe aus, bevor etwas eingetragen ist.",
    ),
    (
        "beispiel",
        "Ausgefülltes Beispiel",
        "Dieselbe Arbeitsmappe, vollständig und ohne Fehler ausgefüllt.",
    ),
];

/// Makes them, dated by the page's `stand`. A form whose rules no made-up entry can keep has only the blank one.
pub fn add(page: &Page, form: &Form, made: &mut Byproducts) -> Option<Problem> {
    let head = &page.front_matter;
    let day = head.stand.as_ref().map(|stand| stand.value).or(head.date);
    match form::beispiel(form, day.unwrap_or(SOME_DAY)) {
        Ok(None) => None,
        Ok(Some(written)) => {
            let files = [Some(written.muster), written.ausgefuellt];
            for ((ending, ..), bytes) in KINDS.iter().zip(files) {
                let path = &address(page, form, ending)[1..];
                made.files.extend(bytes.map(|bytes| (path.to_owned(), bytes)));
            }
            None
        }
        Err(error) => Some(Problem::in_file(
            "E-FORMULAR",
            format!("{}formular.toml", page.source_file.trim_end_matches("index.md")),
            format!("Aus dem Formular lässt sich keine Arbeitsmappe schreiben: {error}."),
            "Prüfen Sie Namen, Formeln und Grenzen des Formulars.",
        )),
    }
}

/// What templates get of them: `[{path, titel, text, art, groesse, sha256}]`.
pub fn value(page: &Page, form: &Form, made: &Byproducts) -> Value {
    let downloads = KINDS.iter().filter_map(|(ending, titel, text)| {
        let path = address(page, form, ending);
        let (_, bytes) = made.files.iter().find(|(known, _)| *known == path[1..])?;
        Some(Value::from(BTreeMap::from([
            ("titel", Value::from(*titel)),
            ("text", (*text).into()),
            ("art", "XLSX".into()),
            ("groesse", size_text(bytes.len()).into()),
            ("sha256", sha256_text(bytes).into()),
            ("path", path.into()),
        ])))
    });
    downloads.collect::<Vec<_>>().into()
}

fn address(page: &Page, form: &Form, ending: &str) -> String {
    format!("{}{}-{ending}.xlsx", page.path, form.kennung)
}
