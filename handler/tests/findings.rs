//! What a Träger reads of a file that is not accepted: at once, and on its page for as long as the file waits.

mod support;

use form::testing::{Typed, fill};
use support::{Answer, DUISBURG, Server, filled};

const SCHOOLS: usize = 48;
const KORREKTURFASSUNG: &str = "Korrekturfassung herunterladen";

/// Uploads Duisburg's form, filled in and then changed in these cells of „Schulen“.
fn upload(server: &Server, cookie: &str, cells: &[(&str, Typed<'_>)]) -> Answer {
    let form = filled(&server.own_form(cookie), SCHOOLS, "12345.67");
    server.upload(cookie, &fill(&form, "Schulen", cells))
}

fn link_to_the_korrekturfassung(page: &str) -> String {
    let (_, link) = page.split_once("href=\"/meldung/korrektur/").expect("a link");
    let (id, _) = link.split_once('"').expect("its end");
    format!("/meldung/korrektur/{id}")
}

#[test]
fn whoever_overwrote_a_prefilled_cell_is_offered_a_korrekturfassung_in_which_it_is_right_again() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let answer = upload(&server, &cookie, &[("F19", Typed::Text("etwas anderes"))]);
    assert_eq!((answer.status, answer.data("code")), (422, vec!["S6".to_owned()]));
    let page = answer.body();
    assert!(
        page.contains(KORREKTURFASSUNG) && !page.contains("geht es noch nicht weiter"),
        "{page}"
    );
    let korrektur = server.get(&link_to_the_korrekturfassung(&page), &cookie);
    assert_eq!(server.upload(&cookie, &korrektur.bytes).status, 303);
}

#[test]
fn a_lost_school_among_other_errors_does_not_cost_the_korrekturfassung() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let row: Vec<String> = ('A'..='S').map(|column| format!("{column}20")).collect();
    let emptied: Vec<(&str, Typed<'_>)> = row.iter().map(|cell| (cell.as_str(), Typed::Nothing)).collect();
    let answer = upload(&server, &cookie, &emptied);
    assert_eq!(answer.data("code"), ["S5"], "{}", answer.body());
    assert!(answer.body().contains(KORREKTURFASSUNG), "{}", answer.body());
    let wrong = [("H14", Typed::Text("viel")), ("F19", Typed::Text("etwas anderes"))];
    let answer = upload(&server, &cookie, &wrong);
    assert_eq!(answer.data("code"), ["V2", "S6"], "{}", answer.body());
    assert!(answer.body().contains(KORREKTURFASSUNG), "{}", answer.body());
}

#[test]
fn the_form_of_another_traeger_has_nothing_to_carry_over() {
    let server = Server::start();
    let foreign = server.own_form(&server.log_in("10039"));
    let answer = server.upload(&server.log_in(DUISBURG), &foreign);
    assert_eq!(answer.data("code"), ["S3"]);
    let page = answer.body();
    assert!(
        page.contains("geht es noch nicht weiter") && !page.contains(KORREKTURFASSUNG),
        "{page}"
    );
    let uploaded = "Hochgeladen haben Sie das Formular der Schulträgernummer 10039.";
    assert!(page.contains(uploaded), "{page}");
}

#[test]
fn after_a_reload_the_findings_and_the_korrekturfassung_are_still_there() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let wrong = [("H14", Typed::Text("ca. 12.000 €")), ("I17", Typed::Number("-1"))];
    let told = upload(&server, &cookie, &wrong);
    let again = server.get("/meldung/", &cookie);
    assert_eq!(again.status, 200);
    for name in ["code", "blatt", "zellen", "schwere"] {
        assert_eq!(again.data(name), told.data(name));
    }
    let page = again.body();
    for said in ["Noch nicht eingereicht", "2 Angaben prüfen", "ca. 12.000 €"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let link = link_to_the_korrekturfassung(&page);
    assert_eq!(link, link_to_the_korrekturfassung(&told.body()));
    assert_eq!(server.get(&link, &cookie).status, 200);

    assert_eq!(upload(&server, &cookie, &[]).status, 303);
    assert!(
        !server
            .get("/meldung/", &cookie)
            .body()
            .contains("Noch nicht eingereicht")
    );
    upload(&server, &cookie, &wrong);
    let page = server.get("/meldung/", &cookie).body();
    assert!(page.contains("Bis dahin gilt Ihre bisherige Meldung."), "{page}");
}

#[test]
fn in_a_closed_runde_nothing_waits_any_more() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    assert_eq!(upload(&server, &cookie, &[("H14", Typed::Text("viel"))]).status, 422);
    let database = rusqlite::Connection::open(&server.database).expect("the database");
    let close = "UPDATE runde SET geschlossen = '2026-11-22T13:00:00+01:00'";
    database.execute_batch(close).expect("a change");
    let page = server.get("/meldung/", &cookie);
    assert!(page.data("zellen").is_empty() && !page.body().contains(KORREKTURFASSUNG));
}

#[test]
fn a_long_list_begins_with_an_overview_and_its_index_is_folded() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let cells: Vec<String> = (5..5 + SCHOOLS).map(|row| format!("H{row}")).collect();
    let texts: Vec<String> = (0..SCHOOLS).map(|n| format!("etwa {n}")).collect();
    let wrong = cells.iter().zip(&texts);
    let wrong: Vec<(&str, Typed<'_>)> = wrong.map(|(cell, text)| (cell.as_str(), Typed::Text(text))).collect();
    let long = upload(&server, &cookie, &wrong);
    assert_eq!((long.data("code").len(), &*long.data("code")[0]), (49, "S9"));
    let page = long.body();
    assert!(
        page.contains("<p class=\"befund-art\">Überblick</p>") && !page.contains("nichts zu tun"),
        "{page}"
    );
    let is_open = |page: &str| page.contains("<details class=\"befund-index\" open>");
    assert!(!is_open(&page), "{page}");
    assert!(is_open(&upload(&server, &cookie, &wrong[..3]).body()));
}
