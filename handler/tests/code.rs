//! The second step of the login: a code in the mailbox.

mod support;

use handler::config::{Config, Mail};
use std::path::{Path, PathBuf};
use support::post::{Letter, letters, until};
use support::{Answer, DUISBURG, Server};

const KNOWN: &str = "email=schultraeger-10054%40example.org&schultraegernummer=10054";
const UNKNOWN: &str = "email=schultraeger-10066%40example.org&schultraegernummer=10054";

/// A handler that mails codes into a folder.
struct WithCode {
    server: Server,
    post: PathBuf,
}

impl WithCode {
    fn start() -> WithCode {
        WithCode::start_with(|_| {})
    }

    fn start_with(change: impl FnOnce(&mut Config)) -> WithCode {
        let server = Server::start_with(
            |config| {
                let post = config.database.with_file_name("post");
                config.anmeldung.code_per_mail = true;
                config.mail = Some(Mail::for_trying_out(post));
                change(config);
            },
            Path::new(env!("CARGO_BIN_EXE_handler")),
        );
        let post = server.database.with_file_name("post");
        WithCode { server, post }
    }

    /// Types a pair of address and number; gives the cookie of the login that waits.
    fn begin(&self, pair: &str) -> String {
        let answer = self.server.post_form("/meldung/anmelden", "", pair);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/meldung/code")));
        answer.cookie("anmeldung").expect("a cookie")
    }

    /// Begins a login of Duisburg and waits for its mail, the only one so far.
    fn begin_known(&self) -> (String, Letter) {
        let cookie = self.begin(KNOWN);
        (cookie, letters(&self.post, 1).remove(0))
    }

    fn enter(&self, cookie: &str, code: &str) -> Answer {
        self.server.post_form("/meldung/code", cookie, &format!("code={code}"))
    }
}

/// Some other code.
fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().expect("digits") + 1) % 1_000_000)
}

#[test]
fn the_code_from_the_mail_completes_the_login_once() {
    let with = WithCode::start();
    let (cookie, letter) = with.begin_known();
    assert_eq!(letter.to, "schultraeger-10054@example.org");
    assert!(
        letter.head.contains("Auto-Submitted: auto-generated"),
        "{}",
        letter.head
    );
    assert_eq!(with.server.get("/meldung/", &cookie).status, 303, "not logged in yet");
    let code = letter.code();
    let answer = with.enter(&cookie, &format!("+{}+{}", &code[..3], &code[3..]));
    assert_eq!((answer.status, answer.header("location")), (303, Some("/meldung/")));
    let sitzung = answer.cookie("sitzung").expect("a session");
    assert_eq!(answer.cookie("anmeldung").as_deref(), Some("anmeldung="));
    assert!(with.server.get("/meldung/", &sitzung).body().contains("Stadt Duisburg"));
    assert_eq!(with.enter(&cookie, &code).status, 403, "a code is good for one login");
}

#[test]
fn whether_a_pair_is_known_shows_only_in_the_mailbox() {
    let with = WithCode::start();
    let tables = ["anmeldecode", "fehlversuch", "sitzung"];
    let trace = |pair: &str| {
        let before = tables.map(|table| with.server.count(table));
        let answer = with.server.post_form("/meldung/anmelden", "", pair);
        let rows: Vec<i64> = tables
            .iter()
            .zip(before)
            .map(|(table, n)| with.server.count(table) - n)
            .collect();
        let cookie = answer.cookie("anmeldung").expect("a cookie");
        let page = with.server.get("/meldung/code", &cookie);
        let tried = with.enter(&cookie, "000000x");
        let wrong = with.enter(&cookie, "000000");
        let again = with.server.post_form("/meldung/code", &cookie, "neu=1");
        let attributes = answer
            .header("set-cookie")
            .and_then(|line| line.split_once(';'))
            .map(|(_, rest)| rest.to_owned());
        (
            (
                answer.status,
                answer.header("location").map(str::to_owned),
                attributes,
                cookie.len(),
                rows,
            ),
            (page.status, page.body()),
            (tried.status, tried.body()),
            (wrong.status, wrong.body()),
            (
                again.status,
                again.header("retry-after").map(str::to_owned),
                again.body(),
            ),
        )
    };
    let unknown = trace(UNKNOWN);
    assert_eq!(unknown.0.4, [1, 5, 0]);
    assert_eq!(unknown.1.0, 200);
    assert_eq!(unknown, trace(KNOWN));
    until("the outbox is empty", || with.server.count("ausgang") == 0);
    let receivers: Vec<String> = letters(&with.post, 1).into_iter().map(|letter| letter.to).collect();
    assert_eq!(receivers, ["schultraeger-10054@example.org"]);
    let alike = "SELECT count(DISTINCT length(code_hash)) * 10 + count(code_hash) FROM anmeldecode";
    assert_eq!(with.server.query::<i64>(alike), 12, "each waits for a code of its own");
}

#[test]
fn five_wrong_codes_end_it_for_known_and_unknown_alike() {
    let with = WithCode::start();
    let (cookie, letter) = with.begin_known();
    let tries = |cookie: &str, code: &str| {
        (0..6)
            .map(|_| {
                let answer = with.enter(cookie, code);
                (answer.status, answer.body())
            })
            .collect::<Vec<_>>()
    };
    let known = tries(&cookie, &wrong(&letter.code()));
    assert!(known[0].1.contains("noch vier Versuche") && known[3].1.contains("noch einen Versuch"));
    assert!(known[4].1.contains("Dieser Code gilt nicht mehr"), "{}", known[4].1);
    assert_eq!(known, tries(&with.begin(UNKNOWN), "123456"));
    assert_eq!(
        with.enter(&cookie, &letter.code()).status,
        403,
        "the right code comes too late"
    );
}

#[test]
fn a_code_ends_after_ten_minutes() {
    let with = WithCode::start();
    let (cookie, letter) = with.begin_known();
    with.server.advance(599);
    assert_eq!(with.server.get("/meldung/code", &cookie).status, 200);
    with.server.advance(1);
    assert_eq!(
        with.server.get("/meldung/code", &cookie).header("location"),
        Some("/berichtstool/#keine-sitzung")
    );
    assert!(
        with.enter(&cookie, &letter.code())
            .body()
            .contains("Dieser Code gilt nicht mehr")
    );
}

#[test]
fn another_mail_comes_after_a_minute_and_only_its_code_counts() {
    let with = WithCode::start();
    let (cookie, first) = with.begin_known();
    let another = || with.server.post_form("/meldung/code", &cookie, "neu=1");
    with.server.advance(20);
    let too_soon = another();
    assert_eq!((too_soon.status, too_soon.header("retry-after")), (429, Some("40")));
    with.server.advance(40);
    assert_eq!(another().header("location"), Some("/meldung/code#unterwegs"));
    let second = letters(&with.post, 2).remove(1);
    if first.code() != second.code() {
        assert_eq!(with.enter(&cookie, &first.code()).status, 403);
    }
    with.server.advance(60);
    assert_eq!(another().status, 303);
    let third = letters(&with.post, 3).remove(2);
    with.server.advance(60);
    let enough = another();
    assert!(
        enough.status == 429 && enough.body().contains("Mehr als 3 E-Mails"),
        "{}",
        enough.body()
    );
    assert_eq!(with.enter(&cookie, &third.code()).status, 303);
}

#[test]
fn no_code_stands_in_the_database() {
    let with = WithCode::start();
    let (_, letter) = with.begin_known();
    let database = rusqlite::Connection::open(&with.server.database).expect("the database");
    for table in ["anmeldecode", "ausgang", "fehlversuch"] {
        let mut rows = database.prepare(&format!("SELECT * FROM {table}")).expect("a table");
        let columns = rows.column_count();
        let mut rows = rows.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            for column in 0..columns {
                let value = row.get_ref(column).expect("a value");
                let bytes = value.as_bytes_or_null().unwrap_or_default().unwrap_or_default();
                let code = letter.code();
                assert!(!bytes.windows(6).any(|window| window == code.as_bytes()), "{table}");
            }
        }
    }
    assert_eq!(
        with.server.query::<i64>("SELECT length(code_hash) FROM anmeldecode"),
        32
    );
}

#[test]
fn a_code_belongs_to_the_browser_that_asked_for_it() {
    let with = WithCode::start();
    let (_, letter) = with.begin_known();
    let stranger = with.begin(KNOWN);
    assert_eq!(with.enter(&stranger, &letter.code()).status, 403);
    assert_eq!(with.enter("", &letter.code()).status, 403);
}

#[test]
fn logins_that_never_get_their_code_are_throttled_and_those_that_do_are_not() {
    let with = WithCode::start();
    for n in 1..=12 {
        let cookie = with.begin(KNOWN);
        let letter = letters(&with.post, n).into_iter().next_back().expect("a mail");
        assert_eq!(with.enter(&cookie, &letter.code()).status, 303, "login {n}");
        with.server.advance(1);
    }
    for _ in 0..10 {
        with.begin(UNKNOWN);
    }
    let throttled = with.server.post_form("/meldung/anmelden", "", UNKNOWN);
    assert_eq!((throttled.status, throttled.header("retry-after")), (429, Some("900")));
    assert_eq!(throttled.header("set-cookie"), None);
}

#[test]
fn a_wrong_code_counts_against_the_network_it_comes_from() {
    let with = WithCode::start_with(|config| config.anmeldung.failures_per_address = 4);
    let (cookie, letter) = with.begin_known();
    for _ in 0..3 {
        assert_eq!(with.enter(&cookie, &wrong(&letter.code())).status, 403);
    }
    assert_eq!(with.enter(&cookie, &letter.code()).status, 429);
    with.server.advance(300);
    assert_eq!(with.enter(&cookie, &letter.code()).status, 429);
}

#[test]
fn a_blocked_address_gets_no_code_and_the_one_under_way_ends() {
    let with = WithCode::start();
    let (cookie, letter) = with.begin_known();
    let database = rusqlite::Connection::open(&with.server.database).expect("the database");
    database
        .execute("UPDATE adresse SET gesperrt = 1 WHERE traeger = ?", [DUISBURG])
        .expect("a block");
    assert_eq!(with.enter(&cookie, &letter.code()).status, 403);
    with.begin(KNOWN);
    until("the outbox is empty", || with.server.count("ausgang") == 0);
    assert_eq!(letters(&with.post, 1).len(), 1);
}

#[test]
fn without_the_switch_there_is_no_page_for_codes() {
    let server = Server::start();
    assert_eq!(server.get("/meldung/code", "").status, 404);
    assert_eq!(server.post_form("/meldung/code", "", "code=123456").status, 404);
}

#[test]
fn the_page_for_codes_takes_get_and_post_and_nothing_from_elsewhere() {
    let with = WithCode::start();
    let put = with
        .server
        .send(b"PUT /meldung/code HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assert_eq!((put.status, put.header("allow")), (405, Some("GET, HEAD, POST")));
    let foreign = with.server.send(
        b"POST /meldung/code HTTP/1.1\r\nHost: x\r\nConnection: close\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n",
    );
    assert!(foreign.body().contains("anderen Website"));
    let page = with.server.get("/meldung/code", &with.begin(KNOWN)).body();
    for part in [
        "autocomplete=\"one-time-code\"",
        "inputmode=\"numeric\"",
        "10 Minuten",
        "name=\"neu\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn behind_https_the_cookie_of_a_login_is_bound_to_the_host_too() {
    let with = WithCode::start_with(|config| config.public_url = "https://www.example.nrw".to_owned());
    let answer = with.server.post_form("/meldung/anmelden", "", KNOWN);
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("__Host-anmeldung="), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"),
        "{cookie}"
    );
}
