//! The library's events on their way to HTML: ids with ä as ae, tables in their box, links to pages, periods for shortcodes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, LinkType, Tag, TagEnd};

use super::{Document, Heading, Link, PrintedFrist, slug};
use crate::links;
use crate::problem::{Problem, Source};
use crate::shortcode::{self, Klassen};

/// The state while events pass by.
pub struct Translation<'a, 's> {
    source: Source<'s>,
    /// Where the Markdown begins in the file.
    base: usize,
    /// Where the target of each `[label]: …` stands in the Markdown; labels in lower case.
    definitions: HashMap<String, Range<usize>>,
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

impl<'a, 's> Translation<'a, 's> {
    /// Begins with the Markdown at `base` of a page.
    pub fn new(
        source: Source<'s>,
        base: usize,
        klassen: Klassen<'a>,
        definitions: HashMap<String, Range<usize>>,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        Translation {
            source,
            base,
            definitions,
            klassen,
            problems,
            events: Vec::new(),
            document: Document::default(),
            ids: HashMap::new(),
            heading: None,
            table: None,
            in_code_block: false,
        }
    }

    /// The events to write, and all else that is known by now.
    pub fn finish(self) -> (Vec<Event<'s>>, Document) {
        (self.events, self.document)
    }

    /// Takes the next event; `range` counts in the Markdown.
    pub fn take(&mut self, event: Event<'s>, range: Range<usize>) {
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
            Event::Html(html) | Event::InlineHtml(html) if html.contains("{{") => {
                self.shortcode_in_html(range);
                self.events.push(Event::InlineHtml(html));
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
                self.note_link(link_type, &dest_url, (&title, &id), range, false);
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
                ref title,
                ref id,
            } => {
                self.note_link(link_type, dest_url, (title, id), range, true);
                self.events.push(Event::Start(tag));
            }
            Tag::Table(alignments) => {
                self.raw("<div class=\"tabelle\" role=\"group\" tabindex=\"0\" aria-label=\"Tabelle\">");
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
        if text.contains("[^") {
            self.unknown_footnotes(range.clone());
        }
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
            // Escapes make text and source differ, so the place is looked up in the source, in the order of the text.
            let found = self.source.text[search..range.end].find("{{").map(|at| search + at);
            let offset = found.unwrap_or(range.start);
            search = found.map_or(search, |at| at + 2);
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
        self.check_level(level, open.range.start);
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

    /// The title is the one heading of the first level, and none is left out below it.
    fn check_level(&mut self, level: u8, offset: usize) {
        if level == 1 {
            self.problems.push(self.source.error(
                "E-UEBERSCHRIFT",
                offset,
                "Die Seite hat schon eine Überschrift erster Ordnung: ihren Titel.",
                "Beginnen Sie im Text mit „## “.",
            ));
        }
        let previous = self.document.headings.last().map_or(1, |heading| heading.level);
        if level > previous + 1 {
            let message =
                format!("Auf Ebene {previous} folgt Ebene {level}; wer sich vorlesen lässt, sucht die fehlende Ebene.");
            let remedy = format!(
                "Schreiben Sie {} statt {}.",
                "#".repeat(usize::from(previous) + 1),
                "#".repeat(usize::from(level))
            );
            let problem = self.source.error("H-UEBERSCHRIFT-EBENE", offset, message, remedy);
            self.problems.push(problem.into_warning());
        }
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

    fn note_link(
        &mut self,
        link_type: LinkType,
        written: &str,
        (title, label): (&str, &str),
        range: Range<usize>,
        is_image: bool,
    ) {
        if matches!(link_type, LinkType::Email) {
            return;
        }
        // A reference is mended where its target is written; in an inline link the target stands last, but for the title.
        let definition = self
            .definitions
            .get(&label.to_lowercase())
            .filter(|_| !label.is_empty());
        let (begin, end) = match definition {
            Some(definition) => {
                let definition = self.base + definition.start..self.base + definition.end;
                let text = &self.source.text[definition.clone()];
                (definition.start + text.find("]:").unwrap_or(0), definition.end)
            }
            None => (range.start, range.end),
        };
        let text = &self.source.text[begin..end];
        let text = match text.rfind(title) {
            Some(title_at) if !title.is_empty() => &text[..title_at],
            _ => text,
        };
        let offset = text
            .rfind(written)
            .filter(|_| !written.is_empty())
            .map_or(range.start, |at| begin + at);
        self.document.links.push(Link {
            written: written.to_owned(),
            offset,
            is_image,
        });
    }

    fn shortcode_in_html(&mut self, range: Range<usize>) {
        let offset = self.source.text[range.clone()]
            .find("{{")
            .map_or(range.start, |at| range.start + at);
        self.problems.push(self.source.error(
            "E-KURZBEFEHL",
            offset,
            "In HTML wird „{{“ nicht ersetzt.",
            "Schreiben Sie den Absatz als Markdown, ohne HTML.",
        ));
    }

    /// A footnote that exists is an event of its own; what is left in a text has no definition.
    fn unknown_footnotes(&mut self, range: Range<usize>) {
        let text = &self.source.text[range.clone()];
        for (at, _) in text.match_indices("[^").filter(|(at, _)| !text[..*at].ends_with('\\')) {
            let name = text[at + 2..]
                .split(|c: char| c == ']' || c.is_whitespace())
                .next()
                .unwrap_or_default();
            if !name.is_empty() && text[at + 2 + name.len()..].starts_with(']') {
                self.problems.push(self.source.error(
                    "E-FUSSNOTE",
                    range.start + at,
                    format!("Die Fußnote „{name}“ gibt es auf dieser Seite nicht."),
                    format!("Ergänzen Sie am Ende der Seite eine Zeile „[^{name}]: …“."),
                ));
            }
        }
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
