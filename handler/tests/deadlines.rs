//! Clients that keep us waiting. Time stands still in these tests and leaps to the next deadline once nobody does anything.

mod support;

use handler::http::{listen, run};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use support::{Answer, Prepared};

/// Lets a client talk to a handler whose time leaps, until the client is done.
fn with_leaping_time<T: Send + 'static>(client: impl FnOnce(SocketAddr) -> T + Send + 'static) -> T {
    let prepared = Prepared::new(|_| {}, Path::new("/bin/false"));
    paused_runtime().block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (done, is_done) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let told = client(address);
            let _ = done.send(());
            told
        });
        run(Arc::clone(&prepared.app), listener, async {
            is_done.await.unwrap_or_default()
        })
        .await;
        thread.join().expect("the client")
    })
}

fn paused_runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().expect("a runtime")
}

/// Sends, and reads until the server closes.
fn told(address: SocketAddr, request: &'static str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a deadline");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server closes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_head_that_does_not_end_is_cut_off() {
    for request in ["", "GET /meld", "GET /meldung/ HTTP/1.1\r\nHost: x\r\n"] {
        assert_eq!(
            with_leaping_time(move |address| told(address, request)),
            "",
            "{request}"
        );
    }
}

#[test]
fn a_connection_that_is_kept_and_not_used_is_closed() {
    let answer = with_leaping_time(|address| told(address, "GET /meldung/x HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}

#[test]
fn a_body_that_does_not_come_is_refused_in_words() {
    let request = "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nemail=";
    let answer = with_leaping_time(move |address| told(address, request));
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("abgebrochen"),
        "{answer}"
    );
}

#[test]
fn a_body_that_drips_is_refused_though_it_never_stops() {
    let answer = with_leaping_time(|address| {
        let mut stream = TcpStream::connect(address).expect("a connection");
        let head = "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\nContent-Length: 16000\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("a head");
        // Between two drops, the server's time leaps.
        let sent = (0..16_000).take_while(|_| {
            std::thread::sleep(Duration::from_millis(1));
            stream.write_all(b"x").is_ok()
        });
        assert!(sent.count() < 16_000, "the server took every drop");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::parse(&answer).status
    });
    assert_eq!(answer, 400);
}

#[test]
fn whoever_does_not_read_is_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let prepared = Prepared::new(|_| {}, Path::new("/bin/false"));
    paused_runtime().block_on(async {
        let listen = format!("unix:{}", path.display());
        let listener = listen::open(&listen, &mut listen::passed_on()).await.expect("a socket");
        let (done, is_done) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let mut stream = std::os::unix::net::UnixStream::connect(path).expect("a connection");
            // Many times what a socket holds.
            let requests = "GET /meldung/x HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20_000);
            let cut_off = stream.write_all(requests.as_bytes()).is_err();
            let mut answers = Vec::new();
            let _ = stream.read_to_end(&mut answers);
            let _ = done.send(());
            (
                cut_off,
                String::from_utf8_lossy(&answers).matches("HTTP/1.1 404").count(),
            )
        });
        run(Arc::clone(&prepared.app), listener, async {
            is_done.await.unwrap_or_default()
        })
        .await;
        let (cut_off, answers) = thread.join().expect("the client");
        assert!(cut_off && answers < 20_000, "{answers} answers");
    });
}

#[test]
fn an_upload_that_nobody_is_free_to_examine_is_put_off_in_words() {
    let prepared = Prepared::new(|config| config.limits.children = 0, Path::new("/bin/false"));
    let mut store = handler::store::Store::open(&prepared.database).expect("the database");
    let now = prepared.app.clock.now();
    let token = store.begin_sitzung(support::DUISBURG, None, now).expect("a session");
    let request = support::upload_request("cb-2026", &format!("sitzung={}", token.text()), b"PK\x03\x04");
    let answer = paused_runtime().block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        // All of it is there before time leaps.
        let mut stream = TcpStream::connect(listener.local_addr().expect("its address")).expect("a connection");
        stream.write_all(&request).expect("a request");
        let (done, is_done) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).expect("an answer");
            let _ = done.send(());
            Answer::parse(&answer)
        });
        run(Arc::clone(&prepared.app), listener, async {
            is_done.await.unwrap_or_default()
        })
        .await;
        thread.join().expect("the client")
    });
    assert_eq!(answer.status, 503, "{}", answer.body());
    assert_eq!(answer.header("retry-after"), Some("30"));
    assert!(
        answer.body().contains("Gerade wird viel hochgeladen"),
        "{}",
        answer.body()
    );
    assert!(answer.body().contains("Gespeichert wurde nichts"), "{}", answer.body());
}

#[test]
fn a_service_that_somebody_else_can_start_ends_when_nobody_needs_it() {
    let prepared = Prepared::new(|_| {}, Path::new("/bin/false"));
    let run_for_a_day = |app| {
        paused_runtime().block_on(async move {
            let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let mut listener = listen::Listener::from(socket);
            listener.is_inherited = true;
            let day = Duration::from_secs(24 * 60 * 60);
            tokio::time::timeout(day, run(app, listener, std::future::pending()))
                .await
                .is_ok()
        })
    };
    assert!(run_for_a_day(Arc::clone(&prepared.app)), "it ends");
    let mut store = handler::store::Store::open(&prepared.database).expect("the database");
    let now = prepared.app.clock.now();
    store.begin_sitzung(support::DUISBURG, None, now).expect("a session");
    assert!(!run_for_a_day(prepared.app), "somebody is logged in");
}
