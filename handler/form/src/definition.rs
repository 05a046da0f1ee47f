//! A form's definition: what `formular.toml` says, checked.

mod reader;

use crate::expression::Expression;
use crate::problem::Problem;
use crate::rule::Rule;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// A form that we publish. Every name in it has been looked up: rules and formulas refer to fields that exist.
#[derive(Debug)]
pub struct Form {
    pub kennung: String,
    pub version: String,
    pub title: String,
    /// What the first sheet of the workbook says, line by line.
    pub hinweise: Vec<String>,
    pub sheets: Vec<Sheet>,
    pub rules: Vec<Rule>,
    /// Reasons to choose from when something unusual is confirmed.
    pub gruende: Vec<Choice>,
}

/// A sheet of a form, as its definition lists it.
#[derive(Debug)]
pub struct Sheet {
    pub id: String,
    pub title: String,
    pub kind: SheetKind,
    /// A field of it: the sheet is there only for a Träger for whom some line of it is filled in beforehand with more than 0.
    pub only_if: Option<String>,
    pub fields: Vec<Field>,
}

/// How a sheet is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetKind {
    /// Label in column A, value in column B.
    Once,
    /// One row per school that the Träger reports for.
    PerSchool,
    /// Up to so many rows, as the Träger needs them.
    Free { rows: u32 },
}

/// A cell to fill, or one of every line of a table.
#[derive(Debug)]
pub struct Field {
    /// Stable, ASCII, the German term.
    pub id: String,
    /// What the header cell holds.
    pub label: String,
    pub kind: FieldKind,
    pub required: bool,
    pub prefill: Option<Prefill>,
    pub help: String,
    /// Limits of numbers; those of amounts in euros.
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub max_length: Option<usize>,
    pub pattern: Option<regex_lite::Regex>,
    /// What the pattern asks for, as the end of a sentence, or empty.
    pub pattern_hint: String,
    /// The column is there only where some row has something in it.
    pub only_if_prefilled: bool,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldKind {
    Text,
    Integer,
    /// Euros with two decimals.
    Money,
    Date,
    Choice(Vec<Choice>),
    YesNo,
    Schulnummer,
    Traegernummer,
    /// Recomputed here, never read.
    Computed(Expression),
}

/// One of several values to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub code: String,
    pub label: String,
}

/// Where the locked value of a field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefill {
    TraegerNummer,
    TraegerName,
    Bezirksregierung,
    RundeKennung,
    RundeVon,
    RundeBis,
    SchulenAnzahl,
    SchuleNr,
    SchuleNummer,
    Kurzbezeichnung,
    Schulform,
    Aufnahmejahr,
    SchuleTraeger,
    Zugewiesen,
    Uebertrag,
}

impl Prefill {
    /// Whether the register has it for each school, be it nothing.
    pub(crate) fn is_of_schools(self) -> bool {
        matches!(
            self,
            Prefill::SchuleNummer
                | Prefill::Kurzbezeichnung
                | Prefill::Schulform
                | Prefill::Aufnahmejahr
                | Prefill::SchuleTraeger
                | Prefill::Zugewiesen
                | Prefill::Uebertrag
        )
    }
}

impl Form {
    /// Reads a `formular.toml`. Reports every problem that it can find in one go.
    pub fn parse(source: &str) -> Result<Form, Vec<Problem>> {
        reader::read(source)
    }

    /// A sheet by its id.
    pub fn sheet(&self, id: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.id == id)
    }

    /// The choices that fill the workbook's list sheet, with the field that they belong to.
    pub fn choice_fields(&self) -> impl Iterator<Item = (&Sheet, &Field, &[Choice])> {
        self.sheets.iter().flat_map(|sheet| {
            sheet.fields.iter().filter_map(move |field| match &field.kind {
                FieldKind::Choice(choices) if field.is_input() => Some((sheet, field, choices.as_slice())),
                _ => None,
            })
        })
    }
}

impl Sheet {
    /// A field by its id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The number of a field, in the order of the definition.
    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.id == id)
    }

    /// Whether the sheet has one value for each field.
    pub fn is_once(&self) -> bool {
        self.kind == SheetKind::Once
    }
}

impl Field {
    /// Whether the Träger types here.
    pub fn is_input(&self) -> bool {
        self.prefill.is_none() && !matches!(self.kind, FieldKind::Computed(_))
    }

    /// How a computed field is worked out.
    pub fn formula(&self) -> Option<&Expression> {
        match &self.kind {
            FieldKind::Computed(formula) => Some(formula),
            _ => None,
        }
    }

    /// The column in SQLite and the key in JSON: money says its unit.
    pub fn column(&self) -> String {
        if self.is_money() {
            format!("{}_cent", self.id)
        } else {
            self.id.clone()
        }
    }

    /// How a value stands in a cell: the code of a choice with its label.
    pub(crate) fn cell_text(&self, value: &Value) -> String {
        match (&self.kind, value) {
            (FieldKind::Choice(choices), Value::Text(code)) => choices
                .iter()
                .find(|choice| choice.code == *code)
                .map_or_else(|| code.clone(), Choice::cell_text),
            _ => value.text(),
        }
    }

    /// Computed fields are amounts: every formula of a form adds up money.
    pub fn is_money(&self) -> bool {
        matches!(self.kind, FieldKind::Money | FieldKind::Computed(_))
    }
}

impl FieldKind {
    /// What belongs into the cell.
    pub(crate) fn in_words(&self) -> &'static str {
        match self {
            FieldKind::Text => "Text",
            FieldKind::Integer => "ganze Zahl",
            FieldKind::Money => "Betrag in Euro",
            FieldKind::Date => "Datum",
            FieldKind::Choice(_) => "Auswahl aus einer Liste",
            FieldKind::YesNo => "ja oder nein",
            FieldKind::Schulnummer => "Schulnummer (sechs Ziffern)",
            FieldKind::Traegernummer => "Schulträgernummer (fünf Ziffern)",
            FieldKind::Computed(_) => "wird berechnet",
        }
    }

    /// The texts that a field of few values compares to: `ja`, or the code of a choice.
    pub(crate) fn literals(&self) -> Option<Vec<&str>> {
        match self {
            FieldKind::YesNo => Some(vec!["ja", "nein"]),
            FieldKind::Choice(choices) => Some(choices.iter().map(|choice| choice.code.as_str()).collect()),
            _ => None,
        }
    }
}

impl Choice {
    /// How a choice stands in a cell.
    pub fn cell_text(&self) -> String {
        format!("{} – {}", self.code, self.label)
    }
}
