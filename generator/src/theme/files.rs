//! The files of a theme, as they lie on disk.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::assets::{self, Asset, StaticFile};
use crate::config::SiteConfig;
use crate::digest::Digest;
use crate::keys::Placed;
use crate::problem::Problem;
use crate::source_files::{SourceText, cause, check_plain, unreadable};

/// Where lies what is the same in all themes.
const COMMON: &str = "themes/gemeinsam";

/// The files of a theme, as they lie on disk.
pub struct ThemeFiles {
    pub(super) shown: String,
    pub(super) assets: Vec<Asset>,
    pub(super) templates: Vec<(String, SourceText)>,
    pub(super) answers: Vec<(String, SourceText)>,
    /// Changes when any of them does.
    pub digest: u64,
}

impl ThemeFiles {
    /// Reads the theme that a site has chosen; `None`, with a problem, when there is no such theme or nobody can look into it.
    pub fn read(root: &Path, config: &SiteConfig, problems: &mut Vec<Problem>) -> Option<ThemeFiles> {
        let Placed { value: name, offset } = &config.theme;
        if name.is_empty() {
            return None;
        }
        let shown = format!("themes/{name}");
        let folder = root.join("themes").join(name);
        if name.contains(['/', '\\', '.']) || !folder.is_dir() {
            problems.push(config.source().error(
                "E-THEMA",
                *offset,
                format!("Das Thema „{name}“ gibt es nicht."),
                "Tragen Sie bei theme den Namen eines Ordners unter themes/ ein.",
            ));
            return None;
        }
        // What a theme does not have of its own, it has as all do: scripts and answers, mails and the office's papers.
        let layers = [shown.as_str(), COMMON];
        let mut statics: Vec<StaticFile> = Vec::new();
        for layer in layers {
            let place = format!("{layer}/static");
            let found = files(&root.join(&place), &place, problems)?;
            let new = found
                .into_iter()
                .filter(|(file, _)| statics.iter().all(|known| known.file != *file));
            let new: Vec<_> = new
                .map(|(file, path)| StaticFile {
                    shown: format!("{place}/{file}"),
                    file,
                    path,
                })
                .collect();
            statics.extend(new);
        }
        let assets = assets::read(statics, problems);
        let templates = read_templates(
            &folder.join("templates"),
            &format!("{shown}/templates"),
            &[".html"],
            problems,
        )?;
        let mut answers = Vec::new();
        for layer in layers {
            let place = format!("{layer}/handler");
            let found = read_templates(&root.join(&place), &place, &[".html", ".txt"], problems)?;
            let new: Vec<_> = found
                .into_iter()
                .filter(|(name, _)| answers.iter().all(|(known, _)| known != name))
                .collect();
            answers.extend(new);
        }
        let mut digest = Digest::new();
        for (template, source) in templates.iter().chain(&answers) {
            digest.add_text(&source.shown);
            digest.add_text(template);
            digest.add_number(source.digest);
        }
        for asset in &assets {
            digest.add_text(&asset.file);
            digest.add_text(&asset.published);
        }
        Some(ThemeFiles {
            digest: digest.finish(),
            shown,
            assets,
            templates,
            answers,
        })
    }
}

fn read_templates(
    folder: &Path,
    shown: &str,
    endings: &[&str],
    problems: &mut Vec<Problem>,
) -> Option<Vec<(String, SourceText)>> {
    let mut templates = Vec::new();
    for (name, path) in files(folder, shown, problems)? {
        if endings.iter().any(|ending| name.ends_with(ending)) {
            let source = SourceText::read(&path, format!("{shown}/{name}"), problems);
            templates.push((name, source));
        }
    }
    Some(templates)
}

/// All files below a folder, sorted: path below it with `/`, and on disk. A folder that is not there is empty; `None` is one that
/// cannot be read.
fn files(folder: &Path, shown: &str, problems: &mut Vec<Problem>) -> Option<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let below = |path: &Path| {
        let below = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
        below.replace(std::path::MAIN_SEPARATOR, "/")
    };
    let shown_of = |path: &Path| format!("{shown}/{}", below(path)).trim_end_matches('/').to_owned();
    if !folder.is_dir() {
        return Some(found);
    }
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.push(unreadable(&shown_of(error.path().unwrap_or(folder)), &cause(error)));
                return None;
            }
        };
        let name = entry.file_name().to_string_lossy();
        if entry.file_type().is_dir() || name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        match check_plain(&entry, &shown_of(entry.path())) {
            None => found.push((below(entry.path()), entry.into_path())),
            problem => problems.extend(problem),
        }
    }
    Some(found)
}
