//! The office at its terminal: the real binary, real files, a database of its own.

mod support;

use form::testing::{Typed, fill};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use support::filled;
use tempfile::TempDir;

/// A folder with the demo's lists, a `handler.toml` and nothing imported yet.
struct Office {
    folder: TempDir,
}

impl Office {
    fn new() -> Office {
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

    fn with_runde() -> Office {
        let office = Office::new();
        office.done(&IMPORT);
        office.done(&OPEN);
        office
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_handler"))
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .expect("the handler runs")
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Writes the form of Duisburg, filled.
    fn filled_form(&self) -> Vec<u8> {
        self.done(&["formular", "write", "10054", "--runde", "cb-2026", "--out", "leer.xlsx"]);
        filled(
            &std::fs::read(self.folder.path().join("leer.xlsx")).expect("the form"),
            48,
            "12345.67",
        )
    }

    fn check(&self, workbook: &[u8]) -> (Option<i32>, Value) {
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

/// What is printed is what the schema says, to the last key.
fn expect_as_described(json: &Value) {
    let schema = include_str!("../form/schema/befunde.schema.json");
    let schema = serde_json::from_str(schema).expect("a schema in JSON");
    let validator = jsonschema::validator_for(&schema).expect("a JSON schema");
    let errors: Vec<String> = (validator.iter_errors(json))
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

const IMPORT: [&str; 6] = [
    "register",
    "import",
    "--traeger",
    "traeger.csv",
    "--schulen",
    "schulen.csv",
];

const OPEN: [&str; 13] = [
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

#[test]
fn the_register_is_imported_and_a_runde_opened() {
    let office = Office::new();
    let said = office.done(&IMPORT);
    assert_eq!(said, "Eingelesen: 143 Träger, 920 Schulen.\n");
    assert!(
        office
            .done(&OPEN)
            .starts_with("Die Berichtsrunde cb-2026 ist eingerichtet: 920 Schulen, 143 Träger melden.\n")
    );
    let again = office.run(&OPEN);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("gibt es schon"));
}

#[test]
fn a_faulty_list_changes_nothing_and_names_its_lines() {
    let office = Office::with_runde();
    std::fs::write(
        office.folder.path().join("kaputt.csv"),
        "Traegernummer;Traeger;Bezirksregierung;Rechtsform;E-Mail\n1;X;1;1;\n",
    )
    .expect("a file");
    let output = office.run(&[
        "register",
        "import",
        "--traeger",
        "kaputt.csv",
        "--schulen",
        "schulen.csv",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("kaputt.csv: Zeile 2, Spalte Traegernummer: „1“ ist nicht")
    );
    office.done(&[
        "formular",
        "write",
        "10054",
        "--runde",
        "cb-2026",
        "--out",
        "noch-da.xlsx",
    ]);
}

#[test]
fn a_runde_is_frozen_whatever_becomes_of_the_register() {
    let office = Office::with_runde();
    let before = office.filled_form();
    let list = std::fs::read_to_string(office.folder.path().join("schulen.csv")).expect("the list");
    let without: String = list
        .lines()
        .filter(|line| !line.starts_with("10054;"))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(office.folder.path().join("schulen.csv"), without).expect("a list");
    office.done(&IMPORT);
    assert!(office.filled_form() == before, "the workbook changed with the register");
}

#[test]
fn checking_gives_findings_and_rows_as_data() {
    let office = Office::with_runde();
    let form = office.filled_form();
    let (code, json) = office.check(&form);
    assert_eq!(code, Some(0), "{json}");
    assert_eq!(json["findings"], Value::Array(Vec::new()));
    assert_eq!(json["rows"]["schulen"][0]["verausgabt_cent"], 1_234_567);
    assert_eq!(json["rows"]["deckblatt"][0]["summe_verausgabt_cent"], 59_259_216);

    let (code, json) = office.check(&fill(&form, "Schulen", &[("H14", Typed::Text("k.A."))]));
    assert_eq!(code, Some(1));
    assert_eq!(json["findings"][0]["place"]["cells"][0], "H14");
    assert_eq!(json["findings"][0]["read"], "k.A.");
    assert_eq!(json["rows"], serde_json::json!({}));

    let (code, json) = office.check(b"no workbook");
    assert_eq!(code, Some(2));
    assert_eq!(json["unreadable"]["code"], "Text");
}

#[test]
fn every_severity_and_a_wrong_form_are_printed_as_described() {
    let office = Office::with_runde();
    let form = office.filled_form();
    let note = |text| fill(&form, "Schulen", &[("S5", Typed::Text(text))]);
    assert_eq!(
        office.check(&note("Honorar für Frau Müller")).1["findings"][0]["severity"],
        "bestaetigen"
    );
    let stray = fill(&form, "Schulen", &[("Z60", Typed::Text("Notiz"))]);
    assert_eq!(office.check(&stray).1["findings"][0]["severity"], "hinweis");
    let foreign = fill(&form, "_meta", &[("B4", Typed::Text("10110"))]);
    assert_eq!(office.check(&foreign).1["findings"][0]["code"], "S3");
}

#[test]
fn the_list_of_meldungen_names_everybody_who_is_expected() {
    let office = Office::with_runde();
    let list = office.done(&["meldung", "list", "--runde", "cb-2026"]);
    assert!(list.contains("10054  Stadt Duisburg"), "{list}");
    assert!(
        list.ends_with("Erwartet: 143. Eingegangen: 0, davon verspätet: 0. Es fehlen: 143.\n"),
        "{list}"
    );
    let json: Value =
        serde_json::from_str(&office.done(&["meldung", "list", "--runde", "cb-2026", "--json"])).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(143));
}

#[test]
fn what_cannot_run_says_so_in_one_sentence() {
    let office = Office::with_runde();
    let output = office.run(&["formular", "write", "99999", "--runde", "cb-2026", "--out", "x.xlsx"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "Der Träger 99999 hat in der Berichtsrunde cb-2026 nichts zu melden\n"
    );
    std::fs::write(office.folder.path().join("handler.toml"), "site = 3\n").expect("a configuration");
    let output = office.run(&["meldung", "list", "--runde", "cb-2026"]);
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("handler.toml:1:8: Der Wert hat die falsche Art"));
}
