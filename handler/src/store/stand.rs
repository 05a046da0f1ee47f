//! Where every Träger stands in a Runde, for the office.

use super::Store;
use anyhow::Result;
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
}

/// Of whom something is expected.
const ERWARTET: &str = "t.nummer IN (SELECT meldet FROM runde_schule WHERE runde = ?1 UNION SELECT traeger FROM runde_schule WHERE runde = ?1)";
const AUSSERHALB: &str =
    "g.nummer IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runde_schule WHERE runde = t.runde AND meldet = t.nummer)";

impl Store {
    /// Where every Träger stands that is expected: all that had a school when the Runde was frozen.
    pub fn staende(&self, runde: &str) -> Result<Vec<Stand>> {
        let mut staende = self.reporting(runde, ERWARTET)?;
        let own: BTreeMap<String, &'static str> = staende
            .iter()
            .map(|stand| (stand.traeger.clone(), stand.stand))
            .collect();
        let mut statement = self.connection.prepare(
            "SELECT DISTINCT traeger, meldet FROM runde_schule WHERE runde = ? AND traeger <> meldet ORDER BY traeger, meldet",
        )?;
        let pairs = statement.query_map([runde], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut others: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for pair in pairs {
            let (traeger, meldet): (String, String) = pair?;
            others.entry(traeger).or_default().insert(meldet);
        }
        for stand in &mut staende {
            let Some(reporters) = others.get(&stand.traeger) else {
                continue;
            };
            let mut all: Vec<&'static str> = reporters
                .iter()
                .map(|reporter| own.get(reporter).copied().unwrap_or("fehlt"))
                .collect();
            if stand.schulen > 0 {
                all.push(stand.stand);
            }
            stand.stand = ["fehlt", "verspaetet"]
                .into_iter()
                .find(|worst| all.contains(worst))
                .unwrap_or("eingegangen");
            stand.gemeldet_durch = reporters.iter().cloned().collect();
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
            })
        })?;
        Ok(staende.collect::<Result<_, _>>()?)
    }
}
