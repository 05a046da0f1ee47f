//! The way of a site from content to files: scan -> parse -> resolve -> render -> check. Only `output` writes.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use jiff::civil::Date;
use rayon::prelude::*;

use crate::addresses::{Outputs, redirect_file};
use crate::answers;
use crate::check;
use crate::html::{self, Outline};
use crate::links::{self, Targets};
use crate::notice::NoticeMap;
use crate::output::OutputFile;
use crate::page::Page;
use crate::problem::{self, Problem};
use crate::read::Site;
use crate::render::Contexts;
use crate::server_config;
use crate::theme::Theme;

/// What a build depends on besides content and themes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder that holds `content/` and `themes/`.
    pub root: PathBuf,
    pub today: Date,
    pub drafts: bool,
}

/// What became of a site.
#[derive(Debug, Default)]
pub struct Built {
    /// All of `dist/<site>`; `None` when a problem stops the build.
    pub files: Option<Vec<OutputFile>>,
    pub pages: usize,
    /// How many points of its notices a lawyer must still confirm.
    pub zu_bestaetigen: usize,
    /// Sorted by place.
    pub problems: Vec<Problem>,
}

/// The sites to build: those wanted, or every folder below `content/`.
pub fn sites(root: &Path, wanted: &[String]) -> Result<Vec<String>> {
    let content = root.join("content");
    let mut sites = Vec::new();
    for entry in std::fs::read_dir(&content).with_context(|| format!("{} lässt sich nicht lesen", content.display()))?
    {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !name.starts_with('.') {
            sites.push(name);
        }
    }
    sites.sort();
    if let Some(missing) = wanted.iter().find(|wanted| !sites.contains(wanted)) {
        bail!(
            "Die Site „{missing}“ gibt es nicht. Vorhanden sind: {}",
            sites.join(", ")
        );
    }
    if !wanted.is_empty() {
        sites.retain(|site| wanted.contains(site));
    }
    Ok(sites)
}

/// Builds a site in memory and finds everything that is wrong with it.
pub fn build(settings: &Settings, name: &str) -> Result<Built> {
    let mut problems = Vec::new();
    let mut built = Built::default();
    if let Some(mut site) = Site::read(settings, name, &mut problems) {
        // The HTML of a page's text is needed once; taken out, it goes as soon as the page is rendered.
        let texts = site
            .pages
            .iter_mut()
            .map(|page| std::mem::take(&mut page.document.html))
            .collect();
        built.files = render_and_check(settings, &site, texts, &mut problems)?;
        built.pages = site.pages.len();
        built.zu_bestaetigen = site
            .pages
            .iter()
            .filter_map(|page| page.front_matter.notice.as_ref())
            .map(NoticeMap::zu_bestaetigen)
            .sum();
    }
    problem::sort(&mut problems);
    if problem::has_errors(&problems) {
        built.files = None;
    }
    Ok(Built { problems, ..built })
}

/// All files of a site, or as much as is needed to find what is wrong. `texts` are the HTML of the pages' own texts.
fn render_and_check(
    settings: &Settings,
    site: &Site,
    texts: Vec<String>,
    problems: &mut Vec<Problem>,
) -> Result<Option<Vec<OutputFile>>> {
    let theme = Theme::load(&settings.root, &site.config, problems)?;
    let contexts = Contexts::new(&site.config, &site.pages, &site.tree);
    let rendered = theme.as_ref().map_or_else(
        || vec![None; site.pages.len()],
        |theme| render_pages(theme, &contexts, site, texts, problems),
    );
    let outlines: Vec<Option<Outline<'_>>> = rendered
        .par_iter()
        .map(|page| page.as_deref().map(html::outline))
        .collect();
    let outputs = Outputs::plan(site, theme.as_ref(), problems);
    let targets = Targets::new(
        &site.pages,
        ids(site, &outlines),
        &site.drafts,
        outputs.addresses(),
        site.config.berichtstool.value,
    );

    check::check(settings, site, theme.as_ref(), &outlines, &targets, problems);

    let Some(theme) = theme else { return Ok(None) };
    let mut files = outputs.files;
    files.extend(handler_files(site, &theme, &contexts, &targets, problems));
    files.extend(
        site.pages
            .iter()
            .zip(rendered)
            .filter_map(|(page, html)| Some(OutputFile::new(format!("www/{}", page.output_file()), html?))),
    );
    files.extend(redirect_pages(site, &theme, &contexts, problems));
    match theme.render("404.html", &contexts.not_found(), "404.html") {
        Ok(html) => files.push(OutputFile::new("www/404.html", html)),
        Err(found) => problems.extend(found),
    }
    files.push(OutputFile::new("www/sitemap.xml", sitemap(site)));
    files.push(OutputFile::new("www/robots.txt", robots(site)));
    files.extend(server_config::files(
        &site.config.name,
        &redirect_pairs(site),
        site.loeschkonzept(),
    ));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Some(files))
}

/// Renders all pages, in parallel; a page whose template does not exist or fails is `None`, with a problem.
fn render_pages(
    theme: &Theme,
    contexts: &Contexts<'_>,
    site: &Site,
    texts: Vec<String>,
    problems: &mut Vec<Problem>,
) -> Vec<Option<String>> {
    let choices = theme.choices();
    let render_page = |(index, text): (usize, String)| -> Result<String, Vec<Problem>> {
        let page = &site.pages[index];
        let template = page.template();
        if choices.contains(&template) {
            return theme.render(template, &contexts.page(index, &text), &page.source_file);
        }
        let offset = page
            .front_matter
            .template
            .as_ref()
            .map_or(0, |template| template.offset);
        let message = format!("Die Vorlage „{template}“ gibt es in diesem Thema nicht.");
        Err(vec![page.source().error(
            "E-VORLAGE-UNBEKANNT",
            offset,
            message,
            format!("Möglich sind: {}.", choices.join(", ")),
        )])
    };
    let results: Vec<Result<String, Vec<Problem>>> = texts.into_par_iter().enumerate().map(render_page).collect();
    // One broken template breaks many pages; it is reported with the first, and not where it was found by itself.
    let mut seen: HashSet<(String, usize)> = problems
        .iter()
        .filter(|problem| problem.code == "E-VORLAGE-ANGABE")
        .map(|problem| (problem.file.clone(), problem.line))
        .collect();
    let mut rendered = Vec::with_capacity(results.len());
    for result in results {
        rendered.push(
            result
                .map_err(|found| {
                    problems.extend(found.into_iter().filter(|problem| {
                        problem.code != "E-VORLAGE" || seen.insert((problem.file.clone(), problem.line))
                    }));
                })
                .ok(),
        );
    }
    rendered
}

/// The ids of each finished page; unknown where something else must be mended before it can be finished.
fn ids<'a>(site: &Site, outlines: &[Option<Outline<'a>>]) -> Vec<Option<HashSet<&'a str>>> {
    let ids = |(page, outline): (&Page, &Option<Outline<'a>>)| {
        let outline = outline.as_ref().filter(|_| !page.is_incomplete)?;
        Some(outline.ids.iter().copied().collect())
    };
    site.pages.iter().zip(outlines).map(ids).collect()
}

fn redirect_pages(site: &Site, theme: &Theme, contexts: &Contexts<'_>, problems: &mut Vec<Problem>) -> Vec<OutputFile> {
    let mut files = Vec::new();
    for redirect in &site.redirects {
        let Some(file) = redirect_file(&redirect.from.value) else {
            continue;
        };
        match theme.render(
            "redirect.html",
            &contexts.redirect(&redirect.from.value, &links::href(&redirect.to)),
            site.source_of(redirect).file,
        ) {
            Ok(html) => files.push(OutputFile::new(format!("www/{file}"), html)),
            Err(found) => problems.extend(found),
        }
    }
    files
}

/// Old and new addresses for the web server, sorted.
fn redirect_pairs(site: &Site) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = site
        .redirects
        .iter()
        .map(|redirect| (redirect.from.value.clone(), links::href(&redirect.to).into_owned()))
        .collect();
    pairs.sort();
    pairs
}

fn sitemap(site: &Site) -> String {
    let mut pages: Vec<&Page> = site.pages.iter().collect();
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for page in pages {
        let lastmod = page
            .front_matter
            .stand
            .or(page.front_matter.date)
            .map(|day| format!("<lastmod>{day}</lastmod>"))
            .unwrap_or_default();
        xml.push_str(&format!(
            "<url><loc>{}{}</loc>{lastmod}</url>\n",
            site.config.base_url, page.path
        ));
    }
    xml.push_str("</urlset>\n");
    xml
}

fn robots(site: &Site) -> String {
    let disallow = if site.config.berichtstool.value {
        format!("Disallow: {}\n", form::routes::PREFIX)
    } else {
        "Disallow:\n".to_owned()
    };
    format!(
        "User-agent: *\n{disallow}Sitemap: {}/sitemap.xml\n",
        site.config.base_url
    )
}

/// Everything that the handler needs; nothing for a site without Berichtstool.
fn handler_files(
    site: &Site,
    theme: &Theme,
    contexts: &Contexts<'_>,
    targets: &Targets<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<OutputFile> {
    if !site.config.berichtstool.value {
        return Vec::new();
    }
    let shell = match answers::shell(theme, &contexts.shell()) {
        Ok(shell) => shell,
        Err(found) => {
            problems.extend(found);
            return Vec::new();
        }
    };
    problems.extend(answers::check(theme, &shell, targets));
    let mut files = vec![OutputFile::new("handler/shell.html", shell)];
    files.extend(
        theme
            .answers
            .iter()
            .map(|(name, text)| OutputFile::new(format!("handler/{name}"), text.as_str())),
    );
    files.extend(
        site.forms
            .iter()
            .map(|form| OutputFile::new(format!("handler/formulare/{}.toml", form.kennung), form.text.as_str())),
    );
    match &site.loeschkonzept {
        Some(source) => files.push(OutputFile::new("handler/loeschkonzept.toml", source.text.as_str())),
        None if site.inventory.has_loeschkonzept => {}
        None => problems.push(site.config.source().error(
            "E-LOESCHKONZEPT",
            site.config.berichtstool.offset,
            "Eine Site mit Berichtstool braucht ein Löschkonzept.",
            "Legen Sie loeschkonzept.toml neben site.toml an.",
        )),
    }
    files
}
