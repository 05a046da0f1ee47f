//! The one SQLite file. Every statement of the handler stands in this module's files.

mod aenderung;
mod akte;
pub(crate) mod anmeldecode;
mod anpassung;
mod ausgang;
mod auskunft;
mod bericht;
mod damals;
pub(crate) mod fehlversuch;
mod frist;
pub(crate) mod journal;
pub mod loeschen;
mod luecken;
mod meldung;
mod pruefen;
mod register;
mod runde;
mod sicherung;
pub(crate) mod sitzung;
mod stand;
mod tables;
mod vermerk;
mod versuch;

use anyhow::{Context, Result, anyhow, bail, ensure};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use akte::{Akte, AkteMeldung, AkteRunde};
pub use anmeldecode::{Eingabe, Erneut};
pub use anpassung::{AlteAngabe, Anpassung};
pub use ausgang::{Ankuendigung, Brief, Inhalt, Naechster, Verbleib};
pub use auskunft::{Benennung, Fund};
pub use fehlversuch::Schluessel;
pub use frist::Frist;
pub use luecken::Luecken;
pub use meldung::{Beleg, Bestaetigung, Eingang, Hinweis, Kept, Meldung, Summe};
pub use pruefen::{Papier, Pruefung};
pub use register::{AdressAkt, Register, TraegerImRegister, Vertreten};
pub use runde::{NeueRunde, Runde, RundeFehler, Zuweisung};
pub use sitzung::{Sitzung, Token, Wartend};
pub use stand::{Lage, Stand};
pub use vermerk::{Ruecknahme, Unterschrift};
pub use versuch::{Versuch, VersuchBefund};

/// An open database, migrated to what this program knows.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Which file the connection holds open, whatever its name names by now.
    file: FileId,
    /// The database failed under this connection; a new one may fare better.
    doubtful: bool,
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
        let (mut connection, file) = connect(path).with_context(failed)?;
        migrate(&mut connection)
            .with_context(|| format!("Die Datenbank {} lässt sich nicht einrichten", path.display()))?;
        Ok(Store::around(connection, path, file))
    }

    fn around(connection: Connection, path: &Path, file: FileId) -> Store {
        Store {
            connection,
            path: path.to_owned(),
            file,
            doubtful: false,
            rolle: ROLLE.to_owned(),
        }
    }

    /// Looks at every page of the file: whoever is to serve for months begins with a sound one.
    pub fn check(&self) -> Result<()> {
        let failed = || format!("Die Datenbank {} ist beschädigt", self.path.display());
        let checked = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        ensure!(checked.with_context(failed)? == "ok", failed());
        Ok(())
    }

    /// Whether nothing is kept that only waits to be deleted: no login, no failed one, no mail.
    pub fn nothing_waits(&self) -> Result<bool> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM sitzung) AND NOT EXISTS (SELECT 1 FROM anmeldecode)
                      AND NOT EXISTS (SELECT 1 FROM fehlversuch) AND NOT EXISTS (SELECT 1 FROM ausgang)";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Does something for a service that lives on when it fails. Where the database failed under the connection, or
    /// another file has taken its name, the connection is made anew first; a missing file is never created.
    pub fn attempt<T>(&mut self, work: impl FnOnce(&mut Store) -> Result<T>) -> Result<T> {
        if self.doubtful || file_id(&self.path).ok() != Some(self.file) {
            let (mut connection, file) = connect(&self.path).map_err(in_words)?;
            migrate(&mut connection).map_err(in_words)?;
            (self.connection, self.file) = (connection, file);
        }
        let done = work(self);
        self.doubtful = done.as_ref().is_err_and(casts_doubt);
        done.map_err(in_words)
    }

    /// Takes out of the file beside the database what was deleted from the database itself. Whoever reads at this
    /// moment prevents it until the next time.
    fn empty_wal(&self) -> Result<()> {
        self.without_waiting(|connection| {
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            Ok(connection.query_row(sql, [], |_| Ok(()))?)
        })
    }

    /// Does what is not worth waiting for another process.
    fn without_waiting<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.connection.busy_timeout(Duration::ZERO)?;
        let done = work(&self.connection);
        self.connection.busy_timeout(BUSY)?;
        done
    }

    /// A transaction that holds the write lock from its start.
    fn write(&mut self) -> Result<Transaction<'_>> {
        Ok(self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

/// So long a transaction waits for one of another process.
const BUSY: Duration = Duration::from_secs(5);

type FileId = (u64, u64);

/// Device and number: what stays the same whatever the file is called.
fn file_id(path: &Path) -> std::io::Result<FileId> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

fn connect(path: &Path) -> Result<(Connection, FileId)> {
    let file = file_id(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA recursive_triggers = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;",
    )?;
    Ok((connection, file))
}

/// Writes only where there is something to do, so that a full disk keeps nobody from reading.
fn migrate(connection: &mut Connection) -> Result<()> {
    let known = MIGRATIONS.len() as u32;
    if version(connection)? == known && ours(connection)? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = version(&transaction)?;
    ensure!(ours(&transaction)?, "Sie gehört zu einem anderen Programm");
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

fn version(connection: &Connection) -> Result<u32> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// A database of ours has a journal, unless nothing is in it yet.
fn ours(connection: &Connection) -> Result<bool> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE name = 'journal') FROM sqlite_schema";
    let (things, journals): (i64, i64) = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(match version(connection)? {
        0 => things == 0,
        _ => journals == 1,
    })
}

fn sqlite_code(error: &anyhow::Error) -> Option<ErrorCode> {
    error.downcast_ref::<rusqlite::Error>()?.sqlite_error_code()
}

fn casts_doubt(error: &anyhow::Error) -> bool {
    use ErrorCode::{CannotOpen, DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly, SystemIoFailure};
    let doubtful = [
        CannotOpen,
        DatabaseCorrupt,
        DiskFull,
        NotADatabase,
        ReadOnly,
        SystemIoFailure,
    ];
    sqlite_code(error).is_some_and(|code| doubtful.contains(&code))
}

/// What whoever operates the service can do something about, instead of what SQLite says in English.
pub(crate) fn in_words(error: anyhow::Error) -> anyhow::Error {
    let said = |cause: &(dyn std::error::Error + 'static)| {
        let sqlite = cause.downcast_ref::<rusqlite::Error>()?.sqlite_error()?;
        let words = match sqlite.code {
            ErrorCode::NotADatabase => "Das ist keine SQLite-Datei",
            ErrorCode::DatabaseCorrupt => "Die Datei ist beschädigt",
            ErrorCode::DiskFull => "Der Datenträger ist voll",
            ErrorCode::CannotOpen => "Die Datei oder ihr Ordner lässt sich nicht öffnen oder nicht beschreiben",
            ErrorCode::ReadOnly => "Die Datei lässt sich nur lesen",
            ErrorCode::DatabaseBusy | ErrorCode::FileLockingProtocolFailed => {
                "Ein anderes Programm hält die Datenbank gesperrt"
            }
            ErrorCode::SystemIoFailure => "Der Datenträger antwortet mit einem Fehler",
            _ => return None,
        };
        Some(anyhow!("{words} (SQLite-Code {})", sqlite.extended_code))
    };
    let mut contexts = Vec::new();
    for cause in error.chain() {
        if let Some(said) = said(cause) {
            return contexts
                .into_iter()
                .rev()
                .fold(said, |said, context: String| said.context(context));
        }
        contexts.push(cause.to_string());
    }
    error
}

/// Addresses and workbooks are nobody else's on this machine.
fn create_for_us_alone(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_keeps_what_it_commits_and_wipes_what_it_deletes() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(&folder.path().join("meldungen.sqlite")).expect("a database");
        store.doubtful = true;
        store.attempt(|_| Ok(())).expect("a new connection");
        let set = |name: &str| -> String {
            let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
            let read = store.connection.query_row(&sql, [], |row| row.get(0));
            read.unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        const FULL: &str = "2";
        const IN_MEMORY: &str = "2";
        assert_eq!(set("journal_mode"), "wal");
        assert_eq!(set("synchronous"), FULL);
        assert_eq!(set("foreign_keys"), "1");
        assert_eq!(set("recursive_triggers"), "1");
        assert_eq!(set("secure_delete"), "1");
        assert_eq!(set("temp_store"), IN_MEMORY);
        assert_eq!(set("trusted_schema"), "0");
    }
}
