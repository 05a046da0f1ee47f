//! The pieces for web servers, built from the fixture and included in real web servers as their first lines say.

mod caddy;
mod handler;
mod http;
mod nginx;
#[expect(dead_code, reason = "the other tests need more of it")]
#[path = "../suite/project.rs"]
mod project;
mod server;

use handler::{FakeHandler, absent_handler};
use http::{Answer, get};
use project::Project;
use server::{Server, WebServer};

const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every answer of the site carries, with the policy of all pages but those with a frame.
const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", CSP),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("strict-transport-security", "max-age=31536000"),
];

/// The fixture with one page that shows a map after a click.
fn project() -> Project {
    let project = Project::new();
    project
        .write(
            "themes/klein/templates/kurzbefehle/zweiklick.html",
            "<p><a href=\"{{ adresse }}\">{{ titel }} ({{ anbieter }})</a></p>\n",
        )
        .write(
            "karte.md",
            "+++\ntitle = \"Karte\"\n+++\n{{ zweiklick(adresse=\"https://karte.example/nrw\", titel=\"Karte der Schulen\", anbieter=\"Kartendienst\") }}\n",
        );
    let output = project.run(&["build", "--today", "2026-11-22", "--compress"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    project
}

#[test]
#[ignore = "needs nginx"]
fn nginx_serves_the_site_as_it_is_meant() {
    let project = project();
    let handler = FakeHandler::start();
    let nginx = Server::<nginx::Nginx>::start(&project, handler.address);
    walk(&project, &nginx);
    let page = get(nginx.address, "/programm/", &[("Accept-Encoding", "gzip, br")]);
    check_packed(&project, &page, "gzip", "www/programm/index.html.gz");
    let moved = get(nginx.address, "/programm?a=b", &[]);
    assert_eq!((moved.status, moved.header("location")), (301, "/programm/?a=b"));
}

#[test]
#[ignore = "needs caddy"]
fn caddy_serves_the_site_as_it_is_meant() {
    let project = project();
    let handler = FakeHandler::start();
    let caddy = Server::<caddy::Caddy>::start(&project, handler.address);
    walk(&project, &caddy);
    let page = get(caddy.address, "/programm/", &[("Accept-Encoding", "gzip, br")]);
    check_packed(&project, &page, "br", "www/programm/index.html.br");
    let page = get(caddy.address, "/programm/", &[("Accept-Encoding", "gzip")]);
    check_packed(&project, &page, "gzip", "www/programm/index.html.gz");
}

#[test]
#[ignore = "needs nginx"]
fn the_access_log_names_the_address_asked_for_and_no_meldung() {
    let project = project();
    let handler = FakeHandler::start();
    let nginx = Server::<nginx::Nginx>::start(&project, handler.address);
    for path in [
        "/programm/?suche=geheim",
        "/gibt-es-nicht",
        "/meldung/eingang/CB-2026-7K3M-9QXA",
    ] {
        get(
            nginx.address,
            path,
            &[("User-Agent", "Test"), ("Referer", "https://geheim.example/")],
        );
    }
    let log = nginx.stop_and_read("log/muster.access.log");
    let lines: Vec<(&str, &str)> = log.lines().filter_map(|line| line.split_once(" [")).collect();
    let rest: Vec<&str> = lines
        .iter()
        .filter_map(|(_, line)| line.split_once("] "))
        .map(|(_, rest)| rest)
        .collect();
    assert!(lines.iter().all(|(address, _)| *address == "127.0.0.1"), "{log}");
    assert!(!log.contains("geheim") && !log.contains("7K3M"), "{log}");
    for (line, (request, status)) in rest.iter().zip([
        ("\"GET /programm/ HTTP/1.1\"", "200"),
        ("\"GET /gibt-es-nicht HTTP/1.1\"", "404"),
        ("\"GET /meldung/eingang/... HTTP/1.1\"", "200"),
    ]) {
        assert!(line.starts_with(&format!("{request} {status} ")), "{line}");
    }
    assert_eq!(rest.len(), 3, "{log}");
}

#[test]
#[ignore = "needs nginx"]
fn what_is_too_large_for_nginx_is_refused_in_german() {
    let project = project();
    let nginx = Server::<nginx::Nginx>::start(&project, FakeHandler::start().address);
    let refused = http::post(nginx.address, "/meldung/hochladen", 65 << 20, b"");
    assert_eq!(refused.status, 413);
    assert!(refused.text().contains("zu groß"), "{}", refused.text());
    check_headers(&refused, CSP);
}

/// Everything that both web servers do alike.
fn walk(project: &Project, server: &Server<impl WebServer>) {
    let address = server.address;
    for path in ["/", "/programm/", "/robots.txt"] {
        let page = get(address, path, &[]);
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("cache-control"), "no-cache", "{path}");
        check_headers(&page, CSP);
    }
    assert_eq!(
        get(address, "/programm/", &[]).text(),
        project.published("www/programm/index.html")
    );
    check_again(address);
    check_not_found(project, address);
    check_redirects(address);
    check_assets(project, address);
    let card = get(address, "/karte/", &[]);
    assert_eq!(card.status, 200);
    check_headers(&card, &format!("{CSP}; frame-src https://karte.example"));
    let list = get(address, "/liste.csv", &[]);
    assert_eq!(list.header("content-type"), "text/csv; charset=utf-8");
    check_handler(server);
}

/// Each header once.
fn check_headers(answer: &Answer, policy: &str) {
    for (name, value) in HEADERS {
        let expected = if name == "content-security-policy" {
            policy
        } else {
            value
        };
        assert_eq!(answer.headers(name), [expected], "{name}");
    }
}

/// A browser that has the page already gets no second copy.
fn check_again(address: std::net::SocketAddr) {
    let page = get(address, "/programm/", &[]);
    let again = get(address, "/programm/", &[("If-None-Match", page.header("etag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
}

fn check_not_found(project: &Project, address: std::net::SocketAddr) {
    // A folder without a page, a file that is gone, and the page itself under its own name.
    for path in ["/gibt-es-nicht", "/assets/", "/assets/fehlt.0123456789.css"] {
        let missing = get(address, path, &[]);
        assert_eq!(missing.status, 404, "{path}");
        assert_eq!(missing.text(), project.published("www/404.html"), "{path}");
        assert_eq!(missing.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert_eq!(missing.headers("cache-control"), ["no-cache"], "{path}");
        check_headers(&missing, CSP);
    }
}

fn check_redirects(address: std::net::SocketAddr) {
    for (from, to) in [
        ("/alt/programm/", "/programm/#fristen"),
        ("/foerderung/", "/programm/"),
        ("/foerderung/?utm=x", "/programm/"),
    ] {
        let moved = get(address, from, &[]);
        assert_eq!((moved.status, moved.headers("location")), (301, vec![to]), "{from}");
        check_headers(&moved, CSP);
    }
}

fn check_assets(project: &Project, address: std::net::SocketAddr) {
    let page = project.published("www/index.html");
    let start = page.find("/assets/klein.").expect("an asset");
    let path = page[start..].split('"').next().expect("its address");
    let asset = get(address, path, &[]);
    assert_eq!(asset.status, 200);
    assert_eq!(
        asset.headers("cache-control"),
        ["public, max-age=31536000, immutable"],
        "{path}"
    );
    assert!(asset.header("content-type").starts_with("text/css"));
    check_headers(&asset, CSP);
}

/// The handler gets what browsers send, hears who they are, and its own headers come back once.
fn check_handler(server: &Server<impl WebServer>) {
    let answer = get(
        server.address,
        "/meldung/?a=b",
        &[("X-Forwarded-For", "8.8.8.8"), ("Cookie", "sitzung=1")],
    );
    assert_eq!(answer.status, 200);
    let heard = answer.text().to_lowercase();
    assert!(heard.starts_with("get /meldung/?a=b http/1.1"), "{heard}");
    assert!(heard.contains("\nx-forwarded-for: 127.0.0.1\r"), "{heard}");
    assert!(heard.contains("\ncookie: sitzung=1\r"), "{heard}");
    for (name, value) in handler::HEADERS.into_iter().chain([HEADERS[3]]) {
        assert_eq!(answer.headers(&name.to_lowercase()), [value], "{name}");
    }
    let sent = vec![b'x'; 12 << 20];
    let uploaded = http::post(server.address, "/meldung/hochladen", sent.len(), &sent);
    assert_eq!((uploaded.status, uploaded.header("x-received")), (200, "12582912"));

    let gone = server.with_handler(absent_handler());
    let answer = get(gone.address, "/meldung/", &[]);
    assert_eq!(answer.status, 502);
    assert!(
        answer.text().contains("Das Berichtstool antwortet gerade nicht."),
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.headers("cache-control"), ["no-cache"]);
    check_headers(&answer, CSP);
    assert_eq!(get(gone.address, "/programm/", &[]).status, 200);
}

/// The packed file is what was sent, and caches know that there are others.
fn check_packed(project: &Project, answer: &Answer, encoding: &str, file: &str) {
    assert_eq!(answer.header("content-encoding"), encoding);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("vary"), "Accept-Encoding");
    let packed = std::fs::read(project.root().join("dist/muster").join(file)).expect(file);
    assert!(answer.body == packed, "{file} was not sent");
    check_headers(answer, CSP);
}
