//! The Eingangsbestaetigung on paper: one sheet to keep and one to sign, as a browser prints them.

mod support;

use form::testing::{Typed, fill};
use std::path::Path;
use std::process::{Command, Stdio};
use support::{Answer, Server, filled};

const KOELN: &str = "10182";
const KOELN_SCHOOLS: usize = 76;
const NEUSS: &str = "10110";
const NEUSS_SCHOOLS: usize = 8;

#[test]
fn what_is_only_worth_a_look_is_accepted_and_stands_on_the_paper() {
    let server = Server::start();
    let cookie = server.log_in(NEUSS);
    let accepted = server.upload(&cookie, &filled(&server.own_form(&cookie), NEUSS_SCHOOLS, "9000"));
    let paper = paper(&server, &cookie, &accepted);
    assert_eq!(paper.data("code").len(), 1, "{}", paper.body());
    assert!(paper.body().contains("<h2>Hinweise</h2>"), "{}", paper.body());
}

#[test]
fn the_paper_says_the_time_with_its_zone_and_what_arrived() {
    let server = Server::start();
    let cookie = server.log_in("10039");
    let accepted = server.upload(&cookie, &filled(&server.own_form(&cookie), 1, "9000.01"));
    let paper = paper(&server, &cookie, &accepted).body();
    for said in [
        "22. November 2026, 13:00 Uhr MEZ</time>",
        "innerhalb der Frist",
        "9.000,01 €",
        "Eine Prüfung, wie die Mittel verwendet wurden, ist sie nicht",
        "Unterschrift der Hauptverwaltungsbeamtin",
    ] {
        assert!(paper.contains(said), "{said}: {paper}");
    }
}

#[test]
#[ignore = "needs chromium"]
fn the_largest_traeger_prints_one_sheet_and_one_to_sign_even_with_many_hints() {
    let server = Server::start();
    let css = Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes/klar/static/klar.css");
    let cookie = server.log_in(KOELN);
    let form = server.own_form(&cookie);
    let plain = server.upload(&cookie, &filled(&form, KOELN_SCHOOLS, "9000.01"));
    assert_eq!(pages(&server, &css, &paper(&server, &cookie, &plain)), 2);

    let notes: Vec<(String, Typed<'_>)> = (5..5 + KOELN_SCHOOLS)
        .flat_map(|row| {
            let nothing = if row % 2 == 0 { "0" } else { "9000" };
            [
                (format!("H{row}"), Typed::Number(nothing)),
                (format!("I{row}"), Typed::Number(nothing)),
                (format!("Z{row}"), Typed::Text("Notiz")),
            ]
        })
        .collect();
    let notes: Vec<(&str, Typed<'_>)> = notes.iter().map(|(cell, typed)| (cell.as_str(), *typed)).collect();
    let noted = fill(&filled(&form, KOELN_SCHOOLS, "9000"), "Schulen", &notes);
    let hinted = server.upload(&cookie, &noted);
    assert_eq!(hinted.status, 303, "{}", hinted.body());
    let paper = paper(&server, &cookie, &hinted);
    assert!(paper.data("code").len() >= 2, "{}", paper.body());
    assert!(paper.body().contains("Schulen geändert; "), "{}", paper.body());
    assert_eq!(pages(&server, &css, &paper), 2);
}

fn paper(server: &Server, cookie: &str, accepted: &Answer) -> Answer {
    server.get(accepted.header("location").expect("a place"), cookie)
}

/// How many pages a browser prints, with the theme's own style.
fn pages(server: &Server, css: &Path, paper: &Answer) -> usize {
    let style = std::fs::read_to_string(css).expect("the style");
    let page = server.folder.path().join("blatt.html");
    let styled = paper.body().replace(
        "<main>",
        &format!("<meta charset=\"utf-8\"><style>{style}</style><main>"),
    );
    std::fs::write(&page, styled).expect("a page");
    let printed = server.folder.path().join("blatt.pdf");
    let status = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!(
            "--user-data-dir={}",
            server.folder.path().join("profil").display()
        ))
        .arg(format!("--print-to-pdf={}", printed.display()))
        .arg(format!("file://{}", page.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("chromium");
    assert!(status.success());
    let pdf = std::fs::read(printed).expect("a PDF");
    let mark = b"/Type /Page\n";
    pdf.windows(mark.len()).filter(|window| window == mark).count()
}
