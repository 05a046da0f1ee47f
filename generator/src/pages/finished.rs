//! A page as it comes out, and what a browser would do with it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::html::{self, Outline};
use crate::layout::Layout;
use crate::markdown::{Document, Link};
use crate::problem::Problem;

/// A page as it comes out.
pub struct Finished<'b> {
    /// The whole file.
    pub text: Cow<'b, str>,
    pub document: Document,
    /// `None` where the theme could not render it.
    pub html: Option<&'b str>,
    /// Where the text stands in it. A template may leave it out, and with it all that links could lead to.
    pub content: Option<Range<usize>>,
    /// What it shares with other pages.
    pub(super) layout: Option<Arc<Layout>>,
    /// What is wrong with it, as far as it shows in the page alone.
    pub problems: Vec<Problem>,
}

/// What a browser would do with a page.
pub struct Seen<'a> {
    pub outline: Outline<'a>,
    /// Links that are not in the outline: what a plain text has is known from making it.
    pub(super) in_text: &'a [Link],
    /// Where all else in the outline is from.
    pub(super) layout: Option<&'a Layout>,
}

impl Finished<'_> {
    /// What a browser would do with the page.
    pub fn seen(&self) -> Seen<'_> {
        let html = self.html.unwrap_or_default();
        let known = self.content.clone().filter(|_| self.document.is_plain);
        let layout = self.layout.as_deref().filter(|_| known.is_some());
        let shared = layout.and_then(Layout::outline);
        let layout = layout.filter(|_| shared.is_some());
        match known.and_then(|known| shared.or_else(|| html::outline_around(html, known))) {
            Some(mut outline) => {
                outline.ids.extend(self.document.ids());
                debug_assert!(self.says_the_same(&outline, &html::outline(html)));
                let in_text = self.document.links.as_slice();
                Seen {
                    outline,
                    in_text,
                    layout,
                }
            }
            None => Seen {
                outline: html::outline(html),
                in_text: &[],
                layout: None,
            },
        }
    }

    fn says_the_same(&self, around: &Outline<'_>, whole: &Outline<'_>) -> bool {
        let in_text = self.document.links.iter().map(Link::href);
        let is_same = |some: &[&str], all: &[&str]| {
            let (mut some, mut all) = (some.to_vec(), all.to_vec());
            some.sort_unstable();
            all.sort_unstable();
            some == all
        };
        // A table of contents leads to the headings, whether it was looked at or not.
        let headings: HashSet<&str> = self.document.ids().collect();
        let is_to_heading = |link: &str| link.strip_prefix('#').is_some_and(|id| headings.contains(id));
        let counts = |link: &&str| !link.starts_with("mailto:") && !is_to_heading(link);
        let all_links = around.links.iter().copied().chain(in_text);
        let all_links: Vec<&str> = all_links.filter(counts).collect();
        let found: Vec<&str> = whole.links.iter().copied().filter(counts).collect();
        is_same(&around.ids, &whole.ids)
            && is_same(&all_links, &found)
            && is_same(&around.loads, &whole.loads)
            && is_same(&around.frames, &whole.frames)
            && is_same(&around.inline, &whole.inline)
    }
}
