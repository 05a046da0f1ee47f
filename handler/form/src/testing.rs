//! Filling a real workbook the way a clerk does: the downloaded file stays as it is, but for some cells; and what small
//! forms and Träger have in common.

use crate::grid::column_name;
use crate::value::{Cent, Schulnummer, Traegernummer};
use crate::vordruck::{Runde, Schule, Traeger, Vordruck};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

/// What is typed into a cell.
#[derive(Debug, Clone, Copy)]
pub enum Typed<'a> {
    Number(&'a str),
    Text(&'a str),
    /// The cell is emptied.
    Nothing,
    /// A formula with its cached value, if some program has calculated it.
    Formula(&'a str, Option<&'a str>),
}

/// A definition with one sheet „Blatt“ of this kind; what follows are its fields and rules.
pub fn definition(kind: &str, fields: &str) -> String {
    format!(
        r#"kennung = "probe"
version = "1"
title = "Probe"
[[sheet]]
id = "blatt"
title = "Blatt"
kind = "{kind}"
{fields}"#
    )
}

/// A Träger with so many schools of these names, allotted 10.000, 20.000, 30.000 … euros.
pub fn vordruck(schools: &[&str]) -> Vordruck {
    let schule = |(n, name): (i64, &&str)| Schule {
        nummer: Schulnummer::parse(&format!("10009{n}")).expect("six digits"),
        kurzbezeichnung: (*name).to_owned(),
        schulform: "02".to_owned(),
        aufnahmejahr: String::new(),
        traeger: String::new(),
        zugewiesen: Cent(n * 1_000_000),
        uebertrag: Cent(0),
        letztes_mal: BTreeMap::new(),
    };
    Vordruck {
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
        schulen: (1..).zip(schools).map(schule).collect(),
    }
}

/// Types into cells of one sheet. Panics where the workbook has no such sheet: a mistake in the test.
pub fn fill(workbook: &[u8], sheet: &str, cells: &[(&str, Typed<'_>)]) -> Vec<u8> {
    let part = part_of(workbook, sheet);
    edit(workbook, &part, |xml| {
        cells
            .iter()
            .fold(xml, |xml, (name, typed)| type_into(&xml, name, *typed))
    })
}

/// Changes the text of one part and packs the archive again.
pub fn edit(workbook: &[u8], part: &str, change: impl FnOnce(String) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).expect("a zip");
    let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
    let mut change = Some(change);
    for n in 0..archive.len() {
        let mut file = archive.by_index(n).expect("an entry");
        let name = file.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("its bytes");
        if name == part {
            let change = change.take().expect("one part of that name");
            bytes = change(String::from_utf8(bytes).expect("UTF-8")).into_bytes();
        }
        packed
            .start_file(name, SimpleFileOptions::default())
            .expect("a new entry");
        packed.write_all(&bytes).expect("its bytes");
    }
    assert!(change.is_none(), "no part {part}");
    packed.finish().expect("a zip").into_inner()
}

/// The text of one part.
pub fn part(workbook: &[u8], part: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).expect("a zip");
    let mut text = String::new();
    archive
        .by_name(part)
        .expect("the part")
        .read_to_string(&mut text)
        .expect("UTF-8");
    text
}

/// Our writer numbers the parts of sheets in their order.
fn part_of(workbook: &[u8], sheet: &str) -> String {
    let book = part(workbook, "xl/workbook.xml");
    let names: Vec<&str> = book
        .split("<sheet name=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let n = names.iter().position(|name| *name == sheet).expect("the sheet");
    format!("xl/worksheets/sheet{}.xml", n + 1)
}

fn type_into(xml: &str, name: &str, typed: Typed<'_>) -> String {
    let opening = format!("<c r=\"{name}\"");
    let Some(start) = xml.find(&opening) else {
        return insert(xml, name, &element(name, "", typed));
    };
    let tag_end = start + xml[start..].find('>').expect("the tag's end");
    let tag = &xml[start..tag_end];
    let style = tag
        .split("s=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default();
    let end = if tag.ends_with('/') {
        tag_end + 1
    } else {
        start + xml[start..].find("</c>").expect("the cell's end") + 4
    };
    format!("{}{}{}", &xml[..start], element(name, style, typed), &xml[end..])
}

fn element(name: &str, style: &str, typed: Typed<'_>) -> String {
    let style = if style.is_empty() {
        String::new()
    } else {
        format!(" s=\"{style}\"")
    };
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    match typed {
        Typed::Number(number) => format!("<c r=\"{name}\"{style}><v>{number}</v></c>"),
        Typed::Text(text) => format!(
            "<c r=\"{name}\"{style} t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
            escape(text)
        ),
        Typed::Nothing => format!("<c r=\"{name}\"{style}/>"),
        Typed::Formula(formula, value) => {
            let value = value.map(|value| format!("<v>{value}</v>")).unwrap_or_default();
            format!("<c r=\"{name}\"{style}><f>{}</f>{value}</c>", escape(formula))
        }
    }
}

/// Puts a cell where none was, rows and columns in order.
fn insert(xml: &str, name: &str, element: &str) -> String {
    let digits = name.find(|c: char| c.is_ascii_digit()).expect("a row number");
    let row: u32 = name[digits..].parse().expect("a row number");
    let rows: Vec<(usize, u32)> = xml
        .match_indices("<row r=\"")
        .map(|(at, tag)| {
            (
                at,
                xml[at + tag.len()..]
                    .split('"')
                    .next()
                    .and_then(|n| n.parse().ok())
                    .expect("a row number"),
            )
        })
        .collect();
    let next = rows.iter().find(|(_, number)| *number > row).map(|(at, _)| *at);
    let end_of_data = xml.find("</sheetData>").expect("sheet data");
    match rows.iter().find(|(_, number)| *number == row) {
        None => {
            let at = next.unwrap_or(end_of_data);
            format!("{}<row r=\"{row}\">{element}</row>{}", &xml[..at], &xml[at..])
        }
        Some((start, _)) => {
            let end = next.unwrap_or(end_of_data);
            let wanted = column_number(&name[..digits]);
            let later = xml[*start..end]
                .match_indices("<c r=\"")
                .map(|(at, tag)| (start + at, &xml[start + at + tag.len()..]))
                .find(|(_, rest)| {
                    let letters = rest.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
                    column_number(letters) > wanted
                });
            let at = match later {
                Some((at, _)) => at,
                None => start + xml[*start..end].rfind("</row>").expect("a row with an end"),
            };
            format!("{}{element}{}", &xml[..at], &xml[at..])
        }
    }
}

fn column_number(letters: &str) -> u32 {
    (0..16_384)
        .find(|column| column_name(*column) == letters)
        .expect("a column")
}
