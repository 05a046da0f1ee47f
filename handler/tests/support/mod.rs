//! A handler over a real socket, with the real form, the real child and a database of its own.
#![allow(dead_code)] // Each test file uses its part.

pub mod answer;
pub mod files;
pub mod office;
pub mod post;
pub mod rush;
pub mod service;

pub use answer::Answer;

use form::testing::{Typed, fill};
use form::{Cent, Schulnummer};
use handler::app::App;
use handler::child::Examiner;
use handler::clock::{Clock, Moment};
use handler::config::Config;
use handler::demo;
use handler::http::run;
use handler::pages::Pages;
use handler::protokoll::Protokolle;
use handler::sandbox::Sandbox;
use handler::store::{Store, Zuweisung};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;

pub const DUISBURG: &str = "10054";
/// One school, 45.100,00 € or so: small and quick to fill.
pub const NOON: &str = "2026-11-22T12:00:00Z";

/// Speaks with a handler, as browsers do.
pub struct Client {
    pub address: SocketAddr,
    /// The Runde that forms are for.
    pub runde: String,
}

/// A running handler; ends with the test.
pub struct Server {
    client: Client,
    pub database: PathBuf,
    pub app: Arc<App>,
    seconds: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    pub folder: TempDir,
    demo_folder: TempDir,
}

impl Server {
    pub fn start() -> Server {
        Server::start_with(|_| {}, Path::new(env!("CARGO_BIN_EXE_handler")))
    }

    /// Starts with other settings, or with another program as the child.
    pub fn start_with(change: impl FnOnce(&mut Config), child: &Path) -> Server {
        let Prepared {
            app,
            seconds,
            database,
            folder,
            demo_folder,
        } = Prepared::new(change, child);
        Server::run(app, seconds, database, folder, demo_folder)
    }

    /// Ends, changes settings, and starts again with the same database and clock.
    pub fn restart_with(mut self, change: impl FnOnce(&mut Config)) -> Server {
        self.restart(change);
        self
    }

    pub fn restart(&mut self, change: impl FnOnce(&mut Config)) {
        self.end();
        let mut config = self.app.config.clone();
        change(&mut config);
        self.database = config.database.clone();
        let store = Store::open(&self.database).expect("the database");
        let child = Path::new(env!("CARGO_BIN_EXE_handler"));
        self.app = new_app(config, store, child, &self.seconds);
        self.listen();
    }

    fn run(app: Arc<App>, seconds: Arc<AtomicI64>, database: PathBuf, folder: TempDir, demo_folder: TempDir) -> Server {
        let client = Client {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            runde: "cb-2026".to_owned(),
        };
        let mut server = Server {
            client,
            database,
            app,
            seconds,
            stop: None,
            thread: None,
            folder,
            demo_folder,
        };
        server.listen();
        server
    }

    fn listen(&mut self) {
        let (stop, stopped) = oneshot::channel();
        let (send_address, address) = std::sync::mpsc::channel();
        let served = Arc::clone(&self.app);
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
        self.client.address = address.recv().expect("the server starts");
        (self.stop, self.thread) = (Some(stop), Some(thread));
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

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        self.seconds.load(Ordering::Relaxed)
    }

    pub fn count(&self, table: &str) -> i64 {
        self.query(&format!("SELECT count(*) FROM {table}"))
    }

    /// Quinoa's school gets 50,000 euros, as by `runde zuweisung` beside the service.
    pub fn more_money(&self) {
        let mut store = Store::open(&self.database).expect("the database");
        let runde = store.runde("cb-2026").expect("the database").expect("a Runde");
        let zuweisung = Zuweisung {
            schulnummer: Schulnummer::parse("100162").expect("six digits"),
            zugewiesen: Cent(5_000_000),
            uebertrag: None,
            meldet: None,
        };
        let now = Moment::parse(NOON).expect("a time");
        let done = store.correct_zuweisungen(&runde, &[zuweisung], "Neuer Bescheid", true, now);
        assert_eq!(done.expect("the database").expect("corrected").unterschiede.len(), 1);
    }

    /// Looks into the database with an own connection.
    pub fn query<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        query(&self.database, sql)
    }
}

impl std::ops::Deref for Server {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl std::ops::DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}

/// Looks into a database.
pub fn query<T: rusqlite::types::FromSql>(database: &Path, sql: &str) -> T {
    let connection = rusqlite::Connection::open(database).expect("the database");
    connection
        .query_row(sql, [], |row| row.get(0))
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

impl Client {
    /// Sends bytes and reads until the server closes.
    pub fn send(&self, request: &[u8]) -> Answer {
        Answer::parse(&self.exchange(request))
    }

    /// What comes back for these bytes; nothing where nobody listens any more.
    pub fn exchange(&self, request: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            // A server that answers early may close before all is written.
            let _ = stream.write_all(request);
            let _ = stream.read_to_end(&mut bytes);
        }
        bytes
    }

    pub fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n").as_bytes())
    }

    pub fn post(&self, path: &str, cookie: &str, content_type: &str, body: &[u8]) -> Answer {
        self.send(&post_request(path, cookie, content_type, body))
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
        let answer = self.get(&format!("/meldung/formular/{}.xlsx", self.runde), cookie);
        assert_eq!(answer.status, 200, "{}", answer.body());
        answer.bytes
    }

    pub fn upload(&self, cookie: &str, file: &[u8]) -> Answer {
        self.upload_to(&self.runde, cookie, file)
    }

    pub fn upload_to(&self, runde: &str, cookie: &str, file: &[u8]) -> Answer {
        self.send(&upload_request(runde, cookie, file))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// All that a handler is, before anybody listens.
pub struct Prepared {
    pub app: Arc<App>,
    pub seconds: Arc<AtomicI64>,
    pub database: PathBuf,
    pub folder: TempDir,
    pub demo_folder: TempDir,
}

impl Prepared {
    pub fn new(change: impl FnOnce(&mut Config), child: &Path) -> Prepared {
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
        let database = config.database.clone();
        Prepared {
            app: new_app(config, store, child, &seconds),
            seconds,
            database,
            folder,
            demo_folder,
        }
    }
}

fn new_app(config: Config, store: Store, child: &Path, seconds: &Arc<AtomicI64>) -> Arc<App> {
    let examiner = Examiner::new(child.to_owned(), config.limits.children, Sandbox::Strikt);
    let pages = Pages::open(&config.site, false).expect("templates");
    let protokolle = Protokolle::open(&config.protokoll, &config.site).expect("the logs");
    let clock = Clock::Set(Arc::clone(seconds));
    let mut app = App::new(config, store, pages, examiner, clock).expect("an app");
    app.protokolle = protokolle;
    Arc::new(app)
}

/// Sends bytes, says that no more will come, and reads every answer until the server closes.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<Answer> {
    let mut stream = TcpStream::connect(address).expect("a connection");
    // Nothing in a test takes so long: it fails here instead of hanging.
    stream
        .set_read_timeout(Some(Duration::from_secs(8)))
        .expect("a deadline");
    // A server that refuses early may close before all is written.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answers = Vec::new();
    let ended = stream.read_to_end(&mut answers);
    assert!(
        !ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
        "the connection stays open"
    );
    Answer::all(&answers)
}

fn post_request(path: &str, cookie: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub fn upload_request(runde: &str, cookie: &str, file: &[u8]) -> Vec<u8> {
    post_request(
        "/meldung/hochladen",
        cookie,
        "multipart/form-data; boundary=grenze",
        &multipart(runde, file),
    )
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
    let konzept = include_str!("../../../content/startchancen-nrw/loeschkonzept.toml");
    std::fs::write(handler.join("loeschkonzept.toml"), konzept).expect("the deletion concept");
    for theme in ["gemeinsam", "klar"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../themes/{theme}/handler"));
        for entry in std::fs::read_dir(folder).expect("the theme") {
            let path = entry.expect("a file").path();
            std::fs::copy(&path, handler.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
    let shell = "<!doctype html><html lang=\"de\"><title>{% block title %}{% endblock %}</title><main>{% block main %}{% endblock %}</main></html>";
    std::fs::write(handler.join("shell.html"), shell).expect("the shell");
}
