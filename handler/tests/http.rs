//! The protocol as honest clients use it: what a request may ask for, and what happens on its connection.

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use support::{Answer, DUISBURG, Server, exchange, filled, multipart};

const UPLOAD: &str = "Content-Type: multipart/form-data; boundary=grenze";

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address).expect("a connection");
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(20)))
        .expect("a deadline");
    stream
}

/// The head of the next answer, read byte by byte so that nothing behind it is lost.
fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("an answer") > 0 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

#[test]
fn head_says_what_get_would_and_sends_nothing() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let get = server.get("/meldung/", &cookie);
    let head = server.send(
        format!("HEAD /meldung/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n").as_bytes(),
    );
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(
        head.header("content-length"),
        Some(get.bytes.len().to_string().as_str())
    );
}

#[test]
fn other_methods_are_told_which_ones_there_are() {
    let server = Server::start();
    for method in ["OPTIONS", "PUT", "DELETE", "TRACE", "PROPFIND"] {
        let ask = |path: &str| {
            let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            let answer = server.send(request.as_bytes());
            (answer.status, answer.header("allow").map(str::to_owned))
        };
        assert_eq!(ask("/meldung/"), (405, Some("GET, HEAD".to_owned())), "{method}");
        assert_eq!(ask("/meldung/hochladen"), (405, Some("POST".to_owned())), "{method}");
        assert_eq!(ask("/meldung/nichts").0, 404, "{method}");
    }
}

#[test]
fn who_asks_before_sending_hears_no_before_sending() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let ask = |headers: &str| {
        let mut stream = connect(&server);
        let head = format!(
            "POST /meldung/hochladen HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n{UPLOAD}\r\n{headers}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("a head");
        let answer = read_head(&mut stream);
        (answer.lines().next().unwrap_or_default().to_owned(), stream)
    };
    assert_eq!(ask("Content-Length: 100").0, "HTTP/1.1 403 Forbidden");
    let foreign = format!("Cookie: {cookie}\r\nContent-Length: 100\r\nSec-Fetch-Site: cross-site");
    assert_eq!(ask(&foreign).0, "HTTP/1.1 403 Forbidden");
    let large = format!("Cookie: {cookie}\r\nContent-Length: 52428800");
    assert_eq!(ask(&large).0, "HTTP/1.1 413 Payload Too Large");
    let body = multipart("cb-2026", &filled(&server.own_form(&cookie), 48, "12345.67"));
    let (go_ahead, mut stream) = ask(&format!("Cookie: {cookie}\r\nContent-Length: {}", body.len()));
    assert_eq!(go_ahead, "HTTP/1.1 100 Continue");
    stream.write_all(&body).expect("the body");
    assert!(read_head(&mut stream).starts_with("HTTP/1.1 303"));
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_sent_and_the_sender_gets_to_read_why() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let mut stream = connect(&server);
    let head = format!(
        "POST /meldung/hochladen HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n{UPLOAD}\r\nContent-Length: 52428800\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("a head");
    let answer = read_head(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 413"),
        "the answer comes before any of the body: {answer}"
    );
    // A browser that has not looked yet goes on sending, and must not be cut off.
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..50 {
        stream.write_all(&piece).expect("the server listens on");
    }
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("the page");
    assert!(page.contains("Ihre Datei hat 50 MB."), "{page}");
}

#[test]
fn requests_that_come_at_once_are_answered_in_their_order() {
    let server = Server::start();
    let request = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let paths = ["/meldung/", "/meldung/nichts", "/meldung/hochladen", "/meldung/"];
    let answers = exchange(server.address, paths.map(request).concat().as_bytes());
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [303, 404, 405, 303]);
}

#[test]
fn after_a_body_the_connection_is_closed_and_nothing_behind_it_is_answered() {
    let server = Server::start();
    let login = "email=schultraeger-10054%40example.org&schultraegernummer=10054";
    let request = format!(
        "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{login}",
        login.len()
    );
    let answers = exchange(server.address, request.repeat(3).as_bytes());
    assert_eq!(answers.len(), 1);
    assert_eq!(
        (answers[0].status, answers[0].header("connection")),
        (303, Some("close"))
    );
    assert_eq!(server.count("sitzung"), 1);
}

#[test]
fn exactly_one_file_and_few_small_parts_are_taken() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let part = |head: &str, body: &str| format!("--grenze\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let runde = part("name=\"runde\"", "cb-2026");
    let file = part("name=\"datei\"; filename=\"a.xlsx\"", "PK");
    let upload = |parts: &str| {
        let body = format!("{parts}--grenze--\r\n");
        let answer = server.post(
            "/meldung/hochladen",
            &cookie,
            "multipart/form-data; boundary=grenze",
            body.as_bytes(),
        );
        answer.status
    };
    assert_eq!(
        upload(&format!("{runde}{file}")),
        415,
        "read, and found to be no workbook"
    );
    assert_eq!(upload(&format!("{runde}{file}{file}")), 400, "two files");
    assert_eq!(upload(&format!("{runde}{runde}{file}")), 400, "two Runden");
    assert_eq!(
        upload(&format!("{runde}{file}{}", part("name=\"x\"; filename=\"b\"", "b"))),
        400,
        "another file"
    );
    assert_eq!(upload(&runde), 400, "no file");
    assert_eq!(upload(&file), 400, "no Runde");
    assert_eq!(upload(&part("name=\"x\"", "").repeat(10_000)), 400, "a flood of parts");
    let large = format!("name=\"datei\"; filename=\"a.xlsx\"\r\nX-A: {}", "a".repeat(1 << 20));
    assert_eq!(
        upload(&format!("{runde}{}", part(&large, "PK"))),
        400,
        "a large head of a part"
    );
    let many = format!("name=\"datei\"; filename=\"a.xlsx\"{}", "\r\nX-A: b".repeat(1_000));
    assert_eq!(
        upload(&format!("{runde}{}", part(&many, "PK"))),
        400,
        "many heads of a part"
    );
}

#[test]
fn a_traeger_that_sends_slowly_keeps_no_other_waiting() {
    let server = Server::start();
    let slow = server.log_in(DUISBURG);
    let other = server.log_in("10110");
    let begun: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = connect(&server);
            let head = format!("POST /meldung/hochladen HTTP/1.1\r\nHost: x\r\nCookie: {slow}\r\n{UPLOAD}\r\nContent-Length: 100000\r\n\r\n--grenze");
            stream.write_all(head.as_bytes()).expect("a head");
            stream
        })
        .collect();
    let answer = server.upload(&other, b"PK");
    assert_eq!(answer.status, 415, "{}", answer.body());
    drop(begun);
}

#[test]
fn a_thousand_idle_connections_make_room_for_one_that_asks() {
    let server = Server::start();
    let idle: Vec<TcpStream> = (0..1500).map(|_| connect(&server)).collect();
    assert_eq!(server.get("/meldung/", "").status, 303);
    drop(idle);
}

#[test]
fn a_client_without_keep_alive_may_close_its_half() {
    let server = Server::start();
    let answers = exchange(server.address, b"GET /meldung/ HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(
        answers.iter().map(|answer: &Answer| answer.status).collect::<Vec<_>>(),
        [303]
    );
}
