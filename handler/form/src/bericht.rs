//! How the Meldungen of a Runde are merged: `bericht.toml` beside a form, checked against it.

use crate::definition::{Field, Form, Sheet};
use crate::problem::{self, Problem};
use serde::Deserialize;
use toml::Spanned;

/// The layout of a report. Every name in it has been looked up in the form.
#[derive(Debug)]
pub struct Bericht {
    pub title: String,
    /// What readers should know about the layout, or empty.
    pub hinweis: String,
    /// The sheet whose amounts are added up.
    pub sheet: String,
    pub betraege: Vec<String>,
    pub verwendung: Option<Verwendung>,
    pub gliederungen: Vec<Gliederung>,
    pub tabellen: Vec<Auszug>,
}

/// Amounts that together make up another one.
#[derive(Debug)]
pub struct Verwendung {
    pub title: String,
    pub gesamt: String,
    pub betraege: Vec<String>,
}

/// Sums by something.
#[derive(Debug)]
pub struct Gliederung {
    pub id: String,
    pub title: String,
    pub nach: Nach,
    /// The name of the group of those that say nothing.
    pub leer: String,
    /// The amount that a chart shows.
    pub diagramm: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Nach {
    /// The Träger that reported.
    Meldend,
    /// A field of the sheet that is added up, or of one that is filled once.
    Field { sheet: String, field: String },
}

/// A sheet of the form, line by line.
#[derive(Debug)]
pub struct Auszug {
    pub sheet: String,
    pub spalten: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: String,
    #[serde(default)]
    hinweis: String,
    summen: RawSummen,
    verwendung: Option<RawVerwendung>,
    #[serde(default)]
    gliederung: Vec<RawGliederung>,
    #[serde(default)]
    tabelle: Vec<RawTabelle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSummen {
    sheet: Spanned<String>,
    betraege: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVerwendung {
    title: String,
    gesamt: Spanned<String>,
    betraege: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGliederung {
    id: Spanned<String>,
    title: String,
    nach: Spanned<String>,
    #[serde(default)]
    leer: Option<String>,
    diagramm: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTabelle {
    sheet: Spanned<String>,
    spalten: Option<Vec<Spanned<String>>>,
}

impl Bericht {
    /// Reads `bericht.toml`; all problems at once.
    pub fn parse(source: &str, form: &Form) -> Result<Bericht, Vec<Problem>> {
        let raw: Raw = toml::from_str(source).map_err(|error| vec![problem::from_toml(source, &error)])?;
        let mut reader = Reader {
            source,
            form,
            problems: Vec::new(),
        };
        let bericht = reader.bericht(raw);
        match bericht {
            Some(bericht) if reader.problems.is_empty() => Ok(bericht),
            _ => Err(reader.problems),
        }
    }
}

struct Reader<'a> {
    source: &'a str,
    form: &'a Form,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn bericht(&mut self, raw: Raw) -> Option<Bericht> {
        let sheet = self.sheet(&raw.summen.sheet)?;
        if sheet.is_once() {
            self.report(
                &raw.summen.sheet,
                format!("Die Tabelle „{}“ hat nur eine Zeile je Meldung.", sheet.id),
                "Nennen Sie eine Tabelle mit einer Zeile je Schule.",
            );
        }
        let betraege = self.amounts(sheet, &raw.summen.betraege);
        let verwendung = raw.verwendung.map(|verwendung| Verwendung {
            title: verwendung.title,
            gesamt: self.amounts(sheet, std::slice::from_ref(&verwendung.gesamt)).concat(),
            betraege: self.amounts(sheet, &verwendung.betraege),
        });
        let mut ids = vec![
            "ueberblick".to_owned(),
            "verwendung".to_owned(),
            "vollstaendigkeit".to_owned(),
        ];
        ids.extend(self.form.sheets.iter().map(|sheet| sheet.id.clone()));
        let mut gliederungen = Vec::new();
        for gliederung in raw.gliederung {
            let id = gliederung.id.get_ref().clone();
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if id.is_empty() || !id.bytes().all(plain) || ids.contains(&id) {
                self.report(
                    &gliederung.id,
                    format!("Die id „{id}“ taugt nicht als Dateiname oder steht zweimal da."),
                    "Nehmen Sie eine eigene aus a-z, 0-9 und Bindestrich.",
                );
            }
            ids.push(id.clone());
            let Some(nach) = self.nach(sheet, &gliederung.nach) else {
                continue;
            };
            let diagramm = gliederung.diagramm.map(|amount| {
                if !betraege.contains(amount.get_ref()) {
                    self.report(
                        &amount,
                        format!("„{}“ steht nicht unter den Beträgen von [summen].", amount.get_ref()),
                        "Nennen Sie einen der Beträge, über die summiert wird.",
                    );
                }
                amount.into_inner()
            });
            gliederungen.push(Gliederung {
                id,
                title: gliederung.title,
                nach,
                leer: gliederung.leer.unwrap_or_else(|| "ohne Angabe".to_owned()),
                diagramm,
            });
        }
        let tabellen = raw
            .tabelle
            .into_iter()
            .filter_map(|tabelle| self.auszug(tabelle))
            .collect();
        Some(Bericht {
            title: raw.title,
            hinweis: raw.hinweis,
            sheet: sheet.id.clone(),
            betraege,
            verwendung,
            gliederungen,
            tabellen,
        })
    }

    fn auszug(&mut self, tabelle: RawTabelle) -> Option<Auszug> {
        let sheet = self.sheet(&tabelle.sheet)?;
        let spalten = match tabelle.spalten {
            None => sheet.fields.iter().map(|field| field.id.clone()).collect(),
            Some(spalten) => spalten
                .iter()
                .filter_map(|id| Some(self.field(sheet, id)?.id.clone()))
                .collect(),
        };
        Some(Auszug {
            sheet: sheet.id.clone(),
            spalten,
        })
    }

    fn nach(&mut self, summed: &Sheet, nach: &Spanned<String>) -> Option<Nach> {
        if nach.get_ref() == "meldend" {
            return Some(Nach::Meldend);
        }
        let found = nach.get_ref().split_once('.').and_then(|(sheet, field)| {
            let sheet = self.form.sheet(sheet)?;
            (sheet.id == summed.id || sheet.is_once()).then_some(())?;
            Some(Nach::Field {
                sheet: sheet.id.clone(),
                field: sheet.field(field)?.id.clone(),
            })
        });
        if found.is_none() {
            self.report(
                nach,
                format!("Nach „{}“ lässt sich nicht gliedern.", nach.get_ref()),
                "Schreiben Sie „meldend“ oder ein Feld als sheet.feld, aus der summierten Tabelle oder einer mit einer Zeile.",
            );
        }
        found
    }

    fn sheet(&mut self, id: &Spanned<String>) -> Option<&'a Sheet> {
        let found = self.form.sheet(id.get_ref());
        if found.is_none() {
            let known: Vec<&str> = self.form.sheets.iter().map(|sheet| sheet.id.as_str()).collect();
            let remedy = format!("Das Formular hat: {}.", known.join(", "));
            self.report(
                id,
                format!("Die Tabelle „{}“ gibt es im Formular nicht.", id.get_ref()),
                &remedy,
            );
        }
        found
    }

    fn field(&mut self, sheet: &'a Sheet, id: &Spanned<String>) -> Option<&'a Field> {
        let found = sheet.field(id.get_ref());
        if found.is_none() {
            let known: Vec<&str> = sheet.fields.iter().map(|field| field.id.as_str()).collect();
            let remedy = match problem::nearest(id.get_ref(), &known) {
                Some(near) => format!("Gemeint ist vielleicht „{near}“."),
                None => format!("Die Tabelle hat: {}.", known.join(", ")),
            };
            let message = format!(
                "Das Feld „{}“ gibt es in der Tabelle „{}“ nicht.",
                id.get_ref(),
                sheet.id
            );
            self.report(id, message, &remedy);
        }
        found
    }

    fn amounts(&mut self, sheet: &'a Sheet, ids: &[Spanned<String>]) -> Vec<String> {
        let mut amounts = Vec::new();
        for id in ids {
            let Some(field) = self.field(sheet, id) else { continue };
            if !field.is_money() {
                self.report(
                    id,
                    format!("Das Feld „{}“ ist kein Betrag.", field.id),
                    "Nennen Sie ein Feld, in dem Euro stehen.",
                );
            }
            amounts.push(field.id.clone());
        }
        amounts
    }

    fn report(&mut self, at: &Spanned<String>, message: String, remedy: &str) {
        self.problems
            .push(Problem::at(self.source, at.span().start, message, remedy));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = include_str!("../../../content/startchancen-nrw/formularschrank/chancenbudget/bericht.toml");

    fn parse(source: &str) -> Result<Bericht, Vec<Problem>> {
        let form = include_str!("../../../content/startchancen-nrw/formularschrank/chancenbudget/formular.toml");
        Bericht::parse(source, &Form::parse(form).expect("a form"))
    }

    #[test]
    fn the_report_that_we_publish_fits_its_form() {
        let bericht = parse(REPORT).expect("a report");
        assert_eq!(bericht.gliederungen[0].nach, Nach::Meldend);
        assert_eq!(bericht.tabellen.len(), 2);
    }

    #[test]
    fn every_name_that_is_not_in_the_form_is_reported_with_its_place() {
        let broken = REPORT
            .replace("\"rest\"]", "\"anmerkung\"]")
            .replace("gesamt = \"verausgabt\"", "gesamt = \"verausgapt\"")
            .replace("deckblatt.bezirksregierung", "deckblatt.bezirk");
        let problems = parse(&broken).expect_err("three problems");
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "Das Feld „anmerkung“ ist kein Betrag.",
                "Das Feld „verausgapt“ gibt es in der Tabelle „schulen“ nicht.",
                "Nach „deckblatt.bezirk“ lässt sich nicht gliedern."
            ]
        );
        assert_eq!(problems[1].remedy, "Gemeint ist vielleicht „verausgabt“.");
        let line = broken.lines().position(|line| line.contains("verausgapt"));
        assert_eq!(Some(problems[1].line), line.map(|line| line + 1));
    }
}
