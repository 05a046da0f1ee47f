//! The documents that the office writes with the handler: rendered once with sample data, so that no template fails it later.

use serde_json::{Value, json};
use tera::{Context, Tera};

use crate::problem::Problem;
use crate::theme::{Sources, Theme};

/// They are opened from a folder, so they bring their style along and load nothing from the site.
const REQUIRED: [&str; 3] = ["bericht.html", "auskunft.html", "pruefakte.html"];

/// Renders every document, and reports what fails or is missing.
pub fn check(theme: &Theme) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut sources = Sources::default();
    // What extends the shell is an answer, and checked as one.
    let documents = theme
        .answers
        .iter()
        .filter(|answer| !answer.text.contains("\"shell.html\""));
    for document in documents {
        sources.add(&document.name, document.shown.clone(), document.text.clone());
    }
    let mut tera = Tera::new();
    if let Err(error) = tera.add_raw_templates(sources.texts()) {
        return sources.problems(&error, &theme.shown, None);
    }
    for required in REQUIRED {
        if !tera.contains_template(required) {
            problems.push(Problem::in_file(
                "E-VORLAGE-FEHLT",
                format!("{}/handler/{required}", theme.shown),
                "Dieses Dokument schreibt das Amt mit dem Berichtstool.",
                "Legen Sie die Vorlage an.",
            ));
        }
    }
    for (name, sample) in samples() {
        if !tera.contains_template(name) {
            continue;
        }
        let rendered = Context::from_serialize(&sample).and_then(|context| tera.render(name, &context));
        match rendered {
            Ok(document) if document.contains("<script") => problems.push(Problem::in_file(
                "E-VORLAGE",
                sources.source(name).file,
                "Ein Dokument führt kein Skript aus.",
                "Entfernen Sie das Skript.",
            )),
            Ok(_) => {}
            Err(error) => problems.extend(sources.problems(&error, &theme.shown, Some("Beispieldaten"))),
        }
    }
    problems
}

/// Each document full and empty.
fn samples() -> Vec<(&'static str, Value)> {
    vec![
        ("bericht.html", bericht(true)),
        ("bericht.html", bericht(false)),
        ("auskunft.html", auskunft(true)),
        ("auskunft.html", auskunft(false)),
        ("pruefakte.html", pruefakte(true)),
        ("pruefakte.html", pruefakte(false)),
    ]
}

fn list(full: bool, entry: Value) -> Value {
    if full { json!([entry]) } else { json!([]) }
}

fn bericht(full: bool) -> Value {
    let tabelle = |diagramm: &str| {
        json!({
            "id": "nach-schulform", "title": "Nach Schulformen", "diagramm": diagramm,
            "spalten": [{"title": "Gruppe", "zahl": false}, {"title": "Betrag", "zahl": true}],
            "zeilen": [["02 – Grundschule", "12.345,67 €"]], "summe": ["Summe", "12.345,67 €"]
        })
    };
    let traeger = json!({"nummer": "12345", "name": "Stadt Musterstadt", "text": "eingegangen am 3. April 2027"});
    let mut zurueckgenommen = tabelle("");
    if !full {
        zurueckgenommen["zeilen"] = json!([]);
        zurueckgenommen["summe"] = json!([]);
    }
    json!({
        "title": "Bericht", "hinweis": if full { "Der Aufbau ist angenommen." } else { "" }, "beispiel": full, "runde": "cb-2026",
        "zeitraum": "1. Januar 2026 bis 31. Dezember 2026", "frist": "31. März 2027", "formular": "Chancenbudget, Fassung 1",
        "zahlen": {"erwartet": 3, "eingegangen": 2, "verspaetet": 1, "fehlend": u8::from(full), "zurueckgenommen": u8::from(full),
            "schulen": 4, "schulen_gemeldet": 3},
        "maengel": list(full, json!("CB-2026-AB12 von Träger 12345 Stadt Musterstadt hat keine Zeile für 123456.")),
        "summen": [{"label": "Verausgabt", "wert": "12.345,67 €"}], "gerechnet": "Alle Summen gehen auf.",
        "stand": "3. April 2027, 10:15 Uhr", "nr": 17, "kette": "1".repeat(64), "aufbau": "2".repeat(64), "gliederungen": [tabelle("nach-schulform.svg"), tabelle("")],
        "fehlende": list(full, traeger.clone()), "verspaetete": list(full, traeger), "zurueckgenommen": zurueckgenommen,
        "dateien": [{"name": "bericht.xlsx", "title": "Alles"}, {"name": "schulen.csv", "title": "Schulen"}]
    })
}

fn auskunft(full: bool) -> Value {
    json!({
        "email": "a@beispiel.nrw", "datum": "4. Mai 2027", "website": "https://www.example.nrw", "nichts": !full,
        "traeger": list(full, json!({"nummer": "12345", "name": "Stadt Musterstadt", "gesperrt": true, "sitzungen": 2})),
        "anmeldungen": u8::from(full), "mails": u8::from(full), "texte": list(full, json!({"tabelle": "t", "anzahl": 1})),
        "protokolle": list(full, json!({"name": "zugriffe-2027-05-01.jsonl", "zeilen": 1})),
        "klassen": [{"was": "Adressen", "wo": "Berichtstool", "beginn": "Benennung", "frist": "zum Ende", "rechtsgrundlage": "Art. 6"}],
        "sicherungen": if full { "30 Tage" } else { "" }
    })
}

fn pruefakte(full: bool) -> Value {
    let meldung = json!({
        "nummer": "CB-2026-AB12", "eingegangen": "3. April 2027, 10:15 Uhr", "verspaetet": true, "gilt": false, "einreichung": "Rathaus ohne Netz",
        "ruecknahme": {"zeit": "5. April 2027", "grund": "vertauscht"}, "unterschrift": "6. April 2027", "schulen": 3,
        "summen": [{"label": "Verausgabt", "wert": "12.345,67 €"}], "bestaetigt": [{"code": "W3", "stelle": "Zelle H14", "grund": "geprüft"}],
        "hinweise": [{"code": "W1", "stelle": "Zelle H14", "text": "Nichts verausgabt."}], "aenderung": "1 Schule geändert",
        "upload_sha256": "1".repeat(64), "mappe_sha256": "2".repeat(64), "kette": "3".repeat(64)
    });
    let mut valid = meldung.clone();
    for (key, value) in [
        ("gilt", json!(true)),
        ("ruecknahme", Value::Null),
        ("bestaetigt", json!([])),
        ("hinweise", json!([])),
    ] {
        valid[key] = value;
    }
    for key in ["einreichung", "unterschrift", "aenderung"] {
        valid[key] = json!("");
    }
    let runde = json!({
        "kennung": "cb-2026", "title": "Chancenbudget", "fassung": "1", "zeitraum": "2026", "frist": "31. März 2027",
        "verlaengert": {"bis": "1. Mai 2027", "grund": "Krankheit"}, "schulen": 3, "definition_sha256": "4".repeat(64),
        "blaetter": [{"id": "schulen", "title": "Schulen"}], "meldungen": [meldung, valid]
    });
    let mut empty = runde.clone();
    empty["meldungen"] = json!([]);
    empty["verlaengert"] = Value::Null;
    json!({
        "nummer": "12345", "name": "Stadt Musterstadt", "runden": if full { json!([runde, empty]) } else { json!([]) },
        "eintraege": list(full, json!({"nr": 3, "zeit": "3. April 2027", "art": "meldung", "grund": ""})),
        "nr": 17, "stand": "3. April 2027, 10:15 Uhr", "kette": "5".repeat(64)
    })
}
