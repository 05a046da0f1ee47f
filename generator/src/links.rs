//! Where a link leads: `@/…` to pages, `#…` to headings, `/…` to files and to the handler; everything else is another host's.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use form::problem::nearest;

use crate::page::Page;
use crate::problem::{Problem, Refusal, Source};

/// The address of a page: `a/b.md` is `/a/b/`, `a/index.md` is `/a/`.
pub fn address(file: &str) -> String {
    let stem = file.strip_suffix(".md").unwrap_or(file);
    match stem.strip_suffix("index") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("/{folder}"),
        _ => format!("/{stem}/"),
    }
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

/// All that a link on this site can lead to.
pub struct Targets<'a> {
    pages: BTreeMap<&'a str, Target<'a>>,
    by_path: BTreeMap<&'a str, &'a str>,
    drafts: BTreeSet<&'a str>,
    files: BTreeSet<String>,
    has_handler: bool,
}

struct Target<'a> {
    page: &'a Page,
    /// `None` while the page cannot be finished.
    ids: Option<HashSet<&'a str>>,
}

impl Target<'_> {
    fn has(&self, anchor: &str) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(anchor))
    }
}

impl<'a> Targets<'a> {
    /// Collects the targets. `ids` are those of each finished page, in the order of `pages`; `files` are the addresses of
    /// files and redirects, with their leading slash.
    pub fn new(
        pages: &'a [Page],
        ids: Vec<Option<HashSet<&'a str>>>,
        drafts: &'a [Page],
        files: BTreeSet<String>,
        has_handler: bool,
    ) -> Self {
        let by_path = pages
            .iter()
            .map(|page| (page.path.as_str(), page.file.as_str()))
            .collect();
        let pages = pages
            .iter()
            .zip(ids)
            .map(|(page, ids)| (page.file.as_str(), Target { page, ids }))
            .collect();
        let drafts = drafts.iter().map(|page| page.file.as_str()).collect();
        Targets {
            pages,
            by_path,
            drafts,
            files,
            has_handler,
        }
    }

    /// Whether a finished page may point to this address: a page's, a file's, or one of the handler's.
    pub fn is_address(&self, href: &str) -> bool {
        let (path, anchor) = split_anchor(href);
        let path = path.split('?').next().unwrap_or(path);
        if path.starts_with(form::routes::PREFIX) {
            return self.has_handler && form::routes::is_route(path);
        }
        match self.by_path.get(path).and_then(|file| self.pages.get(file)) {
            Some(target) => anchor.is_none_or(|anchor| target.has(anchor)),
            None => self.files.contains(path),
        }
    }

    /// Checks one link. `own` is the page on which it stands, if it stands on one; `offset` is where in `source`.
    pub fn check(&self, written: &str, source: Source<'_>, offset: usize, own: Option<&str>) -> Option<Problem> {
        let (code, message, remedy) = if let Some(inner) = written.strip_prefix("@/") {
            self.check_page(inner)
        } else if let (Some(anchor), Some(own)) = (written.strip_prefix('#'), own) {
            check_anchor(self.pages.get(own)?, Some(anchor), true)
        } else if written == "/meldung" || written.starts_with(form::routes::PREFIX) {
            self.check_route(written)
        } else if written.starts_with('/') && !written.starts_with("//") {
            self.check_path(written)
        } else {
            check_foreign(written)
        }?;
        Some(source.error(code, offset, message, remedy))
    }

    /// What follows `@/`.
    fn check_page(&self, inner: &str) -> Option<Refusal> {
        let (file, anchor) = split_anchor(inner);
        let (message, remedy) = match self.pages.get(file) {
            Some(target) => return check_anchor(target, anchor, false),
            None if self.drafts.contains(file) => (
                format!("Die Seite „{file}“ ist noch ein Entwurf."),
                "Nehmen Sie den Link heraus, oder entfernen Sie draft = true auf der Zielseite.".to_owned(),
            ),
            None => (format!("Die Seite „{file}“ gibt es nicht."), self.page_remedy(file)),
        };
        Some(("E-LINK-ZIEL", message, remedy))
    }

    /// An address that the handler would have to answer.
    fn check_route(&self, written: &str) -> Option<Refusal> {
        let route = written.split(['#', '?']).next().unwrap_or(written);
        let (message, remedy) = if !self.has_handler {
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
        let path = written.split(['#', '?']).next().unwrap_or(written);
        let with_slash = format!("{}/", path.trim_end_matches('/'));
        if let Some(page) = self.by_path.get(with_slash.as_str()) {
            let anchor = written
                .split_once('#')
                .map(|(_, anchor)| format!("#{anchor}"))
                .unwrap_or_default();
            return Some((
                "E-LINK-PFAD",
                format!("„{path}“ ist die Adresse einer Seite; Seiten werden mit ihrer Datei verlinkt."),
                format!("Schreiben Sie @/{page}{anchor}"),
            ));
        }
        if self.files.contains(path) {
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

    fn page_remedy(&self, file: &str) -> String {
        let base = file.strip_suffix(".md").unwrap_or(file).trim_end_matches('/');
        for candidate in [
            format!("{base}/index.md"),
            format!("{base}.md"),
            format!("{}.md", base.trim_end_matches("/index")),
        ] {
            if candidate != file && self.pages.contains_key(candidate.as_str()) {
                return format!("Meinten Sie „@/{candidate}“?");
            }
        }
        match nearest(file, &self.pages.keys().copied().collect::<Vec<_>>()) {
            Some(page) => format!("Meinten Sie „@/{page}“?"),
            None => {
                "Schreiben Sie den Pfad der Markdown-Datei ab content/<site>/, zum Beispiel @/kontakt/index.md.".into()
            }
        }
    }
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

/// Whether a link loads something from another host, which no page may do when it is an image.
pub fn is_foreign(written: &str) -> bool {
    written.starts_with("//")
        || written
            .split_once(':')
            .is_some_and(|(scheme, _)| !scheme.contains(['/', '#', '?']))
}

fn split_anchor(written: &str) -> (&str, Option<&str>) {
    match written.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (written, None),
    }
}

/// An anchor that the page does not have; `is_own` says that the link stands on this page.
fn check_anchor(target: &Target<'_>, anchor: Option<&str>, is_own: bool) -> Option<Refusal> {
    let anchor = anchor.filter(|anchor| !target.has(anchor))?;
    let headings: Vec<&str> = target.page.document.ids().collect();
    let place = if is_own {
        "Diese Seite hat".to_owned()
    } else {
        format!("Die Seite „{}“ hat", target.page.file)
    };
    let remedy = match nearest(anchor, &headings) {
        Some(near) => format!("Meinten Sie „#{near}“?"),
        None if headings.is_empty() => "Die Zielseite hat keine Überschriften; lassen Sie „#…“ weg.".into(),
        None => format!(
            "Vorhanden sind: {}.",
            headings
                .iter()
                .map(|id| format!("#{id}"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    Some((
        "E-LINK-ANKER",
        format!("{place} keine Stelle mit der Kennung „{anchor}“."),
        remedy,
    ))
}

/// Addresses of other hosts are not fetched; only their form is looked at.
fn check_foreign(written: &str) -> Option<Refusal> {
    if ["https://", "mailto:", "tel:"]
        .iter()
        .any(|known| written.starts_with(known))
    {
        return None;
    }
    let (message, remedy) = if written.starts_with("//") {
        (
            format!("„{written}“ nennt kein Protokoll."),
            format!("Schreiben Sie https:{written}"),
        )
    } else if let Some(rest) = written.strip_prefix("http://") {
        (
            "Der Link ist unverschlüsselt.".to_owned(),
            format!("Schreiben Sie https://{rest}"),
        )
    } else if written.is_empty() {
        (
            "Der Link hat kein Ziel.".to_owned(),
            "Tragen Sie zwischen den Klammern ein Ziel ein.".to_owned(),
        )
    } else {
        (
            format!("„{written}“ ist keine Adresse, die hier verwendet werden kann."),
            "Seiten werden als @/ordner/seite.md verlinkt, Dateien als /pfad/datei.pdf, fremde Seiten mit https://."
                .to_owned(),
        )
    };
    Some(("E-LINK-ADRESSE", message, remedy))
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
