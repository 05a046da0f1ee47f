//! The index of a search that runs in the browser: every word of a site once, with the pages it stands on.
//!
//! Words are folded (`fold`), so that case, umlauts and accents make no difference; the script finds a word inside longer ones,
//! as German compounds need it: "träger" finds "Schulträger". `themes/gemeinsam/static/suche.js` folds in the same way and reads this:
//!
//! `{"orte": [0, [1, 4], …], "seiten": [{"pfad", "titel", "text", "abschnitte": [["id", "Titel"], …]}, …], "woerter": "alle amt …"}`
//!
//! `woerter` is sorted and separated by spaces; the nth of `orte` says on which `seiten` the nth word stands, a single one as a plain number.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

/// Where a page has no description, so much of its beginning stands for it.
const LONGEST_SNIPPET: usize = 160;

/// A page that can be found.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    pub path: &'a str,
    pub title: &'a str,
    /// May be empty.
    pub description: &'a str,
    /// Id and title, in the order of the page.
    pub headings: Vec<(&'a str, &'a str)>,
    /// Everything that can be read on the page, without markup.
    pub text: &'a str,
}

/// The index as JSON. The same entries always give the same bytes.
pub fn index(entries: &[Entry<'_>]) -> String {
    let mut places: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (page, entry) in entries.iter().enumerate() {
        let headings = entry.headings.iter().map(|(_, title)| *title);
        for text in [entry.title, entry.description, entry.text].into_iter().chain(headings) {
            for word in words(text) {
                places.entry(word).or_default().insert(page);
            }
        }
    }
    let woerter: Vec<&str> = places.keys().map(String::as_str).collect();
    let index = Index {
        orte: places.values().map(Place::of).collect(),
        seiten: entries.iter().map(Page::of).collect(),
        woerter: woerter.join(" "),
    };
    serde_json::to_string(&index).unwrap_or_default()
}

/// The file as the script reads it.
#[derive(Serialize)]
struct Index<'a> {
    /// For each word the pages on which it stands.
    orte: Vec<Place<'a>>,
    seiten: Vec<Page<'a>>,
    woerter: String,
}

/// Most words stand on one page only.
#[derive(Serialize)]
#[serde(untagged)]
enum Place<'a> {
    One(usize),
    Several(&'a BTreeSet<usize>),
}

impl Place<'_> {
    fn of(pages: &BTreeSet<usize>) -> Place<'_> {
        match pages.first() {
            Some(&page) if pages.len() == 1 => Place::One(page),
            _ => Place::Several(pages),
        }
    }
}

#[derive(Serialize)]
struct Page<'a> {
    pfad: &'a str,
    titel: &'a str,
    text: String,
    /// Ids and titles.
    abschnitte: &'a [(&'a str, &'a str)],
}

impl<'a> Page<'a> {
    fn of(entry: &'a Entry<'a>) -> Page<'a> {
        let text = match entry.description {
            "" => beginning(entry.text),
            description => description.to_owned(),
        };
        Page {
            pfad: entry.path,
            titel: entry.title,
            text,
            abschnitte: &entry.headings,
        }
    }
}

/// Whole words from the beginning of a text.
fn beginning(text: &str) -> String {
    let mut short = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        length += word.chars().count() + 1;
        if length > LONGEST_SNIPPET {
            short.push_str(" …");
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}

/// The folded words of a text. What hyphens join is found by its parts and as one: "IT", "Ausstattung" and "ITAusstattung".
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut words = Vec::new();
    for joined in folded.split(|c: char| !c.is_alphanumeric() && c != '-') {
        let parts: Vec<&str> = joined.split('-').filter(|part| !part.is_empty()).collect();
        if parts.len() > 1 {
            words.push(parts.concat());
        }
        words.extend(parts.into_iter().map(str::to_owned));
    }
    words
}

/// Lower case, ä as ae, ß as ss, other letters without their accents, one kind of hyphen, and nothing that is not seen.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkc().flat_map(char::to_lowercase) {
        match character {
            'ä' | 'æ' => folded.push_str("ae"),
            'ö' | 'œ' | 'ø' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            // Soft hyphens, and spaces without width.
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {}
            // The dots stand in the long words of Leichte Sprache.
            '\u{2010}' | '\u{2011}' | '\u{2027}' | '·' => folded.push('-'),
            _ => folded.extend(std::iter::once(character).nfd().filter(|c| !is_mark(*c))),
        }
    }
    folded
}

/// Accents that decomposition separates from their letters.
fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn every_word_is_named_once_with_its_pages() {
        let entries = [
            Entry {
                path: "/",
                title: "Startseite",
                description: "",
                headings: vec![],
                text: "Alle  Schulträger\nund Straßen",
            },
            Entry {
                path: "/mittel/",
                title: "Mittel für Schulträger",
                description: "Wofür es Mittel gibt.",
                headings: vec![("it-ausstattung", "IT-Ausstattung")],
                text: "IT-Ausstattung und Café",
            },
        ];
        expect![[r#"{"orte":[0,1,1,1,1,1,1,1,1,[0,1],0,0,[0,1],1],"seiten":[{"pfad":"/","titel":"Startseite","text":"Alle Schulträger und Straßen","abschnitte":[]},{"pfad":"/mittel/","titel":"Mittel für Schulträger","text":"Wofür es Mittel gibt.","abschnitte":[["it-ausstattung","IT-Ausstattung"]]}],"woerter":"alle ausstattung cafe es fuer gibt it itausstattung mittel schultraeger startseite strassen und wofuer"}"#]].assert_eq(&index(&entries));
    }

    #[test]
    fn words_are_folded_as_the_script_folds_them() {
        let cases = [
            ("ÄÖÜẞ", "aeoeuess"),
            // Umlauts of two characters, as some programs write them.
            ("Tra\u{308}ger", "traeger"),
            ("Çédille Łódź Ångström", "cedille łodz angstroem"),
            ("Schul\u{ad}träger", "schultraeger"),
            ("Start\u{2011}Chancen Bundes·tag", "start-chancen bundes-tag"),
            ("ﬁnden m²", "finden m2"),
        ];
        for (text, expected) in cases {
            assert_eq!(fold(text), expected);
        }
    }

    #[test]
    fn compounds_with_hyphens_are_found_whole_and_in_parts() {
        assert_eq!(
            words("Startchancen-Programm (2024–2026), § 5"),
            ["startchancenprogramm", "startchancen", "programm", "2024", "2026", "5"]
        );
    }

    #[test]
    fn a_page_without_description_shows_its_beginning() {
        let text = "Wort ".repeat(100);
        let short = beginning(&text);
        assert!(short.chars().count() <= LONGEST_SNIPPET + 2, "{short}");
        assert!(short.ends_with("Wort …"));
        assert_eq!(beginning("Kurz."), "Kurz.");
    }
}
