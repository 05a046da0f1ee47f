//! Goes through HTML tag by tag.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memmem};

use super::offset_in;

/// An attribute of a tag; without a value it is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    pub name: &'a str,
    pub value: &'a str,
}

/// What stands between `<` and `>`; tags with their name as it is written.
pub enum Markup<'a> {
    Start(&'a str),
    End(&'a str),
    Comment,
}

/// Goes through HTML once, as the tokenizer of the HTML standard does.
pub struct Scanner<'a> {
    html: &'a str,
    /// What has been read, in bytes.
    pub at: usize,
    /// Where the last markup began.
    pub markup_at: usize,
    /// Where the text before the last markup is, or the text after it when there is no other.
    pub text: Range<usize>,
    is_in_tag: bool,
    passes_over_ends: bool,
    /// Markup in this part is passed over.
    known: Option<Range<usize>>,
    /// The element whose content is no HTML, and comes next.
    plain: Option<&'a str>,
    /// The last tag ends with `/>`.
    pub closes_itself: bool,
    /// The last markup does not end.
    pub is_cut_off: bool,
}

impl<'a> Scanner<'a> {
    pub fn new(html: &'a str) -> Scanner<'a> {
        Scanner {
            html,
            at: 0,
            markup_at: 0,
            text: 0..0,
            is_in_tag: false,
            passes_over_ends: false,
            known: None,
            plain: None,
            closes_itself: false,
            is_cut_off: false,
        }
    }

    /// One that passes over closing tags, for those who do not ask for them.
    pub fn of_starts(html: &'a str) -> Scanner<'a> {
        Scanner {
            passes_over_ends: true,
            ..Scanner::new(html)
        }
    }

    /// The same for all but a part.
    pub fn of_starts_around(html: &'a str, known: Range<usize>) -> Scanner<'a> {
        Scanner {
            known: Some(known),
            ..Scanner::of_starts(html)
        }
    }

    /// Whether the part that is known was met in the text between tags, and was passed over.
    pub fn has_passed_over(&self) -> bool {
        self.known.is_none()
    }

    /// The next tag or comment. Attributes that nobody asked for are passed over.
    pub fn next_markup(&mut self) -> Option<Markup<'a>> {
        while self.next_attribute().is_some() {}
        // Within SVG a `<script/>` has no content, so what follows it is read rather than overlooked.
        if let Some(element) = self.plain.take().filter(|_| !self.closes_itself) {
            self.at += end_of(element, &self.html[self.at..]);
        }
        let bytes = self.html.as_bytes();
        let text_at = self.at;
        let mut from = text_at;
        loop {
            let open = next_open(bytes, from);
            if let Some(known) = self
                .known
                .take_if(|known| from <= known.start && open.is_none_or(|open| open >= known.start))
            {
                from = known.end;
                continue;
            }
            let Some(open) = open else {
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
    pub fn says_more(&self, tag: &str) -> bool {
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
    pub fn next_attribute(&mut self) -> Option<Attribute<'a>> {
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
    pub fn whole_tag(&self) -> &'a str {
        &self.html[self.markup_at..self.at]
    }

    /// An attribute's name with the `=` behind it.
    pub fn with_equals_sign(&self, name: &'a str) -> &'a str {
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
pub fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}
