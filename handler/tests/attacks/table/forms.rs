//! Fields of forms that no page of ours sends.

use super::{Attack, RIGHT, SESSION, attack, body};

const URLENCODED: &str = "Content-Type: application/x-www-form-urlencoded";

pub fn all() -> Vec<Attack> {
    [logins(), kinds(), sizes(), others()].into_iter().flatten().collect()
}

/// A login with these fields.
fn login(name: &str, answers: &'static [u16], fields: &str) -> Attack {
    body(name, answers, "/meldung/anmelden", URLENCODED, fields.as_bytes())
}

fn logins() -> Vec<Attack> {
    let email = |name, email: &str| {
        let fields = format!("email={email}&schultraegernummer=10054");
        login(name, &[403], &fields)
    };
    let nummer = |name, nummer: &str| {
        let fields = format!("email=schultraeger-10054%40example.org&schultraegernummer={nummer}");
        login(name, &[403], &fields)
    };
    vec![
        login("no fields", &[403], ""),
        login("only separators", &[403], "&&==&=&"),
        login(
            "the right fields, then wrong ones",
            &[403],
            &format!("{RIGHT}&email=x&schultraegernummer=x"),
        ),
        login("names in capitals", &[403], &RIGHT.to_uppercase()),
        login("names with brackets", &[403], &RIGHT.replace('=', "%5B%5D=")),
        login("semicolons for separators", &[403], &RIGHT.replace('&', ";")),
        email("an address for the database", "'%20OR%20'1'%3D'1'%20--"),
        email("an address for a pattern", "schultraeger-%25%40example.org"),
        email(
            "an address with a NUL behind it",
            "schultraeger-10054%40example.org%00x",
        ),
        email(
            "an address with an overlong letter",
            "schultraeger-10054%c1%80example.org",
        ),
        email("an address with half a surrogate", "%ed%a0%80%40example.org"),
        email("an address with a broken encoding", "schultraeger-10054%4"),
        email("an address with a header", "a%0d%0aSet-Cookie:%20sitzung=x"),
        email("an address with tags", "%3Cscript%3Ealert(1)%3C/script%3E"),
        email("an address for a template", "{{7*7}}{%25%20include%20'x'%20%25}"),
        email(
            "two addresses in one",
            "x%40example.org,schultraeger-10054%40example.org",
        ),
        login(
            "an address with a long s, which counts as any s",
            &[303],
            &RIGHT.replace("email=s", "email=%C5%BF"),
        ),
        nummer("a number for the database", "10054'%20--"),
        nummer("a number with a sign", "%2B10054"),
        nummer("a number with a zero before it", "010054"),
        nummer("a number with a point", "10054.0"),
        nummer("a number in hexadecimal", "0x2746"),
        nummer("a number in another script", "%D9%A1%D9%A0%D9%A0%D9%A5%D9%A4"),
        nummer("another number's address", "10066"),
    ]
}

/// A body that is no form.
fn kinds() -> Vec<Attack> {
    let kind = |name, lines: &str, bytes: &[u8]| body(name, &[403], "/meldung/anmelden", lines, bytes);
    let utf16: Vec<u8> = RIGHT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        kind("a login as JSON", "Content-Type: application/json", b"{\"email\":\"schultraeger-10054@example.org\",\"schultraegernummer\":\"10054\"}"),
        kind("a login as XML", "Content-Type: text/xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"),
        kind("a login in parts", "Content-Type: multipart/form-data; boundary=g", b"--g\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nschultraeger-10054@example.org\r\n--g\r\nContent-Disposition: form-data; name=\"schultraegernummer\"\r\n\r\n10054\r\n--g--\r\n"),
        kind("a login in UTF-16", "Content-Type: application/x-www-form-urlencoded; charset=utf-16", &utf16),
        kind("a login that is packed", &format!("{URLENCODED}\r\nContent-Encoding: gzip"), b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
        kind("a login of random bytes", URLENCODED, &[0x80, 0xff, 0, 1, b'&', b'=', 0xc0]),
    ]
}

fn sizes() -> Vec<Attack> {
    let megabyte = "a".repeat(1 << 20);
    let chunks = |size: usize, count: usize| {
        let chunk = format!("{size:x}\r\n{}\r\n", "a".repeat(size));
        format!(
            "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\n{URLENCODED}\r\nTransfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
            chunk.repeat(count)
        )
    };
    vec![
        login("an address of a megabyte", &[413], &format!("email={megabyte}")),
        login("a number of a megabyte", &[413], &format!("{RIGHT}{megabyte}")),
        login(
            "an address of 16,000 letters",
            &[403],
            &format!("email={}", "a".repeat(16_000)),
        ),
        login(
            "an address of 5,000 letters that grow when they are composed",
            &[403],
            &format!("email={}", "%EF%B7%BA".repeat(1_800)),
        ),
        login("8,000 fields", &[403], &"a&".repeat(8_000)),
        login("8,000 fields of one name", &[403], &"a=".repeat(8_000)),
        login("16 KiB and a byte", &[413], &"a".repeat((16 << 10) + 1)),
        attack("a megabyte in pieces", &[413], chunks(1 << 10, 1 << 10)),
        attack("16,000 pieces of a byte", &[403], chunks(1, 16_000)),
    ]
}

fn others() -> Vec<Attack> {
    let session = format!("Cookie: {SESSION}\r\n{URLENCODED}");
    let to = |name: &str, answers, route: &str, fields: &str| body(name, answers, route, &session, fields.as_bytes());
    let reasons: String = (1..500).map(|n| format!("grund_{n}=G1&")).collect();
    vec![
        to(
            "a confirmation of nothing",
            &[409],
            "/meldung/bestaetigen",
            "id=0123456789abcdef&grund_1=G1",
        ),
        to("a confirmation without an id", &[409], "/meldung/bestaetigen", ""),
        to(
            "a confirmation with 500 reasons",
            &[409],
            "/meldung/bestaetigen",
            &reasons,
        ),
        to(
            "a confirmation for the database",
            &[409],
            "/meldung/bestaetigen",
            "id='%20OR%20''%3D'",
        ),
        to(
            "a confirmation of a megabyte",
            &[413],
            "/meldung/bestaetigen",
            &"a".repeat(1 << 20),
        ),
        to(
            "a confirmation as parts",
            &[409],
            "/meldung/bestaetigen",
            "--g\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\nx\r\n--g--\r\n",
        ),
        to(
            "a logout with a megabyte",
            &[303],
            "/meldung/abmelden",
            &"a".repeat(1 << 20),
        ),
        to("a code where there are none", &[404], "/meldung/code", "code=123456"),
        to("fields for a page that takes none", &[405], "/meldung/", RIGHT),
        to("fields for a workbook", &[405], "/meldung/formular/cb-2026.xlsx", RIGHT),
        to(
            "a file as fields",
            &[400],
            "/meldung/hochladen",
            "runde=cb-2026&datei=PK",
        ),
        body(
            "a confirmation without a session",
            &[403],
            "/meldung/bestaetigen",
            URLENCODED,
            b"id=x",
        ),
        body(
            "a logout without a session",
            &[403],
            "/meldung/abmelden",
            URLENCODED,
            b"",
        ),
    ]
}
