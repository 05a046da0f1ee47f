//! Watches content and themes, and builds again when something has changed and the editor's program is done with it.

use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context, Result};
use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind};
use notify::{RecursiveMode, Watcher};

use super::Outcome;
use super::reload::Reload;
use crate::build::Settings;

/// Programs that replace a file rename and remove in quick succession; the build that follows should see all of it.
const QUIET: Duration = Duration::from_millis(2);

/// Builds once, and from then on after every change, on a thread of its own.
pub fn start(settings: Settings, site: String, reload: Reload) -> Result<()> {
    let (sender, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| is_change(event.kind)) {
            // Nobody listens any more when the program is ending.
            let _ = sender.send(());
        }
    })?;
    for folder in ["content", "themes"] {
        let folder = settings.root.join(folder);
        watcher
            .watch(&folder, RecursiveMode::Recursive)
            .with_context(|| format!("{} lässt sich nicht beobachten", folder.display()))?;
    }
    build(&settings, &site, &reload);
    std::thread::Builder::new().name("bauen".into()).spawn(move || {
        let _watcher = watcher;
        while wait_for_quiet(&changes) {
            build(&settings, &site, &reload);
        }
    })?;
    Ok(())
}

/// Only what changes bytes or names, and of a file that is being written only its end: what is half written is nobody's mistake.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Remove(_) => true,
        EventKind::Create(kind) => kind != CreateKind::File,
        EventKind::Modify(kind) => matches!(kind, ModifyKind::Name(_)),
        EventKind::Any | EventKind::Access(_) | EventKind::Other => false,
    }
}

/// Returns after a change, as soon as it is quiet; `false` when there will be no more.
fn wait_for_quiet(changes: &Receiver<()>) -> bool {
    if changes.recv().is_err() {
        return false;
    }
    while changes.recv_timeout(QUIET).is_ok() {}
    true
}

fn build(settings: &Settings, site: &str, reload: &Reload) {
    if let Err(error) = super::rebuild(settings, site, reload) {
        let text = format!("Fehler: {error:#}");
        eprintln!("{text}");
        reload.announce(Outcome::Stopped(text));
    }
}
