//! Whoever gets in fills no disk, and shuts nobody out.

mod support;

use handler::config::Config;
use std::path::Path;
use support::{DUISBURG, Server, filled};

/// A Träger with one school.
const SMALL: &str = "10039";

#[test]
fn a_traeger_that_sends_too_many_meldungen_on_one_day_is_told_when_to_go_on() {
    let start = |config: &mut Config| config.limits.meldungen_per_day = 2;
    let server = Server::start_with(start, Path::new(env!("CARGO_BIN_EXE_handler")));
    let cookie = server.log_in(SMALL);
    let form = server.own_form(&cookie);
    let files = ["9000.01", "9000.02", "9000.03", "9000.04"].map(|euros| filled(&form, 1, euros));
    for file in &files[..2] {
        assert_eq!(server.upload(&cookie, file).status, 303);
    }
    let refused = server.upload(&cookie, &files[2]);
    assert_eq!(refused.status, 429, "{}", refused.body());
    assert!(refused.body().contains("heute schon 2 Meldungen"), "{}", refused.body());
    let eleven_hours = (11 * 60 * 60).to_string();
    assert_eq!(
        refused.header("retry-after"),
        Some(eleven_hours.as_str()),
        "midnight in Berlin"
    );
    assert_eq!(server.count("meldung"), 2);

    assert_eq!(server.upload(&cookie, &files[1]).status, 303, "it is there already");
    assert_eq!(server.upload(&cookie, &form).status, 422, "what is wrong is still said");
    let other = server.log_in("10390");
    let of_other = filled(&server.own_form(&other), 1, "9000.01");
    assert_eq!(server.upload(&other, &of_other).status, 303, "it concerns nobody else");
    let database = rusqlite::Connection::open(&server.database).expect("the database");
    let sql = "INSERT INTO einreichung SELECT nummer, 'per Post' FROM meldung ORDER BY journal_nr LIMIT 1";
    database.execute(sql, []).expect("one that the office filed");
    assert_eq!(
        server.upload(&cookie, &files[2]).status,
        303,
        "the office's do not count"
    );
    assert_eq!(server.upload(&cookie, &files[3]).status, 429);

    server.advance(11 * 60 * 60);
    assert_eq!(server.upload(&server.log_in(SMALL), &files[3]).status, 303);
}

#[test]
fn a_double_click_on_the_last_meldung_of_a_day_is_received_once_and_not_refused() {
    let start = |config: &mut Config| config.limits.meldungen_per_day = 1;
    let server = Server::start_with(start, Path::new(env!("CARGO_BIN_EXE_handler")));
    let cookie = server.log_in(SMALL);
    let file = filled(&server.own_form(&cookie), 1, "9000.01");
    std::thread::scope(|scope| {
        let clicks = [(); 4].map(|()| scope.spawn(|| server.upload(&cookie, &file).status));
        assert_eq!(clicks.map(|click| click.join().expect("an answer")), [303; 4]);
    });
    assert_eq!(server.count("meldung"), 1);
}

#[test]
fn attempts_without_end_fill_no_disk() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    let database = rusqlite::Connection::open(&server.database).expect("the database");
    database
        .execute_batch(&format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
             INSERT INTO versuch (zeit, runde, traeger, ergebnis, befunde)
                 SELECT '2026-11-22T10:00:00+01:00', 'cb-2026', iif(i <= 10, '{DUISBURG}', '{SMALL}'), 'fehler', '[]' FROM n"
        ))
        .expect("attempts");
    assert_eq!(server.upload(&cookie, &server.own_form(&cookie)).status, 422);
    let of = |traeger: &str| server.query::<i64>(&format!("SELECT count(*) FROM versuch WHERE traeger = '{traeger}'"));
    assert_eq!((of(SMALL), of(DUISBURG)), (500, 10));
    let latest: String = server.query("SELECT befunde FROM versuch ORDER BY id DESC LIMIT 1");
    assert_ne!(latest, "[]", "the oldest are gone, not the latest");
}
