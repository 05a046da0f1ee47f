//! The office at its terminal: the real binary, real files, a database of its own.

mod support;

use form::testing::{Typed, fill};
use serde_json::Value;
use support::office::{IMPORT, OPEN, Office};

#[test]
fn the_register_is_imported_and_a_runde_opened() {
    let office = Office::new();
    let said = office.done(&IMPORT);
    assert!(said.starts_with("Eingelesen: 143 Träger, 920 Schulen.\n"), "{said}");
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
fn a_korrekturfassung_is_written_only_of_what_can_be_corrected() {
    let office = Office::with_runde();
    let form = office.filled_form();
    let path = office.folder.path().join("korrektur.xlsx");
    let check = |workbook: &[u8]| {
        std::fs::write(office.folder.path().join("voll.xlsx"), workbook).expect("a file");
        let words = "formular check voll.xlsx --traeger 10054 --runde cb-2026 --korrektur korrektur.xlsx";
        let output = office.run(&words.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let last = said.lines().last().unwrap_or_default().to_owned();
        (output.status.code(), last, path.exists())
    };
    let nothing = "Es gibt nichts zu korrigieren, korrektur.xlsx ist nicht geschrieben.";
    assert_eq!(check(&form), (Some(0), nothing.to_owned(), false));
    let foreign = fill(&form, "_meta", &[("B4", Typed::Text("10110"))]);
    assert_eq!(check(&foreign), (Some(1), nothing.to_owned(), false));
    let wrong = fill(&form, "Schulen", &[("H14", Typed::Text("k.A."))]);
    let written = "korrektur.xlsx ist geschrieben: die Angaben im neuen Formular, die Hinweise an den Zellen.";
    assert_eq!(check(&wrong), (Some(1), written.to_owned(), true));
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
        "Der Träger 99999 hat in der Berichtsrunde cb-2026 nichts zu melden.\n"
    );
    std::fs::write(office.folder.path().join("handler.toml"), "site = 3\n").expect("a configuration");
    let output = office.run(&["meldung", "list", "--runde", "cb-2026"]);
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("handler.toml:1:8: Der Wert hat die falsche Art"));
}

#[test]
fn schools_without_an_allocation_and_whoever_has_only_such_are_named() {
    let office = Office::new();
    office.done(&IMPORT);
    office.rewrite("zuweisungen.csv", |line| {
        (!line.starts_with("100162;")).then(|| line.to_owned())
    });
    for said in [
        office.done(&OPEN),
        office.done(&["runde", "update", "cb-2026", "--dry-run"]),
    ] {
        assert!(
            said.contains("Hinweis: 1 Schule steht im Verzeichnis, aber ohne Zuweisung, und deshalb nicht in der Runde: 100162 Herne, SK Quinoa."),
            "{said}"
        );
        assert!(
            said.contains("Hinweis: Nur solche Schulen haben und melden deshalb nicht: 10039 Herne, Quinoa"),
            "{said}"
        );
    }
}

#[test]
fn amounts_carried_over_are_not_lost_for_want_of_an_option_or_a_meldung() {
    let office = Office::with_runde();
    office.write(
        "zwei.csv",
        "Schulnummer;Zugewiesen;Uebertrag\n100162;10.000,00;\n100092;10.000,00;77,00\n",
    );
    let open = "runde open cb-2027 --formular formular.toml --von 2027-01-01 --bis 2027-12-31 --frist 2099-03-31 --zuweisungen zwei.csv";
    let open: Vec<&str> = open.split(' ').collect();
    let said = office.refused(&open, 1);
    assert!(
        said.starts_with("In der Spalte Uebertrag steht in 1 Zeile ein Betrag, aber --uebertrag fehlt"),
        "{said}"
    );
    let said = office.done(&[&open[..], &["--uebertrag"]].concat());
    assert!(
        said.contains("Für 1 Schule fehlt die Meldung der Runde davor; dort ist als Übertrag 0 eingesetzt."),
        "{said}"
    );
}

#[test]
fn no_email_address_gets_into_the_journal_with_a_reason() {
    let office = Office::with_runde();
    let entries = office.query::<i64>("SELECT count(*) FROM journal");
    let frist = ["runde", "frist", "cb-2026", "--traeger", "10054", "--bis", "2099-05-31"];
    for text in ["Bitte von Erika.Muster@stadt.example vom 3. März", "amt＠stadt.example"] {
        let said = office.refused(&[&frist[..], &["--grund", text]].concat(), 2);
        assert!(said.contains("Schreiben Sie ihn ohne E-Mail-Adresse"), "{said}");
        let rolle = [&frist[..], &["--grund", "Umzug", "--rolle", text]].concat();
        office.refused(&rolle, 2);
    }
    assert_eq!(office.query::<i64>("SELECT count(*) FROM journal"), entries);
}

#[test]
fn no_command_replaces_a_file_that_lies_there() {
    let office = Office::with_runde();
    let nummer = office.files("cb-2026", "10039", 1, "9000.01");
    let wrong = fill(&office.filled_form(), "Schulen", &[("H14", Typed::Text("k.A."))]);
    std::fs::write(office.folder.path().join("falsch.xlsx"), wrong).expect("a file");
    office.write("wichtig.xlsx", "nicht anrühren");
    for words in [
        format!("meldung file {nummer} --out wichtig.xlsx"),
        "meldung list --runde cb-2026 --xlsx wichtig.xlsx".to_owned(),
        "formular write 10054 --runde cb-2026 --out wichtig.xlsx".to_owned(),
        "formular check falsch.xlsx --traeger 10054 --runde cb-2026 --korrektur wichtig.xlsx".to_owned(),
    ] {
        let said = office.refused(&words.split(' ').collect::<Vec<_>>(), 2);
        assert_eq!(
            said, "wichtig.xlsx gibt es schon; nennen Sie eine neue Datei.\n",
            "{words}"
        );
    }
    assert_eq!(office.read("wichtig.xlsx"), "nicht anrühren");
}

#[test]
fn a_database_that_cannot_be_used_is_called_that_in_german() {
    let office = Office::with_runde();
    let list = ["runde", "list"];
    office.write("kopie.sqlite", &"kein SQLite ".repeat(4096));
    let said = office.refused(&["verify", "kopie.sqlite"], 2);
    assert_eq!(
        said,
        "Die Datenbank kopie.sqlite lässt sich nicht öffnen: Das ist keine SQLite-Datei (SQLite-Code 26).\n"
    );
    office.write("meldungen.sqlite", &"kein SQLite ".repeat(4096));
    let said = office.refused(&list, 2);
    assert!(
        said.ends_with("Das ist keine SQLite-Datei (SQLite-Code 26).\n"),
        "{said}"
    );
    assert!(!said.contains("file is"), "{said}");
}

#[test]
fn what_is_no_address_is_neither_looked_up_nor_deleted() {
    let office = Office::with_runde();
    for words in [
        "auskunft quatsch --out auskunft",
        "loeschen --adresse quatsch --ja",
        "register adresse 10054 --sperren quatsch",
    ] {
        let said = office.refused(&words.split(' ').collect::<Vec<_>>(), 2);
        assert!(said.starts_with("„quatsch“ passt nicht zu "), "{said}");
        assert!(said.contains(": das ist keine E-Mail-Adresse.\n"), "{said}");
    }
}

#[test]
fn one_is_counted_as_one_and_many_unknown_schools_fit_the_screen() {
    let office = Office::new();
    let many = office.read("zuweisungen.csv");
    for list in ["traeger.csv", "schulen.csv"] {
        office.rewrite(list, |line| {
            (line.starts_with('T') || line.starts_with("10039;")).then(|| line.to_owned())
        });
    }
    assert!(office.done(&IMPORT).starts_with("Eingelesen: 1 Träger, 1 Schule.\n"));
    let said = office.refused(&OPEN, 1);
    assert!(said.contains(" und 909 weitere. Lesen Sie"), "{said}");
    assert!(many.len() > 10 * said.len(), "{said}");
    office.rewrite("zuweisungen.csv", |line| {
        (line.starts_with('S') || line.starts_with("100162;")).then(|| line.to_owned())
    });
    let said = office.done(&OPEN);
    assert!(
        said.starts_with("Die Berichtsrunde cb-2026 ist eingerichtet: 1 Schule, 1 Träger meldet.\n"),
        "{said}"
    );
}
