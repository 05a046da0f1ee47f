//! HTML within Markdown: it closes what it opens, runs and loads nothing, and its links lead somewhere.

use expect_test::expect;

use crate::project::{Project, check_text, page};

#[test]
fn elements_are_closed_in_the_right_order() {
    check_text(
        "<div>\n<p>Text\n\nText </em> und <b>fett <i>beides</b></i>.\n\n<span>offen",
        expect![[r#"
            E-HTML seite.md:4:1 ‹<div>›: <div> wird nicht geschlossen. Öffnen und schließen Sie HTML-Elemente paarweise, das innere vor dem äußeren.
            E-HTML seite.md:7:6 ‹</em> und <b>fet›: </em> schließt nichts. Öffnen und schließen Sie HTML-Elemente paarweise, das innere vor dem äußeren.
            E-HTML seite.md:7:37 ‹</i>.›: <i> steht in <b>, wird aber erst danach geschlossen. Öffnen und schließen Sie HTML-Elemente paarweise, das innere vor dem äußeren.
            E-HTML seite.md:9:1 ‹<span>offen›: <span> wird nicht geschlossen. Öffnen und schließen Sie HTML-Elemente paarweise, das innere vor dem äußeren.
        "#]],
    );
}

#[test]
fn html_that_breaks_off_is_one_problem() {
    check_text(
        "<div>\n\nText\n\n<p class=\"a\n\nText\n\n</div>",
        expect![[r#"
            E-HTML seite.md:8:1 ‹<p class="a›: Das HTML hört mitten in einem Element auf. Ergänzen Sie das fehlende > oder Anführungszeichen.
        "#]],
    );
}

#[test]
fn html_that_fits_is_fine() {
    check_text(
        "<div>\n\nText mit <br> und <em>Betonung</em>.\n\n</div>\n\n<ul>\n<li>a\n<li>b\n</ul>\n\n<!-- ein Satz -->\n\n`<div>` und 1 < 2 & 3",
        expect![""],
    );
}

#[test]
fn a_command_in_html_is_one_problem() {
    check_text(
        "<div>{{ frist(id=\"serverprotokoll\") }}\n</div>",
        expect![[r#"
            E-KURZBEFEHL seite.md:4:6 ‹{{ frist(id="ser›: In HTML wird „{{“ nicht ersetzt. Schreiben Sie den Absatz als Markdown, ohne HTML.
        "#]],
    );
}

#[test]
fn nothing_runs_in_a_page() {
    check_text(
        "<p onclick=\"a()\" STYLE='b'>Text</p>\n\n<style>p { color: red }</style>\n\nText <a href=\"javascript:x()\">Zurück zur Liste</a>\n\n<base href=\"/a/\">\n\n<svg><script>x()</script></svg>",
        expect![[r#"
            E-CSP seite.md:4:4 ‹onclick="a()" ST›: „onclick“ in der Seite verbietet die Content Security Policy. Verlegen Sie Skripte in eine Datei des Themas.
            E-CSP seite.md:4:18 ‹STYLE='b'>Text</›: Stil innerhalb der Seite verbietet die Content Security Policy. Verlegen Sie Stil in eine Datei des Themas.
            E-CSP seite.md:6:1 ‹<style>p { color›: Stil innerhalb der Seite verbietet die Content Security Policy. Verlegen Sie Stil in eine Datei des Themas.
            E-CSP seite.md:8:15 ‹javascript:x()">›: Ein Skript innerhalb der Seite verbietet die Content Security Policy. Verlegen Sie Skripte in eine Datei des Themas.
            E-CSP seite.md:10:1 ‹<base href="/a/"›: <base> verbiegt alle Adressen der Seite. Nehmen Sie das Element heraus.
            E-CSP seite.md:12:6 ‹<script>x()</scr›: Ein Skript innerhalb der Seite verbietet die Content Security Policy. Verlegen Sie Skripte in eine Datei des Themas.
        "#]],
    );
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    check_text(
        "<iframe src=\"https://film.example/1\"></iframe>\n\n<img alt=\"Bild\" src=\"/liste.csv\" srcset=\"/liste.csv 1x, //bild.example/b.png 2x\">\n\n<link rel=\"stylesheet\" href=\"https://stil.example/a.css\">\n\n<video poster=\"http://bild.example/p.png\"></video>",
        expect![[r#"
            E-FREMDE-QUELLE seite.md:4:14 ‹https://film.exa›: „https://film.example/1“ würde von einem fremden Server geladen. Legen Sie die Datei in die Site, oder nehmen Sie {{ zweiklick(…) }}.
            E-FREMDE-QUELLE seite.md:6:57 ‹//bild.example/b›: „//bild.example/b.png“ würde von einem fremden Server geladen. Legen Sie die Datei in die Site, oder nehmen Sie {{ zweiklick(…) }}.
            E-FREMDE-QUELLE seite.md:8:30 ‹https://stil.exa›: „https://stil.example/a.css“ würde von einem fremden Server geladen. Legen Sie die Datei in die Site, oder nehmen Sie {{ zweiklick(…) }}.
            E-FREMDE-QUELLE seite.md:10:16 ‹http://bild.exam›: „http://bild.example/p.png“ würde von einem fremden Server geladen. Legen Sie die Datei in die Site, oder nehmen Sie {{ zweiklick(…) }}.
        "#]],
    );
}

#[test]
fn links_of_html_lead_somewhere() {
    check_text(
        "Von /fehlt/ nach <a href=\"/fehlt/\">Fehlt</a>, <a href=\"#fehlt\">Anker</a>, <a href='/programm/#nirgends'>Programm</a>\nund <a href=\"@/programm/index.md\">Programmseite</a>, <a href=\"programm/\">Ordner</a>, <a href=\"\">Leer</a>, <a href=\"http://www.land.nrw/\">Land</a>.",
        expect![[r#"
            E-AUSGABE-LINK seite.md:4:27 ‹/fehlt/">Fehlt</›: Der Link „/fehlt/“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
            E-AUSGABE-LINK seite.md:4:56 ‹#fehlt">Anker</a›: Der Link „#fehlt“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
            E-AUSGABE-LINK seite.md:4:84 ‹/programm/#nirge›: Der Link „/programm/#nirgends“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
            E-AUSGABE-LINK seite.md:5:14 ‹@/programm/index›: Der Link „@/programm/index.md“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
            E-AUSGABE-LINK seite.md:5:63 ‹programm/">Ordne›: Der Link „programm/“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
            E-AUSGABE-LINK seite.md:5:94 ‹"">Leer</a>, <a ›: Der Link hat kein Ziel. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
            E-LINK-ADRESSE seite.md:5:116 ‹http://www.land.›: Der Link „http://www.land.nrw/“ ist unverschlüsselt. Schreiben Sie die Adresse mit https://.
        "#]],
    );
}

#[test]
fn files_of_html_are_there() {
    check_text(
        "<img alt=\"Bild\" src=\"/fehlt.png\" srcset=\"/liste.csv 1x, /fehlt-2.png 2x\">\n\n<form action=\"/meldung/nirgends\"></form>\n\n<video src=\"fehlt.mp4\"></video>",
        expect![[r#"
            E-AUSGABE-LINK seite.md:4:22 ‹/fehlt.png" srcs›: Die Datei „/fehlt.png“ gibt es nicht. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
            E-AUSGABE-LINK seite.md:4:57 ‹/fehlt-2.png 2x"›: Die Datei „/fehlt-2.png“ gibt es nicht. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
            E-AUSGABE-LINK seite.md:6:15 ‹/meldung/nirgend›: Der Link „/meldung/nirgends“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
            E-AUSGABE-LINK seite.md:8:13 ‹fehlt.mp4"></vid›: Die Datei „fehlt.mp4“ gibt es nicht. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
        "#]],
    );
}

#[test]
fn html_with_good_links_is_fine() {
    check_text(
        "## Ziel\n\n<p id=\"hier\"><a href=\"#ziel\">Ziel</a>, <a href=\"#hier\">Absatz</a>, <a href=\"/programm/?a=1&amp;b=2#fristen\">Programm</a>, <a href=\"/liste.csv\">Liste</a>, <a href=\"mailto:a@b.de\">Post</a>, <a href=\"https://www.land.nrw/\">Land</a>, <a href=\"/meldung/\">Meldungen</a></p>",
        expect![""],
    );
}

#[test]
fn an_id_of_html_is_used_once() {
    let project = Project::new();
    project.write(
        "seite.md",
        page("Der Inhalt inhalt.\n\n<p id=\"a\">eins</p>\n\n<p id=\"a\">zwei</p>\n\n<p id=\"inhalt\">drei</p>\n\n## Vier {#a}"),
    );
    project.check(expect![[r#"
        E-ID-DOPPELT seite.md:10:8 ‹inhalt">drei</p>›: Die Kennung „inhalt“ kommt auf der Seite /seite/ noch einmal vor, in der Vorlage oder in HTML. Geben Sie einer der beiden Stellen eine andere Kennung, einer Überschrift mit {#…}.
        E-ID-DOPPELT seite.md:12:1 ‹## Vier {#a}›: Die Kennung „a“ kommt auf der Seite /seite/ noch einmal vor, in der Vorlage oder in HTML. Geben Sie einer der beiden Stellen eine andere Kennung, einer Überschrift mit {#…}.
    "#]]);
}

#[test]
fn an_image_needs_its_file() {
    check_text(
        "![Bild](/bilder/fehlt.png)\n\n![Bild](bild.png) ![Liste](/liste.csv)",
        expect![[r#"
            E-LINK-PFAD seite.md:4:9 ‹/bilder/fehlt.pn›: Unter „/bilder/fehlt.png“ gibt es weder Datei noch Seite. Seiten werden als @/ordner/seite.md verlinkt, Dateien mit ihrem Pfad unter content/<site>/.
            E-LINK-ADRESSE seite.md:6:9 ‹bild.png) ![List›: „bild.png“ ist keine Adresse, die hier verwendet werden kann. Seiten werden als @/ordner/seite.md verlinkt, Dateien als /pfad/datei.pdf, fremde Seiten mit https://.
            E-BILD-DATEI seite.md:6:19 ‹![Liste](/liste.›: Die Datei „/liste.csv“ ist kein Bild, das Browser zeigen, oder sie ist beschädigt. Speichern Sie das Bild neu als PNG, JPEG, WebP oder SVG.
        "#]],
    );
}
