//! The only module that touches `dist`. A build's files replace those of the last one in an order that leaves no gap.
//!
//! 1. What is there already is listed; whatever a build has to say is compared with it, and only what is new or different is
//!    written, into a staging area beside it. Nobody sees it there, and a failure up to here changes nothing.
//! 2. What is new moves first, whole folders at once; then changed files by rename, pages last of all, so that no page refers
//!    to a file that is not there yet.
//! 3. What no longer belongs to the site goes, and with it folders that became empty.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use rayon::prelude::*;

use crate::compress::{Compressed, compress, is_text};
use crate::digest::{digest, digest_of_file};
use crate::state::{FileState, Left};

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

/// What lies in `dist/<site>` before a build.
#[derive(Debug)]
pub enum Listing {
    /// Exactly what the last build left.
    AsLeft,
    /// Length and time of change of each file, by its path.
    Found(HashMap<String, (u64, u64)>),
}

impl Listing {
    /// Looks whether everything still lies there as it was left, and lists it only where it does not.
    pub fn read(out: &Path, site: &str, left: &Left) -> Listing {
        let target = out.join(site);
        if is_as_left(&target, left) {
            return Listing::AsLeft;
        }
        let lists = FOLDERS.par_iter().map(|folder| list(&target.join(folder), folder));
        Listing::Found(lists.reduce(Vec::new, joined).into_iter().collect())
    }
}

/// Whether nobody has touched a file, nor added one: that would show at its folder.
fn is_as_left(target: &Path, left: &Left) -> bool {
    let is_same = |(path, known): (&String, &FileState)| {
        fs::symlink_metadata(target.join(path))
            .is_ok_and(|found| found.is_file() && (found.len(), modified(&found)) == (known.length, known.modified))
    };
    let folders = || {
        left.folders
            .par_iter()
            .all(|(path, known)| folder_time(target, path) == *known)
    };
    !left.files.is_empty() && folders() && left.files.par_iter().all(is_same)
}

/// When something was last added to a folder or removed from it; 0 when there is no such folder.
fn folder_time(target: &Path, path: &str) -> u64 {
    let found = fs::symlink_metadata(target.join(path));
    found.map_or(0, |found| if found.is_dir() { modified(&found) } else { 1 })
}

type Listed = Vec<(String, (u64, u64))>;

fn joined(mut all: Listed, more: Listed) -> Listed {
    if all.is_empty() {
        return more;
    }
    all.extend(more);
    all
}

/// The files below a folder; `path` is the folder's own below `dist/<site>`.
fn list(folder: &Path, path: &str) -> Listed {
    let mut found = Vec::new();
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => folders.push((entry.path(), path)),
            _ => {
                let metadata = entry.metadata().ok();
                found.push((
                    path,
                    metadata.map_or((0, 0), |metadata| (metadata.len(), modified(&metadata))),
                ));
            }
        }
    }
    let lists = folders.par_iter().map(|(folder, path)| list(folder, path));
    joined(found, lists.reduce(Vec::new, joined))
}

fn modified(metadata: &Metadata) -> u64 {
    let time = metadata.modified().ok();
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
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

    /// Makes `dist/<site>` hold exactly these files.
    pub fn publish(self, outputs: Vec<Output>) -> Result<(Published, Left)> {
        let context = || format!("{} lässt sich nicht schreiben", self.target.display());
        fs::create_dir_all(&self.target).with_context(context)?;
        let new = self.staging.join("neu");
        if new.is_dir() {
            for folder in FOLDERS.map(|folder| (new.join(folder), self.target.join(folder))) {
                if folder.0.is_dir() {
                    move_in(&folder.0, &folder.1).with_context(context)?;
                }
            }
        }
        let mut changed: Vec<&Output> = outputs
            .iter()
            .filter(|output| matches!(output.place, Place::Changed(_)))
            .collect();
        changed.sort_by_key(|output| (output.path.ends_with(".html"), &output.path));
        for output in &changed {
            let published = self.target.join(&output.path);
            fs::rename(self.staged(&output.path, &output.place), &published)
                .with_context(|| format!("{} lässt sich nicht ersetzen", published.display()))?;
        }
        let removed = self.remove_stale(&outputs)?;
        match fs::remove_dir_all(&self.staging) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} lässt sich nicht entfernen", self.staging.display()));
            }
            _ => {}
        }
        let unchanged = outputs.iter().filter(|output| output.place == Place::There).count();
        let published = Published {
            written: outputs.len() - unchanged,
            unchanged,
            removed: removed.len(),
        };
        let folders = self.folders(&outputs, &removed);
        let files = outputs.into_iter().map(|output| (output.path, output.state));
        let left = Left {
            files: files.collect(),
            folders,
        };
        Ok((published, left))
    }

    /// The folders of what is published, each with its time. Where nothing was added or removed, it is what it was.
    fn folders(&self, outputs: &[Output], removed: &[&String]) -> HashMap<String, u64> {
        let touched = outputs.iter().filter(|output| output.place != Place::There);
        let touched = touched.map(|output| &output.path).chain(removed.iter().copied());
        let touched: HashSet<&str> = touched.flat_map(|path| folders_above(path)).collect();
        let mut folders: HashSet<&str> = FOLDERS.into();
        for output in outputs {
            let new = folders_above(&output.path).take_while(|folder| !folders.contains(folder));
            let new: Vec<&str> = new.collect();
            folders.extend(new);
        }
        let is_as_left = matches!(self.listing, Listing::AsLeft);
        let time = |folder: &&str| {
            let known = self.before.folders.get(*folder).copied();
            let known = known.filter(|_| is_as_left && !touched.contains(folder));
            known.unwrap_or_else(|| folder_time(&self.target, folder))
        };
        folders
            .par_iter()
            .map(|folder| ((*folder).to_owned(), time(folder)))
            .collect()
    }

    /// Removes every file that was listed and is not among `outputs`, and folders that are empty then. Returns what was there.
    fn remove_stale(&self, outputs: &[Output]) -> Result<Vec<&String>> {
        let wanted: HashSet<&str> = outputs.iter().map(|output| output.path.as_str()).collect();
        let mut removed = Vec::new();
        let listed: Vec<&String> = match &self.listing {
            Listing::AsLeft => self.before.files.keys().collect(),
            Listing::Found(files) => files.keys().collect(),
        };
        for path in listed.into_iter().filter(|path| !wanted.contains(path.as_str())) {
            let file = self.target.join(path);
            match fs::remove_file(&file) {
                // A new folder or file has taken its place.
                Err(error) if file.is_dir() || error.kind() == io::ErrorKind::NotFound || !file.exists() => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("{} lässt sich nicht entfernen", file.display()));
                }
                Ok(()) => removed.push(path),
            }
            let folders = file.ancestors().skip(1).take_while(|folder| *folder != self.target);
            // Fails, as it should, where something is left.
            let _ = folders.map(fs::remove_dir).take_while(Result::is_ok).count();
        }
        Ok(removed)
    }
}

/// The folders that a file lies in, the innermost first.
fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    fn above<'a>(path: &&'a str) -> Option<&'a str> {
        path.rsplit_once('/').map(|(folder, _)| folder)
    }
    std::iter::successors(above(&path), above)
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

/// Moves what is new to its place: a whole folder where there is none yet, else what is in it; files that pages need come first.
fn move_in(new: &Path, published: &Path) -> io::Result<()> {
    let is_folder = new.is_dir();
    if is_folder && published.is_dir() {
        let mut entries: Vec<PathBuf> = fs::read_dir(new)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()?;
        entries.sort_by_key(|path| (!path.ends_with("assets"), path.is_dir(), path.clone()));
        for entry in entries {
            if let Some(name) = entry.file_name() {
                move_in(&entry, &published.join(name))?;
            }
        }
        return Ok(());
    }
    // A stale folder or file of the last build may stand in the way.
    if published.is_dir() {
        fs::remove_dir_all(published)?;
    } else if is_folder && published.exists() {
        fs::remove_file(published)?;
    }
    fs::rename(new, published)
}
