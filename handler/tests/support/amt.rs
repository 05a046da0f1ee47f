//! The office beside a running service: the real binary on the same database.
#![allow(dead_code)] // Each test file uses its part.

use crate::support::files::files_in_use;
use crate::support::{Answer, Server, filled, write_site};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The server's time, in seconds, for a test that is its own office. The released program does not know it.
pub const UHR: &str = "AMT_UHR";

pub struct Amt {
    pub server: Server,
    pub folder: PathBuf,
    program: PathBuf,
}

impl Amt {
    pub fn new() -> Amt {
        Amt::around(Server::start(), env!("CARGO_BIN_EXE_handler").into())
    }

    /// An office whose commands another program carries out.
    pub fn around(server: Server, program: PathBuf) -> Amt {
        let folder = server.folder.path().join("amt");
        std::fs::create_dir_all(&folder).expect("a folder");
        let site = server.folder.path().join("site");
        write_site(&site);
        let concept = include_str!("../../../content/startchancen-nrw/loeschkonzept.toml");
        std::fs::write(site.join("handler/loeschkonzept.toml"), concept).expect("the concept");
        let report = include_str!("../../../content/startchancen-nrw/formularschrank/chancenbudget/bericht.toml");
        std::fs::write(site.join("handler/formulare/chancenbudget.bericht.toml"), report).expect("the report");
        let amt = Amt {
            server,
            folder,
            program,
        };
        amt.configure("handler.toml", &amt.server.database);
        amt
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn configure(&self, name: &str, database: &Path) {
        let logs = self.server.database.with_file_name("protokoll");
        let config = format!(
            "site = {:?}\ndatabase = {database:?}\npublic_url = \"http://127.0.0.1:8000\"\nlisten = \"127.0.0.1:0\"\n[protokoll]\nzugriffe = {logs:?}\nereignisse = {logs:?}\n",
            self.server.folder.path().join("site"),
        );
        std::fs::write(self.path(name), config).expect("a configuration");
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(&self.program)
            .args(arguments)
            .current_dir(&self.folder)
            .env(UHR, self.server.now().to_string())
            .output()
            .expect("the handler runs")
    }

    /// What it says when it succeeds.
    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", both(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What it says when the answer is no.
    pub fn no(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", both(&output));
        both(&output)
    }

    /// Uploads a filled form and follows to its Eingangsbestaetigung.
    pub fn meldung(&self, traeger: &str, schools: usize, euros: &str) -> Answer {
        let cookie = self.server.log_in(traeger);
        let file = filled(&self.server.own_form(&cookie), schools, euros);
        let answer = self.server.upload(&cookie, &file);
        assert_eq!(answer.status, 303, "{}", answer.body());
        self.server.get(answer.header("location").expect("a place"), &cookie)
    }

    /// The files of the data directory in which some bytes stand: database, its log, and protocols.
    pub fn files_with(&self, bytes: &[u8]) -> Vec<String> {
        let data = files_in_use(self.server.database.parent().expect("a folder"));
        let holds = |content: &[u8]| content.windows(bytes.len()).any(|window| window == bytes);
        data.into_iter()
            .filter(|(_, content)| holds(content))
            .map(|(name, _)| name)
            .collect()
    }

    /// Changes the database behind the program's back.
    pub fn meddle(&self, sql: &str) {
        let connection = rusqlite::Connection::open(&self.server.database).expect("the database");
        connection
            .execute_batch(sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

pub fn both(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
