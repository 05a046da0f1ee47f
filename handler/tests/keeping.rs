//! What is kept is kept whole, and what the database cannot keep is said so, over real sockets and real files.

mod support;

use form::testing::{Typed, fill};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::files::files_in_use;
use support::{DUISBURG, Server, filled, service};

/// A Träger with one school: its form is quick to fill.
const SMALL: &str = "10039";

fn small_form(server: &Server, cookie: &str, euros: &str) -> Vec<u8> {
    filled(&server.own_form(cookie), 1, euros)
}

/// Nothing of an upload is there: no Meldung, no row of the form, no entry in the journal, nothing that waits.
fn nothing_half_kept(server: &Server) {
    for table in ["meldung", "chancenbudget_schulen", "chancenbudget_deckblatt", "wartend"] {
        assert_eq!(server.count(table), 0, "{table}");
    }
    assert_eq!(
        server.query::<i64>("SELECT count(*) FROM journal WHERE art = 'meldung'"),
        0
    );
}

#[test]
fn the_journal_is_neither_changed_nor_shortened_by_any_statement() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    assert_eq!(
        server.upload(&cookie, &small_form(&server, &cookie, "9000.01")).status,
        303
    );
    let entries = "SELECT group_concat(nr || zeit || art || record_hash || kette) FROM journal";
    let before: String = server.query(entries);
    let connection = Connection::open(&server.database).expect("the database");
    let last: i64 = server.query("SELECT max(nr) FROM journal");
    for statement in [
        "UPDATE journal SET zeit = '2020-01-01T00:00:00+01:00'".to_owned(),
        "UPDATE OR REPLACE journal SET nr = nr + 1".to_owned(),
        "DELETE FROM journal".to_owned(),
        format!("DELETE FROM journal WHERE nr = {last}"),
        format!("INSERT OR REPLACE INTO journal VALUES ({last}, 'x', 'x', 'x', 'x')"),
        format!("REPLACE INTO journal VALUES ({last}, 'x', 'x', 'x', 'x')"),
        format!("INSERT INTO journal VALUES ({last}, 'x', 'x', 'x', 'x') ON CONFLICT DO UPDATE SET kette = 'x'"),
        format!("INSERT INTO journal VALUES ({}, 'x', 'x', 'x', 'x')", last + 2),
        "INSERT INTO journal VALUES (0, 'x', 'x', 'x', 'x')".to_owned(),
    ] {
        // Whether foreign keys or recursive triggers are on is the connection's own choice, so try both.
        for pragmas in [
            "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON",
            "PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF",
        ] {
            connection.execute_batch(pragmas).expect("a choice");
            let refused = connection.execute(&statement, []).expect_err(&statement);
            assert!(refused.to_string().contains("Journal"), "{statement}: {refused}");
        }
    }
    assert_eq!(server.query::<String>(entries), before);
}

#[test]
fn every_table_is_strict_and_the_file_is_in_wal() {
    let server = Server::start();
    let lax = "SELECT coalesce(group_concat(name), '') FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    assert_eq!(server.query::<String>(lax), "");
    assert_eq!(server.query::<String>("PRAGMA journal_mode"), "wal");
}

#[test]
fn what_waited_leaves_no_byte_behind_in_the_files() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = filled(&server.own_form(&cookie), 48, "12345.67");
    let secret = "Kommissarischer-Eintrag-4711";
    let wrong = fill(&form, "Schulen", &[("H14", Typed::Text(secret))]);
    assert_eq!(server.upload(&cookie, &wrong).status, 422);
    let mappe: Vec<u8> = server.query("SELECT mappe FROM wartend");
    let traces = |server: &Server| -> usize {
        let pieces = [&mappe[200..260], &mappe[mappe.len() / 2..][..60], secret.as_bytes()];
        files_in_use(server.database.parent().expect("a folder"))
            .values()
            .map(|bytes| pieces.iter().filter(|piece| contains(bytes, piece)).count())
            .sum()
    };
    assert!(traces(&server) >= 3, "the upload waits in the files");
    assert_eq!(server.post_form("/meldung/abmelden", &cookie, "").status, 303);
    forget(&server);
    assert_eq!(server.count("wartend"), 0);
    assert_eq!(traces(&server), 0);
}

#[test]
fn what_waits_ends_with_its_session_though_nobody_calls() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    assert_eq!(server.upload(&cookie, &server.own_form(&cookie)).status, 422);
    assert_eq!(server.count("wartend"), 1);
    server.advance(31 * 60);
    forget(&server);
    assert_eq!(server.count("wartend"), 0);
}

#[test]
fn the_paper_is_shown_again_after_a_new_login_and_to_nobody_else() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    let answer = server.upload(&cookie, &small_form(&server, &cookie, "9000.01"));
    let place = answer.header("location").expect("a place").to_owned();
    let paper = server.get(&place, &cookie);
    assert_eq!(server.post_form("/meldung/abmelden", &cookie, "").status, 303);
    let again = server.get(&place, &server.log_in(SMALL));
    for mark in ["vorgangsnummer", "kette", "sha256"] {
        assert_eq!(paper.data(mark).len(), 1, "{mark}");
        assert_eq!(paper.data(mark), again.data(mark), "{mark}");
    }
    assert_eq!(server.get(&place, &server.log_in(DUISBURG)).status, 404);
}

#[test]
fn the_same_bytes_are_received_anew_where_their_version_was_withdrawn() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    let form = small_form(&server, &cookie, "9000.01");
    let first = server.upload(&cookie, &form);
    Connection::open(&server.database)
        .expect("the database")
        .execute_batch("INSERT INTO ruecknahme SELECT nummer, eingegangen, 'Versehen', journal_nr FROM meldung")
        .expect("a withdrawal");
    let second = server.upload(&cookie, &form);
    assert_eq!(second.status, 303, "{}", second.body());
    assert_ne!(first.header("location"), second.header("location"));
    assert_eq!(server.count("meldung_gueltig"), 1);
}

#[test]
fn a_database_that_another_process_holds_refuses_uploads_and_shows_pages() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    let form = small_form(&server, &cookie, "9000.01");
    server.advance(5);
    let other = Connection::open(&server.database).expect("the database");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    // Each would wait for the lock; those that come late wait for the others too, and not for long.
    std::thread::scope(|scope| {
        let clerks = [(); 4].map(|()| scope.spawn(|| server.upload(&cookie, &form)));
        for clerk in clerks {
            clerk.join().expect("an answer").assert_store_failed();
        }
    });
    assert_eq!(server.get("/meldung/", &cookie).status, 200);
    other.execute_batch("ROLLBACK").expect("the lock is given back");
    nothing_half_kept(&server);
    assert_eq!(server.upload(&cookie, &form).status, 303);
}

#[test]
fn a_database_that_was_moved_away_is_missed_and_taken_up_again() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    let form = small_form(&server, &cookie, "9000.01");
    let elsewhere = server.database.with_extension("weg");
    std::fs::rename(&server.database, &elsewhere).expect("a move");
    server.upload(&cookie, &form).assert_store_failed();
    assert!(!server.database.exists(), "no empty database takes its place");
    std::fs::rename(&elsewhere, &server.database).expect("a move back");
    nothing_half_kept(&server);
    assert_eq!(server.upload(&cookie, &form).status, 303);
    assert_eq!(server.count("meldung"), 1);
}

#[test]
fn a_restored_copy_is_used_at_once() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    let form = small_form(&server, &cookie, "9000.01");
    let copy = server.database.with_extension("sicherung");
    let connection = Connection::open(&server.database).expect("the database");
    connection
        .execute("VACUUM INTO ?", [copy.to_str().expect("a path")])
        .expect("a copy");
    drop(connection);
    assert_eq!(server.upload(&cookie, &form).status, 303);
    for old in files_of(&server.database) {
        std::fs::remove_file(old).expect("the old file goes");
    }
    std::fs::rename(&copy, &server.database).expect("the copy takes its place");
    assert_eq!(server.count("meldung"), 0);
    assert_eq!(server.upload(&cookie, &form).status, 303);
    assert_eq!(server.count("meldung"), 1, "it lies where the file's name says");
}

#[test]
fn a_file_that_is_no_database_any_more_is_refused_until_the_right_one_is_back() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    let form = small_form(&server, &cookie, "9000.01");
    let right = server.database.with_extension("richtig");
    std::fs::rename(&server.database, &right).expect("a move");
    std::fs::write(&server.database, "kein SQLite ".repeat(4096)).expect("a wrong file");
    server.upload(&cookie, &form).assert_store_failed();
    assert_eq!(server.get("/meldung/", &cookie).status, 503);
    std::fs::rename(&right, &server.database).expect("a move back");
    assert_eq!(server.upload(&cookie, &form).status, 303);
    assert_eq!(server.query::<String>("PRAGMA integrity_check"), "ok");
}

#[test]
fn a_service_does_not_start_on_a_broken_or_foreign_file() {
    let folder = service::prepare("meldungen.sqlite");
    let database = folder.path().join("meldungen.sqlite");
    let sound = std::fs::read(&database).expect("the database");

    std::fs::write(&database, "Das ist ein Brief. ".repeat(500)).expect("a letter");
    assert_ends(&run(&folder, &["serve"]), "Das ist keine SQLite-Datei");

    let mut broken = sound.clone();
    let middle = broken.len() / 2 / 4096 * 4096;
    broken[middle..middle + 8192].fill(0xA5);
    std::fs::write(&database, &broken).expect("a broken file");
    assert_ends(&run(&folder, &["serve"]), "beschädigt");

    std::fs::write(&database, &sound[..sound.len() / 3]).expect("half a file");
    assert_ends(&run(&folder, &["serve"]), "beschädigt");

    std::fs::remove_file(&database).expect("it goes");
    let foreign = Connection::open(&database).expect("another database");
    foreign
        .execute_batch("CREATE TABLE rezept (zutat TEXT); INSERT INTO rezept VALUES ('Mehl')")
        .expect("a table");
    for arguments in [&["serve"] as &[&str], &["meldung", "list", "--runde", "cb-2025"]] {
        assert_ends(&run(&folder, arguments), "gehört zu einem anderen Programm");
    }
    let tables: i64 = foreign
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .expect("a number");
    assert_eq!(tables, 1, "nothing was put into it");

    foreign.execute_batch("PRAGMA user_version = 2").expect("a version");
    assert_ends(
        &run(&folder, &["meldung", "list", "--runde", "cb-2025"]),
        "gehört zu einem anderen Programm",
    );
    foreign
        .execute_batch("ALTER TABLE rezept RENAME TO journal; PRAGMA user_version = 99")
        .expect("a version");
    assert_ends(
        &run(&folder, &["meldung", "list", "--runde", "cb-2025"]),
        "neueren Fassung",
    );
}

#[test]
fn a_database_of_the_first_version_is_taken_over_with_its_meldungen() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("alt.sqlite");
    let old = Connection::open(&path).expect("a database");
    old.execute_batch(include_str!("../src/store/schema.sql"))
        .expect("the first version");
    old.execute_batch(
        "PRAGMA user_version = 1;
         INSERT INTO traeger (nummer, name, bezirksregierung, rechtsform) VALUES ('10039', 'Verein', '3', 'e. V.');
         INSERT INTO runde VALUES ('cb-2025', 'chancenbudget', '', '2025-01-01', '2025-12-31', '2025-11-01', '2026-01-31', 0, 0, '2025-11-01T09:00:00+01:00', NULL);
         INSERT INTO journal VALUES (1, '2025-12-01T10:00:00+01:00', 'meldung', 'h1', 'k1'), (2, '2025-12-02T10:00:00+01:00', 'meldung', 'h2', 'k2');
         INSERT INTO meldung VALUES
             ('CB-2025-AAAA-AAAA', 1, 'cb-2025', '10039', '2025-12-01T10:00:00+01:00', 0, x'00', 'a', 1, NULL, '{\"schulen\":1,\"summen\":[],\"hinweise\":[],\"bestaetigt\":[],\"aenderung\":\"\"}'),
             ('CB-2025-BBBB-BBBB', 2, 'cb-2025', '10039', '2025-12-02T10:00:00+01:00', 0, x'00', 'b', 1, NULL, '{\"schulen\":1,\"summen\":[],\"hinweise\":[],\"bestaetigt\":[],\"aenderung\":\"\"}');",
    )
    .expect("data of the first version");
    drop(old);
    let store = handler::store::Store::open(&path).expect("it is taken over");
    let versions = store.meldungen_of("cb-2025", "10039").expect("the Meldungen");
    let shown: Vec<_> = versions
        .iter()
        .map(|meldung| (meldung.nummer.as_str(), meldung.kette.as_str()))
        .collect();
    assert_eq!(shown, [("CB-2025-BBBB-BBBB", "k2"), ("CB-2025-AAAA-AAAA", "k1")]);
    assert_eq!(
        support::query::<String>(&path, "SELECT nummer FROM meldung_gueltig"),
        "CB-2025-BBBB-BBBB"
    );
    assert_eq!(support::query::<i64>(&path, "PRAGMA user_version"), 2);
    assert_eq!(support::query::<i64>(&path, "SELECT count(*) FROM ruecknahme"), 0);
    assert_eq!(support::query::<String>(&path, "PRAGMA integrity_check"), "ok");
}

/// What the service does every minute.
fn forget(server: &Server) {
    let now = server.app.clock.now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime
        .block_on(server.app.store(move |store| store.forget(now)))
        .expect("it deletes");
}

/// The database and what SQLite keeps beside it.
fn files_of(database: &Path) -> Vec<PathBuf> {
    let beside = |end: &str| PathBuf::from(format!("{}{end}", database.display()));
    ["", "-wal", "-shm"]
        .iter()
        .map(|end| beside(end))
        .filter(|path| path.exists())
        .collect()
}

fn contains(bytes: &[u8], piece: &[u8]) -> bool {
    bytes.windows(piece.len()).any(|window| window == piece)
}

fn run(folder: &tempfile::TempDir, arguments: &[&str]) -> Output {
    service::handler(folder.path(), arguments)
        .output()
        .expect("the handler runs")
}

/// One sentence, and exit status 2.
fn assert_ends(output: &Output, sentence: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(sentence), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
}
