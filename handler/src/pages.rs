//! The answer pages: what each template of the theme is given. `ARCHITECTURE.md` lists the variables.

mod befund;
mod eingang;
mod mail;
mod uebersicht;

use crate::clock::Moment;
use crate::store::{Meldung, Runde};
use anyhow::{Context, Result};
use form::{Traeger, day_text};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use tera::Tera;

pub use befund::Befund;
pub use eingang::EingangView;
pub use mail::{MailCode, MailMeldung};
pub use uebersicht::{RundeView, Uebersicht};

/// The templates of `dist/<site>/handler`.
pub struct Pages {
    folder: PathBuf,
    loaded: Mutex<Loaded>,
    /// Read templates again when they change, for whoever designs them.
    reload: bool,
}

struct Loaded {
    tera: Tera,
    newest: Option<SystemTime>,
}

impl Pages {
    pub fn open(site: &Path, reload: bool) -> Result<Pages> {
        let folder = site.join("handler");
        let loaded = Mutex::new(load(&folder)?);
        Ok(Pages { folder, loaded, reload })
    }

    pub fn render<T: Serialize>(&self, template: &str, variables: &T) -> Result<String> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if self.reload && newest(&self.folder)? != loaded.newest {
            match load(&self.folder) {
                Ok(fresh) => *loaded = fresh,
                // A half-written template: the last good one serves on.
                Err(error) => tracing::warn!("{error:#}"),
            }
        }
        let context = tera::Context::from_serialize(variables)?;
        loaded
            .tera
            .render(template, &context)
            .with_context(|| format!("Die Antwortseite {template} lässt sich nicht erzeugen"))
    }
}

fn load(folder: &Path) -> Result<Loaded> {
    let newest = newest(folder)?;
    let mut templates = Vec::new();
    for path in template_files(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        templates.push((
            name,
            std::fs::read_to_string(&path).with_context(|| format!("{} lässt sich nicht lesen", path.display()))?,
        ));
    }
    let mut tera = Tera::new();
    tera.add_raw_templates(templates)
        .with_context(|| format!("Eine Vorlage in {} hat einen Fehler", folder.display()))?;
    Ok(Loaded { tera, newest })
}

fn template_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let missing = || {
        format!(
            "Die Antwortvorlagen in {} fehlen. „generator build“ erzeugt sie",
            folder.display()
        )
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(missing)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "html" || extension == "txt")
        {
            files.push(path);
        }
    }
    files.sort();
    anyhow::ensure!(!files.is_empty(), missing());
    Ok(files)
}

fn newest(folder: &Path) -> Result<Option<SystemTime>> {
    let times = template_files(folder)?
        .into_iter()
        .filter_map(|path| path.metadata().ok()?.modified().ok());
    Ok(times.max())
}

/// What every page in a session knows besides its own variables.
#[derive(Serialize)]
pub struct InSession<'a, T> {
    pub anmeldung: AnmeldungView,
    pub hoechstgroesse_bytes: u64,
    #[serde(flatten)]
    pub page: &'a T,
}

/// When a session ends if nothing more is asked.
#[derive(Serialize)]
pub struct AnmeldungView {
    /// `14:35 Uhr`.
    bis: String,
    sekunden: i64,
}

impl AnmeldungView {
    pub fn new(endet: Moment, now: Moment) -> AnmeldungView {
        AnmeldungView {
            bis: endet.time(),
            sekunden: (endet.seconds() - now.seconds()).max(0),
        }
    }
}

/// A Träger as pages name it.
#[derive(Debug, Clone, Serialize)]
pub struct TraegerView {
    pub nummer: String,
    pub name: String,
}

impl From<&Traeger> for TraegerView {
    fn from(traeger: &Traeger) -> TraegerView {
        TraegerView {
            nummer: traeger.nummer.to_string(),
            name: traeger.name.clone(),
        }
    }
}

/// `anmeldung.html`: the login form again, after a login that failed.
#[derive(Debug, Serialize)]
pub struct Anmeldung {
    pub meldung: String,
    pub email: String,
    pub schultraegernummer: String,
}

/// `code.html`: where the mailed code is entered.
#[derive(Debug, Serialize)]
pub struct CodeSeite {
    /// Why the login is not complete yet, or empty.
    pub meldung: String,
    /// Whether that is about the code in the field.
    pub falsch: bool,
    pub minuten: i64,
}

/// After the day that holds now, however it was when it came.
fn is_late(meldung: &Meldung, runde: &Runde) -> bool {
    meldung.verspaetet && meldung.eingegangen.day() > runde.frist
}

fn withdrawn_on(meldung: &Meldung) -> String {
    let ruecknahme = meldung.ruecknahme.as_ref();
    ruecknahme
        .map(|ruecknahme| day_text(ruecknahme.zeit.day()))
        .unwrap_or_default()
}

pub(crate) fn zeitraum(runde: &Runde) -> String {
    format!("{} bis {}", day_text(runde.von), day_text(runde.bis))
}
