//! What people type into a form, by its place there.

use crate::finding::Finding;
use crate::grid::Cell;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A place in a form: the field of a line (from 0) of a sheet, all by their ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    pub sheet: String,
    pub line: usize,
    pub field: String,
}

/// What stands in the input cells of a form beside the prefilled values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Eintraege {
    #[serde(with = "pairs")]
    pub cells: BTreeMap<Spot, Cell>,
    /// Hints that a Korrekturfassung shows at their cells.
    #[serde(with = "pairs")]
    pub notes: BTreeMap<Spot, Vec<String>>,
    /// All findings, for the sheet of a Korrekturfassung that lists them.
    pub pruefhinweise: Vec<Pruefhinweis>,
}

/// A finding with its places in the form; none where it is about no field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pruefhinweis {
    pub finding: Finding,
    pub spots: Vec<Spot>,
}

/// Maps whose keys are no strings, as lists of pairs.
mod pairs {
    use super::Spot;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub fn serialize<V: Serialize, S: Serializer>(map: &BTreeMap<Spot, V>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub fn deserialize<'de, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Spot, V>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

impl Eintraege {
    /// Puts something into a cell.
    pub fn put(&mut self, sheet: &str, line: usize, field: &str, cell: Cell) -> &mut Eintraege {
        self.cells.insert(
            Spot {
                sheet: sheet.to_owned(),
                line,
                field: field.to_owned(),
            },
            cell,
        );
        self
    }
}
