//! Static files of a theme: each is published under a name that changes with its bytes, so that browsers may keep it for good.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha384};

use crate::html::offset_in;
use crate::problem::Problem;
use crate::source_files::unreadable;

/// The address below which a theme's static files are published.
pub const ASSETS: &str = "/assets/";

/// A static file that a theme has, before it is read.
pub struct StaticFile {
    /// Path below `static/`.
    pub file: String,
    /// Path from the project root, for messages.
    pub shown: String,
    pub path: PathBuf,
}

/// A static file of a theme.
#[derive(Debug)]
pub struct Asset {
    /// Path below `static/`.
    pub file: String,
    /// Path from the project root, for messages.
    pub shown: String,
    /// The file with a fingerprint: `klar.0123456789.css`.
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

/// Reads the files of a theme.
pub fn read(files: Vec<StaticFile>, problems: &mut Vec<Problem>) -> Vec<Asset> {
    let mut styles = Vec::new();
    let mut assets = Vec::new();
    for file in files {
        match std::fs::read(&file.path) {
            Ok(bytes) if file.file.ends_with(".css") => {
                styles.push((file, String::from_utf8_lossy(&bytes).into_owned()));
            }
            Ok(bytes) => assets.push(asset(file, bytes)),
            Err(error) => {
                problems.push(unreadable(&file.shown, &error));
                assets.push(asset(file, Vec::new()));
            }
        }
    }
    // A style names other files, whose fingerprints it needs; so those that it imports come first.
    while !styles.is_empty() {
        let is_waiting = |(own, style): &(StaticFile, String)| {
            let named = named_in_css(style);
            let mut others = styles.iter().filter(|(other, _)| other.file != own.file);
            others.any(|(other, _)| named.contains(&other.file.as_str()))
        };
        // Two that import each other cannot both know the other's.
        let next = styles.iter().position(|style| !is_waiting(style)).unwrap_or(0);
        let (file, style) = styles.remove(next);
        let published = with_fingerprints(&style, &assets).into_bytes();
        assets.push(Asset {
            style: Some(style),
            ..asset(file, published)
        });
    }
    assets.sort_by(|a, b| a.file.cmp(&b.file));
    assets
}

fn asset(StaticFile { file, shown, .. }: StaticFile, bytes: Vec<u8>) -> Asset {
    let checksum = Sha384::digest(&bytes);
    let fingerprint: String = checksum[..5].iter().map(|byte| format!("{byte:02x}")).collect();
    let published = match file.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.{fingerprint}.{ending}"),
        None => format!("{file}.{fingerprint}"),
    };
    Asset {
        file,
        shown,
        published,
        integrity: format!("sha384-{}", STANDARD.encode(checksum)),
        bytes,
        style: None,
    }
}

/// A style sheet whose `url(…)` and `@import "…"` name files as they are published.
fn with_fingerprints(css: &str, assets: &[Asset]) -> String {
    let mut written = String::with_capacity(css.len() + 64);
    let mut copied = 0;
    for name in named_in_css(css) {
        let at = offset_in(css, name);
        let asset = assets.iter().find(|asset| asset.file == name);
        if let Some(asset) = asset.filter(|_| at >= copied) {
            written.push_str(&css[copied..at]);
            written.push_str(&asset.published);
            copied = at + name.len();
        }
    }
    written.push_str(&css[copied..]);
    written
}

/// What a style sheet makes browsers fetch, in its order: what its `url(…)`, `@import` and `image-set(…)` name. Comments fetch
/// nothing, nor does what stands in the page itself.
pub fn named_in_css(css: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = css;
    // How many brackets are open from an `image-set(` on, and whether an `@import` is: right in these a text is an address.
    let (mut depth, mut is_import) = (0, false);
    let says_something = |c: char| matches!(c, '/' | 'u' | 'U' | '@' | 'i' | 'I' | '"' | '\'' | ';' | '(' | ')');
    while let Some(at) = rest.find(says_something) {
        rest = &rest[at..];
        let after = &rest[1..];
        let word = |word: &str| {
            let start = rest.get(..word.len())?;
            start.eq_ignore_ascii_case(word).then(|| &rest[word.len()..])
        };
        rest = if let Some(comment) = word("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else if let Some(inner) = word("url(") {
            is_import = false;
            let inner = inner.trim_start();
            let (name, after) = match inner.chars().next() {
                Some(quote @ ('"' | '\'')) => text_in_css(&inner[1..], quote),
                _ => inner.split_once(')').unwrap_or((inner, "")),
            };
            names.push(name.trim());
            after
        } else if let Some(after) = word("@import") {
            is_import = true;
            after
        } else if let Some(after) = word("image-set(") {
            depth = 1;
            after
        } else {
            match rest.as_bytes()[0] {
                quote @ (b'"' | b'\'') => {
                    let (text, after) = text_in_css(after, quote.into());
                    if is_import || depth == 1 {
                        names.push(text);
                        is_import = false;
                    }
                    rest = after;
                    continue;
                }
                b';' => is_import = false,
                b'(' if depth > 0 => depth += 1,
                b')' if depth > 0 => depth -= 1,
                _ => {}
            }
            after
        };
    }
    names.retain(|name| !name.starts_with('#'));
    names
}

/// A text up to its quotation mark, and what follows it; a backslash takes the mark after it along.
fn text_in_css(css: &str, quote: char) -> (&str, &str) {
    let mut is_escaped = false;
    let ends = |c: char| {
        let ends = (c == quote && !is_escaped) || c == '\n';
        is_escaped = c == '\\' && !is_escaped;
        ends
    };
    match css.find(ends) {
        Some(end) => (&css[..end], &css[end + 1..]),
        None => (css, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, path: PathBuf) -> StaticFile {
        StaticFile {
            file: file.to_owned(),
            shown: format!("themes/x/static/{file}"),
            path,
        }
    }

    #[test]
    fn styles_name_files_as_they_are_published() {
        let image = asset(of("bild.svg", PathBuf::new()), b"<svg/>".to_vec());
        let published = image.published.clone();
        let css = with_fingerprints("a { b: url(\"bild.svg\") } c { d: url(data:x) }", &[image]);
        assert_eq!(css, format!("a {{ b: url(\"{published}\") }} c {{ d: url(data:x) }}"));
        assert_eq!(named_in_css(&css), [published.as_str(), "data:x"]);
    }

    #[test]
    fn what_a_style_fetches_is_found_however_it_is_written() {
        for (css, names) in [
            (
                "@import \"a.css\" screen; @IMPORT url(b.css) layer(x);",
                &["a.css", "b.css"][..],
            ),
            ("a { b: URL( 'c d.png' ) }", &["c d.png"]),
            (
                "a { b: -webkit-image-set(\"c.png\" 1x, url(d.png) 2x) }",
                &["c.png", "d.png"],
            ),
            (
                "a { b: image-set('c.png' type('image/png')); content: 'e.png' }",
                &["c.png"],
            ),
            (
                "/*/ url(a.png) */ a { content: \"url(b.png) ü\"; fill: url(#c); b: url(data:d) }",
                &["data:d"],
            ),
            (
                "a { content: \"\\\" url(a.png) \\\\\"; b: url(\"c).png\") }",
                &["c).png"],
            ),
            ("a { b: url(", &[""]),
        ] {
            assert_eq!(named_in_css(css), names, "{css}");
        }
    }

    #[test]
    fn a_style_may_import_one_that_comes_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            of(name, path)
        };
        let files = vec![
            write("a.css", "@import \"b.css\"; p { color: red }"),
            write("b.css", "@import url(c.css);"),
            write("c.css", "p { margin: 0 }"),
        ];
        let assets = read(files, &mut Vec::new());
        let text = |asset: &Asset| String::from_utf8_lossy(&asset.bytes).into_owned();
        assert_eq!(
            text(&assets[0]),
            format!("@import \"{}\"; p {{ color: red }}", assets[1].published)
        );
        assert_eq!(text(&assets[1]), format!("@import url({});", assets[2].published));
    }
}
