//! Static files of a theme: each is published under a name that changes with its bytes, so that browsers may keep it for good.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha384};

use crate::problem::Problem;
use crate::source_files::unreadable;

/// The address below which a theme's static files are published.
pub const ASSETS: &str = "/assets/";

/// A static file of a theme.
#[derive(Debug)]
pub struct Asset {
    /// Path below `static/`.
    pub file: String,
    /// The same with a fingerprint: `klar.0123456789.css`.
    pub published: String,
    pub bytes: Vec<u8>,
    /// A style sheet as it was written: `bytes` name other files as they are published.
    pub style: Option<String>,
    /// For the attribute of that name: `sha384-…`.
    pub integrity: String,
}

impl Asset {
    /// Where it is found on the site.
    pub fn address(&self) -> String {
        format!("{ASSETS}{}", self.published)
    }
}

/// Reads the files of a theme, given by path below `static/` and on disk.
pub fn read(files: Vec<(String, PathBuf)>, shown: &str, problems: &mut Vec<Problem>) -> Vec<Asset> {
    // Styles name other files, whose fingerprints they need.
    let (styles, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|(file, _)| file.ends_with(".css"));
    let mut assets = Vec::new();
    for (file, path) in others.into_iter().chain(styles) {
        match std::fs::read(&path) {
            Ok(bytes) => {
                let asset = if file.ends_with(".css") {
                    let style = String::from_utf8_lossy(&bytes).into_owned();
                    let published = with_fingerprints(&bytes, &assets);
                    Asset {
                        style: Some(style),
                        ..asset(file, published)
                    }
                } else {
                    asset(file, bytes)
                };
                assets.push(asset);
            }
            Err(error) => problems.push(unreadable(&format!("{shown}/{file}"), &error)),
        }
    }
    assets.sort_by(|a, b| a.file.cmp(&b.file));
    assets
}

fn asset(file: String, bytes: Vec<u8>) -> Asset {
    let checksum = Sha384::digest(&bytes);
    let fingerprint: String = checksum[..5].iter().map(|byte| format!("{byte:02x}")).collect();
    let published = match file.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.{fingerprint}.{ending}"),
        None => format!("{file}.{fingerprint}"),
    };
    Asset {
        file,
        published,
        integrity: format!("sha384-{}", STANDARD.encode(checksum)),
        bytes,
        style: None,
    }
}

/// A style sheet whose `url(…)` name files as they are published.
fn with_fingerprints(css: &[u8], assets: &[Asset]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(css) else {
        return css.to_owned();
    };
    let mut written = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(open) = rest.find("url(").map(|at| at + 4) {
        let close = rest[open..].find(')').map_or(rest.len(), |at| open + at);
        let name = rest[open..close].trim().trim_matches(['"', '\'']);
        written.push_str(&rest[..open]);
        match assets.iter().find(|asset| asset.file == name) {
            Some(asset) => written.push_str(&format!("\"{}\"", asset.published)),
            None => written.push_str(&rest[open..close]),
        }
        rest = &rest[close..];
    }
    written.push_str(rest);
    written.into_bytes()
}

/// What the `url(…)` and `@import` of a style sheet name.
pub fn named_in_css(css: &str) -> Vec<&str> {
    let urls = css.split("url(").skip(1).filter_map(|rest| rest.split(')').next());
    let imports = css.split("@import").skip(1).filter_map(|rest| rest.split(';').next());
    urls.chain(imports)
        .map(|name| name.trim().trim_matches(['"', '\'']))
        .filter(|name| !name.starts_with("url(") && !name.starts_with("data:"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_name_files_as_they_are_published() {
        let image = asset("bild.svg".into(), b"<svg/>".to_vec());
        let published = image.published.clone();
        let css = with_fingerprints(b"a { b: url(\"bild.svg\") } c { d: url(data:x) }", &[image]);
        let css = String::from_utf8(css).expect("a text");
        assert_eq!(css, format!("a {{ b: url(\"{published}\") }} c {{ d: url(data:x) }}"));
        assert_eq!(named_in_css(&css), [published.as_str()]);
    }
}
