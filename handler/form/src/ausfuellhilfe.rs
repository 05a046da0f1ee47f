//! The Ausfüllhilfe: what belongs into each field, made from the form's definition.

use crate::definition::{Choice, Field, FieldKind, Form, Sheet, SheetKind};
use serde::Serialize;

/// A form, explained for people.
#[derive(Debug, Serialize)]
pub struct Ausfuellhilfe {
    pub kennung: String,
    pub version: String,
    pub title: String,
    pub blaetter: Vec<Blatt>,
}

/// One sheet of it.
#[derive(Debug, Serialize)]
pub struct Blatt {
    pub title: String,
    pub art: &'static str,
    pub felder: Vec<Feld>,
    /// What must fit together, in whole sentences.
    pub regeln: Vec<String>,
}

/// One field of a sheet.
#[derive(Debug, Serialize)]
pub struct Feld {
    pub label: String,
    pub art: &'static str,
    pub pflicht: bool,
    /// The value is there already and locked.
    pub vorbelegt: bool,
    pub hilfe: String,
    /// What can be chosen; only for fields that people fill.
    pub auswahl: Vec<Choice>,
}

/// Explains a form: every sheet, field and rule.
pub fn ausfuellhilfe(form: &Form) -> Ausfuellhilfe {
    Ausfuellhilfe {
        kennung: form.kennung.clone(),
        version: form.version.clone(),
        title: form.title.clone(),
        blaetter: form.sheets.iter().map(|sheet| blatt(form, sheet)).collect(),
    }
}

fn blatt(form: &Form, sheet: &Sheet) -> Blatt {
    let rules = form.rules.iter().filter(|rule| rule.sheet == sheet.id);
    Blatt {
        title: sheet.title.clone(),
        art: match sheet.kind {
            SheetKind::Once => "einmal auszufüllen",
            SheetKind::PerSchool => "eine Zeile je Schule",
            SheetKind::Free { .. } => "eine Zeile je Eintrag",
        },
        felder: sheet.fields.iter().map(feld).collect(),
        regeln: rules.filter_map(|rule| rule.in_words(form)).collect(),
    }
}

fn feld(field: &Field) -> Feld {
    Feld {
        label: field.label.clone(),
        art: field.kind.in_words(),
        pflicht: field.required && field.is_input(),
        vorbelegt: !field.is_input(),
        hilfe: field.help.clone(),
        auswahl: match &field.kind {
            FieldKind::Choice(choices) if field.is_input() => choices.clone(),
            _ => Vec::new(),
        },
    }
}
