//! Which address belongs to what: pages, files, assets and redirects claim theirs, and none is given twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::SEARCH_PAGE;
use crate::keys::Placed;
use crate::page::Page;
use crate::problem::{Problem, Source};
use crate::site::Site;
use crate::theme::Theme;

/// The addresses that are taken before anything is rendered.
pub struct Addresses {
    /// Everything below `www/`, with what it comes from.
    taken: BTreeMap<String, String>,
}

impl Addresses {
    /// Claims an address for every page, file, asset and redirect, and for what the generator adds of its own.
    pub fn plan(site: &Site, theme: Option<&Theme>, problems: &mut Vec<Problem>) -> Addresses {
        let mut addresses = Addresses { taken: BTreeMap::new() };
        for own in ["404.html", "sitemap.xml", "robots.txt"] {
            addresses.taken.insert(own.to_owned(), "dem Generator".to_owned());
        }
        if site.config.suche.value {
            let index = format!("{}index.json", &SEARCH_PAGE[1..]);
            addresses.taken.insert(index, "der Suche".to_owned());
        }
        for section in site.pages.iter().filter(|page| page.front_matter.feed) {
            let feed = section.feed_path()[1..].to_owned();
            problems.extend(addresses.claim(feed, &section.source_file, 0, section.source()));
        }
        for page in &site.pages {
            problems.extend(reserved(site, &page.output_file(), &page.source_file));
            problems.extend(addresses.claim(page.output_file(), &page.source_file, 0, page.source()));
        }
        for file in &site.inventory.files {
            let shown = format!("{}/{file}", site.inventory.shown);
            problems.extend(reserved(site, file, &shown));
            problems.extend(addresses.claim(file.clone(), &shown, 0, Source { file: &shown, text: "" }));
        }
        for asset in theme.iter().flat_map(|theme| &theme.assets) {
            let shown = asset.shown.as_str();
            problems.extend(addresses.claim(
                asset.address()[1..].to_owned(),
                shown,
                0,
                Source { file: shown, text: "" },
            ));
        }
        for redirect in &site.redirects {
            let source = site.source_of(redirect);
            let Placed { value: from, offset } = &redirect.from;
            match redirect_file(from) {
                Some(file) => problems.extend(addresses.claim(file, source.file, *offset, source)),
                None => problems.push(source.error(
                    "E-WEITERLEITUNG",
                    *offset,
                    format!("„{from}“ ist keine Adresse, von der weitergeleitet werden kann."),
                    "Schreiben Sie eine Adresse wie /alter/pfad/ mit Schrägstrich am Anfang und am Ende, ohne Prozentzeichen.",
                )),
            }
        }
        problems.extend(addresses.files_in_the_way());
        addresses
    }

    /// Claims an address for a file that came of a page.
    pub fn claim_byproduct(&mut self, path: &str, page: &Page) -> Option<Problem> {
        self.claim(path.to_owned(), &page.source_file, 0, page.source())
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
            let mut after = self.taken.range(below.clone()..);
            if after.next().is_some_and(|(next, _)| next.starts_with(&below)) {
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

    /// All addresses, with their leading slash.
    pub fn all(&self) -> BTreeSet<String> {
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
