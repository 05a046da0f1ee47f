//! The answer pages: what each template of the theme is given. `ARCHITECTURE.md` lists the variables.

mod mail;

use crate::clock::{Moment, days_between};
use crate::rejection::size_text;
use crate::store::{Meldung, Runde, Wartend};
use anyhow::{Context, Result};
use form::day_text;
use form::{Choice, Finding, Form, Severity, Traeger, Vordruck, routes};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use tera::Tera;

pub use mail::{MailCode, MailMeldung};

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

/// `uebersicht.html`: the one page of a Träger.
#[derive(Debug, Serialize)]
pub struct Uebersicht {
    pub traeger: TraegerView,
    pub runden: Vec<RundeView>,
    pub hoechstgroesse: String,
}

#[derive(Debug, Serialize)]
pub struct RundeView {
    kennung: String,
    title: String,
    zeitraum: String,
    ab: String,
    frist: String,
    frist_iso: String,
    /// The office has given this Träger more time.
    verlaengert: bool,
    /// Whole days left; 0 on the last day and after it.
    tage: i64,
    /// `kommt`, `offen`, `verspaetet`, `geschlossen`, or `entfallen` where its schools are no longer its own to report.
    stand: &'static str,
    beispiel: bool,
    formular: String,
    schulen: usize,
    wartend: Option<WartendView>,
    meldungen: Vec<MeldungView>,
}

#[derive(Debug, Serialize)]
struct WartendView {
    id: String,
    anzahl: usize,
}

#[derive(Debug, Serialize)]
struct MeldungView {
    nummer: String,
    href: String,
    eingegangen: String,
    gilt: bool,
    verspaetet: bool,
    /// The day on which the office withdrew it, or empty.
    zurueckgenommen: String,
    /// The day on which the signed paper came, or empty.
    unterschrift: String,
}

impl RundeView {
    pub fn new(
        runde: &Runde,
        form: &Form,
        schulen: usize,
        wartend: Option<&Wartend>,
        meldungen: &[Meldung],
        now: Moment,
    ) -> RundeView {
        let today = now.day();
        RundeView {
            kennung: runde.kennung.clone(),
            title: form.title.clone(),
            zeitraum: zeitraum(runde),
            ab: day_text(runde.ab),
            frist: day_text(runde.frist),
            frist_iso: runde.frist.to_string(),
            verlaengert: runde.verlaengert,
            tage: days_between(today, runde.frist).max(0),
            stand: match () {
                () if schulen == 0 => "entfallen",
                () if runde.geschlossen || (today > runde.frist && runde.nach_frist_ablehnen) => "geschlossen",
                () if today < runde.ab => "kommt",
                () if today > runde.frist => "verspaetet",
                () => "offen",
            },
            beispiel: runde.beispiel,
            formular: if schulen == 0 {
                String::new()
            } else {
                routes::formular(&runde.kennung)
            },
            schulen,
            wartend: wartend
                .filter(|wartend| wartend.runde == runde.kennung && wartend.zeilen.is_some())
                // Confirmed elsewhere: the same bytes count already.
                .filter(|wartend| {
                    meldungen
                        .first()
                        .is_none_or(|counts| !counts.gilt || counts.upload_sha256 != wartend.upload_sha256)
                })
                .map(|wartend| WartendView {
                    id: wartend.id.clone(),
                    anzahl: wartend
                        .befunde
                        .iter()
                        .filter(|finding| finding.severity == Severity::Bestaetigen)
                        .count(),
                }),
            meldungen: meldungen
                .iter()
                .map(|meldung| MeldungView {
                    nummer: meldung.nummer.clone(),
                    href: routes::eingang(&meldung.nummer),
                    eingegangen: meldung.eingegangen.text(),
                    gilt: meldung.gilt,
                    verspaetet: is_late(meldung, runde),
                    zurueckgenommen: withdrawn_on(meldung),
                    unterschrift: meldung.unterschrift.map(day_text).unwrap_or_default(),
                })
                .collect(),
        }
    }
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

/// `befund.html`: what an upload needs before it can be accepted.
#[derive(Debug, Serialize)]
pub struct Befund {
    traeger: TraegerView,
    runde: BefundRunde,
    /// The name of the uploaded file, shown this once.
    datei: String,
    anzahl: usize,
    ueberschrift: String,
    einleitung: &'static str,
    befunde: Vec<FindingView>,
    korrektur: String,
    bestaetigen_id: String,
}

#[derive(Debug, Serialize)]
struct BefundRunde {
    kennung: String,
    title: String,
    formular: String,
    hoechstgroesse: String,
}

#[derive(Debug, Serialize)]
struct FindingView {
    nummer: usize,
    code: String,
    schwere: Severity,
    blatt: String,
    zellen: String,
    stelle: String,
    gelesen: String,
    erwartet: String,
    abhilfe: String,
    hilfe: String,
    gruende: Vec<Choice>,
}

impl Befund {
    pub fn new(vordruck: &Vordruck, form: &Form, wartend: &Wartend, datei: &str, upload_max_bytes: u64) -> Befund {
        let open = |severity| {
            wartend
                .befunde
                .iter()
                .filter(|finding| finding.severity == severity)
                .count()
        };
        let (errors, questions) = (open(Severity::Fehler), open(Severity::Bestaetigen));
        let confirmable = errors == 0;
        let stages = wartend
            .befunde
            .iter()
            .any(|finding| finding.severity == Severity::Fehler && finding.code.starts_with('S'));
        let new_form = wartend.befunde.iter().any(Finding::is_new_form);
        Befund {
            traeger: TraegerView::from(&vordruck.traeger),
            runde: BefundRunde {
                kennung: wartend.runde.clone(),
                title: form.title.clone(),
                formular: routes::formular(&wartend.runde),
                hoechstgroesse: size_text(upload_max_bytes),
            },
            datei: datei.to_owned(),
            anzahl: wartend
                .befunde
                .iter()
                .filter(|finding| finding.severity == Severity::Bestaetigen)
                .count(),
            ueberschrift: match (confirmable, errors + questions) {
                _ if new_form => "Es gibt eine neue Fassung Ihres Formulars".to_owned(),
                (true, 1) => "1 Angabe bestätigen oder ändern".to_owned(),
                (true, n) => format!("{n} Angaben bestätigen oder ändern"),
                (false, 1) => "1 Angabe prüfen".to_owned(),
                (false, n) => format!("{n} Angaben prüfen"),
            },
            einleitung: match (confirmable, stages) {
                _ if new_form => {
                    "Seit Sie Ihr Formular heruntergeladen haben, wurden die Vorgaben darin berichtigt. Ihre Angaben sind nicht verloren: Sie stehen in der Korrekturfassung."
                }
                (true, _) => {
                    "Einige Angaben sind ungewöhnlich. Stimmen sie, wählen Sie jeweils einen Grund und bestätigen Sie sie. Stimmen sie nicht, ändern Sie die Datei und laden Sie sie erneut hoch."
                }
                (false, true) => {
                    "Die Datei passt noch nicht zum Formular. Die Angaben selbst prüfen wir, sobald das behoben ist."
                }
                (false, false) => {
                    "Ändern Sie die genannten Zellen in Ihrer Datei und laden Sie sie erneut hoch. Manche Zusammenhänge lassen sich erst danach prüfen."
                }
            },
            befunde: wartend
                .befunde
                .iter()
                .enumerate()
                .map(|(n, finding)| FindingView::new(n + 1, finding, form))
                .collect(),
            // Where the file is not this Träger's form, there are no values to carry over.
            korrektur: if stages && !new_form {
                String::new()
            } else {
                routes::korrektur(&wartend.id)
            },
            bestaetigen_id: if confirmable { wartend.id.clone() } else { String::new() },
        }
    }
}

impl FindingView {
    fn new(nummer: usize, finding: &Finding, form: &Form) -> FindingView {
        FindingView {
            nummer,
            code: finding.code.clone(),
            schwere: finding.severity,
            blatt: finding.place.sheet.clone(),
            zellen: finding.place.cells.join(","),
            stelle: finding.place_text(),
            gelesen: finding.read.clone(),
            erwartet: finding.expected.clone(),
            abhilfe: finding.fix.clone(),
            hilfe: finding.help.clone(),
            gruende: if finding.severity == Severity::Bestaetigen {
                form.gruende.clone()
            } else {
                Vec::new()
            },
        }
    }
}

/// `eingang.html`: the Eingangsbestaetigung.
#[derive(Debug, Serialize)]
pub struct EingangView {
    nummer: String,
    eingegangen: String,
    eingegangen_iso: String,
    frisch: bool,
    gilt: bool,
    ersetzt_durch: String,
    /// The day on which the office withdrew it, and why; or empty.
    zurueckgenommen: String,
    zuruecknahme_grund: String,
    /// The day on which the signed paper came, or empty.
    unterschrift: String,
    /// Filed by the office, and why; or empty.
    einreichung: String,
    verspaetet: bool,
    traeger: TraegerView,
    runde: EingangRunde,
    formular: FormularView,
    schulen: usize,
    summen: Vec<SummeView>,
    hinweise: Vec<crate::store::Hinweis>,
    bestaetigt: Vec<crate::store::Bestaetigung>,
    aenderung: String,
    sha256: String,
    kette: String,
    groesse: String,
    beispiel: bool,
}

/// So long an Eingangsbestaetigung is greeted as a new one.
const JUST_NOW_SECONDS: i64 = 600;

#[derive(Debug, Serialize)]
struct EingangRunde {
    kennung: String,
    title: String,
    zeitraum: String,
    frist: String,
    verlaengert: bool,
}

#[derive(Debug, Serialize)]
struct FormularView {
    title: String,
    version: String,
}

#[derive(Debug, Serialize)]
struct SummeView {
    label: String,
    wert: String,
}

impl EingangView {
    pub fn new(meldung: &Meldung, runde: &Runde, form: &Form, traeger: TraegerView, now: Moment) -> EingangView {
        let beleg = &meldung.beleg;
        EingangView {
            nummer: meldung.nummer.clone(),
            eingegangen: meldung.eingegangen.text_with_zone(),
            eingegangen_iso: meldung.eingegangen.iso(),
            frisch: now.seconds() - meldung.eingegangen.seconds() < JUST_NOW_SECONDS,
            gilt: meldung.gilt,
            ersetzt_durch: meldung.ersetzt_durch.clone().unwrap_or_default(),
            zurueckgenommen: withdrawn_on(meldung),
            zuruecknahme_grund: meldung
                .ruecknahme
                .as_ref()
                .map(|ruecknahme| ruecknahme.grund.clone())
                .unwrap_or_default(),
            unterschrift: meldung.unterschrift.map(day_text).unwrap_or_default(),
            einreichung: meldung.einreichung.clone().unwrap_or_default(),
            verspaetet: is_late(meldung, runde),
            traeger,
            runde: EingangRunde {
                kennung: runde.kennung.clone(),
                title: form.title.clone(),
                zeitraum: zeitraum(runde),
                frist: day_text(runde.frist),
                verlaengert: runde.verlaengert,
            },
            formular: FormularView {
                title: form.title.clone(),
                version: form.version.clone(),
            },
            schulen: beleg.schulen,
            summen: beleg
                .summen
                .iter()
                .map(|summe| SummeView {
                    label: summe.label.clone(),
                    wert: summe.cent.to_string(),
                })
                .collect(),
            hinweise: beleg.hinweise.clone(),
            bestaetigt: beleg.bestaetigt.clone(),
            aenderung: beleg.aenderung.clone(),
            sha256: meldung.upload_sha256.clone(),
            kette: meldung.kette.clone(),
            groesse: size_text(meldung.upload_bytes),
            beispiel: runde.beispiel,
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
