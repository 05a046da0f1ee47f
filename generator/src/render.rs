//! What page templates get to see: one shared value per navigation state and section, so that a page costs only what is its own.

use std::collections::BTreeMap;

use form::day_text;
use jiff::civil::Date;
use tera::{Context, Value};

use crate::links::href;
use crate::page::{Page, Tree};
use crate::site::{MenuEntry, SiteConfig};

/// What templates know of a page.
pub const PAGE_KEYS: [&str; 18] = [
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
    "redirect",
    "formular",
];

/// What templates know of the site.
pub const SITE_KEYS: [&str; 10] = [
    "title", "subtitle", "base_url", "language", "name", "operator", "parts", "menu", "service", "footer",
];

/// Prepares the contexts of a site's pages.
pub struct Contexts<'a> {
    config: &'a SiteConfig,
    pages: &'a [Page],
    tree: &'a Tree,
    /// `site` for each state of the navigations that occurs.
    sites: BTreeMap<Vec<u8>, Value>,
    /// `children` of each section.
    children: Vec<Value>,
    /// `breadcrumbs` for the pages below each section.
    trails: Vec<Value>,
}

impl<'a> Contexts<'a> {
    /// Builds everything that pages share.
    pub fn new(config: &'a SiteConfig, pages: &'a [Page], tree: &'a Tree) -> Contexts<'a> {
        let mut sites = BTreeMap::new();
        for path in pages
            .iter()
            .map(|page| page.path.as_str())
            .chain(["", form::routes::PREFIX])
        {
            let state = navigation_state(config, path);
            sites.entry(state).or_insert_with_key(|state| site_value(config, state));
        }
        let children = (0..pages.len())
            .map(|index| {
                tree.children(index)
                    .iter()
                    .map(|&child| child_value(&pages[child]))
                    .collect::<Vec<_>>()
                    .into()
            })
            .collect();
        let trails = (0..pages.len())
            .map(|index| {
                let mut trail = tree.ancestors(index);
                trail.push(index);
                trail
                    .iter()
                    .map(|&section| crumb(&pages[section].title_for_menus(), &pages[section].path))
                    .collect::<Vec<_>>()
                    .into()
            })
            .collect();
        Contexts {
            config,
            pages,
            tree,
            sites,
            children,
            trails,
        }
    }

    /// The context of one page; `text` is the HTML of its own text.
    pub fn page(&self, index: usize, text: &str) -> Context {
        let page = &self.pages[index];
        let front_matter = &page.front_matter;
        let breadcrumbs = self
            .tree
            .parent(index)
            .map_or_else(empty_list, |parent| self.trails[parent].clone());
        let simple_language = front_matter
            .simple_language
            .as_ref()
            .map(|link| href(&link.value).into_owned())
            .unwrap_or_default();
        let mut values = blank_page();
        values.extend([
            ("title", Value::from(front_matter.title.as_str())),
            ("description", front_matter.description.as_str().into()),
            ("summary", front_matter.summary.as_str().into()),
            ("path", page.path.as_str().into()),
            ("url", format!("{}{}", self.config.base_url, page.path).into()),
            ("content", Value::safe_string(text)),
            ("toc", Value::from_serializable(&page.document.toc())),
            ("breadcrumbs", breadcrumbs),
            ("children", self.children[index].clone()),
            ("stand", date_value(front_matter.stand)),
            ("date", date_value(front_matter.date)),
            (
                "valid_until",
                date_value(front_matter.valid_until.as_ref().map(|until| until.value)),
            ),
            ("language", front_matter.language.as_str().into()),
            ("simple_language", simple_language.into()),
            ("is_section", page.is_section.into()),
            ("is_notice", front_matter.notice.is_some().into()),
        ]);
        if let Some(form) = &page.form {
            values.insert("formular", Value::from_serializable(&form::ausfuellhilfe(form)));
        }
        self.context(&page.path, values)
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
        let root = self.pages.iter().find(|page| page.path == "/");
        let mut trail = vec![crumb("Berichtstool", form::routes::LOGIN_PAGE)];
        trail.splice(0..0, root.map(|root| crumb(&root.title_for_menus(), "/")));
        values.extend([("path", form::routes::PREFIX.into()), ("breadcrumbs", trail.into())]);
        self.context(form::routes::PREFIX, values)
    }

    fn own_page(&self, title: &str) -> BTreeMap<&'static str, Value> {
        let mut values = blank_page();
        values.extend([
            ("title", Value::from(title)),
            ("language", self.config.language.as_str().into()),
        ]);
        values
    }

    fn context(&self, path: &str, page: BTreeMap<&'static str, Value>) -> Context {
        let state = navigation_state(self.config, path);
        let site = self
            .sites
            .get(&state)
            .cloned()
            .unwrap_or_else(|| site_value(self.config, &state));
        let mut context = Context::new();
        context.insert_value("site", site);
        context.insert_value("page", Value::from(page));
        // The login form is the same on the static page, where nobody has typed anything yet.
        context.insert_value("email", "".into());
        context.insert_value("schultraegernummer", "".into());
        context
    }
}

impl Page {
    /// What the page is called where others point to it.
    fn title_for_menus(&self) -> String {
        if self.path == "/" {
            "Startseite".to_owned()
        } else {
            self.front_matter.title.clone()
        }
    }
}

/// Every key that templates know, with nothing in it.
fn blank_page() -> BTreeMap<&'static str, Value> {
    const TEXTS: [&str; 9] = [
        "title",
        "description",
        "summary",
        "path",
        "url",
        "content",
        "language",
        "simple_language",
        "redirect",
    ];
    let mut values: BTreeMap<&'static str, Value> = TEXTS.into_iter().map(|key| (key, "".into())).collect();
    values.extend(["toc", "breadcrumbs", "children"].map(|key| (key, empty_list())));
    values.extend(["stand", "date", "valid_until", "formular"].map(|key| (key, Value::none())));
    values.extend(["is_section", "is_notice"].map(|key| (key, false.into())));
    values
}

fn empty_list() -> Value {
    Value::from(Vec::<Value>::new())
}

/// For each menu entry whether it is this page (2), above it (1), or neither (0).
fn navigation_state(config: &SiteConfig, path: &str) -> Vec<u8> {
    let state = |entry: &MenuEntry| {
        let target = href(&entry.link.value);
        match target.split('#').next().unwrap_or("") {
            own if own == path => 2,
            above if above.len() > 1 && above.starts_with('/') && path.starts_with(above) => 1,
            // The handler's answers belong to the page with the login form.
            form::routes::LOGIN_PAGE if path == form::routes::PREFIX => 1,
            _ => 0,
        }
    };
    config
        .menus()
        .into_iter()
        .flat_map(|(_, entries)| entries.iter().map(state))
        .collect()
}

fn site_value(config: &SiteConfig, state: &[u8]) -> Value {
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
            Value::from(BTreeMap::from([(
                "berichtstool",
                Value::from(config.berichtstool.value),
            )])),
        ),
    ]);
    for (name, entries) in config.menus() {
        let entry_value = |entry: &MenuEntry| {
            let current = match states.next() {
                Some(2) => "page",
                Some(1) => "true",
                _ => "",
            };
            Value::from(BTreeMap::from([
                ("title", Value::from(entry.title.as_str())),
                ("path", href(&entry.link.value).into()),
                ("current", current.into()),
            ]))
        };
        values.insert(name, entries.iter().map(entry_value).collect::<Vec<_>>().into());
    }
    Value::from(values)
}

fn child_value(page: &Page) -> Value {
    Value::from(BTreeMap::from([
        ("title", Value::from(page.front_matter.title.as_str())),
        ("path", page.path.as_str().into()),
        ("description", page.front_matter.description.as_str().into()),
        ("summary", page.front_matter.summary.as_str().into()),
        ("stand", date_value(page.front_matter.stand)),
    ]))
}

fn crumb(title: &str, path: &str) -> Value {
    Value::from(BTreeMap::from([("title", title), ("path", path)]))
}

fn date_value(date: Option<Date>) -> Value {
    match date {
        None => Value::none(),
        Some(date) => Value::from(BTreeMap::from([("iso", date.to_string()), ("text", day_text(date))])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn templates_get_exactly_the_keys_that_are_listed() {
        let page: BTreeSet<&str> = blank_page().into_keys().collect();
        assert_eq!(page, BTreeSet::from(PAGE_KEYS));
        let text = "title = \"a\"\nbase_url = \"https://b\"\nlanguage = \"de\"\ntheme = \"c\"\noperator = \"d\"\n";
        let config = SiteConfig::parse("muster", String::new(), text.to_owned(), &mut Vec::new()).expect("a site");
        let site = site_value(&config, &[]).into_map().expect("a map");
        let site: BTreeSet<&str> = site.keys().filter_map(|key| key.as_str()).collect();
        assert_eq!(site, BTreeSet::from(SITE_KEYS));
    }

    #[test]
    fn a_day_is_written_out() {
        assert_eq!(day_text(jiff::civil::date(2026, 3, 1)), "1. März 2026");
    }
}
