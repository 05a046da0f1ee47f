//! `[mail]` in `handler.toml`: by which way mails leave, and in whose name.

use super::is_loopback;
use anyhow::{Context, Result, bail};
use lettre::message::Mailbox;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The operator's settings for mails. Either a folder or a mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// `Name <address>`, as the receiver sees it.
    pub from: String,
    /// For trying out: each mail becomes a file in this folder.
    pub folder: Option<PathBuf>,
    /// The mail server's name.
    pub smtp: Option<String>,
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: Tls,
    pub user: Option<String>,
    /// The password stands in a file of its own, which nobody else may read.
    pub password_file: Option<PathBuf>,
    /// So long a mail is tried again before it is dropped.
    #[serde(default = "default_give_up_after_days")]
    pub give_up_after_days: u32,
}

/// How the conversation with the mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Begins in the clear and must turn to TLS before anything is said (port 587).
    #[default]
    Starttls,
    /// TLS from the first byte (port 465).
    Tls,
    /// Only to a mail server on this machine (port 25).
    Aus,
}

fn default_give_up_after_days() -> u32 {
    3
}

impl Mail {
    /// Mails become files, in the name of nobody.
    pub fn for_trying_out(folder: PathBuf) -> Mail {
        Mail {
            from: "Berichtstool (Demo) <berichtstool@example.org>".to_owned(),
            folder: Some(folder),
            smtp: None,
            port: None,
            tls: Tls::default(),
            user: None,
            password_file: None,
            give_up_after_days: default_give_up_after_days(),
        }
    }

    pub(super) fn resolve(&mut self, folder: &Path) {
        for path in [&mut self.folder, &mut self.password_file].into_iter().flatten() {
            *path = folder.join(&*path);
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        self.sender()?;
        let smtp = match (&self.folder, &self.smtp) {
            (Some(_), None) => return Ok(()),
            (None, Some(smtp)) => smtp,
            _ => {
                bail!("mail braucht entweder folder (ein Ordner zum Ausprobieren) oder smtp (der Name des Mailservers)")
            }
        };
        if self.user.is_some() != self.password_file.is_some() {
            bail!("mail.user und mail.password_file gehören zusammen: Eine der beiden Angaben fehlt");
        }
        if self.tls == Tls::Aus && !is_loopback(smtp) {
            bail!(
                "mail.tls = \"aus\" ist nur für einen Mailserver auf diesem Rechner erlaubt (127.0.0.1, localhost), nicht für „{smtp}“"
            );
        }
        if self.give_up_after_days == 0 {
            bail!("mail.give_up_after_days muss mindestens 1 sein");
        }
        Ok(())
    }

    /// The library wants marks around a name with umlauts or brackets; an operator need not know that.
    pub fn sender(&self) -> Result<Mailbox> {
        let (name, address) = match self
            .from
            .trim()
            .strip_suffix('>')
            .and_then(|from| from.rsplit_once('<'))
        {
            Some((name, address)) => (Some(name.trim().trim_matches('"').to_owned()), address),
            None => (None, self.from.trim()),
        };
        let address = address.trim().parse().with_context(|| {
            format!(
                "mail.from „{}“ ist kein Absender wie „Berichtstool <name@example.nrw>“",
                self.from
            )
        })?;
        Ok(Mailbox::new(name.filter(|name| !name.is_empty()), address))
    }

    pub fn give_up_after_seconds(&self) -> i64 {
        i64::from(self.give_up_after_days) * 24 * 60 * 60
    }
}
