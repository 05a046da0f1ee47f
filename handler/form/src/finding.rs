//! What a workbook needs corrected, and where.

mod codes;
mod texts;

pub use codes::code_words;
pub(crate) use texts::*;

use crate::definition::Field;
use serde::{Deserialize, Serialize};

/// What a finding means for the Meldung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Must be corrected.
    Fehler,
    /// Must be corrected or confirmed with a reason.
    Bestaetigen,
    /// Accepted, and said on the Eingangsbestaetigung.
    Hinweis,
}

impl Severity {
    /// What is to be done about it.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Severity::Fehler => "zu ändern",
            Severity::Bestaetigen => "zu ändern oder mit einem Grund zu bestätigen",
            Severity::Hinweis => "nur ein Hinweis",
        }
    }
}

/// One thing to correct, to confirm or to know.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Finding {
    pub code: String,
    pub severity: Severity,
    pub place: Place,
    /// The label of the field, or empty.
    pub field: String,
    /// The school in question, or empty.
    pub school: String,
    /// What was read, as people see it; empty for a blank.
    pub read: String,
    /// What is expected, as the end of a sentence.
    pub expected: String,
    /// How to fix it, as whole sentences.
    pub fix: String,
    /// The help of the field, or empty.
    pub help: String,
}

/// Where in a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The name of the sheet as people see it, or empty for the whole file.
    pub sheet: String,
    /// Cells such as `H14`, in order; empty for a whole sheet.
    pub cells: Vec<String>,
}

impl Finding {
    /// Whether this says that there is a new version of the form; the Träger's entries go into it.
    pub fn is_new_form(&self) -> bool {
        self.fix == INTO_THE_NEW_FORM
    }

    /// The place in words: »Blatt „Schulen“, Zelle H14 (Verausgabtes Chancenbudget), Köln, GG Kapitelstraße«.
    pub fn place_text(&self) -> String {
        let mut text = match self.place.sheet.as_str() {
            "" => "Datei".to_owned(),
            sheet => format!("Blatt „{sheet}“"),
        };
        match self.place.cells.as_slice() {
            [] => {}
            [cell] => text.push_str(&format!(", Zelle {cell}")),
            cells => text.push_str(&format!(", Zellen {}", runs(cells))),
        }
        if !self.field.is_empty() {
            text.push_str(&format!(" ({})", self.field));
        }
        if !self.school.is_empty() {
            text.push_str(&format!(", {}", self.school));
        }
        text
    }

    /// What was read, as a sentence; empty where nothing was to be read.
    pub fn read_in_words(&self) -> String {
        match (self.read.as_str(), self.place.cells.len()) {
            ("", 0) => String::new(),
            ("", 1) => "Die Zelle ist leer.".to_owned(),
            ("", _) => "Die Zellen sind leer.".to_owned(),
            (read, 0) if self.place.sheet.is_empty() => format!("Hochgeladen haben Sie {read}."),
            (read, _) => format!("Eingetragen ist {}.", quoted(read)),
        }
    }

    /// What was read and what is expected, without the place.
    pub fn message(&self) -> String {
        let read = match self.read_in_words() {
            nothing if nothing.is_empty() => nothing,
            read => format!("{read} "),
        };
        let expected = if self.expected.is_empty() {
            String::new()
        } else {
            format!("Erwartet wird {}. ", self.expected)
        };
        format!("{read}{expected}{}", self.fix)
    }
}

/// Whether a Korrekturfassung helps: something is to be done, and the file is this Träger's form of this Runde with something in
/// it. Of any other no value can be carried over.
pub fn can_be_corrected(findings: &[Finding]) -> bool {
    let is_about_the_file = |finding: &Finding| {
        finding.severity == Severity::Fehler && finding.place.sheet.is_empty() && !finding.is_new_form()
    };
    let is_new_form = findings.iter().any(Finding::is_new_form);
    findings.iter().any(|finding| finding.severity != Severity::Hinweis)
        && (is_new_form || !findings.iter().any(is_about_the_file))
}

/// `H5 bis H12, H14`: three and more cells below each other are named by the first and the last.
pub fn runs(cells: &[String]) -> String {
    let parts = |cell: &str| {
        let digits = cell.find(|c: char| c.is_ascii_digit())?;
        Some((cell[..digits].to_owned(), cell[digits..].parse::<u32>().ok()?))
    };
    let follows = |pair: &[String]| match (parts(&pair[0]), parts(&pair[1])) {
        (Some((column, row)), Some((next_column, next_row))) => column == next_column && row + 1 == next_row,
        _ => false,
    };
    let mut texts = Vec::new();
    let mut start = 0;
    while start < cells.len() {
        let length = 1 + cells[start..].windows(2).take_while(|pair| follows(pair)).count();
        match length {
            1 | 2 => texts.extend_from_slice(&cells[start..start + length]),
            _ => texts.push(format!("{} bis {}", cells[start], cells[start + length - 1])),
        }
        start += length;
    }
    texts.join(", ")
}

/// The whole hint in one line, code last.
impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} [{}]", self.place_text(), self.message(), self.code)
    }
}

fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() > LONGEST {
        let start: String = text.chars().take(LONGEST).collect();
        format!("„{start}…“")
    } else {
        format!("„{text}“")
    }
}

/// Where a finding points, before its sentence is made.
#[derive(Debug, Clone)]
pub(crate) struct Target<'a> {
    pub sheet: &'a str,
    pub cell: Option<String>,
    pub field: Option<&'a Field>,
    pub school: String,
    pub obstacle: Option<Obstacle>,
}

/// What stands between people and a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Obstacle {
    HiddenSheet,
    HiddenRow,
    HiddenColumn,
    /// The cell lies beneath this one.
    Merged(String),
}

impl Obstacle {
    /// What to do before anything else.
    fn text(&self) -> String {
        match self {
            Obstacle::HiddenSheet => "Das Blatt ist ausgeblendet, blenden Sie es zuerst ein.".to_owned(),
            Obstacle::HiddenRow => {
                "Die Zeile ist ausgeblendet oder weggefiltert. Blenden Sie sie zuerst ein, oder löschen Sie den Filter."
                    .to_owned()
            }
            Obstacle::HiddenColumn => "Die Spalte ist ausgeblendet, blenden Sie sie zuerst ein.".to_owned(),
            Obstacle::Merged(cell) => {
                format!("Hier sind Zellen mit Zelle {cell} verbunden, heben Sie die Verbindung zuerst auf.")
            }
        }
    }
}

impl Target<'_> {
    pub(crate) fn file() -> Target<'static> {
        Target {
            sheet: "",
            cell: None,
            field: None,
            school: String::new(),
            obstacle: None,
        }
    }

    fn finding(
        &self,
        code: &str,
        read: impl Into<String>,
        expected: impl Into<String>,
        fix: impl Into<String>,
    ) -> Finding {
        Finding {
            code: code.to_owned(),
            severity: Severity::Fehler,
            place: Place {
                sheet: self.sheet.to_owned(),
                cells: self.cell.clone().into_iter().collect(),
            },
            field: self.field.map(|field| field.label.clone()).unwrap_or_default(),
            school: self.school.clone(),
            read: read.into(),
            expected: expected.into(),
            fix: match &self.obstacle {
                Some(obstacle) => format!("{} {}", obstacle.text(), fix.into()),
                None => fix.into(),
            },
            help: self.field.map(|field| field.help.clone()).unwrap_or_default(),
        }
    }

    fn label(&self) -> &str {
        self.field.map_or("", |field| field.label.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_below_each_other_are_named_by_first_and_last() {
        let cells = ["H5", "H6", "H7", "H9", "H10", "I11", "J12"].map(str::to_owned);
        assert_eq!(runs(&cells), "H5 bis H7, H9, H10, I11, J12");
    }

    #[test]
    fn a_hint_says_place_read_expected_and_fix() {
        let at = Target {
            sheet: "Schulen",
            cell: Some("H14".to_owned()),
            field: None,
            school: "Köln, GG Kapitelstraße".to_owned(),
            obstacle: None,
        };
        let mut finding = no_amount(&at, "ca. 12.000 €");
        finding.field = "Verausgabtes Chancenbudget".to_owned();
        expect_test::expect!["Blatt „Schulen“, Zelle H14 (Verausgabtes Chancenbudget), Köln, GG Kapitelstraße: Eingetragen ist „ca. 12.000 €“. Erwartet wird ein Betrag als Zahl. Geben Sie nur die Zahl ein, zum Beispiel 12000,00. [V2]"]
            .assert_eq(&finding.to_string());
    }
}
