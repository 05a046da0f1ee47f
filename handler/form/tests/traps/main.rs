//! What real offices do to workbooks, a test each: `should_pass` is read as it was meant, `should_fail` is told what to do.

#[path = "../common/mod.rs"]
mod common;

mod programs;
mod should_fail;
mod should_pass;

use form::testing::{Typed, fill};
use form::{Eintraege, Examination, Form, write};
use std::io::{Cursor, Read, Write};
use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

const BOOK: &str = "xl/workbook.xml";
const DECKBLATT: &str = "xl/worksheets/sheet2.xml";
const SCHULEN: &str = "xl/worksheets/sheet3.xml";
/// The first sheet of the small form.
const ANGABEN: &str = "xl/worksheets/sheet2.xml";

/// The workbook with every part as `change` makes it of name and content; what becomes nothing is left out.
fn repacked(workbook: &[u8], change: impl Fn(&str, String) -> Option<(String, String)>) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).expect("a zip");
    let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..archive.len() {
        let mut file = archive.by_index(n).expect("an entry");
        let name = file.name().expect("a name").into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).expect("UTF-8");
        if let Some((name, text)) = change(&name, text) {
            packed
                .start_file(name, SimpleFileOptions::default())
                .expect("a new entry");
            packed.write_all(text.as_bytes()).expect("its bytes");
        }
    }
    packed.finish().expect("a zip").into_inner()
}

/// A small form with the kinds of fields that the real one only prefills, and a sheet of free lines.
const ANTRAG: &str = r#"
kennung = "antrag"
version = "1"
title = "Antrag"

[[sheet]]
id = "angaben"
title = "Angaben"
kind = "once"

[[sheet.field]]
id = "anzahl"
label = "Anzahl"
kind = "integer"

[[sheet.field]]
id = "beginn"
label = "Beginn"
kind = "date"

[[sheet.field]]
id = "schule"
label = "Schule"
kind = "schulnummer"

[[sheet]]
id = "posten"
title = "Posten"
kind = "free"
rows = 6

[[sheet.field]]
id = "zweck"
label = "Zweck"
kind = "text"
required = true

[[sheet.field]]
id = "betrag"
label = "Betrag"
kind = "money"
required = true
"#;

fn antrag_form() -> Form {
    Form::parse(ANTRAG).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn antrag_workbook() -> Vec<u8> {
    write(&antrag_form(), &common::vordruck(), &Eintraege::default()).expect("a workbook")
}

fn antrag_examined(workbook: &[u8]) -> Examination {
    common::examined_twice(&antrag_form(), workbook)
}

/// The small form with these cells, examined.
fn antrag(angaben: &[(&str, Typed<'_>)], posten: &[(&str, Typed<'_>)]) -> Examination {
    antrag_examined(&fill(&fill(&antrag_workbook(), "Angaben", angaben), "Posten", posten))
}

/// The XML of a sheet with a number in a cell that has lost its format.
fn bare(xml: &str, cell: &str, number: &str) -> String {
    let start = xml.find(&format!("<c r=\"{cell}\"")).expect("the cell");
    let end = start + xml[start..].find('>').expect("its end") + 1;
    assert!(xml[start..end].ends_with("/>"), "{cell} is not empty");
    format!("{}<c r=\"{cell}\"><v>{number}</v></c>{}", &xml[..start], &xml[end..])
}

/// The XML of a book, whose days count from 1904 or not.
fn with_1904(xml: &str, date1904: bool) -> String {
    let flag = if date1904 {
        "<workbookPr date1904=\"1\""
    } else {
        "<workbookPr"
    };
    assert!(xml.contains("<workbookPr"), "{xml}");
    xml.replacen("<workbookPr", flag, 1)
}
