//! Rules and their conditions as people read them, with the labels of fields.

use super::{Rule, RuleKind};
use crate::definition::{Form, Sheet};
use crate::expression::{Expression, Operator, Reference};

impl Rule {
    /// What this rule asks for, as a line of the Ausfüllhilfe.
    pub(crate) fn in_words(&self, form: &Form) -> Option<String> {
        let words = Words {
            form,
            own: form.sheet(&self.sheet)?,
        };
        let all = |fields: &[String]| {
            let labels: Vec<String> = fields.iter().map(|field| label(words.own, field)).collect();
            join(&labels)
        };
        let fields = all(&self.fields);
        let text = match &self.kind {
            RuleKind::SumOf { parts } => format!("{fields} ist die Summe aus {}", all(parts)),
            RuleKind::AtMost { bound } => format!("{fields} ist nicht höher als {}", words.expression(bound)),
            RuleKind::RequiredIf { .. } => format!("{fields} ist auszufüllen"),
            RuleKind::ForbiddenIf { .. } => format!("{fields} bleibt leer"),
            RuleKind::ZeroIf => format!("In {fields} steht nichts oder null"),
            RuleKind::MustBe { value } => format!("Eingereicht werden kann nur mit „{value}“ bei {fields}"),
            RuleKind::Distinct => format!("In {fields} kommt kein Eintrag zweimal vor"),
            RuleKind::Differs { other } => format!("{fields} und {} sind verschieden", label(words.own, other)),
            RuleKind::DiffersFromLastTime { percent } => format!(
                "Weicht {fields} um mehr als {percent} Prozent vom letzten Bericht ab, bestätigen Sie den Wert mit einem Grund"
            ),
            RuleKind::NoPersonData => format!("{fields} enthält keine Namen, Telefonnummern oder E-Mail-Adressen"),
            RuleKind::RemarkIf { text } => {
                format!("Sie erhalten bei {fields} den Hinweis „{text}“, ohne weitere Folgen")
            }
            RuleKind::WholeThousands => {
                format!("Stehen bei {fields} nur volle Tausender, erhalten Sie einen Hinweis, ohne weitere Folgen")
            }
        };
        Some(match &self.wenn {
            Some(wenn) => format!("{text}, wenn gilt: {}.", words.expression(wenn)),
            None => format!("{text}."),
        })
    }

    /// The condition, as the end of a sentence; empty where there is none.
    pub(super) fn condition_in_words(&self, form: &Form) -> String {
        let words = form.sheet(&self.sheet).map(|own| Words { form, own });
        let wenn = words.zip(self.wenn.as_ref());
        wenn.map_or_else(String::new, |(words, wenn)| words.expression(wenn))
    }
}

fn join(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} und {last}", before.join(", ")),
    }
}

/// Expressions as people read them, with the labels of fields.
struct Words<'a> {
    form: &'a Form,
    own: &'a Sheet,
}

impl Words<'_> {
    fn expression(&self, expression: &Expression) -> String {
        let named = |id: &str| self.form.sheet(id).unwrap_or(self.own);
        match expression {
            Expression::Field(Reference { sheet: None, field }) => label(self.own, field),
            Expression::Field(Reference {
                sheet: Some(sheet),
                field,
            }) => label(named(sheet), field),
            Expression::Number(number) => number.to_f64().to_string().replace('.', ","),
            Expression::Text(text) => format!("„{text}“"),
            Expression::Sum { sheet, field } => format!("die Summe aller {}", label(named(sheet), field)),
            Expression::Count { sheet } => format!("die Zahl der Zeilen im Blatt „{}“", named(sheet).title),
            Expression::Binary(left, operator, right) => match (&**left, operator) {
                (Expression::Number(share), Operator::Multiply) => {
                    let percent = ((share.to_f64() * 10_000.0).round() / 100.0)
                        .to_string()
                        .replace('.', ",");
                    format!("{percent} Prozent von {}", self.expression(right))
                }
                _ => format!(
                    "{} {} {}",
                    self.expression(left),
                    operator_in_words(*operator),
                    self.expression(right)
                ),
            },
        }
    }
}

fn operator_in_words(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "plus",
        Operator::Subtract => "minus",
        Operator::Multiply => "mal",
        Operator::Equal => "ist",
        Operator::NotEqual => "ist nicht",
        Operator::Less => "ist kleiner als",
        Operator::LessOrEqual => "ist höchstens",
        Operator::Greater => "ist größer als",
        Operator::GreaterOrEqual => "ist mindestens",
        Operator::And => "und",
        Operator::Or => "oder",
    }
}

pub(super) fn label(sheet: &Sheet, field: &str) -> String {
    let field = sheet.field(field);
    field.map_or_else(String::new, |field| format!("„{}“", field.label))
}
