//! Lines and heads that are none, or too many.

use super::{Attack, SMUGGLED, attack, head, header};

pub fn all() -> Vec<Attack> {
    [lines(), heads()].into_iter().flatten().collect()
}

/// Where does a line end?
fn lines() -> Vec<Attack> {
    let bare = |name, text: &str| attack(name, &[400], format!("{text}{SMUGGLED}"));
    vec![
        bare("line feeds alone", "GET /meldung/ HTTP/1.1\nHost: x\n\n").nginx(&[303, 303]),
        bare(
            "one line feed alone",
            "GET /meldung/ HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n",
        )
        .nginx(&[303, 303]),
        bare(
            "a carriage return within a value",
            "GET /meldung/ HTTP/1.1\r\nHost: x\r\nX-A: b\rX-B: c\r\n\r\n",
        ),
        bare("two carriage returns", "GET /meldung/ HTTP/1.1\r\r\nHost: x\r\n\r\n"),
        header("a NUL within a value", &[400], b"X-A: b\0c"),
        header("a NUL within a name", &[400], b"X-\0A: b"),
        header("a line without a colon", &[400], b"X-A").nginx(&[303]),
        header("a header without a name", &[400], b": b"),
        header("a name with a blank", &[400], b"X A: b"),
        header("a name in brackets", &[400], b"[X]: b").nginx(&[303]),
        header("a name that is not ASCII", &[400], "Trägernummer: b".as_bytes()).nginx(&[303]),
        header("a value that is not ASCII", &[303], "X-A: Träger".as_bytes()),
        header("a bell", &[400], b"X-A: \x07"),
        header("a backspace", &[400], b"X-A: b\x08"),
        header("a delete", &[400], b"X-A: \x7f"),
        header("a name with a comma", &[400], b"X,A: b").nginx(&[303]),
        header("a name with a slash", &[400], b"X/A: b").nginx(&[303]),
        header("a name with a semicolon", &[400], b"X;A: b").nginx(&[303]),
        header("a name in quotes", &[400], b"\"X\": b").nginx(&[303]),
        header("a name that is not UTF-8", &[400], b"X\xff: b").nginx(&[303]),
        header("a value that is not UTF-8", &[303], b"X-A: \xff\xfe"),
        header("a name of signs that are allowed", &[303], b"!#$%&'*+.^_`|~: b"),
        header(
            "a name of 5,000 letters",
            &[303],
            format!("{}: b", "x".repeat(5_000)).as_bytes(),
        ),
        header("a folded value", &[400], b"X-A: b\r\n c"),
        header("an empty value", &[303], b"X-A:"),
        header("a value of tabs", &[303], b"X-A:\t\t\t"),
        header(
            "a line end that is encoded",
            &[303],
            b"X-A: b%0d%0aSet-Cookie: sitzung=x",
        ),
    ]
}

fn heads() -> Vec<Attack> {
    vec![
        head("no host", &[400], &["GET /meldung/ HTTP/1.1"]),
        head("two hosts", &[400], &["GET /meldung/ HTTP/1.1", "Host: x", "Host: y"]),
        head("a host with a path", &[400], &["GET /meldung/ HTTP/1.1", "Host: x/y"]),
        head("an empty host", &[400], &["GET /meldung/ HTTP/1.1", "Host:"]),
        head("a host with a user", &[400], &["GET /meldung/ HTTP/1.1", "Host: a@x"]).nginx(&[400, 303]),
        head("a host with a blank", &[400], &["GET /meldung/ HTTP/1.1", "Host: x y"]),
        head("a host with a comma", &[400], &["GET /meldung/ HTTP/1.1", "Host: x,y"]).nginx(&[400, 303]),
        head(
            "a host with an encoded letter",
            &[400],
            &["GET /meldung/ HTTP/1.1", "Host: %78"],
        )
        .nginx(&[400, 303]),
        head(
            "a host that is not ASCII",
            &[400],
            &["GET /meldung/ HTTP/1.1", "Host: köln.example"],
        )
        .nginx(&[400, 303]),
        head(
            "a host with a question",
            &[400],
            &["GET /meldung/ HTTP/1.1", "Host: x?y"],
        )
        .nginx(&[400, 303]),
        head(
            "a host of another scheme",
            &[400],
            &["GET /meldung/ HTTP/1.1", "Host: http://x"],
        ),
        head(
            "two equal hosts",
            &[400],
            &["GET /meldung/ HTTP/1.1", "Host: x", "Host: x"],
        ),
        head(
            "a host behind a folded line",
            &[400],
            &["GET /meldung/ HTTP/1.1", "X-A: b", " Host: x"],
        ),
        header("a host that belongs to somebody else", &[400], b"Host: evil.example"),
        head("HTTP/1.2", &[505], &["GET /meldung/ HTTP/1.2", "Host: x"]).nginx(&[303, 303]),
        head("HTTP/2.0", &[505], &["GET /meldung/ HTTP/2.0", "Host: x"]),
        head("http/1.1", &[400], &["GET /meldung/ http/1.1", "Host: x"]),
        head("HTTP/0.9", &[400], &["GET /meldung/"]).nginx(&[]),
        head(
            "HTTP/1.0 with keep-alive",
            &[303, 303],
            &["GET /meldung/ HTTP/1.0", "Connection: keep-alive"],
        )
        .nginx(&[400, 303]),
        head("HTTP/1.0", &[303], &["GET /meldung/ HTTP/1.0", "Host: x"]),
        head("HTTP/1.10", &[400], &["GET /meldung/ HTTP/1.10", "Host: x"]).nginx(&[303, 303]),
        head("HTTP/01.1", &[400], &["GET /meldung/ HTTP/01.1", "Host: x"]),
        head("HTTP/1,1", &[505], &["GET /meldung/ HTTP/1,1", "Host: x"]).nginx(&[400]),
        head("HTTP/1", &[400], &["GET /meldung/ HTTP/1", "Host: x"]),
        head("HTTP/3", &[400], &["GET /meldung/ HTTP/3", "Host: x"]).nginx(&[505]),
        head("another protocol", &[400], &["GET /meldung/ RTSP/1.0", "Host: x"]),
        head(
            "a blank behind the version",
            &[400],
            &["GET /meldung/ HTTP/1.1 ", "Host: x"],
        )
        .nginx(&[303, 303]),
        head(
            "a word behind the version",
            &[400],
            &["GET /meldung/ HTTP/1.1 x", "Host: x"],
        ),
        head("a version alone", &[400], &["HTTP/1.1", "Host: x"]),
        head("a line of an answer", &[400], &["HTTP/1.1 200 OK", "Host: x"]),
        head("headers alone", &[400], &["Host: x", "X-A: b"]),
        head("HTTP/0.9 with a version", &[505], &["GET /meldung/ HTTP/0.9"]).nginx(&[400]),
        head("two blanks", &[400], &["GET  /meldung/ HTTP/1.1", "Host: x"]).nginx(&[303, 303]),
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
        )
        .nginx(&[303, 303]),
        attack(
            "TLS",
            &[400],
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        ),
        attack(
            "the preface of HTTP/2",
            &[505],
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
        )
        .nginx(&[400]),
        attack("a question for SSH", &[], b"SSH-2.0-OpenSSH_9.2\r\n".as_slice()).nginx(&[400]),
        attack(
            "a question for a mail server",
            &[400],
            b"EHLO x\r\nMAIL FROM:<a@example.org>\r\n\r\n".as_slice(),
        ),
        attack(
            "a question for a database",
            &[400],
            b"*1\r\n$4\r\nINFO\r\n\r\n".as_slice(),
        ),
        attack(
            "a header of a proxy",
            &[400],
            format!("PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\nGET /meldung/ HTTP/1.1\r\nHost: x\r\n\r\n{SMUGGLED}"),
        ),
        attack(
            "a binary header of a proxy",
            &[400],
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".as_slice(),
        ),
        attack("a thousand NULs", &[400], vec![0; 1_000]),
        attack(
            "a line end before the request",
            &[303],
            b"\r\nGET /meldung/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".as_slice(),
        ),
        attack(
            "a byte order mark before the request",
            &[400],
            b"\xef\xbb\xbfGET /meldung/ HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(),
        ),
        attack("only line ends", &[400], b"\r\n\r\n\r\n\r\n".as_slice()).nginx(&[]),
        attack("nothing", &[], b"".as_slice()),
        attack("half a head", &[], b"GET /meldung/ HTTP/1.1\r\nHost: x\r\n".as_slice()).nginx(&[400]),
        header("65 headers", &[431], "X-A: b\r\n".repeat(64).trim_end().as_bytes()),
        header(
            "a header of 100,000 bytes",
            &[431],
            format!("X-A: {}", "b".repeat(100_000)).as_bytes(),
        )
        .nginx(&[400]),
        header(
            "a flood of 10,000 headers",
            &[431],
            "X-A: b\r\n".repeat(10_000).trim_end().as_bytes(),
        )
        .nginx(&[400]),
        header(
            "an upgrade",
            &[303],
            b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
        ),
    ]
}
