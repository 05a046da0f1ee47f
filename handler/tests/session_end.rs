//! The end of a session is announced in time, as a browser shows it whose clock runs fast.

mod support;

use std::path::Path;
use std::process::Command;
use support::Server;

const WARNING: &str = "Ihre Anmeldung endet in 5 Minuten.";
const SHORTER: &str = "Ihre Anmeldung endet in 2 Minuten.";
const OVER: &str = "Ihre Anmeldung ist beendet.";

#[test]
#[ignore = "needs chromium"]
fn whoever_reads_on_is_warned_five_minutes_before_the_end_and_told_when_it_has_come() {
    let server = Server::start();
    let page = shortly_before_eight_hours(&server);
    assert!(page.contains("data-sekunden=\"360\""), "{page}");
    assert!(!after(&server, &page, "", 30).contains("Ihre Anmeldung"));
    let warned = after(&server, &page, "", 90);
    assert!(
        warned.contains(WARNING) && warned.contains("Angemeldet bleiben"),
        "{warned}"
    );
    let over = after(&server, &page, "", 400);
    assert!(
        over.contains(OVER) && over.contains("href=\"/berichtstool/\""),
        "{over}"
    );
}

#[test]
#[ignore = "needs chromium"]
fn whoever_stays_learns_how_long_is_left_and_that_it_cannot_be_for_ever() {
    let server = Server::start();
    let page = shortly_before_eight_hours(&server);
    // The page that is fetched anew says how much is left by then.
    let answering = "window.fetch = async () => ({ ok: true, url: 'https://www.example.nrw/meldung/',
        text: async () => '<div class=\"session\" data-sekunden=\"120\"><span class=\"session-end\"></span></div>' });";
    let staying =
        format!("{answering} setTimeout(() => document.querySelector('.session-note button').click(), 70000);");
    let warned = after(&server, &page, &staying, 100);
    assert!(warned.contains(SHORTER) && !warned.contains(WARNING), "{warned}");
    assert!(after(&server, &page, &staying, 200).contains(OVER));
}

#[test]
#[ignore = "needs chromium"]
fn what_is_asked_for_in_another_tab_prolongs_the_login_in_this_one() {
    let server = Server::start();
    let page = shortly_before_eight_hours(&server);
    // Told after the warning, before the end.
    let other_tab = "setTimeout(() => new BroadcastChannel('anmeldung').postMessage(
        { seconds: '1800', text: 'Die Anmeldung endet um 20:15 Uhr.' }), 200000);";
    assert!(after(&server, &page, other_tab, 150).contains(WARNING));
    let prolonged = after(&server, &page, other_tab, 500);
    assert!(
        !prolonged.contains(WARNING) && !prolonged.contains(OVER) && prolonged.contains("20:15 Uhr"),
        "{prolonged}"
    );
}

/// The Träger's page when six minutes of the eight hours are left, however busy somebody was.
fn shortly_before_eight_hours(server: &Server) -> String {
    let cookie = server.log_in(support::DUISBURG);
    for minutes in [29; 16].into_iter().chain([10]) {
        server.advance(minutes * 60);
        assert_eq!(server.get("/meldung/", &cookie).status, 200);
    }
    server.get("/meldung/", &cookie).body()
}

/// The page as it stands after so many seconds in a browser, with the theme's own script behind some of the test's.
fn after(server: &Server, page: &str, before: &str, seconds: u32) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes/klar/static/hochladen.js");
    let script = std::fs::read_to_string(script).expect("the script");
    let whole = format!("<meta charset=\"utf-8\">{page}<script>{before}</script><script>{script}</script>");
    let file = server.folder.path().join("seite.html");
    std::fs::write(&file, whole).expect("a page");
    let shown = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            server.folder.path().join("profil").display()
        ))
        .arg(format!("--virtual-time-budget={}", seconds * 1000))
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("chromium");
    assert!(shown.status.success());
    let shown = String::from_utf8(shown.stdout).expect("UTF-8");
    // Without the script's own text.
    shown.split("<script>").next().expect("the page").to_owned()
}
