//! What is wrong in a workbook is said at its place, once, with what to do.

mod common;

use common::{codes, codes_of, deckblatt, empty, examined, filled, form, hints, schulen, vordruck};
use expect_test::{Expect, expect};
use form::testing::Typed::{Formula, Nothing, Number, Text};
use form::testing::{Typed, edit, fill, part};
use form::{Cent, Eintraege, Form, Vordruck, examine, write};

fn check(workbook: &[u8], expected: Expect) {
    expected.assert_eq(&hints(workbook));
}

/// What is said about one cell of the sheet „Schulen“.
fn cell(name: &str, typed: Typed<'_>) -> String {
    codes(&schulen(&[(name, typed)]))
}

fn examined_as(change: impl FnOnce(&mut Vordruck), workbook: &[u8]) -> String {
    let mut vordruck = vordruck();
    change(&mut vordruck);
    codes_of(&examine(&form(), &vordruck, workbook).expect("readable"))
}

// Is this our form?

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

// Does each cell hold what it should?

#[test]
fn blanks_are_named_and_blank_signs_are_blanks() {
    assert_eq!(cell("H5", Nothing), "V1 Schulen H5\n");
    assert_eq!(cell("H5", Text(" \u{a0}\u{200b}")), "V1 Schulen H5\n");
    assert_eq!(codes(&deckblatt(&[("B14", Nothing)])), "V1 Deckblatt B14\n");
}

#[test]
fn amounts_are_read_however_they_were_typed() {
    for typed in [
        Number("5000"),
        Number("5E3"),
        Number("5000.000000000001"),
        Text("5.000,00 €"),
        Text("5000"),
        Text("5 000,00\u{202f}EUR"),
        Text("5.000,-"),
        Formula("2500+2500", Some("5000")),
    ] {
        assert_eq!(cell("H5", typed), "", "{typed:?}");
    }
}

#[test]
fn amounts_that_nobody_can_be_sure_of_are_asked_back() {
    check(
        &schulen(&[("H5", Text("5.000"))]),
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „5.000“. Erwartet wird ein Betrag, der sich nur auf eine Weise lesen lässt. Geben Sie bei vollen Euro 5000,00 ein, sonst den Betrag mit Komma und zwei Nachkommastellen. [V2]
        "#]],
    );
    for text in ["k.A.", "ca. 5.000 €", "5000 (geschätzt)", "5 Tsd.", "01.05.2026"] {
        assert_eq!(cell("H5", Text(text)), "V2 Schulen H5\n", "{text}");
    }
}

#[test]
fn too_many_decimals_and_negative_amounts_are_named() {
    assert_eq!(cell("H5", Number("5000.005")), "V4 Schulen H5\n");
    assert_eq!(cell("H5", Text("5000,123")), "V4 Schulen H5\n");
    check(
        &schulen(&[("H5", Number("-0.01"))]),
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „-0,01 €“. Erwartet wird ein Betrag von mindestens 0,00 €. Geben Sie 0,00 € oder mehr ein. [V3]
        "#]],
    );
}

#[test]
fn amounts_beyond_all_measure_do_no_harm() {
    let huge = Number("1E+300");
    assert_eq!(cell("H5", Number("1E+300")), "V2 Schulen H5\n");
    let workbook = schulen(&[("H5", huge), ("H6", huge), ("H7", Text("9999999999999999999"))]);
    let examination = examined(&workbook);
    write(&form(), &vordruck(), &examination.eintraege).expect("a Korrekturfassung");
}

#[test]
fn a_date_in_a_cell_for_amounts_is_shown_as_people_see_it() {
    let style = part(&filled(), "xl/worksheets/sheet2.xml");
    let style = style
        .split("<c r=\"B7\" s=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a date's style");
    let dated = edit(&filled(), "xl/worksheets/sheet3.xml", |xml| {
        let start = xml.find("<c r=\"H5\"").expect("H5");
        let end = start + xml[start..].find("</c>").expect("its end") + 4;
        format!(
            "{}<c r=\"H5\" s=\"{style}\"><v>46143</v></c>{}",
            &xml[..start],
            &xml[end..]
        )
    });
    let found = examined(&dated).findings;
    assert_eq!((found[0].code.as_str(), found[0].read.as_str()), ("V2", "01.05.2026"));
}

#[test]
fn choices_are_taken_by_code_or_label_and_nothing_else() {
    for text in [
        "B1",
        "b1",
        "Deutsch, Lesen, Schreiben",
        "B1 - Deutsch, Lesen, Schreiben",
        "B1–deutsch,lesen,schreiben",
        "B1 \u{2011} Deutsch, Lesen, Schreiben",
        "B1: Deutsch, Lesen, Schreiben",
        "B1 Deutsch, Lesen, Schreiben",
        "„B1“",
        "(B1)",
        "B1 –",
    ] {
        assert_eq!(cell("O5", Text(text)), "", "{text}");
    }
    for text in ["B9", "B1/B2", "Deutsch", ".", "–"] {
        assert_eq!(cell("O5", Text(text)), "V16 Schulen O5\n", "{text}");
    }
    assert_eq!(cell("O5", Text("B1, B2")), "V16 Schulen O5\n");
}

#[test]
fn yes_and_no_are_taken_as_people_write_them() {
    for yes in ["ja", "Ja ", "J", "x"] {
        assert_eq!(codes(&deckblatt(&[("B15", Text(yes))])), "", "{yes}");
    }
    check(
        &deckblatt(&[("B16", Text("teilweise"))]),
        expect![[r#"
            Blatt „Deckblatt“, Zelle B16 (Belege liegen vor): Eingetragen ist „teilweise“. Erwartet wird „ja“ oder „nein“. Wählen Sie „ja“ oder „nein“ aus der Liste. [V16]
        "#]],
    );
}

#[test]
fn error_values_are_called_as_excel_calls_them_and_only_in_input_cells() {
    let with_error = |name: &str, error: &str| {
        edit(&filled(), "xl/worksheets/sheet3.xml", |xml| {
            let start = xml.find(&format!("<c r=\"{name}\"")).expect("the cell");
            let end = start + xml[start..].find("</c>").expect("its end") + 4;
            format!(
                "{}<c r=\"{name}\" t=\"e\"><f>A1</f><v>{error}</v></c>{}",
                &xml[..start],
                &xml[end..]
            )
        })
    };
    check(
        &with_error("H5", "#REF!"),
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „#BEZUG!“. Erwartet wird ein Wert, hier steht die Fehlermeldung einer Formel. Ersetzen Sie die Formel durch den Wert. [V9]
        "#]],
    );
    let newer = examined(&with_error("H5", "#SPILL!")).findings;
    assert_eq!((newer[0].code.as_str(), newer[0].read.as_str()), ("V9", "#ÜBERLAUF!"));
    assert_eq!(codes(&with_error("Q5", "#REF!")), "");
}

#[test]
fn a_text_that_looks_like_an_error_is_a_text() {
    assert_eq!(cell("S5", Text("#Lesen!")), "");
}

#[test]
fn formulas_without_a_result_say_what_to_do() {
    check(
        &schulen(&[("H5", Formula("1+1", None))]),
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „=…“. Erwartet wird ein Wert, hier steht eine Formel, deren Ergebnis in der Datei fehlt. Öffnen Sie die Datei in Excel, speichern Sie sie einmal und laden Sie sie erneut hoch. Oder ersetzen Sie die Formel durch den Wert. [V10]
        "#]],
    );
    // Sums are worked out here, whatever their cells hold.
    assert_eq!(cell("Q5", Formula("F5-H5", None)), "");
    assert_eq!(cell("Q5", Formula("F5-H5", Some("0"))), "");
}

#[test]
fn a_long_note_is_counted() {
    let long = "ä".repeat(251);
    let found = examined(&schulen(&[("S5", Text(&long))])).findings;
    assert_eq!(
        (found[0].code.as_str(), found[0].expected.as_str()),
        ("V17", "ein Text mit höchstens 250 Zeichen, es sind 251")
    );
    assert_eq!(cell("S5", Text(&long[2..])), "");
}

#[test]
fn a_hidden_row_is_mentioned() {
    let hidden = edit(&schulen(&[("H6", Nothing)]), "xl/worksheets/sheet3.xml", |xml| {
        xml.replace("<row r=\"6\"", "<row r=\"6\" hidden=\"1\"")
    });
    assert!(
        hints(&hidden).contains("Die Zeile ist ausgeblendet oder weggefiltert. Blenden Sie sie zuerst ein"),
        "{}",
        hints(&hidden)
    );
}

// Do the cells fit together?

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

// How it is said.

#[test]
fn equal_findings_of_one_column_are_one_hint() {
    check(
        &schulen(&[("I5", Text("?")), ("I6", Text("?")), ("I7", Text("k.A."))]),
        expect![[r#"
            Blatt „Schulen“, Zellen I5, I6 (davon Honorare/Personal): Eingetragen ist „?“. Erwartet wird ein Betrag als Zahl. Geben Sie nur die Zahl ein, zum Beispiel 12000,00. [V2]
            Blatt „Schulen“, Zelle I7 (davon Honorare/Personal), Duisburg, KG Drei: Eingetragen ist „k.A.“. Erwartet wird ein Betrag als Zahl. Geben Sie nur die Zahl ein, zum Beispiel 12000,00. [V2]
        "#]],
    );
}

#[test]
fn a_blank_is_all_that_is_said_about_its_cell() {
    // Two rules ask for this note: too much under Sonstiges, and one that the test adds.
    let twice = format!(
        "{}\n[[rule]]\nkind = \"required_if\"\nsheet = \"schulen\"\nfield = \"anmerkung\"\nwenn = \"verausgabt > 0\"\n",
        common::DEFINITION
    );
    let form = Form::parse(&twice).unwrap_or_else(|problems| panic!("{problems:?}"));
    let workbook = schulen(&[
        ("I5", Number("0")),
        ("N5", Number("5000")),
        ("S6", Text("x")),
        ("S7", Text("x")),
    ]);
    assert_eq!(
        codes_of(&examine(&form, &vordruck(), &workbook).expect("readable")),
        "V7 Schulen S5\n"
    );
}

#[test]
fn a_hint_for_every_cell_of_a_huge_form_ends_somewhere() {
    let mut rows = String::new();
    for row in 9..6_000 {
        rows.push_str(&format!(
            "<row r=\"{row}\"><c r=\"B{row}\"><v>{}</v></c></row>",
            200_000 + row
        ));
    }
    let huge = edit(&filled(), "xl/worksheets/sheet3.xml", |xml| {
        xml.replace("</sheetData>", &format!("{rows}</sheetData>"))
    });
    let found = examined(&huge).findings;
    assert_eq!(found.len(), 2_002);
    assert_eq!(
        found[2_001].fix.split('.').next(),
        Some("Es gibt 3991 weitere Hinweise")
    );
}

#[test]
fn the_korrekturfassung_holds_what_was_typed_and_marks_what_is_wrong() {
    let examination = examined(&schulen(&[("H5", Text("ca. 5.000 €")), ("F6", Number("1"))]));
    let korrektur = write(&form(), &vordruck(), &examination.eintraege).expect("a workbook");
    let again = examined(&korrektur);
    // The locked cell is right again; the typed one is as it was.
    assert_eq!(codes_of(&again), "V2 Schulen H5\n");
    let comments = part(&korrektur, "xl/comments1.xml");
    assert_eq!(comments.matches("<comment ").count(), 1);
    assert!(
        comments.contains("ref=\"H5\"") && comments.contains("Erwartet wird ein Betrag als Zahl."),
        "{comments}"
    );
}

#[test]
fn whatever_was_typed_fits_into_a_korrekturfassung() {
    let long = "x".repeat(40_000);
    let examination = examined(&schulen(&[
        ("S5", Text(&long)),
        ("H5", Text("=1+1")),
        ("O5", Text("\u{7}")),
    ]));
    let korrektur = write(&form(), &vordruck(), &examination.eintraege).expect("a workbook");
    assert!(
        !part(&korrektur, "xl/worksheets/sheet3.xml").contains("<f>1+1</f>"),
        "what was typed is never a formula"
    );
}
