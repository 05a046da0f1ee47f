//! The one SQLite file. Every statement of the handler stands in this module's files.

pub(crate) mod anmeldecode;
mod anpassung;
mod ausgang;
pub(crate) mod fehlversuch;
pub(crate) mod journal;
mod meldung;
mod register;
mod runde;
pub(crate) mod sitzung;
mod stand;
mod tables;
mod vermerk;
mod versuch;

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

pub use anmeldecode::{Eingabe, Erneut};
pub use anpassung::{AlteAngabe, Anpassung};
pub use ausgang::{Ankuendigung, Brief, Inhalt, Naechster, Verbleib};
pub use fehlversuch::Schluessel;
pub use meldung::{Beleg, Bestaetigung, Eingang, Hinweis, Kept, Meldung, Summe};
pub use register::{AdressAkt, Register, TraegerImRegister};
pub use runde::{Frist, NeueRunde, Runde, RundeFehler, Zuweisung};
pub use sitzung::{Sitzung, Token, Wartend};
pub use stand::Stand;
pub use vermerk::{Ruecknahme, Unterschrift};
pub use versuch::{Versuch, VersuchBefund};

/// An open database, migrated to what this program knows.
pub struct Store {
    connection: Connection,
    /// In which function somebody acts for the office; the journal keeps it, never a name.
    pub rolle: String,
}

const ROLLE: &str = "Geschäftsstelle";

/// What makes a database of one version into one of the next. What was released is never changed.
const MIGRATIONS: [&str; 2] = [include_str!("store/schema.sql"), include_str!("store/schema_2.sql")];

impl Store {
    /// Opens or creates the database file.
    pub fn open(path: &Path) -> Result<Store> {
        let failed = || format!("Die Datenbank {} lässt sich nicht öffnen", path.display());
        create_for_us_alone(path).with_context(failed)?;
        let connection = Connection::open(path).with_context(failed)?;
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA busy_timeout = 5000;
             PRAGMA trusted_schema = OFF;",
            )
            .with_context(failed)?;
        let mut store = Store {
            connection,
            rolle: ROLLE.to_owned(),
        };
        store
            .migrate()
            .with_context(|| format!("Die Datenbank {} lässt sich nicht einrichten", path.display()))?;
        Ok(store)
    }

    fn migrate(&mut self) -> Result<()> {
        let transaction = self.write()?;
        let version: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let known = MIGRATIONS.len() as u32;
        let Some(missing) = MIGRATIONS.get(version as usize..) else {
            bail!("Sie stammt von einer neueren Fassung dieses Programms (Stand {version}, bekannt ist {known})");
        };
        for migration in missing {
            transaction.execute_batch(migration)?;
        }
        transaction.pragma_update(None, "user_version", known)?;
        transaction.commit()?;
        Ok(())
    }

    /// A transaction that holds the write lock from its start.
    fn write(&mut self) -> Result<Transaction<'_>> {
        Ok(self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

/// Addresses and workbooks are nobody else's on this machine.
fn create_for_us_alone(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
