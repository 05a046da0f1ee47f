//! The other end of mails: a folder that is looked into, and a mail server of a few lines.
#![allow(dead_code)] // Each test file uses its part.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Longer than any mail takes here; whoever waits so long waits in vain.
const IN_VAIN: Duration = Duration::from_secs(60);

/// A mail as its receiver reads it.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub head: String,
    pub body: String,
    /// What whoever sent it logged in with, as it came over the line.
    pub login: String,
}

impl Letter {
    pub fn parse(raw: &str) -> Letter {
        let raw = raw.replace("\r\n", "\n");
        let (head, body) = raw.split_once("\n\n").expect("a head and a body");
        let head = head.replace("\n ", " ");
        let to = head
            .lines()
            .find_map(|line| line.strip_prefix("To: "))
            .expect("a receiver");
        let quoted = head.contains("Content-Transfer-Encoding: quoted-printable");
        Letter {
            to: to.to_owned(),
            body: if quoted { unquoted(body) } else { body.to_owned() },
            head,
            login: String::new(),
        }
    }

    /// The six digits that stand alone in a line.
    pub fn code(&self) -> String {
        let digits = |line: &&str| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
        self.body.lines().find(digits).expect("a code").to_owned()
    }
}

fn unquoted(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        if *first == b'=' {
            let hex = std::str::from_utf8(&more[..2]).expect("hexadecimal");
            bytes.push(u8::from_str_radix(hex, 16).expect("hexadecimal"));
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// Waits until the folder holds at least so many mails; in the order in which they were written.
pub fn letters(folder: &Path, at_least: usize) -> Vec<Letter> {
    let begun = Instant::now();
    loop {
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .expect("the folder")
            .flatten()
            .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
            .map(|entry| {
                (
                    entry.metadata().and_then(|data| data.modified()).expect("a time"),
                    entry.path(),
                )
            })
            .collect();
        files.sort();
        if files.len() >= at_least {
            let read = |(_, path): &(_, std::path::PathBuf)| {
                assert_eq!(path.extension().and_then(|ending| ending.to_str()), Some("eml"));
                Letter::parse(&std::fs::read_to_string(path).expect("a mail"))
            };
            return files.iter().map(read).collect();
        }
        assert!(begun.elapsed() < IN_VAIN, "{} of {at_least} mails came", files.len());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until something has become true.
pub fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_true() {
        assert!(begun.elapsed() < IN_VAIN, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A port that nobody listens on, for a mail server that is down.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// A mail server that takes whatever it is sent, after refusing as many mails as it is told to.
pub struct MailServer {
    pub address: SocketAddr,
    received: Receiver<Letter>,
}

impl MailServer {
    pub fn on(port: u16, refuse: usize) -> MailServer {
        MailServer::listen(port, refuse, None)
    }

    /// TLS from the first byte, with a certificate for `localhost` that `certificate_authority` signed.
    pub fn with_tls() -> MailServer {
        let certificates =
            vec![CertificateDer::from_pem_slice(include_bytes!("tls/localhost.pem")).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/localhost.key")).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .expect("a configuration");
        MailServer::listen(0, 0, Some(Arc::new(config)))
    }

    fn listen(port: u16, mut refuse: usize, tls: Option<Arc<ServerConfig>>) -> MailServer {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port");
        let address = listener.local_addr().expect("an address");
        let (send, received) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up in the middle, or trusts us not, is no failure of this end.
                let _ = match &tls {
                    None => converse(stream, &mut refuse, &send),
                    Some(config) => {
                        let connection = ServerConnection::new(Arc::clone(config)).expect("TLS");
                        converse(StreamOwned::new(connection, stream), &mut refuse, &send)
                    }
                };
            }
        });
        MailServer { address, received }
    }

    /// The next mail that arrives.
    pub fn receive(&self) -> Letter {
        self.received.recv_timeout(IN_VAIN).expect("a mail arrives")
    }

    pub fn nothing_more(&self) -> bool {
        self.received.try_recv().is_err()
    }
}

/// Who signed the certificate of `MailServer::with_tls`.
pub fn certificate_authority() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/tls/ca.pem"))
}

/// One conversation of a mail server, as it goes.
fn converse(stream: impl Read + Write, refuse: &mut usize, send: &Sender<Letter>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut login = String::new();
    say(&mut stream, "220 post.example")?;
    loop {
        let line = read_line(&mut stream)?;
        let command = line.to_uppercase();
        let answer = if command.starts_with("EHLO") {
            "250-post.example\r\n250-AUTH PLAIN\r\n250 8BITMIME"
        } else if command.starts_with("AUTH PLAIN ") {
            login = line["AUTH PLAIN ".len()..].to_owned();
            "235 welcome"
        } else if command.starts_with("RCPT") && *refuse > 0 {
            *refuse -= 1;
            "451 4.3.0 <someone@example.org> not now"
        } else if command == "DATA" {
            say(&mut stream, "354 go on")?;
            let mut text = String::new();
            loop {
                match read_line(&mut stream)?.as_str() {
                    "." => break,
                    line => text += &format!("{}\n", line.strip_prefix('.').unwrap_or(line)),
                }
            }
            let letter = Letter::parse(&text);
            let login = login.clone();
            let _ = send.send(Letter { login, ..letter });
            "250 taken"
        } else {
            "250 ok"
        };
        say(&mut stream, answer)?;
        if command == "QUIT" {
            return Ok(());
        }
    }
}

fn say<S: Read + Write>(stream: &mut BufReader<S>, line: &str) -> std::io::Result<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes())?;
    stream.get_mut().flush()
}

fn read_line(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    match stream.read_line(&mut line)? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}
