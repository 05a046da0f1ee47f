//! Every German hint, one constructor each: the file that the department proofreads.
//!
//! The pattern is place – what was read – what is expected – how to fix. No blame, no jargon, codes last.

use super::{Finding, Place, Severity, Target};
use crate::definition::{Choice, FieldKind};
use crate::guard::Unreadable;
use crate::value::Cent;

/// There is a new version of the form, and the Träger's entries go into it.
pub(super) const INTO_THE_NEW_FORM: &str = "Laden Sie die Korrekturfassung herunter. Darin stehen die neuen Vorgaben und Ihre Angaben. Sehen Sie sie durch und laden Sie die Korrekturfassung hoch.";

const FRESH_FORM: &str = "Laden Sie Ihr Formular im Berichtstool neu herunter und übertragen Sie Ihre Angaben.";
const OR_FRESH_FORM: &str =
    "Geht das nicht mehr, laden Sie Ihr Formular im Berichtstool neu herunter und übertragen Sie Ihre Angaben.";

// Stage "file": is this a workbook that can be read?

impl Unreadable {
    /// What is the matter with the file, and what to do.
    pub fn in_words(self) -> (&'static str, &'static str) {
        let save_as = "Öffnen Sie die Datei in Excel, speichern Sie sie als „Excel-Arbeitsmappe (.xlsx)“ und laden Sie diese Datei hoch.";
        match self {
            Unreadable::Empty => ("Die Datei ist leer.", "Wählen Sie die ausgefüllte Excel-Datei aus."),
            Unreadable::Password => (
                "Die Datei hat ein Kennwort.",
                "Entfernen Sie das Kennwort (in Excel: Datei, Informationen, Arbeitsmappe schützen) und laden Sie die Datei erneut hoch.",
            ),
            Unreadable::OldXls => (
                "Die Datei muss im Format XLSX sein. Ihre Datei hat das alte Format XLS.",
                save_as,
            ),
            Unreadable::Xlsb => (
                "Die Datei muss im Format XLSX sein. Ihre Datei hat das Format XLSB.",
                save_as,
            ),
            Unreadable::OpenDocument => (
                "Die Datei muss im Format XLSX sein. Ihre Datei hat das Format ODS.",
                "Speichern Sie die Datei als „Excel 2007–365 (.xlsx)“ und laden Sie diese Datei hoch.",
            ),
            Unreadable::Pdf => (
                "Die Datei muss im Format XLSX sein. Ihre Datei hat das Format PDF.",
                "Laden Sie die ausgefüllte Excel-Datei hoch.",
            ),
            Unreadable::WebPage => (
                "Die Datei muss im Format XLSX sein. Ihre Datei ist eine Internetseite.",
                save_as,
            ),
            Unreadable::Text => (
                "Die Datei muss im Format XLSX sein. Ihre Datei ist eine Textdatei, zum Beispiel im Format CSV.",
                save_as,
            ),
            Unreadable::LockFile => (
                "Das ist eine Hilfsdatei, die Excel anlegt, solange eine Mappe offen ist. Ihr Name beginnt mit ~$.",
                "Schließen Sie Excel und wählen Sie die Datei ohne ~$ am Anfang des Namens.",
            ),
            Unreadable::ZippedWorkbook => (
                "Die Excel-Datei steckt in einem ZIP-Archiv.",
                "Entpacken Sie das Archiv und laden Sie die Excel-Datei daraus hoch.",
            ),
            Unreadable::OtherOffice => (
                "Die Datei muss eine Excel-Arbeitsmappe sein. Ihre Datei ist ein anderes Dokument.",
                "Laden Sie die ausgefüllte Excel-Datei hoch.",
            ),
            Unreadable::Unknown => (
                "Die Datei muss im Format XLSX sein. Ihre Datei hat ein anderes Format.",
                "Laden Sie die ausgefüllte Excel-Datei hoch.",
            ),
            Unreadable::Damaged(_) => (
                "Die Datei lässt sich nicht öffnen.",
                "Öffnen Sie sie in Excel, speichern Sie sie neu und laden Sie sie erneut hoch. Hilft das nicht, laden Sie Ihr Formular neu herunter und übertragen Sie Ihre Angaben.",
            ),
            Unreadable::TooMuch(_) => (
                "Die Datei enthält viel mehr, als in das Formular gehört.",
                "Laden Sie Ihr Formular neu herunter, übertragen Sie Ihre Angaben und laden Sie diese Datei hoch.",
            ),
        }
    }

    /// One of each kind.
    pub(crate) const ALL: [Unreadable; 14] = [
        Unreadable::Empty,
        Unreadable::Password,
        Unreadable::OldXls,
        Unreadable::Xlsb,
        Unreadable::OpenDocument,
        Unreadable::Pdf,
        Unreadable::WebPage,
        Unreadable::Text,
        Unreadable::LockFile,
        Unreadable::ZippedWorkbook,
        Unreadable::OtherOffice,
        Unreadable::Unknown,
        Unreadable::Damaged(""),
        Unreadable::TooMuch(""),
    ];
}

// Stage "form": is this our form, this version, this Träger, this Runde?

pub(crate) fn not_the_form(title: &str) -> Finding {
    Target::file().finding(
        "S1",
        "",
        format!("das Formular „{title}“ aus dem Berichtstool"),
        FRESH_FORM,
    )
}

pub(crate) fn other_form(read: &str, title: &str) -> Finding {
    let read = if read.is_empty() {
        String::new()
    } else {
        format!("ein anderes Formular ({read})")
    };
    Finding {
        read,
        ..not_the_form(title)
    }
}

pub(crate) fn missing_sheet(name: &str) -> Finding {
    let target = Target {
        sheet: name,
        ..Target::file()
    };
    target.finding(
        "S1",
        "",
        "dieses Blatt, es fehlt in der Datei oder wurde umbenannt",
        format!("Geben Sie dem Blatt wieder den Namen „{name}“. {OR_FRESH_FORM}"),
    )
}

pub(crate) fn missing_column(at: &Target<'_>) -> Finding {
    at.finding(
        "S2",
        "",
        format!("die Spalte „{}“, sie fehlt", at.label()),
        format!("Machen Sie das Löschen rückgängig. {OR_FRESH_FORM}"),
    )
}

pub(crate) fn missing_line(at: &Target<'_>) -> Finding {
    at.finding(
        "S2",
        "",
        format!("die Zeile „{}“, sie fehlt", at.label()),
        format!("Machen Sie das Löschen rückgängig. {OR_FRESH_FORM}"),
    )
}

/// Somebody moved visible cells, and the hidden row or column by which fields are found stayed.
pub(crate) fn other_label(at: &Target<'_>, read: &str) -> Finding {
    at.finding(
        "S2",
        read,
        format!("die Überschrift „{}“, die Zellen wurden verschoben", at.label()),
        format!("Machen Sie das Verschieben rückgängig. {OR_FRESH_FORM}"),
    )
}

pub(crate) fn other_traeger(read: &str, own: &str, name: &str) -> Finding {
    Target::file().finding(
        "S3",
        format!("das Formular der Schulträgernummer {read}"),
        format!("das Formular von {name} (Schulträgernummer {own})"),
        "Laden Sie im Berichtstool Ihr eigenes Formular herunter und füllen Sie es aus.",
    )
}

pub(crate) fn other_runde(read: &str, own: &str) -> Finding {
    Target::file().finding(
        "S4",
        format!("das Formular der Berichtsrunde {read}"),
        format!("das Formular der Berichtsrunde {own}"),
        FRESH_FORM,
    )
}

pub(crate) fn other_version(read: &str, own: &str) -> Finding {
    Target::file().finding(
        "S4",
        format!("das Formular in der Fassung {read}"),
        format!("das Formular in der Fassung {own}"),
        INTO_THE_NEW_FORM,
    )
}

/// The form was handed out before its figures were corrected.
pub(crate) fn other_figures() -> Finding {
    Target::file().finding(
        "S12",
        "das Formular mit den bisherigen Vorgaben",
        "das Formular mit den neuen Vorgaben, seit dem Herunterladen wurden Schulen oder Zuweisungen berichtigt",
        INTO_THE_NEW_FORM,
    )
}

pub(crate) fn missing_school(at: &Target<'_>, nummer: &str, name: &str) -> Finding {
    at.finding(
        "S5",
        "",
        format!("eine Zeile für die Schule {nummer} ({name}), sie fehlt"),
        format!("Machen Sie das Löschen rückgängig. {OR_FRESH_FORM}"),
    )
}

pub(crate) fn unknown_school(at: &Target<'_>, read: &str) -> Finding {
    at.finding(
        "S5",
        read,
        "eine Schulnummer aus Ihrem Formular",
        "Stellen Sie die ursprüngliche Schulnummer wieder her oder löschen Sie die zusätzliche Zeile. Fehlt eine Schule, wenden Sie sich an die Stelle auf der Seite „Kontakt“.",
    )
}

pub(crate) fn school_twice(at: &Target<'_>, read: &str, first: &str) -> Finding {
    at.finding(
        "S5",
        read,
        format!("jede Schule nur einmal, sie steht schon in Zelle {first}"),
        "Löschen Sie die doppelte Zeile.",
    )
}

pub(crate) fn changed_prefill(at: &Target<'_>, read: &str, expected: Option<&str>) -> Finding {
    match expected {
        Some(expected) => at.finding(
            "S6",
            read,
            format!("der vorgegebene Eintrag „{expected}“"),
            format!("Tragen Sie wieder „{expected}“ ein. Stimmt die Vorgabe nicht, wenden Sie sich an die Stelle auf der Seite „Kontakt“."),
        ),
        None => at.finding("S6", read, "eine leere Zelle, wie im Formular vorgegeben", "Löschen Sie den Eintrag."),
    }
}

/// `last` is the number of the last row that the form reads.
pub(crate) fn line_below(at: &Target<'_>, read: &str, last: u32, count: usize) -> Finding {
    let others = match count {
        0 | 1 => String::new(),
        2 => " Das gilt auch für eine weitere Zeile darunter.".to_owned(),
        n => format!(" Das gilt auch für {} weitere Zeilen darunter.", n - 1),
    };
    at.finding(
        "S11",
        read,
        format!("kein Eintrag unterhalb von Zeile {last}, dort endet das Formular"),
        format!("Verschieben Sie die Angaben in eine freie Zeile oder löschen Sie sie.{others} Reichen die Zeilen nicht aus, wenden Sie sich an die Stelle auf der Seite „Kontakt“."),
    )
}

pub(crate) fn stray_entry(at: &Target<'_>, read: &str, more: usize) -> Finding {
    let others = match more {
        0 => String::new(),
        1 => " Das gilt auch für eine weitere Zelle auf diesem Blatt.".to_owned(),
        n => format!(" Das gilt auch für {n} weitere Zellen auf diesem Blatt."),
    };
    let fix = format!(
        "Der Eintrag steht außerhalb des Formulars und wird nicht übernommen.{others} Gehört er zur Meldung, tragen Sie ihn in die passende Zelle ein."
    );
    Finding {
        severity: Severity::Hinweis,
        ..at.finding("S7", read, "", fix)
    }
}

/// Sheets that people added, and wrote on.
pub(crate) fn sheets_not_read(names: &[&str]) -> Finding {
    const NAMED: usize = 5;
    let quoted: Vec<String> = names.iter().take(NAMED).map(|name| format!("„{name}“")).collect();
    let fix = match (quoted.as_slice(), names.len()) {
        ([name], _) => format!("Das Blatt {name} gehört nicht zum Formular und wird nicht gelesen."),
        ([first @ .., last], 2..=NAMED) => format!(
            "Die Blätter {} und {last} gehören nicht zum Formular und werden nicht gelesen.",
            first.join(", ")
        ),
        (_, n) => format!(
            "{n} Blätter gehören nicht zum Formular und werden nicht gelesen: {} und weitere.",
            quoted.join(", ")
        ),
    };
    let fix = format!("{fix} Gehören Angaben daraus zur Meldung, tragen Sie sie in die passenden Zellen ein.");
    Finding {
        severity: Severity::Hinweis,
        ..Target::file().finding("S7", "", "", fix)
    }
}

/// What stands before a list in which many hints say the same of different cells.
pub(crate) fn many_alike(alike: &[&Finding]) -> Finding {
    let of_all = |text: fn(&Finding) -> &str| {
        let mut texts = alike.iter().map(|finding| text(finding));
        let first = texts.next().unwrap_or_default();
        if texts.all(|text| text == first) { first } else { "" }
    };
    let what = match of_all(|finding| &finding.expected) {
        "" => String::new(),
        expected => format!(": Erwartet wird {expected}"),
    };
    let mut labels: Vec<String> = Vec::new();
    for finding in alike {
        let label = format!("„{}“", finding.field);
        if !finding.field.is_empty() && !labels.contains(&label) {
            labels.push(label);
        }
    }
    let fields = match labels.as_slice() {
        [] => String::new(),
        labels => format!(" Sie betreffen {}.", labels.join(", ")),
    };
    let fix = format!(
        "{} Hinweise dieser Liste sagen dasselbe{what}.{fields} Sehen Sie sich zuerst einen davon an, meist lassen sich die übrigen auf dieselbe Weise erledigen.",
        alike.len()
    );
    let at = Target {
        sheet: of_all(|finding| &finding.place.sheet),
        ..Target::file()
    };
    Finding {
        severity: Severity::Hinweis,
        ..at.finding("S9", "", "", fix)
    }
}

/// The end of a list that nobody would read to its end.
pub(crate) fn many_more(count: usize) -> Finding {
    let fix =
        format!("Es gibt {count} weitere Hinweise. Sie erscheinen, sobald die Hinweise dieser Liste erledigt sind.");
    Finding {
        severity: Severity::Hinweis,
        ..Target::file().finding("S8", "", "", fix)
    }
}

pub(crate) fn nothing_entered() -> Finding {
    Target::file().finding(
        "S10",
        "",
        "mindestens eine Angabe, in der Datei steht keine",
        "Füllen Sie das Formular aus. Haben Sie das schon getan, öffnen Sie die Datei in Excel, speichern Sie sie einmal und laden Sie sie erneut hoch.",
    )
}

/// A finding about no field, as the Korrekturfassung has it, where the form is whole again.
pub(crate) fn in_the_korrekturfassung(finding: &Finding) -> Finding {
    let Place { sheet, cells } = &finding.place;
    let fix = match finding.code.as_str() {
        "S1" if !sheet.is_empty() => "In dieser Korrekturfassung ist es wieder da. Tragen Sie ein, was dort fehlt.",
        "S2" | "S5" if cells.is_empty() => {
            "In dieser Korrekturfassung ist sie wieder da. Tragen Sie ein, was dort fehlt."
        }
        "S2" => {
            "In dieser Korrekturfassung stehen die Überschriften wieder richtig. Prüfen Sie, ob die Angaben dazu passen."
        }
        "S5" => {
            "Die Zeile gehört zu Ihrer hochgeladenen Datei, in dieser Korrekturfassung fehlt sie. Prüfen Sie, ob Angaben daraus hier einzutragen sind."
        }
        "S7" => {
            let remark = match cells.is_empty() {
                true => "In dieser Korrekturfassung steht davon nichts.",
                false => "Die Zelle gehört zu Ihrer hochgeladenen Datei; hier steht dort nichts.",
            };
            return Finding {
                fix: format!("{} {remark}", finding.fix),
                ..finding.clone()
            };
        }
        "S11" => {
            "Die Zeile gehört zu Ihrer hochgeladenen Datei, in dieser Korrekturfassung fehlt sie. Tragen Sie die Angaben in eine freie Zeile ein. Reichen die Zeilen nicht aus, wenden Sie sich an die Stelle auf der Seite „Kontakt“."
        }
        _ if finding.is_new_form() => {
            "In dieser Korrekturfassung stehen die neuen Vorgaben und Ihre Angaben. Sehen Sie sie durch und laden Sie die Korrekturfassung hoch."
        }
        _ => return finding.clone(),
    };
    Finding {
        fix: fix.to_owned(),
        ..finding.clone()
    }
}

// Stage "cells": does each cell hold what it should?

pub(crate) fn blank(at: &Target<'_>) -> Finding {
    let (expected, fix) = match at.field.map(|field| &field.kind) {
        Some(FieldKind::Money) => ("ein Betrag", "Tragen Sie den Betrag ein, auch wenn er null ist."),
        Some(FieldKind::Integer) => ("eine Zahl", "Tragen Sie die Zahl ein, auch wenn sie null ist."),
        Some(FieldKind::YesNo) => ("„ja“ oder „nein“", "Wählen Sie „ja“ oder „nein“ aus der Liste."),
        Some(FieldKind::Choice(_)) => ("ein Eintrag aus der Liste", "Wählen Sie einen Eintrag aus der Liste."),
        Some(FieldKind::Date) => ("ein Datum", "Tragen Sie das Datum ein, zum Beispiel 31.12.2026."),
        _ => ("eine Angabe", "Füllen Sie die Zelle aus."),
    };
    at.finding("V1", "", expected, fix)
}

pub(crate) fn no_amount(at: &Target<'_>, read: &str) -> Finding {
    at.finding(
        "V2",
        read,
        "ein Betrag als Zahl",
        "Geben Sie nur die Zahl ein, zum Beispiel 12000,00.",
    )
}

pub(crate) fn ambiguous_amount(at: &Target<'_>, read: &str) -> Finding {
    let digits: String = read.chars().filter(char::is_ascii_digit).collect();
    at.finding(
        "V2",
        read,
        "ein Betrag, der sich nur auf eine Weise lesen lässt",
        format!("Geben Sie bei vollen Euro {digits},00 ein, sonst den Betrag mit Komma und zwei Nachkommastellen."),
    )
}

pub(crate) fn no_integer(at: &Target<'_>, read: &str) -> Finding {
    at.finding(
        "V2",
        read,
        "eine ganze Zahl",
        "Geben Sie nur die Zahl ein, zum Beispiel 12.",
    )
}

pub(crate) fn too_small(at: &Target<'_>, read: &str, min: &str) -> Finding {
    at.finding(
        "V3",
        read,
        format!("{} von mindestens {min}", number_of(at)),
        format!("Geben Sie {min} oder mehr ein."),
    )
}

pub(crate) fn too_large(at: &Target<'_>, read: &str, max: &str) -> Finding {
    at.finding(
        "V3",
        read,
        format!("{} von höchstens {max}", number_of(at)),
        format!("Geben Sie {max} oder weniger ein."),
    )
}

fn number_of(at: &Target<'_>) -> &'static str {
    match at.field.map(|field| &field.kind) {
        Some(FieldKind::Money) => "ein Betrag",
        _ => "eine Zahl",
    }
}

pub(crate) fn too_many_decimals(at: &Target<'_>, read: &str) -> Finding {
    at.finding(
        "V4",
        read,
        "ein Betrag mit höchstens zwei Nachkommastellen",
        "Runden Sie auf volle Cent.",
    )
}

pub(crate) fn error_value(at: &Target<'_>, read: &str) -> Finding {
    at.finding(
        "V9",
        read,
        "ein Wert, hier steht die Fehlermeldung einer Formel",
        "Ersetzen Sie die Formel durch den Wert.",
    )
}

pub(crate) fn uncalculated(at: &Target<'_>) -> Finding {
    at.finding(
        "V10",
        "=…",
        "ein Wert, hier steht eine Formel, deren Ergebnis in der Datei fehlt",
        "Öffnen Sie die Datei in Excel, speichern Sie sie einmal und laden Sie sie erneut hoch. Oder ersetzen Sie die Formel durch den Wert.",
    )
}

/// The same in the Korrekturfassung, whose cell is empty.
pub(crate) fn lost_formula(at: &Target<'_>) -> Finding {
    at.finding(
        "V10",
        "",
        "ein Wert",
        "In Ihrer Datei steht hier eine Formel ohne Ergebnis. Tragen Sie den Wert ein.",
    )
}

pub(crate) fn no_date(at: &Target<'_>, read: &str) -> Finding {
    at.finding("V2", read, "ein Datum", "Geben Sie das Datum so ein: 31.12.2026.")
}

pub(crate) fn number_for_date(at: &Target<'_>, read: &str) -> Finding {
    at.finding(
        "V2",
        read,
        "ein Datum, hier steht nur eine Zahl",
        "Geben Sie das Datum so ein: 31.12.2026.",
    )
}

pub(crate) fn not_in_list(at: &Target<'_>, read: &str, choices: &[Choice]) -> Finding {
    let all: Vec<String> = choices.iter().map(Choice::cell_text).collect();
    at.finding(
        "V16",
        read,
        "ein Eintrag aus der Liste",
        format!("Wählen Sie aus: {}.", all.join("; ")),
    )
}

pub(crate) fn not_yes_or_no(at: &Target<'_>, read: &str) -> Finding {
    at.finding(
        "V16",
        read,
        "„ja“ oder „nein“",
        "Wählen Sie „ja“ oder „nein“ aus der Liste.",
    )
}

pub(crate) fn no_number_of(at: &Target<'_>, read: &str, digits: usize) -> Finding {
    at.finding(
        "V2",
        read,
        format!("eine Nummer mit {digits} Ziffern"),
        format!("Geben Sie alle {digits} Ziffern ein, ohne weitere Zeichen."),
    )
}

pub(crate) fn too_long(at: &Target<'_>, read: &str, max: usize) -> Finding {
    let length = read.chars().count();
    at.finding(
        "V17",
        read,
        format!("ein Text mit höchstens {max} Zeichen, es sind {length}"),
        "Kürzen Sie den Text.",
    )
}

pub(crate) fn not_the_pattern(at: &Target<'_>, read: &str) -> Finding {
    match at.field.map_or("", |field| field.pattern_hint.as_str()) {
        "" => at.finding(
            "V17",
            read,
            "eine Angabe in der vorgegebenen Form",
            "Sehen Sie in der Ausfüllhilfe nach, wie die Angabe aussehen soll.",
        ),
        hint => at.finding("V17", read, hint, "Schreiben Sie die Angabe in dieser Form."),
    }
}

// Stage "rules": do the cells fit together?

pub(crate) fn above_bound(at: &Target<'_>, read: Cent, bound: Cent) -> Finding {
    at.finding(
        "V5",
        read.to_string(),
        format!("höchstens {bound}, so viel stand zur Verfügung"),
        "Prüfen Sie den Betrag. Wurde mehr ausgegeben, tragen Sie nur den Teil ein, der aus dem Chancenbudget stammt.",
    )
}

pub(crate) fn parts_do_not_add_up(at: &Target<'_>, read: Cent, parts: Cent, places: &[String]) -> Finding {
    let difference = Cent((read.0 - parts.0).abs());
    let side = if parts < read { "unter" } else { "über" };
    at.finding(
        "V6",
        read.to_string(),
        format!("die Summe der Teilbeträge ({}), sie ergibt {parts}", in_short(places)),
        format!("Die Teilbeträge liegen zusammen {difference} {side} dem Gesamtbetrag. Ändern Sie den Gesamtbetrag oder die Teilbeträge."),
    )
}

/// `Spalten I bis N` for neighbours, else all of them.
fn in_short(places: &[String]) -> String {
    let column = |place: &String| match place.as_bytes() {
        [letter @ b'A'..=b'Z'] => Some(*letter),
        _ => None,
    };
    let columns: Option<Vec<u8>> = places.iter().map(column).collect();
    let are_neighbours = columns.is_some_and(|columns| columns.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    match places {
        [first, _, .., last] if are_neighbours => format!("Spalten {first} bis {last}"),
        _ => places.join(", "),
    }
}

pub(crate) fn required_because(at: &Target<'_>, because: &str) -> Finding {
    let finding = blank(at);
    let fix = if because.is_empty() {
        finding.fix
    } else {
        format!("{because}. {}", finding.fix)
    };
    Finding {
        code: "V7".to_owned(),
        fix,
        ..finding
    }
}

pub(crate) fn forbidden_because(at: &Target<'_>, read: &str, because: &str) -> Finding {
    let reason = if because.is_empty() {
        String::new()
    } else {
        format!("{because}. ")
    };
    at.finding(
        "V12",
        read,
        "eine leere Zelle",
        format!("{reason}Löschen Sie den Eintrag oder prüfen Sie die übrigen Angaben."),
    )
}

/// `because` is the condition in words.
pub(crate) fn not_zero(at: &Target<'_>, read: Cent, because: &str) -> Finding {
    at.finding(
        "V13",
        read.to_string(),
        format!("0,00 €, denn {because}"),
        "Löschen Sie den Betrag, oder ändern Sie die andere Angabe.",
    )
}

pub(crate) fn must_be(at: &Target<'_>, read: &str, value: &str) -> Finding {
    at.finding(
        "V8",
        read,
        format!("„{value}“, bevor die Meldung eingereicht werden kann"),
        format!("Prüfen Sie Ihre Angaben und wählen Sie dann „{value}“."),
    )
}

pub(crate) fn not_distinct(at: &Target<'_>, read: &str, first: &str) -> Finding {
    at.finding(
        "V14",
        read,
        format!("ein Eintrag, der nur einmal vorkommt, er steht schon in Zelle {first}"),
        "Ändern Sie einen der beiden Einträge.",
    )
}

pub(crate) fn same_as(at: &Target<'_>, read: &str, other: &str) -> Finding {
    at.finding(
        "V15",
        read,
        format!("ein anderer Eintrag als in „{other}“"),
        "Wählen Sie einen anderen Eintrag oder lassen Sie die Zelle leer.",
    )
}

/// What a note seems to hold about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonData {
    Email,
    Telephone,
    Name,
}

pub(crate) fn person_data(at: &Target<'_>, read: &str, kind: PersonData, severity: Severity) -> Finding {
    let what = match kind {
        PersonData::Email => "eine E-Mail-Adresse",
        PersonData::Telephone => "eine Telefonnummer",
        PersonData::Name => "der Name einer Person",
    };
    let or_confirm = match severity {
        Severity::Bestaetigen => " Ist keine Person gemeint, bestätigen Sie den Text mit einem Grund.",
        _ => "",
    };
    let fix = format!("Löschen Sie diese Angabe. Die Meldung soll keine Angaben zu Personen enthalten.{or_confirm}");
    let finding = at.finding(
        "V11",
        read,
        format!("ein Text ohne Angaben zu Personen, hier steht vermutlich {what}"),
        fix,
    );
    Finding { severity, ..finding }
}

pub(crate) fn remark(at: &Target<'_>, read: &str, text: &str) -> Finding {
    at.finding("W1", read, "", format!("{text}. Stimmt das, ist nichts zu tun."))
}

pub(crate) fn whole_thousands(at: &Target<'_>) -> Finding {
    at.finding(
        "W2",
        "",
        "",
        "Alle Beträge dieser Spalte sind volle Tausend Euro. Sind sie geschätzt, tragen Sie die genauen Beträge ein. Sonst ist nichts zu tun.",
    )
}

pub(crate) fn differs_from_last_time(at: &Target<'_>, read: Cent, last: Cent, percent: u32) -> Finding {
    at.finding(
        "W3",
        read.to_string(),
        format!("ein Betrag, der um höchstens {percent} Prozent vom letzten Bericht abweicht ({last})"),
        "Prüfen Sie den Betrag. Stimmt er, bestätigen Sie ihn mit einem Grund.",
    )
}
