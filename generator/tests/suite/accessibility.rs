//! What people who cannot see a page need from it: links, images, tables and headings that say what they are.

use expect_test::expect;

use crate::project::{Project, check_text, page};

#[test]
fn link_texts_say_where_they_lead() {
    check_text(
        "Mehr [hier](@/programm/index.md), <https://www.land.nrw/>\nund unter [www.land.nrw/a](https://www.land.nrw/a), [**Weiterlesen …**](@/index.md), [](@/index.md), [» PDF][liste].\n\n[liste]: /liste.csv",
        expect![[r#"
            E-LINK-TEXT seite.md:4:6 ‹[hier](@/program›: Der Linktext „hier“ sagt nicht, wohin der Link führt. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
            E-LINK-TEXT seite.md:4:35 ‹<https://www.lan›: Der Linktext „https://www.land.nrw/“ sagt nicht, wohin der Link führt. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
            E-LINK-TEXT seite.md:5:11 ‹[www.land.nrw/a]›: Der Linktext „www.land.nrw/a“ sagt nicht, wohin der Link führt. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
            E-LINK-TEXT seite.md:5:53 ‹[**Weiterlesen …›: Der Linktext „Weiterlesen …“ sagt nicht, wohin der Link führt. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
            E-LINK-TEXT seite.md:5:86 ‹[](@/index.md), ›: Der Link hat keinen Text. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
            E-LINK-TEXT seite.md:5:102 ‹[» PDF][liste].›: Der Linktext „» PDF“ sagt nicht, wohin der Link führt. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
        "#]],
    );
}

#[test]
fn link_texts_in_html_say_where_they_lead() {
    check_text(
        "Mehr <a href=\"/programm/\">hier</a> und <a href=\"/liste.csv\"> <em>Download</em></a>.\n\n<p>\n<a href=\"/\"></a>\n<a href=\"https://www.land.nrw/\">https://www.land.nrw/</a>\n</p>",
        expect![[r#"
            E-LINK-TEXT seite.md:4:6 ‹<a href="/progra›: Der Linktext „hier“ sagt nicht, wohin der Link führt. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
            E-LINK-TEXT seite.md:4:40 ‹<a href="/liste.›: Der Linktext „Download“ sagt nicht, wohin der Link führt. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
            E-LINK-TEXT seite.md:7:1 ‹<a href="/"></a>›: Der Link hat keinen Text. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
            E-LINK-TEXT seite.md:8:1 ‹<a href="https:/›: Der Linktext „https://www.land.nrw/“ sagt nicht, wohin der Link führt. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
        "#]],
    );
}

#[test]
fn links_that_name_their_target_are_fine() {
    let project = Project::new();
    project.write(
        "bild.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"3\"></svg>",
    );
    project.write(
        "seite.md",
        page("[Zum Programm](@/programm/index.md), [Liste (CSV, 1 KB)](/liste.csv), [land.nrw](https://www.land.nrw/), <a@b.de>,\n[![Startseite](/bild.svg)](@/index.md), <a href=\"/\" aria-label=\"Zur Startseite\">hier</a>, <a href=\"/\"><img src=\"/bild.svg\" alt=\"Startseite\"></a>, <a id=\"ziel\"></a>"),
    );
    project.check(expect![""]);
}

#[test]
fn images_have_a_description() {
    let project = Project::new();
    project.write(
        "bild.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"3\"></svg>",
    );
    project.write(
        "seite.md",
        page("Ein ![](/bild.svg \"Titel\") und ![ ](/bild.svg), richtig: ![Ein Klassenraum](/bild.svg).\n\n<p>Text\n<img src=\"/bild.svg\"> <img src=\"/bild.svg\" alt=\"\"></p>"),
    );
    project.check(expect![[r#"
        E-BILD-ALT seite.md:4:5 ‹![](/bild.svg "T›: Dem Bild fehlt die Beschreibung für Menschen, die es nicht sehen. Schreiben Sie in die eckigen Klammern, was das Bild zeigt: ![Ein Klassenraum mit Lesenden](/pfad/bild.jpg).
        E-BILD-ALT seite.md:4:32 ‹![ ](/bild.svg),›: Dem Bild fehlt die Beschreibung für Menschen, die es nicht sehen. Schreiben Sie in die eckigen Klammern, was das Bild zeigt: ![Ein Klassenraum mit Lesenden](/pfad/bild.jpg).
        E-BILD-ALT seite.md:7:1 ‹<img src="/bild.›: Dem Bild fehlt die Beschreibung für Menschen, die es nicht sehen. Ergänzen Sie alt="…"; ist das Bild nur Schmuck, schreiben Sie alt="".
    "#]]);
}

#[test]
fn tables_say_what_stands_in_their_columns() {
    check_text(
        "Text\n\n| | |\n|---|---|\n| a | b |\n\n> | |\n> |---|\n> | c |\n\n<table>\n<tr><td>a</td></tr>\n</table>",
        expect![[r#"
            E-TABELLE-KOPF seite.md:6:1 ‹| | |›: Die Kopfzeile der Tabelle ist leer; niemand erfährt, was in den Spalten steht. Schreiben Sie in die erste Zeile der Tabelle, was die Spalten enthalten.
            E-TABELLE-KOPF seite.md:10:3 ‹| |›: Die Kopfzeile der Tabelle ist leer; niemand erfährt, was in den Spalten steht. Schreiben Sie in die erste Zeile der Tabelle, was die Spalten enthalten.
            E-TABELLE-KOPF seite.md:14:1 ‹<table>›: Die Tabelle hat keine Kopfzelle <th>. Schreiben Sie die Tabelle in Markdown, oder nehmen Sie für Überschriften der Spalten <th scope="col">.
        "#]],
    );
}

#[test]
fn tables_with_one_heading_are_fine() {
    check_text(
        "| | Betrag |\n|---|---:|\n| a | b |\n\n<table><tr><th>a</th></tr></table>\n\n<table role=\"presentation\"><tr><td>a</td></tr></table>",
        expect![""],
    );
}

#[test]
fn headings_leave_no_level_out_and_stand_in_markdown() {
    check_text(
        "### Zu tief\n\n## A\n\n### B\n\n## C\n\nD\n===\n\nText <h2>E</h2>\n\n<h3>F</h3>",
        expect![[r#"
            E-UEBERSCHRIFT-EBENE seite.md:4:1 ‹### Zu tief›: Auf Ebene 1 folgt Ebene 3; wer sich vorlesen lässt, sucht die fehlende Ebene. Schreiben Sie ## statt ###.
            E-UEBERSCHRIFT seite.md:12:1 ‹D›: Die Seite hat schon eine Überschrift erster Ordnung: ihren Titel. Beginnen Sie im Text mit „## “.
            E-UEBERSCHRIFT seite.md:15:6 ‹<h2>E</h2>›: <h2> käme nicht ins Inhaltsverzeichnis. Schreiben Sie Überschriften in Markdown, mit ## am Anfang der Zeile.
            E-UEBERSCHRIFT seite.md:17:1 ‹<h3>F</h3>›: <h3> käme nicht ins Inhaltsverzeichnis. Schreiben Sie Überschriften in Markdown, mit ## am Anfang der Zeile.
        "#]],
    );
}

#[test]
fn headings_in_order_are_fine() {
    check_text("## A\n\n### B\n\n#### C\n\n## D\n\n```\n# kein Titel\n```", expect![""]);
}

#[test]
fn a_translation_is_in_another_language() {
    let project = Project::new();
    project.write(
        "programme.md",
        "+++\ntitle = \"Programme\"\ntranslation_of = \"@/programm/index.md\"\n+++\n",
    );
    project.check(expect![[r#"
        E-UEBERSETZUNG programme.md:3:18 ‹"@/programm/inde›: Beide Seiten nennen dieselbe Sprache: de. Nennen Sie im Kopf dieser Seite ihre eigene Sprache, zum Beispiel language = "en".
    "#]]);
    project.replace("programme.md", "translation_of", "language = \"en\"\ntranslation_of");
    project.check(expect![""]);
}

#[test]
fn what_a_page_says_of_its_other_versions_must_be_there() {
    let project = Project::new();
    project.write(
        "seite.md",
        "+++\ntitle = \"Seite\"\nsimple_language = \"@/leichte-sprache/seite.md\"\ntranslation_of = \"@/programm/indx.md\"\n+++\n",
    );
    project.write(
        "andere.md",
        "+++\ntitle = \"Andere\"\nsimple_language = \"http://www.land.nrw/leicht\"\n+++\n",
    );
    project.check(expect![[r#"
        E-UEBERSETZUNG andere.md:3:19 ‹"http://www.land›: Bei simple_language wird eine Seite dieser Site erwartet. Nennen Sie ihre Datei, zum Beispiel @/programm/index.md.
        E-LINK-ZIEL seite.md:3:19 ‹"@/leichte-sprac›: Die Seite „leichte-sprache/seite.md“ gibt es nicht. Meinten Sie „@/leichte-sprache/index.md“?
        E-LINK-ZIEL seite.md:4:18 ‹"@/programm/indx›: Die Seite „programm/indx.md“ gibt es nicht. Meinten Sie „@/programm/index.md“?
    "#]]);
}
