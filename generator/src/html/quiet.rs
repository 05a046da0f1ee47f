//! Where a text in HTML can only be shown, whatever it says.

use std::ops::Range;

use memchr::memmem;

use super::offset_in;
use super::scanner::{Attribute, Scanner};

/// How often a text stands where it makes a browser do nothing: between tags, and in quoted values of attributes that are only shown.
#[derive(Debug, PartialEq, Eq)]
pub struct QuietPlaces {
    pub between_tags: usize,
    pub in_values: usize,
}

/// Attributes that decide, together with others or in parts, what a browser does.
const LOUD: [&str; 4] = ["rel", "http-equiv", "srcset", "imagesrcset"];

/// Looks at HTML as `outline` does: closing tags are passed over like text.
pub fn quiet_places(html: &str, text: &str) -> QuietPlaces {
    let finder = memmem::Finder::new(text);
    let places = |range: Range<usize>| {
        let at = finder.find_iter(&html.as_bytes()[range.clone()]);
        at.map(move |at| range.start + at)
    };
    // A tag could begin with it.
    let is_tag = |at: &usize| html[..*at].ends_with('<') || html[..*at].ends_with("</");
    let between = |range| places(range).filter(|at| !is_tag(at)).count();
    let mut found = QuietPlaces {
        between_tags: 0,
        in_values: 0,
    };
    let mut scanner = Scanner::of_starts(html);
    while scanner.next_markup().is_some() {
        found.between_tags += between(scanner.text.clone());
        while let Some(Attribute { name, value }) = scanner.next_attribute() {
            let start = offset_in(html, value);
            let is_quoted = html[..start].ends_with(['"', '\'']);
            if is_quoted && !LOUD.iter().any(|loud| name.eq_ignore_ascii_case(loud)) {
                found.in_values += places(start..start + value.len()).count();
            }
        }
    }
    found.between_tags += between(scanner.text);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_quiet_where_it_can_only_be_shown() {
        for (html, between_tags, in_values) in [
            ("<p title=\"X\">X und X</p>", 2, 1),
            ("<p title=X>", 0, 0),
            ("<p X>", 0, 0),
            ("a <X", 0, 0),
            ("</X>", 0, 0),
            ("<img srcset=\"/a.png X\"><link rel=\"X\">", 0, 0),
            ("<!-- X --><script>X</script>", 0, 0),
            ("</p x=\"<a alt=X>\">", 0, 0),
        ] {
            assert_eq!(
                quiet_places(html, "X"),
                QuietPlaces {
                    between_tags,
                    in_values
                },
                "{html}"
            );
        }
    }
}
