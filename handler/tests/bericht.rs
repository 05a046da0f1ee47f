//! The merged report: from real uploads to workbook, CSV and page.

#[path = "support/amt.rs"]
mod amt;
mod support;

use amt::Amt;
use std::collections::BTreeMap;
use std::path::Path;

const DUISBURG: &str = support::DUISBURG;
const NEUSS: &str = "10110";
const QUINOA: &str = "10039";

fn write<'a>(amt: &Amt, out: &'a str, more: &[&str]) -> (&'a str, String) {
    let said = amt.done(&[&["bericht", "write", "--runde", "cb-2026", "--out", out], more].concat());
    (out, said)
}

/// Every file of a folder by its name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(
                self::files(&path)
                    .into_iter()
                    .map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)),
            );
        } else {
            files.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
    files
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
    let kette = said
        .split("Kettenwert dieses Standes: ")
        .nth(1)
        .expect("a chain value")
        .trim()
        .to_owned();
    write(&amt, "gleich", &[]);
    amt.server.advance(365 * 24 * 3600);
    let nummer: String = amt.server.query("SELECT nummer FROM meldung");
    amt.meldung(QUINOA, 1, "900.00");
    amt.meldung(NEUSS, 8, "100.00");
    amt.meddle(&format!(
        "INSERT INTO ruecknahme (meldung, zeit, grund, journal_nr) SELECT '{nummer}', '2027-11-23T10:00:00+01:00', 'vertauscht', max(nr) FROM journal"
    ));
    write(&amt, "heute", &[]);
    let (_, said) = write(&amt, "noch-einmal", &["--stand", &kette]);
    assert!(!said.contains("angepasst"), "{said}");
    let folder = |name: &str| files(&amt.path(name));
    assert!(folder("damals") == folder("gleich"), "the same data gave other bytes");
    assert!(
        folder("damals") == folder("noch-einmal"),
        "the earlier day came out differently"
    );
    assert!(folder("damals") != folder("heute"));
}

#[test]
fn an_earlier_day_of_a_runde_that_was_adjusted_since_says_so() {
    let amt = Amt::new();
    amt.meldung(QUINOA, 1, "500.00");
    let kette: String = amt.server.query("SELECT kette FROM journal ORDER BY nr DESC LIMIT 1");
    amt.meddle(
        "INSERT INTO journal SELECT max(nr) + 1, '2026-12-01T10:00:00+01:00', 'zuweisung', 'x', 'y' FROM journal;
         INSERT INTO journal_record SELECT max(nr), '{\"runde\":\"cb-2026\"}' FROM journal;",
    );
    let (_, said) = write(&amt, "damals", &["--stand", &kette]);
    assert!(
        said.contains("Seit diesem Stand ist die Runde angepasst worden"),
        "{said}"
    );
    let (_, said) = write(&amt, "heute", &[]);
    assert!(!said.contains("angepasst"), "{said}");
}

#[test]
fn a_withdrawn_meldung_counts_nowhere_and_is_listed() {
    let amt = Amt::new();
    amt.meldung(QUINOA, 1, "500.00");
    amt.meldung(NEUSS, 8, "100.00");
    amt.meddle(
        "INSERT INTO ruecknahme (meldung, zeit, grund, journal_nr) SELECT nummer, '2026-11-23T10:00:00+01:00', 'vertauscht', journal_nr FROM meldung WHERE traeger = '10039'",
    );
    let (out, said) = write(&amt, "bericht", &[]);
    assert!(
        said.contains("1 von 143") && said.contains("Verausgabtes Chancenbudget: 800,00 €"),
        "{said}"
    );
    let files = files(&amt.path(out));
    assert!(text(&files, "zurueckgezogen.csv").contains("vertauscht"));
    assert!(text(&files, "vollstaendigkeit.csv").contains("fehlt (zurückgezogen)"));
    assert!(text(&files, "bericht.html").contains("(10039), zurückgezogen"));
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
