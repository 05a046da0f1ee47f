//! An upload from login to Eingangsbestaetigung, over a real socket, with the real child and a real database.

mod support;

use form::testing::{Typed, fill};
use form::{Cent, Form, Schulnummer};
use handler::clock::Moment;
use handler::store::{NeueRunde, Store, Zuweisung};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use support::post::until;
use support::{DUISBURG, Server, filled};

const SCHOOLS: usize = 48;

#[test]
fn three_wrong_cells_are_named_and_the_corrected_file_is_received() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = filled(&server.own_form(&cookie), SCHOOLS, "12345.67");
    let wrong = fill(
        &form,
        "Schulen",
        &[
            ("H14", Typed::Text("ca. 12.000 €")),
            ("I17", Typed::Number("-1")),
            ("O20", Typed::Text("Lesen")),
        ],
    );

    let answer = server.upload(&cookie, &wrong);
    assert_eq!(answer.status, 422, "{}", answer.body());
    assert_eq!(answer.data("zellen"), ["H14", "I17", "O20"]);
    assert_eq!(answer.data("code"), ["V2", "V3", "V16"]);
    assert_eq!(answer.data("blatt"), ["Schulen"; 3]);
    assert!(answer.body().contains("Noch nicht eingereicht"));
    assert_eq!(server.count("meldung"), 0);
    assert_eq!(server.count("chancenbudget_schulen"), 0);

    let answer = server.upload(&cookie, &form);
    assert_eq!(answer.status, 303, "{}", answer.body());
    let receipt = server.get(answer.header("location").expect("a location"), &cookie);
    assert_eq!(receipt.status, 200);
    assert_eq!(receipt.data("vorgangsnummer").len(), 1);
    assert_eq!(
        receipt.data("kette"),
        [server.query::<String>("SELECT kette FROM journal ORDER BY nr DESC")]
    );
    assert!(
        receipt.body().contains("592.592,16"),
        "the sum of 48 schools: {}",
        receipt.body()
    );
    assert_eq!(
        server.query::<i64>("SELECT sum(verausgabt_cent) FROM chancenbudget_schulen_gueltig"),
        59_259_216
    );
    assert_eq!(server.count("chancenbudget_schulen"), 48);
    assert_eq!(server.count("wartend"), 0);
}

#[test]
fn the_same_bytes_again_give_the_same_eingangsbestaetigung() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = filled(&server.own_form(&cookie), SCHOOLS, "12345.67");
    let first = server.upload(&cookie, &form);
    let again = server.upload(&cookie, &form);
    let nummer =
        |location: Option<&str>| location.map(|location| location.split('?').next().unwrap_or_default().to_owned());
    assert_eq!(nummer(first.header("location")), nummer(again.header("location")));
    assert_eq!(server.count("meldung"), 1);
}

#[test]
fn a_later_upload_counts_and_the_paper_says_what_changed() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = server.own_form(&cookie);
    let first = server.upload(&cookie, &filled(&form, SCHOOLS, "12345.67"));
    let corrected = fill(
        &filled(&form, SCHOOLS, "12345.67"),
        "Schulen",
        &[("H14", Typed::Number("12846.17")), ("I14", Typed::Number("12846.17"))],
    );
    let second = server.upload(&cookie, &corrected);
    let receipt = server
        .get(second.header("location").expect("a location"), &cookie)
        .body();
    assert!(
        receipt.contains("1 Schule geändert; Summe verausgabtes Chancenbudget +500,50"),
        "{receipt}"
    );
    let superseded = server
        .get(first.header("location").expect("a location"), &cookie)
        .body();
    let counts: String = server.query("SELECT nummer FROM meldung_gueltig");
    assert!(
        superseded.contains(&counts),
        "the first paper names the version that counts"
    );
    assert_eq!(
        server.query::<i64>("SELECT verausgabt_cent FROM chancenbudget_schulen_gueltig WHERE zeile = 10"),
        1_284_617
    );
}

#[test]
fn a_note_that_may_name_a_person_waits_for_a_reason() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = filled(&server.own_form(&cookie), SCHOOLS, "12345.67");
    let noted = fill(&form, "Schulen", &[("S9", Typed::Text("Kurs der Stiftung Frau Holle"))]);
    let answer = server.upload(&cookie, &noted);
    assert_eq!(answer.status, 422);
    assert_eq!(answer.data("schwere"), ["bestaetigen"]);
    let id: String = server.query("SELECT id FROM wartend");
    assert_eq!(server.count("meldung"), 0);

    let without_reason = server.post_form("/meldung/bestaetigen", &cookie, &format!("id={id}"));
    assert_eq!(without_reason.status, 422);
    assert_eq!(
        without_reason.data("schwere"),
        ["bestaetigen"],
        "the question is asked again"
    );
    let confirmed = server.post_form("/meldung/bestaetigen", &cookie, &format!("id={id}&grund_1=G4"));
    assert_eq!(confirmed.status, 303, "{}", confirmed.body());
    let receipt = server
        .get(confirmed.header("location").expect("a location"), &cookie)
        .body();
    assert!(
        receipt.contains("Genannt ist eine Einrichtung, keine Person"),
        "{receipt}"
    );
    let twice = server.post_form("/meldung/bestaetigen", &cookie, &format!("id={id}&grund_1=G4"));
    assert_eq!(
        twice.header("location"),
        confirmed.header("location"),
        "a second click shows what the first one brought"
    );
    assert_eq!(server.count("meldung"), 1);
}

#[test]
fn the_korrekturfassung_carries_the_values_and_is_accepted_once_corrected() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = filled(&server.own_form(&cookie), SCHOOLS, "12345.67");
    server.upload(
        &cookie,
        &fill(&form, "Schulen", &[("H14", Typed::Text("zwölftausend"))]),
    );
    let id: String = server.query("SELECT id FROM wartend");
    let korrektur = server.get(&format!("/meldung/korrektur/{id}.xlsx"), &cookie);
    assert_eq!(korrektur.status, 200);
    let corrected = fill(&korrektur.bytes, "Schulen", &[("H14", Typed::Number("12345.67"))]);
    let answer = server.upload(&cookie, &corrected);
    assert_eq!(answer.status, 303, "{}", answer.body());
    assert_eq!(
        server.query::<i64>("SELECT sum(verausgabt_cent) FROM chancenbudget_schulen_gueltig"),
        59_259_216
    );
}

#[test]
fn late_is_accepted_and_marked_and_before_the_first_day_nothing_is() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = filled(&server.own_form(&cookie), SCHOOLS, "12345.67");
    server.advance(61 * 24 * 60 * 60);
    let cookie = server.log_in(DUISBURG);
    let answer = server.upload(&cookie, &form);
    assert_eq!(answer.status, 303, "{}", answer.body());
    assert_eq!(server.query::<i64>("SELECT verspaetet FROM meldung"), 1);
    server.advance(-62 * 24 * 60 * 60);
    let cookie = server.log_in("10066");
    assert_eq!(server.upload(&cookie, &form).status, 409);
}

#[test]
fn a_double_click_is_one_meldung() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = filled(&server.own_form(&cookie), SCHOOLS, "12345.67");
    let nummern: Vec<String> = std::thread::scope(|scope| {
        let clicks: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| server.upload(&cookie, &form).header("location").map(str::to_owned)))
            .collect();
        clicks
            .into_iter()
            .map(|click| click.join().expect("an answer").expect("a location"))
            .collect()
    });
    assert_eq!(server.count("meldung"), 1);
    assert!(nummern.iter().all(|nummer| *nummer == nummern[0]), "{nummern:?}");
}

#[test]
fn what_waits_does_not_overtake_a_newer_meldung() {
    let server = Server::start();
    let (first, second) = (server.log_in(DUISBURG), server.log_in(DUISBURG));
    let form = filled(&server.own_form(&first), SCHOOLS, "12345.67");
    server.upload(
        &first,
        &fill(&form, "Schulen", &[("S9", Typed::Text("Kurs der Stiftung Frau Holle"))]),
    );
    let id: String = server.query("SELECT id FROM wartend");
    assert_eq!(server.upload(&second, &form).status, 303);
    let confirmed = server.post_form("/meldung/bestaetigen", &first, &format!("id={id}&grund_1=G4"));
    assert_eq!(confirmed.status, 409);
    assert_eq!(server.count("meldung"), 1);
}

#[test]
fn a_korrekturfassung_belongs_to_its_session() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    server.upload(&cookie, &server.own_form(&cookie));
    let id: String = server.query("SELECT id FROM wartend");
    assert_eq!(
        server
            .get(&format!("/meldung/korrektur/{id}.xlsx"), &server.log_in(DUISBURG))
            .status,
        404
    );
}

#[test]
fn a_large_change_against_the_runde_before_is_asked_about() {
    let server = Server::start();
    let cookie = server.log_in("10039");
    assert_eq!(
        server
            .upload(&cookie, &filled(&server.own_form(&cookie), 1, "9000.01"))
            .status,
        303
    );
    open_next_runde(&server);

    let form = server.get("/meldung/formular/cb-2027.xlsx", &cookie).bytes;
    let answer = server.upload_to("cb-2027", &cookie, &filled(&form, 1, "15000.02"));
    assert_eq!(answer.status, 422, "{}", answer.body());
    assert_eq!(
        (answer.data("code"), answer.data("zellen")),
        (vec!["W3".to_owned()], vec!["H5".to_owned()])
    );
    assert_eq!(
        server
            .upload_to("cb-2027", &cookie, &filled(&form, 1, "9500.01"))
            .status,
        303
    );
}

/// The year after, with one school and twice the money.
fn open_next_runde(server: &Server) {
    let day = |text: &str| text.parse().expect("a day");
    let neu = NeueRunde {
        kennung: "cb-2027".to_owned(),
        von: day("2027-01-01"),
        bis: day("2027-12-31"),
        ab: day("2026-11-22"),
        frist: day("2027-03-31"),
        nach_frist_ablehnen: false,
        uebertrag: false,
        beispiel: true,
    };
    let zuweisung = Zuweisung {
        schulnummer: Schulnummer::parse("100162").expect("six digits"),
        zugewiesen: Cent(9_000_000),
        uebertrag: Some(Cent(0)),
        meldet: None,
    };
    let definition = server.query::<String>("SELECT definition FROM runde");
    let form = Form::parse(&definition).expect("a form");
    let now = Moment::parse(support::NOON).expect("a time");
    let mut store = Store::open(&server.database).expect("the database");
    store
        .open_runde(&neu, &definition, &form, &[zuweisung], now)
        .expect("the database")
        .expect("a Runde");
}

#[test]
fn what_was_examined_against_old_figures_does_not_wait_for_a_confirmation() {
    let folder = tempfile::tempdir().expect("a folder");
    let (begun, go_on) = (folder.path().join("begun"), folder.path().join("weiter"));
    let server = Server::start_with(|_| {}, &held_child(folder.path()));
    let cookie = server.log_in("10039");
    let form = filled(&server.own_form(&cookie), 1, "9000.01");
    let with_a_question = fill(&form, "Schulen", &[("S5", Typed::Text("Kurs der Stiftung Frau Holle"))]);
    let answer = std::thread::scope(|scope| {
        let clerk = scope.spawn(|| server.upload(&cookie, &with_a_question));
        until("the child has begun", || begun.exists());
        server.more_money();
        std::fs::write(&go_on, "").expect("a sign");
        clerk.join().expect("an answer")
    });
    assert_eq!(answer.status, 409, "{}", answer.body());
    assert!(answer.body().contains("haben sich die Vorgaben"), "{}", answer.body());
    assert_eq!(server.count("wartend"), 0);
}

#[test]
fn whoever_confirms_what_a_correction_has_taken_away_is_told_to_upload_it_again() {
    let server = Server::start();
    let cookie = server.log_in("10039");
    let form = filled(&server.own_form(&cookie), 1, "9000.01");
    let with_a_question = fill(&form, "Schulen", &[("S5", Typed::Text("Kurs der Stiftung Frau Holle"))]);
    assert_eq!(server.upload(&cookie, &with_a_question).status, 422);
    let id: String = server.query("SELECT id FROM wartend");
    server.more_money();
    let answer = server.post_form("/meldung/bestaetigen", &cookie, &format!("id={id}&grund_1=G4"));
    assert_eq!(answer.status, 409);
    let said = answer.body();
    assert!(
        said.contains("haben sich geändert") && said.contains("noch einmal hoch"),
        "{said}"
    );
}

/// A child that says that it has begun, and goes on when it is told to.
fn held_child(folder: &Path) -> PathBuf {
    let child = folder.join("child");
    let script = format!(
        "#!/bin/sh\n: > {0}/begun\nwhile [ ! -e {0}/weiter ]; do sleep 0.01; done\nexec {1} \"$@\"\n",
        folder.display(),
        env!("CARGO_BIN_EXE_handler")
    );
    std::fs::write(&child, script).expect("a program");
    std::fs::set_permissions(&child, Permissions::from_mode(0o755)).expect("it may run");
    child
}

#[test]
fn whoever_asks_for_many_korrekturfassungen_at_once_gets_few_and_is_told_to_wait() {
    let folder = tempfile::tempdir().expect("a folder");
    let go_on = folder.path().join("weiter");
    std::fs::write(&go_on, "").expect("a sign");
    let server = Server::start_with(|config| config.limits.children = 8, &held_child(folder.path()));
    let cookie = server.log_in("10039");
    assert_eq!(server.upload(&cookie, &server.own_form(&cookie)).status, 422);
    let path = format!(
        "/meldung/korrektur/{}.xlsx",
        server.query::<String>("SELECT id FROM wartend")
    );
    std::fs::remove_file(&go_on).expect("children wait");
    let (send, answers) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..7 {
            let (send, server, path, cookie) = (send.clone(), &server, &path, &cookie);
            scope.spawn(move || send.send(server.get(path, cookie).status).expect("the test waits"));
        }
        assert_eq!(answers.recv().expect("an answer"), 503);
        std::fs::write(&go_on, "").expect("a sign");
        assert_eq!([(); 6].map(|()| answers.recv().expect("an answer")), [200; 6]);
    });
}
