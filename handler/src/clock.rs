//! The one clock, and how times read in Nordrhein-Westfalen.

use anyhow::{Context, Result};
use form::day_text;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where the present comes from. Tests hold it still and move it on.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// Seconds since 1970.
    Set(Arc<AtomicI64>),
}

impl Clock {
    pub fn now(&self) -> Moment {
        Moment(match self {
            Clock::System => Timestamp::now(),
            Clock::Set(seconds) => return Moment::of_seconds(seconds.load(Ordering::Relaxed)),
        })
    }
}

/// A point in time; its days are days in Europe/Berlin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Timestamp);

impl Moment {
    pub fn seconds(self) -> i64 {
        self.0.as_second()
    }

    pub fn day(self) -> Date {
        self.in_berlin().date()
    }

    /// The first moment of a day.
    pub fn start_of(day: Date) -> Result<Moment> {
        Ok(Moment(day.to_zoned(TimeZone::get("Europe/Berlin")?)?.timestamp()))
    }

    /// Seconds until the next day begins.
    pub fn seconds_of_day_left(self) -> u64 {
        let now = self.in_berlin();
        let next = now.tomorrow().and_then(|next| next.start_of_day());
        let left = next.map_or(0, |next| next.timestamp().as_second() - self.seconds());
        left.max(1).unsigned_abs()
    }

    /// With the zone's offset, to the second: `2026-11-22T10:15:00+01:00`.
    pub fn iso(self) -> String {
        self.in_berlin().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// The start of the period of so many seconds that it lies in.
    pub fn rounded_down(self, seconds: i64) -> Moment {
        let start = self.seconds() - self.seconds().rem_euclid(seconds);
        Moment(Timestamp::from_second(start).unwrap_or_default())
    }

    pub fn parse(text: &str) -> Result<Moment> {
        Ok(Moment(
            text.parse().with_context(|| format!("„{text}“ ist kein Zeitpunkt"))?,
        ))
    }

    /// `22. November 2026, 10:15 Uhr`.
    pub fn text(self) -> String {
        let time = self.in_berlin();
        format!("{}, {} Uhr", day_text(time.date()), time.strftime("%H:%M"))
    }

    /// `22. November 2026, 10:15 Uhr MEZ`: on paper, where an hour may be asked about in ten years.
    pub fn text_with_zone(self) -> String {
        let time = self.in_berlin();
        let zone = match time.offset().seconds() {
            3_600 => "MEZ",
            7_200 => "MESZ",
            _ => "UTC",
        };
        format!("{} {zone}", self.text())
    }

    /// `10:15 Uhr`.
    pub fn time(self) -> String {
        self.in_berlin().strftime("%H:%M Uhr").to_string()
    }

    pub fn of_seconds(seconds: i64) -> Moment {
        Moment(Timestamp::from_second(seconds).unwrap_or_default())
    }

    fn in_berlin(self) -> Zoned {
        // The zone is compiled in, so looking it up cannot fail; UTC is closer to the truth than no answer.
        self.0.to_zoned(TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC))
    }
}

/// A day as people and programs write it: `2027-03-31` or `31.3.2027`.
pub fn read_day(text: &str) -> Option<Date> {
    let german = || {
        let mut parts = text.splitn(3, '.').map(|part| part.trim().parse::<i16>().ok());
        let (day, month, year) = (parts.next()??, parts.next()??, parts.next()??);
        Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
    };
    // A year of two digits may be meant otherwise.
    text.parse()
        .ok()
        .or_else(german)
        .filter(|day: &Date| day.year() >= 1900)
}

/// Whole days from one day to another.
pub fn days_between(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_people_write_it_and_never_guessed() {
        for text in ["2027-03-31", "31.3.2027", "31.03.2027", "31. 3. 2027"] {
            assert_eq!(
                read_day(text).map(|day| day.to_string()).as_deref(),
                Some("2027-03-31"),
                "{text}"
            );
        }
        for text in ["", "bald", "31.3.27", "31.2.2027", "3/31/2027", "31.3."] {
            assert_eq!(read_day(text), None, "{text}");
        }
    }

    #[test]
    fn days_end_at_midnight_in_berlin() {
        let moment = Moment::parse("2026-03-31T22:30:00Z").expect("a time");
        assert_eq!(moment.day(), "2026-04-01".parse::<Date>().expect("a day"));
        assert_eq!(moment.text(), "1. April 2026, 00:30 Uhr");
        assert_eq!(moment.iso(), "2026-04-01T00:30:00+02:00");
    }
}
