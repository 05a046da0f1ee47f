//! Typed values of a filled form, and how people write them.

use crate::expression::{Decimal, Operand};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// An amount in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cent(pub i64);

/// Six digits that name a school in NRW.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Schulnummer(String);

/// Five digits that name a Schulträger in NRW.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Traegernummer(String);

/// What a cell of a filled form holds, once checked. In JSON a plain number, truth or text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    Money(Cent),
    Integer(i64),
    YesNo(bool),
    Date(Date),
    /// Texts and the codes of choices.
    Text(String),
}

/// One line of a sheet: values by field id. A blank field is absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Row {
    #[serde(with = "told_apart")]
    values: Vec<(Arc<str>, Value)>,
}

/// All lines of a filled form, by sheet id. A sheet that is filled once has one line.
pub type Rows = BTreeMap<String, Vec<Row>>;

/// Values of a row in JSON, where an amount and a day say what they are, so that they come back as what they were.
mod told_apart {
    use super::{Arc, Cent, Date, Value};
    use serde::de::{Error, MapAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::fmt;

    #[derive(Serialize)]
    #[serde(untagged)]
    enum ToldApart<'v> {
        Money { cent: Cent },
        Date { tag: Date },
        Plain(&'v Value),
    }

    pub(super) fn serialize<S: Serializer>(values: &[(Arc<str>, Value)], to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(values.iter().map(|(field, value)| {
            let value = match value {
                Value::Money(cent) => ToldApart::Money { cent: *cent },
                Value::Date(date) => ToldApart::Date { tag: *date },
                plain => ToldApart::Plain(plain),
            };
            (&**field, value)
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(Arc<str>, Value)>, D::Error> {
        from.deserialize_map(Values)
    }

    struct Values;

    impl<'de> Visitor<'de> for Values {
        type Value = Vec<(Arc<str>, Value)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the values of a row")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut values: Self::Value = Vec::new();
            while let Some((Id(field), Told(value))) = map.next_entry()? {
                values.push((field, value));
            }
            values.sort_by(|(a, _), (b, _)| a.cmp(b));
            Ok(values)
        }
    }

    /// The id of a field, without a copy on the way.
    struct Id(Arc<str>);

    impl<'de> Deserialize<'de> for Id {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Id, D::Error> {
            struct Text;
            impl Visitor<'_> for Text {
                type Value = Id;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("the id of a field")
                }

                fn visit_str<E: Error>(self, id: &str) -> Result<Id, E> {
                    Ok(Id(Arc::from(id)))
                }
            }
            from.deserialize_str(Text)
        }
    }

    /// A value that says what it is. Told by the form of the JSON itself, because rows come by the ten thousand.
    struct Told(Value);

    impl<'de> Deserialize<'de> for Told {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Told, D::Error> {
            from.deserialize_any(TellApart).map(Told)
        }
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Cent,
        Tag,
    }

    struct TellApart;

    impl<'de> Visitor<'de> for TellApart {
        type Value = Value;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value of a row")
        }

        fn visit_bool<E: Error>(self, yes: bool) -> Result<Value, E> {
            Ok(Value::YesNo(yes))
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
            Ok(Value::Integer(number))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
            i64::try_from(number).map(Value::Integer).map_err(E::custom)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
            Ok(Value::Text(text.to_owned()))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
            match map.next_key()? {
                Some(Kind::Cent) => map.next_value().map(Value::Money),
                Some(Kind::Tag) => map.next_value().map(Value::Date),
                None => Err(A::Error::custom("neither an amount nor a day")),
            }
        }
    }
}

impl Cent {
    /// As people write it: `12.345,67`.
    pub fn text(self) -> String {
        let digits = format!("{:03}", self.0.unsigned_abs());
        let (euros, cents) = digits.split_at(digits.len() - 2);
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{},{cents}", thousands(euros))
    }

    /// For workbooks, which know only floating numbers.
    pub fn to_euros(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

impl fmt::Display for Cent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} €", self.text())
    }
}

fn thousands(digits: &str) -> String {
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = Vec::new();
    if first > 0 {
        groups.push(&digits[..first]);
    }
    groups.extend((first..digits.len()).step_by(3).map(|start| &digits[start..start + 3]));
    groups.join(".")
}

macro_rules! digits_type {
    ($name:ident, $length:literal, $what:literal) => {
        impl $name {
            /// Takes exactly the digits that make up the number, blanks around them aside.
            pub fn parse(text: &str) -> Option<$name> {
                let text = text.trim();
                (text.len() == $length && text.bytes().all(|b| b.is_ascii_digit())).then(|| $name(text.to_owned()))
            }

            /// The digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<$name, String> {
                $name::parse(&text).ok_or_else(|| format!(concat!("„{}“ ist keine ", $what), text))
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> String {
                number.0
            }
        }
    };
}

digits_type!(Schulnummer, 6, "Schulnummer (sechs Ziffern)");
digits_type!(Traegernummer, 5, "Schulträgernummer (fünf Ziffern)");

impl Value {
    /// As people read it on an Eingangsbestaetigung.
    pub fn text(&self) -> String {
        match self {
            Value::Money(cent) => cent.text(),
            Value::Integer(number) => number.to_string(),
            Value::YesNo(yes) => if *yes { "ja" } else { "nein" }.to_owned(),
            Value::Date(date) => date_text(*date),
            Value::Text(text) => text.clone(),
        }
    }

    pub(crate) fn operand(&self) -> Operand {
        match self {
            Value::Money(cent) => Operand::Number(Decimal::from_cent(cent.0)),
            Value::Integer(number) => Operand::Number(Decimal::from_integer(*number)),
            other => Operand::Text(other.text()),
        }
    }
}

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

/// `22. November 2026`.
pub fn day_text(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    format!("{}. {} {}", day.day(), MONTHS[day.month() as usize - 1], day.year())
}

/// `31.12.2026`.
pub fn date_text(date: Date) -> String {
    date.strftime("%d.%m.%Y").to_string()
}

/// What people type, without what they do not see: composed characters, plain blanks, no signs that are invisible or
/// turn the direction of reading, no edges. Line breaks inside a text stay, of whatever kind they were.
pub(crate) fn tidy(text: &str) -> Cow<'_, str> {
    // Letters of German, dashes and quotes: nothing that is invisible or could be composed.
    let plain = |c| matches!(c, ' '..='~' | '\u{A1}'..='\u{AC}' | '\u{AE}'..='\u{2FF}' | '\u{2010}'..='\u{2027}' | '€');
    if text.chars().all(plain) {
        return Cow::Borrowed(text.trim());
    }
    let text = text.replace("\r\n", "\n");
    let visible = text.chars().filter_map(|c| match c {
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}' => None,
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    });
    Cow::Owned(visible.nfc().collect::<String>().trim().to_owned())
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAmount {
    Text,
    /// `1.234` may be a thousand or a fraction, and so may `1,234`.
    Ambiguous,
    TooManyDecimals,
}

/// No school has more; sums of such amounts stay far from what an `i64` holds.
const LARGEST_EUROS: f64 = 9e12;

/// Reads an amount that was typed as text, where only one reading is possible: `1.234,50 €`, `12000,00`, `-3`.
pub(crate) fn amount_from_text(text: &str) -> Result<Cent, NoAmount> {
    let text = tidy(text).to_lowercase();
    let units = ["€", "euro", "eur"];
    let bare = units
        .iter()
        .find_map(|unit| text.strip_suffix(unit).or_else(|| text.strip_prefix(unit)));
    let text = bare.unwrap_or(&text).trim();
    let (sign, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (-1, rest.trim_start()),
        None => (1, text.strip_prefix('+').unwrap_or(text).trim_start()),
    };
    // `12.000,-` is a way to write full euros.
    let text = match text.trim_end_matches(['-', '–', '—']) {
        full if full.len() < text.len() && full.ends_with(',') => format!("{full}00"),
        _ => text.to_owned(),
    };
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ')) {
        return Err(NoAmount::Text);
    }
    let (whole, decimals) = split_decimals(&text)?;
    if decimals.len() > 2 && decimals[2..].bytes().any(|b| b != b'0') {
        return Err(NoAmount::TooManyDecimals);
    }
    let cents: String = format!("{decimals:0<2}").chars().take(2).collect();
    let value = format!("{whole}{cents}").parse::<i64>().map_err(|_| NoAmount::Text)?;
    let cent = Cent(sign * value);
    if cent.to_euros().abs() > LARGEST_EUROS {
        Err(NoAmount::Text)
    } else {
        Ok(cent)
    }
}

/// Whole digits and decimals; a lone point or comma is ambiguous where it could set thousands apart.
fn split_decimals(text: &str) -> Result<(String, &str), NoAmount> {
    let count = |mark: char| text.matches(mark).count();
    let (decimal_mark, group_mark) = match (count(','), count('.'), count(' ')) {
        (0, 0, _) => (None, ' '),
        (1, 0, 0) | (0, 1, 0) if may_be_thousands(text) => return Err(NoAmount::Ambiguous),
        (1, 0, _) => (Some(','), ' '),
        (0, 1, _) => (Some('.'), ' '),
        (0, _, 0) => (None, '.'),
        (1, _, 0) if text.rfind(',') > text.rfind('.') => (Some(','), '.'),
        (_, 1, 0) if text.rfind('.') > text.rfind(',') => (Some('.'), ','),
        _ => return Err(NoAmount::Text),
    };
    let (whole, decimals) = decimal_mark
        .and_then(|mark| text.split_once(mark))
        .unwrap_or((text, ""));
    let groups: Vec<&str> = whole.split(group_mark).collect();
    let grouped = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    if groups.iter().any(|group| group.is_empty()) || !grouped || decimals.contains(group_mark) {
        return Err(NoAmount::Text);
    }
    Ok((groups.concat(), decimals))
}

/// `1.234` and `12,000`, but neither `0,125` nor `1234,567`.
fn may_be_thousands(text: &str) -> bool {
    let (before, after) = text.split_once(['.', ',']).unwrap_or((text, ""));
    (1..=3).contains(&before.len()) && !before.starts_with('0') && after.len() == 3
}

/// A numeric cell as an amount. Noise beyond 15 digits is rounded away; real third decimals are not.
pub(crate) fn amount_from_number(number: f64) -> Result<Cent, NoAmount> {
    if !number.is_finite() || number.abs() > LARGEST_EUROS {
        return Err(NoAmount::Text);
    }
    let cents = number * 100.0;
    let rounded = cents.round();
    let noise = (number.abs() * 1e-13).max(1e-7);
    if (cents - rounded).abs() / 100.0 > noise {
        return Err(NoAmount::TooManyDecimals);
    }
    Ok(Cent(rounded as i64))
}

/// A numeric cell as a whole number, rounded to the fifteen digits that programs show.
pub(crate) fn integer_from_number(number: f64) -> Option<i64> {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return Some(number as i64);
    }
    let rounded: f64 = format!("{number:.14e}").parse().ok()?;
    (rounded.fract() == 0.0 && rounded.abs() < 1e15).then_some(rounded as i64)
}

/// `31.12.2026`, `31. 12. 2026` or `2026-12-31`, with or without a time of day behind it and nothing else.
pub(crate) fn date_from_text(text: &str) -> Option<Date> {
    let text = tidy(text).replace(". ", ".");
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((&text, ""));
    let in_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | '+' | '-' | 'Z');
    let is_time = time.contains(':') && time.chars().all(in_time);
    if !time.is_empty() && !is_time {
        return None;
    }
    if let Ok(date) = day.parse::<Date>() {
        return Some(date);
    }
    let mut parts = day.split('.');
    let (d, m, y) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    let year = y.len() == 4 && y.bytes().all(|b| b.is_ascii_digit());
    (parts.next().is_none() && year).then(|| Date::new(y.parse().ok()?, m, d).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unambiguous_amounts_in_text_are_read() {
        for (text, cent) in [
            ("1.234,50 €", 123450),
            ("12.000,00", 1200000),
            ("12000,00\u{a0}€", 1200000),
            ("12 000,5", 1200050),
            ("-3", -300),
            ("13,75", 1375),
            ("1,234.50", 123450),
            ("1.234.567", 123456700),
            ("0.5", 50),
            ("0,100", 10),
            ("+5,10", 510),
            ("12.000,-", 1200000),
            ("EUR 12,–", 1200),
            ("1 234 567,80 Euro", 123456780),
        ] {
            assert_eq!(amount_from_text(text), Ok(Cent(cent)), "{text}");
        }
    }

    #[test]
    fn doubtful_amounts_are_asked_back() {
        for text in ["1.234", "5,100", "12,345"] {
            assert_eq!(amount_from_text(text), Err(NoAmount::Ambiguous), "{text}");
        }
        assert_eq!(amount_from_text("ca. 12.000 €"), Err(NoAmount::Text));
        assert_eq!(amount_from_text("k.A."), Err(NoAmount::Text));
        assert_eq!(amount_from_text("1234,567"), Err(NoAmount::TooManyDecimals));
        for text in [
            "1.23.4,5",
            "5 000 3",
            "12 3",
            "12€50",
            ",5",
            "1,2,3",
            "99999999999999999",
            "12-",
        ] {
            assert_eq!(amount_from_text(text), Err(NoAmount::Text), "{text}");
        }
    }

    #[test]
    fn float_noise_is_no_third_decimal() {
        assert_eq!(amount_from_number(0.1 + 0.2), Ok(Cent(30)));
        assert_eq!(amount_from_number(123456.78), Ok(Cent(12345678)));
        assert_eq!(amount_from_number(1.005), Err(NoAmount::TooManyDecimals));
        assert_eq!(amount_from_number(f64::NAN), Err(NoAmount::Text));
    }

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

    #[test]
    fn what_nobody_sees_does_not_count() {
        assert_eq!(
            tidy("\u{feff} Ko\u{308}ln\u{a0}\u{202e}Su\u{ad}\u{308}d\u{7}\r\nGG "),
            "Köln Süd\nGG"
        );
    }

    #[test]
    fn amounts_and_dates_read_like_german() {
        assert_eq!(Cent(1234567).to_string(), "12.345,67 €");
        assert_eq!(Cent(-5).text(), "-0,05");
        assert_eq!(Cent(100000000).text(), "1.000.000,00");
        assert_eq!(date_from_text("31.12.2026"), date_from_text("2026-12-31 00:00:00"));
        assert_eq!(date_from_text("04/012022"), None);
    }
}
