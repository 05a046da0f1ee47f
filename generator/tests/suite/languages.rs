//! Pages that say the same in other words, with the themes of this repository: each leads to the others, for people and for programs.

use std::path::Path;

use expect_test::expect;

use crate::project::{Project, copy};

/// The fixture in a theme of this repository, with a page, its translation and its version in Leichte Sprache.
fn with_theme(theme: &str) -> Project {
    let project = Project::new();
    let themes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes");
    for folder in ["gemeinsam", theme] {
        copy(&themes.join(folder), &project.root().join("themes").join(folder));
    }
    project.replace("site.toml", "theme = \"klein\"", &format!("theme = \"{theme}\""));
    project
        .replace(
            "programm/index.md",
            "aliases",
            "description = \"Das „Programm“ & mehr\"\nsimple_language = \"@/leichte-sprache/programm.md\"\naliases",
        )
        .write(
            "en/programme.md",
            "+++\ntitle = \"Programme\"\nlanguage = \"en\"\ndate = 2026-11-01\ntranslation_of = \"@/programm/index.md\"\n+++\nText.\n",
        )
        .write(
            "leichte-sprache/programm.md",
            "+++\ntitle = \"Das Programm\"\n+++\nDas ist das Programm.\n",
        );
    project.build();
    project
}

/// Asserts that a page has all these parts.
fn has(project: &Project, page: &str, parts: &[&str]) {
    let html = project.published(&format!("www{page}index.html"));
    for part in parts {
        assert!(html.contains(part), "{part} on {page}: {html}");
    }
}

#[test]
fn translations_name_each_other_for_search_engines() {
    for theme in ["klar", "schlicht"] {
        let project = with_theme(theme);
        let heads = [
            "<link rel=\"alternate\" hreflang=\"de\" href=\"https://www.muster.nrw/programm/\">",
            "<link rel=\"alternate\" hreflang=\"en\" href=\"https://www.muster.nrw/en/programme/\">",
        ];
        has(&project, "/programm/", &heads);
        has(&project, "/en/programme/", &heads);
        assert!(!project.published("www/impressum/index.html").contains("hreflang"));
    }
}

#[test]
fn translations_lead_to_each_other_for_readers() {
    for theme in ["klar", "schlicht"] {
        let project = with_theme(theme);
        has(
            &project,
            "/programm/",
            &[
                "<html lang=\"de\">",
                "href=\"/en/programme/\" lang=\"en\" hreflang=\"en\"",
            ],
        );
        has(
            &project,
            "/en/programme/",
            &["<html lang=\"en\">", "href=\"/programm/\" lang=\"de\" hreflang=\"de\""],
        );
    }
}

#[test]
fn leichte_sprache_leads_back_to_the_page_it_explains() {
    for theme in ["klar", "schlicht"] {
        let project = with_theme(theme);
        has(&project, "/programm/", &["href=\"/leichte-sprache/programm/\""]);
        let (_, main) = project
            .published("www/leichte-sprache/programm/index.html")
            .split_once("<main")
            .map(|(head, main)| (head.to_owned(), main.to_owned()))
            .expect("a main");
        assert!(main.contains("<a href=\"/programm/\""), "{theme}: {main}");
    }
}

#[test]
fn pages_say_what_others_show_of_them() {
    let project = with_theme("klar");
    has(
        &project,
        "/programm/",
        &[
            "<meta name=\"description\" content=\"Das „Programm“ &amp; mehr\">",
            "<link rel=\"canonical\" href=\"https://www.muster.nrw/programm/\">",
            "<meta property=\"og:title\" content=\"Programm\">",
            "<meta property=\"og:description\" content=\"Das „Programm“ &amp; mehr\">",
            "<meta property=\"og:type\" content=\"website\">",
            "<meta property=\"og:url\" content=\"https://www.muster.nrw/programm/\">",
            "<meta property=\"og:site_name\" content=\"Musterseite\">",
            "<meta property=\"og:locale\" content=\"de_DE\">",
        ],
    );
    has(
        &project,
        "/en/programme/",
        &[
            "<meta property=\"og:type\" content=\"article\">",
            "<meta property=\"og:locale\" content=\"en_GB\">",
        ],
    );
    let missing = project.published("www/404.html");
    assert!(missing.contains("<meta name=\"robots\" content=\"noindex\">") && !missing.contains("og:"));
}

#[test]
fn a_translation_of_a_translation_belongs_to_all() {
    let project = with_theme("klar");
    project.write(
        "fr/programme.md",
        "+++\ntitle = \"Le programme\"\nlanguage = \"fr\"\ntranslation_of = \"@/en/programme.md\"\n+++\nTexte.\n",
    );
    project.build();
    for page in ["/programm/", "/en/programme/", "/fr/programme/"] {
        has(
            &project,
            page,
            &[
                "hreflang=\"de\" href=",
                "hreflang=\"en\" href=",
                "hreflang=\"fr\" href=",
            ],
        );
    }
}

#[test]
fn pages_that_name_each_other_are_listed_once() {
    let project = with_theme("klar");
    project.replace(
        "programm/index.md",
        "aliases",
        "translation_of = \"@/en/programme.md\"\naliases",
    );
    project.build();
    for page in ["programm", "en/programme"] {
        let html = project.published(&format!("www/{page}/index.html"));
        assert_eq!(html.matches("<link rel=\"alternate\" hreflang=").count(), 2, "{html}");
    }
}

#[test]
fn a_translation_names_another_page_and_is_the_only_one_in_its_language() {
    let project = Project::new();
    let translation =
        |of: &str| format!("+++\ntitle = \"Page\"\nlanguage = \"en\"\ntranslation_of = \"{of}\"\n+++\nText.\n");
    project
        .write("en/a.md", translation("@/programm/index.md"))
        .write("en/b.md", translation("@/programm/index.md"))
        .write("en/c.md", translation("@/en/c.md"))
        .write("fr/a.md", translation("@/en/a.md").replace("\"en\"", "\"fr\""))
        .write("en/z.md", translation("@/fr/a.md"))
        .write("en/d.md", translation("https://www.land.nrw/"))
        .write("en/e.md", translation("@/en/f.md"))
        .write("en/f.md", translation("@/en/e.md"))
        .write(
            "leicht.md",
            "+++\ntitle = \"Leicht\"\nsimple_language = \"/bild.png\"\n+++\nText.\n",
        );
    project.check(expect![[r#"
        E-UEBERSETZUNG en/b.md:4:18 ‹"@/programm/inde›: Dasselbe sagt in dieser Sprache (en) schon die Seite „en/a.md“. Nennen Sie im Kopf dieser Seite ihre eigene Sprache, oder nehmen Sie die Zeile heraus.
        E-UEBERSETZUNG en/c.md:4:18 ‹"@/en/c.md"›: Die Seite nennt sich selbst. Nennen Sie die andere Seite, oder nehmen Sie die Zeile heraus.
        E-UEBERSETZUNG en/d.md:4:18 ‹"https://www.lan›: Bei translation_of wird eine Seite dieser Site erwartet. Nennen Sie ihre Datei, zum Beispiel @/programm/index.md.
        E-UEBERSETZUNG en/e.md:4:18 ‹"@/en/f.md"›: Beide Seiten nennen dieselbe Sprache: en. Nennen Sie im Kopf dieser Seite ihre eigene Sprache, zum Beispiel language = "en".
        E-UEBERSETZUNG en/f.md:4:18 ‹"@/en/e.md"›: Beide Seiten nennen dieselbe Sprache: en. Nennen Sie im Kopf dieser Seite ihre eigene Sprache, zum Beispiel language = "en".
        E-UEBERSETZUNG en/z.md:4:18 ‹"@/fr/a.md"›: Dasselbe sagt in dieser Sprache (en) schon die Seite „en/a.md“. Nennen Sie im Kopf dieser Seite ihre eigene Sprache, oder nehmen Sie die Zeile heraus.
        E-UEBERSETZUNG leicht.md:3:19 ‹"/bild.png"›: Bei simple_language wird eine Seite dieser Site erwartet. Nennen Sie ihre Datei, zum Beispiel @/programm/index.md.
    "#]]);
}
