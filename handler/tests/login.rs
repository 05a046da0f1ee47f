//! The login: what counts as the same address, who is slowed down, and when a session ends.

mod support;

use handler::store::Store;
use std::io::{Read, Write};
use std::process::Command;
use support::{DUISBURG, Server, filled};

const RIGHT: &str = "email=schultraeger-10054%40example.org&schultraegernummer=10054";
const WRONG: &str = "email=x%40example.org&schultraegernummer=10054";

/// A login through a web server that says where it comes from.
fn from(server: &Server, address: &str, fields: &str) -> (u16, Option<String>) {
    let request = format!(
        "POST /meldung/anmelden HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{fields}",
        fields.len()
    );
    let answer = server.send(request.as_bytes());
    (answer.status, answer.header("retry-after").map(str::to_owned))
}

fn database(server: &Server) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(&server.database).expect("the database");
    connection
        .busy_timeout(std::time::Duration::from_secs(5))
        .expect("a timeout");
    connection
}

/// Runs `register import` beside the running server, with changed lines in the list of Träger.
fn import(server: &Server, change: impl Fn(&str) -> String) {
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let folder = server.folder.path();
    let traeger = std::fs::read_to_string(demo.join("traeger.csv")).expect("the list");
    std::fs::write(folder.join("traeger.csv"), change(&traeger)).expect("a list");
    std::fs::copy(demo.join("schulen.csv"), folder.join("schulen.csv")).expect("a list");
    let config = format!(
        "site = \"site\"\ndatabase = {:?}\npublic_url = \"https://www.example.nrw\"\n",
        server.database
    );
    std::fs::write(folder.join("handler.toml"), config).expect("a configuration");
    let output = Command::new(env!("CARGO_BIN_EXE_handler"))
        .args(support::office::IMPORT)
        .current_dir(folder)
        .output()
        .expect("the handler runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_address_is_the_same_in_any_case_and_with_any_blanks_around_it() {
    let server = Server::start();
    import(&server, |list| {
        list.replace("schultraeger-10054@example.org", "  Schul-Ämter@KÖLN.example ")
    });
    for email in [
        "schul-%C3%A4mter%40k%C3%B6ln.example",                   // as it was registered
        "SCHUL-%C3%84MTER%40K%C3%96LN.EXAMPLE",                   // capital umlauts
        "schul-a%CC%88mter%40ko%CC%88ln.example",                 // umlauts of two characters, as a Mac writes them
        "%C2%A0schul-%C3%A4mter%40k%C3%B6ln.example%E3%80%80",    // a fixed and an ideographic blank
        "%E2%80%8Bschul-%C3%A4mter%40k%C3%B6ln.example%EF%BB%BF", // characters that nobody sees
    ] {
        for nummer in [
            "10054",
            "+100+54%C2%A0",
            "%EF%BC%91%EF%BC%90%EF%BC%90%EF%BC%95%EF%BC%94",
        ] {
            let answer = server.post_form(
                "/meldung/anmelden",
                "",
                &format!("email={email}&schultraegernummer={nummer}"),
            );
            assert_eq!(answer.status, 303, "{email} {nummer}");
        }
    }
    assert_eq!(
        server.post_form("/meldung/anmelden", "", RIGHT).status,
        403,
        "an address that is gone"
    );
}

#[test]
fn every_failure_leaves_the_same_trace() {
    let server = Server::start();
    let trace = |fields: &str| {
        let before = server.count("fehlversuch");
        let answer = server.post_form("/meldung/anmelden", "", fields);
        (
            answer.status,
            answer.header("set-cookie").map(str::to_owned),
            server.count("fehlversuch") - before,
        )
    };
    for fields in [
        WRONG,
        "email=schultraeger-10054%40example.org&schultraegernummer=99999",
        "email=schultraeger-10054%40example.org&schultraegernummer=10066",
        "email=&schultraegernummer=10054",
        "email=schultraeger-10054%40example.org",
        "",
    ] {
        assert_eq!(trace(fields), (403, None, 5), "{fields}");
    }
}

#[test]
fn a_throttle_survives_a_restart_and_ends_by_itself() {
    let server = Server::start();
    for _ in 0..10 {
        server.post_form("/meldung/anmelden", "", WRONG);
    }
    server.advance(100);
    let server = server.restart_with(|_| {});
    let answer = server.post_form("/meldung/anmelden", "", WRONG);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("800")));
    server.advance(800);
    assert_eq!(server.post_form("/meldung/anmelden", "", WRONG).status, 403);
}

#[test]
fn throttles_are_settable() {
    let server = Server::start_with(
        |config| {
            config.anmeldung.failures_per_address = 9;
            config.anmeldung.failures_per_email = 3;
            config.anmeldung.failures_per_nummer = 6;
        },
        std::path::Path::new("/bin/false"),
    );
    let fails = |email: u32, nummer: u32| {
        server
            .post_form(
                "/meldung/anmelden",
                "",
                &format!("email=x{email}%40example.org&schultraegernummer={nummer}"),
            )
            .status
    };
    assert_eq!(
        [fails(1, 1), fails(1, 2), fails(1, 3), fails(1, 4)],
        [403, 403, 403, 429],
        "one address"
    );
    assert_eq!(
        [
            fails(2, 1),
            fails(3, 1),
            fails(4, 1),
            fails(5, 1),
            fails(6, 1),
            fails(7, 1)
        ],
        [403, 403, 403, 403, 403, 429],
        "one number"
    );
    assert_eq!([fails(8, 5), fails(9, 6)], [403, 429], "one network");
}

#[test]
fn a_flood_from_many_networks_never_shuts_out_the_right_person_on_another() {
    let server = Server::start();
    for network in 1..=3 {
        for _ in 0..10 {
            assert_eq!(from(&server, &format!("203.0.113.{network}"), WRONG).0, 403);
        }
        assert_eq!(from(&server, &format!("203.0.113.{network}"), WRONG).0, 429);
    }
    assert_eq!(from(&server, "198.51.100.7", RIGHT).0, 303);
}

#[test]
fn nobody_is_locked_out_by_a_strangers_address_that_begins_with_the_own_network() {
    let server = Server::start();
    for typed in [
        "203.0.113.5+schultraeger-10054%40example.org",
        "203.0.113.5%00schultraeger-10054%40example.org",
    ] {
        let fields = format!("email={typed}&schultraegernummer=1");
        for _ in 0..10 {
            assert_eq!(from(&server, "198.51.100.7", &fields).0, 403);
        }
    }
    assert_eq!(from(&server, "203.0.113.5", RIGHT).0, 303);
}

#[test]
fn a_customer_with_many_ipv6_addresses_is_one_network() {
    let server = Server::start();
    for n in 0..10 {
        assert_eq!(from(&server, &format!("2001:db8:1:2::{n:x}"), WRONG).0, 403);
    }
    assert_eq!(from(&server, "2001:db8:1:2:ffff::1", WRONG).0, 429);
    assert_eq!(from(&server, "2001:db8:1:3::1", WRONG).0, 403);
}

#[test]
fn failed_logins_stand_nowhere_in_words_and_are_bounded_in_number() {
    let server = Server::start();
    server.post_form("/meldung/anmelden", "", WRONG);
    assert_eq!(
        server.query::<i64>("SELECT min(length(schluessel)) FROM fehlversuch"),
        32
    );
    let flood = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 250000)
                 INSERT INTO fehlversuch (schluessel, zeit) SELECT randomblob(32), 1795348800 FROM n";
    database(&server).execute(flood, []).expect("a flood");
    server.post_form("/meldung/anmelden", "", WRONG);
    assert_eq!(server.count("fehlversuch"), 200_000);
}

#[test]
fn a_new_login_ends_the_session_that_the_browser_had() {
    let server = Server::start();
    let old = server.log_in(DUISBURG);
    let answer = server.post_form("/meldung/anmelden", &old, RIGHT);
    let new = answer.cookie("sitzung").expect("a session");
    assert_ne!(old, new);
    assert_eq!(server.get("/meldung/", &old).status, 303);
    assert_eq!(server.get("/meldung/", &new).status, 200);
    assert_eq!(server.count("sitzung"), 1);
}

#[test]
fn many_logins_of_others_end_no_session_that_is_used_or_in_which_an_upload_waits() {
    let server = Server::start();
    let reads = server.log_in("10039");
    let waits = server.log_in("10039");
    assert_eq!(server.upload(&waits, &server.own_form(&waits)).status, 422);
    for _ in 0..40 {
        server.advance(10);
        assert_eq!(server.get("/meldung/", &reads).status, 200);
        server.log_in("10039");
    }
    assert_eq!(server.count("sitzung"), 20);
    assert_eq!(server.count("wartend"), 1);
    assert_eq!(server.get("/meldung/", &waits).status, 200);
}

#[test]
fn a_token_has_256_bits_and_only_its_hash_is_kept() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let token = cookie.strip_prefix("sitzung=").expect("a token");
    assert!(
        token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit()),
        "{token}"
    );
    let kept: Vec<u8> = server.query("SELECT token_hash FROM sitzung");
    use sha2::{Digest, Sha256};
    assert_eq!(kept, Sha256::digest(token.as_bytes()).to_vec());
}

#[test]
fn a_session_ends_after_thirty_minutes_exactly() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    for pause in [1799, 7, 1799] {
        server.advance(pause);
        assert_eq!(server.get("/meldung/", &cookie).status, 200, "after {pause} seconds");
    }
    server.advance(1800);
    assert_eq!(server.get("/meldung/", &cookie).status, 303);
}

#[test]
fn a_page_says_when_the_session_will_end() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let page = server.get("/meldung/", &cookie);
    assert!(
        page.body().contains("endet die Anmeldung um 13:30 Uhr"),
        "{}",
        page.body()
    );
    assert!(page.body().contains("data-sekunden=\"1800\""));
}

#[test]
fn a_session_ends_after_eight_hours_however_busy() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    for _ in 0..32 {
        assert_eq!(server.get("/meldung/", &cookie).status, 200);
        server.advance(15 * 60);
    }
    assert_eq!(server.get("/meldung/", &cookie).status, 303);
}

#[test]
fn a_session_survives_a_restart() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let server = server.restart_with(|_| {});
    assert_eq!(server.get("/meldung/", &cookie).status, 200);
}

#[test]
fn a_session_ends_when_the_register_no_longer_names_its_address() {
    let server = Server::start();
    let (duisburg, other) = (server.log_in(DUISBURG), server.log_in("10066"));
    import(&server, str::to_owned);
    assert_eq!(server.get("/meldung/", &duisburg).status, 200, "nothing has changed");
    import(&server, |list| {
        list.replace("schultraeger-10054@example.org", "neu@duisburg.example")
    });
    assert_eq!(server.get("/meldung/", &duisburg).status, 303);
    assert_eq!(server.get("/meldung/", &other).status, 200, "somebody else's");
}

#[test]
fn a_blocked_address_ends_its_sessions_and_stays_out_after_the_next_import() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    database(&server)
        .execute("UPDATE adresse SET gesperrt = 1 WHERE traeger = '10054'", [])
        .expect("a block");
    assert_eq!(server.get("/meldung/", &cookie).status, 303);
    assert_eq!(server.post_form("/meldung/anmelden", "", RIGHT).status, 403);
    import(&server, str::to_owned);
    assert_eq!(server.post_form("/meldung/anmelden", "", RIGHT).status, 403);
}

#[test]
fn a_session_ends_in_the_middle_of_an_upload_when_its_address_goes() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let file = filled(&server.own_form(&cookie), 48, "12345.67");
    let body = support::multipart("cb-2026", &file);
    let head = format!(
        "POST /meldung/hochladen HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=grenze\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = std::net::TcpStream::connect(server.address).expect("a connection");
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(&body[..body.len() - 10]).expect("sent");
    database(&server)
        .execute("DELETE FROM adresse WHERE traeger = '10054'", [])
        .expect("a removal");
    stream.write_all(&body[body.len() - 10..]).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(server.count("meldung"), 0);
}

#[test]
fn logging_out_clears_the_cookie() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let answer = server.post_form("/meldung/abmelden", &cookie, "");
    let cleared = answer.header("set-cookie").expect("a cookie");
    assert_eq!(cleared, "sitzung=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

#[test]
fn a_store_that_is_opened_twice_keeps_one_key_for_its_counts() {
    let server = Server::start();
    for _ in 0..9 {
        server.post_form("/meldung/anmelden", "", WRONG);
    }
    drop(Store::open(&server.database).expect("the database"));
    assert_eq!(server.post_form("/meldung/anmelden", "", WRONG).status, 403);
    assert_eq!(server.post_form("/meldung/anmelden", "", WRONG).status, 429);
}

#[test]
fn every_page_of_a_session_offers_to_end_it() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = server.own_form(&cookie);
    let accepted = server.upload(&cookie, &filled(&form, 48, "12345.67"));
    let eingang = accepted.header("location").expect("an Eingangsbestätigung").to_owned();
    for page in [
        server.get("/meldung/", &cookie),
        server.upload(&cookie, &form),
        server.get(&eingang, &cookie),
    ] {
        assert!(page.body().contains("action=\"/meldung/abmelden\""), "{}", page.body());
    }
}
