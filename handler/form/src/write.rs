//! The workbook of one Träger: prefilled, locked where nothing is to be typed, the same bytes for the same data.

mod blanks;
mod cell;
mod korrektur;
mod look;
mod places;
mod validation;

use crate::definition::{Field, FieldKind, Form, Prefill, Sheet, SheetKind};
use crate::eintraege::{Eintraege, Spot};
use crate::expression::{Expression, Operand};
use crate::grid::{Cell, column_name};
use crate::value::Cent;
use crate::vordruck::Vordruck;
use cell::{write_cell, write_value};
pub(crate) use korrektur::PRUEFHINWEISE_SHEET;
use look::{Formats, Look};
pub(crate) use places::fresh_place;
use places::{CellNames, WriterScope};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, FormatBorder, Formula, IgnoreError, Workbook, Worksheet, XlsxError,
};
use std::collections::HashMap;

/// The hidden sheet by which a workbook says what it is.
pub(crate) const META_SHEET: &str = "_meta";
/// The first sheet.
pub(crate) const HINWEISE_SHEET: &str = "Hinweise";
/// What stands before the sums below a table.
pub(crate) const SUM_LABEL: &str = "Summe";
/// What the marks in the margin of a Korrekturfassung begin with.
pub(crate) const MARK: char = '◄';
/// What stands above the values of a sheet that is filled once.
pub(crate) const VALUE_HEADER: &str = "Ihr Eintrag";
/// The sheet with the choices.
pub(crate) const LISTS_SHEET: &str = "Listen";
/// What stands above the columns of a sheet that is filled once.
pub(crate) const ONCE_HEADER: [&str; 3] = ["Angabe", VALUE_HEADER, "Erläuterung"];
/// The title of the sheet with the choices.
pub(crate) const LISTS_TITLE: &str = "Listen zur Auswahl";
/// The last line on the first sheet of a form that is only to try out.
pub(crate) const EXAMPLE: &str =
    "Alle Beträge in diesem Formular sind erfundene Beispiele zum Ausprobieren. Sie sind keine Zuweisungen.";
/// A cell of Excel holds so many UTF-16 units, a note as well.
const LONGEST_TEXT: usize = 32_767;

// Rows from 0. Of a sheet that is filled once: title, subtitle, header, fields.
const ONCE_FIRST: u32 = 3;
// Of a table: title, subtitle, hidden ids, header, lines.
const TABLE_IDS: u32 = 2;
const TABLE_HEADER: u32 = 3;
const TABLE_FIRST: u32 = 4;
const LIST_FIRST: u32 = 3;

/// Characters that fit on a page and can still be read.
const PAGE_WIDTH: f64 = 190.0;

/// The workbook library refused something, which is a mistake in the form's definition or of ours.
#[derive(Debug)]
pub struct WriteError(String);

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WriteError {}

impl From<XlsxError> for WriteError {
    fn from(error: XlsxError) -> WriteError {
        WriteError(error.to_string())
    }
}

/// Writes the workbook of one Träger as `.xlsx` bytes.
pub fn write(form: &Form, vordruck: &Vordruck, eintraege: &Eintraege) -> Result<Vec<u8>, WriteError> {
    let shown = form
        .sheets
        .iter()
        .map(|sheet| (sheet.id.as_str(), vordruck.shown(sheet)))
        .collect();
    let writer = Writer {
        form,
        vordruck,
        eintraege,
        formats: Formats::new(),
        shown,
    };
    let mut workbook = Workbook::new();
    let created = vordruck.runde.eroeffnet.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let properties = DocProperties::new()
        .set_title(format!("{} – {}", form.title, vordruck.traeger.name))
        .set_creation_datetime(&ExcelDateTime::parse_from_str(&created)?);
    workbook.set_properties(&properties);
    writer.hinweise(workbook.add_worksheet())?;
    if !eintraege.pruefhinweise.is_empty() {
        writer.pruefhinweise(workbook.add_worksheet())?;
    }
    for sheet in form.sheets.iter().filter(|sheet| vordruck.has(sheet)) {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(&sheet.title)?;
        if sheet.is_once() {
            writer.once(worksheet, sheet)?
        } else {
            writer.table(worksheet, sheet)?
        }
    }
    writer.define_names(&mut workbook)?;
    writer.lists(workbook.add_worksheet())?;
    writer.meta(workbook.add_worksheet())?;
    Ok(workbook.save_to_buffer()?)
}

struct Writer<'a> {
    form: &'a Form,
    vordruck: &'a Vordruck,
    eintraege: &'a Eintraege,
    formats: Formats,
    /// The fields of each sheet that this Träger sees, by the sheet's id.
    shown: HashMap<&'a str, Vec<&'a Field>>,
}

impl<'a> Writer<'a> {
    fn shown(&self, sheet: &str) -> &[&'a Field] {
        self.shown.get(sheet).map_or(&[], Vec::as_slice)
    }

    /// Title and subtitle of a sheet. Where columns are repeated on every page, the subtitle goes on behind them:
    /// on the pages that follow it would be cut off.
    fn head(&self, sheet: &mut Worksheet, title: &str, repeated: u16) -> Result<(), WriteError> {
        let [traeger, zeitraum] = self.vordruck.subtitle();
        let format = &self.formats.subtitle;
        sheet.write_with_format(0, 0, title, &self.formats.title)?;
        if repeated == 0 {
            sheet.write_with_format(1, 0, format!("{traeger} – {zeitraum}"), format)?;
        } else {
            sheet.write_with_format(1, 0, traeger, format)?;
            sheet.write_with_format(1, repeated, zeitraum, format)?;
        }
        sheet.set_row_height(0, 24)?.set_row_height(1, 18)?;
        Ok(())
    }

    fn hinweise(&self, sheet: &mut Worksheet) -> Result<(), WriteError> {
        const WIDTHS: [f64; 2] = [5.0, 100.0];
        sheet.set_name(HINWEISE_SHEET)?;
        set_widths(sheet, &WIDTHS)?;
        self.head(sheet, &self.form.title, 0)?;
        let example = self.vordruck.runde.beispiel.then_some(EXAMPLE);
        for (n, line) in (1u32..).zip(self.form.hinweise.iter().map(String::as_str).chain(example)) {
            let row = n + 2;
            sheet.write_with_format(row, 0, n, &self.formats.body)?;
            sheet.write_with_format(row, 1, line, &self.formats.body)?;
            sheet.set_row_height(row, look::height([(line, WIDTHS[1])]))?;
        }
        look::finish(sheet, 1);
        Ok(())
    }

    fn once(&self, sheet: &mut Worksheet, form_sheet: &Sheet) -> Result<(), WriteError> {
        const WIDTHS: [f64; 4] = [44.0, 36.0, 70.0, 20.0];
        set_widths(sheet, &WIDTHS)?;
        self.head(sheet, &self.form.title, 0)?;
        for (column, text) in (0u16..).zip(ONCE_HEADER) {
            sheet.write_with_format(ONCE_FIRST - 1, column, text, &self.formats.header)?;
        }
        sheet.set_row_height(ONCE_FIRST - 1, 20)?;
        for (row, field) in (ONCE_FIRST..).zip(self.shown(&form_sheet.id)) {
            sheet.write_with_format(row, 0, &field.label, &self.formats.body)?;
            self.cell(sheet, form_sheet, field, 0, (row, 1))?;
            self.validation(sheet, form_sheet, field, (row, 1), row)?;
            self.mark_blanks(sheet, form_sheet, field, (row, 1), row)?;
            sheet.write_with_format(row, 2, &field.help, &self.formats.body)?;
            sheet.write(row, 3, &field.id)?;
            let value = match (field.is_input(), field.max_length) {
                (true, Some(length)) => "Platz ".repeat(length / 6),
                _ => self.text(form_sheet, field, 0),
            };
            let texts = [
                (field.label.as_str(), WIDTHS[0]),
                (&value, WIDTHS[1]),
                (&field.help, WIDTHS[2]),
            ];
            sheet.set_row_height(row, look::height(texts))?;
        }
        sheet.set_column_hidden(3)?;
        let last = ONCE_FIRST + self.shown(&form_sheet.id).len().max(1) as u32 - 1;
        sheet.ignore_error_range(ONCE_FIRST, 1, last, 1, IgnoreError::NumberStoredAsText)?;
        sheet.set_repeat_rows(ONCE_FIRST - 1, ONCE_FIRST - 1)?;
        self.margin(sheet, form_sheet, ONCE_FIRST - 1, 4)?;
        sheet.set_freeze_panes(ONCE_FIRST, 0)?;
        look::finish(sheet, 1);
        Ok(())
    }

    fn table(&self, sheet: &mut Worksheet, form_sheet: &Sheet) -> Result<(), WriteError> {
        let shown = self.shown(&form_sheet.id);
        let lines = self.vordruck.lines(form_sheet);
        let named = shown
            .iter()
            .position(|field| field.prefill == Some(Prefill::Kurzbezeichnung));
        let repeated = named.map_or(0, |column| column + 1);
        let title = format!("{} – {}", self.form.title, form_sheet.title);
        self.head(sheet, &title, repeated as u16)?;
        for (column, field) in (0u16..).zip(shown) {
            sheet.set_column_width(column, look::width(field))?;
            sheet.write(TABLE_IDS, column, &field.id)?;
            sheet.write_with_format(TABLE_HEADER, column, &field.label, &self.formats.header)?;
            for line in 0..lines {
                self.cell(sheet, form_sheet, field, line, (TABLE_FIRST + line as u32, column))?;
            }
            if lines > 0 {
                let last = TABLE_FIRST + lines as u32 - 1;
                self.validation(sheet, form_sheet, field, (TABLE_FIRST, column), last)?;
                self.mark_blanks(sheet, form_sheet, field, (TABLE_FIRST, column), last)?;
            }
        }
        for line in 0..lines {
            let texts: Vec<(String, f64)> = shown
                .iter()
                .map(|field| (self.text(form_sheet, field, line), look::width(field)))
                .collect();
            let texts = texts.iter().map(|(text, width)| (text.as_str(), *width));
            // A height that is set does not grow with what people type, so a single line keeps none.
            let height = look::height(texts);
            if height > look::height([]) {
                sheet.set_row_height(TABLE_FIRST + line as u32, height)?;
            }
        }
        if lines > 0 && !shown.is_empty() {
            let (row, column) = (TABLE_HEADER + lines as u32, shown.len() as u16 - 1);
            sheet.autofilter(TABLE_HEADER, 0, row, column)?;
            // A number such as 02 is a text on purpose.
            sheet.ignore_error_range(TABLE_FIRST, 0, row, column, IgnoreError::NumberStoredAsText)?;
        }
        self.sums(sheet, form_sheet, lines)?;
        self.margin(sheet, form_sheet, TABLE_HEADER, shown.len() as u16)?;
        sheet.set_row_hidden(TABLE_IDS)?;
        let labels = shown
            .iter()
            .map(|field| (field.label.as_str(), look::width(field) * 0.85));
        sheet.set_row_height(TABLE_HEADER, look::height(labels))?;
        sheet.set_freeze_panes(TABLE_FIRST, repeated.max(1) as u16)?;
        sheet
            .set_repeat_rows(TABLE_HEADER, TABLE_HEADER)?
            .set_repeat_columns(0, repeated.max(1) as u16 - 1)?;
        let widths: Vec<f64> = shown.iter().map(|field| look::width(field)).collect();
        look::finish(sheet, pages_wide(&widths, repeated.max(1)));
        Ok(())
    }

    /// Sums below a table with one line per school.
    fn sums(&self, sheet: &mut Worksheet, form_sheet: &Sheet, lines: usize) -> Result<(), WriteError> {
        if form_sheet.kind != SheetKind::PerSchool || lines == 0 {
            return Ok(());
        }
        let row = TABLE_FIRST + lines as u32;
        sheet.write_with_format(row, 0, SUM_LABEL, &self.formats.header)?;
        sheet.set_row_height(row, 20)?;
        let format = self
            .formats
            .cell(&FieldKind::Money, Look::Locked)
            .set_bold()
            .set_border_top(FormatBorder::Medium);
        for (column, field) in (0u16..)
            .zip(self.shown(&form_sheet.id))
            .filter(|(_, field)| field.is_money())
        {
            let letter = column_name(u32::from(column));
            let total = Expression::Sum {
                sheet: form_sheet.id.clone(),
                field: field.id.clone(),
            };
            let total = total.evaluate(&WriterScope {
                writer: self,
                sheet: &form_sheet.id,
                line: 0,
            });
            let formula = Formula::new(format!("=SUM({letter}{}:{letter}{row})", TABLE_FIRST + 1));
            sheet.write_formula_with_format(row, column, formula.set_result(cached(total)), &format)?;
        }
        Ok(())
    }

    fn cell(
        &self,
        sheet: &mut Worksheet,
        form_sheet: &Sheet,
        field: &Field,
        line: usize,
        at: (u32, u16),
    ) -> Result<(), WriteError> {
        let spot = Spot {
            sheet: form_sheet.id.clone(),
            line,
            field: field.id.clone(),
        };
        let notes = self.notes(&spot, field);
        let look = match (field.is_input(), notes) {
            (false, _) => Look::Locked,
            (true, None) => Look::Input,
            (true, Some(_)) => Look::Marked,
        };
        let format = self.formats.cell(&field.kind, look);
        let (row, column) = at;
        if let Some(formula) = field.formula() {
            let names = CellNames {
                writer: self,
                sheet: &form_sheet.id,
                line,
            };
            let result = self.operand(&form_sheet.id, line, &field.id);
            let formula = Formula::new(format!("={}", formula.to_excel(&names))).set_result(cached(result));
            sheet.write_formula_with_format(row, column, formula, &format)?;
        } else if let Some(prefill) = field.prefill {
            write_value(sheet, at, field, self.vordruck.prefill(prefill, line), &format)?;
        } else {
            write_cell(sheet, at, field, self.eintraege.cells.get(&spot), &format)?;
        }
        if let Some(notes) = notes {
            sheet.insert_note(row, column, &korrektur::note(notes))?;
        }
        Ok(())
    }

    /// The text that a cell shows and that may need more than one line; amounts never do.
    fn text(&self, sheet: &Sheet, field: &Field, line: usize) -> String {
        let spot = || Spot {
            sheet: sheet.id.clone(),
            line,
            field: field.id.clone(),
        };
        match (&field.kind, field.prefill) {
            (FieldKind::Computed(_), _) => String::new(),
            (_, Some(prefill)) => self
                .vordruck
                .prefill(prefill, line)
                .map_or_else(String::new, |value| field.cell_text(&value)),
            (_, None) => {
                let typed = self.eintraege.cells.get(&spot());
                typed.map(Cell::shown).unwrap_or_default().into_owned()
            }
        }
    }

    fn lists(&self, sheet: &mut Worksheet) -> Result<(), WriteError> {
        sheet.set_name(LISTS_SHEET)?;
        self.head(sheet, LISTS_TITLE, 0)?;
        for (column, (_, field, choices)) in (0u16..).zip(self.form.choice_fields()) {
            sheet.set_column_width(column, 48)?;
            sheet.write_with_format(LIST_FIRST - 1, column, &field.label, &self.formats.header)?;
            for (row, choice) in (LIST_FIRST..).zip(choices) {
                sheet.write_with_format(row, column, choice.cell_text(), &self.formats.body)?;
            }
        }
        sheet.set_freeze_panes(LIST_FIRST, 0)?;
        sheet.set_repeat_rows(LIST_FIRST - 1, LIST_FIRST - 1)?;
        look::finish(sheet, 1);
        Ok(())
    }

    fn meta(&self, sheet: &mut Worksheet) -> Result<(), WriteError> {
        sheet.set_name(META_SHEET)?;
        for (row, (key, value)) in (0u32..).zip(self.vordruck.meta(self.form)) {
            sheet.write(row, 0, key)?;
            sheet.write(row, 1, value)?;
        }
        sheet.set_very_hidden(true);
        look::finish(sheet, 1);
        Ok(())
    }
}

/// How many pages a table takes beside each other, when each repeats the first columns.
fn pages_wide(widths: &[f64], repeated: usize) -> u16 {
    let (repeated, others) = widths.split_at(repeated.min(widths.len()));
    let repeated: f64 = repeated.iter().sum();
    let others: f64 = others.iter().sum();
    (others / (PAGE_WIDTH - repeated).max(PAGE_WIDTH / 2.0)).ceil().max(1.0) as u16
}

/// A result as the workbook remembers it until some program calculates anew.
fn cached(operand: Operand) -> String {
    match operand {
        Operand::Number(number) => Cent(number.to_cent()).to_euros().to_string(),
        _ => "0".to_owned(),
    }
}

fn set_widths(sheet: &mut Worksheet, widths: &[f64]) -> Result<(), WriteError> {
    for (column, width) in (0u16..).zip(widths) {
        sheet.set_column_width(column, *width)?;
    }
    Ok(())
}

/// A text in so many UTF-16 units, which is how Excel counts.
fn shortened(text: &str, units: usize) -> String {
    if text.encode_utf16().count() <= units {
        return text.to_owned();
    }
    let mut left = units - 1;
    let fits = |c: &char| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    };
    let start: String = text.chars().take_while(fits).collect();
    format!("{}…", start.trim_end())
}
