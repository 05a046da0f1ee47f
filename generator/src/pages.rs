//! One page: from its text to its finished HTML, and what the site must know of it.

mod findings;
mod finished;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

pub use findings::{OutputFinding, foreign_loads, inline_findings, output_findings};
use findings::{expired, lost_text, text_problems};
pub use finished::{Finished, Seen};

use crate::digest::Digest;
use crate::html;
use crate::layout::{Layout, Layouts, is_of_page};
use crate::links::{self, anchor_digest, place_digest, written_digest};
use crate::markdown::{self, Document, Link};
use crate::notice;
use crate::page::Page;
use crate::problem::Problem;
use crate::render::Contexts;
use crate::samples;
use crate::site::Site;
use crate::source_files;
use crate::state::{Record, Words};
use crate::surroundings::Surroundings;
use crate::theme::Theme;

/// What this template shows is in Leichte Sprache, whoever refers to it.
const SIMPLE_TEMPLATE: &str = "leichte-sprache.html";

/// What all pages of a site are made with.
pub struct Workshop<'a> {
    pub site: &'a Site,
    /// `None` when its templates do not fit together; then only texts are judged.
    pub theme: Option<&'a Theme>,
    pub contexts: &'a Contexts<'a>,
    pub layouts: Layouts,
    /// Of what every page depends on: theme, site.toml, deletion concept, settings.
    pub digest: u64,
}

/// Memory that serves one page after the other: fresh memory for each would cost a tenth of a build.
#[derive(Default)]
pub struct Buffers {
    text: Vec<u8>,
    /// Of pages that share a layout, and of all others.
    filled: String,
    rendered: Vec<u8>,
}

/// What a template has made of a page.
#[derive(Default)]
struct Rendered<'b> {
    html: Option<&'b str>,
    content: Option<Range<usize>>,
    layout: Option<Arc<Layout>>,
}

impl Workshop<'_> {
    /// The digest of all that a page is made from, but for what its text reads.
    pub fn key(&self, index: usize) -> u64 {
        let page = &self.site.pages[index];
        Digest::new()
            .number(self.digest)
            .number(page.digest)
            .number(page.form_digest)
            .number(self.contexts.place_digest(index))
            .finish()
    }

    /// Whether a page would come out again as it is on record.
    pub fn is_fresh(&self, index: usize, record: &Record) -> bool {
        record.key == self.key(index)
            && record
                .reads
                .iter()
                .all(|(name, digest)| self.site.digest_of(name) == Some(*digest))
    }

    /// The whole file of a page.
    pub fn text<'b>(&'b self, index: usize, buffer: &'b mut Vec<u8>, problems: &mut Vec<Problem>) -> Cow<'b, str> {
        let page = &self.site.pages[index];
        if page.head.is_empty() {
            // Why it could not be read is known.
            return Cow::default();
        }
        let file = self.site.inventory.folder.join(&page.file);
        source_files::read_again(&file, page.stamp, page.digest, buffer).unwrap_or_else(|| {
            problems.push(Problem::in_file(
                "E-LESEN",
                &page.source_file,
                "Die Datei hat sich geändert, während die Site gebaut wurde.",
                "Bauen Sie die Site noch einmal.",
            ));
            Cow::from(&page.head)
        })
    }

    /// The Markdown of a page as HTML; `text` is the whole file.
    fn document(&self, index: usize, text: &str, problems: &mut Vec<Problem>) -> Document {
        let page = &self.site.pages[index];
        let around = Surroundings {
            klassen: self.site.klassen(),
            theme: self.theme,
            site: Some((self.site, page)),
            is_simple: self.contexts.relations().is_simple(index) || page.template() == SIMPLE_TEMPLATE,
        };
        let mut document = markdown::render(page.source_in(text), page.head.len()..text.len(), &around, problems);
        problems.append(&mut document.made.problems);
        document
    }

    /// A page's text by itself, without its template.
    pub fn document_of(&self, index: usize) -> Document {
        let mut buffer = Vec::new();
        let text = self.text(index, &mut buffer, &mut Vec::new());
        self.document(index, &text, &mut Vec::new())
    }

    /// Makes a page.
    pub fn finish<'b>(&'b self, index: usize, buffers: &'b mut Buffers) -> Finished<'b> {
        let page = &self.site.pages[index];
        let mut problems = Vec::new();
        let text = self.text(index, &mut buffers.text, &mut problems);
        let source = page.source_in(&text);
        let mut document = self.document(index, &text, &mut problems);
        if let Some(form) = &page.form {
            problems.extend(samples::add(page, form, &mut document.made));
        }
        problems.extend(text_problems(source, &document, &self.site.config.base_url));
        if let Some(notice) = &page.front_matter.notice {
            problems.extend(notice::check(notice, source, &document, self.site.klassen()));
        }
        problems.extend(expired(page, self.site.tree.archive().is_some()));
        let rendered = self
            .render(index, &document, &mut buffers.filled, &mut buffers.rendered)
            .unwrap_or_else(|found| {
                problems.extend(found);
                Rendered::default()
            });
        let Rendered { html, content, layout } = rendered;
        if html.is_some() && content.is_none() {
            problems.extend(self.theme.map(|theme| lost_text(page, theme)));
        }
        Finished {
            text,
            document,
            html,
            content,
            layout,
            problems,
        }
    }

    /// Puts a page's text into its template, or into what the template has made of other pages of its kind.
    fn render<'b>(
        &self,
        index: usize,
        document: &Document,
        filled: &'b mut String,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Rendered<'b>, Vec<Problem>> {
        let page = &self.site.pages[index];
        let Some(theme) = self.theme else {
            return Ok(Rendered::default());
        };
        let template = page.template();
        if theme.is_choice(template) {
            let facts = self.contexts.facts(index, document);
            let whole = || self.contexts.page(index, document);
            if let Some(layout) = self.layouts.of(theme, self.contexts, index, &facts) {
                // A text that the template compares, be it with nothing, may decide instead of being filled in.
                let content = layout.fill(&facts, filled).or_else(|| content_in(filled, document));
                debug_assert_eq!(theme.render(template, &whole(), "").as_ref(), Ok(&*filled));
                let html = Some(filled.as_str());
                return Ok(Rendered {
                    html,
                    content,
                    layout: Some(layout),
                });
            }
            let html = theme.render_into(buffer, template, &whole(), &page.source_file)?;
            let content = content_in(html, document);
            return Ok(Rendered {
                html: Some(html),
                content,
                layout: None,
            });
        }
        let Some(written) = &page.front_matter.template else {
            // The theme lacks a template that it must have; that is said of the theme.
            return Ok(Rendered::default());
        };
        Err(vec![page.source().error(
            "E-VORLAGE-UNBEKANNT",
            written.offset,
            format!("Die Vorlage „{template}“ gibt es in diesem Thema nicht."),
            format!("Möglich sind: {}.", theme.choices().join(", ")),
        )])
    }

    /// What is kept of a finished page.
    pub fn record(&self, index: usize, finished: &Finished<'_>, seen: &Seen<'_>) -> Record {
        let page = &self.site.pages[index];
        let made = &finished.document.made;
        let outline = &seen.outline;
        let own = place_digest(&page.path, None);
        let mut ids: Vec<u64> = outline.ids.iter().map(|id| anchor_digest(own, id)).collect();
        ids.sort_unstable();
        let head = [&page.front_matter.simple_language, &page.front_matter.translation_of];
        let in_head = head.into_iter().flatten().map(|link| link.value.as_str());
        let written = finished.document.links.iter().map(|link| link.written.as_str());
        let in_head = in_head.filter_map(written_digest);
        let loads = outline.loads.iter().filter(|load| !links::is_foreign(load));
        let hrefs = outline.links.iter().chain(loads).copied();
        let hrefs = hrefs.filter(|href| seen.layout.is_none() || is_of_page(href));
        let hrefs = hrefs.chain(seen.in_text.iter().map(Link::href));
        let mut targets: Vec<u64> = hrefs.filter_map(|href| self.target(page, href)).collect();
        if let Some(layout) = seen.layout {
            targets.extend(layout.targets(|href| self.target(page, href)));
        }
        targets.extend(written.filter_map(written_digest).chain(in_head));
        targets.sort_unstable();
        targets.dedup();
        targets.shrink_to_fit();
        Record {
            key: self.key(index),
            reads: made.reads.clone(),
            ids,
            targets,
            problems: finished.problems.clone(),
            files: made.files.iter().map(|(path, _)| path.clone()).collect(),
            frames: made.frames.clone(),
            words: self.site.config.suche.value.then(|| words(&finished.document)),
        }
    }

    /// The place on this site that an address in a finished page means; `None` when it means none, or none that needs a look.
    fn target(&self, page: &Page, href: &str) -> Option<u64> {
        if let Some(anchor) = href.strip_prefix('#') {
            return Some(place_digest(&page.path, Some(anchor)));
        }
        if !href.starts_with('/') || href.starts_with("//") {
            return self.is_wrong(href).then(|| place_digest(href, None));
        }
        let decoded = links::unescaped(href);
        let (path, anchor) = links::split_anchor(&decoded);
        let path = path.split('?').next().unwrap_or(path);
        if path.starts_with(form::routes::PREFIX) && self.site.config.berichtstool.value && form::routes::is_route(path)
        {
            return None;
        }
        Some(place_digest(path, anchor))
    }

    /// Whether a whole address is wrong by its form, or one of this site. No place has its digest.
    fn is_wrong(&self, href: &str) -> bool {
        !links::is_elsewhere(href) || links::on_own_host(href, &self.site.config.base_url).is_some()
    }
}

/// Where a page's text stands in the page.
fn content_in(html: &str, document: &Document) -> Option<Range<usize>> {
    let text = document.html.trim();
    // A short beginning is found fast; what follows it is only compared.
    let begin = text.floor_char_boundary(48);
    let mut places = memchr::memmem::find_iter(html.as_bytes(), &text[..begin]);
    let at = places.find(|at| html[*at..].starts_with(text))?;
    Some(at..at + text.len())
}

/// What the search finds a page by.
fn words(document: &Document) -> Words {
    let headings = document.headings.iter();
    Words {
        headings: headings
            .map(|heading| (heading.id.clone(), heading.title.clone()))
            .collect(),
        text: html::text(&document.html),
    }
}
