//! Everything of a site that is not a page: files and assets, redirects, the sitemap, what the handler and the web server need.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rayon::prelude::*;

use crate::addresses::redirect_file;
use crate::answers;
use crate::build::Settings;
use crate::check;
use crate::documents;
use crate::feed;
use crate::links::{self, Targets};
use crate::output::{Output, Stage};
use crate::page::Page;
use crate::pages::Workshop;
use crate::problem::Problem;
use crate::search;
use crate::server_config::{self, ServerInput};
use crate::site::Site;
use crate::source_files;
use crate::state::Record;
use crate::theme::Theme;

/// What is staged, each address once: of what wants the same, pages and what came of them go first, then what the generator makes,
/// then files, then redirects.
struct Staged<'a> {
    site: &'a Site,
    stage: &'a Stage,
    given: HashSet<String>,
    outputs: Vec<Output>,
}

impl Staged<'_> {
    /// Whether a path is still free; then it is taken.
    fn take(&mut self, path: &str) -> bool {
        let page = path
            .strip_prefix("www")
            .and_then(|path| path.strip_suffix("index.html"));
        page.and_then(|address| self.site.page_at(address)).is_none() && self.given.insert(path.to_owned())
    }

    fn put(&mut self, path: String, bytes: &[u8]) -> Result<()> {
        if !self.take(&path) {
            return Ok(());
        }
        self.stage.put(path, bytes, &mut self.outputs)
    }

    /// The files that are published as they are.
    fn copy_files(&mut self) -> Result<()> {
        let site = self.site;
        let files: Vec<(&String, u64)> = site
            .inventory
            .files
            .iter()
            .zip(&site.files)
            // What cannot be read stops the build anyway.
            .filter_map(|(file, source)| Some((file, source.digest?)))
            .filter(|(file, _)| self.take(&format!("www/{file}")))
            .collect();
        let copied: Vec<Vec<Output>> = files
            .into_par_iter()
            .map(|(file, digest)| {
                let mut outputs = Vec::new();
                let from = site.inventory.folder.join(file);
                self.stage.copy(format!("www/{file}"), &from, digest, &mut outputs)?;
                Ok(outputs)
            })
            .collect::<Result<_>>()?;
        self.outputs.extend(copied.into_iter().flatten());
        Ok(())
    }
}

/// Makes and stages all of it.
pub fn add(
    settings: &Settings,
    workshop: &Workshop<'_>,
    records: &[&Record],
    targets: &Targets<'_>,
    stage: &Stage,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Output>> {
    let site = workshop.site;
    let made = records.iter().flat_map(|record| &record.files);
    let mut staged = Staged {
        site,
        stage,
        given: made.map(|path| format!("www/{path}")).collect(),
        outputs: Vec::new(),
    };
    let mut texts: Vec<(String, String)> = vec![
        ("www/sitemap.xml".to_owned(), sitemap(site)),
        ("www/robots.txt".to_owned(), robots(site)),
    ];
    texts.extend(feeds(workshop));
    if site.config.suche.value {
        texts.push(("www/suche/index.json".to_owned(), search_index(site, records)));
    }
    problems.extend(security_txt(site, settings.today)?);
    texts.extend(server_config::files(&ServerInput {
        site: &site.config.name,
        base_url: &site.config.base_url,
        redirects: &redirect_pairs(site),
        loeschkonzept: site.loeschkonzept(),
        has_handler: site.config.berichtstool.value,
        frames: &frames(site, records),
        is_compressed: settings.compress,
    }));
    let mut redirects = Vec::new();
    if let Some(theme) = workshop.theme {
        for asset in &theme.assets {
            staged.put(format!("www{}", asset.address()), &asset.bytes)?;
        }
        problems.extend(check::finished::styles(theme, site, targets));
        texts.extend(not_found(workshop, theme, targets, problems));
        texts.extend(handler_files(workshop, theme, targets, problems));
        redirects = redirect_pages(workshop, theme, targets, problems);
    }
    for (path, text) in texts {
        staged.put(path, text.as_bytes())?;
    }
    staged.copy_files()?;
    for (path, text) in redirects {
        staged.put(path, text.as_bytes())?;
    }
    Ok(staged.outputs)
}

/// Pages with a two-click card, sorted, and the hosts that a frame on each may show.
fn frames(site: &Site, records: &[&Record]) -> Vec<(String, Vec<String>)> {
    let pages = site.pages.iter().zip(records);
    let mut frames: Vec<(String, Vec<String>)> = pages
        .filter(|(_, record)| !record.frames.is_empty())
        .map(|(page, record)| {
            let mut hosts = record.frames.clone();
            hosts.sort();
            hosts.dedup();
            (page.path.clone(), hosts)
        })
        .collect();
    frames.sort();
    frames
}

/// An Atom feed for each section of news, with its newest pages.
fn feeds(workshop: &Workshop<'_>) -> Vec<(String, String)> {
    const NEWEST: usize = 20;
    let site = workshop.site;
    let mut files = Vec::new();
    for (index, section) in site.pages.iter().enumerate().filter(|(_, page)| page.front_matter.feed) {
        let news = site.tree.children(index).iter().copied();
        let dated = news.filter_map(|page| Some((page, site.pages[page].front_matter.date?)));
        let texts: Vec<(&Page, Date, String)> = dated
            .take(NEWEST)
            .map(|(page, date)| (&site.pages[page], date, workshop.document_of(page).html))
            .collect();
        let entries: Vec<feed::Entry<'_>> = texts
            .iter()
            .map(|(page, published, html)| feed::Entry {
                title: &page.front_matter.title,
                path: &page.path,
                summary: or(&page.front_matter.summary, &page.front_matter.description),
                published: *published,
                updated: page.front_matter.stand.as_ref().map_or(*published, |stand| stand.value),
                html,
            })
            .collect();
        let atom = feed::atom(&feed::Feed {
            title: &section.front_matter.title,
            subtitle: &section.front_matter.description,
            base_url: &site.config.base_url,
            path: &section.path,
            feed_path: &section.feed_path(),
            language: &section.front_matter.language,
            author: &site.config.operator,
            entries: &entries,
        });
        files.push((format!("www{}", section.feed_path()), atom));
    }
    files
}

/// What the search looks through: every page but its own.
fn search_index(site: &Site, records: &[&Record]) -> String {
    let pages = site.pages.iter().zip(records);
    let entries: Vec<search::Entry<'_>> = pages
        .filter(|(page, _)| page.path != check::SEARCH_PAGE)
        .filter_map(|(page, record)| {
            let words = record.words.as_ref()?;
            let headings = words.headings.iter();
            Some(search::Entry {
                path: &page.path,
                title: page.title_for_menus(),
                description: or(&page.front_matter.description, &page.front_matter.summary),
                headings: headings.map(|(id, title)| (id.as_str(), title.as_str())).collect(),
                text: &words.text,
            })
        })
        .collect();
    search::index(&entries)
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}

fn security_txt(site: &Site, today: Date) -> Result<Vec<Problem>> {
    const FILE: &str = ".well-known/security.txt";
    if !site.inventory.files.iter().any(|file| file == FILE) {
        return Ok(Vec::new());
    }
    let text = source_files::read_published(&site.inventory.folder.join(FILE));
    let now = today.to_zoned(TimeZone::UTC)?.timestamp();
    Ok(check::security_txt::check(
        &format!("{}/{FILE}", site.inventory.shown),
        &text,
        now,
    ))
}

/// The page for addresses that do not exist, which nobody writes.
fn not_found(
    workshop: &Workshop<'_>,
    theme: &Theme,
    targets: &Targets<'_>,
    problems: &mut Vec<Problem>,
) -> Option<(String, String)> {
    const TEMPLATE: &str = "404.html";
    let (site, contexts) = (workshop.site, workshop.contexts);
    let rendered = theme.render(TEMPLATE, &contexts.not_found(), TEMPLATE);
    let html = rendered.map_err(|found| problems.extend(found)).ok()?;
    problems.extend(check::finished::own_page(theme, TEMPLATE, &html, targets, site));
    check::owed::of_own_page(theme, TEMPLATE, &html, site, problems);
    Some(("www/404.html".to_owned(), html))
}

/// The pages at old addresses, on which nobody stays.
fn redirect_pages(
    workshop: &Workshop<'_>,
    theme: &Theme,
    targets: &Targets<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<(String, String)> {
    const TEMPLATE: &str = "redirect.html";
    let (site, contexts) = (workshop.site, workshop.contexts);
    let mut pages = Vec::new();
    for redirect in &site.redirects {
        let Some(file) = redirect_file(&redirect.from.value) else {
            continue;
        };
        let context = contexts.redirect(&redirect.from.value, &links::href(&redirect.to));
        match theme.render(TEMPLATE, &context, site.source_of(redirect).file) {
            Ok(html) => {
                problems.extend(check::finished::own_page(theme, TEMPLATE, &html, targets, site));
                pages.push((format!("www/{file}"), html));
            }
            Err(found) => problems.extend(found),
        }
    }
    pages
}

/// Old and new addresses for the web server, sorted.
fn redirect_pairs(site: &Site) -> Vec<(String, String)> {
    // Each leads to one place, and none away from what is there.
    let mut pairs = BTreeMap::new();
    for redirect in &site.redirects {
        let from = &redirect.from.value;
        let is_file = || redirect_file(from).is_some_and(|file| site.inventory.files.binary_search(&file).is_ok());
        if site.page_at(from).is_none() && !is_file() {
            let to = || links::href(&redirect.to).into_owned();
            pairs.entry(from.clone()).or_insert_with(to);
        }
    }
    pairs.into_iter().collect()
}

fn sitemap(site: &Site) -> String {
    let mut pages: Vec<&Page> = site.pages.iter().collect();
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    let entry = |page: &&Page| {
        let stand = page.front_matter.stand.as_ref().map(|stand| stand.value);
        let lastmod = stand.or(page.front_matter.date);
        let lastmod = lastmod
            .map(|day| format!("<lastmod>{day}</lastmod>"))
            .unwrap_or_default();
        format!("<url><loc>{}{}</loc>{lastmod}</url>\n", site.config.base_url, page.path)
    };
    xml.extend(pages.par_iter().map(entry).collect::<Vec<String>>());
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
    workshop: &Workshop<'_>,
    theme: &Theme,
    targets: &Targets<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<(String, String)> {
    let site = workshop.site;
    if !site.config.berichtstool.value {
        return Vec::new();
    }
    let shell = match answers::shell(theme, &workshop.contexts.shell()) {
        Ok(shell) => shell,
        Err(found) => {
            problems.extend(found);
            return Vec::new();
        }
    };
    check::owed::of_own_page(theme, "base.html", &shell, site, problems);
    problems.extend(answers::check(theme, &shell, targets));
    problems.extend(documents::check(theme));
    let mut files = vec![("handler/shell.html".to_owned(), shell)];
    let answers = theme.answers.iter();
    files.extend(answers.map(|answer| (format!("handler/{}", answer.name), answer.text.clone())));
    let forms = site.forms.iter();
    files.extend(forms.map(|form| (format!("handler/formulare/{}.toml", form.kennung), form.text.clone())));
    files.extend(site.forms.iter().filter_map(|form| {
        let bericht = form.bericht.clone()?;
        Some((format!("handler/formulare/{}.bericht.toml", form.kennung), bericht))
    }));
    match &site.loeschkonzept {
        Some(source) => files.push(("handler/loeschkonzept.toml".to_owned(), source.text.clone())),
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
