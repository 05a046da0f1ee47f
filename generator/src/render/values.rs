//! The values that templates get to see, each made from what the site knows.

use std::collections::BTreeMap;

use tera::Value;

use crate::config::{MenuEntry, SiteConfig};
use crate::links::href;
use crate::markdown::slug;
use crate::page::Page;
use crate::shortcode::date_value;

/// What templates know of a page.
pub const PAGE_KEYS: [&str; 24] = [
    "title",
    "description",
    "summary",
    "path",
    "url",
    "content",
    "toc",
    "breadcrumbs",
    "children",
    "stand",
    "date",
    "valid_until",
    "language",
    "simple_language",
    "is_section",
    "is_notice",
    "is_archived",
    "feed",
    "translations",
    "standard_language",
    "letters",
    "redirect",
    "formular",
    "downloads",
];

/// Those that are days.
pub const DAY_KEYS: [&str; 3] = ["stand", "date", "valid_until"];

/// What they know of a page in a list.
pub const CHILD_KEYS: [&str; 8] = [
    "title",
    "path",
    "description",
    "summary",
    "stand",
    "date",
    "language",
    "is_archived",
];

/// What templates know of the site.
pub const SITE_KEYS: [&str; 11] = [
    "title", "subtitle", "base_url", "language", "name", "operator", "parts", "feeds", "menu", "service", "footer",
];

/// What stands under each key. Tera copies any map into one of its own, and this one is the cheapest to make.
pub(super) type Values = BTreeMap<&'static str, Value>;

/// Every key that templates know, with nothing in it.
pub(super) fn blank_page() -> Values {
    let nothing = |key| match key {
        "breadcrumbs" | "children" | "translations" | "standard_language" | "letters" | "downloads" => empty_list(),
        "stand" | "date" | "valid_until" | "formular" => Value::none(),
        "is_section" | "is_notice" | "is_archived" => false.into(),
        _ => "".into(),
    };
    BTreeMap::from(PAGE_KEYS.map(|key| (key, nothing(key))))
}

pub(super) fn object<const N: usize>(values: [(&'static str, Value); N]) -> Value {
    Value::from(BTreeMap::from(values))
}

pub(super) fn empty_list() -> Value {
    Value::from(Vec::<Value>::new())
}

/// For each menu entry whether it is this page (2), above it (1), or neither (0).
pub(super) fn navigation_state(menu_paths: &[String], path: &str) -> Vec<u8> {
    let state = |target: &String| match target.as_str() {
        own if own == path => 2,
        above if above.len() > 1 && above.starts_with('/') && path.starts_with(above) => 1,
        // The handler's answers belong to the page with the login form.
        form::routes::LOGIN_PAGE if path == form::routes::PREFIX => 1,
        _ => 0,
    };
    menu_paths.iter().map(state).collect()
}

/// A text of `site`; what is none has no place here.
pub fn site_text<'a>(config: &'a SiteConfig, key: &str) -> Option<&'a str> {
    Some(match key {
        "title" => &config.title,
        "subtitle" => &config.subtitle,
        "base_url" => &config.base_url,
        "language" => &config.language,
        "name" => &config.name,
        "operator" => &config.operator,
        _ => return None,
    })
}

pub(super) fn site_value(config: &SiteConfig, feeds: &[(&str, String)], state: &[u8]) -> Value {
    let mut states = state.iter();
    let texts = SITE_KEYS
        .into_iter()
        .filter_map(|key| Some((key, Value::from(site_text(config, key)?))));
    let mut values: Values = texts.collect();
    values.extend([
        (
            "parts",
            Value::from(BTreeMap::from([
                ("berichtstool", Value::from(config.berichtstool.value)),
                ("suche", Value::from(config.suche.value)),
            ])),
        ),
        (
            "feeds",
            feeds
                .iter()
                .map(|(title, path)| crumb(title, path))
                .collect::<Vec<_>>()
                .into(),
        ),
    ]);
    for (name, entries) in config.menus() {
        let entry_value = |entry: &MenuEntry| {
            let current = match states.next() {
                Some(2) => "page",
                Some(1) => "true",
                _ => "",
            };
            object([
                ("title", Value::from(entry.title.as_str())),
                ("path", href(&entry.link.value).into()),
                ("current", current.into()),
            ])
        };
        values.insert(name, entries.iter().map(entry_value).collect::<Vec<_>>().into());
    }
    Value::from(values)
}

pub(super) fn child_value(page: &Page) -> Value {
    object([
        ("title", Value::from(page.front_matter.title.as_str())),
        ("path", page.path.as_str().into()),
        ("description", page.front_matter.description.as_str().into()),
        ("summary", page.front_matter.summary.as_str().into()),
        (
            "stand",
            date_value(page.front_matter.stand.as_ref().map(|stand| stand.value)),
        ),
        ("date", date_value(page.front_matter.date)),
        ("language", page.front_matter.language.as_str().into()),
        ("is_archived", page.is_archived.into()),
    ])
}

/// Whether a page lists all pages of the site.
pub(super) fn lists_all(page: &Page) -> bool {
    page.template() == "inhalt.html"
}

/// All pages from A to Z: `[{letter, pages}]`. Umlauts stand with their base letter, all else under „0–9“.
pub(super) fn letters(pages: &[Page]) -> Value {
    let mut sorted: Vec<(String, &Page)> = pages
        .iter()
        .filter(|page| !lists_all(page))
        .map(|page| (slug(page.title_for_menus()), page))
        .collect();
    sorted.sort_by(|(a, one), (b, other)| (a, &one.path).cmp(&(b, &other.path)));
    let mut letters: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (slug, page) in sorted {
        let first = slug.chars().next().filter(char::is_ascii_alphabetic);
        let letter = first.map_or_else(|| "0–9".to_owned(), |first| first.to_uppercase().to_string());
        let mut entry = child_value(page).into_map().unwrap_or_default();
        entry.insert("title".into(), page.title_for_menus().into());
        letters.entry(letter).or_default().push(Value::from(entry));
    }
    let entry =
        |(letter, pages): (String, Vec<Value>)| object([("letter", Value::from(letter)), ("pages", pages.into())]);
    letters.into_iter().map(entry).collect::<Vec<_>>().into()
}

pub(super) fn crumb(title: &str, path: &str) -> Value {
    object([("title", title.into()), ("path", path.into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn templates_get_exactly_the_keys_that_are_listed() {
        let text = "title = \"a\"\nbase_url = \"https://b\"\nlanguage = \"de\"\ntheme = \"c\"\noperator = \"d\"\n";
        let config = SiteConfig::parse("muster", String::new(), text.to_owned(), &mut Vec::new()).expect("a site");
        let site = site_value(&config, &[], &[]).into_map().expect("a map");
        let site: BTreeSet<&str> = site.keys().filter_map(|key| key.as_str()).collect();
        assert_eq!(site, BTreeSet::from(SITE_KEYS));
    }

    #[test]
    fn a_day_is_written_out() {
        assert_eq!(form::day_text(jiff::civil::date(2026, 3, 1)), "1. März 2026");
    }
}
