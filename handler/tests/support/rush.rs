//! The last evening: every Träger at once, each with a faulty upload and then a clean one.
#![allow(dead_code)] // Each test file uses its part.

use super::service::Service;
use super::{Answer, Client, filled, upload_request};
use rusqlite::Connection;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// A Träger that has logged in and filled its form.
pub struct Clerk {
    pub cookie: String,
    faulty: Vec<u8>,
    clean: Vec<u8>,
}

/// What a clerk got: the answers and how long each took.
pub struct Evening {
    pub faulty: (Answer, Duration),
    pub clean: (Answer, Duration),
}

/// All Träger of the Runde that report for at least one school, at most so many, ready to upload.
pub fn clerks(service: &Service, at_most: usize) -> Vec<Clerk> {
    let connection = Connection::open(&service.database).expect("the database");
    let sql = "SELECT meldet, count(*) FROM runde_schule GROUP BY meldet ORDER BY meldet";
    let mut statement = connection.prepare(sql).expect("a statement");
    let alle_traeger = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)? as usize)))
        .expect("rows");
    alle_traeger
        .take(at_most)
        .map(|traeger| {
            let (nummer, schulen) = traeger.expect("a row");
            let cookie = service.log_in(&nummer);
            let form = service.own_form(&cookie);
            Clerk {
                cookie,
                faulty: filled(&form, schulen, "-1"),
                clean: filled(&form, schulen, "9000.01"),
            }
        })
        .collect()
}

/// All of them press the button at the same moment; whoever has the findings sends the clean file at once.
pub fn evening(client: &Client, clerks: &[Clerk]) -> Vec<Evening> {
    let start = Barrier::new(clerks.len());
    std::thread::scope(|scope| {
        let evenings: Vec<_> = clerks
            .iter()
            .map(|clerk| {
                scope.spawn(|| {
                    start.wait();
                    Evening {
                        faulty: upload(client, clerk, &clerk.faulty),
                        clean: upload(client, clerk, &clerk.clean),
                    }
                })
            })
            .collect();
        evenings
            .into_iter()
            .map(|evening| evening.join().expect("a clerk"))
            .collect()
    })
}

fn upload(client: &Client, clerk: &Clerk, file: &[u8]) -> (Answer, Duration) {
    let request = upload_request(&client.runde, &clerk.cookie, file);
    let begun = Instant::now();
    let answer = client.send(&request);
    (answer, begun.elapsed())
}
