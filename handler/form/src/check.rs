//! Whether a grid fills a form: form, then cells, then rules. Everything within a stage is collected; a stage with
//! errors ends the examination.

mod cells;
mod locate;
mod reports;

use crate::definition::{Field, Form, Sheet, SheetKind};
use crate::eintraege::{Pruefhinweis, Spot};
use crate::expression::{Operand, Reference, Scope};
use crate::finding::{self, Finding, Target};
use crate::grid::{Cell, Grid, cell_name, column_name};
use crate::rule::RuleKind;
use crate::value::{Cent, Row, Rows, Value};
use crate::vordruck::Vordruck;
use locate::{Identity, Located};
use reports::Reports;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an examination of a grid comes to.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub findings: Vec<Finding>,
    /// The rows of the form; only where no error was found.
    pub rows: Option<Rows>,
    /// What the Träger typed, by place in the form, for the Korrekturfassung; empty where nothing was found.
    pub typed: BTreeMap<Spot, Cell>,
    /// The hints at their places in the form, as the Korrekturfassung has them.
    pub notes: BTreeMap<Spot, Vec<String>>,
    /// The same findings as the Korrekturfassung lists them: they name the cells that their fields have there.
    pub pruefhinweise: Vec<Pruefhinweis>,
}

/// Checks a grid. The result depends on nothing but the arguments.
pub(crate) fn check(form: &Form, vordruck: &Vordruck, grid: &Grid) -> Checked {
    let mut reports = Reports::default();
    let other_version = match locate::identity(form, vordruck, grid) {
        Identity::Own => None,
        Identity::OtherVersion(finding) => Some(finding),
        Identity::Other(finding) => {
            // Nothing is said about the cells of an old form; what was typed into them is carried over by Schulnummer.
            let is_new_form = finding.is_new_form();
            let reports = Reports::only(finding);
            if !is_new_form {
                return Checked::of(reports.clone(), reports);
            }
            let located = locate::locate(form, vordruck, grid, false, &mut Reports::default());
            return carry_over(form, vordruck, located, reports);
        }
    };
    let located = locate::locate(form, vordruck, grid, other_version.is_some(), &mut reports);
    if reports.has_errors() {
        let reports = other_version.map_or(reports, Reports::only);
        return carry_over(form, vordruck, located, reports);
    }
    let of_sheets = reports.clone();
    let mut filled = check_lines(form, vordruck, located, &mut reports);
    let rows = (!reports.has_errors()).then(|| filled.take_rows());
    if reports.is_empty() {
        return Checked {
            rows,
            ..Checked::default()
        };
    }
    let typed = cells::typed(&filled.located, vordruck);
    let mut in_fresh_form = of_sheets;
    filled.located.move_to_fresh_form(vordruck);
    check_lines(form, vordruck, filled.located, &mut in_fresh_form);
    if let Some(finding) = other_version.filter(|_| reports.has_errors()) {
        // The hints speak of the new version, so they stand only there.
        in_fresh_form.add_elsewhere((0, 0, 0), finding.clone());
        reports = Reports::only(finding);
    }
    Checked {
        rows,
        typed,
        ..Checked::of(reports, in_fresh_form)
    }
}

/// The cells of a form that is not whole, as they go into a fresh one. Of these only is said what cannot go with them.
fn carry_over(form: &Form, vordruck: &Vordruck, mut located: Located<'_>, reports: Reports) -> Checked {
    let typed = cells::typed(&located, vordruck);
    let mut in_fresh_form = reports.clone();
    located.move_to_fresh_form(vordruck);
    for (spot, _) in typed.iter().filter(|(_, cell)| **cell == Cell::Uncalculated) {
        let at = located.target(form, vordruck, &spot.sheet, spot.line, &spot.field);
        let finding = finding::lost_formula(&at);
        in_fresh_form.add(&located, &spot.sheet, spot.line, &spot.field, finding);
    }
    Checked {
        typed,
        ..Checked::of(reports, in_fresh_form)
    }
}

/// The stages after the form's own: cells, then rules.
fn check_lines<'a>(form: &'a Form, vordruck: &'a Vordruck, located: Located<'a>, reports: &mut Reports) -> Filled<'a> {
    let mut filled = cells::read(form, vordruck, located, reports);
    apply_zeros(&mut filled);
    report_blanks(&filled, reports);
    if !reports.has_errors() && is_empty(&filled) {
        reports.add_elsewhere((0, 0, 0), finding::nothing_entered());
    }
    if !reports.has_errors() {
        for rule in &form.rules {
            rule.check(&filled, &mut |line, field, finding| {
                reports.add(&filled.located, &rule.sheet, line, field, finding)
            });
        }
    }
    filled
}

impl Checked {
    /// Findings about the upload, and the same about the Korrekturfassung.
    fn of(reports: Reports, in_fresh_form: Reports) -> Checked {
        let (mut pruefhinweise, notes) = in_fresh_form.finish();
        for hint in pruefhinweise.iter_mut().filter(|hint| hint.spots.is_empty()) {
            hint.finding = finding::in_the_korrekturfassung(&hint.finding);
        }
        Checked {
            findings: reports.finish().0.into_iter().map(|hint| hint.finding).collect(),
            notes,
            pruefhinweise,
            ..Checked::default()
        }
    }
}

/// What a cell came to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Slot {
    Value(Value),
    Blank,
    /// Reported already; nothing that depends on it is reported again.
    Bad,
}

/// A form with its cells read: what rules and formulas see.
pub(crate) struct Filled<'a> {
    pub form: &'a Form,
    pub vordruck: &'a Vordruck,
    pub located: Located<'a>,
    /// By sheet, in the form's order.
    slots: Vec<Slots>,
}

/// The lines of a sheet; in each the slots of its fields, in their order. A computed field's is blank.
pub(crate) type Slots = Vec<Vec<Slot>>;

impl<'a> Filled<'a> {
    pub(crate) fn line_count(&self, sheet: &str) -> usize {
        self.lines(sheet).map_or(0, |(_, lines)| lines.len())
    }

    fn lines(&self, sheet: &str) -> Option<(&'a Sheet, &Slots)> {
        let mut sheets = self.form.sheets.iter().zip(&self.slots);
        sheets.find(|(known, _)| known.id == sheet)
    }

    /// A field with its slot.
    fn find(&self, sheet: &str, line: usize, field: &str) -> Option<(&'a Field, &Slot)> {
        let (sheet, lines) = self.lines(sheet)?;
        let column = sheet.position(field)?;
        let slot = lines.get(line).and_then(|line| line.get(column));
        Some((&sheet.fields[column], slot.unwrap_or(&Slot::Blank)))
    }

    fn slot(&self, sheet: &str, line: usize, field: &str) -> &Slot {
        self.find(sheet, line, field).map_or(&Slot::Blank, |(_, slot)| slot)
    }

    pub(crate) fn value(&self, sheet: &str, line: usize, field: &str) -> Option<&Value> {
        match self.slot(sheet, line, field) {
            Slot::Value(value) => Some(value),
            Slot::Blank | Slot::Bad => None,
        }
    }

    pub(crate) fn money(&self, sheet: &str, line: usize, field: &str) -> Option<Cent> {
        match self.value(sheet, line, field) {
            Some(Value::Money(cent)) => Some(*cent),
            _ => None,
        }
    }

    /// A value as the Träger sees it: the code of a choice with its label.
    pub(crate) fn shown(&self, sheet: &str, field: &str, value: &Value) -> String {
        self.field(sheet, field)
            .map_or_else(|| value.text(), |field| field.cell_text(value))
    }

    fn field(&self, sheet: &str, field: &str) -> Option<&'a Field> {
        self.form.sheet(sheet)?.field(field)
    }

    pub(crate) fn label(&self, sheet: &str, field: &str) -> String {
        self.field(sheet, field)
            .map(|field| field.label.clone())
            .unwrap_or_default()
    }

    pub(crate) fn target(&self, sheet: &str, line: usize, field: &str) -> Target<'a> {
        self.located.target(self.form, self.vordruck, sheet, line, field)
    }

    /// A whole column: its sheet and field, no cell.
    pub(crate) fn column_target(&self, sheet: &str, field: &str) -> Target<'a> {
        Target {
            cell: None,
            school: String::new(),
            obstacle: None,
            ..self.target(sheet, 0, field)
        }
    }

    /// The letter of a field's column, or its cell where fields stand in lines.
    pub(crate) fn short_place(&self, sheet: &str, line: usize, field: &str) -> String {
        match self.located.address(sheet, line, field) {
            Some((row, column)) if self.form.sheet(sheet).is_some_and(Sheet::is_once) => cell_name(row, column),
            Some((_, column)) => column_name(column),
            None => self.label(sheet, field),
        }
    }

    pub(crate) fn scope<'s>(&'s self, sheet: &'s str, line: usize) -> LineScope<'s, 'a> {
        LineScope {
            filled: self,
            sheet,
            line,
        }
    }

    fn operand(&self, sheet: &str, line: usize, field: &str) -> Operand {
        match self.find(sheet, line, field) {
            None | Some((_, Slot::Blank)) => match self.field(sheet, field).and_then(Field::formula) {
                Some(formula) => formula.evaluate(&self.scope(sheet, line)),
                None => Operand::Blank,
            },
            Some((_, Slot::Value(value))) => value.operand(),
            Some((_, Slot::Bad)) => Operand::Unknown,
        }
    }

    /// All values, computed ones included. They are moved: nothing is left in the slots.
    fn take_rows(&mut self) -> Rows {
        let sheets = self.form.sheets.iter().enumerate();
        let computed: Vec<_> = sheets.flat_map(|(n, sheet)| self.computed(n, sheet)).collect();
        for (sheet, line, column, cent) in computed {
            self.slots[sheet][line][column] = Slot::Value(Value::Money(cent));
        }
        let mut rows = Rows::new();
        for (n, sheet) in self.form.sheets.iter().enumerate() {
            let ids: Vec<Arc<str>> = sheet.fields.iter().map(|field| Arc::from(field.id.as_str())).collect();
            let used: Vec<bool> = (0..self.slots[n].len()).map(|line| self.is_used(sheet, line)).collect();
            let lines = std::mem::take(&mut self.slots[n]).into_iter().zip(used);
            let row = |(slots, used): (Vec<Slot>, bool)| {
                used.then(|| {
                    Row::new(ids.iter().cloned().zip(slots).filter_map(|(id, slot)| match slot {
                        Slot::Value(value) => Some((id, value)),
                        Slot::Blank | Slot::Bad => None,
                    }))
                })
            };
            rows.insert(sheet.id.clone(), lines.filter_map(row).collect());
        }
        rows
    }

    /// What the formulas of a sheet come to, with the number of the sheet, the line and the field.
    fn computed(&self, n: usize, sheet: &Sheet) -> Vec<(usize, usize, usize, Cent)> {
        let mut computed = Vec::new();
        for (column, field) in sheet
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.formula().is_some())
        {
            for line in 0..self.line_count(&sheet.id) {
                if let Operand::Number(number) = self.operand(&sheet.id, line, &field.id) {
                    computed.push((n, line, column, Cent(number.to_cent())));
                }
            }
        }
        computed
    }

    /// Whether a line counts: of a free sheet, only one in which somebody has typed something.
    fn is_used(&self, sheet: &Sheet, line: usize) -> bool {
        let typed = |field: &Field| field.is_input() && *self.slot(&sheet.id, line, &field.id) != Slot::Blank;
        !matches!(sheet.kind, SheetKind::Free { .. }) || sheet.fields.iter().any(typed)
    }
}

/// One line of a sheet, as formulas and conditions see it.
pub(crate) struct LineScope<'s, 'a> {
    filled: &'s Filled<'a>,
    sheet: &'s str,
    line: usize,
}

impl Scope for LineScope<'_, '_> {
    fn field(&self, reference: &Reference) -> Operand {
        match reference.sheet.as_deref() {
            Some(sheet) if sheet != self.sheet => self.filled.operand(sheet, 0, &reference.field),
            _ => self.filled.operand(self.sheet, self.line, &reference.field),
        }
    }

    fn column(&self, sheet: &str, field: &str) -> Vec<Operand> {
        (0..self.filled.line_count(sheet))
            .map(|line| self.filled.operand(sheet, line, field))
            .collect()
    }

    fn count(&self, sheet: &str) -> usize {
        self.filled.line_count(sheet)
    }
}

/// Blanks that count as zero become zeros before anything asks for them.
fn apply_zeros(filled: &mut Filled<'_>) {
    let form = filled.form;
    for rule in form.rules.iter().filter(|rule| matches!(rule.kind, RuleKind::ZeroIf)) {
        for line in 0..filled.line_count(&rule.sheet) {
            let slot = match rule.applies(filled, line) {
                Some(true) => Slot::Value(Value::Money(Cent(0))),
                Some(false) => continue,
                // Whether zero is meant hangs on a cell that is reported already.
                None => Slot::Bad,
            };
            let mut sheets = form.sheets.iter().zip(&mut filled.slots);
            let Some((sheet, lines)) = sheets.find(|(sheet, _)| sheet.id == rule.sheet) else {
                continue;
            };
            for field in &rule.fields {
                let known = sheet.position(field).and_then(|column| lines[line].get_mut(column));
                if let Some(known) = known.filter(|known| **known == Slot::Blank) {
                    *known = slot.clone();
                }
            }
        }
    }
}

/// Whether there was something to fill in and nothing is: the wrong file, or one whose values got lost on the way.
fn is_empty(filled: &Filled<'_>) -> bool {
    let inputs = |sheet: &Sheet| sheet.fields.iter().any(Field::is_input);
    let entered = |sheet: &Sheet| {
        let lines = filled.lines(&sheet.id).map_or(&[][..], |(_, lines)| lines);
        lines.iter().any(|slots| {
            let mut cells = sheet.fields.iter().zip(slots);
            cells.any(|(field, slot)| field.is_input() && *slot != Slot::Blank)
        })
    };
    filled.form.sheets.iter().any(inputs) && !filled.form.sheets.iter().any(entered)
}

fn report_blanks(filled: &Filled<'_>, reports: &mut Reports) {
    for sheet in &filled.form.sheets {
        for line in 0..filled.line_count(&sheet.id) {
            if !filled.is_used(sheet, line) {
                continue;
            }
            for field in sheet.fields.iter().filter(|field| field.required && field.is_input()) {
                if *filled.slot(&sheet.id, line, &field.id) == Slot::Blank {
                    let finding = finding::blank(&filled.target(&sheet.id, line, &field.id));
                    reports.add(&filled.located, &sheet.id, line, &field.id, finding);
                }
            }
        }
    }
}
