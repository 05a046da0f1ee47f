//! What attack scripts send, straight at the handler and through nginx as the generator configures it.

mod nginx;
#[path = "../support/mod.rs"]
mod support;
mod table;

use nginx::Nginx;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use support::{Answer, DUISBURG, Server, exchange, filled, multipart};
use table::attacks;

#[test]
fn every_shape_is_answered_once_and_nothing_is_smuggled_past_us() {
    let server = Server::start();
    let mut wrong = Vec::new();
    for attack in attacks() {
        let expected_logins = attack.answers.iter().skip(1).filter(|status| **status == 303).count();
        let before = server.count("sitzung");
        let answers = exchange(server.address, &attack.bytes);
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        if statuses != attack.answers {
            wrong.push(format!("{}: {statuses:?} instead of {:?}", attack.name, attack.answers));
        }
        for answer in &answers {
            assert_eq!(answer.header("server"), None, "{}", attack.name);
            assert_eq!(
                answer.header("x-content-type-options"),
                Some("nosniff"),
                "{}",
                attack.name
            );
        }
        let logins = server.count("sitzung") - before;
        assert!(logins as usize <= expected_logins, "{}", attack.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(server.get("/meldung/nichts", "").status, 404, "the server lives on");
}

#[test]
#[ignore = "needs nginx and a built workspace"]
fn nothing_is_smuggled_past_nginx_and_us() {
    let server = Server::start();
    let nginx = Nginx::before(server.address);
    for attack in attacks() {
        let before = server.count("sitzung");
        let said = String::from_utf8_lossy(&say_all(nginx.address, &attack.bytes)).to_lowercase();
        // nginx reads several requests where the first is fine; it may refuse, or answer from its own files, what we would refuse.
        let logins = server.count("sitzung") - before;
        let visible = said.matches("set-cookie: sitzung=").count();
        assert!(
            logins as usize <= visible,
            "{}: a login without an answer: {said}",
            attack.name
        );
        for broken in ["http/1.1 500", "http/1.1 502"] {
            assert!(!said.contains(broken), "{}: {said}", attack.name);
        }
    }
    assert_eq!(server.get("/meldung/nichts", "").status, 404, "the server lives on");
}

/// Sends bytes and a last request, so that nginx has a reason to close, and reads what comes. A sender that closed first would make
/// nginx keep an answer back.
fn say_all(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("a connection");
    // Some shapes leave nginx waiting for more.
    stream
        .set_read_timeout(Some(Duration::from_millis(1500)))
        .expect("a deadline");
    let _ = stream.write_all(bytes);
    let _ = stream.write_all(b"GET /ende HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let mut answers = Vec::new();
    let _ = stream.read_to_end(&mut answers);
    answers
}

#[test]
#[ignore = "needs nginx and a built workspace"]
fn through_nginx_an_upload_is_received_and_a_large_file_refused_with_our_page() {
    let server = Server::start();
    let nginx = Nginx::before(server.address);
    let cookie = server.log_in(DUISBURG);
    let file = filled(&server.own_form(&cookie), 48, "12345.67");
    let upload = |file: &[u8]| {
        let body = multipart("cb-2026", file);
        let head = format!(
            "POST /meldung/hochladen HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=grenze\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(nginx.address).expect("a connection");
        stream.write_all(head.as_bytes()).expect("the head");
        let _ = stream.write_all(&body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::parse(&answer)
    };
    assert_eq!(upload(&file).status, 303);
    let refused = upload(&vec![b'x'; 50 << 20]);
    assert_eq!(refused.status, 413);
    assert!(refused.body().contains("Ihre Datei hat 50 MB."), "{}", refused.body());
}
