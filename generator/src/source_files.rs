//! Files that people write: plain ones, readable, and texts in UTF-8. What is not is a problem, so that one bad file hides no other.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use walkdir::DirEntry;

use crate::digest::{digest, digest_of_file};
use crate::memory::Stamp;
use crate::problem::{Problem, Source};

/// A text of more bytes than this was not written by hand; it would take minutes to read aloud, and is a file in the wrong place.
const LARGEST_TEXT: usize = 4 * 1024 * 1024;

/// A text as it was read.
#[derive(Debug, Clone, Default)]
pub struct SourceText {
    /// Path from the project root, for messages.
    pub shown: String,
    /// `None` is a file that could not be read.
    pub text: Option<String>,
    /// Of its bytes.
    pub digest: u64,
    /// Taken before it was read; `None` where that failed.
    pub stamp: Option<Stamp>,
}

/// A file that is published as it is.
#[derive(Debug)]
pub struct SourceFile {
    /// Of its bytes; `None` is a file that could not be read.
    pub digest: Option<u64>,
    /// `None` where the file may have changed since it was read without its showing.
    pub stamp: Option<Stamp>,
}

impl SourceText {
    /// Reads a text. What is not UTF-8 is a problem at the first wrong byte, and is read as well as can be.
    pub fn read(path: &Path, shown: String, problems: &mut Vec<Problem>) -> SourceText {
        SourceText::read_part(path, shown, &mut Vec::new(), |text| text, problems)
    }

    /// Reads a text and keeps only a part of it: a build reads thousands of pages, and most of them it need not make again. `buffer`
    /// serves one file after the other.
    pub fn read_part(
        path: &Path,
        shown: String,
        buffer: &mut Vec<u8>,
        part: fn(&str) -> &str,
        problems: &mut Vec<Problem>,
    ) -> SourceText {
        let (bytes, stamp) = match read_into(path, buffer) {
            Ok(read) => read,
            Err(error) => {
                problems.push(unreadable(&shown, &error));
                return SourceText {
                    shown,
                    ..SourceText::default()
                };
            }
        };
        let digest = digest(bytes);
        let text = decoded(bytes, &shown, problems).map(|text| part(&text).to_owned());
        let stamp = Some(stamp);
        SourceText {
            shown,
            text,
            digest,
            stamp,
        }
    }
}

/// Reads a text again that was read before, and had this stamp and this digest; what was wrong with it is known. `None` when it has
/// changed since.
pub fn read_again<'b>(path: &Path, stamp: Option<Stamp>, known: u64, buffer: &'b mut Vec<u8>) -> Option<Cow<'b, str>> {
    let (bytes, found) = read_into(path, buffer).ok()?;
    if stamp != Some(found) && digest(bytes) != known {
        return None;
    }
    Some(simdutf8::basic::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::from))
}

/// A file as it is published, as text as well as can be; that it could not be read is known from its digest.
pub fn read_published(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The whole file, and its stamp. Clearing a buffer of its size would cost as much as reading it.
fn read_into<'b>(path: &Path, buffer: &'b mut Vec<u8>) -> io::Result<(&'b [u8], Stamp)> {
    const STEP: usize = 64 * 1024;
    let mut file = File::open(path)?;
    let found = file.metadata()?;
    let expected = usize::try_from(found.len()).unwrap_or_default();
    let mut length = 0;
    loop {
        if buffer.len() < length + STEP {
            buffer.resize(length + STEP, 0);
        }
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        // A file that grows now is another one at the next look.
        if length == expected {
            break;
        }
    }
    Ok((&buffer[..length], Stamp::of(&found)))
}

fn decoded<'b>(bytes: &'b [u8], shown: &str, problems: &mut Vec<Problem>) -> Option<Cow<'b, str>> {
    if bytes.len() > LARGEST_TEXT {
        problems.push(Problem::in_file(
            "E-GROESSE",
            shown,
            format!(
                "Die Datei ist mit {} MB zu groß für einen Text.",
                bytes.len() / 1_000_000
            ),
            "Teilen Sie sie auf mehrere Seiten auf, oder bieten Sie sie als Datei zum Herunterladen an.",
        ));
        return None;
    }
    // The first one is ten times as fast, and does not know where the wrong byte is.
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return Some(text.into());
    }
    let text = String::from_utf8_lossy(bytes);
    let valid = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
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
    Some(text)
}

/// The digest of a file that is published as it is; one that cannot be read is a problem.
pub fn read_digest(path: &Path, shown: &str, problems: &mut Vec<Problem>) -> Option<u64> {
    let digest = digest_of_file(path);
    digest.map_err(|error| problems.push(unreadable(shown, &error))).ok()
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

/// Why a walk could not go on.
pub fn cause(error: walkdir::Error) -> io::Error {
    error.into_io_error().unwrap_or_else(|| io::Error::other("ein Kreis"))
}

/// The problem of a file or folder that cannot be read.
pub fn unreadable(shown: &str, error: &io::Error) -> Problem {
    let cause = match error.kind() {
        io::ErrorKind::NotFound => "Es ist nicht mehr da".to_owned(),
        io::ErrorKind::PermissionDenied => "Die Rechte reichen dafür nicht".to_owned(),
        io::ErrorKind::InvalidFilename => "Der Pfad ist zu lang".to_owned(),
        _ => error.to_string(),
    };
    Problem::in_file(
        "E-LESEN",
        shown,
        format!("Das lässt sich nicht lesen: {cause}."),
        "Prüfen Sie, ob die Datei noch da ist und wer sie lesen darf.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_a_problem_and_no_end() {
        let mut problems = Vec::new();
        let missing = Path::new("/gibt-es-nicht");
        assert_eq!(SourceText::read(missing, "seite.md".into(), &mut problems).text, None);
        read_digest(missing, "bild.png", &mut problems);
        let found: Vec<(&str, &str)> = problems
            .iter()
            .map(|problem| (&*problem.code, problem.file.as_str()))
            .collect();
        assert_eq!(found, [("E-LESEN", "seite.md"), ("E-LESEN", "bild.png")]);
    }
}
