//! The office's lists: Träger, schools, allocations. Semicolons, header names in any order, UTF-8 or Windows-1252.

use crate::store::Zuweisung;
use csv::{ReaderBuilder, StringRecord};
use form::{Cent, Schulnummer, Traegernummer};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use std::fmt;

/// One line of `traeger.csv`.
#[derive(Debug)]
pub struct TraegerZeile {
    pub nummer: Traegernummer,
    pub name: String,
    pub bezirksregierung: String,
    /// 1 public, 2 private.
    pub rechtsform: String,
    /// In lower case.
    pub emails: Vec<String>,
    /// The first and the last day on which the Träger exists, where the list says so.
    pub gueltig_ab: Option<Date>,
    pub gueltig_bis: Option<Date>,
    /// The Träger that took over.
    pub nachfolger: Option<Traegernummer>,
}

/// One line of `schulen.csv`.
#[derive(Debug)]
pub struct SchuleZeile {
    pub traeger: Traegernummer,
    pub nummer: Schulnummer,
    pub kurzbezeichnung: String,
    pub schulform: String,
    pub aufnahmejahr: String,
}

/// What is wrong with a list: line (1 is the header), column name, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
pub struct ListProblem {
    pub line: u64,
    pub column: String,
    pub message: String,
}

impl fmt::Display for ListProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zeile {}, Spalte {}: {}", self.line, self.column, self.message)
    }
}

/// A read list, and whether its file was saved as Windows-1252.
#[derive(Debug)]
pub struct List<T> {
    pub rows: Vec<T>,
    pub windows_1252: bool,
}

pub fn traeger(bytes: &[u8]) -> Result<List<TraegerZeile>, Vec<ListProblem>> {
    let required = ["Traegernummer", "Traeger", "Bezirksregierung", "Rechtsform", "E-Mail"];
    let mut seen = HashSet::new();
    let optional = ["Gueltig_ab", "Gueltig_bis", "Nachfolger"];
    read(bytes, &required, &optional, |line| {
        let nummer = line.traegernummer("Traegernummer");
        line.once(&mut seen, "Traegernummer");
        Some(TraegerZeile {
            name: line.filled("Traeger")?,
            bezirksregierung: line.one_of("Bezirksregierung", &["1", "3", "5", "7", "9"])?,
            rechtsform: line.one_of("Rechtsform", &["1", "2"])?,
            emails: line.emails("E-Mail"),
            gueltig_ab: line.day("Gueltig_ab"),
            gueltig_bis: line.day("Gueltig_bis"),
            nachfolger: line.if_filled("Nachfolger", Line::traegernummer),
            nummer: nummer?,
        })
    })
}

pub fn schulen(bytes: &[u8], alle_traeger: &[TraegerZeile]) -> Result<List<SchuleZeile>, Vec<ListProblem>> {
    let required = [
        "Traegernummer",
        "Schulnummer",
        "Kurzbezeichnung",
        "Schulform",
        "Aufnahmejahr",
    ];
    let known: HashSet<&str> = alle_traeger.iter().map(|traeger| traeger.nummer.as_str()).collect();
    let mut seen = HashSet::new();
    read(bytes, &required, &[], |line| {
        let traeger = line.traegernummer("Traegernummer");
        if let Some(unknown) = traeger.as_ref().filter(|traeger| !known.contains(traeger.as_str())) {
            line.report("Traegernummer", format!("Den Träger {unknown} gibt es in der Trägerliste nicht. Ergänzen Sie ihn dort oder berichtigen Sie die Nummer."));
        }
        line.once(&mut seen, "Schulnummer");
        Some(SchuleZeile {
            nummer: line.schulnummer("Schulnummer")?,
            kurzbezeichnung: line.filled("Kurzbezeichnung")?,
            schulform: line.filled("Schulform")?,
            aufnahmejahr: line.text("Aufnahmejahr"),
            traeger: traeger?,
        })
    })
}

pub fn zuweisungen(bytes: &[u8]) -> Result<List<Zuweisung>, Vec<ListProblem>> {
    let mut seen = HashSet::new();
    read(
        bytes,
        &["Schulnummer", "Zugewiesen", "Uebertrag"],
        &["Meldet"],
        |line| {
            line.once(&mut seen, "Schulnummer");
            Some(Zuweisung {
                schulnummer: line.schulnummer("Schulnummer")?,
                zugewiesen: line.euros("Zugewiesen")?,
                uebertrag: if line.text("Uebertrag").is_empty() {
                    Cent(0)
                } else {
                    line.euros("Uebertrag")?
                },
                meldet: line.if_filled("Meldet", Line::traegernummer),
            })
        },
    )
}

/// Reads a list; all problems of all lines at once.
fn read<T>(
    bytes: &[u8],
    required: &[&str],
    optional: &[&str],
    mut row: impl FnMut(&mut Line<'_>) -> Option<T>,
) -> Result<List<T>, Vec<ListProblem>> {
    let (text, windows_1252) = decoded(bytes);
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
        Ok(List { rows, windows_1252 })
    } else {
        Err(problems)
    }
}

fn decoded(bytes: &[u8]) -> (String, bool) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(), true),
    }
}

/// One line, read by column names.
struct Line<'l> {
    record: &'l StringRecord,
    columns: &'l HashMap<String, usize>,
    problems: &'l mut Vec<ListProblem>,
}

impl Line<'_> {
    fn text(&self, column: &str) -> String {
        self.columns
            .get(column)
            .and_then(|n| self.record.get(*n))
            .unwrap_or_default()
            .to_owned()
    }

    fn report(&mut self, column: &str, message: String) {
        let line = self.record.position().map_or(0, csv::Position::line);
        self.problems.push(ListProblem {
            line,
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
            self.report(
                column,
                format!("„{text}“ ist nicht, was hier erwartet wird: {expected}."),
            );
        }
        value
    }

    fn filled(&mut self, column: &str) -> Option<String> {
        self.expect(
            column,
            |text| (!text.is_empty()).then(|| text.to_owned()),
            "ein Eintrag",
        )
    }

    fn one_of(&mut self, column: &str, allowed: &[&str]) -> Option<String> {
        self.expect(
            column,
            |text| allowed.contains(&text).then(|| text.to_owned()),
            &format!("einer der Werte {}", allowed.join(", ")),
        )
    }

    fn traegernummer(&mut self, column: &str) -> Option<Traegernummer> {
        self.expect(column, Traegernummer::parse, "fünf Ziffern")
    }

    fn schulnummer(&mut self, column: &str) -> Option<Schulnummer> {
        self.expect(column, Schulnummer::parse, "sechs Ziffern")
    }

    fn euros(&mut self, column: &str) -> Option<Cent> {
        self.expect(
            column,
            euros,
            "ein Betrag in Euro mit Dezimalkomma, zum Beispiel 25000,00",
        )
    }

    /// Nothing where the column is empty or not there.
    fn if_filled<T>(&mut self, column: &str, read: impl Fn(&mut Self, &str) -> Option<T>) -> Option<T> {
        if self.text(column).is_empty() {
            None
        } else {
            read(self, column)
        }
    }

    fn day(&mut self, column: &str) -> Option<Date> {
        self.if_filled(column, |line, column| {
            line.expect(column, |text| text.parse().ok(), "ein Tag wie 2026-08-01")
        })
    }

    fn emails(&mut self, column: &str) -> Vec<String> {
        let text = self.text(column);
        let emails: Vec<String> = text
            .split(',')
            .map(|email| email.trim().to_lowercase())
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
    fn once(&mut self, seen: &mut HashSet<String>, column: &str) {
        let text = self.text(column);
        if !seen.insert(text.clone()) {
            self.report(
                column,
                format!("„{text}“ steht schon in einer Zeile davor. Löschen Sie eine der beiden."),
            );
        }
    }
}

/// One `@`, something before it, and names with dots between them after it.
fn looks_like_an_address(email: &str) -> bool {
    let Some((name, host)) = email.split_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@;,<>\"".contains(c);
    !name.is_empty()
        && email.replacen('@', "", 1).chars().all(plain)
        && host.contains('.')
        && host.split('.').all(|part| !part.is_empty())
}

/// `25000,00`, `25.000,00` or `25000`; below a milliard.
fn euros(text: &str) -> Option<Cent> {
    let (whole, cents) = text.split_once(',').unwrap_or((text, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let groups: Vec<&str> = whole.split('.').collect();
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
    fn the_demo_register_is_read_whole() {
        let alle_traeger = traeger(include_bytes!("../demo/traeger.csv"))
            .expect("traeger.csv")
            .rows;
        assert_eq!(alle_traeger.len(), 143);
        assert_eq!(
            schulen(include_bytes!("../demo/schulen.csv"), &alle_traeger)
                .expect("schulen.csv")
                .rows
                .len(),
            920
        );
        assert_eq!(
            zuweisungen(include_bytes!("../demo/zuweisungen.csv"))
                .expect("zuweisungen.csv")
                .rows
                .len(),
            920
        );
    }

    #[test]
    fn every_problem_of_a_list_is_named_with_line_and_column() {
        let list = "Traeger;Traegernummer;Rechtsform;Bezirksregierung;E-Mail\nStadt A;1005;1;1;a@b.de\nStadt B;10054;3;2;x\nStadt C;10054;1;1;";
        let problems: Vec<String> = traeger(list.as_bytes())
            .expect_err("problems")
            .iter()
            .map(ListProblem::to_string)
            .collect();
        expect_test::expect![[r#"
            Zeile 2, Spalte Traegernummer: „1005“ ist nicht, was hier erwartet wird: fünf Ziffern.
            Zeile 3, Spalte Bezirksregierung: „2“ ist nicht, was hier erwartet wird: einer der Werte 1, 3, 5, 7, 9.
            Zeile 4, Spalte Traegernummer: „10054“ steht schon in einer Zeile davor. Löschen Sie eine der beiden."#]]
        .assert_eq(&problems.join("\n"));
    }

    #[test]
    fn lines_are_counted_as_excel_saves_them() {
        let list = "sep=;\r\nSchulnummer;Zugewiesen;Uebertrag\r\n100092;1,00;\r\n100094;x;\r\n";
        assert_eq!(zuweisungen(list.as_bytes()).expect_err("a problem")[0].line, 4);
    }

    #[test]
    fn nothing_of_a_list_is_lost_without_a_word() {
        let problem = |rows: &str| {
            let list = format!("Schulnummer;Zugewiesen;Uebertrag\n{rows}");
            zuweisungen(list.as_bytes()).expect_err("a problem")[0].message.clone()
        };
        assert!(problem("100092;1,00;0;99\n").starts_with("Die Zeile hat mehr Angaben"));
        assert!(problem("100092;1,00;\"0\n100094;2,00;0\n").starts_with("Eine Angabe reicht über mehrere Zeilen"));
        assert!(problem("").starts_with("Unter der Kopfzeile steht nichts"));
        assert!(problem("100092;25000.50;0\n").contains("Betrag in Euro mit Dezimalkomma"));
        assert!(problem("100092;1.2.3;0\n").contains("Betrag in Euro mit Dezimalkomma"));
        assert!(
            !looks_like_an_address("a@b.de@c.de")
                && !looks_like_an_address("a@b..de")
                && looks_like_an_address("a.b@c-d.de")
        );
    }

    #[test]
    fn columns_that_may_be_there_are_read_where_they_are() {
        let list = "Traegernummer;Traeger;Bezirksregierung;Rechtsform;E-Mail;Nachfolger;Gueltig_bis\n10054;Stadt A;1;1;;10066;2026-07-31\n10066;Stadt B;1;1;;;\n";
        let rows = traeger(list.as_bytes()).expect("a list").rows;
        assert_eq!(rows[0].nachfolger, Traegernummer::parse("10066"));
        assert_eq!(
            rows[0].gueltig_bis.map(|day| day.to_string()).as_deref(),
            Some("2026-07-31")
        );
        assert_eq!(rows[1].nachfolger, None);
        let wrong = list.replace("2026-07-31", "31.7.26");
        assert_eq!(
            traeger(wrong.as_bytes()).expect_err("a problem")[0].column,
            "Gueltig_bis"
        );
    }

    #[test]
    fn windows_1252_and_a_byte_order_mark_are_understood() {
        let mut list = b"Traegernummer;Traeger;Bezirksregierung;Rechtsform;E-Mail\n10042;Stadt D".to_vec();
        list.extend(b"\xFCsseldorf;1;1;A@B.de, c@d.de\n");
        let read = traeger(&list).expect("a list");
        assert!(read.windows_1252);
        assert_eq!(read.rows[0].name, "Stadt Düsseldorf");
        assert_eq!(read.rows[0].emails, ["a@b.de", "c@d.de"]);
        let with_mark = b"\xEF\xBB\xBFSchulnummer;Zugewiesen;Uebertrag\n100092;25.000,5;\n";
        assert_eq!(
            zuweisungen(with_mark).expect("a list").rows[0].zugewiesen,
            Cent(2_500_050)
        );
    }
}
