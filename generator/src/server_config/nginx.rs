//! Pieces for nginx.

use std::fmt::Write as _;

use form::routes;

use super::{
    CACHE_AND_ASK, CACHE_FOR_GOOD, CONTENT_SECURITY_POLICY, FINGERPRINTED, HANDLER, HANDLER_IS_GONE,
    PERMISSIONS_POLICY, ServerInput, TRANSPORT_SECURITY, TYPES, encoded, log, policy_with_frames, security_headers,
};

/// What the names of a site's variables and of its log format begin with.
pub fn variable(site: &str) -> String {
    site.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// The headers alone, the same for all pages.
pub fn headers(input: &ServerInput<'_>) -> String {
    let mut text = String::from("# Einbinden im Abschnitt server { … } mit: include …/headers.conf;\n");
    if !input.frames.is_empty() {
        text.push_str("# Hier zeigt keine Seite Inhalte anderer; wo sie das nach einem Klick darf, sagt site.conf.\n");
    }
    for (name, value) in security_headers().into_iter().chain([TRANSPORT_SECURITY]) {
        let _ = writeln!(text, "add_header {name} \"{value}\" always;");
    }
    text
}

/// The redirects alone.
pub fn redirects(input: &ServerInput<'_>) -> String {
    let mut text = String::from("# Einbinden im Abschnitt server { … } mit: include …/redirects.conf;\n");
    text.push_str(&redirect_rules(input));
    text
}

fn redirect_rules(input: &ServerInput<'_>) -> String {
    let rule = |(from, to): &(String, String)| format!("location = {from} {{ return 301 {}; }}\n", encoded(to));
    input.redirects.iter().map(rule).collect()
}

/// The variables of `site.conf`. A header that one location adds takes all others away there, so what differs between answers is
/// a variable.
pub fn http(input: &ServerInput<'_>) -> String {
    let name = variable(input.site);
    let mut text = format!(
        "# Einbinden im Abschnitt http {{ … }} mit: include …/http.conf;\n\
         # Gehört zu site.conf: worin sich deren Antworten unterscheiden.\n\n\
         # Was eine Seite laden darf; wo sie Inhalte anderer erst nach einem Klick zeigt, auch diese.\n\
         map $uri ${name}_csp {{\n    default \"{CONTENT_SECURITY_POLICY}\";\n"
    );
    for (page, hosts) in input.frames {
        let _ = writeln!(
            text,
            "    \"{}\" \"{}\";",
            page_pattern(page),
            policy_with_frames(hosts)
        );
    }
    let _ = write!(
        text,
        "}}\n\n\
         # Wie lange Browser etwas behalten: für immer, wenn der Name sich mit dem Inhalt ändert; sonst fragen sie jedes Mal nach.\n\
         map $uri ${name}_cache {{\n    default \"{CACHE_AND_ASK}\";\n    \"~{FINGERPRINTED}\" \"{CACHE_FOR_GOOD}\";\n}}\n"
    );
    text
}

/// A pattern rather than the address itself: nginx keeps addresses in a table that long ones do not fit into.
fn page_pattern(page: &str) -> String {
    let mut pattern = String::from("~^");
    for c in page.chars() {
        if c.is_ascii_punctuation() && !"/-_".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push_str(if page.ends_with('/') { r"(index\.html)?$" } else { "$" });
    pattern
}

/// All that belongs into the section of the server, besides its name, its port and its certificate.
pub fn site(input: &ServerInput<'_>) -> String {
    let name = variable(input.site);
    let mut text = format!(
        "# Einbinden im Abschnitt server {{ … }} mit: include …/site.conf;\n\
         # Davor im Abschnitt http {{ … }}: include …/log-format.conf; include …/http.conf;\n\
         # Im Abschnitt server {{ … }} stehen sonst nur: listen, server_name {host}, das Zertifikat und root …/www;\n\
         # headers.conf und redirects.conf sind hier schon enthalten.\n\n\
         server_tokens off;\n\
         index index.html;\n\
         charset utf-8;\n\
         charset_types text/css text/csv text/plain text/javascript application/javascript text/xml application/xml;\n\
         # Weiterleitungen nennen keinen Rechner und keinen Port: beides kann vor einem Lastverteiler anders heißen.\n\
         absolute_redirect off;\n\n\
         {log}\n\
         # Im Protokoll steht die Adresse, die jemand aufgerufen hat, auch wenn nginx darauf eine andere Datei ausliefert.\n\
         set ${name}_aufgerufen ${name}_pfad;\n\
         # Das Fehlerprotokoll hat keine Frist; dass jemand etwas nicht gefunden hat, gehört nicht hinein.\n\
         log_not_found off;\n\n\
         add_header Content-Security-Policy ${name}_csp always;\n",
        host = input.host(),
        log = log::directive(input),
    );
    let others = security_headers().into_iter().skip(1).chain([TRANSPORT_SECURITY]);
    for (header, value) in others {
        let _ = writeln!(text, "add_header {header} \"{value}\" always;");
    }
    let _ = write!(
        text,
        "add_header Cache-Control ${name}_cache always;\n\n\
         error_page 404 /404.html;\n\
         error_page 403 =404 /404.html;\n\
         location = /404.html {{ internal; }}\n\
         location / {{ try_files $uri $uri/ =404; }}\n"
    );
    for (ending, content_type) in TYPES {
        let _ = writeln!(text, "location ~ \\.{ending}$ {{ default_type {content_type}; }}");
    }
    if input.is_compressed {
        text.push_str(
            "\n# Neben den Textdateien liegen sie gepackt.\n\
             gzip_static on;\n\
             gzip_vary on;\n\
             # Mit dem Modul für Brotli (in Debian: libnginx-mod-http-brotli-static) auch:\n\
             # brotli_static on;\n",
        );
    }
    if input.has_handler {
        text.push_str(&handler());
    }
    if !input.redirects.is_empty() {
        text.push('\n');
        text.push_str(&redirect_rules(input));
    }
    text
}

/// The handler sends every header itself, except one; adding that one keeps those of the site away.
fn handler() -> String {
    let (header, value) = PERMISSIONS_POLICY;
    format!(
        r#"
# Das Berichtstool. In handler.toml steht dazu: trusted_proxies = ["127.0.0.1"]
# Lauscht es auf einem Unix-Socket, heißt es: proxy_pass http://unix:/run/formularschrank/handler.socket; trusted_proxies entfällt dann.
# Steht vor nginx ein Lastverteiler, braucht nginx set_real_ip_from und real_ip_header, damit es die Adressen der Besucher kennt.
location ^~ {prefix} {{
    proxy_pass http://{HANDLER};
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    # Was Träger hochladen und herunterladen, legt nginx nicht auf der Platte ab.
    proxy_request_buffering off;
    proxy_max_temp_file_size 0;
    # Das Berichtstool weist Dateien, die zu groß sind, selbst ab; nginx nur, was niemand mehr für eine Tabelle hält.
    client_max_body_size 64m;
    proxy_read_timeout 120s;
    gzip off;
    add_header {header} "{value}" always;
    error_page 413 @zu_gross;
    error_page 502 504 @berichtstool_fehlt;
}}
location @zu_gross {{
    default_type text/plain;
    return 413 "Die Datei ist zu groß. Bitte laden Sie das ausgefüllte Formular ohne Bilder und ohne weitere Tabellen hoch.\n";
}}
location @berichtstool_fehlt {{
    default_type text/plain;
    return 502 "{HANDLER_IS_GONE}\n";
}}
"#,
        prefix = routes::PREFIX
    )
}
