//! Where a link leads: `@/…` to pages, `#…` to headings, `/…` to files and to the handler; everything else is another host's.

mod foreign;
mod places;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use form::problem::nearest;
use memchr::memchr2;

pub use foreign::{foreign_fault, is_elsewhere};
pub use places::Places;

use crate::digest::{digest, digest_after};
use crate::markdown::Link;
use crate::page::LeftOut;
use crate::problem::{Problem, Refusal, Source};
use crate::site::Site;

/// The address of a page: `a/b.md` is `/a/b/`, `a/index.md` is `/a/`.
pub fn address(file: &str) -> String {
    let stem = file.strip_suffix(".md").unwrap_or(file);
    let (path, end) = match stem.strip_suffix("index") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => (folder, ""),
        _ => (stem, "/"),
    };
    ["/", path, end].concat()
}

/// What stands in `href` for a link as it is written: `@/a/b.md#c` becomes `/a/b/#c`, all else stays.
pub fn href(written: &str) -> Cow<'_, str> {
    match written.strip_prefix("@/") {
        None => Cow::Borrowed(written),
        Some(inner) => {
            let (file, anchor) = split_anchor(inner);
            let mut href = address(file);
            if let Some(anchor) = anchor {
                href.push('#');
                href.push_str(anchor);
            }
            Cow::Owned(href)
        }
    }
}

/// What follows the host in a whole address on the site whose it is; `None` for the addresses of others.
pub fn on_own_host<'w>(written: &'w str, base_url: &str) -> Option<&'w str> {
    let (host, rest) = written.split_at_checked(base_url.len())?;
    let is_own = !host.is_empty()
        && host.eq_ignore_ascii_case(base_url)
        && (rest.is_empty() || rest.starts_with(['/', '?', '#']));
    is_own.then_some(rest)
}

/// The digest of a place on this site: a page, a file, or a heading on a page. `path` begins with a slash.
pub fn place_digest(path: &str, anchor: Option<&str>) -> u64 {
    let place = digest(path.as_bytes());
    anchor.map_or(place, |anchor| anchor_digest(place, anchor))
}

/// The digest of a heading on a page whose own is known.
pub fn anchor_digest(page: u64, anchor: &str) -> u64 {
    digest_after(page, anchor.as_bytes())
}

/// The digest under which a link in Markdown to a page or a file is looked up; links elsewhere have none.
pub fn written_digest(written: &str) -> Option<u64> {
    if let Some(inner) = written.strip_prefix("@/") {
        Some(page_digest(split_anchor(inner).0))
    } else if written.starts_with('/') && !written.starts_with("//") && !is_handlers(written) {
        Some(file_digest(without_query(written)))
    } else {
        None
    }
}

/// More places than these nobody looks through.
const MOST_NAMED: usize = 12;

/// The names of pages and of files are told apart.
const PAGES: u64 = 1;
const FILES: u64 = 2;

/// Pages are linked by their file, and only by it.
fn page_digest(file: &str) -> u64 {
    digest_after(PAGES, file.as_bytes())
}

/// Files are linked by their address, which must not be a page's.
fn file_digest(path: &str) -> u64 {
    digest_after(FILES, path.as_bytes())
}

fn is_handlers(address: &str) -> bool {
    address == "/meldung" || address.starts_with(form::routes::PREFIX)
}

fn without_query(address: &str) -> &str {
    address.split(['#', '?']).next().unwrap_or(address)
}

/// All that a link on this site can lead to.
pub struct Targets<'a> {
    site: &'a Site,
    /// Addresses of files and redirects, with their leading slash.
    files: BTreeSet<String>,
    places: Places<'a>,
    /// Pages that could not be finished: nobody knows what they hold.
    unfinished: HashSet<usize>,
    /// The headings of a page that a dead link means, read when there is one.
    headings: &'a (dyn Fn(usize) -> Vec<String> + Sync),
    /// Those that were read: many links may mean the same page.
    headings_read: Vec<OnceLock<Vec<String>>>,
}

impl<'a> Targets<'a> {
    /// Collects the targets: to `places` come `files`, the addresses of files and redirects.
    pub fn new(
        site: &'a Site,
        mut places: Places<'a>,
        files: BTreeSet<String>,
        unfinished: HashSet<usize>,
        headings: &'a (dyn Fn(usize) -> Vec<String> + Sync),
    ) -> Self {
        for file in &files {
            places.add_file(file);
        }
        Targets {
            site,
            files,
            places,
            unfinished,
            headings,
            headings_read: site.pages.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// Whether there are pages that could not be finished, or even found.
    pub fn has_unfinished(&self) -> bool {
        !self.unfinished.is_empty()
            || !self.site.inventory.unreadable.is_empty()
            || self.site.pages.iter().any(|page| page.is_incomplete)
    }

    /// Whether a link of a page means a place that is not there.
    pub fn is_dead(&self, place: u64) -> bool {
        self.places.is_dead(place)
    }

    /// Whether a finished page may point to this address: a page's, a file's, or one of the handler's.
    pub fn is_address(&self, href: &str) -> bool {
        let (path, anchor) = split_anchor(href);
        let path = path.split('?').next().unwrap_or(path);
        if path.starts_with(form::routes::PREFIX) {
            return self.site.config.berichtstool.value && form::routes::is_route(path);
        }
        match self.site.page_at(path) {
            Some(page) => anchor.is_none_or(|anchor| self.has(page, anchor)),
            None => self.files.contains(path) || self.site.inventory.is_unknown(path.trim_start_matches('/')),
        }
    }

    /// Whether a page has such a place; while a page cannot be finished, nobody knows.
    fn has(&self, index: usize, anchor: &str) -> bool {
        let page = &self.site.pages[index];
        page.is_incomplete
            || self.unfinished.contains(&index)
            || self.places.has(index, place_digest(&page.path, Some(anchor)))
    }

    /// Checks one link. `own` is the page on which it stands, if it stands on one; `offset` is where in `source`.
    pub fn check(&self, written: &str, source: Source<'_>, offset: usize, own: Option<&str>) -> Option<Problem> {
        let (code, message, remedy) = if let Some(refusal) = self.check_own_host(written) {
            Some(refusal)
        } else if let Some(inner) = written.strip_prefix("@/") {
            self.check_page(inner)
        } else if let (Some(anchor), Some(own)) = (written.strip_prefix('#'), own) {
            self.check_anchor(self.site.position(own)?, Some(anchor), true)
        } else if is_handlers(written) {
            self.check_route(written)
        } else if written.starts_with('/') && !written.starts_with("//") {
            self.check_path(written)
        } else {
            return check_foreign(written, source, offset);
        }?;
        Some(source.error(code, offset, message, remedy))
    }

    /// What follows `@/`.
    fn check_page(&self, inner: &str) -> Option<Refusal> {
        let (file, anchor) = split_anchor(inner);
        if let Some(page) = self.site.position(file) {
            return self.check_anchor(page, anchor, false);
        }
        let (message, remedy) = match self.site.left_out(file) {
            Some(LeftOut::Draft) => (
                format!("Die Seite „{file}“ ist noch ein Entwurf."),
                "Nehmen Sie den Link heraus, oder entfernen Sie draft = true auf der Zielseite.".to_owned(),
            ),
            Some(LeftOut::Until(day)) => (
                format!("Die Seite „{file}“ erscheint erst am {}.", form::day_text(day)),
                "Nehmen Sie den Link bis dahin heraus, oder ändern Sie date auf der Zielseite.".to_owned(),
            ),
            // Said where it is.
            Some(LeftOut::Taken) => return None,
            None if self.site.inventory.is_unknown(file) => return None,
            None => (format!("Die Seite „{file}“ gibt es nicht."), self.page_remedy(file)),
        };
        Some(("E-LINK-ZIEL", message, remedy))
    }

    /// A link to this site that names its host: a preview would leave for the published site, and a move of the site break it.
    pub fn check_own_host(&self, written: &str) -> Option<Refusal> {
        let path = on_own_host(written, &self.site.config.base_url)?;
        Some((
            "E-LINK-PFAD",
            format!("„{written}“ ist eine Adresse dieser Site; hier genügt der Weg innerhalb der Site."),
            format!(
                "Schreiben Sie {}",
                self.as_file(path)
                    .unwrap_or_else(|| format!("/{}", path.trim_start_matches('/')))
            ),
        ))
    }

    /// How the page at an address is linked.
    fn as_file(&self, written: &str) -> Option<String> {
        let (path, anchor) = split_anchor(written);
        let with_slash = format!("{}/", without_query(path).trim_end_matches('/'));
        let page = self.site.page_at(&with_slash)?;
        let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
        Some(format!("@/{}{anchor}", self.site.pages[page].file))
    }

    /// An address that the handler would have to answer.
    fn check_route(&self, written: &str) -> Option<Refusal> {
        let route = written.split(['#', '?']).next().unwrap_or(written);
        let (message, remedy) = if !self.site.config.berichtstool.value {
            (
                "Diese Site hat kein Berichtstool.".to_owned(),
                "Setzen Sie in site.toml unter [parts] berichtstool = true, oder nehmen Sie den Link heraus.",
            )
        } else if !form::routes::is_route(route) {
            (
                format!("Die Adresse „{route}“ kennt das Berichtstool nicht."),
                "Verlinken Sie zum Beispiel @/berichtstool/index.md oder /meldung/.",
            )
        } else {
            return None;
        };
        Some(("E-LINK-MELDUNG", message, remedy.to_owned()))
    }

    /// A plain path on this site: files are fine, pages have their own way of being linked.
    fn check_path(&self, written: &str) -> Option<Refusal> {
        let path = without_query(written);
        if let Some(file) = self.as_file(written) {
            return Some((
                "E-LINK-PFAD",
                format!("„{path}“ ist die Adresse einer Seite; Seiten werden mit ihrer Datei verlinkt."),
                format!("Schreiben Sie {file}"),
            ));
        }
        if self.files.contains(path) || self.site.inventory.is_unknown(&path[1..]) {
            return None;
        }
        let remedy = match nearest(path, &self.files.iter().map(String::as_str).collect::<Vec<_>>()) {
            Some(file) => format!("Meinten Sie „{file}“?"),
            None => {
                "Seiten werden als @/ordner/seite.md verlinkt, Dateien mit ihrem Pfad unter content/<site>/.".into()
            }
        };
        Some((
            "E-LINK-PFAD",
            format!("Unter „{path}“ gibt es weder Datei noch Seite."),
            remedy,
        ))
    }

    /// An anchor that the page does not have; `is_own` says that the link stands on this page.
    fn check_anchor(&self, target: usize, anchor: Option<&str>, is_own: bool) -> Option<Refusal> {
        let anchor = anchor.filter(|anchor| !self.has(target, anchor))?;
        let headings = self.headings_read[target].get_or_init(|| (self.headings)(target));
        let place = if is_own {
            "Diese Seite hat".to_owned()
        } else {
            format!("Die Seite „{}“ hat", self.site.pages[target].file)
        };
        let known: Vec<&str> = headings.iter().map(String::as_str).collect();
        let remedy = match nearest(anchor, &known) {
            Some(near) => format!("Meinten Sie „#{near}“?"),
            None if headings.is_empty() && is_own => {
                "Diese Seite hat keine Überschriften; nehmen Sie den Link heraus.".into()
            }
            None if headings.is_empty() => "Die Zielseite hat keine Überschriften; lassen Sie „#…“ weg.".into(),
            None => {
                let some: Vec<String> = headings.iter().take(MOST_NAMED).map(|id| format!("#{id}")).collect();
                let more = if headings.len() > MOST_NAMED {
                    " und weitere"
                } else {
                    ""
                };
                format!("Vorhanden sind: {}{more}.", some.join(", "))
            }
        };
        Some((
            "E-LINK-ANKER",
            format!("{place} keine Stelle mit der Kennung „{anchor}“."),
            remedy,
        ))
    }

    fn page_remedy(&self, file: &str) -> String {
        let base = file.strip_suffix(".md").unwrap_or(file).trim_end_matches('/');
        for candidate in [
            format!("{base}/index.md"),
            format!("{base}.md"),
            format!("{}.md", base.trim_end_matches("/index")),
        ] {
            if candidate != file && self.site.position(&candidate).is_some() {
                return format!("Meinten Sie „@/{candidate}“?");
            }
        }
        // A mistake in one part of a path is likelier than one in several, and quicker found among thousands.
        let name = |file: &'a str| file.rsplit('/').next();
        let folder = |file: &'a str| file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let (own_name, own_folder) = (
            file.rsplit('/').next(),
            file.rsplit_once('/').map_or("", |(folder, _)| folder),
        );
        let candidates = self.site.pages.iter().map(|page| page.file.as_str());
        let alike: Vec<&str> = candidates
            .filter(|file| name(file) == own_name || folder(file) == own_folder)
            .collect();
        match nearest(file, &alike) {
            Some(page) => format!("Meinten Sie „@/{page}“?"),
            None => {
                "Schreiben Sie den Pfad der Markdown-Datei ab content/<site>/, zum Beispiel @/kontakt/index.md.".into()
            }
        }
    }
}

/// An address in finished HTML as it was meant: without character references and percent signs.
pub fn unescaped(href: &str) -> Cow<'_, str> {
    if memchr2(b'&', b'%', href.as_bytes()).is_none() {
        return href.into();
    }
    let plain = href.replace("&amp;", "&");
    percent_decode(&plain).unwrap_or(plain).into()
}

/// Undoes %20 and the like; `None` when that does not give a text.
pub fn percent_decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

/// Why a page may not load what has an address of its own, and the code of that.
pub fn foreign_load(written: &str, base_url: &str) -> (&'static str, String) {
    if on_own_host(written, base_url).is_some() {
        let message = format!("„{written}“ ist eine Adresse dieser Site; hier genügt der Weg innerhalb der Site.");
        return ("E-LINK-PFAD", message);
    }
    if written
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
    {
        let message = "Was in der Seite selbst steht (data:), verbietet die Content Security Policy.";
        return ("E-CSP", message.to_owned());
    }
    let message = format!("„{written}“ würde von einem fremden Server geladen.");
    ("E-FREMDE-QUELLE", message)
}

/// Whether a link loads something that is not on this site, which no page may do when it is an image.
pub fn is_foreign(written: &str) -> bool {
    written.starts_with("//")
        || written
            .split_once(':')
            .is_some_and(|(scheme, _)| !scheme.contains(['/', '#', '?']))
}

pub fn split_anchor(written: &str) -> (&str, Option<&str>) {
    match written.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (written, None),
    }
}

/// Whether somebody took a page for an image.
pub fn is_image_of_page(link: &Link) -> bool {
    link.is_image && (link.written.starts_with(['@', '#']) || is_local(&link.written) && link.written.ends_with('/'))
}

/// An address on this site: a page, a place on the same page, or a path.
pub fn is_local(written: &str) -> bool {
    written.starts_with("@/") || written.starts_with('#') || (written.starts_with('/') && !written.starts_with("//"))
}

/// Addresses of other hosts are not fetched; only their form is looked at.
pub fn check_foreign(written: &str, source: Source<'_>, offset: usize) -> Option<Problem> {
    if is_elsewhere(written) {
        return None;
    }
    let (message, remedy) = foreign_fault(written)?;
    Some(source.error("E-LINK-ADRESSE", offset, message, remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_its_address() {
        assert_eq!(address("index.md"), "/");
        assert_eq!(address("a/index.md"), "/a/");
        assert_eq!(address("a/b.md"), "/a/b/");
        assert_eq!(address("a/sachindex.md"), "/a/sachindex/");
    }

    #[test]
    fn a_page_link_becomes_its_address_with_anchor() {
        assert_eq!(href("@/a/b.md#c"), "/a/b/#c");
        assert_eq!(href("@/index.md"), "/");
        assert_eq!(href("https://www.land.nrw/"), "https://www.land.nrw/");
    }
}
