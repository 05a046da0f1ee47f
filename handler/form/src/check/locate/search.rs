//! Looks through one sheet for the fields of a form, and at what else stands there.

use super::super::Reports;
use super::super::cells::digits;
use super::{HEADER_ROWS, ONCE_ROWS, Places, hidden};
use crate::definition::{Field, Form, Prefill, Sheet, SheetKind};
use crate::finding::{self, Finding, Target};
use crate::grid::{Cell, GridSheet, Position, cell_name};
use crate::value::tidy;
use crate::vordruck::Vordruck;
use crate::write::{MARK, ONCE_HEADER, SUM_LABEL, VALUE_HEADER};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// One sheet, while its fields are looked for.
pub(super) struct Search<'s, 'a> {
    pub(super) sheet: &'a Sheet,
    /// The sheet's number in the form.
    pub(super) index: usize,
    pub(super) grid: &'a GridSheet,
    pub(super) form: &'s Form,
    pub(super) vordruck: &'s Vordruck,
    pub(super) is_other_version: bool,
    pub(super) reports: &'s mut Reports,
    /// Rows before this one hold titles and headers.
    pub(super) head: u32,
    /// The first row with ids or labels above the fields.
    pub(super) header: Option<u32>,
    /// Places below that belong to the form: inputs, labels, help, sums.
    pub(super) used: HashSet<Position>,
    /// The columns of a table's fields, and the rows in which they belong to the form.
    pub(super) columns: Vec<u32>,
    pub(super) used_rows: HashSet<u32>,
    /// Nothing is said of what stands around where a column or line is missing or moved: it may be its contents.
    pub(super) is_incomplete: bool,
    /// Beside this column of a sheet that is filled once, another version has labels and help of its own.
    pub(super) only_entries_in: Option<u32>,
}

impl<'a> Search<'_, 'a> {
    fn target(&self, cell: Option<(u32, u32)>, field: Option<&'a Field>) -> Target<'a> {
        Target {
            sheet: &self.sheet.title,
            cell: cell.map(|(row, column)| cell_name(row, column)),
            field,
            school: String::new(),
            obstacle: cell.and_then(|(row, column)| hidden(&self.grid.layout, row, column)),
        }
    }

    /// Whether a form without this field cannot be read. Another version may lack what may stay empty.
    fn is_needed(&self, field: &Field) -> bool {
        let names_its_row = field.prefill == Some(Prefill::SchuleNummer);
        field.formula().is_none() && (!self.is_other_version || names_its_row || (field.required && field.is_input()))
    }

    /// Where nothing of the sheet is there, the sheet itself is what is missing.
    fn report_missing(&mut self, missing: Vec<Finding>, has_nothing: bool) {
        self.is_incomplete |= !missing.is_empty();
        let findings = match has_nothing && !missing.is_empty() {
            true => vec![finding::missing_sheet(&self.sheet.title)],
            false => missing,
        };
        for finding in findings {
            self.reports.add_elsewhere((self.index, 0, 0), finding);
        }
    }

    /// Where ids say one thing and labels another, cells were moved without the hidden ids: values would change places.
    fn report_other_label(&mut self, field: &'a Field, (row, column): Position) {
        let read = self.grid.text(row, column);
        let is_label_of = |other: &&Field| other.id != field.id && *tidy(&other.label) == *read;
        if !self.is_other_version && self.sheet.fields.iter().any(|other| is_label_of(&other)) {
            let finding = finding::other_label(&self.target(Some((row, column)), Some(field)), &read);
            self.reports.add_elsewhere((self.index, row, column), finding);
            self.is_incomplete = true;
        }
    }

    /// Each field of a sheet that is filled once: its row by id or label, its column by the header above.
    pub(super) fn cells(&mut self) -> Places<'a> {
        let texts = Texts::of(self.grid, ONCE_ROWS);
        let header = texts.at(VALUE_HEADER).next().map(|(_, column)| column);
        let mut cells = HashMap::new();
        let mut missing = Vec::new();
        for field in self.vordruck.shown(self.sheet) {
            let by_id = texts.at(&field.id).find(|(_, column)| *column > header.unwrap_or(1));
            let by_label = texts.at(&field.label).find(|(_, column)| *column < header.unwrap_or(2));
            let column = header
                .or(by_label.map(|(_, column)| column + 1))
                .or(by_id.map(|(_, column)| column - 2));
            match (by_id.or(by_label), column) {
                (Some((row, _)), Some(column)) => {
                    cells.insert(field.id.as_str(), (row, column));
                    self.used.insert((row, column));
                    let own = [field.id.as_str(), &field.label, &field.help];
                    let written = self
                        .grid
                        .row(row)
                        .filter(|(_, cell)| own.iter().any(|text| is_text(cell, text)));
                    self.used.extend(written.map(|(place, _)| place));
                    for (place, _) in self.grid.row(row).filter(|((_, at), _)| *at < column) {
                        self.report_other_label(field, place);
                    }
                }
                _ if self.is_needed(field) => {
                    missing.push(finding::missing_line(&self.target(None, Some(field))));
                }
                _ => {}
            }
        }
        self.report_missing(missing, cells.is_empty());
        self.head = cells.values().map(|(row, _)| *row).min().unwrap_or(0);
        let values = cells.values().next().map(|(_, column)| *column);
        if let (Some(column), Some(row)) = (values, self.head.checked_sub(1)) {
            self.use_header(row, [column.saturating_sub(1), column, column + 1]);
        }
        self.only_entries_in = values.filter(|_| self.is_other_version);
        Places::Once(cells)
    }

    /// The columns of a table by ids and labels, its rows by what stands in them.
    pub(super) fn table(&mut self) -> Places<'a> {
        let shown = self.vordruck.shown(self.sheet);
        let texts = Texts::of(self.grid, HEADER_ROWS);
        let mut columns = HashMap::new();
        // An id that somebody deleted is replaced by the label.
        for header in [
            header(&texts, &shown, |field| &field.id),
            header(&texts, &shown, |field| &field.label),
        ] {
            let Some((row, found)) = header else { continue };
            self.head = self.head.max(row + 1);
            for (field, column) in found {
                columns.entry(field).or_insert(column);
            }
            self.use_header(row, columns.values().copied());
            for field in &shown {
                if let Some(column) = columns.get(field.id.as_str()) {
                    self.report_other_label(field, (row, *column));
                }
            }
        }
        let is_missing = |field: &&&'a Field| self.is_needed(field) && !columns.contains_key(field.id.as_str());
        let missing = shown.iter().filter(is_missing);
        let missing = missing
            .map(|field| finding::missing_column(&self.target(None, Some(field))))
            .collect();
        self.report_missing(missing, columns.is_empty());
        let rows = match self.sheet.kind {
            SheetKind::PerSchool => self.school_rows(&columns),
            _ => (self.head..).take(self.vordruck.lines(self.sheet)).map(Some).collect(),
        };
        self.used_rows.extend(rows.iter().flatten());
        self.columns.extend(columns.values());
        if let (SheetKind::Free { .. }, Some(Some(last))) = (self.sheet.kind, rows.last()) {
            self.report_lines_below(*last, &columns);
        }
        Places::Table { columns, rows }
    }

    /// Lines that go on below the last one of the form would be lost; a lone word there is a stray entry.
    fn report_lines_below(&mut self, last: u32, columns: &HashMap<&'a str, u32>) {
        let mut lines: BTreeMap<u32, Vec<(u32, Cow<'_, str>)>> = BTreeMap::new();
        for ((row, column), cell) in self.grid.cells.below(last + 1) {
            let shown = cell.shown();
            if !shown.is_empty() && columns.values().any(|own| *own == column) {
                lines.entry(row).or_default().push((column, shown));
            }
        }
        lines.retain(|_, entries| entries.len() >= columns.len().min(2));
        if let Some((&row, [(column, read), ..])) = lines.first_key_value().map(|(row, line)| (row, line.as_slice())) {
            let finding = finding::line_below(&self.target(Some((row, *column)), None), read, last + 1, lines.len());
            self.reports.add_elsewhere((self.index, row, *column), finding);
        }
        self.used_rows.extend(lines.into_keys());
    }

    /// Headers belong to the form, whatever somebody made of their words.
    fn use_header(&mut self, row: u32, columns: impl IntoIterator<Item = u32>) {
        self.header = Some(self.header.map_or(row, |known| known.min(row)));
        self.used.extend(columns.into_iter().map(|column| (row, column)));
    }

    fn is_used(&self, place: Position) -> bool {
        self.columns.contains(&place.1) && self.used_rows.contains(&place.0) || self.used.contains(&place)
    }

    /// The row of each school of the Träger, by its number.
    fn school_rows(&mut self, columns: &HashMap<&'a str, u32>) -> Vec<Option<u32>> {
        let schulen = &self.vordruck.schulen;
        let mut rows: Vec<Option<u32>> = vec![None; schulen.len()];
        let field_of = |prefill| self.sheet.fields.iter().find(|field| field.prefill == Some(prefill));
        let column_of = |field: Option<&Field>| field.and_then(|field| columns.get(field.id.as_str())).copied();
        let key = field_of(Prefill::SchuleNummer);
        // A missing column is reported already.
        let Some(key_column) = column_of(key) else { return rows };
        let lines: HashMap<&str, usize> = schulen
            .iter()
            .enumerate()
            .map(|(line, schule)| (schule.nummer.as_str(), line))
            .collect();
        let mut strangers = BTreeMap::new();
        for ((row, column), cell) in self.grid.cells.below(self.head) {
            if is_text(cell, SUM_LABEL) {
                self.used.insert((row, column));
                self.used_rows.insert(row);
                // It may stand below the Schulnummern themselves.
                continue;
            }
            let read = if column == key_column {
                cell.shown()
            } else {
                continue;
            };
            if read.is_empty() {
                continue;
            }
            match digits(&read, 6).and_then(|nummer| lines.get(nummer.as_str())) {
                None => {
                    strangers.insert(row, read);
                }
                Some(&line) => match rows[line] {
                    None => rows[line] = Some(row),
                    Some(first) => {
                        let at = self.target(Some((row, column)), key);
                        let finding = finding::school_twice(&at, &read, &cell_name(first, column));
                        self.reports.add_elsewhere((self.index, row, column), finding);
                        self.used_rows.insert(row);
                    }
                },
            }
        }
        if let Some(name_column) = column_of(field_of(Prefill::Kurzbezeichnung)) {
            self.rows_by_name(name_column, &mut rows, &mut strangers);
        }
        for (row, read) in strangers {
            // A word with nothing beside it is no school; it is said where all stray entries are.
            let alone = |row| self.grid.row(row).filter(|(_, cell)| !cell.shown().is_empty()).count() == 1;
            if !read.contains(|c: char| c.is_ascii_digit()) && alone(row) {
                continue;
            }
            let at = self.target(Some((row, key_column)), key);
            self.reports
                .add_elsewhere((self.index, row, key_column), finding::unknown_school(&at, &read));
            self.used_rows.insert(row);
        }
        for (schule, _) in schulen.iter().zip(&rows).filter(|(_, row)| row.is_none()) {
            let at = self.target(None, None);
            let finding = finding::missing_school(&at, schule.nummer.as_str(), &schule.kurzbezeichnung);
            self.reports.add_elsewhere((self.index, u32::MAX, 0), finding);
        }
        rows
    }

    /// Where only a Schulnummer was changed or deleted, the name tells the row; comparing the cell reports it once.
    fn rows_by_name(&self, column: u32, rows: &mut [Option<u32>], strangers: &mut BTreeMap<u32, Cow<'_, str>>) {
        if rows.iter().all(Option::is_some) {
            return;
        }
        let taken: HashSet<u32> = rows.iter().flatten().copied().collect();
        let below = self.grid.cells.below(self.head);
        let names: HashMap<Cow<'_, str>, u32> = below
            .filter(|((row, at), _)| *at == column && !taken.contains(row))
            .map(|((row, _), cell)| (cell.shown(), row))
            .collect();
        for (schule, row) in self.vordruck.schulen.iter().zip(rows) {
            if row.is_none() {
                *row = names.get(&tidy(&schule.kurzbezeichnung)).copied();
                row.and_then(|row| strangers.remove(&row));
            }
        }
    }

    /// One friendly finding for whatever stands where the form has nothing.
    pub(super) fn report_stray_entries(&mut self) {
        if self.is_incomplete {
            return;
        }
        // Another version has titles of its own.
        let first = if self.is_other_version { self.head } else { 0 };
        let title = Title::of(self.form, self.sheet, self.vordruck);
        let mut stray = self.grid.cells.below(first).filter(|(place, cell)| {
            let shown = cell.shown();
            let may_be_entry = self.only_entries_in.is_none_or(|column| column == place.1);
            may_be_entry
                && may_be_entry_text(&shown)
                && !self.is_used(*place)
                && (place.0 >= self.head || !title.holds(*place, &shown, self.header.unwrap_or(self.head)))
        });
        let Some(((row, column), cell)) = stray.next() else {
            return;
        };
        let finding = finding::stray_entry(&self.target(Some((row, column)), None), &cell.shown(), stray.count());
        self.reports.add_elsewhere((self.index, row, column), finding);
    }
}

/// A Korrekturfassung comes back with the marks in its margin.
pub(super) fn may_be_entry_text(shown: &str) -> bool {
    !shown.is_empty() && !shown.starts_with(MARK)
}

/// What our form has above the fields of a sheet.
struct Title<'a> {
    sheet: &'a Sheet,
    texts: Vec<String>,
}

impl<'a> Title<'a> {
    fn of(form: &Form, sheet: &'a Sheet, vordruck: &Vordruck) -> Title<'a> {
        let [traeger, zeitraum] = vordruck.subtitle();
        let mut texts = vec![
            form.title.clone(),
            format!("{} – {}", form.title, sheet.title),
            format!("{traeger} – {zeitraum}"),
            traeger,
            zeitraum,
            // Numbers may name the table above it.
            sheet.title.clone(),
        ];
        texts.extend(ONCE_HEADER.map(str::to_owned));
        Title { sheet, texts }
    }

    /// Whether a cell above the first row of fields is one of ours. Title and subtitle stand in the two rows above the
    /// headers, and stay ours where somebody changed their words.
    fn holds(&self, (row, column): Position, shown: &str, header: u32) -> bool {
        let is_of_a_field = |field: &Field| {
            [&field.id, &field.label, &field.help]
                .iter()
                .any(|own| tidy(own) == shown)
        };
        let is_table_name = ["Tabelle ", "Table "]
            .iter()
            .filter_map(|name| shown.strip_prefix(name))
            .any(|number| number.bytes().all(|b| b.is_ascii_digit()));
        (column == 0 && row < header && row + 2 >= header)
            || is_table_name
            || self.texts.iter().any(|own| tidy(own) == shown)
            || self.sheet.fields.iter().any(is_of_a_field)
    }
}

/// The texts among the first rows of a sheet, with their places in reading order.
pub(super) struct Texts<'g>(HashMap<Cow<'g, str>, Vec<Position>>);

impl<'g> Texts<'g> {
    pub(super) fn of(grid: &'g GridSheet, rows: u32) -> Texts<'g> {
        let mut texts: HashMap<Cow<'_, str>, Vec<Position>> = HashMap::new();
        for (place, cell) in grid.cells.between((0, 0), (rows, 0)) {
            if let Cell::Text(text) = cell {
                texts.entry(tidy(text)).or_default().push(place);
            }
        }
        Texts(texts)
    }

    pub(super) fn at(&self, text: &str) -> impl Iterator<Item = Position> {
        self.0.get(&*tidy(text)).into_iter().flatten().copied()
    }
}

fn is_text(cell: &Cell, wanted: &str) -> bool {
    matches!(cell, Cell::Text(text) if tidy(text) == tidy(wanted))
}

/// The row that names most of the fields, if it names at least half of them, with their columns.
fn header<'a>(
    texts: &Texts<'_>,
    fields: &[&'a Field],
    name: impl Fn(&'a Field) -> &'a str,
) -> Option<(u32, HashMap<&'a str, u32>)> {
    let mut rows: BTreeMap<u32, HashMap<&'a str, u32>> = BTreeMap::new();
    for field in fields {
        for (row, column) in texts.at(name(field)) {
            rows.entry(row).or_default().entry(field.id.as_str()).or_insert(column);
        }
    }
    // Of equals the topmost: `max_by_key` takes the last.
    let best = rows.into_iter().rev().max_by_key(|(_, columns)| columns.len())?;
    (best.1.len() * 2 >= fields.len()).then_some(best)
}
