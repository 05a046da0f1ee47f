//! Expressions of a definition: whether they can be read, and whether every name in them exists.

use super::{Names, Reader};
use crate::definition::Sheet;
use crate::expression::{Expression, Kind, Reference};
use std::collections::HashMap;
use toml::Spanned;

impl Reader<'_> {
    pub(super) fn check_field(&mut self, name: &Spanned<String>, sheet: &Sheet) {
        if sheet.field(name.get_ref()).is_none() {
            let ids: Vec<&str> = sheet.fields.iter().map(|field| field.id.as_str()).collect();
            self.unknown(name.span().start, "Feld", name.get_ref(), &ids);
        }
    }

    /// Parses an expression; its offset in the file comes with it (plus one for the quotation mark).
    pub(super) fn expression(&mut self, text: &Spanned<String>) -> Option<(Expression, usize)> {
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

    pub(super) fn checked_expression(
        &mut self,
        text: &Spanned<String>,
        wanted: Kind,
        sheets: &[Sheet],
        own: &Sheet,
    ) -> Option<Expression> {
        let (expression, offset) = self.expression(text)?;
        self.check_expression(&expression, wanted, offset, &Names { sheets, own: &own.id });
        Some(expression)
    }

    pub(super) fn check_expression(&mut self, expression: &Expression, wanted: Kind, offset: usize, names: &Names<'_>) {
        if !expression.is(wanted) {
            let (message, remedy) = match wanted {
                Kind::Condition => (
                    "Hier wird eine Bedingung erwartet.",
                    "Schreiben Sie einen Vergleich: rest > 0",
                ),
                Kind::Value => (
                    "Hier wird ein Wert erwartet.",
                    "Schreiben Sie eine Rechnung: zugewiesen - verausgabt",
                ),
            };
            self.report(offset, message, remedy);
        }
        self.check_names(expression, offset, names);
    }

    pub(super) fn check_names(&mut self, expression: &Expression, offset: usize, names: &Names<'_>) {
        match expression {
            Expression::Number(_) | Expression::Text(_) => {}
            Expression::Field(reference) => {
                let named = reference.sheet.as_deref();
                let Some(sheet) = self.named_sheet(named.unwrap_or(names.own), offset, names) else {
                    return;
                };
                if sheet.id != names.own && !sheet.is_once() {
                    self.report(
                        offset,
                        format!("Das Blatt „{}“ hat viele Zeilen, gemeint ist eine.", sheet.id),
                        format!("Schreiben Sie zum Beispiel summe({}.{}).", sheet.id, reference.field),
                    );
                }
                self.named_field(sheet, &reference.field, offset);
            }
            Expression::Sum { sheet, field } => {
                if let Some(sheet) = self.named_sheet(sheet, offset, names) {
                    self.named_field(sheet, field, offset);
                }
            }
            Expression::Count { sheet } => {
                self.named_sheet(sheet, offset, names);
            }
            Expression::Binary(left, _, right) => {
                self.check_names(left, offset, names);
                self.check_names(right, offset, names);
                if let (Expression::Field(reference), Expression::Text(text)) = (left.as_ref(), right.as_ref()) {
                    self.check_literal(reference, text, offset, names);
                }
            }
        }
    }

    pub(super) fn named_sheet<'s>(&mut self, id: &str, offset: usize, names: &Names<'s>) -> Option<&'s Sheet> {
        let found = names.sheets.iter().find(|sheet| sheet.id == id);
        if found.is_none() {
            let ids: Vec<&str> = names.sheets.iter().map(|sheet| sheet.id.as_str()).collect();
            self.unknown(offset, "Blatt", id, &ids);
        }
        found
    }

    pub(super) fn named_field(&mut self, sheet: &Sheet, id: &str, offset: usize) {
        if sheet.field(id).is_none() {
            let ids: Vec<&str> = sheet.fields.iter().map(|field| field.id.as_str()).collect();
            self.unknown(offset, "Feld", id, &ids);
        }
    }

    /// A text that a field never holds makes a condition that never changes.
    pub(super) fn check_literal(&mut self, reference: &Reference, text: &str, offset: usize, names: &Names<'_>) {
        let sheet = reference.sheet.as_deref().unwrap_or(names.own);
        let field = names
            .sheets
            .iter()
            .find(|known| known.id == sheet)
            .and_then(|sheet| sheet.field(&reference.field));
        let Some(possible) = field.and_then(|field| field.kind.literals()) else {
            return;
        };
        if !possible.contains(&text) {
            self.unknown(offset, "Wert", text, &possible);
        }
    }

    /// A formula that depends on itself would never come to an end.
    pub(super) fn check_cycles(&mut self, sheets: &[Sheet], formulas: &[(String, Expression, usize)]) {
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
