//! One worksheet and the shared strings: read cell by cell, written down anew with values only.

use super::xml::{Element, MAX_TEXT, Walker, escape, is_allowed};
use super::{MAIN_NAMESPACE, Pack, Unreadable};
use crate::grid::{Cell, Layout, UNKNOWN_ERROR, is_error, push_column};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

const MAX_STRINGS: usize = 200_000;
const MAX_VALUES: usize = 500_000;
/// Cells with nothing but a format are kept up to here, so that a copy cannot grow far beyond its original.
const MAX_BLANKS: usize = 100_000;
const MAX_ROW: u32 = 1_048_576;
const MAX_COLUMN: u32 = 16_384;
/// Merged areas that are looked at when a hint is written.
const MAX_MERGED: usize = 2_000;

/// Errors that calamine knows. Newer ones become text in the copy and are told apart by `Copied::special`.
const KNOWN_ERRORS: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];

/// What the copy has of a formula that no program has calculated: one of our own that says so in every program, so
/// that the copy is read as the upload was.
const UNCALCULATED: &str = "><f>NA()</f></c>";

/// The shared strings, flattened to plain text.
pub(super) struct Strings {
    pub xml: String,
    pub count: usize,
}

impl Default for Strings {
    fn default() -> Strings {
        Strings {
            xml: format!("<sst xmlns=\"{MAIN_NAMESPACE}\"></sst>"),
            count: 0,
        }
    }
}

pub(super) fn strings(text: &str) -> Result<Strings, Unreadable> {
    let mut walker = Walker::new(text)?;
    // No count in the start tag: readers would reserve memory from it.
    let mut strings = Strings {
        xml: format!("<sst xmlns=\"{MAIN_NAMESPACE}\">"),
        count: 0,
    };
    let Some(root) = walker.next_start()? else {
        return Ok(Strings::default());
    };
    while let Some(child) = walker.child(root.depth)? {
        if child.name() != "si" {
            walker.skip(&child)?;
            continue;
        }
        let value = plain_text(&mut walker, &child)?;
        strings.xml.push_str("<si><t xml:space=\"preserve\">");
        strings.xml.push_str(&escape(&value));
        strings.xml.push_str("</t></si>");
        strings.count += 1;
        if strings.count > MAX_STRINGS {
            return Err(Unreadable::TooMuch("strings"));
        }
    }
    walker.finish()?;
    strings.xml.push_str("</sst>");
    Ok(strings)
}

/// The text of `<t>` elements; blanks between elements do not count.
fn plain_text<'x>(walker: &mut Walker<'x>, element: &Element<'_>) -> Result<Cow<'x, str>, Unreadable> {
    let mut value = Cow::Borrowed("");
    while let Some(inner) = walker.child(element.depth)? {
        match inner.name() {
            "t" if value.is_empty() => value = walker.text(&inner)?,
            "t" => value.to_mut().push_str(&walker.text(&inner)?),
            "r" => {}
            _ => walker.skip(&inner)?,
        }
        if value.len() > MAX_TEXT {
            return Err(Unreadable::TooMuch("text of a cell"));
        }
    }
    Ok(value)
}

/// What there is to say of a worksheet's copy; see `GuardedSheet`.
pub(super) struct Copied {
    pub values: usize,
    pub special: BTreeMap<(u32, u32), Cell>,
    pub layout: Layout,
}

/// How many cells were copied so far, over all sheets.
#[derive(Default)]
pub(super) struct Size {
    values: usize,
    blanks: usize,
}

/// The copy is packed whenever so much of it has come together.
const PIECE: usize = 64 << 10;

/// Copies a worksheet.
pub(super) fn worksheet(text: &str, strings: usize, size: &mut Size, pack: &mut Pack) -> Result<Copied, Unreadable> {
    let mut walker = Walker::new(text)?;
    let known = size.values;
    let mut sheet = Sheet {
        strings,
        size,
        pack,
        row: 0,
        row_text: String::new(),
        xml: format!("<worksheet xmlns=\"{MAIN_NAMESPACE}\">"),
        special: BTreeMap::new(),
        layout: Layout::default(),
    };
    let root = walker.next_start()?.ok_or(Unreadable::Damaged("an empty sheet part"))?;
    let mut has_data = false;
    while let Some(child) = walker.child(root.depth)? {
        match child.name() {
            "sheetData" if !has_data => {
                has_data = true;
                sheet.xml.push_str("<sheetData>");
                sheet.rows(&mut walker, &child)?;
                sheet.xml.push_str("</sheetData>");
            }
            "sheetData" => return Err(Unreadable::Damaged("two tables of cells in a sheet")),
            "sheetFormatPr" => walker.copy(&child, &mut sheet.xml)?,
            "cols" | "mergeCells" => {
                let start = sheet.xml.len();
                walker.copy(&child, &mut sheet.xml)?;
                read_layout(&sheet.xml[start..], &mut sheet.layout)?;
            }
            _ => walker.skip(&child)?,
        }
    }
    walker.finish()?;
    if !has_data {
        sheet.xml.push_str("<sheetData></sheetData>");
    }
    sheet.xml.push_str("</worksheet>");
    sheet.pack.write(&sheet.xml)?;
    Ok(Copied {
        values: sheet.size.values - known,
        special: sheet.special,
        layout: sheet.layout,
    })
}

/// Hidden columns and merged cells.
fn read_layout(copied: &str, layout: &mut Layout) -> Result<(), Unreadable> {
    let mut walker = Walker::new(copied)?;
    while let Some(element) = walker.next_start()? {
        match element.name() {
            "col" if is_true(element.attribute("hidden")) => {
                let number = |name| element.attribute(name).and_then(|text| text.parse::<u32>().ok());
                let (Some(min), Some(max)) = (number("min"), number("max")) else {
                    continue;
                };
                let known = layout.hidden_columns.last().map_or(0, |column| column + 1);
                // Columns come in order; what says otherwise is not worth more time.
                layout
                    .hidden_columns
                    .extend(min.saturating_sub(1).max(known)..max.min(MAX_COLUMN));
            }
            "mergeCell" if layout.merged.len() < MAX_MERGED => {
                let area = element.attribute("ref").unwrap_or_default();
                if let Some((first, last)) = area.split_once(':')
                    && let (Some(first), Some(last)) = (place(first), place(last))
                {
                    layout.merged.push((first, last));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Row and column of a cell name, from 0.
fn place(name: &str) -> Option<(u32, u32)> {
    let (letters, digits) = name.split_at(name.find(|c: char| c.is_ascii_digit())?);
    let row = digits.parse::<u32>().ok()?.checked_sub(1)?;
    Some((row, column_number(letters)?.checked_sub(1)?))
}

/// The number of a column, from 1: `C` is 3.
fn column_number(letters: &str) -> Option<u32> {
    let digit = |letter: u8| {
        letter
            .is_ascii_alphabetic()
            .then(|| u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    };
    let mut numbers = letters.bytes().map(digit);
    (1..=3)
        .contains(&letters.len())
        .then(|| numbers.try_fold(0, |column, digit| Some(column * 26 + digit?)))?
}

fn is_true(attribute: Option<Cow<'_, str>>) -> bool {
    matches!(attribute.as_deref(), Some("1" | "true"))
}

/// What the start of a cell says.
struct Head<'c> {
    /// Its column, from 1.
    column: u32,
    style: Option<u16>,
    kind: Cow<'c, str>,
}

struct Sheet<'v> {
    strings: usize,
    size: &'v mut Size,
    pack: &'v mut Pack,
    /// The number of the last row, from 1.
    row: u32,
    /// The same in digits.
    row_text: String,
    /// What is not packed yet.
    xml: String,
    special: BTreeMap<(u32, u32), Cell>,
    layout: Layout,
}

impl Sheet<'_> {
    fn rows(&mut self, walker: &mut Walker<'_>, data: &Element<'_>) -> Result<(), Unreadable> {
        while let Some(row) = walker.child(data.depth)? {
            if row.name() != "row" {
                walker.skip(&row)?;
                continue;
            }
            let number = match row.attribute("r") {
                Some(text) => text.parse().map_err(|_| Unreadable::Damaged("row number"))?,
                None => self.row + 1,
            };
            if number <= self.row || number > MAX_ROW {
                return Err(Unreadable::Damaged("rows out of order"));
            }
            self.row = number;
            self.row_text.clear();
            let _ = write!(self.row_text, "{number}");
            let start = self.xml.len();
            let hidden = is_true(row.attribute("hidden"));
            if hidden {
                self.layout.hidden_rows.insert(number - 1);
            }
            let _ = write!(
                self.xml,
                "<row r=\"{number}\"{}>",
                if hidden { " hidden=\"1\"" } else { "" }
            );
            let opened = self.xml.len();
            self.cells(walker, &row)?;
            if self.xml.len() > opened || hidden {
                self.xml.push_str("</row>");
            } else {
                self.xml.truncate(start);
            }
            if self.xml.len() > PIECE {
                self.pack.write(&self.xml)?;
                self.xml.clear();
            }
        }
        Ok(())
    }

    fn cells(&mut self, walker: &mut Walker<'_>, row: &Element<'_>) -> Result<(), Unreadable> {
        let mut column = 0;
        while let Some(cell) = walker.child(row.depth)? {
            if cell.name() != "c" {
                walker.skip(&cell)?;
                continue;
            }
            let mut head = Head {
                column: column + 1,
                style: None,
                kind: Cow::Borrowed("n"),
            };
            for (key, value) in cell.attributes() {
                match key {
                    "r" => head.column = self.column_of(&value)?,
                    "s" => head.style = value.parse().ok(),
                    "t" => head.kind = value,
                    _ => {}
                }
            }
            if head.column <= column || head.column > MAX_COLUMN {
                return Err(Unreadable::Damaged("cells out of order"));
            }
            column = head.column;
            self.cell(walker, &cell, &head)?;
        }
        Ok(())
    }

    /// The column (from 1) of a cell name that must lie in the current row.
    fn column_of(&self, name: &str) -> Result<u32, Unreadable> {
        let (row, column) = place(name).ok_or(Unreadable::Damaged("cell name"))?;
        if row + 1 == self.row {
            Ok(column + 1)
        } else {
            Err(Unreadable::Damaged("cell name"))
        }
    }

    fn cell(&mut self, walker: &mut Walker<'_>, cell: &Element<'_>, head: &Head<'_>) -> Result<(), Unreadable> {
        let (mut value, mut formula): (Option<Cow<'_, str>>, bool) = (None, false);
        while let Some(inner) = walker.child(cell.depth)? {
            let read = match inner.name() {
                "v" => walker.text(&inner)?,
                "is" => plain_text(walker, &inner)?,
                name => {
                    formula |= name == "f";
                    walker.skip(&inner)?;
                    continue;
                }
            };
            match &value {
                Some(known) if !known.is_empty() && !read.is_empty() => {
                    return Err(Unreadable::Damaged("two values in a cell"));
                }
                Some(known) if !known.is_empty() => {}
                _ => value = Some(read),
            }
        }
        let place = (self.row - 1, head.column - 1);
        // A formula whose result is the empty text has been calculated: it is a blank.
        let empty_text = head.kind == "str" && value.is_some();
        let value = value.filter(|value| value.chars().any(is_allowed));
        let uncalculated = formula && value.is_none() && !empty_text;
        if uncalculated {
            self.count_value()?;
            self.special.insert(place, Cell::Uncalculated);
        } else if value.is_none() {
            self.size.blanks += 1;
            if head.style.is_none() || self.size.blanks > MAX_BLANKS {
                return Ok(());
            }
        }
        self.xml.push_str("<c r=\"");
        push_column(&mut self.xml, place.1);
        self.xml.push_str(&self.row_text);
        self.xml.push('"');
        if let Some(style) = head.style {
            let _ = write!(self.xml, " s=\"{style}\"");
        }
        match value {
            None if uncalculated => self.xml.push_str(UNCALCULATED),
            None => self.xml.push_str("/>"),
            Some(value) => self.value(&head.kind, &value, place)?,
        }
        Ok(())
    }

    fn count_value(&mut self) -> Result<(), Unreadable> {
        self.size.values += 1;
        match self.size.values > MAX_VALUES {
            true => Err(Unreadable::TooMuch("cells")),
            false => Ok(()),
        }
    }

    /// Writes the rest of a cell. Values are spelt in the one way that every reader understands alike.
    fn value(&mut self, kind: &str, value: &str, place: (u32, u32)) -> Result<(), Unreadable> {
        self.count_value()?;
        let trimmed = value.trim();
        let wrong = Unreadable::Damaged("value of a cell");
        let (kind, value) = match kind {
            "n" if is_number(trimmed) => ("n", Cow::Borrowed(trimmed)),
            "s" => {
                let index = trimmed
                    .parse::<usize>()
                    .ok()
                    .filter(|index| *index < self.strings)
                    .ok_or(wrong)?;
                ("s", Cow::Owned(index.to_string()))
            }
            "b" => match trimmed {
                "1" | "true" => ("b", Cow::Borrowed("1")),
                "0" | "false" => ("b", Cow::Borrowed("0")),
                _ => return Err(wrong),
            },
            "d" if is_day(trimmed) => ("d", Cow::Borrowed(trimmed)),
            "e" if KNOWN_ERRORS.contains(&trimmed) => ("e", Cow::Borrowed(trimmed)),
            "e" => {
                let name = if is_error(trimmed) { trimmed } else { UNKNOWN_ERROR };
                let error = Cell::Error(name.to_owned());
                let shown = error.shown().into_owned();
                self.special.insert(place, error);
                ("str", Cow::Owned(shown))
            }
            "str" | "inlineStr" => ("str", Cow::Borrowed(value)),
            _ => return Err(wrong),
        };
        for piece in [" t=\"", kind, "\"><v>", &escape(&value), "</v></c>"] {
            self.xml.push_str(piece);
        }
        Ok(())
    }
}

/// Whether text begins with a day that the calendar knows, such as `2026-12-31`.
fn is_day(text: &str) -> bool {
    text.get(..10)
        .is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok())
}

/// Digits, signs, point and exponent, and finite: nothing that a reader could take for something else.
fn is_number(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'))
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}
