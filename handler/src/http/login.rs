//! Login and logout: a known e-mail address and the Schulträgernummer that belongs to it.

use crate::app::{Answer, App};
use crate::body::{self, Posted};
use crate::pages::Anmeldung;
use crate::rejection::Rejection;
use crate::store::Sitzung;
use form::routes;
use hyper::header::HeaderMap;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use subtle::{Choice, ConstantTimeEq};

/// `POST /meldung/anmelden`. Every failure gets the same answer, whatever its cause.
pub(super) async fn anmelden(app: &App, request: &mut Posted, peer: IpAddr) -> Result<Answer, Rejection> {
    let address = client_address(request.headers(), peer, &app.config.trusted_proxies);
    let fields = body::read_fields(request).await?;
    let typed = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let (email, nummer) = (typed("email"), typed("schultraegernummer"));
    let plain_email = email.trim().to_lowercase();
    let plain_nummer: String = nummer.chars().filter(|c| !c.is_whitespace()).collect();
    let keys = throttle_keys(app, address, &plain_email, &plain_nummer);
    let now = app.clock.now();
    let outcome = app
        .store(move |store| {
            if let Some(seconds) = store.seconds_to_wait(&keys, now)? {
                return Ok(Outcome::Wait(seconds));
            }
            if !belongs(&store.emails(&plain_nummer)?, &plain_email) {
                store.count_failure(&keys, now)?;
                return Ok(Outcome::Failed);
            }
            Ok(Outcome::Begun(
                store.begin_sitzung(&plain_nummer, now)?.text().to_owned(),
            ))
        })
        .await?;
    let again = |meldung: String| Anmeldung {
        meldung,
        email,
        schultraegernummer: nummer,
    };
    match outcome {
        Outcome::Begun(token) => {
            let secure = if app.config.is_https() { "; Secure" } else { "" };
            let cookie = format!(
                "{}={token}; Path=/; HttpOnly; SameSite=Strict{secure}",
                app.cookie_name()
            );
            Ok(Answer::Redirect {
                location: routes::PREFIX.to_owned(),
                cookie: Some(cookie),
            })
        }
        Outcome::Failed => {
            tracing::info!(kind = "login failed");
            let page = again(
                "E-Mail-Adresse und Schulträgernummer passen nicht zusammen. Prüfen Sie beide Angaben.".to_owned(),
            );
            login_page(app, 403, &page, None)
        }
        Outcome::Wait(seconds) => {
            tracing::info!(kind = "login throttled");
            let minutes = match seconds.div_ceil(60) {
                1 => "einer Minute".to_owned(),
                n => format!("{n} Minuten"),
            };
            let page = again(format!(
                "Von Ihrem Anschluss kamen zu viele Versuche. Versuchen Sie es in {minutes} noch einmal."
            ));
            login_page(app, 429, &page, Some(seconds))
        }
    }
}

/// `POST /meldung/abmelden`: the session ends here, not only in the browser.
pub(super) async fn abmelden(app: &App, sitzung: Sitzung) -> Result<Answer, Rejection> {
    app.store(move |store| store.end_sitzung(&sitzung)).await?;
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let cookie = format!(
        "{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{secure}",
        app.cookie_name()
    );
    Ok(Answer::Redirect {
        location: routes::LOGIN_PAGE.to_owned(),
        cookie: Some(cookie),
    })
}

enum Outcome {
    Begun(String),
    Failed,
    Wait(u64),
}

fn login_page(app: &App, status: u16, page: &Anmeldung, retry_after: Option<u64>) -> Result<Answer, Rejection> {
    match app.page(status, "anmeldung.html", page)? {
        Answer::Page { status, html } => Ok(Answer::Login {
            status,
            html,
            retry_after,
        }),
        other => Ok(other),
    }
}

/// Compares with every address in the same time, found or not.
fn belongs(emails: &[String], typed: &str) -> bool {
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    let typed = digest(typed);
    let found = emails.iter().fold(Choice::from(0), |found, email| {
        found | digest(email).as_slice().ct_eq(typed.as_slice())
    });
    found.into()
}

/// Under what failed logins are counted, and how many each key may have.
fn throttle_keys(app: &App, address: IpAddr, email: &str, nummer: &str) -> Vec<(String, u32)> {
    let limits = &app.config.anmeldung;
    let network = network(address);
    vec![
        (format!("adresse {network}"), limits.failures_per_address),
        (format!("email {network} {email}"), limits.failures_per_email),
        (format!("nummer {network} {nummer}"), limits.failures_per_nummer),
    ]
}

/// An IPv6 customer has a whole /64.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
    }
}

/// The address of the browser: the last hop that is none of our own web servers.
fn client_address(headers: &HeaderMap, peer: IpAddr, trusted: &[IpAddr]) -> IpAddr {
    let mut address = peer;
    let lines = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        match hop.parse() {
            Ok(hop) if trusted.contains(&address.to_canonical()) => address = hop,
            _ => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_web_server_is_believed_about_addresses() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            "203.0.113.9, 198.51.100.4".parse().expect("a header"),
        );
        assert_eq!(
            client_address(&headers, address("127.0.0.1"), &[]),
            address("127.0.0.1")
        );
        assert_eq!(
            client_address(&headers, address("127.0.0.1"), &[address("127.0.0.1")]),
            address("198.51.100.4")
        );
        let both = [address("127.0.0.1"), address("198.51.100.4")];
        assert_eq!(
            client_address(&headers, address("127.0.0.1"), &both),
            address("203.0.113.9")
        );
    }
}
