//! Hostile and awkward workbooks, built byte by byte: each rule of the guard refuses what it is there for, and what
//! honest programs write passes.

use super::{Unreadable, guard};
use crate::grid::{Cell, GridSheet};
use crate::read::read;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;

mod archive;

/// An entry of a zip, with everything that a liar could say about it.
#[derive(Clone)]
struct Part {
    name: String,
    packed: Vec<u8>,
    deflated: bool,
    flags: u16,
    crc: u32,
    size: u32,
    packed_size: u32,
}

impl Part {
    fn stored(name: &str, data: impl Into<Vec<u8>>) -> Part {
        let packed = data.into();
        let (crc, size) = (crc32fast::hash(&packed), packed.len() as u32);
        Part {
            name: name.to_owned(),
            packed,
            deflated: false,
            flags: 0,
            crc,
            size,
            packed_size: size,
        }
    }

    fn deflated(name: &str, data: &[u8]) -> Part {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(data).expect("memory");
        let packed = encoder.finish().expect("memory");
        let packed_size = packed.len() as u32;
        Part {
            packed,
            deflated: true,
            packed_size,
            ..Part::stored(name, data)
        }
    }

    /// What local and central header share.
    fn header(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [20, self.flags, if self.deflated { 8 } else { 0 }, 0, 0] {
            bytes.extend(u16::to_le_bytes(number));
        }
        for number in [self.crc, self.packed_size, self.size] {
            bytes.extend(u32::to_le_bytes(number));
        }
        bytes.extend((self.name.len() as u16).to_le_bytes());
        bytes.extend([0, 0]);
        bytes
    }
}

fn pack(parts: &[Part]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(part.header());
        directory.extend([0; 10]);
        directory.extend((zip.len() as u32).to_le_bytes());
        directory.extend(part.name.as_bytes());
        zip.extend(b"PK\x03\x04");
        zip.extend(part.header());
        zip.extend(part.name.as_bytes());
        zip.extend(&part.packed);
    }
    let start = zip.len() as u32;
    zip.extend(&directory);
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([(parts.len() as u16).to_le_bytes(); 2].concat());
    zip.extend((directory.len() as u32).to_le_bytes());
    zip.extend(start.to_le_bytes());
    zip.extend([0, 0]);
    zip
}

const WORKBOOK: &str =
    r#"<workbook xmlns:r="r"><sheets><sheet name="Blatt" sheetId="1" r:id="a"/></sheets></workbook>"#;
const STRINGS: &str = "<sst><si><t>null</t></si><si><t xml:space=\"preserve\"> eins </t></si></sst>";
const STYLES: &str = r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;

/// A small workbook with these rows, each part as it is.
fn parts(rows: &str) -> Vec<Part> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"http://x/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |inner: String| format!("<Relationships>{inner}</Relationships>");
    let book = relation("a", "worksheet", "worksheets/sheet1.xml")
        + &relation("b", "sharedStrings", "sharedStrings.xml")
        + &relation("c", "styles", "/xl/styles.xml");
    vec![
        Part::stored("[Content_Types].xml", "<Types/>"),
        Part::stored(
            "_rels/.rels",
            relations(relation("a", "officeDocument", "xl/workbook.xml")),
        ),
        Part::stored("xl/workbook.xml", WORKBOOK),
        Part::stored("xl/_rels/workbook.xml.rels", relations(book)),
        Part::stored("xl/sharedStrings.xml", STRINGS),
        Part::stored("xl/styles.xml", STYLES),
        Part::stored(
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ]
}

/// The small workbook with another content of one part.
fn with(part: &str, data: &str) -> Vec<Part> {
    let replaced = |old: Part| {
        if old.name == part {
            Part::stored(part, data)
        } else {
            old
        }
    };
    parts(ROW).into_iter().map(replaced).collect()
}

const ROW: &str = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>";
const SHEET: &str = "xl/worksheets/sheet1.xml";

fn sheet(parts: &[Part]) -> Result<GridSheet, Unreadable> {
    let guarded = guard(&pack(parts))?;
    let again = guard(&guarded.workbook).expect("a copy passes again");
    assert_eq!(again.workbook, guarded.workbook, "and is copied to the same bytes");
    Ok(read(&guarded)?.sheets.remove(0))
}

/// The cells of a small workbook with these rows.
fn cells(rows: &str) -> Vec<(String, Cell)> {
    let sheet = sheet(&parts(rows)).expect(rows);
    sheet
        .cells
        .below(0)
        .map(|((row, column), cell)| (crate::cell_name(row, column), cell.clone()))
        .collect()
}

/// What the cell A1 holds, written like this.
fn a1(cell: &str) -> Option<Cell> {
    cells(&format!("<row r=\"1\">{cell}</row>"))
        .into_iter()
        .next()
        .map(|(_, cell)| cell)
}

#[track_caller]
fn refused(parts: &[Part], reason: &str) {
    match guard(&pack(parts)).map(|_| "a copy") {
        Err(Unreadable::Damaged(found) | Unreadable::TooMuch(found)) => assert_eq!(found, reason),
        other => panic!("{other:?} instead of {reason}"),
    }
}

#[track_caller]
fn refused_rows(rows: &str, reason: &str) {
    refused(&parts(rows), reason);
}

fn text(text: &str) -> Option<Cell> {
    Some(Cell::Text(text.to_owned()))
}

// The XML.

#[test]
fn a_reservation_of_two_milliards_of_strings_is_not_made() {
    let strings = STRINGS.replace("<sst>", "<sst count=\"2000000000\" uniqueCount=\"2000000000\">");
    assert!(sheet(&with("xl/sharedStrings.xml", &strings)).is_ok());
}

#[test]
fn document_types_entities_and_broken_xml_are_refused() {
    for (xml, reason) in [
        ("<!DOCTYPE x [<!ENTITY a \"b\">]><worksheet/>", "XML with DOCTYPE"),
        ("<worksheet>&a;</worksheet>", "XML entity"),
        ("<worksheet a=\"&a;\"/>", "XML entity"),
        ("<worksheet a=\"1\" a=\"2\"/>", "XML attribute"),
        ("<worksheet a=1/>", "XML attribute"),
        ("<worksheet><sheetData></worksheet>", "XML"),
        ("<worksheet><sheetData>", "XML ends early"),
        ("<worksheet/><!DOCTYPE x>", "XML with DOCTYPE"),
        (
            "<worksheet><sheetData/><sheetData/></worksheet>",
            "two tables of cells in a sheet",
        ),
        (
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><worksheet/>",
            "XML is not UTF-8",
        ),
        ("", "an empty sheet part"),
    ] {
        refused(&with(SHEET, xml), reason);
    }
}

#[test]
fn depth_tags_and_texts_have_limits() {
    let deep = format!("<worksheet>{}{}</worksheet>", "<a>".repeat(40), "</a>".repeat(40));
    refused(&with(SHEET, &deep), "XML depth");
    refused(
        &with(SHEET, &format!("<worksheet a=\"{}\"/>", "x".repeat(17 << 10))),
        "XML tag",
    );
    let long = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(129 << 10));
    refused(&with("xl/sharedStrings.xml", &long), "XML text");
    let long = format!("<sst><si>{}</si></sst>", "<r><t>xxxxxxxx</t></r>".repeat(17 << 10));
    refused(&with("xl/sharedStrings.xml", &long), "text of a cell");
}

#[test]
fn a_part_in_another_encoding_is_refused() {
    let utf16: Vec<u8> = "\u{feff}<worksheet/>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut parts = parts(ROW);
    *parts.last_mut().expect("parts") = Part::stored(SHEET, utf16);
    refused(&parts, "a part is not UTF-8");
}

#[test]
fn byte_order_marks_prefixes_comments_and_cdata_pass() {
    let sheet = sheet(&with(
        SHEET,
        "\u{feff}<?xml version='1.0'?><!-- x --><x:worksheet xmlns:x=\"http://purl.oclc.org/ooxml\"><x:sheetData><x:row>\
         <x:c t=\"inlineStr\"><x:is><x:t><![CDATA[a<b]]></x:t><x:rPh><x:t>nie</x:t></x:rPh></x:is></x:c>\
         <x:c><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>",
    ));
    let sheet = sheet.expect("readable");
    assert_eq!(sheet.cell(0, 0), text("a<b").as_ref());
    assert_eq!(sheet.cell(0, 1), Some(&Cell::Number(2.0)));
}

// The cells.

#[test]
fn rows_and_cells_stand_where_they_say_and_in_order() {
    for rows in [
        "<row r=\"2\"/><row r=\"1\"/>",
        "<row r=\"1\"/><row r=\"1\"/>",
        "<row r=\"1048577\"/>",
        "<row r=\"0\"/>",
    ] {
        refused_rows(rows, "rows out of order");
    }
    refused_rows("<row r=\"4294967302\"/>", "row number");
    for cells in [
        "<c r=\"B1\"/><c r=\"A1\"/>",
        "<c r=\"A1\"/><c r=\"A1\"/>",
        "<c r=\"XFE1\"/>",
    ] {
        refused_rows(&format!("<row r=\"1\">{cells}</row>"), "cells out of order");
    }
    for name in ["A2", "ZZZZZZZZ1", "1", "A", "", "Ä1", "A1A"] {
        refused_rows(&format!("<row r=\"1\"><c r=\"{name}\"/></row>"), "cell name");
    }
}

#[test]
fn a_cell_in_the_last_corner_costs_nothing() {
    let last = "<row r=\"1048576\"><c r=\"XFD1048576\"><v>5</v></c></row>";
    assert_eq!(cells(last), [("XFD1048576".to_owned(), Cell::Number(5.0))]);
}

#[test]
fn numbers_are_numbers_and_nothing_else() {
    assert_eq!(a1("<c><v> -1.5E+3 </v></c>"), Some(Cell::Number(-1500.0)));
    for wrong in ["NaN", "INF", "-Infinity", "1E999", "0x10", "1,5", "zwölf", "1 2"] {
        refused_rows(&format!("<row><c><v>{wrong}</v></c></row>"), "value of a cell");
    }
    refused_rows("<row><c t=\"z\"><v>1</v></c></row>", "value of a cell");
}

#[test]
fn a_cell_with_two_values_is_refused_and_an_empty_one_beside_a_value_is_none() {
    for cell in ["<v>5000</v><v>666</v>", "<v>5000</v><is><t>666</t></is>"] {
        refused_rows(
            &format!("<row r=\"1\"><c r=\"A1\">{cell}</c></row>"),
            "two values in a cell",
        );
    }
    let beside = "<c r=\"A1\" t=\"inlineStr\"><is><t>x</t></is><v></v></c>";
    assert_eq!(a1(beside), text("x"));
    assert_eq!(a1("<c r=\"A1\"><v></v><v>5</v></c>"), Some(Cell::Number(5.0)));
}

#[test]
fn string_indices_stay_inside_the_table() {
    assert_eq!(a1("<c t=\"s\"><v>1</v></c>"), text(" eins "));
    assert_eq!(a1("<c t=\"s\"><v>+1</v></c>"), text(" eins "));
    for wrong in ["-1", "2", "x", "18446744073709551617"] {
        refused_rows(&format!("<row><c t=\"s\"><v>{wrong}</v></c></row>"), "value of a cell");
    }
}

#[test]
fn truths_and_days_are_read_and_checked() {
    assert_eq!(a1("<c t=\"b\"><v>true</v></c>"), Some(Cell::Bool(true)));
    assert_eq!(a1("<c t=\"b\"><v>false</v></c>"), Some(Cell::Bool(false)));
    assert_eq!(a1("<c t=\"b\"><v>0</v></c>"), Some(Cell::Bool(false)));
    let day = Cell::Date(jiff::civil::date(2026, 12, 31));
    assert_eq!(a1("<c t=\"d\"><v>2026-12-31T00:00:00</v></c>"), Some(day.clone()));
    assert_eq!(a1("<c s=\"1\"><v>46387</v></c>"), Some(day));
    refused_rows("<row><c t=\"d\"><v>2026-13-45</v></c></row>", "value of a cell");
    refused_rows("<row><c t=\"b\"><v>2</v></c></row>", "value of a cell");
}

#[test]
fn numbers_that_no_calendar_holds_stay_numbers() {
    for serial in [-1.0, 60.0, 2_958_466.0, 1e300] {
        assert_eq!(
            a1(&format!("<c s=\"1\"><v>{serial:E}</v></c>")),
            Some(Cell::Number(serial)),
            "{serial}"
        );
    }
}

#[test]
fn days_that_count_from_1904_are_the_same_days() {
    let book = WORKBOOK.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>");
    let replaced = |part: Part| {
        if part.name == "xl/workbook.xml" {
            Part::stored(&part.name, book.as_str())
        } else {
            part
        }
    };
    let parts: Vec<Part> = parts("<row><c s=\"1\"><v>44925</v></c></row>")
        .into_iter()
        .map(replaced)
        .collect();
    let day = Cell::Date(jiff::civil::date(2026, 12, 31));
    assert_eq!(sheet(&parts).expect("readable").cell(0, 0), Some(&day));
}

#[test]
fn formulas_are_known_by_their_results() {
    assert_eq!(a1("<c><f>1+1</f><v>2</v></c>"), Some(Cell::Number(2.0)));
    assert_eq!(uncalculated("<c><f>1+1</f></c>"), Some(Cell::Uncalculated));
    assert_eq!(uncalculated("<c><f>1+1</f><v></v></c>"), Some(Cell::Uncalculated));
    assert_eq!(uncalculated("<c t=\"str\"><f>IF(1,\"\")</f><v></v></c>"), None);
}

/// Like `a1`, for what calamine does not tell from other cells.
fn uncalculated(cell: &str) -> Option<Cell> {
    let guarded = guard(&pack(&parts(&format!("<row>{cell}</row>")))).expect("readable");
    read(&guarded).expect("a grid").sheets[0].cell(0, 0).cloned()
}

#[test]
fn no_formula_is_kept_not_even_one_without_a_result() {
    let guarded = guard(&pack(&parts("<row><c><f>HYPERLINK(\"http://x\",\"b\")</f></c></row>"))).expect("readable");
    let copy = crate::testing::part(&guarded.workbook, SHEET);
    assert!(
        copy.contains("<c r=\"A1\"><f>NA()</f></c>") && !copy.contains("HYPERLINK"),
        "{copy}"
    );
}

#[test]
fn errors_of_newer_programs_do_not_spoil_the_sheet() {
    for (error, read) in [
        ("#REF!", "#REF!"),
        ("#SPILL!", "#SPILL!"),
        ("#GETTING_DATA", "#GETTING_DATA"),
        ("#FIELD!", "#FIELD!"),
        ("#TOMORROW!", "#UNKNOWN!"),
    ] {
        let cell = format!("<c t=\"e\"><v>{error}</v></c>");
        assert_eq!(uncalculated(&cell), Some(Cell::Error(read.to_owned())));
    }
}

#[test]
fn control_characters_and_escapes_of_excel_are_only_text() {
    assert_eq!(a1("<c t=\"str\"><v>a&#1;b&#x41;&lt;c&gt;</v></c>"), text("abA<c>"));
    assert_eq!(a1("<c t=\"inlineStr\"><is><t>x_x000D_y</t></is></c>"), text("x\ry"));
}

#[test]
fn a_copy_does_not_grow_with_empty_cells() {
    let row = |n: usize| format!("<row r=\"{n}\">{}</row>", "<c s=\"1\"/>".repeat(2_000));
    let rows: String = (1..=100).map(row).collect();
    let guarded = guard(&pack(&parts(&rows))).expect("readable");
    let copy = crate::testing::part(&guarded.workbook, SHEET);
    assert_eq!(copy.matches("<c ").count(), 100_000);
    let none = guard(&pack(&parts(&rows.replace(" s=\"1\"", "")))).expect("readable");
    assert!(crate::testing::part(&none.workbook, SHEET).len() < 200);
}

// The workbook.

#[test]
fn two_sheets_with_one_name_are_refused() {
    let twice = WORKBOOK.replace("</sheets>", "<sheet name=\"BLATT\" sheetId=\"2\" r:id=\"a\"/></sheets>");
    refused(&with("xl/workbook.xml", &twice), "two sheets with one name");
}

#[test]
fn many_sheets_are_refused() {
    let sheets: String = (0..256).map(|n| format!("<sheet name=\"{n}\" r:id=\"a\"/>")).collect();
    let book = format!("<workbook xmlns:r=\"r\"><sheets>{sheets}</sheets></workbook>");
    refused(&with("xl/workbook.xml", &book), "sheets");
}

#[test]
fn what_lies_outside_is_not_followed() {
    let rels = "xl/_rels/workbook.xml.rels";
    let outside = "<Relationships><Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"http://x/\" TargetMode=\"External\"/></Relationships>";
    refused(&with(rels, outside), "no worksheet");
    let above =
        "<Relationships><Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"../../../etc/passwd\"/></Relationships>";
    refused(&with(rels, above), "a needed part is missing");
}

#[test]
fn charts_beside_the_sheets_are_left_out() {
    let rels = "<Relationships><Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
                <Relationship Id=\"b\" Type=\"x/chartsheet\" Target=\"chartsheets/sheet1.xml\"/></Relationships>";
    let book = WORKBOOK.replace("</sheets>", "<sheet name=\"Diagramm\" r:id=\"b\"/></sheets>");
    let mut parts = with("xl/_rels/workbook.xml.rels", rels);
    parts[2] = Part::stored("xl/workbook.xml", book);
    assert_eq!(guard(&pack(&parts)).expect("readable").sheets.len(), 1);
}
