//! What a theme can do wrong: style sheets and templates that lead nowhere, run code, load from elsewhere or lose the text.

use expect_test::expect;

use crate::project::{Project, page};

const BASE: &str = "themes/klein/templates/base.html";
const STYLE: &str = "themes/klein/static/klein.css";

#[test]
fn what_style_sheets_name_is_there_and_on_this_host() {
    let project = Project::new();
    project.write("themes/klein/static/bild.svg", "<svg/>").write(
        STYLE,
        "@import url(\"https://stil.example/a.css\");\nbody { background: url(bild.svg) } p { background: url( 'fehlt.svg' ) }\na { background: url(//bild.example/b.png) }\nb { background: url(data:image/png;base64,AA) }\n",
    );
    project.check(expect![[r#"
        E-FREMDE-QUELLE themes/klein/static/klein.css:1:14 ‹https://stil.exa›: „https://stil.example/a.css“ würde von einem fremden Server geladen. Legen Sie die Datei in das Thema.
        E-AUSGABE-LINK themes/klein/static/klein.css:2:58 ‹fehlt.svg' ) }›: Die Datei „fehlt.svg“ gibt es nicht. Legen Sie sie unter static/ ab, oder nehmen Sie die Zeile heraus.
        E-FREMDE-QUELLE themes/klein/static/klein.css:3:21 ‹//bild.example/b›: „//bild.example/b.png“ würde von einem fremden Server geladen. Legen Sie die Datei in das Thema.
        E-CSP themes/klein/static/klein.css:4:21 ‹data:image/png;b›: Was in der Seite selbst steht (data:), verbietet die Content Security Policy. Legen Sie die Datei in das Thema.
    "#]]);
}

#[test]
fn style_sheets_that_name_files_of_the_site_and_of_the_theme_are_fine() {
    let project = Project::new();
    project.write("themes/klein/static/bild.svg", "<svg/>").write(
        STYLE,
        "body { background: url(\"bild.svg\") }\np { background: url(/liste.csv) }\n",
    );
    project.check(expect![""]);
}

#[test]
fn a_template_prints_the_text_of_its_page() {
    let project = Project::new();
    project.replace(
        "themes/klein/templates/page.html",
        "{{ page.content }}",
        "{{ page.description }}",
    );
    project.check(expect![[r#"
        E-VORLAGE-INHALT themes/klein/templates/berichtstool.html: Die Vorlage gibt den Text der Seite nicht aus (bei content/muster/berichtstool/index.md). Schreiben Sie {{ page.content }} an die Stelle, an der er stehen soll.
        E-VORLAGE-INHALT themes/klein/templates/formular.html: Die Vorlage gibt den Text der Seite nicht aus (bei content/muster/formularschrank/probe/index.md). Schreiben Sie {{ page.content }} an die Stelle, an der er stehen soll.
        E-VORLAGE-INHALT themes/klein/templates/notice.html: Die Vorlage gibt den Text der Seite nicht aus (bei content/muster/datenschutz/index.md). Schreiben Sie {{ page.content }} an die Stelle, an der er stehen soll.
        E-VORLAGE-INHALT themes/klein/templates/page.html: Die Vorlage gibt den Text der Seite nicht aus (bei content/muster/programm/erstes.md). Schreiben Sie {{ page.content }} an die Stelle, an der er stehen soll.
        E-VORLAGE-INHALT themes/klein/templates/section.html: Die Vorlage gibt den Text der Seite nicht aus (bei content/muster/index.md). Schreiben Sie {{ page.content }} an die Stelle, an der er stehen soll.
    "#]]);
}

#[test]
fn a_template_that_runs_code_or_loads_from_elsewhere_is_reported_once() {
    let project = Project::new();
    project.replace(
        BASE,
        "<footer>",
        "<footer onclick=\"x()\"><img src=\"https://bild.example/a.png\" alt=\"\"><img src=\"/fehlt.png\" alt=\"\"><a href=\"#fehlt\">Unten</a>",
    );
    project.check(expect![[r#"
        E-CSP themes/klein/templates/base.html:6:9 ‹onclick="x()"><i›: „onclick“ in der Seite verbietet die Content Security Policy. Verlegen Sie Stil und Skript in Dateien unter static/.
        E-FREMDE-QUELLE themes/klein/templates/base.html:6:33 ‹https://bild.exa›: „https://bild.example/a.png“ würde von einem fremden Server geladen. Legen Sie die Datei in die Site oder in das Thema.
        E-AUSGABE-LINK themes/klein/templates/base.html:6:78 ‹/fehlt.png" alt=›: Die Datei „/fehlt.png“ gibt es nicht. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
        E-AUSGABE-LINK themes/klein/templates/base.html:6:106 ‹#fehlt">Unten</a›: Der Link „#fehlt“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
    "#]]);
}

#[test]
fn an_empty_link_of_a_template_is_reported_where_it_is_written() {
    let project = Project::new();
    project.replace(BASE, "<footer>", "<footer><a href=\"\">Oben</a>");
    project.check(expect![[r#"
        E-AUSGABE-LINK themes/klein/templates/base.html:6:17 ‹"">Oben</a>{% fo›: Der Link hat kein Ziel. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
    "#]]);
}

#[test]
fn pages_that_only_the_theme_writes_are_checked_as_well() {
    let project = Project::new();
    project
        .replace(
            "themes/klein/templates/404.html",
            "</h1>",
            "</h1><a href=\"/nirgends/\">Hilfe</a><p style=\"x\"></p>",
        )
        .replace(
            "themes/klein/templates/redirect.html",
            ">weiter",
            " onclick=\"x()\">weiter",
        );
    project.check(expect![[r#"
        E-AUSGABE-LINK themes/klein/templates/404.html:1:130 ‹/nirgends/">Hilf›: Der Link „/nirgends/“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
        E-CSP themes/klein/templates/404.html:1:154 ‹style="x"></p>{%›: „style=“ in der Seite verbietet die Content Security Policy. Verlegen Sie Stil und Skript in Dateien unter static/.
        E-CSP themes/klein/templates/redirect.html:1:134 ‹onclick="x()">we›: „onclick“ in der Seite verbietet die Content Security Policy. Verlegen Sie Stil und Skript in Dateien unter static/.
    "#]]);
}

#[test]
fn every_theme_has_the_templates_that_pages_need() {
    let project = Project::new();
    project
        .remove("themes/klein/templates/notice.html")
        .remove("themes/klein/templates/section.html");
    project.check(expect![[r#"
        E-VORLAGE-FEHLT themes/klein/templates/notice.html: Diese Vorlage braucht jedes Thema. Legen Sie die Datei an.
        E-VORLAGE-FEHLT themes/klein/templates/section.html: Diese Vorlage braucht jedes Thema. Legen Sie die Datei an.
    "#]]);
}

#[test]
fn a_link_that_a_template_leaves_empty_is_reported_of_the_theme() {
    let project = Project::new();
    project.replace(
        "themes/klein/templates/page.html",
        "{{ page.content }}",
        "{{ page.content }}<a href=\"{{ page.simple_language }}\">Leichte Sprache</a>",
    );
    project.check(expect![[r#"
        E-AUSGABE-LINK themes/klein/templates/berichtstool.html: Der Link hat kein Ziel (bei content/muster/berichtstool/index.md). Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
        E-AUSGABE-LINK themes/klein/templates/formular.html: Der Link hat kein Ziel (bei content/muster/formularschrank/probe/index.md). Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
        E-AUSGABE-LINK themes/klein/templates/notice.html: Der Link hat kein Ziel (bei content/muster/datenschutz/index.md). Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
        E-AUSGABE-LINK themes/klein/templates/page.html: Der Link hat kein Ziel (bei content/muster/programm/erstes.md). Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
        E-AUSGABE-LINK themes/klein/templates/section.html: Der Link hat kein Ziel (bei content/muster/barrierefreiheit/index.md). Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
    "#]]);
}

#[test]
fn an_id_of_the_layout_that_the_text_uses_too_is_reported_at_the_text() {
    let project = Project::new();
    project.write("seite.md", page("Zum Inhalt: inhalt.\n\n## Mehr {#inhalt}"));
    project.check(expect![[r#"
        E-ID-DOPPELT seite.md:6:1 ‹## Mehr {#inhalt›: Die Kennung „inhalt“ kommt auf der Seite /seite/ noch einmal vor, in der Vorlage oder in HTML. Geben Sie einer der beiden Stellen eine andere Kennung, einer Überschrift mit {#…}.
    "#]]);
}

#[test]
fn answers_may_not_run_code() {
    let project = Project::new();
    project.replace("themes/klein/handler/befund.html", "<p>", "<p style=\"color: red\">");
    project.check(expect![[r#"
        E-CSP themes/klein/handler/befund.html:1:84 ‹style="color: re›: „style=“ in der Seite verbietet die Content Security Policy. Verlegen Sie Stil und Skript in Dateien unter static/.
    "#]]);
}

#[test]
fn what_is_wrong_in_what_all_themes_share_is_shown_there() {
    let project = Project::new();
    for file in ["anmeldeformular.html", "bericht.html"] {
        project.remove(&format!("themes/klein/handler/{file}"));
    }
    project
        .write(
            "themes/gemeinsam/handler/anmeldeformular.html",
            "<p style=\"color: red\">Anmelden</p>\n",
        )
        .write("themes/gemeinsam/handler/bericht.html", "<p>{{ titel.fehlt }}</p>\n");
    project.check(expect![[r#"
        E-CSP themes/gemeinsam/handler/anmeldeformular.html:1:4 ‹style="color: re›: „style=“ in der Seite verbietet die Content Security Policy. Verlegen Sie Stil und Skript in Dateien unter static/.
        E-VORLAGE themes/gemeinsam/handler/bericht.html:1:7 ‹titel.fehlt }}</›: Die Vorlage lässt sich nicht anwenden (bei Beispieldaten): Variable `titel` is not defined. Available variables: aufbau, beispiel, dateien, fehlende, formular, frist, gerechnet, gliederungen, hinweis, kette, maengel, nr, runde, stand, summen, title, verspaetete, zahlen, zeitraum, zurueckgenommen Welche Angaben eine Vorlage bekommt, steht in ARCHITECTURE.md.
    "#]]);
}

/// Pages share what a template makes of all of them, but only as far as it does make the same of them.
#[test]
fn a_template_may_do_with_a_value_whatever_it_likes() {
    let project = Project::new();
    project.replace(
        "themes/klein/templates/page.html",
        "{{ page.content }}",
        "{{ page.content }}<ul><li title=\"{{ page.title }}\">{{ page.title }}</li><li>{{ page.description | upper }}</li>\
         <li>{% if page.title == \"Zwei\" %}die zweite{% elif page.summary and page.date %}{{ page.summary }}, {{ page.date.text }}{% else %}sonst{% endif %}</li></ul>",
    );
    for (file, head) in [
        (
            "eins.md",
            "title = \"Eins & <Eins>\"\nsummary = \"Kurz\"\ndate = 2026-01-02\ndescription = \"kurz\"",
        ),
        (
            "zwei.md",
            "title = \"Zwei\"\nsummary = \"Kurz\"\ndate = 2026-01-02\ndescription = \"länger\"",
        ),
        (
            "drei.md",
            "title = \"Drei\"\nsummary = \"Länger\"\ndate = 2026-03-04\ndescription = \"kurz\"",
        ),
        ("vier.md", "title = \"Vier\"\ndate = 2026-03-04"),
    ] {
        project.write(file, format!("+++\n{head}\n+++\nText.\n"));
    }
    project.build();
    let list = |page: &str| {
        let html = project.published(&format!("www/{page}/index.html"));
        let (_, list) = html.split_once("<ul>").expect("the list");
        list.split_once("</ul>").expect("its end").0.replace("</li>", "</li>\n")
    };
    let lists = ["eins", "zwei", "drei", "vier"].map(list).join("\n");
    expect![[r#"
        <li title="Eins &amp; &lt;Eins&gt;">Eins &amp; &lt;Eins&gt;</li>
        <li>KURZ</li>
        <li>Kurz, 2. Januar 2026</li>

        <li title="Zwei">Zwei</li>
        <li>LÄNGER</li>
        <li>die zweite</li>

        <li title="Drei">Drei</li>
        <li>KURZ</li>
        <li>Länger, 4. März 2026</li>

        <li title="Vier">Vier</li>
        <li></li>
        <li>sonst</li>
    "#]]
    .assert_eq(&lists);
}

#[test]
fn a_value_that_becomes_an_address_or_an_id_is_looked_at_on_each_page() {
    let project = Project::new();
    project
        .replace(
            "themes/klein/templates/page.html",
            "{{ page.content }}",
            "{{ page.content }}{% if page.summary %}<p id=\"{{ page.description }}\"><a href=\"{{ page.summary }}\">Mehr</a></p>{% endif %}",
        )
        .write(
            "eins.md",
            "+++\ntitle = \"Eins\"\ndescription = \"eins\"\nsummary = \"/programm/\"\n+++\nText.\n",
        )
        .write(
            "zwei.md",
            "+++\ntitle = \"Zwei\"\ndescription = \"inhalt\"\nsummary = \"/nirgends/\"\n+++\nText.\n",
        );
    project.check(expect![[r#"
        E-AUSGABE-LINK zwei.md:4:12 ‹/nirgends/"›: Der Link „/nirgends/“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
        E-ID-DOPPELT themes/klein/templates/base.html:5:11 ‹inhalt">{% block›: Die Kennung „inhalt“ kommt auf der Seite /zwei/ noch einmal vor, in der Vorlage oder in HTML. Geben Sie einer der beiden Stellen eine andere Kennung, einer Überschrift mit {#…}.
    "#]]);
}

#[test]
fn a_name_that_nobody_gives_is_found_where_tera_is_silent() {
    let project = Project::new();
    project.replace(
        "themes/klein/templates/page.html",
        "{{ page.content }}",
        "{{ page.content }}{{ contnt | safe }}{{ page[\"titel\"] | safe }}\n{% if page.stand.txt %}{% endif %}{% for c in page.children %}{% if c.titel %}{% endif %}{% endfor %}",
    );
    project.check(expect![[r#"
        E-VORLAGE-ANGABE themes/klein/templates/page.html:4:33 ‹contnt | safe }}›: Die Angabe „contnt“ gibt es in Vorlagen nicht. Welche Angaben eine Vorlage bekommt, steht in ARCHITECTURE.md.
        E-VORLAGE-ANGABE themes/klein/templates/page.html:4:58 ‹titel"] | safe }›: Die Angabe „page.titel“ gibt es in Vorlagen nicht. Meinten Sie „page.title“?
        E-VORLAGE-ANGABE themes/klein/templates/page.html:5:7 ‹page.stand.txt %›: Die Angabe „page.stand.txt“ gibt es in Vorlagen nicht. Meinten Sie „page.stand.text“?
        E-VORLAGE-ANGABE themes/klein/templates/page.html:5:69 ‹c.titel %}{% end›: Die Angabe „c.titel“ gibt es in Vorlagen nicht. Meinten Sie „c.title“?
    "#]]);
}

#[test]
fn a_file_that_only_a_style_names_is_used() {
    let project = Project::new();
    project
        .write(
            "grund.png",
            [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08"[..], &[0; 20]].concat(),
        )
        .write(STYLE, "body { background: url(/grund.png) }\n");
    project.check(expect![[""]]);
}

#[test]
fn a_static_file_that_a_theme_never_names_is_mentioned() {
    let project = Project::new();
    project
        .write("themes/klein/static/alt.css", "body {}\n")
        .write("themes/klein/static/bilder/grund.svg", "<svg/>")
        .write(STYLE, "body { background: url(bilder/grund.svg) }\n");
    project.check(expect![[r#"
        H-DATEI-UNBENUTZT themes/klein/static/alt.css: Keine Vorlage und kein Stil des Themas nennt diese Datei. Nennen Sie sie, oder nehmen Sie sie heraus.
    "#]]);
}
