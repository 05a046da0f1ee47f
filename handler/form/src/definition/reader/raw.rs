//! `formular.toml` as it stands, with the places of what may be wrong.

use super::{Choice, Severity};
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawForm {
    pub(super) kennung: Spanned<String>,
    pub(super) version: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) hinweise: Vec<String>,
    #[serde(default)]
    pub(super) grund: Vec<RawChoice>,
    pub(super) sheet: Vec<RawSheet>,
    #[serde(default)]
    pub(super) rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSheet {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<String>,
    pub(super) kind: Spanned<String>,
    pub(super) rows: Option<Spanned<u32>>,
    pub(super) only_if: Option<Spanned<String>>,
    pub(super) field: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawField {
    pub(super) id: Spanned<String>,
    pub(super) label: Spanned<String>,
    pub(super) kind: Spanned<String>,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) prefill: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) help: String,
    pub(super) min: Option<Spanned<i64>>,
    pub(super) max: Option<Spanned<i64>>,
    pub(super) max_length: Option<Spanned<usize>>,
    pub(super) pattern: Option<Spanned<String>>,
    pub(super) pattern_hint: Option<Spanned<String>>,
    pub(super) choices: Option<Spanned<Vec<RawChoice>>>,
    pub(super) choices_of: Option<Spanned<String>>,
    pub(super) formula: Option<Spanned<String>>,
    pub(super) only_if_prefilled: Option<Spanned<bool>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChoice {
    pub(super) code: Spanned<String>,
    pub(super) label: Spanned<String>,
}

impl RawChoice {
    pub(super) fn plain(&self) -> Choice {
        Choice {
            code: self.code.get_ref().clone(),
            label: self.label.get_ref().clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) kind: Spanned<String>,
    pub(super) sheet: Spanned<String>,
    pub(super) field: Option<Spanned<String>>,
    pub(super) fields: Option<Vec<Spanned<String>>>,
    pub(super) parts: Option<Vec<Spanned<String>>>,
    pub(super) other: Option<Spanned<String>>,
    pub(super) bound: Option<Spanned<String>>,
    pub(super) value: Option<Spanned<String>>,
    pub(super) percent: Option<Spanned<u32>>,
    pub(super) text: Option<Spanned<String>>,
    pub(super) weil: Option<Spanned<String>>,
    pub(super) wenn: Option<Spanned<String>>,
    pub(super) severity: Option<Severity>,
}
