//! What a finished page says to a browser: its ids, where it links to, and what it would load or run.

use std::borrow::Cow;

/// An attribute of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Attribute<'a> {
    name: &'a str,
    value: &'a str,
}

/// Everything a finished page is checked for, in the order of the page.
#[derive(Debug, Default)]
pub struct Outline<'a> {
    pub ids: Vec<&'a str>,
    /// Links and form targets, as they stand in the page.
    pub links: Vec<&'a str>,
    /// What a browser fetches by itself: images, styles, scripts.
    pub loads: Vec<&'a str>,
    /// Code or style within the page, which the CSP forbids.
    pub inline: Vec<&'a str>,
}

/// Reads the tags of a page.
pub fn outline(html: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    for_each_tag(html, |tag, attributes| {
        let attributes: Vec<Attribute<'_>> = attributes.collect();
        let value_of = |name| {
            attributes
                .iter()
                .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
                .map(|attribute| attribute.value)
        };
        let tag = &*lower_case(tag);
        match tag {
            "style" => outline.inline.push("<style>"),
            "script" if value_of("src").is_none() => outline.inline.push("<script>"),
            _ => {}
        }
        let names_only = tag == "link" && matches!(value_of("rel"), Some("canonical" | "alternate"));
        for Attribute { name, value } in &attributes {
            match (tag, &*lower_case(name)) {
                (_, "id") => outline.ids.push(value),
                (_, "style") => outline.inline.push(if *name == "style" { "style=" } else { name }),
                ("link", "href") if names_only => {}
                ("link", "href") | (_, "src" | "srcset" | "poster" | "data") => outline.loads.push(value),
                (_, "href" | "action" | "formaction") => outline.links.push(value),
                (_, lower) if lower.starts_with("on") => outline.inline.push(name),
                _ => {}
            }
        }
    });
    outline
}

/// Calls `visit` with the name and attributes of every start tag.
fn for_each_tag<'a>(html: &'a str, mut visit: impl FnMut(&'a str, AttributeList<'a>)) {
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let name_end = rest
            .find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/')
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let end = tag_end(after);
        visit(name, AttributeList { rest: &after[..end] });
        rest = &after[end..];
        if name.eq_ignore_ascii_case("script") || name.eq_ignore_ascii_case("style") {
            // What stands in them is no HTML.
            rest = end_of(name, rest);
        }
    }
}

/// Tags and attributes may be written in capitals, and hardly ever are.
fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}

/// The text from the closing tag on, or nothing where there is none.
fn end_of<'a>(name: &str, text: &'a str) -> &'a str {
    let is_closing = |at: &usize| {
        let after = &text.as_bytes()[at + 2..];
        after
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    };
    let closing = text.match_indices("</").map(|(at, _)| at).find(is_closing);
    closing.map_or("", |at| &text[at..])
}

/// The index of the `>` that ends a tag, skipping those in quotes.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (index, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return index,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// The attributes of one tag, one after the other.
struct AttributeList<'a> {
    rest: &'a str,
}

impl<'a> Iterator for AttributeList<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let rest = self
            .rest
            .trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let name_end = rest
            .find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/')
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end.max(1));
        let Some(value) = after.trim_start().strip_prefix('=') else {
            self.rest = after;
            return Some(Attribute { name, value: "" });
        };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
        };
        self.rest = after;
        Some(Attribute { name, value })
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
        assert_eq!(outline.inline, ["STYLE", "OnClick", "<script>"]);
        assert_eq!((outline.loads, outline.links), (vec!["/c.png"], vec!["/d/"]));
    }
}
