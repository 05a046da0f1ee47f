//! Sessions and what waits in them.

use super::Store;
use super::anmeldecode::CODE_SECONDS;
use super::fehlversuch::FORGET_SECONDS;
use super::meldung::{Kept, moved_on};
use super::runde::Runde;
use crate::clock::Moment;
use anyhow::Result;
use form::{Finding, Rows, Vordruck};
use rusqlite::{OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

/// A session ends after half an hour without a request …
pub(crate) const IDLE_SECONDS: i64 = 30 * 60;
/// … and eight hours after the login at the latest.
pub(crate) const LONGEST_SECONDS: i64 = 8 * 60 * 60;
/// Beyond these a new login ends the one that was idle longest, sooner one in which nothing waits.
const SESSIONS_PER_TRAEGER: i64 = 20;

/// The secret in a browser's cookie: 256 bits from the operating system.
pub struct Token(String);

impl Token {
    pub(super) fn fresh() -> Result<Token> {
        Ok(Token(random_hex(32)?))
    }

    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Who is logged in.
#[derive(Debug, Clone)]
pub struct Sitzung {
    pub token_hash: Vec<u8>,
    pub traeger: String,
    /// When it ends if nothing more is asked.
    pub endet: Moment,
}

/// The last upload of a session that became no Meldung, or not yet.
#[derive(Debug)]
pub struct Wartend {
    pub id: String,
    pub runde: String,
    pub befunde: Vec<Finding>,
    /// There where only confirmations are missing.
    pub zeilen: Option<Rows>,
    pub mappe: Vec<u8>,
    pub upload_sha256: String,
    pub upload_bytes: u64,
    /// Which version counted when this was uploaded, by its number in the journal.
    pub stand: Option<i64>,
}

impl Store {
    /// Begins a session after a login. The one that the browser had before ends.
    pub fn begin_sitzung(&mut self, traeger: &str, before: Option<&str>, now: Moment) -> Result<Token> {
        let transaction = self.write()?;
        let token = begin(&transaction, traeger, before, now)?;
        transaction.commit()?;
        Ok(token)
    }

    /// The session of a token, if it has not ended; being asked keeps it alive.
    pub fn sitzung(&mut self, token: &str, now: Moment) -> Result<Option<Sitzung>> {
        let token_hash = hash(token);
        let found: Option<(String, i64)> = self
            .connection
            .prepare_cached(
                "SELECT traeger, begonnen FROM sitzung WHERE token_hash = ? AND zuletzt > ? AND begonnen > ?",
            )?
            .query_row(
                params![
                    token_hash,
                    now.seconds() - IDLE_SECONDS,
                    now.seconds() - LONGEST_SECONDS
                ],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let Some((traeger, begonnen)) = found else {
            return Ok(None);
        };
        let sql = "UPDATE sitzung SET zuletzt = ?1 WHERE token_hash = ?2 AND zuletzt < ?1";
        // A disk that takes nothing more, or another process that writes, must not keep anybody from reading; the
        // session ends sooner, that is all.
        let prolong =
            self.without_waiting(|connection| Ok(connection.execute(sql, params![now.seconds(), token_hash])?));
        if let Err(error) = prolong {
            tracing::warn!("a session could not be prolonged: {error}");
        }
        let endet = (now.seconds() + IDLE_SECONDS).min(begonnen + LONGEST_SECONDS);
        Ok(Some(Sitzung {
            token_hash,
            traeger,
            endet: Moment::of_seconds(endet),
        }))
    }

    /// Deletes what has outlived its period: sessions with the uploads that waited in them, codes that nobody entered,
    /// and failed logins. Pages of the file do not stay in memory either.
    pub fn forget(&mut self, now: Moment) -> Result<()> {
        let transaction = self.write()?;
        transaction.execute(
            "DELETE FROM sitzung WHERE zuletzt <= ? OR begonnen <= ?",
            params![now.seconds() - IDLE_SECONDS, now.seconds() - LONGEST_SECONDS],
        )?;
        transaction.execute(
            "DELETE FROM anmeldecode WHERE angefordert <= ?",
            [now.seconds() - CODE_SECONDS],
        )?;
        transaction.execute(
            "DELETE FROM fehlversuch WHERE zeit < ?",
            [now.seconds() - FORGET_SECONDS],
        )?;
        transaction.commit()?;
        self.connection.execute_batch("PRAGMA shrink_memory")?;
        self.empty_wal()
    }

    pub fn end_sitzung(&mut self, sitzung: &Sitzung) -> Result<()> {
        self.connection
            .execute("DELETE FROM sitzung WHERE token_hash = ?", [&sitzung.token_hash])?;
        Ok(())
    }

    /// Keeps the last upload that became no Meldung, in place of the one before. Otherwise gives what came in between: its session ended,
    /// or the Runde is not what it was examined against.
    pub fn keep_wartend(
        &mut self,
        sitzung: &Sitzung,
        wartend: &Wartend,
        examined: &Runde,
        vordruck: &Vordruck,
    ) -> Result<Option<Kept>> {
        let zeilen = wartend.zeilen.as_ref().map(serde_json::to_string).transpose()?;
        let transaction = self.write()?;
        if let Some(no) = moved_on(&transaction, examined, vordruck, &sitzung.traeger)? {
            return Ok(Some(no));
        }
        let kept = transaction.execute(
            "INSERT OR REPLACE INTO wartend (sitzung, id, runde, befunde, zeilen, mappe, upload_sha256, upload_bytes, stand)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE EXISTS (SELECT 1 FROM sitzung WHERE token_hash = ?1)",
            params![
                sitzung.token_hash,
                wartend.id,
                wartend.runde,
                serde_json::to_string(&wartend.befunde)?,
                zeilen,
                wartend.mappe,
                wartend.upload_sha256,
                wartend.upload_bytes as i64,
                wartend.stand
            ],
        )?;
        transaction.commit()?;
        Ok((kept != 1).then_some(Kept::SitzungOver))
    }

    pub fn wartend(&self, sitzung: &Sitzung) -> Result<Option<Wartend>> {
        let sql = "SELECT id, runde, befunde, zeilen, mappe, upload_sha256, upload_bytes, stand FROM wartend WHERE sitzung = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([&sitzung.token_hash])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (befunde, zeilen): (String, Option<String>) = (row.get(2)?, row.get(3)?);
        Ok(Some(Wartend {
            id: row.get(0)?,
            runde: row.get(1)?,
            befunde: serde_json::from_str(&befunde)?,
            zeilen: zeilen.as_deref().map(serde_json::from_str).transpose()?,
            mappe: row.get(4)?,
            upload_sha256: row.get(5)?,
            upload_bytes: row.get::<_, i64>(6)? as u64,
            stand: row.get(7)?,
        }))
    }
}

/// Begins a session within the transaction of whatever let somebody in.
pub(super) fn begin(transaction: &Transaction<'_>, traeger: &str, before: Option<&str>, now: Moment) -> Result<Token> {
    let token = Token::fresh()?;
    if let Some(before) = before {
        transaction.execute("DELETE FROM sitzung WHERE token_hash = ?", [hash(before)])?;
    }
    transaction.execute(
        "INSERT INTO sitzung (token_hash, traeger, begonnen, zuletzt) VALUES (?, ?, ?3, ?3)",
        params![hash(token.text()), traeger, now.seconds()],
    )?;
    transaction.execute(
        "DELETE FROM sitzung WHERE token_hash IN
             (SELECT token_hash FROM sitzung LEFT JOIN wartend ON sitzung = token_hash
              WHERE traeger = ?1 AND token_hash <> ?2 ORDER BY id IS NULL, zuletzt DESC LIMIT -1 OFFSET ?3)",
        params![traeger, hash(token.text()), SESSIONS_PER_TRAEGER - 1],
    )?;
    Ok(token)
}

pub(super) fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// So many random bytes from the operating system, in hexadecimal.
pub(crate) fn random_hex(bytes: usize) -> Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)
        .map_err(|error| anyhow::anyhow!("Das Betriebssystem gibt keinen Zufall her: {error}"))?;
    Ok(super::journal::hex(&random))
}
