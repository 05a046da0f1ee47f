//! What is wrong with a definition file, at which place, and how to mend it.

use serde::Serialize;

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

/// Translates what the TOML reader or serde says into a sentence with a remedy.
pub fn from_toml(source: &str, error: &toml::de::Error) -> Problem {
    let offset = error.span().map_or(0, |span| span.start);
    let said = error.message();
    let quoted: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    let (message, remedy) = match quoted.as_slice() {
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
    fn columns_count_characters_not_bytes() {
        assert_eq!(line_and_column("äöü x", 7), (1, 5));
        assert_eq!(line_and_column("a\nb", 99), (2, 2));
    }
}
