//! What can be judged only when a whole site is there: links, notices, and what the theme makes of the pages.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::build::Settings;
use crate::html::Outline;
use crate::links::{self, Targets};
use crate::notice;
use crate::page::Page;
use crate::problem::Problem;
use crate::read::Site;
use crate::render::date_text;
use crate::theme::Theme;

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
    problems.extend(
        site.config
            .redirects
            .iter()
            .filter_map(|redirect| targets.check(&redirect.to.value, source, redirect.to.offset, None)),
    );
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
    if let Some(until) = page.front_matter.valid_until.filter(|until| *until < settings.today) {
        let offset = page.text.find("valid_until").unwrap_or(0);
        let message = format!("Die Seite galt nur bis zum {}.", date_text(until));
        problems.push(
            source
                .error(
                    "H-ABGELAUFEN",
                    offset,
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
    const ADDRESS: &str = "Prüfen Sie die Adresse in der Vorlage oder im HTML der Seite.";
    let mut findings = Vec::new();
    let mut report = |code, value, message, remedy| {
        findings.push(Finding {
            code,
            value,
            message,
            remedy,
        })
    };
    let in_markdown: HashSet<String> = page
        .document
        .links
        .iter()
        .map(|link| links::href(&link.written).into_owned())
        .collect();
    let is_new = |written: &str| {
        !in_markdown.contains(written)
            && !links::percent_decode(&written.replace("&amp;", "&")).is_some_and(|link| in_markdown.contains(&link))
    };
    let mut ids = HashSet::new();
    for id in outline.ids.iter().copied() {
        if !ids.insert(id) && page.document.ids().filter(|own| *own == id).count() < 2 {
            report(
                "E-ID-DOPPELT",
                id,
                format!(
                    "Die Kennung „{id}“ kommt auf der Seite {} zweimal vor, einmal davon in der Vorlage.",
                    page.path
                ),
                "Geben Sie der Überschrift eine andere Kennung: {#…}.",
            );
        }
    }
    for link in outline.links.iter().copied().filter(|link| is_new(link)) {
        let leads_somewhere = match link.strip_prefix('#') {
            Some(id) => ids.contains(id),
            None if link.starts_with('/') => targets.is_address(link),
            None => link.starts_with("https://") || link.starts_with("mailto:") || link.starts_with("tel:"),
        };
        if !leads_somewhere {
            report(
                "E-AUSGABE-LINK",
                link,
                format!("Der Link „{link}“ führt nirgends hin."),
                ADDRESS,
            );
        }
    }
    for load in outline.loads.iter().copied().filter(|load| is_new(load)) {
        if links::is_foreign(load) {
            report(
                "E-FREMDE-QUELLE",
                load,
                format!("„{load}“ würde von einem fremden Server geladen."),
                "Legen Sie die Datei in die Site oder in das Thema.",
            );
        } else if !targets.is_address(load) {
            report(
                "E-AUSGABE-LINK",
                load,
                format!("Die Datei „{load}“ gibt es nicht."),
                ADDRESS,
            );
        }
    }
    for inline in outline.inline.iter().copied() {
        report(
            "E-CSP",
            inline,
            format!("„{inline}“ in der Seite verbietet die Content Security Policy."),
            "Verlegen Sie Stil und Skript in Dateien unter static/.",
        );
    }
    findings
}

/// Visitors without a session are sent to a paragraph of the page with the login form, so both must be there.
fn check_berichtstool(site: &Site, targets: &Targets<'_>, problems: &mut Vec<Problem>) {
    if site.config.berichtstool && !targets.is_address(form::routes::NO_SESSION) {
        let message = format!(
            "Das Berichtstool braucht eine Seite mit der Adresse {}.",
            form::routes::NO_SESSION
        );
        problems.push(site.config.source().error(
            "E-BERICHTSTOOL",
            site.config.text.find("berichtstool").unwrap_or(0),
            message,
            "Legen Sie berichtstool/index.md mit template = \"berichtstool.html\" an.",
        ));
    }
}
