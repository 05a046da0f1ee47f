//! Reads `formular.toml`: every name is looked up, every problem is reported with its place.

mod limits;
mod names;
mod raw;
mod rules;

use super::{Choice, Field, FieldKind, Form, Prefill, Sheet, SheetKind};
use crate::expression::{Expression, Kind};
use crate::finding::Severity;
use crate::problem::{self, Problem, nearest};
use crate::write::{HINWEISE_SHEET, LISTS_SHEET, META_SHEET};
use raw::{RawChoice, RawField, RawForm, RawRule, RawSheet};
use toml::Spanned;

/// Reads a definition; all problems at once, in the order of the file.
pub(super) fn read(source: &str) -> Result<Form, Vec<Problem>> {
    let (raw, problems) = problem::read_toml::<RawForm>(source);
    let mut reader = Reader { source, problems };
    let form = raw.map(|raw| reader.form(raw));
    reader.problems.sort_by_key(|problem| (problem.line, problem.column));
    form.filter(|_| reader.problems.is_empty()).ok_or(reader.problems)
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

/// Sheets that every workbook has.
const OWN_SHEETS: [&str; 3] = [HINWEISE_SHEET, LISTS_SHEET, META_SHEET];

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
        if RESERVED_KENNUNGEN.contains(&kennung.as_str()) {
            let message = format!("Die Kennung „{kennung}“ ist in der Datenbank schon vergeben.");
            self.report(
                raw.kennung.span().start,
                message,
                "Wählen Sie eine andere, zum Beispiel chancenbudget.",
            );
        }
        self.check_choices(&raw.grund);
        if raw.sheet.is_empty() {
            self.report(
                raw.kennung.span().start,
                "Das Formular hat kein Blatt.",
                "Ergänzen Sie einen Abschnitt [[sheet]].",
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
            let title = sheet.title.get_ref().to_lowercase();
            let taken = sheets.iter().any(|known| known.title.to_lowercase() == title);
            if taken || OWN_SHEETS.iter().any(|own| own.to_lowercase() == title) {
                self.report(
                    sheet.title.span().start,
                    format!("Ein Blatt mit dem Namen „{}“ gibt es schon.", sheet.title.get_ref()),
                    format!(
                        "Wählen Sie einen anderen Namen; {} gehören zu jedem Formular.",
                        OWN_SHEETS.join(", ")
                    ),
                );
            }
            let sheet = self.sheet(sheet, &mut formulas);
            sheets.push(sheet);
        }
        for (sheet, formula, offset) in &formulas {
            self.check_expression(
                formula,
                Kind::Value,
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
            gruende: raw.grund.iter().map(RawChoice::plain).collect(),
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
        self.check_sheet(&raw);
        let kind = match raw.kind.get_ref().as_str() {
            "once" => SheetKind::Once,
            "per_school" => SheetKind::PerSchool,
            "free" => SheetKind::Free {
                rows: raw.rows.as_ref().map_or(50, |rows| *rows.get_ref()),
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
            let label = field.label.get_ref();
            if fields.iter().any(|known| is_alike(&known.label, label)) {
                self.report(
                    field.label.span().start,
                    format!("Zwei Felder dieses Blattes heißen „{label}“."),
                    "Geben Sie jedem Feld einen eigenen Namen: Daran wird es erkannt, wenn Spalten verschoben wurden.",
                );
            }
            self.check_limits(&field, kind);
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
        if let Some(only_if) = &raw.only_if {
            self.check_only_if(only_if, &fields);
        }
        Sheet {
            id,
            title: raw.title.into_inner(),
            kind,
            only_if: raw.only_if.map(Spanned::into_inner),
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
        if RESERVED_IDS.contains(&id.as_str()) {
            let message = format!("Die id „{id}“ ist in jeder Tabelle schon vergeben.");
            self.report(at, message, "Wählen Sie eine andere, zum Beispiel mit einem Zusatz.");
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
            label: raw.label.into_inner(),
            kind,
            required: raw.required,
            prefill,
            help: raw.help,
            min: raw.min.map(Spanned::into_inner),
            max: raw.max.map(Spanned::into_inner),
            max_length: raw.max_length.map(Spanned::into_inner),
            pattern,
            pattern_hint: raw.pattern_hint.map(Spanned::into_inner).unwrap_or_default(),
            only_if_prefilled: raw.only_if_prefilled.is_some_and(Spanned::into_inner),
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
        match (&raw.choices, &raw.choices_of) {
            (Some(choices), None) => {
                self.check_choices(choices.get_ref());
                if choices.get_ref().is_empty() {
                    self.report(
                        choices.span().start,
                        "Die Liste zur Auswahl ist leer.",
                        "Ergänzen Sie mindestens einen Wert: { code = \"…\", label = \"…\" }.",
                    );
                }
                choices.get_ref().iter().map(RawChoice::plain).collect()
            }
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
        }
    }

    fn unknown(&mut self, at: usize, what: &str, typed: &str, allowed: &[&str]) {
        let remedy = match nearest(typed, allowed) {
            Some(near) => format!("Gemeint ist vielleicht „{near}“. Es gibt: {}.", allowed.join(", ")),
            None => format!("Es gibt: {}.", allowed.join(", ")),
        };
        self.report(at, format!("{what} „{typed}“ gibt es nicht."), remedy);
    }
}

/// Columns that every table of rows has, beside the fields.
const RESERVED_IDS: [&str; 4] = ["meldung", "zeile", "runde", "meldet"];
/// The store's own tables begin with these.
const RESERVED_KENNUNGEN: [&str; 4] = ["meldung", "runde", "journal", "sqlite"];

/// Labels that people would take for one another.
fn is_alike(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.join(" ")
    };
    plain(one) == plain(other)
}

fn is_ascii_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests;
