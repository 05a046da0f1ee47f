//! The log files: which there are, and what stands in them.

use crate::config::{Config, Ziel};
use anyhow::{Context, Result};
use jiff::civil::Date;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// One day of a log.
pub(super) struct Protokolldatei {
    pub path: PathBuf,
    pub tag: Date,
    /// The Löschklasse that says how long it stays.
    pub klasse: &'static str,
}

/// `ereignisse-2026-11-22.jsonl` and `zugriffe-2026-11-22.jsonl` in the folders that the configuration names.
pub(super) fn protokolldateien(config: &Config) -> Result<Vec<Protokolldatei>> {
    let logs = [
        (&config.protokoll.ereignisse, "ereignisse-", "ereignisprotokoll"),
        (&config.protokoll.zugriffe, "zugriffe-", "serverprotokoll"),
    ];
    let mut files = Vec::new();
    for (ziel, prefix, klasse) in logs {
        let Ziel::Ordner(folder) = ziel else { continue };
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            read => read.with_context(|| format!("{} lässt sich nicht lesen", folder.display()))?,
        };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if let Some(tag) = name.strip_prefix(prefix).and_then(|day| day.parse().ok()) {
                files.push(Protokolldatei { path, tag, klasse });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

impl Protokolldatei {
    /// How many lines hold a text, however its letters are written.
    pub(super) fn lines_with(&self, text: &str) -> Result<usize> {
        let content = self.read()?;
        Ok(content.lines().filter(|line| !places(line, text).is_empty()).count())
    }

    /// Overwrites a text in place, so that a service that writes on is not disturbed.
    pub(super) fn blot_out(&self, text: &str) -> Result<()> {
        let content = self.read()?;
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        for place in places(&content, text) {
            file.seek(SeekFrom::Start(place as u64))?;
            file.write_all("*".repeat(text.len()).as_bytes())?;
        }
        Ok(file.sync_all()?)
    }

    fn read(&self) -> Result<String> {
        let bytes =
            std::fs::read(&self.path).with_context(|| format!("{} lässt sich nicht lesen", self.path.display()))?;
        // One byte for one byte, so that places stay what they are.
        Ok(bytes
            .iter()
            .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '\u{1a}' })
            .collect())
    }
}

fn places(content: &str, text: &str) -> Vec<usize> {
    let text: String = text
        .bytes()
        .map(|byte| if byte.is_ascii() { char::from(byte) } else { '\u{1a}' })
        .collect();
    let content = content.to_ascii_lowercase();
    content
        .match_indices(&text.to_ascii_lowercase())
        .map(|(place, _)| place)
        .collect()
}
