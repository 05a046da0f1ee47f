//! What `serve` remembers from one build to the next: heads of pages that nobody has touched since they were read.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::source_files::SourceText;

/// Clocks of file systems are coarse: a file this young may change once more without its times showing it.
const SETTLED: Duration = Duration::from_millis(100);

/// The pages of one site, by their path below it.
#[derive(Debug, Default)]
pub struct Memory {
    pages: HashMap<String, (Stamp, SourceText)>,
}

/// Changes whenever somebody writes to a file or puts another one in its place; nobody can set the time of change back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Memory {
    /// A page as it was read, if it still lies there untouched, and else its stamp before it is read again.
    pub fn recall(&self, file: &str, path: &Path) -> Result<SourceText, Option<Stamp>> {
        let stamp = Stamp::of(path);
        match (self.pages.get(file), stamp) {
            (Some((known, text)), Some(stamp)) if *known == stamp => Ok(text.clone()),
            _ => Err(stamp),
        }
    }

    /// Remembers a page that was read after its stamp was taken.
    pub fn keep(&mut self, file: &str, stamp: Stamp, text: &SourceText) {
        if stamp.is_settled() {
            self.pages.insert(file.to_owned(), (stamp, text.clone()));
        }
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Stamp> {
        let found = fs::symlink_metadata(path).ok()?;
        Some(Stamp {
            inode: found.ino(),
            length: found.len(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }

    fn is_settled(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let settled = now.saturating_sub(SETTLED);
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

    fn read(path: &Path) -> SourceText {
        SourceText::read(path, "seite.md".into(), &mut Vec::new())
    }

    #[test]
    fn a_page_is_remembered_until_somebody_touches_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("seite.md");
        fs::write(&path, "alt").expect("written");
        let mut memory = Memory::default();
        let young = memory
            .recall("seite.md", &path)
            .expect_err("never read")
            .expect("a stamp");
        memory.keep("seite.md", young, &read(&path));
        memory.recall("seite.md", &path).expect_err("too young to be sure");

        let settled = Stamp {
            changed: (1, 0),
            modified: (1, 0),
            ..young
        };
        memory.keep("seite.md", settled, &read(&path));
        memory.pages.get_mut("seite.md").expect("kept").0 = young;
        assert_eq!(
            memory.recall("seite.md", &path).expect("untouched").text.as_deref(),
            Some("alt")
        );
        fs::write(&path, "neuer").expect("written");
        memory.recall("seite.md", &path).expect_err("touched");
    }
}
