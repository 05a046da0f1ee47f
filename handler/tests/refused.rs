//! Files and requests that are not taken: each gets its own clear answer, and nothing is stored.

mod support;

use form::testing::{edit, part};
use std::path::Path;
use support::{DUISBURG, Server, filled, multipart};

#[test]
fn each_wrong_file_gets_its_own_answer_and_no_meldung() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let foreign = filled(&server.own_form(&server.log_in("10066")), 64, "12345.67");
    for (file, status, words) in [
        (foreign.as_slice(), 422, "Schulträgernummer 10066"),
        (b"Schulnummer;Betrag\n100092;3\n".as_slice(), 415, "ist eine Textdatei"),
        (b"".as_slice(), 400, "Die Datei ist leer."),
        (b"%PDF-1.7 ...".as_slice(), 415, "Ihre Datei hat das Format PDF."),
        (
            b"PK\x03\x04 and nothing else".as_slice(),
            415,
            "Die Datei lässt sich nicht öffnen.",
        ),
    ] {
        let answer = server.upload(&cookie, file);
        assert_eq!(answer.status, status, "{}", answer.body());
        assert!(answer.body().contains(words), "{words}: {}", answer.body());
    }
    assert_eq!(server.count("meldung"), 0);
    assert_eq!(server.count("journal WHERE art = 'meldung'"), 0);
}

#[test]
fn fifty_megabytes_are_refused_with_both_sizes() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let answer = server.upload(&cookie, &vec![b'x'; 50 << 20]);
    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(
        answer
            .body()
            .contains("höchstens 10 MB groß sein. Ihre Datei hat 50 MB."),
        "{}",
        answer.body()
    );
    assert_eq!(server.count("meldung"), 0);
}

#[test]
fn a_crashing_or_hanging_child_is_one_refused_upload() {
    for child in ["/bin/false", "/bin/cat"] {
        let server = Server::start_with(|_| {}, Path::new(child));
        let cookie = server.log_in(DUISBURG);
        let answer = server.upload(&cookie, b"PK\x03\x04");
        assert!(matches!(answer.status, 422 | 500), "{child}: {}", answer.status);
        assert_eq!(server.get("/meldung/", &cookie).status, 200, "the server lives on");
    }
}

#[test]
fn workbooks_built_to_exhaust_are_refused_and_the_server_lives_on() {
    let server = Server::start();
    let cookie = server.log_in("10039");
    let form = server.own_form(&cookie);
    let strings = "xl/sharedStrings.xml";
    let long = part(&form, strings).matches("<si>").count();
    let form_with_long_text = edit(&form, strings, |xml| {
        xml.replace("</sst>", &format!("<si><t>{}</t></si></sst>", "q".repeat(120_000)))
    });
    let below = |rows: &str| {
        edit(&form_with_long_text, "xl/worksheets/sheet3.xml", |xml| {
            xml.replace("</sheetData>", &format!("{rows}</sheetData>"))
        })
    };
    let row = format!("<row>{}</row>", format!("<c t=\"s\"><v>{long}</v></c>").repeat(2_000));
    let nested = "<a>".repeat(50_000) + &"</a>".repeat(50_000);
    let much_more = "Die Datei enthält viel mehr, als in das Formular gehört.";
    for (workbook, status, words) in [
        // More memory than a child has, if each cell gets its own text.
        (below(&row), 422, "Die Datei lässt sich nicht prüfen"),
        (below(&format!("<row><c>{nested}</c></row>")), 415, much_more),
        (below(&" ".repeat(31 << 20)), 415, much_more),
        (
            [b"PK\x03\x04".as_slice(), &[0; 10 << 20][4..]].concat(),
            415,
            "Die Datei lässt sich nicht öffnen.",
        ),
    ] {
        let answer = server.upload(&cookie, &workbook);
        assert_eq!(answer.status, status, "{}", answer.body());
        assert!(answer.body().contains(words), "{words}: {}", answer.body());
        assert_eq!(server.get("/meldung/", &cookie).status, 200, "the server lives on");
    }
}

#[test]
fn bodies_that_are_no_upload_are_refused() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form_type = "multipart/form-data; boundary=grenze";
    let truncated = &multipart("cb-2026", b"PK\x03\x04")[..80];
    assert_eq!(
        server.post("/meldung/hochladen", &cookie, form_type, truncated).status,
        400
    );
    assert_eq!(
        server.post("/meldung/hochladen", &cookie, "text/plain", b"x").status,
        400
    );
    assert_eq!(
        server
            .post("/meldung/hochladen", &cookie, form_type, b"--grenze--\r\n")
            .status,
        400
    );
    assert_eq!(server.upload_to("cb-1999", &cookie, b"PK\x03\x04").status, 404);
}
