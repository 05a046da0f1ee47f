//! What a build leaves for the next one in `dist/.stand/<site>`. Deleting it costs only time.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// The last build of a site.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// Of everything that went into it; the same again gives the same again.
    pub inputs: u64,
    /// Of everything that lay in `dist/<site>` at its end.
    pub outputs: u64,
    pub summary: Summary,
    /// By file, as in `@/…`.
    pub pages: HashMap<String, Record>,
    /// By path below `dist/<site>`.
    pub files: HashMap<String, FileState>,
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
    pub ids: Vec<u64>,
    /// The digests of where its links lead on this site; sorted.
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
        postcard::from_bytes(&bytes).unwrap_or_default()
    }
}

/// A state about to be written; the same as [`State`], but for who owns the records.
#[derive(Serialize)]
pub struct NewState<'a> {
    pub inputs: u64,
    pub outputs: u64,
    pub summary: &'a Summary,
    pub pages: BTreeMap<&'a str, &'a Record>,
    pub files: BTreeMap<&'a str, FileState>,
}

impl NewState<'_> {
    /// Replaces the state of the last build.
    pub fn write(&self, file: &Path) -> Result<()> {
        let bytes = postcard::to_allocvec(self)?;
        let new = file.with_file_name(".stand-neu");
        fs::write(&new, bytes)
            .and_then(|()| fs::rename(&new, file))
            .with_context(|| format!("{} lässt sich nicht schreiben", file.display()))
    }
}
