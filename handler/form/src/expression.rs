//! The small language of conditions (`wenn = "rest > 0"`) and formulas (`formula = "zugewiesen - verausgabt"`).
//!
//! A name is a field of the same row, `sheet.field` a field of a sheet that is filled once, `summe(sheet.field)` a
//! column and `anzahl(sheet)` its rows. Numbers take a decimal comma. `und`, `oder`, `=`, `<>`, `<`, `<=`, `>`, `>=`
//! compare; text stands in single quotes.

mod parse;

use std::fmt;

/// An exact decimal number with six places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Decimal(i128);

const ONE: i128 = 1_000_000;

impl Decimal {
    pub fn from_integer(value: i64) -> Decimal {
        Decimal(i128::from(value) * ONE)
    }

    pub fn from_cent(cent: i64) -> Decimal {
        Decimal(i128::from(cent) * (ONE / 100))
    }

    /// Rounded to whole cents, half away from zero.
    pub fn to_cent(self) -> i64 {
        let unit = ONE / 100;
        let half = if self.0 < 0 { -unit / 2 } else { unit / 2 };
        i64::try_from((self.0 + half) / unit).unwrap_or(if self.0 < 0 { i64::MIN } else { i64::MAX })
    }

    pub fn to_f64(self) -> f64 {
        self.0 as f64 / ONE as f64
    }

    fn parse(text: &str) -> Option<Decimal> {
        let (whole, places) = text.split_once([',', '.']).unwrap_or((text, ""));
        if places.len() > 6 || whole.is_empty() || !(whole.to_owned() + places).bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let places: i128 = format!("{places:0<6}").parse().ok()?;
        Some(Decimal(whole.parse::<i64>().ok().map(i128::from)? * ONE + places))
    }
}

/// A field by name, in the own sheet or in a named one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub sheet: Option<String>,
    pub field: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    Number(Decimal),
    Text(String),
    Field(Reference),
    /// The sum of a column.
    Sum {
        sheet: String,
        field: String,
    },
    /// How many rows a sheet has.
    Count {
        sheet: String,
    },
    Binary(Box<Expression>, Operator, Box<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

/// What an expression is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Condition,
    Value,
}

/// What a part of an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Number(Decimal),
    Text(String),
    Truth(bool),
    Blank,
    /// A cell that could not be read: whatever depends on it stays open.
    Unknown,
}

/// Where names get their values from.
pub trait Scope {
    fn field(&self, reference: &Reference) -> Operand;
    fn column(&self, sheet: &str, field: &str) -> Vec<Operand>;
    fn count(&self, sheet: &str) -> usize;
}

/// How names look in Excel.
pub trait ExcelNames {
    fn cell(&self, reference: &Reference) -> String;
    fn range(&self, sheet: &str, field: &str) -> String;
    fn count(&self, sheet: &str) -> String;
}

/// Why a text is no expression, and at which byte of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    pub offset: usize,
    pub message: String,
}

impl Expression {
    pub fn parse(source: &str) -> Result<Expression, SyntaxError> {
        parse::parse(source)
    }

    /// All fields that this expression reads; columns count with their sheet.
    pub fn references(&self) -> Vec<Reference> {
        match self {
            Expression::Number(_) | Expression::Text(_) | Expression::Count { .. } => Vec::new(),
            Expression::Field(reference) => vec![reference.clone()],
            Expression::Sum { sheet, field } => vec![Reference {
                sheet: Some(sheet.clone()),
                field: field.clone(),
            }],
            Expression::Binary(left, _, right) => [left.references(), right.references()].concat(),
        }
    }

    /// Whether this expression comes to what is wanted, and its parts to what they are used for.
    pub fn is(&self, wanted: Kind) -> bool {
        match self {
            Expression::Binary(left, Operator::And | Operator::Or, right) => {
                wanted == Kind::Condition && left.is(Kind::Condition) && right.is(Kind::Condition)
            }
            Expression::Binary(left, operator, right) => {
                let own = if operator.calculates() {
                    Kind::Value
                } else {
                    Kind::Condition
                };
                wanted == own && left.is(Kind::Value) && right.is(Kind::Value)
            }
            _ => wanted == Kind::Value,
        }
    }

    /// What the expression comes to for one line.
    pub fn evaluate(&self, scope: &dyn Scope) -> Operand {
        match self {
            Expression::Number(number) => Operand::Number(*number),
            Expression::Text(text) => Operand::Text(text.clone()),
            Expression::Field(reference) => scope.field(reference),
            Expression::Sum { sheet, field } => sum(scope.column(sheet, field)),
            Expression::Count { sheet } => Operand::Number(Decimal::from_integer(scope.count(sheet) as i64)),
            Expression::Binary(left, operator, right) => operator.apply(left.evaluate(scope), right.evaluate(scope)),
        }
    }

    /// Whether a condition holds; `None` where it hangs on a cell that could not be read.
    pub fn holds(&self, scope: &dyn Scope) -> Option<bool> {
        match self.evaluate(scope) {
            Operand::Truth(truth) => Some(truth),
            _ => None,
        }
    }

    /// The same as an Excel formula, without the leading equals sign.
    pub fn to_excel(&self, names: &dyn ExcelNames) -> String {
        match self {
            Expression::Number(number) => number.to_f64().to_string(),
            Expression::Text(text) => format!("\"{}\"", text.replace('"', "\"\"")),
            Expression::Field(reference) => names.cell(reference),
            Expression::Sum { sheet, field } => format!("SUM({})", names.range(sheet, field)),
            Expression::Count { sheet } => names.count(sheet),
            Expression::Binary(left, operator, right) => {
                let (left, right) = (left.to_excel(names), right.to_excel(names));
                match operator {
                    Operator::And => format!("AND({left},{right})"),
                    Operator::Or => format!("OR({left},{right})"),
                    Operator::Multiply => format!("({left})*({right})"),
                    Operator::Subtract => format!("{left}-({right})"),
                    _ => format!("{left}{operator}{right}"),
                }
            }
        }
    }
}

fn sum(column: Vec<Operand>) -> Operand {
    column
        .into_iter()
        .fold(Operand::Number(Decimal::default()), |total, next| {
            Operator::Add.apply(total, next)
        })
}

impl Operator {
    fn calculates(self) -> bool {
        matches!(self, Operator::Add | Operator::Subtract | Operator::Multiply)
    }

    fn apply(self, left: Operand, right: Operand) -> Operand {
        use Operand::{Blank, Number, Text, Truth, Unknown};
        match (self, left, right) {
            (Operator::And, Truth(false), _) | (Operator::And, _, Truth(false)) => Truth(false),
            (Operator::Or, Truth(true), _) | (Operator::Or, _, Truth(true)) => Truth(true),
            (_, Unknown, _) | (_, _, Unknown) => Unknown,
            (Operator::And | Operator::Or, Truth(a), Truth(b)) => {
                Truth(if self == Operator::And { a && b } else { a || b })
            }
            (Operator::Add | Operator::Subtract | Operator::Multiply, left, right) => {
                match (left.number(), right.number()) {
                    (Some(a), Some(b)) => Number(self.calculate(a, b)),
                    _ => Unknown,
                }
            }
            (_, Number(a), Number(b)) => Truth(self.compares(a.cmp(&b))),
            (_, Text(a), Text(b)) => Truth(self.compares(a.cmp(&b))),
            (_, Blank, Blank) => Truth(self.compares(std::cmp::Ordering::Equal)),
            _ => Truth(self == Operator::NotEqual),
        }
    }

    fn calculate(self, Decimal(a): Decimal, Decimal(b): Decimal) -> Decimal {
        Decimal(match self {
            Operator::Add => a.saturating_add(b),
            Operator::Subtract => a.saturating_sub(b),
            _ => a.saturating_mul(b) / ONE,
        })
    }

    fn compares(self, order: std::cmp::Ordering) -> bool {
        match self {
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterOrEqual => order.is_ge(),
            _ => false,
        }
    }
}

impl Operand {
    /// As a number to calculate with; a blank counts as zero, as in Excel.
    fn number(&self) -> Option<Decimal> {
        match self {
            Operand::Number(number) => Some(*number),
            Operand::Blank => Some(Decimal::default()),
            _ => None,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Equal => "=",
            Operator::NotEqual => "<>",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::And => "und",
            Operator::Or => "oder",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row;

    impl Scope for Row {
        fn field(&self, reference: &Reference) -> Operand {
            match reference.field.as_str() {
                "zehn" => Operand::Number(Decimal::from_integer(10)),
                "ja" => Operand::Text("ja".to_owned()),
                "kaputt" => Operand::Unknown,
                _ => Operand::Blank,
            }
        }

        fn column(&self, _: &str, _: &str) -> Vec<Operand> {
            vec![
                Operand::Number(Decimal::from_cent(10)),
                Operand::Blank,
                Operand::Number(Decimal::from_cent(20)),
            ]
        }

        fn count(&self, _: &str) -> usize {
            3
        }
    }

    fn holds(source: &str) -> Option<bool> {
        Expression::parse(source).expect(source).holds(&Row)
    }

    #[test]
    fn conditions_compare_exactly() {
        assert_eq!(holds("zehn > 9,99 und zehn <= 10"), Some(true));
        assert_eq!(holds("zehn - 2 * 5 = 0"), Some(true));
        assert_eq!(holds("summe(a.b) = 0,3 und anzahl(a) = 3"), Some(true));
        assert_eq!(holds("b.ja = 'ja' oder zehn = 3"), Some(true));
    }

    #[test]
    fn a_blank_calculates_as_zero_but_equals_no_number() {
        assert_eq!(holds("leer + zehn = 10"), Some(true));
        assert_eq!(holds("leer = 0"), Some(false));
        assert_eq!(holds("leer <> 'ja'"), Some(true));
    }

    #[test]
    fn what_hangs_on_an_unreadable_cell_stays_open() {
        assert_eq!(holds("kaputt > 3"), None);
        assert_eq!(holds("kaputt > 3 und zehn = 1"), Some(false));
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let error = Expression::parse("rest >").expect_err("incomplete");
        assert_eq!(error.offset, 6);
        let error = Expression::parse("rest ? 0").expect_err("unknown sign");
        assert_eq!(
            (error.offset, error.message.as_str()),
            (5, "das Zeichen „?“ ist hier nicht bekannt")
        );
    }
}
