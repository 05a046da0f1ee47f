//! Everything that a site is made from, as it lies on disk: walked and read once, in parallel, with a digest of it all.

use std::path::Path;

use rayon::prelude::*;

use crate::digest::Digest;
use crate::front_matter;
use crate::memory::Memory;
use crate::problem::Problem;
use crate::scan::{self, Inventory};
use crate::source_files::{SourceText, read_digest};

/// The files of `content/<site>`. The lists stand in the order of those in the inventory.
#[derive(Debug)]
pub struct Sources {
    pub inventory: Inventory,
    pub site: Option<SourceText>,
    pub loeschkonzept: Option<SourceText>,
    /// Only the heads: the text below is read when the page is made.
    pub pages: Vec<SourceText>,
    pub forms: Vec<SourceText>,
    /// Digests of the files that are published as they are.
    pub files: Vec<u64>,
    /// Changes when anything of all this changes.
    pub digest: u64,
}

impl Sources {
    /// Reads `content/<site>`, but for pages that are remembered.
    pub fn read(root: &Path, site: &str, memory: Option<&mut Memory>, problems: &mut Vec<Problem>) -> Sources {
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
        let pages = pages(&inventory, memory, problems);
        let files = in_parallel(&inventory.files, problems, |file, _, problems| {
            read_digest(
                &inventory.folder.join(file),
                &format!("{}/{file}", inventory.shown),
                problems,
            )
        });
        let mut sources = Sources {
            inventory,
            site,
            loeschkonzept,
            pages,
            forms,
            files,
            digest: 0,
        };
        sources.digest = sources.digest();
        sources
    }

    fn digest(&self) -> u64 {
        let mut digest = Digest::new();
        let forms: &Vec<SourceText> = &self.forms;
        for text in self.site.iter().chain(&self.loeschkonzept).chain(forms) {
            digest.add_text(&text.shown);
            digest.add_number(text.digest);
        }
        for (file, text) in self.inventory.pages.iter().zip(&self.pages) {
            digest.add_text(file);
            digest.add_number(text.digest);
        }
        for (file, content) in self.inventory.files.iter().zip(&self.files) {
            digest.add_text(file);
            digest.add_number(*content);
        }
        digest.finish()
    }
}

/// The heads of all pages.
fn pages(inventory: &Inventory, memory: Option<&mut Memory>, problems: &mut Vec<Problem>) -> Vec<SourceText> {
    let recall = |file: &str, path: &Path| memory.as_ref().map_or(Err(None), |memory| memory.recall(file, path));
    let read = in_parallel(&inventory.pages, problems, |file, buffer, problems| {
        let path = inventory.folder.join(file);
        recall(file, &path).map_err(|stamp| {
            let shown = format!("{}/{file}", inventory.shown);
            let before = problems.len();
            let text = SourceText::read_part(&path, shown, buffer, front_matter::head, problems);
            // What is wrong with it must be said each time.
            (text, stamp.filter(|_| problems.len() == before))
        })
    });
    let mut memory = memory;
    let pages = inventory.pages.iter().zip(read).map(|(file, read)| match read {
        Ok(text) => text,
        Err((text, stamp)) => {
            if let (Some(memory), Some(stamp)) = (&mut memory, stamp) {
                memory.keep(file, stamp, &text);
            }
            text
        }
    });
    pages.collect()
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
