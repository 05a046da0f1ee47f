//! What other programs save is read as what Excel saves.

mod common;

use common::{examined, filled};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Two that start for the first time at once get into each other's way, even with a profile for each.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Converts a workbook with a LibreOffice that has a profile of its own.
fn saved_by_libreoffice(workbook: &[u8], format: &str) -> Vec<u8> {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder: PathBuf = std::env::temp_dir().join(format!("formularschrank-{}-{format}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let input = folder.join("formular.xlsx");
    fs::write(&input, workbook).expect("a file");
    let out = folder.join("gespeichert");
    let converted = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}/profil", folder.display()))
        .args(["--headless", "--convert-to", format, "--outdir"])
        .args([&out, &input])
        .output()
        .expect("this test needs LibreOffice: the program `soffice` was not found");
    let saved = fs::read(out.join("formular").with_extension(format));
    fs::remove_dir_all(&folder).expect("the folder goes again");
    saved.unwrap_or_else(|error| panic!("LibreOffice saved nothing ({error}): {converted:?}"))
}

#[test]
#[ignore = "needs soffice"]
fn a_workbook_saved_by_libreoffice_passes() {
    let examination = examined(&saved_by_libreoffice(&filled(), "xlsx"));
    assert_eq!(examination.findings, []);
    assert_eq!(examination.rows, examined(&filled()).rows);
}

#[test]
#[ignore = "needs soffice"]
fn a_workbook_saved_as_ods_or_xls_is_named() {
    use form::Unreadable::{OldXls, OpenDocument};
    for (format, expected) in [("ods", OpenDocument), ("xls", OldXls)] {
        let saved = saved_by_libreoffice(&filled(), format);
        let read = form::examine(&common::form(), &common::vordruck(), &saved);
        assert_eq!(read.map(|_| "an examination").expect_err(format), expected);
    }
}
