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
    /// In parts that threads make beside each other.
    dead: Vec<Digests>,
}

type Digests = HashSet<u64, BuildHasherDefault<AsItIs>>;

impl<'r> Places<'r> {
    const PARTS: u64 = 4;

    /// Looks for what the links of all pages mean; files are not known yet. Far fewer places are meant than there are.
    pub fn of(site: &Site, records: &'r [&'r Record]) -> Places<'r> {
        let dead = |part: u64| {
            let is_here = |place: &u64| Self::part(*place) == part;
            let meant = records.iter().flat_map(|record| &record.targets).copied();
            let mut dead: Digests = meant.filter(is_here).collect();
            let pages = site.pages.iter();
            let pages = pages.flat_map(|page| [place_digest(&page.path, None), page_digest(&page.file)]);
            let ids = records.iter().flat_map(|record| &record.ids).copied();
            for place in pages.chain(ids).filter(is_here) {
                dead.remove(&place);
            }
            dead
        };
        Places {
            records,
            dead: (0..Self::PARTS).into_par_iter().map(dead).collect(),
        }
    }

    fn part(place: u64) -> u64 {
        place % Self::PARTS
    }

    pub(super) fn add_file(&mut self, address: &str) {
        for place in [place_digest(address, None), file_digest(address)] {
            if let Some(part) = self.dead.get_mut(Self::part(place) as usize) {
                part.remove(&place);
            }
        }
    }

    pub(super) fn is_dead(&self, place: u64) -> bool {
        let part = self.dead.get(Self::part(place) as usize);
        part.is_some_and(|part| part.contains(&place))
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
