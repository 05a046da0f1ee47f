//! Backups and proofs: the real binary, a real database, a real service on a restored one.

#[path = "support/amt.rs"]
mod amt;
mod support;

use amt::Amt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

const NEUSS: &str = "10110";
const QUINOA: &str = "10039";

#[test]
fn a_database_in_order_is_proved_and_a_paper_with_it() {
    let amt = Amt::new();
    let paper = amt.meldung(QUINOA, 1, "1000.00");
    let (nummer, kette) = (paper.data("vorgangsnummer").remove(0), paper.data("kette").remove(0));
    let said = amt.done(&["verify", "--eingang", &nummer, &kette]);
    assert!(
        said.contains("Alles in Ordnung: 3 Einträge im Journal, 1 Meldung"),
        "{said}"
    );
    assert!(
        said.contains("Das Papier stimmt: Der Kettenwert ist der Eintrag 3"),
        "{said}"
    );
    let other = amt.no(&["verify", "--eingang", "CB-2026-0000-0000", &kette]);
    assert!(other.contains("gehört aber nicht zu dieser Vorgangsnummer"), "{other}");
    let wrong = amt.no(&["verify", "--json", "--eingang", &nummer, &"0".repeat(64)]);
    let wrong: serde_json::Value = serde_json::from_str(&wrong).expect("JSON");
    assert_eq!(wrong["eingang"]["belegt"], false);
}

#[test]
fn whatever_is_changed_behind_the_programs_back_is_named() {
    for (sql, said) in [
        (
            "UPDATE chancenbudget_schulen SET verausgabt_cent = verausgabt_cent + 1",
            "Die Zeilen der Tabelle „Schulen“",
        ),
        (
            "UPDATE meldung SET mappe = x'00'",
            "Die gespeicherte Arbeitsmappe ist verändert",
        ),
        ("UPDATE meldung SET traeger = '10054'", "Die Angabe „traeger“"),
        ("UPDATE meldung SET verspaetet = 1", "Was die Eingangsbestätigung zeigt"),
        (
            "UPDATE journal_record SET record = replace(record, '100000', '100001') WHERE nr = 3",
            "Der Inhalt des Eintrags 3 ist verändert",
        ),
        (
            "DELETE FROM journal_record WHERE nr = 2",
            "Zum Eintrag 2 fehlt der Inhalt",
        ),
        (
            "DROP TRIGGER journal_bleibt; UPDATE journal SET record_hash = kette WHERE nr = 2",
            "Der Eintrag 2 des Journals passt nicht",
        ),
        (
            "DROP TRIGGER journal_haelt; PRAGMA foreign_keys = OFF; DELETE FROM journal WHERE nr = 2",
            "folgt auf den Eintrag 1 der Eintrag 3",
        ),
        (
            "PRAGMA foreign_keys = OFF; DELETE FROM meldung",
            "(Eintrag 3) fehlt in der Datenbank",
        ),
        (
            "UPDATE runde SET definition = definition || '\n'",
            "ist nicht die, mit der sie eröffnet wurde",
        ),
    ] {
        let amt = Amt::new();
        amt.meldung(QUINOA, 1, "1000.00");
        amt.meddle(sql);
        let answer = amt.no(&["verify"]);
        assert!(answer.contains(said), "{sql}: {answer}");
    }
}

#[test]
fn an_act_of_the_office_that_is_undone_behind_the_programs_back_is_named() {
    let amt = Amt::new();
    let nummer = amt.meldung(QUINOA, 1, "1000.00").data("vorgangsnummer").remove(0);
    let withdrawn = amt.meldung(NEUSS, 8, "1000.00").data("vorgangsnummer").remove(0);
    amt.done(&[
        "meldung",
        "bestaetigt",
        &nummer,
        "--eingang",
        &amt.server
            .query::<String>("SELECT substr(eingegangen, 1, 10) FROM meldung"),
    ]);
    amt.done(&["meldung", "zuruecknehmen", &withdrawn, "--grund", "vertauscht", "--ja"]);
    let frist = [
        "runde",
        "frist",
        "cb-2026",
        "--traeger",
        NEUSS,
        "--bis",
        "2027-05-31",
        "--grund",
        "Hochwasser",
    ];
    amt.done(&frist);
    let list = "Schulnummer;Zugewiesen;Uebertrag\n100162;50000,00;0,00\n";
    std::fs::write(amt.path("mehr.csv"), list).expect("a list");
    amt.done(&["runde", "zuweisung", "cb-2026", "mehr.csv", "--grund", "Bescheid"]);
    amt.done(&["verify"]);
    amt.done(&["backup", "heil.sqlite"]);
    let free = "DROP TRIGGER journal_bleibt; DROP TRIGGER journal_haelt; PRAGMA foreign_keys = OFF;";
    for (sql, said) in [
        (
            "DELETE FROM ruecknahme",
            format!("Die Rücknahme der Meldung {withdrawn} fehlt in der Datenbank."),
        ),
        (
            "UPDATE ruecknahme SET grund = 'so'",
            format!("Die Rücknahme der Meldung {withdrawn} lautet anders"),
        ),
        (
            "DELETE FROM unterschrift",
            format!("Die Bestätigung zur Meldung {nummer} fehlt in der Datenbank."),
        ),
        (
            "UPDATE unterschrift SET eingang = '2020-01-01'",
            format!("Die Bestätigung zur Meldung {nummer} lautet anders"),
        ),
        (
            "UPDATE frist SET bis = '2099-01-01'",
            format!("Die Frist des Trägers {NEUSS} in der Runde cb-2026 lautet anders"),
        ),
        (
            "INSERT INTO frist VALUES ('cb-2026', '10054', '2099-01-01', '')",
            "Die Frist des Trägers 10054 in der Runde cb-2026 steht nicht im Journal.".to_owned(),
        ),
        (
            "UPDATE runde SET frist = '2099-01-01'",
            "Die Berichtsrunde cb-2026 lautet anders".to_owned(),
        ),
        (
            "UPDATE runde SET geschlossen = eroeffnet",
            "Die Berichtsrunde cb-2026 lautet anders".to_owned(),
        ),
        (
            "UPDATE runde_schule SET zugewiesen_cent = 1 WHERE nummer = '100092'",
            "Die Zuweisungen der Runde cb-2026 sind nicht die, die das Journal nennt: Schule 100092.".to_owned(),
        ),
        (
            "UPDATE runde_schule SET zugewiesen_cent = 1 WHERE nummer = '100162'",
            "Schule 100162 Herne, SK Quinoa: „Zugewiesen“ ist „0,01 €“ und nicht „50.000,00 €“".to_owned(),
        ),
        (
            "DELETE FROM runde_schule WHERE nummer = '100092'",
            "nennt: Schule 100092.".to_owned(),
        ),
        (
            "UPDATE runde_schule SET meldet = '10054' WHERE nummer = '100162'",
            "ist nicht das, womit sie eröffnet wurde".to_owned(),
        ),
        (
            "UPDATE journal SET zeit = '2020-01-01T00:00:00+01:00' WHERE nr = 2",
            "Der Eintrag 2 des Journals ist verändert: Seine Angabe „zeit“".to_owned(),
        ),
        (
            "UPDATE journal SET art = 'frist' WHERE nr = 3",
            "Der Eintrag 3 des Journals ist verändert: Seine Angabe „art“".to_owned(),
        ),
    ] {
        std::fs::copy(amt.path("heil.sqlite"), amt.path("kopie.sqlite")).expect("a copy");
        let copy = rusqlite::Connection::open(amt.path("kopie.sqlite")).expect("the copy");
        copy.execute_batch(&format!("{free} {sql}"))
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        drop(copy);
        let answer = amt.no(&["verify", "kopie.sqlite"]);
        assert!(answer.contains(&said), "{sql}: {answer}");
    }
}

#[test]
fn a_backup_is_ours_alone_and_replaces_nothing() {
    let amt = Amt::new();
    amt.meldung(QUINOA, 1, "1000.00");
    assert!(
        amt.done(&["backup", "kopie.sqlite"])
            .contains("ist geschrieben und geprüft: 1 Meldung,")
    );
    let mode = std::fs::metadata(amt.path("kopie.sqlite"))
        .expect("the copy")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = std::fs::read(amt.path("kopie.sqlite")).expect("the copy");
    let again = amt.run(&["backup", "kopie.sqlite"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(amt::both(&again).contains("ersetzt keine Datei"));
    assert!(std::fs::read(amt.path("kopie.sqlite")).expect("the copy") == before);
    amt.done(&["verify", "kopie.sqlite"]);
    assert!(
        std::fs::read(amt.path("kopie.sqlite")).expect("the copy") == before,
        "looking changed the copy"
    );
    let left: Vec<_> = std::fs::read_dir(&amt.folder).expect("the folder").collect();
    assert_eq!(left.len(), 2, "something else was left: {left:?}");
}

#[test]
fn a_broken_database_makes_no_backup() {
    let amt = Amt::new();
    amt.meldung(QUINOA, 1, "1000.00");
    amt.meddle("UPDATE meldung SET mappe = x'00'");
    assert!(
        amt.no(&["backup", "kopie.sqlite"])
            .contains("Es ist keine Sicherung entstanden")
    );
    assert!(!amt.path("kopie.sqlite").exists());
}

#[test]
fn a_backup_of_an_older_version_is_proved_without_being_changed() {
    let amt = Amt::new();
    let old = amt.path("alt.sqlite");
    let connection = rusqlite::Connection::open(&old).expect("a database");
    connection
        .execute_batch(include_str!("../src/store/schema.sql"))
        .expect("the first schema");
    connection.pragma_update(None, "user_version", 1).expect("its version");
    drop(connection);
    let before = std::fs::read(&old).expect("the file");
    assert!(
        amt.done(&["verify", "alt.sqlite"])
            .contains("Alles in Ordnung: 0 Einträge")
    );
    assert!(std::fs::read(&old).expect("the file") == before);
}

#[test]
fn a_lost_database_is_restored_and_serves_the_old_eingangsbestaetigung() {
    let amt = Amt::new();
    amt.meldung(NEUSS, 8, "2000.00");
    let paper = amt.meldung(QUINOA, 1, "1000.00");
    let (nummer, kette) = (paper.data("vorgangsnummer").remove(0), paper.data("kette").remove(0));
    amt.done(&["backup", "kopie.sqlite"]);
    // A disk that loses a stretch of the file.
    let live = amt.path("live.sqlite");
    let mut bytes = std::fs::read(amt.path("kopie.sqlite")).expect("the copy");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xff);
    std::fs::write(&live, bytes).expect("a damaged database");
    amt.configure("live.toml", &live);
    let damaged = amt.no(&["--config", "live.toml", "verify"]);
    assert!(damaged.contains("Die Datei ist beschädigt"), "{damaged}");
    // As the handbook says: stop, put the copy in its place, prove, start.
    for rest in ["live.sqlite", "live.sqlite-wal", "live.sqlite-shm"] {
        let _ = std::fs::remove_file(amt.path(rest));
    }
    std::fs::copy(amt.path("kopie.sqlite"), &live).expect("a restored database");
    amt.done(&["--config", "live.toml", "verify", "--eingang", &nummer, &kette]);
    let mut service = Command::new(env!("CARGO_BIN_EXE_handler"))
        .args(["--config", "live.toml", "serve"])
        .current_dir(&amt.folder)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the service");
    let mut lines = BufReader::new(service.stderr.take().expect("its log")).lines();
    let address = lines
        .find_map(|line| {
            line.expect("a line")
                .split("listening on ")
                .nth(1)
                .map(|a| a.trim().to_owned())
        })
        .expect("an address");
    let ask = |request: String| {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        stream.write_all(request.as_bytes()).expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    };
    let body = format!("email=schultraeger-{QUINOA}%40example.org&schultraegernummer={QUINOA}");
    let login = ask(format!(
        "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let cookie = login
        .split("set-cookie: ")
        .nth(1)
        .and_then(|rest| rest.split(';').next())
        .expect("a cookie");
    let page = ask(format!(
        "GET /meldung/eingang/{nummer} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n"
    ));
    service.kill().expect("the end");
    service.wait().expect("the end");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains(&kette), "{page}");
}
