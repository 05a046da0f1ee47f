//! Markdown to HTML in one pass: the library's events are turned into ours and written once.

mod judge;
mod slug;
mod translation;

use std::ops::Range;

use memchr::memchr2_iter;
use pulldown_cmark::{BrokenLink, Event, LinkType, Options, Parser, TextMergeWithOffset, html};

pub use slug::slug;

use crate::problem::{Problem, Source};
use crate::surroundings::{Byproducts, Surroundings};
use translation::{PageText, Translation};

/// A page's text: its HTML and what the checks need to know about it. All offsets count in the page's file.
#[derive(Debug, Default)]
pub struct Document {
    pub html: String,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    pub fristen: Vec<PrintedFrist>,
    /// What else came of it: files, and what it looked at besides itself.
    pub made: Byproducts,
    pub images: usize,
    /// Inline code and foreign addresses that were reported where they are written.
    pub reported: Vec<String>,
    /// The HTML has no places but the headings, leads nowhere but where the links say, letter by letter, and loads nothing.
    pub is_plain: bool,
}

/// A heading; `range` is the line it stands on.
#[derive(Debug)]
pub struct Heading {
    pub level: u8,
    pub id: String,
    pub title: String,
    pub range: Range<usize>,
}

/// A link or image as it is written.
#[derive(Debug)]
pub struct Link {
    pub written: String,
    /// Where it leads, when that is not what is written.
    pub address: Option<String>,
    pub offset: usize,
    pub is_image: bool,
}

/// A Löschklasse whose period the text prints.
#[derive(Debug)]
pub struct PrintedFrist {
    pub klasse: String,
    pub offset: usize,
}

impl Link {
    /// What stands in `href`, before it is escaped.
    pub fn href(&self) -> &str {
        self.address.as_deref().unwrap_or(&self.written)
    }
}

impl Document {
    /// Everything a link can point to.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.headings.iter().map(|heading| heading.id.as_str())
    }

    /// The source range below a heading, up to the next one of its rank.
    pub fn section(&self, id: &str, file_end: usize) -> Option<Range<usize>> {
        let index = self.headings.iter().position(|heading| heading.id == id)?;
        let heading = &self.headings[index];
        let next = self.headings[index + 1..]
            .iter()
            .find(|next| next.level <= heading.level);
        Some(heading.range.end..next.map_or(file_end, |next| next.range.start))
    }
}

/// Whether there may be commands or footnotes in a text. One without them is not searched for them piece by piece.
fn has_signs(text: &[u8]) -> bool {
    let is_sign = |at: usize| matches!(text[at..], [b'{', b'{' | b'%', ..] | [b'[', b'^', ..]);
    memchr2_iter(b'{', b'[', text).any(is_sign)
}

/// Renders the Markdown at `range` of a page.
pub fn render<'s>(
    source: Source<'s>,
    range: Range<usize>,
    around: &'s Surroundings<'s>,
    problems: &'s mut Vec<Problem>,
) -> Document {
    let body = &source.text[range.clone()];
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut unknown_references = Vec::new();
    let note_unknown = |link: BrokenLink<'_>| {
        unknown_references.push((link.span.start, link.link_type, link.reference.into_string()));
        None
    };
    let parser = Parser::new_with_broken_link_callback(body, options, Some(note_unknown)).into_offset_iter();
    let definitions = parser.reference_definitions().iter();
    let definitions = definitions
        .map(|(label, link)| (label.to_lowercase(), link.span.clone()))
        .collect();
    // Few sizes, so that one page's memory fits the next.
    let mut html = String::with_capacity((body.len() + body.len() / 2).next_power_of_two());
    // Only a whole text shows what was meant as a command or a footnote.
    let has_signs = has_signs(body.as_bytes());
    let page = PageText {
        source,
        base: range.start,
        definitions,
        has_signs,
    };
    let mut document = if has_signs {
        let events = TextMergeWithOffset::new(parser);
        write(&mut html, Translation::new(page, events, around, problems))
    } else {
        write(&mut html, Translation::new(page, parser, around, problems))
    };
    problems.extend(
        unknown_references
            .iter()
            .filter_map(|(at, link_type, label)| unknown_reference(source, range.start + at, *link_type, label)),
    );
    document.html = html;
    document
}

fn write<'s>(
    html: &mut String,
    mut translation: Translation<'_, 's, impl Iterator<Item = (Event<'s>, Range<usize>)>>,
) -> Document {
    html::push_html(html, translation.by_ref());
    translation.finish()
}

/// `[text][label]` is meant as a reference; plain brackets may be just that.
fn unknown_reference(source: Source<'_>, offset: usize, link_type: LinkType, label: &str) -> Option<Problem> {
    matches!(link_type, LinkType::Reference | LinkType::Collapsed).then(|| {
        let message = format!("Für „[{label}]“ steht auf dieser Seite kein Ziel.");
        let remedy = format!("Ergänzen Sie am Ende der Seite eine Zeile „[{label}]: @/ordner/seite.md“.");
        source.error("E-LINK-VERWEIS", offset, message, remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(markdown: &str, expected: Expect) {
        let mut problems = Vec::new();
        let document = render(
            Source {
                file: "seite.md",
                text: markdown,
            },
            0..markdown.len(),
            &Surroundings::nothing(),
            &mut problems,
        );
        assert_eq!(problems, []);
        expected.assert_eq(&document.html);
    }

    #[test]
    fn headings_get_ids_without_umlauts() {
        check(
            "## Fördermittel für größere Schulen\n\n## Übersicht {#ueberblick}\n\n## Übersicht\n\n## Übersicht\n",
            expect![[r##"
                <h2 id="foerdermittel-fuer-groessere-schulen">Fördermittel für größere Schulen</h2>
                <h2 id="ueberblick">Übersicht</h2>
                <h2 id="uebersicht">Übersicht</h2>
                <h2 id="uebersicht-2">Übersicht</h2>
            "##]],
        );
    }

    #[test]
    fn tables_stand_in_a_box_of_their_own_without_inline_styles() {
        check(
            "| Jahr | Betrag |\n|---|---:|\n| 2026 | 12 |\n",
            expect![[r#"
                <div class="tabelle" role="group" tabindex="0" aria-label="Tabelle"><table><thead><tr><th scope="col">Jahr</th><th scope="col" class="rechts">Betrag</th></tr></thead><tbody>
                <tr><td>2026</td><td class="rechts">12</td></tr>
                </tbody></table>
                </div>
            "#]],
        );
    }

    #[test]
    fn page_links_become_addresses() {
        check(
            "[Fristen](@/programm/chancenbudget.md#fristen)",
            expect![[r#"
            <p><a href="/programm/chancenbudget/#fristen">Fristen</a></p>
        "#]],
        );
    }

    #[test]
    fn a_link_is_placed_at_its_destination() {
        let text = "Erste Zeile,\nhier [kontakt](kontakt).";
        let document = render(
            Source { file: "seite.md", text },
            0..text.len(),
            &Surroundings::nothing(),
            &mut Vec::new(),
        );
        assert_eq!(
            document.links[0].offset,
            text.rfind("kontakt").expect("the link is there")
        );
    }
}
