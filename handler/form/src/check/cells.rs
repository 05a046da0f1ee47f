//! Reads each cell by the kind of its field.

use super::locate::{Located, LocatedSheet};
use super::{Filled, Reports, Slot, Slots};
use crate::definition::{Choice, Field, FieldKind, Form};
use crate::eintraege::Spot;
use crate::finding::{self, Finding, Target};
use crate::grid::{Cell, is_error};
use crate::value::{self, Cent, NoAmount, Value, tidy};
use crate::vordruck::{Runde, Vordruck};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fmt::Display;

/// What the Träger typed into input cells: what is understood in the form's own type, anything else as it stands.
pub(super) fn typed(located: &Located<'_>, vordruck: &Vordruck) -> BTreeMap<Spot, Cell> {
    let days = Days::of(located, vordruck);
    let of_line = |found: &LocatedSheet<'_>, line| {
        let cell_of = found.line(line);
        let inputs = found.sheet.fields.iter().filter(|field| field.is_input());
        let typed = inputs.filter_map(|field| {
            let spot = || Spot {
                sheet: found.sheet.id.clone(),
                line,
                field: field.id.clone(),
            };
            cell_of(&field.id).map(|cell| (spot(), told(field, cell, days)))
        });
        typed.collect::<Vec<_>>()
    };
    let lines = located
        .sheets
        .iter()
        .flat_map(|found| (0..found.line_count()).map(move |line| (found, line)));
    lines.flat_map(|(found, line)| of_line(found, line)).collect()
}

/// What a number means that stands where a day belongs, in a cell without a format of dates.
#[derive(Clone, Copy)]
struct Days<'v> {
    date1904: bool,
    runde: &'v Runde,
}

impl<'v> Days<'v> {
    /// A day so near the Berichtszeitraum is a serial number; any other number is asked back.
    const YEARS_AROUND: i16 = 10;

    fn of(located: &Located<'_>, vordruck: &'v Vordruck) -> Days<'v> {
        Days {
            date1904: located.date1904,
            runde: &vordruck.runde,
        }
    }

    fn day(self, number: f64) -> Option<Date> {
        let first = self.runde.von.year() - Self::YEARS_AROUND;
        let last = self.runde.bis.year() + Self::YEARS_AROUND;
        let day = value::date_from_serial(number, self.date1904)?;
        (first..=last).contains(&day.year()).then_some(day)
    }
}

/// A cell as it goes into a fresh form, whose formulas see no amount in a text and whose format would make a day of any
/// number.
fn told(field: &Field, cell: &Cell, days: Days<'_>) -> Cell {
    match (read_cell(field, Some(cell), days, &Target::file), cell) {
        (Ok(Some(Value::Money(cent))), _) => Cell::Number(cent.to_euros()),
        (Ok(Some(Value::Integer(number))), _) => Cell::Number(number as f64),
        (Ok(Some(Value::Date(date))), _) => Cell::Date(date),
        (Ok(Some(value)), _) if field.kind != FieldKind::Text => Cell::Text(field.cell_text(&value)),
        (Err(_), Cell::Number(_)) if field.kind == FieldKind::Date => Cell::Text(cell.shown().into_owned()),
        _ => cell.clone(),
    }
}

/// Reads all cells; each that cannot be read is reported once.
pub(super) fn read<'a>(
    form: &'a Form,
    vordruck: &'a Vordruck,
    located: Located<'a>,
    reports: &mut Reports,
) -> Filled<'a> {
    let mut slots: Vec<Slots> = form.sheets.iter().map(|_| Slots::new()).collect();
    for found in &located.sheets {
        let id = found.sheet.id.as_str();
        let mut lines = Vec::with_capacity(found.line_count());
        for line in 0..found.line_count() {
            let cell_of = found.line(line);
            let mut read = |field: &'a Field| {
                let cell = cell_of(&field.id);
                read_field(form, vordruck, &located, found, line, field, cell).unwrap_or_else(|finding| {
                    reports.add(&located, id, line, &field.id, *finding);
                    Slot::Bad
                })
            };
            lines.push(found.sheet.fields.iter().map(&mut read).collect());
        }
        slots[found.index] = lines;
    }
    Filled {
        form,
        vordruck,
        located,
        slots,
    }
}

fn read_field<'a>(
    form: &'a Form,
    vordruck: &'a Vordruck,
    located: &Located<'a>,
    found: &LocatedSheet<'a>,
    line: usize,
    field: &'a Field,
    cell: Option<&Cell>,
) -> Read<Slot> {
    let at = || located.target(form, vordruck, &found.sheet.id, line, &field.id);
    let days = Days::of(located, vordruck);
    let value = match (&field.kind, field.prefill) {
        (FieldKind::Computed(_), _) => None,
        (_, None) if cell == Some(&Cell::Uncalculated) && located.is_fresh_form() => {
            return Err(Box::new(finding::lost_formula(&at())));
        }
        (_, None) => read_cell(field, cell, days, &at)?,
        (_, Some(prefill)) => {
            let expected = vordruck.prefill(prefill, line);
            // A column that is hidden for this Träger has no cell to compare.
            if found.address(line, &field.id).is_some() {
                compare(expected, field, cell, days, &at)?
            } else {
                expected
            }
        }
    };
    Ok(value.map_or(Slot::Blank, Slot::Value))
}

type Read<T> = Result<T, Box<Finding>>;

/// Where a cell stands, worked out only when there is something to say about it.
type At<'t, 'a> = &'t dyn Fn() -> Target<'a>;

/// A prefilled cell must still hold what we put there, however the program that saved it wrote it down.
fn compare(
    expected: Option<Value>,
    field: &Field,
    cell: Option<&Cell>,
    days: Days<'_>,
    at: At<'_, '_>,
) -> Read<Option<Value>> {
    if read_cell(field, cell, days, at).is_ok_and(|read| read == expected) {
        return Ok(expected);
    }
    let shown = cell.map(Cell::shown).unwrap_or_default();
    let expected_text = expected.as_ref().map(|value| field.cell_text(value));
    if expected_text.as_ref().is_some_and(|text| tidy(text) == shown) {
        return Ok(expected);
    }
    Err(Box::new(finding::changed_prefill(
        &at(),
        &shown,
        expected_text.as_deref(),
    )))
}

fn read_cell(field: &Field, cell: Option<&Cell>, days: Days<'_>, at: At<'_, '_>) -> Read<Option<Value>> {
    let Some(cell) = cell else { return Ok(None) };
    let wrong = |finding: Finding| Err(Box::new(finding));
    match cell {
        Cell::Error(_) => return wrong(finding::error_value(&at(), &cell.shown())),
        Cell::Uncalculated => return wrong(finding::uncalculated(&at())),
        Cell::Text(text) => match &*tidy(text) {
            "" => return Ok(None),
            error if is_error(error) => return wrong(finding::error_value(&at(), error)),
            _ => {}
        },
        _ => {}
    }
    // Numbers and days are not written out only to be read again.
    match (&field.kind, cell) {
        (FieldKind::Money, _) => return Ok(Some(Value::Money(read_amount(field, cell, at)?))),
        (FieldKind::Integer, _) => return Ok(Some(Value::Integer(read_integer(field, cell, at)?))),
        (FieldKind::Date, Cell::Date(date)) => return Ok(Some(Value::Date(*date))),
        (FieldKind::Date, Cell::Number(number)) => {
            return match days.day(*number) {
                Some(date) => Ok(Some(Value::Date(date))),
                None => wrong(finding::number_for_date(&at(), &cell.shown())),
            };
        }
        _ => {}
    }
    let shown = cell.shown();
    let value = match &field.kind {
        FieldKind::Date => match value::date_from_text(&shown) {
            Some(date) => Value::Date(date),
            None => return wrong(finding::no_date(&at(), &shown)),
        },
        FieldKind::YesNo => match shown.to_lowercase().as_str() {
            "ja" | "j" | "x" | "wahr" => Value::YesNo(true),
            "nein" | "n" | "falsch" => Value::YesNo(false),
            _ => return wrong(finding::not_yes_or_no(&at(), &shown)),
        },
        FieldKind::Choice(choices) => match read_choice(choices, &shown) {
            Some(code) => Value::Text(code),
            None => return wrong(finding::not_in_list(&at(), &shown, choices)),
        },
        FieldKind::Schulnummer => Value::Text(read_digits(&shown, 6, at)?),
        FieldKind::Traegernummer => Value::Text(read_digits(&shown, 5, at)?),
        FieldKind::Text => Value::Text(read_text(field, shown.into_owned(), at)?),
        FieldKind::Money | FieldKind::Integer | FieldKind::Computed(_) => return Ok(None),
    };
    Ok(Some(value))
}

fn read_amount(field: &Field, cell: &Cell, at: At<'_, '_>) -> Read<Cent> {
    let read = match cell {
        Cell::Number(number) => value::amount_from_number(*number),
        Cell::Text(text) => value::amount_from_text(text),
        _ => Err(NoAmount::Text),
    };
    let cent = read.map_err(|why| {
        Box::new(match why {
            NoAmount::Text => finding::no_amount(&at(), &cell.shown()),
            NoAmount::Ambiguous => finding::ambiguous_amount(&at(), &cell.shown()),
            NoAmount::TooManyDecimals => finding::too_many_decimals(&at(), &cell.shown()),
        })
    })?;
    let euros = |limit: i64| Cent(limit.saturating_mul(100));
    within(cent, field.min.map(euros), field.max.map(euros), at)
}

fn read_integer(field: &Field, cell: &Cell, at: At<'_, '_>) -> Read<i64> {
    let number = match cell {
        Cell::Number(number) => value::integer_from_number(*number),
        Cell::Text(text) => {
            let cent = value::amount_from_text(text).ok();
            cent.filter(|cent| cent.0 % 100 == 0).map(|cent| cent.0 / 100)
        }
        _ => None,
    };
    let number = number.ok_or_else(|| Box::new(finding::no_integer(&at(), &cell.shown())))?;
    within(number, field.min, field.max, at)
}

/// The number, if it lies between the limits of its field.
fn within<N: PartialOrd + Display>(number: N, min: Option<N>, max: Option<N>, at: At<'_, '_>) -> Read<N> {
    match (min, max) {
        (Some(min), _) if number < min => Err(Box::new(finding::too_small(
            &at(),
            &number.to_string(),
            &min.to_string(),
        ))),
        (_, Some(max)) if number > max => Err(Box::new(finding::too_large(
            &at(),
            &number.to_string(),
            &max.to_string(),
        ))),
        _ => Ok(number),
    }
}

/// `B1 – Deutsch`, the bare code and the bare label all mean the same; case, kind of dash and quotes do not matter.
fn read_choice(choices: &[Choice], shown: &str) -> Option<String> {
    let as_listed = |choice: &&Choice| {
        let label = shown
            .strip_prefix(choice.code.as_str())
            .and_then(|rest| rest.strip_prefix(" – "));
        label == Some(&choice.label)
    };
    if let Some(choice) = choices.iter().find(as_listed) {
        return Some(choice.code.clone());
    }
    let wanted = plain(shown);
    let fits = |choice: &&Choice| {
        let without_dash = format!("{}{}", choice.code, choice.label);
        let spellings = [&choice.code, &choice.label, &choice.cell_text(), &without_dash];
        spellings.into_iter().any(|text| plain(text) == wanted)
            // A code such as `02` that a program took for a number.
            || (choice.code.bytes().all(|b| b.is_ascii_digit()) && choice.code.trim_start_matches('0') == wanted)
    };
    choices.iter().find(fits).map(|choice| choice.code.clone())
}

/// A choice without what people write differently.
fn plain(text: &str) -> String {
    const DASHES: [char; 8] = ['‐', '‑', '‒', '–', '—', '―', '−', ':'];
    const AROUND: [char; 13] = ['"', '„', '“', '”', '‚', '‘', '’', '\'', '(', ')', '.', ',', ';'];
    let text = text.to_lowercase().replace(DASHES, "-");
    let text: String = text.split_whitespace().collect();
    match text.trim_matches(AROUND).trim_end_matches('-') {
        "" => text,
        plain => plain.to_owned(),
    }
}

fn read_digits(shown: &str, length: usize, at: At<'_, '_>) -> Read<String> {
    digits(shown, length).ok_or_else(|| Box::new(finding::no_number_of(&at(), shown, length)))
}

/// A number of so many digits, with the leading zeros that a program may have dropped and without the `.0` that one
/// may have added.
pub(super) fn digits(shown: &str, length: usize) -> Option<String> {
    let compact: String = shown
        .strip_suffix(".0")
        .unwrap_or(shown)
        .chars()
        .filter(|c| *c != ' ')
        .collect();
    let fits = (1..=length).contains(&compact.len()) && compact.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("{compact:0>length$}"))
}

fn read_text(field: &Field, shown: String, at: At<'_, '_>) -> Read<String> {
    if let Some(max) = field.max_length.filter(|max| shown.chars().count() > *max) {
        return Err(Box::new(finding::too_long(&at(), &shown, max)));
    }
    if field.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(&shown)) {
        return Err(Box::new(finding::not_the_pattern(&at(), &shown)));
    }
    Ok(shown)
}
