//! What attack scripts send, straight at the handler and through nginx as the generator configures it.

mod nginx;
#[path = "../support/mod.rs"]
mod support;
mod table;

use nginx::Nginx;
use std::io::{Read, Write};
use std::net::TcpStream;
use support::{Answer, DUISBURG, Server, exchange, filled, multipart};
use table::{Attack, attacks};

#[test]
fn every_shape_is_answered_once_and_nothing_is_smuggled_past_us() {
    let server = Server::start();
    let mut wrong = Vec::new();
    for attack in attacks() {
        let (bytes, begun) = ready(&server, &attack);
        let answers = exchange(server.address, &bytes);
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
        let visible = answers
            .iter()
            .filter(|answer| answer.cookie("sitzung").is_some())
            .count();
        assert!(
            logins(&server) <= begun + visible,
            "{}: a login without an answer",
            attack.name
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(server.get("/meldung/nichts", "").status, 404, "the server lives on");
}

#[test]
#[ignore = "needs nginx and a built workspace"]
fn nothing_is_smuggled_past_nginx_and_us() {
    let server = Server::start();
    let nginx = Nginx::before(server.address);
    let mut wrong = Vec::new();
    for attack in attacks() {
        let (bytes, begun) = ready(&server, &attack);
        let said = nginx.say_all(&bytes);
        let statuses = nginx::statuses(&said);
        if statuses != attack.through_nginx() {
            let expected = attack.through_nginx();
            wrong.push(format!("{}: {statuses:?} instead of {expected:?}", attack.name));
        }
        let visible = said.to_lowercase().matches("set-cookie: sitzung=").count();
        assert!(
            logins(&server) <= begun + visible,
            "{}: a login without an answer: {said}",
            attack.name
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(server.get("/meldung/nichts", "").status, 404, "the server lives on");
}

/// The bytes of a shape, some time after the one before, and how many have logged in until now.
fn ready(server: &Server, attack: &Attack) -> (Vec<u8>, usize) {
    server.advance(16 * 60);
    let bytes = attack.bytes(|| server.log_in(DUISBURG));
    (bytes, logins(server))
}

/// How many logins there are that began at this moment.
fn logins(server: &Server) -> usize {
    let now = server.app.clock.now().seconds();
    server.query::<u32>(&format!("SELECT count(*) FROM sitzung WHERE begonnen = {now}")) as usize
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
