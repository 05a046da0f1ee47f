//! Ten thousand connections that are idle, send half a head or drip a body, while honest uploads go on. Loopback only, half a minute.
//!
//! `cargo bench -p handler --bench soak`

#[path = "../../tests/support/mod.rs"]
mod support;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::service::Service;
use support::{Answer, filled, multipart};

const CONNECTIONS: usize = 10_000;
const CALLERS: usize = 10;
const SECONDS: u64 = 30;
/// Whether a closed connection is opened again is looked at so often.
const PAUSE: Duration = Duration::from_secs(1);

fn main() {
    allow_many_files();
    let service = Service::start();
    let address = service.address;
    println!("idle:                    {}", memory(&service));

    let (stop, opened) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let attackers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (stop, opened) = (Arc::clone(&stop), Arc::clone(&opened));
            std::thread::spawn(move || attack(address, &stop, &opened))
        })
        .collect();
    while opened.load(Ordering::Relaxed) < CONNECTIONS {
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("10,000 were opened:      {}", memory(&service));

    let mut times = honest_uploads(address);
    times.sort();
    println!("honest requests:         {}, none failed", times.len());
    println!(
        "p50, p99, worst:         {:?}, {:?}, {:?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1]
    );
    println!("connections of others:   {}", opened.load(Ordering::Relaxed));
    println!("with them:               {}", memory(&service));
    stop.store(true, Ordering::Relaxed);
    attackers
        .into_iter()
        .for_each(|attacker| attacker.join().expect("an attacker"));
}

/// Login, own form, a clean upload, the Eingangsbestätigung, again and again.
fn honest_uploads(address: SocketAddr) -> Vec<Duration> {
    let mut times = Vec::new();
    let begun = Instant::now();
    let mut amount = 12_345;
    while begun.elapsed() < Duration::from_secs(SECONDS) {
        let mut ask = |head: String, body: &[u8]| {
            let asked = Instant::now();
            let head = format!(
                "{head}Host: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream.write_all(head.as_bytes()).expect("a request");
            stream.write_all(body).expect("its body");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).expect("an answer");
            times.push(asked.elapsed());
            Answer::parse(&answer)
        };
        let login = b"email=schultraeger-10054%40example.org&schultraegernummer=10054";
        let answer = ask("POST /meldung/anmelden HTTP/1.1\r\n".to_owned(), login);
        assert_eq!(answer.status, 303);
        let cookie = answer
            .header("set-cookie")
            .and_then(|cookie| cookie.split(';').next())
            .expect("a cookie")
            .to_owned();
        let year = jiff::Zoned::now().year();
        let form = ask(
            format!("GET /meldung/formular/cb-{year}.xlsx HTTP/1.1\r\nCookie: {cookie}\r\n"),
            b"",
        );
        assert_eq!(form.status, 200);
        amount += 1;
        let file = filled(&form.bytes, 48, &format!("{amount}.67"));
        let upload = format!(
            "POST /meldung/hochladen HTTP/1.1\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=grenze\r\n"
        );
        let received = ask(upload, &multipart(&format!("cb-{year}"), &file));
        assert_eq!(received.status, 303, "{}", received.body());
        let eingang = received.header("location").expect("a location").to_owned();
        assert_eq!(
            ask(format!("GET {eingang} HTTP/1.1\r\nCookie: {cookie}\r\n"), b"").status,
            200
        );
    }
    times
}

/// Keeps its share of connections open, each in one of three ways, and opens again what is closed.
fn attack(address: SocketAddr, stop: &AtomicBool, opened: &AtomicUsize) {
    let mut streams: Vec<TcpStream> = Vec::new();
    let open = |number: usize| {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_nonblocking(true).ok()?;
        let begin = [
            "",
            "GET /meldung/ HTTP/1.1\r\nX-A: ",
            "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nemail=",
        ];
        let _ = stream.write(begin[number % begin.len()].as_bytes());
        opened.fetch_add(1, Ordering::Relaxed);
        Some(stream)
    };
    while !stop.load(Ordering::Relaxed) {
        for number in streams.len()..CONNECTIONS / CALLERS {
            streams.extend(open(number));
        }
        std::thread::sleep(PAUSE);
        // One more byte where something was begun; whoever is closed is forgotten.
        let mut number = 0;
        streams.retain_mut(|stream| {
            number += 1;
            let is_open = stream
                .read(&mut [0; 64])
                .is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
            is_open && (number % 3 == 0 || stream.write(b"x").is_ok())
        });
    }
}

/// Memory of a process, now and at its highest.
fn memory(service: &Service) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.process_id())).unwrap_or_default();
    let value = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    format!("{} resident, {} at most", value("VmRSS:"), value("VmHWM:"))
}

fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised).expect("enough files");
    let enough = limit.maximum.is_none_or(|files| files as usize > CONNECTIONS + 100);
    assert!(enough, "this system allows too few files: ulimit -Hn");
}
