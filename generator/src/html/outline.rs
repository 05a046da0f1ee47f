//! What a browser would do with a page: where it leads, what it loads, what runs in it.

use std::ops::Range;

use super::scanner::{Attribute, Markup, Scanner, lower_case};

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

/// Reads what a browser would do with a page.
pub fn outline(html: &str) -> Outline<'_> {
    Outline::read(Scanner::of_starts(html)).0
}

/// The same of all but a part of the page, of which it is known. `None` where the part is not text between tags, but lies within one.
pub fn outline_around(html: &str, known: Range<usize>) -> Option<Outline<'_>> {
    let (outline, scanner) = Outline::read(Scanner::of_starts_around(html, known));
    scanner.has_passed_over().then_some(outline)
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

/// What an attribute means, as far as it can be told without the others of its tag; both names are in small letters. Bytes are
/// matched one by one, texts would be compared with each name in turn.
fn meaning(tag: &str, name: &str, value: &str) -> Meaning {
    match name.as_bytes() {
        b"id" => Meaning::Id,
        // What a relation fetches is known only when the whole tag is read.
        b"href" if tag == "link" || tag == "base" => Meaning::Nothing,
        // A place in the page itself is not fetched.
        b"href" | b"xlink:href" if tag != "a" && loads_references(tag) && !value.starts_with('#') => Meaning::Load,
        b"href" | b"xlink:href" | b"action" | b"formaction" => Meaning::Link,
        b"src" if matches!(tag, "iframe" | "embed" | "frame") => Meaning::Frame,
        b"data" if tag == "object" => Meaning::Frame,
        b"src" | b"poster" | b"background" => Meaning::Load,
        b"srcset" | b"imagesrcset" => Meaning::Candidates,
        b"ping" => Meaning::Pings,
        b"style" => Meaning::Style,
        [b'o', b'n', ..] => Meaning::Handler,
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
    fn read(mut scanner: Scanner<'a>) -> (Outline<'a>, Scanner<'a>) {
        let mut outline = Outline::default();
        while let Some(markup) = scanner.next_markup() {
            if let Markup::Start(tag) = markup
                && scanner.says_more(tag)
            {
                outline.take_tag(&lower_case(tag), &mut scanner);
            }
        }
        (outline, scanner)
    }

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
        } else if !is_any(&["canonical", "alternate"]) || href.starts_with('/') {
            self.take_link(href);
        }
    }
}

/// Browsers overlook spaces before a scheme, and tabs and line ends within it.
pub fn is_script(address: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::offset_in;

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
}
