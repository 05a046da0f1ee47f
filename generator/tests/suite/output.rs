//! What a build leaves in `dist`, and what it leaves alone.

use std::path::Path;

use expect_test::{Expect, expect};

use crate::project::{Project, text};

/// The `<main>` of a published page.
fn check_main(project: &Project, file: &str, expected: Expect) {
    let page = project.published(file);
    let start = page.find("<main").expect("a main");
    let end = page.find("</main>").expect("its end");
    expected.assert_eq(&page[start..end]);
}

#[test]
fn a_section_lists_its_pages_in_order_of_weight() {
    let project = Project::new();
    project.build();
    check_main(
        &project,
        "www/programm/index.html",
        expect![[r##"
        <main id="inhalt"><h1>Programm</h1>
        <p>Stand: 1. November 2026</p>
        <h2 id="fristen">Fristen</h2>
        <p>Nach oben zu <a href="#fristen">den Fristen</a>.</p>
        <ul><li><a href="/programm/erstes/">Erstes</a></li><li><a href="/programm/zweites/">Zweites</a></li></ul>"##]],
    );
}

#[test]
fn everything_has_its_place() {
    let project = Project::new();
    project.build();
    let files: Vec<String> = project
        .dist()
        .iter()
        .map(|(file, _)| file.display().to_string())
        .collect();
    expect![[r#"
        handler/abweisung.html
        handler/anmeldeformular.html
        handler/anmeldung.html
        handler/auskunft.html
        handler/befund.html
        handler/bericht.html
        handler/code.html
        handler/eingang.html
        handler/formulare/probe.toml
        handler/loeschkonzept.toml
        handler/mail-code.txt
        handler/mail-meldung.txt
        handler/pruefakte.html
        handler/shell.html
        handler/uebersicht.html
        server/Caddyfile
        server/_headers
        server/_redirects
        server/headers.conf
        server/http.conf
        server/log-format.conf
        server/logrotate.conf
        server/redirects.conf
        server/site.conf
        www/404.html
        www/alt/programm/index.html
        www/assets/klein.fa35361c1e.css
        www/barrierefreiheit/index.html
        www/berichtstool/index.html
        www/datenschutz/index.html
        www/foerderung/index.html
        www/formularschrank/probe/index.html
        www/formularschrank/probe/probe-beispiel.xlsx
        www/formularschrank/probe/probe-muster.xlsx
        www/gebaerdensprache/index.html
        www/impressum/index.html
        www/index.html
        www/leichte-sprache/index.html
        www/liste.csv
        www/programm/erstes/index.html
        www/programm/index.html
        www/programm/zweites/index.html
        www/robots.txt
        www/sitemap.xml"#]]
    .assert_eq(&files.join("\n"));
}

#[test]
fn the_shell_is_the_layout_with_open_blocks() {
    let project = Project::new();
    project.replace(
        "site.toml",
        "title = \"Musterseite\"",
        "title = \"Muster {{ Seite }} {% x %}\"",
    );
    project.build();
    expect![[r#"
        <!doctype html>
        <html lang="de"><head><title>{% block title %}{% endblock %} – Muster {{ "{" }}{ Seite }} {{ "{" }}% x %}</title><link rel="stylesheet" href="/assets/klein.fa35361c1e.css"></head>
        <body><nav><a href="/programm/">Programm</a></nav>
        <p><a href="/">Startseite</a> / <a href="/berichtstool/">Berichtstool</a> / </p>
        <main id="inhalt">{% block main %}{% endblock %}</main>
        <footer><a href="/datenschutz/">Datenschutz</a><a href="/impressum/">Impressum</a><a href="/barrierefreiheit/">Barrierefreiheit</a><a href="/leichte-sprache/">Leichte Sprache</a><a href="/gebaerdensprache/">Gebärdensprache</a></footer></body></html>
    "#]].assert_eq(&project.published("handler/shell.html"));
}

#[test]
fn redirects_become_pages_and_rules() {
    let project = Project::new();
    project.build();
    expect![[r#"
        <!doctype html><title>Umgezogen</title><meta http-equiv="refresh" content="0; url=/programm/"><a href="/programm/">weiter</a>
    "#]].assert_eq(&project.published("www/foerderung/index.html"));
    expect![[r#"
        # Einbinden im Abschnitt server { … } mit: include …/redirects.conf;
        location = /alt/programm/ { return 301 /programm/#fristen; }
        location = /foerderung/ { return 301 /programm/; }
    "#]]
    .assert_eq(&project.published("server/redirects.conf"));
}

#[test]
fn the_sitemap_lists_pages_and_nothing_else() {
    let project = Project::new();
    project.build();
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <url><loc>https://www.muster.nrw/</loc></url>
        <url><loc>https://www.muster.nrw/barrierefreiheit/</loc></url>
        <url><loc>https://www.muster.nrw/berichtstool/</loc></url>
        <url><loc>https://www.muster.nrw/datenschutz/</loc><lastmod>2026-11-01</lastmod></url>
        <url><loc>https://www.muster.nrw/formularschrank/probe/</loc></url>
        <url><loc>https://www.muster.nrw/gebaerdensprache/</loc></url>
        <url><loc>https://www.muster.nrw/impressum/</loc></url>
        <url><loc>https://www.muster.nrw/leichte-sprache/</loc></url>
        <url><loc>https://www.muster.nrw/programm/</loc><lastmod>2026-11-01</lastmod></url>
        <url><loc>https://www.muster.nrw/programm/erstes/</loc></url>
        <url><loc>https://www.muster.nrw/programm/zweites/</loc></url>
        </urlset>
    "#]]
    .assert_eq(&project.published("www/sitemap.xml"));
    expect![[r#"
        User-agent: *
        Disallow: /meldung/
        Sitemap: https://www.muster.nrw/sitemap.xml
    "#]]
    .assert_eq(&project.published("www/robots.txt"));
}

#[test]
fn the_period_of_the_log_comes_from_the_deletion_concept() {
    let project = Project::new();
    project.replace("loeschkonzept.toml", "P7D", "PT48H");
    project.build();
    assert!(
        project
            .published("www/datenschutz/index.html")
            .contains("nach 48 Stunden gelöscht")
    );
    assert!(
        project
            .published("server/logrotate.conf")
            .contains("    daily\n    rotate 1\n")
    );
}

#[test]
fn two_builds_give_the_same_bytes() {
    let (first, second) = (Project::new(), Project::new());
    first.build();
    second.build();
    assert!(first.dist() == second.dist());
}

#[test]
fn an_unchanged_site_is_not_written_again_and_one_edit_changes_one_file() {
    let project = Project::new();
    project.build();
    assert!(project.build().contains("Dateien: 0 neu oder geändert"));
    project.replace("index.md", "Zum ", "Hier zum ");
    assert!(project.build().contains("Dateien: 1 neu oder geändert"));
    assert!(project.published("www/index.html").contains("Hier zum"));
}

#[test]
fn a_build_notices_what_somebody_else_has_changed_in_dist() {
    let project = Project::new();
    project.build();
    std::fs::write(project.root().join("dist/muster/www/index.html"), "fremd").expect("written");
    std::fs::remove_file(project.root().join("dist/muster/www/liste.csv")).expect("removed");
    assert!(project.build().contains("Dateien: 2 neu oder geändert"));
    assert!(project.published("www/index.html").contains("Willkommen"));
}

#[test]
fn an_edit_is_noticed_whatever_time_the_file_shows() {
    let project = Project::new();
    // Only files older than this are remembered by their times.
    std::thread::sleep(std::time::Duration::from_millis(150));
    project.build();
    let page = project.root().join("content/muster/programm/erstes.md");
    let modified = std::fs::metadata(&page)
        .and_then(|found| found.modified())
        .expect("its time");
    project.replace("programm/erstes.md", "Text.", "Test.");
    let file = std::fs::File::options().write(true).open(&page).expect("the page");
    file.set_modified(modified).expect("its time again");
    assert!(project.build().contains("Dateien: 1 neu oder geändert"));
    assert!(project.published("www/programm/erstes/index.html").contains("Test."));
}

#[test]
fn without_its_state_a_build_still_changes_only_what_differs() {
    let project = Project::new();
    project.build();
    std::fs::remove_dir_all(project.root().join("dist/.stand")).expect("removed");
    assert!(project.build().contains("Dateien: 0 neu oder geändert"));
}

#[test]
fn a_failed_build_leaves_dist_as_it_was() {
    let project = Project::new();
    project.build();
    let before = project.dist();
    project
        .replace("index.md", "@/programm/index.md", "@/fehlt.md")
        .write("neu.md", "+++\ntitle = \"Neu\"\n+++\n");
    let output = project.run(&["build"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("Es wurde nichts verändert."));
    assert!(project.dist() == before);
}

#[test]
fn what_no_longer_belongs_to_the_site_goes() {
    let project = Project::new();
    project.build();
    project
        .remove("programm/zweites.md")
        .write("programm/erstes.md", "+++\ntitle = \"Erstes\"\ndraft = true\n+++\n");
    project.build();
    for gone in ["programm/zweites", "programm/erstes"] {
        assert!(!project.root().join("dist/muster/www").join(gone).exists(), "{gone}");
    }
    assert!(project.root().join("dist/muster/www/programm/index.html").is_file());
}

#[test]
fn a_file_can_become_a_folder_and_a_folder_a_file() {
    let project = Project::new();
    project.write("wechsel", "Datei").build();
    project
        .remove("wechsel")
        .write("wechsel/index.md", "+++\ntitle = \"Ordner\"\n+++\n")
        .build();
    assert!(project.published("www/wechsel/index.html").contains("Ordner"));
    project.remove("wechsel/index.md").build();
    std::fs::remove_dir_all(project.root().join("content/muster/wechsel")).expect("removed");
    project.write("wechsel", "Datei").build();
    assert_eq!(project.published("www/wechsel"), "Datei");
}

#[test]
fn a_site_that_does_not_exist_cannot_be_built() {
    let output = Project::new().run(&["build", "fehlt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("Die Site „fehlt“ gibt es nicht. Vorhanden sind: muster"));
}

#[test]
fn a_check_writes_nothing() {
    let project = Project::new();
    let output = project.run(&["check"]);
    assert_eq!(text(&output.stdout), "Alles in Ordnung.\n");
    assert!(!Path::new(&project.root().join("dist")).exists());
}

#[test]
fn people_see_problems_as_a_compiler_shows_them() {
    let project = Project::new();
    project.write(
        "seite.md",
        "+++\ntitle = \"Seite\"\n+++\nZum [Programm](@/programm/indx.md).\n",
    );
    expect![[r#"
        Fehler [E-LINK-ZIEL]: Die Seite „programm/indx.md“ gibt es nicht.
          --> content/muster/seite.md:4:16
          |
        4 | Zum [Programm](@/programm/indx.md).
          |                ^
          Abhilfe: Meinten Sie „@/programm/index.md“?

        1 Fehler
    "#]]
    .assert_eq(&text(&project.run(&["check"]).stderr));
}

#[test]
fn a_new_page_has_the_head_that_its_folder_needs_and_is_a_draft() {
    let project = Project::new();
    let output = project.run(&["new", "page", "muster/programm/drittes.md", "--title", "Das „Dritte\""]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = std::fs::read_to_string(project.root().join("content/muster/programm/drittes.md")).expect("the page");
    let today = jiff::Zoned::now().date();
    assert_eq!(
        page,
        format!(
            "+++\ntitle = \"Das „Dritte\\\"\"\ndescription = \"\"\nstand = {today}\nweight = 30\ndraft = true\n+++\n\n"
        )
    );
    project.check(expect![""]);
    project.build();
    assert!(!project.root().join("dist/muster/www/programm/drittes").exists());
    project.replace("programm/drittes.md", "draft = true\n", "").build();
    assert!(
        project
            .published("www/programm/index.html")
            .contains("/programm/drittes/")
    );

    let again = project.run(&["new", "page", "content/muster/programm/drittes"]);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(
        text(&again.stderr),
        "Fehler: content/muster/programm/drittes.md gibt es schon; sie bleibt, wie sie ist\n"
    );
}

#[test]
fn a_new_page_needs_a_title_and_an_address_of_its_own() {
    let project = Project::new();
    project.write(
        "alt.md",
        "+++\ntitle = \"Alt\"\naliases = [\"/frueher/\"]\ndraft = true\n+++\n",
    );
    let refused = |path: &str, title: &[&str]| {
        let output = project.run(&[&["new", "page", path], title].concat());
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    let said = [
        refused("neu.md", &["--title", " "]),
        refused("alt/", &[]),
        refused("programm.md", &[]),
        refused("frueher.md", &[]),
        refused("meldung/neu.md", &[]),
    ];
    expect![[r#"
        Fehler: Der Titel ist leer. Nennen Sie einen, oder lassen Sie --title weg
        Fehler: Die Adresse /alt/ ist schon vergeben, an content/muster/alt.md
        Fehler: Die Adresse /programm/ ist schon vergeben, an content/muster/programm/index.md
        Fehler: Die Adresse /frueher/ ist schon vergeben, an content/muster/alt.md
        Fehler: Die Adresse /meldung/neu/ ist schon vergeben, an das Berichtstool
    "#]]
    .assert_eq(&said.concat());
    assert!(!project.root().join("content/muster/meldung").exists());
}

#[test]
fn new_news_have_a_date_instead_of_a_weight() {
    let project = Project::new();
    project.write(
        "aktuelles/index.md",
        "+++\ntitle = \"Aktuelles\"\nfeed = true\n+++\nWas es Neues gibt.\n",
    );
    assert!(project.run(&["new", "page", "aktuelles/neu"]).status.success());
    let page = std::fs::read_to_string(project.root().join("content/muster/aktuelles/neu.md")).expect("the page");
    assert!(page.contains("\ndate = ") && !page.contains("weight"), "{page}");
    project.check(expect![""]);
}

#[test]
fn the_page_of_a_form_offers_a_blank_and_a_filled_workbook_of_a_made_up_traeger() {
    let project = Project::new();
    project.replace(
        "formularschrank/probe/index.md",
        "title = \"Probe\"",
        "title = \"Probe\"\nstand = 2026-11-20",
    );
    project.build();
    let folder = "www/formularschrank/probe/";
    let form = form::Form::parse(&project.published("handler/formulare/probe.toml")).expect("a form");
    let day = "2026-11-20".parse().expect("a day");
    let made = form::beispiel(&form, day).expect("workbooks").expect("a day");
    let dist = project.dist();
    let bytes = |name: &str| {
        let path = std::path::PathBuf::from(format!("{folder}{name}"));
        dist.iter()
            .find(|(file, _)| *file == path)
            .map(|(_, bytes)| bytes.clone())
    };
    assert_eq!(bytes("probe-muster.xlsx"), Some(made.muster));
    assert_eq!(bytes("probe-beispiel.xlsx"), made.ausgefuellt);
    assert!(!project.published("www/sitemap.xml").contains(".xlsx"));
}

#[test]
fn a_file_at_the_address_of_a_specimen_is_refused() {
    let project = Project::new();
    project.write("formularschrank/probe/probe-muster.xlsx", "etwas");
    let output = project.run(&["check"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && said.contains("E-ADRESSE-DOPPELT"), "{said}");
}
