//! A table of a report, before it becomes a sheet, a CSV file or a part of a page.

use form::{Cent, Choice, Field, FieldKind, Value};
use jiff::civil::Date;

#[derive(Debug, Clone)]
pub struct Tabelle {
    /// The name of its files.
    pub id: String,
    pub title: String,
    pub spalten: Vec<Spalte>,
    pub zeilen: Vec<Vec<Wert>>,
    pub summe: Option<Vec<Wert>>,
}

#[derive(Debug, Clone)]
pub struct Spalte {
    /// For machines.
    pub id: String,
    pub title: String,
    pub art: Art,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Art {
    Text,
    Zahl,
    Geld,
    Tag,
    Anteil,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Wert {
    Leer,
    Text(String),
    Wahl {
        code: String,
        label: String,
    },
    Zahl(i64),
    Geld(Cent),
    Tag(Date),
    /// In tenths of a percent.
    Anteil(i64),
}

impl Spalte {
    pub fn new(id: &str, title: &str, art: Art) -> Spalte {
        Spalte {
            id: id.to_owned(),
            title: title.to_owned(),
            art,
        }
    }

    pub fn of(field: &Field) -> Spalte {
        let art = match field.kind {
            FieldKind::Money | FieldKind::Computed(_) => Art::Geld,
            FieldKind::Integer => Art::Zahl,
            FieldKind::Date => Art::Tag,
            _ => Art::Text,
        };
        Spalte::new(&field.column(), &field.label, art)
    }

    pub fn is_number(&self) -> bool {
        matches!(self.art, Art::Zahl | Art::Geld | Art::Anteil)
    }
}

impl Wert {
    pub fn of(field: &Field, value: Option<&Value>) -> Wert {
        match (value, &field.kind) {
            (None, _) => Wert::Leer,
            (Some(Value::Money(cent)), _) => Wert::Geld(*cent),
            (Some(Value::Integer(number)), _) => Wert::Zahl(*number),
            (Some(Value::Date(day)), _) => Wert::Tag(*day),
            (Some(Value::Text(code)), FieldKind::Choice(choices)) => choices
                .iter()
                .find(|choice| choice.code == *code)
                .map_or_else(|| Wert::Text(code.clone()), Wert::of_choice),
            (Some(other), _) => Wert::Text(other.text()),
        }
    }

    pub fn of_choice(choice: &Choice) -> Wert {
        Wert::Wahl {
            code: choice.code.clone(),
            label: choice.label.clone(),
        }
    }

    /// A part of a whole, rounded half up; of nothing there is no part.
    pub fn anteil(part: Cent, whole: Cent) -> Wert {
        if whole.0 == 0 {
            return Wert::Leer;
        }
        let doubled = i128::from(part.0) * 2000 + i128::from(whole.0);
        Wert::Anteil(doubled.div_euclid(2 * i128::from(whole.0)) as i64)
    }

    /// As people read it.
    pub fn text(&self) -> String {
        match self {
            Wert::Leer => String::new(),
            Wert::Text(text) => text.clone(),
            Wert::Wahl { code, label } => format!("{code} – {label}"),
            Wert::Zahl(number) => number.to_string(),
            Wert::Geld(cent) => cent.to_string(),
            Wert::Tag(day) => form::date_text(*day),
            Wert::Anteil(promille) => format!("{},{} %", promille / 10, promille % 10),
        }
    }
}
