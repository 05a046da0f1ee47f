//! Which address belongs to what: pages, files, assets and redirects claim theirs, and none is given twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::keys::Placed;
use crate::output::{Content, OutputFile};
use crate::problem::{Problem, Source};
use crate::read::Site;
use crate::theme::{ASSETS, Theme};

/// The files that are known before anything is rendered, and the addresses that are taken.
pub struct Outputs {
    pub files: Vec<OutputFile>,
    /// Everything below `www/`, with what it comes from.
    taken: BTreeMap<String, String>,
}

impl Outputs {
    /// Claims an address for every page, file, asset and redirect.
    pub fn plan(site: &Site, theme: Option<&Theme>, problems: &mut Vec<Problem>) -> Outputs {
        let mut outputs = Outputs {
            files: Vec::new(),
            taken: BTreeMap::new(),
        };
        for own in ["404.html", "sitemap.xml", "robots.txt"] {
            outputs.taken.insert(own.to_owned(), "dem Generator".to_owned());
        }
        for page in &site.pages {
            problems.extend(reserved(site, &page.output_file(), &page.source_file));
            problems.extend(outputs.claim(page.output_file(), &page.source_file, 0, page.source()));
        }
        for file in &site.inventory.files {
            let shown = format!("{}/{file}", site.inventory.shown);
            problems.extend(reserved(site, file, &shown));
            problems.extend(outputs.claim(file.clone(), &shown, 0, Source { file: &shown, text: "" }));
            outputs.files.push(OutputFile {
                path: format!("www/{file}"),
                content: Content::File(site.inventory.folder.join(file)),
            });
        }
        for (file, path) in theme.map(|theme| theme.assets.as_slice()).unwrap_or_default() {
            let shown = path.to_string_lossy();
            problems.extend(outputs.claim(
                format!("{}{file}", &ASSETS[1..]),
                &shown,
                0,
                Source { file: &shown, text: "" },
            ));
            outputs.files.push(OutputFile {
                path: format!("www{ASSETS}{file}"),
                content: Content::File(path.clone()),
            });
        }
        for redirect in &site.redirects {
            let source = site.source_of(redirect);
            let Placed { value: from, offset } = &redirect.from;
            match redirect_file(from) {
                Some(file) => problems.extend(outputs.claim(file, source.file, *offset, source)),
                None => problems.push(source.error(
                    "E-WEITERLEITUNG",
                    *offset,
                    format!("„{from}“ ist keine Adresse, von der weitergeleitet werden kann."),
                    "Schreiben Sie eine Adresse wie /alter/pfad/ mit Schrägstrich am Anfang und am Ende, ohne Prozentzeichen.",
                )),
            }
        }
        problems.extend(outputs.files_in_the_way());
        outputs
    }

    fn claim(&mut self, path: String, by: &str, offset: usize, source: Source<'_>) -> Option<Problem> {
        let Some(other) = self.taken.get(&path) else {
            self.taken.insert(path, by.to_owned());
            return None;
        };
        let address = path.strip_suffix("index.html").unwrap_or(&path);
        let message = format!("Die Adresse /{address} ist schon vergeben, an {other}.");
        let remedy = "Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.";
        Some(if offset == 0 {
            Problem::in_file("E-ADRESSE-DOPPELT", source.file, message, remedy)
        } else {
            source.error("E-ADRESSE-DOPPELT", offset, message, remedy)
        })
    }

    /// A file cannot have the name of a folder.
    fn files_in_the_way(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (path, by) in &self.taken {
            let below = format!("{path}/");
            if self
                .taken
                .range(below.clone()..)
                .next()
                .is_some_and(|(next, _)| next.starts_with(&below))
            {
                problems.push(Problem::in_file(
                    "E-ADRESSE-DOPPELT",
                    by,
                    format!("Unter /{path} soll zugleich eine Datei und ein Ordner liegen."),
                    "Benennen Sie die Datei um.",
                ));
            }
        }
        problems
    }

    /// All addresses that are not pages, with their leading slash.
    pub fn addresses(&self) -> BTreeSet<String> {
        self.taken
            .keys()
            .map(|path| format!("/{}", path.strip_suffix("index.html").unwrap_or(path)))
            .collect()
    }
}

/// What lies below `/meldung/` would never be seen: the handler answers there.
fn reserved(site: &Site, path: &str, shown: &str) -> Option<Problem> {
    let is_reserved = site.config.berichtstool.value && path.starts_with(&form::routes::PREFIX[1..]);
    is_reserved.then(|| {
        Problem::in_file(
            "E-ADRESSE-MELDUNG",
            shown,
            "Unter /meldung/ antwortet das Berichtstool; diese Datei bekäme niemand zu sehen.",
            "Verschieben Sie sie in einen anderen Ordner.",
        )
    })
}

/// The file below `www/` that answers for an old address.
pub fn redirect_file(from: &str) -> Option<String> {
    let path = from.strip_prefix('/')?;
    let plain = path.chars().all(|c| c.is_alphanumeric() || "-_./~".contains(c));
    if !plain
        || path.is_empty()
        || path.contains("//")
        || path.split('/').any(|part| part == "..")
        || from.starts_with(form::routes::PREFIX)
    {
        return None;
    }
    match path.strip_suffix('/') {
        Some(folder) => Some(format!("{folder}/index.html")),
        None => path.ends_with(".html").then(|| path.to_owned()),
    }
}
