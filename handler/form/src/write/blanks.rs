//! Blanks that are required show until they are filled: a pattern that Excel draws by the form's own rules.

use super::korrektur;
use super::places::name_of;
use super::{WriteError, Writer};
use crate::definition::{Field, Sheet, SheetKind};
use crate::expression::{ExcelNames, Expression, Reference};
use crate::grid::cell_name;
use crate::rule::{Rule, RuleKind};
use rust_xlsxwriter::{ConditionalFormatFormula, Worksheet};

impl Writer<'_> {
    /// Marks the required blanks of a field from a cell down to a row.
    pub(super) fn mark_blanks(
        &self,
        sheet: &mut Worksheet,
        form_sheet: &Sheet,
        field: &Field,
        (row, column): (u32, u16),
        last_row: u32,
    ) -> Result<(), WriteError> {
        if !field.is_input() {
            return Ok(());
        }
        let mut line = 0;
        while row + line <= last_row {
            // A hint in a Korrekturfassung says already that the cell is blank, and looks like it.
            let marked = |line: &u32| {
                self.notes(&korrektur::spot(form_sheet, *line as usize, field), field)
                    .is_some()
            };
            if marked(&line) {
                line += 1;
                continue;
            }
            let end = (line..=last_row - row)
                .take_while(|line| !marked(line))
                .last()
                .unwrap_or(line);
            let first = FirstLine {
                writer: self,
                sheet: form_sheet,
                line,
            };
            if let Some(required) = first.required(field) {
                let blank = format!("LEN(TRIM({}))=0", cell_name(row + line, u32::from(column)));
                let rule = ConditionalFormatFormula::new()
                    .set_rule(format!("=AND({blank},{required})").as_str())
                    .set_format(&self.formats.required);
                sheet.add_conditional_format(row + line, column, row + end, column, &rule)?;
            }
            line = end + 1;
        }
        Ok(())
    }
}

/// The formulas of the first of some lines; Excel moves them down with the lines.
struct FirstLine<'a> {
    writer: &'a Writer<'a>,
    sheet: &'a Sheet,
    line: u32,
}

impl FirstLine<'_> {
    /// When a blank of this field is missing; `None` where it never is.
    fn required(&self, field: &Field) -> Option<String> {
        let rules = &self.writer.form.rules;
        let mut cases = Vec::new();
        if field.required {
            cases.push(match self.counts_as_zero(field, rules) {
                Some(zero) => format!("NOT({zero})"),
                None => "TRUE".to_owned(),
            });
        }
        for rule in self.about(field, rules) {
            if let (RuleKind::RequiredIf { .. }, Some(wenn)) = (&rule.kind, &rule.wenn) {
                cases.push(self.holds(wenn, rules));
            }
        }
        let required = any(cases)?;
        Some(match self.sheet.kind {
            SheetKind::Free { .. } => format!("AND({required},{})", self.line_is_used()),
            SheetKind::Once | SheetKind::PerSchool => required,
        })
    }

    fn about<'r>(&self, field: &Field, rules: &'r [Rule]) -> impl Iterator<Item = &'r Rule> {
        let (sheet, field) = (self.sheet.id.clone(), field.id.clone());
        rules
            .iter()
            .filter(move |rule| rule.sheet == sheet && rule.fields.contains(&field))
    }

    /// When a blank stands for zero. As in the checks, a rule sees the zeros of those before it.
    fn counts_as_zero(&self, field: &Field, rules: &[Rule]) -> Option<String> {
        let mut cases = Vec::new();
        for (n, rule) in rules.iter().enumerate() {
            let is_about = rule.sheet == self.sheet.id && rule.fields.contains(&field.id);
            if let (RuleKind::ZeroIf, Some(wenn), true) = (&rule.kind, &rule.wenn, is_about) {
                cases.push(self.holds(wenn, &rules[..n]));
            }
        }
        any(cases)
    }

    /// A condition, which waits for the required cells of its own line: to Excel a blank is zero.
    fn holds(&self, condition: &Expression, rules: &[Rule]) -> String {
        let mut parts = vec![condition.to_excel(self)];
        for reference in self.inputs(condition) {
            let Some(field) = self.sheet.field(&reference.field).filter(|field| field.required) else {
                continue;
            };
            let filled = format!("LEN(TRIM({}))>0", self.cell(&reference));
            let known = [Some(filled), self.counts_as_zero(field, rules)];
            parts.extend(any(known.into_iter().flatten().collect()));
        }
        parts.dedup();
        match parts.as_slice() {
            [one] => one.clone(),
            _ => format!("AND({})", parts.join(",")),
        }
    }

    /// The input cells of the own line that a condition hangs on, through formulas as well.
    fn inputs(&self, condition: &Expression) -> Vec<Reference> {
        let mut inputs: Vec<Reference> = Vec::new();
        for reference in condition.references() {
            if reference.sheet.as_ref().is_some_and(|sheet| *sheet != self.sheet.id) {
                continue;
            }
            match self.sheet.field(&reference.field) {
                Some(field) if field.is_input() && !inputs.contains(&reference) => inputs.push(reference),
                Some(field) => {
                    let deeper = field.formula().map(|formula| self.inputs(formula)).unwrap_or_default();
                    inputs.extend(deeper);
                }
                None => {}
            }
        }
        inputs
    }

    fn line_is_used(&self) -> String {
        let inputs = self
            .writer
            .shown(&self.sheet.id)
            .iter()
            .filter(|field| field.is_input());
        let filled = inputs.map(|field| {
            let reference = Reference {
                sheet: None,
                field: field.id.clone(),
            };
            format!("LEN(TRIM({}))>0", self.cell(&reference))
        });
        any(filled.collect()).unwrap_or_else(|| "FALSE".to_owned())
    }
}

fn any(mut cases: Vec<String>) -> Option<String> {
    match cases.len() {
        0 | 1 => cases.pop(),
        _ => Some(format!("OR({})", cases.join(","))),
    }
}

/// Cells of other sheets by their defined names: older versions of Excel refuse anything else in these formulas.
impl ExcelNames for FirstLine<'_> {
    fn cell(&self, reference: &Reference) -> String {
        let own = reference.sheet.as_ref().is_none_or(|sheet| *sheet == self.sheet.id);
        let form = self.writer.form;
        match reference.sheet.as_deref() {
            Some(sheet) if !own && form.sheet(sheet).is_some_and(Sheet::is_once) => name_of(sheet, &reference.field),
            Some(sheet) if !own => format!("INDEX({},1)", name_of(sheet, &reference.field)),
            _ => self
                .writer
                .address(&self.sheet.id, self.line, &reference.field)
                .map_or("0".to_owned(), |(row, column)| cell_name(row, column)),
        }
    }

    fn range(&self, sheet: &str, field: &str) -> String {
        match self.writer.address(sheet, 0, field) {
            Some(_) => name_of(sheet, field),
            None => "0".to_owned(),
        }
    }

    fn count(&self, sheet: &str) -> String {
        let sheet = self.writer.form.sheet(sheet);
        sheet.map_or(0, |sheet| self.writer.vordruck.lines(sheet)).to_string()
    }
}
