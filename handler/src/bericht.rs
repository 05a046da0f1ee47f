//! The report: what the Meldungen of a Runde come to. Pure; `store` gives the matter, `command` writes the files.

pub mod csv;
pub mod svg;
pub mod tabelle;
pub mod view;
pub mod vollstaendigkeit;
pub mod xlsx;

use crate::clock::Moment;
use crate::store::{Lage, Runde};
use anyhow::{Context, Result, bail, ensure};
use form::bericht::{Bericht as Aufbau, Gliederung, Nach};
use form::{Cent, Field, FieldKind, Form, Value};
use std::collections::{BTreeMap, BTreeSet};
use tabelle::{Art, Spalte, Tabelle, Wert};

/// An entry of the journal, as of which something is said.
#[derive(Debug, Clone)]
pub struct Journalstand {
    pub nr: i64,
    pub kette: String,
    pub zeit: Moment,
}

/// What a report is made from.
pub struct Stoff {
    pub runde: Runde,
    pub form: Form,
    pub stand: Journalstand,
    /// Every Träger of whom something is expected.
    pub erwartet: Vec<Gemeldet>,
    /// Every school of the Runde, by its number.
    pub schulen: BTreeMap<String, Schule>,
    /// Meldungen that count and do not say what the Runde says.
    pub alte_angaben: BTreeSet<String>,
    /// Meldungen of Träger that are not expected any more, in words.
    pub ausserhalb: Vec<String>,
    pub zurueckgenommen: Vec<Zurueckgenommen>,
    /// Sums by sheet and field, worked out by the database.
    pub gegenrechnung: BTreeMap<(String, String), Cent>,
}

pub struct Schule {
    pub name: String,
    /// The Träger that reports for it.
    pub meldet: String,
}

pub struct Gemeldet {
    pub nummer: String,
    pub name: String,
    pub lage: Lage,
    pub fassungen: u32,
    pub gueltig: Option<Gueltig>,
}

/// A Meldung that counts.
pub struct Gueltig {
    pub nummer: String,
    pub eingegangen: Moment,
    pub verspaetet: bool,
    /// What its Eingangsbestaetigung shows.
    pub summen: Vec<(String, Cent)>,
    /// The schools that it has a line for.
    pub schulen: Vec<String>,
    /// By sheet id, values in the order of the fields.
    pub zeilen: BTreeMap<String, Vec<Vec<Option<Value>>>>,
}

pub struct Zurueckgenommen {
    pub nummer: String,
    pub traeger: String,
    pub name: String,
    pub zeit: String,
    pub grund: String,
}

/// The whole report, ready to be written in any format.
pub struct Bericht<'a> {
    pub stoff: &'a Stoff,
    pub aufbau: &'a Aufbau,
    /// Of the file that the layout was read from: another layout gives another report of the same data.
    pub aufbau_sha256: &'a str,
    /// The sums over everything, in the order of the layout.
    pub summen: Vec<(String, Cent)>,
    pub verwendung: Option<Tabelle>,
    pub gliederungen: Vec<(Tabelle, Option<usize>)>,
    pub tabellen: Vec<Tabelle>,
    pub vollstaendigkeit: Tabelle,
    pub zurueckgenommen: Tabelle,
}

impl<'a> Bericht<'a> {
    /// Merges, and fails where any total does not tie to the rows.
    pub fn new(stoff: &'a Stoff, aufbau: &'a Aufbau, aufbau_sha256: &'a str) -> Result<Bericht<'a>> {
        ensure!(
            stoff.ausserhalb.is_empty(),
            "Diese Meldungen gehören zu Trägern, die in der Runde nicht mehr melden: {}. Nehmen Sie jede vor dem Bericht zurück: handler meldung zuruecknehmen NUMMER --grund \"…\"",
            stoff.ausserhalb.join(", ")
        );
        vollstaendigkeit::check_doppelte(stoff)?;
        check_belege(stoff)?;
        let sheet = stoff
            .form
            .sheet(&aufbau.sheet)
            .context("Die Tabelle der Summen fehlt")?;
        let amounts: Vec<&Field> = aufbau.betraege.iter().filter_map(|id| sheet.field(id)).collect();
        let mut summen = Vec::new();
        for field in &amounts {
            summen.push((field.label.clone(), total(stoff, &aufbau.sheet, &field.id)?));
        }
        let verwendung = aufbau.verwendung.as_ref().map(|verwendung| -> Result<Tabelle> {
            let gesamt = total(stoff, &aufbau.sheet, &verwendung.gesamt)?;
            let mut zeilen = Vec::new();
            let mut sum = Cent(0);
            for field in verwendung.betraege.iter().filter_map(|id| sheet.field(id)) {
                let cent = total(stoff, &aufbau.sheet, &field.id)?;
                sum.0 += cent.0;
                zeilen.push(vec![Wert::Text(without_davon(&field.label)), Wert::Geld(cent), Wert::anteil(cent, gesamt)]);
            }
            ensure!(
                sum == gesamt,
                "Die Arten der Ausgaben ergeben {sum}, verausgabt sind aber {gesamt}. Der Bericht wird nicht geschrieben"
            );
            Ok(Tabelle {
                id: "verwendung".to_owned(),
                title: verwendung.title.clone(),
                spalten: vec![
                    Spalte::new("art", "Art der Ausgabe", Art::Text),
                    Spalte::new("betrag", "Betrag", Art::Geld),
                    Spalte::new("anteil", "Anteil", Art::Anteil),
                ],
                zeilen,
                summe: Some(vec![Wert::Text("Summe".to_owned()), Wert::Geld(gesamt), Wert::anteil(gesamt, gesamt)]),
            })
        });
        let gliederungen = aufbau.gliederungen.iter().map(|gliederung| {
            let chart = gliederung.diagramm.as_ref();
            let column = chart.and_then(|id| aufbau.betraege.iter().position(|amount| amount == id));
            Ok((gegliedert(stoff, aufbau, gliederung, &amounts)?, column))
        });
        Ok(Bericht {
            summen,
            verwendung: verwendung.transpose()?,
            gliederungen: gliederungen.collect::<Result<_>>()?,
            tabellen: aufbau
                .tabellen
                .iter()
                .map(|auszug| auszug_of(stoff, auszug))
                .collect::<Result<_>>()?,
            vollstaendigkeit: vollstaendigkeit::tabelle(stoff),
            zurueckgenommen: vollstaendigkeit::zurueckgenommen(stoff),
            stoff,
            aufbau,
            aufbau_sha256,
        })
    }

    /// Every table, in the order of the workbook's sheets.
    pub fn alle_tabellen(&self) -> impl Iterator<Item = &Tabelle> {
        let sums = self.gliederungen.iter().map(|(tabelle, _)| tabelle);
        let more = [&self.vollstaendigkeit, &self.zurueckgenommen];
        sums.chain(&self.verwendung).chain(&self.tabellen).chain(more)
    }
}

fn without_davon(label: &str) -> String {
    label.strip_prefix("davon ").unwrap_or(label).to_owned()
}

/// An amount over all rows that count, held against what SQLite adds up and what the Eingangsbestaetigungen say.
fn total(stoff: &Stoff, sheet: &str, field: &str) -> Result<Cent> {
    let columns = stoff.form.sheet(sheet).context("Eine Tabelle fehlt")?;
    let column = columns
        .fields
        .iter()
        .position(|known| known.id == field)
        .context("Ein Feld fehlt")?;
    let amount = |row: &Vec<Option<Value>>| match row.get(column) {
        Some(Some(Value::Money(cent))) => cent.0,
        _ => 0,
    };
    let gueltige = stoff.erwartet.iter().filter_map(|gemeldet| gemeldet.gueltig.as_ref());
    let cent = Cent(
        gueltige
            .flat_map(|gueltig| gueltig.zeilen.get(sheet))
            .flatten()
            .map(amount)
            .sum(),
    );
    let again = stoff.gegenrechnung.get(&(sheet.to_owned(), field.to_owned()));
    ensure!(
        again == Some(&cent),
        "Die Summe „{}“ geht nicht auf: {cent} nach Zeilen, {} nach der Datenbank. Der Bericht wird nicht geschrieben",
        columns.fields[column].label,
        again.copied().unwrap_or_default()
    );
    Ok(cent)
}

/// Each Eingangsbestaetigung's totals against the Meldung's own rows.
fn check_belege(stoff: &Stoff) -> Result<()> {
    for gueltig in stoff.erwartet.iter().filter_map(|gemeldet| gemeldet.gueltig.as_ref()) {
        for (label, cent) in &gueltig.summen {
            let once = stoff.form.sheets.iter().filter(|sheet| sheet.is_once());
            let stored = once
                .flat_map(|sheet| sheet.fields.iter().enumerate().map(move |(n, field)| (sheet, n, field)))
                .find(|(_, _, field)| field.label == *label)
                .and_then(|(sheet, n, _)| gueltig.zeilen.get(&sheet.id)?.first()?.get(n)?.clone());
            if stored != Some(Value::Money(*cent)) {
                bail!(
                    "Die Summe „{label}“ der Meldung {} stimmt nicht mit ihrer Eingangsbestätigung überein. Der Bericht wird nicht geschrieben",
                    gueltig.nummer
                );
            }
        }
    }
    Ok(())
}

/// What has the same value somewhere: how it is named, how many rows, and their sums.
struct Gruppe {
    head: Vec<Wert>,
    zeilen: i64,
    cents: Vec<i64>,
}

/// Sums of rows by something; together they must come to the sum over everything.
fn gegliedert(stoff: &Stoff, aufbau: &Aufbau, gliederung: &Gliederung, amounts: &[&Field]) -> Result<Tabelle> {
    let summed = stoff.form.sheet(&aufbau.sheet).context("Eine Tabelle fehlt")?;
    let columns: Vec<usize> = amounts
        .iter()
        .filter_map(|amount| summed.fields.iter().position(|field| field.id == amount.id))
        .collect();
    let mut groups: BTreeMap<(usize, String), Gruppe> = BTreeMap::new();
    let empty = |head| Gruppe {
        head,
        zeilen: 0,
        cents: vec![0; columns.len()],
    };
    let field = match &gliederung.nach {
        Nach::Field { sheet, field } => stoff.form.sheet(sheet).and_then(|sheet| sheet.field(field)),
        Nach::Meldend => None,
    };
    // What a Träger can choose has a line even where nobody chose it: a gap would look like a mistake.
    if let Some(field) = field.filter(|field| field.is_input())
        && let FieldKind::Choice(choices) = &field.kind
    {
        for (n, choice) in choices.iter().enumerate() {
            groups.insert((n, choice.code.clone()), empty(vec![Wert::of_choice(choice)]));
        }
    }
    for gemeldet in &stoff.erwartet {
        let Some(gueltig) = &gemeldet.gueltig else { continue };
        for row in gueltig.zeilen.get(&aufbau.sheet).into_iter().flatten() {
            let (key, head) = group_of(stoff, aufbau, gliederung, gemeldet, gueltig, row);
            let group = groups.entry(key).or_insert_with(|| empty(head));
            group.zeilen += 1;
            for (sum, column) in group.cents.iter_mut().zip(&columns) {
                if let Some(Some(Value::Money(cent))) = row.get(*column) {
                    *sum += cent.0;
                }
            }
        }
    }
    let heads = match gliederung.nach {
        Nach::Meldend => vec![
            Spalte::new("traegernummer", "Nummer", Art::Text),
            Spalte::new("traeger", "Schulträger", Art::Text),
        ],
        Nach::Field { .. } => {
            let label = field.map_or("Gruppe", |field| &field.label);
            vec![Spalte::new("gruppe", label, Art::Text)]
        }
    };
    let mut summe: Vec<Wert> = heads.iter().map(|_| Wert::Leer).collect();
    summe[0] = Wert::Text("Summe".to_owned());
    summe.push(Wert::Zahl(groups.values().map(|group| group.zeilen).sum()));
    for (n, amount) in amounts.iter().enumerate() {
        let sum = Cent(groups.values().map(|group| group.cents[n]).sum());
        ensure!(
            sum == total(stoff, &aufbau.sheet, &amount.id)?,
            "Die Summe „{}“ {} geht nicht auf. Der Bericht wird nicht geschrieben",
            amount.label,
            gliederung.title
        );
        summe.push(Wert::Geld(sum));
    }
    let mut spalten = heads;
    spalten.push(Spalte::new("schulen", "Schulen", Art::Zahl));
    spalten.extend(
        amounts
            .iter()
            .map(|field| Spalte::new(&field.column(), &field.label, Art::Geld)),
    );
    let zeilen = groups.into_values().map(
        |Gruppe {
             mut head,
             zeilen,
             cents,
         }| {
            head.push(Wert::Zahl(zeilen));
            head.extend(cents.into_iter().map(|cent| Wert::Geld(Cent(cent))));
            head
        },
    );
    Ok(Tabelle {
        id: gliederung.id.clone(),
        title: gliederung.title.clone(),
        spalten,
        zeilen: zeilen.collect(),
        summe: Some(summe),
    })
}

/// The group of a row: its place in the order, and how it is named.
fn group_of(
    stoff: &Stoff,
    aufbau: &Aufbau,
    gliederung: &Gliederung,
    gemeldet: &Gemeldet,
    gueltig: &Gueltig,
    row: &[Option<Value>],
) -> ((usize, String), Vec<Wert>) {
    let Nach::Field { sheet, field } = &gliederung.nach else {
        let head = vec![Wert::Text(gemeldet.nummer.clone()), Wert::Text(gemeldet.name.clone())];
        return ((0, format!("{} {}", gemeldet.name, gemeldet.nummer)), head);
    };
    let columns = stoff.form.sheet(sheet);
    let position = columns.and_then(|columns| columns.fields.iter().position(|known| known.id == *field));
    let once = || {
        gueltig
            .zeilen
            .get(sheet)
            .and_then(|rows| rows.first())
            .map(Vec::as_slice)
    };
    let row = if *sheet == aufbau.sheet { Some(row) } else { once() };
    let value = row.zip(position).and_then(|(row, n)| row.get(n)?.as_ref());
    let definition = columns.zip(position).map(|(columns, n)| &columns.fields[n]);
    match value.zip(definition) {
        None => ((usize::MAX, String::new()), vec![Wert::Text(gliederung.leer.clone())]),
        Some((value, definition)) => {
            let text = value.text();
            let place = match &definition.kind {
                FieldKind::Choice(choices) => choices.iter().position(|choice| choice.code == text),
                _ => None,
            };
            (
                (place.unwrap_or(usize::MAX - 1), text),
                vec![Wert::of(definition, Some(value))],
            )
        }
    }
}

/// A sheet of the form, all Meldungen one below the other.
fn auszug_of(stoff: &Stoff, auszug: &form::bericht::Auszug) -> Result<Tabelle> {
    let sheet = stoff.form.sheet(&auszug.sheet).context("Eine Tabelle fehlt")?;
    let position = |id: &String| sheet.fields.iter().position(|field| field.id == *id);
    let columns: Vec<usize> = auszug.spalten.iter().filter_map(position).collect();
    let mut spalten = vec![
        Spalte::new("vorgangsnummer", "Vorgangsnummer", Art::Text),
        Spalte::new("meldet", "Meldender Träger", Art::Text),
        Spalte::new("meldet_name", "Name des meldenden Trägers", Art::Text),
    ];
    spalten.extend(columns.iter().map(|n| Spalte::of(&sheet.fields[*n])));
    let mut summe: Vec<Wert> = vec![Wert::Text("Summe".to_owned()), Wert::Leer, Wert::Leer];
    for n in &columns {
        let field = &sheet.fields[*n];
        summe.push(if field.is_money() {
            Wert::Geld(total(stoff, &sheet.id, &field.id)?)
        } else {
            Wert::Leer
        });
    }
    let mut zeilen = Vec::new();
    for gemeldet in &stoff.erwartet {
        let Some(gueltig) = &gemeldet.gueltig else { continue };
        for row in gueltig.zeilen.get(&sheet.id).into_iter().flatten() {
            let head = [&gueltig.nummer, &gemeldet.nummer, &gemeldet.name];
            let mut zeile: Vec<Wert> = head.into_iter().map(|text| Wert::Text(text.clone())).collect();
            zeile.extend(columns.iter().map(|n| Wert::of(&sheet.fields[*n], row[*n].as_ref())));
            zeilen.push(zeile);
        }
    }
    Ok(Tabelle {
        id: sheet.id.clone(),
        title: sheet.title.clone(),
        spalten,
        zeilen,
        summe: Some(summe),
    })
}
