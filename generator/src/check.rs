//! What can be judged only when a whole site is there: links, notices, and what the theme makes of the pages.

use std::borrow::Cow;
use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::assets::named_in_css;
use crate::html::{self, Outline};
use crate::keys::Placed;
use crate::links::{self, Targets};
use crate::markdown::Document;
use crate::page::Page;
use crate::pages::{Finished, OutputFinding, inline_findings};
use crate::problem::{Problem, Source};
use crate::site::Site;
use crate::state::Record;
use crate::theme::Theme;

/// Checks what only the whole site shows; `records` are those of its pages.
pub fn check_site(site: &Site, today: Date, records: &[&Record], targets: &Targets<'_>, problems: &mut Vec<Problem>) {
    let before = problems.len();
    check_menus(site, targets, problems);
    let is_whole = problems.len() == before && !targets.has_unfinished();
    check_redirects(site, targets, problems);
    check_berichtstool(site, targets, problems);
    problems.extend(translations(site));
    problems.extend(old_pages(site, today));
    // What only an unfinished page or a wrong menu leaves unlinked is no mistake of its own.
    problems.extend(missing_pages(site, records, is_whole));
    if is_whole {
        problems.extend(unused_files(site, records));
    }
}

/// The pages that every public body owes its readers, each one click away from everywhere.
const OWED: [(&str, &str); 5] = [
    ("/impressum/", "Impressum (§ 5 DDG)"),
    ("/datenschutz/", "Datenschutz (Art. 13 DSGVO)"),
    ("/barrierefreiheit/", "Erklärung zur Barrierefreiheit (§ 10b BGG NRW)"),
    ("/leichte-sprache/", "Leichte Sprache (BITV NRW)"),
    ("/gebaerdensprache/", "Deutsche Gebärdensprache (BITV NRW)"),
];

fn missing_pages(site: &Site, records: &[&Record], is_whole: bool) -> Vec<Problem> {
    let config = site.config.source();
    let mut problems = Vec::new();
    for (path, name) in OWED {
        let place = links::place_digest(path, None);
        let exists = site.pages.iter().any(|page| page.path == path);
        let has_link = |(page, record): &(&Page, &&Record)| {
            page.path == path
                || page.is_incomplete
                || record.targets.binary_search(&place).is_ok()
                // HTML that breaks off swallows what follows it.
                || record.problems.iter().any(|problem| problem.code == "E-HTML")
        };
        let without: Vec<&Page> = site
            .pages
            .iter()
            .zip(records)
            .filter(|pair| !has_link(pair))
            .map(|(page, _)| page)
            .collect();
        let (message, remedy) = match without.first() {
            _ if !exists => (
                format!("Der Site fehlt die Seite {path}: {name}."),
                format!("Legen Sie {}index.md an.", &path[1..]),
            ),
            Some(page) if is_whole => (
                format!(
                    "{name} ist nicht von jeder Seite aus zu erreichen: Auf {}{} fehlt der Link auf {path}.",
                    page.source_file,
                    match without.len() {
                        1 => String::new(),
                        2 => " und einer weiteren Seite".to_owned(),
                        count => format!(" und {} weiteren Seiten", count - 1),
                    }
                ),
                format!("Nehmen Sie @{path}index.md unter [[footer]] oder [[service]] auf."),
            ),
            _ => continue,
        };
        problems.push(config.error_at("E-PFLICHTSEITE", 0, 0, message, remedy));
    }
    problems
}

/// A translation is in another language than what it translates.
fn translations(site: &Site) -> Vec<Problem> {
    let problem = |page: &Page| {
        let link = page.front_matter.translation_of.as_ref()?;
        let file = link.value.strip_prefix("@/")?;
        let original = site.pages.iter().find(|original| original.file == file)?;
        (original.front_matter.language == page.front_matter.language).then(|| {
            page.source().error(
                "E-UEBERSETZUNG",
                link.offset,
                format!("Beide Seiten nennen dieselbe Sprache: {}.", page.front_matter.language),
                "Nennen Sie im Kopf dieser Seite ihre eigene Sprache, zum Beispiel language = \"en\".",
            )
        })
    };
    site.pages.iter().filter_map(problem).collect()
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

/// A file that nothing links to is published all the same; perhaps a link was forgotten, or the file.
fn unused_files(site: &Site, records: &[&Record]) -> Vec<Problem> {
    let linked = site.config.menus().into_iter().flat_map(|(_, entries)| entries);
    let linked = linked.map(|entry| &entry.link.value);
    let redirected = site.redirects.iter().map(|redirect| &redirect.to);
    let known: HashSet<&str> = linked.chain(redirected).map(String::as_str).collect();
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

/// When `.well-known/security.txt` ends, nobody may rely on it any more (RFC 9116).
pub fn security_txt(shown: &str, text: &str, now: Timestamp) -> Vec<Problem> {
    let source = Source { file: shown, text };
    let field = |name: &str| {
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            if let Some((key, value)) = line.split_once(':').filter(|(key, _)| key.eq_ignore_ascii_case(name)) {
                let blank = value.len() - value.trim_start().len();
                return Some((offset + key.len() + 1 + blank, value.trim()));
            }
            offset += line.len();
        }
        None
    };
    let mut problems = Vec::new();
    if field("Contact").is_none() {
        problems.push(source.error_at(
            "E-SECURITY-TXT",
            0,
            0,
            "In security.txt steht nicht, wer Sicherheitslücken entgegennimmt.",
            "Ergänzen Sie eine Zeile Contact: mailto:…",
        ));
    }
    let example = "Schreiben Sie einen Zeitpunkt in höchstens einem Jahr: Expires: 2027-10-31T22:00:00Z";
    match field("Expires").map(|(offset, value)| (offset, value.parse::<Timestamp>())) {
        None => problems.push(source.error_at(
            "E-SECURITY-TXT",
            0,
            0,
            "In security.txt steht nicht, wie lange sie gilt.",
            example,
        )),
        Some((offset, Err(_))) => problems.push(source.error(
            "E-SECURITY-TXT",
            offset,
            "Bei Expires wird ein Zeitpunkt erwartet.",
            example,
        )),
        Some((offset, Ok(end))) if end <= now => {
            problems.push(source.error("E-SECURITY-TXT", offset, "security.txt gilt nicht mehr.", example));
        }
        Some((offset, Ok(end))) if end <= now + jiff::SignedDuration::from_hours(30 * 24) => {
            let message = "security.txt gilt keine 30 Tage mehr.";
            problems.push(source.error("H-SECURITY-TXT", offset, message, example).into_warning());
        }
        Some(_) => {}
    }
    problems
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

/// Says of a page with links that lead nowhere which they are and what may be meant.
pub fn dead_links(
    site: &Site,
    theme: Option<&Theme>,
    index: usize,
    finished: &Finished<'_>,
    targets: &Targets<'_>,
) -> Vec<Problem> {
    let page = &site.pages[index];
    let source = page.source_in(&finished.text);
    let links = finished.document.links.iter();
    let mut problems: Vec<Problem> = links
        .filter(|link| !links::is_elsewhere(&link.written))
        .filter_map(|link| targets.check(&link.written, source, link.offset, Some(&page.file)))
        .collect();
    let head = [&page.front_matter.simple_language, &page.front_matter.translation_of];
    problems.extend(
        head.into_iter()
            .flatten()
            .filter_map(|link| targets.check(&link.value, source, link.offset, None)),
    );
    if let Some(html) = finished.html {
        let outline = html::outline(html);
        let findings = dead_in_output(site, &finished.document, &outline, targets);
        problems.extend(
            findings
                .into_iter()
                .map(|finding| placed(finding, page, finished, theme)),
        );
    }
    problems
}

/// Where the navigations lead; that is judged where they are written.
fn menu_links(site: &Site) -> impl Iterator<Item = Cow<'_, str>> {
    let entries = site.config.menus().into_iter().flat_map(|(_, entries)| entries);
    entries.map(|entry| links::href(&entry.link.value))
}

/// A finding in a finished page, shown where its cause is written: in the page's text, or in the theme.
pub fn placed(finding: OutputFinding<'_>, page: &Page, finished: &Finished<'_>, theme: Option<&Theme>) -> Problem {
    let OutputFinding {
        code,
        value,
        message,
        remedy,
    } = finding;
    if code == "E-ID-DOPPELT" {
        let headings = &finished.document.headings;
        if let Some(heading) = headings.iter().rfind(|heading| heading.id == value) {
            let source = page.source_in(&finished.text);
            return source.error(code, heading.range.start, message, remedy);
        }
    }
    for place_of in [place_as_value, place_anywhere] {
        if let Some(offset) = place_of(value, &finished.text) {
            return page.source_in(&finished.text).error(code, offset, message, remedy);
        }
        if let Some((source, offset)) = theme.and_then(|theme| theme.find(|text| place_of(value, text))) {
            return source.error(code, offset, message, remedy);
        }
    }
    match theme {
        Some(theme) => Problem::in_file(
            code,
            format!("{}/templates/{}", theme.shown, page.template()),
            format!("{} (bei {}).", message.trim_end_matches('.'), page.source_file),
            remedy,
        ),
        None => Problem::in_file(code, &page.source_file, message, remedy),
    }
}

/// Where something that a finished page has stands in a text that it may come from.
pub fn place_of(value: &str, text: &str) -> Option<usize> {
    place_as_value(value, text).or_else(|| place_anywhere(value, text))
}

/// Where a tag has this value, be it among others as in `srcset`, or this attribute. The same letters in a sentence are no cause.
fn place_as_value(value: &str, text: &str) -> Option<usize> {
    if value.is_empty() {
        return place_of_empty_address(text);
    }
    let is_value = |at: &usize| {
        let (before, after) = (&text[..*at], &text[*at + value.len()..]);
        before.ends_with(|c: char| c.is_whitespace() || "\"'=,".contains(c))
            && after.starts_with(|c: char| c.is_whitespace() || "\"'=,>".contains(c))
            && before.rfind('<') > before.rfind('>')
    };
    text.match_indices(value).map(|(at, _)| at).find(is_value)
}

fn place_of_empty_address(text: &str) -> Option<usize> {
    let names = ["href", "src", "action", "poster"];
    let empty = ["=\"\"", "=''"].into_iter().flat_map(|empty| text.match_indices(empty));
    empty
        .filter(|(at, _)| names.iter().any(|name| text[..*at].ends_with(name)))
        .map(|(at, _)| at + 1)
        .min()
}

fn place_anywhere(value: &str, text: &str) -> Option<usize> {
    text.find(value).filter(|_| !value.is_empty())
}

/// What a template does wrong, it does on every page; it is said once, and not again where it was found by itself.
pub fn once_per_template(problems: &mut Vec<Problem>, theme: &str) {
    let theme = format!("{theme}/");
    let lint = problems.iter().filter(|problem| problem.code == "E-VORLAGE-ANGABE");
    let known: HashSet<(String, usize)> = lint.map(|problem| (problem.file.clone(), problem.line)).collect();
    let mut seen = HashSet::new();
    problems.retain(|problem| {
        if !problem.file.starts_with(&theme) {
            return true;
        }
        let is_known = problem.code == "E-VORLAGE" && known.contains(&(problem.file.clone(), problem.line));
        !is_known && seen.insert((problem.code.clone(), problem.file.clone(), problem.line, problem.column))
    });
}

/// Links and files that only the finished page shows, and that are not there.
fn dead_in_output<'a>(
    site: &Site,
    document: &Document,
    outline: &Outline<'a>,
    targets: &Targets<'_>,
) -> Vec<OutputFinding<'a>> {
    let written = document.links.iter().map(|link| links::href(&link.written));
    let judged: HashSet<Cow<'_, str>> = written.chain(menu_links(site)).collect();
    let is_new = |written: &&str| !judged.contains(*written) && !judged.contains(&links::unescaped(written));
    let ids: HashSet<&str> = outline.ids.iter().copied().collect();
    let new_links = outline.links.iter().copied().filter(is_new);
    let mut findings: Vec<OutputFinding<'a>> = new_links.filter_map(|link| dead_link(link, &ids, targets)).collect();
    let new_loads = outline.loads.iter().copied().filter(is_new);
    findings.extend(new_loads.filter_map(|load| missing_file(load, targets)));
    findings
}

const CHECK_ADDRESS: &str = "Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.";

fn dead_link<'a>(link: &'a str, ids: &HashSet<&str>, targets: &Targets<'_>) -> Option<OutputFinding<'a>> {
    let leads_somewhere = match link.strip_prefix('#') {
        Some(id) => ids.contains(id),
        None if link.starts_with('/') => targets.is_address(&links::unescaped(link)),
        None => links::is_elsewhere(link),
    };
    if leads_somewhere {
        return None;
    }
    let (code, message, remedy) = if link.is_empty() {
        ("E-AUSGABE-LINK", "Der Link hat kein Ziel.".to_owned(), CHECK_ADDRESS)
    } else if link.starts_with("http://") {
        (
            "E-LINK-ADRESSE",
            format!("Der Link „{link}“ ist unverschlüsselt."),
            "Schreiben Sie die Adresse mit https://.",
        )
    } else {
        (
            "E-AUSGABE-LINK",
            format!("Der Link „{link}“ führt nirgends hin."),
            CHECK_ADDRESS,
        )
    };
    Some(OutputFinding {
        code,
        value: link,
        message,
        remedy,
    })
}

fn missing_file<'a>(load: &'a str, targets: &Targets<'_>) -> Option<OutputFinding<'a>> {
    (!links::is_foreign(load) && !targets.is_address(&links::unescaped(load))).then(|| OutputFinding {
        code: "E-AUSGABE-LINK",
        value: load,
        message: format!("Die Datei „{load}“ gibt es nicht."),
        remedy: CHECK_ADDRESS,
    })
}

/// The links and files of a page that only the theme has written, but for those that the site has.
pub fn own_page(theme: &Theme, template: &str, html: &str, targets: &Targets<'_>, site: &Site) -> Vec<Problem> {
    let redirects = site.redirects.iter().map(|redirect| links::href(&redirect.to));
    let known: HashSet<Cow<'_, str>> = redirects.chain(menu_links(site)).collect();
    let outline = html::outline(html);
    let ids: HashSet<&str> = outline.ids.iter().copied().collect();
    let is_unknown = |link: &&&str| !known.contains(&links::unescaped(link));
    let links = outline.links.iter().filter(is_unknown);
    let mut findings: Vec<OutputFinding<'_>> = links.filter_map(|link| dead_link(link, &ids, targets)).collect();
    findings.extend(outline.loads.iter().filter_map(|load| missing_file(load, targets)));
    findings.extend(inline_findings(&outline));
    let file = format!("{}/templates/{template}", theme.shown);
    let problem = |finding: OutputFinding<'_>| match theme.find(|text| place_of(finding.value, text)) {
        Some((source, offset)) => source.error(finding.code, offset, finding.message, finding.remedy),
        None => Problem::in_file(finding.code, file.as_str(), finding.message, finding.remedy),
    };
    findings.into_iter().map(problem).collect()
}

/// What style sheets name exists, and lies on this host.
pub fn styles(theme: &Theme, targets: &Targets<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for asset in &theme.assets {
        let Some(text) = &asset.style else { continue };
        let shown = format!("{}/static/{}", theme.shown, asset.file);
        let source = Source { file: &shown, text };
        // Both name the same things in the same order.
        let bytes = String::from_utf8_lossy(&asset.bytes);
        for (name, published) in named_in_css(text).into_iter().zip(named_in_css(&bytes)) {
            let offset = html::offset_in(text, name);
            if links::is_foreign(name) {
                problems.push(source.error(
                    "E-FREMDE-QUELLE",
                    offset,
                    format!("„{name}“ würde von einem fremden Server geladen."),
                    "Legen Sie die Datei in das Thema.",
                ));
            } else if !targets.is_address(name) && !theme.assets.iter().any(|asset| asset.published == published) {
                problems.push(source.error(
                    "E-AUSGABE-LINK",
                    offset,
                    format!("Die Datei „{name}“ gibt es nicht."),
                    "Legen Sie sie unter static/ ab, oder nehmen Sie die Zeile heraus.",
                ));
            }
        }
    }
    problems
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
