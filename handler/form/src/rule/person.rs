//! Texts that seem to speak of a person.

use crate::finding::PersonData;
use regex_lite::{Match, Regex};
use std::sync::LazyLock;

/// What in a text looks like data about a person.
pub(super) fn person_data_in(text: &str) -> Option<PersonData> {
    static EMAIL: Pattern = Pattern::new(|| Regex::new(r"[^\s@]+(?:@|\s?[(\[]at[)\]]\s?)[^\s@]+\.[A-Za-z]{2,}"));
    static TELEPHONE: Pattern = Pattern::new(|| Regex::new(r"(?:\+49|\b0049|\b0)[\s(/-]*[1-9][\s\d()/-]{5,}\d"));
    static NAME: Pattern = Pattern::new(|| {
        Regex::new(r"\b(?:Herrn?|Frau|Hr\.|Fr\.)\s+(?:(?:Prof\.|Dr\.|von|van|der|de|zu)\s*)*[A-ZÄÖÜ][a-zäöüß]+")
    });
    // Months and days begin with zero too: `03/2026 - 05/2026`, `01-02-2026`.
    static DATE: Pattern = Pattern::new(|| Regex::new(r"^0[1-9][/-](?:[0-3]?\d[/-])?(?:19|20)\d\d\b"));
    // Most texts hold nothing of the kind, and looking for its signs is much faster than for patterns.
    let within = |c: char| c.is_ascii_digit() || c.is_ascii_whitespace() || matches!(c, '(' | ')' | '/' | '-');
    let telephone = || text.split(|c| !within(c)).any(|digits| digits.len() >= 8);
    if !["@", "(at)", "[at]", "Herr", "Frau", "Hr.", "Fr."]
        .iter()
        .any(|sign| text.contains(sign))
        && !telephone()
    {
        return None;
    }
    let found = |pattern: &'static Pattern| pattern.as_ref().ok().map(|regex| regex.find_iter(text));
    let telephone = |found: Match<'_>| !DATE.as_ref().is_ok_and(|date| date.is_match(found.as_str()));
    if found(&EMAIL)?.next().is_some() {
        Some(PersonData::Email)
    } else if found(&TELEPHONE)?.any(telephone) {
        Some(PersonData::Telephone)
    } else {
        found(&NAME)?.next().map(|_| PersonData::Name)
    }
}

/// A pattern that is compiled once.
type Pattern = LazyLock<Result<Regex, regex_lite::Error>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn person_data_is_recognised_and_institutions_are_not() {
        assert_eq!(person_data_in("Rückfragen an a.b@stadt.de"), Some(PersonData::Email));
        assert_eq!(person_data_in("Tel. 0203 283-2000"), Some(PersonData::Telephone));
        assert_eq!(person_data_in("Abgestimmt mit Frau Müller"), Some(PersonData::Name));
        assert_eq!(
            person_data_in("Rechnung 2026-0815 über 300,00 € vom 03.02.2026 folgt"),
            None
        );
        assert_eq!(person_data_in("Mobil +49 (171) 1234567"), Some(PersonData::Telephone));
        assert_eq!(
            person_data_in("Schreiben Sie an schule@köln.de"),
            Some(PersonData::Email)
        );
        for email in ["max(at)stadt.de", "max.muster [at] stadt.de"] {
            assert_eq!(person_data_in(email), Some(PersonData::Email), "{email}");
        }
        for name in ["Frau Prof. Dr. Schmidt", "Herrn von der Heide", "Hr. Dr.Meier"] {
            assert_eq!(person_data_in(name), Some(PersonData::Name), "{name}");
        }
        for harmless in [
            "Frauenförderung in Herne",
            "Elternabend (at home) und Frau und Beruf",
            "Maßnahmen von 03/2026 - 05/2026, Rechnungen 01-02-2026",
            "Auftrag 000123456, Kosten 1 000 000 000 Euro",
        ] {
            assert_eq!(person_data_in(harmless), None, "{harmless}");
        }
    }
}
