//! What strangers type, name and register is shown as text and looked up as text, wherever it turns up.

mod support;

use form::testing::{Typed, fill};
use rusqlite::Connection;
use support::{Server, filled};

/// A Träger with one school.
const SMALL: &str = "10039";
const SCRIPT: &str = "<script>alert(1)</script>{{ 7 * 7 }}";
const AS_TEXT: &str = "&lt;script&gt;alert(1)&lt;";

/// Shown as it was typed, neither run by a browser nor by the template.
fn assert_is_text(page: &str) {
    assert!(page.contains(AS_TEXT), "{page}");
    assert!(page.contains("{{ 7 * 7 }}"), "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
}

#[test]
fn cells_and_file_names_are_shown_as_text() {
    let server = Server::start();
    let cookie = server.log_in(SMALL);
    let form = filled(&server.own_form(&cookie), 1, "9000.01");
    let wrong = fill(&form, "Schulen", &[("H5", Typed::Text(SCRIPT))]);
    let findings = server.upload(&cookie, &wrong);
    assert_eq!(findings.status, 422);
    assert_is_text(&findings.body());

    let body = String::from_utf8_lossy(&support::multipart("cb-2026", b"{datei}")).replace("meine.xlsx", SCRIPT);
    let (before, after) = body.split_once("{datei}").expect("a file");
    let upload = [before.as_bytes(), &wrong, after.as_bytes()].concat();
    let named = server.post(
        "/meldung/hochladen",
        &cookie,
        "multipart/form-data; boundary=grenze",
        &upload,
    );
    assert_eq!(named.status, 422);
    assert!(
        named.body().matches(AS_TEXT).count() > findings.body().matches(AS_TEXT).count(),
        "the name is shown"
    );
    assert_is_text(&named.body());
}

#[test]
fn names_of_the_register_and_what_was_typed_to_log_in_are_shown_as_text() {
    let server = Server::start();
    let database = Connection::open(&server.database).expect("the database");
    for table in ["traeger", "runde_traeger"] {
        let renamed = database.execute(
            &format!("UPDATE {table} SET name = ? WHERE nummer = ?"),
            [SCRIPT, SMALL],
        );
        assert_eq!(renamed.expect("another name"), 1);
    }
    let cookie = server.log_in(SMALL);
    assert_is_text(&server.get("/meldung/", &cookie).body());
    let accepted = server.upload(&cookie, &filled(&server.own_form(&cookie), 1, "9000.01"));
    let paper = accepted.header("location").expect("a place");
    assert_is_text(&server.get(paper, &cookie).body());

    let typed = "%3Cscript%3Ealert(1)%3C/script%3E%7B%7B%207%20*%207%20%7D%7D";
    let refused = server.post_form(
        "/meldung/anmelden",
        "",
        &format!("email={typed}&schultraegernummer={SMALL}"),
    );
    assert_eq!(refused.status, 403);
    assert_is_text(&refused.body());
}

#[test]
fn no_statement_is_made_of_what_was_typed() {
    let server = Server::start();
    let before = server.count("traeger");
    for typed in ["'%20OR%201=1%20--", "x';DROP%20TABLE%20traeger;--", "%25", "_@_"] {
        for fields in [
            format!("email={typed}&schultraegernummer={SMALL}"),
            format!("email=schultraeger-{SMALL}%40example.org&schultraegernummer={typed}"),
        ] {
            assert_eq!(
                server.post_form("/meldung/anmelden", "", &fields).status,
                403,
                "{fields}"
            );
        }
    }
    assert_eq!(server.count("traeger"), before);
    let cookie = server.log_in(SMALL);
    let form = server.own_form(&cookie);
    for runde in ["' OR 1=1 --", "cb-2026' --", "%"] {
        assert_eq!(server.upload_to(runde, &cookie, &form).status, 404, "{runde}");
    }
}
