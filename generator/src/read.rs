//! Everything that a site is made from, as it lies on disk: walked and read once, in parallel, with a digest of it all.

use std::path::Path;
use std::time::SystemTime;

use rayon::prelude::*;

use crate::digest::Digest;
use crate::front_matter;
use crate::memory::{Memory, Stamp};
use crate::problem::Problem;
use crate::scan::{self, Inventory};
use crate::source_files::{SourceFile, SourceText, read_digest};

/// The files of `content/<site>`. The lists stand in the order of those in the inventory.
#[derive(Debug)]
pub struct Sources {
    pub inventory: Inventory,
    pub site: Option<SourceText>,
    pub loeschkonzept: Option<SourceText>,
    /// Only the heads: the text below is read when the page is made.
    pub pages: Vec<SourceText>,
    pub forms: Vec<SourceText>,
    pub berichte: Vec<SourceText>,
    /// What is published as it is.
    pub files: Vec<SourceFile>,
    /// Changes when anything of all this changes.
    pub digest: u64,
}

impl Sources {
    /// Reads `content/<site>`, but for pages and files that are remembered.
    pub fn read(root: &Path, site: &str, memory: &Memory, problems: &mut Vec<Problem>) -> Sources {
        let before = SystemTime::now();
        let inventory = scan::scan(root, site, problems);
        let text = |file: &str, problems: &mut Vec<Problem>| {
            SourceText::read(
                &inventory.folder.join(file),
                format!("{}/{file}", inventory.shown),
                problems,
            )
        };
        let site = inventory.has_site.then(|| text("site.toml", problems));
        let loeschkonzept = inventory
            .has_loeschkonzept
            .then(|| text("loeschkonzept.toml", problems));
        let forms = inventory.forms.iter().map(|form| text(&form.file, problems)).collect();
        let berichte = inventory.berichte.iter();
        let berichte = berichte.map(|bericht| text(&bericht.file, problems)).collect();
        let pages = in_parallel(&inventory.pages, problems, |file, buffer, problems| {
            let path = inventory.folder.join(file);
            let shown = format!("{}/{file}", inventory.shown);
            let Some(known) = memory.recall(file, &path) else {
                let mut text = SourceText::read_part(&path, shown, buffer, front_matter::head, problems);
                // What is wrong with it must be said each time.
                text.stamp = text
                    .stamp
                    .filter(|stamp| stamp.is_settled(before) && problems.is_empty());
                return text;
            };
            SourceText {
                shown,
                text: Some(known.head.clone().into_owned()),
                digest: known.digest,
                stamp: Some(known.stamp),
            }
        });
        let files = in_parallel(&inventory.files, problems, |file, _, problems| {
            let path = inventory.folder.join(file);
            if let Some(known) = memory.recall(file, &path) {
                return SourceFile {
                    digest: Some(known.digest),
                    stamp: Some(known.stamp),
                };
            }
            let stamp = path.symlink_metadata().ok().map(|found| Stamp::of(&found));
            let digest = read_digest(&path, &format!("{}/{file}", inventory.shown), problems);
            SourceFile {
                digest,
                stamp: stamp.filter(|stamp| stamp.is_settled(before) && problems.is_empty()),
            }
        });
        let mut sources = Sources {
            inventory,
            site,
            loeschkonzept,
            pages,
            forms,
            berichte,
            files,
            digest: 0,
        };
        sources.digest = sources.digest();
        sources
    }

    fn digest(&self) -> u64 {
        let mut digest = Digest::new();
        let once = self.site.iter().chain(&self.loeschkonzept);
        for text in once.chain(&self.forms).chain(&self.berichte) {
            digest.add_text(&text.shown);
            digest.add_number(text.digest);
        }
        for (file, text) in self.inventory.pages.iter().zip(&self.pages) {
            digest.add_text(file);
            digest.add_number(text.digest);
        }
        for (file, content) in self.inventory.files.iter().zip(&self.files) {
            digest.add_text(file);
            digest.add_number(content.digest.unwrap_or_default());
        }
        digest.finish()
    }
}

/// Reads each file, with a buffer that serves many of them; what is found wrong keeps the order of the files.
fn in_parallel<T: Send>(
    files: &[String],
    problems: &mut Vec<Problem>,
    read: impl Fn(&str, &mut Vec<u8>, &mut Vec<Problem>) -> T + Sync,
) -> Vec<T> {
    let read_one = |buffer: &mut Vec<u8>, file: &String| {
        let mut found = Vec::new();
        (read(file, buffer, &mut found), found)
    };
    let (contents, found): (Vec<T>, Vec<Vec<Problem>>) = files.par_iter().map_init(Vec::new, read_one).unzip();
    problems.extend(found.into_iter().flatten());
    contents
}
