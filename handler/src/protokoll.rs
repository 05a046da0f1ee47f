//! Two logs that nothing joins, as JSON lines: accesses (with addresses, without Träger) and events (with Träger, without addresses).
//!
//! Events come through `tracing`: whatever has a `kind` is one, and only the fields named in `ereignisse` are ever written, whatever else
//! somebody may add. What has no `kind` is about the machine and goes to standard error, for the operator.

mod ereignisse;
pub mod frist;

use crate::clock::{Clock, Moment};
use crate::config::{Protokoll, Ziel};
use anyhow::{Context as _, Result};
use ereignisse::{Ereignisse, Sammler};
use form::loeschkonzept::Loeschkonzept;
use frist::{Aufbewahrung, EREIGNISSE_KLASSE, Faellig, ZUGRIFFE_KLASSE};
use jiff::civil::Date;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tracing_subscriber::filter::{FilterExt, LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// For us and the group alone.
const MODE: u32 = 0o640;

/// Both logs.
#[derive(Clone, Default)]
pub struct Protokolle {
    zugriffe: Option<Arc<Log>>,
    ereignisse: Option<Arc<Ereignisse>>,
}

/// One answered request.
pub struct Zugriff<'a> {
    pub route: &'static str,
    pub method: &'a str,
    pub status: u16,
    pub dauer: Duration,
    pub bytes: u64,
    pub adresse: IpAddr,
}

impl Protokolle {
    /// Opens what the configuration asks for, as far as the site's deletion concept allows it.
    pub fn open(config: &Protokoll, site: &Path) -> Result<Protokolle> {
        let path = site.join("handler/loeschkonzept.toml");
        let konzept = match std::fs::read_to_string(&path) {
            Ok(source) => {
                Loeschkonzept::parse(&source).map_err(|problems| anyhow::anyhow!("{}: {problems:?}", path.display()))?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Loeschkonzept { klassen: Vec::new() },
            Err(error) => return Err(error).with_context(|| format!("{} lässt sich nicht lesen", path.display())),
        };
        let open = |ziel: &Ziel, name: &'static str, klasse: &str| match ziel {
            Ziel::Aus => Ok(None),
            Ziel::Stderr => Ok(Some(Log::Stderr)),
            Ziel::Ordner(folder) => match Aufbewahrung::of(&konzept, klasse) {
                Some(aufbewahrung) => Log::folder(folder, name, aufbewahrung).map(Some),
                None => {
                    eprintln!(
                        "loeschkonzept.toml nennt für „{klasse}“ keine Frist; dieses Protokoll wird nicht geführt."
                    );
                    Ok(None)
                }
            },
        };
        Ok(Protokolle {
            zugriffe: open(&config.zugriffe, "zugriffe", ZUGRIFFE_KLASSE)?.map(Arc::new),
            ereignisse: open(&config.ereignisse, "ereignisse", EREIGNISSE_KLASSE)?
                .map(|log| Arc::new(Ereignisse::new(log))),
        })
    }

    /// From here on events are taken, and what is about the machine goes to standard error.
    pub fn collect_events(&self, clock: Clock) {
        let is_event = filter_fn(|metadata| metadata.fields().field("kind").is_some());
        let operator = tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .with_target(false)
            .with_ansi(io::stderr().is_terminal())
            .with_filter(is_event.clone().not());
        let events = self.ereignisse.clone().map(|ereignisse| Sammler { ereignisse, clock });
        let events = events.with_filter(is_event);
        tracing_subscriber::registry()
            .with(LevelFilter::INFO)
            .with(operator)
            .with(events)
            .init();
    }

    pub fn zugriff(&self, now: Moment, zugriff: &Zugriff<'_>) {
        let Some(log) = &self.zugriffe else { return };
        let line = json!({
            "zeit": now.iso(),
            "route": zugriff.route,
            "methode": zugriff.method,
            "status": zugriff.status,
            "dauer_ms": u64::try_from(zugriff.dauer.as_millis()).unwrap_or(u64::MAX),
            "bytes": zugriff.bytes,
            "adresse": zugriff.adresse.to_canonical(),
        });
        log.write(now, &line.to_string());
    }

    /// Writes what is held back, because the service ends.
    pub fn finish(&self) {
        if let Some(ereignisse) = &self.ereignisse {
            ereignisse.write_all();
        }
    }

    /// Writes events whose quarter of an hour has ended, and deletes or shortens lines whose period is over.
    pub fn keep_up(&self, now: Moment) {
        if let Some(ereignisse) = &self.ereignisse {
            ereignisse.write_ended(now);
        }
        let zugriffe = self.zugriffe.as_deref();
        let ereignisse = self.ereignisse.as_deref().map(|ereignisse| &ereignisse.log);
        for log in [zugriffe, ereignisse].into_iter().flatten() {
            if let Err(error) = log.forget(now.day()) {
                tracing::error!("Ein abgelaufenes Protokoll lässt sich nicht löschen: {error:#}");
            }
        }
    }
}

/// Where one log goes.
enum Log {
    Stderr,
    /// One file a day, `<name>-2026-11-26.jsonl`.
    Folder {
        folder: PathBuf,
        name: &'static str,
        aufbewahrung: Aufbewahrung,
        open: Mutex<Option<(Date, File)>>,
    },
}

impl Log {
    fn folder(folder: &Path, name: &'static str, aufbewahrung: Aufbewahrung) -> Result<Log> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o750)
            .create(folder)
            .with_context(|| format!("Der Ordner {} lässt sich nicht anlegen", folder.display()))?;
        Ok(Log::Folder {
            folder: folder.to_owned(),
            name,
            aufbewahrung,
            open: Mutex::default(),
        })
    }

    /// A log that cannot be written stops nobody from reporting.
    fn write(&self, now: Moment, line: &str) {
        let line = format!("{line}\n");
        let written = match self {
            Log::Stderr => io::stderr().write_all(line.as_bytes()),
            Log::Folder { folder, name, open, .. } => {
                let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
                append(folder, name, &mut open, now.day(), line.as_bytes())
            }
        };
        if let Err(error) = written {
            // Not through `tracing`, which may be what is being written.
            let _ = writeln!(io::stderr(), "Ein Protokoll lässt sich nicht schreiben: {error}");
        }
    }

    fn forget(&self, today: Date) -> Result<()> {
        let Log::Folder {
            folder,
            name,
            aufbewahrung,
            ..
        } = self
        else {
            return Ok(());
        };
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let Some(day) = day_of(&path, name) else { continue };
            match aufbewahrung.faellig(day, today)? {
                None => {}
                Some(Faellig::Kuerzen) => frist::shorten(&path)?,
                Some(Faellig::Loeschen) => std::fs::remove_file(&path)?,
            }
        }
        Ok(())
    }
}

fn append(folder: &Path, name: &str, open: &mut Option<(Date, File)>, day: Date, line: &[u8]) -> io::Result<()> {
    if open.as_ref().is_none_or(|(of, _)| *of != day) {
        let path = folder.join(format!("{name}-{day}.jsonl"));
        let file = OpenOptions::new().create(true).append(true).mode(MODE).open(path)?;
        *open = Some((day, file));
    }
    // In one piece, so that lines of several threads do not mix.
    open.as_mut().map_or(Ok(()), |(_, file)| file.write_all(line))
}

fn day_of(path: &Path, name: &str) -> Option<Date> {
    let file = path.file_name()?.to_str()?;
    file.strip_prefix(name)?
        .strip_prefix('-')?
        .strip_suffix(".jsonl")?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(day: &str) -> Moment {
        Moment::parse(&format!("{day}T10:07:31Z")).expect("a time")
    }

    fn zugriff(adresse: &str) -> Zugriff<'_> {
        Zugriff {
            route: "anmelden",
            method: "POST",
            status: 303,
            dauer: Duration::from_millis(3),
            bytes: 0,
            adresse: adresse.parse().expect("an address"),
        }
    }

    /// What lies in the folder after logging on seven days in a row and forgetting on the eighth.
    fn after_a_week(gekuerzt: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let site = folder.path().join("site");
        std::fs::create_dir_all(site.join("handler")).expect("a folder");
        let klasse = |id: &str, frist: &str| {
            format!(
                "[[klasse]]\nid = \"{id}\"\nwas = \"a\"\nwo = \"b\"\nbeginn = \"c\"\nfrist = \"{frist}\"\nrechtsgrundlage = \"d\"\nausfuehrung = \"handler\"\n"
            )
        };
        let konzept = klasse(ZUGRIFFE_KLASSE, "P2D") + gekuerzt;
        std::fs::write(site.join("handler/loeschkonzept.toml"), konzept).expect("the concept");
        let config = Protokoll {
            zugriffe: Ziel::Ordner(folder.path().join("log")),
            ereignisse: Ziel::Aus,
        };
        let protokolle = Protokolle::open(&config, &site).expect("the logs");
        for day in ["2026-11-22", "2026-11-23", "2026-11-24"] {
            protokolle.zugriff(moment(day), &zugriff("203.0.113.77"));
            protokolle.zugriff(moment(day), &zugriff("2001:db8:1:2::3"));
        }
        protokolle.keep_up(moment("2026-11-24"));
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder.path().join("log"))
            .expect("the folder")
            .map(|entry| entry.expect("a file").path())
            .collect();
        files.sort();
        let told = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).expect("a file");
            let addresses: Vec<&str> = text
                .split("\"adresse\":\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            format!("{} {}", day_of(path, "zugriffe").expect("a day"), addresses.join(" "))
        };
        files.iter().map(told).collect()
    }

    #[test]
    fn a_line_is_gone_when_its_period_is_over() {
        let kept = [
            "2026-11-23 203.0.113.77 2001:db8:1:2::3",
            "2026-11-24 203.0.113.77 2001:db8:1:2::3",
        ];
        assert_eq!(after_a_week(""), kept);
    }

    #[test]
    fn where_the_concept_keeps_it_longer_only_the_network_is_left_of_an_address() {
        let gekuerzt = "[[klasse]]\nid = \"serverprotokoll_gekuerzt\"\nwas = \"a\"\nwo = \"b\"\nbeginn = \"c\"\nfrist = \"P30D\"\nrechtsgrundlage = \"d\"\nausfuehrung = \"handler\"\n";
        assert_eq!(after_a_week(gekuerzt)[0], "2026-11-22 203.0.113.0 2001:db8:1::");
    }
}
