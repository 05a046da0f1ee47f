//! Words: how the site writes its names, and how long a sentence in Leichte Sprache may be.

use expect_test::expect;

use crate::project::{Project, page};

/// A project with two names that are often written otherwise.
fn with_spellings() -> Project {
    let project = Project::new();
    project.replace(
        "site.toml",
        "[redirects]",
        "[spellings]\n\"Startchancen-Programm\" = [\"Startchancenprogramm\", \"Startchancen\"]\n\"E-Mail\" = [\"Email\", \"eMail\"]\n\n[redirects]",
    );
    project
}

#[test]
fn other_spellings_are_found_wherever_they_stand() {
    let project = with_spellings();
    project.write(
        "seite.md",
        page("## Startchancenprogramm\n\nDas Startchancen-Programm, kurz Startchancen,\nper Email, *eMail* oder [Email](@/index.md).\n\n| Email |\n|---|\n| `Email` |\n\n&bdquo;Email&ldquo;"),
    );
    project.check(expect![[r#"
        E-SCHREIBWEISE seite.md:4:4 ‹Startchancenprog›: „Startchancenprogramm“ schreibt diese Site anders. Schreiben Sie „Startchancen-Programm“.
        E-SCHREIBWEISE seite.md:6:33 ‹Startchancen,›: „Startchancen“ schreibt diese Site anders. Schreiben Sie „Startchancen-Programm“.
        E-SCHREIBWEISE seite.md:7:5 ‹Email, *eMail* o›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:7:13 ‹eMail* oder [Ema›: „eMail“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:7:26 ‹Email](@/index.m›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:9:3 ‹Email |›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:11:4 ‹Email` |›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:13:8 ‹Email&ldquo;›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
    "#]]);
}

#[test]
fn the_same_wrong_spelling_is_found_as_often_as_it_stands_there() {
    let project = with_spellings();
    project.write("seite.md", page("Email und Email, an email@land.nrw, Email.\n\nNach {{ frist(id=\"serverprotokoll\") }} per Email, &auml;, Email."));
    project.check(expect![[r#"
        E-SCHREIBWEISE seite.md:4:1 ‹Email und Email,›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:4:11 ‹Email, an email@›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:4:37 ‹Email.›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:6:44 ‹Email, &auml;, E›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:6:59 ‹Email.›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
    "#]]);
}

#[test]
fn spellings_within_html_are_found_and_its_attributes_left_alone() {
    let project = with_spellings();
    project.write(
        "seite.md",
        page("<div\nclass=\"Email\">\n<!-- Email -->\n<p>Per Email\noder eMail</p>\n</div>\n\nIm <b>Satz</b> Email und <i>Email</i>."),
    );
    project.check(expect![[r#"
        E-SCHREIBWEISE seite.md:7:8 ‹Email›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:8:6 ‹eMail</p>›: „eMail“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:11:16 ‹Email und <i>Ema›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
        E-SCHREIBWEISE seite.md:11:29 ‹Email</i>.›: „Email“ schreibt diese Site anders. Schreiben Sie „E-Mail“.
    "#]]);
}

#[test]
fn an_empty_heading_is_no_heading() {
    let project = Project::new();
    project.write(
        "seite.md",
        page("## Anfang\n\n##\n\n## <!-- nichts -->\n\n## ![Wappen](/bild.png)"),
    );
    project.check(expect![[r#"
        E-UEBERSCHRIFT seite.md:6:1 ‹##›: Die Überschrift ist leer. Schreiben Sie hinter die Rauten, wovon der Abschnitt handelt, oder löschen Sie die Zeile.
        E-UEBERSCHRIFT seite.md:8:1 ‹## <!-- nichts -›: Die Überschrift ist leer. Schreiben Sie hinter die Rauten, wovon der Abschnitt handelt, oder löschen Sie die Zeile.
        E-LINK-PFAD seite.md:10:14 ‹/bild.png)›: Unter „/bild.png“ gibt es weder Datei noch Seite. Seiten werden als @/ordner/seite.md verlinkt, Dateien mit ihrem Pfad unter content/<site>/.
    "#]]);
}

#[test]
fn right_spellings_addresses_and_code_are_fine() {
    let project = with_spellings();
    project.write(
        "seite.md",
        page("Das Startchancen-Programm per E-Mail an Email@land.nrw, Email-Adresse, [Formular](/liste.csv?Email).\n\n```\nEmail\n```"),
    );
    project.check(expect![""]);
}

#[test]
fn a_list_of_spellings_is_a_list() {
    let project = Project::new();
    project.replace(
        "site.toml",
        "[redirects]",
        "[spellings]\n\"E-Mail\" = \"Email\"\n\"NRW\" = []\n\n[redirects]",
    );
    project.check(expect![[r#"
        E-ANGABE site.toml:35:12 ‹"Email"›: Bei „E-Mail“ wird eine Liste von Schreibweisen erwartet, die nicht vorkommen sollen. Schreiben Sie zum Beispiel: "E-Mail" = ["…"]
        E-ANGABE site.toml:36:9 ‹[]›: Bei „NRW“ wird eine Liste von Schreibweisen erwartet, die nicht vorkommen sollen. Schreiben Sie zum Beispiel: "NRW" = ["…"]
    "#]]);
}

/// A page in Leichte Sprache, which another page names as its own.
fn in_leichter_sprache(markdown: &str) -> Project {
    let project = Project::new();
    project.replace(
        "programm/index.md",
        "aliases",
        "simple_language = \"@/leichte-sprache/programm.md\"\naliases",
    );
    project.write("leichte-sprache/programm.md", page(markdown));
    project
}

const LONG: &str = "Die Schule bekommt das Geld für Räume und für Bücher und für Möbel und für Menschen und für Essen und für Reisen und für Feste und Sport.";

#[test]
fn sentences_in_leichter_sprache_are_short() {
    in_leichter_sprache(&format!(
        "## Geld\n\nDie Schule bekommt Geld. {LONG}\n{LONG}\n\n- Kurz.\n- {LONG}\n\n**Die**\nSchule ist da. **Die**\n{}\n",
        &LONG[4..]
    ))
    .check(expect![[r#"
        E-SATZLAENGE leichte-sprache/programm.md:6:26 ‹Die Schule bekom›: Der Satz hat 27 Wörter; in Leichter Sprache sind es höchstens 25. Machen Sie mehrere Sätze daraus.
        E-SATZLAENGE leichte-sprache/programm.md:7:1 ‹Die Schule bekom›: Der Satz hat 27 Wörter; in Leichter Sprache sind es höchstens 25. Machen Sie mehrere Sätze daraus.
        E-SATZLAENGE leichte-sprache/programm.md:10:3 ‹Die Schule bekom›: Der Satz hat 27 Wörter; in Leichter Sprache sind es höchstens 25. Machen Sie mehrere Sätze daraus.
        E-SATZLAENGE leichte-sprache/programm.md:13:18 ‹Die**›: Der Satz hat 27 Wörter; in Leichter Sprache sind es höchstens 25. Machen Sie mehrere Sätze daraus.
    "#]]);
}

#[test]
fn sentences_in_leichter_sprache_are_short_in_html_too() {
    let (first, rest) = LONG.split_once(' ').expect("words");
    in_leichter_sprache(&format!(
        "<div>Kurz. {first}\n<b>{rest}</b></div>\n<ul><li>{}</li><li>{}</li></ul>\n\n<div>\n\n{LONG}\n\n</div>\n",
        &LONG[..60],
        &LONG[60..]
    ))
    .check(expect![[r#"
        E-SATZLAENGE leichte-sprache/programm.md:4:12 ‹Die›: Der Satz hat 27 Wörter; in Leichter Sprache sind es höchstens 25. Machen Sie mehrere Sätze daraus.
        E-SATZLAENGE leichte-sprache/programm.md:10:1 ‹Die Schule bekom›: Der Satz hat 27 Wörter; in Leichter Sprache sind es höchstens 25. Machen Sie mehrere Sätze daraus.
    "#]]);
}

#[test]
fn a_long_sentence_in_html_within_a_quote_is_shown_in_its_line() {
    in_leichter_sprache(&format!("> <div>\n> Kurz.\n> {LONG}\n> </div>\n")).check(expect![[r#"
        E-SATZLAENGE leichte-sprache/programm.md:6:3 ‹Die Schule bekom›: Der Satz hat 27 Wörter; in Leichter Sprache sind es höchstens 25. Machen Sie mehrere Sätze daraus.
    "#]]);
}

#[test]
fn other_pages_may_have_long_sentences_and_short_ones_are_fine() {
    let project = in_leichter_sprache(
        "Das ist kurz.\n\n- Eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn\n- vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig einundzwanzig zweiundzwanzig",
    );
    project.write("seite.md", page(LONG));
    project.check(expect![""]);
}

#[test]
fn titles_and_menus_are_spelt_as_agreed_too() {
    let project = Project::new();
    let site = std::fs::read_to_string(project.root().join("content/muster/site.toml")).expect("the site");
    let site = site.replacen("title = \"", "title = \"Das mbei: ", 1);
    project
        .write("site.toml", format!("{site}\n[spellings]\n\"mbeim\" = [\"mbei\"]\n"))
        .write(
            "seite.md",
            "+++\ntitle = \"Vom mbei\"\ndescription = \"Was das mbei tut.\"\n+++\nText.\n",
        );
    project.check(expect![[r#"
        E-SCHREIBWEISE seite.md:2:14 ‹mbei"›: „mbei“ schreibt diese Site anders. Schreiben Sie „mbeim“.
        E-SCHREIBWEISE seite.md:3:24 ‹mbei tut."›: „mbei“ schreibt diese Site anders. Schreiben Sie „mbeim“.
        E-SCHREIBWEISE site.toml:1:14 ‹mbei: Musterseit›: „mbei“ schreibt diese Site anders. Schreiben Sie „mbeim“.
    "#]]);
}
