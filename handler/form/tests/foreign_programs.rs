//! Other programs read what we write, and what they save is read as what Excel saves.

mod common;

use common::{codes, empty, examined, filled, form, schulen, vordruck};
use form::testing::{Typed, edit};
use form::write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
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
        let read = form::examine(&form(), &vordruck(), &saved);
        assert_eq!(read.map(|_| "an examination").expect_err(format), expected);
    }
}

/// Runs a program with the path of a workbook as its last argument, in a folder of its own, and gives its answer and
/// the workbook as it lies there afterwards.
fn run(program: &str, arguments: &[&str], workbook: &[u8]) -> (Output, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file: &Path = &folder.path().join("formular.xlsx");
    fs::write(file, workbook).expect("a file");
    let output = Command::new(program).args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|error| panic!("this test needs `{program}`: {error}"));
    (output, fs::read(file).expect("the workbook"))
}

/// The Korrekturfassung of a workbook with a wrong amount, a long note and a blank.
fn korrektur() -> Vec<u8> {
    let faulty = schulen(&[
        ("H5", Typed::Text("ca. 12.000 € & mehr")),
        ("S6", Typed::Text("Zeile eins\nZeile zwei")),
        ("R7", Typed::Nothing),
    ]);
    write(&form(), &vordruck(), &examined(&faulty).eintraege).expect("a workbook")
}

#[test]
#[ignore = "needs openxml-audit"]
fn a_second_validator_has_nothing_to_say_about_what_we_write() {
    let audit = |workbook: &[u8]| {
        run(
            "openxml-audit",
            &["--format", "microsoft365", "--policy", "strict"],
            workbook,
        )
        .0
    };
    for workbook in [empty(), filled(), korrektur()] {
        let answer = audit(&workbook);
        assert!(answer.status.success(), "{answer:?}");
    }
    let broken = edit(&empty(), "xl/worksheets/sheet3.xml", |xml| {
        xml.replace("<sheetData>", "<pageMargins/><sheetData>")
    });
    assert!(!audit(&broken).status.success());
}

#[test]
#[ignore = "needs openpyxl"]
fn openpyxl_reads_and_saves_what_we_write() {
    // Loads, prints some cells as they are calculated and how the sheets are protected, and saves over the file.
    const SCRIPT: &str = "\
import sys, warnings
import openpyxl
warnings.simplefilter('error')
values = openpyxl.load_workbook(sys.argv[1], data_only=True)
schulen = values['Schulen']
print(values.sheetnames)
print(schulen['B5'].value, schulen['C5'].value, schulen['F5'].value, schulen['Q5'].value, schulen['F8'].value)
print(values['Deckblatt']['B7'].value.date(), values['Deckblatt']['B10'].value)
print([sheet.protection.sheet for sheet in values], len(values.defined_names), len(schulen.data_validations.dataValidation))
book = openpyxl.load_workbook(sys.argv[1])
book.save(sys.argv[1])
";
    let (answer, _) = run("python3", &["-c", SCRIPT], &empty());
    let printed = String::from_utf8_lossy(&answer.stdout);
    expect_test::expect![[r#"
        ['Hinweise', 'Deckblatt', 'Schulen', 'Listen', '_meta']
        100091 Duisburg, GG Eins 10000 10000 60000
        2026-01-01 60000
        [True, True, True, True, True] 33 11
    "#]]
    .assert_eq(&format!("{printed}{}", String::from_utf8_lossy(&answer.stderr)));

    let (_, saved) = run("python3", &["-c", SCRIPT], &filled());
    assert_ne!(saved, filled());
    assert_eq!(codes(&saved), "");
    assert_eq!(examined(&saved).rows, examined(&filled()).rows);
    let (_, saved) = run("python3", &["-c", SCRIPT], &korrektur());
    assert_eq!(codes(&saved), codes(&korrektur()));
}
