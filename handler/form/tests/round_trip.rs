//! What is handed out comes back: form, workbook, rows.

mod common;
#[path = "../benches/real_form.rs"]
mod real_form;

use common::{empty, examined, filled, form, hints, vordruck};
use form::testing::{Typed, fill};
use form::{Cent, Eintraege, examine, write};

#[test]
fn a_filled_form_has_no_findings_and_its_rows_are_exact() {
    let examination = examined(&filled());
    assert_eq!(examination.findings, []);
    let rows = examination.rows.expect("rows");
    let schulen = &rows["schulen"];
    assert_eq!(schulen.len(), 3);
    assert_eq!(schulen[1].text("schulnummer").as_deref(), Some("100092"));
    assert_eq!(schulen[1].money("verausgabt"), Some(Cent(1_000_000)));
    assert_eq!(schulen[1].money("rest"), Some(Cent(1_000_000)));
    assert_eq!(schulen[1].text("schwerpunkt").as_deref(), Some("B1"));
    assert_eq!(rows["deckblatt"][0].money("summe_verausgabt"), Some(Cent(3_000_000)));
}

#[test]
fn the_form_of_every_traeger_in_the_register_comes_back_as_it_was_filled() {
    let form = form();
    let register = real_form::register().expect("the register");
    assert!(register.len() > 140, "{}", register.len());
    for vordruck in register {
        let workbook = write(&form, &vordruck, &real_form::filled(&vordruck)).expect("a workbook");
        let examination = examine(&form, &vordruck, &workbook).expect("readable");
        assert_eq!(examination.findings, [], "{}", vordruck.traeger.nummer);
        let rows = examination.rows.expect("rows");
        let numbers: Vec<_> = rows["schulen"].iter().map(|row| row.text("schulnummer")).collect();
        let schulen = vordruck.schulen.iter().map(|schule| Some(schule.nummer.to_string()));
        assert_eq!(numbers, schulen.collect::<Vec<_>>());
    }
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    assert_eq!(
        empty(),
        write(&form(), &vordruck(), &Eintraege::default()).expect("a workbook")
    );
}

#[test]
fn three_wrong_cells_give_three_hints_with_their_cells() {
    let wrong = fill(
        &filled(),
        "Schulen",
        &[
            ("H5", Typed::Text("ca. 12.000 €")),
            ("I6", Typed::Number("-3")),
            ("O7", Typed::Text("Lesen und so")),
        ],
    );
    expect_test::expect![[r#"
        Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „ca. 12.000 €“. Erwartet wird ein Betrag als Zahl. Geben Sie nur die Zahl ein, zum Beispiel 12000,00. [V2]
        Blatt „Schulen“, Zelle I6 (davon Honorare/Personal), Duisburg, GG Zwei: Eingetragen ist „-3,00 €“. Erwartet wird ein Betrag von mindestens 0,00 €. Geben Sie 0,00 € oder mehr ein. [V3]
        Blatt „Schulen“, Zelle O7 (Schwerpunkt der Verwendung), Duisburg, KG Drei: Eingetragen ist „Lesen und so“. Erwartet wird ein Eintrag aus der Liste. Wählen Sie aus: B1 – Deutsch, Lesen, Schreiben; B2 – Mathematik; B3 – Sozial-emotionale Kompetenzen, Persönlichkeit; B4 – Berufliche Orientierung; B5 – Schul- und Unterrichtsentwicklung, Diagnostik; B6 – Fortbildung, Professionalisierung; B7 – Elternarbeit, Übergänge, Sozialraum; B8 – Ausstattung mit Lern- und Fördermaterial. [V16]
    "#]].assert_eq(&hints(&wrong));
}

#[test]
fn an_empty_form_is_told_what_is_missing_column_by_column() {
    expect_test::expect![[r#"
        Blatt „Deckblatt“, Zelle B14 (Mittel zweckentsprechend verwendet): Die Zelle ist leer. Erwartet wird „ja“ oder „nein“. Wählen Sie „ja“ oder „nein“ aus der Liste. [V1]
        Blatt „Deckblatt“, Zelle B15 (Angaben vollständig und richtig): Die Zelle ist leer. Erwartet wird „ja“ oder „nein“. Wählen Sie „ja“ oder „nein“ aus der Liste. [V1]
        Blatt „Deckblatt“, Zelle B16 (Belege liegen vor): Die Zelle ist leer. Erwartet wird „ja“ oder „nein“. Wählen Sie „ja“ oder „nein“ aus der Liste. [V1]
        Blatt „Schulen“, Zellen H5 bis H7 (Verausgabtes Chancenbudget): Die Zellen sind leer. Erwartet wird ein Betrag. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
        Blatt „Schulen“, Zellen I5 bis I7 (davon Honorare/Personal): Die Zellen sind leer. Erwartet wird ein Betrag. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
        Blatt „Schulen“, Zellen J5 bis J7 (davon Dienstleistungen Dritter): Die Zellen sind leer. Erwartet wird ein Betrag. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
        Blatt „Schulen“, Zellen K5 bis K7 (davon Sachmittel/Lizenzen): Die Zellen sind leer. Erwartet wird ein Betrag. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
        Blatt „Schulen“, Zellen L5 bis L7 (davon Fortbildung): Die Zellen sind leer. Erwartet wird ein Betrag. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
        Blatt „Schulen“, Zellen M5 bis M7 (davon außerschulische Lernorte/Fahrten): Die Zellen sind leer. Erwartet wird ein Betrag. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
        Blatt „Schulen“, Zellen N5 bis N7 (davon Sonstiges): Die Zellen sind leer. Erwartet wird ein Betrag. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
    "#]].assert_eq(&hints(&empty()));
}
