//! What lies in a site's folder: sorted, nothing read yet.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use crate::markdown::slug;
use crate::problem::Problem;
use crate::source_files::{cause, check_plain, unreadable};

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
    /// Folders of which nobody knows what is in them.
    pub unreadable: Vec<String>,
}

/// A `formularschrank/<kennung>/formular.toml`, or the `bericht.toml` beside it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormFile {
    pub file: String,
    pub kennung: String,
}

/// Walks `content/<site>`, its folders beside each other.
pub fn scan(root: &Path, site: &str, problems: &mut Vec<Problem>) -> Inventory {
    let mut inventory = Inventory {
        folder: root.join("content").join(site),
        shown: format!("content/{site}"),
        ..Inventory::default()
    };
    let folder = inventory.folder.clone();
    let folders = inventory.take(WalkDir::new(&folder).min_depth(1).max_depth(1), problems);
    let parts: Vec<(Inventory, Vec<Problem>)> = folders
        .into_par_iter()
        .map(|folder| {
            let mut problems = Vec::new();
            let mut part = Inventory {
                folder: inventory.folder.clone(),
                shown: inventory.shown.clone(),
                ..Inventory::default()
            };
            part.take(WalkDir::new(folder).min_depth(1), &mut problems);
            (part, problems)
        })
        .collect();
    for (part, found) in parts {
        inventory.pages.extend(part.pages);
        inventory.forms.extend(part.forms);
        inventory.berichte.extend(part.berichte);
        inventory.files.extend(part.files);
        inventory.unreadable.extend(part.unreadable);
        problems.extend(found);
    }
    inventory.pages.sort_unstable();
    inventory.forms.sort_unstable();
    inventory.berichte.sort_unstable();
    inventory.files.sort_unstable();
    inventory
}

impl Inventory {
    /// Takes what a walk meets. Returns the folders at its end.
    fn take(&mut self, walk: WalkDir, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
        let is_visible = |entry: &DirEntry| entry.depth() == 0 || !is_hidden(entry.file_name());
        let mut folders = Vec::new();
        for entry in walk.into_iter().filter_entry(is_visible) {
            let entry = match entry {
                Ok(entry) if entry.file_type().is_dir() => {
                    folders.push(entry.into_path());
                    continue;
                }
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(&self.folder);
                    let shown = self.shown(path);
                    self.unreadable.push(self.below(path).display().to_string());
                    problems.push(unreadable(&shown, &cause(error)));
                    continue;
                }
            };
            let Some(file) = self.below(entry.path()).to_str() else {
                problems.push(Problem::in_file(
                    "E-DATEINAME",
                    self.shown(entry.path()),
                    "Der Dateiname ist kein UTF-8.",
                    "Benennen Sie die Datei mit Buchstaben a bis z, Ziffern und Bindestrich.",
                ));
                continue;
            };
            if entry.file_type().is_file() {
                sort_in(self, file.to_owned(), problems);
            } else {
                problems.extend(check_plain(&entry, &self.shown(entry.path())));
            }
        }
        folders
    }

    /// Whether a file may be there without anybody knowing.
    pub fn is_unknown(&self, file: &str) -> bool {
        let is_in = |folder: &String| Path::new(file).starts_with(folder);
        self.unreadable.iter().any(is_in)
    }

    fn below<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.folder).unwrap_or(path)
    }

    /// A path as it is shown.
    fn shown(&self, path: &Path) -> String {
        let shown = format!("{}/{}", self.shown, self.below(path).display());
        shown.trim_end_matches('/').to_owned()
    }
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
    let plain = |byte: u8| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => true,
        b'A'..=b'Z' => !is_page,
        _ => false,
    };
    if file.bytes().all(plain) && (!is_page || file.ends_with(".md")) {
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
