//! Is this our form?

use crate::common::{self, codes, deckblatt, empty, filled, form, hints, schulen, vordruck};
use crate::{cell, check, examined_as};
use expect_test::expect;
use form::testing::Typed::{Nothing, Number, Text};
use form::testing::{edit, fill};
use form::{Eintraege, Form, examine, write};

#[test]
fn the_form_of_another_traeger_is_named() {
    let mut other = vordruck();
    other.traeger.nummer = form::Traegernummer::parse("10055").expect("five digits");
    let workbook = write(&form(), &other, &Eintraege::default()).expect("a workbook");
    check(
        &workbook,
        expect![[r#"
            Datei: Hochgeladen haben Sie das Formular der Schulträgernummer 10055. Erwartet wird das Formular von Stadt Duisburg (Schulträgernummer 10054). Laden Sie im Berichtstool Ihr eigenes Formular herunter und füllen Sie es aus. [S3]
        "#]],
    );
}

#[test]
fn the_form_of_another_runde_and_another_version_are_named() {
    assert_eq!(
        examined_as(|vordruck| vordruck.runde.kennung = "cb-2027".to_owned(), &filled()),
        "S4\n"
    );
    let newer = common::DEFINITION.replace("version = \"1\"", "version = \"2\"");
    let newer = Form::parse(&newer).unwrap_or_else(|problems| panic!("{problems:?}"));
    let found = examine(&newer, &vordruck(), &empty()).expect("readable").findings;
    assert_eq!(
        (found[0].code.as_str(), found[0].read.as_str()),
        ("S4", "das Formular in der Fassung 1")
    );
}

#[test]
fn a_workbook_that_is_no_form_of_ours_gets_one_hint() {
    let renamed = edit(&filled(), "xl/workbook.xml", |xml| xml.replace("_meta", "Meta"));
    check(
        &renamed,
        expect![[r#"
            Datei: Erwartet wird das Formular „Bericht zum Chancenbudget“ aus dem Berichtstool. Laden Sie Ihr Formular im Berichtstool neu herunter und übertragen Sie Ihre Angaben. [S1]
        "#]],
    );
}

#[test]
fn a_renamed_sheet_is_missing_and_nothing_else_is_said_about_it() {
    let renamed = edit(&filled(), "xl/workbook.xml", |xml| {
        xml.replace("\"Schulen\"", "\"Schulen 2026\"")
    });
    check(
        &renamed,
        expect![[r#"
            Blatt „Schulen“: Erwartet wird dieses Blatt, es fehlt in der Datei oder wurde umbenannt. Geben Sie dem Blatt wieder den Namen „Schulen“. Geht das nicht mehr, laden Sie Ihr Formular im Berichtstool neu herunter und übertragen Sie Ihre Angaben. [S1]
        "#]],
    );
}

#[test]
fn a_missing_column_and_a_missing_line_are_named() {
    let without = schulen(&[("I3", Nothing), ("I4", Text("Honorare"))]);
    let without = fill(&without, "Deckblatt", &[("A16", Nothing), ("D16", Nothing)]);
    expect![[r#"
        Blatt „Deckblatt“ (Belege liegen vor): Erwartet wird die Zeile „Belege liegen vor“, sie fehlt. Machen Sie das Löschen rückgängig. Geht das nicht mehr, laden Sie Ihr Formular im Berichtstool neu herunter und übertragen Sie Ihre Angaben. [S2]
        Blatt „Schulen“ (davon Honorare/Personal): Erwartet wird die Spalte „davon Honorare/Personal“, sie fehlt. Machen Sie das Löschen rückgängig. Geht das nicht mehr, laden Sie Ihr Formular im Berichtstool neu herunter und übertragen Sie Ihre Angaben. [S2]
    "#]]
    .assert_eq(&hints(&without));
}

#[test]
fn schools_that_were_added_doubled_or_deleted_are_named() {
    let row = |number: &'static str| [("B8", Text(number)), ("C8", Text("Duisburg, GG Vier"))];
    check(
        &schulen(&row("100094")),
        expect![[r#"
            Blatt „Schulen“, Zelle B8 (Schulnummer): Eingetragen ist „100094“. Erwartet wird eine Schulnummer aus Ihrem Formular. Stellen Sie die ursprüngliche Schulnummer wieder her oder löschen Sie die zusätzliche Zeile. Fehlt eine Schule, wenden Sie sich an die Stelle auf der Seite „Kontakt“. [S5]
        "#]],
    );
    check(
        &schulen(&row("100091")),
        expect![[r#"
            Blatt „Schulen“, Zelle B8 (Schulnummer): Eingetragen ist „100091“. Erwartet wird jede Schule nur einmal, sie steht schon in Zelle B5. Löschen Sie die doppelte Zeile. [S5]
        "#]],
    );
    let deleted = edit(&filled(), "xl/worksheets/sheet3.xml", |xml| {
        let start = xml.find("<row r=\"6\"").expect("row 6");
        let end = xml.find("<row r=\"7\"").expect("row 7");
        format!("{}{}", &xml[..start], &xml[end..])
    });
    check(
        &deleted,
        expect![[r#"
            Blatt „Schulen“: Erwartet wird eine Zeile für die Schule 100092 (Duisburg, GG Zwei), sie fehlt. Machen Sie das Löschen rückgängig. Geht das nicht mehr, laden Sie Ihr Formular im Berichtstool neu herunter und übertragen Sie Ihre Angaben. [S5]
        "#]],
    );
}

#[test]
fn a_changed_schulnummer_is_one_finding_not_a_stranger_and_a_missing_school() {
    check(
        &schulen(&[("B6", Text("100029"))]),
        expect![[r#"
            Blatt „Schulen“, Zelle B6 (Schulnummer), Duisburg, GG Zwei: Eingetragen ist „100029“. Erwartet wird der vorgegebene Eintrag „100092“. Tragen Sie wieder „100092“ ein. Stimmt die Vorgabe nicht, wenden Sie sich an die Stelle auf der Seite „Kontakt“. [S6]
        "#]],
    );
    assert_eq!(cell("B6", Nothing), "S6 Schulen B6\n");
}

#[test]
fn changed_prefilled_cells_are_named_and_other_spellings_are_not() {
    check(
        &schulen(&[("F5", Number("99999"))]),
        expect![[r#"
            Blatt „Schulen“, Zelle F5 (Zugewiesenes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „99999“. Erwartet wird der vorgegebene Eintrag „10.000,00“. Tragen Sie wieder „10.000,00“ ein. Stimmt die Vorgabe nicht, wenden Sie sich an die Stelle auf der Seite „Kontakt“. [S6]
        "#]],
    );
    assert_eq!(
        codes(&deckblatt(&[("B5", Text("Stadt Essen")), ("B7", Nothing)])),
        "S6 Deckblatt B5\nS6 Deckblatt B7\n"
    );
    let spelt = schulen(&[
        ("B5", Number("100091")),
        ("B6", Text(" 100 092\u{a0}")),
        ("C6", Text("Duisburg,\u{a0}GG Zwei ")),
        ("D7", Number("2")),
        ("F5", Text("10.000,00 €")),
        ("A7", Text("3.0")),
    ]);
    assert_eq!(
        codes(&fill(
            &spelt,
            "Deckblatt",
            &[("B7", Text("1.1.2026")), ("B6", Number("1"))]
        )),
        ""
    );
}

#[test]
fn a_wrong_form_is_said_before_its_cells_and_its_cells_before_its_rules() {
    let cells = [
        ("H5", Text("viel")),
        ("B6", Text("123456")),
        ("C6", Text("?")),
        ("P7", Text("B1")),
    ];
    let mut workbook = schulen(&cells);
    assert_eq!(codes(&workbook), "S5 Schulen B6\nS5 Schulen\n");
    workbook = fill(
        &workbook,
        "Schulen",
        &[("B6", Text("100092")), ("C6", Text("Duisburg, GG Zwei"))],
    );
    assert_eq!(codes(&workbook), "V2 Schulen H5\n");
    workbook = fill(&workbook, "Schulen", &[("H5", Number("5000"))]);
    assert_eq!(codes(&workbook), "V15 Schulen P7\n");
}
