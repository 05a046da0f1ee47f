use super::*;

const SMALL: &str = r#"
kennung = "klein"
version = "1"
title = "Klein"
[[sheet]]
id = "deckblatt"
title = "Deckblatt"
kind = "once"
[[sheet.field]]
id = "betrag"
label = "Betrag"
kind = "money"
"#;

fn problems(more: &str) -> String {
    let source = format!("{}{more}", &SMALL[1..]);
    let found = Form::parse(&source).expect_err("problems");
    found
        .iter()
        .map(|p| format!("{}:{} {}\n", p.line, p.column, p.message))
        .collect()
}

#[test]
fn a_small_form_is_read() {
    let form = Form::parse(SMALL).expect("a form");
    assert_eq!(form.sheets[0].fields[0].column(), "betrag_cent");
}

#[test]
fn all_problems_come_at_once_with_their_places() {
    expect_test::expect![[r#"
            14:8 Feldart „geld“ gibt es nicht.
            15:11 Quelle „traeger.nr“ gibt es nicht.
            18:6 Zwei Felder dieses Blattes haben die id „betrag“.
            20:8 Ein Auswahlfeld braucht seine Werte.
            24:9 Feld „betrog“ gibt es nicht.
            25:9 Feld „ausgabe“ gibt es nicht.
        "#]]
    .assert_eq(&problems(
        r#"[[sheet.field]]
id = "art"
kind = "geld"
prefill = "traeger.nr"
label = "Art"
[[sheet.field]]
id = "betrag"
label = "Zweiter"
kind = "choice"
[[rule]]
kind = "remark_if"
sheet = "deckblatt"
field = "betrog"
wenn = "ausgabe > 3"
text = "x"
"#,
    ));
}

#[test]
fn unknown_keys_hide_neither_each_other_nor_anything_else() {
    expect_test::expect![[r#"
            12:1 Der Schlüssel „farbe“ ist hier nicht bekannt.
            15:1 Der Schlüssel „lable“ ist hier nicht bekannt.
            16:8 Feldart „geld“ gibt es nicht.
            17:1 Der Schlüssel „requried“ ist hier nicht bekannt.
            21:1 Der Schlüssel „feild“ ist hier nicht bekannt.
            21:9 Feld „betrog“ gibt es nicht.
            24:1 Der Schlüssel „prozent“ ist hier nicht bekannt.
        "#]]
    .assert_eq(&problems(
        r#"farbe = "rot"
[[sheet.field]]
id = "art"
lable = "Art"
kind = "geld"
requried = true
[[rule]]
kind = "remark_if"
sheet = "deckblatt"
feild = "betrog"
wenn = "betrag > 3"
text = "x"
prozent = 3
"#,
    ));
}

#[test]
fn expressions_that_could_never_do_what_they_say_are_refused() {
    expect_test::expect![[r#"
            14:9 Ein Blatt mit dem Namen „LISTEN“ gibt es schon.
            23:9 Zwei Felder dieses Blattes heißen „Betrag“.
            29:9 Hier wird eine Bedingung erwartet.
            35:9 Wert „Ja“ gibt es nicht.
            41:9 Das Blatt „zeilen“ hat viele Zeilen, gemeint ist eine.
            47:9 Blatt „zeile“ gibt es nicht.
            51:8 Die Regel „whole_thousands“ gilt nur für Beträge.
        "#]]
    .assert_eq(&problems(
        r#"[[sheet]]
id = "zeilen"
title = "LISTEN"
kind = "free"
rows = 3
[[sheet.field]]
id = "a"
label = "Betrag"
kind = "money"
[[sheet.field]]
id = "b"
label = "Betrag"
kind = "yes_no"
[[rule]]
kind = "required_if"
sheet = "zeilen"
field = "b"
wenn = "a - 3"
[[rule]]
kind = "remark_if"
sheet = "zeilen"
field = "b"
text = "x"
wenn = "b = 'Ja'"
[[rule]]
kind = "remark_if"
sheet = "deckblatt"
field = "betrag"
text = "x"
wenn = "zeilen.a > 3"
[[rule]]
kind = "remark_if"
sheet = "deckblatt"
field = "betrag"
text = "x"
wenn = "anzahl(zeile) > 3"
[[rule]]
sheet = "zeilen"
field = "b"
kind = "whole_thousands"
"#,
    ));
}

#[test]
fn names_that_the_tables_need_for_themselves_are_refused() {
    let found = problems("[[sheet.field]]\nid = \"meldung\"\nlabel = \"M\"\nkind = \"text\"\n");
    assert!(
        found.contains("Die id „meldung“ ist in jeder Tabelle schon vergeben."),
        "{found}"
    );
    let found = Form::parse(&SMALL.replace("\"klein\"", "\"runde\"")).expect_err("a problem");
    assert_eq!(
        found[0].message,
        "Die Kennung „runde“ ist in der Datenbank schon vergeben."
    );
}

#[test]
fn formulas_in_a_circle_are_refused() {
    let found = problems(
        "[[sheet.field]]\nid = \"a\"\nlabel = \"A\"\nkind = \"computed\"\nformula = \"b\"\n[[sheet.field]]\nid = \"b\"\nlabel = \"B\"\nkind = \"computed\"\nformula = \"a\"\n",
    );
    assert!(found.contains("Diese Formel hängt von sich selbst ab."), "{found}");
}
