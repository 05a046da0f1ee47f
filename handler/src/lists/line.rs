//! Reading a list line by line: column by column, every problem with its line and column.

use super::{List, ListProblem};
use crate::clock::read_day;
use crate::zugang::plain_email;
use csv::{ReaderBuilder, StringRecord};
use form::{Cent, Schulnummer, Traegernummer};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

/// Reads a list; all problems of all lines at once.
pub(super) fn read<T>(
    bytes: &[u8],
    required: &[&str],
    optional: &[&str],
    mut row: impl FnMut(&mut Line<'_>) -> Option<T>,
) -> Result<List<T>, Vec<ListProblem>> {
    let (text, saved_as) = decoded(bytes);
    let whole = |message: String| {
        Err(vec![ListProblem {
            line: 0,
            column: String::new(),
            message,
        }])
    };
    if bytes.starts_with(b"PK") || text.contains(|c: char| c.is_control() && !"\t\r\n\u{7f}".contains(c)) {
        return whole(
            "Das ist keine CSV-Datei. Speichern Sie die Liste in Excel als „CSV UTF-8 (durch Trennzeichen getrennt)“."
                .to_owned(),
        );
    }
    // One kind of line end, so that lines are counted as an editor counts them. Excel writes `sep=;` for itself.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.strip_prefix("sep=;").unwrap_or(&text);
    let mut reader = ReaderBuilder::new()
        .delimiter(b';')
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut problems = Vec::new();
    let header = reader.headers().cloned().unwrap_or_default();
    if let Some(separator) = other_separator(&header, required) {
        return whole(format!(
            "Die Datei ist mit {separator} statt Semikolon gespeichert. Speichern Sie sie mit Semikolon als Trennzeichen."
        ));
    }
    let columns: HashMap<String, usize> = header
        .iter()
        .enumerate()
        .map(|(n, name)| (name.to_owned(), n))
        .collect();
    for name in required.iter().filter(|name| !columns.contains_key(**name)) {
        let message = format!("Die Spalte fehlt. Die Kopfzeile braucht: {}.", required.join(";"));
        problems.push(ListProblem {
            line: 1,
            column: (*name).to_owned(),
            message,
        });
    }
    for name in header
        .iter()
        .filter(|name| !required.contains(name) && !optional.contains(name) && !name.is_empty())
    {
        let message = "Die Spalte ist nicht bekannt. Löschen Sie sie oder berichtigen Sie ihren Namen.".to_owned();
        problems.push(ListProblem {
            line: 1,
            column: name.to_owned(),
            message,
        });
    }
    for (n, name) in header.iter().enumerate() {
        if !name.is_empty() && header.iter().take(n).any(|known| known == name) {
            let message = "Die Spalte steht zweimal da. Löschen Sie eine der beiden.".to_owned();
            problems.push(ListProblem {
                line: 1,
                column: name.to_owned(),
                message,
            });
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(ListProblem {
                    line,
                    column: "–".to_owned(),
                    message: "Die Zeile lässt sich nicht lesen. Prüfen Sie die Anführungszeichen.".to_owned(),
                });
                continue;
            }
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        let mut line = Line {
            record: &record,
            columns: &columns,
            problems: &mut problems,
        };
        line.report_what_no_column_holds(header.len());
        rows.extend(row(&mut line));
    }
    if rows.is_empty() && problems.is_empty() {
        let message = "Unter der Kopfzeile steht nichts. Prüfen Sie, ob es die richtige Datei ist.".to_owned();
        problems.push(ListProblem {
            line: 1,
            column: "–".to_owned(),
            message,
        });
    }
    if problems.is_empty() {
        Ok(List { rows, saved_as })
    } else {
        Err(problems)
    }
}

fn decoded(bytes: &[u8]) -> (String, Option<&'static str>) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => {
            let (text, encoding, _) = encoding_rs::WINDOWS_1252.decode(bytes);
            let name = if encoding == encoding_rs::WINDOWS_1252 {
                "Windows-1252"
            } else {
                "UTF-16"
            };
            (text.into_owned(), Some(name))
        }
    }
}

/// What stands between the names of the header, where that is no semicolon.
fn other_separator(header: &StringRecord, required: &[&str]) -> Option<&'static str> {
    let [head] = header.iter().collect::<Vec<_>>()[..] else {
        return None;
    };
    let known = |separator: char| {
        head.split(separator)
            .filter(|name| required.contains(&name.trim()))
            .count()
            > 1
    };
    match () {
        () if known(',') || head == "sep=," => Some("Komma"),
        () if known('\t') => Some("Tabulator"),
        () => None,
    }
}

/// One line, read by column names.
pub(super) struct Line<'l> {
    record: &'l StringRecord,
    columns: &'l HashMap<String, usize>,
    problems: &'l mut Vec<ListProblem>,
}

impl Line<'_> {
    pub(super) fn text(&self, column: &str) -> String {
        self.columns
            .get(column)
            .and_then(|n| self.record.get(*n))
            .unwrap_or_default()
            .to_owned()
    }

    /// 1 is the header.
    pub(super) fn number(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    pub(super) fn report(&mut self, column: &str, message: String) {
        self.problems.push(ListProblem {
            line: self.number(),
            column: column.to_owned(),
            message,
        });
    }

    /// A forgotten quotation mark or a semicolon too many would lose something without a word.
    fn report_what_no_column_holds(&mut self, columns: usize) {
        if self.record.iter().any(|cell| cell.contains('\n')) {
            self.report(
                "–",
                "Eine Angabe reicht über mehrere Zeilen. Prüfen Sie die Anführungszeichen.".to_owned(),
            );
        }
        if self.record.iter().skip(columns).any(|cell| !cell.is_empty()) {
            self.report(
                "–",
                "Die Zeile hat mehr Angaben als die Kopfzeile Spalten. Prüfen Sie die Semikolons.".to_owned(),
            );
        }
    }

    /// Reads a column, or reports what was expected instead.
    fn expect<T>(&mut self, column: &str, read: impl Fn(&str) -> Option<T>, expected: &str) -> Option<T> {
        let text = self.text(column);
        let value = read(&text);
        if value.is_none() {
            let message = match text.as_str() {
                "" => format!("Die Zelle ist leer. Erwartet wird: {expected}."),
                _ => format!("„{text}“ ist nicht, was hier erwartet wird: {expected}."),
            };
            self.report(column, message);
        }
        value
    }

    pub(super) fn filled(&mut self, column: &str) -> Option<String> {
        self.expect(
            column,
            |text| (!text.is_empty()).then(|| text.to_owned()),
            "ein Eintrag",
        )
    }

    pub(super) fn one_of(&mut self, column: &str, allowed: &[&str]) -> Option<String> {
        self.expect(
            column,
            |text| allowed.contains(&text).then(|| text.to_owned()),
            &format!("einer der Werte {}", allowed.join(", ")),
        )
    }

    pub(super) fn traegernummer(&mut self, column: &str) -> Option<Traegernummer> {
        self.expect(column, Traegernummer::parse, "fünf Ziffern")
    }

    pub(super) fn schulnummer(&mut self, column: &str) -> Option<Schulnummer> {
        self.expect(column, Schulnummer::parse, "sechs Ziffern")
    }

    pub(super) fn euros(&mut self, column: &str) -> Option<Cent> {
        self.expect(
            column,
            euros,
            "ein Betrag in Euro mit Dezimalkomma, zum Beispiel 25000,00",
        )
    }

    /// Nothing where the column is empty or not there.
    pub(super) fn if_filled<T>(&mut self, column: &str, read: impl Fn(&mut Self, &str) -> Option<T>) -> Option<T> {
        if self.text(column).is_empty() {
            None
        } else {
            read(self, column)
        }
    }

    pub(super) fn day(&mut self, column: &str) -> Option<Date> {
        self.if_filled(column, |line, column| {
            line.expect(column, read_day, "ein Tag wie 2026-08-01 oder 1.8.2026")
        })
    }

    pub(super) fn emails(&mut self, column: &str) -> Vec<String> {
        let text = self.text(column);
        let emails: Vec<String> = text
            .split(',')
            .map(plain_email)
            .filter(|email| !email.is_empty())
            .collect();
        for email in &emails {
            if !looks_like_an_address(email) {
                self.report(
                    column,
                    format!("„{email}“ ist keine E-Mail-Adresse. Trennen Sie mehrere Adressen durch Kommas."),
                );
            }
        }
        emails
    }

    /// No value of a column may come twice.
    pub(super) fn once(&mut self, seen: &mut HashSet<String>, column: &str) {
        let text = self.text(column);
        if !text.is_empty() && !seen.insert(text.clone()) {
            self.report(
                column,
                format!("„{text}“ steht schon in einer Zeile davor. Löschen Sie eine der beiden."),
            );
        }
    }
}

/// One `@`, something before it, and names with dots between them after it.
pub(super) fn looks_like_an_address(email: &str) -> bool {
    let Some((name, host)) = email.split_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@;,<>\"".contains(c);
    !name.is_empty()
        && email.replacen('@', "", 1).chars().all(plain)
        && host.contains('.')
        && host.split('.').all(|part| !part.is_empty())
}

/// `25000,00`, `25.000,00`, `25 000,00 €` or `25000`; below a milliard.
fn euros(text: &str) -> Option<Cent> {
    let text = text.strip_suffix('€').unwrap_or(text).trim_end();
    let (whole, cents) = text.split_once(',').unwrap_or((text, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let groups: Vec<&str> = whole.split(|c: char| c == '.' || c.is_whitespace()).collect();
    let grouped = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    let whole = groups.concat();
    if !grouped || !groups.into_iter().all(digits) || !digits(cents) || cents.len() > 2 || whole.len() > 9 {
        return None;
    }
    format!("{whole}{cents:0<2}").parse().ok().map(Cent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_in_addresses_are_seen() {
        assert!(looks_like_an_address("a.b@c-d.de"));
        for slip in ["a@b.de@c.de", "a@b..de", "a@b", "@b.de", "a b@c.de", "a@b.de;c@d.de"] {
            assert!(!looks_like_an_address(slip), "{slip}");
        }
    }
}
