//! Which places a site has, and which its links mean that are not there.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use rayon::prelude::*;

use super::{file_digest, page_digest, place_digest};
use crate::site::Site;
use crate::state::Record;

/// Which places there are on pages, and which links mean that are not there.
pub struct Places<'r> {
    /// What is known of each page.
    records: &'r [&'r Record],
    dead: Digests,
}

type Digests = HashSet<u64, BuildHasherDefault<AsItIs>>;

impl<'r> Places<'r> {
    /// Looks for what the links of all pages mean; files are not known yet. Far fewer places are meant than there are.
    pub fn of(site: &Site, records: &'r [&'r Record]) -> Places<'r> {
        let with_targets = |mut meant: Digests, record: &&Record| {
            meant.extend(&record.targets);
            meant
        };
        let joined = |some: Digests, others: Digests| {
            let (mut more, fewer) = if some.len() < others.len() {
                (others, some)
            } else {
                (some, others)
            };
            more.extend(fewer);
            more
        };
        let meant = records
            .par_iter()
            .fold(Digests::default, with_targets)
            .reduce(Digests::default, joined);
        let pages = site.pages.par_iter();
        let pages = pages.flat_map_iter(|page| [place_digest(&page.path, None), page_digest(&page.file)]);
        let ids = records.par_iter().flat_map_iter(|record| record.ids.iter().copied());
        let found: Vec<u64> = pages.chain(ids).filter(|place| meant.contains(place)).collect();
        let mut dead = meant;
        for place in found {
            dead.remove(&place);
        }
        Places { records, dead }
    }

    pub(super) fn add_file(&mut self, address: &str) {
        for place in [place_digest(address, None), file_digest(address)] {
            self.dead.remove(&place);
        }
    }

    pub(super) fn is_dead(&self, place: u64) -> bool {
        self.dead.contains(&place)
    }

    /// Whether a page has this place.
    pub(super) fn has(&self, page: usize, place: u64) -> bool {
        self.records
            .get(page)
            .is_some_and(|record| record.ids.binary_search(&place).is_ok())
    }
}

/// Digests are random enough to be their own hash.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}
