//! The floor: what no static site generator can leave out. It walks, reads, renders Markdown, and writes; it judges nothing and knows no theme.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use pulldown_cmark::{Options, Parser, html};
use rayon::prelude::*;
use walkdir::WalkDir;

/// Renders all Markdown below `content` into `out`, on two threads.
pub fn build(content: &Path, out: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in WalkDir::new(content) {
        let path = entry?.into_path();
        if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    pool.install(|| files.par_iter().try_for_each(|file| render(content, file, out)))
}

fn render(content: &Path, file: &PathBuf, out: &Path) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let body = text.splitn(3, "+++\n").nth(2).unwrap_or_default();
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut page = String::with_capacity(body.len() * 3 / 2);
    html::push_html(&mut page, Parser::new_ext(body, options));
    let name = file.strip_prefix(content)?.with_extension("");
    let folder = match name.file_name() {
        Some(last) if last == "index" => out.join(name.parent().unwrap_or(Path::new(""))),
        _ => out.join(name),
    };
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("index.html"), page).with_context(|| format!("writing {}", folder.display()))
}
