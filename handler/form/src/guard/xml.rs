//! XML of strangers, event by event, within limits; and copying what is wanted of it.

use super::Unreadable;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::ops::Range;

const MAX_DEPTH: usize = 32;
const MAX_TAG: usize = 16 << 10;
pub(super) const MAX_TEXT: usize = 128 << 10;
const MAX_STYLES: usize = 65_536;

/// Walks over elements and text. Comments and instructions are skipped; a DOCTYPE, a foreign entity or a tag that does
/// not close is refused.
pub(super) struct Walker<'x> {
    reader: Reader<&'x [u8]>,
    depth: usize,
    /// An empty element has a start and an end.
    pending_end: bool,
}

pub(super) enum Node<'x> {
    Start(Element<'x>),
    End,
    Text(Cow<'x, str>),
}

/// The start of an element.
pub(super) struct Element<'x> {
    /// The root has depth 1.
    pub depth: usize,
    /// `<c/>` rather than `<c></c>`.
    empty: bool,
    tag: BytesStart<'x>,
    /// Where in the tag its name stands, without the prefix.
    name: Range<usize>,
}

impl<'x> Walker<'x> {
    pub(super) fn new(text: &'x str) -> Result<Walker<'x>, Unreadable> {
        let reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        Ok(Walker {
            reader,
            depth: 0,
            pending_end: false,
        })
    }

    /// The next node; `None` at the end of a complete document.
    pub(super) fn next(&mut self) -> Result<Option<Node<'x>>, Unreadable> {
        if std::mem::take(&mut self.pending_end) {
            self.depth -= 1;
            return Ok(Some(Node::End));
        }
        loop {
            let event = self.reader.read_event().map_err(|_| Unreadable::Damaged("XML"))?;
            return Ok(Some(match event {
                Event::Start(tag) => Node::Start(self.enter(tag, false)?),
                Event::Empty(tag) => {
                    self.pending_end = true;
                    Node::Start(self.enter(tag, true)?)
                }
                Event::End(_) => {
                    self.depth = self
                        .depth
                        .checked_sub(1)
                        .ok_or(Unreadable::Damaged("XML end without start"))?;
                    Node::End
                }
                Event::Text(text) => Node::Text(within(text.into_inner())?),
                Event::CData(text) => Node::Text(within(text.into_inner())?),
                Event::GeneralRef(reference) => Node::Text(Cow::Owned(entity(&reference)?)),
                Event::Comment(_) | Event::PI(_) => continue,
                Event::Decl(declaration) => {
                    match declaration.encoding() {
                        None => {}
                        Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("utf-8") => {}
                        Some(_) => return Err(Unreadable::Damaged("XML is not UTF-8")),
                    }
                    continue;
                }
                Event::DocType(_) => return Err(Unreadable::Damaged("XML with DOCTYPE")),
                Event::Eof if self.depth == 0 => return Ok(None),
                Event::Eof => return Err(Unreadable::Damaged("XML ends early")),
            }));
        }
    }

    /// The next start of an element, whatever its depth.
    pub(super) fn next_start(&mut self) -> Result<Option<Element<'x>>, Unreadable> {
        loop {
            match self.next()? {
                None => return Ok(None),
                Some(Node::Start(element)) => return Ok(Some(element)),
                Some(_) => {}
            }
        }
    }

    /// The next child of the element that was entered last at `depth`; `None` when that element ends.
    pub(super) fn child(&mut self, depth: usize) -> Result<Option<Element<'x>>, Unreadable> {
        loop {
            match self.next()?.ok_or(Unreadable::Damaged("XML ends early"))? {
                Node::Start(element) => return Ok(Some(element)),
                Node::End if self.depth < depth => return Ok(None),
                Node::End | Node::Text(_) => {}
            }
        }
    }

    /// Reads what follows the root, so that a document counts as read only when it is complete.
    pub(super) fn finish(mut self) -> Result<(), Unreadable> {
        while self.next()?.is_some() {}
        Ok(())
    }

    /// Leaves an element with all that is in it.
    pub(super) fn skip(&mut self, element: &Element<'_>) -> Result<(), Unreadable> {
        while self.depth >= element.depth {
            self.next()?.ok_or(Unreadable::Damaged("XML ends early"))?;
        }
        Ok(())
    }

    /// All text inside an element, except that of phonetic hints; a copy only where it is not in one piece.
    pub(super) fn text(&mut self, element: &Element<'_>) -> Result<Cow<'x, str>, Unreadable> {
        let mut text = Cow::Borrowed("");
        while self.depth >= element.depth {
            match self.next()?.ok_or(Unreadable::Damaged("XML ends early"))? {
                Node::Text(more) if text.is_empty() => text = more,
                Node::Text(more) => text.to_mut().push_str(&more),
                Node::Start(inner) if matches!(inner.name(), "rPh" | "extLst") => self.skip(&inner)?,
                Node::Start(_) | Node::End => {}
            }
            if text.len() > MAX_TEXT {
                return Err(Unreadable::TooMuch("text of a cell"));
            }
        }
        Ok(text)
    }

    /// Writes an element and all that is in it, without attributes of other namespaces and without extensions.
    pub(super) fn copy(&mut self, element: &Element<'x>, out: &mut String) -> Result<(), Unreadable> {
        let mut open = Vec::new();
        self.copy_start(element, &mut open, out)?;
        while !open.is_empty() {
            match self.next()?.ok_or(Unreadable::Damaged("XML ends early"))? {
                Node::Start(inner) if matches!(inner.name(), "extLst" | "AlternateContent") => self.skip(&inner)?,
                Node::Start(inner) => self.copy_start(&inner, &mut open, out)?,
                Node::End => {
                    if let Some(name) = open.pop() {
                        out.push_str("</");
                        out.push_str(&name);
                        out.push('>');
                    }
                }
                Node::Text(text) => out.push_str(&escape(&text)),
            }
        }
        Ok(())
    }

    /// Writes a start; what must be closed later is put on `open`.
    fn copy_start(
        &mut self,
        element: &Element<'x>,
        open: &mut Vec<String>,
        out: &mut String,
    ) -> Result<(), Unreadable> {
        element.write_start(out);
        if element.empty {
            self.next()?;
        } else {
            open.push(element.name().to_owned());
        }
        Ok(())
    }

    fn enter(&mut self, tag: BytesStart<'x>, empty: bool) -> Result<Element<'x>, Unreadable> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Unreadable::TooMuch("XML depth"));
        }
        if tag.len() > MAX_TAG {
            return Err(Unreadable::TooMuch("XML tag"));
        }
        let name = tag.name().into_inner();
        let name = name.find(':').map_or(0, |colon| colon + 1)..name.len();
        let element = Element {
            depth: self.depth,
            empty,
            tag,
            name,
        };
        element.check_attributes()?;
        let plain = element
            .name()
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if plain && !element.name().is_empty() {
            Ok(element)
        } else {
            Err(Unreadable::Damaged("XML name"))
        }
    }
}

impl Element<'_> {
    /// The name without its prefix.
    pub(super) fn name(&self) -> &str {
        &self.tag[self.name.clone()]
    }

    /// An attribute without prefix, unescaped.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.find(|key| key == name)
    }

    /// All attributes, unescaped, with their prefixes.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let mut attributes = self.tag.attributes();
        attributes.with_checks(false);
        attributes
            .flatten()
            .filter_map(|attribute| Some((attribute.key.into_inner(), unescape(attribute.value)?)))
    }

    /// An attribute by its name whatever its prefix, such as `r:id`.
    pub(super) fn attribute_with_prefix(&self, name: &str) -> Option<Cow<'_, str>> {
        self.find(|key| key.rsplit_once(':').is_some_and(|(_, local)| local == name))
    }

    /// Refuses what readers could understand in more than one way, so that everyone after this may rely on it.
    fn check_attributes(&self) -> Result<(), Unreadable> {
        // Half of all elements have none.
        if self.tag.attributes_raw().is_empty() {
            return Ok(());
        }
        for attribute in self.tag.attributes() {
            let attribute = attribute.map_err(|_| Unreadable::Damaged("XML attribute"))?;
            if attribute.value.contains('&') && quick_xml::escape::unescape(&attribute.value).is_err() {
                return Err(Unreadable::Damaged("XML entity"));
            }
        }
        Ok(())
    }

    fn find(&self, wanted: impl Fn(&str) -> bool) -> Option<Cow<'_, str>> {
        let (_, value) = self.attributes().find(|(key, _)| wanted(key))?;
        Some(value)
    }

    fn write_start(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.name());
        for (key, value) in self.attributes() {
            if key.contains(':') || key == "xmlns" {
                continue;
            }
            out.push(' ');
            out.push_str(key);
            out.push_str("=\"");
            out.push_str(&escape(&value));
            out.push('"');
        }
        out.push_str(if self.empty { "/>" } else { ">" });
    }
}

/// The text of an attribute; `None` where it holds an entity that nobody knows.
fn unescape(value: Cow<'_, str>) -> Option<Cow<'_, str>> {
    if value.contains('&') {
        Some(Cow::Owned(quick_xml::escape::unescape(&value).ok()?.into_owned()))
    } else {
        Some(value)
    }
}

fn within(text: Cow<'_, str>) -> Result<Cow<'_, str>, Unreadable> {
    if text.len() > MAX_TEXT {
        Err(Unreadable::TooMuch("XML text"))
    } else {
        Ok(text)
    }
}

fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, Unreadable> {
    let foreign = Unreadable::Damaged("XML entity");
    if let Some(character) = reference.resolve_char_ref().map_err(|_| foreign)? {
        return Ok(character.to_string());
    }
    let resolved = quick_xml::escape::resolve_xml_entity(reference).ok_or(foreign)?;
    Ok(resolved.to_owned())
}

/// Text for XML, without control characters that no XML may hold.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    // 0xC2 begins, among others, the control characters beyond ASCII.
    let plain = |b| match b {
        b'<' | b'>' | b'&' | b'\'' | b'"' | 0x7F | 0xC2 => false,
        b => b >= b' ' || matches!(b, b'\t' | b'\n' | b'\r'),
    };
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let text: String = text.chars().filter(|c| is_allowed(*c)).collect();
    Cow::Owned(quick_xml::escape::escape(text.as_str()).into_owned())
}

/// Whether XML may hold a character.
pub(super) fn is_allowed(c: char) -> bool {
    !c.is_control() || matches!(c, '\t' | '\n' | '\r')
}

/// The styles of a workbook without extensions, so that stored copies look like what was uploaded.
pub(super) fn styles(text: &str) -> Result<String, Unreadable> {
    let mut walker = Walker::new(text)?;
    let mut out = format!("<styleSheet xmlns=\"{}\">", super::MAIN_NAMESPACE);
    let Some(root) = walker.next_start()? else {
        return Ok(String::new());
    };
    while let Some(child) = walker.child(root.depth)? {
        match child.name() {
            "numFmts" | "fonts" | "fills" | "borders" | "cellStyleXfs" | "cellXfs" | "cellStyles" | "colors" => {
                walker.copy(&child, &mut out)?
            }
            _ => walker.skip(&child)?,
        }
    }
    walker.finish()?;
    if out.matches("<xf").count() > MAX_STYLES {
        return Err(Unreadable::TooMuch("styles"));
    }
    out.push_str("</styleSheet>");
    Ok(out)
}
