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
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        if upload.windows(name.len()).any(|window| window == name) {
            Unreadable::Password
        } else {
            Unreadable::OldXls
        }
    } else if upload.starts_with(b"%PDF") {
        Unreadable::Pdf
    } else if upload.len() == 165 && upload[0] < 55 {
        Unreadable::LockFile
    } else if text.starts_with("<!doctype html") || text.starts_with("<html") {
        Unreadable::WebPage
    } else if !start.contains(&0) && !upload.starts_with(b"PK") {
        Unreadable::Text
    } else {
        Unreadable::Unknown
    })
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
