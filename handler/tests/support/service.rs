//! `handler serve` as a process of its own, which can be killed and started again.
#![allow(dead_code)] // Each test file uses its part.

use super::{Client, query, write_site};
use handler::clock::Clock;
use handler::demo::Demo;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A folder with the demo's data, a configuration, and a process that serves them.
pub struct Service {
    client: Client,
    process: Running,
    pub database: PathBuf,
    folder: TempDir,
}

impl Service {
    pub fn start() -> Service {
        Service::start_with("")
    }

    /// With more tables in its configuration.
    pub fn start_with(more: &str) -> Service {
        let folder = prepare("meldungen.sqlite");
        let config = folder.path().join("handler.toml");
        let text = std::fs::read_to_string(&config).expect("the configuration");
        std::fs::write(&config, text + more).expect("a configuration");
        let database = folder.path().join("meldungen.sqlite");
        let runde = query(&database, "SELECT kennung FROM runde");
        let process = serve(folder.path()).expect("the service listens");
        let address = process.address;
        let client = Client { address, runde };
        Service {
            client,
            process,
            database,
            folder,
        }
    }

    /// As the power fails for a process.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Tells it to end, and waits until it has.
    pub fn end(&mut self) {
        let process = Pid::from_child(&self.process.child);
        kill_process(process, Signal::TERM).expect("a signal");
        let ended = self.process.child.wait().expect("it ends");
        assert!(ended.success());
    }

    pub fn restart(&mut self) {
        self.process = serve(self.folder.path()).expect("the service listens");
        self.client.address = self.process.address;
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn process_id(&self) -> u32 {
        self.process.child.id()
    }

    /// Runs another command on the same database.
    pub fn command(&self, arguments: &[&str]) -> std::process::Output {
        handler(self.folder.path(), arguments)
            .output()
            .expect("the handler runs")
    }
}

impl std::ops::Deref for Service {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A process that listens; killed when dropped.
pub struct Running {
    child: Child,
    pub address: SocketAddr,
}

impl Running {
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A folder with a site, the demo's data of today in a database of this name, and a configuration.
pub fn prepare(database: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write_site(&folder.path().join("site"));
    let site = folder.path().join("site");
    let demo = Demo::set_up(&site, "127.0.0.1:0", "http://127.0.0.1:8000", None, &Clock::System).expect("a demo");
    let made = demo.config.database.clone();
    drop(demo.store);
    std::fs::copy(made, folder.path().join(database)).expect("a copy");
    let config = format!(
        "site = \"site\"\ndatabase = \"{database}\"\npublic_url = \"http://127.0.0.1:8000\"\nlisten = \"127.0.0.1:0\"\n\n[limits]\nsandbox = \"soweit-moeglich\"\nmeldungen_per_day = 1000000\n"
    );
    std::fs::write(folder.path().join("handler.toml"), config).expect("a configuration");
    folder
}

pub fn handler(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handler"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command
}

/// Starts the service, or gives all that it said before it ended.
pub fn serve(folder: &Path) -> Result<Running, String> {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut running = Running {
        child: handler(folder, &["serve"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the handler starts"),
        address: nowhere,
    };
    let mut log = BufReader::new(running.child.stderr.take().expect("its log"));
    let mut said = String::new();
    loop {
        let mut line = String::new();
        if log.read_line(&mut line).expect("text") == 0 {
            return Err(said);
        }
        if let Some((_, rest)) = line.split_once("listening on ") {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':');
            running.address = rest[..end.unwrap_or(rest.len())].parse().expect("an address");
            // What it says later is read, so that it never waits for a reader.
            std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
            return Ok(running);
        }
        said.push_str(&line);
    }
}
