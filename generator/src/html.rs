//! What finished HTML says: to a browser that follows, loads and runs it, and to a person who reads it.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memmem};

use crate::links::is_foreign;
use crate::prose::says_nothing;

/// Everything a finished page is checked for, in the order of the page. All are slices of it, so `offset_in` knows their place.
#[derive(Debug, Default)]
pub struct Outline<'a> {
    pub ids: Vec<&'a str>,
    /// Links and form targets, as they stand in the page.
    pub links: Vec<&'a str>,
    /// What a browser fetches by itself: images, styles, scripts, frames.
    pub loads: Vec<&'a str>,
    /// Those of the loads that become a page within the page.
    pub frames: Vec<&'a str>,
    /// Code or style within the page, which the CSP forbids: `style=`, `onclick`, `javascript:…`, or a whole `<script>`,
    /// `<style>` or `<base>` tag.
    pub inline: Vec<&'a str>,
}

/// What is wrong with HTML that an editor wrote, and where it stands in there.
#[derive(Debug, PartialEq, Eq)]
pub struct FragmentProblem {
    pub offset: usize,
    pub kind: FragmentKind,
}

/// What can be wrong with HTML that an editor wrote; names of tags are in small letters.
#[derive(Debug, PartialEq, Eq)]
pub enum FragmentKind {
    /// A tag or comment that goes on to the end of the text: `>`, `-->` or a quotation mark is missing.
    Unfinished,
    NotClosed {
        tag: String,
    },
    /// Closed without being open: one closing tag too many, or of an element that has ended by itself.
    NotOpen {
        tag: String,
    },
    /// Closed only after `around`, in which it was opened.
    WronglyNested {
        tag: String,
        around: String,
    },
    ImageWithoutAlt,
    /// A `style` element or attribute.
    InlineStyle,
    /// A `script` within the page, or an address `javascript:…`.
    InlineScript,
    EventHandler {
        name: String,
    },
    /// `<base>` bends every address of the page.
    Base,
    LoadsFromElsewhere {
        address: String,
    },
    Heading {
        level: u8,
    },
    TableWithoutHeader,
    /// The text is empty or says nothing about where the link leads.
    LinkSaysNothing {
        text: String,
    },
}

/// Reads what a browser would do with a page.
pub fn outline(html: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    let mut scanner = Scanner {
        passes_over_ends: true,
        ..Scanner::new(html)
    };
    while let Some(markup) = scanner.next_markup() {
        if let Markup::Start(tag) = markup
            && scanner.says_more(tag)
        {
            outline.take_tag(&lower_case(tag), &mut scanner);
        }
    }
    outline
}

/// Judges HTML that an editor wrote, in the order of the text. What stands between two pieces of it belongs in the text too:
/// a link whose words are left out looks empty.
pub fn fragment(html: &str) -> Vec<FragmentProblem> {
    let mut problems = Nesting::problems(html);
    let outline = outline(html);
    let foreign = outline.loads.iter().filter(|load| is_foreign(load));
    problems.extend(foreign.map(|load| FragmentProblem {
        offset: offset_in(html, load),
        kind: FragmentKind::LoadsFromElsewhere {
            address: (*load).to_owned(),
        },
    }));
    problems.extend(outline.inline.iter().map(|written| FragmentProblem {
        offset: offset_in(html, written),
        kind: inline_kind(written),
    }));
    problems.sort_by_key(|problem| problem.offset);
    problems
}

/// The visible words of some HTML, one space between them and none where a tag stands within a word.
pub fn text(html: &str) -> String {
    words(html, false)
}

/// Where a slice of the page begins.
pub fn offset_in(html: &str, slice: &str) -> usize {
    slice.as_ptr().addr() - html.as_ptr().addr()
}

/// What an attribute means to a browser.
enum Meaning {
    Nothing,
    Id,
    Link,
    Load,
    Frame,
    /// Several images of which the browser fetches one.
    Candidates,
    /// Addresses between spaces, told of every click.
    Pings,
    Style,
    Handler,
}

/// What an attribute means, as far as it can be told without the others of its tag; both names are in small letters.
fn meaning(tag: &str, name: &str, value: &str) -> Meaning {
    match name {
        // On every other tag, so it is not compared with all the others.
        "class" => Meaning::Nothing,
        "id" => Meaning::Id,
        // What a relation fetches is known only when the whole tag is read.
        "href" if tag == "link" || tag == "base" => Meaning::Nothing,
        // A place in the page itself is not fetched.
        "href" | "xlink:href" if loads_references(tag) && !value.starts_with('#') => Meaning::Load,
        "href" | "xlink:href" | "action" | "formaction" => Meaning::Link,
        "src" if matches!(tag, "iframe" | "embed" | "frame") => Meaning::Frame,
        "data" if tag == "object" => Meaning::Frame,
        "src" | "poster" | "background" => Meaning::Load,
        "srcset" | "imagesrcset" => Meaning::Candidates,
        "ping" => Meaning::Pings,
        "style" => Meaning::Style,
        _ if name.starts_with("on") => Meaning::Handler,
        _ => Meaning::Nothing,
    }
}

/// Elements of SVG for which a browser fetches what their `href` names.
fn loads_references(tag: &str) -> bool {
    matches!(
        tag,
        "use"
            | "image"
            | "feimage"
            | "script"
            | "pattern"
            | "lineargradient"
            | "radialgradient"
            | "filter"
            | "mpath"
            | "textpath"
    )
}

/// Relations of `<link>` for which a browser fetches something or at least calls the other host, by the HTML standard and Apple's
/// pages for developers; all others only name an address.
const FETCHING_RELATIONS: [&str; 14] = [
    "apple-touch-icon",
    "apple-touch-icon-precomposed",
    "apple-touch-startup-image",
    "compression-dictionary",
    "dns-prefetch",
    "icon",
    "manifest",
    "mask-icon",
    "modulepreload",
    "preconnect",
    "prefetch",
    "preload",
    "prerender",
    "stylesheet",
];

/// What only all attributes of a tag together tell.
#[derive(Default)]
struct Together<'a> {
    has_source: bool,
    href: Option<&'a str>,
    rel: Option<&'a str>,
    is_refresh: bool,
    content: Option<&'a str>,
}

impl<'a> Outline<'a> {
    /// Reads the attributes of a tag, whose name is in small letters.
    fn take_tag(&mut self, tag: &str, scanner: &mut Scanner<'a>) {
        let mut together = Together::default();
        let is_read_together = matches!(tag, "link" | "meta" | "script");
        while let Some(Attribute { name: written, value }) = scanner.next_attribute() {
            let name = &*lower_case(written);
            match (tag, name) {
                _ if !is_read_together => {}
                ("link", "href") => together.href = Some(value),
                ("link", "rel") => together.rel = Some(value),
                ("meta", "http-equiv") => together.is_refresh = value.trim().eq_ignore_ascii_case("refresh"),
                ("meta", "content") => together.content = Some(value),
                ("script", "src" | "href" | "xlink:href") => together.has_source = true,
                _ => {}
            }
            match meaning(tag, name, value) {
                Meaning::Nothing => {}
                Meaning::Id => self.ids.push(value),
                Meaning::Link => self.take_link(value),
                Meaning::Load => self.take_load(value),
                Meaning::Frame => {
                    self.frames.push(value);
                    self.take_load(value);
                }
                Meaning::Candidates => candidates(value).for_each(|load| self.take_load(load)),
                Meaning::Pings => value.split_ascii_whitespace().for_each(|load| self.take_load(load)),
                Meaning::Style => self.inline.push(scanner.with_equals_sign(written)),
                Meaning::Handler => self.inline.push(written),
            }
        }
        match tag {
            "style" | "base" => self.inline.push(scanner.whole_tag()),
            "script" if !together.has_source => self.inline.push(scanner.whole_tag()),
            "link" => self.take_relation(together.rel.unwrap_or_default(), together.href),
            "meta" if together.is_refresh => {
                if let Some(address) = together.content.and_then(refresh_address) {
                    self.take_link(address);
                }
            }
            _ => {}
        }
    }

    fn take_link(&mut self, address: &'a str) {
        let list = if is_script(address) {
            &mut self.inline
        } else {
            &mut self.links
        };
        list.push(address);
    }

    fn take_load(&mut self, address: &'a str) {
        let list = if is_script(address) {
            &mut self.inline
        } else {
            &mut self.loads
        };
        list.push(address);
    }

    /// The address of a `<link>`. Other names of the page itself lead nowhere else and are left out.
    fn take_relation(&mut self, rel: &str, href: Option<&'a str>) {
        let Some(href) = href else { return };
        let is_any = |known: &[&str]| {
            rel.split_ascii_whitespace()
                .any(|one| known.iter().any(|known| one.eq_ignore_ascii_case(known)))
        };
        if is_any(&FETCHING_RELATIONS) {
            self.take_load(href);
        } else if !is_any(&["canonical", "alternate"]) {
            self.take_link(href);
        }
    }
}

/// Browsers overlook spaces before a scheme, and tabs and line ends within it.
fn is_script(address: &str) -> bool {
    if !address.starts_with(|c: char| c <= ' ' || c == 'j' || c == 'J') {
        return false;
    }
    let mut rest = address
        .trim_start_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'));
    "javascript:"
        .chars()
        .all(|expected| rest.next().is_some_and(|c| c.to_ascii_lowercase() == expected))
}

/// The addresses in `klein.png 1x, gross.png 2x`. A comma within an address belongs to it, one at its end does not.
fn candidates(srcset: &str) -> impl Iterator<Item = &str> {
    let is_between = |c: char| c.is_ascii_whitespace() || c == ',';
    let mut rest = srcset.trim_start_matches(is_between);
    std::iter::from_fn(move || {
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (address, after) = rest.split_at(end);
        let bare = address.trim_end_matches(',');
        rest = if bare.len() < address.len() {
            after
        } else {
            after.split_once(',').map_or("", |(_, next)| next)
        };
        rest = rest.trim_start_matches(is_between);
        (!bare.is_empty()).then_some(bare)
    })
}

/// The address in `0; url=/neu/`, found as the HTML standard finds it.
fn refresh_address(content: &str) -> Option<&str> {
    let rest = content
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
        .trim_start();
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest).trim_start();
    let named = rest.get(..3).filter(|name| name.eq_ignore_ascii_case("url"));
    let value = named.and_then(|_| rest[3..].trim_start().strip_prefix('='));
    let address = value.unwrap_or(rest).trim_start();
    let address = match address.chars().next()? {
        quote @ ('"' | '\'') => address[1..].split(quote).next()?,
        _ => address,
    };
    (!address.is_empty()).then_some(address)
}

/// What an entry of `Outline::inline` is.
fn inline_kind(written: &str) -> FragmentKind {
    let lower = written.to_ascii_lowercase();
    if lower.starts_with("style") || lower.starts_with("<style") {
        FragmentKind::InlineStyle
    } else if lower.starts_with("<base") {
        FragmentKind::Base
    } else if lower.starts_with("<script") || is_script(&lower) {
        FragmentKind::InlineScript
    } else {
        FragmentKind::EventHandler { name: lower }
    }
}

/// Which elements are open at one place of a text, and what was wrong until there.
struct Nesting<'a> {
    html: &'a str,
    open: Vec<Open<'a>>,
    overtaken: Vec<Overtaken<'a>>,
    problems: Vec<FragmentProblem>,
}

struct Open<'a> {
    tag: Cow<'a, str>,
    at: usize,
    content_at: usize,
    need: Need<'a>,
}

/// What an element must have by the time it is closed.
enum Need<'a> {
    Nothing,
    /// Words, unless its label has them.
    Words {
        label: Option<&'a str>,
    },
    Header,
}

/// Elements that were still open when the one around them was closed. Their own closing tags may still come.
struct Overtaken<'a> {
    around: Cow<'a, str>,
    elements: Vec<Open<'a>>,
    /// One closing tag in the wrong place puts all of them out of order, and is reported once.
    is_reported: bool,
}

/// What the checks ask the attributes of a tag.
#[derive(Default)]
struct Said<'a> {
    has_alt: bool,
    has_href: bool,
    is_presentation: bool,
    is_labelled_elsewhere: bool,
    label: Option<&'a str>,
}

impl<'a> Nesting<'a> {
    fn problems(html: &'a str) -> Vec<FragmentProblem> {
        let mut nesting = Nesting {
            html,
            open: Vec::new(),
            overtaken: Vec::new(),
            problems: Vec::new(),
        };
        let mut scanner = Scanner::new(html);
        while let Some(markup) = scanner.next_markup() {
            match markup {
                Markup::Start(tag) => nesting.start(lower_case(tag), &mut scanner),
                Markup::End(tag) => nesting.end(lower_case(tag), scanner.markup_at),
                Markup::Comment => {}
            }
        }
        if scanner.is_cut_off {
            // It has swallowed the closing tags of all others.
            nesting.report(scanner.markup_at, FragmentKind::Unfinished);
        } else {
            nesting.report_open();
        }
        nesting.problems
    }

    fn report(&mut self, offset: usize, kind: FragmentKind) {
        self.problems.push(FragmentProblem { offset, kind });
    }

    fn start(&mut self, tag: Cow<'a, str>, scanner: &mut Scanner<'a>) {
        let at = scanner.markup_at;
        let said = Said::read(scanner);
        if scanner.is_cut_off {
            return;
        }
        while self.open.last().is_some_and(|open| ends_before(&open.tag, &tag)) {
            self.close_last(at);
        }
        match &*tag {
            "img" if !said.has_alt => self.report(at, FragmentKind::ImageWithoutAlt),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = tag.as_bytes()[1] - b'0';
                self.report(at, FragmentKind::Heading { level });
            }
            "th" => {
                if let Some(table) = self.open.iter_mut().rfind(|open| open.tag == "table") {
                    table.need = Need::Nothing;
                }
            }
            _ => {}
        }
        let is_drawing = |tag: &str| matches!(tag, "svg" | "math");
        let heeds_slash = is_drawing(&tag) || self.open.iter().any(|open| is_drawing(&open.tag));
        if is_void(&tag) || (heeds_slash && scanner.closes_itself) {
            return;
        }
        let need = match &*tag {
            "a" if said.has_href && !said.is_labelled_elsewhere => Need::Words { label: said.label },
            "table" if !said.is_presentation => Need::Header,
            _ => Need::Nothing,
        };
        self.open.push(Open {
            tag,
            at,
            content_at: scanner.at,
            need,
        });
    }

    fn end(&mut self, tag: Cow<'a, str>, at: usize) {
        if let Some(index) = self.open.iter().rposition(|open| open.tag == tag) {
            let elements = self.open.split_off(index + 1);
            self.close_last(at);
            if !elements.is_empty() {
                self.overtaken.push(Overtaken {
                    around: tag,
                    elements,
                    is_reported: false,
                });
            }
            return;
        }
        let closes = |one: &&mut Overtaken<'_>| one.elements.iter().any(|element| element.tag == tag);
        let kind = match self.overtaken.iter_mut().rev().find(closes) {
            Some(overtaken) => overtaken.close(&tag),
            None => Some(FragmentKind::NotOpen { tag: tag.into_owned() }),
        };
        if let Some(kind) = kind {
            self.report(at, kind);
        }
    }

    /// Closes the innermost open element, whose content ends at `end`.
    fn close_last(&mut self, end: usize) {
        let Some(closed) = self.open.pop() else { return };
        match closed.need {
            Need::Nothing => {}
            Need::Header => self.report(closed.at, FragmentKind::TableWithoutHeader),
            Need::Words { label } => {
                let text = words(label.unwrap_or(&self.html[closed.content_at..end]), true);
                if says_nothing(&text) {
                    self.report(closed.at, FragmentKind::LinkSaysNothing { text });
                }
            }
        }
    }

    fn report_open(&mut self) {
        for one in &self.overtaken {
            self.problems.extend(not_closed(&one.around, &one.elements));
        }
        self.problems.extend(not_closed("", &self.open));
    }
}

impl Overtaken<'_> {
    /// Takes one of them out that is closed at last.
    fn close(&mut self, tag: &str) -> Option<FragmentKind> {
        let index = self.elements.iter().rposition(|element| element.tag == tag)?;
        let closed = self.elements.remove(index);
        let is_news = !std::mem::replace(&mut self.is_reported, true);
        is_news.then(|| FragmentKind::WronglyNested {
            tag: closed.tag.into_owned(),
            around: self.around.to_string(),
        })
    }
}

impl<'a> Said<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Said<'a> {
        let mut said = Said::default();
        while let Some(Attribute { name, value }) = scanner.next_attribute() {
            match &*lower_case(name) {
                "alt" => said.has_alt = true,
                "href" => said.has_href = true,
                "role" => said.is_presentation = matches!(value.trim(), "presentation" | "none"),
                "aria-labelledby" => said.is_labelled_elsewhere = true,
                "aria-label" => said.label = Some(value).filter(|label| !label.trim().is_empty()),
                _ => {}
            }
        }
        said
    }
}

/// Elements that are open though they must be closed; the first stands in `around`, each other one in the one before it.
fn not_closed<'a>(around: &'a str, elements: &'a [Open<'a>]) -> impl Iterator<Item = FragmentProblem> {
    let parents = std::iter::once(around).chain(elements.iter().map(|element| &*element.tag));
    let is_wrong = |(element, parent): &(&Open<'_>, &str)| !may_stay_open(&element.tag, parent);
    elements
        .iter()
        .zip(parents)
        .filter(is_wrong)
        .map(|(element, _)| FragmentProblem {
            offset: element.at,
            kind: FragmentKind::NotClosed {
                tag: element.tag.to_string(),
            },
        })
}

/// Elements that have no content and no closing tag.
fn is_void(tag: &str) -> bool {
    matches!(
        tag,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Whether the HTML standard ends an open element when another begins.
fn ends_before(open: &str, next: &str) -> bool {
    match open {
        "li" => next == "li",
        "dt" | "dd" => matches!(next, "dt" | "dd"),
        "rt" | "rp" => matches!(next, "rt" | "rp"),
        "option" => matches!(next, "option" | "optgroup" | "hr"),
        "optgroup" => matches!(next, "optgroup" | "hr"),
        "caption" => is_part_of_table(next),
        "colgroup" => !matches!(next, "col" | "template"),
        "thead" | "tbody" | "tfoot" => matches!(next, "thead" | "tbody" | "tfoot"),
        "tr" => matches!(next, "tr" | "thead" | "tbody" | "tfoot"),
        "td" | "th" => matches!(next, "td" | "th" | "tr" | "thead" | "tbody" | "tfoot"),
        "p" => ends_paragraph(next),
        _ => false,
    }
}

fn is_part_of_table(tag: &str) -> bool {
    matches!(
        tag,
        "caption" | "col" | "colgroup" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th"
    )
}

#[rustfmt::skip] // One element a line would hide that it is one list.
fn ends_paragraph(tag: &str) -> bool {
    matches!(
        tag,
        "address" | "article" | "aside" | "blockquote" | "details" | "dialog" | "div" | "dl" | "fieldset" | "figcaption"
            | "figure" | "footer" | "form" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hgroup" | "hr" | "main"
            | "menu" | "nav" | "ol" | "p" | "pre" | "search" | "section" | "table" | "ul"
    )
}

/// Whether the HTML standard closes an element where the one around it ends.
fn may_stay_open(tag: &str, parent: &str) -> bool {
    match tag {
        "p" => !matches!(parent, "a" | "audio" | "del" | "ins" | "map" | "noscript" | "video"),
        "li" | "dt" | "dd" | "rt" | "rp" | "option" | "optgroup" | "html" | "head" | "body" => true,
        _ => is_part_of_table(tag),
    }
}

/// The visible words, and where `with_labels` says so those that are read out in place of an image.
fn words(html: &str, with_labels: bool) -> String {
    let mut words = Words::default();
    let mut scanner = Scanner::new(html);
    while let Some(markup) = scanner.next_markup() {
        words.push(&html[scanner.text.clone()]);
        let (Markup::Start(tag) | Markup::End(tag)) = markup else {
            continue;
        };
        words.gap |= !stands_within_words(&lower_case(tag));
        if !with_labels {
            continue;
        }
        while let Some(Attribute { name, value }) = scanner.next_attribute() {
            if name.eq_ignore_ascii_case("alt") || name.eq_ignore_ascii_case("aria-label") {
                words.gap = true;
                words.push(value);
                words.gap = true;
            }
        }
    }
    words.push(&html[scanner.text.clone()]);
    // Where a word may be broken is nothing to search for.
    if words.text.contains(SOFT_HYPHEN) {
        words.text.retain(|c| c != SOFT_HYPHEN);
    }
    words.text
}

const SOFT_HYPHEN: char = '\u{ad}';

/// Text with one space between its words.
#[derive(Default)]
struct Words {
    text: String,
    /// What comes next is a word of its own.
    gap: bool,
}

impl Words {
    /// Adds text as it stands in HTML.
    fn push(&mut self, mut html: &str) {
        while let Some(at) = memchr(b'&', html.as_bytes()) {
            self.push_plain(&html[..at]);
            let (meant, length) = decode(&html[at..]);
            self.push_plain(meant.encode_utf8(&mut [0; 4]));
            html = &html[at + length..];
        }
        self.push_plain(html);
    }

    fn push_plain(&mut self, text: &str) {
        self.gap |= text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            if self.gap && !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(word);
            self.gap = true;
        }
        if let Some(last) = text.chars().next_back() {
            self.gap = last.is_whitespace();
        }
    }
}

/// Elements that may stand in the middle of a word. A raised number is a footnote's more often than part of a word.
#[rustfmt::skip] // One element a line would hide that it is one list.
fn stands_within_words(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "abbr" | "b" | "bdi" | "bdo" | "cite" | "code" | "data" | "del" | "dfn" | "em" | "font" | "i" | "ins" | "kbd"
            | "mark" | "q" | "s" | "samp" | "small" | "span" | "strong" | "sub" | "time" | "u" | "var" | "wbr"
    )
}

/// The character that an entity stands for, and the length of the entity; any other `&` stands for itself.
fn decode(html: &str) -> (char, usize) {
    const LONGEST: usize = 10;
    let itself = ('&', 1);
    let Some(end) = html.bytes().take(LONGEST).position(|byte| byte == b';') else {
        return itself;
    };
    let name = &html[1..end];
    let meant = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        }
        .and_then(char::from_u32),
        None => NAMED.iter().find(|(known, _)| *known == name).map(|(_, meant)| *meant),
    };
    meant.map_or(itself, |meant| (meant, end + 1))
}

/// The entities that people write, and those that programs write.
const NAMED: [(&str, char); 22] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("shy", SOFT_HYPHEN),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("eacute", 'é'),
    ("euro", '€'),
    ("sect", '§'),
    ("ndash", '–'),
    ("hellip", '…'),
    ("bdquo", '„'),
    ("ldquo", '“'),
    ("rdquo", '”'),
];

/// An attribute of a tag; without a value it is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Attribute<'a> {
    name: &'a str,
    value: &'a str,
}

/// What stands between `<` and `>`; tags with their name as it is written.
enum Markup<'a> {
    Start(&'a str),
    End(&'a str),
    Comment,
}

/// Goes through HTML once, as the tokenizer of the HTML standard does.
struct Scanner<'a> {
    html: &'a str,
    /// What has been read, in bytes.
    at: usize,
    /// Where the last markup began.
    markup_at: usize,
    /// Where the text before the last markup is, or the text after it when there is no other.
    text: Range<usize>,
    is_in_tag: bool,
    /// Nobody asks for closing tags.
    passes_over_ends: bool,
    /// The element whose content is no HTML, and comes next.
    plain: Option<&'a str>,
    /// The last tag ends with `/>`.
    closes_itself: bool,
    /// The last markup does not end.
    is_cut_off: bool,
}

impl<'a> Scanner<'a> {
    fn new(html: &'a str) -> Scanner<'a> {
        Scanner {
            html,
            at: 0,
            markup_at: 0,
            text: 0..0,
            is_in_tag: false,
            passes_over_ends: false,
            plain: None,
            closes_itself: false,
            is_cut_off: false,
        }
    }

    /// The next tag or comment. Attributes that nobody asked for are passed over.
    fn next_markup(&mut self) -> Option<Markup<'a>> {
        while self.next_attribute().is_some() {}
        // Within SVG a `<script/>` has no content, so what follows it is read rather than overlooked.
        if let Some(element) = self.plain.take().filter(|_| !self.closes_itself) {
            self.at += end_of(element, &self.html[self.at..]);
        }
        let bytes = self.html.as_bytes();
        let text_at = self.at;
        let mut from = text_at;
        loop {
            let Some(open) = next_open(bytes, from) else {
                self.text = text_at..bytes.len();
                self.at = bytes.len();
                return None;
            };
            let name_at = match bytes.get(open + 1) {
                Some(b'/') => open + 2,
                _ => open + 1,
            };
            if self.passes_over_ends && name_at > open + 1 {
                from = name_at;
                continue;
            }
            let is_tag = bytes.get(name_at).is_some_and(u8::is_ascii_alphabetic);
            if is_tag || matches!(bytes.get(open + 1), Some(b'!' | b'?' | b'/')) {
                self.text = text_at..open;
                self.markup_at = open;
                return Some(if is_tag { self.tag(name_at) } else { self.comment() });
            }
            from = name_at;
        }
    }

    /// Whether there is more to the tag that was read last than its name.
    fn says_more(&self, tag: &str) -> bool {
        self.is_in_tag || self.plain.is_some() || tag.eq_ignore_ascii_case("base")
    }

    fn tag(&mut self, name_at: usize) -> Markup<'a> {
        let bytes = self.html.as_bytes();
        let is_name = |byte: &u8| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'/');
        self.at = end_of_run(bytes, name_at, is_name);
        let name = &self.html[name_at..self.at];
        // Most tags say nothing but their name.
        self.is_in_tag = bytes.get(self.at) != Some(&b'>');
        self.at += usize::from(!self.is_in_tag);
        self.closes_itself = false;
        if name_at > self.markup_at + 1 {
            return Markup::End(name);
        }
        self.plain = holds_no_html(name).then_some(name);
        Markup::Start(name)
    }

    /// Comments, and what a browser takes for one: `<!doctype html>`, `<?xml …?>`.
    fn comment(&mut self) -> Markup<'a> {
        let rest = &self.html.as_bytes()[self.markup_at..];
        let is_short = !rest.starts_with(b"<!--");
        let ends_here = |end: &usize| {
            let comment = &rest[..*end];
            is_short || comment.ends_with(b"--") || comment.ends_with(b"--!")
        };
        let end = memchr_iter(b'>', rest).find(ends_here);
        self.is_cut_off = end.is_none();
        self.at = end.map_or(self.html.len(), |end| self.markup_at + end + 1);
        Markup::Comment
    }

    /// The next attribute of the tag that was read last.
    #[inline(always)] // A tenth of the time that a page takes.
    fn next_attribute(&mut self) -> Option<Attribute<'a>> {
        if !self.is_in_tag {
            return None;
        }
        let bytes = self.html.as_bytes();
        let name_at = end_of_run(bytes, self.at, |byte| byte.is_ascii_whitespace() || *byte == b'/');
        if let None | Some(b'>') = bytes.get(name_at) {
            self.closes_itself = name_at > self.at && bytes[name_at - 1] == b'/';
            self.is_in_tag = false;
            self.is_cut_off = name_at == bytes.len();
            self.at = bytes.len().min(name_at + 1);
            return None;
        }
        let is_name = |byte: &u8| !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b'>' | b'/');
        // The standard lets a name begin with `=`.
        let name_end = end_of_run(bytes, name_at + 1, is_name);
        let name = &self.html[name_at..name_end];
        self.at = end_of_run(bytes, name_end, u8::is_ascii_whitespace);
        let value = match bytes.get(self.at) {
            Some(b'=') => self.value(),
            // Empty, and still a place in the page.
            _ => &self.html[name_end..name_end],
        };
        Some(Attribute { name, value })
    }

    /// The value after the `=` at this place.
    fn value(&mut self) -> &'a str {
        let bytes = self.html.as_bytes();
        let from = end_of_run(bytes, self.at + 1, u8::is_ascii_whitespace);
        let (value, after) = match bytes.get(from) {
            Some(quote @ (b'"' | b'\'')) => match memchr(*quote, &bytes[from + 1..]) {
                Some(length) => (&self.html[from + 1..from + 1 + length], from + length + 2),
                None => (&self.html[from + 1..], bytes.len()),
            },
            _ => {
                let end = end_of_run(bytes, from, |byte| !byte.is_ascii_whitespace() && *byte != b'>');
                (&self.html[from..end], end)
            }
        };
        self.at = after;
        value
    }

    /// The tag that was read last, when its attributes are.
    fn whole_tag(&self) -> &'a str {
        &self.html[self.markup_at..self.at]
    }

    /// An attribute's name with the `=` behind it.
    fn with_equals_sign(&self, name: &'a str) -> &'a str {
        let from = offset_in(self.html, name);
        let with_sign = &self.html[from..];
        match with_sign.as_bytes().get(name.len()) {
            Some(b'=') => &with_sign[..=name.len()],
            _ => name,
        }
    }
}

/// Where the next `<` is. Mostly only a line end and spaces come first, and then a search is not worth its start.
fn next_open(bytes: &[u8], from: usize) -> Option<usize> {
    let from = end_of_run(bytes, from, u8::is_ascii_whitespace);
    match bytes.get(from)? {
        b'<' => Some(from),
        _ => memchr(b'<', &bytes[from..]).map(|found| from + found),
    }
}

/// Where a run of such bytes ends. All that is looked for in tags is ASCII, so it ends between characters.
fn end_of_run(bytes: &[u8], from: usize, belongs: impl Fn(&u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !belongs(byte)).unwrap_or(rest.len())
}

/// Elements in which `<` begins no tag. A title is not among them: within SVG it holds HTML, and a page's own has none.
fn holds_no_html(tag: &str) -> bool {
    const ALL: [&str; 7] = ["script", "style", "textarea", "iframe", "xmp", "noembed", "noframes"];
    // Few tags begin like these and are as long, and most are asked for.
    tag.len() > 2
        && matches!(tag.as_bytes()[0].to_ascii_lowercase(), b's' | b't' | b'i' | b'x' | b'n')
        && ALL.iter().any(|known| tag.eq_ignore_ascii_case(known))
}

/// Where the closing tag of such an element begins, or the end of the text where there is none.
fn end_of(element: &str, text: &str) -> usize {
    let is_closing = |at: &usize| {
        let after = &text.as_bytes()[at + 2..];
        let name = after.get(..element.len());
        let next = after.get(element.len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(element.as_bytes()))
            && next.is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
    };
    memmem::find_iter(text.as_bytes(), b"</")
        .find(is_closing)
        .unwrap_or(text.len())
}

/// Tags and attributes may be written in capitals, and hardly ever are.
fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_links_and_loads_are_told_apart() {
        let html = "<!-- <a href='/nie/'> --><h2 id=\"a\">A</h2><a class=x href='/b/?a&amp;c'>B &lt; C</a><img src=\"/c.png\" alt=\"> D\"><link rel=\"stylesheet\" href=\"/e.css\"><link rel=\"canonical\" href=\"https://f/\">";
        let outline = outline(html);
        assert_eq!(outline.ids, ["a"]);
        assert_eq!(outline.links, ["/b/?a&amp;c"]);
        assert_eq!(outline.loads, ["/c.png", "/e.css"]);
        assert!(outline.inline.is_empty());
    }

    #[test]
    fn inline_code_is_found() {
        let outline = outline(
            "<p style=\"color:red\" onclick=\"x()\">A</p><script>if (1 < 2) { x() }</script><script src=\"/x.js\"></script><style>p{}</style>",
        );
        assert_eq!(outline.inline, ["style=", "onclick", "<script>", "<style>"]);
        assert_eq!(outline.loads, ["/x.js"]);
    }

    #[test]
    fn capitals_hide_nothing() {
        let outline =
            outline("<P STYLE='a' OnClick='b'><IMG SRC='/c.png'><SCRIPT>'<a href=\"/nie/\">'</Script><A HREF='/d/'>");
        assert_eq!(outline.inline, ["STYLE=", "OnClick", "<SCRIPT>"]);
        assert_eq!((outline.loads, outline.links), (vec!["/c.png"], vec!["/d/"]));
    }

    #[test]
    fn everything_that_a_browser_fetches_is_a_load() {
        let fetched: [(&str, &[&str]); 21] = [
            ("<img src=a srcset='b 1x, c 2x'>", &["a", "b", "c"]),
            ("<source srcset='a,b.png, c,d.png 2x,e'>", &["a,b.png", "c,d.png", "e"]),
            ("<img srcset=' , a, , b  100w , '>", &["a", "b"]),
            ("<video poster=a src=b></video>", &["a", "b"]),
            ("<object data=a></object>", &["a"]),
            ("<div data=a></div>", &[]),
            ("<iframe src=a></iframe><embed src=b>", &["a", "b"]),
            ("<link href=a rel='SHORTCUT Icon'>", &["a"]),
            ("<link rel='alternate stylesheet' href=a>", &["a"]),
            ("<link rel=preload imagesrcset='a 1x' href=b>", &["a", "b"]),
            ("<link rel=modulepreload href=a><link rel=manifest href=b>", &["a", "b"]),
            (
                "<link rel=preconnect href=a><link rel=apple-touch-icon href=b>",
                &["a", "b"],
            ),
            ("<link rel=alternate href=a><link rel=next href=b><link href=c>", &[]),
            (
                "<svg><use href=/a.svg#b /><image xlink:href=c></svg>",
                &["/a.svg#b", "c"],
            ),
            ("<svg><use href='#a'/><a xlink:href='b'></a></svg>", &[]),
            ("<svg><script href=a></script></svg>", &["a"]),
            ("<body background=a>", &["a"]),
            ("<a href=x ping='a b'>", &["a", "b"]),
            ("<input type=image src=a formaction=b>", &["a"]),
            ("<script src = a ></script>", &["a"]),
            ("<img/src=a/>", &["a/"]),
        ];
        for (html, loads) in fetched {
            assert_eq!(outline(html).loads, loads, "{html}");
        }
        assert_eq!(
            outline("<iframe src=a></iframe><img src=b><object data=c>").frames,
            ["a", "c"]
        );
    }

    #[test]
    fn everything_that_leads_elsewhere_is_a_link() {
        let leading: [(&str, &[&str]); 8] = [
            ("<a href=a><area href=b>", &["a", "b"]),
            ("<form action=a><button formaction=b>", &["a", "b"]),
            ("<link rel=next href=a><link rel=canonical href=b>", &["a"]),
            ("<meta http-equiv=Refresh content='0; url=/a/'>", &["/a/"]),
            ("<meta content=\"3 , URL = '/a/' x\" http-equiv=refresh>", &["/a/"]),
            ("<meta http-equiv=refresh content='0;/a/'>", &["/a/"]),
            (
                "<meta http-equiv=refresh content=30><meta name=x content='0;url=/a/'>",
                &[],
            ),
            ("<svg><use href='#a'/></svg>", &["#a"]),
        ];
        for (html, links) in leading {
            assert_eq!(outline(html).links, links, "{html}");
        }
    }

    #[test]
    fn code_hides_neither_in_addresses_nor_in_odd_tags() {
        let inline: [(&str, &[&str]); 9] = [
            ("<a href='javascript:x()'>", &["javascript:x()"]),
            ("<iframe src=' java\nScript:x()'></iframe>", &[" java\nScript:x()"]),
            ("<a href='/javascript:x'>", &[]),
            ("<base href=\"/a/\">", &["<base href=\"/a/\">"]),
            ("<script type=module>", &["<script type=module>"]),
            ("<img/onerror = x src=a>", &["onerror"]),
            ("<!--><p onclick=x>--><p onload=x>", &["onclick", "onload"]),
            ("<svg><script href=a /></svg><p onclick=x>", &["onclick"]),
            ("<p title=\"<p onclick=x>\" '><b onclick=x>", &["onclick"]),
        ];
        for (html, expected) in inline {
            assert_eq!(outline(html).inline, expected, "{html}");
        }
    }

    #[test]
    fn what_no_browser_reads_is_passed_over() {
        for html in [
            "<!-- <a href=x id=y> ",
            "<!doctype html [<a] href=x>",
            "<textarea><a href=x></textarea>",
            "<iframe><a href=x></iframe>",
            "<script src=a>'</scripted><a href=x id=y>'</script>",
            "a < b, 3 <4, </ a href=x>",
            "<",
            "</",
            "<a",
            "<a href",
            "<ä href=x>",
        ] {
            let outline = outline(html);
            assert!(
                outline.ids.is_empty() && outline.links.iter().all(|link| link.is_empty()),
                "{html}"
            );
        }
    }

    #[test]
    fn a_place_is_known_by_its_offset() {
        let html = "<p id=ä>ö</p><img src='ü.png'>";
        let outline = outline(html);
        assert_eq!(offset_in(html, outline.ids[0]), html.find('ä').unwrap());
        assert_eq!(offset_in(html, outline.loads[0]), html.find('ü').unwrap());
        let html = "<img src><p id>";
        assert_eq!(offset_in(html, super::outline(html).loads[0]), 8);
        assert_eq!(offset_in(html, super::outline(html).ids[0]), 14);
    }

    /// Each problem as the text at its place and its kind.
    fn problems(html: &str) -> Vec<(&str, FragmentKind)> {
        fragment(html)
            .into_iter()
            .map(|problem| (&html[problem.offset..], problem.kind))
            .collect()
    }

    #[test]
    fn what_the_standard_allows_to_leave_out_is_no_problem() {
        for html in [
            "<p>A<br>B<hr>C<p>D",
            "<ul><li>A<li>B<ul><li>C</ul></ul>",
            "<dl><dt>A<dd>B<dd>C<dt>D</dl>",
            "<table><caption>A<colgroup><col><thead><tr><th>A<th>B<tbody><tr><td>C<td>D<tfoot><tr><td>E</table>",
            "<select><optgroup label=a><option>A<option>B<optgroup label=b><option>C</select>",
            "<svg><path d='M0'/><g/></svg><math/>",
            "<div><p>A</div>",
            "<IMG ALT='' SRC=a>",
            "<a id=x></a><a href=/b aria-label='Zum Formular'>hier</a><a href=/c aria-labelledby=x></a>",
            "<a href=/b><img alt='Zum Formular' src=/c.png></a>",
            "<table role=presentation><tr><td>A</table>",
            "<!-- <div> --><textarea><div></textarea>",
        ] {
            assert_eq!(problems(html), [], "{html}");
        }
    }

    #[test]
    fn unbalanced_tags_are_reported_once_and_at_their_place() {
        let not_closed = |tag: &str| FragmentKind::NotClosed { tag: tag.into() };
        let not_open = |tag: &str| FragmentKind::NotOpen { tag: tag.into() };
        let nested = |tag: &str, around: &str| FragmentKind::WronglyNested {
            tag: tag.into(),
            around: around.into(),
        };
        for (html, at, kind) in [
            ("<p><DIV>A", "<DIV>A", not_closed("div")),
            ("<div/>A", "<div/>A", not_closed("div")),
            ("<div><span>A</div>", "<span>A</div>", not_closed("span")),
            (
                "<div><span>A</div><span>B</span>",
                "<span>A</div><span>B</span>",
                not_closed("span"),
            ),
            ("<div>A</div></div>", "</div>", not_open("div")),
            ("A<br></br>", "</br>", not_open("br")),
            ("<p>A<ul><li>B</ul></p>", "</p>", not_open("p")),
            ("<b><i>A</b></i>", "</i>", nested("i", "b")),
            ("<ul><li>A</ul></li>", "</li>", nested("li", "ul")),
            (
                "<div><table><tr><th>A</div></th></tr></table>",
                "</th></tr></table>",
                nested("th", "div"),
            ),
            (
                "<a href=/b/><p>Zum Formular</a>",
                "<p>Zum Formular</a>",
                not_closed("p"),
            ),
            (
                "<div><b title='>A</b></div>",
                "<b title='>A</b></div>",
                FragmentKind::Unfinished,
            ),
            ("<div>A</div", "</div", FragmentKind::Unfinished),
            ("<div><!-- A</div>", "<!-- A</div>", FragmentKind::Unfinished),
            ("<textarea><b>A", "<textarea><b>A", not_closed("textarea")),
        ] {
            assert_eq!(problems(html), [(at, kind)], "{html}");
        }
    }

    #[test]
    fn what_editors_must_not_write_is_reported() {
        let link = |text: &str| FragmentKind::LinkSaysNothing { text: text.into() };
        let elsewhere = |address: &str| FragmentKind::LoadsFromElsewhere {
            address: address.into(),
        };
        let handler = |name: &str| FragmentKind::EventHandler { name: name.into() };
        for (html, at, kind) in [
            ("<img src=/a.png>", "<img src=/a.png>", FragmentKind::ImageWithoutAlt),
            ("A<p style='x'></p>", "style='x'></p>", FragmentKind::InlineStyle),
            ("<STYLE>p{}</STYLE>", "<STYLE>p{}</STYLE>", FragmentKind::InlineStyle),
            ("<script>x</script>", "<script>x</script>", FragmentKind::InlineScript),
            ("<p onClick=x>", "onClick=x>", handler("onclick")),
            ("<base href=/a/>", "<base href=/a/>", FragmentKind::Base),
            ("<img alt='' srcset='//a/b 1x'>", "//a/b 1x'>", elsewhere("//a/b")),
            ("<embed src=https://a/b>", "https://a/b>", elsewhere("https://a/b")),
            ("<H3>A</H3>", "<H3>A</H3>", FragmentKind::Heading { level: 3 }),
            (
                "<table><tr><td>A</table>",
                "<table><tr><td>A</table>",
                FragmentKind::TableWithoutHeader,
            ),
            ("<a href=/b> \n</a>", "<a href=/b> \n</a>", link("")),
            (
                "<a href=/b>» <b>Hier&nbsp;klicken</b></a>",
                "<a href=/b>» <b>Hier&nbsp;klicken</b></a>",
                link("» Hier klicken"),
            ),
            (
                "<a href=/b aria-label=mehr>Satzung</a>",
                "<a href=/b aria-label=mehr>Satzung</a>",
                link("mehr"),
            ),
            (
                "<a href=/b><img alt='' src=/c></a>",
                "<a href=/b><img alt='' src=/c></a>",
                link(""),
            ),
        ] {
            assert_eq!(problems(html), [(at, kind)], "{html}");
        }
        let inner = "<table><tr><td>A</table>";
        assert_eq!(problems(&format!("<table><tr><th>B<td>{inner}</table>")).len(), 1);
        assert_eq!(problems("<a href='javascript:x()'>Speichern unter</a>").len(), 1);
    }

    #[test]
    fn text_is_what_people_read() {
        for (html, expected) in [
            (
                "<h2 id=a>Frist</h2>\n<p>bis  zum\n31. <b>März</b></p>",
                "Frist bis zum 31. März",
            ),
            ("Schul<wbr>tr&auml;ger<i>nummer</i>", "Schulträgernummer"),
            ("F&ouml;r&shy;der\u{ad}mittel", "Fördermittel"),
            ("<ul><li>A</li><li>B</li></ul>C<br>D<td>E<td>F", "A B C D E F"),
            (
                "a &lt; b &amp;amp; c&nbsp;d &quot;e&quot; &#39;f&#39; &#x27;g&#x27;",
                "a < b &amp; c d \"e\" 'f' 'g'",
            ),
            (
                "R & D, &unbekannt; &; & und &#xFFFFFFF;",
                "R & D, &unbekannt; &; & und &#xFFFFFFF;",
            ),
            (
                "a<!-- nie -->b<script>nie</script> <style>nie</style>c 1 < 2",
                "ab c 1 < 2",
            ),
            ("<img alt=nie src=a> Bild", "Bild"),
            ("", ""),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }
}
