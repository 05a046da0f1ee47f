//! Reads the guarded copy of a workbook into a `Grid`, cell by cell.

use crate::grid::{Cell, Cells, Grid, GridSheet};
use crate::guard::{Guarded, Unreadable};
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use jiff::civil::Date;
use std::io::Cursor;

pub(crate) fn read(guarded: &Guarded) -> Result<Grid, Unreadable> {
    let damaged = |_| Unreadable::Damaged("calamine");
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(guarded.workbook.as_slice())).map_err(damaged)?;
    let mut grid = Grid::default();
    for guarded in &guarded.sheets {
        let mut found = Vec::with_capacity(guarded.values + guarded.special.len());
        let mut cells = workbook.worksheet_cells_reader(&guarded.name).map_err(damaged)?;
        while let Some(cell) = cells.next_cell().map_err(damaged)? {
            if let Some(value) = cell_of(cell.get_value()) {
                found.push((cell.get_position(), value));
            }
        }
        found.extend(guarded.special.iter().map(|(place, cell)| (*place, cell.clone())));
        grid.sheets.push(GridSheet {
            name: guarded.name.clone(),
            cells: Cells::new(found),
            layout: guarded.layout.clone(),
        });
    }
    Ok(grid)
}

fn cell_of(value: &DataRef<'_>) -> Option<Cell> {
    Some(match value {
        DataRef::Empty => return None,
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Bool(truth) => Cell::Bool(*truth),
        DataRef::DateTime(moment) => day(moment).map_or_else(|| Cell::Number(moment.as_f64()), Cell::Date),
        DataRef::DateTimeIso(iso) => match iso.get(..10).and_then(|day| day.parse::<Date>().ok()) {
            Some(day) => Cell::Date(day),
            None => Cell::Text(iso.clone()),
        },
        DataRef::DurationIso(iso) => Cell::Text(iso.clone()),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    })
}

/// The day of a serial number; calamine knows whether days count from 1900 or 1904. What no calendar holds stays a
/// number: durations, the 29th of February 1900, and numbers that calamine would clamp.
fn day(moment: &ExcelDateTime) -> Option<Date> {
    if !moment.is_datetime() || !(0.0..2_958_466.0).contains(&moment.as_f64()) {
        return None;
    }
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}
