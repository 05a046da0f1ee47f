//! A form with what is meant by its cells, typed as many people type.

use form::testing::{Typed, fill};
use form::{Cell, Cent, Eintraege, Examination, Field, FieldKind, Form, Row, Rows, Spot, Value, Vordruck};
use form::{cell_name, examine, write};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A form with what is meant by each input cell.
pub struct Plan {
    pub form: Form,
    pub vordruck: Vordruck,
    pub meant: BTreeMap<Spot, Value>,
    /// Zeros that are meant by a blank.
    pub left_blank: BTreeSet<Spot>,
    pub computed: BTreeMap<Spot, Value>,
}

pub fn spot(sheet: &str, line: usize, field: &str) -> Spot {
    Spot {
        sheet: sheet.to_owned(),
        line,
        field: field.to_owned(),
    }
}

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

impl Plan {
    pub fn new(definition: &str, vordruck: Vordruck) -> Plan {
        Plan {
            form: Form::parse(definition).unwrap_or_else(|problems| panic!("{problems:#?}")),
            vordruck,
            meant: BTreeMap::new(),
            left_blank: BTreeSet::new(),
            computed: BTreeMap::new(),
        }
    }

    pub fn mean(&mut self, sheet: &str, line: usize, field: &str, value: Value) {
        self.meant.insert(spot(sheet, line, field), value);
    }

    pub fn forget(&mut self, sheet: &str, line: usize, field: &str) {
        self.meant.remove(&spot(sheet, line, field));
    }

    pub fn compute(&mut self, sheet: &str, line: usize, field: &str, cent: i64) {
        self.computed.insert(spot(sheet, line, field), Value::Money(Cent(cent)));
    }

    pub fn field(&self, spot: &Spot) -> &Field {
        let sheet = self.form.sheet(&spot.sheet).expect("the sheet");
        sheet.field(&spot.field).expect("the field")
    }

    /// Writes the workbook; each value as the next of the habits has it.
    pub fn workbook(&self, habits: &[u8]) -> Vec<u8> {
        let mut eintraege = Eintraege::default();
        let typed = self.meant.iter().filter(|(spot, _)| !self.left_blank.contains(spot));
        for ((spot, value), habit) in typed.zip(habits.iter().cycle()) {
            let cell = type_value(self.field(spot), value, *habit);
            eintraege.put(&spot.sheet, spot.line, &spot.field, cell);
        }
        write(&self.form, &self.vordruck, &eintraege).expect("a workbook")
    }

    pub fn examine(&self, workbook: &[u8]) -> Examination {
        examine(&self.form, &self.vordruck, workbook).expect("readable")
    }

    pub fn rows(&self) -> Rows {
        let value = |spot: Spot, field: &Field| match field.prefill {
            Some(prefill) => self.vordruck.prefill(prefill, spot.line),
            None => self.meant.get(&spot).or(self.computed.get(&spot)).cloned(),
        };
        let row = |sheet: &form::Sheet, line| {
            let values = sheet.fields.iter();
            Row::new(values.filter_map(|field| Some((&*field.id, value(spot(&sheet.id, line, &field.id), field)?))))
        };
        let rows = |sheet: &form::Sheet| {
            let all = (0..self.vordruck.lines(sheet)).map(|line| row(sheet, line));
            all.filter(|row| !row.is_empty()).collect()
        };
        let sheets = self.form.sheets.iter();
        sheets.map(|sheet| (sheet.id.clone(), rows(sheet))).collect()
    }

    /// The sheet's name and the cell where a field stands in a fresh form.
    pub fn place(&self, spot: &Spot) -> (String, String) {
        let sheet = self.form.sheet(&spot.sheet).expect("the sheet");
        let shown = self.vordruck.shown(sheet);
        let n = shown.iter().position(|field| field.id == spot.field).expect("shown") as u32;
        let cell = if sheet.is_once() {
            cell_name(3 + n, 1)
        } else {
            cell_name(4 + spot.line as u32, n)
        };
        (sheet.title.clone(), cell)
    }

    pub fn expect(&self, code: &str, sheet: &str, line: usize, field: &str) -> Found {
        let (sheet, cell) = self.place(&spot(sheet, line, field));
        (code.to_owned(), sheet, cell)
    }

    /// Types over cells of the written workbook.
    pub fn overtype(&self, workbook: Vec<u8>, spot: &Spot, typed: Typed<'_>) -> Vec<u8> {
        let (sheet, cell) = self.place(spot);
        fill(&workbook, &sheet, &[(&cell, typed)])
    }
}

/// Code, sheet and cell.
pub type Found = (String, String, String);

pub fn found(examination: &Examination) -> BTreeSet<Found> {
    let mut all = BTreeSet::new();
    for finding in &examination.findings {
        let cells = match finding.place.cells.as_slice() {
            [] => &[String::new()],
            cells => cells,
        };
        for cell in cells {
            all.insert((finding.code.clone(), finding.place.sheet.clone(), cell.clone()));
        }
    }
    all
}

/// A value as one of many people types it; the first habit is the plainest.
pub fn type_value(field: &Field, value: &Value, habit: u8) -> Cell {
    let pick = |ways: Vec<Cell>| ways[usize::from(habit) % ways.len()].clone();
    let said = |text: &str| Cell::Text(text.to_owned());
    let edges = |text: &str| Cell::Text(format!(" \u{a0}{text}\u{200b}\t"));
    match (&field.kind, value) {
        (FieldKind::Choice(choices), Value::Text(code)) => {
            let choice = choices.iter().find(|choice| choice.code == *code).expect("a choice");
            let full = choice.cell_text();
            let mut ways = vec![
                said(&full),
                said(code),
                said(&choice.label),
                edges(&full),
                said(&full.to_lowercase()),
                said(&full.replace('–', "-")),
                said(&full.replace(' ', "")),
            ];
            ways.extend(code.parse().map(Cell::Number));
            pick(ways)
        }
        (FieldKind::Schulnummer | FieldKind::Traegernummer, Value::Text(digits)) => pick(vec![
            said(digits),
            Cell::Number(digits.parse().expect("digits")),
            edges(digits),
            said(&format!("{} {}", &digits[..3], &digits[3..])),
            said(&format!("{digits}.0")),
        ]),
        (_, Value::Text(text)) => pick(vec![
            said(text),
            edges(text),
            said(&text.replace('ü', "u\u{308}").replace('É', "E\u{301}")),
        ]),
        (_, Value::YesNo(true)) => pick(vec![said("ja"), said("Ja"), edges("JA"), said("x"), Cell::Bool(true)]),
        (_, Value::YesNo(false)) => pick(vec![said("nein"), said("N"), edges("Nein"), Cell::Bool(false)]),
        (_, Value::Date(date)) => pick(vec![
            Cell::Date(*date),
            said(&value.text()),
            edges(&date.to_string()),
            said(&format!("{}.{}.{:04}", date.day(), date.month(), date.year())),
            said(&format!("{date} 00:00:00")),
            said(&format!("{date}T00:00:00")),
        ]),
        (_, Value::Integer(number)) => pick(vec![
            Cell::Number(*number as f64),
            said(&number.to_string()),
            edges(&format!("{number},00")),
        ]),
        (_, Value::Money(cent)) => {
            let plain = cent.text().replace('.', "");
            let mut ways = vec![
                Cell::Number(cent.to_euros()),
                said(&plain),
                said(&cent.to_string()),
                edges(&cent.text()),
                said(&cent.text().replace('.', " ")),
                said(&cent.text().replace('.', "\u{a0}")),
                said(&format!("EUR {plain}")),
                said(&plain.replace(',', ".")),
                said(&plain.replace('-', "−")),
            ];
            if let Some(full) = plain.strip_suffix(",00") {
                ways.push(said(full));
                ways.push(said(&format!("{full},-")));
            }
            pick(ways)
        }
    }
}

pub fn habits() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..40)
}
