//! The register of Träger and schools, as `register import` leaves it.

use super::{Store, journal};
use crate::abgleich::{Verzeichnis, schule_eintrag, traeger_eintrag, zusammenfassung};
use crate::clock::Moment;
use crate::lists::{SchuleZeile, TraegerZeile};
use anyhow::Result;
use form::Traegernummer;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::json;

/// How many Träger and schools the register holds.
#[derive(Debug, Serialize)]
pub struct Register {
    pub traeger: usize,
    pub schulen: usize,
    /// Träger that are no longer on the list but stay because of their Meldungen.
    pub ausgeschieden: u32,
}

/// What is done to one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AdressAkt {
    Neu,
    Entfernen,
    Sperren,
}

/// An address of a Träger. Whoever is blocked cannot log in with it.
#[derive(Debug, Serialize)]
pub struct Adresse {
    pub email: String,
    pub gesperrt: bool,
}

/// A Träger as the register knows it now.
#[derive(Debug, Serialize)]
pub struct TraegerImRegister {
    pub nummer: String,
    pub name: String,
    pub bezirksregierung: String,
    pub rechtsform: String,
    pub gueltig_ab: Option<String>,
    pub gueltig_bis: Option<String>,
    pub nachfolger: Option<String>,
    pub ausgeschieden: bool,
    pub schulen: Vec<SchuleImRegister>,
    pub adressen: Vec<Adresse>,
    /// When each session began and was used last, as text with the zone's offset.
    pub sitzungen: Vec<SitzungImRegister>,
}

#[derive(Debug, Serialize)]
pub struct SchuleImRegister {
    pub nummer: String,
    pub kurzbezeichnung: String,
    pub schulform: String,
    pub aufnahmejahr: String,
}

#[derive(Debug, Serialize)]
pub struct SitzungImRegister {
    pub begonnen: String,
    pub zuletzt: String,
}

/// For whose schools another Träger reports in a Runde, and which.
#[derive(Debug, Serialize)]
pub struct Vertreten {
    pub runde: String,
    pub schulen: usize,
    pub meldet: String,
    pub name: String,
}

impl Store {
    /// Replaces the register by the given lists, whole. Whoever has left loses addresses and sessions; its row stays,
    /// marked, if it has Meldungen.
    pub fn replace_register(
        &mut self,
        traeger: &[TraegerZeile],
        schulen: &[SchuleZeile],
        now: Moment,
    ) -> Result<Register> {
        let rolle = self.rolle.clone();
        let unterschiede = self
            .verzeichnis()?
            .unterschiede(&Verzeichnis::of_lists(traeger, schulen));
        let transaction = self.write()?;
        transaction.execute("UPDATE traeger SET ausgeschieden = 1", [])?;
        transaction.execute_batch("CREATE TEMP TABLE benannt (traeger TEXT, email TEXT)")?;
        transaction.execute("DELETE FROM schule", [])?;
        for zeile in traeger {
            transaction.execute(
                "INSERT INTO traeger (nummer, name, bezirksregierung, rechtsform, gueltig_ab, gueltig_bis, nachfolger)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (nummer) DO UPDATE SET name = ?2, bezirksregierung = ?3, rechtsform = ?4,
                     gueltig_ab = ?5, gueltig_bis = ?6, nachfolger = ?7, ausgeschieden = 0",
                params![
                    zeile.nummer.as_str(),
                    zeile.name,
                    zeile.bezirksregierung,
                    zeile.rechtsform,
                    zeile.gueltig_ab.map(|day| day.to_string()),
                    zeile.gueltig_bis.map(|day| day.to_string()),
                    zeile.nachfolger.as_ref().map(Traegernummer::as_str)
                ],
            )?;
            for email in &zeile.emails {
                transaction.execute(
                    "INSERT INTO benannt (traeger, email) VALUES (?, ?)",
                    params![zeile.nummer.as_str(), email],
                )?;
            }
        }
        for zeile in schulen {
            transaction.execute(
                "INSERT INTO schule (nummer, traeger, kurzbezeichnung, schulform, aufnahmejahr) VALUES (?, ?, ?, ?, ?)",
                params![
                    zeile.nummer.as_str(),
                    zeile.traeger.as_str(),
                    zeile.kurzbezeichnung,
                    zeile.schulform,
                    zeile.aufnahmejahr
                ],
            )?;
        }
        // Only what is gone is deleted: triggers end the sessions of its Träger.
        transaction.execute_batch(
            "DELETE FROM adresse WHERE (traeger, email) NOT IN (SELECT traeger, email FROM benannt);
             INSERT OR IGNORE INTO adresse (traeger, email) SELECT traeger, email FROM benannt;
             DROP TABLE benannt;
             DELETE FROM traeger WHERE ausgeschieden AND nummer NOT IN (SELECT traeger FROM meldung);",
        )?;
        let left: u32 =
            transaction.query_row("SELECT count(*) FROM traeger WHERE ausgeschieden", [], |row| row.get(0))?;
        let register = Register {
            traeger: traeger.len(),
            schulen: schulen.len(),
            ausgeschieden: left,
        };
        let record = json!({
            "rolle": rolle,
            "traeger": register.traeger,
            "schulen": register.schulen,
            "ausgeschieden": register.ausgeschieden,
            "unterschiede": zusammenfassung(&unterschiede),
        });
        journal::append(&transaction, now, "register", &record)?;
        transaction.commit()?;
        Ok(register)
    }

    /// The register as it is, without those who have left it.
    pub fn verzeichnis(&self) -> Result<Verzeichnis> {
        let mut statement = self.connection.prepare(
            "SELECT nummer, name, bezirksregierung, rechtsform, coalesce(gueltig_ab, ''), coalesce(gueltig_bis, ''), coalesce(nachfolger, ''),
                    coalesce((SELECT group_concat(email, ', ' ORDER BY email) FROM adresse WHERE traeger = nummer), '')
             FROM traeger WHERE NOT ausgeschieden",
        )?;
        let text = |row: &rusqlite::Row<'_>, n| row.get::<_, String>(n);
        let traeger = statement.query_map([], |row| {
            let (name, bezirk, rechtsform) = (text(row, 1)?, text(row, 2)?, text(row, 3)?);
            let (ab, bis, nachfolger) = (text(row, 4)?, text(row, 5)?, text(row, 6)?);
            let eintrag = traeger_eintrag(&name, &bezirk, &rechtsform, text(row, 7)?, ab, bis, nachfolger);
            Ok((text(row, 0)?, eintrag))
        })?;
        let traeger = traeger.collect::<Result<_, _>>()?;
        let mut statement = self
            .connection
            .prepare("SELECT nummer, kurzbezeichnung, traeger, schulform, aufnahmejahr FROM schule")?;
        let schulen = statement.query_map([], |row| {
            let eintrag = schule_eintrag(&text(row, 1)?, text(row, 2)?, &text(row, 3)?, &text(row, 4)?);
            Ok((text(row, 0)?, eintrag))
        })?;
        let schulen = schulen.collect::<Result<_, _>>()?;
        Ok(Verzeichnis { traeger, schulen })
    }

    /// All that the register knows about a Träger now.
    pub fn traeger_im_register(&self, nummer: &str) -> Result<Option<TraegerImRegister>> {
        let found = self
            .connection
            .query_row("SELECT * FROM traeger WHERE nummer = ?", [nummer], |row| {
                Ok(TraegerImRegister {
                    nummer: row.get("nummer")?,
                    name: row.get("name")?,
                    bezirksregierung: row.get("bezirksregierung")?,
                    rechtsform: row.get("rechtsform")?,
                    gueltig_ab: row.get("gueltig_ab")?,
                    gueltig_bis: row.get("gueltig_bis")?,
                    nachfolger: row.get("nachfolger")?,
                    ausgeschieden: row.get("ausgeschieden")?,
                    schulen: Vec::new(),
                    adressen: Vec::new(),
                    sitzungen: Vec::new(),
                })
            })
            .optional()?;
        let Some(traeger) = found else { return Ok(None) };
        let mut statement = self.connection.prepare(
            "SELECT nummer, kurzbezeichnung, schulform, aufnahmejahr FROM schule WHERE traeger = ? ORDER BY kurzbezeichnung",
        )?;
        let schulen = statement.query_map([nummer], |row| {
            Ok(SchuleImRegister {
                nummer: row.get(0)?,
                kurzbezeichnung: row.get(1)?,
                schulform: row.get(2)?,
                aufnahmejahr: row.get(3)?,
            })
        })?;
        let mut statement = self
            .connection
            .prepare("SELECT begonnen, zuletzt FROM sitzung WHERE traeger = ? ORDER BY begonnen")?;
        let sitzungen = statement.query_map([nummer], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let text = |seconds: i64| anyhow::Ok(Moment(jiff::Timestamp::from_second(seconds)?).iso());
        let sitzungen = sitzungen.map(|sitzung| {
            let (begonnen, zuletzt) = sitzung?;
            anyhow::Ok(SitzungImRegister {
                begonnen: text(begonnen)?,
                zuletzt: text(zuletzt)?,
            })
        });
        Ok(Some(TraegerImRegister {
            schulen: schulen.collect::<Result<_, _>>()?,
            adressen: self.adressen(nummer)?,
            sitzungen: sitzungen.collect::<Result<_>>()?,
            ..traeger
        }))
    }

    /// A Träger that the register has forgotten, as its last Runde knows it.
    pub fn traeger_in_runde(&self, nummer: &str) -> Result<Option<TraegerImRegister>> {
        let sql = "SELECT t.name, t.bezirksregierung, t.rechtsform FROM runde_traeger AS t JOIN runde AS r ON r.kennung = t.runde
                   WHERE t.nummer = ? ORDER BY r.ab DESC, r.kennung LIMIT 1";
        let found = self.connection.query_row(sql, [nummer], |row| {
            Ok(TraegerImRegister {
                nummer: nummer.to_owned(),
                name: row.get(0)?,
                bezirksregierung: row.get(1)?,
                rechtsform: row.get(2)?,
                gueltig_ab: None,
                gueltig_bis: None,
                nachfolger: None,
                ausgeschieden: true,
                schulen: Vec::new(),
                adressen: Vec::new(),
                sitzungen: Vec::new(),
            })
        });
        Ok(found.optional()?)
    }

    /// Who reports for the schools of a Träger where it does not do so itself, the latest Runde first.
    pub fn vertreten(&self, nummer: &str) -> Result<Vec<Vertreten>> {
        let mut statement = self.connection.prepare(
            "SELECT s.runde, count(*), s.meldet, t.name FROM runde_schule AS s
             JOIN runde AS r ON r.kennung = s.runde
             JOIN runde_traeger AS t ON t.runde = s.runde AND t.nummer = s.meldet
             WHERE s.traeger = ?1 AND s.meldet <> ?1 GROUP BY s.runde, s.meldet ORDER BY r.ab DESC, s.runde, s.meldet",
        )?;
        let vertreten = statement.query_map([nummer], |row| {
            Ok(Vertreten {
                runde: row.get(0)?,
                schulen: row.get::<_, i64>(1)?.try_into().unwrap_or_default(),
                meldet: row.get(2)?,
                name: row.get(3)?,
            })
        })?;
        Ok(vertreten.collect::<Result<_, _>>()?)
    }

    /// The addresses of a Träger, blocked ones too.
    pub fn adressen(&self, nummer: &str) -> Result<Vec<Adresse>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT email, gesperrt FROM adresse WHERE traeger = ? ORDER BY email")?;
        let adressen = statement.query_map([nummer], |row| {
            Ok(Adresse {
                email: row.get(0)?,
                gesperrt: row.get(1)?,
            })
        })?;
        Ok(adressen.collect::<Result<_, _>>()?)
    }

    /// Adds, removes or blocks one address. False where there is nothing to do. Triggers end the sessions of
    /// whoever loses one. The journal says what was done, not to which address.
    pub fn change_adresse(&mut self, traeger: &str, email: &str, akt: AdressAkt, now: Moment) -> Result<bool> {
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        let statement = match akt {
            AdressAkt::Neu => {
                "INSERT INTO adresse (traeger, email) VALUES (?, ?)
                 ON CONFLICT (traeger, email) DO UPDATE SET gesperrt = 0 WHERE gesperrt"
            }
            AdressAkt::Entfernen => "DELETE FROM adresse WHERE traeger = ? AND email = ?",
            AdressAkt::Sperren => "UPDATE adresse SET gesperrt = 1 WHERE traeger = ? AND email = ? AND NOT gesperrt",
        };
        if transaction.execute(statement, [traeger, email])? == 0 {
            return Ok(false);
        }
        let record = json!({ "rolle": rolle, "traeger": traeger, "akt": akt });
        journal::append(&transaction, now, "adresse", &record)?;
        transaction.commit()?;
        Ok(true)
    }

    /// The registered addresses of a Träger with which it may log in, in lower case; none where there is no such Träger.
    pub fn emails(&self, nummer: &str) -> Result<Vec<String>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT email FROM adresse WHERE traeger = ? AND NOT gesperrt")?;
        let emails = statement
            .query_map([nummer], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(emails)
    }

    /// The name of a Träger in the register.
    pub fn traeger_name(&self, nummer: &str) -> Result<String> {
        Ok(self
            .connection
            .query_row("SELECT name FROM traeger WHERE nummer = ?", [nummer], |row| row.get(0))?)
    }
}

/// Who acts for a Träger on a day: itself, or whoever took over once its last day is past.
pub(super) fn wirksam(connection: &Connection, nummer: &str, day: jiff::civil::Date) -> Result<String> {
    let mut wirksam = nummer.to_owned();
    // Lists with a circle are refused; this ends all the same.
    for _ in 0..20 {
        let next: Option<String> = connection
            .prepare_cached(
                "SELECT nachfolger FROM traeger WHERE nummer = ? AND gueltig_bis < ? AND nachfolger IS NOT NULL",
            )?
            .query_row(params![wirksam, day.to_string()], |row| row.get(0))
            .optional()?;
        match next {
            Some(next) => wirksam = next,
            None => break,
        }
    }
    Ok(wirksam)
}
