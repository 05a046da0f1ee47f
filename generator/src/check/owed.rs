//! The pages that every public body owes its readers: whether they are there, and one click away from every page.

use std::borrow::Cow;
use std::collections::HashSet;

use rayon::prelude::*;

use super::finished::menu_links;
use crate::html;
use crate::links;
use crate::page::Page;
use crate::problem::Problem;
use crate::site::Site;
use crate::state::Record;
use crate::theme::Theme;

/// The address of a page, and what it is called.
type Owed = (&'static str, &'static str);

/// The pages that every public body owes its readers, each one click away from everywhere.
const OWED: [Owed; 5] = [
    ("/impressum/", "Impressum (§ 5 DDG)"),
    ("/datenschutz/", "Datenschutz (Art. 13 DSGVO)"),
    ("/barrierefreiheit/", "Erklärung zur Barrierefreiheit (§ 10b BGG NRW)"),
    ("/leichte-sprache/", "Leichte Sprache (BITV NRW)"),
    ("/gebaerdensprache/", "Deutsche Gebärdensprache (BITV NRW)"),
];

/// Those that are missing, or not reached from everywhere. `is_whole` says that every page and menu is as it should be.
pub fn missing(site: &Site, records: &[&Record], is_whole: bool) -> Vec<Problem> {
    let config = site.config.source();
    let mut problems = Vec::new();
    let places = OWED.map(|(path, _)| links::place_digest(path, None));
    let pages = site.pages.par_iter().zip(records);
    // For each page which of them it does not lead to.
    let lacking: Vec<[bool; OWED.len()]> = pages
        .map(|(page, record)| {
            let is_excused = page.is_incomplete
                // HTML that breaks off swallows what follows it.
                || record.problems.iter().any(|problem| problem.code == "E-HTML");
            std::array::from_fn(|owed| {
                let leads = || page.path == OWED[owed].0 || record.targets.binary_search(&places[owed]).is_ok();
                !is_excused && !leads()
            })
        })
        .collect();
    let in_menus = menu_links(site).collect::<HashSet<_>>();
    // What menus name and a template does not show: where first, and what.
    let mut not_shown: Option<(&Page, Vec<Owed>)> = None;
    for (owed, (path, name)) in OWED.into_iter().enumerate() {
        let exists = site.page_at(path).is_some();
        let without = site.pages.iter().zip(&lacking).filter(|(_, lacking)| lacking[owed]);
        let without: Vec<&Page> = without.map(|(page, _)| page).collect();
        let (message, remedy) = match without.first() {
            _ if !exists && site.inventory.is_unknown(&path[1..]) => continue,
            _ if !exists => (
                format!("Der Site fehlt die Seite {path}: {name}."),
                format!("Legen Sie {}index.md an.", &path[1..]),
            ),
            Some(page) if is_whole && in_menus.contains(path) => {
                not_shown.get_or_insert((page, Vec::new())).1.push((path, name));
                continue;
            }
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
    problems.extend(not_shown.and_then(|(page, owed)| {
        let template = format!("themes/{}/templates/{}", site.config.theme.value, page.template());
        not_shown_by(template, &page.source_file, &owed)
    }));
    problems
}

/// What every body owes its readers is one click away from pages, too, that only the theme writes. What no menu has is missing
/// everywhere, and said of the menu; what other pages do not show either is said of their template.
pub fn of_own_page(theme: &Theme, template: &str, html: &str, site: &Site, problems: &mut Vec<Problem>) {
    let outline = html::outline(html);
    let in_menus: HashSet<Cow<'_, str>> = menu_links(site).collect();
    let is_missing = |(path, _): &Owed| in_menus.contains(*path) && !outline.links.contains(path);
    let missing: Vec<Owed> = OWED.into_iter().filter(is_missing).collect();
    if problems.iter().all(|problem| problem.code != "E-PFLICHTSEITE") {
        let file = format!("{}/templates/{template}", theme.shown);
        problems.extend(not_shown_by(file, template, &missing));
    }
}

/// A template does not lead to what it owes, though the menus that it could show do.
fn not_shown_by(template: String, page: &str, owed: &[Owed]) -> Option<Problem> {
    let names: Vec<String> = owed.iter().map(|(path, name)| format!("{path} – {name}")).collect();
    (!owed.is_empty()).then(|| {
        Problem::in_file(
            "E-PFLICHTSEITE",
            template,
            format!(
                "Jede Seite führt zu dem, was jede Stelle schuldet; bei {page} fehlt: {}.",
                names.join(", ")
            ),
            "Geben Sie in der Vorlage die Menüs aus, in denen es steht.",
        )
    })
}
