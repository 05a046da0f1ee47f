//! What a new version of the form means for workbooks of the version before: what `changes` calls compatible is read.

mod common;

use common::{DEFINITION, codes_of, examined, filled, schulen, vordruck};
use form::testing::Typed::{Nothing, Text};
use form::testing::{fill, part};
use form::{Form, changes, examine, write};

/// The real form in version 2, with these texts replaced.
fn next(replaced: &[(&str, &str)]) -> Form {
    let version = [("version = \"1\"", "version = \"2\"")];
    let source = version
        .iter()
        .chain(replaced)
        .fold(DEFINITION.to_owned(), |source, (old, new)| {
            assert!(source.contains(old), "{old}");
            source.replacen(old, new, 1)
        });
    Form::parse(&source).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn is_compatible(new: &Form) -> bool {
    changes(&common::form(), new).iter().all(|change| change.is_compatible)
}

/// A field that comes before the field `anmerkung` of the Deckblatt.
fn on_deckblatt(field: &str) -> (&'static str, String) {
    let next = "[[sheet.field]]\nid = \"anmerkung\"";
    (next, format!("[[sheet.field]]\n{field}\n{next}"))
}

#[test]
fn a_workbook_of_the_version_before_is_read_where_the_change_is_compatible() {
    let optional = on_deckblatt("id = \"mehr\"\nlabel = \"Mehr\"\nkind = \"text\"");
    let prefilled = on_deckblatt("id = \"kennung\"\nlabel = \"Runde\"\nkind = \"text\"\nprefill = \"runde.kennung\"");
    let column = (
        "[[sheet.field]]\nid = \"schwerpunkt\"",
        "[[sheet.field]]\nid = \"neu\"\nlabel = \"Neu\"\nkind = \"money\"\n[[sheet.field]]\nid = \"schwerpunkt\"",
    );
    for replaced in [
        ("title = \"Bericht zum Chancenbudget\"", "title = \"Bericht\""),
        ("label = \"Belege liegen vor\"", "label = \"Liegen Belege vor?\""),
        ("help = \"Die Belege bleiben", "help = \"Alle Belege bleiben"),
        ("label = \"Verausgabtes Chancenbudget\"", "label = \"Ausgegeben\""),
        (
            "label = \"Verausgabtes Chancenbudget\"\nkind = \"money\"\nrequired = true",
            "label = \"Verausgabtes Chancenbudget\"\nkind = \"money\"",
        ),
        ("title = \"Schulen\"", "title = \"Alle Schulen\""),
        ("title = \"Deckblatt\"", "title = \"Angaben\""),
        ("max_length = 250", "max_length = 300"),
        (
            "  { code = \"B1\", label",
            "  { code = \"B0\", label = \"Anderes\" },\n  { code = \"B1\", label",
        ),
        (optional.0, &optional.1),
        (prefilled.0, &prefilled.1),
        column,
    ] {
        let new = next(&[replaced]);
        assert!(is_compatible(&new), "{replaced:?}");
        let examination = examine(&new, &vordruck(), &filled()).expect("readable");
        assert_eq!(examination.findings, [], "{replaced:?}");
        let (rows, before) = (examination.rows.expect("rows"), examined(&filled()).rows.expect("rows"));
        assert_eq!(rows["schulen"], before["schulen"], "{replaced:?}");
        assert_eq!(
            rows["deckblatt"][0].get("belege_liegen_vor"),
            before["deckblatt"][0].get("belege_liegen_vor")
        );
    }
}

#[test]
fn where_something_does_not_fit_the_entries_come_back_in_the_new_version() {
    let required = on_deckblatt("id = \"mehr\"\nlabel = \"Mehr\"\nkind = \"text\"\nrequired = true");
    for (replaced, then) in [
        ((required.0, required.1.as_str()), "V1 Deckblatt B17\n"),
        (
            ("label = \"Deutsch, Lesen, Schreiben\"", "label = \"Deutsch\""),
            "V16 Schulen O5, O6, O7\n",
        ),
    ] {
        let new = next(&[replaced]);
        assert!(!is_compatible(&new), "{replaced:?}");
        let examination = examine(&new, &vordruck(), &filled()).expect("readable");
        assert_eq!(codes_of(&examination), "S4\n", "{replaced:?}");
        assert!(examination.findings[0].is_new_form() && examination.rows.is_none());
        let korrektur = write(&new, &vordruck(), &examination.eintraege).expect("a workbook");
        let again = examine(&new, &vordruck(), &korrektur).expect("readable");
        assert_eq!(codes_of(&again), then, "{replaced:?}");
    }
}

#[test]
fn faults_in_a_workbook_of_the_version_before_are_marked_in_the_new_one() {
    let new = next(&[("label = \"Verausgabtes Chancenbudget\"", "label = \"Ausgegeben\"")]);
    let old = fill(&schulen(&[("H5", Text("viel"))]), "Deckblatt", &[("B16", Nothing)]);
    let examination = examine(&new, &vordruck(), &old).expect("readable");
    assert_eq!(codes_of(&examination), "S4\n");
    let korrektur = write(&new, &vordruck(), &examination.eintraege).expect("a workbook");
    assert!(part(&korrektur, "xl/comments1.xml").contains("ref=\"B16\""));
    assert!(part(&korrektur, "xl/comments2.xml").contains("ref=\"H5\""));
    let again = examine(&new, &vordruck(), &korrektur).expect("readable");
    assert_eq!(codes_of(&again), "V1 Deckblatt B16\nV2 Schulen H5\n");
}

#[test]
fn figures_that_changed_with_the_version_are_the_new_ones() {
    let mut now = vordruck();
    now.schulen[0].zugewiesen = form::Cent(1_200_000);
    let examination = examine(&next(&[]), &now, &filled()).expect("readable");
    assert_eq!(codes_of(&examination), "S4\n");
    let korrektur = write(&next(&[]), &now, &examination.eintraege).expect("a workbook");
    let again = examine(&next(&[]), &now, &korrektur).expect("readable");
    assert_eq!(again.findings, []);
    assert_eq!(
        again.rows.expect("rows")["schulen"][0].money("rest"),
        Some(form::Cent(700_000))
    );
}

#[test]
fn an_entry_in_a_field_that_is_gone_is_mentioned() {
    let field = "[[sheet.field]]\nid = \"keine_mittel_verausgabt\"";
    let start = DEFINITION.find(field).expect("the field");
    let end = start
        + DEFINITION[start..]
            .find("[[sheet.field]]\nid = \"zweck_bestaetigt\"")
            .expect("the next one");
    let rules = [
        (
            "[[rule]]\nkind = \"zero_if\"\nsheet = \"schulen\"\nfields = [\"verausgabt\"]\nwenn = \"deckblatt.keine_mittel_verausgabt = 'ja'\"\n",
            "",
        ),
        (" und deckblatt.keine_mittel_verausgabt <> 'ja'", ""),
        (" und deckblatt.keine_mittel_verausgabt <> 'ja'", ""),
        (&DEFINITION[start..end], ""),
    ];
    let new = next(&rules);
    let old = fill(&filled(), "Deckblatt", &[("B13", Text("nein"))]);
    assert_eq!(
        codes_of(&examine(&new, &vordruck(), &old).expect("readable")),
        "S7 Deckblatt B13 hinweis\n"
    );
    assert_eq!(examine(&new, &vordruck(), &filled()).expect("readable").findings, []);
}
