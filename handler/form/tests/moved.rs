//! Rows and columns that somebody moved, sorted or hid do no harm.

mod common;

use common::{codes, examined, filled};
use expect_test::expect;
use form::Cent;
use form::testing::Typed::{Nothing, Number, Text};
use form::testing::{edit, fill, part};

const SCHULEN: &str = "xl/worksheets/sheet3.xml";
const DECKBLATT: &str = "xl/worksheets/sheet2.xml";

/// Rewrites the address of every cell of a sheet, rows and cells in order again, as Excel does on inserting.
fn rearranged(workbook: &[u8], sheet: &str, moved: impl Fn(u32, u32) -> (u32, u32)) -> Vec<u8> {
    edit(workbook, sheet, |xml| {
        let start = xml.find("<sheetData>").expect("cells") + "<sheetData>".len();
        let end = xml.find("</sheetData>").expect("their end");
        let mut cells: Vec<((u32, u32), String)> = Vec::new();
        for cell in xml[start..end].split("<c r=\"").skip(1) {
            let (name, rest) = cell.split_once('"').expect("a cell's name");
            let inner = match rest.split_once("</c>") {
                Some((inner, _)) => format!("{inner}</c>"),
                None => format!("{}/>", rest.split("/>").next().expect("an empty cell")),
            };
            let (row, column) = place(name);
            cells.push((moved(row, column), inner));
        }
        cells.sort();
        let mut data = String::new();
        for row in cells.chunk_by(|(a, _), (b, _)| a.0 == b.0) {
            data.push_str(&format!("<row r=\"{}\">", row[0].0.0 + 1));
            for ((row, column), inner) in row {
                data.push_str(&format!("<c r=\"{}\"{inner}", form::cell_name(*row, *column)));
            }
            data.push_str("</row>");
        }
        format!("{}{data}{}", &xml[..start], &xml[end..])
    })
}

fn place(name: &str) -> (u32, u32) {
    let digits = name.find(|c: char| c.is_ascii_digit()).expect("a row");
    let column = name[..digits]
        .bytes()
        .fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1);
    (name[digits..].parse::<u32>().expect("a row") - 1, column - 1)
}

#[track_caller]
fn is_read_as_before(workbook: &[u8]) {
    let examination = examined(workbook);
    assert_eq!(examination.findings, []);
    assert_eq!(examination.rows, examined(&filled()).rows);
}

#[test]
fn nothing_moved_is_the_same_workbook() {
    is_read_as_before(&rearranged(&filled(), SCHULEN, |row, column| (row, column)));
}

#[test]
fn inserted_columns_and_rows_are_found_around() {
    is_read_as_before(&rearranged(&filled(), SCHULEN, |row, column| {
        (row, column + u32::from(column >= 7) * 2)
    }));
    is_read_as_before(&rearranged(&filled(), SCHULEN, |row, column| (row + 5, column)));
    is_read_as_before(&rearranged(&filled(), SCHULEN, |row, column| {
        (row + u32::from(row >= 6) * 3, column)
    }));
    is_read_as_before(&rearranged(&filled(), DECKBLATT, |row, column| (row + 2, column)));
}

#[test]
fn a_column_inserted_anywhere_on_the_deckblatt_does_no_harm() {
    for at in 0..4 {
        is_read_as_before(&rearranged(&filled(), DECKBLATT, |row, column| {
            (row, column + u32::from(column >= at))
        }));
    }
}

#[test]
fn columns_in_another_order_are_read_by_their_names() {
    is_read_as_before(&rearranged(&filled(), SCHULEN, |row, column| (row, (column + 11) % 19)));
}

#[test]
fn cells_that_were_moved_without_the_hidden_ids_are_not_taken_for_others() {
    // Columns I and K change places below the hidden row.
    let columns = rearranged(&filled(), SCHULEN, |row, column| match (row, column) {
        (3.., 8) => (row, 10),
        (3.., 10) => (row, 8),
        place => place,
    });
    assert_eq!(codes(&columns), "S2 Schulen I4\nS2 Schulen K4\n");
    // Lines 14 and 16 change places beside the hidden column.
    let lines = rearranged(&filled(), DECKBLATT, |row, column| match (row, column) {
        (13, ..3) => (15, column),
        (15, ..3) => (13, column),
        place => place,
    });
    assert_eq!(codes(&lines), "S2 Deckblatt A14\nS2 Deckblatt A16\n");
    expect!["Blatt „Deckblatt“, Zelle A14 (Mittel zweckentsprechend verwendet): Eingetragen ist „Belege liegen vor“. Erwartet wird die Überschrift „Mittel zweckentsprechend verwendet“, die Zellen wurden verschoben. Machen Sie das Verschieben rückgängig. Geht das nicht mehr, laden Sie Ihr Formular im Berichtstool neu herunter und übertragen Sie Ihre Angaben. [S2]"]
        .assert_eq(&examined(&lines).findings[0].to_string());
}

#[test]
fn sorted_schools_are_read_by_their_numbers() {
    // Rows 5 to 7 hold the schools.
    is_read_as_before(&rearranged(&filled(), SCHULEN, |row, column| match row {
        4..=6 => (10 - row, column),
        _ => (row, column),
    }));
}

#[test]
fn a_hint_names_the_cell_where_it_stands_now() {
    let moved = rearranged(&filled(), SCHULEN, |row, column| (row + 1, column + 1));
    assert_eq!(codes(&fill(&moved, "Schulen", &[("I6", Text("?"))])), "V2 Schulen I6\n");
}

#[test]
fn the_korrekturfassung_names_cells_as_they_stand_there() {
    // Two columns and three rows inserted, one row hidden.
    let moved = |workbook: &[u8]| {
        let moved = rearranged(workbook, SCHULEN, |row, column| {
            (
                row + if row > 4 { 3 } else { 0 },
                column + if column > 7 { 2 } else { 0 },
            )
        });
        edit(&moved, SCHULEN, |xml| {
            xml.replace("<row r=\"9\"", "<row hidden=\"1\" r=\"9\"")
        })
    };
    let note = |workbook: &[u8]| {
        let examination = examined(workbook);
        let eintraege = examination.eintraege;
        assert_eq!(eintraege.notes.len(), 1, "{:?}", eintraege.notes);
        let listed = &eintraege.pruefhinweise[0].finding;
        assert_eq!(eintraege.notes.values().next(), Some(&vec![listed.message()]));
        format!("{}\n{listed}\n", examination.findings[0])
    };
    let sums = fill(&filled(), "Schulen", &[("I6", Number("9999"))]);
    expect![[r#"
        Blatt „Schulen“, Zelle H9 (Verausgabtes Chancenbudget), Duisburg, GG Zwei: Eingetragen ist „10.000,00 €“. Erwartet wird die Summe der Teilbeträge (Spalten K bis P), sie ergibt 9.999,00 €. Die Zeile ist ausgeblendet oder weggefiltert. Blenden Sie sie zuerst ein, oder löschen Sie den Filter. Die Teilbeträge liegen zusammen 1,00 € unter dem Gesamtbetrag. Ändern Sie den Gesamtbetrag oder die Teilbeträge. [V6]
        Blatt „Schulen“, Zelle H6 (Verausgabtes Chancenbudget), Duisburg, GG Zwei: Eingetragen ist „10.000,00 €“. Erwartet wird die Summe der Teilbeträge (Spalten I bis N), sie ergibt 9.999,00 €. Die Teilbeträge liegen zusammen 1,00 € unter dem Gesamtbetrag. Ändern Sie den Gesamtbetrag oder die Teilbeträge. [V6]
    "#]].assert_eq(&note(&moved(&sums)));
    let blank = fill(&filled(), "Schulen", &[("I6", Nothing)]);
    expect![[r#"
        Blatt „Schulen“, Zelle K9 (davon Honorare/Personal), Duisburg, GG Zwei: Die Zelle ist leer. Erwartet wird ein Betrag. Die Zeile ist ausgeblendet oder weggefiltert. Blenden Sie sie zuerst ein, oder löschen Sie den Filter. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
        Blatt „Schulen“, Zelle I6 (davon Honorare/Personal), Duisburg, GG Zwei: Die Zelle ist leer. Erwartet wird ein Betrag. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
    "#]].assert_eq(&note(&moved(&blank)));
}

#[test]
fn deleted_ids_are_replaced_by_the_labels() {
    is_read_as_before(&edit(&filled(), SCHULEN, |xml| {
        let start = xml.find("<row r=\"3\"").expect("the ids");
        let end = xml.find("<row r=\"4\"").expect("the labels");
        format!("{}{}", &xml[..start], &xml[end..])
    }));
    // A single id: the others are found by theirs, this one by its label.
    is_read_as_before(&fill(&filled(), "Schulen", &[("H3", Nothing)]));
    let ids: Vec<String> = (4..=17).map(|row| format!("D{row}")).collect();
    let gone: Vec<_> = ids.iter().map(|name| (name.as_str(), Nothing)).collect();
    is_read_as_before(&fill(&filled(), "Deckblatt", &gone));
}

#[test]
fn changed_labels_do_no_harm_while_the_ids_stand() {
    let renamed = fill(
        &filled(),
        "Schulen",
        &[("H4", Text("Ausgaben")), ("I4", Text("Personal"))],
    );
    is_read_as_before(&renamed);
}

#[test]
fn the_very_hidden_sheet_may_be_shown_and_any_sheet_hidden() {
    let shown = edit(&filled(), "xl/workbook.xml", |xml| {
        xml.replace(" state=\"veryHidden\"", "")
    });
    is_read_as_before(&shown);
    let hidden = edit(&filled(), "xl/workbook.xml", |xml| {
        xml.replace("\"Schulen\"", "\"Schulen\" state=\"hidden\"")
    });
    is_read_as_before(&hidden);
}

#[test]
fn sheets_in_another_order_and_sheets_beside_ours_do_no_harm() {
    let book = part(&filled(), "xl/workbook.xml");
    let sheets: Vec<&str> = book
        .split("<sheet ")
        .skip(1)
        .map(|rest| rest.split("/>").next().expect("a sheet"))
        .collect();
    let swapped = book
        .replace(sheets[1], "@")
        .replace(sheets[2], sheets[1])
        .replace('@', sheets[2]);
    is_read_as_before(&edit(&filled(), "xl/workbook.xml", |_| swapped));
    is_read_as_before(&edit(&filled(), "xl/workbook.xml", |xml| {
        xml.replace("\"Listen\"", "\"Meine Rechnung\"")
    }));
}

#[test]
fn a_sheet_name_in_other_letters_is_the_same_sheet() {
    is_read_as_before(&edit(&filled(), "xl/workbook.xml", |xml| {
        xml.replace("\"Schulen\"", "\"SCHULEN \"")
    }));
}

#[test]
fn rows_keep_the_order_of_the_form() {
    let reversed = rearranged(&filled(), SCHULEN, |row, column| match row {
        4..=6 => (10 - row, column),
        _ => (row, column),
    });
    let rows = examined(&reversed).rows.expect("rows");
    let spent: Vec<Option<Cent>> = rows["schulen"].iter().map(|row| row.money("verausgabt")).collect();
    assert_eq!(
        spent,
        [Some(Cent(500_000)), Some(Cent(1_000_000)), Some(Cent(1_500_000))]
    );
}
