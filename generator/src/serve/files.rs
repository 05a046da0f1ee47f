//! Static files as any web server would give them, plus the reload script in pages.

use std::path::{Path, PathBuf};

use hyper::header::{ALLOW, HeaderValue, LOCATION};
use hyper::{Method, Response, StatusCode};

use super::reload::SCRIPT_TAG;
use super::{Body, text};
use crate::links::percent_decode;

/// Answers a request for a file below `www`.
pub async fn answer(www: &Path, method: &Method, path: &str) -> Response<Body> {
    if method != Method::GET && method != Method::HEAD {
        let mut response = text(
            StatusCode::METHOD_NOT_ALLOWED,
            "text/plain; charset=utf-8",
            "Hier lässt sich nur lesen.\n",
        );
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let (www, path) = (www.to_owned(), path.to_owned());
    // Reading blocks, so it happens beside the connections.
    let found = tokio::task::spawn_blocking(move || look_up(&www, &path)).await;
    match found.unwrap_or(Found::Nothing(None)) {
        Found::File(name, bytes) => file(StatusCode::OK, &name, bytes),
        Found::Folder(address) => moved(&address),
        Found::Nothing(Some(page)) => file(StatusCode::NOT_FOUND, Path::new("404.html"), page),
        Found::Nothing(None) => text(StatusCode::NOT_FOUND, "text/html; charset=utf-8", never_built()),
    }
}

/// Until the first build without errors there is no page to show them over; with the script they stand here, and the site after them.
fn never_built() -> String {
    format!(
        "<!doctype html>\n<html lang=\"de\"><head><meta charset=\"utf-8\"><title>Noch nicht gebaut</title>{SCRIPT_TAG}</head>\n\
         <body><p>Diese Seite gibt es nicht. Vielleicht ist die Site noch nie ohne Fehler gebaut worden.</p></body></html>\n"
    )
}

/// What lies at an address.
#[derive(Debug)]
enum Found {
    File(PathBuf, Vec<u8>),
    /// A folder without its slash, with the address that is meant.
    Folder(String),
    /// Nothing, with the page that says so.
    Nothing(Option<Vec<u8>>),
}

fn look_up(www: &Path, path: &str) -> Found {
    if let Some(relative) = safe_path(path) {
        let file = www.join(&relative);
        if path.ends_with('/') {
            if let Ok(bytes) = std::fs::read(file.join("index.html")) {
                return Found::File(file.join("index.html"), bytes);
            }
        } else if file.is_dir() {
            return Found::Folder(format!("{path}/"));
        } else if let Ok(bytes) = std::fs::read(&file) {
            return Found::File(file, bytes);
        }
    }
    Found::Nothing(std::fs::read(www.join("404.html")).ok())
}

/// The path below `www`, or `None` when it could lead out of it.
fn safe_path(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode(path)?;
    let mut safe = PathBuf::new();
    for part in decoded.split('/').filter(|part| !part.is_empty()) {
        if part == "." || part == ".." || part.contains(['\\', '\0', ':']) {
            return None;
        }
        safe.push(part);
    }
    Some(safe)
}

fn file(status: StatusCode, name: &Path, bytes: Vec<u8>) -> Response<Body> {
    let content_type = content_type(name);
    if content_type.starts_with("text/html") {
        text(status, content_type, with_script(bytes))
    } else {
        text(status, content_type, bytes)
    }
}

fn moved(address: &str) -> Response<Body> {
    let mut response = text(StatusCode::PERMANENT_REDIRECT, "text/plain; charset=utf-8", "");
    if let Ok(address) = HeaderValue::from_str(address) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

/// The page with the reload script before its end.
fn with_script(page: Vec<u8>) -> Vec<u8> {
    const END: &[u8] = b"</body>";
    match page.windows(END.len()).rposition(|window| window == END) {
        Some(end) => [&page[..end], SCRIPT_TAG.as_bytes(), &page[end..]].concat(),
        None => page,
    }
}

fn content_type(name: &Path) -> &'static str {
    match name.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "xml" => "application/xml",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "pdf" => "application/pdf",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_site() {
        for path in [
            "/../geheim",
            "/a/../../geheim",
            "/%2e%2e/geheim",
            "/..%2fgeheim",
            "/a\\..\\geheim",
            "/%00",
            "/%zz",
        ] {
            assert_eq!(safe_path(path), None, "{path}");
        }
        assert_eq!(safe_path("/a//b%20c.pdf"), Some(PathBuf::from("a/b c.pdf")));
    }

    #[test]
    fn the_script_stands_before_the_end_of_the_page() {
        assert_eq!(
            with_script(b"<body>a</body></html>".to_vec()),
            format!("<body>a{SCRIPT_TAG}</body></html>").into_bytes()
        );
        assert_eq!(with_script(b"a".to_vec()), b"a");
    }
}
