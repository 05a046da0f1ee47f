//! Commands in texts: what each takes, where it stands, and what the theme makes of it.

use std::fs;
use std::path::Path;

use expect_test::expect;

use crate::project::{Project, check_text, page};

/// A project whose theme has a template for each command, as `klar` has them.
fn with_commands() -> Project {
    let project = Project::new();
    let klar = Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes/klar");
    for name in [
        "diagramm",
        "download",
        "formular",
        "hinweis",
        "kontakt",
        "zitat",
        "zweiklick",
    ] {
        let file = format!("templates/kurzbefehle/{name}.html");
        project.write(
            &format!("themes/klein/{file}"),
            fs::read(klar.join(&file)).expect("a template"),
        );
    }
    project.write("themes/klein/static/zweiklick.js", "");
    project.replace(
        "site.toml",
        "[redirects]",
        "[contact]\nname = \"Amt für Muster\"\nphone = \"0211 1234-56\"\nemail = \"post@muster.nrw\"\n\n[redirects]",
    );
    project
}

/// Adds a page with this Markdown to such a project.
fn with_text(markdown: &str) -> Project {
    let project = with_commands();
    project.write("seite.md", page(markdown));
    project
}

/// The text of a published page below its title.
fn text_of(project: &Project) -> String {
    project.build();
    let html = project.published("www/seite/index.html");
    let (_, text) = html.split_once("</h1>\n").expect("a title");
    text.split_once("</main>").expect("its end").0.to_owned()
}

#[test]
fn commands_become_what_the_theme_makes_of_them() {
    let project = with_text(
        "{% hinweis(art=\"wichtig\", titel=\"Frist\") %}\n\nBis *morgen*.\n\n{% ende %}\n\n{{ formular(kennung=\"probe\") }}\n\n{{ download(datei=\"/liste.csv\", titel=\"Liste\", stand=\"2026-11-01\") }}\n\n{{ kontakt() }}\n\n{% zitat(von=\"A. Muster\", quelle=\"Rede\") %}\n\nGut.\n\n{% ende %}",
    );
    expect![[r#"
        <div class="hinweis hinweis-wichtig" role="note">
        <p class="hinweis-titel">Wichtig: Frist</p>
        <p>Bis <em>morgen</em>.</p>

        </div>
        <div class="karte">
        <p class="karte-titel"><a href="/formularschrank/probe/">Formular: Probe</a></p>
        <p class="karte-angaben">Fassung 1</p>
        </div>
        <div class="karte">
        <p class="karte-titel"><a href="/liste.csv" download>Liste (CSV, 11 Byte)</a></p>
        <p class="karte-angaben">Stand: <time datetime="2026-11-01">1. November 2026</time></p>
        <details>
        <summary>Prüfsumme</summary>
        <p>SHA-256: <code>08de470281ec20f94be000a772b1b10a906bbf10608536a1ccbca73ce6e87761</code></p>
        </details>
        </div>
        <address class="karte kontakt">
        <p><strong>Amt für Muster</strong></p>
        <p>Telefon: <a href="tel:+49211123456">0211 1234-56</a><br>E-Mail: <a href="mailto:post@muster.nrw">post@muster.nrw</a></p>
        </address>
        <figure class="zitat">
        <blockquote>
        <p>Gut.</p>

        </blockquote>
        <figcaption>A. Muster, <cite>Rede</cite></figcaption>
        </figure>
    "#]].assert_eq(&text_of(&project));
}

#[test]
fn a_two_click_card_opens_the_frame_in_the_servers_headers_and_nowhere_else() {
    let project =
        with_text("{{ zweiklick(adresse=\"https://film.example/1?a=b\", titel=\"Film\", anbieter=\"Film AG\") }}");
    assert!(text_of(&project).contains("data-adresse=\"https://film.example/1?a=b\""));
    let frames = |file: &str| {
        project
            .published(file)
            .matches("frame-src https://film.example")
            .count()
    };
    assert_eq!(frames("server/_headers"), 1);
    assert!(
        project
            .published("server/http.conf")
            .contains("\"~^/seite/(index\\.html)?$\"")
    );
    assert!(frames("server/Caddyfile") > 0);
}

#[test]
fn a_chart_is_a_picture_with_its_numbers_as_a_table() {
    let project = with_commands();
    project.write("zahlen.csv", "Bezirk;Schulen\nDetmold;1.250,5\nKöln;80\n");
    project.write(
        "seite.md",
        page(
            "{{ diagramm(datei=\"zahlen.csv\", titel=\"Schulen\", beschreibung=\"Die meisten liegen in Detmold.\") }}",
        ),
    );
    let text = text_of(&project);
    for part in [
        "<img src=\"/seite/diagramm-1.svg\" alt=\"Schulen. Die meisten liegen in Detmold.\"",
        "<th scope=\"row\">Detmold</th><td class=\"rechts\">1.250,5</td>",
        "<a href=\"/zahlen.csv\" download>Zahlen herunterladen (CSV, 40 Byte)</a>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(project.published("www/seite/diagramm-1.svg").starts_with("<svg "));
}

#[test]
fn arguments_are_known_there_and_named_once() {
    with_text(
        "{% hinweis(farbe=\"rot\") %}\n\nA\n\n{% ende %}\n\n{% zitat(quelle=\"Rede\") %}\n\nA\n\n{% ende %}\n\n{{ download(datei=\"/liste.csv\", datei=\"/liste.csv\", titel=\"Liste\") }}\n\n{{ download(datei=\"/liste.csv\", titel=\" \") }}\n\n{{ formular() }}\n\n{{ kontakt(name=\"x\") }}\n\n{{ zweiklick(adresse=\"https://film.example/\", titel=\"Film\") }}\n\n{{ diagramm(datei=\"liste.csv\", titel=\"Liste\") }}\n\nNach {{ frist() }} und {{ frist(id=\"\") }}.",
    )
    .check(expect![[r#"
        E-KURZBEFEHL-ANGABE seite.md:4:1 ‹{% hinweis(farbe›: Die Angabe „farbe“ kennt hinweis nicht. Schreiben Sie {% hinweis(art="wichtig", titel="Frist beachten") %}.
        E-KURZBEFEHL-ANGABE seite.md:10:1 ‹{% zitat(quelle=›: Bei zitat fehlt die Angabe „von“. Schreiben Sie {% zitat(von="Name, Funktion") %}.
        E-KURZBEFEHL-ANGABE seite.md:16:1 ‹{{ download(date›: Die Angabe „datei“ steht zweimal da. Schreiben Sie {{ download(datei="/programm/merkblatt.pdf", titel="Merkblatt", stand="2026-11-01") }}.
        E-KURZBEFEHL-ANGABE seite.md:18:1 ‹{{ download(date›: Bei download fehlt die Angabe „titel“. Schreiben Sie {{ download(datei="/programm/merkblatt.pdf", titel="Merkblatt", stand="2026-11-01") }}.
        E-KURZBEFEHL-ANGABE seite.md:20:1 ‹{{ formular() }}›: Bei formular fehlt die Angabe „kennung“. Schreiben Sie {{ formular(kennung="chancenbudget") }}.
        E-KURZBEFEHL-ANGABE seite.md:22:1 ‹{{ kontakt(name=›: Die Angabe „name“ kennt kontakt nicht. Schreiben Sie {{ kontakt() }}.
        E-KURZBEFEHL-ANGABE seite.md:24:1 ‹{{ zweiklick(adr›: Bei zweiklick fehlt die Angabe „anbieter“. Schreiben Sie {{ zweiklick(adresse="https://…", titel="Film zum Programm", anbieter="Name des Dienstes") }}.
        E-KURZBEFEHL-ANGABE seite.md:26:1 ‹{{ diagramm(date›: Bei diagramm fehlt die Angabe „beschreibung“. Schreiben Sie {{ diagramm(datei="zahlen.csv", titel="Schulen je Bezirk", beschreibung="Die meisten liegen in …", art="saeulen") }}.
        E-KURZBEFEHL-ANGABE seite.md:28:6 ‹{{ frist() }} un›: Bei frist fehlt die Angabe „id“. Schreiben Sie {{ frist(id="serverprotokoll") }} oder {{ frist(id="serverprotokoll", fall="dativ") }}.
        E-KURZBEFEHL-ANGABE seite.md:28:24 ‹{{ frist(id="") ›: Bei frist fehlt die Angabe „id“. Schreiben Sie {{ frist(id="serverprotokoll") }} oder {{ frist(id="serverprotokoll", fall="dativ") }}.
    "#]]);
}

#[test]
fn a_file_that_comes_later_is_shown_then() {
    let project = with_text("{{ download(datei=\"/spaeter.pdf\", titel=\"Später\") }}\n\n![Bild](/spaeter.svg)");
    let exception = |code: &str| format!("[[as_warning]]\ncode = \"{code}\"\nreason = \"Kommt noch.\"\n\n");
    let exceptions = [exception("E-KURZBEFEHL-DATEI"), exception("E-LINK-PFAD")].concat();
    project.replace("site.toml", "[redirects]", &format!("{exceptions}[redirects]"));
    project.build();
    assert!(!text_of(&project).contains("spaeter.pdf"));
    project
        .write("spaeter.pdf", "Merkblatt")
        .write("spaeter.svg", "<svg width=\"40\" height=\"30\"/>")
        .build();
    let shown = text_of(&project);
    assert!(
        shown.contains("spaeter.pdf") && shown.contains("width=\"40\""),
        "{shown}"
    );
}

#[test]
fn values_must_fit() {
    with_text(
        "{% hinweis(art=\"rot\") %}\n\nA\n\n{% ende %}\n\n{{ formular(kennung=\"prob\") }}\n\n{{ formular(kennung=\"mittelabruf\") }}\n\n{{ download(datei=\"/lste.csv\", titel=\"Liste\") }}\n\n{{ download(datei=\"/nirgends/merkblatt.pdf\", titel=\"Liste\") }}\n\n{{ download(datei=\"/liste.csv\", titel=\"Liste\", stand=\"1.11.2026\") }}\n\n{{ zweiklick(adresse=\"http://film.example/\", titel=\"Film\", anbieter=\"Film AG\") }}\n\n{{ diagramm(datei=\"liste.csv\", titel=\"Liste\", beschreibung=\"Text\", art=\"torte\") }}",
    )
    .check(expect![[r#"
        E-KURZBEFEHL-ANGABE seite.md:4:1 ‹{% hinweis(art="›: Die Art „rot“ kennt hinweis nicht. Möglich sind info, wichtig und warnung.
        E-KURZBEFEHL-ANGABE seite.md:10:1 ‹{{ formular(kenn›: Das Formular „prob“ gibt es nicht. Meinten Sie „probe“?
        E-KURZBEFEHL-ANGABE seite.md:12:1 ‹{{ formular(kenn›: Das Formular „mittelabruf“ gibt es nicht. Es gibt: probe.
        E-KURZBEFEHL-DATEI seite.md:14:1 ‹{{ download(date›: Die Datei „/lste.csv“ gibt es nicht. Meinten Sie „/liste.csv“?
        E-KURZBEFEHL-DATEI seite.md:16:1 ‹{{ download(date›: Die Datei „/nirgends/merkblatt.pdf“ gibt es nicht. Nennen Sie die Datei mit ihrem Pfad unter content/<site>/, zum Beispiel datei="/programm/merkblatt.pdf".
        E-KURZBEFEHL-ANGABE seite.md:18:1 ‹{{ download(date›: Bei stand wird ein Tag erwartet. Schreiben Sie das Jahr zuerst: stand="2026-11-01".
        E-KURZBEFEHL-ANGABE seite.md:20:1 ‹{{ zweiklick(adr›: „http://film.example/“ beginnt nicht mit https://. Schreiben Sie {{ zweiklick(adresse="https://…", titel="Film zum Programm", anbieter="Name des Dienstes") }}.
        E-KURZBEFEHL-ANGABE seite.md:22:1 ‹{{ diagramm(date›: Die Art „torte“ kennt diagramm nicht. Möglich sind saeulen und linie.
    "#]]);
}

#[test]
fn a_mistake_in_a_form_is_not_reported_again_where_the_form_is_linked() {
    let project = with_text("{{ formular(kennung=\"probe\") }}");
    project.replace("formularschrank/probe/formular.toml", "\"once\"", "\"einmal\"");
    project.check(expect![[r#"
        E-FORMULAR formularschrank/probe/formular.toml:8:8 ‹"einmal"›: Blattart „einmal“ gibt es nicht. Es gibt: once, per_school, free.
    "#]]);
}

#[test]
fn commands_with_a_body_begin_and_end_alone() {
    with_text(
        "{% ende %}\n\n{% hinweis() %}\nText\n{% ende %}\n\n> {% hinweis() %}\n>\n> A\n\n{% ende %}\n\nDavor {{ kontakt() }} danach.\n\n{% hinwais() %}\n\nA\n\n{% ende %}\n\n{% hinweis(art=wichtig) %}\n\nA\n\n{% ende %}",
    )
    .check(expect![[r#"
        E-KURZBEFEHL seite.md:4:1 ‹{% ende %}›: Hier endet ein Befehl, der nicht begonnen hat. Nehmen Sie die Zeile heraus, oder ergänzen Sie den Anfang, zum Beispiel {% hinweis() %}.
        E-KURZBEFEHL seite.md:6:1 ‹{% hinweis() %}›: „{% … %}“ steht nicht allein in seinem Absatz. Lassen Sie davor und danach eine Zeile leer.
        E-KURZBEFEHL seite.md:8:1 ‹{% ende %}›: „{% … %}“ steht nicht allein in seinem Absatz. Lassen Sie davor und danach eine Zeile leer.
        E-KURZBEFEHL seite.md:14:1 ‹{% ende %}›: Der Befehl „hinweis“ beginnt und endet nicht auf derselben Ebene. Rücken Sie beide Zeilen gleich weit ein.
        E-KURZBEFEHL seite.md:16:7 ‹{{ kontakt() }} ›: Der Befehl „kontakt“ steht nicht allein in seinem Absatz. Lassen Sie davor und danach eine Zeile leer.
        E-KURZBEFEHL seite.md:18:1 ‹{% hinwais() %}›: Den Befehl „hinwais“ gibt es nicht. Meinten Sie „hinweis“?
        E-KURZBEFEHL seite.md:24:1 ‹{% hinweis(art=w›: „hinweis(art=wichtig)“ lässt sich nicht lesen. Schreiben Sie Befehle so: {{ frist(id="serverprotokoll") }}, mit jedem Wert in geraden Anführungszeichen.
    "#]]);
}

#[test]
fn a_command_that_does_not_end_is_reported_where_it_begins() {
    with_text("Text\n\n{% hinweis(titel=\"Außen\") %}\n\n- Punkt\n\n{% zitat(von=\"A\") %}\n\nText\n\n{% ende %}\n\nMehr Text")
        .check(expect![[r#"
            E-KURZBEFEHL seite.md:6:1 ‹{% hinweis(titel›: Der Befehl „hinweis“ endet nicht. Schreiben Sie hinter den Absatz eine eigene Zeile {% ende %}.
        "#]]);
}

#[test]
fn contact_data_must_be_there() {
    let project = with_text("{{ kontakt() }}");
    project.replace(
        "site.toml",
        "[contact]\nname = \"Amt für Muster\"\nphone = \"0211 1234-56\"\nemail = \"post@muster.nrw\"\n\n",
        "",
    );
    project.check(expect![[r#"
        E-KURZBEFEHL seite.md:4:1 ‹{{ kontakt() }}›: In site.toml steht kein Kontakt. Ergänzen Sie dort den Abschnitt [contact] mit name, address, phone und email.
    "#]]);
}

#[test]
fn a_theme_without_a_template_cannot_show_a_command() {
    check_text(
        "{{ download(datei=\"/liste.csv\", titel=\"Liste\") }}\n\n{% hinweis() %}\n\nA\n\n{% ende %}",
        expect![[r#"
            E-KURZBEFEHL seite.md:4:1 ‹{{ download(date›: Das Thema hat keine Vorlage für den Befehl „download“. Legen Sie themes/klein/templates/kurzbefehle/download.html an.
            E-KURZBEFEHL seite.md:6:1 ‹{% hinweis() %}›: Das Thema hat keine Vorlage für den Befehl „hinweis“. Legen Sie themes/klein/templates/kurzbefehle/hinweis.html an.
        "#]],
    );
}

/// A page with a chart of these numbers.
fn with_chart(csv: &str) -> Project {
    let project =
        with_text("Text\n\n{{ diagramm(datei=\"zahlen.csv\", titel=\"Zahlen\", beschreibung=\"Sie steigen.\") }}");
    project.write("zahlen.csv", csv);
    project
}

#[test]
fn mistakes_in_the_numbers_of_a_chart_are_named_with_their_place() {
    with_chart("").check(expect![[r#"
        E-DIAGRAMM zahlen.csv:1:1 ‹›: Die Datei enthält keine Zahlen. Die erste Zeile nennt die Spalten; schreiben Sie darunter je Zeile eine Bezeichnung und ihre Zahlen, zum Beispiel: Detmold;1.250,5
    "#]]);
    with_chart("Bezirk\nDetmold\n").check(expect![[r#"
        E-DIAGRAMM zahlen.csv:1:1 ‹Bezirk›: Die Kopfzeile nennt keine Spalte mit Zahlen. Trennen Sie die Spalten durch Semikolons, zum Beispiel: Bezirksregierung;Schulen
    "#]]);
    with_chart("Bezirk;;Schulen\n").check(expect![[r#"
        E-DIAGRAMM zahlen.csv:1:8 ‹;Schulen›: Die 2. Spalte hat keine Überschrift. Geben Sie jeder Spalte in der ersten Zeile einen Namen.
    "#]]);
    with_chart("Bezirk;Schulen\nKöln;3\nDetmold;1,250.5\n").check(expect![[r#"
        E-DIAGRAMM zahlen.csv:3:9 ‹1,250.5›: „1,250.5“ ist keine Zahl in deutscher Schreibweise. Schreiben Sie Zahlen mit Dezimalkomma und ohne Einheit, zum Beispiel 12,5 oder 1.250.000. Was nicht bekannt ist, bleibt leer.
    "#]]);
    with_chart("Bezirk;Schulen\nKöln;3;4\n").check(expect![[r#"
        E-DIAGRAMM zahlen.csv:2:8 ‹4›: Die Zeile hat mehr Angaben als die Kopfzeile Spalten. Prüfen Sie die Semikolons.
    "#]]);
    with_chart("Bezirk;Schulen;Mittel\nKöln;3\n").check(expect![[r#"
        E-DIAGRAMM zahlen.csv:2:6 ‹3›: Die Zeile hat weniger Angaben als die Kopfzeile Spalten. Prüfen Sie die Semikolons. Eine Zahl, die nicht bekannt ist, bleibt zwischen zwei Semikolons leer.
    "#]]);
    with_chart("Bezirk;Schulen\n;3\n").check(expect![[r#"
        E-DIAGRAMM zahlen.csv:2:1 ‹;3›: Die Zeile hat keine Bezeichnung. Schreiben Sie in die erste Spalte, wofür die Zahlen stehen.
    "#]]);
    // As office programs save it when nobody tells them otherwise.
    with_chart("")
        .write("zahlen.csv", b"Bezirk;Schulen\nK\xf6ln;3\n")
        .check(expect![[r#"
            E-UTF8 zahlen.csv:2:2 ‹�ln;3›: Dieses Zeichen ist nicht in UTF-8 gespeichert. Speichern Sie die Datei mit der Zeichenkodierung UTF-8.
        "#]]);
    with_chart("Bezirk;Schulen\n\"Köln;3\n").check(expect![[r#"
        E-DIAGRAMM zahlen.csv:2:1 ‹"Köln;3›: Die Zeile lässt sich nicht lesen: Ein Anführungszeichen steht allein. Setzen Sie das zweite Anführungszeichen in dieselbe Zeile, oder löschen Sie das erste.
    "#]]);
}
