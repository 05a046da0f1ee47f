//! What is asked for, and by which method.

use super::{Attack, SMUGGLED, attack, path};

pub fn all() -> Vec<Attack> {
    [paths(), methods()].into_iter().flatten().collect()
}

fn paths() -> Vec<Attack> {
    let long = |bytes: usize| format!("/meldung/{}", "a".repeat(bytes));
    vec![
        path("a dot segment", &[404], "/meldung/./anmelden"),
        path("two dots", &[404], "/meldung/../meldung/"),
        path("encoded dots", &[404], "/meldung/%2e%2e/etc/passwd"),
        path("doubly encoded dots", &[404], "/meldung/%252e%252e/etc/passwd"),
        path("an encoded letter", &[404], "/meldung/%61nmelden"),
        path("an encoded slash", &[404], "/meldung%2f"),
        path("two slashes", &[404], "//meldung/"),
        path("a backslash", &[404], "/meldung\\"),
        path("an encoded NUL", &[404], "/meldung/%00").nginx(&[400]),
        path("an encoded line end", &[404], "/meldung/%0d%0aSet-Cookie:a=b"),
        path("a broken encoding", &[404], "/meldung/%zz").nginx(&[400]),
        path("letters that are not UTF-8", &[404], "/meldung/%ff%fe"),
        path("a parameter after a semicolon", &[404], "/meldung/;a=b"),
        path("capital letters", &[404], "/Meldung/"),
        path(
            "a file beside a route",
            &[404],
            "/meldung/formular/../../etc/passwd.xlsx",
        ),
        path("another server's address", &[400], "http://www.example.nrw/meldung/").nginx(&[303]),
        path("no path at all", &[400], "*"),
        path("a path without a slash", &[400], "meldung/"),
        path("a fragment", &[400], "/meldung/#a"),
        path("raw letters that are not ASCII", &[400], "/meldung/ü"),
        path("8,000 letters", &[404], &long(8_000)),
        path("9,000 letters", &[414], &long(9_000)),
        path("100,000 letters", &[414], &long(100_000)),
        path("a long query", &[303], &format!("/meldung/?{}", "a".repeat(8_000))),
        path("an overlong dot", &[404], "/meldung/%c0%ae%c0%ae/etc/passwd"),
        path("an encoded backslash", &[404], "/meldung/..%5c..%5cetc%5cpasswd"),
        path("dots of Windows", &[404], "/meldung/%u002e%u002e/").nginx(&[400]),
        path("dots between slashes", &[404], "/meldung/....//....//etc/passwd"),
        path("the way out and in again", &[404], "/meldung/eingang/../../meldung/"),
        path("a doubly encoded slash", &[404], "/meldung%252fanmelden"),
        path("a slash too many", &[404], "/meldung//"),
        path("a slash too few", &[404], "/meldung").nginx(&[301]),
        path("a slash behind a form", &[404], "/meldung/anmelden/"),
        path("a slash behind a workbook", &[404], "/meldung/formular/cb-2026.xlsx/"),
        path("an encoded blank", &[404], "/meldung/%20"),
        path("a letter nobody sees", &[404], "/meldung/%e2%80%8b"),
        path("a workbook without a name", &[404], "/meldung/formular/.xlsx"),
        path("a workbook in capitals", &[404], "/meldung/formular/cb-2026.XLSX"),
        path("a workbook of another kind", &[404], "/meldung/formular/cb-2026.xlsm"),
        path("a workbook behind a NUL", &[404], "/meldung/formular/passwd%00.xlsx").nginx(&[400]),
        path(
            "a stream of a workbook",
            &[404],
            "/meldung/formular/cb-2026.xlsx::$DATA",
        ),
        path(
            "a workbook for the database",
            &[404],
            "/meldung/formular/'%20OR%201=1.xlsx",
        ),
        path(
            "a name of 64 letters",
            &[303],
            &format!("/meldung/eingang/{}", "A".repeat(64)),
        ),
        path(
            "a name of 65 letters",
            &[404],
            &format!("/meldung/eingang/{}", "A".repeat(65)),
        ),
        path("a number for the database", &[404], "/meldung/eingang/CB-2026'--"),
        path("a number with tags", &[404], "/meldung/eingang/%3Cscript%3E"),
        path("the database", &[404], "/meldung/meldungen.sqlite"),
        path("the configuration", &[404], "/meldung/handler.toml"),
        path("the history", &[404], "/meldung/.git/config"),
        path("what others have there", &[404], "/meldung/wp-login.php"),
        path("another scheme's address", &[400], "file:///etc/passwd"),
        path("an address without a scheme", &[404], "//evil.example/meldung/"),
        path("a backslash at the start", &[400], "\\meldung\\"),
        path("a question at the start", &[400], "?a=b"),
        path("an empty question", &[303], "/meldung/?"),
        path("two questions", &[303], "/meldung/?a?b"),
        path(
            "a question with tags",
            &[303],
            "/meldung/?%3Cscript%3Ealert(1)%3C/script%3E",
        ),
        path("a question with a NUL", &[303], "/meldung/?a=%00&b=%ff&c=%zz"),
        path("a question with dots", &[303], "/meldung/?../../../etc/passwd"),
        path("a question with signs", &[400], "/meldung/?a=[]{}|^`\"<>"),
        path("a question that is not ASCII", &[400], "/meldung/?ü"),
        path("a question with a fragment", &[400], "/meldung/?a#b"),
        path("a session in a question", &[303], "/meldung/?sitzung=0123456789abcdef"),
        path(
            "a login in a question",
            &[405],
            "/meldung/anmelden?email=schultraeger-10054%40example.org&schultraegernummer=10054",
        ),
        path(
            "a workbook with a question",
            &[303],
            "/meldung/formular/cb-2026.xlsx?traeger=10066",
        ),
        path(
            "a number with a question",
            &[303],
            "/meldung/eingang/CB-2026-AAAA-AAAA?traeger=10066",
        ),
        path("an upload with a question", &[405], "/meldung/hochladen?runde=cb-2026"),
        path("a logout by a link", &[405], "/meldung/abmelden?"),
        attack(
            "a NUL in the path",
            &[400],
            b"GET /meldung/\0 HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(),
        ),
    ]
}

fn methods() -> Vec<Attack> {
    let close = "Host: x\r\nConnection: close\r\n\r\n";
    let method = |name: &str, answers, line: &str| attack(name, answers, format!("{line} HTTP/1.1\r\n{close}"));
    let mut everywhere = Vec::new();
    for route in ROUTES {
        for name in ["PUT", "DELETE", "PATCH", "PROPFIND"] {
            everywhere.push(method(
                &format!("{name} of {route}"),
                &[405],
                &format!("{name} {route}"),
            ));
        }
    }
    let single = vec![
        method("PUT with a file", &[404], "PUT /meldung/neu.xlsx"),
        method("MOVE", &[405], "MOVE /meldung/eingang/X"),
        method("a search of the web's folders", &[405], "SEARCH /meldung/"),
        method("TRACE with a session", &[405], "TRACE /meldung/eingang/X"),
        method("a purge", &[405], "PURGE /meldung/"),
        method("a tunnel to ourselves", &[400], "CONNECT 127.0.0.1:8080"),
        method("a tunnel to a path", &[405], "CONNECT /meldung/"),
        method(
            "a method of 33 letters",
            &[400],
            &format!("{} /meldung/", "A".repeat(33)),
        ),
        method("a method with a digit", &[400], "GET2 /meldung/"),
        method("a method that is not ASCII", &[400], "GÉT /meldung/"),
        method("a method in quotes", &[400], "\"GET\" /meldung/"),
        method("a POST in small letters", &[405], "post /meldung/anmelden").nginx(&[400]),
        method("a HEAD of a form", &[405], "HEAD /meldung/hochladen"),
        method(
            "a HEAD of a workbook without a session",
            &[303],
            "HEAD /meldung/formular/cb-2026.xlsx",
        ),
        method("TRACE", &[405], "TRACE /meldung/"),
        method("PUT", &[405], "PUT /meldung/hochladen"),
        method("DELETE", &[405], "DELETE /meldung/eingang/X"),
        method("OPTIONS", &[405], "OPTIONS /meldung/hochladen"),
        method("OPTIONS of everything", &[400], "OPTIONS *"),
        method("a tunnel", &[400], "CONNECT www.example.nrw:443"),
        method("a method nobody knows", &[405], "GETT /meldung/"),
        method("a method in small letters", &[405], "get /meldung/").nginx(&[400]),
        method("a method with a slash", &[400], "GE/T /meldung/"),
        method("our own word for what was refused", &[400], "REFUSED /200").nginx(&[404]),
        attack(
            "ten requests at once",
            &[303, 303, 303, 303, 303, 303, 303, 303, 303, 303],
            "GET /meldung/ HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10),
        ),
        attack(
            "a bad request behind a good one",
            &[404, 400],
            format!("GET /meldung/x HTTP/1.1\r\nHost: x\r\n\r\nGET /meldung/ HTTP/1.1\r\n\r\n{SMUGGLED}"),
        ),
    ];
    everywhere.into_iter().chain(single).collect()
}

const ROUTES: [&str; 8] = [
    "/meldung/",
    "/meldung/anmelden",
    "/meldung/hochladen",
    "/meldung/bestaetigen",
    "/meldung/abmelden",
    "/meldung/formular/cb-2026.xlsx",
    "/meldung/korrektur/a1.xlsx",
    "/meldung/eingang/X",
];
