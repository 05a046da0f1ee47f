//! What is wrong with a definition file, at which place, and how to mend it.

use serde::{Deserialize, Serialize};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

/// A problem in a file that an editor writes. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub line: usize,
    pub column: usize,
    pub message: String,
    pub remedy: String,
}

impl Problem {
    /// A problem at a byte offset of `source`.
    pub fn at(source: &str, offset: usize, message: impl Into<String>, remedy: impl Into<String>) -> Problem {
        let (line, column) = line_and_column(source, offset);
        Problem {
            line,
            column,
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// The place of a byte offset, both numbers from 1. An offset beyond the end means the end.
pub fn line_and_column(source: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let before = &source[..end];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

/// Nobody mends more in one go.
const MOST: usize = 200;

/// Reads a TOML text. Every key that is unknown, missing or of the wrong kind is a problem of its own, all in one go. The
/// value is there where unknown keys are all that is wrong, so that its contents can be looked at too.
pub fn read_toml<'s, T: Deserialize<'s>>(source: &'s str) -> (Option<T>, Vec<Problem>) {
    let mut table = match DeTable::parse(source) {
        Ok(table) => table,
        Err(error) => return (None, vec![from_toml(source, &error)]),
    };
    let mut problems = Vec::new();
    // Keys that were taken out although they were wanted: they are not missing.
    let mut wrong: Vec<String> = Vec::new();
    let mut is_whole = true;
    while problems.len() < MOST {
        let error = match T::deserialize(Deserializer::from(table.clone())) {
            Ok(value) => return (Some(value).filter(|_| is_whole), problems),
            Err(error) => error,
        };
        let said = quoted(error.message());
        let is_unknown = error.message().starts_with("unknown field");
        let is_missing = error.message().starts_with("missing field");
        let known = wrong
            .iter()
            .position(|key| is_missing && said.first() == Some(&key.as_str()));
        if let Some(known) = known {
            wrong.swap_remove(known);
        } else {
            problems.push(from_toml(source, &error));
        }
        let instead = if is_unknown {
            said.get(1..).unwrap_or_default()
        } else {
            &[]
        };
        match error.span().and_then(|span| take_out(table.get_mut(), &span, instead)) {
            Some(key) if !is_unknown => wrong.push(key),
            Some(_) => {}
            None => return (None, problems),
        }
        is_whole &= is_unknown;
    }
    (None, problems)
}

/// Takes out the key, or the value, that stands at a place, and gives its key. What is most likely a mistyped key gets the
/// name that was meant, so that nothing else is found to be missing.
fn take_out(table: &mut DeTable<'_>, span: &Range<usize>, allowed: &[&str]) -> Option<String> {
    // The first header of a list stands for the list and for its first table: the table is meant.
    let below = table
        .iter_mut()
        .find_map(|(_, value)| take_out_below(value.get_mut(), span, allowed));
    if below.is_some() {
        return below;
    }
    let here = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| key.span() == *span || value.span() == *span;
    let key = table.iter().find(|entry| here(*entry)).map(|(key, _)| key.clone())?;
    let value = table.remove(&key)?;
    if let Some(meant) = nearest(key.get_ref(), allowed).filter(|meant| !table.contains_key(*meant)) {
        table.insert(Spanned::new(key.span(), meant.to_owned().into()), value);
    }
    Some(key.get_ref().to_string())
}

fn take_out_below(value: &mut DeValue<'_>, span: &Range<usize>, allowed: &[&str]) -> Option<String> {
    match value {
        DeValue::Table(table) => take_out(table, span, allowed),
        DeValue::Array(values) => {
            let mut items = values.iter_mut();
            let below = items.find_map(|value| take_out_below(value.get_mut(), span, allowed));
            if below.is_none() && values.iter().any(|value| value.span() == *span) {
                let kept = std::mem::replace(values, DeArray::new()).into_iter();
                *values = kept.filter(|value| value.span() != *span).collect();
                return Some(String::new());
            }
            below
        }
        _ => None,
    }
}

/// The words between backticks.
fn quoted(said: &str) -> Vec<&str> {
    said.split('`').skip(1).step_by(2).collect()
}

/// Translates what the TOML reader or serde says into a sentence with a remedy.
pub fn from_toml(source: &str, error: &toml::de::Error) -> Problem {
    let offset = error.span().map_or(0, |span| span.start);
    let said = error.message();
    let (message, remedy) = match quoted(said).as_slice() {
        [key, allowed @ ..] if said.starts_with("unknown field") => (
            format!("Der Schlüssel „{key}“ ist hier nicht bekannt."),
            match nearest(key, allowed) {
                Some(near) => format!("Gemeint ist vielleicht „{near}“. Erlaubt sind: {}.", allowed.join(", ")),
                None => format!("Erlaubt sind: {}.", allowed.join(", ")),
            },
        ),
        [key, ..] if said.starts_with("missing field") => (
            format!("Der Schlüssel „{key}“ fehlt."),
            format!("Ergänzen Sie eine Zeile {key} = …"),
        ),
        [value, allowed @ ..] if said.starts_with("unknown variant") => (
            format!("Der Wert „{value}“ ist hier nicht bekannt."),
            format!("Erlaubt sind: {}.", allowed.join(", ")),
        ),
        _ if said.starts_with("duplicate key") => (
            "Derselbe Schlüssel steht zweimal in diesem Abschnitt.".to_owned(),
            "Löschen Sie eine der beiden Zeilen.".to_owned(),
        ),
        _ if said.starts_with("invalid type") => (
            format!("Der Wert hat die falsche Art ({said})."),
            type_remedy(said).to_owned(),
        ),
        _ => (
            format!(
                "Die Zeile ist kein gültiges TOML ({}).",
                said.lines().next().unwrap_or(said)
            ),
            "Prüfen Sie Anführungszeichen, Gleichheitszeichen und Klammern in dieser Zeile.".to_owned(),
        ),
    };
    Problem::at(source, offset, message, remedy)
}

fn type_remedy(said: &str) -> &'static str {
    if said.contains("expected a string") {
        "Setzen Sie den Wert in Anführungszeichen."
    } else if said.contains("expected a boolean") {
        "Schreiben Sie true oder false, ohne Anführungszeichen."
    } else if said.contains("atetime") || said.contains("date") {
        "Schreiben Sie das Datum ohne Anführungszeichen, zum Beispiel 2026-11-22."
    } else {
        "Schreiben Sie den Wert in der Art, die an dieser Stelle erwartet wird."
    }
}

/// The allowed word that a typing mistake most likely meant.
pub fn nearest<'a>(typed: &str, allowed: &[&'a str]) -> Option<&'a str> {
    allowed
        .iter()
        .map(|word| (distance(typed, word), *word))
        .filter(|(distance, word)| *distance <= 1 + word.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Page {
        title: String,
        description: Option<String>,
        draft: Option<bool>,
    }

    fn problem(source: &str) -> Problem {
        from_toml(source, &toml::from_str::<Page>(source).err().expect("a problem"))
    }

    #[test]
    fn a_typing_mistake_in_a_key_is_named_with_its_place() {
        let found = problem("title = \"Ü\"\n  descripton = \"x\"\n");
        assert_eq!((found.line, found.column), (2, 3));
        assert_eq!(found.message, "Der Schlüssel „descripton“ ist hier nicht bekannt.");
        assert!(
            found.remedy.starts_with("Gemeint ist vielleicht „description“."),
            "{}",
            found.remedy
        );
    }

    #[test]
    fn a_missing_title_and_a_wrong_type_have_a_remedy() {
        assert_eq!(problem("").message, "Der Schlüssel „title“ fehlt.");
        assert_eq!(problem("title = 3").remedy, "Setzen Sie den Wert in Anführungszeichen.");
        assert_eq!(
            problem("title = \"a\"\ndraft = \"ja\"").remedy,
            "Schreiben Sie true oder false, ohne Anführungszeichen."
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said_in_one_go() {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        struct Book {
            title: String,
            year: u32,
            page: Vec<Page>,
        }
        let source = "titel = \"A\"\nyear = \"1999\"\ncolour = 1\n[[page]]\ntitle = 3\ndescripton = \"x\"\ndarft = true\n\
                      [[page]]\ndraft = false\n[[page]]\ntitle = \"c\"\nextra = { a = 1 }\n";
        let (book, mut problems) = read_toml::<Book>(source);
        assert!(book.is_none());
        problems.sort_by_key(|problem| (problem.line, problem.column));
        let shown: String = (problems.iter())
            .map(|p| format!("{}:{} {} {}\n", p.line, p.column, p.message, p.remedy))
            .collect();
        expect_test::expect![[r#"
            1:1 Der Schlüssel „titel“ ist hier nicht bekannt. Gemeint ist vielleicht „title“. Erlaubt sind: title, year, page.
            2:8 Der Wert hat die falsche Art (invalid type: string "1999", expected u32). Schreiben Sie den Wert in der Art, die an dieser Stelle erwartet wird.
            3:1 Der Schlüssel „colour“ ist hier nicht bekannt. Erlaubt sind: title, year, page.
            5:9 Der Wert hat die falsche Art (invalid type: integer `3`, expected a string). Setzen Sie den Wert in Anführungszeichen.
            6:1 Der Schlüssel „descripton“ ist hier nicht bekannt. Gemeint ist vielleicht „description“. Erlaubt sind: title, description, draft.
            7:1 Der Schlüssel „darft“ ist hier nicht bekannt. Gemeint ist vielleicht „draft“. Erlaubt sind: title, description, draft.
            8:1 Der Schlüssel „title“ fehlt. Ergänzen Sie eine Zeile title = …
            12:1 Der Schlüssel „extra“ ist hier nicht bekannt. Erlaubt sind: title, description, draft.
        "#]].assert_eq(&shown);
        // Where only unknown keys are wrong, the rest is read, a mistyped key under the name that was meant.
        let (book, problems) = read_toml::<Book>("titel = \"A\"\nyear = 1999\ncolour = 1\npage = []\n");
        assert_eq!((book.map(|book| book.title), problems.len()), (Some("A".to_owned()), 2));
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        assert_eq!(line_and_column("äöü x", 7), (1, 5));
        assert_eq!(line_and_column("a\nb", 99), (2, 2));
    }
}
