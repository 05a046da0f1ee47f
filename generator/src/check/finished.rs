//! What finished pages show to be wrong, told where its cause is written: in a text or in the theme.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::assets::named_in_css;
use crate::html::{self, Outline};
use crate::links::{self, Targets};
use crate::markdown::Document;
use crate::page::Page;
use crate::pages::{Finished, OutputFinding, foreign_loads, inline_findings};
use crate::problem::{Problem, Source};
use crate::site::Site;
use crate::theme::Theme;

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
        .filter(|link| !links::is_image_of_page(link))
        // Of an image that is not loaded from here the text alone says all.
        .filter(|link| !link.is_image || !links::is_foreign(&link.written))
        .filter_map(|link| targets.check(&link.written, source, link.offset, Some(&page.file)))
        .collect();
    let head = [&page.front_matter.simple_language, &page.front_matter.translation_of];
    problems.extend(
        head.into_iter()
            .flatten()
            .filter(|link| link.value.starts_with("@/"))
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
pub fn menu_links(site: &Site) -> impl Iterator<Item = Cow<'_, str>> {
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
pub fn once_per_template(problems: &mut Vec<Problem>) {
    let lint = problems.iter().filter(|problem| problem.code == "E-VORLAGE-ANGABE");
    let known: HashSet<(String, usize)> = lint.map(|problem| (problem.file.clone(), problem.line)).collect();
    let mut seen = HashSet::new();
    problems.retain(|problem| {
        if !problem.file.starts_with("themes/") {
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
    let written = document.links.iter().map(|link| Cow::from(link.href()));
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
        None => links::is_elsewhere(link) && targets.check_own_host(link).is_none(),
    };
    if leads_somewhere {
        return None;
    }
    let (code, message, remedy) = if let Some((code, message, _)) = targets.check_own_host(link) {
        (code, message, "Schreiben Sie die Adresse ab dem ersten Schrägstrich.")
    } else if link.is_empty() {
        ("E-AUSGABE-LINK", "Der Link hat kein Ziel.".to_owned(), CHECK_ADDRESS)
    } else if link.starts_with("http://") {
        (
            "E-LINK-ADRESSE",
            format!("Der Link „{link}“ ist unverschlüsselt."),
            "Schreiben Sie die Adresse mit https://.",
        )
    } else if let Some((message, _)) = links::foreign_fault(link).filter(|_| link.contains(':')) {
        ("E-LINK-ADRESSE", message, CHECK_ADDRESS)
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

/// What a file does that is published as somebody else has written it. A drawing may have styles of its own: it is an image.
pub fn foreign_file(source: Source<'_>, is_drawing: bool, site: &Site, targets: &Targets<'_>) -> Vec<Problem> {
    let outline = html::outline(source.text);
    let is_code = |inline: &str| !is_drawing || inline.starts_with("<script") || inline.starts_with("on");
    let mut findings: Vec<OutputFinding<'_>> = inline_findings(&outline)
        .filter(|finding| is_code(finding.value))
        .collect();
    let base_url = &site.config.base_url;
    findings.extend(foreign_loads(&outline, base_url));
    // Where a relative address leads depends on where the file lies; browsers know.
    let is_absolute = |address: &&&str| {
        address.starts_with('/') || address.contains(':') && links::on_own_host(address, base_url).is_none()
    };
    let links = outline.links.iter().filter(is_absolute);
    findings.extend(links.filter_map(|link| dead_link(link, &HashSet::new(), targets)));
    let loads = outline.loads.iter().filter(|load| load.starts_with('/'));
    findings.extend(loads.filter_map(|load| missing_file(load, targets)));
    findings
        .into_iter()
        .map(|finding| {
            let offset = html::offset_in(source.text, finding.value);
            source.error(
                finding.code,
                offset,
                finding.message,
                "Berichtigen Sie die Datei, oder nehmen Sie sie heraus.",
            )
        })
        .collect()
}

/// What style sheets name exists, and lies on this host.
pub fn styles(theme: &Theme, site: &Site, targets: &Targets<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for asset in &theme.assets {
        let Some(text) = &asset.style else { continue };
        let source = Source {
            file: &asset.shown,
            text,
        };
        // Both name the same things in the same order.
        let bytes = String::from_utf8_lossy(&asset.bytes);
        for (name, published) in named_in_css(text).into_iter().zip(named_in_css(&bytes)) {
            let offset = html::offset_in(text, name);
            if links::is_foreign(name) {
                let (code, message) = links::foreign_load(name, &site.config.base_url);
                problems.push(source.error(code, offset, message, "Legen Sie die Datei in das Thema."));
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
