//! Where a body ends, and where each of its chunks does.

use super::{Attack, chunked, head, post};

pub fn all() -> Vec<Attack> {
    [lengths(), chunks()].into_iter().flatten().collect()
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
        )
        .nginx(&[501]),
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
        )
        .nginx(&[303, 400]),
        post("a body without a length", &[403, 303], &["X-A: b"]),
        post(
            "a length with zeros before it",
            &[403],
            &["Content-Length: 000000000000000005"],
        )
        .nginx(&[403, 400]),
        post("a length with a point", &[400], &["Content-Length: 5.0"]),
        post("a length with an exponent", &[400], &["Content-Length: 1e1"]),
        post("a length in quotes", &[400], &["Content-Length: \"5\""]),
        post("a length with a parameter", &[400], &["Content-Length: 5;a=b"]),
        post("a length with a comma behind it", &[400], &["Content-Length: 5,"]),
        post("a length in another script", &[400], &["Content-Length: ٥"]),
        post("a length with a vertical tab", &[400], &["Content-Length: \x0b5"]),
        post(
            "a length of 30 digits",
            &[400],
            &["Content-Length: 100000000000000000000000000000"],
        ),
        post("a negative length of nothing", &[400], &["Content-Length: -0"]),
        post("a length with an underscore", &[403, 303], &["Content_Length: 5"]),
        post(
            "a coding with an underscore",
            &[403, 303],
            &["Transfer_Encoding: chunked"],
        ),
        post(
            "a coding and a length of nothing",
            &[400],
            &["Transfer-Encoding: chunked", "Content-Length: 0"],
        ),
        post(
            "a coding in three words",
            &[501],
            &["Transfer-Encoding: chunked, chunked"],
        ),
        post(
            "a coding with a comma behind it",
            &[501],
            &["Transfer-Encoding: chunked,"],
        ),
        post(
            "a coding with a comma before it",
            &[501],
            &["Transfer-Encoding: , chunked"],
        ),
        post("an empty coding", &[501], &["Transfer-Encoding:"]),
        post("no coding, by name", &[501], &["Transfer-Encoding: identity"]),
        post(
            "a coding in small and capital letters",
            &[400],
            &["tRANSFER-eNCODING: CHUNKED"],
        ),
        post(
            "a coding on a folded line",
            &[400],
            &["Transfer-Encoding:", "\tchunked"],
        ),
        post("a coding with a NUL", &[400], &["Transfer-Encoding: chunked\0"]),
        head(
            "a GET with a chunked body",
            &[303],
            &["GET /meldung/ HTTP/1.1", "Host: x", "Transfer-Encoding: chunked"],
        )
        .nginx(&[400]),
        head(
            "a HEAD with a body",
            &[303],
            &["HEAD /meldung/ HTTP/1.1", "Host: x", "Content-Length: 5"],
        )
        .nginx(&[303, 400]),
        head(
            "an OPTIONS with a body",
            &[405],
            &["OPTIONS /meldung/ HTTP/1.1", "Host: x", "Content-Length: 5"],
        )
        .nginx(&[405, 400]),
        head(
            "a length in HTTP/1.0",
            &[403],
            &["POST /meldung/anmelden HTTP/1.0", "Content-Length: 5"],
        )
        .nginx(&[400]),
    ]
}

/// Where does a chunk end? Whatever comes after a body is never looked at.
fn chunks() -> Vec<Attack> {
    vec![
        chunked("an honest chunked body", &[403], "5\r\nemail\r\n0\r\n\r\n").nginx(&[403, 303]),
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
        )
        .nginx(&[403, 303]),
        chunked("no chunk size", &[400], "\r\nemail\r\n0\r\n\r\n"),
        chunked(
            "a chunk larger than any form",
            &[413],
            &format!("8000\r\n{}\r\n0\r\n\r\n", "x".repeat(0x8000)),
        )
        .nginx(&[413, 303]),
        chunked(
            "a flood of trailers",
            &[400],
            &format!("0\r\n{}\r\n", "A: b\r\n".repeat(2000)),
        )
        .nginx(&[403, 303]),
        chunked(
            "a chunk size with zeros before it",
            &[403],
            "0000000005\r\nemail\r\n0\r\n\r\n",
        )
        .nginx(&[403, 303]),
        chunked(
            "a chunk size with a thousand zeros",
            &[403],
            &format!("{}5\r\nemail\r\n0\r\n\r\n", "0".repeat(1_000)),
        )
        .nginx(&[403, 303]),
        chunked("a chunk size in capitals", &[403], "A\r\nemail=abcd\r\n0\r\n\r\n").nginx(&[403, 303]),
        chunked("a negative chunk size", &[400], "-5\r\nemail\r\n0\r\n\r\n"),
        chunked("a chunk size with an underscore", &[400], "0_5\r\nemail\r\n0\r\n\r\n"),
        chunked("a chunk size with a comma", &[400], "5,5\r\nemail\r\n0\r\n\r\n"),
        chunked("a blank before a chunk size", &[400], " 5\r\nemail\r\n0\r\n\r\n"),
        chunked("a blank behind a chunk size", &[403], "5 \r\nemail\r\n0\r\n\r\n").nginx(&[403, 303]),
        chunked("a chunk with a note", &[403], "5;a=b\r\nemail\r\n0\r\n\r\n").nginx(&[403, 303]),
        chunked(
            "a chunk with a note in quotes",
            &[403],
            "5;a=\"b;c\"\r\nemail\r\n0\r\n\r\n",
        )
        .nginx(&[403, 303]),
        chunked("a line feed in a note", &[400], "5;a\nb\r\nemail\r\n0\r\n\r\n"),
        chunked(
            "a note of 20,000 letters",
            &[400],
            &format!("5;{}\r\nemail\r\n0\r\n\r\n", "a".repeat(20_000)),
        )
        .nginx(&[403, 303]),
        chunked("a chunk shorter than it says", &[400], "6\r\nemail\r\n0\r\n\r\n").nginx(&[403, 303]),
        chunked("a chunk without its line end", &[400], "5\r\nemail0\r\n\r\n"),
        chunked("a chunk ended by a line feed alone", &[400], "5\r\nemail\n0\r\n\r\n").nginx(&[403, 303]),
        chunked("a last chunk of many zeros", &[403], "00000000\r\n\r\n").nginx(&[403, 303]),
        chunked(
            "a trailer with a length",
            &[403],
            "5\r\nemail\r\n0\r\nContent-Length: 5\r\n\r\n",
        )
        .nginx(&[403, 303]),
        chunked("a trailer with a host", &[403], "5\r\nemail\r\n0\r\nHost: y\r\n\r\n").nginx(&[403, 303]),
        chunked("a trailer without a colon", &[400], "5\r\nemail\r\n0\r\nA\r\n\r\n").nginx(&[403, 303]),
        chunked("a trailer of line feeds", &[403], "5\r\nemail\r\n0\r\nA: b\n\n").nginx(&[403, 303]),
    ]
}
