//! A table as CSV: for Excel in German, and a plain one for machines. In both a record is a line.

use super::tabelle::{Tabelle, Wert};
use anyhow::Result;
use csv::{Terminator, WriterBuilder};

/// `;`, decimal commas and a mark for UTF-8, as Excel in German opens it by a double click.
pub fn for_excel(tabelle: &Tabelle) -> Result<Vec<u8>> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    let mut writer = WriterBuilder::new()
        .delimiter(b';')
        .terminator(Terminator::CRLF)
        .from_writer(&mut bytes);
    writer.write_record(tabelle.spalten.iter().map(|spalte| harmless(&spalte.title)))?;
    for zeile in tabelle.zeilen.iter().chain(&tabelle.summe) {
        writer.write_record(zeile.iter().map(german))?;
    }
    writer.flush()?;
    drop(writer);
    Ok(bytes)
}

/// `,`, decimal points, ISO dates, codes and ids, and no line of sums. A text stands there as it was typed, whatever a
/// spreadsheet would make of it; only where a line breaks, `\n` is written.
pub fn for_machines(tabelle: &Tabelle) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = WriterBuilder::new().from_writer(&mut bytes);
    writer.write_record(tabelle.spalten.iter().map(|spalte| &spalte.id))?;
    for zeile in &tabelle.zeilen {
        writer.write_record(zeile.iter().map(plain))?;
    }
    writer.flush()?;
    drop(writer);
    Ok(bytes)
}

fn german(wert: &Wert) -> String {
    match wert {
        Wert::Zahl(_) => wert.text(),
        Wert::Geld(cent) => cent.text().replace('.', ""),
        Wert::Anteil(_) => wert.text(),
        other => harmless(&other.text()),
    }
}

fn plain(wert: &Wert) -> String {
    match wert {
        Wert::Wahl { code, .. } => code.clone(),
        Wert::Geld(cent) => cent.0.to_string(),
        Wert::Tag(day) => day.to_string(),
        Wert::Anteil(promille) => format!("{}.{:03}", promille / 1000, promille % 1000),
        other => in_one_line(&other.text(), "\\n"),
    }
}

fn in_one_line(text: &str, for_a_break: &str) -> String {
    text.replace("\r\n", "\n").replace(['\r', '\n'], for_a_break)
}

/// A text that a spreadsheet would calculate is marked as text.
fn harmless(text: &str) -> String {
    let text = in_one_line(text, " ");
    let first = text.trim_start_matches([' ', '\u{a0}']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '＝' | '＋' | '－' | '＠' | '|' | '%') => {
            format!("'{text}")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tabelle::{Art, Spalte};
    use super::*;
    use form::Cent;

    fn tabelle(text: &str) -> Tabelle {
        Tabelle {
            id: "t".to_owned(),
            title: "T".to_owned(),
            spalten: vec![
                Spalte::new("a", "Anmerkung", Art::Text),
                Spalte::new("b_cent", "Betrag", Art::Geld),
            ],
            zeilen: vec![vec![Wert::Text(text.to_owned()), Wert::Geld(Cent(-123_456))]],
            summe: Some(vec![Wert::Text("Summe".to_owned()), Wert::Geld(Cent(-123_456))]),
        }
    }

    #[test]
    fn excel_reads_amounts_and_calculates_no_text() {
        for (text, written) in [
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            (" @SUM(A1)", "' @SUM(A1)"),
            ("+1", "'+1"),
            ("a;b", "\"a;b\""),
            ("\n=1+1", "' =1+1"),
            ("erst dies\r\ndann das\n", "erst dies dann das "),
        ] {
            let bytes = for_excel(&tabelle(text)).expect("CSV");
            assert_eq!(
                String::from_utf8(bytes).expect("UTF-8"),
                format!("\u{feff}Anmerkung;Betrag\r\n{written};-1234,56\r\nSumme;-1234,56\r\n")
            );
        }
    }

    #[test]
    fn machines_get_cents_and_no_sums() {
        for (text, written) in [("=1", "=1"), ("erst dies\r\ndann das", "erst dies\\ndann das")] {
            let bytes = for_machines(&tabelle(text)).expect("CSV");
            assert_eq!(
                String::from_utf8(bytes).expect("UTF-8"),
                format!("a,b_cent\n{written},-123456\n")
            );
        }
    }
}
