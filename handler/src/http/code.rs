//! The second step of a login: the code from the mail.

use super::cookie::Cookie;
use super::login;
use crate::app::{Answer, App};
use crate::body::{self, Posted};
use crate::pages::CodeSeite;
use crate::rejection::Rejection;
use crate::store::anmeldecode::{CODE_SECONDS, DIGITS, MAILS};
use crate::store::{Eingabe, Erneut};
use crate::zugang::plain_number;
use form::routes;
use hyper::Method;
use std::net::IpAddr;

/// `GET, POST /meldung/code`.
pub(super) async fn code(app: &App, request: &mut Posted, address: IpAddr) -> Result<Answer, Rejection> {
    let now = app.clock.now();
    let token = Cookie::Anmeldung.of(request.headers(), &app.config);
    if request.method() != Method::POST {
        let waits = match token {
            Some(token) => app.store(move |store| store.waits_for_code(&token, now)).await?,
            None => false,
        };
        return if waits {
            app.page(200, "code.html", &page(String::new(), false))
        } else {
            Ok(Answer::redirect(routes::NO_SESSION.to_owned()))
        };
    }
    let token = token.ok_or(Rejection::CodeOver)?;
    let before = Cookie::Sitzung.of(request.headers(), &app.config);
    let fields = body::read_fields(request).await?;
    body::works(request);
    if fields.contains_key("neu") {
        return another(app, token).await;
    }
    let typed = plain_number(fields.get("code").map_or("", String::as_str)).replace('-', "");
    if typed.len() != DIGITS || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        let meldung = format!("Geben Sie die {DIGITS} Ziffern aus der E-Mail ein.");
        return login::answer(app, 403, "code.html", &page(meldung, true), None);
    }
    let limits = app.config.anmeldung.clone();
    let network = login::network_key(&limits, address);
    let outcome = app
        .store(move |store| {
            if let Some(seconds) = store.seconds_to_wait(&network, now)? {
                return Ok(Err(seconds));
            }
            let outcome = store.try_code(&token, &typed, before.as_deref(), now)?;
            match &outcome {
                Eingabe::Right {
                    traeger,
                    email,
                    begonnen,
                    ..
                } => store.forgive(&login::throttle_keys(&limits, address, email, traeger), *begonnen)?,
                Eingabe::Wrong { .. } | Eingabe::Over => store.count_failure(&network, now)?,
            }
            Ok(Ok(outcome))
        })
        .await?;
    match outcome {
        Ok(Eingabe::Right { token, traeger, .. }) => {
            tracing::info!(kind = "anmeldung", traeger);
            Ok(Answer::Redirect {
                location: routes::PREFIX.to_owned(),
                cookies: vec![
                    Cookie::Sitzung.set(token.text(), &app.config),
                    Cookie::Anmeldung.clear(&app.config),
                ],
            })
        }
        Ok(Eingabe::Wrong { tries_left }) => {
            tracing::info!(kind = "code wrong");
            let left = match tries_left {
                1 => "noch einen Versuch",
                2 => "noch zwei Versuche",
                3 => "noch drei Versuche",
                _ => "noch vier Versuche",
            };
            let meldung = format!("Der Code stimmt nicht. Es zählt der aus der neuesten E-Mail. Sie haben {left}.");
            login::answer(app, 403, "code.html", &page(meldung, true), None)
        }
        Ok(Eingabe::Over) => Err(Rejection::CodeOver),
        Err(seconds) => {
            tracing::info!(kind = "login throttled");
            login::answer(
                app,
                429,
                "code.html",
                &page(login::too_many(seconds), false),
                Some(seconds),
            )
        }
    }
}

/// Another mail with another code, after a minute.
async fn another(app: &App, token: String) -> Result<Answer, Rejection> {
    let now = app.clock.now();
    match app.store(move |store| store.another_code(&token, now)).await? {
        Erneut::Queued => {
            app.outbox.notify_one();
            Ok(Answer::redirect(routes::ANOTHER_CODE.to_owned()))
        }
        Erneut::Wait { seconds } => {
            let meldung = format!(
                "Eine neue E-Mail gibt es frühestens eine Minute nach der letzten. Warten Sie noch {seconds} Sekunden."
            );
            login::answer(app, 429, "code.html", &page(meldung, false), Some(seconds))
        }
        Erneut::Enough => {
            let meldung = format!(
                "Mehr als {MAILS} E-Mails gibt es zu einer Anmeldung nicht. Kam keine an, prüfen Sie Ihre Angaben und melden Sie sich noch einmal an."
            );
            login::answer(app, 429, "code.html", &page(meldung, false), None)
        }
        Erneut::Over => Err(Rejection::CodeOver),
    }
}

fn page(meldung: String, falsch: bool) -> CodeSeite {
    CodeSeite {
        meldung,
        falsch,
        minuten: CODE_SECONDS / 60,
    }
}
