//! What lies in `dist/<site>`, and whether it is what the last build left.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::Path;
use std::time::UNIX_EPOCH;

use rayon::prelude::*;

use super::FOLDERS;
use crate::state::{FileState, Left};

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
pub(super) fn folder_time(target: &Path, path: &str) -> u64 {
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

pub(super) fn modified(metadata: &Metadata) -> u64 {
    let time = metadata.modified().ok();
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
}
