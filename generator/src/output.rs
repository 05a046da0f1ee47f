//! The only module that touches `dist`. A build's files replace those of the last one in an order that leaves no gap.
//!
//! 1. What is there already is listed; whatever a build has to say is compared with it, and only what is new or different is
//!    written, into a staging area beside it. Nobody sees it there, and a failure up to here changes nothing.
//! 2. What is new moves first, whole folders at once; then changed files by rename, pages last of all, so that no page refers
//!    to a file that is not there yet.
//! 3. What no longer belongs to the site goes, and with it folders that became empty.

mod listing;
mod publish;

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};

use crate::compress::{Compressed, compress, is_text};
use crate::digest::{digest, digest_of_file};
use crate::state::{FileState, Left};

pub use listing::Listing;
use listing::modified;

/// The folders of `dist/<site>` that belong to the generator alone.
const FOLDERS: [&str; 3] = ["www", "handler", "server"];

/// So many changed files share a folder: threads that create files in one folder wait for each other.
const FILES_PER_FOLDER: usize = 256;

/// Keeps every other build away from this `dist` for as long as it lives.
pub struct Lock(#[expect(dead_code, reason = "the lock ends when the file is closed")] File);

/// Locks `dist`, waiting for a build that is still running.
pub fn lock(out: &Path) -> Result<Lock> {
    let folder = out.join(".stand");
    fs::create_dir_all(&folder).with_context(|| format!("{} lässt sich nicht anlegen", folder.display()))?;
    let path = folder.join(".sperre");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("{} lässt sich nicht öffnen", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            eprintln!("Ein anderer Bau läuft in {}; ich warte auf ihn.", out.display());
            file.lock().context("Auf den anderen Bau lässt sich nicht warten")?;
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).context("Das Ausgabeverzeichnis lässt sich nicht sperren");
        }
    }
    Ok(Lock(file))
}

/// A file of the site that is about to be published.
#[derive(Debug)]
pub struct Output {
    /// Path below `dist/<site>`, with `/`.
    pub path: String,
    pub state: FileState,
    place: Place,
}

/// Where its bytes are.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Published already.
    There,
    /// In the staging area, at its own path: there was no such file.
    New,
    /// In the staging area, under this number: there is an older version.
    Changed(usize),
    /// Nowhere: nothing is to be written.
    Nowhere,
}

/// What a publication did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    pub written: usize,
    pub unchanged: usize,
    pub removed: usize,
}

/// Takes the files of one build.
pub struct Stage {
    target: PathBuf,
    staging: PathBuf,
    listing: Listing,
    /// What the last build left.
    before: Left,
    changed: AtomicUsize,
    is_trial: bool,
    /// Precompressed copies lie beside text files below `www/`.
    is_compressed: bool,
}

impl Stage {
    /// An empty staging area; an interrupted build may have left one that is not.
    pub fn new(out: &Path, site: &str, is_compressed: bool, listing: Listing, before: Left, _lock: &Lock) -> Stage {
        let staging = out.join(".stand").join(format!(".neu-{site}"));
        let _ = fs::remove_dir_all(&staging);
        Stage {
            target: out.join(site),
            staging,
            listing,
            before,
            changed: AtomicUsize::new(0),
            is_trial: false,
            is_compressed,
        }
    }

    /// One that writes nothing, for checks.
    pub fn trial() -> Stage {
        Stage {
            target: PathBuf::new(),
            staging: PathBuf::new(),
            listing: Listing::Found(HashMap::new()),
            before: Left::default(),
            changed: AtomicUsize::new(0),
            is_trial: true,
            is_compressed: false,
        }
    }

    /// A file with these bytes, added to `outputs` with its precompressed copies.
    pub fn put(&self, path: String, bytes: &[u8], outputs: &mut Vec<Output>) -> Result<()> {
        let output = self.put_one(path, bytes)?;
        let path = output.path.clone();
        let is_new = output.place != Place::There;
        outputs.push(output);
        if !self.is_compressed || !path.starts_with("www/") || (!is_new && self.keep_copies(&path, outputs).is_some()) {
            return Ok(());
        }
        if let Some(Compressed { gz, br }) = compress(&path, bytes) {
            outputs.push(self.put_one(format!("{path}.br"), &br)?);
            outputs.push(self.put_one(format!("{path}.gz"), &gz)?);
        }
        Ok(())
    }

    /// A file that is published as it is; `digest` is known from reading it.
    pub fn copy(&self, path: String, from: &Path, digest: u64, outputs: &mut Vec<Output>) -> Result<()> {
        if self.is_compressed && is_text(&path) {
            let bytes = fs::read(from).with_context(|| format!("{} lässt sich nicht lesen", from.display()))?;
            return self.put(path, &bytes, outputs);
        }
        let exists = self.exists(&path);
        outputs.push(if let Some(output) = self.there(&path, digest) {
            output
        } else if exists && digest_of_file(&self.target.join(&path)).is_ok_and(|old| old == digest) {
            self.as_listed(path, digest)
        } else {
            self.write(path, digest, exists, |file| {
                io::copy(&mut File::open(from)?, file).map(|_| ())
            })?
        });
        Ok(())
    }

    /// A file of the last build that need not be made again, with its copies; `None` if they do not all lie there still.
    pub fn keep(&self, path: String, outputs: &mut Vec<Output>) -> Option<()> {
        let state = self.before.files.get(&path)?;
        outputs.push(self.there(&path, state.digest)?);
        if self.is_compressed {
            self.keep_copies(&path, outputs)?;
        }
        Some(())
    }

    /// The copies that a text has; a short one may have none.
    fn keep_copies(&self, path: &str, outputs: &mut Vec<Output>) -> Option<()> {
        for ending in [".br", ".gz"] {
            let copy = format!("{path}{ending}");
            if let Some(state) = self.before.files.get(&copy) {
                outputs.push(self.there(&copy, state.digest)?);
            }
        }
        Some(())
    }

    fn put_one(&self, path: String, bytes: &[u8]) -> Result<Output> {
        let digest = digest(bytes);
        if let Some(output) = self.there(&path, digest) {
            return Ok(output);
        }
        let exists = self.exists(&path);
        if exists && fs::read(self.target.join(&path)).is_ok_and(|old| old == bytes) {
            return Ok(self.as_listed(path, digest));
        }
        self.write(path, digest, exists, |file| file.write_all(bytes))
    }

    fn there(&self, path: &str, digest: u64) -> Option<Output> {
        let state = self.before.files.get(path)?;
        (state.digest == digest && self.is_as_left(path, state)).then(|| Output {
            path: path.to_owned(),
            state: *state,
            place: Place::There,
        })
    }

    fn exists(&self, path: &str) -> bool {
        match &self.listing {
            Listing::AsLeft => self.before.files.contains_key(path),
            Listing::Found(files) => files.contains_key(path),
        }
    }

    fn is_as_left(&self, path: &str, state: &FileState) -> bool {
        match &self.listing {
            Listing::AsLeft => true,
            Listing::Found(files) => files.get(path) == Some(&(state.length, state.modified)),
        }
    }

    fn as_listed(&self, path: String, digest: u64) -> Output {
        let (length, modified) = match &self.listing {
            Listing::AsLeft => self.before.files.get(&path).map(|state| (state.length, state.modified)),
            Listing::Found(files) => files.get(&path).copied(),
        }
        .unwrap_or_default();
        Output {
            path,
            state: FileState {
                digest,
                length,
                modified,
            },
            place: Place::There,
        }
    }

    fn write(
        &self,
        path: String,
        digest: u64,
        exists: bool,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<Output> {
        let mut state = FileState {
            digest,
            length: 0,
            modified: 0,
        };
        if self.is_trial {
            let place = Place::Nowhere;
            return Ok(Output { path, state, place });
        }
        let place = if exists {
            Place::Changed(self.changed.fetch_add(1, Ordering::Relaxed))
        } else {
            Place::New
        };
        let staged = self.staged(&path, &place);
        let written = create(&staged).and_then(|mut file| {
            write(&mut file)?;
            file.metadata()
        });
        let metadata = written.with_context(|| format!("{} lässt sich nicht schreiben", staged.display()))?;
        (state.length, state.modified) = (metadata.len(), modified(&metadata));
        Ok(Output { path, state, place })
    }

    fn staged(&self, path: &str, place: &Place) -> PathBuf {
        match place {
            Place::Changed(number) => self
                .staging
                .join(format!("geaendert/{}/{number}", number / FILES_PER_FOLDER)),
            _ => self.staging.join("neu").join(path),
        }
    }
}

/// Creates a file, with its folders where they are not there yet.
fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        // Most pages have a folder of their own, so it is not there yet, and the one around it is.
        match fs::create_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir_all(folder)?,
            _ => {}
        }
    }
    File::create(path)
}
