//! Links and images: where each is written, and what an image looks like in the page.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType};

use super::Translation;
use crate::markdown::Link;

/// An image that has begun.
pub struct OpenImage {
    pub dest: String,
    pub title: String,
    pub alt: String,
    pub offset: usize,
}

impl<'s, I: Iterator<Item = (Event<'s>, Range<usize>)>> Translation<'_, 's, I> {
    /// The image with its size, so that nothing jumps while the page loads.
    pub(super) fn image_end(&mut self) {
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
        let size = size.unwrap_or_else(|(code, message, remedy)| {
            self.problems
                .push(self.page.source.error(code, image.offset, message, remedy));
            None
        });
        let html = image_html(&image, size, self.document.images > 0);
        self.document.images += 1;
        self.push(Event::InlineHtml(html.into()));
    }

    pub(super) fn note_link(
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
            address: None,
            offset,
            is_image,
        });
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
