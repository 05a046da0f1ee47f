//! Many Träger at once: each is answered, and nothing is lost.

mod support;

use std::collections::BTreeSet;
use support::query;
use support::rush::{clerks, evening};
use support::service::Service;

#[test]
fn when_many_upload_at_once_each_is_answered_and_nothing_is_lost() {
    rush(16);
}

#[test]
#[ignore = "143 uploads twice"]
fn when_all_traeger_upload_at_once_each_is_answered_and_nothing_is_lost() {
    assert_eq!(rush(usize::MAX), 143);
}

fn rush(at_most: usize) -> usize {
    let service = Service::start();
    let clerks = clerks(&service, at_most);
    let mut nummern = BTreeSet::new();
    for evening in evening(&service, &clerks) {
        let (findings, _) = evening.faulty;
        assert_eq!(findings.status, 422, "{}", findings.body());
        assert!(!findings.data("zellen").is_empty(), "{}", findings.body());
        let (accepted, _) = evening.clean;
        assert_eq!(accepted.status, 303, "{}", accepted.body());
        let place = accepted.header("location").expect("a place");
        nummern.insert(place.rsplit('/').next().expect("a number").to_owned());
    }
    assert_eq!(nummern.len(), clerks.len(), "each has a Vorgangsnummer of its own");
    for nummer in &nummern {
        let sql = format!("SELECT count(*) FROM meldung_gueltig WHERE nummer = '{nummer}'");
        assert_eq!(query::<i64>(&service.database, &sql), 1, "{nummer}");
    }
    assert_eq!(
        query::<i64>(&service.database, "SELECT count(*) FROM meldung") as usize,
        clerks.len()
    );
    assert_eq!(query::<i64>(&service.database, "SELECT count(*) FROM wartend"), 0);
    assert_eq!(query::<String>(&service.database, "PRAGMA integrity_check"), "ok");
    clerks.len()
}
