//! The news of a section as an Atom feed (RFC 4287).
//!
//! An entry's id is its address: pages keep theirs, and a page that moves leaves a redirect. Days become the midnight in
//! Europe/Berlin they begin with, and nothing says when the site was built, so that the same content gives the same bytes.

use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::xml;

/// A section and its entries, in the order in which they are to be listed.
#[derive(Debug, Clone, Copy)]
pub struct Feed<'a> {
    pub title: &'a str,
    /// May be empty.
    pub subtitle: &'a str,
    /// Scheme and host, without a slash at the end.
    pub base_url: &'a str,
    /// Of the section: `/aktuelles/`.
    pub path: &'a str,
    /// Of the feed itself: `/aktuelles/feed.xml`.
    pub feed_path: &'a str,
    pub language: &'a str,
    /// Who publishes it.
    pub author: &'a str,
    pub entries: &'a [Entry<'a>],
}

/// A page of the section.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub title: &'a str,
    pub path: &'a str,
    /// May be empty.
    pub summary: &'a str,
    pub published: Date,
    pub updated: Date,
    /// The text of the page; may be empty.
    pub html: &'a str,
}

/// The feed as an XML file.
pub fn atom(feed: &Feed<'_>) -> String {
    let base = feed.base_url.trim_end_matches('/');
    // A feed without entries needs a day all the same; the time of this build would make every build another one.
    let newest = feed
        .entries
        .iter()
        .map(last_change)
        .max()
        .unwrap_or(Date::constant(1970, 1, 1));
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n",
        xml::escape(feed.language)
    );
    let section = xml::escape(&format!("{base}{}", feed.path));
    let own = xml::escape(&format!("{base}{}", feed.feed_path));
    element(&mut text, "id", "", &section);
    element(&mut text, "title", "", &xml::escape(feed.title));
    if !feed.subtitle.is_empty() {
        element(&mut text, "subtitle", "", &xml::escape(feed.subtitle));
    }
    element(&mut text, "updated", "", &midnight(newest));
    let _ = writeln!(text, "<author><name>{}</name></author>", xml::escape(feed.author));
    let _ = writeln!(text, "<link rel=\"alternate\" type=\"text/html\" href=\"{section}\"/>");
    let _ = writeln!(
        text,
        "<link rel=\"self\" type=\"application/atom+xml\" href=\"{own}\"/>"
    );
    for entry in feed.entries {
        write_entry(&mut text, base, entry);
    }
    text.push_str("</feed>\n");
    text
}

fn write_entry(text: &mut String, base: &str, entry: &Entry<'_>) {
    let address = xml::escape(&format!("{base}{}", entry.path));
    text.push_str("<entry>\n");
    element(text, "id", "", &address);
    element(text, "title", "", &xml::escape(entry.title));
    let _ = writeln!(text, "<link rel=\"alternate\" type=\"text/html\" href=\"{address}\"/>");
    element(text, "published", "", &midnight(entry.published));
    element(text, "updated", "", &midnight(last_change(entry)));
    if !entry.summary.is_empty() {
        element(text, "summary", "", &xml::escape(entry.summary));
    }
    if !entry.html.is_empty() {
        let html = with_absolute_links(entry.html, base, entry.path);
        element(text, "content", " type=\"html\"", &xml::escape(&html));
    }
    text.push_str("</entry>\n");
}

fn element(text: &mut String, name: &str, attributes: &str, escaped: &str) {
    let _ = writeln!(text, "<{name}{attributes}>{escaped}</{name}>");
}

/// Nothing changes before it is published.
fn last_change(entry: &Entry<'_>) -> Date {
    entry.updated.max(entry.published)
}

/// The first moment of a day in Germany, `2026-11-23T00:00:00+01:00`.
fn midnight(day: Date) -> String {
    // The time zones are part of the program, so Berlin is always there.
    let berlin = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC);
    match day.to_zoned(berlin) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        Err(_) => format!("{day}T00:00:00Z"),
    }
}

/// The page's HTML for readers that show it elsewhere.
fn with_absolute_links(html: &str, base: &str, path: &str) -> String {
    let mut result = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        result.push_str(&rest[..open]);
        rest = &rest[open..];
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map_or(rest.len(), |end| end + 3)
        } else {
            tag_end(rest)
        };
        let (tag, after) = rest.split_at(end);
        if tag[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            write_tag(&mut result, tag, base, path);
        } else {
            result.push_str(tag);
        }
        rest = after;
    }
    result.push_str(rest);
    result
}

/// Just behind the `>` that ends a tag; one between quotation marks does not.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (index, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return index + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.len()
}

/// Copies a start tag; attributes that are addresses become absolute.
fn write_tag(result: &mut String, tag: &str, base: &str, path: &str) {
    let mut rest = tag;
    while let Some(equals) = rest.find('=') {
        let (before, value) = rest.split_at(equals + 1);
        result.push_str(before);
        let name = before[..equals]
            .trim_end()
            .rsplit(|c: char| c.is_ascii_whitespace())
            .next()
            .unwrap_or("");
        let value = value.trim_start();
        let (value, after, quote) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let end = value[1..].find(quote).map_or(value.len(), |end| end + 1);
                (&value[1..end], value.get(end + 1..).unwrap_or(""), quote)
            }
            _ => {
                let end = value
                    .find(|c: char| c.is_ascii_whitespace() || c == '>')
                    .unwrap_or(value.len());
                (&value[..end], &value[end..], '"')
            }
        };
        result.push(quote);
        match name.to_ascii_lowercase().as_str() {
            "href" | "src" | "poster" | "action" | "cite" => result.push_str(&absolute(value, base, path)),
            "srcset" => result.push_str(&absolute_candidates(value, base, path)),
            _ => result.push_str(value),
        }
        result.push(quote);
        rest = after;
    }
    result.push_str(rest);
}

/// `bild.webp 1x, gross.webp 2x`.
fn absolute_candidates(srcset: &str, base: &str, path: &str) -> String {
    let candidates = srcset
        .split(',')
        .map(str::trim)
        .filter(|candidate| !candidate.is_empty());
    let absolute = candidates.map(|candidate| match candidate.split_once(' ') {
        Some((address, size)) => format!("{} {}", absolute(address, base, path), size.trim()),
        None => absolute(candidate, base, path),
    });
    absolute.collect::<Vec<_>>().join(", ")
}

/// An address as it is written on the page at `path`, with scheme and host.
fn absolute(written: &str, base: &str, path: &str) -> String {
    let has_scheme = written.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    if has_scheme {
        return written.to_owned();
    }
    if written.starts_with("//") {
        let scheme = base.split_once("//").map_or("", |(scheme, _)| scheme);
        return format!("{scheme}{written}");
    }
    if written.starts_with('/') {
        return format!("{base}{written}");
    }
    if written.is_empty() || written.starts_with(['#', '?']) {
        return format!("{base}{path}{written}");
    }
    let mut folder: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let mut rest = written;
    loop {
        if let Some(below) = rest.strip_prefix("./") {
            rest = below;
        } else if let Some(below) = rest.strip_prefix("../") {
            folder.pop();
            rest = below;
        } else {
            break;
        }
    }
    let folder: String = folder.iter().map(|name| format!("{name}/")).collect();
    format!("{base}/{folder}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use jiff::civil::date;
    use quick_xml::events::Event;

    const HTML: &str = "<p>Schulträger &amp; Land: <a href=\"/programm/#mittel\">Mittel</a>, <a class='x' href='#unten'>unten</a>,\n\
        <a href=https://recht.nrw.de/>Recht</a>, <a href=\"mailto:a@b.de\">Mail</a><img alt=\"1 > 0\" src=\"../bild.svg\" srcset=\"a.webp 1x, /b.webp 2x\"></p>";

    fn feed<'a>(entries: &'a [Entry<'a>]) -> Feed<'a> {
        Feed {
            title: "Aktuelles & mehr",
            subtitle: "Neues zum Programm",
            base_url: "https://www.muster.nrw",
            path: "/aktuelles/",
            feed_path: "/aktuelles/feed.xml",
            language: "de",
            author: "Ministerium für Muster",
            entries,
        }
    }

    fn entries() -> [Entry<'static>; 2] {
        [
            Entry {
                title: "Neue Runde <2026>",
                path: "/aktuelles/neue-runde/",
                summary: "Die Runde hat begonnen.",
                published: date(2026, 11, 2),
                updated: date(2026, 11, 20),
                html: HTML,
            },
            Entry {
                title: "Sommer",
                path: "/aktuelles/sommer/",
                summary: "",
                published: date(2026, 7, 1),
                updated: date(2026, 6, 1),
                html: "",
            },
        ]
    }

    #[test]
    fn a_section_becomes_a_feed() {
        expect![[r#"
            <?xml version="1.0" encoding="utf-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">
            <id>https://www.muster.nrw/aktuelles/</id>
            <title>Aktuelles &amp; mehr</title>
            <subtitle>Neues zum Programm</subtitle>
            <updated>2026-11-20T00:00:00+01:00</updated>
            <author><name>Ministerium für Muster</name></author>
            <link rel="alternate" type="text/html" href="https://www.muster.nrw/aktuelles/"/>
            <link rel="self" type="application/atom+xml" href="https://www.muster.nrw/aktuelles/feed.xml"/>
            <entry>
            <id>https://www.muster.nrw/aktuelles/neue-runde/</id>
            <title>Neue Runde &lt;2026&gt;</title>
            <link rel="alternate" type="text/html" href="https://www.muster.nrw/aktuelles/neue-runde/"/>
            <published>2026-11-02T00:00:00+01:00</published>
            <updated>2026-11-20T00:00:00+01:00</updated>
            <summary>Die Runde hat begonnen.</summary>
            <content type="html">&lt;p&gt;Schulträger &amp;amp; Land: &lt;a href=&quot;https://www.muster.nrw/programm/#mittel&quot;&gt;Mittel&lt;/a&gt;, &lt;a class=&#39;x&#39; href=&#39;https://www.muster.nrw/aktuelles/neue-runde/#unten&#39;&gt;unten&lt;/a&gt;,
            &lt;a href=&quot;https://recht.nrw.de/&quot;&gt;Recht&lt;/a&gt;, &lt;a href=&quot;mailto:a@b.de&quot;&gt;Mail&lt;/a&gt;&lt;img alt=&quot;1 &gt; 0&quot; src=&quot;https://www.muster.nrw/aktuelles/bild.svg&quot; srcset=&quot;https://www.muster.nrw/aktuelles/neue-runde/a.webp 1x, https://www.muster.nrw/b.webp 2x&quot;&gt;&lt;/p&gt;</content>
            </entry>
            <entry>
            <id>https://www.muster.nrw/aktuelles/sommer/</id>
            <title>Sommer</title>
            <link rel="alternate" type="text/html" href="https://www.muster.nrw/aktuelles/sommer/"/>
            <published>2026-07-01T00:00:00+02:00</published>
            <updated>2026-07-01T00:00:00+02:00</updated>
            </entry>
            </feed>
        "#]].assert_eq(&atom(&feed(&entries())));
    }

    /// Element names with their depth, and everything that readers of a feed look for.
    #[test]
    fn a_feed_is_well_formed_and_has_what_rfc_4287_asks_for() {
        let text = atom(&feed(&entries()));
        let mut reader = quick_xml::Reader::from_str(&text);
        let (mut path, mut found) = (Vec::new(), Vec::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    path.push(start.name().as_ref().to_owned());
                    found.push(path.join("/"));
                }
                Event::Empty(empty) => {
                    let name = empty.name().as_ref().to_owned();
                    found.push(format!("{}/{name}", path.join("/")));
                }
                Event::End(_) => {
                    path.pop();
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(path.is_empty());
        let count = |path: &str| found.iter().filter(|found| *found == path).count();
        for once in ["feed", "feed/id", "feed/title", "feed/updated", "feed/author/name"] {
            assert_eq!(count(once), 1, "{once}");
        }
        for each in [
            "feed/entry/id",
            "feed/entry/title",
            "feed/entry/updated",
            "feed/entry/link",
        ] {
            assert_eq!(count(each), 2, "{each}");
        }
        assert_eq!(count("feed/entry/content"), 1);
    }

    #[test]
    fn a_feed_without_entries_says_no_time_of_its_own() {
        assert!(atom(&feed(&[])).contains("<updated>1970-01-01T00:00:00+01:00</updated>"));
    }

    #[test]
    fn a_day_begins_at_midnight_in_summer_and_winter() {
        assert_eq!(midnight(date(2026, 7, 1)), "2026-07-01T00:00:00+02:00");
        assert_eq!(midnight(date(2026, 12, 1)), "2026-12-01T00:00:00+01:00");
    }

    #[test]
    fn addresses_become_absolute() {
        let cases = [
            ("/a/", "https://h.de/a/"),
            ("#b", "https://h.de/x/y/#b"),
            ("bild.svg", "https://h.de/x/y/bild.svg"),
            ("./../bild.svg", "https://h.de/x/bild.svg"),
            ("../../../z/", "https://h.de/z/"),
            ("//cdn.de/a", "https://cdn.de/a"),
            ("tel:+49211", "tel:+49211"),
            ("", "https://h.de/x/y/"),
        ];
        for (written, expected) in cases {
            assert_eq!(absolute(written, "https://h.de", "/x/y/"), expected);
        }
    }
}
