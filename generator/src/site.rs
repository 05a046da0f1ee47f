//! A site as it was read: configuration, deletion concept, forms, and pages with their heads parsed and their place in the tree.

use std::borrow::Cow;

use anyhow::Result;
use form::Form;
use form::bericht::Bericht;
use form::loeschkonzept::Loeschkonzept;
use rayon::prelude::*;
use toml::de::DeTable;

use crate::addresses;
use crate::build::Settings;
use crate::config::SiteConfig;
use crate::keys::Placed;
use crate::memory::Remembered;
use crate::page::{LeftOut, Page, Tree};
use crate::problem::{Problem, Source};
use crate::read::Sources;
use crate::scan::{FormFile, Inventory};
use crate::shortcode::Klassen;
use crate::source_files::{SourceFile, SourceText};
use crate::state::{self, Chunks};

/// Everything about a site that more than one page needs.
pub struct Site {
    pub config: SiteConfig,
    pub inventory: Inventory,
    /// What is published as it is, in the order of the inventory.
    pub files: Vec<SourceFile>,
    pub loeschkonzept: Option<LoeschkonzeptSource>,
    pub forms: Vec<FormSource>,
    /// Sorted by file.
    pub pages: Vec<Page>,
    /// Drafts, and pages whose day has not come.
    pub left_out: Vec<Page>,
    pub tree: Tree,
    pub redirects: Vec<RedirectSource>,
}

/// `loeschkonzept.toml`, parsed and as the handler gets it.
pub struct LoeschkonzeptSource {
    pub text: String,
    pub loeschkonzept: Loeschkonzept,
}

/// A `formular.toml` as the handler gets it.
pub struct FormSource {
    pub kennung: String,
    pub text: String,
    /// Its `bericht.toml`, if there is one.
    pub bericht: Option<String>,
}

/// An old address, where it leads, and where that is written.
pub struct RedirectSource {
    pub from: Placed<String>,
    /// As it is written: `@/…` or an address.
    pub to: String,
    /// Index of the page whose alias it is; `None` stands in `site.toml`.
    pub page: Option<usize>,
}

impl Site {
    /// Parses what was read.
    pub fn parse(settings: &Settings, config: SiteConfig, sources: Sources, problems: &mut Vec<Problem>) -> Site {
        let inventory = sources.inventory;
        let loeschkonzept = sources
            .loeschkonzept
            .and_then(|source| parse_loeschkonzept(source, problems));
        let mut pages = parse_pages(&inventory, sources.pages, &config, problems);
        let mut forms = parse_forms(&inventory, sources.forms, &mut pages, problems);
        parse_berichte(&inventory, sources.berichte, &mut forms, problems);
        for page in &mut pages {
            page.settle(settings);
        }
        problems.extend(give_way(&inventory, &mut pages));
        let left_out = pages.extract_if(.., |page| page.left_out.is_some()).collect();
        let tree = Tree::new(&pages);
        let redirects = collect_redirects(&config, &pages);
        Site {
            config,
            inventory,
            files: sources.files,
            loeschkonzept,
            forms,
            pages,
            left_out,
            tree,
            redirects,
        }
    }

    /// What the next build may remember of its pages and files.
    pub fn remembered(&self) -> Result<Chunks> {
        let pages: Vec<&Page> = self.pages.iter().chain(&self.left_out).collect();
        state::chunks(pages.len() + self.files.len(), |index| {
            let (file, stamp, digest, head) = match index.checked_sub(pages.len()) {
                None => {
                    let page = pages[index];
                    (&page.file, page.stamp, page.digest, page.head.as_str())
                }
                Some(index) => {
                    let source = &self.files[index];
                    (&self.inventory.files[index], source.stamp, source.digest?, "")
                }
            };
            let (stamp, head) = (stamp?, Cow::from(head));
            Some((file.as_str(), Remembered { stamp, digest, head }))
        })
    }

    /// The deletion concept, where there is one.
    pub fn loeschkonzept(&self) -> Option<&Loeschkonzept> {
        self.loeschkonzept.as_ref().map(|source| &source.loeschkonzept)
    }

    /// The file in which a redirect is written.
    pub fn source_of(&self, redirect: &RedirectSource) -> Source<'_> {
        redirect
            .page
            .map_or_else(|| self.config.source(), |page| self.pages[page].source())
    }

    /// The Löschklassen that its texts can refer to.
    pub fn klassen(&self) -> Klassen<'_> {
        match &self.loeschkonzept {
            Some(source) => Klassen::Known(&source.loeschkonzept),
            None if self.inventory.has_loeschkonzept => Klassen::Unreadable,
            None => Klassen::Missing,
        }
    }

    /// The index of a page; `file` as in `@/…`.
    pub fn position(&self, file: &str) -> Option<usize> {
        self.pages.binary_search_by(|page| page.file.as_str().cmp(file)).ok()
    }

    /// The index of the page at an address like `/a/b/`.
    pub fn page_at(&self, path: &str) -> Option<usize> {
        let folder = path.strip_prefix('/')?;
        let section = self.position(&[folder, "index.md"].concat());
        let page = || self.position(&[folder.strip_suffix('/')?, ".md"].concat());
        section.or_else(page).filter(|&page| self.pages[page].path == path)
    }

    /// The digest of something that a page's text read: a file by its address, or a form by `formular:<kennung>`.
    pub fn digest_of(&self, name: &str) -> Option<u64> {
        if let Some(file) = name.strip_prefix('/') {
            let index = self
                .inventory
                .files
                .binary_search_by(|known| known.as_str().cmp(file))
                .ok()?;
            return self.files[index].digest;
        }
        let file = format!("formularschrank/{}/index.md", name.strip_prefix("formular:")?);
        let page = &self.pages[self.position(&file)?];
        Some(page.facts() ^ page.form_digest)
    }

    /// Why a page that exists is not published; `file` as in `@/…`.
    pub fn left_out(&self, file: &str) -> Option<LeftOut> {
        self.left_out.iter().find(|page| page.file == file)?.left_out
    }
}

fn parse_loeschkonzept(source: SourceText, problems: &mut Vec<Problem>) -> Option<LoeschkonzeptSource> {
    let text = source.text?;
    match Loeschkonzept::parse(&text) {
        Ok(loeschkonzept) => Some(LoeschkonzeptSource { text, loeschkonzept }),
        Err(found) => {
            let source = Source {
                file: &source.shown,
                text: &text,
            };
            problems.extend(
                found
                    .into_iter()
                    .map(|problem| source.problem_in_toml("E-LOESCHKONZEPT", 0, problem)),
            );
            None
        }
    }
}

/// Parses the heads of all pages, in parallel.
fn parse_pages(
    inventory: &Inventory,
    texts: Vec<SourceText>,
    config: &SiteConfig,
    problems: &mut Vec<Problem>,
) -> Vec<Page> {
    let parse_page = |(file, text): (&String, SourceText)| {
        let mut found = Vec::new();
        (Page::parse(file, text, &config.language, &mut found), found)
    };
    let (pages, found): (Vec<Page>, Vec<Vec<Problem>>) = inventory.pages.par_iter().zip(texts).map(parse_page).unzip();
    problems.extend(found.into_iter().flatten());
    pages
}

/// Of `x.md` and `x/index.md`, which have one address, the section keeps it.
fn give_way(inventory: &Inventory, pages: &mut [Page]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for section in 0..pages.len() {
        let twin = pages[section].file.strip_suffix("/index.md");
        let twin = twin.map(|folder| [folder, ".md"].concat());
        let position = |file: String| pages.binary_search_by(|page| page.file.cmp(&file)).ok();
        let Some(twin) = twin.and_then(position) else { continue };
        if pages[section].left_out.is_none() && pages[twin].left_out.is_none() {
            let owner = format!("{}/{}", inventory.shown, pages[section].file);
            problems.push(addresses::given_twice(
                &pages[twin].path,
                &owner,
                pages[twin].source(),
                0,
            ));
            pages[twin].left_out = Some(LeftOut::Taken);
        }
    }
    problems
}

/// Parses the form definitions and gives each to the page beside it.
fn parse_forms(
    inventory: &Inventory,
    texts: Vec<SourceText>,
    pages: &mut [Page],
    problems: &mut Vec<Problem>,
) -> Vec<FormSource> {
    let mut forms = Vec::new();
    for (FormFile { kennung, .. }, source) in inventory.forms.iter().zip(texts) {
        let page_file = format!("formularschrank/{kennung}/index.md");
        let page = pages.iter_mut().find(|page| page.file == page_file);
        if page.is_none() {
            problems.push(Problem::in_file(
                "E-FORMULAR-SEITE",
                &source.shown,
                "Neben dem Formular fehlt seine Seite index.md.",
                format!("Legen Sie {}/{page_file} an.", inventory.shown),
            ));
        }
        let parsed = source
            .text
            .and_then(|text| Some((parse_form(&source.shown, &text, kennung, problems)?, text)));
        match (page, parsed) {
            (Some(page), None) => page.is_incomplete = true,
            (None, None) => {}
            (page, Some((form, text))) => {
                if let Some(page) = page {
                    page.form = Some(Box::new(form));
                    page.form_digest = source.digest;
                }
                forms.push(FormSource {
                    kennung: kennung.clone(),
                    text,
                    bericht: None,
                });
            }
        }
    }
    forms
}

/// Checks how each form's Meldungen are to be merged, and puts it to its form.
fn parse_berichte(
    inventory: &Inventory,
    texts: Vec<SourceText>,
    forms: &mut [FormSource],
    problems: &mut Vec<Problem>,
) {
    for (FormFile { kennung, .. }, source) in inventory.berichte.iter().zip(texts) {
        if !inventory.forms.iter().any(|form| form.kennung == *kennung) {
            problems.push(Problem::in_file(
                "E-BERICHT",
                &source.shown,
                "Daneben fehlt formular.toml.",
                "Legen Sie den Bericht in den Ordner seines Formulars.",
            ));
        }
        // A form that cannot be read has been reported already.
        let (Some(text), Some(form)) = (source.text, forms.iter_mut().find(|form| form.kennung == *kennung)) else {
            continue;
        };
        let Ok(definition) = Form::parse(&form.text) else {
            continue;
        };
        match Bericht::parse(&text, &definition) {
            Ok(_) => form.bericht = Some(text),
            Err(found) => {
                let source = Source {
                    file: &source.shown,
                    text: &text,
                };
                let found = found.into_iter();
                problems.extend(found.map(|problem| source.problem_in_toml("E-BERICHT", 0, problem)));
            }
        }
    }
}

fn parse_form(shown: &str, text: &str, kennung: &str, problems: &mut Vec<Problem>) -> Option<Form> {
    let source = Source { file: shown, text };
    let in_form = |found: form::Problem| source.problem_in_toml("E-FORMULAR", 0, found);
    let form = Form::parse(text)
        .map_err(|found| problems.extend(found.into_iter().map(in_form)))
        .ok()?;
    if form.kennung != kennung {
        let table = DeTable::parse(text).ok();
        let offset = table
            .as_ref()
            .and_then(|table| table.get_ref().get("kennung"))
            .map_or(0, |kennung| kennung.span().start);
        let message = format!("Das Formular heißt „{}“, sein Ordner „{kennung}“.", form.kennung);
        problems.push(source.error("E-FORMULAR", offset, message, "Geben Sie beiden denselben Namen."));
    }
    Some(form)
}

/// The redirects of `site.toml` and the aliases of all pages.
fn collect_redirects(config: &SiteConfig, pages: &[Page]) -> Vec<RedirectSource> {
    let own = config.redirects.iter().map(|redirect| RedirectSource {
        from: redirect.from.clone(),
        to: redirect.to.value.clone(),
        page: None,
    });
    let aliases = pages.iter().enumerate().flat_map(|(index, page)| {
        page.front_matter.aliases.iter().map(move |alias| RedirectSource {
            from: alias.clone(),
            to: format!("@/{}", page.file),
            page: Some(index),
        })
    });
    own.chain(aliases).collect()
}
