//! One piece for Caddy.

use std::fmt::Write as _;

use form::routes;

use super::{
    CACHE_AND_ASK, CACHE_FOR_GOOD, FINGERPRINTED, HANDLER, HANDLER_IS_GONE, PERMISSIONS_POLICY, ServerInput,
    TRANSPORT_SECURITY, TYPES, encoded, policy_with_frames, security_headers,
};

/// What belongs into the section of the site. Within `route`, Caddy keeps the order in which things are written.
pub fn caddyfile(input: &ServerInput<'_>) -> String {
    let mut text = format!(
        "# Einbinden im Abschnitt der Site mit: import …/server/Caddyfile\n\
         # Dieser Abschnitt lautet: {} {{ root * …/www und darunter der import }}\n\
         # Ein Zugriffsprotokoll führt Caddy nur, wo jemand es einschaltet; dann gilt die Frist aus loeschkonzept.toml.\n\n\
         route {{\n",
        input.host()
    );
    text.push_str(&headers_of_answers(input));
    for (from, to) in input.redirects {
        let _ = writeln!(text, "    redir {from} {} 301", encoded(to));
    }
    if input.has_handler {
        let _ = write!(
            text,
            "    # Das Berichtstool. In handler.toml steht dazu: trusted_proxies = [\"127.0.0.1\"]\n    \
             # Jede Anfrage bekommt eine eigene Verbindung, damit keine auf eine trifft, die gerade endet.\n    \
             reverse_proxy {}* {HANDLER} {{\n        transport http {{\n            keepalive off\n        }}\n    }}\n",
            routes::PREFIX
        );
    }
    let _ = write!(text, "    {}\n}}\n\n", file_server(input));
    text.push_str(&error_pages(input));
    text
}

/// The handler sends every header itself, except one.
fn headers_of_answers(input: &ServerInput<'_>) -> String {
    let mut text = String::new();
    let mut pages = "";
    if input.has_handler {
        let (name, value) = PERMISSIONS_POLICY;
        let _ = write!(
            text,
            "    header {prefix}* {name} \"{value}\"\n    @seiten not path {prefix}*\n",
            prefix = routes::PREFIX
        );
        pages = " @seiten";
    }
    let _ = write!(text, "    header{pages} {{\n{}    }}\n", headers("        "));
    for (number, (page, hosts)) in (1..).zip(input.frames) {
        let file = if page.ends_with('/') {
            format!(" {page}index.html")
        } else {
            String::new()
        };
        let _ = write!(
            text,
            "    @rahmen{number} path {page}{file}\n    header @rahmen{number} Content-Security-Policy \"{}\"\n",
            policy_with_frames(hosts)
        );
    }
    let _ = write!(
        text,
        "    @fingerabdruck path_regexp {FINGERPRINTED}\n    header @fingerabdruck Cache-Control \"{CACHE_FOR_GOOD}\"\n"
    );
    for (ending, content_type) in TYPES {
        let _ = writeln!(
            text,
            "    header *.{ending} Content-Type \"{content_type}; charset=utf-8\""
        );
    }
    text
}

fn headers(indent: &str) -> String {
    let all = security_headers()
        .into_iter()
        .chain([TRANSPORT_SECURITY, ("Cache-Control", CACHE_AND_ASK)]);
    all.map(|(name, value)| format!("{indent}{name} \"{value}\"\n"))
        .collect()
}

fn file_server(input: &ServerInput<'_>) -> &'static str {
    if input.is_compressed {
        "file_server {\n        precompressed br gzip\n    }"
    } else {
        "file_server"
    }
}

fn error_pages(input: &ServerInput<'_>) -> String {
    let mut text = format!(
        "handle_errors {{\n    header {{\n        -Content-Type\n{}    }}\n",
        headers("        ")
    );
    if input.has_handler {
        let _ = write!(
            text,
            "    @berichtstool_fehlt expression {{http.error.status_code}} >= 500\n    \
             respond @berichtstool_fehlt \"{HANDLER_IS_GONE}\" {{http.error.status_code}}\n"
        );
    }
    let _ = write!(
        text,
        "    @nicht_gefunden expression {{http.error.status_code}} == 404\n    \
         rewrite @nicht_gefunden /404.html\n    {}\n}}\n",
        file_server(input)
    );
    text
}
