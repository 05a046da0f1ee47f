//! What lies in a site's folder: one sorted walk, nothing read yet.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::markdown::slug;
use crate::problem::Problem;
use crate::source_files::{check_plain, unreadable};

/// The files of one site by what they are for. All paths are below `content/<site>/`, with `/`, sorted.
#[derive(Debug, Default)]
pub struct Inventory {
    /// `content/<site>` on disk.
    pub folder: PathBuf,
    /// The same from the project root, for messages.
    pub shown: String,
    pub pages: Vec<String>,
    pub forms: Vec<FormFile>,
    /// How a form's Meldungen are merged.
    pub berichte: Vec<FormFile>,
    pub files: Vec<String>,
    pub has_site: bool,
    pub has_loeschkonzept: bool,
}

/// A `formularschrank/<kennung>/formular.toml`, or the `bericht.toml` beside it.
#[derive(Debug)]
pub struct FormFile {
    pub file: String,
    pub kennung: String,
}

/// Walks `content/<site>`.
pub fn scan(root: &Path, site: &str, problems: &mut Vec<Problem>) -> Inventory {
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
        let entry = match entry {
            Ok(entry) if entry.file_type().is_dir() => continue,
            Ok(entry) => entry,
            Err(error) => {
                let (shown, _) = relative(&inventory, error.path().unwrap_or(&inventory.folder));
                let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                problems.push(unreadable(&shown, &cause));
                continue;
            }
        };
        let (shown, file) = relative(&inventory, entry.path());
        let Some(file) = file else {
            problems.push(Problem::in_file(
                "E-DATEINAME",
                shown,
                "Der Dateiname ist kein UTF-8.",
                "Benennen Sie die Datei mit Buchstaben a bis z, Ziffern und Bindestrich.",
            ));
            continue;
        };
        match check_plain(&entry, &shown) {
            None => sort_in(&mut inventory, file, problems),
            problem => problems.extend(problem),
        }
    }
    // The walk goes folder by folder: `a/b.md` before `a-b.md` and `a.md`.
    inventory.pages.sort_unstable();
    inventory.files.sort_unstable();
    inventory
}

/// A path as it is shown, and below the site's folder where its name is a text.
fn relative(inventory: &Inventory, path: &Path) -> (String, Option<String>) {
    let below = path.strip_prefix(&inventory.folder).unwrap_or(path);
    let shown = format!("{}/{}", inventory.shown, below.display());
    let file = below.to_str().map(|file| file.replace(std::path::MAIN_SEPARATOR, "/"));
    (shown, file)
}

fn sort_in(inventory: &mut Inventory, file: String, problems: &mut Vec<Problem>) {
    problems.extend(check_name(&inventory.shown, &file));
    if file.ends_with(".md") {
        inventory.pages.push(file);
    } else if is_page(&file) {
        // Its name is a problem already.
    } else if file == "site.toml" {
        inventory.has_site = true;
    } else if file == "loeschkonzept.toml" {
        inventory.has_loeschkonzept = true;
    } else if let Some(kennung) = of_form(&file, "/formular.toml") {
        inventory.forms.push(FormFile { file, kennung });
    } else if let Some(kennung) = of_form(&file, "/bericht.toml") {
        inventory.berichte.push(FormFile { file, kennung });
    } else if file.ends_with(".toml") {
        let remedy = "Vorgesehen sind site.toml, loeschkonzept.toml, formularschrank/<kennung>/formular.toml und bericht.toml daneben.";
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

/// The form that a file in its folder belongs to.
fn of_form(file: &str, name: &str) -> Option<String> {
    let kennung = file.strip_prefix("formularschrank/")?.strip_suffix(name)?;
    (!kennung.contains('/')).then(|| kennung.to_owned())
}

/// Whether somebody meant this file to be a page, however the ending is written.
fn is_page(file: &str) -> bool {
    let ending = file.rsplit('.').next().unwrap_or_default();
    ending.eq_ignore_ascii_case("md") || ending.eq_ignore_ascii_case("markdown")
}

/// Names become addresses, so they are plain: pages in lower case, other files at least without spaces and umlauts.
fn check_name(shown: &str, file: &str) -> Option<Problem> {
    let is_page = is_page(file);
    let plain = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || "-_./".contains(c) || (!is_page && c.is_ascii_uppercase())
    };
    if file.chars().all(plain) && (!is_page || file.ends_with(".md")) {
        return None;
    }
    let (stem, ending) = match file.rsplit_once('.') {
        Some((stem, _)) if is_page => (stem, ".md".to_owned()),
        Some((stem, ending)) if !ending.contains('/') => (stem, format!(".{}", slug(ending))),
        _ => (file, String::new()),
    };
    let better: Vec<String> = stem.split('/').map(slug).collect();
    let remedy = format!(
        "Benennen Sie die Datei zum Beispiel in {}{ending} um.",
        better.join("/")
    );
    Some(Problem::in_file(
        "E-DATEINAME",
        format!("{shown}/{file}"),
        "Aus diesem Namen wird keine gute Adresse.",
        remedy,
    ))
}

fn is_hidden(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    // Other programs look for security.txt and its like in this one folder.
    (name.starts_with('.') && name != ".well-known") || name.ends_with('~') || name.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_by_their_whole_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let site = folder.path().join("content/muster");
        for file in ["a/b.md", "a/c.png", "a-b/d.md", "a-b/e.png", "a.md"] {
            let path = site.join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            std::fs::write(path, "").expect("a file");
        }
        let inventory = scan(folder.path(), "muster", &mut Vec::new());
        assert_eq!(inventory.pages, ["a-b/d.md", "a.md", "a/b.md"]);
        assert_eq!(inventory.files, ["a-b/e.png", "a/c.png"]);
    }
}
