//! The other end of mails: a folder that is looked into, and a mail server of a few lines.
#![allow(dead_code)] // Each test file uses its part.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
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
    heard: Arc<Mutex<Vec<String>>>,
}

/// How its conversations are protected.
enum Protection {
    None,
    FromTheStart(Arc<ServerConfig>),
    OnRequest(Arc<ServerConfig>),
}

impl MailServer {
    pub fn on(port: u16, refuse: usize) -> MailServer {
        MailServer::listen(port, refuse, Protection::None)
    }

    /// TLS from the first byte, with a certificate for `localhost` that `certificate_authority` signed.
    pub fn with_tls() -> MailServer {
        MailServer::listen(0, 0, Protection::FromTheStart(tls()))
    }

    /// The same after `STARTTLS`, and no mail before it.
    pub fn with_starttls() -> MailServer {
        MailServer::listen(0, 0, Protection::OnRequest(tls()))
    }

    fn listen(port: u16, refuse: usize, protection: Protection) -> MailServer {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port");
        let address = listener.local_addr().expect("an address");
        let (send, received) = channel();
        let heard = Arc::default();
        let mut desk = Desk {
            refuse,
            send,
            heard: Arc::clone(&heard),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up in the middle, or trusts us not, is no failure of this end.
                let _ = desk.serve(stream, &protection);
            }
        });
        MailServer {
            address,
            received,
            heard,
        }
    }

    /// The next mail that arrives.
    pub fn receive(&self) -> Letter {
        self.received.recv_timeout(IN_VAIN).expect("a mail arrives")
    }

    pub fn nothing_more(&self) -> bool {
        self.received.try_recv().is_err()
    }

    /// What everybody on the way to it could read.
    pub fn heard_in_the_clear(&self) -> Vec<String> {
        self.heard.lock().expect("what it heard").clone()
    }
}

/// Who signed the certificate of `MailServer::with_tls`.
pub fn certificate_authority() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/tls/ca.pem"))
}

fn tls() -> Arc<ServerConfig> {
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
    Arc::new(config)
}

/// What it offers once nobody else can listen.
const TAKES_LOGINS: &str = "250-AUTH PLAIN\r\n250 8BITMIME";

/// The one who speaks for a mail server.
struct Desk {
    refuse: usize,
    send: Sender<Letter>,
    heard: Arc<Mutex<Vec<String>>>,
}

/// How a conversation goes on.
enum Next {
    Over,
    Tls,
}

impl Desk {
    fn serve(&mut self, stream: TcpStream, protection: &Protection) -> std::io::Result<()> {
        let protected = |config: &Arc<ServerConfig>, stream| {
            let connection = ServerConnection::new(Arc::clone(config)).expect("TLS");
            BufReader::new(StreamOwned::new(connection, stream))
        };
        match protection {
            Protection::FromTheStart(config) => {
                let mut stream = protected(config, stream);
                say(&mut stream, "220 post.example")?;
                self.converse(&mut stream, TAKES_LOGINS, |_| {})?;
            }
            Protection::None | Protection::OnRequest(_) => {
                let heard = Arc::clone(&self.heard);
                let hears = move |line: &str| heard.lock().expect("what it heard").push(line.to_owned());
                let offer = match protection {
                    Protection::OnRequest(_) => "250 STARTTLS",
                    _ => TAKES_LOGINS,
                };
                let mut open = BufReader::new(&stream);
                say(&mut open, "220 post.example")?;
                let next = self.converse(&mut open, offer, hears)?;
                if let (Next::Tls, Protection::OnRequest(config)) = (next, protection) {
                    self.converse(&mut protected(config, stream), TAKES_LOGINS, |_| {})?;
                }
            }
        }
        Ok(())
    }

    /// One conversation of a mail server, as it goes.
    fn converse<S: Read + Write>(
        &mut self,
        stream: &mut BufReader<S>,
        offer: &str,
        hears: impl Fn(&str),
    ) -> std::io::Result<Next> {
        let mut login = String::new();
        loop {
            let line = read_line(stream)?;
            hears(&line);
            let command = line.to_uppercase();
            let answer = if command.starts_with("EHLO") {
                &format!("250-post.example\r\n{offer}")
            } else if command == "STARTTLS" && offer.contains("STARTTLS") {
                say(stream, "220 go on")?;
                return Ok(Next::Tls);
            } else if command.starts_with("AUTH PLAIN ") {
                login = line["AUTH PLAIN ".len()..].to_owned();
                "235 welcome"
            } else if command.starts_with("RCPT") && self.refuse > 0 {
                self.refuse -= 1;
                "451 4.3.0 <someone@example.org> not now"
            } else if command == "DATA" {
                say(stream, "354 go on")?;
                let mut text = String::new();
                loop {
                    match read_line(stream)?.as_str() {
                        "." => break,
                        line => text += &format!("{}\n", line.strip_prefix('.').unwrap_or(line)),
                    }
                }
                let letter = Letter::parse(&text);
                let login = login.clone();
                let _ = self.send.send(Letter { login, ..letter });
                "250 taken"
            } else {
                "250 ok"
            };
            say(stream, answer)?;
            if command == "QUIT" {
                return Ok(Next::Over);
            }
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
