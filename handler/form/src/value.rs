//! Typed values of a filled form.

mod row;
mod written;

pub use row::{Row, Rows};
pub(crate) use written::{
    NoAmount, amount_from_number, amount_from_text, date_from_serial, date_from_text, integer_from_number, tidy,
};

use crate::expression::{Decimal, Operand};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

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

/// `22. November 2026`.
pub fn day_text(day: Date) -> String {
    format!("{}. {} {}", day.day(), MONTHS[day.month() as usize - 1], day.year())
}

/// `31.12.2026`.
pub fn date_text(date: Date) -> String {
    date.strftime("%d.%m.%Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_like_german() {
        assert_eq!(Cent(1234567).to_string(), "12.345,67 €");
        assert_eq!(Cent(-5).text(), "-0,05");
        assert_eq!(Cent(100000000).text(), "1.000.000,00");
    }
}
