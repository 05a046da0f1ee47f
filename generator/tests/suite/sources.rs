//! What editors' programs and habits leave behind: broken heads, odd files, references that lead nowhere. No panic, each at its place.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use expect_test::expect;

use crate::project::{Project, page, run, text};

const HEAD: &str = "+++\ntitle = \"Seite\"\n+++\n";

#[test]
fn a_broken_head_is_one_problem_and_links_to_its_page_are_none() {
    let project = Project::new();
    project
        .write(
            "berichtstool/index.md",
            "+++\ntitle = \"Offen\ntemplate = \"berichtstool.html\"\n+++\n## A\n",
        )
        .write("offen.md", "+++\ntitle = \"Offen\"\n\n## Ziel\n")
        .write("leer.md", "")
        .write(
            "seite.md",
            format!("{HEAD}[x](@/offen.md#ziel) [y](@/leer.md#oben) [z](@/berichtstool/index.md#keine-sitzung)\n"),
        );
    project.check(expect![[r#"
        E-KOPF-TOML berichtstool/index.md:2:15 ‹›: Die Zeile ist kein gültiges TOML (invalid basic string, expected `"`). Prüfen Sie Anführungszeichen, Gleichheitszeichen und Klammern in dieser Zeile.
        E-KOPF-FEHLT leer.md:1:1 ‹›: Der Seite fehlt der Kopf. Eine Seite beginnt mit +++ in der ersten Zeile, darunter mindestens title = "…", darunter wieder +++.
        E-KOPF-OFFEN offen.md:1:1 ‹+++›: Der Kopf der Seite endet nicht. Eine Seite beginnt mit +++ in der ersten Zeile, darunter mindestens title = "…", darunter wieder +++.
    "#]]);
}

#[test]
fn byte_order_mark_carriage_returns_and_tabs_move_no_place() {
    let project = Project::new();
    project
        .write("bom.md", format!("\u{feff}{HEAD}[x](@/fehlt.md)\n"))
        .write(
            "crlf.md",
            format!("{HEAD}a\n[x](@/fehlt.md) [y](/nix)\n").replace('\n', "\r\n"),
        )
        .write("tab.md", format!("{HEAD}- a\n\t- [x](@/fehlt.md)\n"))
        .write("nur-kopf.md", HEAD.trim_end());
    project.check(expect![[r#"
        E-LINK-ZIEL bom.md:4:5 ‹@/fehlt.md)›: Die Seite „fehlt.md“ gibt es nicht. Schreiben Sie den Pfad der Markdown-Datei ab content/<site>/, zum Beispiel @/kontakt/index.md.
        E-LINK-ZIEL crlf.md:5:5 ‹@/fehlt.md) [y](›: Die Seite „fehlt.md“ gibt es nicht. Schreiben Sie den Pfad der Markdown-Datei ab content/<site>/, zum Beispiel @/kontakt/index.md.
        E-LINK-PFAD crlf.md:5:21 ‹/nix)›: Unter „/nix“ gibt es weder Datei noch Seite. Seiten werden als @/ordner/seite.md verlinkt, Dateien mit ihrem Pfad unter content/<site>/.
        E-LINK-ZIEL tab.md:5:8 ‹@/fehlt.md)›: Die Seite „fehlt.md“ gibt es nicht. Schreiben Sie den Pfad der Markdown-Datei ab content/<site>/, zum Beispiel @/kontakt/index.md.
    "#]]);
}

#[test]
fn days_that_do_not_exist_come_with_the_right_way_to_write_them() {
    let project = Project::new();
    project
        .write("a.md", "+++\ntitle = \"A\"\nstand = 2026-02-30\n+++\n")
        .write("b.md", "+++\ntitle = \"B\"\ndate = 1.11.2026\n+++\n");
    project.check(expect![[r#"
        E-KOPF-TOML a.md:3:9 ‹2026-02-30›: Die Zeile ist kein gültiges TOML (invalid date, expected day between 01 and 28). Schreiben Sie einen Tag, den es gibt, mit dem Jahr zuerst und ohne Anführungszeichen: 2026-11-01.
        E-KOPF-TOML b.md:3:12 ‹.2026›: Die Zeile ist kein gültiges TOML (invalid float, expected nothing). Schreiben Sie einen Tag, den es gibt, mit dem Jahr zuerst und ohne Anführungszeichen: 2026-11-01.
    "#]]);
}

#[test]
fn languages_are_tags() {
    let project = Project::new();
    project.replace("site.toml", "language = \"de\"", "language = \"Deutsch\"");
    project.write("seite.md", "+++\ntitle = \"Seite\"\nlanguage = \"en-GB\"\n+++\n");
    project.check(expect![[r#"
        E-ANGABE site.toml:3:12 ‹"Deutsch"›: Bei „language“ wird das Kürzel einer Sprache erwartet. Schreiben Sie zum Beispiel: language = "de"
    "#]]);
}

#[test]
fn references_are_mended_where_their_target_is_written() {
    Project::new()
        .write(
            "seite.md",
            format!("{HEAD}[x][r], [y][R], [z][fehlt], [q][], [sic], [^1], [^n], \\[^m].\n\n[^1]: [h](@/hier.md \"statt @/hier.md\")\n\n[r]: @/fehlt.md \"Titel\"\n"),
        )
        .check(expect![[r#"
            E-LINK-VERWEIS seite.md:4:17 ‹[z][fehlt], [q][›: Für „[fehlt]“ steht auf dieser Seite kein Ziel. Ergänzen Sie am Ende der Seite eine Zeile „[fehlt]: @/ordner/seite.md“.
            E-LINK-VERWEIS seite.md:4:29 ‹[q][], [sic], [^›: Für „[q]“ steht auf dieser Seite kein Ziel. Ergänzen Sie am Ende der Seite eine Zeile „[q]: @/ordner/seite.md“.
            E-FUSSNOTE seite.md:4:49 ‹[^n], \[^m].›: Die Fußnote „n“ gibt es auf dieser Seite nicht. Ergänzen Sie am Ende der Seite eine Zeile „[^n]: …“.
            E-LINK-ZIEL seite.md:6:11 ‹@/hier.md "statt›: Die Seite „hier.md“ gibt es nicht. Schreiben Sie den Pfad der Markdown-Datei ab content/<site>/, zum Beispiel @/kontakt/index.md.
            E-LINK-ZIEL seite.md:8:6 ‹@/fehlt.md "Tite›: Die Seite „fehlt.md“ gibt es nicht. Schreiben Sie den Pfad der Markdown-Datei ab content/<site>/, zum Beispiel @/kontakt/index.md.
        "#]]);
}

#[test]
fn shortcodes_in_html_and_behind_entities_are_no_trap() {
    Project::new()
        .write(
            "seite.md",
            format!("{HEAD}„&#123;&#123; frist(id=\"x\") }}}} und &#123;&#123; frist(id=\"y\") }}}}\n\n<p>{{{{ frist(id=\"serverprotokoll\") }}}}</p>\n"),
        )
        .check(expect![[r#"
            E-LOESCHKLASSE seite.md:4:1 ‹„&#123;&#123; fr›: Die Löschklasse „x“ steht nicht in loeschkonzept.toml. Ergänzen Sie die Löschklasse in loeschkonzept.toml.
            E-LOESCHKLASSE seite.md:4:1 ‹„&#123;&#123; fr›: Die Löschklasse „y“ steht nicht in loeschkonzept.toml. Ergänzen Sie die Löschklasse in loeschkonzept.toml.
            E-KURZBEFEHL seite.md:6:4 ‹{{ frist(id="ser›: In HTML wird „{{“ nicht ersetzt. Schreiben Sie den Absatz als Markdown, ohne HTML.
        "#]]);
}

#[test]
fn capitals_in_html_hide_nothing() {
    Project::new()
        .write(
            "seite.md",
            format!("{HEAD}<P STYLE=\"x\"><IMG SRC=\"https://fremd.example/x.png\"></P>\n"),
        )
        .check(expect![[r#"
            E-CSP seite.md:4:4 ‹STYLE="x"><IMG S›: Stil innerhalb der Seite verbietet die Content Security Policy. Verlegen Sie Stil in eine Datei des Themas.
            E-BILD-ALT seite.md:4:14 ‹<IMG SRC="https:›: Dem Bild fehlt die Beschreibung für Menschen, die es nicht sehen. Ergänzen Sie alt="…"; ist das Bild nur Schmuck, schreiben Sie alt="".
            E-FREMDE-QUELLE seite.md:4:24 ‹https://fremd.ex›: „https://fremd.example/x.png“ würde von einem fremden Server geladen. Legen Sie die Datei in die Site, oder nehmen Sie {{ zweiklick(…) }}.
        "#]]);
}

#[test]
fn redirects_lead_straight_to_a_page_and_say_nothing_to_the_web_server() {
    let project = Project::new();
    project.replace(
        "site.toml",
        "[redirects]\n",
        "[redirects]\n\"/a/\" = \"/b/\"\n\"/b/\" = \"/a/#x\"\n\"/förderung/\" = \"@/index.md\"\n\"/p%20q/\" = \"@/index.md\"\n\"/c/\" = \"https://muster.nrw/; } location / {\"\n",
    );
    project.check(expect![[r#"
        E-WEITERLEITUNG-KETTE site.toml:35:9 ‹"/b/"›: „/b/“ ist selbst eine alte Adresse. Nennen Sie gleich die heutige Seite, zum Beispiel @/programm/index.md.
        E-WEITERLEITUNG-KETTE site.toml:36:9 ‹"/a/#x"›: „/a/#x“ ist selbst eine alte Adresse. Nennen Sie gleich die heutige Seite, zum Beispiel @/programm/index.md.
        E-WEITERLEITUNG site.toml:38:1 ‹"/p%20q/" = "@/i›: „/p%20q/“ ist keine Adresse, von der weitergeleitet werden kann. Schreiben Sie eine Adresse wie /alter/pfad/ mit Schrägstrich am Anfang und am Ende, ohne Prozentzeichen.
        E-LINK-ADRESSE site.toml:39:9 ‹"https://muster.›: „https://muster.nrw/; } location / {“ enthält Zeichen, die in der Einstellung des Webservers etwas anderes bedeuten. Schreiben Sie Sonderzeichen mit Prozentzeichen, ein Leerzeichen zum Beispiel als %20.
    "#]]);
}

#[test]
fn navigations_have_no_page_of_their_own_to_point_into() {
    Project::new()
        .replace("site.toml", "@/datenschutz/index.md", "#oben")
        .check(expect![[r##"
            E-LINK-ADRESSE site.toml:16:8 ‹"#oben"›: „#oben“ ist keine Adresse, die hier verwendet werden kann. Seiten werden als @/ordner/seite.md verlinkt, Dateien als /pfad/datei.pdf, fremde Seiten mit https://.
        "##]]);
}

#[test]
fn what_the_handler_answers_cannot_be_a_page() {
    let project = Project::new();
    project.write("meldung/index.md", HEAD).write("meldung/datei.txt", "x");
    project.check(expect![[r#"
        E-ADRESSE-MELDUNG meldung/datei.txt: Unter /meldung/ antwortet das Berichtstool; diese Datei bekäme niemand zu sehen. Verschieben Sie sie in einen anderen Ordner.
        H-DATEI-UNBENUTZT meldung/datei.txt: Auf diese Datei führt kein Link. Verlinken Sie sie, oder nehmen Sie sie heraus.
        E-ADRESSE-MELDUNG meldung/index.md: Unter /meldung/ antwortet das Berichtstool; diese Datei bekäme niemand zu sehen. Verschieben Sie sie in einen anderen Ordner.
    "#]]);
}

#[test]
fn only_plain_files_with_plain_names_are_published() {
    let project = Project::new();
    project
        .write("ordner-ä/seite.md", HEAD)
        .write("Mit Leerzeichen", "x")
        .write("gross.MD", HEAD)
        .write(
            ".well-known/security.txt",
            "Contact: mailto:a@muster.nrw\nExpires: 2099-01-01T00:00:00Z\n",
        );
    let content = project.root().join("content/muster");
    symlink("/etc/hostname", content.join("verweis.txt")).expect("a link");
    symlink(content.join("programm"), content.join("schleife")).expect("a link");
    symlink("/gibt-es-nicht", content.join("tot.md")).expect("a link");
    symlink("/etc/hostname", project.root().join("themes/klein/static/verweis.css")).expect("a link");
    project.check(expect![[r#"
        E-DATEINAME Mit Leerzeichen: Aus diesem Namen wird keine gute Adresse. Benennen Sie die Datei zum Beispiel in mit-leerzeichen um.
        H-DATEI-UNBENUTZT Mit Leerzeichen: Auf diese Datei führt kein Link. Verlinken Sie sie, oder nehmen Sie sie heraus.
        E-DATEINAME gross.MD: Aus diesem Namen wird keine gute Adresse. Benennen Sie die Datei zum Beispiel in gross.md um.
        E-DATEINAME ordner-ä/seite.md: Aus diesem Namen wird keine gute Adresse. Benennen Sie die Datei zum Beispiel in ordner-ae/seite.md um.
        E-DATEI schleife: Das ist keine gewöhnliche Datei, sondern zum Beispiel eine Verknüpfung (Symlink). Legen Sie die Datei selbst an diese Stelle.
        E-DATEI tot.md: Das ist keine gewöhnliche Datei, sondern zum Beispiel eine Verknüpfung (Symlink). Legen Sie die Datei selbst an diese Stelle.
        E-DATEI verweis.txt: Das ist keine gewöhnliche Datei, sondern zum Beispiel eine Verknüpfung (Symlink). Legen Sie die Datei selbst an diese Stelle.
        E-DATEI themes/klein/static/verweis.css: Das ist keine gewöhnliche Datei, sondern zum Beispiel eine Verknüpfung (Symlink). Legen Sie die Datei selbst an diese Stelle.
    "#]]);
}

#[test]
fn folders_for_other_programs_are_published() {
    let project = Project::new();
    project.write(
        ".well-known/security.txt",
        "Contact: mailto:a@muster.nrw\nExpires: 2099-01-01T00:00:00Z\n",
    );
    project.build();
    assert_eq!(
        project.published("www/.well-known/security.txt"),
        "Contact: mailto:a@muster.nrw\nExpires: 2099-01-01T00:00:00Z\n"
    );
}

#[test]
fn a_theme_that_does_not_exist_is_reported_where_it_is_named() {
    Project::new()
        .replace("site.toml", "theme = \"klein\"", "theme = \"../klein\"")
        .check(expect![[r#"
            E-THEMA site.toml:4:9 ‹"../klein"›: Das Thema „../klein“ gibt es nicht. Tragen Sie bei theme den Namen eines Ordners unter themes/ ein.
        "#]]);
}

#[test]
fn a_berichtstool_without_a_deletion_concept_is_reported_at_its_switch() {
    let project = Project::new();
    project.remove("loeschkonzept.toml").remove("datenschutz/index.md");
    project.replace(
        "site.toml",
        "[[footer]]\ntitle = \"Datenschutz\"\nlink = \"@/datenschutz/index.md\"\n",
        "",
    );
    project.check(expect![[r#"
        E-PFLICHTSEITE site.toml: Der Site fehlt die Seite /datenschutz/: Datenschutz (Art. 13 DSGVO). Legen Sie datenschutz/index.md an.
        E-LOESCHKONZEPT site.toml:8:16 ‹true›: Eine Site mit Berichtstool braucht ein Löschkonzept. Legen Sie loeschkonzept.toml neben site.toml an.
    "#]]);
}

#[test]
fn the_place_of_a_name_is_its_key_and_not_its_first_letters() {
    let project = Project::new();
    project.write(
        "seite.md",
        "+++\ntitle = \"valid_until\"\nvalid_until = 2020-01-31\n+++\n",
    );
    project.replace(
        "formularschrank/probe/formular.toml",
        "kennung = \"probe\"",
        "# titel\nkennung = \"titel\"",
    );
    project.check(expect![[r#"
        E-FORMULAR formularschrank/probe/formular.toml:2:11 ‹"titel"›: Das Formular heißt „titel“, sein Ordner „probe“. Geben Sie beiden denselben Namen.
        H-ABGELAUFEN seite.md:3:15 ‹2020-01-31›: Die Seite galt nur bis zum 31. Januar 2020, und die Site hat kein Archiv. Legen Sie archiv/index.md an, oder setzen Sie valid_until auf einen späteren Tag.
    "#]]);
}

#[test]
fn templates_must_be_utf8_as_well() {
    Project::new()
        .write(
            "themes/klein/templates/404.html",
            b"{% extends \"base.html\" %}{% block main %}\nGr\xfc\xdfe{% endblock %}\n",
        )
        .check(expect![[r#"
            E-UTF8 themes/klein/templates/404.html:2:3 ‹��e{% endblock %›: Dieses Zeichen ist nicht in UTF-8 gespeichert. Speichern Sie die Datei mit der Zeichenkodierung UTF-8.
        "#]]);
}

#[test]
fn a_build_that_was_killed_is_completed_by_the_next() {
    let project = Project::new();
    project.build();
    let good = project.dist();
    // What a kill leaves: staged files, half of the moves, and the state of the build before.
    let dist = project.root().join("dist");
    std::fs::create_dir_all(dist.join(".stand/.neu-muster/0")).expect("a folder");
    std::fs::write(dist.join(".stand/.neu-muster/0/3"), "halb").expect("a file");
    std::fs::remove_file(dist.join("muster/www/programm/index.html")).expect("removed");
    std::fs::write(dist.join("muster/www/index.html"), "andere Bytes").expect("a file");
    project.build();
    assert_eq!(project.dist(), good);
    assert!(!dist.join(".stand/.neu-muster").exists());
}

#[test]
fn two_builds_at_once_wait_for_each_other() {
    let project = Project::new();
    project.build();
    let good = project.dist();
    std::thread::scope(|threads| {
        let builds: Vec<_> = (0..4).map(|_| threads.spawn(|| project.run(&["build"]))).collect();
        for build in builds {
            let output = build.join().expect("a build");
            assert!(output.status.success(), "{}", text(&output.stderr));
        }
    });
    assert_eq!(project.dist(), good);
}

#[test]
fn a_page_of_20_megabytes_is_one_clear_problem() {
    let text = format!("{HEAD}{}", "Wort ".repeat(4_000_000));
    Project::new().write("seite.md", text).check(expect![[r#"
        E-GROESSE seite.md: Die Datei ist mit 20 MB zu groß für einen Text. Teilen Sie sie auf mehrere Seiten auf, oder bieten Sie sie als Datei zum Herunterladen an.
    "#]]);
}

#[test]
fn two_thousand_nested_quotes_are_one_error() {
    let project = Project::new();
    project.write("seite.md", format!("{HEAD}{} tief\n", "> ".repeat(2_000)));
    project.check(expect![[r#"
        E-VERSCHACHTELUNG seite.md:4:199 ‹> > > > > > > > ›: Hier stecken mehr als 100 Listen oder Zitate ineinander. Löschen Sie überzählige Zeichen „>“ oder Einrückungen am Anfang der Zeile.
    "#]]);
}

#[test]
fn names_that_are_no_text_and_links_in_a_circle_are_reported() {
    let project = Project::new();
    let content = project.root().join("content/muster");
    std::fs::write(content.join(OsStr::from_bytes(b"gr\xfc\xdfe.md")), HEAD).expect("a file");
    symlink(".", content.join("kreis")).expect("a link");
    symlink("selbst.md", content.join("selbst.md")).expect("a link");
    let pipe = Command::new("mkfifo")
        .arg(content.join("rohr.md"))
        .status()
        .expect("mkfifo");
    assert!(pipe.success());
    project.check(expect![[r#"
        E-DATEINAME gr��e.md: Der Dateiname ist kein UTF-8. Benennen Sie die Datei mit Buchstaben a bis z, Ziffern und Bindestrich.
        E-DATEI kreis: Das ist keine gewöhnliche Datei, sondern zum Beispiel eine Verknüpfung (Symlink). Legen Sie die Datei selbst an diese Stelle.
        E-DATEI rohr.md: Das ist keine gewöhnliche Datei, sondern zum Beispiel eine Verknüpfung (Symlink). Legen Sie die Datei selbst an diese Stelle.
        E-DATEI selbst.md: Das ist keine gewöhnliche Datei, sondern zum Beispiel eine Verknüpfung (Symlink). Legen Sie die Datei selbst an diese Stelle.
    "#]]);
}

#[test]
fn a_folder_named_like_a_page_is_a_folder() {
    let project = Project::new();
    project.write("seite.md/index.md", HEAD);
    project.build();
    assert!(project.published("www/seite.md/index.html").contains("<h1>Seite</h1>"));
}

#[test]
fn a_folder_that_cannot_be_read_is_reported() {
    let project = Project::new();
    // Together longer than any path may be: nobody can open its end by name, whatever rights they have.
    let half = format!("{}/", "tief".repeat(50)).repeat(12);
    let (above, below) = (
        project.root().join("content/muster").join(&half),
        project.root().join("unten"),
    );
    std::fs::create_dir_all(&above).expect("the upper half");
    std::fs::create_dir_all(below.join(&half)).expect("the lower half");
    std::fs::rename(&below, above.join("unten")).expect("one folder in the other");
    // What may lie in it is not missing.
    let link = format!("[Anlage](@/{half}unten/{half}anlage.md)");
    let command = format!("{{{{ download(datei=\"/{half}unten/{half}b.pdf\", titel=\"B\") }}}}");
    project.write("seite.md", page(&format!("{link}\n\n{command}")));
    let output = project.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.starts_with("Fehler [E-LESEN]: Das lässt sich nicht lesen: "),
        "{said}"
    );
    assert!(
        said.ends_with("Prüfen Sie, ob die Datei noch da ist und wer sie lesen darf.\n\n1 Fehler\n"),
        "{said}"
    );
}

#[test]
fn a_template_that_cannot_be_read_is_one_error() {
    let project = Project::new();
    // Nobody may read more than is written by hand, whatever rights they have.
    project.write("themes/klein/templates/page.html", vec![b' '; 5_000_000]);
    project.check(expect![[r#"
        E-GROESSE themes/klein/templates/page.html: Die Datei ist mit 5 MB zu groß für einen Text. Teilen Sie sie auf mehrere Seiten auf, oder bieten Sie sie als Datei zum Herunterladen an.
    "#]]);
}

#[test]
fn a_reader_who_stops_listening_is_no_failure() {
    let project = Project::new();
    for arguments in [
        &["check", "--format", "json", "--today", "2026-11-22"][..],
        &["build", "--today", "2026-11-22"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_generator"))
            .arg("--root")
            .arg(project.root())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the generator");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("an end");
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn a_project_without_a_site_is_no_success() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("content")).expect("a folder");
    for command in ["check", "build"] {
        let output = run(folder.path(), &[command]);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stderr), "Fehler: Unter content/ liegt keine Site\n");
    }
}
