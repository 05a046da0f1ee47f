//! What page templates get to see: one shared value per navigation state and section, so that a page costs only what is its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use tera::{Context, Value};

use crate::config::{MenuEntry, SiteConfig};
use crate::digest::Digest;
use crate::keys::Placed;
use crate::links::{self, href};
use crate::markdown::{Document, Heading, slug};
use crate::page::Page;
use crate::samples;
use crate::shortcode::date_value;
use crate::site::Site;

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

/// What templates know of the site.
pub const SITE_KEYS: [&str; 11] = [
    "title", "subtitle", "base_url", "language", "name", "operator", "parts", "feeds", "menu", "service", "footer",
];

/// Prepares the contexts of a site's pages. What several pages share is made when the first of them needs it.
pub struct Contexts<'a> {
    site: &'a Site,
    /// Where the entries of all navigations lead, without anchors.
    menu_paths: Vec<String>,
    /// `site` for each state of the navigations that occurs.
    navigations: BTreeMap<Vec<u8>, Value>,
    /// `breadcrumbs` for the pages below each section.
    trails: Vec<OnceLock<Value>>,
    /// `letters`, for the page that lists all pages.
    letters: OnceLock<Value>,
    relations: Relations,
    feeds: Vec<(&'a str, String)>,
}

/// What stands under each key. Tera copies any map into one of its own, and this one is the cheapest to make.
type Values = BTreeMap<&'static str, Value>;

/// Which pages say the same in other words.
#[derive(Debug, Default)]
pub struct Relations {
    /// For each page its versions in other languages.
    translations: HashMap<usize, Vec<usize>>,
    /// For each page in Leichte Sprache the pages that it explains.
    explained: HashMap<usize, Vec<usize>>,
}

impl Relations {
    /// Links go one way in front matter, and both ways on pages.
    pub fn of(pages: &[Page]) -> Relations {
        let index: HashMap<&str, usize> = pages
            .iter()
            .enumerate()
            .map(|(index, page)| (page.file.as_str(), index))
            .collect();
        let target = |link: &Option<Placed<String>>| {
            let file = link.as_ref()?.value.strip_prefix("@/")?;
            index.get(file.split('#').next()?).copied()
        };
        let mut relations = Relations::default();
        let mut versions: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, page) in pages.iter().enumerate() {
            if let Some(original) = target(&page.front_matter.translation_of) {
                versions.entry(original).or_insert_with(|| vec![original]).push(index);
            }
            if let Some(simple) = target(&page.front_matter.simple_language) {
                relations.explained.entry(simple).or_default().push(index);
            }
        }
        for all in versions.values() {
            for &one in all {
                let others = all.iter().copied().filter(|&other| other != one);
                relations.translations.entry(one).or_default().extend(others);
            }
        }
        relations
    }

    /// Whether a page says in Leichte Sprache what another one says.
    pub fn is_simple(&self, page: usize) -> bool {
        self.explained.contains_key(&page)
    }
}

impl<'a> Contexts<'a> {
    /// The contexts of all pages of a site.
    pub fn new(site: &'a Site) -> Contexts<'a> {
        let feeds: Vec<(&str, String)> = site
            .pages
            .iter()
            .filter(|page| page.front_matter.feed)
            .map(|page| (page.front_matter.title.as_str(), page.feed_path()))
            .collect();
        let entries = site.config.menus().into_iter().flat_map(|(_, entries)| entries);
        let menu_paths: Vec<String> = entries
            .map(|entry| links::split_anchor(&href(&entry.link.value)).0.to_owned())
            .collect();
        let mut navigations = BTreeMap::new();
        let paths = site.pages.iter().map(|page| page.path.as_str());
        for path in paths.chain(["", form::routes::PREFIX]) {
            let state = navigation_state(&menu_paths, path);
            navigations
                .entry(state)
                .or_insert_with_key(|state| site_value(&site.config, &feeds, state));
        }
        Contexts {
            site,
            menu_paths,
            navigations,
            trails: site.pages.iter().map(|_| OnceLock::new()).collect(),
            letters: OnceLock::new(),
            relations: Relations::of(&site.pages),
            feeds,
        }
    }

    /// The context of one page with its text.
    pub fn page(&self, index: usize, document: &Document) -> Context {
        let page = &self.site.pages[index];
        let front_matter = &page.front_matter;
        let breadcrumbs = self
            .site
            .tree
            .parent(index)
            .map_or_else(empty_list, |parent| self.trail(parent));
        let simple_language = front_matter
            .simple_language
            .as_ref()
            .map(|link| href(&link.value).into_owned())
            .unwrap_or_default();
        let letters = lists_all(page).then(|| self.letters.get_or_init(|| letters(&self.site.pages)).clone());
        let form = page.form.as_ref();
        let formular = form.map(|form| Value::from_serializable(&form::ausfuellhilfe(form)));
        let downloads = form.map(|form| samples::value(page, form, &document.made));
        let values = BTreeMap::from([
            ("title", Value::from(front_matter.title.as_str())),
            ("description", front_matter.description.as_str().into()),
            ("summary", front_matter.summary.as_str().into()),
            ("path", page.path.as_str().into()),
            ("url", format!("{}{}", self.site.config.base_url, page.path).into()),
            ("content", Value::safe_string(&document.html)),
            ("toc", toc_value(document)),
            ("breadcrumbs", breadcrumbs),
            ("children", self.children(index)),
            (
                "stand",
                date_value(front_matter.stand.as_ref().map(|stand| stand.value)),
            ),
            ("date", date_value(front_matter.date)),
            (
                "valid_until",
                date_value(front_matter.valid_until.as_ref().map(|until| until.value)),
            ),
            ("language", front_matter.language.as_str().into()),
            ("simple_language", simple_language.into()),
            ("is_section", page.is_section.into()),
            ("is_notice", front_matter.notice.is_some().into()),
            ("is_archived", page.is_archived.into()),
            ("feed", self.feed_of(index).into()),
            ("translations", self.related(&self.relations.translations, index)),
            ("standard_language", self.related(&self.relations.explained, index)),
            ("letters", letters.unwrap_or_else(empty_list)),
            ("redirect", "".into()),
            ("formular", formular.into()),
            ("downloads", downloads.unwrap_or_else(empty_list)),
        ]);
        self.context(&page.path, values)
    }

    /// The digest of everything that pages of the site get to see of this page's place among the others.
    pub fn place_digest(&self, index: usize) -> u64 {
        let tree = &self.site.tree;
        let mut digest = Digest::new();
        for ancestor in tree.ancestors(index) {
            let page = &self.site.pages[ancestor];
            digest.add_text(page.title_for_menus());
            digest.add_text(&page.path);
        }
        let relations = [&self.relations.translations, &self.relations.explained];
        let related = relations.iter().filter_map(|relation| relation.get(&index)).flatten();
        for &page in tree.children(index).iter().chain(related) {
            digest.add_number(self.site.pages[page].facts());
        }
        if lists_all(&self.site.pages[index]) {
            for page in &self.site.pages {
                digest.add_number(page.facts());
                digest.add_number(u64::from(lists_all(page)));
            }
        }
        for (title, path) in &self.feeds {
            digest.add_text(title);
            digest.add_text(path);
        }
        digest.add_number(u64::from(self.relations.is_simple(index)));
        digest.add_text(&self.feed_of(index));
        digest.finish()
    }

    /// Which pages say the same in other words.
    pub fn relations(&self) -> &Relations {
        &self.relations
    }

    /// The feed that a page belongs to: its own, or that of its section.
    fn feed_of(&self, index: usize) -> String {
        let sections = [Some(index), self.site.tree.parent(index)];
        let pages = sections.into_iter().flatten().map(|section| &self.site.pages[section]);
        let mut feeds = pages.filter(|page| page.front_matter.feed).map(Page::feed_path);
        feeds.next().unwrap_or_default()
    }

    fn related(&self, relation: &HashMap<usize, Vec<usize>>, index: usize) -> Value {
        let pages = relation.get(&index).into_iter().flatten();
        pages
            .map(|&page| child_value(&self.site.pages[page]))
            .collect::<Vec<_>>()
            .into()
    }

    fn children(&self, index: usize) -> Value {
        let children = self.site.tree.children(index).iter();
        children
            .map(|&child| child_value(&self.site.pages[child]))
            .collect::<Vec<_>>()
            .into()
    }

    fn trail(&self, section: usize) -> Value {
        let value = || {
            let mut trail = self.site.tree.ancestors(section);
            trail.push(section);
            trail
                .iter()
                .map(|&above| crumb(self.site.pages[above].title_for_menus(), &self.site.pages[above].path))
                .collect::<Vec<_>>()
                .into()
        };
        self.trails[section].get_or_init(value).clone()
    }

    /// The context of a page that only leads elsewhere.
    pub fn redirect(&self, path: &str, target: &str) -> Context {
        let mut values = self.own_page("Weiterleitung");
        values.extend([("path", Value::from(path)), ("redirect", target.into())]);
        self.context("", values)
    }

    /// The context of the page for addresses that do not exist.
    pub fn not_found(&self) -> Context {
        let mut values = self.own_page("Seite nicht gefunden");
        values.insert("path", "/404.html".into());
        self.context("", values)
    }

    /// The context of the layout around the handler's answers.
    pub fn shell(&self) -> Context {
        let mut values = self.own_page("Berichtstool");
        let root = self.site.pages.iter().find(|page| page.path == "/");
        let mut trail = vec![crumb("Berichtstool", form::routes::LOGIN_PAGE)];
        trail.splice(0..0, root.map(|root| crumb(root.title_for_menus(), "/")));
        values.extend([("path", form::routes::PREFIX.into()), ("breadcrumbs", trail.into())]);
        self.context(form::routes::PREFIX, values)
    }

    fn own_page(&self, title: &str) -> Values {
        let mut values = blank_page();
        let language = self.site.config.language.as_str();
        values.extend([("title", Value::from(title)), ("language", language.into())]);
        values
    }

    fn context(&self, path: &str, page: Values) -> Context {
        let config = &self.site.config;
        let state = navigation_state(&self.menu_paths, path);
        let site = self
            .navigations
            .get(&state)
            .cloned()
            .unwrap_or_else(|| site_value(config, &self.feeds, &state));
        let mut context = Context::new();
        context.insert_value("site", site);
        context.insert_value("page", Value::from(page));
        // The login form is the same on the static page, where nobody has typed anything yet.
        context.insert_value("email", "".into());
        context.insert_value("schultraegernummer", "".into());
        context
    }
}

/// Every key that templates know, with nothing in it.
fn blank_page() -> Values {
    let nothing = |key| match key {
        "toc" | "breadcrumbs" | "children" | "translations" | "standard_language" | "letters" | "downloads" => {
            empty_list()
        }
        "stand" | "date" | "valid_until" | "formular" => Value::none(),
        "is_section" | "is_notice" | "is_archived" => false.into(),
        _ => "".into(),
    };
    BTreeMap::from(PAGE_KEYS.map(|key| (key, nothing(key))))
}

fn object<const N: usize>(values: [(&'static str, Value); N]) -> Value {
    Value::from(BTreeMap::from(values))
}

fn empty_list() -> Value {
    Value::from(Vec::<Value>::new())
}

/// For each menu entry whether it is this page (2), above it (1), or neither (0).
fn navigation_state(menu_paths: &[String], path: &str) -> Vec<u8> {
    let state = |target: &String| match target.as_str() {
        own if own == path => 2,
        above if above.len() > 1 && above.starts_with('/') && path.starts_with(above) => 1,
        // The handler's answers belong to the page with the login form.
        form::routes::LOGIN_PAGE if path == form::routes::PREFIX => 1,
        _ => 0,
    };
    menu_paths.iter().map(state).collect()
}

fn site_value(config: &SiteConfig, feeds: &[(&str, String)], state: &[u8]) -> Value {
    let mut states = state.iter();
    let mut values = BTreeMap::from([
        ("title", Value::from(config.title.as_str())),
        ("subtitle", config.subtitle.as_str().into()),
        ("base_url", config.base_url.as_str().into()),
        ("language", config.language.as_str().into()),
        ("name", config.name.as_str().into()),
        ("operator", config.operator.as_str().into()),
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

fn child_value(page: &Page) -> Value {
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
fn lists_all(page: &Page) -> bool {
    page.template() == "inhalt.html"
}

/// All pages from A to Z: `[{letter, pages}]`. Umlauts stand with their base letter, all else under „0–9“.
fn letters(pages: &[Page]) -> Value {
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

fn crumb(title: &str, path: &str) -> Value {
    object([("title", title.into()), ("path", path.into())])
}

/// The h2 with their h3; empty where a page is too short to need a table of contents.
fn toc_value(document: &Document) -> Value {
    let entry = |heading: &Heading, below: Vec<Value>| {
        object([
            ("id", Value::from(heading.id.as_str())),
            ("title", heading.title.as_str().into()),
            ("children", below.into()),
        ])
    };
    let mut toc: Vec<Value> = Vec::new();
    let mut below: Vec<Value> = Vec::new();
    // From the end, so that what stands below a heading is there before it.
    for heading in document.headings.iter().rev() {
        match heading.level {
            2 => {
                below.reverse();
                toc.push(entry(heading, std::mem::take(&mut below)));
            }
            3 => below.push(entry(heading, Vec::new())),
            _ => {}
        }
    }
    if toc.len() < 3 {
        return empty_list();
    }
    toc.reverse();
    toc.into()
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
