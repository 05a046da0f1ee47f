//! Login and logout: a known e-mail address and the Schulträgernummer that belongs to it.

use super::client::network;
use super::cookie::Cookie;
use crate::app::{Answer, App};
use crate::body::{self, Posted};
use crate::config;
use crate::pages::Anmeldung;
use crate::rejection::Rejection;
use crate::store::{Schluessel, Sitzung};
use crate::zugang::{plain_email, plain_number};
use form::routes;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use subtle::{Choice, ConstantTimeEq};

/// `POST /meldung/anmelden`. Every failure gets the same answer after the same work, whatever its cause. With the mailed
/// code switched on, so does every pair of address and number: whether it is known shows only in a mailbox.
pub(super) async fn anmelden(app: &App, request: &mut Posted, address: IpAddr) -> Result<Answer, Rejection> {
    let before = [Cookie::Sitzung, Cookie::Anmeldung].map(|cookie| cookie.of(request.headers(), &app.config));
    let fields = body::read_fields(request).await?;
    body::works(request);
    let typed = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let (email, nummer) = (typed("email"), typed("schultraegernummer"));
    let (plain_email, plain_nummer) = (plain_email(&email), plain_number(&nummer));
    let keys = throttle_keys(&app.config.anmeldung, address, &plain_email, &plain_nummer);
    let now = app.clock.now();
    let (keys, pause) = app
        .store(move |store| {
            let pause = store.pause(&keys, now)?;
            Ok((keys, pause))
        })
        .await?;
    tokio::time::sleep(pause).await;
    let code_per_mail = app.config.anmeldung.code_per_mail;
    let outcome = app
        .store(move |store| {
            let wait = store.seconds_to_wait(&keys, now)?;
            let known = belongs(&store.emails(&plain_nummer)?, &plain_email);
            let [sitzung, anmeldung] = before;
            if let Some(seconds) = wait {
                return Ok(Outcome::Wait(seconds));
            }
            if code_per_mail {
                // Counted as a failure until the code is there.
                store.count_failure(&keys, now)?;
                let pair = (plain_nummer.as_str(), plain_email.as_str());
                let token = store.begin_code(known.then_some(pair), anmeldung.as_deref(), now)?;
                return Ok(Outcome::CodeAwaited(token.text().to_owned()));
            }
            if !known {
                store.count_failure(&keys, now)?;
                return Ok(Outcome::Failed);
            }
            let token = store.begin_sitzung(&plain_nummer, sitzung.as_deref(), now)?;
            let token = token.text().to_owned();
            Ok(Outcome::Begun {
                token,
                traeger: plain_nummer,
            })
        })
        .await?;
    let again = |meldung: String| Anmeldung {
        meldung,
        email,
        schultraegernummer: nummer,
    };
    match outcome {
        Outcome::Begun { token, traeger } => {
            tracing::info!(kind = "anmeldung", traeger);
            Ok(Answer::Redirect {
                location: routes::PREFIX.to_owned(),
                cookies: vec![Cookie::Sitzung.set(&token, &app.config)],
            })
        }
        Outcome::CodeAwaited(token) => {
            app.outbox.notify_one();
            Ok(Answer::Redirect {
                location: routes::CODE.to_owned(),
                cookies: vec![Cookie::Anmeldung.set(&token, &app.config)],
            })
        }
        Outcome::Failed => {
            tracing::info!(kind = "login failed");
            let page = again(
                "E-Mail-Adresse und Schulträgernummer passen nicht zusammen. Prüfen Sie beide Angaben.".to_owned(),
            );
            answer(app, 403, "anmeldung.html", &page, None)
        }
        Outcome::Wait(seconds) => {
            tracing::info!(kind = "login throttled");
            answer(app, 429, "anmeldung.html", &again(too_many(seconds)), Some(seconds))
        }
    }
}

/// `POST /meldung/abmelden`: the session ends here, not only in the browser.
pub(super) async fn abmelden(app: &App, sitzung: Sitzung) -> Result<Answer, Rejection> {
    app.store(move |store| store.end_sitzung(&sitzung)).await?;
    Ok(Answer::Redirect {
        location: routes::LOGIN_PAGE.to_owned(),
        cookies: vec![Cookie::Sitzung.clear(&app.config)],
    })
}

enum Outcome {
    Begun { token: String, traeger: String },
    CodeAwaited(String),
    Failed,
    Wait(u64),
}

pub(super) fn too_many(seconds: u64) -> String {
    let minutes = match seconds.div_ceil(60) {
        1 => "einer Minute".to_owned(),
        n => format!("{n} Minuten"),
    };
    format!("Von Ihrem Anschluss kamen zu viele Versuche. Versuchen Sie es in {minutes} noch einmal.")
}

/// A step of the login again, with what was wrong.
pub(super) fn answer<T: Serialize>(
    app: &App,
    status: u16,
    template: &str,
    page: &T,
    retry_after: Option<u64>,
) -> Result<Answer, Rejection> {
    match app.page(status, template, page)? {
        Answer::Page { status, html } => Ok(Answer::Login {
            status,
            html,
            retry_after,
        }),
        other => Ok(other),
    }
}

/// Compares with a fixed number of addresses, or all if there are more, so that the time says nothing about how many
/// there are and which one it was.
fn belongs(emails: &[String], typed: &str) -> bool {
    const AT_LEAST: usize = 16;
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    let typed = digest(typed);
    let nobody = String::new();
    let padded = emails
        .iter()
        .chain(std::iter::repeat(&nobody))
        .take(emails.len().max(AT_LEAST));
    let found = padded.enumerate().fold(Choice::from(0), |found, (n, email)| {
        let real = Choice::from(u8::from(n < emails.len()));
        found | (digest(email).as_slice().ct_eq(typed.as_slice()) & real)
    });
    found.into()
}

/// Under what failed logins are counted, and how many each key may have. Only what comes from the same network is
/// refused, so that nobody can lock out somebody else.
pub(super) fn throttle_keys(limits: &config::Anmeldung, address: IpAddr, email: &str, nummer: &str) -> Schluessel {
    let network = network(address);
    Schluessel {
        from_here: vec![
            (key(["adresse", &network, ""]), limits.failures_per_address),
            (key(["email", &network, email]), limits.failures_per_email),
            (key(["nummer", &network, nummer]), limits.failures_per_nummer),
        ],
        from_anywhere: vec![key(["email", "", email]), key(["nummer", "", nummer])],
    }
}

/// No two keys are the same text, whatever somebody types: typed texts have lost their control characters.
fn key(parts: [&str; 3]) -> String {
    parts.join("\0")
}

/// The network alone, for a wrong code: whose login it was, is not known to everybody who enters one.
pub(super) fn network_key(limits: &config::Anmeldung, address: IpAddr) -> Schluessel {
    Schluessel {
        from_here: vec![(key(["adresse", &network(address), ""]), limits.failures_per_address)],
        from_anywhere: Vec::new(),
    }
}
