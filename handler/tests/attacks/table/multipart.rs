//! Uploads whose parts are not as browsers send them. A file that arrives whole is no workbook (415).

use super::{Attack, SESSION, attack, body};

const USUAL: &str = "multipart/form-data; boundary=grenze";
const RUNDE: &str = "--grenze\r\nContent-Disposition: form-data; name=\"runde\"\r\n\r\ncb-2026\r\n";
const FILE: &str = "--grenze\r\nContent-Disposition: form-data; name=\"datei\"; filename=\"a.xlsx\"\r\n\r\nPK\r\n";
const END: &str = "--grenze--\r\n";

pub fn all() -> Vec<Attack> {
    [boundaries(), parts(), names(), bodies()]
        .into_iter()
        .flatten()
        .collect()
}

/// An upload by somebody who is logged in.
fn upload(name: impl Into<String>, answers: &'static [u16], content_type: &str, bytes: impl AsRef<[u8]>) -> Attack {
    let lines = format!("Cookie: {SESSION}\r\nContent-Type: {content_type}");
    body(name, answers, "/meldung/hochladen", &lines, bytes.as_ref())
}

fn usual(name: impl Into<String>, answers: &'static [u16], bytes: impl AsRef<[u8]>) -> Attack {
    upload(name, answers, USUAL, bytes)
}

/// The two usual parts, the second with this head.
fn file(name: impl Into<String>, answers: &'static [u16], head: &str) -> Attack {
    usual(name, answers, format!("{RUNDE}--grenze\r\n{head}\r\n\r\nPK\r\n{END}"))
}

/// The two usual parts, the second under this name.
fn named(name: impl Into<String>, answers: &'static [u16], parameters: &str) -> Attack {
    let head = format!("Content-Disposition: form-data; {parameters}");
    file(name, answers, &head)
}

/// The two usual parts, the first with this Runde.
fn runde(name: impl Into<String>, answers: &'static [u16], runde: &[u8]) -> Attack {
    let head = b"--grenze\r\nContent-Disposition: form-data; name=\"runde\"\r\n\r\n".as_slice();
    let rest = format!("\r\n{FILE}{END}");
    usual(name, answers, [head, runde, rest.as_bytes()].concat())
}

fn boundaries() -> Vec<Attack> {
    let whole = format!("{RUNDE}{FILE}{END}");
    let boundary = |name: &str, answers, content_type: &str| upload(name, answers, content_type, &whole);
    let long = |letters: usize| {
        let boundary = "g".repeat(letters);
        let body = whole.replace("grenze", &boundary);
        (format!("multipart/form-data; boundary={boundary}"), body)
    };
    let (longest, longest_body) = long(70);
    let (too_long, too_long_body) = long(4_000);
    vec![
        boundary(
            "a boundary in quotes",
            &[415],
            "multipart/form-data; boundary=\"grenze\"",
        ),
        boundary(
            "a boundary in half a quote",
            &[400],
            "multipart/form-data; boundary=\"grenze",
        ),
        boundary(
            "a parameter in capitals",
            &[415],
            "multipart/form-data; BOUNDARY=grenze",
        ),
        boundary("a type in capitals", &[415], "MULTIPART/FORM-DATA; boundary=grenze"),
        boundary(
            "a blank before the boundary",
            &[400],
            "multipart/form-data; boundary= grenze",
        ),
        boundary("no boundary", &[400], "multipart/form-data"),
        boundary("an empty boundary", &[400], "multipart/form-data; boundary="),
        boundary(
            "an empty boundary in quotes",
            &[400],
            "multipart/form-data; boundary=\"\"",
        ),
        boundary(
            "two boundaries",
            &[415],
            "multipart/form-data; boundary=grenze; boundary=andere",
        ),
        boundary(
            "two boundaries, the other first",
            &[400],
            "multipart/form-data; boundary=andere; boundary=grenze",
        ),
        boundary(
            "a boundary that never comes",
            &[400],
            "multipart/form-data; boundary=andere",
        ),
        boundary("half of the boundary", &[400], "multipart/form-data; boundary=gren"),
        boundary(
            "a comma for a semicolon",
            &[400],
            "multipart/form-data, boundary=grenze",
        ),
        boundary("another kind of multipart", &[400], "multipart/mixed; boundary=grenze"),
        boundary("a type of our own", &[400], "multipart/form-data-x; boundary=grenze"),
        boundary("fields of a form instead", &[400], "application/x-www-form-urlencoded"),
        boundary("text instead", &[400], "text/plain; boundary=grenze"),
        boundary("an empty type", &[400], ""),
        boundary(
            "a type that is not ASCII",
            &[400],
            "multipart/förm-data; boundary=grenze",
        ),
        upload("a boundary of 70 letters", &[415], &longest, longest_body),
        upload("a boundary of 4,000 letters", &[415], &too_long, too_long_body),
        body(
            "no type",
            &[400],
            "/meldung/hochladen",
            &format!("Cookie: {SESSION}"),
            whole.as_bytes(),
        ),
    ]
}

fn parts() -> Vec<Attack> {
    vec![
        usual(
            "a line before the first part",
            &[415],
            format!("Vorwort\r\n{RUNDE}{FILE}{END}"),
        ),
        usual(
            "text behind the last part",
            &[415],
            format!("{RUNDE}{FILE}{END}Nachwort {RUNDE}"),
        ),
        usual("no last boundary", &[400], format!("{RUNDE}{FILE}")),
        usual(
            "a last boundary without its dashes",
            &[400],
            format!("{RUNDE}{FILE}--grenze\r\n"),
        ),
        usual(
            "line feeds alone",
            &[400],
            format!("{RUNDE}{FILE}{END}").replace("\r\n", "\n"),
        ),
        usual(
            "a blank behind the boundary",
            &[415],
            format!("{RUNDE}{FILE}{END}").replace("--grenze\r\n", "--grenze \r\n"),
        ),
        usual(
            "letters behind the boundary",
            &[400],
            format!("{RUNDE}{FILE}{END}").replace("--grenze\r\n", "--grenze1\r\n"),
        ),
        usual("only the last boundary", &[400], END),
        usual("two last boundaries", &[400], format!("{RUNDE}{END}{FILE}{END}")),
        usual(
            "boundaries alone, a thousand times",
            &[400],
            "--grenze\r\n".repeat(1_000),
        ),
        usual("the parts in the other order", &[415], format!("{FILE}{RUNDE}{END}")),
        usual("nine parts", &[400], format!("{}{END}", RUNDE.repeat(9))),
        usual(
            "a part in a part",
            &[415],
            format!(
                "{RUNDE}--grenze\r\nContent-Disposition: form-data; name=\"datei\"; filename=\"a.xlsx\"\r\nContent-Type: multipart/mixed; boundary=innen\r\n\r\n--innen\r\nContent-Disposition: file; filename=\"b.xlsx\"\r\n\r\nPK\r\n--innen--\r\n{END}"
            ),
        ),
        usual(
            "a part without a head",
            &[400],
            format!("--grenze\r\n\r\ncb-2026\r\n{FILE}{END}"),
        ),
        usual(
            "a head without an end",
            &[400],
            format!("{RUNDE}--grenze\r\nContent-Disposition: form-data; name=\"datei\"\r\n{END}"),
        ),
        usual(
            "a part of headers alone",
            &[400],
            format!("{RUNDE}--grenze\r\n{}\r\nPK\r\n{END}", "X-A: b\r\n".repeat(100)),
        ),
        usual(
            "a folded head",
            &[400],
            format!("{RUNDE}{FILE}{END}").replace("form-data; name=\"datei\"", "form-data;\r\n name=\"datei\""),
        ),
        file(
            "two dispositions",
            &[415],
            "Content-Disposition: form-data; name=\"x\"\r\nContent-Disposition: form-data; name=\"datei\"",
        ),
        file(
            "a disposition that is none of a form",
            &[415],
            "Content-Disposition: attachment; name=\"datei\"; filename=\"a.xlsx\"",
        ),
        file("an empty disposition", &[400], "Content-Disposition:"),
        file(
            "a length of a part that is wrong",
            &[415],
            "Content-Disposition: form-data; name=\"datei\"; filename=\"a.xlsx\"\r\nContent-Length: 99999999999",
        ),
        file(
            "a part in base64",
            &[415],
            "Content-Disposition: form-data; name=\"datei\"; filename=\"a.xlsx\"\r\nContent-Transfer-Encoding: base64",
        ),
        file(
            "a part in another alphabet",
            &[415],
            "Content-Disposition: form-data; name=\"datei\"; filename=\"a.xlsx\"\r\nContent-Type: text/plain; charset=utf-16",
        ),
    ]
}

fn names() -> Vec<Attack> {
    vec![
        named("no file name", &[415], "name=\"datei\""),
        named("an empty file name", &[415], "name=\"datei\"; filename=\"\""),
        named(
            "a path as file name",
            &[415],
            "name=\"datei\"; filename=\"../../../../etc/passwd\"",
        ),
        named(
            "a path of Windows as file name",
            &[415],
            "name=\"datei\"; filename=\"C:\\\\fakepath\\\\a.xlsx\"",
        ),
        named(
            "a file name with tags",
            &[415],
            "name=\"datei\"; filename=\"<script>alert(1)</script>.xlsx\"",
        ),
        named(
            "a file name with a quote",
            &[415],
            "name=\"datei\"; filename=\"a\\\".xlsx\"",
        ),
        named("a file name without quotes", &[415], "name=\"datei\"; filename=a.xlsx"),
        named(
            "a file name that never ends",
            &[415],
            "name=\"datei\"; filename=\"a.xlsx",
        ),
        named(
            "a file name with a NUL",
            &[400],
            "name=\"datei\"; filename=\"a\0.xlsx\"",
        ),
        named(
            "a file name of 60,000 letters",
            &[415],
            &format!("name=\"datei\"; filename=\"{}\"", "a".repeat(60_000)),
        ),
        named(
            "an encoded file name",
            &[415],
            "name=\"datei\"; filename*=UTF-8''%e2%82%ac%20a.xlsx",
        ),
        named(
            "an encoded file name beside another",
            &[415],
            "name=\"datei\"; filename=\"a.xlsx\"; filename*=UTF-8''..%2f..%2fb",
        ),
        named(
            "a file name in an alphabet nobody knows",
            &[415],
            "name=\"datei\"; filename*=KLINGON''%ff%fe",
        ),
        named(
            "a file name in pieces",
            &[415],
            "name=\"datei\"; filename*0=\"a\"; filename*1=\".xlsx\"",
        ),
        named("a name without quotes", &[415], "name=datei; filename=\"a.xlsx\""),
        named("an encoded name", &[400], "name*=UTF-8''datei; filename=\"a.xlsx\""),
        named(
            "two names",
            &[415],
            "name=\"datei\"; name=\"runde\"; filename=\"a.xlsx\"",
        ),
        named("a name in capitals", &[400], "name=\"DATEI\"; filename=\"a.xlsx\""),
        named("a name with brackets", &[400], "name=\"datei[]\"; filename=\"a.xlsx\""),
        named(
            "a name of 10,000 letters",
            &[400],
            &format!("name=\"{}\"", "d".repeat(10_000)),
        ),
        named("an empty name", &[400], "name=\"\"; filename=\"a.xlsx\""),
        runde("an unknown Runde", &[404], b"cb-1999"),
        runde("a path as Runde", &[404], b"../../etc/passwd"),
        runde("a Runde for the database", &[404], b"cb-2026' OR '1'='1"),
        runde("a Runde for a pattern", &[404], b"cb-%"),
        runde("a Runde with a NUL", &[404], b"cb-2026\0"),
        runde("a Runde that is not UTF-8", &[404], b"\xff\xfe\xc0\xae"),
        runde("a Runde of 20,000 letters", &[404], &[b'c'; 20_000]),
        runde("an empty Runde", &[404], b""),
    ]
}

/// A body that is longer or shorter than it says, or in pieces.
fn bodies() -> Vec<Attack> {
    let whole = format!("{RUNDE}{FILE}{END}");
    let head = |lines: &str| {
        format!(
            "POST /meldung/hochladen HTTP/1.1\r\nHost: x\r\nCookie: {SESSION}\r\nContent-Type: {USUAL}\r\n{lines}\r\n\r\n"
        )
    };
    let size = whole.len();
    let in_pieces = |name: &str, answers, chunks: String| {
        attack(name, answers, format!("{}{chunks}", head("Transfer-Encoding: chunked")))
    };
    let one_by_one: String = whole.chars().map(|letter| format!("1\r\n{letter}\r\n")).collect();
    vec![
        usual("an empty body", &[400], ""),
        attack(
            "a body that stops before its end",
            &[400],
            format!("{}{whole}", head(&format!("Content-Length: {}", size + 100))),
        )
        .nginx(&[]),
        attack(
            "a body that goes on behind its end",
            &[400],
            format!("{}{whole}", head(&format!("Content-Length: {}", size - 20))),
        )
        .nginx(&[400, 400]),
        attack(
            "a body nobody announced",
            &[400, 400],
            format!("{}{whole}", head("X-A: b")),
        ),
        attack(
            "a length of 2^63",
            &[413],
            format!("{}{whole}", head("Content-Length: 9223372036854775808")),
        )
        .nginx(&[400]),
        in_pieces("pieces of one byte", &[415], format!("{one_by_one}0\r\n\r\n")),
        in_pieces(
            "a piece with a note",
            &[415],
            format!("{size:x};a=\"b\"\r\n{whole}\r\n0\r\n\r\n"),
        ),
        in_pieces(
            "pieces with a trailer",
            &[415],
            format!("{size:x}\r\n{whole}\r\n0\r\nContent-Length: 5\r\nCookie: sitzung=x\r\n\r\n"),
        ),
        in_pieces("pieces without a last one", &[400], format!("{size:x}\r\n{whole}\r\n")),
        in_pieces(
            "a piece of 2^63 bytes",
            &[400],
            format!("8000000000000000\r\n{whole}\r\n0\r\n\r\n"),
        ),
        upload(
            "a body that says it is packed",
            &[415],
            &format!("{USUAL}\r\nContent-Encoding: gzip"),
            &whole,
        ),
        body(
            "an upload without a session",
            &[403],
            "/meldung/hochladen",
            &format!("Content-Type: {USUAL}"),
            whole.as_bytes(),
        ),
        body(
            "an upload of another website",
            &[403],
            "/meldung/hochladen",
            &format!("Cookie: {SESSION}\r\nOrigin: https://evil.example\r\nContent-Type: {USUAL}"),
            whole.as_bytes(),
        ),
    ]
}
