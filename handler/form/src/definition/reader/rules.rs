//! The rules of a definition: which keys each kind needs, and whether they name what exists.

use super::{RawRule, Reader};
use crate::definition::{Field, Sheet};
use crate::expression::{Expression, Kind};
use crate::rule::{Rule, RuleKind};
use toml::Spanned;

impl Reader<'_> {
    pub(super) fn rule(&mut self, raw: RawRule, sheets: &[Sheet]) -> Option<Rule> {
        let Some(sheet) = sheets.iter().find(|sheet| sheet.id == *raw.sheet.get_ref()) else {
            let ids: Vec<&str> = sheets.iter().map(|sheet| sheet.id.as_str()).collect();
            self.unknown(raw.sheet.span().start, "Blatt", raw.sheet.get_ref(), &ids);
            return None;
        };
        let before = self.problems.len();
        let names = raw.fields.iter().chain(&raw.parts).flatten();
        for name in names.chain(&raw.field).chain(&raw.other) {
            self.check_field(name, sheet);
        }
        let mut checked = |text: &Option<Spanned<String>>, kind| {
            text.as_ref()
                .and_then(|text| self.checked_expression(text, kind, sheets, sheet))
        };
        let wenn = checked(&raw.wenn, Kind::Condition);
        let bound = checked(&raw.bound, Kind::Value);
        let at = raw.kind.span().start;
        let kind = match rule_kind(&raw, bound) {
            Some(Ok(kind)) => Some(kind),
            Some(Err(missing)) => {
                // A key that is there but wrong has been reported.
                if self.problems.len() == before {
                    self.missing(at, missing);
                }
                None
            }
            None => {
                self.unknown(at, "Regel", raw.kind.get_ref(), &RuleKind::NAMES);
                return None;
            }
        };
        let fields = match (&raw.fields, &raw.field) {
            (Some(fields), _) => plain(fields),
            (None, Some(field)) => vec![field.get_ref().clone()],
            (None, None) => Vec::new(),
        };
        if fields.is_empty() {
            self.missing(at, "field");
        }
        if kind.as_ref().is_some_and(RuleKind::needs_condition) && raw.wenn.is_none() {
            self.missing(at, "wenn");
        }
        self.check_keys(&raw);
        if let (Some(RuleKind::MustBe { value }), Some(place)) = (&kind, &raw.value) {
            for field in &fields {
                self.check_value(sheet, field, value, place.span().start);
            }
        }
        if self.problems.len() > before {
            return None;
        }
        let kind = kind?;
        let parts = raw.parts.as_deref().map(plain).unwrap_or_default();
        let is_money = |field: &String| sheet.field(field).is_some_and(Field::is_money);
        if kind.is_about_money() && !fields.iter().chain(&parts).all(is_money) {
            self.report(
                at,
                format!("Die Regel „{}“ gilt nur für Beträge.", raw.kind.get_ref()),
                "Nennen Sie Felder mit kind = \"money\".",
            );
            return None;
        }
        let severity = raw.severity.unwrap_or(kind.usual_severity());
        Some(Rule {
            sheet: sheet.id.clone(),
            fields,
            kind,
            wenn,
            severity,
        })
    }

    /// A key that this kind of rule does not read would promise what nobody checks.
    fn check_keys(&mut self, raw: &RawRule) {
        let kind = raw.kind.get_ref().as_str();
        let at = |key: &Option<Spanned<String>>| key.as_ref().map(|key| key.span().start);
        let of_list = |key: &Option<Vec<Spanned<String>>>| Some(key.as_ref()?.first()?.span().start);
        let takes_reason = ["required_if", "forbidden_if"].contains(&kind);
        let keys = [
            ("parts", of_list(&raw.parts), kind == "sum_of"),
            ("bound", at(&raw.bound), kind == "at_most"),
            ("weil", at(&raw.weil), takes_reason),
            ("value", at(&raw.value), kind == "must_be"),
            ("other", at(&raw.other), kind == "differs"),
            (
                "percent",
                raw.percent.as_ref().map(|percent| percent.span().start),
                kind == "differs_from_last_time",
            ),
            ("text", at(&raw.text), kind == "remark_if"),
            // A whole column has no line in which a condition could hold.
            ("wenn", at(&raw.wenn), kind != "whole_thousands"),
        ];
        for (key, place, is_read) in keys {
            if let Some(place) = place.filter(|_| !is_read) {
                self.report(
                    place,
                    format!("Die Regel „{kind}“ kennt den Schlüssel „{key}“ nicht."),
                    "Löschen Sie die Zeile, oder wählen Sie eine andere Art von Regel.",
                );
            }
        }
    }

    /// A field that must hold what it never can would stop every Meldung.
    fn check_value(&mut self, sheet: &Sheet, field: &str, value: &str, at: usize) {
        let possible = sheet.field(field).and_then(|field| field.kind.literals());
        if let Some(possible) = possible.filter(|possible| !possible.contains(&value)) {
            self.unknown(at, "Wert", value, &possible);
        }
    }

    pub(super) fn missing(&mut self, at: usize, key: &str) {
        self.report(
            at,
            format!("Dieser Regel fehlt der Schlüssel „{key}“."),
            format!("Ergänzen Sie {key} = …"),
        );
    }
}

/// The kind of a rule, or the key that it lacks; `None` where there is no such kind.
fn rule_kind(raw: &RawRule, bound: Option<Expression>) -> Option<Result<RuleKind, &'static str>> {
    let text = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.get_ref().clone());
    let weil = || text(&raw.weil).unwrap_or_default();
    let other = raw.other.as_ref().map(|other| other.get_ref().clone());
    Some(match raw.kind.get_ref().as_str() {
        "sum_of" => raw
            .parts
            .as_deref()
            .map(|parts| RuleKind::SumOf { parts: plain(parts) })
            .ok_or("parts"),
        "at_most" => bound.map(|bound| RuleKind::AtMost { bound }).ok_or("bound"),
        "required_if" => Ok(RuleKind::RequiredIf { weil: weil() }),
        "forbidden_if" => Ok(RuleKind::ForbiddenIf { weil: weil() }),
        "zero_if" => Ok(RuleKind::ZeroIf),
        "must_be" => text(&raw.value).map(|value| RuleKind::MustBe { value }).ok_or("value"),
        "distinct" => Ok(RuleKind::Distinct),
        "differs" => other.map(|other| RuleKind::Differs { other }).ok_or("other"),
        "differs_from_last_time" => raw
            .percent
            .as_ref()
            .map(|percent| RuleKind::DiffersFromLastTime {
                percent: *percent.get_ref(),
            })
            .ok_or("percent"),
        "no_person_data" => Ok(RuleKind::NoPersonData),
        "remark_if" => text(&raw.text).map(|text| RuleKind::RemarkIf { text }).ok_or("text"),
        "whole_thousands" => Ok(RuleKind::WholeThousands),
        _ => return None,
    })
}

fn plain(names: &[Spanned<String>]) -> Vec<String> {
    names.iter().map(|name| name.get_ref().clone()).collect()
}
