//! The examination of an upload: guard, read, check.

use crate::check;
use crate::definition::Form;
use crate::eintraege::Eintraege;
use crate::finding::{Finding, Severity};
use crate::guard::{self, Unreadable};
use crate::read;
use crate::value::Rows;
use crate::vordruck::Vordruck;

/// What an upload comes to.
#[derive(Debug)]
pub struct Examination {
    pub findings: Vec<Finding>,
    /// The rows of the form; only where no finding is an error.
    pub rows: Option<Rows>,
    /// The workbook without macros, links, comments, authors and document properties: what may be stored.
    pub repacked: Vec<u8>,
    /// What the Träger typed, and the hints at their places; empty where nothing was found. Written into a fresh form,
    /// this is the Korrekturfassung.
    pub eintraege: Eintraege,
}

impl Examination {
    /// Whether some finding is of this severity.
    pub fn has(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity == severity)
    }
}

/// Examines the bytes of an upload. Nothing of a workbook that the guard refuses is read any further.
pub fn examine(form: &Form, vordruck: &Vordruck, upload: &[u8]) -> Result<Examination, Unreadable> {
    let guarded = guard::guard(upload)?;
    let grid = read::read(&guarded)?;
    let checked = check::check(form, vordruck, &grid);
    let eintraege = Eintraege {
        cells: checked.typed,
        notes: checked.notes,
        pruefhinweise: checked.pruefhinweise,
    };
    Ok(Examination {
        findings: checked.findings,
        rows: checked.rows,
        repacked: guarded.workbook,
        eintraege,
    })
}
