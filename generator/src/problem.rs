//! What is wrong in content or theme, where it stands, and how to mend it: the one shape in which every check speaks.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

/// The checks whose errors a site can turn into warnings, with a reason. The others stop a build because without what they
/// demand there is no page.
pub const CAN_BE_WARNINGS: [&str; 27] = [
    "E-ADRESSE-DOPPELT",
    "E-AUSGABE-LINK",
    "E-BILD-ALT",
    "E-BILD-DATEI",
    "E-CSP",
    "E-FREMDE-QUELLE",
    "E-FUSSNOTE",
    "E-HTML",
    "E-ID-DOPPELT",
    "E-KURZBEFEHL-DATEI",
    "E-LINK-ADRESSE",
    "E-LINK-ANKER",
    "E-LINK-MELDUNG",
    "E-LINK-PFAD",
    "E-LINK-TEXT",
    "E-LINK-VERWEIS",
    "E-LINK-ZIEL",
    "E-PFLICHTSEITE",
    "E-SATZLAENGE",
    "E-SCHREIBWEISE",
    "E-SECURITY-TXT",
    "E-TABELLE-KOPF",
    "E-UEBERSCHRIFT",
    "E-UEBERSCHRIFT-EBENE",
    "E-UEBERSETZUNG",
    "E-VORLAGE-LINK",
    "E-WEITERLEITUNG-KETTE",
];

/// Whether a problem stops the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is published until this is mended.
    Error,
    /// Worth a look; published all the same.
    Warning,
}

/// One problem. Line and column count from 1, columns in characters; both are 0 where a whole file is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable identifier such as `E-LINK-ZIEL`.
    pub code: Cow<'static, str>,
    pub severity: Severity,
    /// Path from the project root, with `/`.
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// The line itself.
    pub source: String,
    pub message: String,
    pub remedy: String,
}

/// What a check says that does not know where it looks: code, message, remedy.
pub type Refusal = (&'static str, String, String);

/// The refusal of what was said already where its cause is.
pub fn said() -> Refusal {
    ("", String::new(), String::new())
}

/// A text file of the project: what a problem needs to know to say where it is.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Path from the project root, with `/`.
    pub file: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    /// An error at a byte offset of the file.
    pub fn error(
        self,
        code: &'static str,
        offset: usize,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Problem {
        let (line, column) = form::problem::line_and_column(self.text, offset);
        self.error_at(code, line, column, message, remedy)
    }

    /// An error at a line and column that somebody else has counted.
    pub fn error_at(
        self,
        code: &'static str,
        line: usize,
        column: usize,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Problem {
        Problem {
            code: code.into(),
            severity: Severity::Error,
            file: self.file.to_owned(),
            line,
            column,
            source: self.text.lines().nth(line.saturating_sub(1)).unwrap_or("").to_owned(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// Takes over a problem that the crate `form` found in a TOML text beginning `lines_before` lines into this file.
    pub fn problem_in_toml(self, code: &'static str, lines_before: usize, problem: form::Problem) -> Problem {
        self.error_at(
            code,
            problem.line + lines_before,
            problem.column,
            problem.message,
            problem.remedy,
        )
    }
}

impl Problem {
    /// An error that concerns a whole file.
    pub fn in_file(
        code: &'static str,
        file: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Problem {
        Problem {
            code: code.into(),
            severity: Severity::Error,
            file: file.into(),
            line: 0,
            column: 0,
            source: String::new(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// The same problem as a warning.
    pub fn into_warning(self) -> Problem {
        Problem {
            severity: Severity::Warning,
            ..self
        }
    }
}

/// Sorts by place and drops repetitions, so that the same content always gives the same list.
pub fn sort(problems: &mut Vec<Problem>) {
    problems.sort_by(|a, b| {
        (&a.file, a.line, a.column, &a.code, &a.message).cmp(&(&b.file, b.line, b.column, &b.code, &b.message))
    });
    problems.dedup();
}

/// Turns those errors into warnings that the site has given a reason for; the reason is shown with each.
pub fn lower<'a>(problems: &mut [Problem], reasons: impl Iterator<Item = (&'a str, &'a str)> + Clone) {
    for problem in problems {
        if let Some((_, reason)) = reasons.clone().find(|(code, _)| problem.code == *code) {
            problem.severity = Severity::Warning;
            problem.message.push_str(&format!(" (nur Warnung, weil: {reason})"));
        }
    }
}

/// Whether any of them stops the build.
pub fn has_errors(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

/// The problems as one JSON array.
pub fn to_json(problems: &[Problem]) -> serde_json::Result<String> {
    serde_json::to_string_pretty(problems)
}

/// The problems as a compiler shows them, with a closing count.
pub fn to_text(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        let _ = writeln!(text, "{problem}");
    }
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    let warnings = problems.len() - errors;
    let mut counts = Vec::new();
    if errors > 0 {
        counts.push(format!("{errors} Fehler"));
    }
    if warnings > 0 {
        counts.push(format!(
            "{warnings} {}",
            if warnings == 1 { "Hinweis" } else { "Hinweise" }
        ));
    }
    if !counts.is_empty() {
        let _ = writeln!(text, "{}", counts.join(", "));
    }
    text
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Error => "Fehler",
            Severity::Warning => "Hinweis",
        };
        writeln!(f, "{kind} [{}]: {}", self.code, self.message)?;
        if self.line == 0 {
            writeln!(f, "  --> {}", self.file)?;
        } else {
            let number = self.line.to_string();
            let gap = " ".repeat(number.len());
            let (part, column) = around(&self.source, self.column);
            let indent: String = part
                .chars()
                .take(column.saturating_sub(1))
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            writeln!(f, "{gap} --> {}:{}:{}", self.file, self.line, self.column)?;
            writeln!(f, "{gap} |")?;
            writeln!(f, "{number} | {part}")?;
            writeln!(f, "{gap} | {indent}^")?;
        }
        if !self.remedy.is_empty() {
            writeln!(f, "  Abhilfe: {}", self.remedy)?;
        }
        Ok(())
    }
}

/// What a terminal shows of a line: a paragraph may be one. Returns the part around a column, and where that is in it.
fn around(line: &str, column: usize) -> (Cow<'_, str>, usize) {
    const WIDEST: usize = 120;
    let length = line.chars().count();
    if length <= WIDEST {
        return (line.into(), column);
    }
    let from = column.saturating_sub(WIDEST / 2).min(length - WIDEST);
    let part: String = line.chars().skip(from).take(WIDEST).collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if from + WIDEST < length { "…" } else { "" };
    (
        format!("{before}{part}{after}").into(),
        column - from + before.chars().count(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_problem_shows_its_line_and_marks_its_column() {
        let text = "Erste Zeile\nSiehe [Überblick](@/fehlt.md).\n";
        let source = Source {
            file: "content/muster/index.md",
            text,
        };
        let offset = text.find("@/").expect("the link is there");
        let problem = source.error(
            "E-LINK-ZIEL",
            offset,
            "Die Seite „fehlt.md“ gibt es nicht.",
            "Pfad prüfen.",
        );
        expect![[r"
            Fehler [E-LINK-ZIEL]: Die Seite „fehlt.md“ gibt es nicht.
              --> content/muster/index.md:2:19
              |
            2 | Siehe [Überblick](@/fehlt.md).
              |                   ^
              Abhilfe: Pfad prüfen.
        "]]
        .assert_eq(&problem.to_string());
    }

    #[test]
    fn of_a_long_line_only_the_part_around_the_place_is_shown() {
        let line = format!("{}hier{}", "ä".repeat(300), "ö".repeat(300));
        let (part, column) = around(&line, 301);
        assert!(part.starts_with("…ä") && part.ends_with("ö…") && part.chars().count() == 122);
        assert!(part.chars().skip(column - 1).collect::<String>().starts_with("hier"));
        let (part, column) = around(&line, 604);
        assert!(part.ends_with('ö') && part.chars().count() == 121);
        assert_eq!(column, 121);
        assert_eq!(around("kurz", 2), ("kurz".into(), 2));
    }
}
