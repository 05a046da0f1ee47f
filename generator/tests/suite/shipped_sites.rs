//! The sites and the themes that this repository publishes.

use std::fs;
use std::path::{Path, PathBuf};

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

#[test]
fn both_sites_can_change_to_the_second_theme() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for part in ["content", "themes"] {
        copy(&root().join(part), &folder.path().join(part));
    }
    for site in ["startchancen-nrw", "europa-nrw"] {
        let file = folder.path().join("content").join(site).join("site.toml");
        let config = fs::read_to_string(&file).expect("site.toml");
        assert!(config.contains("theme = \"klar\""));
        let changed = config.replace("theme = \"klar\"", "theme = \"schlicht\"");
        fs::write(&file, changed).expect("written");
    }
    check(folder.path());
}

#[test]
fn themes_share_their_scripts_by_being_equal() {
    let themes = root().join("themes");
    for script in ["suche.js", "zweiklick.js"] {
        let read = |theme: &str| fs::read(themes.join(theme).join("static").join(script)).expect(script);
        assert!(read("klar") == read("schlicht"), "{script}");
    }
}
