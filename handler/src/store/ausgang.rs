//! The outbox: what is to be mailed, until it has left. Its rows say whom to write about what; the text is made when a
//! mail leaves.

use super::Store;
use crate::clock::Moment;
use anyhow::Result;
use rusqlite::{OptionalExtension, Transaction, params};

/// A mail that is to leave now.
#[derive(Debug)]
pub struct Brief {
    pub id: i64,
    /// When it was queued, in seconds since 1970.
    pub eingestellt: i64,
    pub traeger: String,
    pub empfaenger: String,
    pub inhalt: Inhalt,
}

#[derive(Debug)]
pub enum Inhalt {
    Code(String),
    Ankuendigung(Ankuendigung),
}

/// What is said of a Meldung: no amounts, no names.
#[derive(Debug)]
pub struct Ankuendigung {
    pub nummer: String,
    pub eingegangen: Moment,
    pub verspaetet: bool,
    /// The form as it was frozen with the Runde.
    pub definition: String,
    pub von: String,
    pub bis: String,
    /// The number of the version that counts, if that is another one by now.
    pub ersetzt_durch: Option<String>,
    /// Whether an earlier version ceased to count with this one.
    pub ersetzt: bool,
    pub beispiel: bool,
}

/// What the outbox has to offer.
#[derive(Debug)]
pub enum Naechster {
    Brief(Brief),
    /// Nothing is due for so many seconds.
    Later(u64),
    Empty,
}

/// What becomes of a mail that could not leave.
#[derive(Debug, PartialEq, Eq)]
pub enum Verbleib {
    TriedAgain { seconds: i64 },
    GivenUp,
}

/// Whoever takes a mail has so long to send it. After a crash it is due again then, and may arrive twice.
const TAKEN_SECONDS: i64 = 3 * 60;
const CODE_PAUSE_SECONDS: i64 = 5;
const FIRST_PAUSE_SECONDS: i64 = 60;
const LONGEST_PAUSE_SECONDS: i64 = 60 * 60;

/// Queues the mail with a code; for nobody, where the pair of address and number is not known.
pub(super) fn queue_code(
    transaction: &Transaction<'_>,
    token_hash: &[u8],
    known: Option<(&str, &str)>,
    now: Moment,
) -> Result<()> {
    transaction.execute(
        "INSERT INTO ausgang (anmeldecode, traeger, empfaenger, eingestellt, faellig) VALUES (?, ?, ?, ?4, ?4)",
        params![
            token_hash,
            known.map(|(traeger, _)| traeger),
            known.map(|(_, email)| email),
            now.seconds()
        ],
    )?;
    Ok(())
}

/// Queues the announcement of a Meldung to every address of its Träger that is not blocked.
pub(super) fn queue_ankuendigung(
    transaction: &Transaction<'_>,
    nummer: &str,
    traeger: &str,
    now: Moment,
) -> Result<()> {
    transaction.execute(
        "INSERT INTO ausgang (meldung, traeger, empfaenger, eingestellt, faellig)
         SELECT ?1, traeger, email, ?3, ?3 FROM adresse WHERE traeger = ?2 AND NOT gesperrt",
        params![nummer, traeger, now.seconds()],
    )?;
    Ok(())
}

impl Store {
    /// After a start everything is tried at once: whatever was wrong may have been mended.
    pub fn ausgang_is_due(&mut self, now: Moment) -> Result<()> {
        self.connection
            .execute("UPDATE ausgang SET faellig = min(faellig, ?)", [now.seconds()])?;
        Ok(())
    }

    /// Takes the next mail that is due, codes first. What is for nobody is dropped on the way.
    pub fn next_brief(&mut self, now: Moment) -> Result<Naechster> {
        loop {
            let soonest: Option<i64> = self
                .connection
                .query_row("SELECT min(faellig) FROM ausgang", [], |row| row.get(0))?;
            match soonest {
                None => return Ok(Naechster::Empty),
                Some(faellig) if faellig > now.seconds() => {
                    return Ok(Naechster::Later((faellig - now.seconds()) as u64));
                }
                Some(_) => {}
            }
            self.forget(now)?;
            if let Some(brief) = self.take_brief(now)? {
                return Ok(Naechster::Brief(brief));
            }
        }
    }

    /// Takes one row, if it becomes a mail.
    fn take_brief(&mut self, now: Moment) -> Result<Option<Brief>> {
        let sql = "UPDATE ausgang SET faellig = ?2, versuche = versuche + 1
                   WHERE id = (SELECT id FROM ausgang WHERE faellig <= ?1 ORDER BY anmeldecode IS NULL, faellig, id LIMIT 1)
                   RETURNING id, eingestellt, traeger, empfaenger, anmeldecode, meldung";
        type Taken = (
            i64,
            i64,
            Option<String>,
            Option<String>,
            Option<Vec<u8>>,
            Option<String>,
        );
        let taken: Option<Taken> = self
            .connection
            .query_row(sql, params![now.seconds(), now.seconds() + TAKEN_SECONDS], |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                ))
            })
            .optional()?;
        let Some((id, eingestellt, traeger, empfaenger, anmeldecode, meldung)) = taken else {
            return Ok(None);
        };
        let inhalt = match (anmeldecode, meldung) {
            // Also for nobody, so that a known and an unknown pair keep the database equally busy.
            (Some(token_hash), _) => Some(Inhalt::Code(self.fresh_code(&token_hash)?)),
            (None, Some(nummer)) => self.ankuendigung(&nummer)?.map(Inhalt::Ankuendigung),
            (None, None) => None,
        };
        let (Some(traeger), Some(empfaenger), Some(inhalt)) = (traeger, empfaenger, inhalt) else {
            self.brief_sent(id)?;
            return Ok(None);
        };
        Ok(Some(Brief {
            id,
            eingestellt,
            traeger,
            empfaenger,
            inhalt,
        }))
    }

    /// A mail has left: nothing of it stays.
    pub fn brief_sent(&mut self, id: i64) -> Result<()> {
        self.connection.execute("DELETE FROM ausgang WHERE id = ?", [id])?;
        Ok(())
    }

    /// A mail could not leave: it is tried again after a pause that doubles, until it is too old.
    pub fn brief_failed(&mut self, brief: &Brief, give_up_after: i64, now: Moment) -> Result<Verbleib> {
        if now.seconds() - brief.eingestellt >= give_up_after {
            self.brief_sent(brief.id)?;
            return Ok(Verbleib::GivenUp);
        }
        let versuche: i64 = self
            .connection
            .query_row("SELECT versuche FROM ausgang WHERE id = ?", [brief.id], |row| {
                row.get(0)
            })
            .optional()?
            .unwrap_or(1);
        let first = match brief.inhalt {
            Inhalt::Code(_) => CODE_PAUSE_SECONDS,
            Inhalt::Ankuendigung(_) => FIRST_PAUSE_SECONDS,
        };
        let doubled = first << (versuche - 1).clamp(0, 20);
        let last_chance = brief.eingestellt + give_up_after - now.seconds();
        let seconds = doubled.min(LONGEST_PAUSE_SECONDS).min(last_chance);
        self.connection.execute(
            "UPDATE ausgang SET faellig = ? WHERE id = ?",
            params![now.seconds() + seconds, brief.id],
        )?;
        Ok(Verbleib::TriedAgain { seconds })
    }

    /// Drops everything that waits, because no mails are sent any more. Gives how many there were.
    pub fn empty_ausgang(&mut self) -> Result<usize> {
        Ok(self.connection.execute("DELETE FROM ausgang", [])?)
    }

    fn ankuendigung(&self, nummer: &str) -> Result<Option<Ankuendigung>> {
        let sql = "SELECT m.eingegangen, m.verspaetet, r.definition, r.von, r.bis, r.beispiel,
                          (SELECT nummer FROM meldung_gueltig WHERE runde = m.runde AND traeger = m.traeger),
                          EXISTS (SELECT 1 FROM meldung AS vorher
                                  WHERE vorher.runde = m.runde AND vorher.traeger = m.traeger AND vorher.journal_nr < m.journal_nr)
                   FROM meldung AS m JOIN runde AS r ON r.kennung = m.runde WHERE m.nummer = ?";
        let found = self.connection.query_row(sql, [nummer], |row| {
            let eingegangen: String = row.get(0)?;
            let counts: String = row.get(6)?;
            Ok(Moment::parse(&eingegangen).and_then(|eingegangen| {
                Ok(Ankuendigung {
                    nummer: nummer.to_owned(),
                    eingegangen,
                    verspaetet: row.get(1)?,
                    definition: row.get(2)?,
                    von: row.get(3)?,
                    bis: row.get(4)?,
                    beispiel: row.get(5)?,
                    ersetzt_durch: (counts != nummer).then_some(counts),
                    ersetzt: row.get(7)?,
                })
            }))
        });
        found.optional()?.transpose()
    }
}
