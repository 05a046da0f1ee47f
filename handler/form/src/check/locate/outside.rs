//! What people wrote where the form reads nothing: on its sheets without fields, and on sheets of their own.

use super::super::Reports;
use super::Located;
use super::search::may_be_entry_text;
use crate::definition::{Choice, Form};
use crate::finding::{self, Target};
use crate::grid::{Cell, Grid, GridSheet, Position, cell_name};
use crate::value::tidy;
use crate::vordruck::Vordruck;
use crate::write::{EXAMPLE, HINWEISE_SHEET, LISTS_SHEET, LISTS_TITLE, META_SHEET, PRUEFHINWEISE_SHEET};
use std::collections::HashSet;

/// Sheets that programs add by themselves.
const OF_PROGRAMS: [&str; 3] = ["Kompatibilitätsbericht", "Compatibility Report", "Export Summary"];

/// A friendly finding for each sheet of the form without fields, and one for all sheets that are not the form's.
pub(super) fn report(
    form: &Form,
    vordruck: &Vordruck,
    grid: &Grid,
    located: &Located<'_>,
    is_other_version: bool,
    reports: &mut Reports,
) {
    let own = own_texts(form, vordruck);
    let mut others = Vec::new();
    for sheet in &grid.sheets {
        let is_of_form = located.sheets.iter().any(|found| std::ptr::eq(found.grid, sheet))
            || form.sheets.iter().any(|known| sheet.is_called(&known.title))
            || [META_SHEET, PRUEFHINWEISE_SHEET]
                .iter()
                .any(|name| sheet.is_called(name));
        // Nobody types into what is hidden; add-ins keep things there.
        if is_of_form || sheet.layout.hidden || is_of_a_program(sheet) {
            continue;
        }
        let Some(name) = [HINWEISE_SHEET, LISTS_SHEET]
            .into_iter()
            .find(|name| sheet.is_called(name))
        else {
            if strays(sheet, &own).next().is_some() {
                others.push(sheet.name.as_str());
            }
            continue;
        };
        // Another version has texts of its own.
        if is_other_version {
            continue;
        }
        let (rows, columns) = extent(form, name);
        let mut beside = strays(sheet, &own).filter(|((row, column), _)| *row >= rows || *column >= columns);
        if let Some(((row, column), cell)) = beside.next() {
            let at = Target {
                sheet: name,
                cell: Some(cell_name(row, column)),
                ..Target::file()
            };
            let finding = finding::stray_entry(&at, &cell.shown(), beside.count());
            reports.add_elsewhere((0, 0, 0), finding);
        }
    }
    if !others.is_empty() {
        let behind_all = (form.sheets.len(), 0, 0);
        reports.add_elsewhere(behind_all, finding::sheets_not_read(&others));
    }
}

/// Numbers says on a sheet of its own what it made of its tables.
fn is_of_a_program(sheet: &GridSheet) -> bool {
    let speaks_of_numbers = |(_, cell): &(Position, Cell)| matches!(cell, Cell::Text(text) if text.contains("Numbers"));
    OF_PROGRAMS.iter().any(|name| tidy(&sheet.name).starts_with(name))
        || sheet.cells.all().iter().any(speaks_of_numbers)
}

/// How far down and to the right our form has written on a sheet without fields.
fn extent(form: &Form, sheet: &str) -> (u32, u32) {
    let lists: Vec<usize> = form.choice_fields().map(|(_, _, choices)| choices.len()).collect();
    let (lines, columns) = match sheet {
        HINWEISE_SHEET => (form.hinweise.len() + 1, 2),
        _ => (lists.iter().copied().max().unwrap_or(0), lists.len()),
    };
    (lines as u32 + 3, columns as u32)
}

/// What our form has on its sheets without fields.
fn own_texts(form: &Form, vordruck: &Vordruck) -> HashSet<String> {
    let titles = [form.title.as_str(), LISTS_TITLE, EXAMPLE].map(str::to_owned);
    let lists = form.choice_fields().flat_map(|(_, field, choices)| {
        let texts = choices.iter().map(Choice::cell_text);
        texts.chain([field.label.clone()])
    });
    let texts = titles.into_iter().chain([vordruck.subtitle().join(" – ")]);
    let texts = texts.chain(form.hinweise.iter().cloned()).chain(lists);
    texts.map(|text| tidy(&text).into_owned()).collect()
}

/// Whatever is not ours; the numbers before our own lines are.
fn strays<'g>(sheet: &'g GridSheet, own: &'g HashSet<String>) -> impl Iterator<Item = (Position, &'g Cell)> {
    let is_own = |cell: &Cell| own.contains(&*cell.shown());
    let is_number = move |row: u32, cell: &Cell| {
        matches!(cell, Cell::Number(_)) && sheet.row(row).any(|(_, beside)| is_own(beside))
    };
    let cells = sheet.cells.all().iter().map(|(place, cell)| (*place, cell));
    cells.filter(move |((row, _), cell)| may_be_entry_text(&cell.shown()) && !is_own(cell) && !is_number(*row, cell))
}
