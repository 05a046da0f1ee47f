//! The office's lists: Träger, schools, allocations. Semicolons, header names in any order, UTF-8 or Windows-1252.

mod line;

use crate::store::Zuweisung;
use form::{Schulnummer, Traegernummer};
use jiff::civil::Date;
use line::{Line, read};
use std::collections::HashSet;
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

/// What is wrong with a list: line (1 is the header, 0 the whole file), column name, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
pub struct ListProblem {
    pub line: u64,
    pub column: String,
    pub message: String,
}

impl fmt::Display for ListProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "Zeile {}, Spalte {}: ", self.line, visible(&self.column))?;
        }
        f.write_str(&visible(&self.message))
    }
}

/// What stands in a file does not steer the terminal.
fn visible(text: &str) -> String {
    let shown = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(shown).collect()
}

/// A read list, and how its file was saved where that is not UTF-8.
#[derive(Debug)]
pub struct List<T> {
    pub rows: Vec<T>,
    pub saved_as: Option<&'static str>,
}

pub fn traeger(bytes: &[u8]) -> Result<List<TraegerZeile>, Vec<ListProblem>> {
    let required = ["Traegernummer", "Traeger", "Bezirksregierung", "Rechtsform", "E-Mail"];
    let mut seen = HashSet::new();
    let optional = ["Gueltig_ab", "Gueltig_bis", "Nachfolger"];
    let mut numbers = Vec::new();
    let list = read(bytes, &required, &optional, |line| {
        // Every column is read before a missing one ends the line.
        let nummer = line.traegernummer("Traegernummer");
        line.once(&mut seen, "Traegernummer");
        let name = line.filled("Traeger");
        let bezirksregierung = line.one_of("Bezirksregierung", &["1", "3", "5", "7", "9"]);
        let rechtsform = line.one_of("Rechtsform", &["1", "2"]);
        let emails = line.emails("E-Mail");
        let (gueltig_ab, gueltig_bis) = (line.day("Gueltig_ab"), line.day("Gueltig_bis"));
        let nachfolger = line.if_filled("Nachfolger", Line::traegernummer);
        numbers.push(line.number());
        Some(TraegerZeile {
            nummer: nummer?,
            name: name?,
            bezirksregierung: bezirksregierung?,
            rechtsform: rechtsform?,
            emails,
            gueltig_ab,
            gueltig_bis,
            nachfolger,
        })
    })?;
    let problems = successors(&list.rows, &numbers);
    if problems.is_empty() { Ok(list) } else { Err(problems) }
}

/// Whoever ends has a day and a successor that makes sense.
fn successors(rows: &[TraegerZeile], numbers: &[u64]) -> Vec<ListProblem> {
    let of = |nummer: &Traegernummer| rows.iter().find(|row| row.nummer == *nummer);
    let mut problems = Vec::new();
    for (row, line) in rows.iter().zip(numbers) {
        let mut report = |column: &str, message: String| {
            problems.push(ListProblem {
                line: *line,
                column: column.to_owned(),
                message,
            });
        };
        if let (Some(ab), Some(bis)) = (row.gueltig_ab, row.gueltig_bis)
            && bis < ab
        {
            report(
                "Gueltig_bis",
                format!("Der {bis} liegt vor dem {ab} in Gueltig_ab. Berichtigen Sie einen der beiden Tage."),
            );
        }
        let Some(nachfolger) = &row.nachfolger else { continue };
        if of(nachfolger).is_none() {
            report(
                "Nachfolger",
                format!(
                    "Den Träger {nachfolger} gibt es in der Liste nicht. Ergänzen Sie ihn oder berichtigen Sie die Nummer."
                ),
            );
        }
        if row.gueltig_bis.is_none() {
            report(
                "Gueltig_bis",
                "Wer einen Nachfolger hat, hat auch einen letzten Tag. Tragen Sie ihn ein, zum Beispiel 2026-07-31."
                    .to_owned(),
            );
        }
        let mut next = Some(nachfolger);
        for _ in 0..rows.len() {
            next = next.and_then(|next| of(next)?.nachfolger.as_ref());
        }
        if next.is_some() || nachfolger == &row.nummer {
            report(
                "Nachfolger",
                "Die Nachfolger führen im Kreis. Berichtigen Sie die Nummer.".to_owned(),
            );
        }
    }
    problems
}

/// Whether something looks like an e-mail address.
pub fn is_address(email: &str) -> bool {
    line::looks_like_an_address(email)
}

/// Without a list of Träger, because that is faulty itself, whose a school is stays open.
pub fn schulen(bytes: &[u8], alle_traeger: Option<&[TraegerZeile]>) -> Result<List<SchuleZeile>, Vec<ListProblem>> {
    let required = [
        "Traegernummer",
        "Schulnummer",
        "Kurzbezeichnung",
        "Schulform",
        "Aufnahmejahr",
    ];
    let known: Option<HashSet<&str>> =
        alle_traeger.map(|alle| alle.iter().map(|traeger| traeger.nummer.as_str()).collect());
    let is_unknown = |nummer: &&Traegernummer| known.as_ref().is_some_and(|known| !known.contains(nummer.as_str()));
    let mut seen = HashSet::new();
    read(bytes, &required, &[], |line| {
        let traeger = line.traegernummer("Traegernummer");
        if let Some(unknown) = traeger.as_ref().filter(is_unknown) {
            line.report("Traegernummer", format!("Den Träger {unknown} gibt es in der Trägerliste nicht. Ergänzen Sie ihn dort oder berichtigen Sie die Nummer."));
        }
        let nummer = line.schulnummer("Schulnummer");
        line.once(&mut seen, "Schulnummer");
        let (kurzbezeichnung, schulform) = (line.filled("Kurzbezeichnung"), line.filled("Schulform"));
        Some(SchuleZeile {
            traeger: traeger?,
            nummer: nummer?,
            kurzbezeichnung: kurzbezeichnung?,
            schulform: schulform?,
            aufnahmejahr: line.text("Aufnahmejahr"),
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
            let schulnummer = line.schulnummer("Schulnummer");
            line.once(&mut seen, "Schulnummer");
            let zugewiesen = line.euros("Zugewiesen");
            let uebertrag = line.if_filled("Uebertrag", Line::euros);
            let meldet = line.if_filled("Meldet", Line::traegernummer);
            Some(Zuweisung {
                schulnummer: schulnummer?,
                zugewiesen: zugewiesen?,
                uebertrag,
                meldet,
            })
        },
    )
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
            schulen(include_bytes!("../demo/schulen.csv"), Some(&alle_traeger))
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
        let list = "Traeger;Traegernummer;Rechtsform;Bezirksregierung;E-Mail\nStadt A;1005;1;1;a@b.de\nStadt B;10054;3;2;x\nStadt C;10054;1;1;\n;10055;1;1;";
        let problems: Vec<String> = traeger(list.as_bytes())
            .expect_err("problems")
            .iter()
            .map(ListProblem::to_string)
            .collect();
        expect_test::expect![[r#"
            Zeile 2, Spalte Traegernummer: „1005“ ist nicht, was hier erwartet wird: fünf Ziffern.
            Zeile 3, Spalte Bezirksregierung: „2“ ist nicht, was hier erwartet wird: einer der Werte 1, 3, 5, 7, 9.
            Zeile 3, Spalte Rechtsform: „3“ ist nicht, was hier erwartet wird: einer der Werte 1, 2.
            Zeile 3, Spalte E-Mail: „x“ ist keine E-Mail-Adresse. Trennen Sie mehrere Adressen durch Kommas.
            Zeile 4, Spalte Traegernummer: „10054“ steht schon in einer Zeile davor. Löschen Sie eine der beiden.
            Zeile 5, Spalte Traeger: Die Zelle ist leer. Erwartet wird: ein Eintrag."#]]
        .assert_eq(&problems.join("\n"));
    }

    #[test]
    fn lines_are_counted_as_excel_saves_them() {
        let list = "sep=;\r\nSchulnummer;Zugewiesen;Uebertrag\r\n100092;1,00;\r\n100094;x;\r\n";
        assert_eq!(zuweisungen(list.as_bytes()).expect_err("a problem")[0].line, 4);
    }

    #[test]
    fn blanks_and_quotation_marks_are_no_part_of_what_is_said() {
        let list = "Traegernummer ; Traeger;Bezirksregierung;Rechtsform;E-Mail\r\n 10042;\"Stadt \"\"Neu\"\"; Amt\" ;1 ; 1; a@b.de , c@d.de \r\n;;;;\r\n\r\n";
        let rows = traeger(list.as_bytes()).expect("a list").rows;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].nummer.as_str(), "10042");
        assert_eq!(rows[0].name, "Stadt \"Neu\"; Amt");
        assert_eq!(rows[0].emails, ["a@b.de", "c@d.de"]);
        let money = "Schulnummer;Zugewiesen;Uebertrag\n100092; 25.000,50 ;\u{a0}\n";
        assert_eq!(
            zuweisungen(money.as_bytes()).expect("a list").rows[0].zugewiesen,
            form::Cent(2_500_050)
        );
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
    fn a_file_that_is_no_list_is_named_by_what_it_is() {
        let said = |bytes: &[u8]| {
            let problems = zuweisungen(bytes).expect_err("a problem");
            assert_eq!(problems.len(), 1, "{problems:?}");
            problems[0].to_string()
        };
        let commas = said(b"Schulnummer,Zugewiesen,Uebertrag\n100092,1,0\n");
        assert!(
            commas.starts_with("Die Datei ist mit Komma statt Semikolon gespeichert."),
            "{commas}"
        );
        let tabs = said(b"Schulnummer\tZugewiesen\tUebertrag\n");
        assert!(
            tabs.starts_with("Die Datei ist mit Tabulator statt Semikolon gespeichert."),
            "{tabs}"
        );
        assert!(said(b"PK\x03\x04\x14\0\x06\0\x1b[31m").starts_with("Das ist keine CSV-Datei."));
        let bell = zuweisungen(b"Schulnummer;Zugewiesen;Uebertrag;\x7f\n").expect_err("a problem");
        assert!(!bell[0].to_string().contains(char::is_control), "{bell:?}");
    }

    #[test]
    fn amounts_are_read_as_excel_exports_them() {
        let list = "Schulnummer;Zugewiesen;Uebertrag\n100092;10.000,00 €;1 000,00\n100094;10\u{a0}000,00\u{a0}€;1\u{202f}000\n";
        for row in zuweisungen(list.as_bytes()).expect("a list").rows {
            assert_eq!(
                (row.zugewiesen, row.uebertrag),
                (form::Cent(1_000_000), Some(form::Cent(100_000)))
            );
        }
    }

    #[test]
    fn a_list_saved_as_unicode_text_is_called_that() {
        let list = "\u{feff}Schulnummer;Zugewiesen;Uebertrag\n100092;1,00;\n";
        let utf_16: Vec<u8> = list.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let read = zuweisungen(&utf_16).expect("a list");
        assert_eq!((read.rows.len(), read.saved_as), (1, Some("UTF-16")));
    }

    #[test]
    fn successors_exist_have_a_day_and_do_not_go_in_circles() {
        let head = "Traegernummer;Traeger;Bezirksregierung;Rechtsform;E-Mail;Nachfolger;Gueltig_ab;Gueltig_bis\n";
        let list = format!(
            "{head}10054;Stadt A;1;1;;10066;;2026-07-31\n10066;Stadt B;1;1;;10054;;2026-07-31\n10067;Stadt C;1;1;;10068;2026-08-01;2026-07-31\n10069;Stadt D;1;1;;10054;;\n"
        );
        let problems: Vec<String> = traeger(list.as_bytes())
            .expect_err("problems")
            .iter()
            .map(|problem| format!("{} {}", problem.line, problem.column))
            .collect();
        assert_eq!(
            problems,
            [
                "2 Nachfolger",
                "3 Nachfolger",
                "4 Gueltig_bis",
                "4 Nachfolger",
                "5 Gueltig_bis",
                "5 Nachfolger"
            ]
        );
    }

    #[test]
    fn windows_1252_and_a_byte_order_mark_are_understood() {
        let mut list = b"Traegernummer;Traeger;Bezirksregierung;Rechtsform;E-Mail\n10042;Stadt D".to_vec();
        list.extend(b"\xFCsseldorf;1;1;A@B.de, c@d.de\n");
        let read = traeger(&list).expect("a list");
        assert_eq!(read.saved_as, Some("Windows-1252"));
        assert_eq!(read.rows[0].name, "Stadt Düsseldorf");
        assert_eq!(read.rows[0].emails, ["a@b.de", "c@d.de"]);
        let with_mark = b"\xEF\xBB\xBFSchulnummer;Zugewiesen;Uebertrag\n100092;25.000,5;\n";
        assert_eq!(
            zuweisungen(with_mark).expect("a list").rows[0].zugewiesen,
            form::Cent(2_500_050)
        );
    }
}
