//! A handler over a real socket, with the real form, the real child and a database of its own.
#![allow(dead_code)] // Each test file uses its part.

pub mod post;

use form::testing::{Typed, fill};
use handler::app::App;
use handler::child::Examiner;
use handler::clock::Clock;
use handler::config::Config;
use handler::demo;
use handler::http::run;
use handler::pages::Pages;
use handler::sandbox::Sandbox;
use handler::store::Store;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tokio::sync::oneshot;

pub const DUISBURG: &str = "10054";
/// One school, 45.100,00 € or so: small and quick to fill.
pub const NOON: &str = "2026-11-22T12:00:00Z";

/// A running handler; ends with the test.
pub struct Server {
    pub address: SocketAddr,
    pub database: PathBuf,
    pub app: Arc<App>,
    seconds: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    pub folder: TempDir,
    demo_folder: Arc<TempDir>,
}

impl Server {
    pub fn start() -> Server {
        Server::start_with(|_| {}, Path::new(env!("CARGO_BIN_EXE_handler")))
    }

    /// Starts with other settings, or with another program as the child.
    pub fn start_with(change: impl FnOnce(&mut Config), child: &Path) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let site = folder.path().join("site");
        write_site(&site);
        let now: jiff::Timestamp = NOON.parse().expect("a time");
        let seconds = Arc::new(AtomicI64::new(now.as_second()));
        let clock = Clock::Set(Arc::clone(&seconds));
        let demo = demo::Demo::set_up(&site, "127.0.0.1:0", "http://127.0.0.1:8000", None, &clock).expect("a demo");
        let demo::Demo {
            mut config,
            store,
            folder: demo_folder,
        } = demo;
        change(&mut config);
        Server::run(config, store, seconds, child, folder, Arc::new(demo_folder))
    }

    /// Ends, changes settings, and starts again with the same database and clock.
    pub fn restart_with(mut self, change: impl FnOnce(&mut Config)) -> Server {
        self.end();
        let mut config = self.app.config.clone();
        change(&mut config);
        let store = Store::open(&self.database).expect("the database");
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a folder"));
        let child = Path::new(env!("CARGO_BIN_EXE_handler"));
        Server::run(
            config,
            store,
            Arc::clone(&self.seconds),
            child,
            folder,
            Arc::clone(&self.demo_folder),
        )
    }

    fn run(
        config: Config,
        store: Store,
        seconds: Arc<AtomicI64>,
        child: &Path,
        folder: TempDir,
        demo_folder: Arc<TempDir>,
    ) -> Server {
        let database = config.database.clone();
        let pages = Pages::open(&config.site, false).expect("templates");
        let examiner = Examiner::new(child.to_owned(), config.limits.children, Sandbox::Strikt);
        let clock = Clock::Set(Arc::clone(&seconds));
        let app = Arc::new(App::new(config, store, pages, examiner, clock).expect("an app"));
        let (stop, stopped) = oneshot::channel();
        let (send_address, address) = std::sync::mpsc::channel();
        let served = Arc::clone(&app);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
                send_address
                    .send(listener.local_addr().expect("an address"))
                    .expect("the test waits");
                run(served, listener, async { stopped.await.unwrap_or_default() }).await;
            });
        });
        let address = address.recv().expect("the server starts");
        Server {
            address,
            database,
            app,
            seconds,
            stop: Some(stop),
            thread: Some(thread),
            folder,
            demo_folder,
        }
    }

    /// Ends the server and leaves its database.
    pub fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// Moves the clock on, also for what waits to be mailed.
    pub fn advance(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
        self.app.outbox.notify_one();
    }

    /// Sends bytes and reads until the server closes.
    pub fn send(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        // A server that answers early may close before all is written.
        let _ = stream.write_all(request);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes)
    }

    pub fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n").as_bytes())
    }

    pub fn post(&self, path: &str, cookie: &str, content_type: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.send(&[head.as_bytes(), body].concat())
    }

    pub fn post_form(&self, path: &str, cookie: &str, fields: &str) -> Answer {
        self.post(path, cookie, "application/x-www-form-urlencoded", fields.as_bytes())
    }

    /// Logs in and gives the cookie.
    pub fn log_in(&self, nummer: &str) -> String {
        let fields = format!("email=schultraeger-{nummer}%40example.org&schultraegernummer={nummer}");
        let answer = self.post_form("/meldung/anmelden", "", &fields);
        assert_eq!(answer.status, 303, "{}", answer.body());
        let cookie = answer.header("set-cookie").expect("a cookie");
        cookie.split(';').next().expect("a pair").to_owned()
    }

    pub fn own_form(&self, cookie: &str) -> Vec<u8> {
        let answer = self.get("/meldung/formular/cb-2026.xlsx", cookie);
        assert_eq!(answer.status, 200, "{}", answer.body());
        answer.bytes
    }

    pub fn upload(&self, cookie: &str, file: &[u8]) -> Answer {
        self.upload_to("cb-2026", cookie, file)
    }

    pub fn upload_to(&self, runde: &str, cookie: &str, file: &[u8]) -> Answer {
        self.post(
            "/meldung/hochladen",
            cookie,
            "multipart/form-data; boundary=grenze",
            &multipart(runde, file),
        )
    }

    pub fn count(&self, table: &str) -> i64 {
        self.query(&format!("SELECT count(*) FROM {table}"))
    }

    /// Looks into the database with an own connection.
    pub fn query<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let connection = rusqlite::Connection::open(&self.database).expect("the database");
        connection
            .query_row(sql, [], |row| row.get(0))
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// An HTTP answer.
pub struct Answer {
    pub status: u16,
    head: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Answer {
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer: {bytes:?}"));
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status");
        Answer {
            status,
            head,
            bytes: bytes[end + 4..].to_vec(),
        }
    }

    /// The cookie of this name that the answer sets, as the browser sends it back.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie"))
            .filter_map(|(_, value)| value.split(';').next())
            .find(|pair| pair.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
            .map(str::to_owned)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The values of a `data-` attribute on the page.
    pub fn data(&self, name: &str) -> Vec<String> {
        let body = self.body();
        let mark = format!("data-{name}=\"");
        body.split(&mark)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned)
            .collect()
    }
}

pub fn multipart(runde: &str, file: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "--grenze\r\nContent-Disposition: form-data; name=\"runde\"\r\n\r\n{runde}\r\n--grenze\r\nContent-Disposition: form-data; name=\"datei\"; filename=\"meine.xlsx\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--grenze--\r\n");
    body
}

/// Fills a form as a clerk does who spent the same amount on each school, all of it on Personal.
pub fn filled(workbook: &[u8], schools: usize, euros: &str) -> Vec<u8> {
    let yes = Typed::Text("ja");
    let workbook = fill(workbook, "Deckblatt", &[("B14", yes), ("B15", yes), ("B16", yes)]);
    let zero = Typed::Number("0");
    let mut cells: Vec<(String, Typed<'_>)> = Vec::new();
    for row in 5..5 + schools {
        for (column, typed) in [
            ("H", Typed::Number(euros)),
            ("I", Typed::Number(euros)),
            ("J", zero),
            ("K", zero),
            ("L", zero),
            ("M", zero),
            ("N", zero),
            ("O", Typed::Text("B1 – Deutsch, Lesen, Schreiben")),
            ("R", Typed::Text("R2")),
        ] {
            cells.push((format!("{column}{row}"), typed));
        }
    }
    let cells: Vec<(&str, Typed<'_>)> = cells.iter().map(|(name, typed)| (name.as_str(), *typed)).collect();
    fill(&workbook, "Schulen", &cells)
}

/// What `generator build` would have written: plain answer templates that show every variable the tests look at.
pub fn write_site(site: &Path) {
    let handler = site.join("handler");
    std::fs::create_dir_all(handler.join("formulare")).expect("folders");
    let definition = include_str!("../../../content/startchancen-nrw/formularschrank/chancenbudget/formular.toml");
    std::fs::write(handler.join("formulare/chancenbudget.toml"), definition).expect("the form");
    let loeschkonzept = include_str!("../../../content/startchancen-nrw/loeschkonzept.toml");
    std::fs::write(handler.join("loeschkonzept.toml"), loeschkonzept).expect("the deletion concept");
    let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes/klar/handler");
    for entry in std::fs::read_dir(theme).expect("the theme") {
        let path = entry.expect("a file").path();
        std::fs::copy(&path, handler.join(path.file_name().expect("a name"))).expect("a copy");
    }
    let shell = "<!doctype html><html lang=\"de\"><title>{% block title %}{% endblock %}</title><main>{% block main %}{% endblock %}</main></html>";
    std::fs::write(handler.join("shell.html"), shell).expect("the shell");
}
