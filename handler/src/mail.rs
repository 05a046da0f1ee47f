//! A mail and the way it leaves: to a mail server, or as a file into a folder.

use crate::clock::Moment;
use crate::config::{Mail, Tls};
use anyhow::{Context, Result, bail};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A mail server that says nothing for so long is not there.
const SMTP_DEADLINE: Duration = Duration::from_secs(30);

/// Where mails are handed over, and in whose name.
pub struct Post {
    from: Mailbox,
    way: Way,
    pub give_up_after_seconds: i64,
}

enum Way {
    Folder(PathBuf),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

/// What a receiver reads.
pub struct Text {
    pub subject: String,
    pub body: String,
}

impl Post {
    /// Whatever is wrong with folder, name or password is found here, before anybody waits for a mail.
    pub fn new(settings: &Mail) -> Result<Post> {
        let from = settings.sender()?;
        let way = match (&settings.folder, &settings.smtp) {
            (Some(folder), _) => {
                let created = DirBuilder::new().recursive(true).mode(0o700).create(folder);
                created
                    .with_context(|| format!("Der Ordner {} für E-Mails lässt sich nicht anlegen", folder.display()))?;
                Way::Folder(folder.clone())
            }
            (None, Some(host)) => Way::Smtp(smtp(settings, host, &from)?),
            (None, None) => bail!("mail braucht folder oder smtp"),
        };
        Ok(Post {
            from,
            way,
            give_up_after_seconds: settings.give_up_after_seconds(),
        })
    }

    /// Hands a mail over. `key` tells it from others; the same key makes the same Message-ID, so that mail programs can
    /// drop a repetition. The error names no address.
    pub async fn send(&self, to: &str, text: Text, key: &str, now: Moment) -> Result<()> {
        let to: Mailbox = to
            .parse()
            .map_err(|_| anyhow::anyhow!("Die Adresse ist keine für E-Mails"))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(text.subject)
            .date(SystemTime::from(now.0))
            .message_id(Some(format!("<{key}@{}>", self.from.email.domain())))
            // So that nobody's out-of-office reply answers.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(text.body)?;
        match &self.way {
            Way::Folder(folder) => {
                let (folder, name) = (
                    folder.clone(),
                    format!("{}-{key}.eml", now.0.strftime("%Y%m%dT%H%M%SZ")),
                );
                tokio::task::spawn_blocking(move || write_file(&folder, &name, &message.formatted())).await?
            }
            Way::Smtp(server) => match server.send(message).await {
                Ok(_) => Ok(()),
                // The server's own words may hold the receiver's address.
                Err(error) => match error.status() {
                    Some(code) => bail!("Der Mailserver antwortet mit {code}"),
                    None if error.is_client() => {
                        Err(error).context("Der Mailserver bietet nicht an, was die Einstellungen in [mail] verlangen")
                    }
                    None => Err(error).context("Der Mailserver ist nicht zu erreichen"),
                },
            },
        }
    }
}

fn smtp(settings: &Mail, host: &str, from: &Mailbox) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let builder = match settings.tls {
        Tls::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host),
        Tls::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host),
        Tls::Aus => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)),
    };
    let mut builder = builder
        .with_context(|| format!("Der Mailserver „{host}“ lässt sich nicht einrichten"))?
        .hello_name(ClientId::Domain(from.email.domain().to_owned()))
        .timeout(Some(SMTP_DEADLINE));
    if let Some(port) = settings.port {
        builder = builder.port(port);
    }
    if let (Some(user), Some(path)) = (&settings.user, &settings.password_file) {
        builder = builder.credentials(Credentials::new(user.clone(), password(path)?));
    }
    Ok(builder.build())
}

fn password(path: &Path) -> Result<String> {
    let failed = || {
        format!(
            "Das Kennwort für den Mailserver in {} lässt sich nicht lesen",
            path.display()
        )
    };
    let mode = path.metadata().with_context(failed)?.permissions().mode();
    if mode & 0o007 != 0 {
        bail!(
            "Die Datei {} mit dem Kennwort für den Mailserver steht allen auf diesem Rechner offen; „chmod 600“ schließt sie",
            path.display()
        );
    }
    let password = std::fs::read_to_string(path).with_context(failed)?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}

/// Nobody who watches the folder sees half a mail.
fn write_file(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let failed = || format!("Die E-Mail lässt sich nicht in {} schreiben", folder.display());
    let unfinished = folder.join(format!(".{name}"));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .with_context(failed)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .with_context(failed)?;
    std::fs::rename(&unfinished, folder.join(name)).with_context(failed)
}
