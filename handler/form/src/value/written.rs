//! What people type, and how it is meant.

use super::{Cent, MONTHS};
use jiff::ToSpan;
use jiff::civil::Date;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

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
    // `12'000,00`, and the sign before a number by which it became a text.
    let text = tidy(text).to_lowercase().replace(['\'', '’'], " ");
    let text = text.trim();
    let units = ["€", "euro", "eur"];
    let bare = units
        .iter()
        .find_map(|unit| text.strip_suffix(unit).or_else(|| text.strip_prefix(unit)));
    let text = bare.unwrap_or(text).trim();
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

/// `31.12.2026`, `31. Dezember 2026` or `2026-12-31`, with or without a time of day behind it and nothing else.
pub(crate) fn date_from_text(text: &str) -> Option<Date> {
    let mut text = tidy(text).replace(". ", ".");
    for (month, number) in MONTHS.iter().zip(1..) {
        text = text.replace(&format!("{month} "), &format!("{number}."));
    }
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((&text, ""));
    let in_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | '+' | '-' | 'Z');
    let is_time = time.contains(':') && time.chars().all(in_time);
    if !time.is_empty() && !is_time {
        return None;
    }
    if day.contains('-') {
        return day.parse().ok();
    }
    let mut parts = day.split('.');
    let (d, m, y) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    let year = y.len() == 4 && y.bytes().all(|b| b.is_ascii_digit());
    (parts.next().is_none() && year).then(|| Date::new(y.parse().ok()?, m, d).ok())?
}

/// The day of a serial number, as workbooks count days: from the end of 1899, or from the first of January 1904.
pub(crate) fn date_from_serial(number: f64, date1904: bool) -> Option<Date> {
    const BEYOND: f64 = 2_958_466.0;
    let first = match date1904 {
        true => Date::constant(1904, 1, 1),
        false => Date::constant(1899, 12, 30),
    };
    let days = (0.0..BEYOND).contains(&number).then_some(number.floor() as i64)?;
    first.checked_add(days.days()).ok()
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
            ("12'000,00", 1200000),
            ("’12’000.50", 1200050),
            ("'-3", -300),
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
            "12'00",
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
    fn what_nobody_sees_does_not_count() {
        assert_eq!(
            tidy("\u{feff} Ko\u{308}ln\u{a0}\u{202e}Su\u{ad}\u{308}d\u{7}\r\nGG "),
            "Köln Süd\nGG"
        );
    }

    #[test]
    fn days_are_read_as_people_write_them_and_nothing_else_is() {
        assert_eq!(date_from_text("31.12.2026"), date_from_text("2026-12-31 00:00:00"));
        assert_eq!(date_from_text("31. Dezember 2026"), date_from_text("2026-12-31"));
        assert_eq!(date_from_text("1.März 2026 12:00"), date_from_text("01.03.2026"));
        for text in [
            "Dezember 2026",
            "31. Dezembers 2026",
            "31. Dezember",
            "31 Dezember 2026",
        ] {
            assert_eq!(date_from_text(text), None, "{text}");
        }
        assert_eq!(date_from_text("04/012022"), None);
        assert_eq!(date_from_text("20261231"), None);
    }
}
