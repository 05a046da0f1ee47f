//! What stands where the form reads nothing is never lost without a word, and never five hundred words.

mod common;

use common::{codes, examined, filled, form, hints, schulen, vordruck};
use expect_test::expect;
use form::testing::Typed::{Nothing, Number, Text};
use form::testing::{edit, fill, part};
use form::write;
use std::io::{Cursor, Write};
use zip::write::{SimpleFileOptions, ZipWriter};

const BOOK: &str = "xl/workbook.xml";
const SCHULEN: &str = "xl/worksheets/sheet3.xml";
const RELATIONS: &str = "xl/_rels/workbook.xml.rels";

/// The workbook with another sheet behind all others, in which these cells hold a text.
fn with_sheet(workbook: &[u8], name: &str, state: &str, cells: &[(&str, &str)]) -> Vec<u8> {
    let number = part(workbook, BOOK).matches("<sheet ").count() + 90;
    let link = format!(
        "<Relationship Id=\"rId{number}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet{number}.xml\"/></Relationships>"
    );
    let sheet = format!("<sheet name=\"{name}\" sheetId=\"{number}\" {state} r:id=\"rId{number}\"/></sheets>");
    let book = edit(workbook, BOOK, |xml| xml.replace("</sheets>", &sheet));
    let book = edit(&book, RELATIONS, |xml| xml.replace("</Relationships>", &link));
    let rows: String = (1..)
        .zip(cells)
        .map(|(row, (column, text))| {
            format!("<row r=\"{row}\"><c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>")
        })
        .collect();
    let mut zip = ZipWriter::new_append(Cursor::new(book)).expect("a zip");
    zip.start_file(format!("xl/worksheets/sheet{number}.xml"), SimpleFileOptions::default())
        .expect("an entry");
    let xml = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
    );
    zip.write_all(xml.as_bytes()).expect("its bytes");
    zip.finish().expect("a zip").into_inner()
}

#[test]
fn entries_outside_the_form_are_one_friendly_hint() {
    let stray = schulen(&[("X2", Text("Notiz")), ("C30", Text("ganz unten")), ("Y5", Number("3"))]);
    expect![[r#"
        Blatt „Schulen“, Zelle X2: Eingetragen ist „Notiz“. Der Eintrag steht außerhalb des Formulars und wird nicht übernommen. Das gilt auch für 2 weitere Zellen auf diesem Blatt. Gehört er zur Meldung, tragen Sie ihn in die passende Zelle ein. [S7]
    "#]].assert_eq(&hints(&stray));
    assert!(examined(&schulen(&[("XFD1048576", Text("x"))])).rows.is_some());
}

#[test]
fn entries_above_the_fields_are_mentioned() {
    for cell in ["D1", "Z2", "G2", "V3", "V4"] {
        let found = codes(&schulen(&[(cell, Text("siehe Anlage"))]));
        assert_eq!(found, format!("S7 Schulen {cell} hinweis\n"));
    }
    for cell in ["C1", "B2", "F3"] {
        let found = codes(&fill(&filled(), "Deckblatt", &[(cell, Text("siehe Anlage"))]));
        assert_eq!(found, format!("S7 Deckblatt {cell} hinweis\n"));
    }
}

#[test]
fn titles_and_headers_are_no_entries_whatever_somebody_made_of_them() {
    let changed = [
        ("A1", Text("Unser Bericht")),
        ("A2", Text("Duisburg")),
        ("H4", Text("Ausgaben")),
    ];
    assert_eq!(codes(&schulen(&changed)), "");
    let changed = [("A1", Text("Unser Bericht")), ("B3", Text("Eintrag")), ("C3", Nothing)];
    assert_eq!(codes(&fill(&filled(), "Deckblatt", &changed)), "");
    // Numbers may write the names of its tables above them.
    for name in ["Schulen", "Tabelle 1", "Table 2"] {
        let rows_moved = edit(&filled(), SCHULEN, |xml| {
            let one = format!("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{name}</t></is></c></row>");
            let (start, data) = xml.split_once("<sheetData>").expect("cells");
            let (data, end) = data.split_once("</sheetData>").expect("their end");
            let moved = (1..=8).rev().fold(data.to_owned(), |data, row| {
                let next = row + 1;
                ('A'..='Z').fold(
                    data.replace(&format!("<row r=\"{row}\""), &format!("<row r=\"{next}\"")),
                    |data, column| data.replace(&format!("r=\"{column}{row}\""), &format!("r=\"{column}{next}\"")),
                )
            });
            format!("{start}<sheetData>{one}{moved}</sheetData>{end}")
        });
        assert_eq!(codes(&rows_moved), "", "{name}");
    }
}

#[test]
fn entries_on_our_sheets_without_fields_are_mentioned() {
    for sheet in ["Hinweise", "Listen"] {
        for cell in ["Z1", "C40"] {
            let found = codes(&fill(&filled(), sheet, &[(cell, Text("bitte beachten"))]));
            assert_eq!(found, format!("S7 {sheet} {cell} hinweis\n"));
        }
    }
    assert_eq!(codes(&fill(&filled(), "Hinweise", &[("B4", Text("gelesen"))])), "");
}

#[test]
fn sheets_of_their_own_are_named_once_for_all() {
    let entries: Vec<(&str, &str)> = (0..500).map(|_| ("B", "12.000 Euro")).collect();
    let one = with_sheet(&filled(), "Anlage", "", &entries);
    expect!["Datei: Das Blatt „Anlage“ gehört nicht zum Formular und wird nicht gelesen. Gehören Angaben daraus zur Meldung, tragen Sie sie in die passenden Zellen ein. [S7]\n"].assert_eq(&hints(&one));
    assert_eq!(examined(&one).rows, examined(&filled()).rows);
    let two = with_sheet(&one, "Notizen", "", &[("A", "Rückruf")]);
    assert!(hints(&two).starts_with(
        "Datei: Die Blätter „Anlage“ und „Notizen“ gehören nicht zum Formular und werden nicht gelesen. "
    ));
    let many = (1..=7).fold(filled(), |workbook, n| {
        with_sheet(&workbook, &format!("B{n}"), "", &[("A", "x")])
    });
    assert!(hints(&many).starts_with(
        "Datei: 7 Blätter gehören nicht zum Formular und werden nicht gelesen: „B1“, „B2“, „B3“, „B4“, „B5“ und weitere. "
    ));
    // The Korrekturfassung says that they are not in it.
    let faulty = fill(&one, "Schulen", &[("H5", Text("?"))]);
    let eintraege = examined(&faulty).eintraege;
    let said = &eintraege.pruefhinweise.last().expect("a hint").finding.fix;
    assert!(
        said.ends_with("In dieser Korrekturfassung steht davon nichts."),
        "{said}"
    );
}

#[test]
fn sheets_that_programs_add_are_not_mentioned() {
    for (name, state, cells) in [
        ("Tabelle1", "", &[][..]),
        ("Sheet6", "", &[("A", " ")]),
        ("_SAP", "state=\"veryHidden\"", &[("A", "x")]),
        (
            "Kompatibilitätsbericht",
            "",
            &[("A", "Kompatibilitätsbericht für Bericht.xlsx")],
        ),
        (
            "Exportübersicht",
            "",
            &[("B", "Dieses Dokument wurde aus Numbers exportiert.")],
        ),
    ] {
        assert_eq!(codes(&with_sheet(&filled(), name, state, cells)), "", "{name}");
    }
}

#[test]
fn what_we_wrote_ourselves_is_never_an_entry() {
    let mut beispiel = vordruck();
    beispiel.runde.beispiel = true;
    let empty = write(&form(), &beispiel, &form::Eintraege::default()).expect("a workbook");
    let findings = form::examine(&form(), &beispiel, &empty).expect("readable").findings;
    assert!(findings.iter().all(|finding| finding.code != "S7"), "{findings:?}");
    let faulty = examined(&schulen(&[("H5", Text("?"))])).eintraege;
    let korrektur = write(&form(), &vordruck(), &faulty).expect("a workbook");
    assert_eq!(codes(&korrektur), "V2 Schulen H5\n");
}
