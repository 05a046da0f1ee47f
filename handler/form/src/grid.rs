//! A workbook as this project sees it: sheets of cells with their real addresses.

use crate::value::tidy;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// All sheets of a workbook, in its order.
#[derive(Debug, Default)]
pub struct Grid {
    pub sheets: Vec<GridSheet>,
    /// Whether days count from 1904, as old programs on a Mac have it.
    pub date1904: bool,
}

#[derive(Debug, Default)]
pub struct GridSheet {
    pub name: String,
    pub cells: Cells,
    pub layout: Layout,
}

/// Row and column, both from 0.
pub type Position = (u32, u32);

/// Cells that hold something, in reading order.
#[derive(Debug, Default)]
pub struct Cells(Vec<(Position, Cell)>);

/// What somebody did to the looks of a sheet and must undo before a cell can be filled; rows and columns from 0.
#[derive(Debug, Default, Clone)]
pub struct Layout {
    pub hidden: bool,
    pub hidden_rows: BTreeSet<u32>,
    pub hidden_columns: BTreeSet<u32>,
    /// First and last cell of each merged area.
    pub merged: Vec<((u32, u32), (u32, u32))>,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    Text(String),
    Number(f64),
    Bool(bool),
    Date(Date),
    /// An error value as the file names it, such as `#REF!`.
    Error(String),
    /// A formula that no program has calculated.
    Uncalculated,
}

impl Grid {
    pub fn sheet(&self, name: &str) -> Option<&GridSheet> {
        // A copy may bear the name with a blank behind it.
        let exactly = self.sheets.iter().find(|sheet| sheet.name == name);
        exactly.or_else(|| self.sheets.iter().find(|sheet| sheet.is_called(name)))
    }
}

impl GridSheet {
    /// Whatever the case and edge blanks of its name.
    pub fn is_called(&self, name: &str) -> bool {
        tidy(&self.name).to_lowercase() == tidy(name).to_lowercase()
    }

    pub fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        self.cells.get((row, column))
    }

    /// What stands in one row, with its places.
    pub fn row(&self, row: u32) -> impl Iterator<Item = ((u32, u32), &Cell)> {
        self.cells.row(row).iter().map(|(place, cell)| (*place, cell))
    }

    pub fn text(&self, row: u32, column: u32) -> Cow<'_, str> {
        self.cell(row, column).map(Cell::shown).unwrap_or_default()
    }
}

impl Cells {
    /// Cells in any order; of two at one place the last counts.
    pub(crate) fn new(mut cells: Vec<(Position, Cell)>) -> Cells {
        if !cells.is_sorted_by(|(a, _), (b, _)| a < b) {
            cells.reverse();
            cells.sort_by_key(|(place, _)| *place);
            cells.dedup_by_key(|(place, _)| *place);
        }
        Cells(cells)
    }

    fn get(&self, place: Position) -> Option<&Cell> {
        cell_among(&self.0, place)
    }

    /// The cells from one place to before another, in reading order.
    pub(crate) fn between(&self, from: Position, to: Position) -> impl Iterator<Item = (Position, &Cell)> {
        let first = self.0.partition_point(|(place, _)| *place < from);
        let cells = self.0[first..].iter().map(|(place, cell)| (*place, cell));
        cells.take_while(move |(place, _)| *place < to)
    }

    /// The cells of one row.
    pub(crate) fn row(&self, row: u32) -> &[(Position, Cell)] {
        let below = &self.0[self.0.partition_point(|(place, _)| place.0 < row)..];
        &below[..below.partition_point(|(place, _)| place.0 == row)]
    }

    pub(crate) fn all(&self) -> &[(Position, Cell)] {
        &self.0
    }

    /// The cells from a row on.
    pub(crate) fn below(&self, row: u32) -> impl Iterator<Item = (Position, &Cell)> {
        self.between((row, 0), (u32::MAX, u32::MAX))
    }
}

/// The cell at a place, among cells in reading order.
pub(crate) fn cell_among(cells: &[(Position, Cell)], place: Position) -> Option<&Cell> {
    let found = cells.binary_search_by_key(&place, |(place, _)| *place).ok()?;
    Some(&cells[found].1)
}

impl Layout {
    /// The cell that shows, where another one lies beneath it.
    pub fn merged_into(&self, row: u32, column: u32) -> Option<(u32, u32)> {
        let within = |(first, last): &((u32, u32), (u32, u32))| {
            (first.0..=last.0).contains(&row) && (first.1..=last.1).contains(&column)
        };
        let area = self.merged.iter().find(|area| within(area))?;
        (area.0 != (row, column)).then_some(area.0)
    }
}

impl Cell {
    /// As Excel in German shows it, near enough to be recognised.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Cell::Text(text) => tidy(text),
            Cell::Number(number) => Cow::Owned(number_shown(*number)),
            Cell::Bool(true) => Cow::Borrowed("WAHR"),
            Cell::Bool(false) => Cow::Borrowed("FALSCH"),
            Cell::Date(date) => Cow::Owned(crate::value::date_text(*date)),
            Cell::Error(name) => Cow::Borrowed(german_error(name)),
            Cell::Uncalculated => Cow::Borrowed(""),
        }
    }
}

/// At most fifteen significant digits, with a decimal comma.
fn number_shown(number: f64) -> String {
    if number.abs() >= 1e15 {
        return format!("{number:E}").replace('.', ",");
    }
    if number.fract() == 0.0 {
        return (number as i64).to_string();
    }
    let digits = (14 - number.abs().log10().floor() as i32).clamp(0, 14) as usize;
    let text = format!("{number:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').replace('.', ",")
}

/// Error values as files and as German Excel name them.
const ERRORS: [(&str, &str); 16] = [
    ("#DIV/0!", "#DIV/0!"),
    ("#N/A", "#NV"),
    ("#NAME?", "#NAME?"),
    ("#NULL!", "#NULL!"),
    ("#NUM!", "#ZAHL!"),
    ("#REF!", "#BEZUG!"),
    ("#VALUE!", "#WERT!"),
    ("#SPILL!", "#ÜBERLAUF!"),
    ("#CALC!", "#KALK!"),
    ("#GETTING_DATA", "#GETTING_DATA"),
    ("#FIELD!", "#FIELD!"),
    ("#BLOCKED!", "#BLOCKED!"),
    ("#CONNECT!", "#CONNECT!"),
    ("#BUSY!", "#BUSY!"),
    ("#PYTHON!", "#PYTHON!"),
    (UNKNOWN_ERROR, UNKNOWN_ERROR),
];

/// What an error is called that no program of today knows.
pub(crate) const UNKNOWN_ERROR: &str = "#UNKNOWN!";

fn german_error(name: &str) -> &str {
    let known = ERRORS.iter().find(|(in_file, _)| *in_file == name);
    known.map_or(name, |(_, german)| german)
}

/// Whether a text is what is left of an error value once only values were copied.
pub(crate) fn is_error(text: &str) -> bool {
    text.starts_with('#')
        && ERRORS
            .iter()
            .any(|(in_file, german)| [*in_file, german].contains(&text))
}

/// `H14` for row 13, column 7.
pub fn cell_name(row: u32, column: u32) -> String {
    format!("{}{}", column_name(column), row + 1)
}

pub(crate) fn column_name(column: u32) -> String {
    let mut name = String::new();
    push_column(&mut name, column);
    name
}

pub(crate) fn push_column(name: &mut String, column: u32) {
    if column >= 26 {
        push_column(name, column / 26 - 1);
    }
    name.push(char::from(b'A' + (column % 26) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_the_names_that_excel_shows() {
        assert_eq!(cell_name(13, 7), "H14");
        assert_eq!(cell_name(0, 26), "AA1");
        assert_eq!(cell_name(1_048_575, 16_383), "XFD1048576");
    }

    #[test]
    fn values_are_shown_as_german_excel_does() {
        assert_eq!(Cell::Number(0.1 + 0.2).shown(), "0,3");
        assert_eq!(Cell::Number(100085.0).shown(), "100085");
        assert_eq!(Cell::Number(1e15).shown(), "1E15");
        assert_eq!(Cell::Error("#REF!".to_owned()).shown(), "#BEZUG!");
    }
}
