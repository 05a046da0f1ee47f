//! The lines of a filled form.

mod json;

use super::{Cent, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One line of a sheet: values by field id. A blank field is absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Row {
    #[serde(with = "json")]
    values: Vec<(Arc<str>, Value)>,
}

/// All lines of a filled form, by sheet id. A sheet that is filled once has one line.
pub type Rows = BTreeMap<String, Vec<Row>>;

impl Row {
    /// Values by field id, each id at most once.
    pub fn new<Id: Into<Arc<str>>>(values: impl IntoIterator<Item = (Id, Value)>) -> Row {
        let values = values.into_iter().map(|(id, value)| (id.into(), value));
        let mut values: Vec<(Arc<str>, Value)> = values.collect();
        values.sort_by(|(a, _), (b, _)| a.cmp(b));
        Row { values }
    }

    /// A value by the id of its field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        let found = self.values.binary_search_by(|(id, _)| (**id).cmp(field)).ok()?;
        Some(&self.values[found].1)
    }

    /// Whether every field is blank.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// An amount by the id of its field.
    pub fn money(&self, field: &str) -> Option<Cent> {
        match self.get(field) {
            Some(Value::Money(cent)) => Some(*cent),
            _ => None,
        }
    }

    /// A value as people read it, by the id of its field.
    pub fn text(&self, field: &str) -> Option<String> {
        self.get(field).map(Value::text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Date;

    #[test]
    fn every_value_of_a_row_comes_back_from_json_as_what_it_was() {
        let values = [
            ("betrag", Value::Money(Cent(1250))),
            ("anzahl", Value::Integer(1250)),
            ("bestaetigt", Value::YesNo(true)),
            ("tag", Value::Date(Date::constant(2026, 12, 31))),
            ("anmerkung", Value::Text("2026-12-31".to_owned())),
        ];
        let row = Row::new(values);
        let json = serde_json::to_string(&row).expect("JSON");
        assert_eq!(serde_json::from_str::<Row>(&json).expect(&json), row);
        assert_eq!(serde_json::to_string(&row.get("betrag")).expect("JSON"), "1250");
    }
}
