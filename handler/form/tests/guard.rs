//! What is not a workbook is named for what it is; of a workbook only what may be stored is kept.

mod common;

use common::{codes, examined, filled, form, vordruck};
use form::testing::Typed::{Formula, Text};
use form::testing::{edit, fill, part};
use form::{Unreadable, examine};
use std::io::{Cursor, Read, Write};
use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

fn refusal(upload: &[u8]) -> Unreadable {
    examine(&form(), &vordruck(), upload)
        .map(|_| "an examination")
        .expect_err("unreadable")
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(data).expect("its bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

fn unzipped(workbook: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).expect("a zip");
    let mut entry = |n| {
        let mut file = archive.by_index(n).expect("an entry");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("its bytes");
        (file.name().expect("a name").into_owned(), bytes)
    };
    (0..).map_while(|n| (n < count(workbook)).then(|| entry(n))).collect()
}

fn count(workbook: &[u8]) -> usize {
    ZipArchive::new(Cursor::new(workbook)).expect("a zip").len()
}

/// The filled form with further parts.
fn with_parts(workbook: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let own = unzipped(workbook);
    let own = own.iter().map(|(name, data)| (name.as_str(), data.as_slice()));
    zipped(&own.chain(more.iter().copied()).collect::<Vec<_>>())
}

#[test]
fn other_files_are_named_for_what_they_are() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let cfb = |name: &str| {
        [
            &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..],
            &[0; 600],
            &utf16(name),
        ]
        .concat()
    };
    let lock = [&[14][..], b"Erika Beispiel", &[b' '; 150]].concat();
    for (upload, expected) in [
        (Vec::new(), Unreadable::Empty),
        (cfb("EncryptedPackage"), Unreadable::Password),
        (cfb("Workbook"), Unreadable::OldXls),
        (
            zipped(&[("[Content_Types].xml", b""), ("xl/workbook.bin", b"")]),
            Unreadable::Xlsb,
        ),
        (
            zipped(&[("mimetype", b""), ("content.xml", b"")]),
            Unreadable::OpenDocument,
        ),
        (b"%PDF-1.7 ...".to_vec(), Unreadable::Pdf),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>".to_vec(), Unreadable::WebPage),
        (b"<HTML><table>".to_vec(), Unreadable::WebPage),
        (
            "Schulnummer;Verausgabt\n100091;12,50\n".as_bytes().to_vec(),
            Unreadable::Text,
        ),
        (lock, Unreadable::LockFile),
        (
            zipped(&[("Bericht/cb-2026.XLSX", &filled())]),
            Unreadable::ZippedWorkbook,
        ),
        (
            zipped(&[("[Content_Types].xml", b""), ("word/document.xml", b"")]),
            Unreadable::OtherOffice,
        ),
        (zipped(&[("foto.jpg", b"")]), Unreadable::Unknown),
        (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), Unreadable::Unknown),
    ] {
        assert_eq!(refusal(&upload), expected);
    }
}

/// As `zip -0` does it, and programs that put a workbook into another one.
#[test]
fn a_workbook_that_lies_unpacked_in_a_zip_is_found_there() {
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("ok.xlsx", stored).expect("an entry");
    zip.write_all(&filled()).expect("its bytes");
    let zip = zip.finish().expect("a zip").into_inner();
    assert_eq!(refusal(&zip), Unreadable::ZippedWorkbook);

    let mut holding = ZipWriter::new_append(Cursor::new(filled())).expect("a zip");
    holding
        .start_file("xl/embeddings/Microsoft_Excel_Sheet1.xlsx", stored)
        .expect("an entry");
    holding.write_all(&filled()).expect("its bytes");
    let holding = holding.finish().expect("a zip").into_inner();
    assert_eq!(codes(&holding), "");
    let kept = unzipped(&examined(&holding).repacked);
    assert!(kept.iter().all(|(name, _)| !name.contains("embeddings")));
}

#[test]
fn a_zip_that_is_only_begun_is_damaged() {
    let workbook = filled();
    for length in [4, 100, workbook.len() / 2, workbook.len() - 1] {
        assert!(matches!(refusal(&workbook[..length]), Unreadable::Damaged(_)));
    }
}

#[test]
fn what_programs_write_beside_the_values_is_not_kept() {
    let typed = fill(&filled(), "Schulen", &[("H5", Formula("2500+2500", Some("5000")))]);
    let secretive = edit(&typed, "xl/workbook.xml", |xml| {
        xml.replace("<sheets>", "<fileSharing userName=\"Erika Beispiel\"/><definedNames><definedName name=\"Erika\">1</definedName></definedNames><sheets>")
    });
    let secretive = edit(&secretive, "docProps/core.xml", |xml| {
        xml.replace("<dc:creator></dc:creator>", "").replace(
            "</cp:coreProperties>",
            "<dc:creator>Erika</dc:creator></cp:coreProperties>",
        )
    });
    let secretive = edit(&secretive, "xl/worksheets/sheet3.xml", |xml| {
        xml.replace(
            "</worksheet>",
            "<hyperlinks><hyperlink ref=\"A1\" display=\"Erika\"/></hyperlinks><legacyDrawing/></worksheet>",
        )
    });
    let secretive = with_parts(
        &secretive,
        &[
            (
                "xl/comments1.xml",
                b"<comments><authors><author>Erika</author></authors></comments>",
            ),
            (
                "xl/persons/person.xml",
                b"<personList><person displayName=\"Erika\"/></personList>",
            ),
            ("xl/vbaProject.bin", b"Erika"),
            (
                "xl/externalLinks/externalLink1.xml",
                b"<externalLink>Erika</externalLink>",
            ),
            ("customXml/item1.xml", b"<x>Erika</x>"),
            ("xl/printerSettings/printerSettings1.bin", b"Erika"),
        ],
    );
    let kept = unzipped(&examined(&secretive).repacked);
    let names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
    expect_test::expect![[r#"
        [
            "xl/worksheets/sheet1.xml",
            "xl/worksheets/sheet2.xml",
            "xl/worksheets/sheet3.xml",
            "xl/worksheets/sheet4.xml",
            "xl/worksheets/sheet5.xml",
            "xl/sharedStrings.xml",
            "xl/styles.xml",
            "[Content_Types].xml",
            "_rels/.rels",
            "xl/_rels/workbook.xml.rels",
            "xl/workbook.xml",
        ]
    "#]]
    .assert_debug_eq(&names);
    for (name, data) in &kept {
        let text = String::from_utf8_lossy(data);
        for trace in [
            "Erika",
            "<f>",
            "<f ",
            "hyperlink",
            "definedName",
            "dataValidation",
            "sheetProtection",
        ] {
            assert!(!text.contains(trace), "{trace} in {name}");
        }
    }
}

#[test]
fn the_kept_copy_is_read_as_the_upload_was() {
    let workbook = fill(
        &filled(),
        "Schulen",
        &[("S5", Text(" Ein <Text> & „Zeichen“ ")), ("H6", Text("10.000,00 €"))],
    );
    let first = examined(&workbook);
    let again = examined(&first.repacked);
    assert_eq!(again.findings, first.findings);
    assert_eq!(again.rows, first.rows);
    assert_eq!(again.repacked, first.repacked);
}

#[test]
fn the_same_upload_gives_the_same_copy() {
    assert_eq!(examined(&filled()).repacked, examined(&filled()).repacked);
}

#[test]
fn a_workbook_with_macros_is_read_without_them() {
    let with_macros = with_parts(&filled(), &[("xl/vbaProject.bin", b"\xD0\xCF\x11\xE0")]);
    let types = |xml: String| xml.replace("sheet.main+xml", "macroEnabled.main+xml");
    assert_eq!(codes(&edit(&with_macros, "[Content_Types].xml", types)), "");
}

#[test]
fn a_copy_looks_like_what_was_uploaded() {
    let styles = part(&examined(&filled()).repacked, "xl/styles.xml");
    assert_eq!(
        styles.matches("<xf").count(),
        part(&filled(), "xl/styles.xml").matches("<xf").count()
    );
    assert!(part(&examined(&filled()).repacked, "xl/worksheets/sheet3.xml").contains("<cols>"));
}
