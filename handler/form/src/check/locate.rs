//! Finds a form's fields in a workbook: by the hidden ids, else by the labels, so that moved rows and columns do no harm.

mod outside;
mod search;

use super::Reports;
use crate::definition::{Form, Sheet, SheetKind};
use crate::finding::{self, Finding, Obstacle, Target};
use crate::grid::{Cell, Grid, GridSheet, Layout, cell_among, cell_name};
use crate::vordruck::Vordruck;
use crate::write::{META_SHEET, fresh_place};
use search::{Search, Texts};
use std::collections::{HashMap, HashSet};

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

    /// Whether findings speak of the Korrekturfassung.
    pub(crate) fn is_fresh_form(&self) -> bool {
        self.sheets.iter().any(|sheet| sheet.fresh.is_some())
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
    let sheets = form.sheets.iter().enumerate();
    for (index, sheet) in sheets.filter(|(_, sheet)| vordruck.has(sheet)) {
        let known = grid.sheet(&sheet.title);
        let Some(found) = known.or_else(|| is_other_version.then(|| sheet_of_ids(form, sheet, grid))?) else {
            reports.add_elsewhere((index, 0, 0), finding::missing_sheet(&sheet.title));
            continue;
        };
        let mut search = Search {
            sheet,
            index,
            grid: found,
            form,
            vordruck,
            is_other_version,
            reports,
            head: 0,
            header: None,
            used: HashSet::new(),
            columns: Vec::new(),
            used_rows: HashSet::new(),
            is_incomplete: false,
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
    if !reports.has_errors() {
        outside::report(form, vordruck, grid, &located, is_other_version, reports);
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
