//! What a Träger downloads works in Excel without a message, helps while it is filled in, and looks right on paper.

mod common;

use common::{DEFINITION, empty, examined, filled, form, hints, vordruck};
use form::testing::part;
use form::{Eintraege, Form, write};

const HINWEISE: &str = "xl/worksheets/sheet1.xml";
const DECKBLATT: &str = "xl/worksheets/sheet2.xml";
const SCHULEN: &str = "xl/worksheets/sheet3.xml";
const LISTEN: &str = "xl/worksheets/sheet4.xml";
const VISIBLE: [&str; 4] = [HINWEISE, DECKBLATT, SCHULEN, LISTEN];

/// The elements of a part with this name, with all that is in them.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let opening = format!("<{name} ");
    let element = |rest: &str| {
        let tag = rest.find('>').map_or(rest.len(), |end| end + 1);
        let end = match rest[..tag].ends_with("/>") {
            true => tag,
            false => rest.find(&format!("</{name}>")).unwrap_or(rest.len()),
        };
        rest[..end].to_owned()
    };
    xml.match_indices(&opening).map(|(at, _)| element(&xml[at..])).collect()
}

/// The value of an attribute, as it stands.
fn attribute<'e>(element: &'e str, name: &str) -> Option<&'e str> {
    element.split(&format!(" {name}=\"")).nth(1)?.split('"').next()
}

/// The validation that begins at a cell.
fn validation(workbook: &[u8], sheet: &str, cell: &str) -> String {
    let all = elements(&part(workbook, sheet), "dataValidation");
    let of_cell =
        |element: &String| attribute(element, "sqref").is_some_and(|range| range.split(':').next() == Some(cell));
    all.into_iter()
        .find(of_cell)
        .unwrap_or_else(|| panic!("no validation at {cell}"))
}

/// The rule that marks a blank at a cell; empty where there is none.
fn mark(workbook: &[u8], sheet: &str, cell: &str) -> String {
    let all = elements(&part(workbook, sheet), "conditionalFormatting");
    let found = all
        .iter()
        .find(|element| attribute(element, "sqref").is_some_and(|range| range.split(':').next() == Some(cell)));
    let formula = found.and_then(|element| element.split("<formula>").nth(1)?.split("</formula>").next());
    formula.unwrap_or_default().replace("&gt;", ">").replace("&lt;", "<")
}

fn written(definition: &str) -> Vec<u8> {
    let form = Form::parse(definition).unwrap_or_else(|problems| panic!("{problems:?}"));
    write(&form, &vordruck(), &Eintraege::default()).expect("a workbook")
}

#[test]
fn sheets_are_protected_without_a_password_and_still_sort_filter_and_take_widths() {
    for sheet in VISIBLE {
        let xml = part(&empty(), sheet);
        let protection = elements(&xml, "sheetProtection").concat();
        assert_eq!(attribute(&protection, "sheet"), Some("1"), "{sheet}");
        for allowed in ["sort", "autoFilter", "formatCells", "formatColumns", "formatRows"] {
            assert_eq!(attribute(&protection, allowed), Some("0"), "{sheet} {allowed}");
        }
        // Absent means allowed: what can be selected can be copied.
        assert_eq!(attribute(&protection, "selectLockedCells"), None);
        assert_eq!(
            attribute(&protection, "password").or(attribute(&protection, "hashValue")),
            None
        );
    }
    assert!(part(&empty(), SCHULEN).contains("<autoFilter ref=\"A4:S7\"/>"));
}

#[test]
fn only_input_cells_are_unlocked_and_they_have_another_border_and_fill() {
    let xml = part(&empty(), SCHULEN);
    let styles = part(&empty(), "xl/styles.xml");
    let formats = styles.split("<cellXfs").nth(1).expect("formats");
    let formats = elements(formats.split("</cellXfs>").next().expect("their end"), "xf");
    let format = |cell: &str| {
        let cells = elements(&xml, "c");
        let found = cells.iter().find(|element| attribute(element, "r") == Some(cell));
        let style = found.and_then(|element| attribute(element, "s")).expect("a style");
        formats[style.parse::<usize>().expect("a number")].clone()
    };
    for input in ["H5", "N7", "O5", "S7"] {
        assert!(format(input).contains("<protection locked=\"0\"/>"), "{input}");
        for locked in ["A5", "C6", "G7", "Q5", "H8", "H4"] {
            assert!(!format(locked).contains("locked=\"0\""), "{locked}");
            for looks in ["fillId", "borderId"] {
                assert_ne!(attribute(&format(input), looks), attribute(&format(locked), looks));
            }
        }
    }
}

#[test]
fn choices_come_from_the_list_sheet_and_may_be_longer_than_a_validation_takes() {
    let list = validation(&empty(), SCHULEN, "O5");
    assert_eq!(attribute(&list, "type"), Some("list"));
    assert!(list.contains("<formula1>Listen!$A$4:$A$11</formula1>"), "{list}");
    let strings = part(&empty(), "xl/sharedStrings.xml");
    let choices: usize = strings
        .split("<t>")
        .filter(|text| text.starts_with('B') && text.contains(" – "))
        .map(str::len)
        .sum();
    assert!(choices > 255);
    assert!(validation(&empty(), DECKBLATT, "B14").contains("<formula1>\"ja,nein\"</formula1>"));
}

#[test]
fn help_is_an_input_message_and_limits_have_an_error_text() {
    let amount = validation(&empty(), SCHULEN, "H5");
    assert_eq!(attribute(&amount, "sqref"), Some("H5:H7"));
    assert_eq!(attribute(&amount, "promptTitle"), Some("Verausgabtes Chancenbudget"));
    assert!(attribute(&amount, "prompt").is_some_and(|help| help.starts_with("Alle Ausgaben der Schule")));
    assert_eq!(
        attribute(&amount, "error"),
        Some("Geben Sie einen Betrag von mindestens 0,00 € als Zahl ein, zum Beispiel 12000,00.")
    );
    assert!(amount.contains("<formula1>0</formula1><formula2>999999999999</formula2>"));
    let remark = validation(&empty(), SCHULEN, "S5");
    assert_eq!(
        attribute(&remark, "error"),
        Some("Geben Sie höchstens 250 Zeichen ein.")
    );
    assert!(remark.contains("<formula1>250</formula1>"));
}

#[test]
fn texts_of_validations_stay_within_what_excel_takes() {
    let long = "sehr 😀 lang ".repeat(60);
    let definition = DEFINITION
        .replace(
            "label = \"davon Fortbildung\"",
            "label = \"davon Fortbildung, Beratung und alles Ähnliche 😀😀\"",
        )
        .replace("Fortbildung und Beratung des Kollegiums.", &long);
    for workbook in [empty(), written(&definition)] {
        for sheet in [DECKBLATT, SCHULEN] {
            for element in elements(&part(&workbook, sheet), "dataValidation") {
                for (name, most) in [("promptTitle", 32), ("errorTitle", 32), ("prompt", 255), ("error", 255)] {
                    let length = attribute(&element, name).map_or(0, |text| text.encode_utf16().count());
                    assert!(length <= most, "{name} of {length}: {element}");
                }
            }
        }
    }
    let shortened = validation(&written(&definition), SCHULEN, "L5");
    assert!(attribute(&shortened, "prompt").is_some_and(|help| help.ends_with('…')));
}

#[test]
fn sums_are_formulas_that_know_their_value() {
    let schulen = part(&empty(), SCHULEN);
    assert!(schulen.contains("<f>SUM(F5:F7)</f><v>60000</v>"));
    assert!(schulen.contains("<f>F5+G5-(H5)</f><v>10000</v>"));
    assert!(part(&empty(), DECKBLATT).contains("<f>SUM('Schulen'!F5:F7)</f><v>60000</v>"));
}

#[test]
fn required_blanks_are_marked_as_the_form_rules_say() {
    assert_eq!(mark(&empty(), DECKBLATT, "B14"), "AND(LEN(TRIM(B14))=0,TRUE)");
    assert_eq!(
        mark(&empty(), DECKBLATT, "B17"),
        "AND(LEN(TRIM(B17))=0,AND(B14=\"nein\",LEN(TRIM(B14))>0))"
    );
    assert_eq!(mark(&empty(), DECKBLATT, "B13"), "");
    let no_money = "formular_deckblatt_keine_mittel_verausgabt=\"ja\"";
    assert_eq!(
        mark(&empty(), SCHULEN, "H5"),
        format!("AND(LEN(TRIM(H5))=0,NOT({no_money}))")
    );
    assert_eq!(
        mark(&empty(), SCHULEN, "I5"),
        format!("AND(LEN(TRIM(I5))=0,NOT(AND(H5=0,OR(LEN(TRIM(H5))>0,{no_money}))))")
    );
    // Dots and a broken line, so that colour alone says nothing.
    let styles = part(&empty(), "xl/styles.xml");
    let marks = styles.split("<dxfs").nth(1).expect("formats of marks");
    assert!(marks.contains("patternType=\"gray0625\"") && marks.contains("style=\"dashed\""));
}

#[test]
fn marks_name_no_other_sheet() {
    for element in elements(&part(&empty(), SCHULEN), "conditionalFormatting") {
        assert!(!element.contains('!'), "{element}");
    }
}

#[test]
fn lines_that_are_filled_as_needed_are_required_once_something_stands_in_them() {
    let definition = format!(
        "{DEFINITION}\n[[sheet]]\nid = \"vorhaben\"\ntitle = \"Vorhaben\"\nkind = \"free\"\nrows = 3\n\
         [[sheet.field]]\nid = \"name\"\nlabel = \"Name\"\nkind = \"text\"\nrequired = true\n\
         [[sheet.field]]\nid = \"tag\"\nlabel = \"Tag\"\nkind = \"date\"\n"
    );
    let sheets = definition.split("# --- Regeln").next().expect("sheets").to_owned();
    let free = definition
        .split("[[sheet]]\nid = \"vorhaben\"")
        .nth(1)
        .expect("the sheet");
    let workbook = written(&format!("{sheets}[[sheet]]\nid = \"vorhaben\"{free}"));
    let vorhaben = "xl/worksheets/sheet4.xml";
    assert_eq!(
        mark(&workbook, vorhaben, "A5"),
        "AND(LEN(TRIM(A5))=0,AND(TRUE,OR(LEN(TRIM(A5))>0,LEN(TRIM(B5))>0)))"
    );
    let day = validation(&workbook, vorhaben, "B5");
    assert_eq!(
        (attribute(&day, "type"), attribute(&day, "sqref")),
        (Some("date"), Some("B5:B7"))
    );
}

#[test]
fn each_field_has_a_defined_name_with_our_prefix() {
    let book = part(&empty(), "xl/workbook.xml");
    let names = elements(&book, "definedName");
    let own = names
        .iter()
        .filter(|name| attribute(name, "name").is_some_and(|name| name.starts_with("formular_")));
    assert_eq!(own.count(), 14 + 19);
    assert!(book.contains("<definedName name=\"formular_schulen_verausgabt\">'Schulen'!$H$5:$H$7</definedName>"));
    assert!(book.contains("<definedName name=\"formular_deckblatt_zweck_bestaetigt\">'Deckblatt'!$B$14</definedName>"));
}

#[test]
fn the_file_has_a_title_a_given_time_and_no_author() {
    let core = part(&empty(), "docProps/core.xml");
    assert!(core.contains("<dc:title>Bericht zum Chancenbudget – Stadt Duisburg</dc:title>"));
    assert!(core.contains("<dc:creator></dc:creator><cp:lastModifiedBy></cp:lastModifiedBy>"));
    assert_eq!(core.matches("2026-11-01T09:00:00Z").count(), 2);
    assert!(part(&empty(), "docProps/app.xml").contains("<Company></Company>"));
}

#[test]
fn the_first_sheet_says_in_five_lines_what_to_do() {
    let xml = part(&empty(), HINWEISE);
    assert_eq!(form().hinweise.len(), 5);
    assert_eq!(elements(&xml, "row").len(), 2 + 5);
    assert!(part(&empty(), "xl/workbook.xml").contains("<sheets><sheet name=\"Hinweise\""));
}

#[test]
fn pages_are_a4_across_and_repeat_the_header() {
    for sheet in VISIBLE {
        let setup = elements(&part(&empty(), sheet), "pageSetup").concat();
        assert_eq!(attribute(&setup, "paperSize"), Some("9"), "{sheet}");
        assert_eq!(attribute(&setup, "orientation"), Some("landscape"), "{sheet}");
        assert_eq!(attribute(&setup, "fitToHeight"), Some("0"), "{sheet}");
    }
    let book = part(&empty(), "xl/workbook.xml");
    for titles in ["Deckblatt!$3:$3", "Schulen!$A:$C,Schulen!$4:$4", "Listen!$3:$3"] {
        assert!(book.contains(&format!(">{titles}</definedName>")), "{titles}");
    }
}

#[test]
fn no_cell_is_merged_and_only_the_ids_are_hidden() {
    for sheet in VISIBLE {
        assert!(!part(&empty(), sheet).contains("<mergeCell"), "{sheet}");
    }
    let hidden = |sheet| -> Vec<String> {
        let rows = elements(&part(&empty(), sheet), "row");
        let hidden = rows.into_iter().filter(|row| attribute(row, "hidden") == Some("1"));
        hidden
            .filter_map(|row| attribute(&row, "r").map(str::to_owned))
            .collect()
    };
    assert_eq!(hidden(SCHULEN), ["3"]);
    assert!(hidden(DECKBLATT).is_empty());
}

#[test]
fn names_filters_and_marks_are_no_obstacle_when_it_comes_back() {
    assert_eq!(hints(&filled()), "");
    assert!(examined(&filled()).rows.is_some());
}
