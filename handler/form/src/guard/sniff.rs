//! What kind of file an upload is, by its content alone.

use super::Unreadable;
use super::archive::Archive;

pub(super) fn is_zip(upload: &[u8]) -> Result<(), Unreadable> {
    if upload.starts_with(b"PK\x03\x04") {
        return Ok(());
    }
    let start = upload.get(..512.min(upload.len())).unwrap_or_default();
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start().to_lowercase();
    Err(if upload.is_empty() {
        Unreadable::Empty
    } else if upload.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        let holds = |stream: &str| {
            let name: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
            upload.windows(name.len()).any(|window| window == name)
        };
        if holds("EncryptedPackage") {
            Unreadable::Password
        } else if holds("WordDocument") || holds("PowerPoint Document") {
            Unreadable::OtherOffice
        } else {
            Unreadable::OldXls
        }
    } else if upload.starts_with(b"%PDF") {
        Unreadable::Pdf
    } else if is_lock_file(upload) {
        Unreadable::LockFile
    } else if text.starts_with('<')
        && ["<!doctype html", "<html", "<table"]
            .iter()
            .any(|tag| text.contains(tag))
    {
        Unreadable::WebPage
    } else if (!start.contains(&0) && !upload.starts_with(b"PK")) || is_utf16(start) {
        Unreadable::Text
    } else {
        Unreadable::Unknown
    })
}

/// The length of a user's name, the name filled up with blanks to 54 bytes, then both again in UTF-16.
fn is_lock_file(upload: &[u8]) -> bool {
    let Some((length, rest)) = upload.split_first().filter(|_| upload.len() == 165) else {
        return false;
    };
    let padding = rest.get(usize::from(*length)..54);
    (1..=54).contains(length) && padding.is_some_and(|bytes| bytes.iter().all(|b| matches!(b, b' ' | 0)))
}

/// What Excel calls „Unicode-Text“.
fn is_utf16(start: &[u8]) -> bool {
    start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF")
}

/// Tells a workbook from the other things that come in a zip.
pub(super) fn is_workbook(archive: &Archive<'_>) -> Result<(), Unreadable> {
    let any = |end: &str| archive.names().any(|name| name.ends_with(end));
    if archive.has("[content_types].xml") {
        if archive.has("xl/workbook.bin") {
            return Err(Unreadable::Xlsb);
        }
        return if archive.has("word/document.xml") || archive.has("ppt/presentation.xml") {
            Err(Unreadable::OtherOffice)
        } else {
            Ok(())
        };
    }
    Err(if archive.has("content.xml") && archive.has("mimetype") {
        Unreadable::OpenDocument
    } else if any(".xlsx") || any(".xlsm") || any(".xls") {
        Unreadable::ZippedWorkbook
    } else {
        Unreadable::Unknown
    })
}
