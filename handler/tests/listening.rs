//! Where the service listens, and that changing it for a newer one loses nobody's request.

mod support;

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use support::post::until;
use support::service::{self, Service};
use support::{Answer, Client, filled, query, upload_request, write_site};

fn set_up(folder: &Path, more: &str) {
    write_site(&folder.join("site"));
    let config =
        format!("site = \"site\"\ndatabase = \"meldungen.sqlite\"\npublic_url = \"http://localhost:8000\"\n{more}\n");
    std::fs::write(folder.join("handler.toml"), config).expect("a configuration");
}

/// Starts the service, and waits until it says that it listens.
fn start(folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handler"));
    listening(command.arg("serve").current_dir(folder))
}

/// Starts the service as systemd does: with the socket as descriptor 3, and told so.
fn start_with_socket(folder: &Path, socket: &TcpListener) -> Child {
    let script = "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" serve";
    let socket: OwnedFd = socket.try_clone().expect("a copy").into();
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_handler")])
        .stdin(socket);
    listening(command.current_dir(folder))
}

fn listening(command: &mut Command) -> Child {
    let mut service = command.stderr(Stdio::piped()).spawn().expect("the handler starts");
    let mut log = BufReader::new(service.stderr.take().expect("its log"));
    let mut said = String::new();
    while !said.contains("listening on ") {
        assert!(log.read_line(&mut said).expect("a line") > 0, "{said}");
    }
    // Nobody must be kept from writing.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    service
}

fn end(mut service: Child, signal: Signal) {
    kill_process(Pid::from_child(&service), signal).expect("a signal");
    service.wait().expect("it ends");
}

fn ask(mut stream: impl Read + Write) -> u16 {
    let request = b"GET /meldung/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    Answer::parse(&answer).status
}

#[test]
fn a_unix_socket_answers_and_is_gone_at_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    set_up(folder.path(), "listen = \"unix:handler.socket\"");
    let path = folder.path().join("handler.socket");
    let service = start(folder.path());
    assert_eq!(ask(UnixStream::connect(&path).expect("a connection")), 303);
    end(service, Signal::TERM);
    assert!(!path.exists());
}

#[test]
fn the_socket_of_a_killed_service_is_replaced_and_that_of_a_living_one_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    set_up(folder.path(), "listen = \"unix:handler.socket\"");
    let path = folder.path().join("handler.socket");
    end(start(folder.path()), Signal::KILL);
    assert!(path.exists());
    let service = start(folder.path());
    let mut second = Command::new(env!("CARGO_BIN_EXE_handler"));
    let second = second
        .arg("serve")
        .current_dir(folder.path())
        .output()
        .expect("the handler");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(2));
    assert!(said.contains("Dort antwortet schon jemand"), "{said}");
    assert_eq!(ask(UnixStream::connect(&path).expect("a connection")), 303);
    end(service, Signal::TERM);
    std::fs::write(&path, "keep me").expect("a file");
    let mut third = Command::new(env!("CARGO_BIN_EXE_handler"));
    let third = third
        .arg("serve")
        .current_dir(folder.path())
        .output()
        .expect("the handler");
    assert_eq!(third.status.code(), Some(2));
    assert!(path.exists(), "what is no socket is left alone");
}

#[test]
fn without_a_passed_socket_the_operator_reads_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    set_up(folder.path(), "listen = \"systemd\"");
    let mut service = Command::new(env!("CARGO_BIN_EXE_handler"));
    let ended = service
        .arg("serve")
        .current_dir(folder.path())
        .output()
        .expect("the handler");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2));
    assert!(said.contains(".socket-Datei"), "{said}");
}

#[test]
fn three_restarts_under_load_lose_no_request() {
    let folder = tempfile::tempdir().expect("a folder");
    set_up(folder.path(), "listen = \"systemd\"");
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address: SocketAddr = socket.local_addr().expect("its address");
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut service = start_with_socket(folder.path(), &socket);
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    assert_eq!(ask(TcpStream::connect(address).expect("a connection")), 303);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let wait_for_more = || {
        let before = answered.load(Ordering::Relaxed);
        while answered.load(Ordering::Relaxed) < before + 100 && callers.iter().all(|caller| !caller.is_finished()) {
            std::thread::yield_now();
        }
    };
    for _ in 0..3 {
        wait_for_more();
        end(service, Signal::TERM);
        service = start_with_socket(folder.path(), &socket);
    }
    wait_for_more();
    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.join().expect("every request is answered");
    }
    end(service, Signal::TERM);
}

#[test]
fn two_restarts_under_uploads_lose_none() {
    let folder = service::prepare("meldungen.sqlite");
    let config = folder.path().join("handler.toml");
    let text = std::fs::read_to_string(&config).expect("the configuration");
    std::fs::write(
        &config,
        text.replace("listen = \"127.0.0.1:0\"", "listen = \"systemd\""),
    )
    .expect("a configuration");
    let database = folder.path().join("meldungen.sqlite");
    let runde: String = query(&database, "SELECT kennung FROM runde");
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("its address");
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let service = std::thread::scope(|scope| {
        let mut service = start_with_socket(folder.path(), &socket);
        let clerks = ["10039", "10390", "10479"].map(|traeger| {
            let (stop, answered) = (&stop, &answered);
            let runde = runde.clone();
            scope.spawn(move || {
                let client = Client { address, runde };
                let cookie = client.log_in(traeger);
                let form = client.own_form(&cookie);
                for cent in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let answer = client.upload(
                        &cookie,
                        &filled(&form, 1, &format!("90{:02}.{:02}", cent / 100, cent % 100)),
                    );
                    assert_eq!(answer.status, 303, "{}", answer.body());
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        let wait_for_more = || {
            let enough = answered.load(Ordering::Relaxed) + 6;
            until("uploads go on", || {
                answered.load(Ordering::Relaxed) >= enough || clerks.iter().any(|clerk| clerk.is_finished())
            });
        };
        for _ in 0..2 {
            wait_for_more();
            end(service, Signal::TERM);
            service = start_with_socket(folder.path(), &socket);
        }
        wait_for_more();
        stop.store(true, Ordering::Relaxed);
        service
    });
    end(service, Signal::TERM);
    let kept: i64 = query(&database, "SELECT count(*) FROM meldung");
    assert_eq!(
        kept as usize,
        answered.load(Ordering::Relaxed),
        "each answer is a Meldung"
    );
    assert_eq!(query::<String>(&database, "PRAGMA integrity_check"), "ok");
}

#[test]
fn an_upload_that_is_under_way_is_received_though_the_service_is_told_to_end() {
    let service = Service::start();
    let cookie = service.log_in("10039");
    let request = upload_request(
        &service.runde,
        &cookie,
        &filled(&service.own_form(&cookie), 1, "9000.01"),
    );
    let (begun, rest) = request.split_at(request.len() / 2);
    let mut stream = TcpStream::connect(service.address).expect("a connection");
    stream.write_all(begun).expect("half of it");
    let id = i32::try_from(service.process_id()).expect("a number");
    kill_process(Pid::from_raw(id).expect("a process"), Signal::TERM).expect("a signal");
    until("nobody else is let in", || TcpStream::connect(service.address).is_err());
    stream.write_all(rest).expect("the rest");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let answer = Answer::parse(&answer);
    assert_eq!(answer.status, 303, "{}", answer.body());
    assert_eq!(query::<i64>(&service.database, "SELECT count(*) FROM meldung"), 1);
}

#[test]
fn a_login_that_we_hold_up_is_not_cut_off_when_strangers_take_every_connection() {
    let folder = service::prepare("meldungen.sqlite");
    // As few connections as there ever are: sixteen.
    let (service, address) = start_with_files(folder.path(), 116);
    let other = rusqlite::Connection::open(folder.path().join("meldungen.sqlite")).expect("the database");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let client = Client {
        address,
        runde: String::new(),
    };
    let cookie = std::thread::scope(|scope| {
        let clerk = scope.spawn(|| client.log_in("10039"));
        // Time for the login to come in.
        std::thread::sleep(std::time::Duration::from_millis(500));
        let strangers: Vec<_> = (0..60)
            .map(|_| TcpStream::connect(address).expect("a connection"))
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(500));
        other.execute_batch("ROLLBACK").expect("the lock is given back");
        drop(strangers);
        clerk.join().expect("a session")
    });
    assert_eq!(client.get("/meldung/", &cookie).status, 200);
    end(service, Signal::TERM);
}

#[test]
fn the_operator_reads_once_that_a_web_server_on_this_machine_is_not_trusted() {
    let folder = service::prepare("meldungen.sqlite");
    let (service, address) = start_with_files(folder.path(), 1000);
    let client = Client {
        address,
        runde: String::new(),
    };
    let said = || std::fs::read_to_string(folder.path().join("gesagt")).expect("its log");
    client.get("/meldung/", "");
    assert!(!said().contains("trusted_proxies"), "{}", said());
    let forwarded = b"GET /meldung/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n";
    for _ in 0..3 {
        assert_eq!(client.send(forwarded).status, 303);
    }
    assert_eq!(said().matches("trusted_proxies").count(), 1, "{}", said());
    end(service, Signal::TERM);
}

/// The service on a system that allows it so few files, and where it listens; what it says is in `gesagt`.
fn start_with_files(folder: &Path, files: usize) -> (Child, SocketAddr) {
    let script = format!("ulimit -n {files}; exec \"$0\" serve 2>gesagt");
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_handler")])
        .current_dir(folder);
    let service = command.spawn().expect("the handler starts");
    let log = || std::fs::read_to_string(folder.join("gesagt")).unwrap_or_default();
    until("it listens", || log().contains("listening on "));
    let text = log();
    let address = text
        .split("listening on ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    let address = address.and_then(|text| text.parse().ok()).expect("an address");
    (service, address)
}

#[test]
fn whoever_takes_every_file_the_system_allows_ends_nothing() {
    let folder = service::prepare("meldungen.sqlite");
    let (service, address) = start_with_files(folder.path(), 26);
    let log = || std::fs::read_to_string(folder.path().join("gesagt")).unwrap_or_default();
    let strangers: Vec<_> = (0..40)
        .map(|_| TcpStream::connect(address).expect("a connection"))
        .collect();
    until("there are no files left", || log().contains("accept: "));
    drop(strangers);
    let runde = query(&folder.path().join("meldungen.sqlite"), "SELECT kennung FROM runde");
    let client = Client { address, runde };
    let cookie = client.log_in("10039");
    assert_eq!(
        client
            .upload(&cookie, &filled(&client.own_form(&cookie), 1, "9000.01"))
            .status,
        303
    );
    end(service, Signal::TERM);
}
