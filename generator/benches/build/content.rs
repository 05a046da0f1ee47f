//! The pages of the benchmark, the same for every contestant but for how each writes links and front matter.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::words::{Chance, NOUNS, heading, sentence};

/// One page, before its text is made.
pub struct Page {
    /// Path in the generator's way, `a/index.md` for a section.
    pub file: String,
    pub title: String,
    pub description: String,
    pub weight: usize,
    pub stand: Option<String>,
    /// Other pages lie in its folder.
    pub is_section: bool,
    /// Where its section lies among all pages.
    section: usize,
}

/// How a contestant wants its content.
pub trait Dialect {
    fn file(&self, page: &Page) -> String;
    fn front_matter(&self, page: &Page) -> String;
    /// The target of a link to a page, with a `#` and an anchor where there is one.
    fn target(&self, page: &Page, anchor: &str) -> String;
}

/// The way of the generator itself.
pub struct Ours;

impl Dialect for Ours {
    fn file(&self, page: &Page) -> String {
        page.file.clone()
    }

    fn front_matter(&self, page: &Page) -> String {
        front_matter_with_stand(page)
    }

    fn target(&self, page: &Page, anchor: &str) -> String {
        format!("@/{}{anchor}", page.file)
    }
}

/// The keys that all contestants know.
pub fn common_front_matter(page: &Page) -> String {
    format!(
        "title = \"{}\"\ndescription = \"{}\"\nweight = {}\n",
        page.title, page.description, page.weight
    )
}

/// The same with the day on which somebody last vouched for the text.
pub fn front_matter_with_stand(page: &Page) -> String {
    let mut text = common_front_matter(page);
    if let Some(stand) = &page.stand {
        text.push_str(&format!("stand = {stand}\n"));
    }
    text
}

/// The pages that every public site must have, with their words. The first is the home page.
const FIXED: [(&str, &str, &str); 6] = [
    (
        "index.md",
        "Willkommen bei der Messung",
        "Diese Website gibt es nur, um zu messen, wie lange ihr Bau dauert.\n\n## Worum es geht\n\nAlle Texte sind aus einzelnen Wörtern zusammengesetzt und sagen nichts aus.",
    ),
    (
        "impressum/index.md",
        "Impressum",
        "## Anbieter dieser Website\n\nAmt für Messungen\\\nMusterweg 1\\\n40213 Düsseldorf\n\n## Aufsicht über das Amt\n\nDie Aufsicht führt das Land.",
    ),
    (
        "datenschutz/index.md",
        "Datenschutz",
        "## Welche Daten wir verarbeiten\n\nDiese Website wird nie veröffentlicht. Sie verarbeitet keine personenbezogenen Daten.",
    ),
    (
        "barrierefreiheit/index.md",
        "Erklärung zur Barrierefreiheit",
        "## Stand der Vereinbarkeit\n\nDiese Website ist vollständig barrierefrei. Die Erklärung beruht auf einer Selbstbewertung.\n\n## Barriere melden\n\nSchreiben Sie uns eine E-Mail an [barriere@messung.example](mailto:barriere@messung.example).\n\n## Ombudsverfahren\n\nWenn unsere Antwort nicht hilft, wenden Sie sich an die Ombudsstelle des Landes.",
    ),
    (
        "leichte-sprache/index.md",
        "Leichte Sprache",
        "Diese Seite ist ein Test.\\\nWir messen die Zeit.\n\n## Was ist diese Seite?\n\nDie Seite ist nicht echt.\\\nNiemand muss sie lesen.",
    ),
    (
        "gebaerdensprache/index.md",
        "Gebärdensprache",
        "## Was diese Website enthält\n\nEin Video in Deutscher Gebärdensprache gibt es noch nicht. Diese Seite erklärt das Wichtigste in kurzen Sätzen.",
    ),
];

const SECTION_SIZE: usize = 50;
const SECTIONS_PER_AREA: usize = 10;

/// The first chapters of every page but the fixed ones: ids, and how links call them.
const ANCHORS: [(&str, &str); 3] = [
    ("grundlagen", "Grundlagen"),
    ("verfahren", "Verfahren"),
    ("fristen", "Fristen"),
];

/// `count` pages, but at least the fixed ones: below them lie areas of ten sections of fifty pages.
pub fn plan(count: usize) -> Vec<Page> {
    let mut pages: Vec<Page> = FIXED.iter().enumerate().map(fixed).collect();
    let mut sections = 0;
    while pages.len() < count {
        let area = sections / SECTIONS_PER_AREA + 1;
        if sections.is_multiple_of(SECTIONS_PER_AREA) {
            let section = pages.len();
            pages.push(varied(pages.len(), format!("bereich-{area:02}/index.md"), section));
        }
        let folder = format!("bereich-{area:02}/thema-{:03}", sections + 1);
        let section = pages.len();
        pages.push(varied(pages.len(), format!("{folder}/index.md"), section));
        for leaf in 1..SECTION_SIZE {
            pages.push(varied(pages.len(), format!("{folder}/blatt-{leaf:02}.md"), section));
        }
        sections += 1;
    }
    pages.truncate(count.max(FIXED.len()));
    pages
}

fn fixed((index, (file, title, _)): (usize, &(&str, &str, &str))) -> Page {
    Page {
        file: (*file).to_owned(),
        title: (*title).to_owned(),
        description: format!("Eine der Seiten, die jede Website braucht: {title}."),
        weight: index,
        stand: Some("2026-11-02".to_owned()),
        is_section: index == 0,
        section: 0,
    }
}

/// Two nouns make a title that no other page has, so that no two links with the same words lead to different pages.
fn varied(index: usize, file: String, section: usize) -> Page {
    let first = index % NOUNS.len();
    let round = index / NOUNS.len();
    let second = (first + 1 + round % (NOUNS.len() - 1)) % NOUNS.len();
    let part = round / (NOUNS.len() - 1);
    let (first, second) = (NOUNS[first], NOUNS[second]);
    let title = match part {
        0 => format!("{first} und {second}"),
        _ => format!("{first} und {second}, Teil {}", part + 1),
    };
    Page {
        description: format!("Was für {first} und {second} gilt, wer zuständig ist und welche Fristen laufen."),
        title,
        weight: index,
        stand: index
            .is_multiple_of(3)
            .then(|| format!("2026-{:02}-{:02}", index % 10 + 1, index % 28 + 1)),
        is_section: file.ends_with("/index.md"),
        file,
        section,
    }
}

/// The page that is edited: in the middle, linked and listed by others.
pub fn edited(pages: &[Page]) -> &Page {
    &pages[pages.len() / 2]
}

/// The sections that the menu leads to.
pub fn areas(pages: &[Page]) -> impl Iterator<Item = &Page> {
    let areas = pages.iter().skip(FIXED.len());
    areas
        .filter(|page| page.is_section && page.file.matches('/').count() == 1)
        .take(5)
}

/// The pages that the footer leads to.
pub fn footer(pages: &[Page]) -> &[Page] {
    &pages[1..FIXED.len()]
}

/// Writes all pages below `folder` and returns how many bytes they have.
pub fn write(pages: &[Page], dialect: &dyn Dialect, folder: &Path) -> Result<usize> {
    let mut bytes = 0;
    for (index, page) in pages.iter().enumerate() {
        let body = match FIXED.get(index) {
            Some((_, _, body)) => format!("{body}\n"),
            None => body(pages, index, dialect),
        };
        let text = format!("+++\n{}+++\n\n{body}", dialect.front_matter(page));
        bytes += text.len();
        write_file(&folder.join(dialect.file(page)), &text)?;
    }
    Ok(bytes)
}

pub fn write_file(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// A text of 800 to 1,500 words with what editors use: chapters, lists, tables, quotes, emphasis and ten links.
fn body(pages: &[Page], index: usize, dialect: &dyn Dialect) -> String {
    // Neighbours get seeds that have nothing to do with each other.
    let mut chance = Chance::new(u64::try_from(index).unwrap_or(0));
    let wanted = chance.within(830..1280);
    let targets = targets(pages, index, &mut chance);
    let mut links = targets
        .iter()
        .enumerate()
        .map(|(nth, page)| link(page, nth, dialect, &mut chance))
        .collect::<Vec<_>>()
        .into_iter();
    let mut headings = HashSet::new();
    let mut text = paragraph(&mut chance, links.next());
    let mut chapter = 0;
    while chapter < ANCHORS.len() || text.split_whitespace().count() < wanted {
        let title = new_heading(&mut headings, &mut chance);
        match ANCHORS.get(chapter) {
            Some((anchor, _)) => text.push_str(&format!("\n## {title} {{#{anchor}}}\n\n")),
            None => text.push_str(&format!("\n## {title}\n\n")),
        }
        text.push_str(&paragraph(&mut chance, links.next()));
        text.push('\n');
        match (index + chapter) % 4 {
            0 => text.push_str(&list(&mut chance)),
            1 => {
                text.push_str(&format!("### {}\n\n", new_heading(&mut headings, &mut chance)));
                text.push_str(&paragraph(&mut chance, links.next()));
            }
            2 => text.push_str(&table(&mut chance)),
            _ => text.push_str(&format!("> {}\n", sentence(&mut chance))),
        }
        text.push('\n');
        text.push_str(&paragraph(&mut chance, links.next()));
        chapter += 1;
    }
    for link in links {
        text.push_str(&format!("\n{link}\n"));
    }
    text
}

/// Ten pages to link to, each once: the section, some of its pages, and others anywhere.
fn targets<'p>(pages: &'p [Page], own: usize, chance: &mut Chance) -> Vec<&'p Page> {
    let section = pages[own].section;
    let end = (section + SECTION_SIZE).min(pages.len());
    let mut chosen = vec![section];
    // Very small sites have fewer pages to choose from.
    for attempt in 0..40 {
        let target = if attempt % 2 == 0 {
            chance.within(section..end)
        } else {
            chance.within(FIXED.len()..pages.len())
        };
        if target != own && !chosen.contains(&target) && chosen.len() < 10 {
            chosen.push(target);
        }
    }
    chosen.retain(|target| *target != own);
    chosen.into_iter().map(|target| &pages[target]).collect()
}

/// A sentence with a link; every other one leads to a chapter.
fn link(page: &Page, nth: usize, dialect: &dyn Dialect, chance: &mut Chance) -> String {
    let (anchor, chapter) = ANCHORS[chance.within(0..ANCHORS.len())];
    let title = &page.title;
    let link = match nth % 2 {
        0 => format!("[{title}]({})", dialect.target(page, "")),
        _ => format!("[{title}: {chapter}]({})", dialect.target(page, &format!("#{anchor}"))),
    };
    match chance.within(0..4) {
        0 => format!("Näheres steht auf der Seite {link}."),
        1 => format!("Dasselbe gilt für {link}."),
        2 => format!("Lesen Sie dazu auch {link}."),
        _ => format!("Mit {link} hat das nichts zu tun."),
    }
}

/// A heading that the page does not have yet.
fn new_heading(headings: &mut HashSet<String>, chance: &mut Chance) -> String {
    loop {
        let title = heading(chance);
        if headings.insert(title.clone()) {
            return title;
        }
    }
}

fn paragraph(chance: &mut Chance, link: Option<String>) -> String {
    let mut sentences: Vec<String> = (0..chance.within(3..7)).map(|_| sentence(chance)).collect();
    sentences.extend(link);
    sentences.join(" ") + "\n"
}

fn list(chance: &mut Chance) -> String {
    let is_numbered = chance.once_in(3);
    (1..chance.within(5..8))
        .map(|number| match is_numbered {
            true => format!("{number}. {}\n", sentence(chance)),
            false => format!("- {}\n", sentence(chance)),
        })
        .collect()
}

fn table(chance: &mut Chance) -> String {
    let mut table = "| Gegenstand | Erläuterung | Betrag in Euro |\n|---|---|---:|\n".to_owned();
    for _ in 0..chance.within(4..8) {
        let (noun, sentence) = (chance.of(NOUNS), sentence(chance));
        let amount = chance.within(100..999);
        table.push_str(&format!("| {noun} | {sentence} | {amount}.000 |\n"));
    }
    table
}
