//! Workbooks to look at: a form for a Träger that does not exist, blank and filled.

use crate::definition::{Field, FieldKind, Form, Sheet, SheetKind};
use crate::eintraege::{Eintraege, Spot};
use crate::examine::examine;
use crate::grid::Cell;
use crate::rule::RuleKind;
use crate::value::{Cent, Schulnummer, Traegernummer};
use crate::vordruck::{Runde, Schule, Traeger, Vordruck};
use crate::write::{WriteError, write};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The workbooks of a form that everybody may see.
#[derive(Debug)]
pub struct Beispiel {
    /// As it is handed out, nothing filled in.
    pub muster: Vec<u8>,
    /// Filled, with nothing to complain about; `None` where the rules of the form are too much for made-up entries.
    pub ausgefuellt: Option<Vec<u8>>,
}

/// Writes them. `tag` is their day of creation and lies in their Berichtszeitraum, a calendar year.
/// Nothing for a day at the edge of the calendar.
pub fn beispiel(form: &Form, tag: Date) -> Result<Option<Beispiel>, WriteError> {
    let Some(vordruck) = beispiel_vordruck(tag) else {
        return Ok(None);
    };
    Ok(Some(Beispiel {
        muster: write(form, &vordruck, &Eintraege::default())?,
        ausgefuellt: filled(form, &vordruck)?,
    }))
}

/// What the forms to look at are prefilled with: all of it is made up.
pub fn beispiel_vordruck(tag: Date) -> Option<Vordruck> {
    let schulen = [
        ("999991", "Musterstadt, GG Am Beispiel", "02", 4_000_000),
        ("999992", "Musterstadt, GE Musterweg", "15", 8_500_000),
        ("999993", "Musterstadt, BK Probe", "30", 6_250_000),
    ];
    let schule = |(nummer, name, schulform, zugewiesen): (&str, &str, &str, i64)| {
        Some(Schule {
            nummer: Schulnummer::parse(nummer)?,
            kurzbezeichnung: name.to_owned(),
            schulform: schulform.to_owned(),
            aufnahmejahr: "2024/25".to_owned(),
            traeger: String::new(),
            zugewiesen: Cent(zugewiesen),
            uebertrag: Cent(0),
            letztes_mal: BTreeMap::new(),
        })
    };
    Some(Vordruck {
        runde: Runde {
            kennung: "beispiel".to_owned(),
            von: Date::new(tag.year(), 1, 1).ok()?,
            bis: Date::new(tag.year(), 12, 31).ok()?,
            eroeffnet: tag.to_zoned(TimeZone::UTC).ok()?.timestamp(),
            beispiel: true,
        },
        traeger: Traeger {
            nummer: Traegernummer::parse("99999")?,
            name: "Musterstadt".to_owned(),
            bezirksregierung: "1".to_owned(),
        },
        schulen: schulen.into_iter().map(schule).collect::<Option<_>>()?,
    })
}

/// The first entries that pass: with optional fields, or else without them.
fn filled(form: &Form, vordruck: &Vordruck) -> Result<Option<Vec<u8>>, WriteError> {
    /// Each round fills or clears what the one before complained about.
    const ROUNDS: usize = 6;
    for with_optional in [true, false] {
        let mut eintraege = entries(form, vordruck, with_optional);
        for _ in 0..ROUNDS {
            let workbook = write(form, vordruck, &eintraege)?;
            let Ok(examination) = examine(form, vordruck, &workbook) else {
                return Ok(None);
            };
            if examination.findings.is_empty() {
                return Ok(Some(workbook));
            }
            let places: Vec<Spot> = examination.eintraege.notes.into_keys().collect();
            if places.is_empty() {
                break;
            }
            for spot in places {
                mend(form, vordruck, &mut eintraege, spot);
            }
        }
    }
    Ok(None)
}

/// An entry for each field that needs one, and for the optional ones that no rule speaks of.
fn entries(form: &Form, vordruck: &Vordruck, with_optional: bool) -> Eintraege {
    /// A table of free lines shows how it is meant with two of them.
    const LINES: usize = 2;
    let mut eintraege = Eintraege::default();
    for sheet in &form.sheets {
        let lines = match sheet.kind {
            SheetKind::Free { rows } => LINES.min(rows as usize),
            _ => vordruck.lines(sheet),
        };
        for line in 0..lines {
            for field in sheet.fields.iter().filter(|field| field.is_input()) {
                if field.required || (with_optional && !is_ruled(form, sheet, field)) {
                    put(form, vordruck, &mut eintraege, sheet, line, field);
                }
            }
            add_up(form, &mut eintraege, sheet, line);
        }
    }
    eintraege
}

fn is_ruled(form: &Form, sheet: &Sheet, field: &Field) -> bool {
    let mut rules = form.rules.iter().filter(|rule| rule.sheet == sheet.id);
    rules.any(|rule| {
        let in_kind = match &rule.kind {
            RuleKind::SumOf { parts } => parts.contains(&field.id),
            RuleKind::Differs { other } => *other == field.id,
            _ => false,
        };
        in_kind || rule.fields.contains(&field.id)
    })
}

fn put(form: &Form, vordruck: &Vordruck, eintraege: &mut Eintraege, sheet: &Sheet, line: usize, field: &Field) {
    if let Some(cell) = entry(form, vordruck, sheet, line, field) {
        eintraege.put(&sheet.id, line, &field.id, cell);
    }
}

/// Something that fits the kind and the limits of a field.
fn entry(form: &Form, vordruck: &Vordruck, sheet: &Sheet, line: usize, field: &Field) -> Option<Cell> {
    let wanted = form.rules.iter().find_map(|rule| match &rule.kind {
        RuleKind::MustBe { value } if rule.sheet == sheet.id && rule.fields.contains(&field.id) => Some(value),
        _ => None,
    });
    let within = |number: i64| {
        let number = field.max.map_or(number, |max| number.min(max));
        field.min.map_or(number, |min| number.max(min))
    };
    Some(match &field.kind {
        FieldKind::Computed(_) => return None,
        FieldKind::Money => {
            let have = vordruck
                .schulen
                .get(line)
                .map_or(1_234_560, |schule| schule.zugewiesen.0);
            let some = Cent(have * (61 + line as i64) / 100 + 40).to_euros();
            let limit = |limit: Option<i64>, otherwise: f64| limit.map_or(otherwise, |limit| limit as f64);
            Cell::Number(some.min(limit(field.max, f64::MAX)).max(limit(field.min, f64::MIN)))
        }
        FieldKind::Integer => Cell::Number(within(12 + line as i64) as f64),
        FieldKind::Date => Cell::Date(
            vordruck
                .runde
                .von
                .checked_add(jiff::Span::new().days(40 + line as i64))
                .ok()?,
        ),
        FieldKind::YesNo => match wanted {
            Some(value) => Cell::Text(value.clone()),
            None => Cell::Text(if field.required { "ja" } else { "nein" }.to_owned()),
        },
        FieldKind::Choice(choices) => {
            let wanted = wanted.and_then(|code| choices.iter().find(|choice| choice.code == *code));
            let choice = wanted.or_else(|| choices.get(line % choices.len().max(1)))?;
            Cell::Text(choice.cell_text())
        }
        FieldKind::Schulnummer => Cell::Text(vordruck.schulen.get(line)?.nummer.to_string()),
        FieldKind::Traegernummer => Cell::Text(vordruck.traeger.nummer.to_string()),
        FieldKind::Text => Cell::Text(wanted.cloned().or_else(|| text(field, line))?),
    })
}

/// A text that has the form and the length that a field asks for.
fn text(field: &Field, line: usize) -> Option<String> {
    let number = line + 1;
    let texts = [
        format!("Beispiel {number}"),
        format!("B{number}"),
        format!("{number}"),
        format!("{number:02}"),
        format!("{number:03}"),
        format!("{number:04}"),
        format!("{number:05}"),
        format!("{number:06}"),
        format!("202{number}"),
        format!("202{number}/2{}", number + 1),
        format!("beispiel-{number}"),
        format!("beispiel-{number}@example.org"),
        format!("DE{number:020}"),
        "Beispiel".to_owned(),
        "B".to_owned(),
    ];
    texts.into_iter().find(|text| {
        field.max_length.is_none_or(|max| text.chars().count() <= max)
            && field.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
    })
}

/// Shares out each sum among its parts, the first of them most, and makes it what they come to.
fn add_up(form: &Form, eintraege: &mut Eintraege, sheet: &Sheet, line: usize) {
    for rule in form.rules.iter().filter(|rule| rule.sheet == sheet.id) {
        let (RuleKind::SumOf { parts }, Some(whole)) = (&rule.kind, rule.fields.first()) else {
            continue;
        };
        let spot = |field: &str| Spot {
            sheet: sheet.id.clone(),
            line,
            field: field.to_owned(),
        };
        let Some(Cell::Number(total)) = eintraege.cells.get(&spot(whole)).cloned() else {
            continue;
        };
        let total = (total * 100.0).round() as i64;
        let count = parts.len() as i64;
        let mut left = total;
        let mut sum = 0;
        for (n, part) in (0..).zip(parts) {
            let share = if n + 1 == count {
                left
            } else {
                total * 2 * (count - n) / (count * (count + 1))
            };
            let limits = sheet
                .field(part)
                .map(|field| (field.min, field.max))
                .unwrap_or_default();
            let share = limits.1.map_or(share, |max| share.min(max.saturating_mul(100)));
            let share = limits.0.map_or(share, |min| share.max(min.saturating_mul(100)));
            left -= share;
            sum += share;
            eintraege.cells.insert(spot(part), Cell::Number(Cent(share).to_euros()));
        }
        eintraege.cells.insert(spot(whole), Cell::Number(Cent(sum).to_euros()));
    }
}

/// Fills what is missing, empties what may stay empty, and lowers what must be there.
fn mend(form: &Form, vordruck: &Vordruck, eintraege: &mut Eintraege, spot: Spot) {
    let Some(sheet) = form.sheet(&spot.sheet) else { return };
    let Some(field) = sheet.field(&spot.field).filter(|field| field.is_input()) else {
        return;
    };
    match eintraege.cells.get(&spot) {
        None => put(form, vordruck, eintraege, sheet, spot.line, field),
        Some(_) if !field.required => {
            eintraege.cells.remove(&spot);
        }
        Some(Cell::Number(number)) => {
            let less = (number * 25.0).round() / 100.0;
            eintraege.cells.insert(spot.clone(), Cell::Number(less));
            add_up(form, eintraege, sheet, spot.line);
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::definition;

    const TAG: Date = Date::constant(2026, 11, 22);

    #[test]
    fn limits_lists_and_rules_of_any_form_are_kept() {
        let fields = r#"rows = 5
[[sheet.field]]
id = "nummer"
label = "Nummer"
kind = "text"
pattern = "[0-9]{4}"
required = true
[[sheet.field]]
id = "anzahl"
label = "Anzahl"
kind = "integer"
min = 100
max = 110
required = true
[[sheet.field]]
id = "betrag"
label = "Betrag"
kind = "money"
max = 5
required = true
[[sheet.field]]
id = "tag"
label = "Tag"
kind = "date"
[[sheet.field]]
id = "art"
label = "Art"
kind = "choice"
choices = [{ code = "A", label = "Eins" }]
[[sheet.field]]
id = "grund"
label = "Grund"
kind = "text"
max_length = 3
[[sheet.field]]
id = "sicher"
label = "Sicher"
kind = "yes_no"
required = true
[[rule]]
kind = "distinct"
sheet = "blatt"
field = "nummer"
[[rule]]
kind = "at_most"
sheet = "blatt"
field = "betrag"
bound = "2"
[[rule]]
kind = "required_if"
sheet = "blatt"
field = "grund"
wenn = "anzahl > 3"
[[rule]]
kind = "must_be"
sheet = "blatt"
field = "sicher"
value = "nein"
"#;
        let form = Form::parse(&definition("free", fields)).expect("a form");
        let workbook = beispiel(&form, TAG)
            .expect("workbooks")
            .expect("a day")
            .ausgefuellt
            .expect("an example");
        let vordruck = beispiel_vordruck(TAG).expect("made-up data");
        let rows = examine(&form, &vordruck, &workbook)
            .expect("readable")
            .rows
            .expect("rows");
        let row = &rows["blatt"][0];
        let shown: Vec<String> = form.sheets[0]
            .fields
            .iter()
            .map(|field| row.text(&field.id).unwrap_or_default())
            .collect();
        expect_test::expect!["0001; 100; 1,25; 10.02.2026; A; B1; nein"].assert_eq(&shown.join("; "));
    }

    #[test]
    fn where_the_rules_leave_nothing_to_enter_there_is_only_the_blank_form() {
        let fields = r#"[[sheet.field]]
id = "kurz"
label = "Kurz"
kind = "text"
pattern = "[xyz]{9}"
required = true
"#;
        let form = Form::parse(&definition("once", fields)).expect("a form");
        let beispiel = beispiel(&form, TAG).expect("workbooks").expect("a day");
        assert!(beispiel.ausgefuellt.is_none() && !beispiel.muster.is_empty());
    }
}
