//! The answer to a faulty upload is a workbook that shows what to correct, and that comes back as a form.

mod common;

use common::{codes_of, deckblatt, examined, filled, form, hints, schulen, vordruck};
use form::testing::Typed::{Formula, Nothing, Number, Text};
use form::testing::{Typed, edit, fill, part};
use form::write;

/// The Korrekturfassung of an upload.
fn korrektur(upload: &[u8]) -> Vec<u8> {
    write(&form(), &vordruck(), &examined(upload).eintraege).expect("a workbook")
}

/// An upload with a wrong amount, a negative one, a choice that is none and a missing answer.
fn faulty() -> Vec<u8> {
    let wrong = schulen(&[
        ("H5", Text("ca. 12.000 €")),
        ("I6", Number("-3")),
        ("O7", Text("Lesen und so")),
        ("S5", Text("=1+1")),
    ]);
    fill(&wrong, "Deckblatt", &[("B16", Nothing)])
}

/// The Prüfhinweise sheet is the second, so those of the form move on by one.
const PRUEFHINWEISE: &str = "xl/worksheets/sheet2.xml";
const DECKBLATT: &str = "xl/worksheets/sheet3.xml";
const SCHULEN: &str = "xl/worksheets/sheet4.xml";

/// The text of an inline or shared string cell.
fn text(workbook: &[u8], sheet: &str, cell: &str) -> String {
    let xml = part(workbook, sheet);
    let start = xml
        .find(&format!("<c r=\"{cell}\""))
        .unwrap_or_else(|| panic!("no cell {cell}"));
    let value = xml[start..].split("<v>").nth(1).and_then(|rest| rest.split('<').next());
    let index: usize = value.and_then(|value| value.parse().ok()).expect("a shared string");
    let strings = part(workbook, "xl/sharedStrings.xml");
    let item = strings.split("<si>").nth(index + 1).expect("the string");
    let text = item
        .split("</t>")
        .next()
        .and_then(|text| text.split_once('>')?.1.split_once('>'));
    match text {
        Some((_, text)) => text.to_owned(),
        None => item
            .trim_start_matches("<t>")
            .split('<')
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

fn style(workbook: &[u8], sheet: &str, cell: &str) -> usize {
    let xml = part(workbook, sheet);
    let start = xml
        .find(&format!("<c r=\"{cell}\""))
        .unwrap_or_else(|| panic!("no cell {cell}"));
    let style = xml[start..]
        .split("s=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    style.and_then(|style| style.parse().ok()).expect("a style")
}

#[test]
fn a_korrekturfassung_gives_the_same_findings_until_its_cells_are_corrected() {
    let korrektur = korrektur(&faulty());
    assert_eq!(hints(&korrektur), hints(&faulty()));
    let corrected = fill(
        &korrektur,
        "Schulen",
        &[
            ("H5", Number("5000")),
            ("I6", Number("10000")),
            ("O7", Text("B2 – Mathematik")),
        ],
    );
    let corrected = fill(&corrected, "Deckblatt", &[("B16", Text("ja"))]);
    let examination = examined(&corrected);
    assert_eq!(codes_of(&examination), "");
    let rows = examination.rows.expect("rows");
    assert_eq!(rows["schulen"][2].text("schwerpunkt").as_deref(), Some("B2"));
    assert_eq!(rows["schulen"][0].text("anmerkung").as_deref(), Some("=1+1"));
}

#[test]
fn the_error_of_a_formula_stays_one_until_it_is_replaced() {
    // In a note it would pass for a text.
    let with_error = edit(&schulen(&[("S5", Number("4711"))]), "xl/worksheets/sheet3.xml", |xml| {
        xml.replace("><v>4711</v>", " t=\"e\"><v>#N/A</v>")
    });
    let korrektur = korrektur(&with_error);
    assert_eq!(codes_of(&examined(&korrektur)), "V9 Schulen S5\n");
    assert_eq!(hints(&korrektur), hints(&with_error));
    assert_eq!(
        codes_of(&examined(&schulen(&[("H5", Text("#BEZUG!"))]))),
        "V9 Schulen H5\n"
    );
}

#[test]
fn a_formula_without_a_result_is_marked_in_the_korrekturfassung_of_the_kept_copy() {
    let upload = schulen(&[
        ("S5", Formula("HYPERLINK(\"a\",\"b\")", None)),
        ("H6", Formula("SUM(I6:N6)", None)),
    ]);
    let first = examined(&upload);
    assert_eq!(codes_of(&first), "V10 Schulen S5\nV10 Schulen H6\n");
    let workbook = korrektur(&first.repacked);
    let notes = part(&workbook, "xl/comments1.xml");
    assert_eq!(notes.matches("<comment ").count(), 2);
    let said = "Die Zelle ist leer. Erwartet wird ein Wert. In Ihrer Datei steht hier eine Formel ohne Ergebnis. Tragen Sie den Wert ein.";
    assert_eq!(notes.matches(said).count(), 2, "{notes}");
    assert_eq!(text(&workbook, SCHULEN, "T5"), "◄ Spalte S");
}

#[test]
fn a_mark_that_was_moved_is_still_no_entry() {
    let moved = schulen(&[("T60", Text("◄ Spalten K, L")), ("V4", Text("◄ Prüfhinweise"))]);
    assert_eq!(hints(&moved), "");
    let other = schulen(&[("T60", Text("Spalten K, L"))]);
    assert_eq!(codes_of(&examined(&other)), "S7 Schulen T60 hinweis\n");
}

#[test]
fn wrong_cells_differ_by_fill_border_mark_and_note() {
    let korrektur = korrektur(&faulty());
    let notes = part(&korrektur, "xl/comments2.xml");
    let of_h5 = notes.split("ref=\"H5\"").nth(1).expect("a note at H5");
    assert!(of_h5.contains("Eingetragen ist „ca. 12.000 €“. Erwartet wird ein Betrag als Zahl."));
    assert!(!notes.contains("ref=\"H6\""));
    assert!(part(&korrektur, "xl/comments1.xml").contains("ref=\"B16\""));
    assert_ne!(style(&korrektur, SCHULEN, "H5"), style(&korrektur, SCHULEN, "H6"));
    let styles = part(&korrektur, "xl/styles.xml");
    assert!(styles.contains("<left style=\"thick\">") && styles.contains("FFFBDDD6"));

    assert_eq!(text(&korrektur, SCHULEN, "T5"), "◄ Spalte H");
    assert_eq!(text(&korrektur, SCHULEN, "T6"), "◄ Spalte I");
    assert_eq!(text(&korrektur, SCHULEN, "T7"), "◄ Spalte O");
    assert_eq!(text(&korrektur, DECKBLATT, "E16"), "◄ Zelle B16");
}

#[test]
fn no_note_has_a_person_for_an_author() {
    let notes = part(&korrektur(&faulty()), "xl/comments2.xml");
    assert!(notes.contains("<authors><author>Prüfhinweis</author></authors>"));
}

#[test]
fn all_findings_are_listed_with_links_to_their_cells() {
    let korrektur = korrektur(&faulty());
    let book = part(&korrektur, "xl/workbook.xml");
    assert!(book.contains("<sheet name=\"Hinweise\"") && book.contains("<sheet name=\"Prüfhinweise\" sheetId=\"2\""));
    let sheet = part(&korrektur, PRUEFHINWEISE);
    let links: Vec<&str> = sheet
        .split("location=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(
        links,
        [
            "'Deckblatt'!B16:B16",
            "'Schulen'!H5:H5",
            "'Schulen'!I6:I6",
            "'Schulen'!O7:O7"
        ]
    );
    assert_eq!(text(&korrektur, PRUEFHINWEISE, "C9"), "H5");
    assert_eq!(text(&korrektur, PRUEFHINWEISE, "E9"), "Duisburg, GG Eins");
    assert_eq!(text(&korrektur, PRUEFHINWEISE, "G9"), "ändern");
}

#[test]
fn blanks_below_each_other_are_one_line_of_the_list() {
    let workbook = korrektur(&schulen(&[("H5", Nothing), ("H6", Nothing), ("H7", Nothing)]));
    let sheet = part(&workbook, PRUEFHINWEISE);
    assert!(sheet.contains("location=\"'Schulen'!H5:H7\""));
    assert_eq!(text(&workbook, PRUEFHINWEISE, "C8"), "H5 bis H7");
}

#[test]
fn a_blank_with_a_hint_looks_like_one_and_not_like_any_blank() {
    let marks = part(&korrektur(&schulen(&[("I6", Nothing)])), SCHULEN);
    let ranges: Vec<&str> = marks
        .split("<conditionalFormatting sqref=\"")
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(ranges.contains(&"I5") && ranges.contains(&"I7") && ranges.contains(&"J5:J7"));
    assert!(marks.contains("<formula>AND(LEN(TRIM(I7))=0,NOT(AND(H7=0,"));
}

#[test]
fn a_locked_cell_is_right_again_and_the_list_says_so() {
    let workbook = korrektur(&schulen(&[("G5", Number("1"))]));
    assert_eq!(hints(&workbook), "");
    let said = text(&workbook, PRUEFHINWEISE, "F8");
    assert!(
        said.ends_with("In dieser Korrekturfassung steht die Angabe wieder richtig."),
        "{said}"
    );
    assert_eq!(text(&workbook, PRUEFHINWEISE, "G8"), "nichts mehr");
}

/// The first line of the list: what is said, and what is to be done.
fn first_hint(workbook: &[u8]) -> String {
    let [said, todo] = ["F8", "G8"].map(|cell| text(workbook, PRUEFHINWEISE, cell));
    format!("{said} ({todo})")
}

#[test]
fn what_was_deleted_is_back_in_the_korrekturfassung_and_the_list_says_so() {
    let column: Vec<(&str, Typed<'_>)> = ["H3", "H4", "H5", "H6", "H7"].map(|cell| (cell, Nothing)).to_vec();
    let line: Vec<String> = ('A'..='S').map(|column| format!("{column}6")).collect();
    let line: Vec<(&str, Typed<'_>)> = line.iter().map(|cell| (cell.as_str(), Nothing)).collect();
    for (upload, codes, said) in [
        (
            schulen(&column),
            "S2 Schulen\n",
            "Erwartet wird die Spalte „Verausgabtes Chancenbudget“, sie fehlt. In dieser Korrekturfassung ist sie wieder da. Tragen Sie ein, was dort fehlt. (prüfen und ergänzen)",
        ),
        (
            schulen(&line),
            "S5 Schulen\n",
            "Erwartet wird eine Zeile für die Schule 100092 (Duisburg, GG Zwei), sie fehlt. In dieser Korrekturfassung ist sie wieder da. Tragen Sie ein, was dort fehlt. (prüfen und ergänzen)",
        ),
        (
            schulen(&[("H4", Text("davon Fortbildung"))]),
            "S2 Schulen H4\n",
            "Eingetragen ist „davon Fortbildung“. Erwartet wird die Überschrift „Verausgabtes Chancenbudget“, die Zellen wurden verschoben. In dieser Korrekturfassung stehen die Überschriften wieder richtig. Prüfen Sie, ob die Angaben dazu passen. (prüfen und ergänzen)",
        ),
        (
            schulen(&[("B9", Text("999999"))]),
            "S5 Schulen B9\n",
            "Eingetragen ist „999999“. Erwartet wird eine Schulnummer aus Ihrem Formular. Die Zeile gehört zu Ihrer hochgeladenen Datei, in dieser Korrekturfassung fehlt sie. Prüfen Sie, ob Angaben daraus hier einzutragen sind. (prüfen und ergänzen)",
        ),
    ] {
        assert_eq!(codes_of(&examined(&upload)), codes);
        assert_eq!(first_hint(&korrektur(&upload)), said);
    }
}

#[test]
fn a_formula_without_a_result_is_marked_also_where_the_form_is_not_whole() {
    let upload = schulen(&[("B9", Text("999999")), ("S5", Formula("A1", None))]);
    assert_eq!(codes_of(&examined(&upload)), "S5 Schulen B9\n");
    let workbook = korrektur(&upload);
    assert!(part(&workbook, "xl/comments1.xml").contains("ref=\"S5\""));
    assert_eq!(text(&workbook, PRUEFHINWEISE, "C8"), "S5");
    assert_eq!(text(&workbook, PRUEFHINWEISE, "C9"), "B9");
}

#[test]
fn a_finding_outside_the_form_is_listed_without_a_link() {
    let workbook = korrektur(&schulen(&[("C60", Text("Zwischenstand"))]));
    assert_eq!(hints(&workbook), "");
    assert!(!part(&workbook, PRUEFHINWEISE).contains("<hyperlink"));
    assert_eq!(text(&workbook, PRUEFHINWEISE, "C8"), "C60");
    assert!(first_hint(&workbook).ends_with("hier steht dort nichts. (zur Kenntnis)"));
}

#[test]
fn without_findings_there_is_no_sheet_of_them() {
    let workbook = korrektur(&filled());
    assert!(!part(&workbook, "xl/workbook.xml").contains("Prüfhinweise"));
}

#[test]
fn what_was_understood_is_of_the_form_s_own_type_so_that_its_formulas_count_it() {
    let workbook = korrektur(&schulen(&[
        ("H5", Text("5.000,00 €")),
        ("O5", Text("mathematik")),
        ("H6", Text("ca. 7")),
    ]));
    let sheet = part(&workbook, SCHULEN);
    let cell = |name: &str| {
        let start = sheet.find(&format!("<c r=\"{name}\"")).expect("the cell");
        sheet[start..].split_once("</c>").expect("its end").0.to_owned()
    };
    assert!(cell("H5").ends_with("\"><v>5000</v>"), "{}", cell("H5"));
    assert!(cell("Q5").ends_with("<v>5000</v>"), "{}", cell("Q5"));
    // 5.000 and 15.000 euros; what is no amount counts for nothing.
    assert!(cell("H8").ends_with("<v>20000</v>"), "{}", cell("H8"));
    assert_eq!(text(&workbook, SCHULEN, "O5"), "B2 – Mathematik");
    assert_eq!(text(&workbook, SCHULEN, "H6"), "ca. 7");
}

#[test]
fn everything_else_stays_as_it_was() {
    let typed: &[(&str, Typed<'_>)] = &[("S6", Text("Zweite Zeile\nund 😀 <b>")), ("H7", Number("15000.5"))];
    let upload = fill(&deckblatt(&[("B16", Nothing)]), "Schulen", typed);
    let (before, after) = (examined(&upload).eintraege, examined(&korrektur(&upload)).eintraege);
    assert_eq!(before, after);
}
