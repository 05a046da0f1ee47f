//! The office at its terminal: the real binary, real files, a database of its own.

use super::filled;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder with the demo's lists, a `handler.toml` and nothing imported yet.
pub struct Office {
    pub folder: TempDir,
}

impl Office {
    pub fn new() -> Office {
        let folder = tempfile::tempdir().expect("a folder");
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
        for list in ["traeger.csv", "schulen.csv", "zuweisungen.csv"] {
            std::fs::copy(demo.join(list), folder.path().join(list)).expect("a list");
        }
        let form = demo.join("../../content/startchancen-nrw/formularschrank/chancenbudget/formular.toml");
        std::fs::copy(form, folder.path().join("formular.toml")).expect("the form");
        let config = "site = \"site\"\ndatabase = \"meldungen.sqlite\"\npublic_url = \"https://www.example.nrw\"\n";
        std::fs::write(folder.path().join("handler.toml"), config).expect("a configuration");
        Office { folder }
    }

    pub fn with_runde() -> Office {
        let office = Office::new();
        office.done(&IMPORT);
        office.done(&OPEN);
        office
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_handler"))
            .args(arguments)
            .current_dir(self.folder.path())
            // Nobody can be asked.
            .stdin(Stdio::null())
            .output()
            .expect("the handler runs")
    }

    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs a command that says no, and gives what it says about it.
    pub fn refused(&self, arguments: &[&str], status: i32) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        said
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("a file")
    }

    /// The answer of a list as data.
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[arguments, &["--json"]].concat())).expect("JSON")
    }

    /// Looks into the database with an own connection.
    pub fn query<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let connection = rusqlite::Connection::open(self.folder.path().join("meldungen.sqlite")).expect("the database");
        connection
            .query_row(sql, [], |row| row.get(0))
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The last entry of the journal: its kind and its record.
    pub fn last_act(&self) -> (String, Value) {
        let record: String = self.query("SELECT record FROM journal_record ORDER BY nr DESC");
        (
            self.query("SELECT art FROM journal ORDER BY nr DESC"),
            serde_json::from_str(&record).expect("JSON"),
        )
    }

    /// The office files a Träger's form with one amount for each school. Gives the Vorgangsnummer.
    pub fn files(&self, runde: &str, traeger: &str, schools: usize, euros: &str) -> String {
        let empty = self.form(runde, traeger);
        std::fs::write(self.folder.path().join("voll.xlsx"), filled(&empty, schools, euros)).expect("a file");
        let said = self.done(&einreichen("voll.xlsx", traeger, runde));
        let first = said.lines().next().expect("a line");
        first.rsplit(' ').next().expect("a number").to_owned()
    }

    /// Changes a list line by line; a line that becomes nothing is left out.
    pub fn rewrite(&self, list: &str, change: impl Fn(&str) -> Option<String>) {
        let lines = self.read(list);
        let changed: Vec<String> = lines.lines().filter_map(change).collect();
        self.write(list, &(changed.join("\n") + "\n"));
    }

    /// Where one Träger stands.
    pub fn stand(&self, traeger: &str) -> Value {
        let list = self.json(&["meldung", "list", "--runde", "cb-2026"]);
        let of = |stand: &&Value| stand["traeger"] == traeger;
        list.as_array()
            .expect("a list")
            .iter()
            .find(of)
            .cloned()
            .unwrap_or_default()
    }

    /// A Träger's empty form.
    pub fn form(&self, runde: &str, traeger: &str) -> Vec<u8> {
        self.done(&["formular", "write", traeger, "--runde", runde, "--out", "form.xlsx"]);
        let path = self.folder.path().join("form.xlsx");
        let form = std::fs::read(&path).expect("the form");
        std::fs::remove_file(path).expect("room for the next");
        form
    }

    /// The form of Duisburg, filled.
    pub fn filled_form(&self) -> Vec<u8> {
        filled(&self.form("cb-2026", "10054"), 48, "12345.67")
    }

    pub fn check(&self, workbook: &[u8]) -> (Option<i32>, Value) {
        std::fs::write(self.folder.path().join("voll.xlsx"), workbook).expect("a file");
        let output = self.run(&[
            "formular",
            "check",
            "voll.xlsx",
            "--traeger",
            "10054",
            "--runde",
            "cb-2026",
            "--json",
        ]);
        let json = serde_json::from_slice(&output.stdout).expect("JSON");
        expect_as_described(&json);
        (output.status.code(), json)
    }
}

pub const IMPORT: [&str; 6] = [
    "register",
    "import",
    "--traeger",
    "traeger.csv",
    "--schulen",
    "schulen.csv",
];

pub const OPEN: [&str; 13] = [
    "runde",
    "open",
    "cb-2026",
    "--formular",
    "formular.toml",
    "--von",
    "2026-01-01",
    "--bis",
    "2026-12-31",
    "--frist",
    "2099-03-31",
    "--zuweisungen",
    "zuweisungen.csv",
];

/// The office files a workbook for a Träger.
pub fn einreichen<'a>(file: &'a str, traeger: &'a str, runde: &'a str) -> [&'a str; 9] {
    let grund = "Rathaus ohne Internet";
    [
        "meldung",
        "einreichen",
        file,
        "--traeger",
        traeger,
        "--runde",
        runde,
        "--grund",
        grund,
    ]
}

/// One Träger has until another day.
pub fn frist<'a>(traeger: &'a str, bis: &'a str, grund: &'a str) -> [&'a str; 9] {
    [
        "runde",
        "frist",
        "cb-2026",
        "--traeger",
        traeger,
        "--bis",
        bis,
        "--grund",
        grund,
    ]
}

/// What is printed is what the schema says, to the last key.
fn expect_as_described(json: &Value) {
    let schema = include_str!("../../form/schema/befunde.schema.json");
    let schema = serde_json::from_str(schema).expect("a schema in JSON");
    let validator = jsonschema::validator_for(&schema).expect("a JSON schema");
    let errors: Vec<String> = (validator.iter_errors(json))
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
