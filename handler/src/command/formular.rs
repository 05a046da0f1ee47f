//! `handler formular`: the workbook that the web hands out, and the examination that it gives.

use super::{Outcome, say, write_new};
use crate::child::{self, Auftrag, Ergebnis, Examiner};
use crate::rejection::Rejection;
use crate::sandbox::Sandbox;
use crate::store::{Runde, Store};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use form::{Eintraege, Finding, Form, Rows, Vordruck};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(super) enum Formular {
    /// Schreibt die vorausgefüllte Arbeitsmappe eines Trägers
    #[command(after_help = "Beispiel:
  handler formular write 10054 --runde cb-2026 --out duisburg.xlsx

Es ist dieselbe Arbeitsmappe, die der Träger selbst herunterladen kann.")]
    Write {
        /// Schulträgernummer
        #[arg(value_name = "NUMMER")]
        traeger: String,
        /// Kennung der Berichtsrunde
        #[arg(long, value_name = "KENNUNG")]
        runde: String,
        /// Eine neue Datei für die Arbeitsmappe
        #[arg(long, value_name = "DATEI")]
        out: PathBuf,
    },
    /// Prüft eine ausgefüllte Arbeitsmappe, ohne sie einzureichen
    #[command(after_help = "Beispiele:
  handler formular check duisburg.xlsx --traeger 10054 --runde cb-2026
  handler formular check duisburg.xlsx --traeger 10054 --runde cb-2026 \\
      --korrektur duisburg-korrektur.xlsx

Geprüft wird wie beim Hochladen; gespeichert wird nichts. Wie der Befehl endet: 0 nichts zu korrigieren, 1 etwas ist \
zu korrigieren oder zu bestätigen, 2 die Datei ließ sich nicht lesen.")]
    Check(Check),
}

#[derive(Args)]
pub(super) struct Check {
    /// Die ausgefüllte Arbeitsmappe
    #[arg(value_name = "DATEI")]
    file: PathBuf,
    /// Schulträgernummer
    #[arg(long, value_name = "NUMMER")]
    traeger: String,
    /// Kennung der Berichtsrunde
    #[arg(long, value_name = "KENNUNG")]
    runde: String,
    /// Schreibt die Korrekturfassung, wenn etwas zu korrigieren ist
    #[arg(long, value_name = "DATEI")]
    korrektur: Option<PathBuf>,
    /// Gibt das Ergebnis als JSON aus
    #[arg(long)]
    json: bool,
}

impl Formular {
    pub(super) fn run(self, store: &Store, sandbox: Sandbox) -> Result<Outcome> {
        match self {
            Formular::Write { traeger, runde, out } => {
                let (runde, vordruck) = find(store, &runde, &traeger)?;
                let bytes = form::write(&runde.form()?, &vordruck, &Eintraege::default())?;
                write_new(&out, &bytes)?;
                say(format_args!("{} ist geschrieben.", out.display()))?;
                Ok(Outcome::Done)
            }
            Formular::Check(check) => check.run(store, sandbox),
        }
    }
}

pub(super) fn find(store: &Store, kennung: &str, traeger: &str) -> Result<(Runde, Vordruck)> {
    super::runde::find(store, kennung)?;
    let found = store.runde_of(kennung, traeger)?;
    found.with_context(|| format!("Der Träger {traeger} hat in der Berichtsrunde {kennung} nichts zu melden"))
}

impl Check {
    fn run(self, store: &Store, sandbox: Sandbox) -> Result<Outcome> {
        let (runde, vordruck) = find(store, &self.runde, &self.traeger)?;
        let upload =
            std::fs::read(&self.file).with_context(|| format!("{} lässt sich nicht lesen", self.file.display()))?;
        let form = runde.form()?;
        let auftrag = Auftrag {
            definition: runde.definition,
            vordruck,
            korrektur: self.korrektur.is_some(),
        };
        let examiner = Examiner::new(child::own_program(), 1, sandbox);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        match runtime.block_on(examiner.examine(&auftrag, &upload)) {
            Ok(ergebnis) => self.report(&form, &auftrag.vordruck, ergebnis),
            Err(Rejection::Internal(error)) => Err(error),
            Err(rejection) => {
                let page = rejection.page();
                if self.json {
                    say(format_args!(
                        "{}",
                        json!({ "findings": [], "rows": {}, "unreadable": { "code": rejection.code(), "message": page.text, "fix": page.abhilfe } })
                    ))?;
                } else {
                    say(format_args!("{} {}", page.text, page.abhilfe))?;
                }
                Ok(Outcome::CouldNot)
            }
        }
    }

    fn report(&self, form: &Form, vordruck: &Vordruck, ergebnis: Ergebnis) -> Result<Outcome> {
        let clean = ergebnis
            .befunde
            .iter()
            .all(|finding| finding.severity == form::Severity::Hinweis);
        let eintraege = ergebnis.korrektur.as_ref();
        let eintraege = eintraege.filter(|_| form::can_be_corrected(&ergebnis.befunde));
        if let (Some(out), Some(eintraege)) = (&self.korrektur, eintraege) {
            write_new(out, &form::write(form, vordruck, eintraege)?)?;
        }
        if self.json {
            say(format_args!(
                "{}",
                as_json(form, &ergebnis.befunde, ergebnis.zeilen.as_ref())
            ))?;
        } else {
            for finding in &ergebnis.befunde {
                say(format_args!("{finding}"))?;
            }
            match ergebnis.befunde.len() {
                0 => say("Alles in Ordnung.")?,
                1 => say("1 Stelle zum Nachsehen.")?,
                n => say(format_args!("{n} Stellen zum Nachsehen."))?,
            }
            match (&self.korrektur, eintraege) {
                (Some(out), Some(_)) => say(format_args!(
                    "{} ist geschrieben: die Angaben im neuen Formular, die Hinweise an den Zellen.",
                    out.display()
                ))?,
                (Some(out), None) => say(format_args!(
                    "Es gibt nichts zu korrigieren, {} ist nicht geschrieben.",
                    out.display()
                ))?,
                (None, _) => {}
            }
        }
        Ok(if clean { Outcome::Done } else { Outcome::No })
    }
}

/// `{"findings": […], "rows": {…}}`; rows with the column names of the database, amounts in cents.
fn as_json(form: &Form, findings: &[Finding], rows: Option<&Rows>) -> Value {
    let row = |sheet: &form::Sheet, row: &form::Row| {
        let values = sheet
            .fields
            .iter()
            .filter_map(|field| Some((field.column(), json!(row.get(&field.id)?))));
        Value::Object(values.collect::<Map<_, _>>())
    };
    let sheets = form.sheets.iter().filter_map(|sheet| {
        let lines = rows?.get(&sheet.id)?;
        Some((
            sheet.id.clone(),
            Value::Array(lines.iter().map(|line| row(sheet, line)).collect()),
        ))
    });
    json!({ "findings": findings, "rows": sheets.collect::<Map<_, _>>() })
}
