//! The two logs after a run of everything: what each may say, and what neither does.

mod support;

use form::testing::{Typed, fill};
use handler::clock::Clock;
use handler::config::{Protokoll, Ziel};
use handler::protokoll::Protokolle;
use std::path::Path;
use support::service::Service;
use support::{DUISBURG, Server, filled};

#[test]
fn the_logs_hold_nothing_that_was_typed_sent_or_secret_and_nothing_that_joins_them() {
    let logs = tempfile::tempdir().expect("a folder");
    let protokoll = Protokoll {
        zugriffe: Ziel::Ordner(logs.path().join("zugriffe")),
        ereignisse: Ziel::Ordner(logs.path().join("ereignisse")),
    };
    let config = protokoll.clone();
    let server = Server::start_with(
        |config| config.protokoll = protokoll,
        Path::new(env!("CARGO_BIN_EXE_handler")),
    );
    let site = server.folder.path().join("site");
    let events = Protokolle::open(&config, &site).expect("the logs");
    events.collect_events(Clock::System);

    let cookie = server.log_in(DUISBURG);
    server.post_form(
        "/meldung/anmelden",
        "",
        "email=geheim%40example.org&schultraegernummer=10054",
    );
    server.get("/meldung/geheimer-pfad?geheim=1", &cookie);
    server.get("/meldung/", &cookie);
    let form = filled(&server.own_form(&cookie), 48, "12345.67");
    let faulty = server.upload(
        &cookie,
        &fill(&form, "Schulen", &[("H14", Typed::Text("geheime Zelle"))]),
    );
    assert_eq!(faulty.status, 422);
    server.upload(&cookie, b"geheimer Text");
    server.upload_to("geheime-runde", &cookie, &form);
    let received = server.upload(&cookie, &form);
    let eingang = received.header("location").expect("a location").to_owned();
    assert_eq!(server.get(&eingang, &cookie).status, 200);
    server.send(b"GET /geheim\0 HTTP/1.1\r\n\r\n");
    server.send(format!("GET /meldung/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 203.0.113.77\r\nUser-Agent: geheim\r\nCookie: {cookie}\r\n\r\n").as_bytes());
    server.post_form("/meldung/abmelden", &cookie, "");

    assert_eq!(
        all_files(&logs.path().join("ereignisse")),
        "",
        "a quarter of an hour is held back"
    );
    events.finish();
    let zugriffe = all_files(&logs.path().join("zugriffe"));
    let ereignisse = all_files(&logs.path().join("ereignisse"));
    let token = cookie.split_once('=').expect("a cookie").1;
    for (log, text) in [("zugriffe", &zugriffe), ("ereignisse", &ereignisse)] {
        for planted in ["geheim", "example.org", "meine.xlsx", "12345", token] {
            assert!(!text.to_lowercase().contains(planted), "{planted} in {log}: {text}");
        }
        for line in text.lines() {
            serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON");
        }
    }
    let nummer = eingang
        .rsplit('/')
        .next()
        .and_then(|name| name.split('?').next())
        .expect("a number");
    assert!(!zugriffe.contains(DUISBURG) && !zugriffe.contains(nummer), "{zugriffe}");
    assert!(
        !ereignisse.contains("203.0.113") && !ereignisse.contains("127.0.0.1"),
        "{ereignisse}"
    );

    let keys = |text: &str| {
        let mut keys: Vec<String> = text.lines().flat_map(keys_of).collect();
        keys.sort();
        keys.dedup();
        keys
    };
    assert_eq!(
        keys(&zugriffe),
        ["adresse", "bytes", "dauer_ms", "methode", "route", "status", "zeit"]
    );
    assert!(
        zugriffe.contains("\"route\":\"hochladen\"") && zugriffe.contains("\"adresse\":\"203.0.113.77\""),
        "{zugriffe}"
    );
    assert!(
        zugriffe
            .lines()
            .any(|line| line.contains("\"route\":\"keine\"") && line.contains("\"status\":400"))
    );
    assert!(
        ereignisse.contains("\"kind\":\"examination\"") && ereignisse.contains("\"codes\":\"V2\""),
        "{ereignisse}"
    );
    assert!(
        ereignisse.contains(&format!("\"traeger\":\"{DUISBURG}\"")),
        "{ereignisse}"
    );
    assert!(
        ereignisse.lines().any(
            |line| line.contains("\"kind\":\"anmeldung\"") && line.contains(&format!("\"traeger\":\"{DUISBURG}\""))
        ),
        "{ereignisse}"
    );
    for line in ereignisse.lines() {
        let quarter = [":00:00+", ":15:00+", ":30:00+", ":45:00+"];
        assert!(quarter.iter().any(|time| line.contains(time)), "too exact: {line}");
    }
}

#[test]
fn the_order_of_events_leads_to_no_address_and_none_is_lost_when_the_service_is_told_to_end() {
    let mut service = Service::start_with("[protokoll]\nzugriffe = \"protokoll\"\nereignisse = \"protokoll\"\n");
    // Against the order of the numbers, one of them twice.
    let logged_in = ["10390", DUISBURG, "10039", DUISBURG];
    for nummer in logged_in {
        service.log_in(nummer);
    }
    let written = |service: &Service| all_files(&service.folder().join("protokoll"));
    assert!(!written(&service).contains("\"kind\""), "written at once");
    service.end();
    let text = written(&service);
    let logins = text.lines().filter(|line| line.contains("\"kind\":\"anmeldung\""));
    let by_rank: Vec<&str> = logins
        .filter_map(|line| line.split("\"traeger\":\"").nth(1)?.split('"').next())
        .collect();
    assert_eq!(by_rank, ["10039", DUISBURG, DUISBURG, "10390"], "{text}");
    assert_eq!(text.matches("\"route\":\"anmelden\"").count(), 4, "{text}");
}

fn all_files(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).expect("the folder");
    files
        .map(|entry| std::fs::read_to_string(entry.expect("a file").path()).expect("a log"))
        .collect()
}

fn keys_of(line: &str) -> Vec<String> {
    let value: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).expect("an object");
    value.keys().cloned().collect()
}
