//! What lies in a site's folder: one sorted walk, nothing read yet.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::markdown::slug;
use crate::problem::Problem;

/// The files of one site by what they are for. All paths are below `content/<site>/`, with `/`, sorted.
#[derive(Debug, Default)]
pub struct Inventory {
    /// `content/<site>` on disk.
    pub folder: PathBuf,
    /// The same from the project root, for messages.
    pub shown: String,
    pub pages: Vec<String>,
    pub forms: Vec<FormFile>,
    pub files: Vec<String>,
    pub has_loeschkonzept: bool,
}

/// A `formularschrank/<kennung>/formular.toml`.
#[derive(Debug)]
pub struct FormFile {
    pub file: String,
    pub kennung: String,
}

/// Walks `content/<site>`.
pub fn scan(root: &Path, site: &str, problems: &mut Vec<Problem>) -> Result<Inventory> {
    let folder = root.join("content").join(site);
    let shown = format!("content/{site}");
    let mut inventory = Inventory {
        folder,
        shown,
        ..Inventory::default()
    };
    let walk = WalkDir::new(&inventory.folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()));
    for entry in walk {
        let entry = entry.with_context(|| format!("{} lässt sich nicht lesen", inventory.shown))?;
        if entry.file_type().is_dir() {
            continue;
        }
        let relative = entry.path().strip_prefix(&inventory.folder).unwrap_or(entry.path());
        let Some(file) = relative.to_str() else {
            problems.push(Problem::in_file(
                "E-DATEINAME",
                relative.to_string_lossy(),
                "Der Dateiname ist kein UTF-8.",
                "Benennen Sie die Datei mit Buchstaben a bis z, Ziffern und Bindestrich.",
            ));
            continue;
        };
        sort_in(&mut inventory, file.replace(std::path::MAIN_SEPARATOR, "/"), problems);
    }
    Ok(inventory)
}

fn sort_in(inventory: &mut Inventory, file: String, problems: &mut Vec<Problem>) {
    problems.extend(check_name(&inventory.shown, &file));
    if file.ends_with(".md") {
        inventory.pages.push(file);
    } else if file == "site.toml" {
        // Read before the walk.
    } else if file == "loeschkonzept.toml" {
        inventory.has_loeschkonzept = true;
    } else if let Some(kennung) = file
        .strip_prefix("formularschrank/")
        .and_then(|rest| rest.strip_suffix("/formular.toml"))
        .filter(|kennung| !kennung.contains('/'))
    {
        let kennung = kennung.to_owned();
        inventory.forms.push(FormFile { file, kennung });
    } else if file.ends_with(".toml") {
        let remedy = "Vorgesehen sind site.toml, loeschkonzept.toml und formularschrank/<kennung>/formular.toml.";
        problems.push(Problem::in_file(
            "E-DATEI",
            format!("{}/{file}", inventory.shown),
            "Diese TOML-Datei wird von nichts gelesen.",
            remedy,
        ));
    } else {
        inventory.files.push(file);
    }
}

/// Names become addresses, so they are plain: pages in lower case, other files at least without spaces and umlauts.
fn check_name(shown: &str, file: &str) -> Option<Problem> {
    let is_page = file.ends_with(".md");
    let plain = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || "-_./".contains(c) || (!is_page && c.is_ascii_uppercase())
    };
    if file.chars().all(plain) {
        return None;
    }
    let name = file.rsplit('/').next().unwrap_or(file);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let remedy = format!("Benennen Sie die Datei zum Beispiel in {}.{ending} um.", slug(stem));
    Some(Problem::in_file(
        "E-DATEINAME",
        format!("{shown}/{file}"),
        "Aus diesem Namen wird keine gute Adresse.",
        remedy,
    ))
}

fn is_hidden(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.') || name.ends_with('~') || name.starts_with('#')
}
