//! Ways to break what was rightly filled in, each with what is found then.

use crate::plan::{Found, Plan, found, spot, text};
use form::testing::Typed;
use form::{Cent, FieldKind, SheetKind, Spot, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The ways to break a cell, each with the code of its finding.
pub fn ways_to_break(plan: &Plan, spot: &Spot) -> Vec<(Typed<'static>, &'static str)> {
    const LONG: &str = match std::str::from_utf8(&[b'x'; 300]) {
        Ok(text) => text,
        Err(_) => "",
    };
    let field = plan.field(spot);
    if let Some(prefill) = field.prefill {
        let mut ways = vec![(Typed::Text("987654"), "S6"), (Typed::Formula("1+1", None), "S6")];
        if plan.vordruck.prefill(prefill, spot.line).is_some() {
            ways.push((Typed::Nothing, "S6"));
        }
        return ways;
    }
    let mut ways = vec![(Typed::Formula("1+1", None), "V10")];
    if field.required {
        ways.extend([(Typed::Nothing, "V1"), (Typed::Text(" \u{a0}\u{200b}"), "V1")]);
    }
    match &field.kind {
        FieldKind::Money => ways.extend([
            (Typed::Text("ca. 12.000 €"), "V2"),
            (Typed::Text("1.234"), "V2"),
            (Typed::Number("0.125"), "V4"),
            (Typed::Text("12,345"), "V2"),
            (Typed::Text("12,3456"), "V4"),
            (Typed::Number("1E14"), "V2"),
        ]),
        FieldKind::Integer => ways.extend([(Typed::Text("zwölf"), "V2"), (Typed::Number("1.5"), "V2")]),
        FieldKind::Date => ways.extend([
            (Typed::Text("im Mai"), "V2"),
            (Typed::Text("31.02.2026"), "V2"),
            (Typed::Text("31.12.2026 oder später"), "V2"),
        ]),
        FieldKind::Choice(_) => ways.extend([(Typed::Text("Unbekannt"), "V16"), (Typed::Number("4711"), "V16")]),
        FieldKind::YesNo => ways.extend([(Typed::Text("vielleicht"), "V16"), (Typed::Number("2"), "V16")]),
        FieldKind::Schulnummer => ways.extend([(Typed::Text("1234567"), "V2"), (Typed::Text("12345x"), "V2")]),
        FieldKind::Traegernummer => ways.extend([(Typed::Text("123456"), "V2"), (Typed::Text("-1234"), "V2")]),
        FieldKind::Text | FieldKind::Computed(_) => {}
    }
    if field.min.is_some() {
        ways.push((Typed::Number("-17"), "V3"));
    }
    if field.max.is_some() {
        ways.push((Typed::Number("1000001"), "V3"));
    }
    if field.max_length.is_some() {
        ways.push((Typed::Text(LONG), "V17"));
    }
    if field.pattern.is_some() {
        ways.push((Typed::Text("AB-12345"), "V17"));
    }
    ways
}

/// Breaks one to five cells; each `(which, how)` chooses among the cells and the ways to break them.
pub fn check_broken(plan: &Plan, habits: &[u8], breaks: &[(usize, usize)]) -> Result<(), TestCaseError> {
    let mut cells: Vec<Spot> = Vec::new();
    for sheet in &plan.form.sheets {
        for line in 0..plan.vordruck.lines(sheet) {
            // Unused lines of a free sheet may stay blank.
            let used = plan
                .meant
                .keys()
                .any(|spot| spot.sheet == sheet.id && spot.line == line);
            let fields = plan
                .vordruck
                .shown(sheet)
                .into_iter()
                .filter(|field| used && field.formula().is_none());
            cells.extend(fields.map(|field| spot(&sheet.id, line, &field.id)));
        }
    }
    let mut workbook = plan.workbook(habits);
    let mut expected = BTreeSet::new();
    let mut broken: BTreeSet<Spot> = BTreeSet::new();
    for (which, how) in breaks {
        let spot = cells[which % cells.len()].clone();
        let ways = ways_to_break(plan, &spot);
        let (typed, code) = ways[how % ways.len()];
        let nothing_spent = plan.meant.get(&self::spot(&spot.sheet, spot.line, "keine")) == Some(&Value::YesNo(true));
        let means_zero = code == "V1" && nothing_spent && plan.field(&spot).is_money();
        if means_zero || !is_independent(plan, &spot, &broken) {
            continue;
        }
        workbook = plan.overtype(workbook, &spot, typed);
        expected.insert(plan.expect(code, &spot.sheet, spot.line, &spot.field));
        broken.insert(spot);
    }
    let examination = plan.examine(&workbook);
    prop_assert_eq!(found(&examination), expected);
    prop_assert_eq!(examination.rows.is_none(), !broken.is_empty(), "{:?}", broken);
    Ok(())
}

/// Whether the finding on a cell does not hang on one of the others: a cell is broken once, a school is known by its
/// number or its name, a free line that is emptied counts no longer, and blanks that may mean zero are not asked for
/// while the cell that says so is wrong.
pub fn is_independent(plan: &Plan, spot: &Spot, others: &BTreeSet<Spot>) -> bool {
    use form::Prefill::{Kurzbezeichnung, SchuleNummer};
    let names = |spot: &Spot| matches!(plan.field(spot).prefill, Some(SchuleNummer | Kurzbezeichnung));
    let decides = |spot: &Spot| ["keine", "keine_mittel_verausgabt", "verausgabt"].contains(&spot.field.as_str());
    let free = |spot: &Spot| {
        matches!(
            plan.form.sheet(&spot.sheet).map(|sheet| sheet.kind),
            Some(SheetKind::Free { .. })
        )
    };
    let amount = |spot: &Spot| plan.field(spot).is_money() && plan.field(spot).is_input();
    others.iter().all(|other| {
        other != spot
            && !(names(spot) && names(other) && other.line == spot.line)
            && !(free(spot) && spot.sheet == other.sheet && other.line == spot.line)
            && !(decides(spot) && amount(other))
            && !(amount(spot) && decides(other))
    })
}

pub fn breaks() -> impl Strategy<Value = Vec<(usize, usize)>> {
    vec((any::<usize>(), any::<usize>()), 1..=5)
}

/// What does not fit together at one school, and what is found there.
pub fn break_rule(plan: &mut Plan, line: usize, which: usize, expected: &mut BTreeSet<Found>) {
    let budget = plan.vordruck.schulen[line].zugewiesen.0;
    let amounts = |plan: &mut Plan, amounts: [i64; 3]| {
        for (field, cents) in ["gesamt", "teil_a", "teil_b"].into_iter().zip(amounts) {
            plan.left_blank.remove(&spot("schulen", line, field));
            plan.mean("schulen", line, field, Value::Money(Cent(cents)));
        }
        plan.mean("schulen", line, "keine", Value::YesNo(false));
        plan.mean("schulen", line, "grund", text("R1"));
        plan.forget("schulen", line, "zweiter");
    };
    let half = budget / 4 * 3;
    let mut find = |plan: &Plan, code: &str, field: &str| {
        expected.insert(plan.expect(code, "schulen", line, field));
    };
    match which {
        0 => {
            amounts(plan, [half, half, 1]);
            find(plan, "V6", "gesamt");
        }
        1 => {
            amounts(plan, [budget + 1, 0, budget + 1]);
            find(plan, "V5", "gesamt");
        }
        2 => {
            amounts(plan, [half, half, 0]);
            plan.forget("schulen", line, "grund");
            find(plan, "V7", "grund");
        }
        3 => {
            plan.mean("schulen", line, "grund", text("R2"));
            plan.mean("schulen", line, "zweiter", text("R2"));
            find(plan, "V15", "zweiter");
        }
        4 => {
            plan.mean("schulen", line, "anmerkung", text("Fragen an info@schule.example.org"));
            find(plan, "V11", "anmerkung");
        }
        5 if line == 0 => {
            amounts(plan, [1, 0, 1]);
            find(plan, "W3", "gesamt");
        }
        5 => {
            amounts(plan, [half, half, 0]);
            plan.mean("schulen", line, "zeichen", text("ZEICHEN 0"));
            find(plan, "V14", "zeichen");
        }
        6 if line > 0 => {
            amounts(plan, [0, 0, 0]);
            plan.mean("schulen", line, "keine", Value::YesNo(true));
            plan.mean("schulen", line, "zeichen", text(&format!("doch {line}")));
            find(plan, "V12", "zeichen");
        }
        7 if line > 0 => {
            amounts(plan, [1, 1, 0]);
            plan.mean("schulen", line, "keine", Value::YesNo(true));
            plan.forget("schulen", line, "zeichen");
            find(plan, "V13", "gesamt");
            find(plan, "V13", "teil_a");
        }
        _ => {}
    }
}
