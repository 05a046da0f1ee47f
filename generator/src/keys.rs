//! Reads a TOML table key by key: every wrong type, every missing and every unknown key becomes a problem at its own place, all in one go.

use std::collections::BTreeSet;
use std::ops::Range;

use form::problem::nearest;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{Problem, Source};

/// The code of every problem with a key.
const CODE: &str = "E-ANGABE";

/// A value with the byte offset, in the whole file, at which it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placed<T> {
    pub value: T,
    pub offset: usize,
}

/// A TOML text inside a file: the whole of `site.toml`, or the front matter of a page.
pub struct TomlText<'a> {
    /// The whole file.
    pub file: Source<'a>,
    /// Where in it the TOML stands.
    pub range: Range<usize>,
}

impl TomlText<'_> {
    /// The top-level table, or `None` and a problem when this is not TOML.
    pub fn parse(&self, code: &'static str, problems: &mut Vec<Problem>) -> Option<DeTable<'_>> {
        let text = &self.file.text[self.range.clone()];
        match DeTable::parse(text) {
            Ok(table) => Some(table.into_inner()),
            Err(error) => {
                let lines_before = self.file.text[..self.range.start].matches('\n').count();
                let found = form::problem::from_toml(text, &error);
                let mut problem = self.file.problem_in_toml(code, lines_before, found);
                if looks_like_a_date(&problem.source) {
                    problem.remedy =
                        "Schreiben Sie einen Tag, den es gibt, mit dem Jahr zuerst und ohne Anführungszeichen: 2026-11-01.".into();
                }
                problems.push(problem);
                None
            }
        }
    }

    /// A reader for a table of this text. `what` names the table in messages: "Der Kopf der Seite", "site.toml".
    pub fn keys<'t>(&'t self, table: &'t DeTable<'t>, what: &'t str, problems: &'t mut Vec<Problem>) -> Keys<'t> {
        Keys {
            text: self,
            table,
            at: self.range.start,
            what,
            problems,
            known: BTreeSet::new(),
            missing: Vec::new(),
        }
    }
}

/// Whether a line gives a key a value of digits with points or hyphens: `date = 1.11.2026`, `stand = 2026-02-30`.
fn looks_like_a_date(line: &str) -> bool {
    line.split_once('=').is_some_and(|(_, value)| {
        let value = value.trim();
        let separators = value.bytes().filter(|byte| matches!(byte, b'.' | b'-')).count();
        separators == 2
            && value
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
    })
}

/// Takes the known keys out of one table; [`Keys::finish`] reports the rest.
pub struct Keys<'t> {
    text: &'t TomlText<'t>,
    table: &'t DeTable<'t>,
    /// Where the table begins in the file.
    at: usize,
    what: &'t str,
    problems: &'t mut Vec<Problem>,
    known: BTreeSet<&'static str>,
    missing: Vec<&'static str>,
}

impl<'t> Keys<'t> {
    /// The raw value of a key.
    pub fn value(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.insert(key);
        self.table.get(key)
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<Placed<String>> {
        let value = self.value(key)?;
        let offset = self.offset(value);
        match value.get_ref().as_str() {
            Some(text) => Some(Placed {
                value: text.to_owned(),
                offset,
            }),
            None => {
                self.wrong_type(key, offset, "ein Text in Anführungszeichen", &format!("{key} = \"…\""));
                None
            }
        }
    }

    /// A text that must be there and must not be empty.
    pub fn required_text(&mut self, key: &'static str) -> Option<Placed<String>> {
        if self.table.get(key).is_none() {
            self.known.insert(key);
            self.missing.push(key);
            return None;
        }
        let text = self.text(key)?;
        if text.value.trim().is_empty() {
            self.report(
                "E-ANGABE-FEHLT",
                text.offset,
                format!("Die Angabe „{key}“ ist leer."),
                format!("Tragen Sie einen Text ein: {key} = \"…\"."),
            );
            return None;
        }
        Some(text)
    }

    /// A list of texts; empty when the key is not there.
    pub fn texts(&mut self, key: &'static str) -> Vec<Placed<String>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let remedy = format!("{key} = [\"…\"]");
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, self.offset(value), "eine Liste von Texten", &remedy);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Placed {
                    value: text.to_owned(),
                    offset: self.offset(item),
                }),
                None => self.wrong_type(key, self.offset(item), "eine Liste von Texten", &remedy),
            }
        }
        texts
    }

    /// A yes or no.
    pub fn flag(&mut self, key: &'static str) -> Option<Placed<bool>> {
        let value = self.value(key)?;
        let offset = self.offset(value);
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(
                key,
                offset,
                "true oder false (ohne Anführungszeichen)",
                &format!("{key} = true"),
            );
        }
        flag.map(|value| Placed { value, offset })
    }

    /// A language tag such as "de" or "en-GB".
    pub fn language(&mut self, key: &'static str) -> Option<String> {
        let Placed { value, offset } = self.text(key)?;
        let mut parts = value.split('-');
        let is_tag = parts
            .next()
            .is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase()))
            && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if !is_tag {
            self.wrong_type(key, offset, "das Kürzel einer Sprache", &format!("{key} = \"de\""));
        }
        is_tag.then_some(value)
    }

    /// A whole number.
    pub fn integer(&mut self, key: &'static str) -> Option<i64> {
        let value = self.value(key)?;
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|digits| i64::from_str_radix(digits.as_str(), digits.radix()).ok());
        if number.is_none() {
            self.wrong_type(
                key,
                self.offset(value),
                "eine ganze Zahl (ohne Anführungszeichen)",
                &format!("{key} = 10"),
            );
        }
        number
    }

    /// A day.
    pub fn date(&mut self, key: &'static str) -> Option<Placed<Date>> {
        let value = self.value(key)?;
        let date = value
            .get_ref()
            .as_datetime()
            .filter(|datetime| datetime.time.is_none())
            .and_then(|datetime| {
                let date = datetime.date?;
                Date::new(
                    i16::try_from(date.year).ok()?,
                    i8::try_from(date.month).ok()?,
                    i8::try_from(date.day).ok()?,
                )
                .ok()
            });
        let offset = self.offset(value);
        if date.is_none() {
            self.wrong_type(
                key,
                offset,
                "ein Datum ohne Anführungszeichen",
                &format!("{key} = 2026-11-01"),
            );
        }
        date.map(|value| Placed { value, offset })
    }

    /// A table of its own: `[key]`.
    pub fn table(&mut self, key: &'static str) -> Option<(&'t DeTable<'t>, usize)> {
        let value = self.value(key)?;
        let offset = self.offset(value);
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(key, offset, "ein Abschnitt", &format!("[{key}]"));
        }
        table.map(|table| (table, offset))
    }

    /// A list of tables: `[[key]]`.
    pub fn tables(&mut self, key: &'static str) -> Vec<(&'t DeTable<'t>, usize)> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let array = value.get_ref().as_array();
        let tables: Vec<_> = array
            .into_iter()
            .flat_map(|array| array.iter())
            .filter_map(|item| Some((item.get_ref().as_table()?, self.offset(item))))
            .collect();
        if array.is_none_or(|array| array.len() != tables.len()) {
            let offset = self.offset(value);
            self.wrong_type(key, offset, "eine Reihe von Abschnitten", &format!("[[{key}]]"));
        }
        tables
    }

    /// A problem of the caller's own at a place in this file.
    pub fn report(&mut self, code: &'static str, offset: usize, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(self.text.file.error(code, offset, message, remedy));
    }

    /// Where a key or a value stands in the file.
    pub fn offset<T>(&self, spanned: &Spanned<T>) -> usize {
        self.text.range.start + spanned.span().start
    }

    /// Lets a nested table be read while this one is still open.
    pub fn nested<'n>(&'n mut self, (table, at): (&'n DeTable<'n>, usize), what: &'n str) -> Keys<'n>
    where
        't: 'n,
    {
        Keys {
            text: self.text,
            table,
            at,
            what,
            problems: self.problems,
            known: BTreeSet::new(),
            missing: Vec::new(),
        }
    }

    /// Reports every key that nobody has asked for, and every required one that is missing.
    pub fn finish(mut self) {
        let known: Vec<&str> = self.known.iter().copied().collect();
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if self.known.contains(name) {
                continue;
            }
            let meant = nearest(name, &known);
            let remedy = match meant {
                Some(meant) => format!("Meinten Sie „{meant}“?"),
                None => format!("Möglich sind: {}.", known.join(", ")),
            };
            // A key that was only mistyped is not missing.
            self.missing.retain(|missing| meant != Some(*missing));
            self.report(
                "E-ANGABE-UNBEKANNT",
                self.offset(key),
                format!("{} kennt die Angabe „{name}“ nicht.", self.what),
                remedy,
            );
        }
        for key in std::mem::take(&mut self.missing) {
            let message = format!("{} braucht die Angabe „{key}“.", self.what);
            self.report(
                "E-ANGABE-FEHLT",
                self.at,
                message,
                format!("Ergänzen Sie eine Zeile {key} = \"…\"."),
            );
        }
    }

    fn wrong_type(&mut self, key: &str, offset: usize, expected: &str, example: &str) {
        self.report(
            CODE,
            offset,
            format!("Bei „{key}“ wird {expected} erwartet."),
            format!("Schreiben Sie zum Beispiel: {example}"),
        );
    }
}
