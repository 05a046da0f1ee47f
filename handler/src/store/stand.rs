//! Where every Träger stands in a Runde, for the office.

use super::{Store, tables};
use anyhow::{Context, Result};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Where one Träger stands in a Runde.
#[derive(Debug, Serialize)]
pub struct Stand {
    pub traeger: String,
    pub name: String,
    /// How many schools it reports for.
    pub schulen: u32,
    /// `eingegangen`, `verspaetet` or `fehlt`; where others report for its schools, theirs counts too. `ausserhalb` where
    /// nobody expects anything of it.
    pub stand: &'static str,
    pub nummer: Option<String>,
    pub eingegangen: Option<String>,
    pub fassungen: u32,
    /// The later last day, where it has one.
    pub verlaengert_bis: Option<String>,
    /// Uploads that did not become a Meldung at once.
    pub versuche: u32,
    /// The day on which the signed paper for the version that counts came.
    pub bestaetigung: Option<String>,
    /// Filed by the office.
    pub eingereicht: bool,
    /// The Träger that report for its schools, where they are others.
    pub gemeldet_durch: Vec<String>,
    /// Its Meldung counts although others now report for the schools in it.
    pub ausserhalb: bool,
    /// Schools it reports for that its Meldung has no line for: it is to report anew.
    pub ohne_zeile: Vec<String>,
}

/// Where a Träger stands of whom something is expected, for every list and every report.
#[derive(Debug)]
pub struct Lage {
    /// How many schools it reports for.
    pub schulen: u32,
    /// `eingegangen`, `verspaetet` or `fehlt`: the worst of its schools, whoever reports for them.
    pub stand: &'static str,
    /// The Träger that report for its schools, where they are others.
    pub gemeldet_durch: BTreeSet<String>,
    /// Schools it reports for that its Meldung has no line for.
    pub ohne_zeile: Vec<String>,
}

/// Who reports for somebody's schools, in words; `None` where nobody else does.
fn durch_andere<'a>(own: u32, others: impl IntoIterator<Item = &'a String>) -> Option<String> {
    let others: Vec<&str> = others.into_iter().map(String::as_str).collect();
    let part = if own == 0 { "meldet" } else { "für einen Teil meldet" };
    (!others.is_empty()).then(|| format!("{part} {}", others.join(", ")))
}

/// A school of a Runde: its number, its Träger, and who reports for it.
pub(super) type Zustaendig<'a> = (&'a str, &'a str, &'a str);

/// A Meldung that counts.
pub(super) struct Zaehlt<'a> {
    pub verspaetet: bool,
    pub schulen: BTreeSet<&'a str>,
}

/// Of whom something is expected in a Runde, and what has come. A Träger whose schools others report for has reported
/// when theirs have a line for each of them.
pub(super) fn lagen<'a>(
    schulen: impl Iterator<Item = Zustaendig<'a>>,
    gueltige: &BTreeMap<&str, Zaehlt<'_>>,
) -> BTreeMap<&'a str, Lage> {
    let mut lagen: BTreeMap<&str, Lage> = BTreeMap::new();
    for (nummer, traeger, meldet) in schulen {
        let gueltig = gueltige.get(meldet);
        let has_line = gueltig.is_some_and(|gueltig| gueltig.schulen.contains(nummer));
        let came = match gueltig {
            None => "fehlt",
            Some(gueltig) if gueltig.verspaetet => "verspaetet",
            Some(_) => "eingegangen",
        };
        let reporter = lagen.entry(meldet).or_insert_with(Lage::new);
        reporter.schulen += 1;
        reporter.worsen(came);
        if gueltig.is_some() && !has_line {
            reporter.ohne_zeile.push(nummer.to_owned());
        }
        if traeger != meldet {
            let owner = lagen.entry(traeger).or_insert_with(Lage::new);
            owner.worsen(if has_line { came } else { "fehlt" });
            owner.gemeldet_durch.insert(meldet.to_owned());
        }
    }
    lagen
}

impl Lage {
    pub fn durch_andere(&self) -> Option<String> {
        durch_andere(self.schulen, &self.gemeldet_durch)
    }

    fn new() -> Lage {
        Lage {
            schulen: 0,
            stand: "eingegangen",
            gemeldet_durch: BTreeSet::new(),
            ohne_zeile: Vec::new(),
        }
    }

    fn worsen(&mut self, stand: &'static str) {
        let worst = ["fehlt", "verspaetet"];
        let worst = worst.into_iter().find(|worst| [self.stand, stand].contains(worst));
        self.stand = worst.unwrap_or("eingegangen");
    }
}

/// Of whom something is expected.
const ERWARTET: &str = "t.nummer IN (SELECT meldet FROM runde_schule WHERE runde = ?1 UNION SELECT traeger FROM runde_schule WHERE runde = ?1)";
const AUSSERHALB: &str =
    "g.nummer IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runde_schule WHERE runde = t.runde AND meldet = t.nummer)";

impl Stand {
    pub fn durch_andere(&self) -> Option<String> {
        durch_andere(self.schulen, &self.gemeldet_durch)
    }
}

impl Store {
    /// Where every Träger stands that is expected: all that had a school when the Runde was frozen.
    pub fn staende(&self, runde: &str) -> Result<Vec<Stand>> {
        let mut staende = self.reporting(runde, ERWARTET)?;
        let form = self.runde(runde)?.context("Die Berichtsrunde gibt es nicht")?.form()?;
        let schools = tables::reported_schools(&self.connection, &form, runde)?;
        let mut gueltige = BTreeMap::new();
        for stand in staende.iter().filter(|stand| stand.nummer.is_some()) {
            let schulen = schools.get(&stand.traeger).into_iter().flatten();
            let zaehlt = Zaehlt {
                verspaetet: stand.stand == "verspaetet",
                schulen: schulen.map(String::as_str).collect(),
            };
            gueltige.insert(stand.traeger.as_str(), zaehlt);
        }
        let mut statement = self
            .connection
            .prepare("SELECT nummer, traeger, meldet FROM runde_schule WHERE runde = ? ORDER BY nummer")?;
        let schulen = statement.query_map([runde], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let schulen: Vec<(String, String, String)> = schulen.collect::<Result<_, _>>()?;
        let schulen = schulen.iter();
        let schulen = schulen.map(|(nummer, traeger, meldet)| (nummer.as_str(), traeger.as_str(), meldet.as_str()));
        let mut lagen = lagen(schulen, &gueltige);
        drop(gueltige);
        for stand in &mut staende {
            if let Some(lage) = lagen.remove(stand.traeger.as_str()) {
                stand.stand = lage.stand;
                stand.gemeldet_durch = lage.gemeldet_durch.into_iter().collect();
                stand.ohne_zeile = lage.ohne_zeile;
            }
        }
        Ok(staende)
    }

    /// Träger whose Meldung counts although others now report for the schools in it.
    pub fn ausserhalb(&self, runde: &str) -> Result<Vec<Stand>> {
        let staende = self.reporting(runde, AUSSERHALB)?.into_iter();
        Ok(staende
            .map(|stand| Stand {
                stand: "ausserhalb",
                ..stand
            })
            .collect())
    }

    fn reporting(&self, runde: &str, whom: &str) -> Result<Vec<Stand>> {
        // Late is who came after the day that holds now, however it was when it came.
        let mut statement = self.connection.prepare(&format!(
            "SELECT t.nummer, t.name,
                    (SELECT count(*) FROM runde_schule WHERE runde = t.runde AND meldet = t.nummer),
                    g.nummer, g.eingegangen,
                    g.verspaetet AND substr(g.eingegangen, 1, 10) > coalesce(f.bis, r.frist),
                    (SELECT count(*) FROM meldung WHERE runde = t.runde AND traeger = t.nummer),
                    f.bis,
                    (SELECT count(*) FROM versuch WHERE runde = t.runde AND traeger = t.nummer),
                    u.eingang,
                    e.meldung IS NOT NULL
             FROM runde_traeger AS t JOIN runde AS r ON r.kennung = t.runde
             LEFT JOIN meldung_gueltig AS g ON g.runde = t.runde AND g.traeger = t.nummer
             LEFT JOIN frist AS f ON f.runde = t.runde AND f.traeger = t.nummer
             LEFT JOIN unterschrift AS u ON u.meldung = g.nummer
             LEFT JOIN einreichung AS e ON e.meldung = g.nummer
             WHERE t.runde = ?1 AND {whom}
             ORDER BY t.name, t.nummer"
        ))?;
        let staende = statement.query_map([runde], |row| {
            let verspaetet: Option<bool> = row.get(5)?;
            let (schulen, nummer): (u32, Option<String>) = (row.get(2)?, row.get(3)?);
            Ok(Stand {
                ausserhalb: schulen == 0 && nummer.is_some(),
                traeger: row.get(0)?,
                name: row.get(1)?,
                schulen,
                stand: match verspaetet {
                    None => "fehlt",
                    Some(false) => "eingegangen",
                    Some(true) => "verspaetet",
                },
                nummer,
                eingegangen: row.get(4)?,
                fassungen: row.get(6)?,
                verlaengert_bis: row.get(7)?,
                versuche: row.get(8)?,
                bestaetigung: row.get(9)?,
                eingereicht: row.get(10)?,
                gemeldet_durch: Vec::new(),
                ohne_zeile: Vec::new(),
            })
        })?;
        Ok(staende.collect::<Result<_, _>>()?)
    }
}
