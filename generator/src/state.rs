//! What a build leaves for the next one in `dist/.stand/<site>`. Deleting it costs only time.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::memory::Memory;
use crate::problem::Problem;

/// So many things are read and written by one thread at a time.
const PER_CHUNK: usize = 256;

/// The last build of a site.
#[derive(Debug, Default)]
pub struct State {
    pub last: LastBuild,
    /// The whole file.
    bytes: Vec<u8>,
    /// Where in it the chunks of each list are.
    lists: Lists<Vec<Range<usize>>>,
}

/// What a build knows of each thing: files read, pages made, files left and their folders.
#[derive(Debug, Default)]
pub struct Lists<C> {
    pub remembered: C,
    pub records: C,
    pub files: C,
    pub folders: C,
}

/// Many things, so that several threads can write and read them at once.
pub type Chunks = Vec<Vec<u8>>;

/// What is known of the last build as a whole.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct LastBuild {
    /// Of everything that went into it; the same again gives the same again.
    pub inputs: u64,
    pub summary: Summary,
}

/// What a build left in `dist/<site>`: paths are below it.
#[derive(Debug, Default)]
pub struct Left {
    pub files: HashMap<String, FileState>,
    /// When something was last added to a folder or removed from it, as for files; 0 when there is no such folder.
    pub folders: HashMap<String, u64>,
}

/// What a build says about a site when all went well.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Summary {
    pub pages: usize,
    /// How many points of its notices a lawyer must still confirm.
    pub zu_bestaetigen: usize,
    /// Sorted by place.
    pub problems: Vec<Problem>,
}

/// What is known of a finished page without making it again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Of all that it was made from, but for `reads`.
    pub key: u64,
    /// What its text looked at, with its digest.
    pub reads: Vec<(String, u64)>,
    /// The digests of its ids; sorted.
    #[serde(with = "digests")]
    pub ids: Vec<u64>,
    /// The digests of where its links lead on this site; sorted.
    #[serde(with = "digests")]
    pub targets: Vec<u64>,
    /// What is wrong with it, as far as it shows in the page alone.
    pub problems: Vec<Problem>,
    /// Files that came of it besides the page: paths below `www/`.
    pub files: Vec<String>,
    /// Hosts that a two-click card shows in a frame.
    pub frames: Vec<String>,
    /// What the search knows of it; nothing on a site without search.
    pub words: Option<Words>,
}

/// What the search knows of a page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Words {
    /// Ids and titles.
    pub headings: Vec<(String, String)>,
    pub text: String,
}

/// A published file: enough to know that nobody has changed it since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// Of its bytes.
    pub digest: u64,
    pub length: u64,
    /// Nanoseconds since 1970.
    pub modified: u64,
}

impl State {
    /// A state that cannot be read is an empty one.
    pub fn read(file: &Path) -> State {
        let bytes = fs::read(file).unwrap_or_default();
        State::parse(bytes).unwrap_or_default()
    }

    fn parse(bytes: Vec<u8>) -> Option<State> {
        let (rest, length) = bytes.split_last_chunk()?;
        let head_at = rest
            .len()
            .checked_sub(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let (last, lengths): (LastBuild, [Vec<usize>; 4]) = postcard::from_bytes(&rest[head_at..]).ok()?;
        let mut at: usize = 0;
        let mut lists: Lists<Vec<Range<usize>>> = Lists::default();
        for (list, lengths) in lists.all_mut().into_iter().zip(&lengths) {
            for length in lengths {
                let end = at.checked_add(*length).filter(|end| *end <= head_at)?;
                list.push(at..end);
                at = end;
            }
        }
        (at == head_at).then_some(State { last, bytes, lists })
    }

    /// What was read then.
    pub fn memory(&self) -> Memory {
        Memory {
            files: self.unpacked(&self.lists.remembered),
        }
    }

    /// What was made then, by file as in `@/…`.
    pub fn records(&self) -> HashMap<String, Arc<Record>> {
        self.unpacked(&self.lists.records)
    }

    /// What was left then.
    pub fn left(&self) -> Left {
        Left {
            files: self.unpacked(&self.lists.files),
            folders: self.unpacked(&self.lists.folders),
        }
    }

    fn unpacked<T: DeserializeOwned + Send>(&self, chunks: &[Range<usize>]) -> HashMap<String, T> {
        let things = chunks.par_iter().map(|chunk| {
            let things: Vec<(String, T)> = postcard::from_bytes(&self.bytes[chunk.clone()]).unwrap_or_default();
            things
        });
        let things: Vec<Vec<(String, T)>> = things.collect();
        let mut unpacked = HashMap::with_capacity(things.iter().map(Vec::len).sum());
        unpacked.extend(things.into_iter().flatten());
        unpacked
    }
}

impl<C> Lists<C> {
    fn all_mut(&mut self) -> [&mut C; 4] {
        [
            &mut self.remembered,
            &mut self.records,
            &mut self.files,
            &mut self.folders,
        ]
    }

    fn all(&self) -> [&C; 4] {
        [&self.remembered, &self.records, &self.files, &self.folders]
    }
}

/// Things as they are kept, each with its file: those that there are of so many.
pub fn chunks<'t, T: Serialize>(count: usize, thing: impl Fn(usize) -> Option<(&'t str, T)> + Sync) -> Result<Chunks> {
    let chunk = |from: usize| {
        let things: Vec<(&str, T)> = (from..count.min(from + PER_CHUNK)).filter_map(&thing).collect();
        Ok(postcard::to_allocvec(&things)?)
    };
    (0..count).into_par_iter().step_by(PER_CHUNK).map(chunk).collect()
}

/// The state of this build, as long as that of the one before is in its place. Most of it is written while the site is published.
pub struct NewState {
    file: File,
    path: PathBuf,
    lists: Lists<Chunks>,
}

impl NewState {
    /// Begins with what is known before anything is published; `path` is where the state will be.
    pub fn begin(path: PathBuf, remembered: Chunks, records: Chunks) -> Result<NewState> {
        let context = || format!("{} lässt sich nicht schreiben", path.display());
        let mut file = File::create(NewState::beside(&path)).with_context(context)?;
        for chunk in remembered.iter().chain(&records) {
            file.write_all(chunk).with_context(context)?;
        }
        let lists = Lists {
            remembered,
            records,
            ..Lists::default()
        };
        Ok(NewState { file, path, lists })
    }

    /// Replaces the state of the build before.
    pub fn finish(mut self, last: &LastBuild, files: Chunks, folders: Chunks) -> Result<()> {
        (self.lists.files, self.lists.folders) = (files, folders);
        let lengths = self
            .lists
            .all()
            .map(|list| list.iter().map(Vec::len).collect::<Vec<usize>>());
        let head = postcard::to_allocvec(&(last, lengths))?;
        let mut write = || {
            for chunk in self.lists.files.iter().chain(&self.lists.folders).chain([&head]) {
                self.file.write_all(chunk)?;
            }
            self.file.write_all(&(head.len() as u64).to_le_bytes())?;
            fs::rename(NewState::beside(&self.path), &self.path)
        };
        write().with_context(|| format!("{} lässt sich nicht schreiben", self.path.display()))
    }

    fn beside(path: &Path) -> PathBuf {
        path.with_file_name(".stand-neu")
    }
}

/// Digests as plain bytes: thousands of pages have dozens each, and nothing makes them shorter.
mod digests {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(digests: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = digests.iter().flat_map(|digest| digest.to_le_bytes()).collect();
        serializer.serialize_bytes(&bytes)
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        let bytes: &[u8] = Deserialize::deserialize(deserializer)?;
        let (digests, _) = bytes.as_chunks();
        Ok(digests.iter().map(|digest| u64::from_le_bytes(*digest)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_as_it_was_written_and_a_broken_one_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("muster");
        let list = |name: &'static str| chunks(300, |index| Some((name, index as u64))).expect("chunks");
        let state = NewState::begin(path.clone(), list("gelesen"), list("gemacht")).expect("a file");
        let last = LastBuild {
            inputs: 7,
            summary: Summary::default(),
        };
        state.finish(&last, list("datei"), list("ordner")).expect("written");
        let state = State::read(&path);
        assert_eq!(state.last.inputs, 7);
        let folders: HashMap<String, u64> = state.unpacked(&state.lists.folders);
        assert_eq!(folders, HashMap::from([("ordner".to_owned(), 299)]));
        let bytes = fs::read(&path).expect("the state");
        assert!(State::parse(Vec::new()).is_none());
        for cut in (0..bytes.len()).step_by(7).chain(bytes.len() - 9..bytes.len()) {
            assert!(State::parse(bytes[..cut].to_vec()).is_none(), "{cut}");
        }
        let mut long = bytes;
        let end = long.len();
        long[end - 8..].fill(0xff);
        assert!(State::parse(long).is_none());
    }
}
