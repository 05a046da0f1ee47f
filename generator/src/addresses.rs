//! Which address belongs to what: pages, files, assets and redirects claim theirs, and none is given twice.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::check::SEARCH_PAGE;
use crate::keys::Placed;
use crate::page::Page;
use crate::problem::{Problem, Source};
use crate::site::Site;
use crate::theme::Theme;

/// The addresses that are taken before anything is rendered.
pub struct Addresses<'s> {
    /// Every file below `www/`, with what it comes from.
    taken: HashMap<String, Claim<'s>>,
}

struct Claim<'s> {
    by: Cow<'s, str>,
    is_page: bool,
}

impl<'s> Claim<'s> {
    fn of(by: impl Into<Cow<'s, str>>) -> Claim<'s> {
        let (by, is_page) = (by.into(), false);
        Claim { by, is_page }
    }

    fn of_page(page: &'s Page) -> Claim<'s> {
        let (by, is_page) = (page.source_file.as_str().into(), true);
        Claim { by, is_page }
    }
}

impl<'s> Addresses<'s> {
    /// Claims an address for every page, file, asset and redirect, and for what the generator adds of its own.
    pub fn plan(site: &'s Site, theme: Option<&'s Theme>, problems: &mut Vec<Problem>) -> Addresses<'s> {
        let mut addresses = Addresses {
            taken: HashMap::with_capacity(site.pages.len() + site.inventory.files.len()),
        };
        for own in ["404.html", "sitemap.xml", "robots.txt"] {
            addresses.taken.insert(own.to_owned(), Claim::of("den Generator"));
        }
        if site.config.suche.value {
            let index = format!("{}index.json", &SEARCH_PAGE[1..]);
            addresses.taken.insert(index, Claim::of("die Suche"));
        }
        for section in site.pages.iter().filter(|page| page.front_matter.feed) {
            let feed = section.feed_path()[1..].to_owned();
            problems.extend(addresses.claim(feed, Claim::of(&section.source_file), 0, section.source()));
        }
        for page in &site.pages {
            problems.extend(reserved(site, &page.path[1..], &page.source_file));
            problems.extend(addresses.claim(page.output_file(), Claim::of_page(page), 0, page.source()));
        }
        for file in &site.inventory.files {
            let shown = format!("{}/{file}", site.inventory.shown);
            problems.extend(reserved(site, file, &shown));
            let claim = Claim::of(shown.clone());
            let source = Source { file: &shown, text: "" };
            problems.extend(addresses.claim(file.clone(), claim, 0, source));
        }
        for asset in theme.iter().flat_map(|theme| &theme.assets) {
            let shown = asset.shown.as_str();
            let (path, source) = (asset.address()[1..].to_owned(), Source { file: shown, text: "" });
            problems.extend(addresses.claim(path, Claim::of(shown), 0, source));
        }
        for redirect in &site.redirects {
            let source = site.source_of(redirect);
            let Placed { value: from, offset } = &redirect.from;
            match redirect_file(from) {
                Some(file) => problems.extend(addresses.claim(file, Claim::of(source.file), *offset, source)),
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

    /// Whose a file below `www/` is already.
    pub fn owner(&self, path: &str) -> Option<&str> {
        self.taken.get(path).map(|claim| &*claim.by)
    }

    /// Claims an address for a file that came of a page.
    pub fn claim_byproduct(&mut self, path: &str, page: &'s Page) -> Option<Problem> {
        self.claim(path.to_owned(), Claim::of(&page.source_file), 0, page.source())
    }

    fn claim(&mut self, path: String, claim: Claim<'s>, offset: usize, source: Source<'_>) -> Option<Problem> {
        let Some(other) = self.taken.get(&path) else {
            self.taken.insert(path, claim);
            return None;
        };
        let address = path.strip_suffix("index.html").unwrap_or(&path);
        Some(given_twice(&format!("/{address}"), &other.by, source, offset))
    }

    /// A file cannot have the name of a folder.
    fn files_in_the_way(&self) -> Vec<Problem> {
        let folders = self
            .taken
            .keys()
            .flat_map(|path| path.rmatch_indices('/').map(|(at, _)| &path[..at]));
        let in_the_way: BTreeMap<&str, &Claim<'_>> = folders
            .filter_map(|folder| Some((folder, self.taken.get(folder)?)))
            .collect();
        let problem = |(path, claim): (&str, &Claim<'_>)| {
            Problem::in_file(
                "E-ADRESSE-ORDNER",
                &*claim.by,
                format!("Unter /{path} soll zugleich eine Datei und ein Ordner liegen."),
                "Benennen Sie die Datei um.",
            )
        };
        in_the_way.into_iter().map(problem).collect()
    }

    /// The addresses of all files that are no pages, with their leading slash.
    pub fn files(&self) -> BTreeSet<String> {
        let files = self.taken.iter().filter(|(_, claim)| !claim.is_page);
        files
            .map(|(path, _)| ["/", path.strip_suffix("index.html").unwrap_or(path)].concat())
            .collect()
    }
}

/// Two want one address; on a site that lets it pass, `extras.rs` says whose it is.
pub fn given_twice(address: &str, owner: &str, source: Source<'_>, offset: usize) -> Problem {
    let message = format!("Die Adresse {address} ist schon vergeben, an {owner}.");
    let remedy = "Benennen Sie eine der beiden Dateien um, oder entfernen Sie die Weiterleitung.";
    if offset == 0 {
        Problem::in_file("E-ADRESSE-DOPPELT", source.file, message, remedy)
    } else {
        source.error("E-ADRESSE-DOPPELT", offset, message, remedy)
    }
}

/// What lies below `/meldung/` would never be seen: the handler answers there.
fn reserved(site: &Site, path: &str, shown: &str) -> Option<Problem> {
    is_handlers(site, path).then(|| {
        Problem::in_file(
            "E-ADRESSE-MELDUNG",
            shown,
            "Unter /meldung/ antwortet das Berichtstool; diese Datei bekäme niemand zu sehen.",
            "Verschieben Sie sie in einen anderen Ordner.",
        )
    })
}

/// Whether the handler answers at a path below `www/`.
pub fn is_handlers(site: &Site, path: &str) -> bool {
    site.config.berichtstool.value && path.starts_with(&form::routes::PREFIX[1..])
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
