//! The merged report: from real uploads to workbook, CSV and page.

#[path = "support/amt.rs"]
mod amt;
mod support;

use amt::Amt;
use std::collections::BTreeMap;
use support::files::files;
use support::office::IMPORT;

const DUISBURG: &str = support::DUISBURG;
const NEUSS: &str = "10110";
const QUINOA: &str = "10039";
/// A school of Neuss.
const MOVED: &str = "104115";

fn write<'a>(amt: &Amt, out: &'a str, more: &[&str]) -> (&'a str, String) {
    let said = amt.done(&[&["bericht", "write", "--runde", "cb-2026", "--out", out], more].concat());
    (out, said)
}

/// The chain value that a report names.
fn kette(said: &str) -> String {
    let kette = said.split("Kettenwert dieses Standes: ").nth(1);
    kette.expect("a chain value").trim().to_owned()
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(
        files
            .get(name)
            .unwrap_or_else(|| panic!("{name} in {:?}", files.keys()))
            .clone(),
    )
    .expect("UTF-8")
}

/// The number in the last column but so many of a line of sums, as Excel in German reads it.
fn last_line(csv: &str) -> Vec<String> {
    csv.lines()
        .last()
        .expect("a line")
        .split(';')
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_report_merges_what_counts_and_its_sums_tie_everywhere() {
    let amt = Amt::new();
    amt.meldung(DUISBURG, 48, "1000.10");
    amt.meldung(QUINOA, 1, "500.00");
    amt.meldung(QUINOA, 1, "700.05");
    amt.server.advance(70 * 24 * 3600);
    amt.meldung(NEUSS, 8, "2000.00");
    let (out, said) = write(&amt, "bericht", &[]);
    let spent = "64.704,85"; // 48 x 1000,10 + 700,05 + 8 x 2000,00
    assert!(
        said.contains("3 von 143 Trägern haben gemeldet, 1 davon verspätet, 140 fehlen"),
        "{said}"
    );
    assert!(
        said.contains(&format!("Verausgabtes Chancenbudget: {spent} €")),
        "{said}"
    );
    let files = files(&amt.path(out));
    let html = text(&files, "bericht.html");
    assert!(
        html.contains(spent) && html.contains("Stadt Neuss (10110), eingegangen am "),
        "{html}"
    );
    assert!(
        html.contains("„maschinenlesbar“") && html.contains("Öffnen Sie diese Dateien nicht in Excel"),
        "{html}"
    );
    for name in [
        "schulen",
        "nach-traeger",
        "nach-bezirksregierung",
        "nach-schulform",
        "nach-schwerpunkt",
    ] {
        let csv = text(&files, &format!("{name}.csv"));
        assert!(csv.starts_with('\u{feff}'), "{name}");
        assert!(last_line(&csv).contains(&"64704,85".to_owned()), "{name}: {csv}");
        let plain = text(&files, &format!("maschinenlesbar/{name}.csv"));
        let mut rows = plain.lines();
        let column = rows
            .next()
            .expect("a head")
            .split(',')
            .position(|id| id == "verausgabt_cent")
            .expect("a column");
        let mut reader = csv::Reader::from_reader(plain.as_bytes());
        let sum: i64 = reader
            .records()
            .map(|row| row.expect("a row")[column].parse::<i64>().expect("cents"))
            .sum();
        assert_eq!(sum, 6_470_485, "{name}");
    }
    assert_eq!(text(&files, "schulen.csv").lines().count(), 1 + 57 + 1);
    assert!(last_line(&text(&files, "verwendung.csv")).contains(&"64704,85".to_owned()));
    assert!(text(&files, "nach-schulform.svg").contains("<title>Nach Schulformen: Verausgabtes Chancenbudget</title>"));
    let workbook = &files["bericht.xlsx"];
    assert_eq!(&workbook[..2], b"PK");
}

#[test]
fn the_same_data_gives_the_same_bytes_and_an_earlier_day_gives_its_own_again() {
    let amt = Amt::new();
    amt.meldung(QUINOA, 1, "500.00");
    let (_, said) = write(&amt, "damals", &[]);
    let kette = kette(&said);
    write(&amt, "gleich", &[]);
    amt.server.advance(365 * 24 * 3600);
    amt.meldung(QUINOA, 1, "900.00");
    amt.meldung(NEUSS, 8, "100.00");
    let nummer: String = amt
        .server
        .query("SELECT nummer FROM meldung_gueltig WHERE traeger = '10039'");
    amt.done(&["meldung", "zuruecknehmen", &nummer, "--grund", "vertauscht", "--ja"]);
    write(&amt, "heute", &[]);
    write(&amt, "noch-einmal", &["--stand", &kette]);
    let folder = |name: &str| files(&amt.path(name));
    assert!(folder("damals") == folder("gleich"), "the same data gave other bytes");
    assert!(
        folder("damals") == folder("noch-einmal"),
        "the earlier day came out differently"
    );
    assert!(folder("damals") != folder("heute"));
}

#[test]
fn an_earlier_day_expects_what_the_runde_expected_then() {
    let amt = Amt::new();
    amt.meldung(QUINOA, 1, "500.00");
    let (_, said) = write(&amt, "damals", &[]);
    let kette = kette(&said);
    // Quinoa's school goes over to Neuss, under another name, and gets a form of another version and more money.
    let list = |name: &str, text: &str, old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        std::fs::write(amt.path(name), text.replacen(old, new, 1)).expect("a list");
    };
    let (traeger, schulen) = (include_str!("../demo/traeger.csv"), include_str!("../demo/schulen.csv"));
    list("traeger.csv", traeger, "10110;Stadt Neuss;", "10110;Neuss am Rhein;");
    list(
        "schulen.csv",
        schulen,
        "10039;100162;Herne, SK Quinoa;",
        "10110;100162;Herne, Neue Schule;",
    );
    amt.done(&IMPORT);
    let form = amt
        .server
        .folder
        .path()
        .join("site/handler/formulare/chancenbudget.toml");
    let definition = std::fs::read_to_string(&form).expect("the form");
    let second = definition.replacen("version = \"1\"", "version = \"2\"", 1);
    std::fs::write(&form, second).expect("another version");
    amt.done(&["runde", "update", "cb-2026", "--ja"]);
    std::fs::write(
        amt.path("mehr.csv"),
        "Schulnummer;Zugewiesen;Uebertrag\n100162;50000,00;0,00\n",
    )
    .expect("a list");
    amt.done(&["runde", "zuweisung", "cb-2026", "mehr.csv", "--grund", "Bescheid"]);
    let refused = amt.run(&["bericht", "write", "--runde", "cb-2026", "--out", "doppelt"]);
    assert!(
        amt::both(&refused).contains("(Träger 10039)"),
        "{}",
        amt::both(&refused)
    );
    write(&amt, "noch-einmal", &["--stand", &kette]);
    assert!(
        files(&amt.path("damals")) == files(&amt.path("noch-einmal")),
        "the earlier day came out differently"
    );
}

/// A school of Neuss goes over to Quinoa after both have reported. Gives the two Vorgangsnummern.
fn a_school_moves(amt: &Amt) -> [String; 2] {
    let papers = [amt.meldung(NEUSS, 8, "1000.00"), amt.meldung(QUINOA, 1, "500.00")];
    let schulen = include_str!("../demo/schulen.csv");
    let moved = schulen.replacen(&format!("10110;{MOVED};"), &format!("10039;{MOVED};"), 1);
    assert!(moved != schulen, "Neuss has another school");
    std::fs::write(amt.path("schulen.csv"), moved).expect("a list");
    std::fs::write(amt.path("traeger.csv"), include_str!("../demo/traeger.csv")).expect("a list");
    amt.done(&IMPORT);
    amt.done(&["runde", "update", "cb-2026", "--ja"]);
    papers.map(|paper| paper.data("vorgangsnummer").remove(0))
}

#[test]
fn a_school_that_only_its_new_traeger_reports_anew_is_not_counted_twice() {
    let amt = Amt::new();
    let [neuss, quinoa] = a_school_moves(&amt);
    let (out, said) = write(&amt, "vorher", &[]);
    assert!(
        said.contains("Schulen in den Meldungen: 9 von ")
            && said.contains(&format!("{quinoa} von Träger 10039"))
            && said.contains(&format!("hat keine Zeile für {MOVED}"))
            && said.contains(&format!(
                "{neuss} von Träger 10110 Stadt Neuss beruht auf überholten Angaben."
            )),
        "it is named before anybody reports anew: {said}"
    );
    let files = files(&amt.path(out));
    assert!(text(&files, "bericht.html").contains(&format!("hat keine Zeile für {MOVED}")));
    assert!(text(&files, "vollstaendigkeit.csv").contains(&format!("ohne Zeile: {MOVED}")));
    let anew = amt.meldung(QUINOA, 2, "700.00").data("vorgangsnummer").remove(0);
    let output = amt.run(&["bericht", "write", "--runde", "cb-2026", "--out", "doppelt"]);
    let said = amt::both(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        [
            MOVED,
            &neuss,
            &anew,
            "für sie meldet 10039",
            "handler meldung zuruecknehmen"
        ]
        .iter()
        .all(|part| said.contains(part)),
        "{said}"
    );
    amt.meldung(NEUSS, 7, "1000.00");
    let (_, said) = write(&amt, "bericht", &[]);
    assert!(
        said.contains("Verausgabtes Chancenbudget: 8.400,00 €") && !said.contains("überholt"),
        "{said}"
    );
}

#[test]
fn a_school_that_only_its_old_traeger_leaves_out_is_named_as_missing() {
    let amt = Amt::new();
    let [_, quinoa] = a_school_moves(&amt);
    amt.meldung(NEUSS, 7, "1000.00");
    let (_, said) = write(&amt, "bericht", &[]);
    assert!(
        said.contains("Schulen in den Meldungen: 8 von ")
            && said.contains(&format!("{quinoa} von Träger 10039"))
            && said.contains(&format!("hat keine Zeile für {MOVED}")),
        "{said}"
    );
    let list = amt.done(&["meldung", "list", "--runde", "cb-2026"]);
    assert!(
        list.contains(&format!("{quinoa} von Träger 10039 hat keine Zeile für {MOVED}."))
            && list.contains("eingegangen, neu zu melden")
            && list.contains(&format!("{quinoa} von Träger 10039 beruht auf überholten Angaben.")),
        "{list}"
    );
    let reminder = amt.done(&["meldung", "list", "--runde", "cb-2026", "--adressen"]);
    assert!(reminder.contains("schultraeger-10039@example.org"), "{reminder}");
}

#[test]
fn whoever_others_report_for_counts_in_the_list_and_in_the_report_alike() {
    let amt = Amt::new();
    amt.meldung(NEUSS, 8, "1000.00");
    let list = "Schulnummer;Zugewiesen;Uebertrag;Meldet\n100162;40300,00;0,00;10110\n";
    std::fs::write(amt.path("meldet.csv"), list).expect("a list");
    amt.done(&["runde", "zuweisung", "cb-2026", "meldet.csv", "--grund", "Vereinbarung"]);
    for (out, received, missing, quinoa) in [
        ("vorher", 1, 142, "fehlt, meldet 10110"),
        ("nachher", 2, 141, "eingegangen, meldet 10110"),
    ] {
        let said = amt.done(&["meldung", "list", "--runde", "cb-2026"]);
        let counts = format!("Erwartet: 143. Eingegangen: {received}, davon verspätet: 0. Es fehlen: {missing}.");
        assert!(said.contains(&counts) && said.contains(quinoa), "{said}");
        let (out, said) = write(&amt, out, &[]);
        let counts = format!("{received} von 143 Trägern haben gemeldet, 0 davon verspätet, {missing} fehlen");
        assert!(said.contains(&counts), "{said}");
        assert!(text(&files(&amt.path(out)), "vollstaendigkeit.csv").contains(quinoa));
        if missing == 142 {
            amt.meldung(NEUSS, 9, "1000.00");
        }
    }
}

#[test]
fn whoever_has_reported_and_waits_for_another_is_missing_and_it_is_said_why() {
    let amt = Amt::new();
    amt.meldung(NEUSS, 8, "1000.00");
    let list = format!("Schulnummer;Zugewiesen;Uebertrag;Meldet\n{MOVED};10000,00;0,00;10039\n");
    std::fs::write(amt.path("meldet.csv"), list).expect("a list");
    amt.done(&["runde", "zuweisung", "cb-2026", "meldet.csv", "--grund", "Vereinbarung"]);
    let why = "für einen Teil meldet 10039";
    let said = amt.done(&["meldung", "list", "--runde", "cb-2026"]);
    assert!(said.contains(&format!("fehlt, {why}")), "{said}");
    let (out, _) = write(&amt, "bericht", &[]);
    let page = text(&files(&amt.path(out)), "bericht.html");
    assert!(page.contains(&format!("Stadt Neuss (10110), {why}")), "{page}");
}

#[test]
fn late_is_who_came_after_the_day_that_held_on_the_day_of_the_report() {
    let amt = Amt::new();
    amt.server.advance(70 * 24 * 3600);
    amt.meldung(NEUSS, 8, "2000.00");
    let mut ketten = Vec::new();
    let frist = ["runde", "frist", "cb-2026", "--traeger", NEUSS, "--grund", "Hochwasser"];
    for (out, change, late) in [
        ("ohne", None, 1),
        ("mit", Some(&["--bis", "2027-03-31"][..]), 0),
        ("wieder-ohne", Some(&["--wie-alle"][..]), 1),
    ] {
        if let Some(change) = change {
            amt.done(&[&frist[..], change].concat());
        }
        let (_, said) = write(&amt, out, &[]);
        assert!(said.contains(&format!("{late} davon verspätet")), "{out}: {said}");
        ketten.push((out, kette(&said)));
    }
    assert!(
        amt.no(&[&frist[..], &["--wie-alle"]].concat())
            .contains("nicht verlängert")
    );
    for (out, kette) in ketten {
        let again = format!("{out}-noch-einmal");
        write(&amt, &again, &["--stand", &kette]);
        assert!(files(&amt.path(out)) == files(&amt.path(&again)), "{out}");
    }
}

#[test]
fn a_withdrawn_meldung_counts_nowhere_and_is_listed() {
    let amt = Amt::new();
    amt.meldung(QUINOA, 1, "500.00");
    amt.meldung(NEUSS, 8, "100.00");
    let nummer: String = amt.server.query("SELECT nummer FROM meldung WHERE traeger = '10039'");
    amt.done(&["meldung", "zuruecknehmen", &nummer, "--grund", "vertauscht", "--ja"]);
    let (out, said) = write(&amt, "bericht", &[]);
    assert!(
        said.contains("1 von 143") && said.contains("Verausgabtes Chancenbudget: 800,00 €"),
        "{said}"
    );
    let files = files(&amt.path(out));
    assert!(text(&files, "zurueckgenommen.csv").contains("vertauscht"));
    assert!(text(&files, "vollstaendigkeit.csv").contains("fehlt (zurückgenommen)"));
    assert!(text(&files, "bericht.html").contains("(10039), zurückgenommen"));
}

#[test]
fn a_total_that_does_not_tie_stops_the_report() {
    for sql in [
        "UPDATE chancenbudget_deckblatt SET summe_verausgabt_cent = summe_verausgabt_cent + 1",
        "UPDATE chancenbudget_schulen SET davon_personal_cent = davon_personal_cent + 1",
    ] {
        let amt = Amt::new();
        amt.meldung(QUINOA, 1, "500.00");
        amt.meddle(sql);
        let output = amt.run(&["bericht", "write", "--runde", "cb-2026", "--out", "bericht"]);
        assert_eq!(output.status.code(), Some(2), "{sql}");
        assert!(
            amt::both(&output).contains("Der Bericht wird nicht geschrieben"),
            "{sql}: {}",
            amt::both(&output)
        );
        assert!(!amt.path("bericht").exists(), "{sql}");
    }
}

#[test]
fn a_chain_value_that_is_none_and_a_folder_in_use_are_refused() {
    let amt = Amt::new();
    amt.meldung(QUINOA, 1, "500.00");
    let zero = "0".repeat(64);
    assert!(
        amt.no(&["bericht", "write", "--runde", "cb-2026", "--out", "x", "--stand", &zero])
            .contains("gibt es im Journal nicht")
    );
    write(&amt, "bericht", &[]);
    let again = amt.run(&["bericht", "write", "--runde", "cb-2026", "--out", "bericht"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(amt::both(&again).contains("ist nicht leer"));
}

#[test]
fn a_day_before_the_runde_has_no_report() {
    let amt = Amt::new();
    let before: String = amt.server.query("SELECT kette FROM journal WHERE nr = 1");
    let said = amt.no(&[
        "bericht", "write", "--runde", "cb-2026", "--out", "x", "--stand", &before,
    ]);
    assert!(
        said.contains("Die Berichtsrunde cb-2026 gab es damals noch nicht"),
        "{said}"
    );
    assert!(!amt.path("x").exists());
}

#[test]
fn a_report_names_the_layout_that_gives_it_again() {
    let amt = Amt::new();
    amt.meldung(QUINOA, 1, "500.00");
    let layout = amt
        .server
        .folder
        .path()
        .join("site/handler/formulare/chancenbudget.bericht.toml");
    let source = std::fs::read_to_string(&layout).expect("the layout");
    let (_, said) = write(&amt, "damals", &[]);
    let kette = kette(&said);
    let digest = |said: &str| {
        let line = said
            .lines()
            .find_map(|line| line.strip_prefix("Prüfwert des Aufbaus (bericht.toml): "));
        line.expect("a digest").to_owned()
    };
    std::fs::write(&layout, format!("{source}\n# Anders.\n")).expect("another layout");
    let (_, other) = write(&amt, "anders", &["--stand", &kette]);
    assert!(digest(&other) != digest(&said));
    std::fs::write(&layout, source).expect("the layout");
    let (_, again) = write(&amt, "wieder", &["--stand", &kette]);
    assert_eq!(digest(&again), digest(&said));
    let folder = |name: &str| files(&amt.path(name));
    assert!(folder("damals") == folder("wieder") && folder("damals") != folder("anders"));
    let page = text(&folder("damals"), "bericht.html");
    assert!(
        page.contains(&digest(&said)) && page.contains("wenn der Aufbau (bericht.toml) dann denselben Prüfwert hat"),
        "{page}"
    );
}

#[test]
fn a_report_that_fails_leaves_no_folder_in_the_way_of_the_next() {
    let amt = Amt::new();
    amt.meldung(QUINOA, 1, "500.00");
    let template = amt.server.folder.path().join("site/handler/bericht.html");
    let right = std::fs::read_to_string(&template).expect("the template");
    std::fs::write(&template, "{{ titel.fehlt }}").expect("a wrong template");
    let failed = amt.run(&["bericht", "write", "--runde", "cb-2026", "--out", "bericht"]);
    assert_eq!(failed.status.code(), Some(2), "{}", amt::both(&failed));
    let left = std::fs::read_dir(&amt.folder).expect("the folder").flatten();
    let left: Vec<_> = left
        .map(|entry| entry.file_name())
        .filter(|name| name != "handler.toml")
        .collect();
    assert!(left.is_empty(), "{left:?}");
    std::fs::write(&template, right).expect("the template");
    write(&amt, "bericht", &[]);
}
