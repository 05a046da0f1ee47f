//! A database that is damaged while the service has it open: uploads are refused, the rest goes on, and a sound copy mends it.

mod support;

use rusqlite::Connection;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use support::service::Service;
use support::{filled, query};

/// A Träger with one school.
const SMALL: &str = "10039";

#[test]
fn a_page_that_is_overwritten_refuses_uploads_and_shows_what_needs_no_damaged_part() {
    let mut service = Service::start();
    let cookie = service.log_in(SMALL);
    let form = service.own_form(&cookie);
    let first = service.upload(&cookie, &filled(&form, 1, "9000.01"));
    let paper = first.header("location").expect("a place").to_owned();
    let copy = service.folder().join("sicherung.sqlite");
    let copied = service.command(&["backup", "sicherung.sqlite"]);
    assert!(copied.status.success(), "{copied:?}");

    let kept = || ["meldung", "journal", "wartend", "chancenbudget_deckblatt"].map(|table| count(&service, table));
    let before = kept();
    overwrite_root_page(&service.database, "chancenbudget_schulen");
    let next = filled(&form, 1, "9111.01");
    for _ in 0..3 {
        service.upload(&cookie, &next).assert_store_failed();
    }
    assert_eq!(kept(), before, "nothing is half kept");
    let overview = service.get("/meldung/", &cookie);
    assert_eq!(overview.status, 200, "{}", overview.body());
    assert_eq!(service.get(&paper, &cookie).data("vorgangsnummer").len(), 1);
    assert_eq!(service.own_form(&cookie).len(), form.len());

    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", service.database.display()));
    }
    std::fs::rename(&copy, &service.database).expect("the copy takes its place");
    let cookie = service.log_in(SMALL);
    assert_eq!(service.get(&paper, &cookie).status, 200);
    assert_eq!(service.upload(&cookie, &next).status, 303);
    assert_eq!(count(&service, "meldung"), 2);
    assert_eq!(query::<String>(&service.database, "PRAGMA integrity_check"), "ok");

    service.end();
    let events = support::files::files(&service.folder().join("protokoll"));
    let told = events.iter().any(|(name, text)| {
        let text = String::from_utf8_lossy(text);
        name.starts_with("ereignisse-") && text.contains("\"code\":\"StoreFailed\"") && text.contains("\"status\":503")
    });
    assert!(told, "{:?}", events.keys());
}

fn count(service: &Service, table: &str) -> i64 {
    query(&service.database, &format!("SELECT count(*) FROM {table}"))
}

/// Writes over the first page of a table, as a disk does that mixes up its blocks. The service is another process, so that
/// its locks stay when the file is closed here.
fn overwrite_root_page(database: &Path, table: &str) {
    let connection = Connection::open(database).expect("the database");
    let number = |sql: &str| {
        connection
            .query_row::<u32, _, _>(sql, [], |row| row.get(0))
            .expect("a number")
    };
    assert_eq!(
        number("PRAGMA wal_checkpoint(TRUNCATE)"),
        0,
        "everything is in the file"
    );
    let root = number(&format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'"));
    let size = number("PRAGMA page_size");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .open(database)
        .expect("the file");
    file.seek(SeekFrom::Start(u64::from(root - 1) * u64::from(size)))
        .expect("its page");
    file.write_all(&vec![0xA5; size as usize]).expect("other bytes");
    // Whoever has pages in memory believes them until somebody else commits.
    let sql = "INSERT INTO fehlversuch (schluessel, zeit) VALUES (x'00', unixepoch())";
    connection.execute(sql, []).expect("a commit");
}
