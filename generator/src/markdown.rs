//! Markdown to HTML in one pass: events are turned into ours (ids with ä as ae, tables in their box, page links, shortcodes) and written once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{
    Alignment, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeWithOffset, html,
};
use serde::Serialize;

use crate::links;
use crate::problem::{Problem, Source};
use crate::shortcode::{self, Klassen};

/// A page's text: its HTML and what the checks need to know about it. All offsets count in the page's file.
#[derive(Debug, Default)]
pub struct Document {
    pub html: String,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    pub fristen: Vec<PrintedFrist>,
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
    pub offset: usize,
    pub is_image: bool,
}

/// A Löschklasse whose period the text prints.
#[derive(Debug)]
pub struct PrintedFrist {
    pub klasse: String,
    pub offset: usize,
}

/// An entry of the table of contents.
#[derive(Debug, Serialize)]
pub struct TocEntry<'a> {
    pub id: &'a str,
    pub title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<TocEntry<'a>>>,
}

impl Document {
    /// Everything a link can point to.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.headings.iter().map(|heading| heading.id.as_str())
    }

    /// The h2 with their h3; empty where a page is too short to need one.
    pub fn toc(&self) -> Vec<TocEntry<'_>> {
        let mut toc: Vec<TocEntry<'_>> = Vec::new();
        for heading in &self.headings {
            let (id, title) = (heading.id.as_str(), heading.title.as_str());
            match heading.level {
                2 => toc.push(TocEntry {
                    id,
                    title,
                    children: Some(Vec::new()),
                }),
                3 => {
                    if let Some(children) = toc.last_mut().and_then(|parent| parent.children.as_mut()) {
                        children.push(TocEntry {
                            id,
                            title,
                            children: None,
                        });
                    }
                }
                _ => {}
            }
        }
        if toc.len() < 3 { Vec::new() } else { toc }
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

/// Renders the Markdown at `range` of a page.
pub fn render(source: Source<'_>, range: Range<usize>, klassen: Klassen<'_>, problems: &mut Vec<Problem>) -> Document {
    let body = &source.text[range.clone()];
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let parser = Parser::new_ext(body, options).into_offset_iter();
    let mut translation = Translation {
        source,
        base: range.start,
        klassen,
        problems,
        events: Vec::with_capacity(body.len() / 12),
        document: Document::default(),
        ids: HashMap::new(),
        heading: None,
        table: None,
        in_code_block: false,
    };
    if body.contains("{{") {
        TextMergeWithOffset::new(parser).for_each(|(event, at)| translation.take(event, at));
    } else {
        parser.for_each(|(event, at)| translation.take(event, at));
    }
    let Translation {
        events, mut document, ..
    } = translation;
    document.html.reserve(body.len() + body.len() / 2);
    html::push_html(&mut document.html, events.into_iter());
    document
}

/// The id that a heading's words give: lower case, ä as ae, hyphens between words.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        let letters = match character {
            'ä' => "ae",
            'ö' => "oe",
            'ü' => "ue",
            'ß' => "ss",
            'é' | 'è' | 'ê' => "e",
            'á' | 'à' | 'â' => "a",
            'a'..='z' | '0'..='9' => {
                slug.push(character);
                continue;
            }
            // A soft hyphen or combining mark belongs to its word.
            '\u{ad}' | '\u{300}'..='\u{36f}' => continue,
            _ => {
                if !slug.is_empty() && !slug.ends_with('-') {
                    slug.push('-');
                }
                continue;
            }
        };
        slug.push_str(letters);
    }
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() { "abschnitt".to_owned() } else { slug }
}

/// The state while events pass by.
struct Translation<'a, 's> {
    source: Source<'s>,
    base: usize,
    klassen: Klassen<'a>,
    problems: &'a mut Vec<Problem>,
    events: Vec<Event<'s>>,
    document: Document,
    /// Ids in use, with the number that the next equal heading gets.
    ids: HashMap<String, usize>,
    heading: Option<OpenHeading>,
    table: Option<OpenTable>,
    in_code_block: bool,
}

struct OpenHeading {
    level: HeadingLevel,
    explicit_id: Option<String>,
    title: String,
    event: usize,
    range: Range<usize>,
}

struct OpenTable {
    alignments: Vec<Alignment>,
    in_head: bool,
    column: usize,
}

impl<'s> Translation<'_, 's> {
    fn take(&mut self, event: Event<'s>, range: Range<usize>) {
        let range = self.base + range.start..self.base + range.end;
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if !self.in_code_block => self.text(text, range),
            Event::Code(text) => {
                self.add_to_heading(&text);
                self.events.push(Event::Code(text));
            }
            Event::SoftBreak | Event::HardBreak => {
                self.add_to_heading(" ");
                self.events.push(event);
            }
            Event::FootnoteReference(name) => self.events.push(Event::FootnoteReference(footnote_id(&name))),
            event => self.events.push(event),
        }
    }

    fn start(&mut self, tag: Tag<'s>, range: Range<usize>) {
        match tag {
            Tag::Heading { level, ref id, .. } => {
                let explicit_id = id.as_ref().map(|id| id.to_string());
                self.heading = Some(OpenHeading {
                    level,
                    explicit_id,
                    title: String::new(),
                    event: self.events.len(),
                    range,
                });
                self.events.push(Event::Start(tag));
            }
            Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            } => {
                self.note_link(link_type, &dest_url, range, false);
                let dest_url = if link_type == LinkType::Email {
                    dest_url
                } else {
                    target(dest_url)
                };
                self.events.push(Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                }));
            }
            Tag::Image {
                link_type,
                ref dest_url,
                ..
            } => {
                self.note_link(link_type, dest_url, range, true);
                self.events.push(Event::Start(tag));
            }
            Tag::Table(alignments) => {
                self.raw("<div class=\"tabelle\" role=\"region\" tabindex=\"0\" aria-label=\"Tabelle\">");
                self.events.push(Event::Start(Tag::Table(Vec::new())));
                self.table = Some(OpenTable {
                    alignments,
                    in_head: false,
                    column: 0,
                });
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.in_head = matches!(tag, Tag::TableHead);
                    table.column = 0;
                }
                self.events.push(Event::Start(tag));
            }
            Tag::TableCell => self.cell_start(),
            Tag::FootnoteDefinition(name) => self
                .events
                .push(Event::Start(Tag::FootnoteDefinition(footnote_id(&name)))),
            Tag::CodeBlock(_) => {
                self.in_code_block = true;
                self.events.push(Event::Start(tag));
            }
            tag => self.events.push(Event::Start(tag)),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.heading_end(),
            TagEnd::Table => {
                self.events.push(Event::End(TagEnd::Table));
                self.raw("</div>\n");
                self.table = None;
                return;
            }
            TagEnd::TableCell => {
                let in_head = self.table.as_ref().is_some_and(|table| table.in_head);
                self.raw(if in_head { "</th>" } else { "</td>" });
                if let Some(table) = &mut self.table {
                    table.column += 1;
                }
                return;
            }
            TagEnd::CodeBlock => self.in_code_block = false,
            _ => {}
        }
        self.events.push(Event::End(tag));
    }

    /// Cells are written here because the library aligns them with inline styles, which the CSP forbids.
    fn cell_start(&mut self) {
        let Some(table) = &self.table else { return };
        let class = match table.alignments.get(table.column) {
            Some(Alignment::Right) => " class=\"rechts\"",
            Some(Alignment::Center) => " class=\"mitte\"",
            _ => "",
        };
        let cell = if table.in_head {
            format!("<th scope=\"col\"{class}>")
        } else {
            format!("<td{class}>")
        };
        self.events.push(Event::InlineHtml(cell.into()));
    }

    fn text(&mut self, text: CowStr<'s>, range: Range<usize>) {
        let expansions = if text.contains("{{") {
            shortcode::expand(&text, self.klassen)
        } else {
            Vec::new()
        };
        if expansions.is_empty() {
            self.add_to_heading(&text);
            self.events.push(Event::Text(text));
            return;
        }
        let mut expanded = String::with_capacity(text.len());
        let (mut copied, mut search) = (0, range.start);
        for expansion in expansions {
            // Escapes make text and source differ, so the place is looked up in the source.
            let offset = self.source.text[search..range.end]
                .find("{{")
                .map_or(range.start, |at| search + at);
            search = (offset + 2).min(range.end);
            expanded.push_str(&text[copied..expansion.range.start]);
            copied = expansion.range.end;
            match expansion.result {
                Ok(frist) => {
                    expanded.push_str(&frist.words);
                    self.document.fristen.push(PrintedFrist {
                        klasse: frist.klasse,
                        offset,
                    });
                }
                Err((code, message, remedy)) => self.problems.push(self.source.error(code, offset, message, remedy)),
            }
        }
        expanded.push_str(&text[copied..]);
        self.add_to_heading(&expanded);
        self.events.push(Event::Text(expanded.into()));
    }

    fn heading_end(&mut self) {
        let Some(open) = self.heading.take() else { return };
        let level = open.level as u8;
        if level == 1 {
            let message = "Die Seite hat schon eine Überschrift erster Ordnung: ihren Titel.";
            self.problems.push(self.source.error(
                "E-UEBERSCHRIFT",
                open.range.start,
                message,
                "Beginnen Sie im Text mit „## “.",
            ));
        }
        let previous = self.document.headings.last().map_or(1, |heading| heading.level);
        if level > previous + 1 && level > 1 {
            let message =
                format!("Auf Ebene {previous} folgt Ebene {level}; wer sich vorlesen lässt, sucht die fehlende Ebene.");
            let remedy = format!(
                "Schreiben Sie {} statt {}.",
                "#".repeat(usize::from(previous) + 1),
                "#".repeat(usize::from(level))
            );
            self.problems.push(
                self.source
                    .error("H-UEBERSCHRIFT-EBENE", open.range.start, message, remedy)
                    .into_warning(),
            );
        }
        let id = self.heading_id(&open);
        if let Some(Event::Start(Tag::Heading { id: slot, .. })) = self.events.get_mut(open.event) {
            *slot = Some(id.clone().into());
        }
        self.document.headings.push(Heading {
            level,
            id,
            title: open.title.trim().to_owned(),
            range: open.range,
        });
    }

    fn heading_id(&mut self, open: &OpenHeading) -> String {
        if let Some(id) = &open.explicit_id {
            if self.ids.insert(id.clone(), 2).is_some() {
                let message = format!("Die Kennung „{id}“ gibt es auf dieser Seite schon.");
                self.problems.push(self.source.error(
                    "E-ID-DOPPELT",
                    open.range.start,
                    message,
                    "Geben Sie der Überschrift eine andere Kennung: {#…}.",
                ));
            }
            return id.clone();
        }
        let slug = slug(&open.title);
        let mut id = slug.clone();
        while self.ids.contains_key(&id) {
            let number = self.ids.entry(slug.clone()).or_insert(2);
            id = format!("{slug}-{number}");
            *number += 1;
        }
        self.ids.insert(id.clone(), 2);
        id
    }

    fn note_link(&mut self, link_type: LinkType, written: &str, range: Range<usize>, is_image: bool) {
        if matches!(link_type, LinkType::Email) {
            return;
        }
        // The destination stands last in an inline link; a reference link is named by the link itself.
        let offset = self.source.text[range.clone()]
            .rfind(written)
            .filter(|_| !written.is_empty())
            .map_or(range.start, |at| range.start + at);
        self.document.links.push(Link {
            written: written.to_owned(),
            offset,
            is_image,
        });
    }

    fn add_to_heading(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.title.push_str(text);
        }
    }

    fn raw(&mut self, html: &'static str) {
        self.events.push(Event::InlineHtml(CowStr::Borrowed(html)));
    }
}

fn target(written: CowStr<'_>) -> CowStr<'_> {
    match links::href(&written) {
        Cow::Borrowed(_) => written,
        Cow::Owned(href) => href.into(),
    }
}

fn footnote_id<'e>(name: &str) -> CowStr<'e> {
    format!("fussnote-{}", slug(name)).into()
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
            Klassen::Missing,
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
                <div class="tabelle" role="region" tabindex="0" aria-label="Tabelle"><table><thead><tr><th scope="col">Jahr</th><th scope="col" class="rechts">Betrag</th></tr></thead><tbody>
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
            Klassen::Missing,
            &mut Vec::new(),
        );
        assert_eq!(
            document.links[0].offset,
            text.rfind("kontakt").expect("the link is there")
        );
    }
}
