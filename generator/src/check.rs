//! What can be judged only when a whole site is there: menus, redirects, the pages that it owes, its files.

pub mod finished;
pub mod owed;
pub mod security_txt;

use std::collections::HashSet;

use jiff::civil::Date;
use memchr::memmem;

use crate::assets::{Asset, named_in_css};
use crate::keys::Placed;
use crate::links::{self, Targets};
use crate::page::Page;
use crate::problem::{Problem, Source};
use crate::prose;
use crate::render::Relations;
use crate::site::Site;
use crate::source_files;
use crate::state::Record;
use crate::theme::Theme;

/// Checks what only the whole site shows; `records` are those of its pages.
pub fn check_site(
    site: &Site,
    theme: Option<&Theme>,
    relations: &Relations,
    today: Date,
    records: &[&Record],
    targets: &Targets<'_>,
    problems: &mut Vec<Problem>,
) {
    let before = problems.len();
    check_menus(site, targets, problems);
    let is_whole = problems.len() == before && !targets.has_unfinished();
    check_redirects(site, targets, problems);
    check_berichtstool(site, targets, problems);
    problems.extend(translations(site, relations));
    problems.extend(undated_news(site));
    problems.extend(spellings(site));
    problems.extend(foreign_files(site, targets));
    problems.extend(old_pages(site, today));
    // What only an unfinished page or a wrong menu leaves unlinked is no mistake of its own.
    problems.extend(owed::missing(site, records, is_whole));
    if is_whole {
        problems.extend(unused_files(site, theme, records));
        problems.extend(theme.iter().flat_map(|theme| unused_assets(theme)));
    }
}

/// A translation is in another language than what it translates, and the only one in it; and both heads name pages.
fn translations(site: &Site, relations: &Relations) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, page) in site.pages.iter().enumerate() {
        let head = &page.front_matter;
        let named = |link: &'_ Placed<String>| Some(links::split_anchor(link.value.strip_prefix("@/")?).0.to_owned());
        let report = |link: &Placed<String>, message: String, remedy: &str| {
            page.source().error("E-UEBERSETZUNG", link.offset, message, remedy)
        };
        for (name, link) in [
            ("simple_language", &head.simple_language),
            ("translation_of", &head.translation_of),
        ] {
            let Some(link) = link else { continue };
            match named(link) {
                None => problems.push(report(
                    link,
                    format!("Bei {name} wird eine Seite dieser Site erwartet."),
                    "Nennen Sie ihre Datei, zum Beispiel @/programm/index.md.",
                )),
                Some(file) if file == page.file => problems.push(report(
                    link,
                    "Die Seite nennt sich selbst.".to_owned(),
                    "Nennen Sie die andere Seite, oder nehmen Sie die Zeile heraus.",
                )),
                Some(_) => {}
            }
        }
        let Some(link) = &head.translation_of else { continue };
        let language = head.language.as_str();
        let original = named(link).and_then(|file| site.position(&file));
        let versions = relations
            .translations(index)
            .iter()
            .map(|&version| &site.pages[version]);
        let mut twins = versions.filter(|version| version.front_matter.language == language);
        if original.is_some_and(|original| original != index && site.pages[original].front_matter.language == language)
        {
            problems.push(report(
                link,
                format!("Beide Seiten nennen dieselbe Sprache: {language}."),
                "Nennen Sie im Kopf dieser Seite ihre eigene Sprache, zum Beispiel language = \"en\".",
            ));
        } else if let Some(twin) =
            twins.find(|twin| twin.file < page.file || twin.front_matter.translation_of.is_none())
        {
            problems.push(report(
                link,
                format!(
                    "Dasselbe sagt in dieser Sprache ({language}) schon die Seite „{}“.",
                    twin.file
                ),
                "Nennen Sie im Kopf dieser Seite ihre eigene Sprache, oder nehmen Sie die Zeile heraus.",
            ));
        }
    }
    problems
}

/// News without a day stand last on their page and in no feed.
fn undated_news(site: &Site) -> Vec<Problem> {
    let sections = (0..site.pages.len()).filter(|&section| site.pages[section].front_matter.feed);
    let news = sections.flat_map(|section| site.tree.children(section));
    let undated = news
        .map(|&page| &site.pages[page])
        .filter(|page| page.front_matter.date.is_none() && !page.is_section);
    let problem = |page: &Page| {
        Problem::in_file(
            "H-DATUM",
            &page.source_file,
            "Diese Neuigkeit hat kein Datum; darum steht sie zuletzt und fehlt im Feed.",
            "Ergänzen Sie im Kopf der Seite zum Beispiel date = 2026-11-01",
        )
        .into_warning()
    };
    undated.filter(|page| !page.is_incomplete).map(problem).collect()
}

/// Names stand in titles first of all: in the heads of pages, and in `site.toml`.
fn spellings(site: &Site) -> Vec<Problem> {
    let words = site.config.spellings.as_slice();
    if words.is_empty() {
        return Vec::new();
    }
    let pages = site.pages.iter().flat_map(|page| {
        let head = &page.front_matter;
        [&head.title, &head.description, &head.summary].map(|text| (page.source(), text))
    });
    let config = &site.config;
    let menus = config.menus().into_iter().flat_map(|(_, entries)| entries);
    let own = [&config.title, &config.subtitle, &config.operator].into_iter();
    let own = own
        .chain(menus.map(|entry| &entry.title))
        .map(|text| (config.source(), text));
    pages
        .chain(own)
        .flat_map(|(source, text)| prose::spellings_in_value(source, text, words))
        .collect()
}

/// Pages and drawings that others have made are published as they are, and load from elsewhere as little as ours.
fn foreign_files(site: &Site, targets: &Targets<'_>) -> Vec<Problem> {
    let ending = |file: &str| file.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let files = site.inventory.files.iter();
    let files = files.filter(|file| matches!(ending(file).as_str(), "html" | "htm" | "svg"));
    let problems = files.flat_map(|file| {
        let text = source_files::read_published(&site.inventory.folder.join(file));
        let shown = format!("{}/{file}", site.inventory.shown);
        let source = Source {
            file: &shown,
            text: &text,
        };
        finished::foreign_file(source, ending(file) == "svg", site, targets)
    });
    problems.collect()
}

/// Somebody should look at a page again when nobody has vouched for it in a long time.
fn old_pages(site: &Site, today: Date) -> Vec<Problem> {
    let months = site.config.stand_max_months;
    let Ok(oldest) = today.checked_sub(jiff::Span::new().months(months)) else {
        return Vec::new();
    };
    let problem = |page: &Page| {
        let stand = page.front_matter.stand.as_ref().filter(|stand| stand.value < oldest)?;
        (!page.is_archived).then(|| {
            let message = format!("Die Seite ist auf dem Stand vom {}.", form::day_text(stand.value));
            let remedy = format!("Prüfen Sie die Seite und setzen Sie stand neu; {months} Monate sind vereinbart.");
            page.source()
                .error("H-STAND", stand.offset, message, remedy)
                .into_warning()
        })
    };
    site.pages.iter().filter_map(problem).collect()
}

/// What a theme has of its own and neither its templates nor its styles and scripts name.
fn unused_assets(theme: &Theme) -> Vec<Problem> {
    let own = theme
        .assets
        .iter()
        .filter(|asset| asset.shown.starts_with(&theme.shown));
    let is_unused = |asset: &&Asset| {
        // Styles name files from where they lie themselves.
        let name = asset.file.rsplit('/').next().unwrap_or_default();
        let others = theme.assets.iter().filter(|other| other.file != asset.file);
        let mut texts = others.map(|other| other.style.as_ref().map_or(other.bytes.as_slice(), String::as_bytes));
        theme.find(|text| text.find(name)).is_none()
            && !theme.answers.iter().any(|answer| answer.text.contains(name))
            && !texts.any(|text| memmem::find(text, name.as_bytes()).is_some())
    };
    let problem = |asset: &Asset| {
        Problem::in_file(
            "H-DATEI-UNBENUTZT",
            &asset.shown,
            "Keine Vorlage und kein Stil des Themas nennt diese Datei.",
            "Nennen Sie sie, oder nehmen Sie sie heraus.",
        )
        .into_warning()
    };
    own.filter(is_unused).map(problem).collect()
}

/// A file that nothing links to is published all the same; perhaps a link was forgotten, or the file.
fn unused_files(site: &Site, theme: Option<&Theme>, records: &[&Record]) -> Vec<Problem> {
    let linked = site.config.menus().into_iter().flat_map(|(_, entries)| entries);
    let linked = linked.map(|entry| &entry.link.value);
    let redirected = site.redirects.iter().map(|redirect| &redirect.to);
    let styles = theme.iter().flat_map(|theme| &theme.assets);
    let styles = styles.filter_map(|asset| asset.style.as_deref()).flat_map(named_in_css);
    let known: HashSet<&str> = linked.chain(redirected).map(String::as_str).chain(styles).collect();
    let is_used = |file: &&String| {
        let address = format!("/{file}");
        let place = links::place_digest(&address, None);
        known.contains(address.as_str())
            || records.iter().any(|record| {
                record.targets.binary_search(&place).is_ok() || record.reads.iter().any(|(name, _)| *name == address)
            })
    };
    let problem = |file: &String| {
        Problem::in_file(
            "H-DATEI-UNBENUTZT",
            format!("{}/{file}", site.inventory.shown),
            "Auf diese Datei führt kein Link.",
            "Verlinken Sie sie, oder nehmen Sie sie heraus.",
        )
        .into_warning()
    };
    // Other programs look for these by themselves.
    let by_name = |file: &&String| !file.starts_with(".well-known/") && *file != "favicon.ico";
    let files = site.inventory.files.iter();
    files
        .filter(by_name)
        .filter(|file| !is_used(file))
        .map(problem)
        .collect()
}

fn check_menus(site: &Site, targets: &Targets<'_>, problems: &mut Vec<Problem>) {
    let source = site.config.source();
    for (_, entries) in site.config.menus() {
        problems.extend(
            entries
                .iter()
                .filter_map(|entry| targets.check(&entry.link.value, source, entry.link.offset, None)),
        );
    }
}

/// A redirect leads straight to a page or a file of today, never to the next redirect, let alone in a circle.
fn check_redirects(site: &Site, targets: &Targets<'_>, problems: &mut Vec<Problem>) {
    let source = site.config.source();
    let old: HashSet<&str> = site
        .redirects
        .iter()
        .map(|redirect| redirect.from.value.as_str())
        .collect();
    for Placed { value: to, offset } in site.config.redirects.iter().map(|redirect| &redirect.to) {
        if old.contains(to.split(['#', '?']).next().unwrap_or(to)) {
            problems.push(source.error(
                "E-WEITERLEITUNG-KETTE",
                *offset,
                format!("„{to}“ ist selbst eine alte Adresse."),
                "Nennen Sie gleich die heutige Seite, zum Beispiel @/programm/index.md.",
            ));
        } else if to.contains(|c: char| c.is_whitespace() || c.is_control() || ";{}$\"'\\".contains(c)) {
            problems.push(source.error(
                "E-LINK-ADRESSE",
                *offset,
                format!("„{to}“ enthält Zeichen, die in der Einstellung des Webservers etwas anderes bedeuten."),
                "Schreiben Sie Sonderzeichen mit Prozentzeichen, ein Leerzeichen zum Beispiel als %20.",
            ));
        } else {
            problems.extend(targets.check(to, source, *offset, None));
        }
    }
}

/// Where the search is found.
pub const SEARCH_PAGE: &str = "/suche/";

/// Parts that are switched on have their pages: the login form with a paragraph for visitors without a session, and the search.
fn check_berichtstool(site: &Site, targets: &Targets<'_>, problems: &mut Vec<Problem>) {
    let berichtstool = &site.config.berichtstool;
    let suche = &site.config.suche;
    if suche.value && !targets.is_address(SEARCH_PAGE) {
        problems.push(site.config.source().error(
            "E-SUCHE",
            suche.offset,
            format!("Die Suche braucht eine Seite mit der Adresse {SEARCH_PAGE}."),
            "Legen Sie suche/index.md mit template = \"suche.html\" an.",
        ));
    }
    if berichtstool.value && !targets.is_address(form::routes::NO_SESSION) {
        let message = format!(
            "Das Berichtstool braucht eine Seite mit der Adresse {}.",
            form::routes::NO_SESSION
        );
        problems.push(site.config.source().error(
            "E-BERICHTSTOOL",
            berichtstool.offset,
            message,
            "Legen Sie berichtstool/index.md mit template = \"berichtstool.html\" an.",
        ));
    }
}
