//! What a site can do besides showing pages: old addresses, days, news, lists, search, and files for servers.

use std::io::Read as _;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use expect_test::expect;
use quick_xml::events::Event;
use sha2::{Digest as _, Sha384};

use crate::project::{Project, page, text};

/// Builds as if it were that day.
fn build_on(project: &Project, today: &str) {
    let output = project.run(&["build", "--today", today]);
    assert!(output.status.success(), "{}", text(&output.stderr));
}

fn is_published(project: &Project, file: &str) -> bool {
    project.root().join("dist/muster").join(file).exists()
}

/// A project with a section of news; one of them is undated.
fn with_news() -> Project {
    let project = Project::new();
    project
        .write(
            "aktuelles/index.md",
            "+++\ntitle = \"Aktuelles & mehr\"\ndescription = \"Neues vom Amt\"\nfeed = true\n+++\n",
        )
        .write(
            "aktuelles/alt.md",
            "+++\ntitle = \"Sommer\"\ndate = 2026-07-01\nsummary = \"Im <Sommer>\"\n+++\nText.\n",
        )
        .write(
            "aktuelles/neu.md",
            "+++\ntitle = \"Winter\"\ndate = 2026-11-20\nstand = 2026-11-21\n+++\nZum [Programm](@/programm/index.md) & *mehr*.\n",
        )
        .write("aktuelles/ohne-tag.md", page("Text."));
    project
}

#[test]
fn an_alias_becomes_a_page_and_a_rule_for_each_server() {
    let project = Project::new();
    project.write(
        "seite.md",
        "+++\ntitle = \"Seite\"\naliases = [\"/früher/\", \"/alt.html\"]\n+++\n",
    );
    project.build();
    for file in ["www/früher/index.html", "www/alt.html"] {
        assert!(project.published(file).contains("url=/seite/"), "{file}");
    }
    for (file, rule) in [
        ("server/redirects.conf", "location = /früher/ { return 301 /seite/; }\n"),
        ("server/site.conf", "location = /alt.html { return 301 /seite/; }\n"),
        ("server/Caddyfile", "    redir /alt.html /seite/ 301\n"),
        ("server/_redirects", "/fr%C3%BCher/ /seite/ 301\n"),
    ] {
        assert!(project.published(file).contains(rule), "{rule} in {file}");
    }
}

#[test]
fn a_page_appears_on_its_day() {
    let project = Project::new();
    project.write(
        "programm/drittes.md",
        "+++\ntitle = \"Drittes\"\ndate = 2026-12-01\n+++\n",
    );
    build_on(&project, "2026-11-30");
    assert!(!is_published(&project, "www/programm/drittes"));
    assert!(!project.published("www/programm/index.html").contains("Drittes"));
    assert!(!project.published("www/sitemap.xml").contains("drittes"));
    build_on(&project, "2026-12-01");
    assert!(is_published(&project, "www/programm/drittes/index.html"));
    assert!(project.published("www/programm/index.html").contains("Drittes"));
    assert!(
        project
            .published("www/sitemap.xml")
            .contains("/programm/drittes/</loc><lastmod>2026-12-01<")
    );
}

#[test]
fn a_link_to_a_page_whose_day_has_not_come_is_dead_until_then() {
    let project = Project::new();
    project
        .write("morgen.md", "+++\ntitle = \"Morgen\"\ndate = 2026-12-01\n+++\n")
        .write("seite.md", page("[Morgen](@/morgen.md)"));
    project.check_on("2026-11-30", expect![[r#"
        E-LINK-ZIEL seite.md:4:10 ‹@/morgen.md)›: Die Seite „morgen.md“ erscheint erst am 1. Dezember 2026. Nehmen Sie den Link bis dahin heraus, oder ändern Sie date auf der Zielseite.
    "#]]);
    project.check_on("2026-12-01", expect![""]);
}

#[test]
fn a_page_moves_to_the_archive_the_day_after_its_last() {
    let project = Project::new();
    project
        .write("archiv/index.md", "+++\ntitle = \"Archiv\"\n+++\n")
        .write(
            "programm/drittes.md",
            "+++\ntitle = \"Drittes\"\nvalid_until = 2026-12-31\n+++\n",
        );
    let lists = |section: &str| {
        project
            .published(&format!("www/{section}/index.html"))
            .contains("Drittes")
    };
    build_on(&project, "2026-12-31");
    assert!(lists("programm") && !lists("archiv"));
    build_on(&project, "2027-01-01");
    assert!(!lists("programm") && lists("archiv"));
    let page = project.published("www/programm/drittes/index.html");
    assert!(page.contains("<a href=\"/archiv/\">Archiv</a> / "), "{page}");
}

#[test]
fn a_section_of_news_has_a_feed_with_the_newest_first() {
    let project = with_news();
    project.build();
    expect![[r#"
        <?xml version="1.0" encoding="utf-8"?>
        <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">
        <id>https://www.muster.nrw/aktuelles/</id>
        <title>Aktuelles &amp; mehr</title>
        <subtitle>Neues vom Amt</subtitle>
        <updated>2026-11-21T00:00:00+01:00</updated>
        <author><name>Amt für Muster</name></author>
        <link rel="alternate" type="text/html" href="https://www.muster.nrw/aktuelles/"/>
        <link rel="self" type="application/atom+xml" href="https://www.muster.nrw/aktuelles/feed.xml"/>
        <entry>
        <id>https://www.muster.nrw/aktuelles/neu/</id>
        <title>Winter</title>
        <link rel="alternate" type="text/html" href="https://www.muster.nrw/aktuelles/neu/"/>
        <published>2026-11-20T00:00:00+01:00</published>
        <updated>2026-11-21T00:00:00+01:00</updated>
        <content type="html">&lt;p&gt;Zum &lt;a href=&quot;https://www.muster.nrw/programm/&quot;&gt;Programm&lt;/a&gt; &amp;amp; &lt;em&gt;mehr&lt;/em&gt;.&lt;/p&gt;
        </content>
        </entry>
        <entry>
        <id>https://www.muster.nrw/aktuelles/alt/</id>
        <title>Sommer</title>
        <link rel="alternate" type="text/html" href="https://www.muster.nrw/aktuelles/alt/"/>
        <published>2026-07-01T00:00:00+02:00</published>
        <updated>2026-07-01T00:00:00+02:00</updated>
        <summary>Im &lt;Sommer&gt;</summary>
        <content type="html">&lt;p&gt;Text.&lt;/p&gt;
        </content>
        </entry>
        </feed>
    "#]].assert_eq(&project.published("www/aktuelles/feed.xml"));
    let page = project.published("www/aktuelles/index.html");
    let at = |title: &str| page.find(title).expect("a title");
    assert!(at(">Winter<") < at(">Sommer<") && at(">Sommer<") < at(">Seite<"));
}

#[test]
fn news_without_a_day_are_mentioned() {
    with_news().check(expect![[r#"
        H-DATUM aktuelles/ohne-tag.md: Diese Neuigkeit hat kein Datum; darum steht sie zuletzt und fehlt im Feed. Ergänzen Sie im Kopf der Seite zum Beispiel date = 2026-11-01
    "#]]);
}

#[test]
fn feed_and_sitemap_are_well_formed() {
    let project = with_news();
    project.build();
    for file in ["www/aktuelles/feed.xml", "www/sitemap.xml"] {
        let text = project.published(file);
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut depth = 0_i32;
        loop {
            match reader.read_event().expect(file) {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0, "{file}");
    }
}

#[test]
fn the_list_of_all_pages_puts_umlauts_under_their_letter() {
    let project = Project::new();
    project.write(
        "themes/klein/templates/inhalt.html",
        "{% extends \"page.html\" %}{% block anhang %}{% for group in page.letters %}\n{{ group.letter }}:{% for entry in group.pages %} {{ entry.title }},{% endfor %}{% endfor %}\n{% endblock %}",
    );
    project.write(
        "inhalt.md",
        "+++\ntitle = \"Inhalt\"\ntemplate = \"inhalt.html\"\n+++\n",
    );
    for (name, title) in [
        ("a", "Ärztliche Untersuchung"),
        ("b", "Aufsicht"),
        ("c", "Übergang"),
        ("d", "„Gut“ & besser"),
        ("e", "2026 in Zahlen"),
        ("f", "ökologisch"),
    ] {
        project.write(&format!("{name}.md"), format!("+++\ntitle = \"{title}\"\n+++\n"));
    }
    project.build();
    let html = project.published("www/inhalt/index.html");
    let (_, list) = html.split_once("</h1>\n").expect("a title");
    expect![[r#"

        0–9: 2026 in Zahlen,
        A: Ärztliche Untersuchung, Aufsicht,
        B: Barrierefreiheit, Berichtstool,
        D: Datenschutz,
        E: Erstes,
        G: Gebärdensprache, „Gut“ &amp; besser,
        I: Impressum,
        L: Leichte Sprache,
        O: ökologisch,
        P: Probe, Programm,
        S: Startseite,
        U: Übergang,
        Z: Zweites,
    "#]]
    .assert_eq(list.split_once("</main>").expect("its end").0);
}

#[test]
fn the_search_index_holds_the_words_of_every_page_but_its_own() {
    let project = with_news();
    project.replace("site.toml", "[parts]\n", "[parts]\nsuche = true\n");
    project.write("suche/index.md", "+++\ntitle = \"Suchseite\"\n+++\n");
    project.write("seite.md", page("## Ganztägige Förderung\n\nGroße *Klassen*räume."));
    project.build();
    let index: serde_json::Value = serde_json::from_str(&project.published("www/suche/index.json")).expect("JSON");
    let words: Vec<&str> = index["woerter"].as_str().expect("words").split(' ').collect();
    assert!(words.is_sorted());
    assert_eq!(words.len(), index["orte"].as_array().expect("places").len());
    assert!(!words.contains(&"suchseite"));
    for word in ["ganztaegige", "foerderung", "grosse", "klassenraeume", "winter"] {
        assert!(words.contains(&word), "{word} in {words:?}");
    }
    let at = words
        .iter()
        .position(|word| *word == "klassenraeume")
        .expect("the word");
    let found = index["orte"][at].as_u64().expect("one page");
    expect![[r#"{"pfad":"/seite/","titel":"Seite","text":"Ganztägige Förderung Große Klassenräume.","abschnitte":[["ganztaegige-foerderung","Ganztägige Förderung"]]}"#]].assert_eq(&index["seiten"][usize::try_from(found).expect("an index")].to_string());
}

#[test]
fn packed_files_hold_the_same_bytes() {
    let project = Project::new();
    project
        .write(
            "bild.png",
            [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08"[..], &[0; 2000]].concat(),
        )
        .write("seite.md", page("![Leere](/bild.png)"));
    let output = project.run(&["build", "--today", "2026-11-22", "--compress"]);
    assert!(output.status.success());
    let mut packed = 0;
    for (file, bytes) in project.dist() {
        let Some(plain) = file.to_str().and_then(|file| file.strip_suffix(".gz")) else {
            continue;
        };
        packed += 1;
        let expected = project.published(plain).into_bytes();
        let mut unzipped = Vec::new();
        flate2::read::GzDecoder::new(&*bytes)
            .read_to_end(&mut unzipped)
            .expect(plain);
        assert!(unzipped == expected, "{plain}.gz");
        let brotli = std::fs::read(project.root().join("dist/muster").join(format!("{plain}.br"))).expect(plain);
        let mut unzipped = Vec::new();
        brotli::Decompressor::new(&*brotli, 4096)
            .read_to_end(&mut unzipped)
            .expect(plain);
        assert!(unzipped == expected, "{plain}.br");
    }
    assert!(packed >= 10, "{packed}");
    assert!(!is_published(&project, "www/bild.png.gz"));
    assert!(project.published("server/site.conf").contains("gzip_static on;"));
    project.build();
    assert!(!is_published(&project, "www/index.html.gz"));
}

#[test]
fn static_files_of_the_theme_carry_their_fingerprint_and_checksum() {
    let project = Project::new();
    project.replace(
        "themes/klein/templates/base.html",
        "<link rel=\"stylesheet\"",
        "<link integrity=\"{{ integrity(path=\"klein.css\") }}\" rel=\"stylesheet\"",
    );
    project.build();
    let page = project.published("www/index.html");
    let value = |before: &str| {
        page.split(before)
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("a value")
    };
    let bytes = project.published(&format!("www{}", value("rel=\"stylesheet\" href=\"")));
    let checksum = Sha384::digest(bytes.as_bytes());
    assert_eq!(value("integrity=\""), format!("sha384-{}", STANDARD.encode(checksum)));
    project
        .write("themes/klein/static/klein.css", "body { margin: 1em }\n")
        .build();
    assert_ne!(project.published("www/index.html"), page);
    let styles = std::fs::read_dir(project.root().join("dist/muster/www/assets")).expect("the folder");
    assert_eq!(styles.count(), 1);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes_and_problems() {
    let run = |threads: &str| {
        let project = with_news();
        for number in 0..40 {
            let text = format!(
                "## Teil {number}\n\nZu [eins](@/s/{}.md), [zwei](@/fehlt-{number}.md).",
                (number + 1) % 40
            );
            project.write(&format!("s/{number}.md"), page(&text));
        }
        project.replace(
            "site.toml",
            "[redirects]",
            "[[as_warning]]\ncode = \"E-LINK-ZIEL\"\nreason = \"Zum Zählen.\"\n\n[redirects]",
        );
        let output = Command::new(env!("CARGO_BIN_EXE_generator"))
            .arg("--root")
            .arg(project.root())
            .args(["build", "--today", "2026-11-22"])
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .expect("the generator");
        assert!(output.status.success());
        (project.dist(), text(&output.stderr))
    };
    let (one, four) = (run("1"), run("4"));
    assert_eq!(one.1.matches("Hinweis [E-LINK-ZIEL]").count(), 40);
    assert!(one == four);
}
