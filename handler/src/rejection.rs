//! Why a request is not taken: each reason knows its status and its sentences.

use crate::store::sitzung::IDLE_SECONDS;
use form::{Unreadable, routes};
use serde::{Deserialize, Serialize};

/// A request that gets no page of its own.
#[derive(Debug)]
pub enum Rejection {
    /// A head that is no request, or not one beyond doubt; with the status that says how.
    Refused(u16),
    NoSuchPage,
    /// With the methods that the route takes.
    WrongMethod(&'static str),
    ForeignOrigin,
    NoSession,
    /// The mailed code came too late or was wrong too often.
    CodeOver,
    /// The size in bytes that was announced, if it was, and the largest one allowed.
    TooLarge {
        announced: Option<u64>,
        largest: u64,
    },
    /// The body is not what the form on the page sends.
    MalformedBody,
    TransferBroke,
    NoFile,
    UnknownRunde,
    UnknownMeldung,
    UnknownKorrektur,
    NotYetOpen(String),
    Closed,
    /// After the deadline, where late is refused; with the deadline.
    TooLate(String),
    NothingWaits,
    /// While the file was examined, the Runde got other figures.
    Changed,
    /// So many Meldungen of the Träger came in today, as many as are taken; with the seconds that are left of the day.
    TooMany {
        taken: u32,
        seconds: u64,
    },
    Unreadable(UnreadableText),
    /// The child did not get through; the reason is for the log.
    Exhausted(&'static str),
    Busy,
    StoreFailed(anyhow::Error),
    Internal(anyhow::Error),
}

/// Why a file is no readable workbook, in words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnreadableText {
    /// For the log and for `--json`.
    pub code: String,
    pub is_empty: bool,
    pub text: String,
    pub remedy: String,
}

/// What the page of a rejection says.
#[derive(Debug, Serialize)]
pub struct Abweisung {
    pub status: u16,
    pub ueberschrift: String,
    pub text: String,
    pub abhilfe: String,
    pub weiter: Weiter,
}

/// Where to go from there.
#[derive(Debug, Serialize)]
pub struct Weiter {
    pub href: &'static str,
    pub label: &'static str,
}

const OVERVIEW: Weiter = Weiter {
    href: routes::PREFIX,
    label: "Zurück zum Hochladen",
};
const LOGIN: Weiter = Weiter {
    href: routes::LOGIN_PAGE,
    label: "Zur Anmeldung",
};

impl Rejection {
    pub fn status(&self) -> u16 {
        match self {
            Rejection::Refused(status) => *status,
            Rejection::MalformedBody | Rejection::TransferBroke | Rejection::NoFile => 400,
            Rejection::Unreadable(text) if text.is_empty => 400,
            Rejection::ForeignOrigin | Rejection::NoSession | Rejection::CodeOver => 403,
            Rejection::NoSuchPage
            | Rejection::UnknownRunde
            | Rejection::UnknownMeldung
            | Rejection::UnknownKorrektur => 404,
            Rejection::WrongMethod(_) => 405,
            Rejection::NotYetOpen(_)
            | Rejection::Closed
            | Rejection::TooLate(_)
            | Rejection::NothingWaits
            | Rejection::Changed => 409,
            Rejection::TooLarge { .. } => 413,
            Rejection::Unreadable(_) => 415,
            Rejection::Exhausted(_) => 422,
            Rejection::TooMany { .. } => 429,
            Rejection::Internal(_) => 500,
            Rejection::Busy | Rejection::StoreFailed(_) => 503,
        }
    }

    /// Seconds after which it is worth trying again.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Rejection::Busy => Some(30),
            Rejection::StoreFailed(_) => Some(120),
            Rejection::TooMany { seconds, .. } => Some(*seconds),
            _ => None,
        }
    }

    /// A word for the log; never what somebody sent.
    pub fn code(&self) -> String {
        match self {
            Rejection::Unreadable(text) => text.code.clone(),
            Rejection::Exhausted(reason) => format!("exhausted: {reason}"),
            other => {
                let name = format!("{other:?}");
                name.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
            }
        }
    }

    pub fn page(&self) -> Abweisung {
        let (ueberschrift, text, abhilfe, weiter) = self.words();
        Abweisung {
            status: self.status(),
            ueberschrift: ueberschrift.to_owned(),
            text,
            abhilfe,
            weiter,
        }
    }

    fn words(&self) -> (&'static str, String, String, Weiter) {
        let not_taken = "Die Datei wurde nicht angenommen";
        match self {
            Rejection::Refused(_) => (
                "Die Anfrage war nicht zu verstehen",
                "Sie entspricht nicht dem, was Browser senden.".to_owned(),
                "Gehen Sie über die Seite des Berichtstools.".to_owned(),
                LOGIN,
            ),
            Rejection::NoSuchPage => (
                "Diese Seite gibt es nicht",
                "Unter dieser Adresse liegt nichts.".to_owned(),
                "Gehen Sie über die Seite des Berichtstools.".to_owned(),
                LOGIN,
            ),
            Rejection::WrongMethod(_) => (
                "So lässt sich diese Seite nicht öffnen",
                "Die Adresse gehört zu einem Formular und wird nicht direkt aufgerufen.".to_owned(),
                "Gehen Sie über die Seite des Berichtstools.".to_owned(),
                LOGIN,
            ),
            Rejection::ForeignOrigin => (
                "Die Anfrage kam von einer anderen Website",
                "Zu Ihrem Schutz nehmen wir nur an, was von unseren eigenen Seiten gesendet wird.".to_owned(),
                "Öffnen Sie das Berichtstool und beginnen Sie dort noch einmal.".to_owned(),
                LOGIN,
            ),
            Rejection::NoSession => (
                "Sie sind nicht mehr angemeldet",
                format!("Nach {} Minuten ohne Eingabe endet die Anmeldung. Vielleicht nimmt Ihr Browser auch keine Cookies an.", IDLE_SECONDS / 60),
                "Melden Sie sich noch einmal an. Eine hochgeladene Datei wählen Sie danach neu aus.".to_owned(),
                LOGIN,
            ),
            Rejection::CodeOver => (
                "Dieser Code gilt nicht mehr",
                "Ein Code gilt zehn Minuten und für fünf Versuche.".to_owned(),
                "Melden Sie sich noch einmal an. Dann kommt eine neue E-Mail mit einem neuen Code.".to_owned(),
                LOGIN,
            ),
            Rejection::TooLarge { announced, largest } => {
                let largest = size_text(*largest);
                let announced = match announced.map(size_text) {
                    None => String::new(),
                    Some(size) if size == largest => " Ihre Datei ist etwas größer.".to_owned(),
                    Some(size) => format!(" Ihre Datei hat {size}."),
                };
                (
                    "Die Datei ist zu groß",
                    format!("Die Datei darf höchstens {largest} groß sein.{announced}"),
                    "Ihr Formular ist viel kleiner. Prüfen Sie, ob Sie die richtige Datei gewählt haben, und entfernen Sie eingefügte Bilder.".to_owned(),
                    OVERVIEW,
                )
            }
            Rejection::MalformedBody | Rejection::TransferBroke => (
                "Die Datei kam nicht an",
                "Die Übertragung ist abgebrochen oder war unvollständig.".to_owned(),
                "Laden Sie die Datei noch einmal hoch.".to_owned(),
                OVERVIEW,
            ),
            Rejection::NoFile => (
                "Es wurde keine Datei ausgewählt",
                "Das Feld für die Datei war leer.".to_owned(),
                "Wählen Sie die ausgefüllte Excel-Datei aus und laden Sie sie dann hoch.".to_owned(),
                OVERVIEW,
            ),
            Rejection::UnknownRunde => (
                "Diese Berichtsrunde gibt es nicht",
                "Unter dieser Adresse liegt keine Berichtsrunde, an der Sie beteiligt sind.".to_owned(),
                "Auf Ihrer Seite stehen alle Berichtsrunden, an denen Sie beteiligt sind.".to_owned(),
                OVERVIEW,
            ),
            Rejection::UnknownMeldung => (
                "Diese Eingangsbestätigung gibt es nicht",
                "Unter dieser Vorgangsnummer liegt keine Meldung von Ihnen.".to_owned(),
                "Auf Ihrer Seite stehen alle Meldungen, die Sie eingereicht haben.".to_owned(),
                OVERVIEW,
            ),
            Rejection::UnknownKorrektur => (
                "Diese Korrekturfassung gibt es nicht mehr",
                "Sie gehört zu einer Datei, die inzwischen ersetzt oder eingereicht wurde, oder zu einer früheren Anmeldung.".to_owned(),
                "Laden Sie Ihre Datei noch einmal hoch. Sie bekommen dann eine neue Korrekturfassung.".to_owned(),
                OVERVIEW,
            ),
            Rejection::NotYetOpen(day) => (
                not_taken,
                format!("Die Berichtsrunde beginnt erst am {day}."),
                "Bewahren Sie die Datei auf und laden Sie sie dann hoch.".to_owned(),
                OVERVIEW,
            ),
            Rejection::Closed => (
                not_taken,
                "Die Berichtsrunde ist geschlossen.".to_owned(),
                "Wenden Sie sich an die Stelle, die auf der Seite „Kontakt“ steht.".to_owned(),
                OVERVIEW,
            ),
            Rejection::TooLate(day) => (
                not_taken,
                format!("Die Frist endete am {day}."),
                "Wenden Sie sich an die Stelle, die auf der Seite „Kontakt“ steht.".to_owned(),
                OVERVIEW,
            ),
            Rejection::Changed => (
                "Bitte noch einmal hochladen",
                "Während Ihre Datei geprüft wurde, haben sich die Vorgaben für Ihre Meldung geändert. Sie wurde deshalb noch nicht angenommen.".to_owned(),
                "Laden Sie dieselbe Datei noch einmal hoch. Sie bekommen dann ein Formular mit den neuen Vorgaben und Ihren Angaben.".to_owned(),
                OVERVIEW,
            ),
            Rejection::TooMany { taken, .. } => (
                not_taken,
                format!("Von Ihnen sind heute schon {taken} Meldungen eingegangen; mehr nehmen wir an einem Tag nicht an."),
                "Laden Sie die Datei morgen noch einmal hoch. Kamen die Meldungen nicht von Ihnen, oder endet heute die Frist, wenden Sie sich an die Stelle, die auf der Seite „Kontakt“ steht.".to_owned(),
                OVERVIEW,
            ),
            Rejection::NothingWaits => (
                "Hier wartet nichts auf eine Bestätigung",
                "Die Meldung ist schon eingereicht, inzwischen wurde eine andere Datei hochgeladen, oder die Vorgaben für Ihre Meldung haben sich geändert.".to_owned(),
                "Sehen Sie auf Ihrer Seite nach, was eingegangen ist. Fehlt Ihre Meldung dort, laden Sie die Datei noch einmal hoch.".to_owned(),
                OVERVIEW,
            ),
            Rejection::Unreadable(unreadable) => (not_taken, unreadable.text.clone(), unreadable.remedy.clone(), OVERVIEW),
            Rejection::Exhausted(_) => (
                "Die Datei lässt sich nicht prüfen",
                "Sie ist ungewöhnlich umfangreich oder beschädigt.".to_owned(),
                "Laden Sie Ihr Formular neu herunter, übertragen Sie Ihre Angaben und laden Sie diese Datei hoch.".to_owned(),
                OVERVIEW,
            ),
            Rejection::Busy => (
                "Gerade wird viel hochgeladen",
                "Ihre Datei konnte noch nicht geprüft werden. Gespeichert wurde nichts.".to_owned(),
                "Laden Sie die Datei in einer Minute noch einmal hoch.".to_owned(),
                OVERVIEW,
            ),
            Rejection::StoreFailed(_) | Rejection::Internal(_) => (
                "Das hat nicht geklappt",
                "Bei uns ist ein Fehler aufgetreten. Gespeichert wurde nichts.".to_owned(),
                "Versuchen Sie es in einigen Minuten noch einmal. Bleibt der Fehler, wenden Sie sich an die Stelle auf der Seite „Kontakt“.".to_owned(),
                OVERVIEW,
            ),
        }
    }
}

impl UnreadableText {
    pub fn of(unreadable: Unreadable) -> UnreadableText {
        let (text, remedy) = unreadable.in_words();
        UnreadableText {
            code: format!("{unreadable:?}"),
            is_empty: unreadable == Unreadable::Empty,
            text: text.to_owned(),
            remedy: remedy.to_owned(),
        }
    }
}

/// `12,4 MB` or `34 KB`, as the systems of the people who read it count.
pub fn size_text(bytes: u64) -> String {
    const MEGABYTE: u64 = 1 << 20;
    if bytes >= MEGABYTE {
        // Whoever makes up a size may make up a very large one.
        let tenths = (bytes.saturating_mul(10).saturating_add(MEGABYTE / 2)) / MEGABYTE;
        if tenths.is_multiple_of(10) {
            format!("{} MB", tenths / 10)
        } else {
            format!("{},{} MB", tenths / 10, tenths % 10)
        }
    } else {
        format!("{} KB", bytes.div_ceil(1024).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_german() {
        assert_eq!(size_text(10 << 20), "10 MB");
        assert_eq!(size_text(13_000_000), "12,4 MB");
        assert_eq!(size_text(34_500), "34 KB");
        assert!(size_text(u64::MAX).ends_with(" MB"), "no size is too large to be named");
    }
}
