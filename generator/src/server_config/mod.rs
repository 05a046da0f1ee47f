//! `dist/<site>/server`: what a web server needs to know, generated from the same source as the pages and notices that promise it.
//!
//! nginx has the most pieces, since it cannot include one from another: `log-format.conf` and `http.conf` belong into its section
//! http, `site.conf` into the section server. `headers.conf` and `redirects.conf` are parts of `site.conf`, for those who configure
//! the rest themselves.

mod caddy;
mod hosts;
mod log;
mod nginx;

use form::loeschkonzept::Loeschkonzept;

/// Nothing but the site's own files, no script or style within a page, and no frame around it.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const PERMISSIONS_POLICY: (&str, &str) = ("Permissions-Policy", "camera=(), geolocation=(), microphone=()");

/// Not one of `security_headers`: `serve` has no certificate.
const TRANSPORT_SECURITY: (&str, &str) = ("Strict-Transport-Security", "max-age=31536000");

/// The name of such a file changes with its bytes.
const CACHE_FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// Everything else is asked for again each time, and answered with 304 while it is the same: a correction is seen at once.
const CACHE_AND_ASK: &str = "no-cache";

/// What is published below `/assets/` with a fingerprint: `/assets/klar.0123456789.css`. nginx and Caddy read it alike.
const FINGERPRINTED: &str = r"^/assets/.+\.[0-9a-f]{10}(\.[A-Za-z0-9]+)?$";

/// Endings that web servers know no type for, with the type.
const TYPES: [(&str, &str); 2] = [("csv", "text/csv"), ("webmanifest", "application/manifest+json")];

/// Where the handler listens, unless `handler.toml` says otherwise.
const HANDLER: &str = "127.0.0.1:8080";

/// What visitors read while the handler is not there.
const HANDLER_IS_GONE: &str =
    "Das Berichtstool antwortet gerade nicht. Bitte versuchen Sie es in einigen Minuten noch einmal.";

/// Everything about a site that matters to a web server.
pub struct ServerInput<'a> {
    pub site: &'a str,
    pub base_url: &'a str,
    /// Old and new addresses, sorted.
    pub redirects: &'a [(String, String)],
    pub loeschkonzept: Option<&'a Loeschkonzept>,
    pub has_handler: bool,
    /// Pages with a two-click card: address of the page and the hosts (https://…) that a frame on it may show, sorted.
    pub frames: &'a [(String, Vec<String>)],
    /// Precompressed files lie beside the text files.
    pub is_compressed: bool,
}

impl ServerInput<'_> {
    fn host(&self) -> &str {
        self.base_url
            .split_once("://")
            .map_or(self.base_url, |(_, host)| host)
            .trim_end_matches('/')
    }
}

/// The headers of every answer, for the web server and for `serve` alike.
pub fn security_headers() -> [(&'static str, &'static str); 6] {
    [
        ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
        ("X-Content-Type-Options", "nosniff"),
        // Not "no-referrer": browsers would then send forms with "Origin: null".
        ("Referrer-Policy", "same-origin"),
        PERMISSIONS_POLICY,
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
}

/// All files below `server/`: path below `dist/<site>`, and text.
pub fn files(input: &ServerInput<'_>) -> Vec<(String, String)> {
    let mut files = vec![
        ("_headers", hosts::headers(input)),
        ("_redirects", hosts::redirects(input)),
        ("Caddyfile", caddy::caddyfile(input)),
        ("headers.conf", nginx::headers(input)),
        ("http.conf", nginx::http(input)),
        ("log-format.conf", log::format(input)),
        ("logrotate.conf", log::rotation(input)),
        ("redirects.conf", nginx::redirects(input)),
        ("site.conf", nginx::site(input)),
    ];
    files.sort();
    let path = |(name, text)| (format!("server/{name}"), text);
    files.into_iter().map(path).collect()
}

/// The policy of a page whose frames may show these hosts.
fn policy_with_frames(hosts: &[String]) -> String {
    format!("{CONTENT_SECURITY_POLICY}; frame-src {}", hosts.join(" "))
}

/// An address as it may stand in a header, and in any of these files without quotes: whatever could end a word or begin a variable
/// is percent-encoded.
fn encoded(address: &str) -> String {
    let mut encoded = String::with_capacity(address.len());
    for byte in address.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!&()*+,=%".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn redirects() -> Vec<(String, String)> {
        let pairs = [
            ("/alt/", "/neu/#fristen"),
            ("/förderung/", "https://recht.nrw/a b;$c?d=ü"),
        ];
        pairs.map(|(from, to)| (from.to_owned(), to.to_owned())).to_vec()
    }

    fn frames() -> Vec<(String, Vec<String>)> {
        let hosts = |names: &[&str]| names.iter().map(|name| format!("https://{name}")).collect();
        vec![
            ("/karte/".to_owned(), hosts(&["a.nrw", "b.nrw"])),
            ("/video.html".to_owned(), hosts(&["a.nrw"])),
        ]
    }

    /// One file of a site that has everything.
    fn file(name: &str) -> String {
        let (redirects, frames) = (redirects(), frames());
        let files = files(&ServerInput {
            site: "muster-nrw",
            base_url: "https://www.muster.nrw",
            redirects: &redirects,
            loeschkonzept: None,
            has_handler: true,
            frames: &frames,
            is_compressed: true,
        });
        let path = format!("server/{name}");
        files.into_iter().find(|(file, _)| *file == path).expect(name).1
    }

    /// One file of a site that has nothing.
    fn plain_file(name: &str) -> String {
        let files = files(&ServerInput {
            site: "muster",
            base_url: "https://www.muster.nrw",
            redirects: &[],
            loeschkonzept: None,
            has_handler: false,
            frames: &[],
            is_compressed: false,
        });
        let path = format!("server/{name}");
        files.into_iter().find(|(file, _)| *file == path).expect(name).1
    }

    /// Short enough to be read in a snapshot.
    fn shortened(text: &str) -> String {
        text.replace(CONTENT_SECURITY_POLICY, "‹CSP›")
    }

    #[test]
    fn redirects_leave_nothing_to_be_misread() {
        expect![[r#"
            # Einbinden im Abschnitt server { … } mit: include …/redirects.conf;
            location = /alt/ { return 301 /neu/#fristen; }
            location = /förderung/ { return 301 https://recht.nrw/a%20b%3B%24c?d=%C3%BC; }
        "#]]
        .assert_eq(&file("redirects.conf"));
        assert!(file("site.conf").contains("\nlocation = /alt/ { return 301 /neu/#fristen; }\n"));
        assert!(file("Caddyfile").contains("\n    redir /alt/ /neu/#fristen 301\n"));
        expect![[r#"
            # Für Hosts wie Netlify und Cloudflare Pages: neben die Seiten kopieren, nach www/_redirects.
            # Das Berichtstool unter /meldung/ braucht einen eigenen Server; ein solcher Host kann es nicht anbieten.
            /alt/ /neu/#fristen 301
            /f%C3%B6rderung/ https://recht.nrw/a%20b%3B%24c?d=%C3%BC 301
        "#]]
        .assert_eq(&file("_redirects"));
    }

    #[test]
    fn frames_are_allowed_only_where_a_page_shows_them() {
        expect![[r#"
            # Einbinden im Abschnitt http { … } mit: include …/http.conf;
            # Gehört zu site.conf: worin sich deren Antworten unterscheiden.

            # Was eine Seite laden darf; wo sie Inhalte anderer erst nach einem Klick zeigt, auch diese.
            map $uri $muster_nrw_csp {
                default "‹CSP›";
                "~^/karte/(index\.html)?$" "‹CSP›; frame-src https://a.nrw https://b.nrw";
                "~^/video\.html$" "‹CSP›; frame-src https://a.nrw";
            }

            # Wie lange Browser etwas behalten: für immer, wenn der Name sich mit dem Inhalt ändert; sonst fragen sie jedes Mal nach.
            map $uri $muster_nrw_cache {
                default "no-cache";
                "~^/assets/.+\.[0-9a-f]{10}(\.[A-Za-z0-9]+)?$" "public, max-age=31536000, immutable";
            }
        "#]]
        .assert_eq(&shortened(&file("http.conf")));
        assert!(!plain_file("http.conf").contains("frame-src"));
        assert!(!plain_file("Caddyfile").contains("frame-src"));
        assert!(file("Caddyfile").contains("@rahmen1 path /karte/ /karte/index.html\n"));
        assert!(file("headers.conf").contains("site.conf"));
    }

    #[test]
    fn no_location_for_pages_adds_headers_and_so_none_is_lost() {
        let site = file("site.conf");
        let (pages, handler) = site
            .split_once("location ^~ /meldung/ {")
            .expect("the handler's location");
        let (handler, _) = handler.split_once('}').expect("its end");
        assert_eq!(handler.matches("add_header").count(), 1);
        assert!(
            pages
                .lines()
                .all(|line| !line.contains('{') || !line.contains("add_header"))
        );
        assert_eq!(site.matches("\nadd_header ").count(), security_headers().len() + 2);
    }

    #[test]
    fn a_static_host_gets_one_policy_for_all_pages() {
        expect![[r#"
            # Für Hosts wie Netlify und Cloudflare Pages: neben die Seiten kopieren, nach www/_headers.
            # Solche Hosts kennen nur eine Vorgabe für alle Seiten: frame-src nennt, was irgendeine Seite nach einem Klick zeigt.
            /*
              Content-Security-Policy: ‹CSP›; frame-src https://a.nrw https://b.nrw
              X-Content-Type-Options: nosniff
              Referrer-Policy: same-origin
              Permissions-Policy: camera=(), geolocation=(), microphone=()
              Cross-Origin-Opener-Policy: same-origin
              Cross-Origin-Resource-Policy: same-origin
              Strict-Transport-Security: max-age=31536000
            /assets/*
              Cache-Control: public, max-age=31536000, immutable
        "#]].assert_eq(&shortened(&file("_headers")));
    }

    #[test]
    fn what_a_site_does_not_have_is_not_mentioned() {
        for name in ["site.conf", "Caddyfile", "_headers", "_redirects"] {
            let text = plain_file(name);
            for absent in ["meldung", "gzip", "brotli", "redir /", "return 301", "frame-src"] {
                assert!(!text.contains(absent), "{absent} in {name}");
            }
        }
    }
}
