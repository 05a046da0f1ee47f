//! What the journal tells of the office's acts must be the state of the tables, and nothing else may stand there.

use super::super::Store;
use super::super::anpassung::{frozen, pruefwert};
use super::Pruefung;
use anyhow::Result;
use form::Cent;
use rusqlite::types::ValueRef;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is said of something, by what it is about.
type Zustand = BTreeMap<String, Vec<String>>;

/// The tables that hold acts: key first, then what the journal tells too.
const TABLES: [&str; 4] = [
    "SELECT 'Die Rücknahme der Meldung ' || meldung, journal_nr, zeit, grund FROM ruecknahme",
    "SELECT 'Die Bestätigung zur Meldung ' || meldung, journal_nr, eingang FROM unterschrift",
    "SELECT 'Die Frist des Trägers ' || traeger || ' in der Runde ' || runde, bis, grund FROM frist",
    "SELECT 'Die Berichtsrunde ' || kennung, von, bis, ab, frist, nach_frist_ablehnen, uebertrag, beispiel, eroeffnet, geschlossen FROM runde",
];

/// What the journal tells, from its first entry to its last.
#[derive(Default)]
struct Erzaehlt {
    zustand: Zustand,
    /// By Runde: the record of its opening.
    eroeffnet: BTreeMap<String, Value>,
    /// By Runde: the entries that changed what it froze.
    angepasst: BTreeMap<String, Vec<(i64, Value)>>,
}

impl Store {
    pub(super) fn check_handlungen(&self, pruefung: &mut Pruefung) -> Result<()> {
        let erzaehlt = self.erzaehlt()?;
        let mut kept = Zustand::new();
        for sql in TABLES {
            let mut statement = self.connection.prepare(sql)?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let said = (1..columns).map(|n| Ok(text(row.get_ref(n)?)));
                kept.insert(row.get(0)?, said.collect::<Result<_>>()?);
            }
        }
        for (what, said) in &erzaehlt.zustand {
            match kept.remove(what) {
                None => pruefung.maengel.push(format!("{what} fehlt in der Datenbank.")),
                Some(found) if found != *said => pruefung
                    .maengel
                    .push(format!("{what} lautet anders, als das Journal sagt.")),
                Some(_) => {}
            }
        }
        let strays = kept.into_keys();
        pruefung
            .maengel
            .extend(strays.map(|what| format!("{what} steht nicht im Journal.")));
        for (runde, record) in &erzaehlt.eroeffnet {
            let angepasst = erzaehlt.angepasst.get(runde).map(Vec::as_slice).unwrap_or_default();
            self.check_frozen(runde, record, angepasst, pruefung)?;
        }
        Ok(())
    }

    fn erzaehlt(&self) -> Result<Erzaehlt> {
        let mut statement = self.connection.prepare(
            "SELECT j.nr, j.zeit, j.art, r.record FROM journal AS j JOIN journal_record AS r ON r.nr = j.nr
             WHERE j.art IN ('ruecknahme', 'unterschrift', 'frist', 'runde_open', 'runde_close', 'runde_update', 'zuweisung') ORDER BY j.nr",
        )?;
        let mut erzaehlt = Erzaehlt::default();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            // A record that cannot be read has been named already.
            let record: Value = serde_json::from_str(&row.get::<_, String>(3)?).unwrap_or_default();
            erzaehlt.continues(row.get(0)?, row.get(1)?, &row.get::<_, String>(2)?, record);
        }
        Ok(erzaehlt)
    }

    /// What a Runde froze: taken back to its opening, it must be what the Runde was opened with.
    fn check_frozen(
        &self,
        runde: &str,
        opening: &Value,
        angepasst: &[(i64, Value)],
        pruefung: &mut Pruefung,
    ) -> Result<()> {
        let mut verzeichnis = frozen(&self.connection, runde)?;
        for (nr, record) in angepasst.iter().rev() {
            let unterschiede: Vec<_> = serde_json::from_value(record["unterschiede"].clone()).unwrap_or_default();
            if let Err(error) = verzeichnis.take_back(&unterschiede) {
                pruefung.maengel.push(format!(
                    "Was die Runde {runde} festhält, passt nicht zum Eintrag {nr} des Journals: {error:#}."
                ));
                return Ok(());
            }
        }
        let mut amounts: BTreeMap<&str, String> = (verzeichnis.schulen.iter())
            .map(|(nummer, schule)| (nummer.as_str(), schule.feld("Zugewiesen").to_owned()))
            .collect();
        let mut wrong = Vec::new();
        for zuweisung in opening["zuweisungen"].as_array().into_iter().flatten() {
            let schule = zuweisung["schulnummer"].as_str().unwrap_or_default();
            let told = zuweisung["zugewiesen"].as_i64().map(|cent| Cent(cent).to_string());
            if amounts.remove(schule) != told {
                wrong.push(schule);
            }
        }
        wrong.extend(amounts.keys());
        if !wrong.is_empty() {
            pruefung.maengel.push(format!(
                "Die Zuweisungen der Runde {runde} sind nicht die, die das Journal nennt: Schule {}.",
                wrong.join(", ")
            ));
        } else if let Some(told) = opening["verzeichnis_sha256"].as_str()
            && told != pruefwert(&verzeichnis)?
        {
            pruefung.maengel.push(format!(
                "Was die Runde {runde} von Trägern und Schulen festhält, ist nicht das, womit sie eröffnet wurde."
            ));
        }
        Ok(())
    }
}

impl Erzaehlt {
    fn continues(&mut self, nr: i64, zeit: String, art: &str, record: Value) {
        let said = |key: &str| of_json(&record[key]);
        let runde = said("runde");
        match art {
            "ruecknahme" => {
                let what = format!("Die Rücknahme der Meldung {}", said("nummer"));
                self.zustand.insert(what, vec![nr.to_string(), zeit, said("grund")]);
            }
            "unterschrift" => {
                let what = format!("Die Bestätigung zur Meldung {}", said("nummer"));
                self.zustand.insert(what, vec![nr.to_string(), said("eingang")]);
            }
            "frist" => {
                let what = format!("Die Frist des Trägers {} in der Runde {runde}", said("traeger"));
                if record["bis"].is_null() {
                    self.zustand.remove(&what);
                } else {
                    self.zustand.insert(what, vec![said("bis"), said("grund")]);
                }
            }
            "runde_open" => {
                let neu = &record["runde"];
                let keys = [
                    "von",
                    "bis",
                    "ab",
                    "frist",
                    "nach_frist_ablehnen",
                    "uebertrag",
                    "beispiel",
                ];
                let mut zustand: Vec<String> = keys.iter().map(|key| of_json(&neu[*key])).collect();
                zustand.extend([zeit, String::new()]);
                let kennung = of_json(&neu["kennung"]);
                self.zustand.insert(format!("Die Berichtsrunde {kennung}"), zustand);
                self.eroeffnet.insert(kennung, record);
            }
            "runde_close" => {
                let zustand = self.zustand.get_mut(&format!("Die Berichtsrunde {runde}"));
                if let Some(geschlossen) = zustand.and_then(|zustand| zustand.last_mut()) {
                    *geschlossen = zeit;
                }
            }
            _ => self.angepasst.entry(runde).or_default().push((nr, record)),
        }
    }
}

/// What a table holds, and what a record holds, written alike.
fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    }
}

fn of_json(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => i64::from(*yes).to_string(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
