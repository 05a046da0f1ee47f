//! Markdown that nobody wrote for this generator: it may have every problem there is, but each has its place, and nothing breaks.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;

use crate::project::{Project, run, text};

/// Checks a site with these pages besides the fixture's, and returns the codes of what is wrong.
fn check(pages: &[(String, String)]) -> BTreeSet<String> {
    let project = Project::new();
    for (name, markdown) in pages {
        project.write(
            &format!("fremd/{name}.md"),
            format!("+++\ntitle = \"{name}\"\n+++\n{markdown}"),
        );
    }
    let output = run(project.root(), &["check", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    let problems: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("problems as JSON");
    for problem in &problems {
        expect_place(project.root(), problem);
    }
    let codes = problems.iter().map(|problem| problem["code"].as_str().expect("a code"));
    codes.map(str::to_owned).collect()
}

/// The line and column exist, and the line is the one that is shown.
fn expect_place(root: &Path, problem: &serde_json::Value) {
    let file = problem["file"].as_str().expect("a file");
    let line = problem["line"].as_u64().expect("a line");
    if line == 0 {
        return;
    }
    let text = fs::read_to_string(root.join(file)).expect("the file of a problem");
    let shown = text
        .lines()
        .nth(usize::try_from(line).expect("a line") - 1)
        .unwrap_or_default();
    assert_eq!(problem["source"], shown, "{problem}");
    let column = usize::try_from(problem["column"].as_u64().expect("a column")).expect("a column");
    assert!((1..=shown.chars().count() + 1).contains(&column), "{problem}");
}

#[test]
fn every_example_of_the_commonmark_spec_is_read() {
    let tests = fs::read_to_string(source_of("pulldown-cmark").join("tests/suite/spec.rs")).expect("its tests");
    let begin = "let original = r##\"";
    let examples = tests
        .split(begin)
        .skip(1)
        .map(|rest| rest.split("\"##;").next().unwrap_or(rest));
    let pages: Vec<(String, String)> = examples
        .enumerate()
        .map(|(number, markdown)| (format!("beispiel-{number}"), markdown.to_owned()))
        .collect();
    assert!(pages.len() > 600, "{} examples", pages.len());
    let codes = check(&pages);
    // Its examples show images without a text, open HTML, scripts and links to anywhere.
    for expected in [
        "E-BILD-ALT",
        "E-HTML",
        "E-CSP",
        "E-LINK-ADRESSE",
        "E-LINK-PFAD",
        "E-UEBERSCHRIFT",
    ] {
        assert!(codes.contains(expected), "{expected} in {codes:?}");
    }
}

#[test]
#[ignore = "needs nodejs-doc"]
fn the_manual_of_node_is_read() {
    let mut pages = Vec::new();
    for entry in fs::read_dir("/usr/share/doc/nodejs/api").expect("the manual of Node.js (Debian: nodejs-doc)") {
        let file = entry.expect("an entry").path();
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        // Debian packs them, other packages of Node.js do not.
        let Some(chapter) = name.strip_suffix(".gz").unwrap_or(&name).strip_suffix(".md") else {
            continue;
        };
        let bytes = fs::read(&file).expect("a chapter");
        let mut markdown = String::new();
        if name.ends_with(".gz") {
            GzDecoder::new(&*bytes)
                .read_to_string(&mut markdown)
                .expect("a chapter");
        } else {
            markdown = String::from_utf8(bytes).expect("a chapter");
        }
        pages.push((chapter.replace(|c: char| !c.is_ascii_alphanumeric(), "-"), markdown));
    }
    assert!(pages.len() > 50, "{} chapters", pages.len());
    // Its chapters begin with a heading of the first level and link each other's files.
    let codes = check(&pages);
    for expected in ["E-UEBERSCHRIFT", "E-LINK-ADRESSE"] {
        assert!(codes.contains(expected), "{expected} in {codes:?}");
    }
}

/// Where the sources of a dependency lie.
fn source_of(package: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .expect("cargo");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("what cargo knows");
    let packages = metadata["packages"].as_array().expect("packages");
    let found = packages
        .iter()
        .find(|known| known["name"] == package)
        .expect("the package");
    let manifest = Path::new(found["manifest_path"].as_str().expect("a path"));
    manifest.parent().expect("a folder").to_owned()
}
