//! Shapes of requests that no browser sends: name, bytes, and the statuses of all answers before the connection is closed.

pub struct Attack {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub answers: &'static [u16],
}

/// A login that would succeed. Whoever smuggles it past us has a session.
pub const SMUGGLED: &str = "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 65\r\n\r\nemail=schultraeger-10054%40example.org&schultraegernummer=10054  ";

fn attack(name: &'static str, answers: &'static [u16], bytes: impl Into<Vec<u8>>) -> Attack {
    Attack {
        name,
        bytes: bytes.into(),
        answers,
    }
}

/// A line and headers, with the smuggled login behind them.
fn head(name: &'static str, answers: &'static [u16], lines: &[&str]) -> Attack {
    attack(name, answers, format!("{}\r\n\r\n{SMUGGLED}", lines.join("\r\n")))
}

/// Headers of a POST whose end is in doubt.
fn post(name: &'static str, answers: &'static [u16], lines: &[&str]) -> Attack {
    let start = ["POST /meldung/anmelden HTTP/1.1", "Host: x"];
    head(name, answers, &[&start, lines].concat())
}

/// A chunked body.
fn chunked(name: &'static str, answers: &'static [u16], body: &str) -> Attack {
    let head = "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    attack(name, answers, format!("{head}{body}{SMUGGLED}"))
}

/// A path asked for by GET, and nothing else.
fn path(name: &'static str, answers: &'static [u16], path: &str) -> Attack {
    attack(
        name,
        answers,
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    )
}

/// One header of a GET, and nothing else.
fn header(name: &'static str, answers: &'static [u16], line: &[u8]) -> Attack {
    let start = b"GET /meldung/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".as_slice();
    attack(name, answers, [start, line, b"\r\n\r\n"].concat())
}

pub fn attacks() -> Vec<Attack> {
    [lengths(), chunks(), lines(), heads(), paths(), methods()]
        .into_iter()
        .flatten()
        .collect()
}

/// Where does the body end?
fn lengths() -> Vec<Attack> {
    vec![
        post(
            "length, then chunked",
            &[400],
            &["Content-Length: 5", "Transfer-Encoding: chunked"],
        ),
        post(
            "chunked, then length",
            &[400],
            &["Transfer-Encoding: chunked", "Content-Length: 5"],
        ),
        post("two lengths", &[400], &["Content-Length: 0", "Content-Length: 5"]),
        post(
            "the same length twice",
            &[400],
            &["Content-Length: 0", "Content-Length: 0"],
        ),
        post("lengths in a list", &[400], &["Content-Length: 0, 0"]),
        post("a signed length", &[400], &["Content-Length: +0"]),
        post("a negative length", &[400], &["Content-Length: -1"]),
        post("a hexadecimal length", &[400], &["Content-Length: 0x0"]),
        post("a length with a blank in it", &[400], &["Content-Length: 1 0"]),
        post(
            "a length beyond 64 bits",
            &[400],
            &["Content-Length: 18446744073709551616"],
        ),
        post("an empty length", &[400], &["Content-Length:"]),
        post("a length that is no number", &[400], &["Content-Length: zwei"]),
        post("a blank before the colon", &[400], &["Content-Length : 5"]),
        post("a tab before the colon", &[400], &["Transfer-Encoding\t: chunked"]),
        post("a folded length", &[400], &["Content-Length:", " 5"]),
        post("a folded header", &[400], &["X-A: b", "\tTransfer-Encoding: chunked"]),
        post("an unknown coding", &[501], &["Transfer-Encoding: gzip"]),
        post("chunked among others", &[501], &["Transfer-Encoding: gzip, chunked"]),
        post(
            "chunked twice",
            &[400],
            &["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        ),
        post(
            "chunked and identity",
            &[400],
            &["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ),
        post("a coding in quotes", &[501], &["Transfer-Encoding: \"chunked\""]),
        post(
            "a coding that only looks chunked",
            &[501],
            &["Transfer-Encoding: xchunked"],
        ),
        post("a coding with a parameter", &[501], &["Transfer-Encoding: chunked;a=b"]),
        post(
            "a coding with a vertical tab",
            &[400],
            &["Transfer-Encoding: \x0bchunked"],
        ),
        head(
            "a coding in HTTP/1.0",
            &[400],
            &[
                "POST /meldung/anmelden HTTP/1.0",
                "Host: x",
                "Transfer-Encoding: chunked",
            ],
        ),
        head(
            "a GET with a body",
            &[303],
            &["GET /meldung/ HTTP/1.1", "Host: x", "Content-Length: 5"],
        ),
        post("a body without a length", &[403, 303], &["X-A: b"]),
    ]
}

/// Where does a chunk end? Whatever comes after a body is never looked at.
fn chunks() -> Vec<Attack> {
    vec![
        chunked("an honest chunked body", &[403], "5\r\nemail\r\n0\r\n\r\n"),
        chunked("a chunk size that is no number", &[400], "zz\r\nemail\r\n0\r\n\r\n"),
        chunked(
            "a chunk size beyond 64 bits",
            &[400],
            "10000000000000005\r\nemail\r\n0\r\n\r\n",
        ),
        chunked("a signed chunk size", &[400], "+5\r\nemail\r\n0\r\n\r\n"),
        chunked("a chunk size with 0x", &[400], "0x5\r\nemail\r\n0\r\n\r\n"),
        chunked("a chunk longer than it says", &[400], "3\r\nemail\r\n0\r\n\r\n"),
        chunked(
            "a chunk size ended by a line feed alone",
            &[400],
            "5\nemail\r\n0\r\n\r\n",
        ),
        chunked("no chunk size", &[400], "\r\nemail\r\n0\r\n\r\n"),
        chunked(
            "a chunk larger than any form",
            &[413],
            &format!("8000\r\n{}\r\n0\r\n\r\n", "x".repeat(0x8000)),
        ),
        chunked(
            "a flood of trailers",
            &[400],
            &format!("0\r\n{}\r\n", "A: b\r\n".repeat(2000)),
        ),
    ]
}

/// Where does a line end?
fn lines() -> Vec<Attack> {
    let bare = |name, text: &str| attack(name, &[400], format!("{text}{SMUGGLED}"));
    vec![
        bare("line feeds alone", "GET /meldung/ HTTP/1.1\nHost: x\n\n"),
        bare(
            "one line feed alone",
            "GET /meldung/ HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n",
        ),
        bare(
            "a carriage return within a value",
            "GET /meldung/ HTTP/1.1\r\nHost: x\r\nX-A: b\rX-B: c\r\n\r\n",
        ),
        bare("two carriage returns", "GET /meldung/ HTTP/1.1\r\r\nHost: x\r\n\r\n"),
        header("a NUL within a value", &[400], b"X-A: b\0c"),
        header("a NUL within a name", &[400], b"X-\0A: b"),
        header("a line without a colon", &[400], b"X-A"),
        header("a header without a name", &[400], b": b"),
        header("a name with a blank", &[400], b"X A: b"),
        header("a name in brackets", &[400], b"[X]: b"),
        header("a name that is not ASCII", &[400], "Trägernummer: b".as_bytes()),
        header("a value that is not ASCII", &[303], "X-A: Träger".as_bytes()),
        header("a bell", &[400], b"X-A: \x07"),
    ]
}

fn heads() -> Vec<Attack> {
    vec![
        head("no host", &[400], &["GET /meldung/ HTTP/1.1"]),
        head("two hosts", &[400], &["GET /meldung/ HTTP/1.1", "Host: x", "Host: y"]),
        head("a host with a path", &[400], &["GET /meldung/ HTTP/1.1", "Host: x/y"]),
        head("an empty host", &[400], &["GET /meldung/ HTTP/1.1", "Host:"]),
        head("a host with a user", &[400], &["GET /meldung/ HTTP/1.1", "Host: a@x"]),
        head("HTTP/1.2", &[505], &["GET /meldung/ HTTP/1.2", "Host: x"]),
        head("HTTP/2.0", &[505], &["GET /meldung/ HTTP/2.0", "Host: x"]),
        head("http/1.1", &[400], &["GET /meldung/ http/1.1", "Host: x"]),
        head("HTTP/0.9", &[400], &["GET /meldung/"]),
        head(
            "HTTP/1.0 with keep-alive",
            &[303, 303],
            &["GET /meldung/ HTTP/1.0", "Connection: keep-alive"],
        ),
        head("HTTP/1.0", &[303], &["GET /meldung/ HTTP/1.0", "Host: x"]),
        head("two blanks", &[400], &["GET  /meldung/ HTTP/1.1", "Host: x"]),
        head("a tab for a blank", &[400], &["GET\t/meldung/ HTTP/1.1", "Host: x"]),
        head(
            "a blank before the method",
            &[400],
            &[" GET /meldung/ HTTP/1.1", "Host: x"],
        ),
        head(
            "another expectation",
            &[417],
            &["GET /meldung/ HTTP/1.1", "Host: x", "Expect: 200-ok"],
        ),
        attack(
            "TLS",
            &[400],
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        ),
        attack(
            "the preface of HTTP/2",
            &[505],
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
        ),
        attack("only line ends", &[400], b"\r\n\r\n\r\n\r\n".as_slice()),
        attack("nothing", &[], b"".as_slice()),
        attack("half a head", &[], b"GET /meldung/ HTTP/1.1\r\nHost: x\r\n".as_slice()),
        header("65 headers", &[431], "X-A: b\r\n".repeat(64).trim_end().as_bytes()),
        header(
            "a header of 100,000 bytes",
            &[431],
            format!("X-A: {}", "b".repeat(100_000)).as_bytes(),
        ),
        header(
            "a flood of 10,000 headers",
            &[431],
            "X-A: b\r\n".repeat(10_000).trim_end().as_bytes(),
        ),
        header(
            "an upgrade",
            &[303],
            b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
        ),
    ]
}

fn paths() -> Vec<Attack> {
    let long = |bytes: usize| format!("/meldung/{}", "a".repeat(bytes));
    vec![
        path("a dot segment", &[404], "/meldung/./anmelden"),
        path("two dots", &[404], "/meldung/../meldung/"),
        path("encoded dots", &[404], "/meldung/%2e%2e/etc/passwd"),
        path("doubly encoded dots", &[404], "/meldung/%252e%252e/etc/passwd"),
        path("an encoded letter", &[404], "/meldung/%61nmelden"),
        path("an encoded slash", &[404], "/meldung%2f"),
        path("two slashes", &[404], "//meldung/"),
        path("a backslash", &[404], "/meldung\\"),
        path("an encoded NUL", &[404], "/meldung/%00"),
        path("an encoded line end", &[404], "/meldung/%0d%0aSet-Cookie:a=b"),
        path("a broken encoding", &[404], "/meldung/%zz"),
        path("letters that are not UTF-8", &[404], "/meldung/%ff%fe"),
        path("a parameter after a semicolon", &[404], "/meldung/;a=b"),
        path("capital letters", &[404], "/Meldung/"),
        path(
            "a file beside a route",
            &[404],
            "/meldung/formular/../../etc/passwd.xlsx",
        ),
        path("another server's address", &[400], "http://www.example.nrw/meldung/"),
        path("no path at all", &[400], "*"),
        path("a path without a slash", &[400], "meldung/"),
        path("a fragment", &[400], "/meldung/#a"),
        path("raw letters that are not ASCII", &[400], "/meldung/ü"),
        path("8,000 letters", &[404], &long(8_000)),
        path("9,000 letters", &[414], &long(9_000)),
        path("100,000 letters", &[414], &long(100_000)),
        path("a long query", &[303], &format!("/meldung/?{}", "a".repeat(8_000))),
        attack(
            "a NUL in the path",
            &[400],
            b"GET /meldung/\0 HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(),
        ),
    ]
}

fn methods() -> Vec<Attack> {
    let close = "Host: x\r\nConnection: close\r\n\r\n";
    let method = |name, answers, line: &str| attack(name, answers, format!("{line} HTTP/1.1\r\n{close}"));
    vec![
        method("TRACE", &[405], "TRACE /meldung/"),
        method("PUT", &[405], "PUT /meldung/hochladen"),
        method("DELETE", &[405], "DELETE /meldung/eingang/X"),
        method("OPTIONS", &[405], "OPTIONS /meldung/hochladen"),
        method("OPTIONS of everything", &[400], "OPTIONS *"),
        method("a tunnel", &[400], "CONNECT www.example.nrw:443"),
        method("a method nobody knows", &[405], "GETT /meldung/"),
        method("a method in small letters", &[405], "get /meldung/"),
        method("a method with a slash", &[400], "GE/T /meldung/"),
        method("our own word for what was refused", &[400], "REFUSED /200"),
        attack(
            "ten requests at once",
            &[303, 303, 303, 303, 303, 303, 303, 303, 303, 303],
            "GET /meldung/ HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10),
        ),
        attack(
            "a bad request behind a good one",
            &[404, 400],
            format!("GET /meldung/x HTTP/1.1\r\nHost: x\r\n\r\nGET /meldung/ HTTP/1.1\r\n\r\n{SMUGGLED}"),
        ),
    ]
}
