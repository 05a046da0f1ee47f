//! Accepted Meldungen: one transaction each, with file, rows and journal entry.

use super::runde::{self, Runde};
use super::{Ruecknahme, Store, Unterschrift, aenderung, ausgang, journal, tables};
use crate::clock::Moment;
use anyhow::{Result, bail};
use form::{Cent, Form, Rows, Vordruck};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};

/// A clean upload, about to become a Meldung.
pub struct Eingang<'a> {
    pub runde: &'a Runde,
    pub form: &'a Form,
    /// What it was examined against.
    pub vordruck: &'a Vordruck,
    pub traeger: &'a str,
    pub rows: &'a Rows,
    pub verspaetet: bool,
    /// The repacked workbook.
    pub mappe: &'a [u8],
    /// Of the bytes as they were uploaded.
    pub upload_sha256: &'a str,
    pub upload_bytes: u64,
    /// What the Eingangsbestaetigung will show; `aenderung` is filled in here.
    pub beleg: Beleg,
    /// Set where the upload waited for confirmation: its id, and which version counted when it was uploaded.
    pub bestaetigt: Option<(&'a str, Option<i64>)>,
    /// Why the office filed it, where it was not the Träger.
    pub einreichung: Option<&'a str>,
    /// Whether the Träger's addresses are written to about it.
    pub ankuendigen: bool,
}

/// What became of a clean upload.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// With its new Vorgangsnummer.
    New(String),
    /// The same bytes count already, under this number.
    Already(String),
    /// Meanwhile another version was received, or this one was confirmed already.
    Overtaken,
    /// Meanwhile the Runde was closed.
    Closed,
    /// Meanwhile the Runde got other figures or another form.
    Changed,
    /// Meanwhile the session has ended: by a logout, or with its address.
    SitzungOver,
}

/// What an Eingangsbestaetigung shows beside number, time and checksums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Beleg {
    pub schulen: usize,
    pub summen: Vec<Summe>,
    pub hinweise: Vec<Hinweis>,
    pub bestaetigt: Vec<Bestaetigung>,
    /// What changed against the version before, in words, or empty.
    pub aenderung: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summe {
    pub label: String,
    pub cent: Cent,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hinweis {
    pub code: String,
    pub stelle: String,
    pub text: String,
}

/// Something unusual that the Träger confirmed, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bestaetigung {
    pub code: String,
    pub stelle: String,
    pub grund: String,
}

/// A Meldung as it is shown. Its workbook stays in the database.
#[derive(Debug, Clone)]
pub struct Meldung {
    pub nummer: String,
    pub runde: String,
    pub traeger: String,
    pub eingegangen: Moment,
    pub verspaetet: bool,
    pub upload_sha256: String,
    pub upload_bytes: u64,
    pub kette: String,
    pub beleg: Beleg,
    /// Whether this is the version that counts.
    pub gilt: bool,
    /// The number of the version that counts, if that is another one.
    pub ersetzt_durch: Option<String>,
    pub ruecknahme: Option<Ruecknahme>,
    /// When the signed paper for this version came.
    pub unterschrift: Option<Unterschrift>,
    /// Why the office filed it, where it was not the Träger.
    pub einreichung: Option<String>,
}

const COLUMNS: &str =
    "m.nummer, m.runde, m.traeger, m.eingegangen, m.verspaetet, m.upload_sha256, m.upload_bytes, j.kette, m.beleg,
    (SELECT nummer FROM meldung_gueltig WHERE runde = m.runde AND traeger = m.traeger),
    (SELECT zeit FROM ruecknahme WHERE meldung = m.nummer), (SELECT grund FROM ruecknahme WHERE meldung = m.nummer),
    (SELECT eingang FROM unterschrift WHERE meldung = m.nummer), (SELECT grund FROM einreichung WHERE meldung = m.nummer)";

impl Store {
    /// Keeps a Meldung, and with it ends what waited in the session. It is on disk when this returns.
    pub fn keep(&mut self, eingang: &Eingang<'_>, token_hash: &[u8], now: Moment) -> Result<Kept> {
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        if let Some(no) = moved_on(&transaction, eingang.runde, eingang.vordruck, eingang.traeger)? {
            return Ok(no);
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM sitzung WHERE token_hash = ?)";
        if eingang.einreichung.is_none() && !transaction.query_row(sql, [token_hash], |row| row.get::<_, bool>(0))? {
            return Ok(Kept::SitzungOver);
        }
        if let Some(settled) = settled(&transaction, eingang, token_hash)? {
            transaction.commit()?;
            return Ok(settled);
        }
        let nummer = fresh_nummer(&transaction, &eingang.runde.kennung)?;
        let aenderung = aenderung::against_what_counts(&transaction, eingang)?;
        let beleg = Beleg {
            aenderung,
            ..eingang.beleg.clone()
        };
        let mut record = serde_json::json!({
            "nummer": nummer,
            "runde": eingang.runde.kennung,
            "traeger": eingang.traeger,
            "eingegangen": now.iso(),
            "verspaetet": eingang.verspaetet,
            "upload_sha256": eingang.upload_sha256,
            "mappe_sha256": journal::sha256(eingang.mappe),
            "zeilen": eingang.rows,
            "beleg": beleg,
        });
        if let Some(grund) = eingang.einreichung {
            record["einreichung"] = serde_json::json!({ "rolle": rolle, "grund": grund });
        }
        let journal_nr = journal::append(&transaction, now, "meldung", &record)?;
        transaction.execute(
            "INSERT INTO meldung (nummer, journal_nr, runde, traeger, eingegangen, verspaetet, mappe, upload_sha256, upload_bytes, wartend_id, beleg)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                nummer,
                journal_nr,
                eingang.runde.kennung,
                eingang.traeger,
                now.iso(),
                eingang.verspaetet,
                eingang.mappe,
                eingang.upload_sha256,
                eingang.upload_bytes as i64,
                eingang.bestaetigt.map(|(id, _)| id),
                serde_json::to_string(&beleg)?
            ],
        )?;
        if let Some(grund) = eingang.einreichung {
            transaction.execute(
                "INSERT INTO einreichung (meldung, grund) VALUES (?, ?)",
                [nummer.as_str(), grund],
            )?;
        }
        tables::insert(&transaction, eingang.form, &nummer, eingang.rows)?;
        if eingang.ankuendigen {
            ausgang::queue_ankuendigung(&transaction, &nummer, eingang.traeger, now)?;
        }
        transaction.commit()?;
        Ok(Kept::New(nummer))
    }

    /// How many Meldungen came from a Träger itself on the day of this moment.
    pub fn received_today(&self, traeger: &str, now: Moment) -> Result<u32> {
        let sql = "SELECT count(*) FROM runde JOIN meldung ON runde = kennung
            WHERE traeger = ? AND substr(eingegangen, 1, 10) = ? AND nummer NOT IN (SELECT meldung FROM einreichung)";
        let day = now.day().to_string();
        Ok(self
            .connection
            .query_row(sql, [traeger, day.as_str()], |row| row.get(0))?)
    }

    /// The Vorgangsnummer of a Träger's confirmed upload, if it has become a Meldung.
    pub fn confirmed(&self, wartend_id: &str, traeger: &str) -> Result<Option<String>> {
        let sql = "SELECT nummer FROM meldung WHERE wartend_id = ? AND traeger = ?";
        Ok(self
            .connection
            .query_row(sql, [wartend_id, traeger], |row| row.get(0))
            .optional()?)
    }

    /// Which version counts, by its number in the journal.
    pub fn stand(&self, runde: &str, traeger: &str) -> Result<Option<i64>> {
        let sql = "SELECT journal_nr FROM meldung_gueltig WHERE runde = ? AND traeger = ?";
        Ok(self
            .connection
            .query_row(sql, [runde, traeger], |row| row.get(0))
            .optional()?)
    }

    /// The Vorgangsnummer of the version that counts, if these are its bytes.
    pub fn counts_already(&self, runde: &str, traeger: &str, upload_sha256: &str) -> Result<Option<String>> {
        let sql = "SELECT nummer FROM meldung_gueltig WHERE runde = ? AND traeger = ? AND upload_sha256 = ?";
        Ok(self
            .connection
            .query_row(sql, [runde, traeger, upload_sha256], |row| row.get(0))
            .optional()?)
    }

    /// A Meldung by its Vorgangsnummer.
    pub fn meldung(&self, nummer: &str) -> Result<Option<Meldung>> {
        let sql =
            format!("SELECT {COLUMNS} FROM meldung AS m JOIN journal AS j ON j.nr = m.journal_nr WHERE m.nummer = ?");
        self.connection
            .prepare_cached(&sql)?
            .query_row([nummer], meldung_of_row)
            .optional()?
            .transpose()
    }

    /// All versions of a Träger in a Runde, the latest first.
    pub fn meldungen_of(&self, runde: &str, traeger: &str) -> Result<Vec<Meldung>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM meldung AS m JOIN journal AS j ON j.nr = m.journal_nr
             WHERE m.runde = ? AND m.traeger = ? ORDER BY m.journal_nr DESC"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let meldungen = statement.query_map([runde, traeger], meldung_of_row)?;
        meldungen.map(|meldung| meldung?).collect()
    }
}

fn meldung_of_row(row: &Row<'_>) -> rusqlite::Result<Result<Meldung>> {
    let (nummer, eingegangen, beleg): (String, String, String) = (row.get(0)?, row.get(3)?, row.get(8)?);
    let (runde, traeger, verspaetet) = (row.get(1)?, row.get(2)?, row.get(4)?);
    let (upload_sha256, upload_bytes, kette) = (row.get(5)?, row.get::<_, i64>(6)? as u64, row.get(7)?);
    let counts: Option<String> = row.get(9)?;
    let withdrawn: Option<(String, String)> = row.get::<_, Option<String>>(10)?.zip(row.get(11)?);
    let unterschrift: Option<String> = row.get(12)?;
    let einreichung = row.get(13)?;
    Ok((|| {
        let ruecknahme = withdrawn.map(|(zeit, grund)| {
            anyhow::Ok(Ruecknahme {
                zeit: Moment::parse(&zeit)?,
                grund,
            })
        });
        Ok(Meldung {
            gilt: counts.as_ref() == Some(&nummer),
            ruecknahme: ruecknahme.transpose()?,
            unterschrift: unterschrift.map(|day| day.parse()).transpose()?,
            einreichung,
            ersetzt_durch: counts.filter(|counts| *counts != nummer),
            nummer,
            runde,
            traeger,
            eingegangen: Moment::parse(&eingegangen)?,
            verspaetet,
            upload_sha256,
            upload_bytes,
            kette,
            beleg: serde_json::from_str(&beleg)?,
        })
    })())
}

/// Whether the Runde is no longer what the upload was examined against.
pub(super) fn moved_on(
    transaction: &Transaction<'_>,
    examined: &Runde,
    vordruck: &Vordruck,
    traeger: &str,
) -> Result<Option<Kept>> {
    let Some(now) = runde::runde(transaction, &examined.kennung)? else {
        return Ok(Some(Kept::Changed));
    };
    if now.geschlossen {
        return Ok(Some(Kept::Closed));
    }
    let same = now.definition == examined.definition
        && runde::vordruck(transaction, &now, traeger)?.as_ref() == Some(vordruck);
    Ok((!same).then_some(Kept::Changed))
}

/// Whether there is nothing left to keep: a double click, or a version that came in between. What waits in the session
/// is over either way.
fn settled(transaction: &Transaction<'_>, eingang: &Eingang<'_>, token_hash: &[u8]) -> Result<Option<Kept>> {
    let of_this_runde = "DELETE FROM wartend WHERE sitzung = ? AND runde = ?";
    let waited = match eingang.bestaetigt {
        None => transaction.execute(of_this_runde, params![token_hash, eingang.runde.kennung])?,
        Some((id, _)) => transaction.execute(
            "DELETE FROM wartend WHERE sitzung = ? AND id = ?",
            params![token_hash, id],
        )?,
    };
    let counts: Option<(String, i64, String)> = transaction
        .query_row(
            "SELECT nummer, journal_nr, upload_sha256 FROM meldung_gueltig WHERE runde = ? AND traeger = ?",
            [&eingang.runde.kennung, eingang.traeger],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    if let Some((nummer, _, _)) = counts.as_ref().filter(|(_, _, sha256)| sha256 == eingang.upload_sha256) {
        return Ok(Some(Kept::Already(nummer.clone())));
    }
    let same_stand = |stand| counts.as_ref().map(|(_, journal_nr, _)| *journal_nr) == stand;
    let overtaken = eingang
        .bestaetigt
        .is_some_and(|(_, stand)| waited != 1 || !same_stand(stand));
    Ok(overtaken.then_some(Kept::Overtaken))
}

/// `CB-2026-7K3M-9QXA`: the Runde and a random part that can be read out on the telephone (no I, L, O, U).
fn fresh_nummer(transaction: &Transaction<'_>, runde: &str) -> Result<String> {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for _ in 0..10 {
        let mut random = [0; 8];
        getrandom::fill(&mut random)
            .map_err(|error| anyhow::anyhow!("Das Betriebssystem gibt keinen Zufall her: {error}"))?;
        let part: String = random
            .iter()
            .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
            .collect();
        let nummer = format!("{}-{}-{}", runde.to_uppercase(), &part[..4], &part[4..]);
        let taken = transaction
            .query_row("SELECT 1 FROM meldung WHERE nummer = ?", [&nummer], |_| Ok(()))
            .optional()?;
        if taken.is_none() {
            return Ok(nummer);
        }
    }
    bail!("Es findet sich keine freie Vorgangsnummer")
}
