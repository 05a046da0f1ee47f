//! What differs between two states of the office's data: what came, what went, what changed from what to what.

use crate::lists::{SchuleZeile, TraegerZeile};
use anyhow::{Context, Result, bail, ensure};
use form::Traegernummer;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// One Träger or school with what is known about it, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eintrag {
    pub name: String,
    pub felder: Vec<(&'static str, String)>,
}

/// Entries by their number.
pub type Eintraege = BTreeMap<String, Eintrag>;

/// The register, or what a Runde has frozen of it.
#[derive(Debug, Default)]
pub struct Verzeichnis {
    pub traeger: Eintraege,
    pub schulen: Eintraege,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Art {
    Neu,
    Entfallen,
    Geaendert,
}

/// A difference, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unterschied {
    pub art: Art,
    /// `Schule 100092 Düsseldorf, KG Rather Kreuzweg`.
    pub was: String,
    pub felder: Vec<Feld>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feld {
    pub feld: Cow<'static, str>,
    pub alt: String,
    pub neu: String,
}

impl Verzeichnis {
    /// As two lists give it.
    pub fn of_lists(traeger: &[TraegerZeile], schulen: &[SchuleZeile]) -> Verzeichnis {
        let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let traeger = traeger.iter().map(|zeile| {
            let mut emails = zeile.emails.clone();
            emails.sort();
            emails.dedup();
            let eintrag = traeger_eintrag(
                &zeile.name,
                &zeile.bezirksregierung,
                &zeile.rechtsform,
                emails.join(", "),
                day(zeile.gueltig_ab),
                day(zeile.gueltig_bis),
                zeile
                    .nachfolger
                    .as_ref()
                    .map(Traegernummer::to_string)
                    .unwrap_or_default(),
            );
            (zeile.nummer.to_string(), eintrag)
        });
        let schulen = schulen.iter().map(|zeile| {
            let eintrag = schule_eintrag(
                &zeile.kurzbezeichnung,
                zeile.traeger.to_string(),
                &zeile.schulform,
                &zeile.aufnahmejahr,
            );
            (zeile.nummer.to_string(), eintrag)
        });
        Verzeichnis {
            traeger: traeger.collect(),
            schulen: schulen.collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.traeger.is_empty() && self.schulen.is_empty()
    }

    /// Everything that differs in a newer state, Träger first.
    pub fn unterschiede(&self, neu: &Verzeichnis) -> Vec<Unterschied> {
        let mut unterschiede = unterschiede("Träger", &self.traeger, &neu.traeger);
        unterschiede.extend(crate::abgleich::unterschiede("Schule", &self.schulen, &neu.schulen));
        unterschiede
    }

    /// The older state, from the newer one and what differed. What a Runde has frozen it never drops, so that nothing
    /// but its name would be known of an entry that went. Fails where the newer state is not what the differences led to.
    pub fn take_back(&mut self, unterschiede: &[Unterschied]) -> Result<()> {
        for unterschied in unterschiede {
            let mut words = unterschied.was.split(' ');
            let eintraege = match words.next() {
                Some("Träger") => &mut self.traeger,
                Some("Schule") => &mut self.schulen,
                _ => bail!("„{}“ ist weder Träger noch Schule", unterschied.was),
            };
            let nummer = words.next().unwrap_or_default();
            match unterschied.art {
                Art::Neu => {
                    let known = eintraege.remove(nummer);
                    known.with_context(|| format!("„{}“ fehlt", unterschied.was))?;
                }
                Art::Entfallen => bail!("„{}“ ist entfallen", unterschied.was),
                Art::Geaendert => {
                    let eintrag = eintraege.get_mut(nummer).context(unterschied.was.clone())?;
                    for feld in &unterschied.felder {
                        let known = eintrag.felder.iter_mut().find(|(name, _)| *name == feld.feld);
                        let known = &mut known.context(feld.feld.to_string())?.1;
                        let (was, name) = (&unterschied.was, &feld.feld);
                        ensure!(
                            *known == feld.neu,
                            "{was}: „{name}“ ist „{known}“ und nicht „{}“",
                            feld.neu
                        );
                        feld.alt.clone_into(known);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Eintrag {
    /// What is known under a heading.
    pub fn feld(&self, name: &str) -> &str {
        let known = self.felder.iter().find(|(known, _)| *known == name);
        known.map_or("", |(_, text)| text)
    }
}

pub fn traeger_eintrag(
    name: &str,
    bezirksregierung: &str,
    rechtsform: &str,
    emails: String,
    gueltig_ab: String,
    gueltig_bis: String,
    nachfolger: String,
) -> Eintrag {
    Eintrag {
        name: name.to_owned(),
        felder: vec![
            ("Name", name.to_owned()),
            ("Bezirksregierung", bezirksregierung.to_owned()),
            ("Rechtsform", rechtsform.to_owned()),
            ("E-Mail", emails),
            ("gültig ab", gueltig_ab),
            ("gültig bis", gueltig_bis),
            ("Nachfolger", nachfolger),
        ],
    }
}

pub fn schule_eintrag(kurzbezeichnung: &str, traeger: String, schulform: &str, aufnahmejahr: &str) -> Eintrag {
    Eintrag {
        name: kurzbezeichnung.to_owned(),
        felder: vec![
            ("Träger", traeger),
            ("Kurzbezeichnung", kurzbezeichnung.to_owned()),
            ("Schulform", schulform.to_owned()),
            ("Aufnahmejahr", aufnahmejahr.to_owned()),
        ],
    }
}

/// Compares entries by number.
pub fn unterschiede(art: &str, alt: &Eintraege, neu: &Eintraege) -> Vec<Unterschied> {
    let was = |nummer: &str, eintrag: &Eintrag| format!("{art} {nummer} {}", eintrag.name);
    let only = |which, nummer: &str, eintrag: &Eintrag| Unterschied {
        art: which,
        was: was(nummer, eintrag),
        felder: Vec::new(),
    };
    let mut found = Vec::new();
    for (nummer, eintrag) in neu {
        let Some(before) = alt.get(nummer) else {
            found.push(only(Art::Neu, nummer, eintrag));
            continue;
        };
        let pairs = before.felder.iter().zip(&eintrag.felder);
        let felder: Vec<Feld> = pairs
            .filter(|((_, alt), (_, neu))| alt != neu)
            .map(|((feld, alt), (_, neu))| Feld {
                feld: Cow::Borrowed(*feld),
                alt: alt.clone(),
                neu: neu.clone(),
            })
            .collect();
        if !felder.is_empty() {
            found.push(Unterschied {
                art: Art::Geaendert,
                was: was(nummer, before),
                felder,
            });
        }
    }
    let gone = alt.iter().filter(|(nummer, _)| !neu.contains_key(*nummer));
    found.extend(gone.map(|(nummer, eintrag)| only(Art::Entfallen, nummer, eintrag)));
    found
}

/// `3 neu, 1 entfallen, 2 geändert`.
pub fn zusammenfassung(unterschiede: &[Unterschied]) -> String {
    let count = |art| unterschiede.iter().filter(|found| found.art == art).count();
    format!(
        "{} neu, {} entfallen, {} geändert",
        count(Art::Neu),
        count(Art::Entfallen),
        count(Art::Geaendert)
    )
}

impl fmt::Display for Unterschied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.art {
            Art::Neu => write!(f, "neu        {}", self.was),
            Art::Entfallen => write!(f, "entfallen  {}", self.was),
            Art::Geaendert => {
                let shown = |text: &str| {
                    if text.is_empty() {
                        "(leer)".to_owned()
                    } else {
                        text.to_owned()
                    }
                };
                let felder: Vec<String> = self
                    .felder
                    .iter()
                    .map(|feld| format!("{}: {} -> {}", feld.feld, shown(&feld.alt), shown(&feld.neu)))
                    .collect();
                write!(f, "geändert   {}: {}", self.was, felder.join("; "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_can_be_taken_back() {
        let eintraege = |list: &[(&str, &str, &str)]| Verzeichnis {
            schulen: (list.iter())
                .map(|(nummer, name, traeger)| {
                    let eintrag = schule_eintrag(name, (*traeger).to_owned(), "02", "");
                    ((*nummer).to_owned(), eintrag)
                })
                .collect(),
            ..Verzeichnis::default()
        };
        let alt = eintraege(&[("100092", "GG Am Park", "10042")]);
        let mut neu = eintraege(&[("100092", "GG Am Alten Park", "10054"), ("100095", "GE Nord", "10054")]);
        let unterschiede = alt.unterschiede(&neu);
        neu.take_back(&unterschiede).expect("what went before");
        assert_eq!(neu.schulen["100092"].felder, alt.schulen["100092"].felder);
        assert_eq!(neu.schulen.len(), 1);
        assert!(neu.take_back(&eintraege(&[]).unterschiede(&alt)).is_ok());
        assert!(
            neu.take_back(&alt.unterschiede(&eintraege(&[]))).is_err(),
            "nothing is made up"
        );
    }

    #[test]
    fn a_moved_a_new_and_a_closed_school_are_told_apart() {
        let eintraege = |list: &[(&str, &str, &str)]| -> Eintraege {
            list.iter()
                .map(|(nummer, name, traeger)| {
                    (
                        (*nummer).to_owned(),
                        schule_eintrag(name, (*traeger).to_owned(), "02", ""),
                    )
                })
                .collect()
        };
        let alt = eintraege(&[("100092", "GG Am Park", "10042"), ("100094", "GG Am Markt", "10042")]);
        let neu = eintraege(&[("100092", "GG Am Park", "10054"), ("100095", "GE Nord", "10054")]);
        let lines: Vec<String> = unterschiede("Schule", &alt, &neu)
            .iter()
            .map(Unterschied::to_string)
            .collect();
        expect_test::expect![[r#"
            geändert   Schule 100092 GG Am Park: Träger: 10042 -> 10054
            neu        Schule 100095 GE Nord
            entfallen  Schule 100094 GG Am Markt"#]]
        .assert_eq(&lines.join("\n"));
    }
}
