//! Shapes of requests that no browser sends: name, bytes, and the statuses of all answers before the connection is closed.

mod fields;
mod forms;
mod framing;
mod heads;
mod multipart;
mod targets;

pub struct Attack {
    pub name: String,
    pub bytes: Vec<u8>,
    pub answers: &'static [u16],
    /// What nginx makes of it, where that differs: it answers some shapes itself, mends others, and keeps connections open.
    nginx: Option<&'static [u16]>,
}

impl Attack {
    fn nginx(self, answers: &'static [u16]) -> Attack {
        let nginx = Some(answers);
        Attack { nginx, ..self }
    }

    pub fn through_nginx(&self) -> &'static [u16] {
        self.nginx.unwrap_or(self.answers)
    }

    /// The bytes, with the cookie of a session where they name one.
    pub fn bytes(&self, log_in: impl FnOnce() -> String) -> Vec<u8> {
        let named = |at: &usize| self.bytes[*at..].starts_with(SESSION.as_bytes());
        let Some(first) = (0..self.bytes.len()).find(named) else {
            return self.bytes.clone();
        };
        let cookie = log_in();
        let mut bytes = self.bytes[..first].to_vec();
        let mut rest = &self.bytes[first..];
        while let Some(byte) = rest.first() {
            match rest.strip_prefix(SESSION.as_bytes()) {
                Some(after) => {
                    bytes.extend_from_slice(cookie.as_bytes());
                    rest = after;
                }
                None => {
                    bytes.push(*byte);
                    rest = &rest[1..];
                }
            }
        }
        bytes
    }
}

/// A login that would succeed. Whoever smuggles it past us has a session.
pub const SMUGGLED: &str = "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 65\r\n\r\nemail=schultraeger-10054%40example.org&schultraegernummer=10054  ";
/// Fields that let somebody in.
const RIGHT: &str = "email=schultraeger-10054%40example.org&schultraegernummer=10054";
/// Stands for the cookie of a session.
const SESSION: &str = "{sitzung}";

pub fn attacks() -> Vec<Attack> {
    [
        framing::all(),
        heads::all(),
        targets::all(),
        fields::all(),
        forms::all(),
        multipart::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn attack(name: impl Into<String>, answers: &'static [u16], bytes: impl Into<Vec<u8>>) -> Attack {
    Attack {
        name: name.into(),
        bytes: bytes.into(),
        answers,
        nginx: None,
    }
}

/// A line and headers, with the smuggled login behind them.
fn head(name: impl Into<String>, answers: &'static [u16], lines: &[&str]) -> Attack {
    attack(name, answers, format!("{}\r\n\r\n{SMUGGLED}", lines.join("\r\n")))
}

/// Headers of a POST whose end is in doubt.
fn post(name: impl Into<String>, answers: &'static [u16], lines: &[&str]) -> Attack {
    let start = ["POST /meldung/anmelden HTTP/1.1", "Host: x"];
    head(name, answers, &[&start, lines].concat())
}

/// A chunked body.
fn chunked(name: impl Into<String>, answers: &'static [u16], body: &str) -> Attack {
    let head = "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    attack(name, answers, format!("{head}{body}{SMUGGLED}"))
}

/// A path asked for by GET, and nothing else.
fn path(name: impl Into<String>, answers: &'static [u16], path: &str) -> Attack {
    attack(
        name,
        answers,
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    )
}

/// One header of a GET, and nothing else.
fn header(name: impl Into<String>, answers: &'static [u16], line: &[u8]) -> Attack {
    let start = b"GET /meldung/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".as_slice();
    attack(name, answers, [start, line, b"\r\n\r\n"].concat())
}

/// A body, announced with its length, with these headers before it.
fn body(name: impl Into<String>, answers: &'static [u16], to: &str, lines: &str, body: &[u8]) -> Attack {
    let head = format!(
        "POST {to} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    attack(name, answers, [head.as_bytes(), body].concat())
}
