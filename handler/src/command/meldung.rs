//! `handler meldung`: what has come in, and what is missing.

use super::{Outcome, say};
use crate::clock::Moment;
use crate::store::Store;
use anyhow::{Result, bail};
use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Meldung {
    /// Zeigt, wer gemeldet hat und wer noch fehlt
    List {
        /// Kennung der Berichtsrunde
        #[arg(long, value_name = "KENNUNG")]
        runde: String,
        /// Gibt die Liste als JSON aus
        #[arg(long)]
        json: bool,
    },
}

impl Meldung {
    pub(super) fn run(self, store: &Store) -> Result<Outcome> {
        let Meldung::List { runde, json } = self;
        if store.runde(&runde)?.is_none() {
            bail!("Die Berichtsrunde {runde} gibt es nicht");
        }
        let staende = store.staende(&runde)?;
        if json {
            say(format_args!("{}", serde_json::to_string_pretty(&staende)?))?;
            return Ok(Outcome::Done);
        }
        let name_width = staende
            .iter()
            .map(|stand| stand.name.chars().count())
            .max()
            .unwrap_or(0);
        for stand in &staende {
            let eingegangen = stand
                .eingegangen
                .as_deref()
                .map(Moment::parse)
                .transpose()?
                .map(Moment::text)
                .unwrap_or_default();
            let nummer = stand.nummer.as_deref().unwrap_or_default();
            say(format_args!(
                "{}  {:name_width$}  {:>3} Schulen  {:11}  {nummer:20}  {eingegangen}",
                stand.traeger, stand.name, stand.schulen, stand.stand
            ))?;
        }
        let count = |wanted: &str| staende.iter().filter(|stand| stand.stand == wanted).count();
        say(format_args!(
            "\nErwartet: {}. Eingegangen: {}, davon verspätet: {}. Es fehlen: {}.",
            staende.len(),
            count("eingegangen") + count("verspaetet"),
            count("verspaetet"),
            count("fehlt")
        ))?;
        Ok(Outcome::Done)
    }
}
