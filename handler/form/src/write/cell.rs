//! A value, or what somebody typed, in a cell.

use super::{LONGEST_TEXT, WriteError, shortened};
use crate::definition::Field;
use crate::grid::Cell;
use crate::value::{Value, date_text};
use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet};

/// Writes what the form is prefilled with.
pub(super) fn write_value(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    field: &Field,
    value: Option<Value>,
    format: &Format,
) -> Result<(), WriteError> {
    match value {
        None => sheet.write_blank(row, column, format)?,
        Some(Value::Money(cent)) => sheet.write_with_format(row, column, cent.to_euros(), format)?,
        Some(Value::Integer(number)) => sheet.write_with_format(row, column, number as f64, format)?,
        Some(Value::Date(date)) => match excel_date(date) {
            Some(date) => sheet.write_datetime_with_format(row, column, &date, format)?,
            None => sheet.write_with_format(row, column, date_text(date), format)?,
        },
        Some(value) => sheet.write_with_format(row, column, field.cell_text(&value), format)?,
    };
    Ok(())
}

/// Writes what somebody typed, as it stood.
pub(super) fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    field: &Field,
    cell: Option<&Cell>,
    format: &Format,
) -> Result<(), WriteError> {
    match cell {
        None | Some(Cell::Uncalculated) => sheet.write_blank(row, column, format)?,
        Some(Cell::Number(number)) => sheet.write_with_format(row, column, *number, format)?,
        Some(Cell::Bool(truth)) => sheet.write_with_format(row, column, *truth, format)?,
        Some(Cell::Date(date)) => return write_value(sheet, (row, column), field, Some(Value::Date(*date)), format),
        Some(Cell::Text(_) | Cell::Error(_)) => {
            let text = cell.map(Cell::shown).unwrap_or_default();
            sheet.write_with_format(row, column, shortened(&text, LONGEST_TEXT), format)?
        }
    };
    Ok(())
}

/// Excel's calendar begins in 1900.
fn excel_date(date: Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(date.year()).ok()?;
    ExcelDateTime::from_ymd(year, date.month().unsigned_abs(), date.day().unsigned_abs()).ok()
}
