//! What an upload that became no Meldung is answered with.

use super::TraegerView;
use crate::rejection::size_text;
use crate::store::Wartend;
use form::{Choice, Finding, Form, Severity, Vordruck, routes};
use serde::Serialize;

/// `befund.html`: what an upload needs before it can be accepted.
#[derive(Debug, Serialize)]
pub struct Befund {
    traeger: TraegerView,
    runde: BefundRunde,
    /// The name of the uploaded file, shown this once.
    datei: String,
    #[serde(flatten)]
    wartend: WartendView,
}

/// What is to be done about an upload that waits: said at once, and on the Träger's page for as long as it waits.
#[derive(Debug, Serialize)]
pub(super) struct WartendView {
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
    /// Speaks of the list itself: nothing is to be done about it.
    ueberblick: bool,
}

impl Befund {
    pub fn new(vordruck: &Vordruck, form: &Form, wartend: &Wartend, datei: &str, upload_max_bytes: u64) -> Befund {
        Befund {
            traeger: TraegerView::from(&vordruck.traeger),
            runde: BefundRunde {
                kennung: wartend.runde.clone(),
                title: form.title.clone(),
                formular: routes::formular(&wartend.runde),
                hoechstgroesse: size_text(upload_max_bytes),
            },
            datei: datei.to_owned(),
            wartend: WartendView::new(wartend, form),
        }
    }
}

impl WartendView {
    pub(super) fn new(wartend: &Wartend, form: &Form) -> WartendView {
        let open = |severity| {
            wartend
                .befunde
                .iter()
                .filter(|finding| finding.severity == severity)
                .count()
        };
        let (errors, questions) = (open(Severity::Fehler), open(Severity::Bestaetigen));
        let confirmable = errors == 0;
        let new_form = wartend.befunde.iter().any(Finding::is_new_form);
        let other_file = !form::can_be_corrected(&wartend.befunde);
        WartendView {
            ueberschrift: match (confirmable, errors + questions) {
                _ if new_form => "Es gibt eine neue Fassung Ihres Formulars".to_owned(),
                (true, 1) => "1 Angabe bestätigen oder ändern".to_owned(),
                (true, n) => format!("{n} Angaben bestätigen oder ändern"),
                (false, 1) => "1 Angabe prüfen".to_owned(),
                (false, n) => format!("{n} Angaben prüfen"),
            },
            einleitung: match (confirmable, other_file) {
                _ if new_form => {
                    "Seit Sie Ihr Formular heruntergeladen haben, wurden die Vorgaben darin berichtigt. Ihre Angaben sind nicht verloren: Sie stehen in der Korrekturfassung."
                }
                (true, _) => {
                    "Einige Angaben sind ungewöhnlich. Stimmen sie, wählen Sie jeweils einen Grund und bestätigen Sie sie. Stimmen sie nicht, ändern Sie die Datei und laden Sie sie erneut hoch."
                }
                (false, true) => {
                    "Mit dieser Datei geht es noch nicht weiter. Was zu tun ist, steht unten. Die einzelnen Angaben prüfen wir danach."
                }
                (false, false) => {
                    "Ändern Sie die genannten Stellen und laden Sie die Datei erneut hoch. Manches lässt sich erst danach prüfen."
                }
            },
            befunde: wartend
                .befunde
                .iter()
                .enumerate()
                .map(|(n, finding)| FindingView::new(n + 1, finding, form))
                .collect(),
            korrektur: if other_file {
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
            gelesen: finding.read_in_words(),
            erwartet: finding.expected.clone(),
            abhilfe: finding.fix.clone(),
            hilfe: finding.help.clone(),
            gruende: if finding.severity == Severity::Bestaetigen {
                form.gruende.clone()
            } else {
                Vec::new()
            },
            ueberblick: finding.severity == Severity::Hinweis
                && finding.field.is_empty()
                && finding.place.cells.is_empty(),
        }
    }
}
