//! The library's events on their way to HTML: ids with ä as ae, tables in their box, links to pages, periods for shortcodes.

mod commands;
mod headings;
mod links;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Range;

use pulldown_cmark::{Alignment, CowStr, Event, LinkType, Tag, TagEnd};

use self::commands::OpenCommand;
use self::headings::OpenHeading;
use self::links::OpenImage;
use super::judge::Judge;
use super::{Document, Link, slug};
use crate::html;
use crate::problem::{Problem, Source};
use crate::surroundings::Surroundings;

/// The Markdown that is translated.
pub struct PageText<'s> {
    pub source: Source<'s>,
    /// Where the Markdown begins in the file.
    pub base: usize,
    /// Where the target of each `[label]: …` stands in the Markdown; labels in lower case.
    pub definitions: HashMap<String, Range<usize>>,
    /// There may be commands or footnotes in it.
    pub has_signs: bool,
}

/// The library's events as they are written: an iterator over what `events` yields, with all else noted on the way.
pub struct Translation<'a, 's, I> {
    events: I,
    /// What is ready to be written.
    ready: VecDeque<Event<'s>>,
    page: PageText<'s>,
    around: &'a Surroundings<'a>,
    judge: Judge<'s>,
    problems: &'a mut Vec<Problem>,
    document: Document,
    /// Ids in use, with the number that the next equal heading gets.
    ids: BTreeMap<String, usize>,
    heading: Option<OpenHeading<'s>>,
    image: Option<OpenImage>,
    table: Option<OpenTable>,
    /// How many blocks and spans are open.
    depth: usize,
    open_commands: Vec<OpenCommand>,
    in_code_block: bool,
    /// HTML or attributes of the editor's own.
    has_markup: bool,
    is_too_deep: bool,
}

struct OpenTable {
    alignments: Vec<Alignment>,
    in_head: bool,
    has_header: bool,
    column: usize,
    offset: usize,
}

impl<'a, 's, I: Iterator<Item = (Event<'s>, Range<usize>)>> Translation<'a, 's, I> {
    /// Translates `events`, whose ranges count in the Markdown.
    pub fn new(page: PageText<'s>, events: I, around: &'a Surroundings<'a>, problems: &'a mut Vec<Problem>) -> Self
    where
        'a: 's,
    {
        Translation {
            judge: Judge::new(page.source, around.spellings(), around.base_url(), around.is_simple),
            events,
            ready: VecDeque::new(),
            page,
            around,
            problems,
            document: Document::default(),
            ids: BTreeMap::new(),
            heading: None,
            image: None,
            table: None,
            depth: 0,
            open_commands: Vec::new(),
            in_code_block: false,
            has_markup: false,
            is_too_deep: false,
        }
    }

    /// What was noted on the way; `html` is left to the caller.
    pub fn finish(mut self) -> Document {
        self.report_open_commands();
        self.document.is_plain = self.is_plain();
        let judged = self.judge.finish();
        self.problems.extend(judged.problems);
        self.document.reported = judged.reported;
        self.document
    }

    fn is_plain(&self) -> bool {
        let mut escaped = String::new();
        let is_as_written = |link: &Link| {
            escaped.clear();
            let is_whole = pulldown_cmark_escape::escape_href(&mut escaped, &link.written).is_ok();
            is_whole && escaped == link.written && !html::is_script(&escaped)
        };
        let is_name = |id: &str| !id.contains(['&', '<', '>', '"']);
        !self.has_markup
            && !self.page.has_signs
            && self.document.images == 0
            && self.document.ids().all(is_name)
            && self.document.links.iter().all(is_as_written)
    }

    /// Notes an event that is written as it comes. Most are, and each time one is handed on costs more than looking at it.
    fn is_as_it_comes(&mut self, event: &Event<'s>, range: &Range<usize>) -> bool {
        if self.heading.is_some() || self.image.is_some() {
            return false;
        }
        match event {
            Event::Text(text) if !self.in_code_block && !self.page.has_signs => {
                self.judge.text(text, self.page.base + range.start);
                self.note_header(text);
            }
            Event::Start(Tag::Paragraph) if self.page.has_signs => return false,
            Event::Start(Tag::Paragraph | Tag::List(_) | Tag::Item | Tag::BlockQuote(_)) => {
                self.depth += 1;
                if self.depth == DEEPEST {
                    self.report_depth(range.start);
                }
                self.judge.boundary();
            }
            Event::End(
                TagEnd::Paragraph | TagEnd::List(_) | TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::TableRow,
            ) => {
                self.depth = self.depth.saturating_sub(1);
                self.judge.boundary();
            }
            Event::Start(Tag::Emphasis | Tag::Strong) => self.depth += 1,
            Event::End(TagEnd::Emphasis | TagEnd::Strong) => self.depth = self.depth.saturating_sub(1),
            _ => return false,
        }
        true
    }

    /// Translates an event. What comes of it is returned where it is just one that is written now, and put into `ready` otherwise.
    fn take(&mut self, event: Event<'s>, range: Range<usize>) -> Option<Event<'s>> {
        let range = self.page.base + range.start..self.page.base + range.end;
        match event {
            Event::Start(Tag::Paragraph) if self.begins_command(&range) => {
                self.command_paragraph(range);
                None
            }
            Event::Start(tag) => {
                self.depth += 1;
                if !is_inline(&tag.to_end()) {
                    self.judge.boundary();
                }
                self.start(tag, range)
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                if !is_inline(&tag) {
                    self.judge.boundary();
                }
                self.end(tag)
            }
            Event::Text(text) if !self.in_code_block => self.text(text, range),
            Event::Code(text) => {
                self.judge.text(&text, range.start);
                self.add_text(&text);
                self.pass(Event::Code(text))
            }
            Event::SoftBreak | Event::HardBreak => {
                self.judge
                    .text(if event == Event::HardBreak { "\n" } else { " " }, range.start);
                self.add_text(" ");
                self.pass(event)
            }
            Event::Html(html) | Event::InlineHtml(html) if html.contains("{{") => {
                self.has_markup = true;
                self.judge.html(&html, range.start);
                self.shortcode_in_html(range);
                self.pass(Event::InlineHtml(html))
            }
            Event::Html(ref html) | Event::InlineHtml(ref html) => {
                self.has_markup = true;
                self.judge.html(html, range.start);
                self.pass(event)
            }
            Event::FootnoteReference(name) => self.pass(Event::FootnoteReference(footnote_id(&name))),
            event => self.pass(event),
        }
    }

    fn start(&mut self, tag: Tag<'s>, range: Range<usize>) -> Option<Event<'s>> {
        match tag {
            Tag::Heading {
                level,
                ref id,
                ref attrs,
                ..
            } => {
                self.has_markup |= !attrs.is_empty();
                let explicit_id = id.as_ref().map(|id| id.to_string());
                self.heading = Some(OpenHeading {
                    level,
                    explicit_id,
                    title: String::new(),
                    held: Vec::new(),
                    start: tag,
                    range,
                });
                None
            }
            Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            } => {
                self.judge.link_start(range.start);
                self.note_link(link_type, &dest_url, (&title, &id), range, false);
                let dest_url = match crate::links::href(&dest_url) {
                    Cow::Owned(href) if link_type != LinkType::Email => {
                        if let Some(link) = self.document.links.last_mut() {
                            link.address = Some(href.clone());
                        }
                        href.into()
                    }
                    _ => dest_url,
                };
                self.pass(Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                }))
            }
            Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            } => {
                let offset = range.start;
                self.note_link(link_type, &dest_url, (&title, &id), range, true);
                self.image = Some(OpenImage {
                    dest: dest_url.into_string(),
                    title: title.into_string(),
                    alt: String::new(),
                    offset,
                });
                None
            }
            Tag::Table(alignments) => {
                self.raw("<div class=\"tabelle\" role=\"group\" tabindex=\"0\" aria-label=\"Tabelle\">");
                self.push(Event::Start(Tag::Table(Vec::new())));
                self.table = Some(OpenTable {
                    alignments,
                    in_head: false,
                    has_header: false,
                    column: 0,
                    offset: range.start,
                });
                None
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.in_head = matches!(tag, Tag::TableHead);
                    table.column = 0;
                }
                self.pass(Event::Start(tag))
            }
            Tag::TableCell => self.cell_start(),
            Tag::FootnoteDefinition(name) => self.pass(Event::Start(Tag::FootnoteDefinition(footnote_id(&name)))),
            Tag::CodeBlock(_) => {
                self.in_code_block = true;
                self.pass(Event::Start(tag))
            }
            tag => self.pass(Event::Start(tag)),
        }
    }

    fn end(&mut self, tag: TagEnd) -> Option<Event<'s>> {
        match tag {
            TagEnd::Heading(_) => {
                self.heading_end();
                return None;
            }
            TagEnd::Link => self.judge.link_end(),
            TagEnd::Image => {
                self.image_end();
                return None;
            }
            TagEnd::Table => {
                self.push(Event::End(TagEnd::Table));
                self.raw("</div>\n");
                self.table = None;
                return None;
            }
            TagEnd::TableCell => {
                let in_head = self.table.as_ref().is_some_and(|table| table.in_head);
                if let Some(table) = &mut self.table {
                    table.column += 1;
                }
                return self.pass(written(if in_head { "</th>" } else { "</td>" }));
            }
            TagEnd::TableHead => self.check_table_head(),
            TagEnd::CodeBlock => self.in_code_block = false,
            _ => {}
        }
        self.pass(Event::End(tag))
    }

    fn check_table_head(&mut self) {
        if let Some(table) = self.table.as_ref().filter(|table| !table.has_header) {
            self.problems.push(self.page.source.error(
                "E-TABELLE-KOPF",
                table.offset,
                "Die Kopfzeile der Tabelle ist leer; niemand erfährt, was in den Spalten steht.",
                "Schreiben Sie in die erste Zeile der Tabelle, was die Spalten enthalten.",
            ));
        }
    }

    /// Cells are written here because the library aligns them with inline styles, which the CSP forbids.
    fn cell_start(&mut self) -> Option<Event<'s>> {
        let table = self.table.as_ref()?;
        let alignment = table.alignments.get(table.column).copied().unwrap_or(Alignment::None);
        self.pass(written(match (table.in_head, alignment) {
            (true, Alignment::Right) => "<th scope=\"col\" class=\"rechts\">",
            (true, Alignment::Center) => "<th scope=\"col\" class=\"mitte\">",
            (true, _) => "<th scope=\"col\">",
            (false, Alignment::Right) => "<td class=\"rechts\">",
            (false, Alignment::Center) => "<td class=\"mitte\">",
            (false, _) => "<td>",
        }))
    }

    fn text(&mut self, text: CowStr<'s>, range: Range<usize>) -> Option<Event<'s>> {
        let offset = range.start;
        let text = if self.page.has_signs {
            self.signs(text, range)
        } else {
            text
        };
        self.judge.text(&text, offset);
        self.add_text(&text);
        self.pass(Event::Text(text))
    }

    /// Text that belongs to what is open around it.
    fn add_text(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.title.push_str(text);
        }
        self.note_header(text);
        if let Some(image) = &mut self.image {
            image.alt.push_str(text);
        }
    }

    fn report_depth(&mut self, at: usize) {
        if self.is_too_deep {
            return;
        }
        self.is_too_deep = true;
        self.problems.push(self.page.source.error(
            "E-VERSCHACHTELUNG",
            self.page.base + at,
            format!("Hier stecken mehr als {DEEPEST} Listen oder Zitate ineinander."),
            "Löschen Sie überzählige Zeichen „>“ oder Einrückungen am Anfang der Zeile.",
        ));
    }

    fn note_header(&mut self, text: &str) {
        if let Some(table) = &mut self.table {
            table.has_header |= table.in_head && !text.trim().is_empty();
        }
    }

    /// What is written now, unless something else comes first.
    fn pass(&mut self, event: Event<'s>) -> Option<Event<'s>> {
        if self.image.is_none() && self.heading.is_none() && self.ready.is_empty() {
            return Some(event);
        }
        self.push(event);
        None
    }

    fn push(&mut self, event: Event<'s>) {
        if self.image.is_some() {
            // Of what stands in an image only the text is kept.
        } else if let Some(heading) = &mut self.heading {
            heading.held.push(event);
        } else {
            self.ready.push_back(event);
        }
    }

    fn raw(&mut self, html: &'static str) {
        self.push(written(html));
    }
}

impl<'s, I: Iterator<Item = (Event<'s>, Range<usize>)>> Iterator for Translation<'_, 's, I> {
    type Item = Event<'s>;

    fn next(&mut self) -> Option<Event<'s>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let (event, range) = self.events.next()?;
            if self.is_as_it_comes(&event, &range) {
                return Some(event);
            }
            if let Some(event) = self.take(event, range) {
                return Some(event);
            }
        }
    }
}

/// Deeper than this nobody nests by intention, and browsers stop following at some depth.
const DEEPEST: usize = 100;

/// Whether a sentence goes on after it.
fn is_inline(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image
    )
}

/// HTML of ours as an event.
fn written<'e>(html: &'static str) -> Event<'e> {
    Event::InlineHtml(CowStr::Borrowed(html))
}

fn footnote_id<'e>(name: &str) -> CowStr<'e> {
    format!("fussnote-{}", slug(name)).into()
}
