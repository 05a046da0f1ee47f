//! Sends what waits in the outbox: one mail after the other, codes first. A mail leaves the outbox only after the mail
//! server has taken it, so that neither a broken connection nor a crash loses one; it may arrive twice instead.

use crate::app::App;
use crate::clock::Moment;
use crate::mail::{Post, Text};
use crate::pages::{MailCode, MailMeldung};
use crate::rejection::Rejection;
use crate::store::sitzung::random_hex;
use crate::store::{Brief, Inhalt, Naechster, Verbleib};
use anyhow::{Context, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The longest time without a look at the outbox.
const LOOK: u64 = 60;

/// Sends until it is to stop; the mail that is under way then is finished.
pub async fn run(app: Arc<App>, mut stopping: watch::Receiver<bool>) {
    let Some(post) = &app.post else {
        return no_mail_any_more(&app).await;
    };
    let now = app.clock.now();
    if let Err(rejection) = app.store(move |store| store.ausgang_is_due(now)).await {
        tracing::error!("the outbox cannot be read: {}", rejection.code());
    }
    while !*stopping.borrow() {
        let pause = match send_next(&app, post).await {
            Ok(seconds) => seconds,
            Err(rejection) => {
                tracing::error!("the outbox cannot be read: {}", rejection.code());
                LOOK
            }
        };
        if pause > 0 {
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => {}
                () = app.outbox.notified() => {}
                () = tokio::time::sleep(Duration::from_secs(pause.min(LOOK))) => {}
            }
        }
    }
}

/// Sends one mail, if one is due. Gives the seconds until there may be another.
async fn send_next(app: &App, post: &Post) -> Result<u64, Rejection> {
    let now = app.clock.now();
    let brief = match app.store(move |store| store.next_brief(now)).await? {
        Naechster::Brief(brief) => brief,
        Naechster::Later(seconds) => return Ok(seconds),
        Naechster::Empty => return Ok(LOOK),
    };
    match send(app, post, &brief, now).await {
        Ok(()) => {
            tracing::info!(
                kind = "mail sent",
                traeger = brief.traeger,
                about = about(&brief.inhalt)
            );
            app.store(move |store| store.brief_sent(brief.id)).await?;
        }
        Err(error) => {
            let (traeger, what) = (brief.traeger.clone(), about(&brief.inhalt).to_owned());
            let give_up_after = post.give_up_after_seconds;
            let now = app.clock.now();
            let verbleib = app
                .store(move |store| store.brief_failed(&brief, give_up_after, now))
                .await?;
            match verbleib {
                Verbleib::TriedAgain { seconds } => {
                    tracing::warn!(kind = "mail waits", traeger, about = what, seconds, "{error:#}");
                }
                Verbleib::GivenUp => tracing::error!(kind = "mail given up", traeger, about = what, "{error:#}"),
            }
        }
    }
    Ok(0)
}

async fn send(app: &App, post: &Post, brief: &Brief, now: Moment) -> Result<()> {
    let public_url = app.config.public_url.clone();
    let (template, key) = match &brief.inhalt {
        // Each mail carries another code: none is a repetition.
        Inhalt::Code(_) => ("mail-code.txt", format!("code-{}", random_hex(8)?)),
        Inhalt::Ankuendigung(_) => (
            "mail-meldung.txt",
            format!("meldung-{}-{}", brief.id, brief.eingestellt),
        ),
    };
    let text = match &brief.inhalt {
        Inhalt::Code(code) => app.pages.render(template, &MailCode::new(code, public_url)),
        Inhalt::Ankuendigung(ankuendigung) => app.pages.render(template, &MailMeldung::new(ankuendigung, public_url)?),
    };
    post.send(&brief.empfaenger, split(&text?, template)?, &key, now).await
}

/// A mail's template begins with its subject.
fn split(text: &str, template: &str) -> Result<Text> {
    let (head, body) = text.trim_start().split_once('\n').unwrap_or_default();
    let subject = head
        .strip_prefix("Betreff: ")
        .with_context(|| format!("Die Vorlage {template} beginnt nicht mit „Betreff: “"))?;
    Ok(Text {
        subject: subject.trim().to_owned(),
        body: format!("{}\n", body.trim()),
    })
}

/// For the log: a Vorgangsnummer, never a code.
fn about(inhalt: &Inhalt) -> &str {
    match inhalt {
        Inhalt::Code(_) => "code",
        Inhalt::Ankuendigung(ankuendigung) => &ankuendigung.nummer,
    }
}

/// The operator has switched mails off: what still waited would wait for ever.
async fn no_mail_any_more(app: &App) {
    match app.store(|store| store.empty_ausgang()).await {
        Ok(0) => {}
        Ok(mails) => tracing::warn!(kind = "mail given up", mails, "without [mail] nothing is sent"),
        Err(rejection) => tracing::error!("the outbox cannot be emptied: {}", rejection.code()),
    }
}
