//! Deletion and disclosure: what should be gone is in no file, and the journal's chain still holds.

#[path = "support/amt.rs"]
mod amt;
mod support;

use amt::Amt;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use support::files::files;

const QUINOA: &str = "10039";
const EMAIL: &str = "schultraeger-10039@example.org";

/// Puts an address wherever one may come to stand.
fn plant(amt: &Amt) {
    amt.meldung(QUINOA, 1, "500.00");
    let nummer: String = amt.server.query("SELECT nummer FROM meldung");
    amt.meddle(&format!(
        "INSERT INTO anmeldecode (token_hash, traeger, email, begonnen, angefordert) VALUES (x'01', '{QUINOA}', '{EMAIL}', 1, 1);
         INSERT INTO ausgang (meldung, traeger, empfaenger, eingestellt, faellig) VALUES ('{nummer}', '{QUINOA}', '{EMAIL}', 1, 1);"
    ));
    let logs = amt.server.database.parent().expect("a folder").join("protokoll");
    std::fs::create_dir_all(&logs).expect("a folder");
    std::fs::write(
        logs.join("zugriffe-2026-11-22.jsonl"),
        format!("{{\"x\":\"Schultraeger-10039@example.org\"}}\n{{\"y\":\"ä {EMAIL}\"}}\n"),
    )
    .expect("a log");
    std::fs::write(logs.join("ereignisse-2026-11-10.jsonl"), "{\"kind\":\"login\"}\n").expect("a log");
}

#[test]
fn a_letter_and_data_tell_all_that_is_held_about_an_address() {
    let amt = Amt::new();
    plant(&amt);
    let said = amt.done(&["auskunft", "SCHULTRAEGER-10039@example.org", "--out", "auskunft"]);
    assert!(said.contains("Gefunden: 3 Zeilen der Datenbank, 1 Protokoll"), "{said}");
    let letter = std::fs::read_to_string(amt.path("auskunft/auskunft.html")).expect("the letter");
    for told in [
        "Schulträgernummer 10039",
        "die auf einen Code warten: 1",
        "noch nicht verschickt sind: 1",
        "zugriffe-2026-11-22.jsonl kommt Ihre Adresse vor: 2 Zeilen",
        "Artikel 17",
        "Sicherungskopien",
        "bis zum Ende des Startchancen-Programms",
    ] {
        assert!(letter.contains(told.trim_start_matches("bis ")), "{told}: {letter}");
    }
    let data: Value =
        serde_json::from_slice(&std::fs::read(amt.path("auskunft/auskunft.json")).expect("data")).expect("JSON");
    assert_eq!(data["datenbank"]["adresse"][0]["traeger"], QUINOA);
    assert_eq!(data["datenbank"]["ausgang"][0]["empfaenger"], EMAIL);
    amt.done(&["auskunft", "niemand@example.org", "--out", "nichts"]);
    let letter = std::fs::read_to_string(amt.path("nichts/auskunft.html")).expect("the letter");
    assert!(letter.contains("Zu dieser Adresse ist dort nichts gespeichert"));
}

#[test]
fn an_address_that_is_removed_is_in_no_file() {
    let amt = Amt::new();
    plant(&amt);
    let before = amt.files_with(EMAIL.as_bytes());
    assert!(before.len() >= 2, "{before:?}");
    let asked = amt.run(&["loeschen", "--adresse", EMAIL]);
    assert_eq!(asked.status.code(), Some(2), "nobody was there to be asked");
    assert_eq!(amt.server.count("ausgang"), 1, "nothing has happened");
    amt.done(&["loeschen", "--adresse", EMAIL, "--ja"]);
    assert_eq!(amt.files_with(EMAIL.as_bytes()), [""; 0]);
    assert_eq!(amt.files_with(b"Schultraeger-10039"), [""; 0]);
    assert_eq!(amt.server.count("sitzung"), 0);
    assert!(
        amt.files_with("ä *".as_bytes())
            .contains(&"protokoll/zugriffe-2026-11-22.jsonl".to_owned()),
        "the rest of the line stays"
    );
    amt.done(&["verify"]);
    assert!(
        amt.done(&["loeschen", "--adresse", EMAIL, "--ja"])
            .contains("in keiner Liste")
    );
}

#[test]
fn an_address_in_a_remark_is_pointed_out() {
    let amt = Amt::new();
    plant(&amt);
    amt.meddle(&format!(
        "UPDATE chancenbudget_schulen SET anmerkung = 'Fragen an {EMAIL}'"
    ));
    let said = amt.no(&["loeschen", "--adresse", EMAIL, "--ja"]);
    assert!(said.contains("steht noch im Text von: chancenbudget_schulen"), "{said}");
    assert!(
        said.contains("in eine Meldung oder in einen Grund der Geschäftsstelle"),
        "{said}"
    );
}

#[test]
fn what_has_outlived_its_period_goes_and_the_rest_stays() {
    let amt = Amt::new();
    plant(&amt);
    let old = "2020-01-01T00:00:00+01:00";
    amt.meddle(&format!(
        "UPDATE sitzung SET begonnen = 1, zuletzt = 1;
         INSERT INTO sitzung (token_hash, traeger, begonnen, zuletzt) VALUES (x'02', '{QUINOA}', unixepoch(), unixepoch());
         INSERT INTO wartend (sitzung, id, runde, befunde, mappe, upload_sha256, upload_bytes)
             SELECT token_hash, 'w', 'cb-2026', '[]', x'00', '', 1 FROM sitzung WHERE begonnen = 1;
         INSERT INTO fehlversuch VALUES (x'03', 1), (x'04', unixepoch());
         INSERT INTO versuch (zeit, runde, traeger, ergebnis, befunde) VALUES ('{old}', 'cb-2026', '{QUINOA}', 'fehler', '[]');"
    ));
    let planned = amt.done(&["loeschen", "--dry-run"]);
    assert!(
        planned.contains("fällig") && planned.contains("von Hand: Sicherungskopien"),
        "{planned}"
    );
    assert_eq!(amt.server.count("sitzung"), 2, "a trial deletes nothing");
    let said: Value = serde_json::from_str(&amt.done(&["loeschen", "--ja", "--json"])).expect("JSON");
    let deleted = |klasse: &str| {
        let steps = said["protokoll"].as_array().expect("steps");
        steps
            .iter()
            .filter(|step| step["klasse"] == klasse)
            .map(|step| step["anzahl"].as_i64().expect("a number"))
            .sum::<i64>()
    };
    for (klasse, wanted) in [
        ("wartende_uploads", 1),
        ("sitzung_untaetig", 1),
        ("anmeldeversuche", 1),
        ("anmeldecode", 1),
        ("ausgehende_mails", 1),
        ("versuche", 1),
        ("ereignisprotokoll", 1),
    ] {
        assert_eq!(deleted(klasse), wanted, "{klasse}: {said}");
    }
    assert_eq!((amt.server.count("sitzung"), amt.server.count("fehlversuch")), (1, 1));
    assert_eq!((amt.server.count("meldung"), amt.server.count("wartend")), (1, 0));
    let record: String = amt
        .server
        .query("SELECT record FROM journal_record ORDER BY nr DESC LIMIT 1");
    assert!(record.contains("sitzung_untaetig"), "{record}");
    amt.done(&["verify"]);
}

#[test]
fn a_log_that_may_be_kept_longer_loses_its_addresses_and_stays() {
    let amt = Amt::new();
    let path = amt.server.folder.path().join("site/handler/loeschkonzept.toml");
    let konzept = std::fs::read_to_string(&path).expect("the concept");
    let longer = konzept.split("[[klasse]]").nth(1).expect("a class");
    let longer = longer
        .replace("\"serverprotokoll\"", "\"serverprotokoll_gekuerzt\"")
        .replace("P7D", "P30D")
        .replace("\"webserver\"", "\"handler\"");
    std::fs::write(&path, format!("{konzept}\n[[klasse]]{longer}")).expect("a longer concept");
    let logs = amt.server.database.with_file_name("protokoll");
    std::fs::create_dir_all(&logs).expect("a folder");
    let line = "{\"adresse\":\"203.0.113.77\",\"status\":200}\n";
    for day in ["2026-11-20", "2026-11-10", "2026-10-01"] {
        std::fs::write(logs.join(format!("zugriffe-{day}.jsonl")), line).expect("a log");
    }
    let arguments = ["loeschen", "--heute", "2026-11-22", "--json"];
    let counted = |more: &str| {
        let said: Value = serde_json::from_str(&amt.done(&[&arguments[..], &[more]].concat())).expect("JSON");
        let steps = said["protokoll"].as_array().expect("steps").clone();
        ["serverprotokoll", "serverprotokoll_gekuerzt"].map(|klasse| {
            let step = steps.iter().find(|step| step["klasse"] == klasse);
            step.and_then(|step| step["anzahl"].as_i64()).expect("a number")
        })
    };
    assert_eq!(counted("--dry-run"), [1, 1]);
    assert_eq!(files(&logs).len(), 3, "a trial deletes nothing");
    assert_eq!(counted("--ja"), [1, 1]);
    let left: Vec<_> = files(&logs).into_iter().collect();
    let shorter = line.replace("113.77", "113.0");
    assert_eq!(
        left,
        [
            ("zugriffe-2026-11-10.jsonl", shorter.as_str()),
            ("zugriffe-2026-11-20.jsonl", line)
        ]
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
    );
    let mode = std::fs::metadata(logs.join("zugriffe-2026-11-10.jsonl"))
        .expect("the log")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(counted("--ja"), [0, 0], "once is enough");
}

#[test]
fn at_the_end_of_the_programme_everything_goes_but_the_chain() {
    let amt = Amt::new();
    plant(&amt);
    let paper = amt.meldung("10110", 8, "12345.67");
    let (nummer, kette) = (paper.data("vorgangsnummer").remove(0), paper.data("kette").remove(0));
    let (last, entries): (String, i64) = (
        amt.server.query("SELECT kette FROM journal ORDER BY nr DESC LIMIT 1"),
        amt.server.count("journal"),
    );
    let order = [
        "loeschen",
        "--programmende",
        "2034-07-31",
        "--anweisung",
        "Erlass vom 1. August 2034",
        "--ja",
    ];
    assert_eq!(amt.run(&order).status.code(), Some(2), "the programme has not ended");
    let later = [&order[..], &["--heute", "2034-08-02"]].concat();
    let said = amt.done(&later);
    assert!(said.contains("meldungen_dateien          2 gelöscht"), "{said}");
    let number = nummer.as_bytes();
    for gone in [
        EMAIL.as_bytes(),
        number,
        b"Stadt Neuss",
        b"12345",
        b"chancenbudget\"",
        b"xl/worksheets",
        QUINOA.as_bytes(),
    ] {
        assert_eq!(amt.files_with(gone), [""; 0], "{:?}", String::from_utf8_lossy(gone));
    }
    assert_eq!(amt.server.count("journal"), entries + 1);
    let said = amt.done(&["verify", "--eingang", &nummer, &kette]);
    assert!(
        said.contains("Inhalt nach dem Löschkonzept gelöscht") && said.contains("Der Kettenwert des Papiers ist"),
        "{said}"
    );
    let kept: String = amt
        .server
        .query(&format!("SELECT kette FROM journal WHERE nr = {entries}"));
    assert_eq!(kept, last);
    // A record that goes without a protocol is still a break.
    amt.meddle("DELETE FROM journal_record");
    assert!(amt.no(&["verify"]).contains("keine Löschung im Journal nennt ihn"));
}

#[test]
fn a_reader_that_holds_an_older_state_is_named() {
    let amt = Amt::new();
    plant(&amt);
    amt.meddle(&format!(
        "INSERT INTO versuch (zeit, runde, traeger, ergebnis, befunde) VALUES ('2020-01-01T00:00:00+01:00', 'cb-2026', '{QUINOA}', 'fehler', 'unverwechselbar')"
    ));
    let reader = rusqlite::Connection::open(&amt.server.database).expect("the database");
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM meldung;")
        .expect("a reader");
    let said = amt.no(&["loeschen", "--ja"]);
    assert!(said.contains("liest noch einen älteren Stand"), "{said}");
    assert!(!amt.files_with(b"unverwechselbar").is_empty());
    reader.execute_batch("COMMIT").expect("the end");
    let again = amt.done(&["loeschen", "--ja"]);
    assert!(again.contains("gelöscht"), "{again}");
    assert_eq!(amt.files_with(b"unverwechselbar"), [""; 0]);
}
