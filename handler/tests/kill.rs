//! The service is killed at any moment, and two processes share one database: no Eingangsbestaetigung is lost.

mod support;

use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::service::{Service, serve};
use support::{Answer, Client, filled, query, upload_request};

/// Träger with one school each.
const SMALL: [&str; 4] = ["10039", "10390", "10479", "10509"];

/// What a client read on its Eingangsbestaetigung.
struct Paper {
    nummer: String,
    kette: String,
    sha256: String,
}

#[test]
fn no_eingangsbestaetigung_is_lost_when_the_service_is_killed() {
    kill_rounds(4);
}

#[test]
#[ignore = "a longer round"]
fn no_eingangsbestaetigung_is_lost_in_fifty_kills() {
    kill_rounds(50);
}

/// Uploads from several Träger at once, a kill in the middle of them, a look at the database, and the same again.
fn kill_rounds(rounds: u32) {
    let mut service = Service::start();
    let papers = Mutex::new(Vec::new());
    let mut cut_off = 0;
    for round in 0..rounds {
        cut_off += upload_until_killed(&mut service, round, &papers);
        assert_sound(&service.database, &papers.lock().expect("papers"));
        service.restart();
    }
    let papers = papers.into_inner().expect("papers");
    assert!(
        papers.len() >= rounds as usize,
        "uploads were accepted before the kills"
    );
    assert!(cut_off > 0, "some upload was under way when the service died");
    for paper in &papers {
        let there: i64 = query(
            &service.database,
            &format!("SELECT count(*) FROM meldung WHERE nummer = '{}'", paper.nummer),
        );
        assert_eq!(there, 1);
    }
    // Whoever lost the connection sends the same file again and gets one Meldung for it.
    let cookie = service.log_in(SMALL[0]);
    let form = filled(&service.own_form(&cookie), 1, "9999.01");
    let first = service.upload(&cookie, &form);
    assert_eq!(first.status, 303, "{}", first.body());
    assert_eq!(
        service.upload(&cookie, &form).header("location"),
        first.header("location")
    );
}

/// How many uploads got no answer.
fn upload_until_killed(service: &mut Service, round: u32, papers: &Mutex<Vec<Paper>>) -> usize {
    let forms: Vec<(String, Vec<u8>)> = SMALL
        .iter()
        .map(|nummer| {
            let cookie = service.log_in(nummer);
            let form = service.own_form(&cookie);
            (cookie, form)
        })
        .collect();
    let address = service.address;
    let runde = service.runde.clone();
    let (killed, accepted) = (AtomicBool::new(false), std::sync::atomic::AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let clerks: Vec<_> = forms
            .iter()
            .map(|(cookie, form)| {
                let client = Client {
                    address,
                    runde: runde.clone(),
                };
                let (killed, accepted) = (&killed, &accepted);
                scope.spawn(move || {
                    let mut unanswered = 0;
                    for n in 0.. {
                        let file = filled(form, 1, &format!("{}.{n:02}", 9000 + round));
                        match upload(&client, cookie, &file) {
                            Some(paper) => {
                                papers.lock().expect("papers").push(paper);
                                accepted.fetch_add(1, Ordering::SeqCst);
                            }
                            None => unanswered += 1,
                        }
                        if killed.load(Ordering::SeqCst) {
                            return unanswered;
                        }
                    }
                    unanswered
                })
            })
            .collect();
        // Another moment each round, but never before something was accepted.
        while accepted.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_millis(u64::from(round * 37 % 90)));
        service.kill();
        killed.store(true, Ordering::SeqCst);
        clerks.into_iter().map(|clerk| clerk.join().expect("a clerk")).sum()
    })
}

/// Uploads and reads the Eingangsbestaetigung, if it comes.
fn upload(client: &Client, cookie: &str, file: &[u8]) -> Option<Paper> {
    let answer = Answer::try_parse(&client.exchange(&upload_request(&client.runde, cookie, file)))?;
    assert_eq!(answer.status, 303, "{}", answer.body());
    let place = answer.header("location").expect("a place").to_owned();
    let request = format!("GET {place} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n");
    let nummer = place.rsplit('/').next().expect("a number").to_owned();
    // The redirect alone already says that it was received.
    let page = Answer::try_parse(&client.exchange(request.as_bytes())).filter(|page| !page.data("kette").is_empty());
    let read = |mark: &str| page.as_ref().map_or(String::new(), |page| page.data(mark).concat());
    Some(Paper {
        nummer,
        kette: read("kette"),
        sha256: read("sha256"),
    })
}

/// The file is whole, the chain closes, and every paper is in it.
fn assert_sound(database: &Path, papers: &[Paper]) {
    assert_eq!(query::<String>(database, "PRAGMA integrity_check"), "ok");
    let violations: i64 = query(database, "SELECT count(*) FROM pragma_foreign_key_check");
    assert_eq!(violations, 0);
    assert_chain(database);
    let without_rows: i64 = query(
        database,
        "SELECT count(*) FROM meldung WHERE nummer NOT IN (SELECT meldung FROM chancenbudget_schulen)",
    );
    assert_eq!(without_rows, 0, "a Meldung has its rows");
    let apart: i64 = query(
        database,
        "SELECT (SELECT count(*) FROM journal WHERE art = 'meldung') - (SELECT count(*) FROM meldung)",
    );
    assert_eq!(apart, 0, "a Meldung has its entry");
    for paper in papers {
        let found: String = query(
            database,
            &format!(
                "SELECT coalesce(max(j.kette || m.upload_sha256), '') FROM meldung AS m JOIN journal AS j ON j.nr = m.journal_nr WHERE m.nummer = '{}'",
                paper.nummer
            ),
        );
        assert!(
            !found.is_empty() && found.starts_with(&paper.kette) && found.ends_with(&paper.sha256),
            "{} is lost",
            paper.nummer
        );
    }
}

/// Each value is the SHA-256 over the one before and the record's hash, and each record has its hash.
fn assert_chain(database: &Path) {
    let connection = rusqlite::Connection::open(database).expect("the database");
    let sql = "SELECT j.nr, j.record_hash, j.kette, r.record FROM journal AS j JOIN journal_record AS r USING (nr) ORDER BY nr";
    let mut statement = connection.prepare(sql).expect("a statement");
    let mut rows = statement.query([]).expect("rows");
    let (mut before, mut expected) = (String::new(), 1);
    while let Some(row) = rows.next().expect("a row") {
        let text = |column: usize| row.get::<_, String>(column).expect("text");
        assert_eq!(row.get::<_, i64>(0).expect("a number"), expected);
        assert_eq!(text(1), hex(&text(3)));
        before = hex(&(before + &text(1)));
        assert_eq!(text(2), before);
        expected += 1;
    }
    assert!(expected > 1);
}

fn hex(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn two_services_and_commands_share_one_database() {
    let first = Service::start();
    let process = serve(first.folder()).expect("a second service");
    let address = process.address;
    let second = Client {
        address,
        runde: first.runde.clone(),
    };
    // A session begun here is known there.
    let cookie = first.log_in(SMALL[0]);
    assert_eq!(second.get("/meldung/", &cookie).status, 200);
    let (own, other) = (first.log_in(SMALL[1]), second.log_in(SMALL[2]));
    let uploads = |client: &Client, cookie: &str, from: u32| -> Vec<Paper> {
        let form = client.own_form(cookie);
        let files = (from..from + 6).map(|n| filled(&form, 1, &format!("90{n:02}.50")));
        files
            .map(|file| upload(client, cookie, &file).expect("an answer"))
            .collect()
    };
    let papers = std::thread::scope(|scope| {
        let here = scope.spawn(|| uploads(&first, &own, 10));
        let there = scope.spawn(|| uploads(&second, &other, 20));
        let both = scope.spawn(|| uploads(&second, &cookie, 30));
        let list = |name: &str| format!("{}/demo/{name}.csv", env!("CARGO_MANIFEST_DIR"));
        let (traeger, schulen) = (list("traeger"), list("schulen"));
        let import = ["register", "import", "--traeger", &traeger, "--schulen", &schulen];
        let read = ["meldung", "list", "--runde", &first.runde, "--json"];
        for command in [&import as &[&str], &read, &import, &read] {
            let ran = first.command(command);
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        }
        [here, there, both].map(|clerk| clerk.join().expect("a clerk"))
    });
    let papers: Vec<Paper> = papers.into_iter().flatten().collect();
    drop(process);
    assert_eq!(papers.len(), 18);
    assert_sound(&first.database, &papers);
}
