//! Builds the sites: content and themes in, `dist` out. The modules stand in the order of a page's way.

mod build;

// What people write, read and parsed.
mod memory;
mod read;
mod scan;
mod source_files;

mod config;
mod front_matter;
mod keys;
mod page;
mod site;

// A page's way.
mod markdown;
mod pages;
mod shortcode;
mod surroundings;

// What the theme makes of it.
mod answers;
mod assets;
mod chart;
mod image;
mod render;
mod samples;
mod theme;

// What is wrong with it.
mod addresses;
mod check;
mod html;
mod layout;
mod links;
mod notice;
mod problem;
mod prose;

// What leaves the house.
mod compress;
mod digest;
mod documents;
mod extras;
mod feed;
mod output;
mod progress;
mod search;
mod serve;
mod server_config;
mod state;
mod xml;

// What writes content.
mod new_page;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};
use jiff::Zoned;
use jiff::civil::Date;

use build::Settings;
use digest::Digest;
use output::Published;
use progress::Progress;

/// Threads that make pages allocate all the time; this allocator lets them wait less for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
        /// Neben Textdateien auch gepackte ablegen (.gz, .br)
        #[arg(long)]
        compress: bool,
    },
    /// Prüft Sites, ohne etwas zu schreiben; endet mit 1, wenn ein Fehler gefunden wird
    Check {
        sites: Vec<String>,
        /// Tag, der als heute gilt (JJJJ-MM-TT)
        #[arg(long)]
        today: Option<Date>,
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Legt etwas Neues an
    New {
        #[command(subcommand)]
        what: New,
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

#[derive(Subcommand)]
enum New {
    /// Eine Seite als Entwurf, mit dem Kopf, den sie braucht
    Page {
        /// Datei, zum Beispiel content/startchancen-nrw/programm/neues.md
        path: String,
        /// Titel; ohne ihn der Name der Datei
        #[arg(long)]
        title: Option<String>,
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
    match cli.command {
        Command::Build {
            sites,
            out,
            today,
            drafts,
            compress,
        } => {
            let settings = Settings {
                drafts,
                compress,
                ..settings(cli.root, today)
            };
            build_sites(&settings, &sites, &settings.root.join(out))
        }
        Command::Check { sites, today, format } => check_sites(&settings(cli.root, today), &sites, format),
        Command::New {
            what: New::Page { path, title },
        } => new_page(&settings(cli.root, None), &path, title.as_deref()),
        Command::Serve { site, listen } => serve::run(settings(cli.root, None), &site, listen),
    }
}

fn settings(root: PathBuf, today: Option<Date>) -> Settings {
    Settings {
        root,
        today: today.unwrap_or_else(|| Zoned::now().date()),
        drafts: false,
        compress: false,
        program: program(),
    }
}

/// Another release of this program is another file.
fn program() -> u64 {
    let metadata = std::env::current_exe().and_then(std::fs::metadata);
    let modified = metadata.as_ref().ok().and_then(|metadata| metadata.modified().ok());
    let since = modified.and_then(|modified| modified.duration_since(std::time::UNIX_EPOCH).ok());
    Digest::new()
        .text(env!("CARGO_PKG_VERSION"))
        .number(metadata.map_or(0, |metadata| metadata.len()))
        .number(since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0)))
        .finish()
}

fn new_page(settings: &Settings, path: &str, title: Option<&str>) -> Result<ExitCode> {
    let sites = build::sites(&settings.root, &[])?;
    let written = new_page::write(settings, path, title, &sites)?;
    say(&format!(
        "{} ist angelegt und bekommt die Adresse {}. Die Zeile draft = true hält die Seite zurück; nehmen Sie sie heraus, wenn sie fertig ist.",
        written.file, written.address
    ));
    Ok(ExitCode::SUCCESS)
}

fn build_sites(settings: &Settings, wanted: &[String], out: &std::path::Path) -> Result<ExitCode> {
    let start = Instant::now();
    let sites = build::sites(&settings.root, wanted)?;
    let lock = output::lock(out)?;
    let progress = Progress::new();
    let mut prepared = Vec::new();
    let mut problems = Vec::new();
    for site in &sites {
        let one = build::prepare(settings, site, out, &lock, &progress)?;
        problems.extend(one.summary.problems.iter().cloned());
        prepared.push(one);
    }
    progress.end();
    problem::sort(&mut problems);
    eprint!("{}", problem::to_text(&problems));
    if problem::has_errors(&problems) {
        eprintln!("Es wurde nichts verändert.");
        return Ok(ExitCode::from(1));
    }
    let mut total = Published::default();
    let (mut pages, mut zu_bestaetigen) = (0, 0);
    for one in &mut prepared {
        pages += one.summary.pages;
        zu_bestaetigen += one.summary.zu_bestaetigen;
        build::publish(one, out, |published| {
            total.written += published.written;
            total.unchanged += published.unchanged;
            total.removed += published.removed;
        })?;
    }
    if zu_bestaetigen > 0 {
        say(&format!(
            "Rechtlich noch zu bestätigende Punkte in Datenschutzhinweisen: {zu_bestaetigen}"
        ));
    }
    say(&format!(
        "{}: Seiten: {pages}; Dateien: {} neu oder geändert, {} unverändert, {} entfernt; fertig in {} ms.",
        sites.join(", "),
        total.written,
        total.unchanged,
        total.removed,
        start.elapsed().as_millis()
    ));
    leave()
}

/// Ends at once: giving back the memory of thousands of pages piece by piece takes longer than leaving it to the system.
fn leave() -> ! {
    let _ = std::io::stdout().flush();
    std::process::exit(0)
}

/// Whoever has stopped listening misses nothing.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn check_sites(settings: &Settings, wanted: &[String], format: Format) -> Result<ExitCode> {
    let progress = Progress::new();
    let mut problems = Vec::new();
    for site in build::sites(&settings.root, wanted)? {
        problems.extend(build::check(settings, &site, &progress)?);
    }
    progress.end();
    problem::sort(&mut problems);
    match format {
        Format::Json => say(&problem::to_json(&problems)?),
        Format::Human if problems.is_empty() => say("Alles in Ordnung."),
        Format::Human => eprint!("{}", problem::to_text(&problems)),
    }
    Ok(ExitCode::from(u8::from(problem::has_errors(&problems))))
}
