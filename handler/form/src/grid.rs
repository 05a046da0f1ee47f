//! A workbook as this project sees it: sheets of cells with their real addresses.

use crate::value::tidy;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Cells that hold something, by (row, column), both from 0.
    pub cells: BTreeMap<(u32, u32), Cell>,
    pub layout: Layout,
}

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
    /// A sheet by its name, whatever its case and edge blanks.
    pub fn sheet(&self, name: &str) -> Option<&GridSheet> {
        let wanted = tidy(name).to_lowercase();
        self.sheets
            .iter()
            .find(|sheet| tidy(&sheet.name).to_lowercase() == wanted)
    }
}

impl GridSheet {
    pub fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        self.cells.get(&(row, column))
    }

    /// What stands in one row, with its places.
    pub fn row(&self, row: u32) -> impl Iterator<Item = ((u32, u32), &Cell)> {
        self.cells
            .range((row, 0)..(row + 1, 0))
            .map(|(place, cell)| (*place, cell))
    }

    pub fn text(&self, row: u32, column: u32) -> String {
        self.cell(row, column).map(Cell::shown).unwrap_or_default()
    }
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
    pub fn shown(&self) -> String {
        match self {
            Cell::Text(text) => tidy(text),
            Cell::Number(number) => number_shown(*number),
            Cell::Bool(true) => "WAHR".to_owned(),
            Cell::Bool(false) => "FALSCH".to_owned(),
            Cell::Date(date) => crate::value::date_text(*date),
            Cell::Error(name) => german_error(name).to_owned(),
            Cell::Uncalculated => String::new(),
        }
    }
}

/// At most fifteen significant digits, with a decimal comma.
fn number_shown(number: f64) -> String {
    if number.abs() >= 1e15 {
        return format!("{number:E}").replace('.', ",");
    }
    if number.fract() == 0.0 {
        return format!("{number:.0}");
    }
    let digits = (14 - number.abs().log10().floor() as i32).clamp(0, 14) as usize;
    let text = format!("{number:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').replace('.', ",")
}

/// Error values as German Excel names them.
fn german_error(name: &str) -> &str {
    match name {
        "#REF!" => "#BEZUG!",
        "#VALUE!" => "#WERT!",
        "#N/A" => "#NV",
        "#NUM!" => "#ZAHL!",
        "#SPILL!" => "#ÜBERLAUF!",
        "#CALC!" => "#KALK!",
        other => other,
    }
}

/// `H14` for row 13, column 7.
pub fn cell_name(row: u32, column: u32) -> String {
    format!("{}{}", column_name(column), row + 1)
}

pub(crate) fn column_name(mut column: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (column % 26) as u8));
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    letters.iter().rev().collect()
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
