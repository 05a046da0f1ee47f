//! Values of a row in JSON, where an amount and a day say what they are, so that they come back as what they were.

use super::super::{Cent, Value};
use jiff::civil::Date;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

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
