//! The other end of mails: a folder that is looked into, and a mail server of a few lines.
#![allow(dead_code)] // Each test file uses its part.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than any mail takes here; whoever waits so long waits in vain.
const IN_VAIN: Duration = Duration::from_secs(20);

/// A mail as its receiver reads it.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub head: String,
    pub body: String,
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
    pub fn on(port: u16, mut refuse: usize) -> MailServer {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port");
        let address = listener.local_addr().expect("an address");
        let (send, received) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut say = stream.try_clone().expect("a stream");
                let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
                let mut answer = move |line: &str| write!(say, "{line}\r\n").is_ok();
                answer("220 post.example");
                while let Some(line) = lines.next() {
                    let command = line.to_uppercase();
                    let goes_on = if command.starts_with("EHLO") {
                        answer("250-post.example") && answer("250 8BITMIME")
                    } else if command.starts_with("RCPT") && refuse > 0 {
                        refuse -= 1;
                        answer("451 4.3.0 <someone@example.org> not now")
                    } else if command == "DATA" {
                        answer("354 go on");
                        let text = lines.by_ref().take_while(|line| line != ".");
                        let text: Vec<String> = text
                            .map(|line| line.strip_prefix('.').map_or(line.clone(), str::to_owned))
                            .collect();
                        let _ = send.send(Letter::parse(&text.join("\n")));
                        answer("250 taken")
                    } else if command == "QUIT" {
                        answer("221 bye");
                        false
                    } else {
                        answer("250 ok")
                    };
                    if !goes_on {
                        break;
                    }
                }
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
