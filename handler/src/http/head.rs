//! Whether the head of a request is beyond doubt: read more strictly than the protocol asks, so that no two programs on its way read it
//! differently. What is refused here never reaches the HTTP library.

use hyper::Uri;
use hyper::header::{HeaderName, HeaderValue};

/// A head may be so long, …
pub const MAX_HEAD: usize = 16 << 10;
/// … its address so long, …
const MAX_TARGET: usize = 8 << 10;
/// … and have so many lines.
pub const MAX_HEADERS: usize = 64;

/// Why a head is refused, as the status that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal(pub u16);

const BAD_REQUEST: Refusal = Refusal(400);
const TARGET_TOO_LONG: Refusal = Refusal(414);
const EXPECTATION_FAILED: Refusal = Refusal(417);
const HEAD_TOO_LARGE: Refusal = Refusal(431);
const NOT_IMPLEMENTED: Refusal = Refusal(501);
const OTHER_VERSION: Refusal = Refusal(505);

/// The status that the path of a stand-in names; whoever makes one up gets the plainest.
pub fn status_of(path: &str) -> u16 {
    let known = [
        TARGET_TOO_LONG,
        EXPECTATION_FAILED,
        HEAD_TOO_LARGE,
        NOT_IMPLEMENTED,
        OTHER_VERSION,
    ];
    let said = known
        .into_iter()
        .find(|refusal| path.strip_prefix('/') == Some(refusal.0.to_string().as_str()));
    said.unwrap_or(BAD_REQUEST).0
}

/// How far a head has come. What is hopeless is refused before the rest of it arrives.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    Partial,
    /// With its length, the empty line included.
    Complete(usize),
}

/// What follows a head that is fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// The next head, if any.
    Nothing,
    Body,
}

/// Looks at what has come since the last look at `seen` bytes.
pub fn progress(bytes: &[u8], seen: usize) -> Result<Progress, Refusal> {
    for at in seen.saturating_sub(3)..bytes.len() {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        match bytes[at] {
            b'\n' if before != Some(b'\r') => return Err(BAD_REQUEST),
            byte if byte != b'\n' && before == Some(b'\r') => return Err(BAD_REQUEST),
            b'\n' if bytes[..=at].ends_with(b"\r\n\r\n") => return Ok(Progress::Complete(at + 1)),
            b'\r' | b'\n' | b'\t' => {}
            byte if byte < b' ' || byte == 0x7f => return Err(BAD_REQUEST),
            _ => {}
        }
    }
    if bytes
        .first()
        .is_some_and(|byte| !byte.is_ascii_alphabetic() && *byte != b'\r')
    {
        return Err(BAD_REQUEST);
    }
    if bytes.len() < MAX_HEAD {
        return Ok(Progress::Partial);
    }
    Err(if bytes.contains(&b'\r') {
        HEAD_TOO_LARGE
    } else {
        TARGET_TOO_LONG
    })
}

/// Judges a complete head.
pub fn check(head: &[u8]) -> Result<Follows, Refusal> {
    let head = head.strip_suffix(b"\r\n\r\n").ok_or(BAD_REQUEST)?;
    if head.len() > MAX_HEAD {
        return Err(HEAD_TOO_LARGE);
    }
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let is_old = check_request_line(lines.next().unwrap_or_default())? == Version::Http10;
    let mut seen = Seen::default();
    for (count, line) in lines.enumerate() {
        if count >= MAX_HEADERS {
            return Err(HEAD_TOO_LARGE);
        }
        seen.line(line)?;
    }
    seen.judge(is_old)
}

#[derive(PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

/// `METHOD /path?query HTTP/1.1`, with one blank between the three.
fn check_request_line(line: &[u8]) -> Result<Version, Refusal> {
    let line = std::str::from_utf8(line).map_err(|_| BAD_REQUEST)?;
    let mut words = line.split(' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let (Some(method), Some(target), Some(version), None) = (method, target, version, words.next()) else {
        return Err(BAD_REQUEST);
    };
    let version = match version {
        "HTTP/1.1" => Version::Http11,
        "HTTP/1.0" => Version::Http10,
        other if other.starts_with("HTTP/") && other.len() == 8 => return Err(OTHER_VERSION),
        _ => return Err(BAD_REQUEST),
    };
    if method.is_empty() || method.len() > 32 || !method.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(BAD_REQUEST);
    }
    if target.len() > MAX_TARGET {
        return Err(TARGET_TOO_LONG);
    }
    // Neither another server's address nor a part of a page, as proxies and browsers write them elsewhere.
    let is_path = target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if is_path && target.parse::<Uri>().is_ok() {
        Ok(version)
    } else {
        Err(BAD_REQUEST)
    }
}

/// The lines that decide where a request ends.
#[derive(Default)]
struct Seen {
    hosts: usize,
    lengths: usize,
    length: u64,
    codings: usize,
    is_chunked: bool,
}

impl Seen {
    fn line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        // A blank before the colon or at the line's start is how headers are hidden from one of two readers.
        let colon = line.iter().position(|byte| *byte == b':').ok_or(BAD_REQUEST)?;
        let name = HeaderName::from_bytes(&line[..colon]).map_err(|_| BAD_REQUEST)?;
        let value = line[colon + 1..].trim_ascii();
        HeaderValue::from_bytes(value).map_err(|_| BAD_REQUEST)?;
        match name.as_str() {
            "host" => {
                self.hosts += 1;
                let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(byte);
                if value.is_empty() || !value.iter().all(is_host) {
                    return Err(BAD_REQUEST);
                }
            }
            "content-length" => {
                self.lengths += 1;
                let digits = std::str::from_utf8(value)
                    .ok()
                    .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
                self.length = digits.and_then(|digits| digits.parse().ok()).ok_or(BAD_REQUEST)?;
            }
            "transfer-encoding" => {
                self.codings += 1;
                self.is_chunked = value.eq_ignore_ascii_case(b"chunked");
            }
            "expect" if !value.eq_ignore_ascii_case(b"100-continue") => return Err(EXPECTATION_FAILED),
            _ => {}
        }
        Ok(())
    }

    fn judge(self, is_old: bool) -> Result<Follows, Refusal> {
        let is_ambiguous = self.lengths > 1 || self.codings > 1 || (self.lengths > 0 && self.codings > 0);
        if is_ambiguous || self.hosts > 1 || (self.hosts == 0 && !is_old) || (self.codings > 0 && is_old) {
            return Err(BAD_REQUEST);
        }
        if self.codings > 0 && !self.is_chunked {
            return Err(NOT_IMPLEMENTED);
        }
        Ok(if self.codings > 0 || self.length > 0 {
            Follows::Body
        } else {
            Follows::Nothing
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &[&str]) -> Result<Follows, Refusal> {
        check(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes())
    }

    #[test]
    fn what_browsers_and_web_servers_send_is_fine() {
        let get = [
            "GET /meldung/?a=b|c HTTP/1.1",
            "Host: www.example.nrw:8443",
            "X-Leer:",
            "Cookie: a=b",
        ];
        assert_eq!(head(&get), Ok(Follows::Nothing));
        let post = [
            "POST /meldung/hochladen HTTP/1.1",
            "Host: [::1]:8080",
            "Content-Length: 5",
        ];
        assert_eq!(head(&post), Ok(Follows::Body));
        let chunked = [
            "POST /meldung/hochladen HTTP/1.1",
            "Host: x",
            "Transfer-Encoding: Chunked",
        ];
        assert_eq!(head(&chunked), Ok(Follows::Body));
        assert_eq!(head(&["GET /meldung/ HTTP/1.0"]), Ok(Follows::Nothing));
    }

    #[test]
    fn a_request_whose_end_two_readers_may_see_differently_is_refused() {
        let refused = |lines: &[&str]| {
            let start = ["POST /meldung/hochladen HTTP/1.1", "Host: x"];
            head(&[&start, lines].concat()).expect_err("refused").0
        };
        for lines in [
            ["Content-Length: 5", "Transfer-Encoding: chunked"],
            ["Transfer-Encoding: chunked", "Content-Length: 5"],
            ["Content-Length: 5", "Content-Length: 5"],
            ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
            ["A: b", "Content-Length: 5, 5"],
            ["A: b", "Content-Length: +5"],
            ["A: b", "Content-Length : 5"],
            ["A: b", " Content-Length: 5"],
            ["A: b", "Content-Length: 18446744073709551616"],
        ] {
            assert_eq!(refused(&lines), 400, "{lines:?}");
        }
        assert_eq!(refused(&["Transfer-Encoding: gzip, chunked"]), 501);
        assert_eq!(refused(&["Expect: 200-ok"]), 417);
    }

    #[test]
    fn a_head_that_cannot_become_one_is_refused_at_once() {
        assert_eq!(progress(b"GET / HT", 0), Ok(Progress::Partial));
        assert_eq!(progress(b"GET / HTTP/1.1\r\n\r\nrest", 0), Ok(Progress::Complete(18)));
        assert_eq!(progress(b"GET / HTTP/1.1\r\n\r\n", 17), Ok(Progress::Complete(18)));
        for bytes in [
            b"GET / HTTP/1.1\n".as_slice(),
            b"GET /\0",
            b"GET / HTTP/1.1\rX",
            b"\x16\x03\x01",
            b"GET /\x7f",
        ] {
            assert_eq!(progress(bytes, 0), Err(BAD_REQUEST), "{bytes:?}");
        }
        assert_eq!(progress(&[b'A'; MAX_HEAD], MAX_HEAD - 1), Err(TARGET_TOO_LONG));
    }
}
