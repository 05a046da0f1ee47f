//! The only module that touches `dist`: it stages what changed, moves it into place by rename, and removes what is stale.
//!
//! 1. One build at a time: `dist/.stand/.sperre` is locked until the process ends.
//! 2. What changed is written to `dist/.stand/.neu-<site>`; nobody sees it there, and a failure up to here changes nothing.
//! 3. New files move first, then changed ones, pages last of all, so that no page refers to a file that is not there yet.
//! 4. What no longer belongs to the site goes, and with it folders that became empty.
//! 5. `dist/.stand/<site>` notes what lies where; without it the next build compares every file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

/// A file of `dist/<site>`.
#[derive(Debug)]
pub struct OutputFile {
    /// Path below `dist/<site>`, with `/`.
    pub path: String,
    pub content: Content,
}

/// Where the bytes come from.
#[derive(Debug)]
pub enum Content {
    Bytes(Vec<u8>),
    /// Copied as it is.
    File(PathBuf),
}

/// What a publication did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    pub written: usize,
    pub unchanged: usize,
    pub removed: usize,
}

/// The folders of `dist/<site>` that belong to the generator alone.
const FOLDERS: [&str; 3] = ["www", "handler", "server"];

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

/// Makes `dist/<site>` hold exactly these files.
pub fn publish(out: &Path, site: &str, files: &[OutputFile], _lock: &Lock) -> Result<Published> {
    let target = out.join(site);
    let staging = out.join(".stand").join(format!(".neu-{site}"));
    let state_file = out.join(".stand").join(site);
    let before = State::read(&state_file);

    make_staging(&staging, files.len())?;
    let mut staged = stage(files, &target, &staging, &before)?;
    staged.sort_by_key(|staged| (staged.exists, files[staged.index].path.ends_with(".html"), staged.index));
    for staged in &staged {
        put(&staged.file, &target.join(&files[staged.index].path))?;
    }
    let removed = remove_stale(&target, files)?;
    fs::remove_dir_all(&staging).with_context(|| format!("{} lässt sich nicht entfernen", staging.display()))?;
    State::of(&target, files, &before, &staged).write(&state_file)?;
    Ok(Published {
        written: staged.len(),
        unchanged: files.len() - staged.len(),
        removed,
    })
}

/// A file that is ready to be moved into place.
struct Staged {
    index: usize,
    file: PathBuf,
    hash: u64,
    /// There is an older version of it.
    exists: bool,
}

/// Writes every file whose bytes differ from what is published.
fn stage(files: &[OutputFile], target: &Path, staging: &Path, before: &State) -> Result<Vec<Staged>> {
    use rayon::prelude::*;
    let stage_one = |(index, file): (usize, &OutputFile)| -> Result<Option<Staged>> {
        let bytes = file.bytes()?;
        let hash = hash(&bytes);
        let published = target.join(&file.path);
        let exists = published.is_file();
        if exists && (before.knows(&file.path, hash, &published) || fs::read(&published).is_ok_and(|old| old == *bytes))
        {
            return Ok(None);
        }
        let staged = staging_file(staging, index);
        fs::write(&staged, &bytes).with_context(|| format!("{} lässt sich nicht schreiben", staged.display()))?;
        Ok(Some(Staged {
            index,
            file: staged,
            hash,
            exists,
        }))
    };
    files
        .par_iter()
        .enumerate()
        .map(stage_one)
        .filter_map(Result::transpose)
        .collect()
}

/// Moves a staged file into place, over the old one.
fn put(staged: &Path, published: &Path) -> Result<()> {
    let context = || format!("{} lässt sich nicht schreiben", published.display());
    if fs::rename(staged, published).is_ok() {
        return Ok(());
    }
    if published.is_dir() {
        fs::remove_dir_all(published).with_context(context)?;
    }
    if let Some(folder) = published.parent() {
        make_folder(folder).with_context(context)?;
    }
    fs::rename(staged, published).with_context(context)
}

/// Makes a folder, also where a file of the last build stands in its way.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    if fs::create_dir_all(folder).is_ok() {
        return Ok(());
    }
    for above in folder.ancestors().filter(|above| above.is_file()) {
        fs::remove_file(above)?;
    }
    fs::create_dir_all(folder)
}

/// Removes every file that is not among `files`, and folders that are empty then.
fn remove_stale(target: &Path, files: &[OutputFile]) -> Result<usize> {
    let wanted: BTreeSet<PathBuf> = files.iter().map(|file| target.join(&file.path)).collect();
    let mut removed = 0;
    for folder in FOLDERS
        .map(|folder| target.join(folder))
        .iter()
        .filter(|folder| folder.is_dir())
    {
        for entry in WalkDir::new(folder).contents_first(true) {
            let entry = entry.with_context(|| format!("{} lässt sich nicht lesen", folder.display()))?;
            let path = entry.path();
            if entry.file_type().is_dir() {
                // Fails, as it should, while something is left in it.
                let _ = fs::remove_dir(path);
            } else if !wanted.contains(path) {
                fs::remove_file(path).with_context(|| format!("{} lässt sich nicht entfernen", path.display()))?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}

/// So many staged files share a folder: threads that create files in one folder wait for each other.
const FILES_PER_FOLDER: usize = 256;

/// Where a file waits for its move, by its index.
fn staging_file(staging: &Path, index: usize) -> PathBuf {
    staging
        .join((index / FILES_PER_FOLDER).to_string())
        .join(index.to_string())
}

/// Makes the staging area anew; an interrupted build may have left one.
fn make_staging(staging: &Path, files: usize) -> Result<()> {
    let _ = fs::remove_dir_all(staging);
    for index in (0..files).step_by(FILES_PER_FOLDER) {
        let folder = staging.join((index / FILES_PER_FOLDER).to_string());
        fs::create_dir_all(&folder).with_context(|| format!("{} lässt sich nicht anlegen", folder.display()))?;
    }
    Ok(())
}

impl OutputFile {
    /// A file made by this build.
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> OutputFile {
        OutputFile {
            path: path.into(),
            content: Content::Bytes(bytes.into()),
        }
    }

    fn bytes(&self) -> Result<std::borrow::Cow<'_, [u8]>> {
        match &self.content {
            Content::Bytes(bytes) => Ok(bytes.into()),
            Content::File(path) => Ok(fs::read(path)
                .with_context(|| format!("{} lässt sich nicht lesen", path.display()))?
                .into()),
        }
    }
}

/// What the last build left behind, by path below `dist/<site>`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State(BTreeMap<String, FileState>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct FileState {
    hash: u64,
    length: u64,
    modified: u64,
}

impl State {
    /// A state that cannot be read is an empty one: it costs time, nothing else.
    fn read(file: &Path) -> State {
        fs::read(file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    fn of(target: &Path, files: &[OutputFile], before: &State, staged: &[Staged]) -> State {
        let hashes: BTreeMap<usize, u64> = staged.iter().map(|staged| (staged.index, staged.hash)).collect();
        let state_of = |(index, file): (usize, &OutputFile)| {
            let known = before.0.get(&file.path).copied();
            let state = match hashes.get(&index) {
                Some(&hash) => FileState::of(&target.join(&file.path), hash),
                None => known,
            };
            state.map(|state| (file.path.clone(), state))
        };
        State(files.iter().enumerate().filter_map(state_of).collect())
    }

    fn write(&self, file: &Path) -> Result<()> {
        let bytes = serde_json::to_vec(self)?;
        let new = file.with_file_name(".stand-neu");
        fs::write(&new, bytes)
            .and_then(|()| fs::rename(&new, file))
            .with_context(|| format!("{} lässt sich nicht schreiben", file.display()))
    }

    /// Whether the published file still is the one with this hash, judged without reading it.
    fn knows(&self, path: &str, hash: u64, published: &Path) -> bool {
        self.0
            .get(path)
            .is_some_and(|state| state.hash == hash && FileState::of(published, hash) == Some(*state))
    }
}

impl FileState {
    fn of(file: &Path, hash: u64) -> Option<FileState> {
        let metadata = fs::metadata(file).ok()?;
        let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(FileState {
            hash,
            length: metadata.len(),
            modified: u64::try_from(modified.as_nanos()).ok()?,
        })
    }
}

/// Only compared with values of the same program; another release of it merely compares bytes once.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}
