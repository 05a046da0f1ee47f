//! Finds a form's fields in a workbook: by the hidden ids, else by the labels, so that moved rows and columns do no harm.

use super::Reports;
use super::cells::digits;
use crate::definition::{Field, Form, Prefill, Sheet, SheetKind};
use crate::finding::{self, Finding, Obstacle, Target};
use crate::grid::{Cell, Grid, GridSheet, Layout, Position, cell_among, cell_name};
use crate::value::tidy;
use crate::vordruck::Vordruck;
use crate::write::{MARK, META_SHEET, SUM_LABEL, VALUE_HEADER, fresh_place};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A workbook with every field's place.
pub(crate) struct Located<'a> {
    pub sheets: Vec<LocatedSheet<'a>>,
    pub date1904: bool,
}

pub(crate) struct LocatedSheet<'a> {
    pub sheet: &'a Sheet,
    /// The sheet's number in the form.
    pub index: usize,
    grid: &'a GridSheet,
    places: Places<'a>,
    /// Where findings say that the fields stand, when it is the Korrekturfassung that they speak of.
    fresh: Option<Places<'a>>,
}

/// Where fields stand.
enum Places<'a> {
    /// Each field has a cell of its own.
    Once(HashMap<&'a str, (u32, u32)>),
    /// Each field has a column, each line a row; a school that is missing has none.
    Table {
        columns: HashMap<&'a str, u32>,
        rows: Vec<Option<u32>>,
    },
}

/// Headers stand among the first rows, however many somebody inserted above.
const HEADER_ROWS: u32 = 40;
/// So do the lines of a sheet that is filled once.
const ONCE_ROWS: u32 = 400;

impl<'a> Located<'a> {
    pub(crate) fn find(&self, sheet: &str) -> Option<&LocatedSheet<'a>> {
        self.sheets.iter().find(|found| found.sheet.id == sheet)
    }

    /// From here on, findings name the places that fields have in the Korrekturfassung.
    pub(crate) fn move_to_fresh_form(&mut self, vordruck: &Vordruck) {
        for sheet in &mut self.sheets {
            sheet.move_to_fresh_form(vordruck);
        }
    }

    /// Row and column of a field, from 0.
    pub(crate) fn address(&self, sheet: &str, line: usize, field: &str) -> Option<(u32, u32)> {
        self.find(sheet)?.address(line, field)
    }

    pub(crate) fn target(
        &self,
        form: &'a Form,
        vordruck: &Vordruck,
        sheet: &str,
        line: usize,
        field: &str,
    ) -> Target<'a> {
        let Some(found) = form.sheet(sheet) else {
            return Target::file();
        };
        let school = match found.kind {
            SheetKind::PerSchool => vordruck.schulen.get(line).map(|schule| schule.kurzbezeichnung.clone()),
            SheetKind::Once | SheetKind::Free { .. } => None,
        };
        Target {
            sheet: &found.title,
            cell: self
                .address(sheet, line, field)
                .map(|(row, column)| cell_name(row, column)),
            field: found.field(field),
            school: school.unwrap_or_default(),
            obstacle: self.find(&found.id).and_then(|found| found.obstacle(line, field)),
        }
    }
}

impl<'a> LocatedSheet<'a> {
    fn move_to_fresh_form(&mut self, vordruck: &Vordruck) {
        let place = |position, line| fresh_place(self.sheet, position, line);
        let fields = (0..).zip(vordruck.shown(self.sheet));
        self.fresh = Some(match &self.places {
            Places::Once(_) => Places::Once(fields.map(|(n, field)| (field.id.as_str(), place(n, 0))).collect()),
            Places::Table { rows, .. } => Places::Table {
                columns: fields.map(|(n, field)| (field.id.as_str(), place(n, 0).1)).collect(),
                rows: (0..).take(rows.len()).map(|line| Some(place(0, line).0)).collect(),
            },
        });
    }

    pub(crate) fn address(&self, line: usize, field: &str) -> Option<(u32, u32)> {
        self.fresh.as_ref().unwrap_or(&self.places).address(line, field)
    }

    /// What stands in the fields of a line. Its cells are looked up once, not for each field.
    pub(crate) fn line(&self, line: usize) -> impl Fn(&str) -> Option<&'a Cell> {
        let cells = match &self.places {
            Places::Once(_) => self.grid.cells.all(),
            Places::Table { rows, .. } => match rows.get(line) {
                Some(Some(row)) => self.grid.cells.row(*row),
                _ => &[],
            },
        };
        move |field| cell_among(cells, self.places.address(line, field)?)
    }

    /// A fresh form has nothing hidden or merged.
    fn obstacle(&self, line: usize, field: &str) -> Option<Obstacle> {
        if self.fresh.is_some() {
            return None;
        }
        let (row, column) = self.address(line, field)?;
        let merged = || self.grid.layout.merged_into(row, column);
        hidden(&self.grid.layout, row, column)
            .or_else(|| merged().map(|(row, column)| Obstacle::Merged(cell_name(row, column))))
    }

    pub(crate) fn line_count(&self) -> usize {
        match &self.places {
            Places::Once(_) => 1,
            Places::Table { rows, .. } => rows.len(),
        }
    }
}

impl Places<'_> {
    fn address(&self, line: usize, field: &str) -> Option<(u32, u32)> {
        match self {
            Places::Once(cells) => cells.get(field).copied(),
            Places::Table { columns, rows } => Some(((*rows.get(line)?)?, *columns.get(field)?)),
        }
    }
}

/// Why people do not see a cell.
fn hidden(layout: &Layout, row: u32, column: u32) -> Option<Obstacle> {
    if layout.hidden {
        Some(Obstacle::HiddenSheet)
    } else if layout.hidden_rows.contains(&row) {
        Some(Obstacle::HiddenRow)
    } else if layout.hidden_columns.contains(&column) {
        Some(Obstacle::HiddenColumn)
    } else {
        None
    }
}

/// What a workbook says it is.
pub(super) enum Identity {
    /// This form, of this Träger and this Runde, with the figures of today.
    Own,
    /// The same in another version. What fits is read; the finding is for what does not.
    OtherVersion(Finding),
    Other(Finding),
}

pub(super) fn identity(form: &Form, vordruck: &Vordruck, grid: &Grid) -> Identity {
    let Some(meta) = grid.sheet(META_SHEET) else {
        return Identity::Other(finding::not_the_form(&form.title));
    };
    let said = |key: &str| {
        let row = meta
            .cells
            .below(0)
            .find(|((_, column), cell)| *column == 0 && cell.shown() == key)?
            .0
            .0;
        Some(meta.text(row, 1).into_owned())
    };
    let [kennung, version, runde, traegernummer, stand] = vordruck.meta(form);
    // What weighs most comes first: only one's own form of this Runde is carried over into a new version.
    for (key, own) in [kennung, runde, traegernummer, version, stand] {
        let read = said(key).unwrap_or_default();
        // Workbooks of the first days say nothing of their figures; their cells do.
        if read == own || (key == "stand" && read.is_empty()) {
            continue;
        }
        return match key {
            "traegernummer" => Identity::Other(finding::other_traeger(&read, &own, &vordruck.traeger.name)),
            "runde" => Identity::Other(finding::other_runde(&read, &own)),
            // The checksum of the figures hangs on the version too; each prefilled cell is compared anyway.
            "version" => Identity::OtherVersion(finding::other_version(&read, &own)),
            "stand" => Identity::Other(finding::other_figures()),
            _ => Identity::Other(finding::other_form(&read, &form.title)),
        };
    }
    Identity::Own
}

/// Finds every sheet and field of the form; what is missing is reported, unless another version may do without.
pub(super) fn locate<'a>(
    form: &'a Form,
    vordruck: &Vordruck,
    grid: &'a Grid,
    is_other_version: bool,
    reports: &mut Reports,
) -> Located<'a> {
    let mut located = Located {
        sheets: Vec::new(),
        date1904: grid.date1904,
    };
    for (index, sheet) in form.sheets.iter().enumerate() {
        let known = grid.sheet(&sheet.title);
        let Some(found) = known.or_else(|| is_other_version.then(|| sheet_of_ids(form, sheet, grid))?) else {
            reports.add_elsewhere((index, 0, 0), finding::missing_sheet(&sheet.title));
            continue;
        };
        let mut search = Search {
            sheet,
            index,
            grid: found,
            vordruck,
            is_other_version,
            reports,
            head: 0,
            used: HashSet::new(),
            columns: Vec::new(),
            used_rows: HashSet::new(),
            only_entries_in: None,
        };
        let places = if sheet.is_once() {
            search.cells()
        } else {
            search.table()
        };
        search.report_stray_entries();
        located.sheets.push(LocatedSheet {
            sheet,
            index,
            grid: found,
            places,
            fresh: None,
        });
    }
    located
}

/// The only sheet without a name of the form that holds at least half of the ids of a sheet: what it was called before.
fn sheet_of_ids<'a>(form: &Form, wanted: &Sheet, grid: &'a Grid) -> Option<&'a GridSheet> {
    let has_its_ids = |found: &&GridSheet| {
        let texts = Texts::of(found, if wanted.is_once() { ONCE_ROWS } else { HEADER_ROWS });
        let ids = wanted
            .fields
            .iter()
            .filter(|field| texts.at(&field.id).next().is_some());
        ids.count() * 2 >= wanted.fields.len()
    };
    let is_ours = |found: &GridSheet| form.sheets.iter().any(|sheet| found.is_called(&sheet.title));
    let others = grid.sheets.iter().filter(|found| !is_ours(found));
    let mut fitting = others.filter(has_its_ids);
    fitting.next().filter(|_| fitting.next().is_none())
}

/// One sheet, while its fields are looked for.
struct Search<'s, 'a> {
    sheet: &'a Sheet,
    /// The sheet's number in the form.
    index: usize,
    grid: &'a GridSheet,
    vordruck: &'s Vordruck,
    is_other_version: bool,
    reports: &'s mut Reports,
    /// Rows before this one hold titles and headers: nothing in them is a stray entry.
    head: u32,
    /// Places below that belong to the form: inputs, labels, help, sums.
    used: HashSet<Position>,
    /// The columns of a table's fields, and the rows in which they belong to the form.
    columns: Vec<u32>,
    used_rows: HashSet<u32>,
    /// Beside this column of a sheet that is filled once, another version has labels and help of its own.
    only_entries_in: Option<u32>,
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

    /// Each field of a sheet that is filled once: its row by id or label, its column by the header above.
    fn cells(&mut self) -> Places<'a> {
        let texts = Texts::of(self.grid, ONCE_ROWS);
        let header = texts.at(VALUE_HEADER).next().map(|(_, column)| column);
        let mut cells = HashMap::new();
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
                }
                _ if self.is_needed(field) => {
                    let finding = finding::missing_line(&self.target(None, Some(field)));
                    self.reports.add_elsewhere((self.index, 0, 0), finding);
                }
                _ => {}
            }
        }
        self.head = cells.values().map(|(row, _)| *row).min().unwrap_or(0);
        let values = cells.values().next().map(|(_, column)| *column);
        self.only_entries_in = values.filter(|_| self.is_other_version);
        Places::Once(cells)
    }

    /// The columns of a table by ids and labels, its rows by what stands in them.
    fn table(&mut self) -> Places<'a> {
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
        }
        for field in &shown {
            if self.is_needed(field) && !columns.contains_key(field.id.as_str()) {
                let finding = finding::missing_column(&self.target(None, Some(field)));
                self.reports.add_elsewhere((self.index, 0, 0), finding);
            }
        }
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
    fn report_stray_entries(&mut self) {
        let below = self.grid.cells.below(self.head);
        let mut stray = below.filter(|(place, cell)| {
            // A Korrekturfassung comes back with the marks in its margin.
            let counts = |text: &str| !text.is_empty() && !text.starts_with(MARK);
            let may_be_entry = self.only_entries_in.is_none_or(|column| column == place.1);
            may_be_entry && !self.is_used(*place) && counts(&cell.shown())
        });
        let Some(((row, column), cell)) = stray.next() else {
            return;
        };
        let finding = finding::stray_entry(&self.target(Some((row, column)), None), &cell.shown(), stray.count());
        self.reports.add_elsewhere((self.index, row, column), finding);
    }
}

/// The texts among the first rows of a sheet, with their places in reading order.
struct Texts<'g>(HashMap<Cow<'g, str>, Vec<Position>>);

impl<'g> Texts<'g> {
    fn of(grid: &'g GridSheet, rows: u32) -> Texts<'g> {
        let mut texts: HashMap<Cow<'_, str>, Vec<Position>> = HashMap::new();
        for (place, cell) in grid.cells.between((0, 0), (rows, 0)) {
            if let Cell::Text(text) = cell {
                texts.entry(tidy(text)).or_default().push(place);
            }
        }
        Texts(texts)
    }

    fn at(&self, text: &str) -> impl Iterator<Item = Position> {
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
