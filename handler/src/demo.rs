//! `serve --demo`: the real list of Träger and schools, made-up allocations, a Runde that is open, a database that is
//! thrown away.

use crate::clock::{Clock, Moment};
use crate::config::{Anmeldung, Config, Limits, Mail, Protokoll, Ziel};
use crate::lists;
use crate::sandbox::Sandbox;
use crate::store::{NeueRunde, Store};
use anyhow::{Context, Result, bail};
use form::Form;
use jiff::ToSpan;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const FORM: &str = "chancenbudget";

/// Logins to try: a large city, a small one, a private Träger.
const SAMPLE_LOGINS: [&str; 3] = ["10054", "10110", "10039"];

/// A configuration and a database that end with the program.
pub struct Demo {
    pub config: Config,
    pub store: Store,
    /// Deleted when dropped.
    pub folder: TempDir,
}

impl Demo {
    /// Sets up the demo for a built site.
    pub fn set_up(site: &Path, listen: &str, public_url: &str, mail: Option<PathBuf>, clock: &Clock) -> Result<Demo> {
        let folder = tempfile::Builder::new().prefix("formularschrank-demo-").tempdir()?;
        let config = Config {
            site: site.to_owned(),
            database: folder.path().join("demo.sqlite"),
            public_url: public_url.to_owned(),
            listen: listen.to_owned(),
            // The preview's web server forwards from this machine.
            trusted_proxies: vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)],
            protokoll: Protokoll {
                zugriffe: Ziel::Aus,
                ereignisse: Ziel::Stderr,
            },
            // Whoever tries the demo may have a kernel without Landlock.
            limits: Limits {
                sandbox: Sandbox::SoweitMoeglich,
                ..Limits::default()
            },
            anmeldung: Anmeldung {
                code_per_mail: mail.is_some(),
                ..Anmeldung::default()
            },
            mail: mail.map(Mail::for_trying_out),
        };
        config.check()?;
        let mut store = Store::open(&config.database)?;
        fill(&mut store, site, clock.now())?;
        Ok(Demo { config, store, folder })
    }

    /// What to type to log in, a line each, and where mails are to be found.
    pub fn sample_logins(&self) -> Result<Vec<String>> {
        let login = |nummer: &&str| {
            let name = self.store.traeger_name(nummer)?;
            let emails = self.store.emails(nummer)?;
            Ok(format!("{name}: {}, Schulträgernummer {nummer}", emails.join(", ")))
        };
        let folder = self.config.mail.as_ref().and_then(|mail| mail.folder.as_ref());
        let folder = folder.map(|folder| Ok(format!("E-Mails und Codes: {}", folder.display())));
        SAMPLE_LOGINS.iter().map(login).chain(folder).collect()
    }
}

fn fill(store: &mut Store, site: &Path, now: Moment) -> Result<()> {
    let broken = |problems: Vec<lists::ListProblem>| {
        anyhow::anyhow!("Die eingebauten Demo-Listen sind fehlerhaft: {problems:?}")
    };
    let traeger = lists::traeger(include_bytes!("../demo/traeger.csv"))
        .map_err(broken)?
        .rows;
    let schulen = lists::schulen(include_bytes!("../demo/schulen.csv"), Some(&traeger))
        .map_err(broken)?
        .rows;
    let zuweisungen = lists::zuweisungen(include_bytes!("../demo/zuweisungen.csv"))
        .map_err(broken)?
        .rows;
    store.replace_register(&traeger, &schulen, now)?;
    let path = site.join("handler/formulare").join(format!("{FORM}.toml"));
    let definition = std::fs::read_to_string(&path)
        .with_context(|| format!("{} fehlt. „generator build“ erzeugt es", path.display()))?;
    let form = Form::parse(&definition).map_err(|problems| anyhow::anyhow!("{}: {problems:?}", path.display()))?;
    let today = now.day();
    let year = today.year();
    let runde = NeueRunde {
        kennung: format!("cb-{year}"),
        von: jiff::civil::date(year, 1, 1),
        bis: jiff::civil::date(year, 12, 31),
        ab: today,
        frist: today.checked_add(60.days())?,
        nach_frist_ablehnen: false,
        uebertrag: false,
        beispiel: true,
    };
    match store.open_runde(&runde, &definition, &form, &zuweisungen, now)? {
        Ok(()) => Ok(()),
        Err(fehler) => bail!("Die Demo-Runde lässt sich nicht öffnen: {fehler:?}"),
    }
}
