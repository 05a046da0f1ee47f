//! The audit file: complete, readable, and provable with nothing but a shell.

#[path = "support/amt.rs"]
mod amt;
mod support;

use amt::Amt;
use std::process::{Command, Output};
use support::office::{Office, frist};
use support::write_site;

const QUINOA: &str = "10039";

fn prove(amt: &Amt) -> Output {
    Command::new("sh")
        .arg("beweis.sh")
        .current_dir(amt.path("akte"))
        .output()
        .expect("a shell")
}

#[test]
fn an_audit_file_proves_itself_and_shows_every_change() {
    let amt = Amt::new();
    let first = amt.meldung(QUINOA, 1, "500.00");
    let last = amt.meldung(QUINOA, 1, "700.00");
    amt.meldung("10110", 8, "1.00");
    let said = amt.done(&["pruefakte", QUINOA, "--out", "akte"]);
    assert!(said.contains("1 Runde, 2 Meldungen, 3 Einträge"), "{said}");
    let proof = prove(&amt);
    assert!(proof.status.success(), "{}", amt::both(&proof));
    assert!(
        amt::both(&proof).contains("Alles stimmt. 5 Einträge"),
        "{}",
        amt::both(&proof)
    );
    let page = std::fs::read_to_string(amt.path("akte/pruefakte.html")).expect("the page");
    let (first, last) = (
        first.data("vorgangsnummer").remove(0),
        last.data("vorgangsnummer").remove(0),
    );
    assert!(
        page.contains(&format!("{first}: ersetzt")) && page.contains(&format!("{last}: gilt")),
        "{page}"
    );
    assert!(page.contains("1 Schule geändert"), "{page}");
    let rows = std::fs::read_to_string(amt.path(&format!("akte/cb-2026/{last}-schulen.csv"))).expect("rows");
    assert!(rows.contains(";700,00;"), "{rows}");
    for word in ["@example.org", "Neuss"] {
        let found = Command::new("grep")
            .args(["-rl", word, "akte"])
            .current_dir(&amt.folder)
            .output()
            .expect("grep");
        assert_eq!(String::from_utf8_lossy(&found.stdout), "", "{word}");
    }
    for (file, said) in [
        (format!("cb-2026/{first}.xlsx"), "Eine Datei ist verändert"),
        ("eintraege/3.json".to_owned(), "Der Inhalt des Eintrags 3 ist verändert"),
        ("journal.txt".to_owned(), "passt nicht in die Kette"),
    ] {
        let path = amt.path("akte").join(&file);
        let before = std::fs::read(&path).expect("the file");
        let mut bytes = before.clone();
        // A hexadecimal digit of the journal, some byte of the others.
        let place = if file == "journal.txt" {
            bytes.len() - 200
        } else {
            bytes.len() / 2
        };
        bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
        std::fs::write(&path, bytes).expect("a change");
        let proof = prove(&amt);
        assert_eq!(proof.status.code(), Some(1), "{file}");
        assert!(amt::both(&proof).contains(said), "{file}: {}", amt::both(&proof));
        std::fs::write(&path, before).expect("as before");
    }
}

#[test]
fn what_the_office_did_stands_in_the_audit_file() {
    let office = Office::with_runde();
    write_site(&office.folder.path().join("site"));
    let nummer = office.files("cb-2026", QUINOA, 1, "500.00");
    let today: String = office.query("SELECT substr(eingegangen, 1, 10) FROM meldung");
    office.done(&["meldung", "bestaetigt", &nummer, "--eingang", &today]);
    office.done(&[
        "meldung",
        "zuruecknehmen",
        &nummer,
        "--grund",
        "Zahlen vertauscht",
        "--ja",
    ]);
    office.done(&frist(QUINOA, "2099-05-01", "Krankheit im Amt"));
    office.done(&["pruefakte", QUINOA, "--out", "akte"]);
    let page = office.read("akte/pruefakte.html");
    let signed = form::day_text(today.parse().expect("a day"));
    for told in [
        "Rathaus ohne Internet",
        " Uhr: Zahlen vertauscht",
        &format!("eingegangen am {signed}"),
        "verlängert bis 1. Mai 2099: Krankheit im Amt",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let unknown = office.run(&["pruefakte", "99999", "--out", "keine"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(amt::both(&unknown).contains("gibt es nicht"));
}
