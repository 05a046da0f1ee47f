//! The mails: what each template of the theme is given.

use crate::store::Ankuendigung;
use crate::store::anmeldecode::CODE_SECONDS;
use anyhow::Result;
use form::{Form, day_text};
use serde::Serialize;

/// `mail-code.txt`.
#[derive(Debug, Serialize)]
pub struct MailCode<'a> {
    code: &'a str,
    minuten: i64,
    public_url: String,
}

impl MailCode<'_> {
    pub fn new(code: &str, public_url: String) -> MailCode<'_> {
        let minuten = CODE_SECONDS / 60;
        MailCode {
            code,
            minuten,
            public_url,
        }
    }
}

/// `mail-meldung.txt`: a Meldung is announced to the addresses of its Träger.
#[derive(Debug, Serialize)]
pub struct MailMeldung<'a> {
    runde: MailRunde,
    nummer: &'a str,
    eingegangen: String,
    verspaetet: bool,
    gilt: bool,
    ersetzt: bool,
    ersetzt_durch: &'a str,
    beispiel: bool,
    public_url: String,
}

#[derive(Debug, Serialize)]
struct MailRunde {
    title: String,
    zeitraum: String,
}

impl MailMeldung<'_> {
    pub fn new(ankuendigung: &Ankuendigung, public_url: String) -> Result<MailMeldung<'_>> {
        let form = Form::parse(&ankuendigung.definition).map_err(|problems| {
            anyhow::anyhow!(
                "Das Formular der Meldung {} lässt sich nicht lesen: {problems:?}",
                ankuendigung.nummer
            )
        })?;
        let zeitraum = format!(
            "{} bis {}",
            day_text(ankuendigung.von.parse()?),
            day_text(ankuendigung.bis.parse()?)
        );
        Ok(MailMeldung {
            runde: MailRunde {
                title: form.title,
                zeitraum,
            },
            nummer: &ankuendigung.nummer,
            eingegangen: ankuendigung.eingegangen.text(),
            verspaetet: ankuendigung.verspaetet,
            gilt: ankuendigung.ersetzt_durch.is_none(),
            ersetzt: ankuendigung.ersetzt,
            ersetzt_durch: ankuendigung.ersetzt_durch.as_deref().unwrap_or_default(),
            beispiel: ankuendigung.beispiel,
            public_url,
        })
    }
}
