//! Files that people write: plain ones, readable, and texts in UTF-8. What is not is a problem, so that one bad file hides no other.

use std::fmt::Display;
use std::fs::{self, File};
use std::path::Path;

use walkdir::DirEntry;

use crate::problem::{Problem, Source};

/// Reads a text. What is not UTF-8 is a problem at the first wrong byte, and is read as well as can be;
/// `None`, with a problem, when it cannot be read at all.
pub fn read_text(path: &Path, shown: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.push(unreadable(shown, &error));
            return None;
        }
    };
    Some(String::from_utf8(bytes).unwrap_or_else(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let source = Source {
            file: shown,
            text: &text,
        };
        problems.push(source.error(
            "E-UTF8",
            valid,
            "Dieses Zeichen ist nicht in UTF-8 gespeichert.",
            "Speichern Sie die Datei mit der Zeichenkodierung UTF-8.",
        ));
        text
    }))
}

/// Links could publish what lies elsewhere, and devices never end: only plain files belong to a site or a theme.
pub fn check_plain(entry: &DirEntry, shown: &str) -> Option<Problem> {
    (!entry.file_type().is_file()).then(|| {
        Problem::in_file(
            "E-DATEI",
            shown,
            "Das ist keine gewöhnliche Datei, sondern zum Beispiel eine Verknüpfung (Symlink).",
            "Legen Sie die Datei selbst an diese Stelle.",
        )
    })
}

/// A file that is published as it is must be readable when its turn comes.
pub fn check_readable(path: &Path, shown: &str) -> Option<Problem> {
    File::open(path).err().map(|error| unreadable(shown, &error))
}

/// The problem of a file or folder that cannot be read.
pub fn unreadable(shown: &str, error: &dyn Display) -> Problem {
    Problem::in_file(
        "E-LESEN",
        shown,
        format!("Das lässt sich nicht lesen: {error}."),
        "Prüfen Sie, ob die Datei noch da ist und wer sie lesen darf.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_a_problem_and_no_end() {
        let mut problems = Vec::new();
        assert_eq!(read_text(Path::new("/gibt-es-nicht"), "seite.md", &mut problems), None);
        problems.extend(check_readable(Path::new("/gibt-es-nicht"), "bild.png"));
        let found: Vec<(&str, &str)> = problems
            .iter()
            .map(|problem| (problem.code, problem.file.as_str()))
            .collect();
        assert_eq!(found, [("E-LESEN", "seite.md"), ("E-LESEN", "bild.png")]);
    }
}
