//! Who has reported and which schools are in it: nothing counts twice, and what is missing has a name.

use super::tabelle::{Art, Spalte, Tabelle, Wert};
use super::{Gemeldet, Gueltig, Stoff};
use crate::clock::Moment;
use anyhow::{Result, ensure};
use std::collections::BTreeMap;

/// Fails where a school is in two Meldungen: it has moved, and only its new Träger has reported anew.
pub(super) fn check_doppelte(stoff: &Stoff) -> Result<()> {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for gemeldet in &stoff.erwartet {
        if let Some(gueltig) = &gemeldet.gueltig {
            for schule in &gueltig.schulen {
                let place = format!("{} (Träger {})", gueltig.nummer, gemeldet.nummer);
                places.entry(schule).or_default().push(place);
            }
        }
    }
    places.retain(|_, places| places.len() > 1);
    let doppelte = places.iter().map(|(nummer, places)| {
        let meldet = stoff.schulen.get(*nummer).map_or("", |schule| schule.meldet.as_str());
        let (schule, places) = (in_words(stoff, nummer), places.join(" und "));
        format!("{schule} in {places}, für sie meldet {meldet}")
    });
    ensure!(
        places.is_empty(),
        "Diese Schulen stehen in zwei Meldungen und würden doppelt gezählt: {}. Lassen Sie den Träger, der für die Schule nicht mehr meldet, neu melden, oder nehmen Sie seine Meldung zurück: handler meldung zuruecknehmen NUMMER --grund \"…\". Der Bericht wird nicht geschrieben",
        doppelte.collect::<Vec<_>>().join("; ")
    );
    Ok(())
}

/// `100002 A Zwei`.
fn in_words(stoff: &Stoff, schule: &str) -> String {
    let name = stoff.schulen.get(schule).map_or("", |schule| schule.name.as_str());
    format!("{schule} {name}")
}

/// How many schools the Meldungen have a line for.
pub(super) fn schulen_gemeldet(stoff: &Stoff) -> usize {
    let gueltige = stoff.erwartet.iter().filter_map(|gemeldet| gemeldet.gueltig.as_ref());
    gueltige.map(|gueltig| gueltig.schulen.len()).sum()
}

/// What is amiss although a Meldung is there, a sentence each.
pub fn maengel(stoff: &Stoff) -> Vec<String> {
    let of_traeger = stoff.erwartet.iter().flat_map(|gemeldet| {
        let nummer = gemeldet.gueltig.as_ref().map_or("", |gueltig| gueltig.nummer.as_str());
        let who = format!("{nummer} von Träger {} {}", gemeldet.nummer, gemeldet.name);
        let ohne = gemeldet.lage.ohne_zeile.iter().map(|schule| in_words(stoff, schule));
        let ohne: Vec<String> = ohne.collect();
        let ohne = (!ohne.is_empty()).then(|| {
            format!(
                "{who} hat keine Zeile für {}. Der Träger muss neu melden.",
                ohne.join(", ")
            )
        });
        let alt = stoff.alte_angaben.contains(nummer);
        let alt = alt.then(|| format!("{who} beruht auf überholten Angaben."));
        ohne.into_iter().chain(alt)
    });
    of_traeger.collect()
}

/// How a Träger stands, in words.
fn stand(stoff: &Stoff, gemeldet: &Gemeldet) -> String {
    let withdrawn = || stoff.zurueckgenommen.iter().any(|gone| gone.traeger == gemeldet.nummer);
    let stand = match gemeldet.lage.stand {
        "verspaetet" => "verspätet eingegangen",
        "fehlt" if gemeldet.gueltig.is_none() && withdrawn() => "fehlt (zurückgenommen)",
        other => other,
    };
    match gemeldet.lage.durch_andere() {
        None => stand.to_owned(),
        Some(reporters) => format!("{stand}, {reporters}"),
    }
}

/// Every Träger of whom something is expected. A school is counted where its Meldung is expected, and where it came.
pub(super) fn tabelle(stoff: &Stoff) -> Tabelle {
    let zeilen = stoff.erwartet.iter().map(|gemeldet| {
        let of_gueltig = |wert: &dyn Fn(&Gueltig) -> Wert| gemeldet.gueltig.as_ref().map_or(Wert::Leer, wert);
        let alt = |gueltig: &Gueltig| stoff.alte_angaben.contains(&gueltig.nummer);
        let mut hinweise = Vec::new();
        if !gemeldet.lage.ohne_zeile.is_empty() {
            hinweise.push(format!("ohne Zeile: {}", gemeldet.lage.ohne_zeile.join(", ")));
        }
        if gemeldet.gueltig.as_ref().is_some_and(alt) {
            hinweise.push("beruht auf überholten Angaben".to_owned());
        }
        vec![
            Wert::Text(gemeldet.nummer.clone()),
            Wert::Text(gemeldet.name.clone()),
            Wert::Zahl(gemeldet.lage.schulen.into()),
            of_gueltig(&|gueltig| Wert::Zahl(gueltig.schulen.len() as i64)),
            Wert::Text(stand(stoff, gemeldet)),
            of_gueltig(&|gueltig| Wert::Tag(gueltig.eingegangen.day())),
            of_gueltig(&|gueltig| Wert::Text(gueltig.nummer.clone())),
            Wert::Zahl(i64::from(gemeldet.fassungen)),
            Wert::Text(hinweise.join("; ")),
        ]
    });
    Tabelle {
        id: "vollstaendigkeit".to_owned(),
        title: "Vollständigkeit".to_owned(),
        spalten: vec![
            Spalte::new("traegernummer", "Nummer", Art::Text),
            Spalte::new("traeger", "Schulträger", Art::Text),
            Spalte::new("schulen", "Schulen", Art::Zahl),
            Spalte::new("schulen_gemeldet", "Schulen in der Meldung", Art::Zahl),
            Spalte::new("stand", "Stand", Art::Text),
            Spalte::new("eingegangen", "Eingegangen am", Art::Tag),
            Spalte::new("vorgangsnummer", "Vorgangsnummer", Art::Text),
            Spalte::new("fassungen", "Fassungen", Art::Zahl),
            Spalte::new("hinweis", "Hinweis", Art::Text),
        ],
        zeilen: zeilen.collect(),
        summe: None,
    }
}

pub(super) fn zurueckgenommen(stoff: &Stoff) -> Tabelle {
    let zeilen = stoff.zurueckgenommen.iter().map(|gone| {
        vec![
            Wert::Text(gone.nummer.clone()),
            Wert::Text(gone.traeger.clone()),
            Wert::Text(gone.name.clone()),
            Moment::parse(&gone.zeit).map_or(Wert::Leer, |moment| Wert::Tag(moment.day())),
            Wert::Text(gone.grund.clone()),
        ]
    });
    Tabelle {
        id: "zurueckgenommen".to_owned(),
        title: "Zurückgenommene Meldungen".to_owned(),
        spalten: vec![
            Spalte::new("vorgangsnummer", "Vorgangsnummer", Art::Text),
            Spalte::new("traegernummer", "Nummer", Art::Text),
            Spalte::new("traeger", "Schulträger", Art::Text),
            Spalte::new("zurueckgenommen", "Zurückgenommen am", Art::Tag),
            Spalte::new("grund", "Grund", Art::Text),
        ],
        zeilen: zeilen.collect(),
        summe: None,
    }
}
