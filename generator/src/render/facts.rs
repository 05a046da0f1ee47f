//! What a page says of itself, as templates get it.

use std::borrow::Cow;

use form::day_text;
use jiff::civil::Date;
use tera::Value;

use super::toc::toc;
use crate::links::href;
use crate::markdown::Document;
use crate::page::{Page, day_number};
use crate::shortcode::date_value;

/// A value of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact<'a> {
    Text(Cow<'a, str>),
    /// Stands in the page as it is.
    Html(Cow<'a, str>),
    Day(Option<Date>),
    Flag(bool),
}

/// The keys under which templates know what a page says of itself.
pub const FACTS: [&str; 17] = [
    "title",
    "description",
    "summary",
    "path",
    "url",
    "language",
    "simple_language",
    "feed",
    "redirect",
    "content",
    "toc",
    "stand",
    "date",
    "valid_until",
    "is_section",
    "is_notice",
    "is_archived",
];

/// What a page says of itself, in the order of [`FACTS`].
pub type Facts<'a> = [(&'static str, Fact<'a>); FACTS.len()];

/// What templates get to see of a page but for its place among the others. `feed` is the address of the feed it belongs to.
pub(super) fn facts<'a>(page: &'a Page, document: &'a Document, base_url: &str, feed: String) -> Facts<'a> {
    let head = &page.front_matter;
    let text = |text: &'a str| Fact::Text(text.into());
    let simple_language = head.simple_language.as_ref().map(|link| href(&link.value));
    let facts = [
        ("title", text(&head.title)),
        ("description", text(&head.description)),
        ("summary", text(&head.summary)),
        ("path", text(&page.path)),
        ("url", Fact::Text([base_url, &page.path].concat().into())),
        ("language", text(&head.language)),
        ("simple_language", Fact::Text(simple_language.unwrap_or_default())),
        ("feed", Fact::Text(feed.into())),
        ("redirect", text("")),
        ("content", Fact::Html(document.html.as_str().into())),
        ("toc", Fact::Html(toc(document, head.notice.is_some()).into())),
        ("stand", Fact::Day(head.stand.as_ref().map(|stand| stand.value))),
        ("date", Fact::Day(head.date)),
        (
            "valid_until",
            Fact::Day(head.valid_until.as_ref().map(|until| until.value)),
        ),
        ("is_section", Fact::Flag(page.is_section)),
        ("is_notice", Fact::Flag(head.notice.is_some())),
        ("is_archived", Fact::Flag(page.is_archived)),
    ];
    debug_assert!(facts.iter().map(|(key, _)| *key).eq(FACTS));
    facts
}

impl Fact<'_> {
    /// As Tera knows it.
    pub fn value(&self) -> Value {
        match self {
            Fact::Text(text) => Value::from(&**text),
            Fact::Html(html) => Value::safe_string(html),
            Fact::Day(day) => date_value(*day),
            Fact::Flag(flag) => (*flag).into(),
        }
    }

    /// What stands in a page where it is printed; `part` is `iso` or `text` of a day.
    pub fn write(&self, part: &str, html: &mut String) {
        match self {
            Fact::Text(text) => {
                // Writing into a text does not fail.
                let _ = pulldown_cmark_escape::escape_html(html, text);
            }
            Fact::Html(text) => html.push_str(text),
            Fact::Day(Some(day)) if part == "iso" => html.push_str(&day.to_string()),
            Fact::Day(Some(day)) => html.push_str(&day_text(*day)),
            Fact::Day(None) | Fact::Flag(_) => {}
        }
    }

    /// A number for a day or an answer.
    pub fn number(&self) -> u64 {
        match self {
            Fact::Day(day) => day_number(*day),
            Fact::Flag(flag) => u64::from(*flag),
            Fact::Text(_) | Fact::Html(_) => 0,
        }
    }
}
