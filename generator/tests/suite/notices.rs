//! A privacy notice that lacks something fails, and the check looks inside the section that is named.

use expect_test::{Expect, expect};

use crate::project::Project;

const NOTICE: &str = "datenschutz/index.md";

/// Changes one thing in the notice of the fixture and compares the problems.
fn check(old: &str, new: &str, expected: Expect) {
    Project::new().replace(NOTICE, old, new).check(expected);
}

#[test]
fn every_item_must_be_answered() {
    check(
        "bereitstellung = \"bereitstellung\"\n",
        "",
        expect![[r#"
            E-DSGVO-ANGABE datenschutz/index.md:8:1 ‹[notice.items]›: Dem Hinweis fehlt eine Angabe nach Art. 13 DSGVO: die Pflicht zur Bereitstellung (bereitstellung). Ergänzen Sie unter [notice.items] bereitstellung = "kennung-der-ueberschrift".
        "#]],
    );
    check(
        "bereitstellung = \"bereitstellung\"\n",
        "bereitstelung = \"bereitstellung\"\n",
        expect![[r#"
            E-DSGVO-ANGABE datenschutz/index.md:8:1 ‹[notice.items]›: Dem Hinweis fehlt eine Angabe nach Art. 13 DSGVO: die Pflicht zur Bereitstellung (bereitstellung). Ergänzen Sie unter [notice.items] bereitstellung = "kennung-der-ueberschrift".
            E-ANGABE-UNBEKANNT datenschutz/index.md:25:1 ‹bereitstelung = ›: Der Abschnitt [notice.items] kennt die Angabe „bereitstelung“ nicht. Meinten Sie „bereitstellung“?
        "#]],
    );
}

#[test]
fn the_heading_must_exist_and_have_a_text() {
    check(
        "drittland = \"drittland\"",
        "drittland = \"drittstaat\"",
        expect![[r#"
            E-DSGVO-UEBERSCHRIFT datenschutz/index.md:15:13 ‹"drittstaat"›: Die Seite hat keine Überschrift mit der Kennung „drittstaat“ (die Übermittlung in ein Drittland). Geben Sie der passenden Überschrift die Kennung {#drittstaat}.
        "#]],
    );
    check(
        "Eine Übermittlung findet nicht statt.",
        "",
        expect![[r#"
            E-DSGVO-INHALT datenschutz/index.md:15:13 ‹"drittland"›: Unter „drittland“ steht nichts (die Übermittlung in ein Drittland). Schreiben Sie den Abschnitt.
        "#]],
    );
}

#[test]
fn each_item_holds_what_it_needs_in_its_own_section() {
    check(
        "Musterstraße 1, 40221 Düsseldorf, Telefon 0211 123456",
        "Düsseldorf",
        expect![[r#"
            E-DSGVO-INHALT datenschutz/index.md:9:20 ‹"verantwortliche›: Unter „verantwortlicher“ fehlt eine Anschrift mit Postleitzahl und Ort (der Verantwortliche). Ergänzen Sie die Angabe in diesem Abschnitt; anderswo auf der Seite zählt sie nicht.
            E-DSGVO-INHALT datenschutz/index.md:9:20 ‹"verantwortliche›: Unter „verantwortlicher“ fehlt eine Anschrift mit Straße und Hausnummer (der Verantwortliche). Ergänzen Sie die Angabe in diesem Abschnitt; anderswo auf der Seite zählt sie nicht.
            E-DSGVO-INHALT datenschutz/index.md:9:20 ‹"verantwortliche›: Unter „verantwortlicher“ fehlt eine Telefonnummer oder E-Mail-Adresse (der Verantwortliche). Ergänzen Sie die Angabe in diesem Abschnitt; anderswo auf der Seite zählt sie nicht.
        "#]],
    );
    check(
        "datenschutz@muster.nrw",
        "die Beauftragte",
        expect![[r#"
            E-DSGVO-INHALT datenschutz/index.md:10:27 ‹"beauftragte"›: Unter „beauftragte“ fehlt eine E-Mail-Adresse (die oder der Datenschutzbeauftragte). Ergänzen Sie die Angabe in diesem Abschnitt; anderswo auf der Seite zählt sie nicht.
        "#]],
    );
    check(
        "Art. 6 Abs. 1 Buchst. e DSGVO.",
        "Das Gesetz erlaubt es.",
        expect![[r#"
            E-DSGVO-INHALT datenschutz/index.md:12:20 ‹"protokolle-grun›: Unter „protokolle-grundlage“ fehlt „Art. 6“ (die Rechtsgrundlagen). Ergänzen Sie die Angabe in diesem Abschnitt; anderswo auf der Seite zählt sie nicht.
            E-DSGVO-INHALT datenschutz/index.md:32:13 ‹"protokolle-grun›: Unter „protokolle-grundlage“ fehlt „Art. 6“ (die Rechtsgrundlage). Ergänzen Sie die Angabe in diesem Abschnitt; anderswo auf der Seite zählt sie nicht.
        "#]],
    );
    check(
        "15, 16, 17 und 18",
        "15, 16 und 18",
        expect![[r#"
            E-DSGVO-INHALT datenschutz/index.md:19:13 ‹"rechte"›: Unter „rechte“ fehlt „Art. 17“ (das Recht auf Löschung). Ergänzen Sie die Angabe in diesem Abschnitt; anderswo auf der Seite zählt sie nicht.
        "#]],
    );
    check(
        "Nach Art. 77 DSGVO bei der LDI, Kavalleriestraße 2–4, 40213 Düsseldorf.",
        "Bei der Aufsicht können Sie sich beschweren.",
        expect![[r#"
            E-DSGVO-INHALT datenschutz/index.md:24:14 ‹"beschwerde"›: Unter „beschwerde“ fehlt eine Anschrift mit Postleitzahl und Ort (das Beschwerderecht). Ergänzen Sie die Angabe in diesem Abschnitt; anderswo auf der Seite zählt sie nicht.
            E-DSGVO-INHALT datenschutz/index.md:24:14 ‹"beschwerde"›: Unter „beschwerde“ fehlt „Art. 77“ (das Beschwerderecht). Ergänzen Sie die Angabe in diesem Abschnitt; anderswo auf der Seite zählt sie nicht.
        "#]],
    );
}

#[test]
fn the_right_to_object_stands_under_a_heading_of_its_own() {
    let project = Project::new();
    project.replace(NOTICE, "17 und 18 DSGVO", "17, 18 und 21 DSGVO").replace(NOTICE, "widerspruch = \"widerspruch\"", "widerspruch = \"rechte\"").check(expect![[r#"
        E-DSGVO-WIDERSPRUCH datenschutz/index.md:22:15 ‹"rechte"›: Das Widerspruchsrecht braucht eine eigene Überschrift; „rechte“ steht auch bei auskunft. Art. 21 Abs. 4 DSGVO verlangt, dass es von anderen Angaben getrennt steht.
    "#]]);
}

#[test]
fn an_item_falls_away_only_where_no_legal_basis_brings_it_about() {
    check(
        "Art. 6 Abs. 1 Buchst. e DSGVO.",
        "Art. 6 Abs. 1 Buchst. a DSGVO.",
        expect![[r#"
            E-DSGVO-ENTFAELLT datenschutz/index.md:21:34 ‹"Alles beruht au›: Das Recht auf Datenübertragbarkeit kann nicht entfallen: Der Abschnitt „protokolle“ stützt sich auf Art. 6 Abs. 1 Buchst. a DSGVO. Beschreiben Sie das Recht in einem Abschnitt, oder prüfen Sie die Rechtsgrundlage.
            E-DSGVO-ENTFAELLT datenschutz/index.md:23:26 ‹"Es gibt keine E›: Der Widerruf einer Einwilligung kann nicht entfallen: Der Abschnitt „protokolle“ stützt sich auf Art. 6 Abs. 1 Buchst. a DSGVO. Beschreiben Sie das Recht in einem Abschnitt, oder prüfen Sie die Rechtsgrundlage.
        "#]],
    );
    check(
        "auskunft = \"rechte\"",
        "auskunft = { entfaellt = \"zu aufwendig\" }",
        expect![[r#"
            E-DSGVO-ENTFAELLT datenschutz/index.md:17:26 ‹"zu aufwendig" }›: Diese Angabe darf nicht entfallen: das Recht auf Auskunft. Schreiben Sie einen Abschnitt und nennen Sie seine Überschrift: auskunft = "…".
        "#]],
    );
}

#[test]
fn each_processing_section_has_its_four_parts_inside_it() {
    check(
        "zweck = \"protokolle-zweck\"\ngrundlage",
        "grundlage",
        expect![[r#"
            E-ANGABE-FEHLT datenschutz/index.md:28:1 ‹[[notice.section›: Ein Abschnitt [[notice.section]] braucht die Angabe „zweck“. Ergänzen Sie eine Zeile zweck = "…".
        "#]],
    );
    check(
        "daten = \"protokolle-daten\"",
        "daten = \"empfaenger\"",
        expect![[r#"
            E-DSGVO-ABSCHNITT datenschutz/index.md:30:9 ‹"empfaenger"›: Die Überschrift „empfaenger“ steht nicht im Abschnitt „protokolle“. Verschieben Sie die Überschrift in den Abschnitt, oder nennen Sie eine andere.
        "#]],
    );
}

#[test]
fn the_period_is_printed_from_the_deletion_concept() {
    check(
        "{{ frist(id=\"serverprotokoll\", fall=\"dativ\") }}",
        "sieben Tagen",
        expect![[r#"
            E-DSGVO-FRIST datenschutz/index.md:34:18 ‹"serverprotokoll›: Unter „protokolle-dauer“ steht die Frist der Löschklasse „serverprotokoll“ nicht. Geben Sie sie dort aus mit {{ frist(id="serverprotokoll") }}.
        "#]],
    );
    check(
        "loeschklassen = [\"serverprotokoll\"]",
        "loeschklassen = [\"serverprotokol\"]",
        expect![[r#"
            E-LOESCHKLASSE datenschutz/index.md:34:18 ‹"serverprotokol"›: Die Löschklasse „serverprotokol“ steht nicht in loeschkonzept.toml. Meinten Sie „serverprotokoll“?
        "#]],
    );
    check(
        "loeschklassen = [\"serverprotokoll\"]",
        "",
        expect![[r#"
            E-DSGVO-FRIST datenschutz/index.md:29:6 ‹"protokolle"›: Der Abschnitt „protokolle“ nennt keine Löschklasse. Ergänzen Sie loeschklassen = ["…"] mit Kennungen aus loeschkonzept.toml.
        "#]],
    );
}
