//! A copy of the database while it is in use, for nobody else to read.

use super::{Pruefung, Store, file_id, migrate};
use anyhow::{Context, Result, bail};
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::Path;
use std::time::Duration;

impl Store {
    /// Writes a copy as of this moment and proves it before it gets its name. Never replaces a file. Free pages are not
    /// copied, so what was deleted is not in it.
    pub fn backup(&self, to: &Path, progress: &mut dyn FnMut(i64, i64)) -> Result<Pruefung> {
        let folder = match to.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if to.symlink_metadata().is_ok() {
            bail!("{} gibt es schon; eine Sicherung ersetzt keine Datei", to.display());
        }
        // Readable for us alone from its first byte.
        let copy = tempfile::Builder::new()
            .prefix(".sicherung-")
            .tempfile_in(folder)
            .with_context(|| format!("In {} lässt sich nicht schreiben", folder.display()))?;
        let path = copy.path().to_str().context("Der Ordner hat keinen lesbaren Namen")?;
        self.connection
            .execute("VACUUM INTO ?", [path])
            .context("Die Kopie lässt sich nicht schreiben")?;
        let pruefung = Store::open_to_read(copy.path())?.pruefen(progress)?;
        if !pruefung.maengel.is_empty() {
            return Ok(pruefung);
        }
        copy.as_file().sync_all()?;
        copy.persist_noclobber(to)
            .with_context(|| format!("{} lässt sich nicht anlegen", to.display()))?;
        File::open(folder)?.sync_all()?;
        Ok(pruefung)
    }

    /// Opens a database without changing a byte of it. One of an older version is brought up to date in memory.
    pub fn open_to_read(path: &Path) -> Result<Store> {
        let failed = || format!("Die Datenbank {} lässt sich nicht öffnen", path.display());
        let file = file_id(path).with_context(failed)?;
        let found = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).with_context(failed)?;
        found
            .execute_batch("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;")
            .with_context(failed)?;
        let version: u32 = found
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .with_context(failed)?;
        if version == super::MIGRATIONS.len() as u32 {
            return Ok(Store::around(found, path, file));
        }
        let mut connection = Connection::open_in_memory()?;
        Backup::new(&found, &mut connection)?.run_to_completion(1024, Duration::ZERO, None)?;
        migrate(&mut connection).with_context(failed)?;
        Ok(Store::around(connection, path, file))
    }
}
