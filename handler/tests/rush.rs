//! Many Träger at once: each is answered, and nothing is lost.

mod support;

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::query;
use support::rush::{clerks, evening};
use support::service::Service;

#[test]
fn when_many_upload_at_once_each_is_answered_and_nothing_is_lost() {
    rush(16);
}

#[test]
#[ignore = "143 uploads twice"]
fn when_all_traeger_upload_at_once_each_is_answered_and_nothing_is_lost() {
    assert_eq!(rush(usize::MAX), 143);
}

#[test]
fn an_upload_is_examined_soon_though_strangers_fill_every_place_with_bodies_that_drip() {
    let service = Service::start();
    let clerks = clerks(&service, 9);
    let (clerk, slow) = clerks.split_first().expect("clerks");
    let is_done = AtomicBool::new(false);
    let address = service.address;
    let drip = |cookie: &str| {
        let head = format!(
            "POST /meldung/hochladen HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=g\r\nContent-Length: 9000000\r\n\r\n"
        );
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(head.as_bytes()).expect("a head");
        // 20 KB a second, which is fast enough where nobody waits.
        while !is_done.load(Ordering::Relaxed) && stream.write_all(&[b'x'; 4_000]).is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
    };
    let (evening, took) = std::thread::scope(|scope| {
        for cookie in slow.iter().chain(slow).map(|clerk| &clerk.cookie) {
            scope.spawn(|| drip(cookie));
        }
        std::thread::sleep(Duration::from_millis(500));
        let begun = Instant::now();
        let evening = evening(&service, std::slice::from_ref(clerk));
        is_done.store(true, Ordering::Relaxed);
        (evening, begun.elapsed())
    });
    assert_eq!(evening[0].faulty.0.status, 422);
    assert_eq!(evening[0].clean.0.status, 303);
    assert!(took < Duration::from_secs(15), "{took:?}");
}

fn rush(at_most: usize) -> usize {
    let service = Service::start();
    let clerks = clerks(&service, at_most);
    let mut nummern = BTreeSet::new();
    for evening in evening(&service, &clerks) {
        let (findings, _) = evening.faulty;
        assert_eq!(findings.status, 422, "{}", findings.body());
        assert!(!findings.data("zellen").is_empty(), "{}", findings.body());
        let (accepted, _) = evening.clean;
        assert_eq!(accepted.status, 303, "{}", accepted.body());
        let place = accepted.header("location").expect("a place");
        nummern.insert(place.rsplit('/').next().expect("a number").to_owned());
    }
    assert_eq!(nummern.len(), clerks.len(), "each has a Vorgangsnummer of its own");
    for nummer in &nummern {
        let sql = format!("SELECT count(*) FROM meldung_gueltig WHERE nummer = '{nummer}'");
        assert_eq!(query::<i64>(&service.database, &sql), 1, "{nummer}");
    }
    assert_eq!(
        query::<i64>(&service.database, "SELECT count(*) FROM meldung") as usize,
        clerks.len()
    );
    assert_eq!(query::<i64>(&service.database, "SELECT count(*) FROM wartend"), 0);
    assert_eq!(query::<String>(&service.database, "PRAGMA integrity_check"), "ok");
    clerks.len()
}
