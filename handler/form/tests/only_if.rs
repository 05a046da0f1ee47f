//! A sheet that only some Träger have: „only_if“.

mod common;

use common::codes_of;
use form::testing::{Typed, fill, vordruck};
use form::{Cent, Eintraege, Form, Vordruck, ausfuellhilfe, changes, examine, write};

const DEFINITION: &str = r#"kennung = "probe"
version = "1"
title = "Probe"
[[sheet]]
id = "blatt"
title = "Blatt"
kind = "once"
[[sheet.field]]
id = "anmerkung"
label = "Anmerkung"
kind = "text"
[[sheet.field]]
id = "gesamt"
label = "Gesamt"
kind = "computed"
formula = "summe(reste.verwendet) + anzahl(reste)"
[[sheet]]
id = "reste"
title = "Reste"
kind = "per_school"
only_if = "uebertrag"
[[sheet.field]]
id = "schulnummer"
label = "Schulnummer"
kind = "schulnummer"
prefill = "schule.nummer"
[[sheet.field]]
id = "uebertrag"
label = "Übertrag"
kind = "money"
prefill = "zuweisung.uebertrag"
[[sheet.field]]
id = "verwendet"
label = "Verwendet"
kind = "money"
required = true
[[rule]]
kind = "at_most"
sheet = "reste"
field = "verwendet"
bound = "uebertrag"
"#;

fn form() -> Form {
    Form::parse(DEFINITION).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn with_rest(cent: i64) -> Vordruck {
    let mut vordruck = vordruck(&["Eins", "Zwei"]);
    vordruck.schulen[1].uebertrag = Cent(cent);
    vordruck
}

fn handed_out(vordruck: &Vordruck) -> Vec<u8> {
    write(&form(), vordruck, &Eintraege::default()).expect("a workbook")
}

#[test]
fn who_has_nothing_to_report_there_gets_a_form_without_the_sheet() {
    let none = with_rest(0);
    let workbook = fill(&handed_out(&none), "Blatt", &[("B4", Typed::Text("nichts"))]);
    assert!(form::testing::part(&workbook, "xl/workbook.xml").contains("Blatt"));
    assert!(!form::testing::part(&workbook, "xl/workbook.xml").contains("Reste"));
    let read = examine(&form(), &none, &workbook).expect("readable");
    assert_eq!(codes_of(&read), "");
    let rows = read.rows.expect("rows");
    assert!(rows["reste"].is_empty());
    assert_eq!(rows["blatt"][0].get("gesamt"), Some(&form::Value::Money(Cent(0))));
}

#[test]
fn who_has_something_gets_the_sheet_with_all_schools_and_must_fill_it_in() {
    let some = with_rest(500_000);
    let empty = fill(&handed_out(&some), "Blatt", &[("B4", Typed::Text("etwas"))]);
    let read = examine(&form(), &some, &empty).expect("readable");
    assert_eq!(codes_of(&read), "V1 Reste C5, C6\n");

    let typed = [("C5", Typed::Number("0")), ("C6", Typed::Number("5000.01"))];
    let read = examine(&form(), &some, &fill(&empty, "Reste", &typed)).expect("readable");
    assert_eq!(codes_of(&read), "V5 Reste C6\n");

    let typed = [("C5", Typed::Number("0")), ("C6", Typed::Number("5000"))];
    let read = examine(&form(), &some, &fill(&empty, "Reste", &typed)).expect("readable");
    assert_eq!(codes_of(&read), "");
    assert_eq!(read.rows.expect("rows")["reste"].len(), 2);
}

#[test]
fn the_ausfuellhilfe_says_for_whom_the_sheet_is() {
    let hilfe = ausfuellhilfe(&form());
    let art = &hilfe.blaetter[1].art;
    assert_eq!(
        art,
        "eine Zeile je Schule; nur dabei, wenn für eine Ihrer Schulen „Übertrag“ vorgegeben ist"
    );
}

#[test]
fn a_condition_that_no_school_could_meet_is_refused_and_another_one_breaks_a_running_runde() {
    let refused = Form::parse(&DEFINITION.replace("only_if = \"uebertrag\"", "only_if = \"verwendet\""));
    let problem = &refused.expect_err("no source")[0];
    assert_eq!((problem.line, problem.column), (21, 11));
    assert_eq!(
        problem.message,
        "Feld mit Vorgaben je Schule „verwendet“ gibt es nicht."
    );
    let always = Form::parse(&DEFINITION.replace("only_if = \"uebertrag\"\n", "")).expect("a form");
    let changes = changes(&form(), &always);
    assert!(changes.iter().any(|change| !change.is_compatible));
}
