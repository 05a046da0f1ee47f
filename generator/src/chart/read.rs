//! Reading the table of a chart from CSV, line by line; the first slip ends it and is named with its place.

use super::{MAX_ROWS, MAX_SERIES, Row, Table};

/// What is wrong with the CSV of a chart. Line and column count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvProblem {
    pub line: usize,
    pub column: usize,
    pub message: String,
    pub remedy: String,
}

/// Reads a table: separated by `;`, the first line names the columns, the first column names the rows, everything else is a number
/// as Germans write it. An empty cell is a number that is not known.
pub fn parse(csv: &str) -> Result<Table, CsvProblem> {
    let csv = csv.strip_prefix('\u{feff}').unwrap_or(csv);
    let mut lines = csv
        .lines()
        .enumerate()
        .map(|(index, text)| Line {
            number: index + 1,
            text,
        })
        .filter(|line| !line.is_blank() && !line.is_separator());
    let first = lines.next().ok_or_else(no_rows)?;
    let mut header = first.cells()?;
    check_header(&first, &mut header)?;

    let (mut rows, mut decimals) = (Vec::new(), 0);
    for line in lines {
        if rows.len() == MAX_ROWS {
            return Err(line.problem(
                0,
                format!("Das Diagramm hat mehr als {MAX_ROWS} Zeilen."),
                "Fassen Sie Zeilen zusammen, oder zeigen Sie die Zahlen als Tabelle.",
            ));
        }
        rows.push(read_row(&line, &header, &mut decimals)?);
    }
    if rows.iter().all(|row| row.values.iter().all(Option::is_none)) {
        return Err(no_rows());
    }
    let label = header.remove(0);
    Ok(Table {
        label,
        series: header,
        rows,
        decimals,
    })
}

fn no_rows() -> CsvProblem {
    CsvProblem {
        line: 1,
        column: 1,
        message: "Die Datei enthält keine Zahlen.".to_owned(),
        remedy: "Die erste Zeile nennt die Spalten; schreiben Sie darunter je Zeile eine Bezeichnung und ihre Zahlen, zum Beispiel: Detmold;1.250,5".to_owned(),
    }
}

/// Empty columns at the end come from Excel and mean nothing.
fn check_header(line: &Line<'_>, header: &mut Vec<String>) -> Result<(), CsvProblem> {
    while header.last().is_some_and(String::is_empty) {
        header.pop();
    }
    if header.len() < 2 {
        return Err(line.problem(
            0,
            "Die Kopfzeile nennt keine Spalte mit Zahlen.".to_owned(),
            "Trennen Sie die Spalten durch Semikolons, zum Beispiel: Bezirksregierung;Schulen",
        ));
    }
    if let Some(unnamed) = header.iter().position(String::is_empty) {
        return Err(line.problem(
            unnamed,
            format!("Die {}. Spalte hat keine Überschrift.", unnamed + 1),
            "Geben Sie jeder Spalte in der ersten Zeile einen Namen.",
        ));
    }
    if header.len() - 1 > MAX_SERIES {
        return Err(line.problem(
            MAX_SERIES + 1,
            format!("Das Diagramm hat mehr als {MAX_SERIES} Spalten mit Zahlen."),
            "Verteilen Sie die Spalten auf mehrere Diagramme, oder zeigen Sie die Zahlen als Tabelle.",
        ));
    }
    Ok(())
}

fn read_row(line: &Line<'_>, header: &[String], decimals: &mut usize) -> Result<Row, CsvProblem> {
    let cells = line.cells()?;
    if let Some(more) = (header.len()..cells.len()).find(|&cell| !cells[cell].is_empty()) {
        return Err(line.problem(
            more,
            "Die Zeile hat mehr Angaben als die Kopfzeile Spalten.".to_owned(),
            "Prüfen Sie die Semikolons.",
        ));
    }
    if cells.len() < header.len() {
        return Err(line.problem(
            cells.len() - 1,
            "Die Zeile hat weniger Angaben als die Kopfzeile Spalten.".to_owned(),
            "Prüfen Sie die Semikolons. Eine Zahl, die nicht bekannt ist, bleibt zwischen zwei Semikolons leer.",
        ));
    }
    if cells[0].is_empty() {
        return Err(line.problem(
            0,
            "Die Zeile hat keine Bezeichnung.".to_owned(),
            "Schreiben Sie in die erste Spalte, wofür die Zahlen stehen.",
        ));
    }
    let mut values = Vec::with_capacity(header.len() - 1);
    for (index, cell) in cells.iter().enumerate().take(header.len()).skip(1) {
        if cell.is_empty() {
            values.push(None);
            continue;
        }
        let Some((value, places)) = number(cell) else {
            return Err(line.problem(
                index,
                format!("„{cell}“ ist keine Zahl in deutscher Schreibweise."),
                "Schreiben Sie Zahlen mit Dezimalkomma und ohne Einheit, zum Beispiel 12,5 oder 1.250.000. Was nicht bekannt ist, bleibt leer.",
            ));
        };
        *decimals = places.max(*decimals);
        values.push(Some(value));
    }
    Ok(Row {
        label: cells[0].clone(),
        values,
    })
}

/// One line of the file; every row of the table stands on a line of its own.
struct Line<'a> {
    number: usize,
    text: &'a str,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.text.chars().all(|c| c == ';' || c.is_whitespace())
    }

    /// Excel writes this line for itself.
    fn is_separator(&self) -> bool {
        self.number == 1 && self.text.eq_ignore_ascii_case("sep=;")
    }

    fn cells(&self) -> Result<Vec<String>, CsvProblem> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .has_headers(false)
            .flexible(true)
            .from_reader(self.text.as_bytes());
        let is_open = self.text.bytes().filter(|&byte| byte == b'"').count() % 2 == 1;
        match reader.records().next() {
            Some(Ok(record)) if !is_open => Ok(record.iter().map(|cell| cell.trim().to_owned()).collect()),
            _ => Err(self.problem(
                0,
                "Die Zeile lässt sich nicht lesen: Ein Anführungszeichen steht allein.".to_owned(),
                "Setzen Sie das zweite Anführungszeichen in dieselbe Zeile, oder löschen Sie das erste.",
            )),
        }
    }

    fn problem(&self, cell: usize, message: String, remedy: &str) -> CsvProblem {
        CsvProblem {
            line: self.number,
            column: self.column_of(cell),
            message,
            remedy: remedy.to_owned(),
        }
    }

    /// Where a cell begins; a semicolon between quotation marks begins none.
    fn column_of(&self, cell: usize) -> usize {
        let (mut is_quoted, mut cells) = (false, 0);
        for (index, character) in self.text.chars().enumerate() {
            if cells == cell {
                return index + 1;
            }
            match character {
                '"' => is_quoted = !is_quoted,
                ';' if !is_quoted => cells += 1,
                _ => {}
            }
        }
        self.text.chars().count().max(1)
    }
}

/// The value and how many digits stand behind its comma. Beyond fifteen digits a floating number would no longer be what was written.
fn number(text: &str) -> Option<(f64, usize)> {
    let (sign, amount) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(amount) => ("-", amount),
        None => ("", text),
    };
    let (whole, fraction) = match amount.split_once(',') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (amount, ""),
    };
    let groups: Vec<&str> = whole.split('.').collect();
    let is_grouped = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    let digits = groups.concat();
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number =
        is_grouped && groups.iter().all(|group| !group.is_empty() && are_digits(group)) && are_digits(fraction);
    if !is_number || digits.len() + fraction.len() > 15 {
        return None;
    }
    let value: f64 = format!("{sign}{digits}.{fraction}0").parse().ok()?;
    Some((value, fraction.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(csv: &str, expected: Expect) {
        let result = match parse(csv) {
            Ok(table) => format!("{table:?}"),
            Err(problem) => format!(
                "{}:{}: {} {}",
                problem.line, problem.column, problem.message, problem.remedy
            ),
        };
        expected.assert_eq(&result);
    }

    #[test]
    fn a_table_as_excel_saves_it_is_read() {
        check(
            "\u{feff}Bezirk;Mittel;\"Schulen; alle\";\r\nDetmold;1.250,50;80;\r\n;;;\r\n\"Köln\";-3;;\r\n",
            expect![[
                r#"Table { label: "Bezirk", series: ["Mittel", "Schulen; alle"], rows: [Row { label: "Detmold", values: [Some(1250.5), Some(80.0)] }, Row { label: "Köln", values: [Some(-3.0), None] }], decimals: 2 }"#
            ]],
        );
    }

    #[test]
    fn numbers_are_german() {
        let accepted = ["0", "1250", "1.250", "12,5", "-3", "\u{2212}0,25", "999.999.999,99"];
        assert!(accepted.iter().all(|text| number(text).is_some()));
        for refused in [
            "",
            "-",
            "1.5",
            "1,",
            ",5",
            "1.25.000",
            "12 €",
            "1e5",
            "1234567890123456",
            "+1",
            "NaN",
        ] {
            assert_eq!(number(refused), None, "{refused}");
        }
        assert_eq!(number("1.250,50"), Some((1250.5, 2)));
    }

    #[test]
    fn a_word_among_the_numbers_is_named_with_its_place() {
        check(
            "Ort;2025;2026\nKöln;1;2\nBonn;3;viele\n",
            expect![
                "3:8: „viele“ ist keine Zahl in deutscher Schreibweise. Schreiben Sie Zahlen mit Dezimalkomma und ohne Einheit, zum Beispiel 12,5 oder 1.250.000. Was nicht bekannt ist, bleibt leer."
            ],
        );
    }

    #[test]
    fn english_numbers_are_not_guessed_at() {
        check(
            "Ort;Quote\n\"Köln; Bonn\";12.5\n",
            expect![
                "2:14: „12.5“ ist keine Zahl in deutscher Schreibweise. Schreiben Sie Zahlen mit Dezimalkomma und ohne Einheit, zum Beispiel 12,5 oder 1.250.000. Was nicht bekannt ist, bleibt leer."
            ],
        );
    }

    #[test]
    fn a_file_without_numbers_is_refused() {
        check(
            "",
            expect![
                "1:1: Die Datei enthält keine Zahlen. Die erste Zeile nennt die Spalten; schreiben Sie darunter je Zeile eine Bezeichnung und ihre Zahlen, zum Beispiel: Detmold;1.250,5"
            ],
        );
        check(
            "Ort;2025\n",
            expect![
                "1:1: Die Datei enthält keine Zahlen. Die erste Zeile nennt die Spalten; schreiben Sie darunter je Zeile eine Bezeichnung und ihre Zahlen, zum Beispiel: Detmold;1.250,5"
            ],
        );
        check(
            "Ort;2025\nKöln;\n",
            expect![
                "1:1: Die Datei enthält keine Zahlen. Die erste Zeile nennt die Spalten; schreiben Sie darunter je Zeile eine Bezeichnung und ihre Zahlen, zum Beispiel: Detmold;1.250,5"
            ],
        );
    }

    #[test]
    fn commas_between_columns_are_refused() {
        check(
            "Ort,2025\nKöln,1\n",
            expect![
                "1:1: Die Kopfzeile nennt keine Spalte mit Zahlen. Trennen Sie die Spalten durch Semikolons, zum Beispiel: Bezirksregierung;Schulen"
            ],
        );
    }

    #[test]
    fn cells_without_a_column_and_columns_without_a_cell_are_refused() {
        check(
            "Ort;2025\nKöln;1;2\n",
            expect!["2:8: Die Zeile hat mehr Angaben als die Kopfzeile Spalten. Prüfen Sie die Semikolons."],
        );
        check(
            "Ort;2025;2026\nKöln;1\n",
            expect![
                "2:6: Die Zeile hat weniger Angaben als die Kopfzeile Spalten. Prüfen Sie die Semikolons. Eine Zahl, die nicht bekannt ist, bleibt zwischen zwei Semikolons leer."
            ],
        );
        check(
            "Ort;;2026\nKöln;1;2\n",
            expect![
                "1:5: Die 2. Spalte hat keine Überschrift. Geben Sie jeder Spalte in der ersten Zeile einen Namen."
            ],
        );
        check(
            "Ort;2025\n;1\n",
            expect![
                "2:1: Die Zeile hat keine Bezeichnung. Schreiben Sie in die erste Spalte, wofür die Zahlen stehen."
            ],
        );
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_named() {
        check(
            "Ort;2025\n\"Köln;1\nBonn;2\n",
            expect![
                "2:1: Die Zeile lässt sich nicht lesen: Ein Anführungszeichen steht allein. Setzen Sie das zweite Anführungszeichen in dieselbe Zeile, oder löschen Sie das erste."
            ],
        );
    }

    #[test]
    fn what_no_reader_can_tell_apart_is_refused() {
        check(
            "Ort;a;b;c;d;e;f;g\nKöln;1;2;3;4;5;6;7\n",
            expect![
                "1:17: Das Diagramm hat mehr als 6 Spalten mit Zahlen. Verteilen Sie die Spalten auf mehrere Diagramme, oder zeigen Sie die Zahlen als Tabelle."
            ],
        );
        let rows: String = (0..41).map(|row| format!("Ort {row};1\n")).collect();
        check(
            &format!("Ort;Zahl\n{rows}"),
            expect![
                "42:1: Das Diagramm hat mehr als 40 Zeilen. Fassen Sie Zeilen zusammen, oder zeigen Sie die Zahlen als Tabelle."
            ],
        );
    }
}
