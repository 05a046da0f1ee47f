//! The table of contents of a page.

use pulldown_cmark_escape::escape_html;

use crate::markdown::{Document, Heading};

/// A page with fewer chapters is seen at a glance.
const FEWEST: usize = 3;

/// The entries of a list: the h2, each with a list of its h3 unless only chapters are wanted. Empty for a short page.
pub(super) fn toc(document: &Document, only_chapters: bool) -> String {
    let chapters = document.headings.iter().filter(|heading| heading.level == 2).count();
    let mut html = String::new();
    if chapters < FEWEST {
        return html;
    }
    // What stands above the first chapter belongs to none.
    let entries = document
        .headings
        .iter()
        .filter(|heading| matches!(heading.level, 2 | 3));
    let entries = entries.skip_while(|heading| heading.level == 3);
    let mut above = 0;
    for heading in entries.filter(|heading| heading.level == 2 || !only_chapters) {
        html.push_str(match (above, heading.level) {
            (0, _) => "",
            (2, 3) => "\n<ul>\n",
            (3, 2) => "</li>\n</ul>\n</li>\n",
            _ => "</li>\n",
        });
        push_entry(&mut html, heading);
        above = heading.level;
    }
    html.push_str(if above == 3 { "</li>\n</ul>\n</li>\n" } else { "</li>\n" });
    html
}

fn push_entry(html: &mut String, heading: &Heading) {
    html.push_str("<li><a href=\"#");
    // Writing into a text does not fail.
    let _ = escape_html(&mut *html, &heading.id);
    html.push_str("\">");
    let _ = escape_html(&mut *html, &heading.title);
    html.push_str("</a>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn document(headings: &[(u8, &str)]) -> Document {
        let heading = |(level, title): &(u8, &str)| Heading {
            level: *level,
            id: title.to_lowercase(),
            title: (*title).to_owned(),
            range: 0..0,
        };
        Document {
            headings: headings.iter().map(heading).collect(),
            ..Document::default()
        }
    }

    #[test]
    fn chapters_hold_their_sections() {
        let document = document(&[
            (3, "Vorab"),
            (2, "A&B"),
            (3, "C"),
            (4, "D"),
            (3, "E"),
            (2, "F"),
            (2, "G"),
            (3, "H"),
        ]);
        expect![[r##"
            <li><a href="#a&amp;b">A&amp;B</a>
            <ul>
            <li><a href="#c">C</a></li>
            <li><a href="#e">E</a></li>
            </ul>
            </li>
            <li><a href="#f">F</a></li>
            <li><a href="#g">G</a>
            <ul>
            <li><a href="#h">H</a></li>
            </ul>
            </li>
        "##]]
        .assert_eq(&toc(&document, false));
        expect![[r##"
            <li><a href="#a&amp;b">A&amp;B</a></li>
            <li><a href="#f">F</a></li>
            <li><a href="#g">G</a></li>
        "##]]
        .assert_eq(&toc(&document, true));
    }

    #[test]
    fn a_short_page_has_none() {
        assert_eq!(toc(&document(&[(2, "A"), (3, "B"), (2, "C")]), false), "");
    }
}
