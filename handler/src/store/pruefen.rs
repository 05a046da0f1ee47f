//! Proves what the database says: the journal's chain, each record, each stored workbook, each row.

mod handlungen;

use super::journal::{hex, sha256};
use super::{Store, tables};
use anyhow::{Context, Result};
use form::{Form, Rows};
use rusqlite::OptionalExtension;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What a proof came to.
#[derive(Debug, Default)]
pub struct Pruefung {
    pub eintraege: i64,
    pub meldungen: usize,
    /// Entries whose record is gone, as a later entry says.
    pub geloescht: usize,
    /// The last chain value; empty where there is no entry.
    pub kette: String,
    /// What is broken, a sentence each.
    pub maengel: Vec<String>,
}

/// The art of entry that says which records are gone.
pub(super) const LOESCHUNG: &str = "loeschung";

/// Where a paper's chain value was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Papier {
    /// As the entry of this very Meldung: number and time.
    Belegt {
        nr: i64,
        zeit: String,
    },
    /// The entry is there; what the Meldung said has been deleted meanwhile.
    Geloescht {
        nr: i64,
        zeit: String,
    },
    /// The chain value belongs to something else.
    AndereMeldung {
        nr: i64,
    },
    Unbekannt,
}

impl Store {
    /// Checks everything; `progress` is told how many entries of how many are done.
    pub fn pruefen(&self, progress: &mut dyn FnMut(i64, i64)) -> Result<Pruefung> {
        // One state of everything, whatever comes in meanwhile.
        let _state = self.connection.unchecked_transaction()?;
        let mut pruefung = Pruefung::default();
        self.check_file(&mut pruefung)?;
        // A file that SQLite itself finds broken may give no answer to anything else.
        if let Err(error) = self.check_contents(&mut pruefung, progress) {
            if pruefung.maengel.is_empty() {
                return Err(error);
            }
            pruefung.maengel.push(format!(
                "Weiter lässt sich die Datei nicht prüfen: {:#}.",
                super::in_words(error)
            ));
        }
        Ok(pruefung)
    }

    /// Whether the chain value on a paper stands in the journal, for the Meldung that the paper names.
    pub fn papier(&self, nummer: &str, kette: &str) -> Result<Papier> {
        let entry: Option<(i64, String, String)> = self
            .connection
            .query_row(
                "SELECT nr, zeit, art FROM journal WHERE kette = ?",
                [kette.trim().to_lowercase()],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let Some((nr, zeit, art)) = entry else {
            return Ok(Papier::Unbekannt);
        };
        let record: Option<String> = self
            .connection
            .query_row("SELECT record FROM journal_record WHERE nr = ?", [nr], |row| row.get(0))
            .optional()?;
        let Some(record) = record else {
            return Ok(if art == "meldung" {
                Papier::Geloescht { nr, zeit }
            } else {
                Papier::AndereMeldung { nr }
            });
        };
        let record: Value = serde_json::from_str(&record)?;
        Ok(
            if art == "meldung" && record["nummer"] == nummer.trim().to_uppercase() {
                Papier::Belegt { nr, zeit }
            } else {
                Papier::AndereMeldung { nr }
            },
        )
    }

    fn check_file(&self, pruefung: &mut Pruefung) -> Result<()> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(20)")?;
        let said: Result<Vec<String>, _> = statement.query_map([], |row| row.get(0))?.collect();
        match said {
            Ok(said) => pruefung.maengel.extend(
                said.into_iter()
                    .filter(|line| line != "ok")
                    .map(|line| format!("Die Datei ist beschädigt: {line}.")),
            ),
            Err(error) => pruefung.maengel.push(format!("Die Datei ist beschädigt: {error}.")),
        }
        Ok(())
    }

    fn check_contents(&self, pruefung: &mut Pruefung, progress: &mut dyn FnMut(i64, i64)) -> Result<()> {
        let gone = self.check_chain(pruefung)?;
        let forms = self.forms(pruefung)?;
        self.check_records(&gone, &forms, pruefung, progress)?;
        self.check_definitions(pruefung)?;
        self.check_handlungen(pruefung)
    }

    /// The chain itself, and which records may be missing because a later entry says so.
    fn check_chain(&self, pruefung: &mut Pruefung) -> Result<BTreeSet<i64>> {
        let mut gone = BTreeSet::new();
        let mut statement = self.connection.prepare(
            "SELECT j.nr, j.record_hash, j.kette, j.art, CASE WHEN j.art = ? THEN r.record END
             FROM journal AS j LEFT JOIN journal_record AS r ON r.nr = j.nr ORDER BY j.nr",
        )?;
        let mut rows = statement.query([LOESCHUNG])?;
        while let Some(row) = rows.next()? {
            let (nr, record_hash, kette): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if nr != pruefung.eintraege + 1 {
                pruefung.maengel.push(format!(
                    "Im Journal folgt auf den Eintrag {} der Eintrag {nr}; dazwischen fehlt etwas.",
                    pruefung.eintraege
                ));
            }
            let right = hex(&Sha256::new()
                .chain_update(&pruefung.kette)
                .chain_update(&record_hash)
                .finalize());
            if right != kette {
                pruefung.maengel.push(format!(
                    "Der Eintrag {nr} des Journals passt nicht zu denen davor: Die Kette ist dort unterbrochen."
                ));
            }
            (pruefung.eintraege, pruefung.kette) = (nr, kette);
            if let Some(record) = row.get::<_, Option<String>>(4)? {
                let record: Value = serde_json::from_str(&record).unwrap_or_default();
                for range in record["eintraege"].as_array().into_iter().flatten() {
                    if let (Some(from), Some(to)) = (range[0].as_i64(), range[1].as_i64()) {
                        gone.extend(from..=to.min(nr));
                    }
                }
            }
        }
        Ok(gone)
    }

    /// The form of each Runde.
    fn forms(&self, pruefung: &mut Pruefung) -> Result<BTreeMap<String, Form>> {
        let mut statement = self
            .connection
            .prepare("SELECT kennung, definition FROM runde ORDER BY kennung")?;
        let rows: Vec<(String, String)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut forms = BTreeMap::new();
        for (kennung, definition) in rows {
            match Form::parse(&definition) {
                Ok(form) => {
                    forms.insert(kennung, form);
                }
                Err(_) => pruefung.maengel.push(format!(
                    "Die Formulardefinition der Runde {kennung} lässt sich nicht lesen."
                )),
            }
        }
        Ok(forms)
    }

    fn check_records(
        &self,
        gone: &BTreeSet<i64>,
        forms: &BTreeMap<String, Form>,
        pruefung: &mut Pruefung,
        progress: &mut dyn FnMut(i64, i64),
    ) -> Result<()> {
        let mut statement = self.connection.prepare(
            "SELECT j.nr, j.record_hash, j.art, r.record, j.zeit FROM journal AS j
             LEFT JOIN journal_record AS r ON r.nr = j.nr ORDER BY j.nr",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let nr: i64 = row.get(0)?;
            progress(nr, pruefung.eintraege);
            let Some(record) = row.get::<_, Option<String>>(3)? else {
                if gone.contains(&nr) {
                    pruefung.geloescht += 1;
                } else {
                    pruefung.maengel.push(format!(
                        "Zum Eintrag {nr} fehlt der Inhalt, und keine Löschung im Journal nennt ihn."
                    ));
                }
                continue;
            };
            if sha256(record.as_bytes()) != row.get::<_, String>(1)? {
                pruefung.maengel.push(format!(
                    "Der Inhalt des Eintrags {nr} ist verändert: Sein Prüfwert stimmt nicht."
                ));
                continue;
            }
            let record: Value = serde_json::from_str(&record)?;
            let (art, zeit): (String, String) = (row.get(2)?, row.get(4)?);
            // Records of earlier versions of this program say neither; a Meldung has always said when it came.
            let time = if art == "meldung" { "eingegangen" } else { "zeit" };
            for (key, known) in [("art", &art), ("zeit", &zeit), (time, &zeit)] {
                if record[key].as_str().is_some_and(|told| told != known) {
                    pruefung.maengel.push(format!(
                        "Der Eintrag {nr} des Journals ist verändert: Seine Angabe „{key}“ stimmt nicht mit seinem Inhalt überein."
                    ));
                    break;
                }
            }
            if art == "meldung" {
                self.check_meldung(nr, record, forms, pruefung)?;
            }
        }
        let strays: i64 = self.connection.query_row(
            "SELECT count(*) FROM meldung WHERE journal_nr NOT IN (SELECT r.nr FROM journal_record AS r JOIN journal AS j ON j.nr = r.nr AND j.art = 'meldung')",
            [],
            |row| row.get(0),
        )?;
        if strays > 0 {
            pruefung
                .maengel
                .push(format!("{strays} Meldungen haben keinen Eintrag im Journal."));
        }
        Ok(())
    }

    fn check_meldung(
        &self,
        nr: i64,
        mut record: Value,
        forms: &BTreeMap<String, Form>,
        pruefung: &mut Pruefung,
    ) -> Result<()> {
        let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        let nummer = text("nummer");
        let mut statement = self.connection.prepare_cached(
            "SELECT nummer, runde, traeger, eingegangen, verspaetet, upload_sha256, beleg, mappe,
                    (SELECT grund FROM einreichung WHERE meldung = nummer) FROM meldung WHERE journal_nr = ?",
        )?;
        let mut rows = statement.query([nr])?;
        let Some(row) = rows.next()? else {
            pruefung
                .maengel
                .push(format!("Die Meldung {nummer} (Eintrag {nr}) fehlt in der Datenbank."));
            return Ok(());
        };
        pruefung.meldungen += 1;
        let mut complain = |what: &str| {
            pruefung
                .maengel
                .push(format!("Meldung {nummer} (Eintrag {nr}): {what}"));
        };
        for (n, key) in ["nummer", "runde", "traeger", "eingegangen"].into_iter().enumerate() {
            if row.get::<_, String>(n)? != text(key) {
                complain(&format!("Die Angabe „{key}“ stimmt nicht mit dem Journal überein."));
            }
        }
        let beleg: Value = serde_json::from_str(&row.get::<_, String>(6)?).unwrap_or_default();
        if row.get::<_, bool>(4)? != record["verspaetet"]
            || row.get::<_, String>(5)? != text("upload_sha256")
            || beleg != record["beleg"]
        {
            complain("Was die Eingangsbestätigung zeigt, stimmt nicht mit dem Journal überein.");
        }
        if row.get::<_, Option<String>>(8)?.as_deref() != record["einreichung"]["grund"].as_str() {
            complain("Wer sie eingereicht hat, stimmt nicht mit dem Journal überein.");
        }
        if sha256(row.get_ref(7)?.as_blob().unwrap_or_default()) != text("mappe_sha256") {
            complain("Die gespeicherte Arbeitsmappe ist verändert.");
        }
        let runde = text("runde");
        let Some(form) = forms.get(&runde) else {
            complain("Die Berichtsrunde fehlt.");
            return Ok(());
        };
        let zeilen: Rows = serde_json::from_value(record["zeilen"].take()).context("Zeilen im Journal")?;
        for sheet in &form.sheets {
            let kept = tables::rows_of(&self.connection, form, sheet, &nummer)?;
            let recorded = zeilen.get(&sheet.id).map(Vec::as_slice).unwrap_or_default();
            let same = kept.len() == recorded.len()
                && kept
                    .iter()
                    .zip(recorded)
                    .all(|(kept, row)| *kept == tables::sql_values(sheet, row));
            if !same {
                complain(&format!(
                    "Die Zeilen der Tabelle „{}“ stimmen nicht mit dem Journal überein.",
                    sheet.title
                ));
            }
        }
        Ok(())
    }

    /// The definition that a Runde was opened with.
    fn check_definitions(&self, pruefung: &mut Pruefung) -> Result<()> {
        let mut statement = self
            .connection
            .prepare("SELECT kennung, definition FROM runde ORDER BY kennung")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kennung, definition): (String, String) = (row.get(0)?, row.get(1)?);
            let known: bool = self.connection.query_row(
                "SELECT EXISTS (SELECT 1 FROM journal AS j JOIN journal_record AS r ON r.nr = j.nr
                 WHERE j.art IN ('runde_open', 'runde_update') AND json_extract(r.record, '$.definition_sha256') = ?)",
                [sha256(definition.as_bytes())],
                |row| row.get(0),
            )?;
            if !known {
                pruefung.maengel.push(format!(
                    "Die Formulardefinition der Runde {kennung} ist nicht die, mit der sie eröffnet wurde."
                ));
            }
        }
        Ok(())
    }
}
