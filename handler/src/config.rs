//! `handler.toml`: what the operator sets.

mod mail;

use crate::sandbox::Sandbox;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use mail::{Mail, Tls};

/// The operator's settings. Paths are resolved against the folder of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The site's folder below `dist`.
    pub site: PathBuf,
    /// The one database file.
    pub database: PathBuf,
    pub public_url: String,
    #[serde(default = "default_listen")]
    pub listen: String,
    /// Web servers whose `X-Forwarded-For` is believed.
    #[serde(default)]
    pub trusted_proxies: Vec<IpAddr>,
    #[serde(default)]
    pub protokoll: Protokoll,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub anmeldung: Anmeldung,
    /// Without it no mails are sent.
    pub mail: Option<Mail>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub upload_max_bytes: u64,
    /// How many uploads are examined at once.
    pub children: usize,
    pub sandbox: Sandbox,
    /// So many Meldungen of one Träger are taken on one day; those that the office files do not count.
    pub meldungen_per_day: u32,
    /// With `listen = "systemd"`: the service ends after so many minutes in which nobody was connected; 0 keeps it running.
    pub idle_exit_minutes: u64,
}

/// Where the two logs go; they never go the same way.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Protokoll {
    pub zugriffe: Ziel,
    pub ereignisse: Ziel,
}

/// `aus`, `stderr`, or a folder with one file a day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Ziel {
    Aus,
    Stderr,
    Ordner(PathBuf),
}

impl From<String> for Ziel {
    fn from(text: String) -> Ziel {
        match text.as_str() {
            "aus" => Ziel::Aus,
            "stderr" => Ziel::Stderr,
            _ => Ziel::Ordner(text.into()),
        }
    }
}

impl Default for Protokoll {
    fn default() -> Protokoll {
        let folder = Ziel::Ordner("protokoll".into());
        Protokoll {
            zugriffe: folder.clone(),
            ereignisse: folder,
        }
    }
}

impl Limits {
    pub fn idle_exit(&self) -> Option<Duration> {
        let minutes = Some(self.idle_exit_minutes).filter(|minutes| *minutes > 0)?;
        Some(Duration::from_secs(minutes.saturating_mul(60)))
    }
}

/// Failed logins within fifteen minutes, from one network address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Anmeldung {
    /// A second step: a code that is mailed to the registered address.
    pub code_per_mail: bool,
    pub failures_per_address: u32,
    pub failures_per_email: u32,
    pub failures_per_nummer: u32,
}

fn default_listen() -> String {
    "127.0.0.1:8080".to_owned()
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            upload_max_bytes: 10 << 20,
            children: 2,
            sandbox: Sandbox::default(),
            meldungen_per_day: 100,
            idle_exit_minutes: 15,
        }
    }
}

impl Default for Anmeldung {
    fn default() -> Anmeldung {
        Anmeldung {
            code_per_mail: false,
            failures_per_address: 30,
            failures_per_email: 10,
            failures_per_nummer: 20,
        }
    }
}

impl Config {
    /// Reads and checks a configuration file.
    pub fn read(path: &Path) -> Result<Config> {
        let source = std::fs::read_to_string(path)
            .with_context(|| format!("Die Konfiguration {} lässt sich nicht lesen", path.display()))?;
        let mut config: Config = toml::from_str(&source).map_err(|error| {
            let problem = form::problem::from_toml(&source, &error);
            anyhow::anyhow!(
                "{}:{}:{}: {} {}",
                path.display(),
                problem.line,
                problem.column,
                problem.message,
                problem.remedy
            )
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.site = folder.join(&config.site);
        config.database = folder.join(&config.database);
        if let Some(path) = config.listen.strip_prefix("unix:") {
            config.listen = format!("unix:{}", folder.join(path).display());
        }
        for ziel in [&mut config.protokoll.zugriffe, &mut config.protokoll.ereignisse] {
            if let Ziel::Ordner(path) = ziel {
                *path = folder.join(&path);
            }
        }
        if let Some(mail) = &mut config.mail {
            mail.resolve(folder);
        }
        config
            .check()
            .with_context(|| format!("In {} stimmt eine Angabe nicht", path.display()))?;
        Ok(config)
    }

    pub fn check(&self) -> Result<()> {
        let Some((scheme, host)) = self.public_url.split_once("://") else {
            bail!("public_url „{}“ beginnt nicht mit https://", self.public_url);
        };
        let odd = |c: char| c.is_ascii_uppercase() || c.is_whitespace() || "/@?#".contains(c);
        if host.is_empty() || host.contains(odd) || host.ends_with(":443") {
            bail!(
                "public_url „{}“ besteht nur aus https:// und dem Rechnernamen in Kleinbuchstaben, ohne Pfad",
                self.public_url
            );
        }
        if scheme != "https" && !(scheme == "http" && is_loopback(host)) {
            bail!(
                "public_url „{}“ ist nicht verschlüsselt. http ist nur auf diesem Rechner selbst erlaubt (127.0.0.1, localhost)",
                self.public_url
            );
        }
        match &self.mail {
            Some(mail) => mail.check()?,
            None if self.anmeldung.code_per_mail => {
                bail!(
                    "anmeldung.code_per_mail = true braucht einen Abschnitt [mail], der sagt, wie E-Mails hinausgehen"
                )
            }
            None => {}
        }
        let failures = &self.anmeldung;
        if [
            failures.failures_per_address,
            failures.failures_per_email,
            failures.failures_per_nummer,
        ]
        .contains(&0)
        {
            bail!("Die Zahlen der Fehlversuche in [anmeldung] müssen mindestens 1 sein, sonst kommt niemand hinein");
        }
        if self.protokoll.zugriffe == Ziel::Stderr && self.protokoll.ereignisse == Ziel::Stderr {
            bail!(
                "protokoll.zugriffe und protokoll.ereignisse gehen beide nach stderr; dort ließe sich beides zusammenführen"
            );
        }
        if self.limits.children == 0 {
            bail!("limits.children muss mindestens 1 sein");
        }
        if self.limits.meldungen_per_day == 0 {
            bail!("limits.meldungen_per_day muss mindestens 1 sein, sonst kann niemand einreichen");
        }
        Ok(())
    }

    /// What the operator should know at each start, in a sentence.
    pub fn risk(&self) -> Option<&'static str> {
        (!self.anmeldung.code_per_mail).then_some(
            "anmeldung.code_per_mail ist ausgeschaltet: Wer eine benannte E-Mail-Adresse und die Schulträgernummer kennt, kann sich anmelden und für den Träger einreichen; beides ist oft öffentlich",
        )
    }

    /// Cookies are `Secure` wherever pages are served over https.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(public_url: &str) -> Result<()> {
        let source = format!("site = \"s\"\ndatabase = \"d\"\npublic_url = \"{public_url}\"");
        toml::from_str::<Config>(&source)?.check()
    }

    #[test]
    fn plain_http_is_refused_except_on_loopback() {
        assert!(checked("https://www.example.nrw").is_ok());
        assert!(checked("http://127.0.0.1:8000").is_ok());
        assert!(checked("http://localhost:8000").is_ok());
        assert!(checked("http://[::1]:8000").is_ok());
        assert!(checked("http://www.example.nrw").is_err());
        assert!(checked("https://www.example.nrw/pfad").is_err());
        assert!(
            checked("https://WWW.example.nrw").is_err(),
            "browsers never send an origin like that"
        );
    }

    #[test]
    fn every_key_can_be_set() {
        let source = r#"
site = "dist/startchancen-nrw"
database = "meldungen.sqlite"
public_url = "https://www.example.nrw"
listen = "127.0.0.1:8080"
trusted_proxies = ["127.0.0.1"]
[protokoll]
zugriffe = "aus"
ereignisse = "stderr"
[limits]
upload_max_bytes = 10485760
children = 2
sandbox = "soweit-moeglich"
meldungen_per_day = 100
idle_exit_minutes = 15
[anmeldung]
code_per_mail = false
failures_per_address = 30
failures_per_email = 10
failures_per_nummer = 20
[mail]
from = "Berichtstool <berichtstool@example.nrw>"
smtp = "mail.example.nrw"
port = 587
tls = "starttls"
user = "berichtstool"
password_file = "/run/credentials/mail"
give_up_after_days = 3
"#;
        let config: Config = toml::from_str(source).expect("a configuration");
        assert_eq!(config.limits.sandbox, Sandbox::SoweitMoeglich);
        assert!(config.check().is_ok());
    }

    #[test]
    fn a_code_needs_a_way_for_mails_and_passwords_stay_off_open_lines() {
        let with = |more: &str| {
            let source = format!("site = \"s\"\ndatabase = \"d\"\npublic_url = \"https://www.example.nrw\"\n{more}");
            toml::from_str::<Config>(&source).expect("a configuration").check()
        };
        let from = "from = \"Berichtstool <a@example.nrw>\"";
        assert!(with("[anmeldung]\ncode_per_mail = true").is_err());
        assert!(
            with(&format!(
                "[anmeldung]\ncode_per_mail = true\n[mail]\n{from}\nfolder = \"post\""
            ))
            .is_ok()
        );
        assert!(with(&format!("[mail]\n{from}")).is_err());
        assert!(with(&format!("[mail]\n{from}\nfolder = \"post\"\nsmtp = \"localhost\"")).is_err());
        assert!(with("[mail]\nfrom = \"Berichtstool\"\nfolder = \"post\"").is_err());
        assert!(with(&format!("[mail]\n{from}\nsmtp = \"127.0.0.1\"\ntls = \"aus\"")).is_ok());
        assert!(with(&format!("[mail]\n{from}\nsmtp = \"mail.example.nrw\"\ntls = \"aus\"")).is_err());
        assert!(with(&format!("[mail]\n{from}\nsmtp = \"mail.example.nrw\"\nuser = \"a\"")).is_err());
        assert!(with("[anmeldung]\nfailures_per_email = 0").is_err());
        assert!(with("[limits]\nmeldungen_per_day = 0").is_err());
    }

    #[test]
    fn a_key_that_is_not_known_is_an_error() {
        assert!(toml::from_str::<Config>("site = \"s\"\ndatabase = \"d\"\npublic_url = \"x\"\nlimit = 3").is_err());
    }
}
