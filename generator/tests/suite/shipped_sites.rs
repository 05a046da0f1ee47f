//! The sites and the themes that this repository publishes.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::project::{copy, run, text};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn check(root: &Path) {
    let output = run(root, &["check"]);
    assert_eq!(text(&output.stderr), "");
    assert_eq!(text(&output.stdout), "Alles in Ordnung.\n");
    assert!(output.status.success());
}

#[test]
fn the_shipped_sites_have_no_problems() {
    check(&root());
}

/// A copy of both sites in this theme.
fn in_theme(theme: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for part in ["content", "themes"] {
        copy(&root().join(part), &folder.path().join(part));
    }
    for site in ["startchancen-nrw", "europa-nrw"] {
        let file = folder.path().join("content").join(site).join("site.toml");
        let config = fs::read_to_string(&file).expect("site.toml");
        assert!(config.contains("theme = \"klar\""));
        let changed = config.replace("theme = \"klar\"", &format!("theme = \"{theme}\""));
        fs::write(&file, changed).expect("written");
    }
    folder
}

#[test]
fn both_sites_can_change_to_the_second_theme() {
    check(in_theme("schlicht").path());
}

#[test]
fn whoever_fills_in_a_form_learns_how_to_sort_it() {
    for theme in ["klar", "schlicht"] {
        let project = in_theme(theme);
        let output = run(project.path(), &["build", "startchancen-nrw"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let page = "dist/startchancen-nrw/www/formularschrank/chancenbudget/index.html";
        let page = fs::read_to_string(project.path().join(page)).expect("the form's page");
        assert!(page.contains("Zum Sortieren heben Sie den Blattschutz auf"), "{theme}");
    }
}

/// Who writes a theme reads a theme first: the second one is short.
#[test]
fn the_second_theme_has_at_most_200_lines() {
    let lines = |path: &Path| fs::read_to_string(path).expect("a text").lines().count();
    let mut folders = vec![root().join("themes/schlicht")];
    let mut all = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => all += lines(&path),
            }
        }
    }
    assert!((100..=200).contains(&all), "{all}");
}
