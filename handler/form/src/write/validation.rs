//! What Excel lets people type into the cells of a field, and what it says there. This is only a comfort: pasting
//! goes past it, and the checks ask for everything again.

use super::{LIST_FIRST, LISTS_SHEET, WriteError, Writer, shortened};
use crate::definition::{Choice, Field, FieldKind, Sheet};
use crate::grid::column_name;
use crate::value::Cent;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, ExcelDateTime, Formula, Worksheet,
};

// Excel repairs a workbook whose texts are longer than these, in UTF-16 units.
const LONGEST_TITLE: usize = 32;
const LONGEST_MESSAGE: usize = 255;

/// Excel keeps fifteen digits; beyond that no amount is exact.
const LARGEST: i64 = 999_999_999_999;

impl Writer<'_> {
    /// The rule for a column from a cell down to a row, and the help that Excel shows there.
    pub(super) fn validation(
        &self,
        sheet: &mut Worksheet,
        form_sheet: &Sheet,
        field: &Field,
        (row, column): (u32, u16),
        last_row: u32,
    ) -> Result<(), WriteError> {
        if !field.is_input() {
            return Ok(());
        }
        let rule = DataValidation::new();
        let rule = match &field.kind {
            FieldKind::YesNo => rule.allow_list_strings(&["ja", "nein"])?,
            FieldKind::Choice(choices) => {
                rule.allow_list_formula(Formula::new(self.list_range(&form_sheet.id, &field.id, choices)))
            }
            FieldKind::Money => {
                let bound = |limit: Option<i64>, otherwise: i64| limit.unwrap_or(otherwise) as f64;
                let (min, max) = (bound(field.min, -LARGEST), bound(field.max, LARGEST));
                rule.allow_decimal_number(DataValidationRule::Between(min, max))
            }
            FieldKind::Integer => {
                let bound = |limit: Option<i64>, otherwise: i32| {
                    limit.map_or(otherwise, |limit| i32::try_from(limit).unwrap_or(otherwise))
                };
                let (min, max) = (bound(field.min, -i32::MAX), bound(field.max, i32::MAX));
                rule.allow_whole_number(DataValidationRule::Between(min, max))
            }
            FieldKind::Date => {
                let first = ExcelDateTime::from_ymd(1900, 1, 1)?;
                rule.allow_date(DataValidationRule::GreaterThanOrEqualTo(&first))
            }
            FieldKind::Text => match field.max_length {
                Some(max) => rule.allow_text_length(DataValidationRule::LessThanOrEqualTo(max as u32)),
                None => rule.allow_any_value(),
            },
            _ => rule.allow_any_value(),
        };
        let mut rule = rule
            .set_error_style(DataValidationErrorStyle::Stop)
            .set_error_title("Andere Angabe erwartet")?
            .set_error_message(shortened(&expected(field), LONGEST_MESSAGE))?;
        let message = input_message(field);
        if !message.is_empty() {
            rule = rule
                .set_input_title(shortened(&field.label, LONGEST_TITLE))?
                .set_input_message(shortened(&message, LONGEST_MESSAGE))?;
        }
        sheet.add_data_validation(row, column, last_row, column, &rule)?;
        Ok(())
    }

    /// Where the choices of a field stand on the list sheet.
    fn list_range(&self, sheet: &str, field: &str, choices: &[Choice]) -> String {
        let column = self
            .form
            .choice_fields()
            .position(|(s, f, _)| s.id == sheet && f.id == field)
            .unwrap_or(0);
        let letter = column_name(column as u32);
        format!(
            "={LISTS_SHEET}!${letter}${}:${letter}${}",
            LIST_FIRST + 1,
            LIST_FIRST + choices.len() as u32
        )
    }
}

/// What Excel shows beside a cell while it is filled in.
fn input_message(field: &Field) -> String {
    match (field.help.as_str(), field.pattern_hint.as_str()) {
        (help, "") => help.to_owned(),
        ("", hint) => format!("Erwartet wird {hint}."),
        (help, hint) => format!("{help} Erwartet wird {hint}."),
    }
}

/// What Excel says when it takes an entry back.
fn expected(field: &Field) -> String {
    let money = |euros: i64| Cent(euros.saturating_mul(100)).to_string();
    match &field.kind {
        FieldKind::YesNo => "Wählen Sie „ja“ oder „nein“.".to_owned(),
        FieldKind::Choice(_) => "Wählen Sie einen Eintrag aus der Liste.".to_owned(),
        FieldKind::Money => format!(
            "Geben Sie einen Betrag{} als Zahl ein, zum Beispiel 12000,00.",
            limits(field, money)
        ),
        FieldKind::Integer => format!(
            "Geben Sie eine ganze Zahl{} ein.",
            limits(field, |limit| limit.to_string())
        ),
        FieldKind::Date => "Geben Sie ein Datum ein, zum Beispiel 31.12.2026.".to_owned(),
        FieldKind::Text => field
            .max_length
            .map_or_else(String::new, |max| format!("Geben Sie höchstens {max} Zeichen ein.")),
        _ => String::new(),
    }
}

fn limits(field: &Field, shown: impl Fn(i64) -> String) -> String {
    match (field.min, field.max) {
        (Some(min), Some(max)) => format!(" von {} bis {}", shown(min), shown(max)),
        (Some(min), None) => format!(" von mindestens {}", shown(min)),
        (None, Some(max)) => format!(" von höchstens {}", shown(max)),
        (None, None) => String::new(),
    }
}
