//! What attack scripts send, straight at the handler and through nginx as the generator configures it.

#[path = "../support/mod.rs"]
mod support;
mod table;

use support::{Server, exchange};
use table::attacks;

#[test]
fn every_shape_is_answered_once_and_nothing_is_smuggled_past_us() {
    let server = Server::start();
    let mut wrong = Vec::new();
    for attack in attacks() {
        let expected_logins = attack.answers.iter().skip(1).filter(|status| **status == 303).count();
        let before = server.count("sitzung");
        let answers = exchange(server.address, &attack.bytes);
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        if statuses != attack.answers {
            wrong.push(format!("{}: {statuses:?} instead of {:?}", attack.name, attack.answers));
        }
        for answer in &answers {
            assert_eq!(
                answer.header("x-content-type-options"),
                Some("nosniff"),
                "{}",
                attack.name
            );
        }
        let logins = server.count("sitzung") - before;
        assert!(logins as usize <= expected_logins, "{}", attack.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(server.get("/meldung/nichts", "").status, 404, "the server lives on");
}
