//! A Runde from opening to closing: mergers, moved schools, corrected allocations, more time, somebody else who reports.

mod support;

use form::testing::{Typed, fill};
use handler::clock::Moment;
use handler::store::Store;
use serde_json::Value;
use support::office::{IMPORT, OPEN, Office, einreichen, frist};
use support::{DUISBURG, NOON, Server, filled};

#[test]
fn a_merger_reaches_a_runde_only_when_it_is_asked_for() {
    let office = Office::with_runde();
    let nummer = office.files("cb-2026", "10039", 1, "9000.01");
    // Herne's private Träger has ended; Duisburg took over. The list of schools is still the old one.
    let head = "Traegernummer;Traeger;Bezirksregierung;Rechtsform;E-Mail";
    office.rewrite("traeger.csv", |line| {
        Some(match line {
            line if line.starts_with("Traegernummer") => format!("{head};Gueltig_bis;Nachfolger"),
            line if line.starts_with("10039") => format!("{line};2020-07-31;10054"),
            line => format!("{line};;"),
        })
    });
    office.done(&IMPORT);
    assert_eq!(office.stand("10054")["schulen"], 48);

    let dry = office.done(&["runde", "update", "cb-2026", "--dry-run"]);
    assert!(
        dry.contains("meldet: 10039 -> 10054") && dry.ends_with("Geändert ist nichts.\n"),
        "{dry}"
    );
    let output = office.run(&["runde", "update", "cb-2026"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "nobody can be asked: {shown}");
    assert!(
        shown.contains("Schule 100162 Herne, SK Quinoa: Träger: 10039 -> 10054; meldet: 10039 -> 10054"),
        "{shown}"
    );
    assert!(
        shown.contains(&nummer),
        "the Meldung that rests on old figures is named: {shown}"
    );
    assert_eq!(office.stand("10054")["schulen"], 48, "nothing is done without a yes");

    office.done(&["runde", "update", "cb-2026", "--ja"]);
    assert_eq!(office.stand("10054")["schulen"], 49);
    let stray = office.stand("10039");
    assert_eq!(
        (&stray["stand"], &stray["nummer"], &stray["ausserhalb"]),
        (&"ausserhalb".into(), &nummer.as_str().into(), &true.into()),
        "whoever has no school is not expected, and what it reported is to be withdrawn"
    );
    assert_eq!(office.stand("10054")["ausserhalb"], false);
    let list = office.done(&["meldung", "list", "--runde", "cb-2026"]);
    assert!(
        list.contains("Nehmen Sie sie vor dem Bericht zurück") && list.contains("Erwartet: 142."),
        "{list}"
    );
    let (art, record) = office.last_act();
    assert_eq!(art, "runde_update");
    assert_eq!(record["unterschiede"][0]["felder"][0]["alt"], "10039");
    assert!(
        office
            .done(&["runde", "update", "cb-2026"])
            .contains("entspricht dem Verzeichnis und dem Formular")
    );
    let show = office.json(&["runde", "show", "cb-2026"]);
    assert_eq!(show["alte_angaben"][0]["nummer"], nummer.as_str());
    office.done(&[
        "meldung",
        "zuruecknehmen",
        &nummer,
        "--grund",
        "Herne gehört jetzt zu Duisburg",
        "--ja",
    ]);
    assert_eq!(office.stand("10039"), Value::Null);
}

#[test]
fn a_new_version_of_the_form_is_explained_before_it_is_taken_over() {
    let office = Office::with_runde();
    let form = office.read("formular.toml");
    office.write("formular.toml", &form.replacen("version = \"1\"", "version = \"2\"", 1));
    let said = office.done(&["runde", "update", "cb-2026", "--formular", "formular.toml", "--ja"]);
    assert!(said.contains("Formular (passt): Die Fassung 1 wird zu 2."), "{said}");
    assert!(
        office
            .query::<String>("SELECT definition FROM runde")
            .contains("version = \"2\"")
    );
    let (_, record) = office.last_act();
    assert_eq!(
        record["definition_vorher"],
        form.as_str(),
        "what was accepted under it can be examined again"
    );
    office.write(
        "fremd.toml",
        &form.replacen("kennung = \"chancenbudget\"", "kennung = \"anderes\"", 1),
    );
    office.refused(&["runde", "update", "cb-2026", "--formular", "fremd.toml", "--ja"], 1);
}

#[test]
fn a_city_that_reports_for_a_private_traeger_counts_for_both() {
    let office = Office::new();
    office.done(&IMPORT);
    office.rewrite("zuweisungen.csv", |line| {
        Some(match line {
            line if line.starts_with("Schulnummer") => format!("{line};Meldet"),
            line if line.starts_with("100162") => format!("{line};10066"),
            line => format!("{line};"),
        })
    });
    office.done(&OPEN);
    let schools = office.stand("10066")["schulen"].as_u64().expect("a number") as usize;
    assert_eq!(office.stand("10039")["stand"], "fehlt");
    let reminder = office.done(&["meldung", "list", "--runde", "cb-2026", "--adressen"]);
    assert!(!reminder.contains("10039"), "only who reports is reminded: {reminder}");
    assert!(reminder.contains("schultraeger-10066@example.org;10066;"));

    office.files("cb-2026", "10066", schools, "9000.01");
    let stand = office.stand("10039");
    assert_eq!(
        (&stand["stand"], &stand["gemeldet_durch"][0]),
        (&"eingegangen".into(), &"10066".into())
    );
    let said = office.done(&["meldung", "list", "--runde", "cb-2026"]);
    assert!(said.contains("eingegangen, meldet 10066"), "{said}");
    assert!(
        said.ends_with("Erwartet: 143. Eingegangen: 2, davon verspätet: 0. Es fehlen: 141.\n"),
        "{said}"
    );
}

#[test]
fn more_time_is_granted_later_only_and_with_a_reason() {
    let office = Office::with_runde();
    let grund = "Hochwasser im Rathaus";
    office.refused(&frist("10054", "2026-12-31", grund), 1);
    office.done(&frist("10054", "2099-05-31", grund));
    assert_eq!(office.stand("10054")["verlaengert_bis"], "2099-05-31");
    let (art, record) = office.last_act();
    assert_eq!(art, "frist");
    assert_eq!((&record["grund"], &record["traeger"]), (&grund.into(), &"10054".into()));
    office.refused(&frist("10054", "2099-06-30", " "), 2);
}

#[test]
fn an_extension_holds_for_late_marks_and_refusals() {
    let server = Server::start();
    let cookie = server.log_in(DUISBURG);
    let form = filled(&server.own_form(&cookie), 48, "12345.67");
    rusqlite::Connection::open(&server.database)
        .expect("the database")
        .execute("UPDATE runde SET nach_frist_ablehnen = 1", [])
        .expect("late is refused");
    server.advance(61 * 24 * 60 * 60);
    let cookie = server.log_in(DUISBURG);
    assert_eq!(server.upload(&cookie, &form).status, 409);
    let now = Moment::parse(NOON).expect("a time");
    let bis = "2027-03-31".parse().expect("a day");
    let mut store = Store::open(&server.database).expect("the database");
    store
        .verlaengern("cb-2026", DUISBURG, bis, "Hochwasser", now)
        .expect("more time");
    assert!(server.get("/meldung/", &cookie).body().contains("für Sie verlängert"));
    let answer = server.upload(&cookie, &form);
    assert_eq!(answer.status, 303, "{}", answer.body());
    assert_eq!(server.query::<i64>("SELECT verspaetet FROM meldung"), 0);
}

#[test]
fn a_workbook_from_before_a_correction_gets_the_new_form_with_its_values() {
    let server = Server::start();
    let cookie = server.log_in("10039");
    let old = filled(&server.own_form(&cookie), 1, "9000.01");
    server.more_money();

    let answer = server.upload(&cookie, &old);
    assert_eq!(answer.status, 422);
    assert!(
        answer.body().contains("Es gibt eine neue Fassung Ihres Formulars"),
        "{}",
        answer.body()
    );
    assert_eq!(answer.data("code"), ["S12"], "nothing is said of changed cells");
    let id: String = server.query("SELECT id FROM wartend");
    let korrektur = server.get(&format!("/meldung/korrektur/{id}.xlsx"), &cookie);
    assert_eq!(korrektur.status, 200);
    let answer = server.upload(&cookie, &korrektur.bytes);
    assert_eq!(answer.status, 303, "{}", answer.body());
    assert_eq!(
        server.query::<i64>("SELECT zugewiesen_cent FROM chancenbudget_schulen_gueltig"),
        5_000_000
    );
    assert_eq!(
        server.query::<i64>("SELECT verausgabt_cent FROM chancenbudget_schulen_gueltig"),
        900_001
    );
}

#[test]
fn what_waits_is_not_confirmed_against_old_figures() {
    let server = Server::start();
    let cookie = server.log_in("10039");
    let form = filled(&server.own_form(&cookie), 1, "9000.01");
    server.upload(
        &cookie,
        &fill(&form, "Schulen", &[("S5", Typed::Text("Kurs der Stiftung Frau Holle"))]),
    );
    let id: String = server.query("SELECT id FROM wartend");
    server.more_money();
    let confirmed = server.post_form("/meldung/bestaetigen", &cookie, &format!("id={id}&grund_1=G4"));
    assert_eq!(confirmed.status, 409);
    assert_eq!(server.count("meldung"), 0);
}

#[test]
fn an_allocation_is_corrected_and_a_school_added() {
    let office = Office::new();
    office.done(&IMPORT);
    office.rewrite("zuweisungen.csv", |line| {
        (!line.starts_with("100092")).then(|| line.to_owned())
    });
    office.done(&OPEN);
    office.write(
        "neu.csv",
        "Schulnummer;Zugewiesen;Uebertrag\n100162;50.000,00;0,00\n100092;12.000,00;0,00\n",
    );
    let zuweisung = [
        "runde",
        "zuweisung",
        "cb-2026",
        "neu.csv",
        "--grund",
        "Bescheid vom 3. Februar",
    ];
    let dry = office.done(&[&zuweisung[..], &["--dry-run"]].concat());
    assert!(
        dry.contains("50.000,00 €") && dry.ends_with("Geändert ist nichts.\n"),
        "{dry}"
    );
    assert_eq!(office.last_act().0, "runde_open");
    let said = office.done(&zuweisung);
    assert!(
        said.contains("Schule 100162 Herne, SK Quinoa: Zugewiesen: 40.300,00 € -> 50.000,00 €"),
        "{said}"
    );
    assert!(said.contains("neu        Schule 100092"), "{said}");
    let (art, record) = office.last_act();
    assert_eq!(
        (art.as_str(), &record["grund"]),
        ("zuweisung", &"Bescheid vom 3. Februar".into())
    );
    assert!(office.done(&zuweisung).contains("Geändert ist nichts."));
    office.write("neu.csv", "Schulnummer;Zugewiesen;Uebertrag\n999999;1,00;\n");
    assert!(office.refused(&zuweisung, 1).contains("999999"));
}

#[test]
fn what_is_left_of_last_time_is_carried_over() {
    let office = Office::with_runde();
    office.files("cb-2026", "10039", 1, "9000.01");
    office.write(
        "zwei.csv",
        "Schulnummer;Zugewiesen;Uebertrag\n100162;10.000,00;\n100092;10.000,00;77,00\n",
    );
    let said = office.done(&[
        "runde",
        "open",
        "cb-2027",
        "--formular",
        "formular.toml",
        "--von",
        "2027-01-01",
        "--bis",
        "2027-12-31",
        "--frist",
        "2099-03-31",
        "--zuweisungen",
        "zwei.csv",
        "--uebertrag",
    ]);
    // 40.300,00 allotted, 9.000,01 spent; the other school as the list says.
    assert!(said.contains("Übertragen werden insgesamt 31.376,99 €.\n"), "{said}");
    assert_eq!(
        office.query::<i64>("SELECT uebertrag_cent FROM runde_schule WHERE runde = 'cb-2027' AND nummer = '100162'"),
        3_129_999
    );
}

#[test]
fn closing_asks_and_ends_uploading_for_everybody() {
    let office = Office::with_runde();
    assert!(office.refused(&["runde", "close", "cb-2026"], 2).contains("--ja"));
    assert_eq!(office.json(&["runde", "list"])[0]["stand"], "offen");
    office.done(&["runde", "close", "cb-2026", "--ja"]);
    assert_eq!(office.json(&["runde", "list"])[0]["stand"], "geschlossen");
    assert_eq!(office.last_act().0, "runde_close");
    office.refused(&["runde", "close", "cb-2026", "--ja"], 1);
    office.refused(&frist("10054", "2099-12-31", "zu spät"), 1);
    office.done(&["formular", "write", "10039", "--runde", "cb-2026", "--out", "leer.xlsx"]);
    let empty = std::fs::read(office.folder.path().join("leer.xlsx")).expect("the form");
    std::fs::write(office.folder.path().join("voll.xlsx"), filled(&empty, 1, "9000.01")).expect("a file");
    office.refused(&einreichen("voll.xlsx", "10039", "cb-2026"), 1);
}

#[test]
fn a_workbook_of_the_version_before_is_taken_or_carried_over() {
    let server = Server::start();
    let cookie = server.log_in("10039");
    let old = filled(&server.own_form(&cookie), 1, "9000.01");
    let update = |replaced: [(&str, &str); 2]| {
        let mut store = Store::open(&server.database).expect("the database");
        let runde = store.runde("cb-2026").expect("the database").expect("a Runde");
        let definition = replaced.iter().fold(runde.definition.clone(), |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replacen(old, new, 1)
        });
        let form = form::Form::parse(&definition).expect("a form");
        let now = Moment::parse(NOON).expect("a time");
        let done = store.update_runde(&runde, Some(&(definition, form)), true, now);
        done.expect("updated")
            .formular
            .iter()
            .all(|change| change.is_compatible)
    };
    assert!(update([
        ("version = \"1\"", "version = \"2\""),
        ("Belege liegen vor", "Liegen Belege vor?")
    ]));
    assert_eq!(server.upload(&cookie, &old).status, 303);

    let changed = filled(&server.own_form(&cookie), 1, "9000.02");
    let label = ("label = \"Deutsch, Lesen, Schreiben\"", "label = \"Deutsch\"");
    assert!(!update([("version = \"2\"", "version = \"3\""), label]));
    let answer = server.upload(&cookie, &changed);
    assert_eq!((answer.status, answer.data("code")), (422, vec!["S4".to_owned()]));
    let id: String = server.query("SELECT id FROM wartend");
    let korrektur = server.get(&format!("/meldung/korrektur/{id}.xlsx"), &cookie);
    let corrected = fill(&korrektur.bytes, "Schulen", &[("O5", Typed::Text("B1"))]);
    assert_eq!(server.upload(&cookie, &corrected).status, 303);
}
