//! Each check fires, at the right line and column, and says how to mend it. The fixture itself is silent.

use expect_test::expect;

use crate::project::{Project, check, check_text, page};

#[test]
fn the_fixture_has_no_problems() {
    Project::new().check(expect![""]);
}

#[test]
fn unknown_and_mistyped_keys_are_reported_all_at_once() {
    check(
        "seite.md",
        "+++\ntitle = \"Seite\"\ndescripton = \"x\"\nstand = \"2026-11-01\"\ndraft = \"ja\"\nweight = 1.5\naliases = \"/x/\"\nfarbe = 3\n+++\n",
        expect![[r#"
            E-ANGABE-UNBEKANNT seite.md:3:1 ‹descripton = "x"›: Der Kopf der Seite kennt die Angabe „descripton“ nicht. Meinten Sie „description“?
            E-ANGABE seite.md:4:9 ‹"2026-11-01"›: Bei „stand“ wird ein Datum ohne Anführungszeichen erwartet. Schreiben Sie zum Beispiel: stand = 2026-11-01
            E-ANGABE seite.md:5:9 ‹"ja"›: Bei „draft“ wird true oder false (ohne Anführungszeichen) erwartet. Schreiben Sie zum Beispiel: draft = true
            E-ANGABE seite.md:6:10 ‹1.5›: Bei „weight“ wird eine ganze Zahl (ohne Anführungszeichen) erwartet. Schreiben Sie zum Beispiel: weight = 10
            E-ANGABE seite.md:7:11 ‹"/x/"›: Bei „aliases“ wird eine Liste von Texten erwartet. Schreiben Sie zum Beispiel: aliases = ["…"]
            E-ANGABE-UNBEKANNT seite.md:8:1 ‹farbe = 3›: Der Kopf der Seite kennt die Angabe „farbe“ nicht. Möglich sind: aliases, date, description, draft, feed, language, notice, simple_language, stand, summary, template, title, translation_of, valid_until, weight.
        "#]],
    );
}

#[test]
fn a_page_needs_a_title() {
    check(
        "seite.md",
        "+++\ndescription = \"Ohne Titel\"\n+++\n",
        expect![[r#"
            E-ANGABE-FEHLT seite.md:2:1 ‹description = "O›: Der Kopf der Seite braucht die Angabe „title“. Ergänzen Sie eine Zeile title = "…".
        "#]],
    );
}

#[test]
fn a_page_needs_front_matter_that_ends() {
    let project = Project::new();
    project.write("ohne.md", "## Nur Text\n").write("offen.md", "+++\ntitle = \"Offen\"\n\nText\n").check(expect![[r#"
        E-KOPF-OFFEN offen.md:1:1 ‹+++›: Der Kopf der Seite endet nicht. Eine Seite beginnt mit +++ in der ersten Zeile, darunter mindestens title = "…", darunter wieder +++.
        E-KOPF-FEHLT ohne.md:1:1 ‹## Nur Text›: Der Seite fehlt der Kopf. Eine Seite beginnt mit +++ in der ersten Zeile, darunter mindestens title = "…", darunter wieder +++.
    "#]]);
}

#[test]
fn broken_toml_is_reported_at_its_place() {
    check(
        "seite.md",
        "+++\ntitle = \"Seite\"\nsummary = „typografisch“\n+++\n",
        expect![[r#"
            E-KOPF-TOML seite.md:3:11 ‹„typografisch“›: Die Zeile ist kein gültiges TOML (string values must be quoted, expected literal string). Prüfen Sie Anführungszeichen, Gleichheitszeichen und Klammern in dieser Zeile.
        "#]],
    );
}

#[test]
fn dead_page_links_are_reported_with_the_page_that_was_meant() {
    check_text(
        "Zum [Programm](@/programm.md),\nzum [Zweiten](@/programm/zweits.md) und [ganz woanders](@/nirgends/hier.md).",
        expect![[r#"
            E-LINK-ZIEL seite.md:4:16 ‹@/programm.md),›: Die Seite „programm.md“ gibt es nicht. Meinten Sie „@/programm/index.md“?
            E-LINK-ZIEL seite.md:5:15 ‹@/programm/zweit›: Die Seite „programm/zweits.md“ gibt es nicht. Meinten Sie „@/programm/zweites.md“?
            E-LINK-ZIEL seite.md:5:57 ‹@/nirgends/hier.›: Die Seite „nirgends/hier.md“ gibt es nicht. Schreiben Sie den Pfad der Markdown-Datei ab content/<site>/, zum Beispiel @/kontakt/index.md.
        "#]],
    );
}

#[test]
fn dead_anchors_are_reported_on_other_pages_and_on_the_same() {
    check_text(
        "## Übersicht\n\nZu den [Fristen](@/programm/index.md#frist), zur [Übersicht](#übersicht), richtig: [Übersicht](#uebersicht).",
        expect![[r#"
            E-LINK-ANKER seite.md:6:18 ‹@/programm/index›: Die Seite „programm/index.md“ hat keine Stelle mit der Kennung „frist“. Meinten Sie „#fristen“?
            E-LINK-ANKER seite.md:6:62 ‹#übersicht), ric›: Diese Seite hat keine Stelle mit der Kennung „übersicht“. Meinten Sie „#uebersicht“?
        "#]],
    );
}

#[test]
fn anchors_that_come_from_a_template_count() {
    check_text(
        "Zur [Ausfüllhilfe](@/formularschrank/probe/index.md#ausfuellhilfe).",
        expect![""],
    );
}

#[test]
fn plain_paths_must_be_files() {
    check_text(
        "[Programm](/programm/), [mit Anker](/programm#fristen), [Schulliste](/liste.csv), [Tippfehler](/lste.csv), ![Bild](/bilder/fehlt.png)",
        expect![[r#"
            E-LINK-PFAD seite.md:4:12 ‹/programm/), [mi›: „/programm/“ ist die Adresse einer Seite; Seiten werden mit ihrer Datei verlinkt. Schreiben Sie @/programm/index.md
            E-LINK-PFAD seite.md:4:37 ‹/programm#friste›: „/programm“ ist die Adresse einer Seite; Seiten werden mit ihrer Datei verlinkt. Schreiben Sie @/programm/index.md#fristen
            E-LINK-PFAD seite.md:4:96 ‹/lste.csv), ![Bi›: Unter „/lste.csv“ gibt es weder Datei noch Seite. Meinten Sie „/liste.csv“?
            E-LINK-PFAD seite.md:4:116 ‹/bilder/fehlt.pn›: Unter „/bilder/fehlt.png“ gibt es weder Datei noch Seite. Seiten werden als @/ordner/seite.md verlinkt, Dateien mit ihrem Pfad unter content/<site>/.
        "#]],
    );
}

#[test]
fn links_below_meldung_must_be_routes() {
    check_text(
        "[Meldungen](/meldung/), [Upload](/meldung/hochladen), [falsch](/meldung/upload)",
        expect![[r#"
            E-LINK-MELDUNG seite.md:4:64 ‹/meldung/upload)›: Die Adresse „/meldung/upload“ kennt das Berichtstool nicht. Verlinken Sie zum Beispiel @/berichtstool/index.md oder /meldung/.
        "#]],
    );
}

#[test]
fn a_site_without_berichtstool_has_no_links_to_it() {
    let project = Project::new();
    project
        .replace("site.toml", "berichtstool = true", "berichtstool = false")
        .remove("berichtstool/index.md");
    project.write("seite.md", "+++\ntitle = \"Seite\"\n+++\n[Meldungen](/meldung/)\n").check(expect![[r#"
        E-LINK-MELDUNG seite.md:4:13 ‹/meldung/)›: Diese Site hat kein Berichtstool. Setzen Sie in site.toml unter [parts] berichtstool = true, oder nehmen Sie den Link heraus.
    "#]]);
}

#[test]
fn the_berichtstool_needs_its_page() {
    Project::new().remove("berichtstool/index.md").check(expect![[r#"
        E-BERICHTSTOOL site.toml:8:16 ‹true›: Das Berichtstool braucht eine Seite mit der Adresse /berichtstool/#keine-sitzung. Legen Sie berichtstool/index.md mit template = "berichtstool.html" an.
    "#]]);
}

#[test]
fn other_addresses_are_checked_for_their_form() {
    check_text(
        "[a](http://www.land.nrw/) [b](../seite.md) [c]() [d](//land.nrw) [e](javascript:x) ok: [f](https://www.land.nrw/) [g](mailto:a@b.de) [h](tel:+49211) <a@b.de>",
        expect![[r#"
            E-LINK-ADRESSE seite.md:4:5 ‹http://www.land.›: Der Link ist unverschlüsselt. Schreiben Sie https://www.land.nrw/
            E-LINK-ADRESSE seite.md:4:31 ‹../seite.md) [c]›: „../seite.md“ ist keine Adresse, die hier verwendet werden kann. Seiten werden als @/ordner/seite.md verlinkt, Dateien als /pfad/datei.pdf, fremde Seiten mit https://.
            E-LINK-ADRESSE seite.md:4:44 ‹[c]() [d](//land›: Der Link hat kein Ziel. Tragen Sie zwischen den Klammern ein Ziel ein.
            E-LINK-ADRESSE seite.md:4:54 ‹//land.nrw) [e](›: „//land.nrw“ nennt kein Protokoll. Schreiben Sie https://land.nrw
            E-LINK-ADRESSE seite.md:4:70 ‹javascript:x) ok›: „javascript:x“ ist keine Adresse, die hier verwendet werden kann. Seiten werden als @/ordner/seite.md verlinkt, Dateien als /pfad/datei.pdf, fremde Seiten mit https://.
        "#]],
    );
}

#[test]
fn nothing_is_loaded_from_other_hosts_and_nothing_runs_in_a_page() {
    check_text(
        "![Bild](https://fremd.example/a.png)\n\n<p style=\"color:red\">rot</p>\n\n<script>alert(1)</script>\n\n<script src=\"https://fremd.example/x.js\"></script>",
        expect![[r#"
            E-FREMDE-QUELLE seite.md:4:9 ‹https://fremd.ex›: „https://fremd.example/a.png“ würde von einem fremden Server geladen. Legen Sie die Datei unter content/<site>/ ab und verlinken Sie sie als /pfad/bild.png.
            E-CSP seite.md:6:4 ‹style="color:red›: Stil innerhalb der Seite verbietet die Content Security Policy. Verlegen Sie Stil in eine Datei des Themas.
            E-CSP seite.md:8:1 ‹<script>alert(1)›: Ein Skript innerhalb der Seite verbietet die Content Security Policy. Verlegen Sie Skripte in eine Datei des Themas.
            E-FREMDE-QUELLE seite.md:10:14 ‹https://fremd.ex›: „https://fremd.example/x.js“ würde von einem fremden Server geladen. Legen Sie die Datei in die Site, oder nehmen Sie {{ zweiklick(…) }}.
        "#]],
    );
}

#[test]
fn menus_and_redirects_lead_somewhere() {
    let project = Project::new();
    project
        .replace("site.toml", "@/datenschutz/index.md", "@/datenschuz/index.md")
        .replace("site.toml", "#fristen", "#fisten");
    project.replace("site.toml", "[[footer]]", "[[service]]\ntitle = \"Leichte Sprache\"\nlink = \"/leicht/\"\n\n[[footer]]").check(expect![[r#"
        E-LINK-PFAD site.toml:16:8 ‹"/leicht/"›: Unter „/leicht/“ gibt es weder Datei noch Seite. Seiten werden als @/ordner/seite.md verlinkt, Dateien mit ihrem Pfad unter content/<site>/.
        E-LINK-ZIEL site.toml:20:8 ‹"@/datenschuz/in›: Die Seite „datenschuz/index.md“ gibt es nicht. Meinten Sie „@/datenschutz/index.md“?
        E-LINK-ANKER site.toml:39:20 ‹"@/programm/inde›: Die Seite „programm/index.md“ hat keine Stelle mit der Kennung „fisten“. Meinten Sie „#fristen“?
    "#]]);
}

#[test]
fn a_template_must_exist() {
    check(
        "seite.md",
        "+++\ntitle = \"Seite\"\ntemplate = \"pages.html\"\n+++\n",
        expect![[r#"
            E-VORLAGE-UNBEKANNT seite.md:3:12 ‹"pages.html"›: Die Vorlage „pages.html“ gibt es in diesem Thema nicht. Möglich sind: berichtstool.html, formular.html, notice.html, page.html, section.html.
        "#]],
    );
}

#[test]
fn two_pages_or_aliases_cannot_have_one_address() {
    let project = Project::new();
    project.write("programm.md", "+++\ntitle = \"Noch ein Programm\"\n+++\n");
    project.write("seite.md", "+++\ntitle = \"Seite\"\naliases = [\"/foerderung/\", \"/programm/\", \"alt\", \"/meldung/x/\"]\n+++\n").check(expect![[r#"
        E-ADRESSE-DOPPELT programm.md: Die Adresse /programm/ ist schon vergeben, an content/muster/programm/index.md. Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.
        E-ADRESSE-DOPPELT seite.md:3:12 ‹"/foerderung/", ›: Die Adresse /foerderung/ ist schon vergeben, an content/muster/programm/index.md. Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.
        E-ADRESSE-DOPPELT seite.md:3:28 ‹"/programm/", "a›: Die Adresse /programm/ ist schon vergeben, an content/muster/programm/index.md. Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.
        E-WEITERLEITUNG seite.md:3:42 ‹"alt", "/meldung›: „alt“ ist keine Adresse, von der weitergeleitet werden kann. Schreiben Sie eine Adresse wie /alter/pfad/ mit Schrägstrich am Anfang und am Ende, ohne Prozentzeichen.
        E-WEITERLEITUNG seite.md:3:49 ‹"/meldung/x/"]›: „/meldung/x/“ ist keine Adresse, von der weitergeleitet werden kann. Schreiben Sie eine Adresse wie /alter/pfad/ mit Schrägstrich am Anfang und am Ende, ohne Prozentzeichen.
    "#]]);
}

#[test]
fn a_file_cannot_be_a_folder() {
    check(
        "programm/erstes",
        "Inhalt",
        expect![[r#"
            E-ADRESSE-ORDNER programm/erstes: Unter /programm/erstes soll zugleich eine Datei und ein Ordner liegen. Benennen Sie die Datei um.
            H-DATEI-UNBENUTZT programm/erstes: Auf diese Datei führt kein Link. Verlinken Sie sie, oder nehmen Sie sie heraus.
        "#]],
    );
}

#[test]
fn shortcodes_are_checked() {
    check_text(
        "Nach {{ frist(id=\"serverprotokoll\") }} und {{ dauer(id=\"x\") }},\n{{ frist(id=\"serverprotokol\") }}, {{ frist(klasse=\"x\") }}, {{ frist(id=\"serverprotokoll\", fall=\"genitiv\") }}, {{ frist }}.\n\n`{{ bleibt(so) }}` und {{ offen",
        expect![[r#"
            E-KURZBEFEHL seite.md:4:44 ‹{{ dauer(id="x")›: Den Befehl „dauer“ gibt es nicht. Es gibt: frist, hinweis, zitat, formular, download, kontakt, zweiklick, diagramm.
            E-LOESCHKLASSE seite.md:5:1 ‹{{ frist(id="ser›: Die Löschklasse „serverprotokol“ steht nicht in loeschkonzept.toml. Meinten Sie „serverprotokoll“?
            E-KURZBEFEHL-ANGABE seite.md:5:35 ‹{{ frist(klasse=›: Die Angabe „klasse“ kennt frist nicht. Schreiben Sie {{ frist(id="serverprotokoll") }} oder {{ frist(id="serverprotokoll", fall="dativ") }}.
            E-KURZBEFEHL-ANGABE seite.md:5:60 ‹{{ frist(id="ser›: Den Fall „genitiv“ kennt frist nicht. Möglich sind nominativ und dativ.
            E-KURZBEFEHL seite.md:5:111 ‹{{ frist }}.›: „frist“ lässt sich nicht lesen. Schreiben Sie Befehle so: {{ frist(id="serverprotokoll") }}, mit jedem Wert in geraden Anführungszeichen.
            E-KURZBEFEHL seite.md:7:24 ‹{{ offen›: Nach „{{“ fehlt „}}“ in derselben Zeile. Schreiben Sie Befehle so: {{ frist(id="serverprotokoll") }}, mit jedem Wert in geraden Anführungszeichen.
        "#]],
    );
}

#[test]
fn definition_files_are_checked() {
    let project = Project::new();
    project.replace("loeschkonzept.toml", "P7D", "7 Tage");
    project.replace(
        "formularschrank/probe/formular.toml",
        "kind = \"once\"",
        "kind = \"einmal\"",
    );
    project.replace("site.toml", "title = \"Musterseite\"", "titel = \"Musterseite\"").check(expect![[r#"
        E-FORMULAR formularschrank/probe/formular.toml:8:8 ‹"einmal"›: Blattart „einmal“ gibt es nicht. Es gibt: once, per_school, free.
        E-LOESCHKONZEPT loeschkonzept.toml:6:9 ‹"7 Tage"›: Die Frist „7 Tage“ ist keine Dauer nach ISO 8601. Schreiben Sie zum Beispiel P7D (7 Tage), PT48H (48 Stunden), P6W (6 Wochen) oder P1Y (1 Jahr).
        E-ANGABE-UNBEKANNT site.toml:1:1 ‹titel = "Musters›: site.toml kennt die Angabe „titel“ nicht. Meinten Sie „title“?
    "#]]);
}

#[test]
fn a_form_has_the_name_of_its_folder() {
    Project::new().replace("formularschrank/probe/formular.toml", "kennung = \"probe\"", "kennung = \"anders\"").check(expect![[r#"
        E-FORMULAR formularschrank/probe/formular.toml:1:11 ‹"anders"›: Das Formular heißt „anders“, sein Ordner „probe“. Geben Sie beiden denselben Namen.
    "#]]);
}

#[test]
fn a_broken_template_is_reported_once_with_a_page() {
    Project::new().replace("themes/klein/templates/page.html", "{{ page.content }}", "{{ page.contant }}").check(expect![[r#"
        E-VORLAGE-ANGABE themes/klein/templates/page.html:4:15 ‹page.contant }}{›: Die Angabe „page.contant“ gibt es in Vorlagen nicht. Meinten Sie „page.content“?
    "#]]);
}

#[test]
fn template_syntax_filters_and_assets_are_checked() {
    Project::new().replace("themes/klein/templates/page.html", "{{ page.content }}", "{{ page.content").check(expect![[r#"
        E-VORLAGE themes/klein/templates/page.html:4:27 ‹{% block anhang ›: Die Vorlage lässt sich nicht anwenden: Found `{` but expected }}. Was eine Vorlage schreiben darf, steht in der Anleitung von Tera 2; asset und integrity kommen vom Generator dazu.
    "#]]);
    Project::new().replace("themes/klein/templates/page.html", "{{ page.content }}", "{{ page.content | sauber }}").check(expect![[r#"
        E-VORLAGE themes/klein/templates/page.html:4:30 ‹sauber }}{% bloc›: Die Vorlage lässt sich nicht anwenden: Unknown filter `sauber` Was eine Vorlage schreiben darf, steht in der Anleitung von Tera 2; asset und integrity kommen vom Generator dazu.
    "#]]);
    Project::new().replace("themes/klein/templates/404.html", "Diese", "{{ asset(path=\"fehlt.css\") }}").check(expect![[r#"
        E-VORLAGE themes/klein/templates/404.html:1:94 ‹asset(path="fehl›: Die Vorlage lässt sich nicht anwenden (bei 404.html): asset(path="fehlt.css"): diese Datei liegt nicht unter static/ Welche Angaben eine Vorlage bekommt, steht in ARCHITECTURE.md.
    "#]]);
}

#[test]
fn a_value_that_no_template_gets_is_found_where_tera_is_silent() {
    let project = Project::new();
    project.replace(
        "themes/klein/templates/page.html",
        "{% if page.stand %}",
        "<!-- page.egal -->{% if page.stnd %}",
    );
    project.check(expect![[r#"
        E-VORLAGE-ANGABE themes/klein/templates/page.html:3:25 ‹page.stnd %}<p>S›: Die Angabe „page.stnd“ gibt es in Vorlagen nicht. Meinten Sie „page.stand“?
    "#]]);
}

#[test]
fn a_form_needs_its_page() {
    Project::new()
        .remove("formularschrank/probe/index.md")
        .check(expect![[r#"
            E-FORMULAR-SEITE formularschrank/probe/formular.toml: Neben dem Formular fehlt seine Seite index.md. Legen Sie content/muster/formularschrank/probe/index.md an.
        "#]]);
}

#[test]
fn links_of_templates_are_checked() {
    Project::new().replace("themes/klein/templates/base.html", "<p>", "<a href=\"/wegweiser/\">weg</a><p>").check(expect![[r#"
        E-AUSGABE-LINK themes/klein/templates/base.html:4:10 ‹/wegweiser/">weg›: Der Link „/wegweiser/“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.
    "#]]);
}

#[test]
fn answer_templates_are_tried_with_sample_data() {
    let project = Project::new();
    project
        .replace("themes/klein/handler/befund.html", "/meldung/", "/meldung/nirgends")
        .replace("themes/klein/handler/eingang.html", "Zurück", "{{ numer }}")
        .replace("themes/klein/handler/mail-code.txt", "Betreff: ", "")
        .remove("themes/klein/handler/abweisung.html");
    project.check(expect![[r#"
        E-VORLAGE-FEHLT themes/klein/handler/abweisung.html: Diese Antwort braucht das Berichtstool. Legen Sie die Vorlage an.
        E-VORLAGE-LINK themes/klein/handler/befund.html:1:93 ‹/meldung/nirgend›: Der Link „/meldung/nirgends“ führt nirgends hin. Prüfen Sie die Adresse in der Vorlage.
        E-VORLAGE themes/klein/handler/eingang.html:1:107 ‹numer }}</a></p>›: Die Vorlage lässt sich nicht anwenden (bei Beispieldaten): Variable `numer` is not defined. Available variables: aenderung, anmeldung, beispiel, bestaetigt, eingegangen, eingegangen_iso, einreichung, ersetzt_durch, formular, frisch, gilt, groesse, hinweise, hoechstgroesse_bytes, kette, nummer, runde, schulen, sha256, summen, traeger, unterschrift, verspaetet, zurueckgenommen, zuruecknahme_grund Welche Angaben eine Vorlage bekommt, steht in ARCHITECTURE.md.
        E-VORLAGE-BETREFF themes/klein/handler/mail-code.txt: Der E-Mail fehlt der Betreff oder der Text. Beginnen Sie die Vorlage mit einer Zeile „Betreff: …“, darunter steht der Text.
    "#]]);
}

#[test]
fn the_layout_keeps_its_blocks() {
    Project::new().replace("themes/klein/templates/base.html", "{% block main %}{% endblock %}", "{% if page.title != \"Berichtstool\" or page.path == \"/berichtstool/\" %}{% block main %}{% endblock %}{% endif %}").check(expect![[r#"
        E-VORLAGE themes/klein/templates/base.html: Die Vorlage muss den Block „main“ genau einmal ausgeben. Schreiben Sie {% block main %}{% endblock %} an die passende Stelle.
    "#]]);
}

#[test]
fn files_must_be_utf8() {
    Project::new().write("seite.md", b"+++\ntitle = \"Seite\"\n+++\nGr\xfc\xdfe\n").check(expect![[r#"
        E-UTF8 seite.md:4:3 ‹��e›: Dieses Zeichen ist nicht in UTF-8 gespeichert. Speichern Sie die Datei mit der Zeichenkodierung UTF-8.
    "#]]);
}

#[test]
fn headings_have_one_id_each_and_begin_on_the_second_level() {
    check_text(
        "# Noch ein Titel\n\n## A {#a}\n\n## B {#a}\n\n## Inhalt\n\n#### Zu tief",
        expect![[r#"
            E-UEBERSCHRIFT seite.md:4:1 ‹# Noch ein Titel›: Die Seite hat schon eine Überschrift erster Ordnung: ihren Titel. Beginnen Sie im Text mit „## “.
            E-ID-DOPPELT seite.md:8:1 ‹## B {#a}›: Die Kennung „a“ gibt es auf dieser Seite schon. Geben Sie der Überschrift eine andere Kennung: {#…}.
            E-ID-DOPPELT seite.md:10:1 ‹## Inhalt›: Die Kennung „inhalt“ kommt auf der Seite /seite/ noch einmal vor, in der Vorlage oder in HTML. Geben Sie einer der beiden Stellen eine andere Kennung, einer Überschrift mit {#…}.
            E-UEBERSCHRIFT-EBENE seite.md:12:1 ‹#### Zu tief›: Auf Ebene 2 folgt Ebene 4; wer sich vorlesen lässt, sucht die fehlende Ebene. Schreiben Sie ### statt ####.
        "#]],
    );
}

#[test]
fn file_names_become_addresses_and_stray_definitions_are_found() {
    let project = Project::new();
    project.write("Über uns.md", "+++\ntitle = \"Über uns\"\n+++\n").write("formular.toml", "kennung = \"verirrt\"\n").check(expect![[r#"
        E-DATEI formular.toml: Diese TOML-Datei wird von nichts gelesen. Vorgesehen sind site.toml, loeschkonzept.toml, formularschrank/<kennung>/formular.toml und bericht.toml daneben.
        E-DATEINAME Über uns.md: Aus diesem Namen wird keine gute Adresse. Benennen Sie die Datei zum Beispiel in ueber-uns.md um.
    "#]]);
}

#[test]
fn links_to_drafts_are_dead_until_the_draft_is_published() {
    let project = Project::new();
    project
        .write("entwurf.md", "+++\ntitle = \"Entwurf\"\ndraft = true\n+++\n")
        .write("seite.md", "+++\ntitle = \"Seite\"\n+++\n[Entwurf](@/entwurf.md)\n");
    project.check(expect![[r#"
        E-LINK-ZIEL seite.md:4:11 ‹@/entwurf.md)›: Die Seite „entwurf.md“ ist noch ein Entwurf. Nehmen Sie den Link heraus, oder entfernen Sie draft = true auf der Zielseite.
    "#]]);
    assert!(project.run(&["build", "--drafts"]).status.success());
}

#[test]
fn a_page_past_its_day_is_mentioned() {
    check(
        "seite.md",
        "+++\ntitle = \"Seite\"\nvalid_until = 2020-01-31\n+++\n",
        expect![[r#"
            H-ABGELAUFEN seite.md:3:15 ‹2020-01-31›: Die Seite galt nur bis zum 31. Januar 2020, und die Site hat kein Archiv. Legen Sie archiv/index.md an, oder setzen Sie valid_until auf einen späteren Tag.
        "#]],
    );
}

#[test]
fn a_report_names_only_what_its_form_has() {
    let project = Project::new();
    project.write(
        "formularschrank/probe/bericht.toml",
        "title = \"Bericht\"\n[summen]\nsheet = \"schulen\"\nbetraege = []\n",
    );
    project
        .write("formularschrank/anderes/bericht.toml", "title = \"Bericht\"\n")
        .check(expect![[r#"
            E-BERICHT formularschrank/anderes/bericht.toml: Daneben fehlt formular.toml. Legen Sie den Bericht in den Ordner seines Formulars.
            E-BERICHT formularschrank/probe/bericht.toml:3:9 ‹"schulen"›: Die Tabelle „schulen“ gibt es im Formular nicht. Das Formular hat: deckblatt.
        "#]]);
}

#[test]
fn addresses_of_others_are_judged_by_their_form() {
    check_text(
        "[a](https://) [b](https://a.de:99999/) [c](HTTPS://a.de) [d](htps://a.de)\n[e](mailto:amt) [f](tel:abc) [g](https://name:wort@a.de/)\n[h](https://www.land.nrw/a%20b) [i](mailto:a@b.de) [j](tel:+49-211-58670)",
        expect![[r#"
            E-LINK-ADRESSE seite.md:4:5 ‹https://) [b](ht›: „https://“ nennt keinen Server. Eine fremde Seite beginnt mit https:// und dem Namen ihres Servers, zum Beispiel https://www.land.nrw/.
            E-LINK-ADRESSE seite.md:4:19 ‹https://a.de:999›: „https://a.de:99999/“ nennt einen Anschluss (Port), den es nicht gibt. Lassen Sie die Zahl hinter dem Doppelpunkt weg, oder berichtigen Sie sie.
            E-LINK-ADRESSE seite.md:4:44 ‹HTTPS://a.de) [d›: Das Protokoll „HTTPS:“ schreibt man klein. Schreiben Sie https://a.de
            E-LINK-ADRESSE seite.md:4:62 ‹htps://a.de)›: Ein Protokoll „htps:“ gibt es hier nicht. Schreiben Sie https://a.de
            E-LINK-ADRESSE seite.md:5:5 ‹mailto:amt) [f](›: „mailto:amt“ ist keine E-Mail-Adresse. Schreiben Sie zum Beispiel mailto:poststelle@schulministerium.nrw.
            E-LINK-ADRESSE seite.md:5:21 ‹tel:abc) [g](htt›: „tel:abc“ ist keine Telefonnummer. Schreiben Sie sie mit Ländervorwahl, zum Beispiel tel:+49-211-5867-40.
            E-LINK-ADRESSE seite.md:5:34 ‹https://name:wor›: „https://name:wort@a.de/“ nennt Zugangsdaten, und die läsen alle. Lassen Sie weg, was vor dem @ steht.
        "#]],
    );
}

#[test]
fn links_to_the_own_host_stay_within_the_site() {
    let project = Project::new();
    project
        .write(
            "seite.md",
            page("[Programm](https://www.muster.nrw/programm/#frist) [Netz](https://WWW.muster.nrw) <https://www.muster.nrw.example/>\n\n<p><a href=\"https://www.muster.nrw/weg/\">Verschwunden</a></p>"),
        )
        .replace("site.toml", "link = \"@/programm/index.md\"", "link = \"https://www.muster.nrw/programm/\"")
        .replace("themes/klein/templates/base.html", "<footer>", "<footer><a href=\"https://www.muster.nrw/karte/\">Karte</a>");
    project.check(expect![[r#"
        E-LINK-PFAD seite.md:4:12 ‹https://www.must›: „https://www.muster.nrw/programm/#frist“ ist eine Adresse dieser Site; hier genügt der Weg innerhalb der Site. Schreiben Sie @/programm/index.md#frist
        E-LINK-PFAD seite.md:4:59 ‹https://WWW.must›: „https://WWW.muster.nrw“ ist eine Adresse dieser Site; hier genügt der Weg innerhalb der Site. Schreiben Sie @/index.md
        E-LINK-TEXT seite.md:4:83 ‹<https://www.mus›: Der Linktext „https://www.muster.nrw.example/“ sagt nicht, wohin der Link führt. Nennen Sie im Linktext das Ziel; wer sich nur die Links vorlesen lässt, hört sonst nichts davon.
        E-LINK-PFAD seite.md:6:13 ‹https://www.must›: „https://www.muster.nrw/weg/“ ist eine Adresse dieser Site; hier genügt der Weg innerhalb der Site. Schreiben Sie die Adresse ab dem ersten Schrägstrich.
        E-LINK-PFAD site.toml:12:8 ‹"https://www.mus›: „https://www.muster.nrw/programm/“ ist eine Adresse dieser Site; hier genügt der Weg innerhalb der Site. Schreiben Sie @/programm/index.md
        E-LINK-PFAD themes/klein/templates/base.html:6:18 ‹https://www.must›: „https://www.muster.nrw/karte/“ ist eine Adresse dieser Site; hier genügt der Weg innerhalb der Site. Schreiben Sie die Adresse ab dem ersten Schrägstrich.
    "#]]);
}

#[test]
fn pages_that_only_the_theme_writes_lead_to_what_is_owed() {
    let project = Project::new();
    project.write("themes/klein/templates/404.html", "<h1>Nicht gefunden</h1>");
    project.check(expect![[r#"
        E-PFLICHTSEITE themes/klein/templates/404.html: Jede Seite führt zu dem, was jede Stelle schuldet; bei 404.html fehlt: /impressum/ – Impressum (§ 5 DDG), /datenschutz/ – Datenschutz (Art. 13 DSGVO), /barrierefreiheit/ – Erklärung zur Barrierefreiheit (§ 10b BGG NRW), /leichte-sprache/ – Leichte Sprache (BITV NRW), /gebaerdensprache/ – Deutsche Gebärdensprache (BITV NRW). Geben Sie in der Vorlage die Menüs aus, in denen es steht.
    "#]]);
}

#[test]
fn what_all_pages_lack_is_said_of_their_template_alone() {
    let project = Project::new();
    project.replace(
        "themes/klein/templates/base.html",
        "{% for entry in site.footer %}<a href=\"{{ entry.path }}\">{{ entry.title }}</a>{% endfor %}",
        "",
    );
    project.check(expect![[r#"
        E-PFLICHTSEITE themes/klein/templates/section.html: Jede Seite führt zu dem, was jede Stelle schuldet; bei content/muster/barrierefreiheit/index.md fehlt: /impressum/ – Impressum (§ 5 DDG), /datenschutz/ – Datenschutz (Art. 13 DSGVO), /barrierefreiheit/ – Erklärung zur Barrierefreiheit (§ 10b BGG NRW), /leichte-sprache/ – Leichte Sprache (BITV NRW), /gebaerdensprache/ – Deutsche Gebärdensprache (BITV NRW). Geben Sie in der Vorlage die Menüs aus, in denen es steht.
    "#]]);
}

#[test]
fn what_is_loaded_from_the_own_host_or_from_the_page_is_not_called_foreign() {
    let project = Project::new();
    project
        .write(
            "seite.md",
            page("![Bild](https://www.muster.nrw/bild.png) ![Punkt](data:image/gif;base64,R0lGODlhAQABAAAAACw=)\n\n<p><img alt=\"\" src=\"https://www.muster.nrw/a.png\"><img alt=\"\" src=\"DATA:image/gif;x\"></p>"),
        )
        .write(
            "themes/klein/static/klein.css",
            "a { b: url(https://www.muster.nrw/c.png); d: url(\"data:image/svg+xml,<svg transform='rotate(45)'/>\"); e: url(fehlt.png) }\n",
        );
    project.check(expect![[r#"
        E-LINK-PFAD seite.md:4:9 ‹https://www.must›: „https://www.muster.nrw/bild.png“ ist eine Adresse dieser Site; hier genügt der Weg innerhalb der Site. Legen Sie die Datei unter content/<site>/ ab und verlinken Sie sie als /pfad/bild.png.
        E-CSP seite.md:4:51 ‹data:image/gif;b›: Was in der Seite selbst steht (data:), verbietet die Content Security Policy. Legen Sie die Datei unter content/<site>/ ab und verlinken Sie sie als /pfad/bild.png.
        E-LINK-PFAD seite.md:6:21 ‹https://www.must›: „https://www.muster.nrw/a.png“ ist eine Adresse dieser Site; hier genügt der Weg innerhalb der Site. Legen Sie die Datei in die Site, oder nehmen Sie {{ zweiklick(…) }}.
        E-CSP seite.md:6:68 ‹DATA:image/gif;x›: Was in der Seite selbst steht (data:), verbietet die Content Security Policy. Legen Sie die Datei in die Site, oder nehmen Sie {{ zweiklick(…) }}.
        E-LINK-PFAD themes/klein/static/klein.css:1:12 ‹https://www.must›: „https://www.muster.nrw/c.png“ ist eine Adresse dieser Site; hier genügt der Weg innerhalb der Site. Legen Sie die Datei in das Thema.
        E-CSP themes/klein/static/klein.css:1:51 ‹data:image/svg+x›: Was in der Seite selbst steht (data:), verbietet die Content Security Policy. Legen Sie die Datei in das Thema.
        E-AUSGABE-LINK themes/klein/static/klein.css:1:110 ‹fehlt.png) }›: Die Datei „fehlt.png“ gibt es nicht. Legen Sie sie unter static/ ab, oder nehmen Sie die Zeile heraus.
    "#]]);
}

#[test]
fn an_image_is_an_image_file() {
    let project = Project::new();
    project.write("kaputt.png", "kein Bild").write(
        "seite.md",
        page("![a](@/programm/index.md) ![b](/programm/) ![c](/kaputt.png)"),
    );
    project.check(expect![[r#"
        E-BILD-DATEI seite.md:4:6 ‹@/programm/index›: „@/programm/index.md“ ist eine Seite und kein Bild. Nennen Sie die Bilddatei mit ihrem Pfad unter content/<site>/, zum Beispiel /programm/bild.jpg.
        E-BILD-DATEI seite.md:4:32 ‹/programm/) ![c]›: „/programm/“ ist eine Seite und kein Bild. Nennen Sie die Bilddatei mit ihrem Pfad unter content/<site>/, zum Beispiel /programm/bild.jpg.
        E-BILD-DATEI seite.md:4:44 ‹![c](/kaputt.png›: Die Datei „/kaputt.png“ ist kein Bild, das Browser zeigen, oder sie ist beschädigt. Speichern Sie das Bild neu als PNG, JPEG, WebP oder SVG.
    "#]]);
}

#[test]
fn files_of_others_load_nothing_from_elsewhere_and_run_nothing() {
    let project = Project::new();
    project
        .write("fremd.html", "<p>Text</p>\n<script src=\"https://x.de/a.js\"></script><a href=\"/weg/\" onclick=\"x()\">a</a><a href=\"neben.html\">b</a>\n")
        .write("bild.svg", "<svg style=\"color: red\"><image href=\"https://x.de/a.png\"/><script>x()</script></svg>\n")
        .write("seite.md", page("[Fremdes](/fremd.html) ![Zeichnung](/bild.svg)"));
    project.check(expect![[r#"
        E-FREMDE-QUELLE bild.svg:1:38 ‹https://x.de/a.p›: „https://x.de/a.png“ würde von einem fremden Server geladen. Berichtigen Sie die Datei, oder nehmen Sie sie heraus.
        E-CSP bild.svg:1:59 ‹<script>x()</scr›: „<script>“ in der Seite verbietet die Content Security Policy. Berichtigen Sie die Datei, oder nehmen Sie sie heraus.
        E-FREMDE-QUELLE fremd.html:2:14 ‹https://x.de/a.j›: „https://x.de/a.js“ würde von einem fremden Server geladen. Berichtigen Sie die Datei, oder nehmen Sie sie heraus.
        E-AUSGABE-LINK fremd.html:2:51 ‹/weg/" onclick="›: Der Link „/weg/“ führt nirgends hin. Berichtigen Sie die Datei, oder nehmen Sie sie heraus.
        E-CSP fremd.html:2:58 ‹onclick="x()">a<›: „onclick“ in der Seite verbietet die Content Security Policy. Berichtigen Sie die Datei, oder nehmen Sie sie heraus.
    "#]]);
}
