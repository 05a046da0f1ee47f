//! Spellings that are not the agreed ones.

use std::ops::Range;

use memchr::memmem;

use crate::problem::{Problem, Source};

/// How a word is written here, and how it must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelling {
    pub right: String,
    pub wrong: Vec<String>,
}

/// Where a text has a wrong spelling as a whole word, in the order of the text, with the wrong one that stands there.
///
/// A letter, digit or hyphen beside it makes it part of another word: who wants to find „Email-Adresse“ too lists it too. Nothing is
/// found within the right spelling, and nothing in addresses and file names, which cannot be spelt otherwise.
pub fn spellings<'w>(text: &str, words: &'w [Spelling]) -> Vec<(usize, &'w Spelling, &'w str)> {
    let mut found = Vec::new();
    for spelling in words {
        for wrong in spelling.wrong.iter().filter(|wrong| !wrong.is_empty()) {
            let places = memmem::find_iter(text.as_bytes(), wrong);
            let places = places.filter(|at| {
                let range = *at..*at + wrong.len();
                is_whole_word(text, &range)
                    && !is_right(text, *at, wrong, &spelling.right)
                    && !is_in_address(text, &range)
            });
            found.extend(places.map(|at| (at, spelling, wrong.as_str())));
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    found
}

/// What is said of a wrong spelling.
pub fn spelling_problem(source: Source<'_>, offset: usize, spelling: &Spelling, wrong: &str) -> Problem {
    source.error(
        "E-SCHREIBWEISE",
        offset,
        format!("„{wrong}“ schreibt diese Site anders."),
        format!("Schreiben Sie „{}“.", spelling.right),
    )
}

/// Wrong spellings in a value that stands in a TOML text, as far as its place there can be told.
pub fn spellings_in_value(source: Source<'_>, value: &str, words: &[Spelling]) -> Vec<Problem> {
    let begin = source.text.find(value);
    let problem = |(at, spelling, wrong): (usize, &Spelling, &str)| {
        let offset = begin.map(|begin| begin + at).or_else(|| source.text.find(wrong));
        spelling_problem(source, offset.unwrap_or_default(), spelling, wrong)
    };
    spellings(value, words).into_iter().map(problem).collect()
}

/// Neither letter, digit nor hyphen beside it.
fn is_whole_word(text: &str, range: &Range<usize>) -> bool {
    let continues = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{ad}');
    !text[..range.start].ends_with(continues) && !text[range.end..].starts_with(continues)
}

/// Whether what was found at a place is a piece of the right spelling.
fn is_right(text: &str, at: usize, wrong: &str, right: &str) -> bool {
    memmem::find_iter(right.as_bytes(), wrong).any(|within| {
        at.checked_sub(within)
            .is_some_and(|start| text.as_bytes()[start..].starts_with(right.as_bytes()))
    })
}

/// Whether a place is in something like `post@schule.nrw`, `https://…` or `formular.xlsx`.
fn is_in_address(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let before = before.rsplit(char::is_whitespace).next().unwrap_or(before);
    let after = after.split(char::is_whitespace).next().unwrap_or(after);
    let has_sign = |part: &str| part.contains('@') || part.contains("://");
    // A dot with a letter on either side, and not the dot of the wrong spelling itself.
    let has_dot = |part: &str| {
        part.split('.')
            .skip(1)
            .any(|next| next.starts_with(char::is_alphanumeric))
    };
    has_sign(before)
        || has_sign(after)
        || before.len() > 1 && before.ends_with('.')
        || has_dot(before)
        || has_dot(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_spellings_are_found_as_whole_words() {
        let spelling = |right: &str, wrong: &[&str]| Spelling {
            right: right.into(),
            wrong: wrong.iter().map(|wrong| (*wrong).into()).collect(),
        };
        let words = [
            spelling("mbeim", &["mbei", ""]),
            spelling(
                "Startchancen-Programm",
                &["Startchancenprogramm", "Startchancen Programm", "Startchancen"],
            ),
            spelling("E-Mail", &["Email", "eMail"]),
            spelling("z. B.", &["z.B."]),
            spelling("NRW", &["nrw"]),
            spelling("Land NRW", &["NRW"]),
        ];
        let table: [(&str, &[(usize, &str)]); 17] = [
            ("", &[]),
            ("mbeim", &[]),
            ("mbei mbeimm", &[(0, "mbei")]),
            ("Ämbei mbeiß", &[]),
            ("„Email“, eMail.", &[(3, "Email"), (13, "eMail")]),
            ("email EMAIL", &[]),
            ("Email-Adresse, Firmen-Email", &[]),
            ("das Startchancen-Programm", &[]),
            (
                "Startchancen Programm",
                &[(0, "Startchancen Programm"), (0, "Startchancen")],
            ),
            ("das Startchancenprogramm.", &[(4, "Startchancenprogramm")]),
            ("Land NRW und NRW", &[(13, "NRW")]),
            ("z.B. so (z.B.)", &[(0, "z.B."), (9, "z.B.")]),
            ("europa.nrw post@nrw nrw.de/a https://a/nrw x.nrw/y", &[]),
            ("(nrw). nrw: nrw…", &[(1, "nrw"), (7, "nrw"), (12, "nrw")]),
            ("Land/nrw", &[(5, "nrw")]),
            ("Email.", &[(0, "Email")]),
            ("Em\u{ad}ail Email\u{ad}s", &[]),
        ];
        for (text, expected) in table {
            let found: Vec<(usize, &str)> = spellings(text, &words)
                .into_iter()
                .map(|(at, _, wrong)| (at, wrong))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(spellings("Email", &words)[0].1.right, "E-Mail");
    }
}
