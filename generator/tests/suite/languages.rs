//! Pages that say the same in other words, with the themes of this repository: each leads to the others, for people and for programs.

use std::path::Path;

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
