//! Findings on their way to a list that people read.

use super::Located;
use crate::eintraege::{Pruefhinweis, Spot};
use crate::finding::{self, Finding, Place, Severity};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Findings with the place they sort by.
#[derive(Default, Clone)]
pub(super) struct Reports {
    all: Vec<(Position, Option<Spot>, Finding)>,
    errors: bool,
    /// Cells known to be blank, which is all there is to say about them.
    blanks: BTreeSet<Spot>,
    /// How many were not kept.
    more: usize,
}

/// Nobody reads more, and a hostile workbook must not fill the memory with hints.
const MAX_FINDINGS: usize = 2_000;

/// Sheet, row and column, for the order in which people read.
type Position = (usize, u32, u32);

impl Reports {
    /// One finding about the whole workbook.
    pub(super) fn only(finding: Finding) -> Reports {
        let mut reports = Reports::default();
        reports.add_elsewhere((0, 0, 0), finding);
        reports
    }

    pub(super) fn add(&mut self, located: &Located<'_>, sheet: &str, line: usize, field: &str, finding: Finding) {
        let index = located.find(sheet).map_or(0, |found| found.index);
        let (row, column) = located.address(sheet, line, field).unwrap_or((0, 0));
        let spot = Spot {
            sheet: sheet.to_owned(),
            line,
            field: field.to_owned(),
        };
        let blank = finding.read.is_empty();
        if !self.blanks.contains(&spot) {
            self.push((index, row, column), Some(spot.clone()), finding);
        }
        if blank {
            self.blanks.insert(spot);
        }
    }

    /// A finding about no single field.
    pub(super) fn add_elsewhere(&mut self, position: Position, finding: Finding) {
        self.push(position, None, finding);
    }

    fn push(&mut self, position: Position, spot: Option<Spot>, finding: Finding) {
        self.errors |= finding.severity == Severity::Fehler;
        if self.all.len() < MAX_FINDINGS {
            self.all.push((position, spot, finding));
        } else {
            self.more += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn has_errors(&self) -> bool {
        self.errors
    }

    /// Sorts, keeps the notes by place, and groups equal findings of one column.
    pub(super) fn finish(mut self) -> (Vec<Pruefhinweis>, BTreeMap<Spot, Vec<String>>) {
        self.all.sort_by_key(|(position, _, _)| *position);
        let mut notes: BTreeMap<Spot, Vec<String>> = BTreeMap::new();
        let mut listed: Vec<Pruefhinweis> = Vec::new();
        let mut groups: HashMap<Finding, usize> = HashMap::new();
        for (_, spot, finding) in self.all {
            if let Some(spot) = &spot
                && finding.severity != Severity::Hinweis
            {
                notes.entry(spot.clone()).or_default().push(finding.message());
            }
            let next = listed.len();
            let group = match finding.place.cells.is_empty() {
                true => next,
                false => *groups.entry(without_its_cell(&finding)).or_insert(next),
            };
            if let Some(known) = listed.get_mut(group) {
                known.finding.place.cells.extend(finding.place.cells);
                known.finding.school.clear();
                known.spots.extend(spot);
            } else {
                let spots = spot.into_iter().collect();
                listed.push(Pruefhinweis { finding, spots });
            }
        }
        let about_none = |finding| Pruefhinweis {
            finding,
            spots: Vec::new(),
        };
        let overview = overview(&listed);
        listed.splice(0..0, overview.into_iter().map(about_none));
        if self.more > 0 {
            listed.push(about_none(finding::many_more(self.more)));
        }
        (listed, notes)
    }
}

/// More findings of one kind than people read one by one.
const MANY_ALIKE: usize = 15;

/// One line about each kind of error that fills the list.
fn overview(listed: &[Pruefhinweis]) -> Vec<Finding> {
    let findings = listed.iter().map(|hint| &hint.finding);
    let mut kinds: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.filter(|finding| finding.severity == Severity::Fehler) {
        kinds.entry(&finding.code).or_default().push(finding);
    }
    let many = kinds.values().filter(|alike| alike.len() > MANY_ALIKE);
    many.map(|alike| finding::many_alike(alike)).collect()
}

/// What equal findings of one column have in common.
fn without_its_cell(finding: &Finding) -> Finding {
    let place = Place {
        sheet: finding.place.sheet.clone(),
        cells: Vec::new(),
    };
    Finding {
        place,
        school: String::new(),
        ..finding.clone()
    }
}
