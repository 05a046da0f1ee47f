//! The one shortcode of Markdown texts: `{{ frist(id="serverprotokoll") }}` prints a period of the deletion concept in words.

use form::loeschkonzept::{Fall, Klasse, Loeschkonzept};
use form::problem::nearest;

use crate::problem::Refusal;

/// The Löschklassen that a text can refer to.
#[derive(Debug, Clone, Copy)]
pub enum Klassen<'a> {
    /// The site has no deletion concept.
    Missing,
    /// It has one with problems of its own; what refers to it is not judged.
    Unreadable,
    Known(&'a Loeschkonzept),
}

/// One `{{ … }}` found in a text: what it prints, and which Löschklasse it printed.
pub struct Expansion {
    /// Byte range of the shortcode in the text, braces included.
    pub range: std::ops::Range<usize>,
    pub result: Result<Frist, Refusal>,
}

/// A period as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frist {
    pub klasse: String,
    pub words: String,
}

/// Finds every shortcode of a text and works out what it prints.
pub fn expand(text: &str, klassen: Klassen<'_>) -> Vec<Expansion> {
    let mut expansions = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let Some(close) = text[open..].find("}}").map(|at| open + at) else {
            let refusal = (
                "E-KURZBEFEHL",
                "Nach „{{“ fehlt „}}“ in derselben Zeile.".to_owned(),
                USAGE.to_owned(),
            );
            expansions.push(Expansion {
                range: open..text.len(),
                result: Err(refusal),
            });
            break;
        };
        let result = call(text[open + 2..close].trim(), klassen);
        expansions.push(Expansion {
            range: open..close + 2,
            result,
        });
        from = close + 2;
    }
    expansions
}

const USAGE: &str =
    "Schreiben Sie {{ frist(id=\"serverprotokoll\") }} oder {{ frist(id=\"serverprotokoll\", fall=\"dativ\") }}.";

/// Works out one call: its name, its arguments, and the words of the period.
fn call(inner: &str, klassen: Klassen<'_>) -> Result<Frist, Refusal> {
    let (name, rest) = inner.split_once('(').ok_or_else(|| not_readable(inner))?;
    let arguments = rest.strip_suffix(')').ok_or_else(|| not_readable(inner))?;
    if name.trim() != "frist" {
        let message = format!("Den Befehl „{}“ gibt es nicht.", name.trim());
        return Err(("E-KURZBEFEHL", message, USAGE.to_owned()));
    }
    let (mut id, mut fall) = (None, Fall::Nominativ);
    for argument in arguments
        .split(',')
        .map(str::trim)
        .filter(|argument| !argument.is_empty())
    {
        match argument_parts(argument).ok_or_else(|| not_readable(inner))? {
            ("id", value) => id = Some(value),
            ("fall", "nominativ") => fall = Fall::Nominativ,
            ("fall", "dativ") => fall = Fall::Dativ,
            ("fall", value) => {
                let message = format!("Den Fall „{value}“ kennt frist nicht.");
                return Err(wrong_argument(message, "Möglich sind nominativ und dativ."));
            }
            (key, _) => return Err(wrong_argument(format!("Die Angabe „{key}“ kennt frist nicht."), USAGE)),
        }
    }
    let id = id.ok_or_else(|| wrong_argument("Bei frist fehlt die Angabe id.".to_owned(), USAGE))?;
    let words = klassen
        .find(id)?
        .map(|klasse| klasse.frist_text(fall))
        .unwrap_or_default();
    Ok(Frist {
        klasse: id.to_owned(),
        words,
    })
}

/// Key and value of `id="serverprotokoll"`.
fn argument_parts(argument: &str) -> Option<(&str, &str)> {
    let (key, value) = argument.split_once('=')?;
    let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
    Some((key.trim(), value))
}

fn not_readable(inner: &str) -> Refusal {
    let message = format!("„{inner}“ lässt sich nicht lesen.");
    ("E-KURZBEFEHL", message, USAGE.to_owned())
}

fn wrong_argument(message: String, remedy: &str) -> Refusal {
    ("E-KURZBEFEHL-ANGABE", message, remedy.to_owned())
}

impl<'a> Klassen<'a> {
    /// A Löschklasse by its id; `None` while the deletion concept cannot be read.
    pub fn find(self, id: &str) -> Result<Option<&'a Klasse>, Refusal> {
        let remedy = match self {
            Klassen::Unreadable => return Ok(None),
            Klassen::Missing => "Die Site hat keine loeschkonzept.toml; legen Sie sie neben site.toml an.".to_owned(),
            Klassen::Known(loeschkonzept) => match loeschkonzept.klasse(id) {
                Some(klasse) => return Ok(Some(klasse)),
                None => match nearest(
                    id,
                    &loeschkonzept
                        .klassen
                        .iter()
                        .map(|klasse| klasse.id.as_str())
                        .collect::<Vec<_>>(),
                ) {
                    Some(near) => format!("Meinten Sie „{near}“?"),
                    None => "Ergänzen Sie die Löschklasse in loeschkonzept.toml.".to_owned(),
                },
            },
        };
        Err((
            "E-LOESCHKLASSE",
            format!("Die Löschklasse „{id}“ steht nicht in loeschkonzept.toml."),
            remedy,
        ))
    }
}
