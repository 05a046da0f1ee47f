//! The vocabulary of rules between cells: each kind knows its check, its hint and its line in the Ausfüllhilfe.

mod person;
mod words;

use crate::check::Filled;
use crate::definition::{Field, FieldKind, Form, Sheet};
use crate::expression::{Expression, Operand};
use crate::finding::{self, Finding, PersonData, Severity, Target};
use crate::value::{Cent, Value};
use person::person_data_in;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use words::label;

/// Whether an e-mail address stands in a text.
pub fn names_an_email(text: &str) -> bool {
    person_data_in(text) == Some(PersonData::Email)
}

/// A rule of a form.
#[derive(Debug)]
pub struct Rule {
    pub sheet: String,
    /// The fields whose cells the rule is about; most rules have one.
    pub fields: Vec<String>,
    pub kind: RuleKind,
    /// The rule holds only where this does.
    pub wenn: Option<Expression>,
    pub severity: Severity,
}

/// What a rule asks for.
#[derive(Debug)]
pub enum RuleKind {
    /// The field is the sum of its parts.
    SumOf {
        parts: Vec<String>,
    },
    AtMost {
        bound: Expression,
    },
    RequiredIf {
        weil: String,
    },
    ForbiddenIf {
        weil: String,
    },
    /// Blanks count as zero, and anything else is wrong.
    ZeroIf,
    MustBe {
        value: String,
    },
    /// No value occurs twice in the column.
    Distinct,
    /// Not the same as another field of the row.
    Differs {
        other: String,
    },
    DiffersFromLastTime {
        percent: u32,
    },
    NoPersonData,
    RemarkIf {
        text: String,
    },
    /// All amounts of the column are whole thousands.
    WholeThousands,
}

impl RuleKind {
    pub(crate) const NAMES: [&'static str; 12] = [
        "sum_of",
        "at_most",
        "required_if",
        "forbidden_if",
        "zero_if",
        "must_be",
        "distinct",
        "differs",
        "differs_from_last_time",
        "no_person_data",
        "remark_if",
        "whole_thousands",
    ];

    /// Whether the rule says nothing without a condition.
    pub(crate) fn needs_condition(&self) -> bool {
        matches!(
            self,
            RuleKind::RequiredIf { .. } | RuleKind::ForbiddenIf { .. } | RuleKind::ZeroIf | RuleKind::RemarkIf { .. }
        )
    }

    /// Whether the rule compares or adds up amounts.
    pub(crate) fn is_about_money(&self) -> bool {
        matches!(
            self,
            RuleKind::SumOf { .. }
                | RuleKind::AtMost { .. }
                | RuleKind::ZeroIf
                | RuleKind::DiffersFromLastTime { .. }
                | RuleKind::WholeThousands
        )
    }

    /// How strict the rule is where its definition does not say.
    pub(crate) fn usual_severity(&self) -> Severity {
        match self {
            RuleKind::DiffersFromLastTime { .. } | RuleKind::NoPersonData => Severity::Bestaetigen,
            RuleKind::RemarkIf { .. } | RuleKind::WholeThousands => Severity::Hinweis,
            _ => Severity::Fehler,
        }
    }
}

impl Rule {
    /// Whether the condition holds for a line; `None` where it hangs on an unreadable cell.
    pub(crate) fn applies(&self, filled: &Filled<'_>, line: usize) -> Option<bool> {
        match &self.wenn {
            None => Some(true),
            Some(wenn) => wenn.holds(&filled.scope(&self.sheet, line)),
        }
    }

    /// Checks every line of the rule's sheet and reports what does not fit.
    pub(crate) fn check(&self, filled: &Filled<'_>, report: &mut dyn FnMut(usize, &str, Finding)) {
        if matches!(self.kind, RuleKind::WholeThousands) {
            return self.check_thousands(filled, report);
        }
        let mut seen = HashMap::new();
        for line in 0..filled.line_count(&self.sheet) {
            if self.applies(filled, line) != Some(true) {
                continue;
            }
            for field in &self.fields {
                if let Some(finding) = self.check_cell(filled, line, field, &mut seen) {
                    report(line, field, finding);
                }
            }
        }
    }

    fn check_cell(
        &self,
        filled: &Filled<'_>,
        line: usize,
        field: &str,
        seen: &mut HashMap<String, String>,
    ) -> Option<Finding> {
        let value = filled.value(&self.sheet, line, field);
        let amount = match value {
            Some(Value::Money(cent)) => Some(*cent),
            _ => None,
        };
        let at = || filled.target(&self.sheet, line, field);
        let mut severity = self.severity;
        let finding = match &self.kind {
            RuleKind::SumOf { parts } => {
                let sum = parts
                    .iter()
                    .filter_map(|part| filled.money(&self.sheet, line, part))
                    .map(|cent| cent.0)
                    .sum();
                let read = amount.filter(|read| read.0 != sum)?;
                let places: Vec<String> = parts
                    .iter()
                    .map(|part| filled.short_place(&self.sheet, line, part))
                    .collect();
                finding::parts_do_not_add_up(&at(), read, Cent(sum), &places)
            }
            RuleKind::AtMost { bound } => {
                let Operand::Number(bound) = bound.evaluate(&filled.scope(&self.sheet, line)) else {
                    return None;
                };
                let bound = Cent(bound.to_cent());
                finding::above_bound(&at(), amount.filter(|read| *read > bound)?, bound)
            }
            RuleKind::RequiredIf { weil } => match value {
                Some(_) => return None,
                None => finding::required_because(&at(), weil),
            },
            RuleKind::ForbiddenIf { weil } => {
                finding::forbidden_because(&at(), &filled.shown(&self.sheet, field, value?), weil)
            }
            RuleKind::ZeroIf => {
                let read = amount.filter(|read| read.0 != 0)?;
                finding::not_zero(&at(), read, &self.condition_in_words(filled.form))
            }
            RuleKind::MustBe { value: wanted } => {
                let read = value.map(Value::text).filter(|read| read != wanted)?;
                finding::must_be(&at(), &read, wanted)
            }
            RuleKind::Distinct => {
                let read = filled.shown(&self.sheet, field, value?);
                let at = at();
                let cell = at.cell.clone().unwrap_or_default();
                match seen.entry(read.to_lowercase()) {
                    Entry::Occupied(first) => finding::not_distinct(&at, &read, first.get()),
                    Entry::Vacant(first) => {
                        first.insert(cell);
                        return None;
                    }
                }
            }
            RuleKind::Differs { other } => {
                value.filter(|value| filled.value(&self.sheet, line, other) == Some(value))?;
                let read = filled.shown(&self.sheet, field, value?);
                finding::same_as(&at(), &read, &filled.label(&self.sheet, other))
            }
            RuleKind::DiffersFromLastTime { percent } => {
                // From nothing to something is no deviation that a percentage could measure.
                let last = filled
                    .vordruck
                    .schulen
                    .get(line)?
                    .letztes_mal
                    .get(field)
                    .filter(|last| last.0 != 0)?;
                let read = amount?;
                let allowed = i128::from(last.0.abs()) * i128::from(*percent);
                if (i128::from(read.0) - i128::from(last.0)).abs() * 100 <= allowed {
                    return None;
                }
                finding::differs_from_last_time(&at(), read, *last, *percent)
            }
            RuleKind::NoPersonData => {
                let Some(Value::Text(read)) = value else { return None };
                let kind = person_data_in(read)?;
                severity = self.severity_of(kind);
                finding::person_data(&at(), read, kind, severity)
            }
            RuleKind::RemarkIf { text } => finding::remark(&at(), &value.map(Value::text).unwrap_or_default(), text),
            RuleKind::WholeThousands => return None,
        };
        Some(Finding { severity, ..finding })
    }

    /// An address is certain; a number may be an invoice's, and a name a school's.
    fn severity_of(&self, kind: PersonData) -> Severity {
        match kind {
            PersonData::Email => Severity::Fehler,
            PersonData::Telephone | PersonData::Name => self.severity,
        }
    }

    /// Only a whole column of round figures is remarkable, and only from five schools on.
    fn check_thousands(&self, filled: &Filled<'_>, report: &mut dyn FnMut(usize, &str, Finding)) {
        for field in &self.fields {
            let amounts: Vec<i64> = (0..filled.line_count(&self.sheet))
                .filter_map(|line| filled.money(&self.sheet, line, field))
                .map(|cent| cent.0)
                .filter(|cent| *cent != 0)
                .collect();
            if amounts.len() >= 5 && amounts.iter().all(|cent| cent % 100_000 == 0) {
                let at = filled.column_target(&self.sheet, field);
                report(
                    0,
                    field,
                    Finding {
                        severity: self.severity,
                        ..finding::whole_thousands(&at)
                    },
                );
            }
        }
    }

    /// The hints that this rule gives for a field, with made-up entries, for the Ausfüllhilfe.
    pub(crate) fn examples(&self, form: &Form, own: &Sheet, field: &Field, at: &Target<'_>) -> Vec<Finding> {
        let whole_column = Target {
            cell: None,
            ..at.clone()
        };
        let entry = match &field.kind {
            FieldKind::Choice(choices) => choices.first().map(|choice| choice.cell_text()).unwrap_or_default(),
            FieldKind::YesNo => "ja".to_owned(),
            FieldKind::Money => Cent(1_200_000).text(),
            FieldKind::Integer => "12".to_owned(),
            _ => "Beispiel".to_owned(),
        };
        let finding = match &self.kind {
            RuleKind::SumOf { parts } => {
                let labels: Vec<String> = parts.iter().map(|part| label(own, part)).collect();
                finding::parts_do_not_add_up(at, Cent(1_200_000), Cent(1_150_000), &labels)
            }
            RuleKind::AtMost { .. } => finding::above_bound(at, Cent(1_250_000), Cent(1_200_000)),
            RuleKind::RequiredIf { weil } => finding::required_because(at, weil),
            RuleKind::ForbiddenIf { weil } => finding::forbidden_because(at, &entry, weil),
            RuleKind::ZeroIf => finding::not_zero(at, Cent(50_000), &self.condition_in_words(form)),
            RuleKind::MustBe { value } => {
                let literals = field.kind.literals().unwrap_or_default();
                let other = literals.into_iter().find(|literal| literal != value);
                finding::must_be(at, other.unwrap_or("etwas anderes"), value)
            }
            RuleKind::Distinct => finding::not_distinct(at, &entry, "B4"),
            RuleKind::Differs { other } => {
                finding::same_as(at, &entry, own.field(other).map_or("", |other| other.label.as_str()))
            }
            RuleKind::DiffersFromLastTime { percent } => {
                let read = Cent(1_000_000 + 10_000 * (i64::from(*percent) + 10));
                finding::differs_from_last_time(at, read, Cent(1_000_000), *percent)
            }
            RuleKind::NoPersonData => {
                let of_kind = |text, kind| finding::person_data(at, text, kind, self.severity_of(kind));
                return vec![
                    of_kind("Fragen an vorname.nachname@example.org", PersonData::Email),
                    of_kind("Tel. 0211 000000", PersonData::Telephone),
                    of_kind("Frau Muster", PersonData::Name),
                ];
            }
            RuleKind::RemarkIf { text } => finding::remark(&whole_column, "", text),
            RuleKind::WholeThousands => finding::whole_thousands(&whole_column),
        };
        vec![Finding {
            severity: self.severity,
            ..finding
        }]
    }
}
