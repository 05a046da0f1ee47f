//! The TOML between the `+++` lines of a page: what its author says about it.

use std::ops::Range;

use jiff::civil::Date;

use crate::keys::{Placed, TomlText};
use crate::notice::NoticeMap;
use crate::problem::{Problem, Source};

/// All that a page's head can say. Unknown keys are problems.
#[derive(Debug, Clone, Default)]
pub struct FrontMatter {
    pub title: String,
    pub description: String,
    pub summary: String,
    pub date: Option<Date>,
    /// The day on which somebody last vouched for the text.
    pub stand: Option<Placed<Date>>,
    pub valid_until: Option<Placed<Date>>,
    pub draft: bool,
    pub aliases: Vec<Placed<String>>,
    pub template: Option<Placed<String>>,
    /// Order among its siblings; pages without one come last.
    pub weight: i64,
    pub language: String,
    /// The page in Leichte Sprache that says the same.
    pub simple_language: Option<Placed<String>>,
    /// The page in another language that this one is a translation of.
    pub translation_of: Option<Placed<String>>,
    /// A section whose pages are news: newest first, and as an Atom feed.
    pub feed: bool,
    /// Makes the page a privacy notice.
    pub notice: Option<Box<NoticeMap>>,
}

/// A page's text up to its Markdown; all of it where that cannot be found.
pub fn head(text: &str) -> &str {
    match find(text) {
        Ok((_, end)) => &text[..end],
        Err(_) => text,
    }
}

/// Why there is no head.
enum NoHead {
    Missing,
    Open,
}

/// Where the front matter stands, and where the head ends.
fn find(text: &str) -> Result<(Range<usize>, usize), NoHead> {
    let bom = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let mut lines = text[bom..].split_inclusive('\n');
    let first_line = lines.next().unwrap_or("");
    if first_line.trim_end() != "+++" {
        return Err(NoHead::Missing);
    }
    let start = bom + first_line.len();
    let mut at = start;
    for line in lines {
        if line.trim_end() == "+++" {
            return Ok((start..at, at + line.len()));
        }
        at += line.len();
    }
    Err(NoHead::Open)
}

/// Finds the front matter in the head of a page.
pub fn split(source: Source<'_>) -> Result<Range<usize>, Box<Problem>> {
    const REMEDY: &str =
        "Eine Seite beginnt mit +++ in der ersten Zeile, darunter mindestens title = \"…\", darunter wieder +++.";
    find(source.text).map(|(range, _)| range).map_err(|why| {
        let (code, message) = match why {
            NoHead::Missing => ("E-KOPF-FEHLT", "Der Seite fehlt der Kopf."),
            NoHead::Open => ("E-KOPF-OFFEN", "Der Kopf der Seite endet nicht."),
        };
        Box::new(source.error_at(code, 1, 1, message, REMEDY))
    })
}

/// Reads the front matter that stands at `range`; `None` when it is not TOML. What is wrong in it is reported and left out.
pub fn parse(
    source: Source<'_>,
    range: Range<usize>,
    site_language: &str,
    problems: &mut Vec<Problem>,
) -> Option<FrontMatter> {
    let text = TomlText { file: source, range };
    let table = text.parse("E-KOPF-TOML", problems)?;
    let mut keys = text.keys(&table, "Der Kopf der Seite", problems);
    let mut front_matter = FrontMatter {
        title: keys.required_text("title").unwrap_or_default().value,
        description: keys.text("description").unwrap_or_default().value,
        summary: keys.text("summary").unwrap_or_default().value,
        date: keys.date("date").map(|date| date.value),
        stand: keys.date("stand"),
        valid_until: keys.date("valid_until"),
        draft: keys.flag("draft").is_some_and(|draft| draft.value),
        aliases: keys.texts("aliases"),
        template: keys.text("template"),
        weight: keys.integer("weight").unwrap_or(i64::MAX),
        language: keys.language("language").unwrap_or_else(|| site_language.to_owned()),
        simple_language: keys.text("simple_language"),
        translation_of: keys.text("translation_of"),
        feed: keys.flag("feed").is_some_and(|feed| feed.value),
        notice: None,
    };
    if let Some(table) = keys.table("notice") {
        front_matter.notice = Some(Box::new(NoticeMap::read(&mut keys, table)));
    }
    keys.finish();
    Some(front_matter)
}
