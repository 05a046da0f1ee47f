//! What can be judged only when a whole site is there: links, notices, and what the theme makes of the pages.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::build::Settings;
use crate::html::Outline;
use crate::keys::Placed;
use crate::links::{self, Targets};
use crate::notice;
use crate::page::Page;
use crate::problem::Problem;
use crate::read::Site;
use crate::theme::Theme;
use form::day_text;

/// Runs every check of a site. `outlines` are its finished pages, as far as they could be finished.
pub fn check(
    settings: &Settings,
    site: &Site,
    theme: Option<&Theme>,
    outlines: &[Option<Outline<'_>>],
    targets: &Targets<'_>,
    problems: &mut Vec<Problem>,
) {
    check_menus(site, targets, problems);
    check_redirects(site, targets, problems);
    check_pages(settings, site, targets, problems);
    if let Some(theme) = theme {
        check_outlines(site, theme, outlines, targets, problems);
    }
    check_berichtstool(site, targets, problems);
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

fn check_pages(settings: &Settings, site: &Site, targets: &Targets<'_>, problems: &mut Vec<Problem>) {
    let found: Vec<Vec<Problem>> = site
        .pages
        .par_iter()
        .map(|page| check_page(settings, site, page, targets))
        .collect();
    problems.extend(found.into_iter().flatten());
}

fn check_page(settings: &Settings, site: &Site, page: &Page, targets: &Targets<'_>) -> Vec<Problem> {
    let source = page.source();
    let mut problems = Vec::new();
    for link in &page.document.links {
        if link.is_image && links::is_foreign(&link.written) {
            problems.push(source.error(
                "E-FREMDE-QUELLE",
                link.offset,
                "Das Bild würde von einem fremden Server geladen.",
                "Legen Sie die Datei unter content/<site>/ ab und verlinken Sie sie als /pfad/bild.png.",
            ));
            continue;
        }
        problems.extend(targets.check(&link.written, source, link.offset, Some(&page.file)));
    }
    if let Some(link) = &page.front_matter.simple_language {
        problems.extend(targets.check(&link.value, source, link.offset, None));
    }
    problems.extend(notice::check(page, site.klassen()));
    let valid_until = page.front_matter.valid_until.as_ref();
    if let Some(until) = valid_until.filter(|until| until.value < settings.today) {
        let message = format!("Die Seite galt nur bis zum {}.", day_text(until.value));
        problems.push(
            source
                .error(
                    "H-ABGELAUFEN",
                    until.offset,
                    message,
                    "Prüfen Sie, ob sie ins Archiv gehört oder verlängert wird.",
                )
                .into_warning(),
        );
    }
    problems
}

/// What the theme adds to pages: its links lead somewhere, nothing comes from other hosts, nothing runs in the page.
fn check_outlines(
    site: &Site,
    theme: &Theme,
    outlines: &[Option<Outline<'_>>],
    targets: &Targets<'_>,
    problems: &mut Vec<Problem>,
) {
    let found: Vec<Vec<Finding<'_>>> = site
        .pages
        .par_iter()
        .zip(outlines)
        .map(|(page, outline)| {
            outline
                .as_ref()
                .map_or_else(Vec::new, |outline| outline_findings(page, outline, targets))
        })
        .collect();
    let mut seen = HashSet::new();
    for (page, finding) in site
        .pages
        .iter()
        .zip(found)
        .flat_map(|(page, found)| found.into_iter().map(move |finding| (page, finding)))
    {
        let Finding {
            code,
            value,
            message,
            remedy,
        } = finding;
        let heading = page.document.headings.iter().rfind(|heading| heading.id == value);
        let problem = match heading
            .map(|heading| heading.range.start)
            .or_else(|| page.text.find(value))
        {
            Some(offset) => page.source().error(code, offset, message, remedy),
            // What a template does wrong, it does on every page.
            None if !seen.insert((code, value)) => continue,
            None => match theme.find(value) {
                Some((source, offset)) => source.error(code, offset, message, remedy),
                None => Problem::in_file(
                    code,
                    format!("{}/templates/{}", theme.shown, page.template()),
                    format!("{message} (bei {})", page.source_file),
                    remedy,
                ),
            },
        };
        problems.push(problem);
    }
}

/// Something wrong in a finished page; `value` is what to look for in its sources.
struct Finding<'a> {
    code: &'static str,
    value: &'a str,
    message: String,
    remedy: &'static str,
}

/// Everything wrong in a finished page that the checks of its Markdown have not seen.
fn outline_findings<'a>(page: &Page, outline: &Outline<'a>, targets: &Targets<'_>) -> Vec<Finding<'a>> {
    let in_markdown: HashSet<String> = page
        .document
        .links
        .iter()
        .map(|link| links::href(&link.written).into_owned())
        .collect();
    let is_new = |written: &&str| {
        !in_markdown.contains(*written)
            && !links::percent_decode(&written.replace("&amp;", "&")).is_some_and(|link| in_markdown.contains(&link))
    };
    let ids: HashSet<&str> = outline.ids.iter().copied().collect();
    let mut findings = repeated_ids(page, outline);
    let new_links = outline.links.iter().copied().filter(is_new);
    findings.extend(new_links.filter_map(|link| dead_link(link, &ids, targets)));
    let new_loads = outline.loads.iter().copied().filter(is_new);
    findings.extend(new_loads.filter_map(|load| bad_load(load, targets)));
    findings.extend(outline.inline.iter().copied().map(|inline| Finding {
        code: "E-CSP",
        value: inline,
        message: format!("„{inline}“ in der Seite verbietet die Content Security Policy."),
        remedy: "Verlegen Sie Stil und Skript in Dateien unter static/.",
    }));
    findings
}

/// Ids that the template and the text both use; those that the text uses twice are known from its Markdown.
fn repeated_ids<'a>(page: &Page, outline: &Outline<'a>) -> Vec<Finding<'a>> {
    let mut seen = HashSet::new();
    let is_repeated = |id: &&'a str| !seen.insert(*id) && page.document.ids().filter(|own| own == id).count() < 2;
    let finding = |id| Finding {
        code: "E-ID-DOPPELT",
        value: id,
        message: format!(
            "Die Kennung „{id}“ kommt auf der Seite {} zweimal vor, einmal davon in der Vorlage.",
            page.path
        ),
        remedy: "Geben Sie der Überschrift eine andere Kennung: {#…}.",
    };
    let ids: Vec<&'a str> = outline.ids.iter().copied().filter(is_repeated).collect();
    ids.into_iter().map(finding).collect()
}

const CHECK_ADDRESS: &str = "Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.";

fn dead_link<'a>(link: &'a str, ids: &HashSet<&str>, targets: &Targets<'_>) -> Option<Finding<'a>> {
    let leads_somewhere = match link.strip_prefix('#') {
        Some(id) => ids.contains(id),
        None if link.starts_with('/') => targets.is_address(link),
        None => link.starts_with("https://") || link.starts_with("mailto:") || link.starts_with("tel:"),
    };
    (!leads_somewhere).then(|| Finding {
        code: "E-AUSGABE-LINK",
        value: link,
        message: format!("Der Link „{link}“ führt nirgends hin."),
        remedy: CHECK_ADDRESS,
    })
}

fn bad_load<'a>(load: &'a str, targets: &Targets<'_>) -> Option<Finding<'a>> {
    if links::is_foreign(load) {
        return Some(Finding {
            code: "E-FREMDE-QUELLE",
            value: load,
            message: format!("„{load}“ würde von einem fremden Server geladen."),
            remedy: "Legen Sie die Datei in die Site oder in das Thema.",
        });
    }
    (!targets.is_address(load)).then(|| Finding {
        code: "E-AUSGABE-LINK",
        value: load,
        message: format!("Die Datei „{load}“ gibt es nicht."),
        remedy: CHECK_ADDRESS,
    })
}

/// Visitors without a session are sent to a paragraph of the page with the login form, so both must be there.
fn check_berichtstool(site: &Site, targets: &Targets<'_>, problems: &mut Vec<Problem>) {
    let berichtstool = &site.config.berichtstool;
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
