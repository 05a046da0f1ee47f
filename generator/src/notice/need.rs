//! What a section of a notice must hold, and how it is recognised in German prose.

use std::sync::LazyLock;

use regex_lite::Regex;

/// Something that a section must hold.
#[derive(Debug, Clone, Copy)]
pub enum Need {
    Street,
    Town,
    PhoneOrMail,
    Mail,
    Article(&'static str),
    /// At least so many words.
    Words(usize),
}

impl Need {
    /// What the text lacks, in words; `None` when it holds what is needed.
    pub fn missing_in(self, text: &str) -> Option<String> {
        let (is_there, what) = match self {
            Need::Street => (STREET.is_match(text), "eine Anschrift mit Straße und Hausnummer"),
            Need::Town => (TOWN.is_match(text), "eine Anschrift mit Postleitzahl und Ort"),
            Need::Mail => (MAIL.is_match(text), "eine E-Mail-Adresse"),
            Need::PhoneOrMail => (
                MAIL.is_match(text) || PHONE.is_match(text),
                "eine Telefonnummer oder E-Mail-Adresse",
            ),
            Need::Article(number) => return (!names_article(text, number)).then(|| format!("„Art. {number}“")),
            Need::Words(count) => (text.split_whitespace().count() >= count, "ein ganzer Satz"),
        };
        (!is_there).then(|| what.to_owned())
    }
}

static STREET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(stra(ß|ss)e|str\.|platz|allee|weg|ufer|ring|damm|gasse|haus|markt|wall|hof|tor) \d+")
});
static TOWN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d{5} [A-ZÄÖÜ][a-zäöüß]"));
static PHONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\+49|\b0)[\d /()-]{5,}\d"));
static MAIL: LazyLock<Regex> = LazyLock::new(|| pattern(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"));

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant of this file")
}

/// Whether the text names an article of the DSGVO, alone or in a list such as "Art. 15, 16 und 17".
fn names_article(text: &str, number: &str) -> bool {
    static ARTICLES: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\b(Art\.|Artikel|Artikeln) ?\d+((, | und | bis | oder )(Art\. )?\d+\b)*"));
    ARTICLES.find_iter(text).any(|found| {
        found
            .as_str()
            .split(|c: char| !c.is_ascii_digit())
            .any(|digits| digits == number)
    })
}

/// Whether a text rests a processing on a letter of Art. 6 Abs. 1 DSGVO.
pub fn rests_on(text: &str, letter: char) -> bool {
    static BASES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"Art(\.|ikel) ?6 Abs(\.|atz) ?1 (UAbs\. ?1 |Unterabs(\.|atz) ?1 |S(\.|atz) ?1 )?(lit\.|Buchst\.|Buchstabe) ?(?<letters>[a-f]\b((, | und | oder | sowie )((lit\.|Buchst\.|Buchstabe) ?)?[a-f]\b)*)",
        )
    });
    BASES.captures_iter(text).any(|found| {
        found.name("letters").is_some_and(|letters| {
            letters
                .as_str()
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| word.chars().eq([letter]))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_found_alone_and_in_lists() {
        assert!(names_article("nach Art. 15 DSGVO", "15"));
        assert!(names_article("nach Artikel 15 und 16 DSGVO", "16"));
        assert!(!names_article("nach Art. 150 DSGVO", "15"));
        assert!(!names_article("Raum 15", "15"));
    }

    #[test]
    fn a_legal_basis_is_recognised_by_its_letter() {
        assert!(rests_on("Art. 6 Abs. 1 Satz 1 lit. a DSGVO", 'a'));
        assert!(rests_on("Art. 6 Abs. 1 Buchst. a DSGVO", 'a'));
        assert!(!rests_on("Art. 6 Abs. 1 lit. e DSGVO", 'a'));
        assert!(rests_on("Art. 6 Abs. 1 Buchst. c und e DSGVO", 'e'));
        assert!(rests_on("Art. 6 Abs. 1 lit. c, lit. f DSGVO", 'f'));
        assert!(!rests_on("Art. 6 Abs. 1 lit. c und Art. 9 Abs. 2 lit. a DSGVO", 'a'));
    }

    #[test]
    fn an_address_needs_street_and_town() {
        assert!(STREET.is_match("Völklinger Straße 49, 40221 Düsseldorf"));
        assert!(TOWN.is_match("Völklinger Straße 49, 40221 Düsseldorf"));
        assert!(STREET.is_match("Kavalleriestraße 2–4"));
        assert!(PHONE.is_match("Telefon 0211 5867-40"));
    }
}
