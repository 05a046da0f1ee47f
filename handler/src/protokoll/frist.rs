//! How long the days of a log stay as they were written, and what becomes of them then.

use anyhow::Result;
use form::loeschkonzept::{Ende, Loeschkonzept};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The Löschklassen that say how long lines are kept. Without a period there is no log.
pub const ZUGRIFFE_KLASSE: &str = "serverprotokoll";
pub const EREIGNISSE_KLASSE: &str = "ereignisprotokoll";
/// Where the deletion concept has it, accesses are kept longer with a shortened address.
pub const GEKUERZT_KLASSE: &str = "serverprotokoll_gekuerzt";

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// What the deletion concept promises about a log; today counts as a day.
#[derive(Debug, Clone, Copy)]
pub struct Aufbewahrung {
    days: u32,
    gekuerzt_days: Option<u32>,
}

/// What is due for one day of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faellig {
    Kuerzen,
    Loeschen,
}

impl Aufbewahrung {
    /// None where the concept has no period for a log of this Löschklasse.
    pub fn of(konzept: &Loeschkonzept, klasse: &str) -> Option<Aufbewahrung> {
        let longer = (klasse == ZUGRIFFE_KLASSE).then_some(GEKUERZT_KLASSE);
        Some(Aufbewahrung {
            days: days(konzept, klasse)?,
            gekuerzt_days: longer.and_then(|klasse| days(konzept, klasse)),
        })
    }

    pub fn faellig(self, day: Date, today: Date) -> Result<Option<Faellig>> {
        let kept = |days: u32| anyhow::Ok(day > today.checked_sub(i64::from(days).days())?);
        Ok(match self.gekuerzt_days {
            _ if kept(self.days)? => None,
            Some(longer) if kept(longer)? => Some(Faellig::Kuerzen),
            _ => Some(Faellig::Loeschen),
        })
    }
}

fn days(konzept: &Loeschkonzept, klasse: &str) -> Option<u32> {
    match konzept.klasse(klasse)?.ende {
        Ende::Frist(frist) => {
            let days = u32::try_from(frist.at_least_seconds() / DAY_SECONDS);
            Some(days.unwrap_or(u32::MAX).max(1))
        }
        Ende::Ereignis(_) => None,
    }
}

/// Whether a file holds an address that is not shortened yet.
pub fn has_whole_addresses(path: &Path) -> Result<bool> {
    let old = std::fs::read_to_string(path)?;
    Ok(shortened_text(&old) != old)
}

/// Writes a file anew with shortened addresses, if it has others.
pub fn shorten(path: &Path) -> Result<()> {
    let old = std::fs::read_to_string(path)?;
    let new = shortened_text(&old);
    if new != old {
        let beside = path.with_extension("neu");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(super::MODE);
        options.open(&beside)?.write_all(new.as_bytes())?;
        std::fs::rename(beside, path)?;
    }
    Ok(())
}

fn shortened_text(text: &str) -> String {
    text.lines().map(|line| shortened_line(line) + "\n").collect()
}

fn shortened_line(line: &str) -> String {
    let Ok(Value::Object(mut entry)) = serde_json::from_str(line) else {
        // A line that was cut off by a full disk.
        return "{}".to_owned();
    };
    let address = entry
        .get("adresse")
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok());
    entry.insert(
        "adresse".to_owned(),
        address.map_or(Value::Null, |address| json!(shortened(address))),
    );
    Value::Object(entry).to_string()
}

/// The network alone: /24 of IPv4, /48 of IPv6.
fn shortened(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & !0xff)),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80)),
    }
}
