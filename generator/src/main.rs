//! Builds the sites: content and themes in, `dist` out. The modules stand in the order of a page's way.

mod build;

// What people write, read and parsed.
mod read;
mod scan;
mod site;
mod source_files;

mod front_matter;
mod keys;
mod markdown;
mod page;
mod shortcode;

// What the theme makes of it.
mod answers;
mod render;
mod theme;

// What is wrong with it.
mod addresses;
mod check;
mod html;
mod links;
mod notice;
mod problem;

// What leaves the house.
mod output;
mod serve;
mod server_config;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand, ValueEnum};
use jiff::Zoned;
use jiff::civil::Date;

use build::Settings;

#[derive(Parser)]
#[command(
    name = "generator",
    version,
    about = "Baut aus content/ und themes/ die Websites in dist/"
)]
struct Cli {
    /// Ordner mit content/ und themes/
    #[arg(long, global = true, hide = true, default_value = ".")]
    root: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prüft und baut Sites; ohne Namen alle
    Build {
        sites: Vec<String>,
        /// Ausgabeverzeichnis
        #[arg(long, default_value = "dist")]
        out: PathBuf,
        /// Tag, der als heute gilt (JJJJ-MM-TT)
        #[arg(long)]
        today: Option<Date>,
        /// Entwürfe mitbauen
        #[arg(long)]
        drafts: bool,
    },
    /// Prüft Sites, ohne etwas zu schreiben; endet mit 1, wenn ein Fehler gefunden wird
    Check {
        sites: Vec<String>,
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Baut eine Site, zeigt sie im Browser und baut bei jeder Änderung neu
    Serve {
        #[arg(default_value = "startchancen-nrw")]
        site: String,
        /// Adresse, unter der die Site zu sehen ist
        #[arg(long, default_value = "127.0.0.1:8000")]
        listen: std::net::SocketAddr,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("Fehler: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    let clock = || Zoned::now().date();
    match cli.command {
        Command::Build {
            sites,
            out,
            today,
            drafts,
        } => {
            let settings = Settings {
                today: today.unwrap_or_else(clock),
                drafts,
                root: cli.root,
            };
            build_sites(&settings, &sites, &settings.root.join(out))
        }
        Command::Check { sites, format } => check_sites(
            &Settings {
                root: cli.root,
                today: clock(),
                drafts: false,
            },
            &sites,
            format,
        ),
        Command::Serve { site, listen } => serve::run(
            Settings {
                root: cli.root,
                today: clock(),
                drafts: false,
            },
            &site,
            listen,
        ),
    }
}

fn build_sites(settings: &Settings, wanted: &[String], out: &std::path::Path) -> Result<ExitCode> {
    let start = Instant::now();
    let sites = build::sites(&settings.root, wanted)?;
    ensure!(!sites.is_empty(), "Unter content/ liegt keine Site");
    let lock = output::lock(out)?;
    let mut built = Vec::new();
    let mut problems = Vec::new();
    for site in &sites {
        let mut outcome = build::build(settings, site)?;
        problems.append(&mut outcome.problems);
        built.push(outcome);
    }
    problem::sort(&mut problems);
    eprint!("{}", problem::to_text(&problems));
    if problem::has_errors(&problems) {
        eprintln!("Es wurde nichts verändert.");
        return Ok(ExitCode::from(1));
    }
    for (site, outcome) in sites.iter().zip(&built) {
        let files = outcome
            .files
            .as_deref()
            .context("Ein Bau ohne Fehler hat kein Ergebnis")?;
        let published = output::publish(out, site, files, &lock)?;
        println!(
            "{site}: Seiten: {}; Dateien: {} neu oder geändert, {} unverändert, {} entfernt",
            outcome.pages, published.written, published.unchanged, published.removed
        );
        if outcome.zu_bestaetigen > 0 {
            println!(
                "{site}: rechtlich noch zu bestätigende Punkte im Datenschutzhinweis: {}",
                outcome.zu_bestaetigen
            );
        }
    }
    println!("Fertig in {} ms.", start.elapsed().as_millis());
    Ok(ExitCode::SUCCESS)
}

fn check_sites(settings: &Settings, wanted: &[String], format: Format) -> Result<ExitCode> {
    let mut problems = Vec::new();
    for site in build::sites(&settings.root, wanted)? {
        problems.extend(build::build(settings, &site)?.problems);
    }
    problem::sort(&mut problems);
    match format {
        Format::Json => println!("{}", problem::to_json(&problems)?),
        Format::Human if problems.is_empty() => println!("Alles in Ordnung."),
        Format::Human => eprint!("{}", problem::to_text(&problems)),
    }
    Ok(ExitCode::from(u8::from(problem::has_errors(&problems))))
}
