//! HTML that an editor wrote: whether it closes what it opens, and what no page may hold.

mod elements;

use std::borrow::Cow;

use super::offset_in;
use super::outline::{is_script, outline};
use super::scanner::{Attribute, Markup, Scanner, lower_case};
use super::words::words;
use crate::links::is_foreign;
use crate::prose::says_nothing;

use elements::{ends_before, is_void, may_stay_open};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
