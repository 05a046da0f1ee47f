//! `bericht.html`: what the template of the theme is given.

use super::tabelle::Tabelle;
use super::{Bericht, Stoff, vollstaendigkeit};
use crate::pages::zeitraum;
use form::day_text;
use serde::Serialize;

/// How the sums were made, as every format says it.
pub const GERECHNET: &str = "Jede Summe ist aus den Zeilen gerechnet, mit der Datenbank verglichen und mit den Eingangsbestätigungen abgeglichen; alle stimmen überein.";

#[derive(Debug, Serialize)]
pub struct BerichtView {
    pub title: String,
    pub hinweis: String,
    pub beispiel: bool,
    pub runde: String,
    pub zeitraum: String,
    pub frist: String,
    pub formular: String,
    pub zahlen: Zahlen,
    pub summen: Vec<Betrag>,
    pub gerechnet: &'static str,
    pub stand: String,
    pub nr: i64,
    pub kette: String,
    pub aufbau: String,
    /// Sums by something, each with its chart.
    pub gliederungen: Vec<TabelleView>,
    pub fehlende: Vec<TraegerView>,
    pub verspaetete: Vec<TraegerView>,
    /// What is amiss although a Meldung is there.
    pub maengel: Vec<String>,
    pub zurueckgenommen: TabelleView,
    pub dateien: Vec<Datei>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Zahlen {
    pub erwartet: usize,
    pub eingegangen: usize,
    pub verspaetet: usize,
    pub fehlend: usize,
    pub zurueckgenommen: usize,
    pub schulen: usize,
    pub schulen_gemeldet: usize,
}

#[derive(Debug, Serialize)]
pub struct Betrag {
    pub label: String,
    pub wert: String,
}

#[derive(Debug, Serialize)]
pub struct TabelleView {
    pub id: String,
    pub title: String,
    /// The file of its chart, or empty.
    pub diagramm: String,
    pub spalten: Vec<SpalteView>,
    pub zeilen: Vec<Vec<String>>,
    pub summe: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct SpalteView {
    pub title: String,
    pub zahl: bool,
}

#[derive(Debug, Serialize)]
pub struct TraegerView {
    pub nummer: String,
    pub name: String,
    pub text: String,
}

#[derive(Debug, Serialize)]
pub struct Datei {
    pub name: String,
    pub title: String,
}

impl Zahlen {
    pub fn of(stoff: &Stoff) -> Zahlen {
        let count = |stand: &str| {
            let erwartet = stoff.erwartet.iter();
            erwartet.filter(|gemeldet| gemeldet.lage.stand == stand).count()
        };
        Zahlen {
            erwartet: stoff.erwartet.len(),
            eingegangen: stoff.erwartet.len() - count("fehlt"),
            verspaetet: count("verspaetet"),
            fehlend: count("fehlt"),
            zurueckgenommen: stoff.zurueckgenommen.len(),
            schulen: stoff.schulen.len(),
            schulen_gemeldet: vollstaendigkeit::schulen_gemeldet(stoff),
        }
    }
}

impl TabelleView {
    pub fn new(tabelle: &Tabelle, diagramm: String) -> TabelleView {
        let texts = |zeile: &Vec<super::tabelle::Wert>| zeile.iter().map(|wert| wert.text()).collect();
        TabelleView {
            id: tabelle.id.clone(),
            title: tabelle.title.clone(),
            diagramm,
            spalten: tabelle
                .spalten
                .iter()
                .map(|spalte| SpalteView {
                    title: spalte.title.clone(),
                    zahl: spalte.is_number(),
                })
                .collect(),
            zeilen: tabelle.zeilen.iter().map(texts).collect(),
            summe: tabelle.summe.as_ref().map(texts).unwrap_or_default(),
        }
    }
}

impl BerichtView {
    /// `diagramme` are the ids of the tables that have a chart, `dateien` what lies beside the page.
    pub fn new(bericht: &Bericht<'_>, diagramme: &[String], dateien: Vec<Datei>) -> BerichtView {
        let stoff = bericht.stoff;
        let view = |tabelle: &Tabelle| {
            let chart = diagramme.contains(&tabelle.id);
            let file = if chart {
                format!("{}.svg", tabelle.id)
            } else {
                String::new()
            };
            TabelleView::new(tabelle, file)
        };
        // Long lists come last.
        let mut sums: Vec<&Tabelle> = bericht.verwendung.iter().collect();
        sums.extend(bericht.gliederungen.iter().map(|(tabelle, _)| tabelle));
        sums.sort_by_key(|tabelle| tabelle.zeilen.len() > 40);
        let withdrawn = |nummer: &str| stoff.zurueckgenommen.iter().any(|gone| gone.traeger == nummer);
        let listed = stoff.erwartet.iter().filter_map(|gemeldet| {
            let late = match gemeldet.lage.stand {
                "fehlt" => false,
                "verspaetet" => true,
                _ => return None,
            };
            let text = match (&gemeldet.gueltig, gemeldet.lage.durch_andere()) {
                (_, Some(reporters)) => reporters,
                (Some(gueltig), None) => format!("eingegangen am {}", day_text(gueltig.eingegangen.day())),
                (None, None) if withdrawn(&gemeldet.nummer) => "zurückgenommen".to_owned(),
                (None, None) => String::new(),
            };
            let traeger = TraegerView {
                nummer: gemeldet.nummer.clone(),
                name: gemeldet.name.clone(),
                text,
            };
            Some((late, traeger))
        });
        let (late, missing): (Vec<_>, Vec<_>) = listed.partition(|(late, _)| *late);
        let traeger = |listed: Vec<(bool, TraegerView)>| listed.into_iter().map(|(_, traeger)| traeger).collect();
        BerichtView {
            title: bericht.aufbau.title.clone(),
            hinweis: bericht.aufbau.hinweis.clone(),
            beispiel: stoff.runde.beispiel,
            runde: stoff.runde.kennung.clone(),
            zeitraum: zeitraum(&stoff.runde),
            frist: day_text(stoff.runde.frist),
            formular: format!("{}, Fassung {}", stoff.form.title, stoff.form.version),
            zahlen: Zahlen::of(stoff),
            summen: bericht
                .summen
                .iter()
                .map(|(label, cent)| Betrag {
                    label: label.clone(),
                    wert: cent.to_string(),
                })
                .collect(),
            gerechnet: GERECHNET,
            stand: stoff.stand.zeit.text(),
            nr: stoff.stand.nr,
            kette: stoff.stand.kette.clone(),
            aufbau: bericht.aufbau_sha256.to_owned(),
            gliederungen: sums.into_iter().map(view).collect(),
            fehlende: traeger(missing),
            verspaetete: traeger(late),
            maengel: vollstaendigkeit::maengel(stoff),
            zurueckgenommen: view(&bericht.zurueckgenommen),
            dateien,
        }
    }
}
