//! Two logs that nothing joins, as JSON lines: accesses (with addresses, without Träger) and events (with Träger, without addresses).
//!
//! Events come through `tracing`: whatever has a `kind` is one, and only the fields named here are ever written, whatever else somebody
//! may add. Its time is exact to a quarter of an hour, so that it does not lead to a line of the other log. What has no `kind` is about
//! the machine and goes to standard error, for the operator.

pub mod frist;

use crate::clock::{Clock, Moment};
use crate::config::{Protokoll, Ziel};
use anyhow::{Context as _, Result};
use form::loeschkonzept::Loeschkonzept;
use frist::{Aufbewahrung, EREIGNISSE_KLASSE, Faellig, ZUGRIFFE_KLASSE};
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{FilterExt, LevelFilter, filter_fn};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// What an event may say: no address, no e-mail, no file name, no token, nothing that somebody typed.
const EVENT_FIELDS: [&str; 9] = [
    "kind", "traeger", "runde", "nummer", "code", "codes", "status", "anzahl", "about",
];
const QUARTER_SECONDS: i64 = 15 * 60;
/// For us and the group alone.
const MODE: u32 = 0o640;

/// Both logs.
#[derive(Clone, Default)]
pub struct Protokolle {
    zugriffe: Option<Arc<Log>>,
    ereignisse: Option<Arc<Log>>,
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
            Ziel::Stderr => Ok(Some(Arc::new(Log::Stderr))),
            Ziel::Ordner(folder) => match Aufbewahrung::of(&konzept, klasse) {
                Some(aufbewahrung) => Log::folder(folder, name, aufbewahrung).map(|log| Some(Arc::new(log))),
                None => {
                    eprintln!(
                        "loeschkonzept.toml nennt für „{klasse}“ keine Frist; dieses Protokoll wird nicht geführt."
                    );
                    Ok(None)
                }
            },
        };
        Ok(Protokolle {
            zugriffe: open(&config.zugriffe, "zugriffe", ZUGRIFFE_KLASSE)?,
            ereignisse: open(&config.ereignisse, "ereignisse", EREIGNISSE_KLASSE)?,
        })
    }

    /// From here on events are written, and what is about the machine goes to standard error.
    pub fn collect_events(&self, clock: Clock) {
        let is_event = filter_fn(|metadata| metadata.fields().field("kind").is_some());
        let operator = tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .with_target(false)
            .with_ansi(io::stderr().is_terminal())
            .with_filter(is_event.clone().not());
        let events = self.ereignisse.clone().map(|log| Events { log, clock });
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
        log.write(now, &line);
    }

    /// Deletes or shortens lines whose period is over.
    pub fn forget(&self, now: Moment) {
        for log in [&self.zugriffe, &self.ereignisse].into_iter().flatten() {
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
    fn write(&self, now: Moment, line: &Value) {
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

/// Writes events, and of each only what an event may say.
struct Events {
    log: Arc<Log>,
    clock: Clock,
}

impl<S: Subscriber> Layer<S> for Events {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let now = self.clock.now();
        let mut said = Said {
            entry: Map::new(),
            has_cause: *event.metadata().level() <= Level::WARN,
        };
        said.entry
            .insert("zeit".to_owned(), json!(now.rounded_down(QUARTER_SECONDS).iso()));
        event.record(&mut said);
        self.log.write(now, &Value::Object(said.entry));
    }
}

struct Said {
    entry: Map<String, Value>,
    /// Whether the sentence belongs to it: what did not work, and why.
    has_cause: bool,
}

impl Said {
    fn keep(&mut self, field: &Field, value: Value) {
        if EVENT_FIELDS.contains(&field.name()) {
            self.entry.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, json!(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" && self.has_cause {
            let cause = without_addresses(&format!("{value:?}"));
            self.entry.insert("grund".to_owned(), json!(cause));
        }
        self.keep(field, json!(format!("{value:?}")));
    }
}

/// Mail servers repeat the address that they refuse.
fn without_addresses(text: &str) -> String {
    let words = text.split(' ');
    let words: Vec<&str> = words.map(|word| if word.contains('@') { "…" } else { word }).collect();
    words.join(" ")
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
        protokolle.forget(moment("2026-11-24"));
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
    fn a_cause_names_no_address() {
        let said = without_addresses("550 <leitung@example.org>: no such user");
        assert_eq!(said, "550 … no such user");
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
