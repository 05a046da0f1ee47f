//! How far a build is, for people at a terminal who have waited half a second.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Before this, nobody wants to be told; after it, so often.
const PATIENCE: Duration = Duration::from_millis(500);
const INTERVAL: Duration = Duration::from_millis(100);

/// Counts finished pages, and shows the count on a terminal.
pub struct Progress {
    is_shown: bool,
    site: Mutex<String>,
    total: AtomicUsize,
    done: AtomicUsize,
    start: Instant,
    last: Mutex<Duration>,
}

impl Progress {
    /// Shown when standard error is a terminal.
    pub fn new() -> Progress {
        Progress {
            is_shown: stderr().is_terminal(),
            site: Mutex::default(),
            total: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            start: Instant::now(),
            last: Mutex::default(),
        }
    }

    /// A site of so many pages comes next.
    pub fn begin(&self, site: &str, pages: usize) {
        if let Ok(mut name) = self.site.lock() {
            site.clone_into(&mut name);
        }
        self.total.store(pages, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
    }

    /// One page more is done.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.is_shown || !done.is_multiple_of(64) {
            return;
        }
        let now = self.start.elapsed();
        // Whoever holds the lock is showing the same.
        let Ok(mut last) = self.last.try_lock() else { return };
        if now < PATIENCE || now < *last + INTERVAL {
            return;
        }
        *last = now;
        let site = self.site.lock().map(|name| name.clone()).unwrap_or_default();
        let _ = write!(
            stderr(),
            "\r{site}: {done} von {} Seiten",
            self.total.load(Ordering::Relaxed)
        );
    }

    /// Clears the line.
    pub fn end(&self) {
        let was_shown = self.last.lock().is_ok_and(|last| !last.is_zero());
        if was_shown {
            let _ = write!(stderr(), "\r\u{1b}[K");
        }
    }
}
