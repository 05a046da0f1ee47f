//! Who gets in, and what every answer carries.

mod support;

use handler::store::Store;
use support::{DUISBURG, Server, filled};

#[test]
fn every_failed_login_gets_the_same_answer() {
    let server = Server::start();
    let try_login = |email: &str, nummer: &str| {
        let answer = server.post_form(
            "/meldung/anmelden",
            "",
            &format!("email={email}&schultraegernummer={nummer}"),
        );
        let body = answer.body().replace(email, "").replace(nummer, "");
        (answer.status, answer.header("set-cookie").map(str::to_owned), body)
    };
    let unknown_number = try_login("schultraeger-10054", "99999");
    assert_eq!(unknown_number.0, 403);
    assert_eq!(unknown_number.1, None);
    assert_eq!(unknown_number, try_login("schultraeger-10066", "10054"));
}

#[test]
fn case_and_blanks_do_not_matter() {
    let server = Server::start();
    let answer = server.post_form(
        "/meldung/anmelden",
        "",
        "email=+Schultraeger-10054%40EXAMPLE.org+&schultraegernummer=100+54",
    );
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), Some("/meldung/"));
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(
        cookie.starts_with("sitzung=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
}

#[test]
fn behind_https_the_cookie_is_bound_to_the_host() {
    let server = Server::start_with(
        |config| config.public_url = "https://www.example.nrw".to_owned(),
        std::path::Path::new("/bin/false"),
    );
    let answer = server.post_form(
        "/meldung/anmelden",
        "",
        "email=schultraeger-10054%40example.org&schultraegernummer=10054",
    );
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(
        cookie.starts_with("__Host-sitzung=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    assert!(answer.header("strict-transport-security").is_some());
}

#[test]
fn too_many_failures_are_slowed_down_and_time_heals() {
    let server = Server::start();
    let wrong = "email=x%40example.org&schultraegernummer=10054";
    for _ in 0..10 {
        assert_eq!(server.post_form("/meldung/anmelden", "", wrong).status, 403);
    }
    let answer = server.post_form("/meldung/anmelden", "", wrong);
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), Some("900"));
    server.log_in(DUISBURG);
    server.advance(901);
    assert_eq!(server.post_form("/meldung/anmelden", "", wrong).status, 403);
}

#[test]
fn without_a_session_pages_lead_to_the_login_and_forms_are_refused() {
    let server = Server::start();
    for path in ["/meldung/", "/meldung/formular/cb-2026.xlsx", "/meldung/eingang/X"] {
        let answer = server.get(path, "sitzung=falsch");
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/berichtstool/#keine-sitzung")),
            "{path}"
        );
    }
    assert_eq!(server.post_form("/meldung/abmelden", "", "").status, 403);
}

#[test]
fn sessions_end_by_logout_by_idling_and_after_eight_hours() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    assert_eq!(
        server.post_form("/meldung/abmelden", &cookie, "").header("location"),
        Some("/berichtstool/")
    );
    assert_eq!(server.get("/meldung/", &cookie).status, 303);

    let cookie = server.log_in(DUISBURG);
    server.advance(29 * 60);
    assert_eq!(server.get("/meldung/", &cookie).status, 200);
    server.advance(31 * 60);
    assert_eq!(server.get("/meldung/", &cookie).status, 303);

    let cookie = server.log_in(DUISBURG);
    for _ in 0..16 {
        server.advance(29 * 60);
        assert_eq!(server.get("/meldung/", &cookie).status, 200);
    }
    server.advance(29 * 60);
    assert_eq!(server.get("/meldung/", &cookie).status, 303);
}

#[test]
fn nobody_sees_another_ones_eingangsbestaetigung() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let answer = server.upload(&cookie, &filled(&server.own_form(&cookie), 48, "12345.67"));
    let location = answer.header("location").expect("a location");
    assert_eq!(server.get(location, &cookie).status, 200);
    assert_eq!(server.get(location, &server.log_in("10066")).status, 404);
}

#[test]
fn checks_come_in_their_order() {
    let server = Server::start();
    assert_eq!(server.get("/meldung/gibt-es-nicht", "").status, 404);
    let answer = server.get("/meldung/hochladen", "");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert_eq!(server.post_form("/meldung/", "", "").header("allow"), Some("GET, HEAD"));
    let foreign = |header: &str| {
        let request = format!(
            "POST /meldung/abmelden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\nContent-Length: 0\r\n\r\n"
        );
        server.send(request.as_bytes()).body()
    };
    assert!(foreign("Sec-Fetch-Site: cross-site").contains("anderen Website"));
    assert!(foreign("Origin: https://evil.example").contains("anderen Website"));
    assert!(foreign("Origin: http://127.0.0.1:8000").contains("nicht mehr angemeldet"));
    assert!(foreign("Sec-Fetch-Site: same-origin\r\nOrigin: null").contains("nicht mehr angemeldet"));
}

#[test]
fn every_answer_is_protected_and_never_cached() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    for answer in [
        server.get("/meldung/", &cookie),
        server.get("/meldung/nichts", ""),
        server.get("/meldung/", ""),
    ] {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert!(
            answer
                .header("content-security-policy")
                .is_some_and(|policy| policy.starts_with("default-src 'none'"))
        );
    }
}

#[test]
fn the_overview_shows_what_is_open_and_what_came_in() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let before = server.get("/meldung/", &cookie).body();
    assert!(
        before.contains("Stadt Duisburg")
            && before.contains("21. Januar 2027")
            && before.contains("/meldung/formular/cb-2026.xlsx"),
        "{before}"
    );
    server.upload(&cookie, &filled(&server.own_form(&cookie), 48, "12345.67"));
    let nummer: String = server.query("SELECT nummer FROM meldung");
    assert!(
        server
            .get("/meldung/", &cookie)
            .body()
            .contains(&format!("/meldung/eingang/{nummer}"))
    );
}

#[test]
fn what_has_outlived_its_period_is_deleted() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    server.upload(&cookie, &server.own_form(&cookie));
    server.post_form(
        "/meldung/anmelden",
        "",
        "email=x%40example.org&schultraegernummer=10054",
    );
    assert_eq!(
        (
            server.count("sitzung"),
            server.count("wartend"),
            server.count("fehlversuch")
        ),
        (1, 1, 5)
    );
    let later = handler::clock::Moment::parse("2026-11-23T12:00:01Z").expect("a time");
    Store::open(&server.database)
        .expect("the database")
        .forget(later)
        .expect("forgetting");
    assert_eq!(
        (
            server.count("sitzung"),
            server.count("wartend"),
            server.count("fehlversuch")
        ),
        (0, 0, 0)
    );
}
