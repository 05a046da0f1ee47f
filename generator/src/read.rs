//! Reads a site: `site.toml`, the deletion concept, every page and every form definition.

use std::path::Path;

use form::Form;
use form::loeschkonzept::Loeschkonzept;
use rayon::prelude::*;
use toml::de::DeTable;

use crate::build::Settings;
use crate::keys::Placed;
use crate::page::{Page, Tree};
use crate::problem::{Problem, Source};
use crate::scan::{self, FormFile, Inventory};
use crate::shortcode::Klassen;
use crate::site::SiteConfig;
use crate::source_files::read_text;

/// A site as it was read: everything parsed, nothing rendered.
pub struct Site {
    pub config: SiteConfig,
    pub inventory: Inventory,
    pub loeschkonzept: Option<LoeschkonzeptSource>,
    pub forms: Vec<FormSource>,
    /// Sorted by file.
    pub pages: Vec<Page>,
    /// Pages that are left out.
    pub drafts: Vec<Page>,
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
    /// Reads `content/<name>`; `None` when it has no usable `site.toml`.
    pub fn read(settings: &Settings, name: &str, problems: &mut Vec<Problem>) -> Option<Site> {
        let config = read_config(&settings.root, name, problems)?;
        let inventory = scan::scan(&settings.root, name, problems);
        let loeschkonzept = read_loeschkonzept(&inventory, problems);
        let klassen = klassen(&inventory, loeschkonzept.as_ref());
        let mut pages = read_pages(&inventory, &config.language, klassen, problems);
        let forms = read_forms(&inventory, &mut pages, problems);
        let (drafts, pages): (Vec<Page>, Vec<Page>) = pages
            .into_iter()
            .partition(|page| page.front_matter.draft && !settings.drafts);
        let tree = Tree::new(&pages);
        let redirects = collect_redirects(&config, &pages);
        Some(Site {
            config,
            inventory,
            loeschkonzept,
            forms,
            pages,
            drafts,
            tree,
            redirects,
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
        klassen(&self.inventory, self.loeschkonzept.as_ref())
    }
}

fn read_config(root: &Path, name: &str, problems: &mut Vec<Problem>) -> Option<SiteConfig> {
    let shown = format!("content/{name}/site.toml");
    let path = root.join(&shown);
    if !path.is_file() {
        problems.push(Problem::in_file(
            "E-SITE",
            shown,
            "Der Site fehlt site.toml.",
            "Legen Sie die Datei an, zum Beispiel nach dem Muster einer anderen Site.",
        ));
        return None;
    }
    let text = read_text(&path, &shown, problems)?;
    SiteConfig::parse(name, shown, text, problems)
}

fn read_loeschkonzept(inventory: &Inventory, problems: &mut Vec<Problem>) -> Option<LoeschkonzeptSource> {
    if !inventory.has_loeschkonzept {
        return None;
    }
    let shown = format!("{}/loeschkonzept.toml", inventory.shown);
    let text = read_text(&inventory.folder.join("loeschkonzept.toml"), &shown, problems)?;
    match Loeschkonzept::parse(&text) {
        Ok(loeschkonzept) => Some(LoeschkonzeptSource { text, loeschkonzept }),
        Err(found) => {
            let source = Source {
                file: &shown,
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

fn klassen<'a>(inventory: &Inventory, source: Option<&'a LoeschkonzeptSource>) -> Klassen<'a> {
    match source {
        Some(source) => Klassen::Known(&source.loeschkonzept),
        None if inventory.has_loeschkonzept => Klassen::Unreadable,
        None => Klassen::Missing,
    }
}

/// Reads and parses all pages, in parallel.
fn read_pages(inventory: &Inventory, language: &str, klassen: Klassen<'_>, problems: &mut Vec<Problem>) -> Vec<Page> {
    let read_page = |file: &String| {
        let mut problems = Vec::new();
        let shown = format!("{}/{file}", inventory.shown);
        let text = read_text(&inventory.folder.join(file), &shown, &mut problems);
        let page = Page::parse(file, shown, text, language, klassen, &mut problems);
        (page, problems)
    };
    let read: Vec<(Page, Vec<Problem>)> = inventory.pages.par_iter().map(read_page).collect();
    let mut pages = Vec::with_capacity(read.len());
    for (page, found) in read {
        pages.push(page);
        problems.extend(found);
    }
    pages
}

/// Reads the form definitions and gives each to the page beside it.
fn read_forms(inventory: &Inventory, pages: &mut [Page], problems: &mut Vec<Problem>) -> Vec<FormSource> {
    let mut forms = Vec::new();
    for FormFile { file, kennung } in &inventory.forms {
        let shown = format!("{}/{file}", inventory.shown);
        let page_file = format!("formularschrank/{kennung}/index.md");
        let page = pages.iter_mut().find(|page| page.file == page_file);
        if page.is_none() {
            problems.push(Problem::in_file(
                "E-FORMULAR-SEITE",
                &shown,
                "Neben dem Formular fehlt seine Seite index.md.",
                format!("Legen Sie {}/{page_file} an.", inventory.shown),
            ));
        }
        let parsed = read_text(&inventory.folder.join(file), &shown, problems)
            .and_then(|text| Some((parse_form(&shown, &text, kennung, problems)?, text)));
        match (page, parsed) {
            (Some(page), None) => page.is_incomplete = true,
            (None, None) => {}
            (page, Some((form, text))) => {
                if let Some(page) = page {
                    page.form = Some(form);
                }
                forms.push(FormSource {
                    kennung: kennung.clone(),
                    text,
                });
            }
        }
    }
    forms
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
