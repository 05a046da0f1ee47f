//! A site as it was read: everything parsed, nothing rendered.

use std::path::Path;

use anyhow::{Context as _, Result};
use form::Form;
use form::loeschkonzept::Loeschkonzept;
use rayon::prelude::*;

use crate::build::Settings;
use crate::page::{Page, Tree};
use crate::problem::{Problem, Source};
use crate::scan::{self, Inventory};
use crate::shortcode::Klassen;
use crate::site::SiteConfig;

/// A site as it was read: everything parsed, nothing rendered.
pub struct Site {
    pub config: SiteConfig,
    pub inventory: Inventory,
    pub concept: Option<Concept>,
    pub forms: Vec<FormSource>,
    /// Sorted by file.
    pub pages: Vec<Page>,
    /// Pages that are left out.
    pub drafts: Vec<Page>,
    pub tree: Tree,
    pub redirects: Vec<PlacedRedirect>,
}

/// `loeschkonzept.toml`, parsed and as the handler gets it.
pub struct Concept {
    pub text: String,
    pub konzept: Loeschkonzept,
}

/// A `formular.toml` as the handler gets it.
pub struct FormSource {
    pub kennung: String,
    pub text: String,
}

/// An old address, where it leads, and where that is written.
pub struct PlacedRedirect {
    pub from: String,
    /// As it is written: `@/…` or an address.
    pub to: String,
    pub source_file: String,
    pub offset: usize,
}

impl Site {
    /// Reads `content/<name>`; `None` when it has no usable `site.toml`.
    pub fn read(settings: &Settings, name: &str, problems: &mut Vec<Problem>) -> Result<Option<Site>> {
        let Some(config) = read_config(&settings.root, name, problems)? else {
            return Ok(None);
        };
        let inventory = scan::scan(&settings.root, name, problems)?;
        let concept = read_concept(&inventory, problems)?;
        let mut pages = read_pages(
            &inventory,
            &config.language,
            klassen(&inventory, concept.as_ref()),
            problems,
        )?;
        let forms = read_forms(&inventory, &mut pages, problems)?;
        let (drafts, pages): (Vec<Page>, Vec<Page>) = pages
            .into_iter()
            .partition(|page| page.front_matter.draft && !settings.drafts);
        let tree = Tree::new(&pages);
        let redirects = collect_redirects(&config, &pages);
        Ok(Some(Site {
            config,
            inventory,
            concept,
            forms,
            pages,
            drafts,
            tree,
            redirects,
        }))
    }

    /// The deletion concept, where there is one.
    pub fn konzept(&self) -> Option<&Loeschkonzept> {
        self.concept.as_ref().map(|concept| &concept.konzept)
    }

    /// The text in which an offset counts.
    pub fn source<'a>(&'a self, file: &'a str) -> Source<'a> {
        let page = self.pages.iter().find(|page| page.source_file == file);
        page.map_or_else(|| self.config.source(), Page::source)
    }

    /// The Löschklassen that its texts can refer to.
    pub fn klassen(&self) -> Klassen<'_> {
        klassen(&self.inventory, self.concept.as_ref())
    }
}

fn read_config(root: &Path, name: &str, problems: &mut Vec<Problem>) -> Result<Option<SiteConfig>> {
    let shown = format!("content/{name}/site.toml");
    let path = root.join(&shown);
    if !path.is_file() {
        problems.push(Problem::in_file(
            "E-SITE",
            shown,
            "Der Site fehlt site.toml.",
            "Legen Sie die Datei an, zum Beispiel nach dem Muster einer anderen Site.",
        ));
        return Ok(None);
    }
    let text = read_text(&path, &shown, problems)?;
    Ok(SiteConfig::parse(name, shown, text, problems))
}

fn read_concept(inventory: &Inventory, problems: &mut Vec<Problem>) -> Result<Option<Concept>> {
    if !inventory.has_loeschkonzept {
        return Ok(None);
    }
    let shown = format!("{}/loeschkonzept.toml", inventory.shown);
    let text = read_text(&inventory.folder.join("loeschkonzept.toml"), &shown, problems)?;
    match Loeschkonzept::parse(&text) {
        Ok(konzept) => Ok(Some(Concept { text, konzept })),
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
            Ok(None)
        }
    }
}

fn klassen<'a>(inventory: &Inventory, concept: Option<&'a Concept>) -> Klassen<'a> {
    match concept {
        Some(concept) => Klassen::Known(&concept.konzept),
        None if inventory.has_loeschkonzept => Klassen::Unreadable,
        None => Klassen::Missing,
    }
}

/// Reads and parses all pages, in parallel.
fn read_pages(
    inventory: &Inventory,
    language: &str,
    klassen: Klassen<'_>,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Page>> {
    let read_page = |file: &String| -> Result<(Page, Vec<Problem>)> {
        let mut problems = Vec::new();
        let shown = format!("{}/{file}", inventory.shown);
        let text = read_text(&inventory.folder.join(file), &shown, &mut problems)?;
        Ok((
            Page::parse(file, shown, text, language, klassen, &mut problems),
            problems,
        ))
    };
    let read: Vec<(Page, Vec<Problem>)> = inventory.pages.par_iter().map(read_page).collect::<Result<_>>()?;
    let mut pages = Vec::with_capacity(read.len());
    for (page, found) in read {
        pages.push(page);
        problems.extend(found);
    }
    Ok(pages)
}

/// Reads the form definitions and gives each to the page beside it.
fn read_forms(inventory: &Inventory, pages: &mut [Page], problems: &mut Vec<Problem>) -> Result<Vec<FormSource>> {
    let mut forms = Vec::new();
    for form_file in &inventory.forms {
        let shown = format!("{}/{}", inventory.shown, form_file.file);
        let text = read_text(&inventory.folder.join(&form_file.file), &shown, problems)?;
        let source = Source {
            file: &shown,
            text: &text,
        };
        let page_file = format!("formularschrank/{}/index.md", form_file.kennung);
        let page = pages.iter_mut().find(|page| page.file == page_file);
        let form = match Form::parse(&text) {
            Ok(form) => form,
            Err(found) => {
                problems.extend(
                    found
                        .into_iter()
                        .map(|problem| source.problem_in_toml("E-FORMULAR", 0, problem)),
                );
                page.into_iter().for_each(|page| page.form_is_broken = true);
                continue;
            }
        };
        if form.kennung != form_file.kennung {
            let offset = text.find(&form.kennung).unwrap_or(0);
            let message = format!(
                "Das Formular heißt „{}“, sein Ordner „{}“.",
                form.kennung, form_file.kennung
            );
            problems.push(source.error("E-FORMULAR", offset, message, "Geben Sie beiden denselben Namen."));
        }
        match page {
            Some(page) => page.form = Some(form),
            None => problems.push(Problem::in_file(
                "E-FORMULAR-SEITE",
                &shown,
                "Neben dem Formular fehlt seine Seite index.md.",
                format!("Legen Sie {}/{page_file} an.", inventory.shown),
            )),
        }
        forms.push(FormSource {
            kennung: form_file.kennung.clone(),
            text,
        });
    }
    Ok(forms)
}

fn collect_redirects(config: &SiteConfig, pages: &[Page]) -> Vec<PlacedRedirect> {
    let mut redirects: Vec<PlacedRedirect> = Vec::new();
    for redirect in &config.redirects {
        redirects.push(PlacedRedirect {
            from: redirect.from.value.clone(),
            to: redirect.to.value.clone(),
            source_file: config.source_file.clone(),
            offset: redirect.from.offset,
        });
    }
    for page in pages {
        for alias in &page.front_matter.aliases {
            redirects.push(PlacedRedirect {
                from: alias.value.clone(),
                to: format!("@/{}", page.file),
                source_file: page.source_file.clone(),
                offset: alias.offset,
            });
        }
    }
    redirects
}

/// Reads a text; what is not UTF-8 is a problem at the first wrong byte and is read as well as can be.
fn read_text(path: &Path, shown: &str, problems: &mut Vec<Problem>) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("{shown} lässt sich nicht lesen"))?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        problems.push(
            Source {
                file: shown,
                text: &text,
            }
            .error(
                "E-UTF8",
                valid,
                "Dieses Zeichen ist nicht in UTF-8 gespeichert.",
                "Speichern Sie die Datei mit der Zeichenkodierung UTF-8.",
            ),
        );
        text
    }))
}
