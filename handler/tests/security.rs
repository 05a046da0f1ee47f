//! `SECURITY.md` names tests; each of them must exist, in the file that it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The text of every Rust file below these folders, by its path.
fn sources(folders: &[PathBuf]) -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    let mut left = folders.to_vec();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder");
            left.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).expect("a file");
            sources.insert(path.display().to_string(), text);
        }
    }
    sources
}

/// What stands between backticks, with where it begins.
fn quoted(line: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut found = Vec::new();
    for (n, piece) in line.split('`').enumerate() {
        if n % 2 == 1 {
            found.push((at, piece));
        }
        at += piece.len() + 1;
    }
    found
}

#[test]
fn every_test_that_is_named_exists_where_it_is_said_to_be() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = sources(&["tests", "src", "form"].map(|folder| here.join(folder)));
    let text = std::fs::read_to_string(here.join("SECURITY.md")).expect("the document");
    let (mut named, mut missing) = (0, Vec::new());
    for line in text.lines() {
        let mut file = "";
        for (at, word) in quoted(line) {
            if line[at + word.len() + 1..].starts_with(": ") {
                file = word;
            }
            let is_test = word.matches('_').count() >= 3
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if !is_test {
                continue;
            }
            named += 1;
            let signature = format!("fn {word}()");
            let place = file.strip_suffix(".rs").unwrap_or(file);
            let there = sources.iter().any(|(path, source)| {
                let is_file = path.ends_with(&format!("/{place}.rs")) || path.contains(&format!("/{place}/"));
                is_file && source.contains(&signature)
            });
            if !there {
                missing.push(format!("{file}: {word}"));
            }
        }
    }
    assert!(named > 80, "{named} tests are named");
    assert_eq!(missing, [""; 0]);
}
