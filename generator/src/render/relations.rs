//! Which pages say the same in other words.

use std::collections::{BTreeMap, HashMap};

use crate::keys::Placed;
use crate::page::Page;

/// Which pages say the same in other words.
#[derive(Debug, Default)]
pub struct Relations {
    /// For each page its versions in other languages.
    pub(super) translations: HashMap<usize, Vec<usize>>,
    /// For each page in Leichte Sprache the pages that it explains.
    pub(super) explained: HashMap<usize, Vec<usize>>,
}

impl Relations {
    /// Links go one way in front matter, and both ways on pages.
    pub fn of(pages: &[Page]) -> Relations {
        let position = |file: &str| pages.binary_search_by(|page| page.file.as_str().cmp(file)).ok();
        let target = |link: &Option<Placed<String>>| {
            let file = link.as_ref()?.value.strip_prefix("@/")?;
            position(file.split('#').next()?)
        };
        let translated = |index: usize| target(&pages[index].front_matter.translation_of);
        // A translation may itself be translated. Of pages that name each other in a circle the first is the original.
        let original = |index: usize| {
            let mut way = vec![index];
            loop {
                let last = way[way.len() - 1];
                let Some(next) = translated(last) else { return last };
                if let Some(circle) = way.iter().position(|page| *page == next) {
                    return way[circle..].iter().copied().min().unwrap_or(last);
                }
                way.push(next);
            }
        };
        let mut relations = Relations::default();
        let mut versions: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, page) in pages.iter().enumerate() {
            let original = translated(index).map(|_| original(index));
            if let Some(original) = original.filter(|original| *original != index) {
                versions.entry(original).or_insert_with(|| vec![original]).push(index);
            }
            if let Some(simple) = target(&page.front_matter.simple_language) {
                relations.explained.entry(simple).or_default().push(index);
            }
        }
        for all in versions.values() {
            for &one in all {
                let others = all.iter().copied().filter(|&other| other != one);
                relations.translations.entry(one).or_default().extend(others);
            }
        }
        relations
    }

    /// The versions of a page in other languages.
    pub fn translations(&self, page: usize) -> &[usize] {
        self.translations.get(&page).map_or(&[], Vec::as_slice)
    }

    /// Whether a page says in Leichte Sprache what another one says.
    pub fn is_simple(&self, page: usize) -> bool {
        self.explained.contains_key(&page)
    }
}
