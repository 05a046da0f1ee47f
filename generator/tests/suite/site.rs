//! What a whole site owes its readers, and what `site.toml` can say about its checks.

use expect_test::{Expect, expect};

use crate::project::{Project, page, text};

/// Changes one thing in `site.toml` and compares the problems.
fn check_config(old: &str, new: &str, expected: Expect) {
    Project::new().replace("site.toml", old, new).check(expected);
}

#[test]
fn every_site_has_the_pages_that_the_law_asks_for() {
    let project = Project::new();
    for page in ["impressum", "barrierefreiheit", "gebaerdensprache"] {
        project.remove(&format!("{page}/index.md"));
        project.replace(
            "site.toml",
            &format!("link = \"@/{page}/index.md\""),
            "link = \"@/index.md\"",
        );
    }
    project.check(expect![[r#"
        E-PFLICHTSEITE site.toml: Der Site fehlt die Seite /barrierefreiheit/: Erklärung zur Barrierefreiheit (§ 10b BGG NRW). Legen Sie barrierefreiheit/index.md an.
        E-PFLICHTSEITE site.toml: Der Site fehlt die Seite /gebaerdensprache/: Deutsche Gebärdensprache (BITV NRW). Legen Sie gebaerdensprache/index.md an.
        E-PFLICHTSEITE site.toml: Der Site fehlt die Seite /impressum/: Impressum (§ 5 DDG). Legen Sie impressum/index.md an.
    "#]]);
}

#[test]
fn pages_that_the_law_asks_for_are_linked_from_every_page() {
    let project = Project::new();
    project.replace("site.toml", "link = \"@/impressum/index.md\"", "link = \"/liste.csv\"");
    project.write("programm/erstes.md", page("Zum [Impressum](@/impressum/index.md)."));
    project.check(expect![[r#"
        E-PFLICHTSEITE site.toml: Impressum (§ 5 DDG) ist nicht von jeder Seite aus zu erreichen: Auf content/muster/barrierefreiheit/index.md und 7 weiteren Seiten fehlt der Link auf /impressum/. Nehmen Sie @/impressum/index.md unter [[footer]] oder [[service]] auf.
    "#]]);
    project.replace(
        "themes/klein/templates/base.html",
        "<footer>",
        "<footer>{% if page.path != \"/programm/zweites/\" %}<a href=\"/impressum/\">Impressum</a>{% endif %}",
    );
    project.check(expect![[r#"
        E-PFLICHTSEITE site.toml: Impressum (§ 5 DDG) ist nicht von jeder Seite aus zu erreichen: Auf content/muster/programm/zweites.md fehlt der Link auf /impressum/. Nehmen Sie @/impressum/index.md unter [[footer]] oder [[service]] auf.
    "#]]);
}

#[test]
fn an_old_stand_is_mentioned() {
    let project = Project::new();
    project.write("seite.md", "+++\ntitle = \"Seite\"\nstand = 2024-11-21\n+++\n");
    project.write("grenze.md", "+++\ntitle = \"Grenze\"\nstand = 2024-11-22\n+++\n");
    project.check(expect![[r#"
        H-STAND seite.md:3:9 ‹2024-11-21›: Die Seite ist auf dem Stand vom 21. November 2024. Prüfen Sie die Seite und setzen Sie stand neu; 24 Monate sind vereinbart.
    "#]]);
    project.replace(
        "site.toml",
        "[redirects]",
        "[checks]\nstand_max_months = 25\n\n[redirects]",
    );
    project.check(expect![""]);
}

#[test]
fn the_age_of_a_stand_is_a_number_of_months() {
    let with = |line: &str| format!("[checks]\n{line}\n\n[redirects]");
    check_config(
        "[redirects]",
        &with("stand_max_months = 0"),
        expect![[r#"
            E-ANGABE site.toml:35:20 ‹0›: Bei „stand_max_months“ wird eine Zahl von 1 bis 1200 erwartet. Schreiben Sie zum Beispiel: stand_max_months = 24
        "#]],
    );
    check_config(
        "[redirects]",
        &with("stand_max_monts = \"12\""),
        expect![[r#"
        E-ANGABE-UNBEKANNT site.toml:35:1 ‹stand_max_monts ›: Der Abschnitt [checks] kennt die Angabe „stand_max_monts“ nicht. Meinten Sie „stand_max_months“?
    "#]],
    );
}

#[test]
fn a_page_past_its_day_is_mentioned_and_stands_in_the_archive() {
    let project = Project::new();
    project.write("archiv/index.md", "+++\ntitle = \"Archiv\"\n+++\n");
    project.write("seite.md", "+++\ntitle = \"Seite\"\nvalid_until = 2026-12-31\n+++\n");
    project.check_on("2026-12-31", expect![""]);
    project.check_on("2027-01-01", expect![[r#"
        H-ABGELAUFEN seite.md:3:15 ‹2026-12-31›: Die Seite galt nur bis zum 31. Dezember 2026; sie steht jetzt im Archiv. Gilt sie weiter, setzen Sie valid_until auf einen späteren Tag.
    "#]]);
}

#[test]
fn files_that_nothing_links_to_are_mentioned() {
    let project = Project::new();
    for file in [
        "vergessen.pdf",
        "bild.svg",
        "menue.pdf",
        "umzug.pdf",
        "favicon.ico",
        ".well-known/egal",
    ] {
        project.write(file, "x");
    }
    project.write("seite.md", page("<img src=\"/bild.svg\" alt=\"\">"));
    project.replace(
        "site.toml",
        "[[footer]]",
        "[[service]]\ntitle = \"Menü\"\nlink = \"/menue.pdf\"\n\n[[footer]]",
    );
    project.replace(
        "site.toml",
        "[redirects]\n",
        "[redirects]\n\"/alt.html\" = \"/umzug.pdf\"\n",
    );
    project.check(expect![[r#"
        H-DATEI-UNBENUTZT vergessen.pdf: Auf diese Datei führt kein Link. Verlinken Sie sie, oder nehmen Sie sie heraus.
    "#]]);
}

#[test]
fn security_txt_says_whom_to_call_and_how_long_it_holds() {
    let check = |text: &str, expected: Expect| {
        Project::new().write(".well-known/security.txt", text).check(expected);
    };
    check(
        "Contact: mailto:a@muster.nrw\nExpires: 2026-12-22T00:00:01Z\n",
        expect![""],
    );
    check(
        "Contact: mailto:a@muster.nrw\nExpires: 2026-12-22T00:00:00Z\n",
        expect![[r#"
            H-SECURITY-TXT .well-known/security.txt:2:10 ‹2026-12-22T00:00›: security.txt gilt keine 30 Tage mehr. Schreiben Sie einen Zeitpunkt in höchstens einem Jahr: Expires: 2027-10-31T22:00:00Z
        "#]],
    );
    check(
        "# Kontakt\ncontact: mailto:a@muster.nrw\nexpires:2026-11-22T00:00:00Z\n",
        expect![[r#"
            E-SECURITY-TXT .well-known/security.txt:3:9 ‹2026-11-22T00:00›: security.txt gilt nicht mehr. Schreiben Sie einen Zeitpunkt in höchstens einem Jahr: Expires: 2027-10-31T22:00:00Z
        "#]],
    );
    check(
        "Contact: mailto:a@muster.nrw\nExpires:   31.12.2026\n",
        expect![[r#"
            E-SECURITY-TXT .well-known/security.txt:2:12 ‹31.12.2026›: Bei Expires wird ein Zeitpunkt erwartet. Schreiben Sie einen Zeitpunkt in höchstens einem Jahr: Expires: 2027-10-31T22:00:00Z
        "#]],
    );
    check(
        "Contact:\nContact: a@muster.nrw\nExpires: 2027-10-31T22:00:00Z\nExpires: 2027-11-30T22:00:00Z\n",
        expect![[r#"
            E-SECURITY-TXT .well-known/security.txt:1:9 ‹›: Bei Contact wird eine Adresse erwartet, unter der jemand zu erreichen ist. Schreiben Sie sie mit mailto:, https:// oder tel:, zum Beispiel Contact: mailto:sicherheit@beispiel.nrw
            E-SECURITY-TXT .well-known/security.txt:2:10 ‹a@muster.nrw›: Bei Contact wird eine Adresse erwartet, unter der jemand zu erreichen ist. Schreiben Sie sie mit mailto:, https:// oder tel:, zum Beispiel Contact: mailto:sicherheit@beispiel.nrw
            E-SECURITY-TXT .well-known/security.txt:4:10 ‹2027-11-30T22:00›: Expires steht schon weiter oben; welcher Zeitpunkt gilt, weiß niemand. Lassen Sie nur eine Zeile mit Expires stehen.
        "#]],
    );
    check(
        "Preferred-Languages: de\n",
        expect![[r#"
        E-SECURITY-TXT .well-known/security.txt: In security.txt steht nicht, wer Sicherheitslücken entgegennimmt. Ergänzen Sie eine Zeile Contact: mailto:…
        E-SECURITY-TXT .well-known/security.txt: In security.txt steht nicht, wie lange sie gilt. Schreiben Sie einen Zeitpunkt in höchstens einem Jahr: Expires: 2027-10-31T22:00:00Z
    "#]],
    );
}

#[test]
fn a_search_needs_its_page() {
    let project = Project::new();
    project.replace("site.toml", "[parts]\n", "[parts]\nsuche = true\n");
    project.check(expect![[r#"
        E-SUCHE site.toml:8:9 ‹true›: Die Suche braucht eine Seite mit der Adresse /suche/. Legen Sie suche/index.md mit template = "suche.html" an.
    "#]]);
    project.write("suche/index.md", "+++\ntitle = \"Suche\"\n+++\n");
    project.check(expect![""]);
}

#[test]
fn a_check_can_be_a_warning_with_its_reason() {
    let project = Project::new();
    project.replace(
        "site.toml",
        "[redirects]",
        "[[as_warning]]\ncode = \"E-LINK-ZIEL\"\nreason = \"Die Seiten ziehen gerade um.\"\n\n[redirects]",
    );
    project.write("seite.md", page("[Programm](@/fehlt.md)"));
    let output = project.run(&["build"]);
    assert!(output.status.success());
    expect![[r#"
        Hinweis [E-LINK-ZIEL]: Die Seite „fehlt.md“ gibt es nicht. (nur Warnung, weil: Die Seiten ziehen gerade um.)
          --> content/muster/seite.md:4:12
          |
        4 | [Programm](@/fehlt.md)
          |            ^
          Abhilfe: Schreiben Sie den Pfad der Markdown-Datei ab content/<site>/, zum Beispiel @/kontakt/index.md.

        1 Hinweis
    "#]]
    .assert_eq(&text(&output.stderr));
}

#[test]
fn a_warning_instead_of_an_error_needs_a_reason_and_a_code_that_allows_it() {
    let with = |lines: &str| format!("[[as_warning]]\n{lines}\n\n[redirects]");
    check_config(
        "[redirects]",
        &with("code = \"E-LINK-ZIEL\""),
        expect![[r#"
        E-ANGABE-FEHLT site.toml:34:1 ‹[[as_warning]]›: Eine Ausnahme [[as_warning]] braucht die Angabe „reason“. Ergänzen Sie eine Zeile reason = "…".
    "#]],
    );
    check_config(
        "[redirects]",
        &with("code = \"E-LINK-ZIEL\"\nreason = \"\""),
        expect![[r#"
            E-ANGABE-FEHLT site.toml:36:10 ‹""›: Die Angabe „reason“ ist leer. Tragen Sie einen Text ein: reason = "…".
        "#]],
    );
    check_config(
        "[redirects]",
        &with("code = \"E-LESEN\"\nreason = \"Wir brauchen das.\""),
        expect![[r#"
            E-ANGABE site.toml:35:8 ‹"E-LESEN"›: „E-LESEN“ kann keine Warnung werden. Möglich sind: E-ADRESSE-DOPPELT, E-AUSGABE-LINK, E-BILD-ALT, E-BILD-DATEI, E-CSP, E-FREMDE-QUELLE, E-FUSSNOTE, E-HTML, E-ID-DOPPELT, E-KURZBEFEHL-DATEI, E-LINK-ADRESSE, E-LINK-ANKER, E-LINK-MELDUNG, E-LINK-PFAD, E-LINK-TEXT, E-LINK-VERWEIS, E-LINK-ZIEL, E-PFLICHTSEITE, E-SATZLAENGE, E-SCHREIBWEISE, E-SECURITY-TXT, E-TABELLE-KOPF, E-UEBERSCHRIFT, E-UEBERSCHRIFT-EBENE, E-UEBERSETZUNG, E-VORLAGE-LINK, E-WEITERLEITUNG-KETTE.
        "#]],
    );
    check_config(
        "[redirects]",
        &with("code = \"H-STAND\"\nreason = \"Alles alt.\""),
        expect![[r#"
            E-ANGABE site.toml:35:8 ‹"H-STAND"›: „H-STAND“ ist schon eine Warnung. Möglich sind: E-ADRESSE-DOPPELT, E-AUSGABE-LINK, E-BILD-ALT, E-BILD-DATEI, E-CSP, E-FREMDE-QUELLE, E-FUSSNOTE, E-HTML, E-ID-DOPPELT, E-KURZBEFEHL-DATEI, E-LINK-ADRESSE, E-LINK-ANKER, E-LINK-MELDUNG, E-LINK-PFAD, E-LINK-TEXT, E-LINK-VERWEIS, E-LINK-ZIEL, E-PFLICHTSEITE, E-SATZLAENGE, E-SCHREIBWEISE, E-SECURITY-TXT, E-TABELLE-KOPF, E-UEBERSCHRIFT, E-UEBERSCHRIFT-EBENE, E-UEBERSETZUNG, E-VORLAGE-LINK, E-WEITERLEITUNG-KETTE.
        "#]],
    );
    check_config(
        "[redirects]",
        &with("code = \"E-LINKZIEL\"\nreason = \"Umzug.\"\ngrund = \"Umzug.\""),
        expect![[r#"
            E-ANGABE site.toml:35:8 ‹"E-LINKZIEL"›: „E-LINKZIEL“ kann keine Warnung werden. Möglich sind: E-ADRESSE-DOPPELT, E-AUSGABE-LINK, E-BILD-ALT, E-BILD-DATEI, E-CSP, E-FREMDE-QUELLE, E-FUSSNOTE, E-HTML, E-ID-DOPPELT, E-KURZBEFEHL-DATEI, E-LINK-ADRESSE, E-LINK-ANKER, E-LINK-MELDUNG, E-LINK-PFAD, E-LINK-TEXT, E-LINK-VERWEIS, E-LINK-ZIEL, E-PFLICHTSEITE, E-SATZLAENGE, E-SCHREIBWEISE, E-SECURITY-TXT, E-TABELLE-KOPF, E-UEBERSCHRIFT, E-UEBERSCHRIFT-EBENE, E-UEBERSETZUNG, E-VORLAGE-LINK, E-WEITERLEITUNG-KETTE.
            E-ANGABE-UNBEKANNT site.toml:37:1 ‹grund = "Umzug."›: Eine Ausnahme [[as_warning]] kennt die Angabe „grund“ nicht. Möglich sind: code, reason.
        "#]],
    );
}

#[test]
fn site_toml_is_checked_as_every_file() {
    check_config(
        "base_url = \"https://www.muster.nrw\"",
        "base_url = \"https://www.muster.nrw/amt\"",
        expect![[r#"
            E-ANGABE site.toml:2:12 ‹"https://www.mus›: Bei „base_url“ wird eine Adresse mit https:// und ohne Pfad erwartet. Schreiben Sie zum Beispiel: base_url = "https://www.beispiel.nrw"
        "#]],
    );
    check_config(
        "operator = \"Amt für Muster\"",
        "operator = \" \"",
        expect![[r#"
        E-ANGABE-FEHLT site.toml:5:12 ‹" "›: Die Angabe „operator“ ist leer. Tragen Sie einen Text ein: operator = "…".
    "#]],
    );
    check_config(
        "\"@/programm/index.md#fristen\"",
        "7",
        expect![[r#"
        E-ANGABE site.toml:35:20 ‹7›: Das Ziel einer Weiterleitung ist ein Text. Schreiben Sie zum Beispiel: "/alter/pfad/" = "@/neu.md"
    "#]],
    );
    check_config(
        "link = \"@/programm/index.md\"",
        "ziel = \"@/programm/index.md\"",
        expect![[r#"
            E-ANGABE-FEHLT site.toml:10:1 ‹[[menu]]›: Ein Menüeintrag braucht die Angabe „link“. Ergänzen Sie eine Zeile link = "…".
            E-ANGABE-UNBEKANNT site.toml:12:1 ‹ziel = "@/progra›: Ein Menüeintrag kennt die Angabe „ziel“ nicht. Möglich sind: link, title.
        "#]],
    );
    check_config(
        "[redirects]",
        "[contact]\nname = \"Amt\"\nadress = \"Musterstraße 1\"\n\n[redirects]",
        expect![[r#"
            E-ANGABE-FEHLT site.toml:34:1 ‹[contact]›: Der Abschnitt [contact] braucht die Angabe „email“. Ergänzen Sie eine Zeile email = "…".
            E-ANGABE-UNBEKANNT site.toml:36:1 ‹adress = "Muster›: Der Abschnitt [contact] kennt die Angabe „adress“ nicht. Meinten Sie „address“?
        "#]],
    );
    check_config(
        "[parts]",
        "[parts",
        expect![[r#"
        E-SITE site.toml:7:7 ‹›: Die Zeile ist kein gültiges TOML (unclosed table, expected `]`). Prüfen Sie Anführungszeichen, Gleichheitszeichen und Klammern in dieser Zeile.
    "#]],
    );
}

#[test]
fn a_folder_without_site_toml_is_no_site() {
    Project::new().remove("site.toml").check(expect![[r#"
        E-SITE site.toml: Der Site fehlt site.toml. Legen Sie die Datei an, zum Beispiel nach dem Muster einer anderen Site.
    "#]]);
}

#[test]
fn aliases_lead_from_old_addresses_only() {
    let project = Project::new();
    project.write(
        "seite.md",
        "+++\ntitle = \"Seite\"\naliases = [\"/alt.html\", \"/alt/../neu/\", \"/a//b/\", \"/alt\", \"/\", 7]\n+++\n",
    );
    project.check(expect![[r#"
        E-WEITERLEITUNG seite.md:3:25 ‹"/alt/../neu/", ›: „/alt/../neu/“ ist keine Adresse, von der weitergeleitet werden kann. Schreiben Sie eine Adresse wie /alter/pfad/ mit Schrägstrich am Anfang und am Ende, ohne Prozentzeichen.
        E-WEITERLEITUNG seite.md:3:41 ‹"/a//b/", "/alt"›: „/a//b/“ ist keine Adresse, von der weitergeleitet werden kann. Schreiben Sie eine Adresse wie /alter/pfad/ mit Schrägstrich am Anfang und am Ende, ohne Prozentzeichen.
        E-WEITERLEITUNG seite.md:3:51 ‹"/alt", "/", 7]›: „/alt“ ist keine Adresse, von der weitergeleitet werden kann. Schreiben Sie eine Adresse wie /alter/pfad/ mit Schrägstrich am Anfang und am Ende, ohne Prozentzeichen.
        E-WEITERLEITUNG seite.md:3:59 ‹"/", 7]›: „/“ ist keine Adresse, von der weitergeleitet werden kann. Schreiben Sie eine Adresse wie /alter/pfad/ mit Schrägstrich am Anfang und am Ende, ohne Prozentzeichen.
        E-ANGABE seite.md:3:64 ‹7]›: Bei „aliases“ wird eine Liste von Texten erwartet. Schreiben Sie zum Beispiel: aliases = ["…"]
    "#]]);
}

#[test]
fn a_redirect_leads_straight_to_what_is_there() {
    let project = Project::new();
    project.replace(
        "site.toml",
        "[redirects]\n",
        "[redirects]\n\"/eins/\" = \"/alt/programm/#a\"\n\"/zwei/\" = \"/foerderung/\"\n\"/drei/\" = \"@/programm/drittes.md\"\n\"/vier/\" = \"/liste.csv\"\n\"/fuenf/\" = \"https://www.land.nrw/\"\n",
    );
    project.check(expect![[r#"
        E-WEITERLEITUNG-KETTE site.toml:35:12 ‹"/alt/programm/#›: „/alt/programm/#a“ ist selbst eine alte Adresse. Nennen Sie gleich die heutige Seite, zum Beispiel @/programm/index.md.
        E-WEITERLEITUNG-KETTE site.toml:36:12 ‹"/foerderung/"›: „/foerderung/“ ist selbst eine alte Adresse. Nennen Sie gleich die heutige Seite, zum Beispiel @/programm/index.md.
        E-LINK-ZIEL site.toml:37:12 ‹"@/programm/drit›: Die Seite „programm/drittes.md“ gibt es nicht. Meinten Sie „@/programm/erstes.md“?
    "#]]);
}

#[test]
fn what_the_browser_refuses_anyway_can_be_a_warning() {
    let exception = |code: &str| format!("[[as_warning]]\ncode = \"{code}\"\nreason = \"Die alte Tabelle.\"\n\n");
    let project = Project::new();
    project.replace(
        "site.toml",
        "[redirects]",
        &format!("{}{}[redirects]", exception("E-CSP"), exception("E-FREMDE-QUELLE")),
    );
    let text = "<p style=\"color: red\">Rot</p>\n\n![Bild](https://fremd.example/a.png)";
    project.write("seite.md", page(text));
    project.check(expect![[r#"
        E-CSP seite.md:4:4 ‹style="color: re›: Stil innerhalb der Seite verbietet die Content Security Policy. (nur Warnung, weil: Die alte Tabelle.) Verlegen Sie Stil in eine Datei des Themas.
        E-FREMDE-QUELLE seite.md:6:9 ‹https://fremd.ex›: „https://fremd.example/a.png“ würde von einem fremden Server geladen. (nur Warnung, weil: Die alte Tabelle.) Legen Sie die Datei unter content/<site>/ ab und verlinken Sie sie als /pfad/bild.png.
    "#]]);
    assert!(project.run(&["build", "--today", "2026-11-22"]).status.success());
    assert!(
        project
            .published("www/seite/index.html")
            .contains("style=\"color: red\"")
    );
}

#[test]
fn of_two_with_one_address_one_is_published_where_a_site_lets_it_pass() {
    let project = Project::new();
    project
        .replace(
            "site.toml",
            "[redirects]",
            "[[as_warning]]\ncode = \"E-ADRESSE-DOPPELT\"\nreason = \"Der Umzug läuft.\"\n\n[redirects]\n\"/programm/\" = \"@/impressum/index.md\"",
        )
        .write("programm.md", page("Die alte Seite, zu der [ein Link](@/programm.md#stelle) führt."))
        .write("programm/erstes/index.html", "<h1>Eine Datei</h1>")
        .write("sitemap.xml", "<eigene/>")
        .write("formularschrank/probe/probe-muster.xlsx", "etwas")
        .write(
            "seite.md",
            "+++\ntitle = \"Seite\"\naliases = [\"/alt/programm/\", \"/programm/zweites/\"]\n+++\nZur [alten Seite](@/programm.md).\n",
        );
    project.check(expect![[r#"
        E-ADRESSE-DOPPELT formularschrank/probe/index.md: Die Adresse /formularschrank/probe/probe-muster.xlsx ist schon vergeben, an content/muster/formularschrank/probe/probe-muster.xlsx. (nur Warnung, weil: Der Umzug läuft.) Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.
        H-DATEI-UNBENUTZT formularschrank/probe/probe-muster.xlsx: Auf diese Datei führt kein Link. Verlinken Sie sie, oder nehmen Sie sie heraus.
        E-ADRESSE-DOPPELT programm.md: Die Adresse /programm/ ist schon vergeben, an content/muster/programm/index.md. (nur Warnung, weil: Der Umzug läuft.) Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.
        E-ADRESSE-DOPPELT programm/erstes/index.html: Die Adresse /programm/erstes/ ist schon vergeben, an content/muster/programm/erstes.md. (nur Warnung, weil: Der Umzug läuft.) Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.
        H-DATEI-UNBENUTZT programm/erstes/index.html: Auf diese Datei führt kein Link. Verlinken Sie sie, oder nehmen Sie sie heraus.
        E-ADRESSE-DOPPELT seite.md:3:12 ‹"/alt/programm/"›: Die Adresse /alt/programm/ ist schon vergeben, an content/muster/site.toml. (nur Warnung, weil: Der Umzug läuft.) Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.
        E-ADRESSE-DOPPELT seite.md:3:30 ‹"/programm/zweit›: Die Adresse /programm/zweites/ ist schon vergeben, an content/muster/programm/zweites.md. (nur Warnung, weil: Der Umzug läuft.) Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.
        E-ADRESSE-DOPPELT site.toml:39:1 ‹"/programm/" = "›: Die Adresse /programm/ ist schon vergeben, an content/muster/programm/index.md. (nur Warnung, weil: Der Umzug läuft.) Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.
        E-ADRESSE-DOPPELT sitemap.xml: Die Adresse /sitemap.xml ist schon vergeben, an den Generator. (nur Warnung, weil: Der Umzug läuft.) Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.
        H-DATEI-UNBENUTZT sitemap.xml: Auf diese Datei führt kein Link. Verlinken Sie sie, oder nehmen Sie sie heraus.
    "#]]);
    let build = || {
        let output = project.run(&["build", "--today", "2026-11-22"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        project.dist()
    };
    let first = build();
    assert_eq!(build(), first);
    std::fs::remove_dir_all(project.root().join("dist")).expect("the first build");
    assert_eq!(build(), first);
    assert!(
        project
            .published("www/programm/index.html")
            .contains("<h1>Programm</h1>")
    );
    assert!(project.published("www/programm/erstes/index.html").contains("<html"));
    assert!(project.published("www/sitemap.xml").contains("<urlset"));
    assert!(
        project
            .published("www/alt/programm/index.html")
            .contains("/programm/#fristen")
    );
    let rules = project.published("server/_redirects");
    let old: Vec<&str> = rules
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|from| from.starts_with('/'))
        .collect();
    assert_eq!(old, ["/alt/programm/", "/foerderung/"], "no rule hides a page");
}
