//! `handler serve`: the service itself, with its own data or those of the demo.

use super::Outcome;
use crate::app::App;
use crate::child::{self, Examiner};
use crate::clock::Clock;
use crate::config::Config;
use crate::demo::Demo;
use crate::fristen;
use crate::http::{self, listen};
use crate::pages::Pages;
use crate::protokoll::Protokolle;
use crate::sandbox::Sandbox;
use crate::store::Store;
use anyhow::{Context, Result};
use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

#[derive(Args)]
#[command(after_help = "Beispiele:
  handler serve
  handler serve --demo --site dist/startchancen-nrw

Ohne --demo steht alles in der Konfiguration. Der Dienst endet mit Strg-C oder mit SIGTERM.")]
pub(super) struct Serve {
    /// Mit eingebauten Beispieldaten und einer Datenbank, die am Ende gelöscht wird; endet mit der Standardeingabe
    #[arg(long)]
    demo: bool,
    /// Die gebaute Website (nur mit --demo)
    #[arg(
        long,
        value_name = "ORDNER",
        requires = "demo",
        default_value = "dist/startchancen-nrw"
    )]
    site: PathBuf,
    /// Adresse (nur mit --demo)
    #[arg(long, value_name = "ADRESSE", requires = "demo", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Adresse, unter der Browser die Seiten sehen (nur mit --demo)
    #[arg(long, value_name = "URL", requires = "demo", default_value = "http://127.0.0.1:8080")]
    public_url: String,
    /// Schickt E-Mails und Anmelde-Codes als Dateien in diesen Ordner (nur mit --demo)
    #[arg(long, value_name = "ORDNER", requires = "demo")]
    mail: Option<PathBuf>,
}

impl Serve {
    pub(super) fn run(self, config: &Path, clock: Clock) -> Result<Outcome> {
        allow_many_files();
        let mut passed = listen::passed_on();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            // Database and workbooks; more at once would only cost memory.
            .max_blocking_threads(8)
            .enable_all()
            .build()?;
        if self.demo {
            // From here on a signal ends the demo with its folder, not the program without it.
            let shutdown = runtime.block_on(async { ended_or_stdin_closed() })?;
            let demo = Demo::set_up(&self.site, &self.listen, &self.public_url, self.mail, &clock)?;
            let logins = demo.sample_logins()?;
            let Demo { config, store, folder } = demo;
            let app = app(config, store, clock, true)?;
            runtime.block_on(async {
                let listener = listen::open(&app.config.listen, &mut passed).await?;
                println!("handler: http://{}", listener.name());
                logins.iter().for_each(|login| println!("{login}"));
                http::run(Arc::new(app), listener, shutdown).await;
                anyhow::Ok(())
            })?;
            folder.close().context("Der Ordner der Demo lässt sich nicht löschen")?;
            return Ok(Outcome::Done);
        }
        let config = Config::read(config)?;
        let store = Store::open(&config.database)?;
        store.check()?;
        let app = app(config, store, clock, false)?;
        if let Some(risk) = app.config.risk() {
            tracing::warn!("{risk}");
        }
        if let Some(risk) = open_to_others(&app.config.database) {
            tracing::warn!("{risk}");
        }
        runtime.block_on(async {
            let shutdown = ended()?;
            let listener = listen::open(&app.config.listen, &mut passed).await?;
            tracing::info!("listening on {}", listener.name());
            http::run(Arc::new(app), listener, shutdown).await;
            Ok(Outcome::Done)
        })
    }
}

/// The operator may have reasons, but should know.
fn open_to_others(database: &Path) -> Option<String> {
    let mode = database.metadata().ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        let database = database.display();
        format!("Die Datenbank {database} steht auch anderen Benutzern dieses Rechners offen; „chmod 600 {database}“ schließt sie")
    })
}

/// Each connection is a file, and many systems allow few until they are asked.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // Where it is refused, there are fewer connections.
    let _ = setrlimit(Resource::Nofile, raised);
}

/// Whatever may be missing is found before anybody is told that the service listens.
fn app(config: Config, store: Store, clock: Clock, reload: bool) -> Result<App> {
    let protokolle = Protokolle::open(&config.protokoll, &config.site)?;
    protokolle.collect_events(clock.clone());
    let pages = Pages::open(&config.site, reload)?;
    fristen::check(&config)?;
    let examiner = Examiner::new(child::own_program(), config.limits.children, config.limits.sandbox);
    match (examiner.probe(), config.limits.sandbox) {
        (Ok(()), _) => {}
        (Err(error), Sandbox::SoweitMoeglich) => tracing::warn!("{error:#}"),
        (Err(error), Sandbox::Strikt) => {
            return Err(error.context("limits.sandbox = \"strikt\" verlangt Landlock und seccomp"));
        }
    }
    let mut app = App::new(config, store, pages, examiner, clock)?;
    app.protokolle = protokolle;
    Ok(app)
}

/// Ctrl-C, or a polite request to end. From the call on, neither is missed.
fn ended() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// The demo belongs to whoever started it, and ends with it.
fn ended_or_stdin_closed() -> Result<impl Future<Output = ()>> {
    let ended = ended()?;
    // A thread of its own: one that the runtime waited for would keep the program until somebody types.
    let (closed, stdin_closed) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = closed.send(());
    });
    Ok(async move {
        tokio::select! {
            () = ended => {}
            _ = stdin_closed => {}
        }
    })
}
