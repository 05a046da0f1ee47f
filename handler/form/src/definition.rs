//! A form's definition: reads `formular.toml` and holds what it says, checked.

use crate::expression::{Expression, Reference};
use crate::finding::Severity;
use crate::problem::{self, Problem, nearest};
use crate::rule::{Rule, RuleKind};
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use toml::Spanned;

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

#[derive(Debug)]
pub struct Sheet {
    pub id: String,
    pub title: String,
    pub kind: SheetKind,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetKind {
    /// Label in column A, value in column B.
    Once,
    /// One row per school that the Träger reports for.
    PerSchool,
    /// Up to so many rows, as the Träger needs them.
    Free { rows: u32 },
}

#[derive(Debug)]
pub struct Field {
    pub id: String,
    pub label: String,
    pub kind: FieldKind,
    pub required: bool,
    pub prefill: Option<Prefill>,
    pub help: String,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub max_length: Option<usize>,
    pub pattern: Option<regex_lite::Regex>,
    /// The column is there only where some row has something in it.
    pub only_if_prefilled: bool,
}

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

const PREFILLS: [(&str, Prefill); 15] = [
    ("traeger.nummer", Prefill::TraegerNummer),
    ("traeger.name", Prefill::TraegerName),
    ("traeger.bezirksregierung", Prefill::Bezirksregierung),
    ("runde.kennung", Prefill::RundeKennung),
    ("runde.von", Prefill::RundeVon),
    ("runde.bis", Prefill::RundeBis),
    ("schulen.anzahl", Prefill::SchulenAnzahl),
    ("schule.nr", Prefill::SchuleNr),
    ("schule.nummer", Prefill::SchuleNummer),
    ("schule.kurzbezeichnung", Prefill::Kurzbezeichnung),
    ("schule.schulform", Prefill::Schulform),
    ("schule.aufnahmejahr", Prefill::Aufnahmejahr),
    ("schule.traeger", Prefill::SchuleTraeger),
    ("zuweisung.zugewiesen", Prefill::Zugewiesen),
    ("zuweisung.uebertrag", Prefill::Uebertrag),
];

const KINDS: [&str; 9] = [
    "text",
    "integer",
    "money",
    "date",
    "choice",
    "yes_no",
    "schulnummer",
    "traegernummer",
    "computed",
];

impl Form {
    /// Reads a `formular.toml`. Reports every problem that it can find in one go.
    pub fn parse(source: &str) -> Result<Form, Vec<Problem>> {
        let raw: RawForm = toml::from_str(source).map_err(|error| vec![problem::from_toml(source, &error)])?;
        let mut reader = Reader {
            source,
            problems: Vec::new(),
        };
        let form = reader.form(raw);
        reader.problems.sort_by_key(|problem| (problem.line, problem.column));
        if reader.problems.is_empty() {
            Ok(form)
        } else {
            Err(reader.problems)
        }
    }

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
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    pub fn is_once(&self) -> bool {
        self.kind == SheetKind::Once
    }
}

impl Field {
    /// Whether the Träger types here.
    pub fn is_input(&self) -> bool {
        self.prefill.is_none() && !matches!(self.kind, FieldKind::Computed(_))
    }

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

impl Choice {
    /// How a choice stands in a cell.
    pub fn cell_text(&self) -> String {
        format!("{} – {}", self.code, self.label)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawForm {
    kennung: Spanned<String>,
    version: String,
    title: String,
    #[serde(default)]
    hinweise: Vec<String>,
    #[serde(default)]
    grund: Vec<Choice>,
    sheet: Vec<RawSheet>,
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSheet {
    id: Spanned<String>,
    title: Spanned<String>,
    kind: Spanned<String>,
    rows: Option<u32>,
    field: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    id: Spanned<String>,
    label: String,
    kind: Spanned<String>,
    #[serde(default)]
    required: bool,
    prefill: Option<Spanned<String>>,
    #[serde(default)]
    help: String,
    min: Option<i64>,
    max: Option<i64>,
    max_length: Option<usize>,
    pattern: Option<Spanned<String>>,
    choices: Option<Vec<Choice>>,
    choices_of: Option<Spanned<String>>,
    formula: Option<Spanned<String>>,
    #[serde(default)]
    only_if_prefilled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    kind: Spanned<String>,
    sheet: Spanned<String>,
    field: Option<Spanned<String>>,
    fields: Option<Vec<Spanned<String>>>,
    parts: Option<Vec<Spanned<String>>>,
    other: Option<Spanned<String>>,
    bound: Option<Spanned<String>>,
    value: Option<String>,
    percent: Option<u32>,
    text: Option<String>,
    weil: Option<String>,
    wenn: Option<Spanned<String>>,
    severity: Option<Severity>,
}

struct Reader<'a> {
    source: &'a str,
    problems: Vec<Problem>,
}

/// Where expressions stand, so that a wrong name in one is shown at its place.
struct Names<'a> {
    sheets: &'a [Sheet],
    own: &'a str,
}

impl Reader<'_> {
    fn report(&mut self, offset: usize, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::at(self.source, offset, message, remedy));
    }

    fn form(&mut self, raw: RawForm) -> Form {
        let kennung = raw.kennung.get_ref();
        if !is_ascii_name(kennung) {
            self.report(
                raw.kennung.span().start,
                format!("Die Kennung „{kennung}“ enthält andere Zeichen als a-z, 0-9 und _."),
                "Die Kennung wird zu Tabellennamen: Schreiben Sie zum Beispiel chancenbudget.",
            );
        }
        let mut formulas = Vec::new();
        let mut sheets: Vec<Sheet> = Vec::new();
        for sheet in raw.sheet {
            if sheets.iter().any(|known| known.id == *sheet.id.get_ref()) {
                self.report(
                    sheet.id.span().start,
                    "Zwei Blätter haben dieselbe id.",
                    "Geben Sie jedem Blatt eine eigene id.",
                );
            }
            let sheet = self.sheet(sheet, &mut formulas);
            sheets.push(sheet);
        }
        for (sheet, formula, offset) in &formulas {
            self.check_names(
                formula,
                *offset,
                &Names {
                    sheets: &sheets,
                    own: sheet,
                },
            );
        }
        self.check_cycles(&sheets, &formulas);
        let rules = raw
            .rule
            .into_iter()
            .filter_map(|rule| self.rule(rule, &sheets))
            .collect();
        Form {
            kennung: kennung.clone(),
            version: raw.version,
            title: raw.title,
            hinweise: raw.hinweise,
            sheets,
            rules,
            gruende: raw.grund,
        }
    }

    fn sheet(&mut self, raw: RawSheet, formulas: &mut Vec<(String, Expression, usize)>) -> Sheet {
        let (id, kind_at) = (raw.id.get_ref().clone(), raw.kind.span().start);
        if !is_ascii_name(&id) {
            self.report(
                raw.id.span().start,
                "Eine id enthält nur a-z, 0-9 und _.",
                "Schreiben Sie ä als ae, ß als ss.",
            );
        }
        let title = raw.title.get_ref();
        if title.chars().count() > 31 || title.contains(['[', ']', ':', '*', '?', '/', '\\', '\'']) {
            self.report(
                raw.title.span().start,
                "Excel nimmt diesen Blattnamen nicht an.",
                "Wählen Sie höchstens 31 Zeichen, ohne [ ] : * ? / \\ und '.",
            );
        }
        let kind = match raw.kind.get_ref().as_str() {
            "once" => SheetKind::Once,
            "per_school" => SheetKind::PerSchool,
            "free" => SheetKind::Free {
                rows: raw.rows.unwrap_or(50),
            },
            other => {
                self.unknown(kind_at, "Blattart", other, &["once", "per_school", "free"]);
                SheetKind::Once
            }
        };
        let mut fields: Vec<Field> = Vec::new();
        for field in raw.field {
            let at = field.id.span().start;
            if fields.iter().any(|known| known.id == *field.id.get_ref()) {
                self.report(
                    at,
                    format!("Zwei Felder dieses Blattes haben die id „{}“.", field.id.get_ref()),
                    "Geben Sie jedem Feld eine eigene id.",
                );
            }
            let field = self.field(field, &id, &fields, formulas);
            fields.push(field);
        }
        if kind == SheetKind::PerSchool && !fields.iter().any(|f| f.prefill == Some(Prefill::SchuleNummer)) {
            self.report(
                kind_at,
                "Ein Blatt mit einer Zeile je Schule braucht die Schulnummer.",
                "Ergänzen Sie ein Feld mit kind = \"schulnummer\" und prefill = \"schule.nummer\".",
            );
        }
        Sheet {
            id,
            title: raw.title.into_inner(),
            kind,
            fields,
        }
    }

    fn field(
        &mut self,
        raw: RawField,
        sheet: &str,
        before: &[Field],
        formulas: &mut Vec<(String, Expression, usize)>,
    ) -> Field {
        let id = raw.id.get_ref().clone();
        let at = raw.id.span().start;
        if !is_ascii_name(&id) {
            self.report(
                at,
                "Eine id enthält nur a-z, 0-9 und _.",
                "Schreiben Sie ä als ae, ß als ss.",
            );
        }
        if let (Some(min), Some(max)) = (raw.min, raw.max)
            && max < min
        {
            self.report(
                at,
                format!("„max“ ({max}) liegt unter „min“ ({min})."),
                "Vertauschen Sie die beiden Grenzen.",
            );
        }
        let kind = self.field_kind(&raw, sheet, before, formulas);
        let prefill = raw.prefill.as_ref().and_then(|prefill| {
            let found = PREFILLS.iter().find(|(name, _)| name == prefill.get_ref());
            if found.is_none() {
                let names: Vec<&str> = PREFILLS.iter().map(|(name, _)| *name).collect();
                self.unknown(prefill.span().start, "Quelle", prefill.get_ref(), &names);
            }
            found.map(|(_, prefill)| *prefill)
        });
        let pattern = raw.pattern.as_ref().and_then(|pattern| {
            regex_lite::Regex::new(&format!("^(?:{})$", pattern.get_ref()))
                .map_err(|error| {
                    self.report(
                        pattern.span().start,
                        format!("Das Muster ist kein regulärer Ausdruck: {error}."),
                        "Berichtigen Sie das Muster.",
                    );
                })
                .ok()
        });
        Field {
            id,
            label: raw.label,
            kind,
            required: raw.required,
            prefill,
            help: raw.help,
            min: raw.min,
            max: raw.max,
            max_length: raw.max_length,
            pattern,
            only_if_prefilled: raw.only_if_prefilled,
        }
    }

    fn field_kind(
        &mut self,
        raw: &RawField,
        sheet: &str,
        before: &[Field],
        formulas: &mut Vec<(String, Expression, usize)>,
    ) -> FieldKind {
        let at = raw.kind.span().start;
        match raw.kind.get_ref().as_str() {
            "text" => FieldKind::Text,
            "integer" => FieldKind::Integer,
            "money" => FieldKind::Money,
            "date" => FieldKind::Date,
            "yes_no" => FieldKind::YesNo,
            "schulnummer" => FieldKind::Schulnummer,
            "traegernummer" => FieldKind::Traegernummer,
            "choice" => FieldKind::Choice(self.choices(raw, before, at)),
            "computed" => match raw.formula.as_ref().map(|formula| self.expression(formula)) {
                Some(Some((formula, offset))) => {
                    formulas.push((sheet.to_owned(), formula.clone(), offset));
                    FieldKind::Computed(formula)
                }
                Some(None) => FieldKind::Text,
                None => {
                    self.report(
                        at,
                        "Ein berechnetes Feld braucht eine Formel.",
                        "Ergänzen Sie formula = \"…\".",
                    );
                    FieldKind::Text
                }
            },
            other => {
                self.unknown(at, "Feldart", other, &KINDS);
                FieldKind::Text
            }
        }
    }

    fn choices(&mut self, raw: &RawField, before: &[Field], at: usize) -> Vec<Choice> {
        let choices = match (&raw.choices, &raw.choices_of) {
            (Some(choices), None) => choices.clone(),
            (None, Some(other)) => match before
                .iter()
                .find(|field| field.id == *other.get_ref())
                .map(|field| &field.kind)
            {
                Some(FieldKind::Choice(choices)) => choices.clone(),
                _ => {
                    self.report(
                        other.span().start,
                        format!("Oberhalb steht kein Auswahlfeld „{}“.", other.get_ref()),
                        "Nennen Sie ein Auswahlfeld, das auf demselben Blatt weiter oben steht.",
                    );
                    Vec::new()
                }
            },
            _ => {
                self.report(
                    at,
                    "Ein Auswahlfeld braucht seine Werte.",
                    "Ergänzen Sie choices = [{ code = \"…\", label = \"…\" }].",
                );
                Vec::new()
            }
        };
        for (n, choice) in choices.iter().enumerate() {
            if choices[..n].iter().any(|known| known.code == choice.code) {
                self.report(
                    at,
                    format!("Der Code „{}“ kommt zweimal vor.", choice.code),
                    "Geben Sie jedem Wert einen eigenen Code.",
                );
            }
        }
        choices
    }

    fn rule(&mut self, raw: RawRule, sheets: &[Sheet]) -> Option<Rule> {
        let at = raw.kind.span().start;
        let Some(sheet) = sheets.iter().find(|sheet| sheet.id == *raw.sheet.get_ref()) else {
            let ids: Vec<&str> = sheets.iter().map(|sheet| sheet.id.as_str()).collect();
            self.unknown(raw.sheet.span().start, "Blatt", raw.sheet.get_ref(), &ids);
            return None;
        };
        let before = self.problems.len();
        let mut names = Vec::new();
        for name in [&raw.field, &raw.other]
            .into_iter()
            .flatten()
            .chain(raw.fields.iter().flatten())
            .chain(raw.parts.iter().flatten())
        {
            self.check_field(name, sheet);
            names.push(name);
        }
        let wenn = raw
            .wenn
            .as_ref()
            .and_then(|wenn| self.checked_expression(wenn, sheets, sheet));
        let bound = raw
            .bound
            .as_ref()
            .and_then(|bound| self.checked_expression(bound, sheets, sheet));
        let text = |name: &Option<Spanned<String>>| name.as_ref().map(|name| name.get_ref().clone());
        let list = |names: &Option<Vec<Spanned<String>>>| {
            names
                .as_ref()
                .map(|names| names.iter().map(|name| name.get_ref().clone()).collect::<Vec<_>>())
        };
        let kind = match raw.kind.get_ref().as_str() {
            "sum_of" => list(&raw.parts).map(|parts| RuleKind::SumOf { parts }).ok_or("parts"),
            "at_most" => bound.map(|bound| RuleKind::AtMost { bound }).ok_or("bound"),
            "required_if" => Ok(RuleKind::RequiredIf {
                weil: raw.weil.clone().unwrap_or_default(),
            }),
            "forbidden_if" => Ok(RuleKind::ForbiddenIf {
                weil: raw.weil.clone().unwrap_or_default(),
            }),
            "zero_if" => Ok(RuleKind::ZeroIf),
            "must_be" => raw.value.clone().map(|value| RuleKind::MustBe { value }).ok_or("value"),
            "distinct" => Ok(RuleKind::Distinct),
            "differs" => text(&raw.other).map(|other| RuleKind::Differs { other }).ok_or("other"),
            "differs_from_last_time" => raw
                .percent
                .map(|percent| RuleKind::DiffersFromLastTime { percent })
                .ok_or("percent"),
            "no_person_data" => Ok(RuleKind::NoPersonData),
            "remark_if" => raw.text.clone().map(|text| RuleKind::RemarkIf { text }).ok_or("text"),
            "whole_thousands" => Ok(RuleKind::WholeThousands),
            other => {
                self.unknown(at, "Regel", other, &RuleKind::NAMES);
                return None;
            }
        };
        let fields = list(&raw.fields).or_else(|| text(&raw.field).map(|field| vec![field]));
        let needs_condition = matches!(
            raw.kind.get_ref().as_str(),
            "required_if" | "forbidden_if" | "zero_if" | "remark_if"
        );
        if needs_condition && raw.wenn.is_none() {
            self.missing(at, "wenn");
        }
        match (kind, fields) {
            (Ok(kind), Some(fields)) if self.problems.len() == before => {
                let severity = raw.severity.unwrap_or(kind.usual_severity());
                Some(Rule {
                    sheet: sheet.id.clone(),
                    fields,
                    kind,
                    wenn,
                    severity,
                })
            }
            (kind, fields) => {
                if fields.is_none() {
                    self.missing(at, "field");
                }
                if let (Err(key), true) = (kind, self.problems.len() == before) {
                    self.missing(at, key);
                }
                None
            }
        }
    }

    fn missing(&mut self, at: usize, key: &str) {
        self.report(
            at,
            format!("Dieser Regel fehlt der Schlüssel „{key}“."),
            format!("Ergänzen Sie {key} = …"),
        );
    }

    fn unknown(&mut self, at: usize, what: &str, typed: &str, allowed: &[&str]) {
        let remedy = match nearest(typed, allowed) {
            Some(near) => format!("Gemeint ist vielleicht „{near}“. Es gibt: {}.", allowed.join(", ")),
            None => format!("Es gibt: {}.", allowed.join(", ")),
        };
        self.report(at, format!("{what} „{typed}“ gibt es nicht."), remedy);
    }

    fn check_field(&mut self, name: &Spanned<String>, sheet: &Sheet) {
        if sheet.field(name.get_ref()).is_none() {
            let ids: Vec<&str> = sheet.fields.iter().map(|field| field.id.as_str()).collect();
            self.unknown(name.span().start, "Feld", name.get_ref(), &ids);
        }
    }

    /// Parses an expression; its offset in the file comes with it (plus one for the quotation mark).
    fn expression(&mut self, text: &Spanned<String>) -> Option<(Expression, usize)> {
        let offset = text.span().start + 1;
        match Expression::parse(text.get_ref()) {
            Ok(expression) => Some((expression, offset)),
            Err(error) => {
                let remedy = "Ein Beispiel: rest > 0 und deckblatt.belege_liegen_vor = 'ja'";
                self.report(
                    offset + error.offset,
                    format!("Der Ausdruck stimmt nicht: {}.", error.message),
                    remedy,
                );
                None
            }
        }
    }

    fn checked_expression(&mut self, text: &Spanned<String>, sheets: &[Sheet], own: &Sheet) -> Option<Expression> {
        let (expression, offset) = self.expression(text)?;
        self.check_names(&expression, offset, &Names { sheets, own: &own.id });
        Some(expression)
    }

    fn check_names(&mut self, expression: &Expression, offset: usize, names: &Names<'_>) {
        for reference in expression.references() {
            let sheet_id = reference.sheet.as_deref().unwrap_or(names.own);
            match names.sheets.iter().find(|sheet| sheet.id == sheet_id) {
                None => {
                    let ids: Vec<&str> = names.sheets.iter().map(|sheet| sheet.id.as_str()).collect();
                    self.unknown(offset, "Blatt", sheet_id, &ids);
                }
                Some(sheet) if sheet.field(&reference.field).is_none() => {
                    let ids: Vec<&str> = sheet.fields.iter().map(|field| field.id.as_str()).collect();
                    self.unknown(offset, "Feld", &reference.field, &ids);
                }
                Some(_) => {}
            }
        }
    }

    /// A formula that depends on itself would never come to an end.
    fn check_cycles(&mut self, sheets: &[Sheet], formulas: &[(String, Expression, usize)]) {
        let by_place: HashMap<(&str, &str), &Expression> = sheets
            .iter()
            .flat_map(|sheet| {
                sheet
                    .fields
                    .iter()
                    .filter_map(move |f| Some(((sheet.id.as_str(), f.id.as_str()), f.formula()?)))
            })
            .collect();
        for (sheet, formula, offset) in formulas {
            if reaches_itself(formula, sheet, &by_place, 0) {
                self.report(
                    *offset,
                    "Diese Formel hängt von sich selbst ab.",
                    "Lösen Sie den Kreis zwischen den Formeln auf.",
                );
            }
        }
    }
}

fn reaches_itself(
    formula: &Expression,
    sheet: &str,
    formulas: &HashMap<(&str, &str), &Expression>,
    depth: usize,
) -> bool {
    depth > formulas.len()
        || formula.references().iter().any(|Reference { sheet: named, field }| {
            let sheet = named.as_deref().unwrap_or(sheet);
            formulas
                .get(&(sheet, field.as_str()))
                .is_some_and(|next| reaches_itself(next, sheet, formulas, depth + 1))
        })
}

fn is_ascii_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
kennung = "klein"
version = "1"
title = "Klein"
[[sheet]]
id = "deckblatt"
title = "Deckblatt"
kind = "once"
[[sheet.field]]
id = "betrag"
label = "Betrag"
kind = "money"
"#;

    fn problems(more: &str) -> String {
        let source = format!("{}{more}", &SMALL[1..]);
        let found = Form::parse(&source).expect_err("problems");
        found
            .iter()
            .map(|p| format!("{}:{} {}\n", p.line, p.column, p.message))
            .collect()
    }

    #[test]
    fn a_small_form_is_read() {
        let form = Form::parse(SMALL).expect("a form");
        assert_eq!(form.sheets[0].fields[0].column(), "betrag_cent");
    }

    #[test]
    fn all_problems_come_at_once_with_their_places() {
        expect_test::expect![[r#"
            14:8 Feldart „geld“ gibt es nicht.
            15:11 Quelle „traeger.nr“ gibt es nicht.
            18:6 Zwei Felder dieses Blattes haben die id „betrag“.
            20:8 Ein Auswahlfeld braucht seine Werte.
            24:9 Feld „betrog“ gibt es nicht.
            25:9 Feld „ausgabe“ gibt es nicht.
        "#]]
        .assert_eq(&problems(
            r#"[[sheet.field]]
id = "art"
kind = "geld"
prefill = "traeger.nr"
label = "Art"
[[sheet.field]]
id = "betrag"
label = "Zweiter"
kind = "choice"
[[rule]]
kind = "remark_if"
sheet = "deckblatt"
field = "betrog"
wenn = "ausgabe > 3"
text = "x"
"#,
        ));
    }

    #[test]
    fn formulas_in_a_circle_are_refused() {
        let found = problems(
            "[[sheet.field]]\nid = \"a\"\nlabel = \"A\"\nkind = \"computed\"\nformula = \"b\"\n[[sheet.field]]\nid = \"b\"\nlabel = \"B\"\nkind = \"computed\"\nformula = \"a\"\n",
        );
        assert!(found.contains("Diese Formel hängt von sich selbst ab."), "{found}");
    }
}
