//! The second step of a login: a code that was mailed. Every function does the same for a known pair of address and
//! number as for an unknown one; only nobody gets the unknown one's code, and it would let nobody in.

use super::sitzung::{self, Token, hash};
use super::{Store, ausgang};
use crate::clock::Moment;
use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, params};
use subtle::ConstantTimeEq;

/// A code is good for so long, counted from when its mail was asked for …
pub(crate) const CODE_SECONDS: i64 = 10 * 60;
/// … and for so many tries, however many mails there were.
pub(crate) const TRIES: u32 = 5;
/// A second mail can be asked for after a minute, and a third.
const ANOTHER_MAIL_SECONDS: i64 = 60;
pub(crate) const MAILS: u32 = 3;
pub(crate) const DIGITS: usize = 6;

/// What came of a code that somebody entered.
pub enum Eingabe {
    Right {
        token: Token,
        traeger: String,
        email: String,
        /// When address and number were typed.
        begonnen: i64,
    },
    Wrong {
        tries_left: u32,
    },
    /// Too late, too often, or never asked for.
    Over,
}

/// What came of asking for another mail.
pub enum Erneut {
    Queued,
    Wait { seconds: u64 },
    Enough,
    Over,
}

/// A login that waits for its code.
struct Wartet {
    traeger: Option<String>,
    email: Option<String>,
    code_hash: Option<Vec<u8>>,
    begonnen: i64,
    angefordert: i64,
    mails: u32,
    versuche: u32,
}

/// Logins may wait for codes at the same time; beyond that the oldest go.
const MOST_ROWS: i64 = 20_000;

impl Store {
    /// Lets a login wait for its code and queues the mail with it. Gives the browser's token.
    pub fn begin_code(&mut self, known: Option<(&str, &str)>, before: Option<&str>, now: Moment) -> Result<Token> {
        let token = Token::fresh()?;
        let token_hash = hash(token.text());
        let transaction = self.write()?;
        if let Some(before) = before {
            transaction.execute("DELETE FROM anmeldecode WHERE token_hash = ?", [hash(before)])?;
        }
        transaction.execute(
            "INSERT INTO anmeldecode (token_hash, traeger, email, begonnen, angefordert) VALUES (?, ?, ?, ?4, ?4)",
            params![
                token_hash,
                known.map(|(traeger, _)| traeger),
                known.map(|(_, email)| email),
                now.seconds()
            ],
        )?;
        ausgang::queue_code(&transaction, &token_hash, known, now)?;
        transaction.execute(
            "DELETE FROM anmeldecode WHERE token_hash IN (SELECT token_hash FROM anmeldecode ORDER BY angefordert DESC LIMIT -1 OFFSET ?)",
            [MOST_ROWS],
        )?;
        transaction.commit()?;
        Ok(token)
    }

    /// Whether a login waits for its code with this token.
    pub fn waits_for_code(&self, token: &str, now: Moment) -> Result<bool> {
        Ok(waiting(&self.connection, &hash(token), now)?.is_some())
    }

    /// Tries a code. The right one begins a session and can never be used again.
    pub fn try_code(&mut self, token: &str, typed: &str, session_before: Option<&str>, now: Moment) -> Result<Eingabe> {
        let token_hash = hash(token);
        let typed = self.code_hash(&token_hash, typed)?;
        let transaction = self.write()?;
        let Some(wartet) = waiting(&transaction, &token_hash, now)? else {
            return Ok(Eingabe::Over);
        };
        let sent = wartet.code_hash.unwrap_or_default();
        let right: bool = sent.as_slice().ct_eq(&typed).into();
        if let (true, Some(traeger), Some(email)) = (right, wartet.traeger, wartet.email) {
            transaction.execute("DELETE FROM anmeldecode WHERE token_hash = ?", [&token_hash])?;
            let token = sitzung::begin(&transaction, &traeger, session_before, now)?;
            transaction.commit()?;
            return Ok(Eingabe::Right {
                token,
                traeger,
                email,
                begonnen: wartet.begonnen,
            });
        }
        let tries_left = TRIES.saturating_sub(wartet.versuche + 1);
        let sql = if tries_left == 0 {
            "DELETE FROM anmeldecode WHERE token_hash = ?"
        } else {
            "UPDATE anmeldecode SET versuche = versuche + 1 WHERE token_hash = ?"
        };
        transaction.execute(sql, [&token_hash])?;
        transaction.commit()?;
        Ok(match tries_left {
            0 => Eingabe::Over,
            tries_left => Eingabe::Wrong { tries_left },
        })
    }

    /// Queues another mail with another code, in place of one that has not left yet.
    pub fn another_code(&mut self, token: &str, now: Moment) -> Result<Erneut> {
        let token_hash = hash(token);
        let transaction = self.write()?;
        let Some(wartet) = waiting(&transaction, &token_hash, now)? else {
            return Ok(Erneut::Over);
        };
        if wartet.mails >= MAILS {
            return Ok(Erneut::Enough);
        }
        let seconds = wartet.angefordert + ANOTHER_MAIL_SECONDS - now.seconds();
        if seconds > 0 {
            return Ok(Erneut::Wait {
                seconds: seconds as u64,
            });
        }
        transaction.execute(
            "UPDATE anmeldecode SET angefordert = ?, mails = mails + 1 WHERE token_hash = ?",
            params![now.seconds(), token_hash],
        )?;
        transaction.execute("DELETE FROM ausgang WHERE anmeldecode = ?", [&token_hash])?;
        let known = wartet.traeger.as_deref().zip(wartet.email.as_deref());
        ausgang::queue_code(&transaction, &token_hash, known, now)?;
        transaction.commit()?;
        Ok(Erneut::Queued)
    }

    /// Makes the code that a mail is about to carry. Only its keyed hash is kept; a code of an earlier mail ends.
    pub(super) fn fresh_code(&mut self, token_hash: &[u8]) -> Result<String> {
        let code = random_code()?;
        let code_hash = self.code_hash(token_hash, &code)?;
        self.connection.execute(
            "UPDATE anmeldecode SET code_hash = ? WHERE token_hash = ?",
            params![code_hash, token_hash],
        )?;
        Ok(code)
    }

    fn code_hash(&self, token_hash: &[u8], code: &str) -> Result<Vec<u8>> {
        self.keyed(&[token_hash, code.as_bytes()].concat())
    }
}

fn waiting(connection: &Connection, token_hash: &[u8], now: Moment) -> Result<Option<Wartet>> {
    let sql = "SELECT traeger, email, code_hash, begonnen, angefordert, mails, versuche FROM anmeldecode
               WHERE token_hash = ? AND angefordert > ?";
    Ok(connection
        .query_row(sql, params![token_hash, now.seconds() - CODE_SECONDS], |row| {
            Ok(Wartet {
                traeger: row.get(0)?,
                email: row.get(1)?,
                code_hash: row.get(2)?,
                begonnen: row.get(3)?,
                angefordert: row.get(4)?,
                mails: row.get(5)?,
                versuche: row.get(6)?,
            })
        })
        .optional()?)
}

/// Six digits, each number as likely as any other.
fn random_code() -> Result<String> {
    const CODES: u32 = 10_u32.pow(DIGITS as u32);
    loop {
        let random =
            getrandom::u32().map_err(|error| anyhow::anyhow!("Das Betriebssystem gibt keinen Zufall her: {error}"))?;
        // The last, incomplete run of codes would make small numbers likelier.
        if random < u32::MAX / CODES * CODES {
            return Ok(format!("{:0DIGITS$}", random % CODES));
        }
    }
}
