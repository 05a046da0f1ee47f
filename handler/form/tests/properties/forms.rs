//! What the Träger of a form report, rightly and in all ways.

use crate::common;
use crate::plan::{Plan, spot, text};
use form::{Cent, Value};
use jiff::civil::Date;
use proptest::collection::vec;
use proptest::prelude::*;

pub const ALLE_ARTEN: &str = include_str!("../common/alle_arten.toml");

/// Texts of signs that XML, Excel or Unicode make something of.
pub fn note(longest: usize) -> impl Strategy<Value = String> {
    const PIECES: [&str; 20] = [
        "a", "Ö", "ü", "É", "ß", "7", " ", "\n", "&", "<", ">", "\"", "'", "=", "–", "€", "😀", ";", "_x0041_", "]]>",
    ];
    let fits = move |text: &String| !text.trim().is_empty() && text.trim() == text && text.chars().count() <= longest;
    vec(prop::sample::select(PIECES.as_slice()), 1..20)
        .prop_map(|pieces| pieces.concat().trim().to_owned())
        .prop_filter("neither blank nor too long", fits)
}

/// What a school of the real form reports: spent cents of its allocation in six parts.
#[derive(Debug, Clone)]
pub struct Spent {
    pub share: u32,
    pub weights: [u32; 6],
    pub main: usize,
    pub second: Option<usize>,
    pub why: usize,
    pub note: String,
}

pub fn spent() -> impl Strategy<Value = Spent> {
    (
        1..=1_000_000_u32,
        prop::array::uniform6(0..100_u32),
        0..8_usize,
        prop::option::of(1..8_usize),
        0..6_usize,
        note(250),
    )
        .prop_map(|(share, weights, main, second, why, note)| Spent {
            share,
            weights,
            main,
            second,
            why,
            note,
        })
}

pub const PARTS: [&str; 6] = [
    "davon_personal",
    "davon_dienstleistungen",
    "davon_sachmittel",
    "davon_fortbildung",
    "davon_lernorte",
    "davon_sonstiges",
];

/// The real form, filled without fault; `None` where nothing was spent anywhere.
pub fn chancenbudget(schools: Option<&[Spent]>) -> Plan {
    let mut plan = Plan::new(common::DEFINITION, common::vordruck());
    for field in ["zweck_bestaetigt", "vollstaendig_bestaetigt", "belege_liegen_vor"] {
        plan.mean("deckblatt", 0, field, Value::YesNo(true));
    }
    if schools.is_none() {
        plan.mean("deckblatt", 0, "keine_mittel_verausgabt", Value::YesNo(true));
    }
    let (mut assigned, mut total) = (0, 0);
    for line in 0..plan.vordruck.schulen.len() {
        let budget = plan.vordruck.schulen[line].zugewiesen.0;
        let cents = schools.map_or(0, |schools| budget * i64::from(schools[line].share) / 1_000_000);
        assigned += budget;
        total += cents;
        plan.mean("schulen", line, "verausgabt", Value::Money(Cent(cents)));
        plan.compute("schulen", line, "rest", budget - cents);
        let mut left = cents;
        for (n, part) in PARTS.iter().enumerate() {
            let weights = schools.map_or([0; 6], |schools| schools[line].weights);
            let piece = match n {
                0 => cents - (1..6).map(|n| cents * i64::from(weights[n]) / 600).sum::<i64>(),
                _ => cents * i64::from(weights[n]) / 600,
            };
            left -= piece;
            plan.mean("schulen", line, part, Value::Money(Cent(piece)));
        }
        assert_eq!(left, 0);
        match schools {
            None => plan.left_blank.extend(
                PARTS
                    .iter()
                    .copied()
                    .chain(["verausgabt"])
                    .map(|field| spot("schulen", line, field)),
            ),
            Some(schools) => {
                let Spent {
                    main,
                    second,
                    why,
                    note,
                    ..
                } = &schools[line];
                plan.mean("schulen", line, "schwerpunkt", text(&format!("B{}", main + 1)));
                if let Some(second) = second {
                    plan.mean(
                        "schulen",
                        line,
                        "schwerpunkt_2",
                        text(&format!("B{}", (main + second) % 8 + 1)),
                    );
                }
                plan.mean("schulen", line, "rest_grund", text(&format!("R{}", why + 1)));
                plan.mean("schulen", line, "anmerkung", text(note));
            }
        }
    }
    plan.compute("deckblatt", 0, "summe_zugewiesen", assigned);
    plan.compute("deckblatt", 0, "summe_verausgabt", total);
    plan.compute("deckblatt", 0, "summe_rest", assigned - total);
    plan
}

/// What a school of the form with all kinds reports.
#[derive(Debug, Clone)]
pub struct Filled {
    pub nothing: bool,
    /// Of the allocation, in thousandths from the half on.
    pub share: i64,
    pub first_part: i64,
    pub why: bool,
    pub second: bool,
    pub note: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Deckblatt {
    pub number: i64,
    pub cents: i64,
    pub day: Date,
    pub kind: usize,
    pub digits: u32,
    pub note: String,
}

/// Lines of a free sheet; blank ones between them.
pub type Lines = Vec<Option<(String, i64, Option<Date>)>>;

pub fn day() -> impl Strategy<Value = Date> {
    let first = Date::constant(1900, 1, 1);
    (0..2_958_464_i64).prop_map(move |days| {
        first
            .checked_add(jiff::Span::new().days(days))
            .expect("a day before the year 10000")
    })
}

pub fn filled() -> impl Strategy<Value = (Deckblatt, Vec<Filled>, Lines)> {
    let school = (
        any::<bool>(),
        0..=1_000_i64,
        0..=100_i64,
        any::<bool>(),
        any::<bool>(),
        prop::option::of(note(60)),
    )
        .prop_map(|(nothing, share, first_part, why, second, note)| Filled {
            nothing,
            share,
            first_part,
            why,
            second,
            note,
        });
    let largest = 900_000_000_000_000_i64;
    let cents = prop_oneof![-100_000..100_000_i64, -largest..largest];
    let front = (0..=1_000_000_i64, cents, day(), 0..3_usize, 0..100_000_u32, note(40)).prop_map(
        |(number, cents, day, kind, digits, note)| Deckblatt {
            number,
            cents,
            day,
            kind,
            digits,
            note,
        },
    );
    let line = prop::option::of((note(100), -50_000..50_000_i64, prop::option::of(day())));
    (front, vec(school, 4), vec(line, 6))
}

pub fn alle_arten((front, schools, lines): &(Deckblatt, Vec<Filled>, Lines)) -> Plan {
    let mut vordruck = common::vordruck();
    let mut fourth = vordruck.schulen[2].clone();
    fourth.nummer = form::Schulnummer::parse("000094").expect("six digits");
    fourth.kurzbezeichnung = "Duisburg, Köln & <Vier>".to_owned();
    fourth.zugewiesen = Cent(4_000_001);
    vordruck.schulen.push(fourth);
    let last = vordruck.schulen[0].zugewiesen.0 / 4 * 3;
    vordruck.schulen[0].letztes_mal.insert("gesamt".to_owned(), Cent(last));
    let mut plan = Plan::new(ALLE_ARTEN, vordruck);
    plan.mean("deckblatt", 0, "zahl", Value::Integer(front.number));
    plan.mean("deckblatt", 0, "betrag", Value::Money(Cent(front.cents)));
    plan.mean("deckblatt", 0, "tag", Value::Date(front.day));
    plan.mean("deckblatt", 0, "art", text(["01", "A", "10"][front.kind]));
    plan.mean("deckblatt", 0, "richtig", Value::YesNo(true));
    plan.mean("deckblatt", 0, "schule", text(&format!("{:06}", front.digits)));
    plan.mean("deckblatt", 0, "anderer", text(&format!("{:05}", front.digits)));
    plan.mean(
        "deckblatt",
        0,
        "kuerzel",
        text(&format!("AB-{}", front.digits % 10_000)),
    );
    plan.mean("deckblatt", 0, "notiz", text(&front.note));
    let mut total = 0;
    for (line, school) in schools.iter().enumerate() {
        let budget = plan.vordruck.schulen[line].zugewiesen.0;
        let nothing = school.nothing && line > 0;
        let cents = if nothing {
            0
        } else {
            budget / 2 + budget / 2 * school.share / 1_000
        };
        let first = cents * school.first_part / 100;
        total += cents;
        plan.mean("schulen", line, "keine", Value::YesNo(nothing));
        for (field, cents) in [("gesamt", cents), ("teil_a", first), ("teil_b", cents - first)] {
            plan.mean("schulen", line, field, Value::Money(Cent(cents)));
            if nothing && school.why {
                plan.left_blank.insert(spot("schulen", line, field));
            }
        }
        plan.compute("schulen", line, "rest", budget - cents);
        let (why, other) = if school.why { ("R1", "R2") } else { ("R2", "R1") };
        plan.mean("schulen", line, "grund", text(why));
        if school.second {
            plan.mean("schulen", line, "zweiter", text(other));
        }
        if !nothing {
            plan.mean("schulen", line, "zeichen", text(&format!("Zeichen {line}")));
        }
        if let Some(note) = &school.note {
            plan.mean("schulen", line, "anmerkung", text(note));
        }
    }
    plan.compute("deckblatt", 0, "summe", total);
    for (line, filled) in lines.iter().enumerate() {
        let Some((what, cents, day)) = filled else { continue };
        // Never whole thousands.
        let cents = cents * 2 + 1;
        plan.mean("zeilen", line, "was", text(what));
        plan.mean("zeilen", line, "kosten", Value::Money(Cent(cents)));
        plan.compute("zeilen", line, "doppelt", cents * 2);
        if let Some(day) = day {
            plan.mean("zeilen", line, "bis", Value::Date(*day));
        }
    }
    plan
}
