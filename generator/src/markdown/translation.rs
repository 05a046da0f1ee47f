//! The library's events on their way to HTML: ids with ä as ae, tables in their box, links to pages, periods for shortcodes.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, LinkType, Tag, TagEnd};

use super::judge::Judge;
use super::{Document, Heading, Link, PrintedFrist, slug};
use crate::links;
use crate::problem::{Problem, Refusal, Source};
use crate::shortcode;
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
    ids: HashMap<String, usize>,
    heading: Option<OpenHeading<'s>>,
    image: Option<OpenImage>,
    table: Option<OpenTable>,
    /// How many blocks and spans are open.
    depth: usize,
    open_commands: Vec<OpenCommand>,
    in_code_block: bool,
}

/// A command with a body, up to its `{% ende %}`.
struct OpenCommand {
    name: String,
    offset: usize,
    depth: usize,
    /// What stands behind the body. `None` is a command that was refused: its end is no mistake of its own, nor is a missing one.
    after: Option<String>,
}

struct OpenHeading<'s> {
    level: HeadingLevel,
    explicit_id: Option<String>,
    title: String,
    /// What has been read of it: its id stands before them and is known only at its end.
    held: Vec<Event<'s>>,
    start: Tag<'s>,
    range: Range<usize>,
}

struct OpenTable {
    alignments: Vec<Alignment>,
    in_head: bool,
    has_header: bool,
    column: usize,
    offset: usize,
}

struct OpenImage {
    dest: String,
    title: String,
    alt: String,
    offset: usize,
}

impl<'a, 's, I: Iterator<Item = (Event<'s>, Range<usize>)>> Translation<'a, 's, I> {
    /// Translates `events`, whose ranges count in the Markdown.
    pub fn new(page: PageText<'s>, events: I, around: &'a Surroundings<'a>, problems: &'a mut Vec<Problem>) -> Self
    where
        'a: 's,
    {
        Translation {
            judge: Judge::new(page.source, around.spellings(), around.is_simple),
            events,
            ready: VecDeque::new(),
            page,
            around,
            problems,
            document: Document::default(),
            ids: HashMap::new(),
            heading: None,
            image: None,
            table: None,
            depth: 0,
            open_commands: Vec::new(),
            in_code_block: false,
        }
    }

    /// What was noted on the way; `html` is left to the caller.
    pub fn finish(mut self) -> Document {
        let open = std::mem::take(&mut self.open_commands);
        for OpenCommand { offset, name, .. } in open.into_iter().filter(|open| open.after.is_some()) {
            let message = format!("Der Befehl „{name}“ endet nicht.");
            self.report(
                offset,
                message,
                "Schreiben Sie hinter den Absatz eine eigene Zeile {% ende %}.",
            );
        }
        let judged = self.judge.finish();
        self.problems.extend(judged.problems);
        self.document.reported = judged.reported;
        self.document
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
                self.judge.html(&html, range.start);
                self.shortcode_in_html(range);
                self.pass(Event::InlineHtml(html))
            }
            Event::Html(ref html) | Event::InlineHtml(ref html) => {
                self.judge.html(html, range.start);
                self.pass(event)
            }
            Event::FootnoteReference(name) => self.pass(Event::FootnoteReference(footnote_id(&name))),
            event => self.pass(event),
        }
    }

    fn start(&mut self, tag: Tag<'s>, range: Range<usize>) -> Option<Event<'s>> {
        match tag {
            Tag::Heading { level, ref id, .. } => {
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
                let dest_url = if link_type == LinkType::Email {
                    dest_url
                } else {
                    target(dest_url)
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

    /// Judges footnotes that are none and commands in the wrong place, and replaces the others.
    fn signs(&mut self, text: CowStr<'s>, range: Range<usize>) -> CowStr<'s> {
        if text.contains("[^") {
            self.unknown_footnotes(range.clone());
        }
        if text.contains("{%") && !self.in_escape(&range) {
            self.report(
                range.start,
                "„{% … %}“ steht nicht allein in seinem Absatz.".to_owned(),
                "Lassen Sie davor und danach eine Zeile leer.",
            );
        }
        if text.contains("{{") {
            self.expand(&text, range).into()
        } else {
            text
        }
    }

    /// Replaces the commands within a text.
    fn expand(&mut self, text: &str, range: Range<usize>) -> String {
        let mut expanded = String::with_capacity(text.len());
        let (mut copied, mut search) = (0, range.start);
        for (at, call) in shortcode::calls(text) {
            // Escapes make text and source differ, so the place is looked up in the source, in the order of the text.
            let found = self.page.source.text[search..range.end]
                .find("{{")
                .map(|at| search + at);
            let offset = found.unwrap_or(range.start);
            search = found.map_or(search, |at| at + 2);
            expanded.push_str(&text[copied..at.start]);
            copied = at.end;
            match call.and_then(|call| shortcode::inline(&call, self.around)) {
                Ok(frist) => {
                    expanded.push_str(&frist.words);
                    self.document.fristen.push(PrintedFrist {
                        klasse: frist.klasse,
                        offset,
                    });
                }
                Err(refusal) => self.refuse(offset, refusal),
            }
        }
        expanded.push_str(&text[copied..]);
        expanded
    }

    /// Whether a paragraph is a command of its own: nothing else stands in it.
    fn begins_command(&self, range: &Range<usize>) -> bool {
        let text = self.page.source.text[range.clone()].trim_end();
        (text.starts_with("{%") && text.ends_with("%}") && text.matches("{%").count() == 1)
            || (text.starts_with("{{")
                && text.ends_with("}}")
                && text.matches("{{").count() == 1
                && shortcode::is_block(text))
    }

    /// Puts what a command makes in the place of its paragraph.
    fn command_paragraph(&mut self, range: Range<usize>) {
        // The paragraph's own events say nothing more.
        let mut depth = 1;
        while depth > 0 {
            match self.events.next() {
                Some((Event::Start(_), _)) => depth += 1,
                Some((Event::End(_), _)) => depth -= 1,
                Some(_) => {}
                None => break,
            }
        }
        let text = self.page.source.text[range.clone()].trim_end();
        if text.starts_with("{%") && shortcode::is_end(text) {
            return self.close_command(range.start);
        }
        let made = shortcode::call(text).and_then(|call| {
            Ok((
                call.name,
                shortcode::block(&call, self.around, &mut self.document.made)?,
            ))
        });
        match made {
            Ok((name, block)) => {
                self.push(Event::Html(block.before.into()));
                match block.after {
                    Some(after) => self.open_command(name, range.start, Some(after)),
                    None => self.push(Event::Html("\n".into())),
                }
            }
            Err(refusal) => {
                if shortcode::may_have_body(text) {
                    self.open_command("", range.start, None);
                }
                self.refuse(range.start, refusal);
            }
        }
    }

    fn open_command(&mut self, name: &str, offset: usize, after: Option<String>) {
        self.open_commands.push(OpenCommand {
            name: name.to_owned(),
            offset,
            depth: self.depth,
            after,
        });
    }

    fn close_command(&mut self, offset: usize) {
        match self.open_commands.pop() {
            Some(OpenCommand { after: None, .. }) => {}
            Some(OpenCommand {
                after: Some(after),
                depth,
                ..
            }) if depth == self.depth => self.push(Event::Html(format!("{after}\n").into())),
            Some(open) => {
                let message = format!(
                    "Der Befehl „{}“ beginnt und endet nicht auf derselben Ebene.",
                    open.name
                );
                self.report(offset, message, "Rücken Sie beide Zeilen gleich weit ein.");
            }
            None => self.report(
                offset,
                "Hier endet ein Befehl, der nicht begonnen hat.".to_owned(),
                "Nehmen Sie die Zeile heraus, oder ergänzen Sie den Anfang, zum Beispiel {% hinweis() %}.",
            ),
        }
    }

    /// The image with its size, so that nothing jumps while the page loads.
    fn image_end(&mut self) {
        let Some(image) = self.image.take() else { return };
        if image.alt.trim().is_empty() {
            self.problems.push(self.page.source.error(
                "E-BILD-ALT",
                image.offset,
                "Dem Bild fehlt die Beschreibung für Menschen, die es nicht sehen.",
                "Schreiben Sie in die eckigen Klammern, was das Bild zeigt: ![Ein Klassenraum mit Lesenden](/pfad/bild.jpg).",
            ));
        }
        let size = self.around.image_size(&image.dest, &mut self.document.made);
        let html = image_html(&image, size, self.document.images > 0);
        self.document.images += 1;
        self.push(Event::InlineHtml(html.into()));
    }

    fn heading_end(&mut self) {
        let Some(open) = self.heading.take() else { return };
        let level = open.level as u8;
        self.check_level(level, open.range.start);
        let id = self.heading_id(&open);
        let mut start = open.start;
        if let Tag::Heading { id: slot, .. } = &mut start {
            *slot = Some(id.clone().into());
        }
        self.push(Event::Start(start));
        self.ready.extend(open.held);
        self.push(Event::End(TagEnd::Heading(open.level)));
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
            self.problems.push(self.page.source.error(
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
            let problem = self.page.source.error("E-UEBERSCHRIFT-EBENE", offset, message, remedy);
            self.problems.push(problem);
        }
    }

    fn heading_id(&mut self, open: &OpenHeading) -> String {
        if let Some(id) = &open.explicit_id {
            if self.ids.insert(id.clone(), 2).is_some() {
                let message = format!("Die Kennung „{id}“ gibt es auf dieser Seite schon.");
                self.problems.push(self.page.source.error(
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
        let definition = (!label.is_empty()).then(|| self.page.definitions.get(&label.to_lowercase()));
        let definition = definition.flatten();
        let (begin, end) = match definition {
            Some(definition) => {
                let definition = self.page.base + definition.start..self.page.base + definition.end;
                let text = &self.page.source.text[definition.clone()];
                (definition.start + text.find("]:").unwrap_or(0), definition.end)
            }
            None => (range.start, range.end),
        };
        let text = &self.page.source.text[begin..end];
        let offset = place_of(written, title, text).map_or(range.start, |at| begin + at);
        self.document.links.push(Link {
            written: written.to_owned(),
            offset,
            is_image,
        });
    }

    fn shortcode_in_html(&mut self, range: Range<usize>) {
        let offset = self.page.source.text[range.clone()]
            .find("{{")
            .map_or(range.start, |at| range.start + at);
        self.problems.push(self.page.source.error(
            "E-KURZBEFEHL",
            offset,
            "In HTML wird „{{“ nicht ersetzt.",
            "Schreiben Sie den Absatz als Markdown, ohne HTML.",
        ));
    }

    /// A footnote that exists is an event of its own; what is left in a text has no definition.
    fn unknown_footnotes(&mut self, range: Range<usize>) {
        let text = &self.page.source.text[range.clone()];
        for (at, _) in text.match_indices("[^").filter(|(at, _)| !text[..*at].ends_with('\\')) {
            let name = text[at + 2..]
                .split(|c: char| c == ']' || c.is_whitespace())
                .next()
                .unwrap_or_default();
            if !name.is_empty() && text[at + 2 + name.len()..].starts_with(']') {
                self.problems.push(self.page.source.error(
                    "E-FUSSNOTE",
                    range.start + at,
                    format!("Die Fußnote „{name}“ gibt es auf dieser Seite nicht."),
                    format!("Ergänzen Sie am Ende der Seite eine Zeile „[^{name}]: …“."),
                ));
            }
        }
    }

    /// Text that belongs to what is open around it.
    fn add_text(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.title.push_str(text);
        }
        if let Some(table) = &mut self.table {
            table.has_header |= table.in_head && !text.trim().is_empty();
        }
        if let Some(image) = &mut self.image {
            image.alt.push_str(text);
        }
    }

    /// Whether a `{%` was written with a backslash.
    fn in_escape(&self, range: &Range<usize>) -> bool {
        self.page.source.text[..range.start].ends_with('\\') || !self.page.source.text[range.clone()].contains("{%")
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

    fn report(&mut self, offset: usize, message: String, remedy: &str) {
        self.problems
            .push(self.page.source.error("E-KURZBEFEHL", offset, message, remedy));
    }

    fn refuse(&mut self, offset: usize, (code, message, remedy): Refusal) {
        self.problems
            .push(self.page.source.error(code, offset, message, remedy));
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
            if let Some(event) = self.take(event, range) {
                return Some(event);
            }
        }
    }
}

/// Where the target of a link stands in its source: last, but for the title.
fn place_of(written: &str, title: &str, text: &str) -> Option<usize> {
    if written.is_empty() {
        return None;
    }
    // Nearly all are like this, and a search from the end is long to prepare.
    if let Some(before) = text.strip_suffix(')').and_then(|text| text.strip_suffix(written)) {
        return Some(before.len());
    }
    let text = match text.rfind(title) {
        Some(title_at) if !title.is_empty() => &text[..title_at],
        _ => text,
    };
    text.rfind(written)
}

/// Whether a sentence goes on after it.
fn is_inline(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image
    )
}

fn image_html(image: &OpenImage, size: Option<(usize, usize)>, is_late: bool) -> String {
    let mut html = String::from("<img src=\"");
    // Writing into a String never fails.
    let _ = pulldown_cmark_escape::escape_href(&mut html, &image.dest);
    html.push_str("\" alt=\"");
    let _ = pulldown_cmark_escape::escape_html(&mut html, image.alt.trim());
    html.push('"');
    if !image.title.is_empty() {
        html.push_str(" title=\"");
        let _ = pulldown_cmark_escape::escape_html(&mut html, &image.title);
        html.push('"');
    }
    if let Some((width, height)) = size {
        html.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
    }
    if is_late {
        html.push_str(" loading=\"lazy\"");
    }
    html.push('>');
    html
}

fn target(written: CowStr<'_>) -> CowStr<'_> {
    match links::href(&written) {
        Cow::Borrowed(_) => written,
        Cow::Owned(href) => href.into(),
    }
}

/// HTML of ours as an event.
fn written<'e>(html: &'static str) -> Event<'e> {
    Event::InlineHtml(CowStr::Borrowed(html))
}

fn footnote_id<'e>(name: &str) -> CowStr<'e> {
    format!("fussnote-{}", slug(name)).into()
}
