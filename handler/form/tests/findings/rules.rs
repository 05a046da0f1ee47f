//! Do the cells fit together?

use crate::common::{codes, codes_of, deckblatt, empty, examined, filled, form, schulen, vordruck};
use crate::{cell, check, examined_as};
use expect_test::expect;
use form::testing::Typed::{Nothing, Number, Text};
use form::testing::fill;
use form::{Cent, Eintraege, Vordruck, examine, write};

#[test]
fn more_than_was_available_is_named() {
    check(
        &schulen(&[("H5", Number("10000.01")), ("I5", Number("10000.01"))]),
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „10.000,01 €“. Erwartet wird höchstens 10.000,00 €, so viel stand zur Verfügung. Prüfen Sie den Betrag. Wurde mehr ausgegeben, tragen Sie nur den Teil ein, der aus dem Chancenbudget stammt. [V5]
        "#]],
    );
}

#[test]
fn parts_that_do_not_add_up_are_named_with_the_difference() {
    check(
        &schulen(&[("I5", Number("4999.99"))]),
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „5.000,00 €“. Erwartet wird die Summe der Teilbeträge (Spalten I bis N), sie ergibt 4.999,99 €. Die Teilbeträge liegen zusammen 0,01 € unter dem Gesamtbetrag. Ändern Sie den Gesamtbetrag oder die Teilbeträge. [V6]
        "#]],
    );
}

#[test]
fn what_is_needed_because_of_another_cell_says_why() {
    check(
        &schulen(&[("R5", Nothing), ("O6", Nothing)]),
        expect![[r#"
            Blatt „Schulen“, Zelle R5 (Grund (bei Rest)), Duisburg, GG Eins: Die Zelle ist leer. Erwartet wird ein Eintrag aus der Liste. An dieser Schule blieb Geld übrig. Wählen Sie einen Eintrag aus der Liste. [V7]
            Blatt „Schulen“, Zelle O6 (Schwerpunkt der Verwendung), Duisburg, GG Zwei: Die Zelle ist leer. Erwartet wird ein Eintrag aus der Liste. An dieser Schule wurden Mittel verausgabt. Wählen Sie einen Eintrag aus der Liste. [V7]
        "#]],
    );
    assert_eq!(codes(&deckblatt(&[("B14", Text("nein"))])), "V7 Deckblatt B17\n");
    assert_eq!(
        codes(&deckblatt(&[
            ("B14", Text("nein")),
            ("B17", Text("Ein Gerät wurde erstattet."))
        ])),
        ""
    );
}

#[test]
fn only_more_than_a_tenth_of_sonstiges_needs_a_note() {
    let with_sonstiges = |personal, sonstiges| codes(&schulen(&[("I5", Number(personal)), ("N5", Number(sonstiges))]));
    assert_eq!(with_sonstiges("4500", "500"), "");
    assert_eq!(with_sonstiges("4499.99", "500.01"), "V7 Schulen S5\n");
}

#[test]
fn a_confirmation_that_says_no_is_not_taken() {
    check(
        &deckblatt(&[("B15", Text("nein"))]),
        expect![[r#"
            Blatt „Deckblatt“, Zelle B15 (Angaben vollständig und richtig): Eingetragen ist „nein“. Erwartet wird „ja“, bevor die Meldung eingereicht werden kann. Prüfen Sie Ihre Angaben und wählen Sie dann „ja“. [V8]
        "#]],
    );
}

#[test]
fn the_same_schwerpunkt_twice_is_named() {
    check(
        &schulen(&[("P5", Text("B1"))]),
        expect![[r#"
            Blatt „Schulen“, Zelle P5 (Zweiter Schwerpunkt), Duisburg, GG Eins: Eingetragen ist „B1 – Deutsch, Lesen, Schreiben“. Erwartet wird ein anderer Eintrag als in „Schwerpunkt der Verwendung“. Wählen Sie einen anderen Eintrag oder lassen Sie die Zelle leer. [V15]
        "#]],
    );
}

#[test]
fn addresses_must_go_and_what_may_be_a_number_or_a_name_is_asked() {
    assert_eq!(cell("S5", Text("Fragen an lena@stadt.de")), "V11 Schulen S5\n");
    for maybe in [
        "Tel. 0203 2832000",
        "Rechnung 0815-4711-2026 folgt",
        "Kassenzeichen 0300 1234 5678",
    ] {
        assert_eq!(cell("S5", Text(maybe)), "V11 Schulen S5 bestaetigen\n", "{maybe}");
    }
    assert_eq!(
        cell("S5", Text("Abgestimmt mit Frau Yildiz")),
        "V11 Schulen S5 bestaetigen\n"
    );
    assert_eq!(
        codes(&deckblatt(&[("B17", Text("Herr Meier weiß mehr"))])),
        "V11 Deckblatt B17 bestaetigen\n"
    );
    let examination = examined(&schulen(&[("S5", Text("Abgestimmt mit Frau Yildiz"))]));
    assert!(examination.rows.is_some(), "what can be confirmed has rows");
}

#[test]
fn a_traeger_that_spent_nothing_says_so_once() {
    let nothing = [("B13", "ja"), ("B14", "ja"), ("B15", "ja"), ("B16", "ja")].map(|(name, text)| (name, Text(text)));
    let examination = examined(&fill(&empty(), "Deckblatt", &nothing));
    assert_eq!(examination.findings, []);
    let rows = examination.rows.expect("rows");
    for row in &rows["schulen"] {
        assert_eq!(
            (row.money("verausgabt"), row.money("davon_personal")),
            (Some(Cent(0)), Some(Cent(0)))
        );
        assert_eq!(row.money("rest"), row.money("zugewiesen"));
    }
}

#[test]
fn a_traeger_that_spent_nothing_cannot_have_spent_something() {
    let contradiction = codes(&deckblatt(&[("B13", Text("ja"))]));
    assert_eq!(contradiction, "V13 Schulen H5\nV13 Schulen H6\nV13 Schulen H7\n");
}

#[test]
fn a_school_that_spent_nothing_needs_no_parts() {
    let parts = ["I5", "J5", "K5", "L5", "M5", "N5", "O5"].map(|name| (name, Nothing));
    let workbook = fill(&schulen(&parts), "Schulen", &[("H5", Number("0"))]);
    check(
        &workbook,
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „0,00“. An dieser Schule wurden keine Mittel verausgabt. Stimmt das, ist nichts zu tun. [W1]
        "#]],
    );
    let rows = examined(&workbook).rows.expect("a hint is no error");
    assert_eq!(rows["schulen"][0].money("davon_sonstiges"), Some(Cent(0)));
    // A part of nothing is named where it stands, and the total is not blamed as well.
    let contradiction = fill(&workbook, "Schulen", &[("J5", Number("7"))]);
    assert_eq!(codes(&contradiction), "W1 Schulen H5 hinweis\nV13 Schulen J5\n");
}

#[test]
fn a_great_difference_to_the_last_report_is_asked() {
    let last = |euros: i64| {
        move |vordruck: &mut Vordruck| {
            vordruck.schulen[0]
                .letztes_mal
                .insert("verausgabt".to_owned(), Cent(euros * 100));
        }
    };
    assert_eq!(examined_as(last(3333), &filled()), "W3 Schulen H5 bestaetigen\n");
    assert_eq!(examined_as(last(10_000), &filled()), "");
    assert_eq!(examined_as(last(0), &filled()), "");
}

#[test]
fn whole_thousands_everywhere_are_remarked_from_five_schools_on() {
    let mut vordruck = vordruck();
    for n in 4..=5 {
        let nummer = form::Schulnummer::parse(&format!("10009{n}")).expect("six digits");
        let school = form::Schule {
            nummer,
            kurzbezeichnung: format!("GG {n}"),
            ..vordruck.schulen[0].clone()
        };
        vordruck.schulen.push(school);
    }
    let mut eintraege = Eintraege::default();
    for field in ["zweck_bestaetigt", "vollstaendig_bestaetigt", "belege_liegen_vor"] {
        eintraege.put("deckblatt", 0, field, form::Cell::Text("ja".to_owned()));
    }
    for line in 0..5 {
        for (field, euros) in [
            ("verausgabt", 2000.0),
            ("davon_personal", 2000.0),
            ("davon_sachmittel", 0.0),
        ] {
            eintraege.put("schulen", line, field, form::Cell::Number(euros));
        }
        for field in [
            "davon_dienstleistungen",
            "davon_fortbildung",
            "davon_lernorte",
            "davon_sonstiges",
        ] {
            eintraege.put("schulen", line, field, form::Cell::Number(0.0));
        }
        eintraege.put("schulen", line, "schwerpunkt", form::Cell::Text("B2".to_owned()));
        eintraege.put("schulen", line, "rest_grund", form::Cell::Text("R1".to_owned()));
    }
    let workbook = write(&form(), &vordruck, &eintraege).expect("a workbook");
    let examination = examine(&form(), &vordruck, &workbook).expect("readable");
    assert_eq!(codes_of(&examination), "W2 Schulen hinweis\n");
}
