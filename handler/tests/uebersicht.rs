//! The Träger's page through the life of its Runden: what it says, and what can be done there.

mod support;

use form::testing::{Typed, fill};
use rusqlite::Connection;
use support::{Server, filled};

/// A Träger with one school.
const SMALL: &str = "10039";
const DAY: i64 = 24 * 60 * 60;
const UPLOAD_FIELD: &str = "type=\"file\"";

/// Changes what only the office changes.
fn arrange(server: &Server, sql: &str) {
    let database = Connection::open(&server.database).expect("the database");
    database.execute_batch(sql).expect("a change");
}

/// The page after a new login, because days have gone by.
fn page(server: &Server, nummer: &str) -> String {
    let cookie = server.log_in(nummer);
    let answer = server.get("/meldung/", &cookie);
    assert_eq!(answer.status, 200);
    answer.body()
}

fn assert_says(page: &str, said: &[&str]) {
    for said in said {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[test]
fn a_runde_is_shown_from_before_its_first_day_until_it_is_closed() {
    let server = Server::start();
    arrange(&server, "UPDATE runde SET ab = '2026-11-24', frist = '2026-11-26'");
    let before = page(&server, SMALL);
    assert_says(
        &before,
        &["noch nicht offen", "Sie können ab dem 24. November 2026 hochladen"],
    );
    assert!(!before.contains(UPLOAD_FIELD), "{before}");

    for (days, left) in [(2, "noch 2 Tage"), (1, "noch 1 Tag<"), (1, "Heute ist der letzte Tag")] {
        server.advance(days * DAY);
        let open = page(&server, SMALL);
        assert_says(
            &open,
            &[
                "26. November 2026",
                left,
                UPLOAD_FIELD,
                "noch keine Meldung eingegangen",
            ],
        );
    }

    server.advance(DAY);
    assert_says(
        &page(&server, SMALL),
        &["abgelaufen, Melden geht noch", "als verspätet vermerkt", UPLOAD_FIELD],
    );
    let cookie = server.log_in(SMALL);
    assert_eq!(
        server
            .upload(&cookie, &filled(&server.own_form(&cookie), 1, "9000.01"))
            .status,
        303
    );
    let late = page(&server, SMALL);
    assert_says(
        &late,
        &[
            "nach der Frist",
            "Diese Fassung gilt",
            "unterschriebene Bestätigung liegt noch nicht vor",
        ],
    );

    arrange(&server, "UPDATE runde SET nach_frist_ablehnen = 1");
    let refused = page(&server, SMALL);
    assert_says(&refused, &["Diese Runde ist geschlossen", "Diese Fassung gilt"]);
    assert!(!refused.contains(UPLOAD_FIELD), "{refused}");
    arrange(
        &server,
        "UPDATE runde SET nach_frist_ablehnen = 0, geschlossen = '2026-11-27T18:00:00+01:00'",
    );
    let closed = page(&server, SMALL);
    assert_says(&closed, &["Diese Runde ist geschlossen", "Diese Fassung gilt"]);
    assert!(!closed.contains(UPLOAD_FIELD), "{closed}");
}

#[test]
fn what_waits_is_named_until_it_is_confirmed() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    let form = filled(&server.own_form(&cookie), 1, "9000.01");
    let overview = || server.get("/meldung/", &cookie).body();
    assert!(!overview().contains("Noch nicht eingereicht"));
    let named = fill(&form, "Schulen", &[("S5", Typed::Text("Kurs der Stiftung Frau Holle"))]);
    assert_eq!(server.upload(&cookie, &named).status, 422);
    assert_says(
        &overview(),
        &[
            "Noch nicht eingereicht",
            "1 Angabe bestätigen oder ändern",
            "Grund, wenn die Angabe stimmt",
            "noch keine Meldung",
        ],
    );
    let id: String = server.query("SELECT id FROM wartend");
    assert_eq!(
        server
            .post_form("/meldung/bestaetigen", &cookie, &format!("id={id}&grund_1=G4"))
            .status,
        303
    );
    let after = overview();
    assert!(!after.contains("Noch nicht eingereicht"), "{after}");
    assert_says(&after, &["Diese Fassung gilt"]);
}

#[test]
fn several_runden_stand_side_by_side_each_with_its_own_form_and_field() {
    let server = Server::start();
    arrange(
        &server,
        "INSERT INTO runde (kennung, formular, definition, von, bis, ab, frist, nach_frist_ablehnen, beispiel, eroeffnet)
             SELECT 'cb-2027', formular, definition, '2027-01-01', '2027-12-31', ab, '2027-02-28', 0, 0, eroeffnet FROM runde;
         INSERT INTO runde_traeger SELECT 'cb-2027', nummer, name, bezirksregierung, rechtsform FROM runde_traeger;
         INSERT INTO runde_schule SELECT 'cb-2027', nummer, traeger, meldet, kurzbezeichnung, schulform, aufnahmejahr,
             zugewiesen_cent, uebertrag_cent, letztes_mal FROM runde_schule;",
    );
    let cookie = server.log_in(SMALL);
    let form = server.get("/meldung/formular/cb-2027.xlsx", &cookie).bytes;
    let other = server.upload(&cookie, &filled(&form, 1, "9000.01"));
    assert_eq!(other.status, 422, "a form of one Runde is none of the other");
    assert_eq!(
        server
            .upload_to("cb-2027", &cookie, &filled(&form, 1, "9000.01"))
            .status,
        303
    );

    let both = page(&server, SMALL);
    assert_eq!(both.matches(UPLOAD_FIELD).count(), 2, "{both}");
    let (second, first) = match (both.find("id=\"runde-cb-2027\""), both.find("id=\"runde-cb-2026\"")) {
        (Some(second), Some(first)) if second < first => (&both[second..first], &both[first..]),
        (Some(second), Some(first)) => (&both[second..], &both[first..second]),
        _ => panic!("{both}"),
    };
    assert_says(
        second,
        &[
            "28. Februar 2027",
            "/meldung/formular/cb-2027.xlsx",
            "Eingangsbestätigung CB-2027-",
        ],
    );
    assert_says(
        first,
        &[
            "21. Januar 2027",
            "/meldung/formular/cb-2026.xlsx",
            "noch keine Meldung eingegangen",
        ],
    );
}

#[test]
fn whoever_has_no_school_reads_that_there_is_nothing_to_do() {
    let server = Server::start();
    arrange(
        &server,
        "INSERT INTO traeger (nummer, name, bezirksregierung, rechtsform) VALUES ('19999', 'Verein ohne Schule', '3', '2');
         INSERT INTO adresse (traeger, email) VALUES ('19999', 'schultraeger-19999@example.org');",
    );
    let nothing = page(&server, "19999");
    assert_says(
        &nothing,
        &["Zurzeit gibt es für Sie nichts zu melden", "Sie müssen nichts tun"],
    );
    assert!(!nothing.contains(UPLOAD_FIELD), "{nothing}");
}
