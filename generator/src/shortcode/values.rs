//! Values as templates show them.

use std::collections::BTreeMap;

use form::day_text;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use tera::Value;

/// A checksum as people compare it.
pub fn sha256_text(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `1,2 MB`, as people read it.
pub fn size_text(bytes: usize) -> String {
    const UNITS: [&str; 3] = ["KB", "MB", "GB"];
    if bytes < 1000 {
        return format!("{bytes} Byte");
    }
    let mut size = bytes as f64 / 1000.0;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    let number = if size < 10.0 {
        format!("{size:.1}")
    } else {
        format!("{size:.0}")
    };
    format!("{} {}", number.replace('.', ",").trim_end_matches(",0"), UNITS[unit])
}

/// A day as templates get it: `iso` and `text`; nothing where there is none.
pub fn date_value(date: Option<Date>) -> Value {
    match date {
        None => Value::none(),
        Some(date) => Value::from(BTreeMap::from([("iso", date.to_string()), ("text", day_text(date))])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_by_people() {
        let sizes = [12, 1_240, 34_567, 999_600, 12_400_000].map(size_text);
        assert_eq!(sizes, ["12 Byte", "1,2 KB", "35 KB", "1 MB", "12 MB"]);
    }
}
