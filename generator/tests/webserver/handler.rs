//! What answers below `/meldung/` in place of the handler: it tells what it has heard.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// The headers that the handler sends itself.
pub const HEADERS: [(&str, &str); 7] = [
    ("Content-Security-Policy", "default-src 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("Strict-Transport-Security", "max-age=31536000"),
];

pub struct FakeHandler {
    pub address: SocketAddr,
}

impl FakeHandler {
    /// Answers as long as the test runs.
    pub fn start() -> FakeHandler {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || answer(stream));
            }
        });
        FakeHandler { address }
    }
}

/// An address at which nobody answers.
pub fn absent_handler() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address")
}

fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    let end = loop {
        match stream.read(&mut buffer) {
            Ok(length @ 1..) => request.extend_from_slice(&buffer[..length]),
            _ => return,
        }
        if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&request[..end]).into_owned();
    let announced = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.parse::<usize>().expect("a length"));
    let mut received = request.len() - end;
    while received < announced {
        match stream.read(&mut buffer) {
            Ok(length @ 1..) => received += length,
            _ => return,
        }
    }
    let headers: String = HEADERS.map(|(name, value)| format!("{name}: {value}\r\n")).concat();
    let answer = format!(
        "HTTP/1.1 200 OK\r\n{headers}X-Received: {received}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{head}",
        head.len()
    );
    // A web server that does not wait for the answer has failed its test already.
    let _ = stream.write_all(answer.as_bytes());
}
