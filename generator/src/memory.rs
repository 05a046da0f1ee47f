//! What a build remembers of the files that it has read, so that the next one need not read again what nobody has touched.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Clocks of file systems are coarse: a file this young may change once more without its times showing it.
const SETTLED: Duration = Duration::from_millis(100);

/// Files of one site, by their path below it.
#[derive(Debug, Default)]
pub struct Memory {
    pub files: HashMap<String, Remembered<'static>>,
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remembered<'a> {
    pub stamp: Stamp,
    /// Of its bytes.
    pub digest: u64,
    /// Of a page; empty for other files.
    pub head: Cow<'a, str>,
}

/// Changes whenever somebody writes to a file or puts another one in its place: nobody can set the time of change back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Memory {
    /// A file as it was read, if it still lies there untouched.
    pub fn recall(&self, file: &str, path: &Path) -> Option<&Remembered<'static>> {
        let known = self.files.get(file)?;
        let found = fs::symlink_metadata(path).ok()?;
        (known.stamp == Stamp::of(&found)).then_some(known)
    }
}

impl Stamp {
    /// The stamp of a file; to be taken before it is read.
    pub fn of(found: &Metadata) -> Stamp {
        Stamp {
            inode: found.ino(),
            length: found.len(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }

    /// Whether the file was old enough, at a time before it was read, that a change after it shows.
    pub fn is_settled(&self, before: SystemTime) -> bool {
        let since = before.duration_since(UNIX_EPOCH).unwrap_or_default();
        let settled = since.saturating_sub(SETTLED);
        let settled = (
            i64::try_from(settled.as_secs()).unwrap_or_default(),
            i64::from(settled.subsec_nanos()),
        );
        self.changed < settled && self.modified < settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_remembered_until_somebody_touches_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("seite.md");
        fs::write(&path, "alt").expect("written");
        let mut memory = Memory::default();
        assert_eq!(memory.recall("seite.md", &path), None);
        let stamp = Stamp::of(&path.metadata().expect("a file"));
        let remembered = Remembered {
            stamp,
            digest: 1,
            head: Cow::default(),
        };
        memory.files.insert("seite.md".into(), remembered.clone());
        assert_eq!(memory.recall("seite.md", &path), Some(&remembered));
        fs::write(&path, "neuer").expect("written");
        assert_eq!(memory.recall("seite.md", &path), None);
    }

    #[test]
    fn a_file_that_was_just_written_is_not_trusted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("seite.md");
        fs::write(&path, "neu").expect("written");
        let stamp = Stamp::of(&path.metadata().expect("a file"));
        assert!(!stamp.is_settled(SystemTime::now()));
        assert!(stamp.is_settled(SystemTime::now() + Duration::from_secs(1)));
    }
}
