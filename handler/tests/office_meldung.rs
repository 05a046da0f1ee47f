//! What has come in: filed by the office, withdrawn, confirmed on paper, tried in vain.

mod support;

use form::testing::{Typed, fill};
use handler::clock::Moment;
use handler::store::Store;
use support::office::{IMPORT, Office, einreichen};
use support::{DUISBURG, NOON, Server, filled};

#[test]
fn the_office_files_for_a_town_hall_that_is_offline() {
    let office = Office::with_runde();
    let nummer = office.files("cb-2026", "10039", 1, "9000.01");
    let (art, record) = office.last_act();
    assert_eq!(art, "meldung");
    assert_eq!(record["einreichung"]["rolle"], "Geschäftsstelle");
    assert_eq!(record["einreichung"]["grund"], "Rathaus ohne Internet");
    assert_eq!(office.stand("10039")["eingereicht"], true);
    office.done(&["meldung", "file", &nummer, "--out", "wieder.xlsx"]);
    let stored = std::fs::read(office.folder.path().join("wieder.xlsx")).expect("the workbook");
    assert!(stored.starts_with(b"PK"));
    let said = office.done(&["meldung", "show", &nummer]);
    assert!(
        said.contains("Eingereicht von der Geschäftsstelle: Rathaus ohne Internet"),
        "{said}"
    );
    assert!(said.contains("9.000,01 €"), "{said}");

    office.done(&["formular", "write", "10039", "--runde", "cb-2026", "--out", "leer.xlsx"]);
    office.refused(&einreichen("leer.xlsx", "10039", "cb-2026"), 1);
    office.write("text.xlsx", "kein Excel");
    office.refused(&einreichen("text.xlsx", "10039", "cb-2026"), 2);
    assert_eq!(office.query::<i64>("SELECT count(*) FROM meldung"), 1);
}

#[test]
fn a_withdrawn_meldung_is_missing_again_and_nothing_older_counts() {
    let office = Office::with_runde();
    let first = office.files("cb-2026", "10039", 1, "9000.01");
    let second = office.files("cb-2026", "10039", 1, "9500.01");
    let withdraw = ["meldung", "zuruecknehmen", &second, "--grund", "Zahlen des Vorjahres"];
    office.refused(&withdraw, 2);
    assert_eq!(
        office.stand("10039")["stand"],
        "eingegangen",
        "nobody was asked, nothing is done"
    );
    office.done(&[&withdraw[..], &["--ja", "--rolle", "Fachaufsicht"]].concat());
    let (art, record) = office.last_act();
    assert_eq!(art, "ruecknahme");
    assert_eq!(
        (&record["grund"], &record["rolle"]),
        (&"Zahlen des Vorjahres".into(), &"Fachaufsicht".into())
    );
    assert_eq!(office.stand("10039")["stand"], "fehlt");
    assert_eq!(
        office.query::<i64>("SELECT count(*) FROM chancenbudget_schulen_gueltig"),
        0
    );
    assert!(
        office
            .done(&["meldung", "show", &first])
            .contains("ersetzt, gilt nicht mehr")
    );
    office.refused(&["meldung", "zuruecknehmen", &first, "--grund", "x", "--ja"], 1);
    office.refused(&["meldung", "zuruecknehmen", "CB-0", "--grund", "x", "--ja"], 2);
    let third = office.files("cb-2026", "10039", 1, "9500.01");
    assert_ne!(third, second, "the same bytes are a new Meldung");
}

#[test]
fn the_paper_belongs_to_the_version_that_counts() {
    let office = Office::with_runde();
    let first = office.files("cb-2026", "10039", 1, "9000.01");
    let today = office.query::<String>("SELECT substr(eingegangen, 1, 10) FROM meldung");
    let said = office.done(&["meldung", "list", "--runde", "cb-2026"]);
    assert!(said.contains("Meldung da, Bestätigung fehlt: 1."), "{said}");
    office.refused(&["meldung", "bestaetigt", &first, "--eingang", "2099-01-01"], 1);
    office.refused(&["meldung", "bestaetigt", &first, "--eingang", "2020-01-01"], 1);
    office.done(&["meldung", "bestaetigt", &first, "--eingang", &today]);
    assert_eq!(office.stand("10039")["bestaetigung"], today.as_str());
    let second = office.files("cb-2026", "10039", 1, "9500.01");
    assert!(
        office.stand("10039")["bestaetigung"].is_null(),
        "a later version needs its own"
    );
    let said = office.refused(&["meldung", "bestaetigt", &first, "--eingang", &today], 1);
    assert!(said.contains(&second), "{said}");
}

#[test]
fn the_traeger_reads_what_the_office_noted() {
    let server = Server::start();
    let cookie = server.log_in("10039");
    let form = filled(&server.own_form(&cookie), 1, "9000.01");
    let location = server
        .upload(&cookie, &form)
        .header("location")
        .expect("a location")
        .to_owned();
    assert!(
        server
            .get("/meldung/", &cookie)
            .body()
            .contains("Die unterschriebene Bestätigung liegt noch nicht vor")
    );
    let sheet_to_sign = "Rechtsverbindliche Bestätigung";
    assert!(server.get(&location, &cookie).body().contains(sheet_to_sign));
    let nummer: String = server.query("SELECT nummer FROM meldung");
    let now = Moment::parse(NOON).expect("a time");
    let mut store = Store::open(&server.database).expect("the database");
    assert!(store.note_unterschrift(&nummer, now.day(), now).expect("noted"));
    assert!(
        server
            .get(&location, &cookie)
            .body()
            .contains("eingegangen am 22. November 2026")
    );
    assert!(store.withdraw(&nummer, "Zahlen des Vorjahres", now).expect("withdrawn"));
    let paper = server.get(&location, &cookie).body();
    assert!(
        paper.contains("Diese Meldung wurde am 22. November 2026 zurückgenommen"),
        "{paper}"
    );
    assert!(paper.contains("Grund: Zahlen des Vorjahres"), "{paper}");
    assert!(!paper.contains("Ihre Meldung ist eingegangen"), "{paper}");
    assert!(
        !paper.contains(sheet_to_sign),
        "nothing to sign for what no longer counts: {paper}"
    );
    assert!(
        server
            .get("/meldung/", &cookie)
            .body()
            .contains("zurückgenommen am 22. November 2026")
    );
    assert_eq!(server.upload(&cookie, &form).status, 303);
    assert_eq!(server.count("meldung"), 2, "the same bytes may be sent anew");
}

#[test]
fn an_upload_in_flight_notices_that_the_runde_is_closed() {
    use form::Rows;
    use handler::store::{Beleg, Eingang, Kept};
    let server = Server::start();
    let mut store = Store::open(&server.database).expect("the database");
    let (runde, vordruck) = store
        .runde_of("cb-2026", "10039")
        .expect("the database")
        .expect("a form");
    let now = Moment::parse(NOON).expect("a time");
    assert!(store.close_runde("cb-2026", now).expect("closed"));
    // Everything below was looked up before.
    let (form, rows) = (runde.form().expect("a form"), Rows::new());
    let eingang = Eingang {
        runde: &runde,
        form: &form,
        vordruck: &vordruck,
        traeger: "10039",
        rows: &rows,
        verspaetet: false,
        mappe: b"",
        upload_sha256: "",
        upload_bytes: 0,
        beleg: Beleg {
            schulen: 1,
            summen: Vec::new(),
            hinweise: Vec::new(),
            bestaetigt: Vec::new(),
            aenderung: String::new(),
        },
        bestaetigt: None,
        einreichung: None,
        ankuendigen: false,
    };
    assert_eq!(store.keep(&eingang, &[], now).expect("the database"), Kept::Closed);
    assert_eq!(server.count("meldung"), 0);
}

#[test]
fn attempts_are_kept_with_codes_and_cells_and_no_values() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = filled(&server.own_form(&cookie), 48, "12345.67");
    server.upload(
        &cookie,
        &fill(&form, "Schulen", &[("H14", Typed::Text("geheimnisvoll"))]),
    );
    server.upload(
        &cookie,
        &fill(&form, "Schulen", &[("S9", Typed::Text("Kurs der Stiftung Frau Holle"))]),
    );
    server.upload(&cookie, b"kein Excel");
    let store = Store::open(&server.database).expect("the database");
    let versuche = store.versuche(DUISBURG).expect("attempts");
    let said: Vec<&str> = versuche.iter().map(|versuch| versuch.ergebnis.as_str()).collect();
    assert_eq!(said, ["Text", "bestaetigen", "fehler"], "the latest first");
    assert_eq!(versuche[2].befunde[0].code, "V2");
    assert_eq!(versuche[2].befunde[0].zellen, ["H14"]);
    let kept: i64 =
        server.query("SELECT count(*) FROM versuch WHERE befunde LIKE '%geheimnisvoll%' OR befunde LIKE '%Holle%'");
    assert_eq!(kept, 0);
}

#[test]
fn the_list_is_a_table_data_a_workbook_and_a_reminder() {
    let office = Office::with_runde();
    office.files("cb-2026", "10039", 1, "9000.01");
    office.done(&["meldung", "list", "--runde", "cb-2026", "--xlsx", "stand.xlsx"]);
    let workbook = std::fs::read(office.folder.path().join("stand.xlsx")).expect("a workbook");
    assert!(form::testing::part(&workbook, "xl/sharedStrings.xml").contains("Herne, Quinoa Schulen der Zukunft gUG"));
    let missing = office.json(&["meldung", "list", "--runde", "cb-2026", "--fehlt"]);
    assert_eq!(missing.as_array().map(Vec::len), Some(142));
    let reminder = office.done(&["meldung", "list", "--runde", "cb-2026", "--adressen"]);
    assert_eq!(reminder.lines().count(), 143, "a head and everybody who is missing");
    assert!(
        reminder.starts_with("\u{feff}E-Mail;Traegernummer;Traeger;Frist_bis\r\n"),
        "Excel shows umlauts as they are: {reminder}"
    );
    assert!(!reminder.contains("10039"), "{reminder}");
    office.refused(&["meldung", "list", "--runde", "cb-1999"], 2);
}

#[test]
fn shells_and_man_know_the_commands() {
    let office = Office::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            office.done(&["completions", shell]).contains("zuruecknehmen"),
            "{shell}"
        );
    }
    office.done(&["man", "--out", "man"]);
    assert!(office.read("man/handler-runde-open.1").contains("cb\\-2026"));
    let headings: Vec<String> = (office.read("man/handler.1").lines())
        .filter_map(|line| line.strip_prefix(".SH ").map(str::to_owned))
        .collect();
    assert_eq!(
        headings,
        [
            "NAME",
            "AUFRUF",
            "BESCHREIBUNG",
            "\"FÜR JEDEN BEFEHL\"",
            "BEFEHLE",
            "BEISPIELE",
            "VERSION"
        ]
    );
    for (command, example) in [
        (vec!["register", "import", "--help"], "--dry-run"),
        (vec!["runde", "frist", "--help"], "Beispiel"),
        (vec!["meldung", "list", "--help"], "--adressen"),
    ] {
        assert!(office.done(&command).contains(example), "{command:?}");
    }
}

#[test]
fn withdrawing_says_that_somebody_is_missing_only_where_that_is_so() {
    let office = Office::with_runde();
    let nummer = office.files("cb-2026", "10039", 1, "9000.01");
    let withdraw = |nummer: &str| office.done(&["meldung", "zuruecknehmen", nummer, "--grund", "Irrtum", "--ja"]);
    assert!(withdraw(&nummer).contains("fehlt damit in der Berichtsrunde cb-2026, bis eine neue Meldung eingeht."));

    let merged = office.files("cb-2026", "10039", 1, "9000.01");
    office.rewrite("traeger.csv", |line| {
        Some(match line.split(';').next() {
            Some("Traegernummer") => format!("{line};Gueltig_bis;Nachfolger"),
            Some("10039") => format!("{line};2020-07-31;10054"),
            _ => format!("{line};;"),
        })
    });
    office.done(&IMPORT);
    office.done(&["runde", "update", "cb-2026", "--ja"]);
    let said = withdraw(&merged);
    assert!(said.contains("nichts mehr zu melden und fehlt darin nicht."), "{said}");

    let last = office.files("cb-2026", "10390", 1, "9000.01");
    office.done(&["runde", "close", "cb-2026", "--ja"]);
    assert!(withdraw(&last).contains("Sie ist geschlossen; eine neue Meldung kann nicht eingehen."));
    let again = office.refused(&["runde", "close", "cb-2026", "--ja"], 1);
    assert!(
        again.starts_with("Die Berichtsrunde cb-2026 ist schon geschlossen."),
        "{again}"
    );
}

#[test]
fn post_that_came_before_the_deadline_is_not_late_however_late_it_is_filed() {
    let office = Office::new();
    office.done(&IMPORT);
    let open = "runde open cb-2026 --formular formular.toml --von 2019-01-01 --bis 2019-12-31 --ab 2020-01-01 --frist 2020-03-31 --zuweisungen zuweisungen.csv";
    office.done(&open.split(' ').collect::<Vec<_>>());
    let late = office.files("cb-2026", "10039", 1, "9000.01");
    assert!(
        office
            .done(&["meldung", "show", &late.to_lowercase()])
            .contains("nach der Frist")
    );
    std::fs::write(
        office.folder.path().join("post.xlsx"),
        filled(&office.form("cb-2026", "10039"), 1, "9500.01"),
    )
    .expect("a file");
    let post = einreichen("post.xlsx", "10039", "cb-2026");
    office.refused(&[&post[..], &["--eingang", "2099-01-01"]].concat(), 1);
    office.refused(&[&post[..], &["--eingang", "2019-12-01"]].concat(), 1);
    office.done(&[&post[..], &["--eingang", "2020-03-30"]].concat());
    assert_eq!(office.stand("10039")["stand"], "eingegangen");
    let (_, record) = office.last_act();
    assert_eq!(
        record["einreichung"]["grund"],
        "Rathaus ohne Internet (der Geschäftsstelle zugegangen am 30. März 2020)"
    );
    assert!(office.done(&["verify"]).starts_with("Alles in Ordnung"));
}
