//! The one SQLite file. Every statement of the handler stands in this module's files.

mod akte;
pub(crate) mod anmeldecode;
mod ausgang;
mod auskunft;
mod bericht;
pub(crate) mod fehlversuch;
pub(crate) mod journal;
pub mod loeschen;
mod meldung;
mod pruefen;
mod register;
mod runde;
mod sicherung;
pub(crate) mod sitzung;
mod tables;

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

pub use akte::{Akte, AkteMeldung, AkteRunde};
pub use anmeldecode::{Eingabe, Erneut};
pub use ausgang::{Ankuendigung, Brief, Inhalt, Naechster, Verbleib};
pub use auskunft::{Benennung, Fund};
pub use fehlversuch::Schluessel;
pub use meldung::{Beleg, Bestaetigung, Eingang, Hinweis, Kept, Meldung, Stand, Summe};
pub use pruefen::{Papier, Pruefung};
pub use register::Register;
pub use runde::{NeueRunde, Runde, RundeFehler, Zuweisung};
pub use sitzung::{Sitzung, Token, Wartend};

/// An open database, migrated to what this program knows.
pub struct Store {
    connection: Connection,
}

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
        let mut store = Store { connection };
        migrate(&mut store.connection)
            .with_context(|| format!("Die Datenbank {} lässt sich nicht einrichten", path.display()))?;
        Ok(store)
    }

    /// A transaction that holds the write lock from its start.
    fn write(&mut self) -> Result<Transaction<'_>> {
        Ok(self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

fn migrate(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
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

/// Addresses and workbooks are nobody else's on this machine.
fn create_for_us_alone(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
