//! The last step of a build: what is staged takes its place.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::listing::folder_time;
use super::{FOLDERS, Listing, Output, Place, Published, Stage};

impl Stage {
    /// Makes `dist/<site>` hold exactly these files. Returns the folders they lie in, each with its time.
    pub fn publish(self, outputs: &[Output]) -> Result<(Published, Vec<(&str, u64)>)> {
        let context = || format!("{} lässt sich nicht schreiben", self.target.display());
        fs::create_dir_all(&self.target).with_context(context)?;
        let new = self.staging.join("neu");
        if new.is_dir() {
            for folder in FOLDERS.map(|folder| (new.join(folder), self.target.join(folder))) {
                if folder.0.is_dir() {
                    move_in(&folder.0, &folder.1).with_context(context)?;
                }
            }
        }
        let mut changed: Vec<&Output> = outputs
            .iter()
            .filter(|output| matches!(output.place, Place::Changed(_)))
            .collect();
        changed.sort_by_key(|output| (output.path.ends_with(".html"), &output.path));
        for output in &changed {
            let published = self.target.join(&output.path);
            fs::rename(self.staged(&output.path, &output.place), &published)
                .with_context(|| format!("{} lässt sich nicht ersetzen", published.display()))?;
        }
        let removed = self.remove_stale(outputs)?;
        match fs::remove_dir_all(&self.staging) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} lässt sich nicht entfernen", self.staging.display()));
            }
            _ => {}
        }
        let unchanged = outputs.iter().filter(|output| output.place == Place::There).count();
        let published = Published {
            written: outputs.len() - unchanged,
            unchanged,
            removed: removed.len(),
        };
        let folders = self.folders(outputs, &removed);
        Ok((published, folders))
    }

    /// The folders of what is published, each with its time. Where nothing was added or removed, it is what it was.
    fn folders<'o>(&self, outputs: &'o [Output], removed: &[&String]) -> Vec<(&'o str, u64)> {
        // Without a list of what was left there is nothing to compare with.
        let is_as_left = matches!(self.listing, Listing::AsLeft);
        let touched = outputs
            .iter()
            .filter(|output| is_as_left && output.place != Place::There);
        let touched = touched.map(|output| &output.path).chain(removed.iter().copied());
        let touched: HashSet<&str> = touched.flat_map(|path| folders_above(path)).collect();
        let mut known: HashSet<&'o str> = FOLDERS.into();
        let mut folders: Vec<&'o str> = FOLDERS.into();
        for output in outputs {
            folders.extend(folders_above(&output.path).take_while(|folder| known.insert(folder)));
        }
        let time = |folder: &str| {
            let known = self.before.folders.get(folder).copied();
            let known = known.filter(|_| is_as_left && !touched.contains(folder));
            known.unwrap_or_else(|| folder_time(&self.target, folder))
        };
        folders.into_par_iter().map(|folder| (folder, time(folder))).collect()
    }

    /// Removes every file that was listed and is not among `outputs`, and folders that are empty then. Returns what was there.
    fn remove_stale(&self, outputs: &[Output]) -> Result<Vec<&String>> {
        let listed: Vec<&String> = match &self.listing {
            Listing::AsLeft => self.before.files.keys().collect(),
            Listing::Found(files) => files.keys().collect(),
        };
        let mut removed = Vec::new();
        if listed.is_empty() {
            return Ok(removed);
        }
        let wanted: HashSet<&str> = outputs.iter().map(|output| output.path.as_str()).collect();
        for path in listed.into_iter().filter(|path| !wanted.contains(path.as_str())) {
            let file = self.target.join(path);
            match fs::remove_file(&file) {
                // A new folder or file has taken its place.
                Err(error) if file.is_dir() || error.kind() == io::ErrorKind::NotFound || !file.exists() => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("{} lässt sich nicht entfernen", file.display()));
                }
                Ok(()) => removed.push(path),
            }
            let folders = file.ancestors().skip(1).take_while(|folder| *folder != self.target);
            // Fails, as it should, where something is left.
            let _ = folders.map(fs::remove_dir).take_while(Result::is_ok).count();
        }
        Ok(removed)
    }
}

/// The folders that a file lies in, the innermost first.
fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    fn above<'a>(path: &&'a str) -> Option<&'a str> {
        path.rsplit_once('/').map(|(folder, _)| folder)
    }
    std::iter::successors(above(&path), above)
}

/// Moves what is new to its place: a whole folder where there is none yet, else what is in it; files that pages need come first.
fn move_in(new: &Path, published: &Path) -> io::Result<()> {
    let is_folder = new.is_dir();
    if is_folder && published.is_dir() {
        let mut entries: Vec<PathBuf> = fs::read_dir(new)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()?;
        entries.sort_by_key(|path| (!path.ends_with("assets"), path.is_dir(), path.clone()));
        for entry in entries {
            if let Some(name) = entry.file_name() {
                move_in(&entry, &published.join(name))?;
            }
        }
        return Ok(());
    }
    // A stale folder or file of the last build may stand in the way.
    if published.is_dir() {
        fs::remove_dir_all(published)?;
    } else if is_folder && published.exists() {
        fs::remove_file(published)?;
    }
    fs::rename(new, published)
}
