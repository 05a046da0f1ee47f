//! The register over ten years, as a new colleague at the office would keep it.

#[path = "support/amt.rs"]
mod amt;
mod support;

use amt::Amt;
use form::testing::{Typed, fill};
use handler::clock::Moment;
use handler::store::{AdressAkt, Store};
use support::office::{IMPORT, OPEN, Office, frist};
use support::{DUISBURG, NOON, Server, filled};

/// Replaces a text in a list that stands there once or more.
fn change(office: &Office, list: &str, from: &str, to: &str) {
    let text = office.read(list);
    assert!(text.contains(from), "{from} in {list}");
    office.write(list, &text.replace(from, to));
}

#[test]
fn an_import_shows_what_changes_and_a_dry_run_changes_nothing() {
    let office = Office::with_runde();
    change(&office, "schulen.csv", "10039;100162;", "10054;100162;");
    change(&office, "traeger.csv", "Stadt Duisburg", "Stadt Duisburg am Rhein");
    let dry = office.done(&[&IMPORT[..], &["--dry-run"]].concat());
    assert!(
        dry.contains("geändert   Schule 100162 Herne, SK Quinoa: Träger: 10039 -> 10054\n"),
        "{dry}"
    );
    assert!(
        dry.contains("geändert   Träger 10054 Stadt Duisburg: Name: Stadt Duisburg -> Stadt Duisburg am Rhein\n"),
        "{dry}"
    );
    assert!(dry.contains("Unterschiede: 0 neu, 0 entfallen, 2 geändert."), "{dry}");
    assert!(
        dry.contains("Hinweis: Ohne Schule ist nichts zu melden: 10039\n"),
        "{dry}"
    );
    assert!(dry.ends_with("Geändert wurde nichts.\n"), "{dry}");
    assert_eq!(
        office.query::<String>("SELECT traeger FROM schule WHERE nummer = '100162'"),
        "10039"
    );

    let said = office.done(&IMPORT);
    assert!(said.contains("handler runde update cb-2026"), "{said}");
    assert_eq!(
        office.query::<String>("SELECT traeger FROM schule WHERE nummer = '100162'"),
        "10054"
    );
    let (art, record) = office.last_act();
    assert_eq!(
        (art.as_str(), record["rolle"].as_str()),
        ("register", Some("Geschäftsstelle"))
    );
    assert!(
        office
            .done(&IMPORT)
            .contains("Die Listen sagen dasselbe wie das Verzeichnis.")
    );
}

#[test]
fn no_address_and_one_address_for_two_are_said_and_allowed() {
    let office = Office::new();
    change(&office, "traeger.csv", "schultraeger-10039@example.org", "");
    change(
        &office,
        "traeger.csv",
        "schultraeger-10042@example.org",
        "amt@example.org, schultraeger-10054@example.org",
    );
    let said = office.done(&IMPORT);
    assert!(
        said.contains("Ohne E-Mail-Adresse kann sich niemand anmelden: 10039"),
        "{said}"
    );
    assert!(said.contains("schultraeger-10054@example.org (10042, 10054)"), "{said}");
    let shown = office.json(&["register", "show", "10042"]);
    assert_eq!(shown["traeger"]["adressen"][0]["email"], "amt@example.org");
}

#[test]
fn addresses_are_added_blocked_and_removed_without_an_import() {
    let office = Office::with_runde();
    let adresse = |option: &'static str| ["register", "adresse", "10054", option, "Neu@Example.org"];
    office.done(&adresse("--neu"));
    let (art, record) = office.last_act();
    assert_eq!((art.as_str(), record["akt"].as_str()), ("adresse", Some("neu")));
    assert!(
        !record.to_string().contains('@'),
        "the journal holds no address: {record}"
    );
    office.done(&adresse("--sperren"));
    assert!(
        office
            .done(&["register", "show", "10054"])
            .contains("neu@example.org  (gesperrt)")
    );
    // Blocked stays blocked, whatever list comes next.
    change(
        &office,
        "traeger.csv",
        "schultraeger-10054@example.org",
        "schultraeger-10054@example.org,neu@example.org",
    );
    office.done(&IMPORT);
    assert_eq!(
        office.query::<i64>("SELECT gesperrt FROM adresse WHERE email = 'neu@example.org'"),
        1
    );
    office.done(&adresse("--entfernen"));
    assert_eq!(
        office.query::<i64>("SELECT count(*) FROM adresse WHERE email = 'neu@example.org'"),
        0
    );
    assert_eq!(office.run(&adresse("--entfernen")).status.code(), Some(1));
    office.refused(&["register", "adresse", "99999", "--neu", "a@b.de"], 2);
}

#[test]
fn a_blocked_address_cannot_log_in_and_its_session_ends() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let now = Moment::parse(NOON).expect("a time");
    let mut store = Store::open(&server.database).expect("the database");
    let email = format!("schultraeger-{DUISBURG}@example.org");
    assert!(
        store
            .change_adresse(DUISBURG, &email, AdressAkt::Sperren, now)
            .expect("blocked")
    );
    assert_eq!(server.get("/meldung/", &cookie).status, 303);
    let fields = format!("email={}&schultraegernummer={DUISBURG}", email.replace('@', "%40"));
    assert_eq!(server.post_form("/meldung/anmelden", "", &fields).status, 403);
    assert!(
        store
            .change_adresse(DUISBURG, &email, AdressAkt::Neu, now)
            .expect("free again")
    );
    server.log_in(DUISBURG);
}

#[test]
fn whoever_calls_hears_what_there_is() {
    let office = Office::with_runde();
    let nummer = office.files("cb-2026", "10039", 1, "9000.01");
    office.done(&frist("10039", "2099-05-31", "Umzug"));
    let said = office.done(&["register", "show", "10039"]);
    for expected in [
        "10039 Herne, Quinoa Schulen der Zukunft gUG",
        "schultraeger-10039@example.org",
        "100162  14  Herne, SK Quinoa",
        "cb-2026: 1 Schule, verlängerte Frist 2099-05-31",
        &nummer,
        "von der Geschäftsstelle eingereicht, gilt, Bestätigung fehlt",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    office.refused(&["register", "show", "99999"], 2);
    let said = office.refused(&["register", "show", "quinoa"], 2);
    assert!(
        said.contains("Gemeint ist vielleicht: 10039 Herne, Quinoa Schulen der Zukunft gUG."),
        "{said}"
    );
}

#[test]
fn whoever_calls_hears_of_sessions_and_of_what_was_wrong() {
    let amt = Amt::new();
    let cookie = amt.server.log_in(DUISBURG);
    let form = filled(&amt.server.own_form(&cookie), 48, "12345.67");
    let words = [("H14", Typed::Text("geheimnisvoll"))];
    amt.server.upload(&cookie, &fill(&form, "Schulen", &words));
    amt.server.upload(&cookie, b"kein Excel");
    let said = amt.done(&["register", "show", DUISBURG]);
    assert!(
        said.contains("Offene Sitzungen: 1\n  begonnen 22. November 2026"),
        "{said}"
    );
    for told in [
        "zu korrigieren:\n    Schulen H14: keine Zahl oder kein Datum (V2)\n",
        "die Datei ließ sich nicht lesen",
        "noch keine Meldung",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    let tried = amt.done(&["meldung", "versuche", DUISBURG]);
    assert!(
        tried.contains("Schulen H14: keine Zahl") && !tried.contains("geheimnisvoll"),
        "{tried}"
    );
}

#[test]
fn whoever_leaves_the_register_while_a_runde_waits_for_it_is_named() {
    let office = Office::with_runde();
    for list in ["traeger.csv", "schulen.csv"] {
        office.rewrite(list, |line| (!line.starts_with("10039;")).then(|| line.to_owned()));
    }
    let said = office.done(&IMPORT);
    assert!(said.contains("entfallen  Träger 10039 Herne"), "{said}");
    assert!(said.contains("können sich nicht anmelden: 10039 Herne"), "{said}");
    let shown = office.done(&["register", "show", "10039"]);
    assert!(
        shown.starts_with("10039 Herne, Quinoa Schulen der Zukunft gUG\nSteht nicht mehr im Verzeichnis;"),
        "{shown}"
    );
    assert!(shown.contains("cb-2026: 1 Schule, Frist"), "{shown}");
    let said = office.done(&["runde", "update", "cb-2026"]);
    assert!(
        said.contains("Die Schule 100162 Herne, SK Quinoa steht nicht mehr im Verzeichnis"),
        "{said}"
    );
}

#[test]
fn both_lists_are_examined_even_where_the_first_is_faulty() {
    let office = Office::new();
    change(&office, "traeger.csv", "10039;", "1003;");
    change(&office, "schulen.csv", "10039;100162;", "10039;1000;");
    let said = office.refused(&IMPORT, 1);
    assert!(said.contains("1 Stelle ist in traeger.csv zu berichtigen."), "{said}");
    assert!(
        said.contains("schulen.csv: Zeile 2, Spalte Schulnummer: „1000“"),
        "{said}"
    );
    assert!(!said.contains("in der Trägerliste nicht"), "{said}");
}

#[test]
fn a_traeger_that_does_not_exist_today_but_has_schools_is_pointed_out() {
    let office = Office::new();
    office.rewrite("traeger.csv", |line| {
        Some(match line.split(';').next() {
            Some("Traegernummer") => format!("{line};Gueltig_ab;Gueltig_bis"),
            Some("10054") => format!("{line};;2020-07-31"),
            Some("10039") => format!("{line};2099-08-01;"),
            _ => format!("{line};;"),
        })
    });
    let said = office.done(&IMPORT);
    assert!(
        said.contains("Besteht nicht mehr und hat keinen Nachfolger, aber noch Schulen: 10054\n"),
        "{said}"
    );
    assert!(
        said.contains("Besteht noch nicht, hat aber schon Schulen: 10039\n"),
        "{said}"
    );
}

#[test]
fn whoever_is_reported_for_by_another_reads_by_whom_and_cells_below_each_other_are_one_place() {
    let office = Office::new();
    office.done(&IMPORT);
    office.rewrite("zuweisungen.csv", |line| {
        Some(match line.split(';').next() {
            Some("Schulnummer") => format!("{line};Meldet"),
            Some("100162") => format!("{line};10054"),
            _ => format!("{line};"),
        })
    });
    office.done(&OPEN);
    let said = office.done(&["register", "show", "10039"]);
    assert!(
        said.contains("cb-2026: für 1 Schule dieses Trägers meldet 10054 Stadt Duisburg\n"),
        "{said}"
    );
    office.refused(&["register", "show", "99999"], 2);

    let amt = Amt::new();
    let cookie = amt.server.log_in(DUISBURG);
    amt.server.upload(&cookie, &amt.server.own_form(&cookie));
    let form = filled(&amt.server.own_form(&cookie), 48, "12345.67");
    let words = ["H5", "H6", "H7"].map(|cell| (cell, Typed::Text("k.A.")));
    amt.server.upload(&cookie, &fill(&form, "Schulen", &words));
    let said = amt.done(&["meldung", "versuche", DUISBURG]);
    assert!(
        said.contains("    Schulen H5 bis H7: keine Zahl oder kein Datum (V2)\n"),
        "{said}"
    );
    assert!(said.lines().all(|line| line.chars().count() < 160), "{said}");
}
