//! Where fields stand in the workbook, what formulas come to, and how both are named in Excel.

use super::{ONCE_FIRST, TABLE_FIRST, WriteError, Writer};
use crate::definition::{Form, Sheet};
use crate::eintraege::Spot;
use crate::expression::{Decimal, ExcelNames, Operand, Reference, Scope};
use crate::grid::{Cell, cell_name, column_name};
use rust_xlsxwriter::Workbook;

/// The defined name of a field: one cell, or its column of a table. The prefix tells ours from those of add-ins.
pub(super) fn name_of(sheet: &str, field: &str) -> String {
    format!("formular_{sheet}_{field}")
}

/// Where the field at a position among those that are shown stands in a workbook of ours, as `(row, column)` from 0.
pub(crate) fn fresh_place(sheet: &Sheet, position: u32, line: u32) -> (u32, u32) {
    if sheet.is_once() {
        (ONCE_FIRST + position, 1)
    } else {
        (TABLE_FIRST + line, position)
    }
}

impl Writer<'_> {
    /// Names each field, so that formulas and people can refer to it.
    pub(super) fn define_names(&self, workbook: &mut Workbook) -> Result<(), WriteError> {
        for sheet in &self.form.sheets {
            let lines = self.vordruck.lines(sheet) as u32;
            for field in self.shown(&sheet.id) {
                let Some((row, column)) = self.address(&sheet.id, 0, &field.id).filter(|_| lines > 0) else {
                    continue;
                };
                let (letter, title) = (column_name(column), quoted_title(self.form, &sheet.id));
                let mut range = format!("={title}!${letter}${}", row + 1);
                if !sheet.is_once() {
                    range.push_str(&format!(":${letter}${}", row + lines));
                }
                workbook.define_name(name_of(&sheet.id, &field.id), &range)?;
            }
        }
        Ok(())
    }

    /// Where a field stands, as `(row, column)` from 0.
    pub(super) fn address(&self, sheet: &str, line: u32, field: &str) -> Option<(u32, u32)> {
        let sheet = self.form.sheet(sheet)?;
        let position = self.shown(&sheet.id).iter().position(|shown| shown.id == field)? as u32;
        Some(fresh_place(sheet, position, line))
    }

    pub(super) fn operand(&self, sheet: &str, line: usize, field: &str) -> Operand {
        let Some(found) = self.form.sheet(sheet).and_then(|sheet| sheet.field(field)) else {
            return Operand::Blank;
        };
        if let Some(formula) = found.formula() {
            return formula.evaluate(&WriterScope {
                writer: self,
                sheet,
                line,
            });
        }
        if let Some(prefill) = found.prefill {
            return self
                .vordruck
                .prefill(prefill, line)
                .map_or(Operand::Blank, |value| value.operand());
        }
        let spot = Spot {
            sheet: sheet.to_owned(),
            line,
            field: field.to_owned(),
        };
        match self.eintraege.cells.get(&spot) {
            Some(Cell::Number(number)) => Operand::Number(Decimal::from_cent((number * 100.0).round() as i64)),
            _ => Operand::Blank,
        }
    }

    pub(super) fn column(&self, sheet: &str, field: &str) -> Vec<Operand> {
        let lines = self.form.sheet(sheet).map_or(0, |sheet| self.vordruck.lines(sheet));
        (0..lines).map(|line| self.operand(sheet, line, field)).collect()
    }
}

/// The cached values of formulas, so that programs that do not calculate show them too.
pub(super) struct WriterScope<'a> {
    pub(super) writer: &'a Writer<'a>,
    pub(super) sheet: &'a str,
    pub(super) line: usize,
}

impl Scope for WriterScope<'_> {
    fn field(&self, reference: &Reference) -> Operand {
        let sheet = reference.sheet.as_deref().unwrap_or(self.sheet);
        self.writer.operand(sheet, self.line, &reference.field)
    }

    fn column(&self, sheet: &str, field: &str) -> Vec<Operand> {
        self.writer.column(sheet, field)
    }

    fn count(&self, sheet: &str) -> usize {
        self.writer
            .form
            .sheet(sheet)
            .map_or(0, |sheet| self.writer.vordruck.lines(sheet))
    }
}

pub(super) struct CellNames<'a> {
    pub(super) writer: &'a Writer<'a>,
    pub(super) sheet: &'a str,
    pub(super) line: usize,
}

impl ExcelNames for CellNames<'_> {
    fn cell(&self, reference: &Reference) -> String {
        let sheet = reference.sheet.as_deref().unwrap_or(self.sheet);
        let name = self
            .writer
            .address(sheet, self.line as u32, &reference.field)
            .map_or("0".to_owned(), |(row, column)| cell_name(row, column));
        if sheet == self.sheet {
            name
        } else {
            format!("{}!{name}", quoted_title(self.writer.form, sheet))
        }
    }

    fn range(&self, sheet: &str, field: &str) -> String {
        let lines = self
            .writer
            .form
            .sheet(sheet)
            .map_or(0, |sheet| self.writer.vordruck.lines(sheet))
            .max(1) as u32;
        match self.writer.address(sheet, 0, field) {
            Some((row, column)) => {
                let title = quoted_title(self.writer.form, sheet);
                format!(
                    "{title}!{}:{}",
                    cell_name(row, column),
                    cell_name(row + lines - 1, column)
                )
            }
            None => "0".to_owned(),
        }
    }

    fn count(&self, sheet: &str) -> String {
        self.writer
            .form
            .sheet(sheet)
            .map_or(0, |sheet| self.writer.vordruck.lines(sheet))
            .to_string()
    }
}

fn quoted_title(form: &Form, sheet: &str) -> String {
    form.sheet(sheet)
        .map_or_else(String::new, |sheet| format!("'{}'", sheet.title))
}
