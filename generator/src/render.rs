//! What page templates get to see: one shared value per navigation state and section, so that a page costs only what is its own.

mod facts;
mod relations;
mod toc;
mod values;

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use tera::{Context, Value};

use crate::digest::Digest;
use crate::links::{self, href};
use crate::markdown::Document;
use crate::page::Page;
use crate::samples;
use crate::site::Site;

pub use facts::{FACTS, Fact, Facts};
pub use relations::Relations;
pub use values::{CHILD_KEYS, DAY_KEYS, PAGE_KEYS, SITE_KEYS, site_text};
use values::{Values, blank_page, child_value, crumb, empty_list, letters, lists_all, navigation_state, site_value};

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

    /// What a page says of itself.
    pub fn facts<'p>(&'p self, index: usize, document: &'p Document) -> Facts<'p> {
        facts::facts(
            &self.site.pages[index],
            document,
            &self.site.config.base_url,
            self.feed_of(index),
        )
    }

    /// The context of one page with its text.
    pub fn page(&self, index: usize, document: &Document) -> Context {
        let page = &self.site.pages[index];
        let letters = lists_all(page).then(|| self.letters.get_or_init(|| letters(&self.site.pages)).clone());
        let form = page.form.as_ref();
        let formular = form.map(|form| Value::from_serializable(&form::ausfuellhilfe(form)));
        let downloads = form.map(|form| samples::value(page, form, &document.made));
        let mut values: Values = BTreeMap::from([
            ("breadcrumbs", self.breadcrumbs(index)),
            ("children", self.children(index)),
            ("translations", self.related(&self.relations.translations, index)),
            ("standard_language", self.related(&self.relations.explained, index)),
            ("letters", letters.unwrap_or_else(empty_list)),
            ("formular", formular.into()),
            ("downloads", downloads.unwrap_or_else(empty_list)),
        ]);
        values.extend(
            self.facts(index, document)
                .iter()
                .map(|(key, fact)| (*key, fact.value())),
        );
        self.context(&page.path, values)
    }

    /// The context of a page that has no more than `facts` and its place, as [`Contexts::add_common`] says.
    pub fn common(&self, index: usize, facts: impl Iterator<Item = (&'static str, Value)>) -> Context {
        let mut values = blank_page();
        values.insert("breadcrumbs", self.breadcrumbs(index));
        values.extend(facts);
        self.context(&self.site.pages[index].path, values)
    }

    /// Adds what templates get to see of a page besides its facts; `None` where that is too much for other pages to have it too.
    pub fn add_common(&self, index: usize, digest: &mut Digest) -> Option<()> {
        let page = &self.site.pages[index];
        let is_related = [&self.relations.translations, &self.relations.explained]
            .iter()
            .any(|relation| relation.contains_key(&index));
        if is_related || page.form.is_some() || lists_all(page) || !self.site.tree.children(index).is_empty() {
            return None;
        }
        digest.add_text(page.template());
        digest.add_number(self.site.tree.parent(index).map_or(0, |parent| parent as u64 + 1));
        for state in navigation_state(&self.menu_paths, &page.path) {
            digest.add_number(state.into());
        }
        Some(())
    }

    /// The template that renders a page.
    pub fn template(&self, index: usize) -> &str {
        self.site.pages[index].template()
    }

    fn breadcrumbs(&self, index: usize) -> Value {
        let parent = self.site.tree.parent(index);
        parent.map_or_else(empty_list, |parent| self.trail(parent))
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
