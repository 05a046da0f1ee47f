//! Events: what one may say, and that neither their times nor their order lead to a line of the other log.
//!
//! Those of a quarter of an hour are held back until it has ended, and are then written in the order of their text.

use super::Log;
use crate::clock::{Clock, Moment};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// What an event may say: no address, no e-mail, no file name, no token, nothing that somebody typed.
const EVENT_FIELDS: [&str; 9] = [
    "kind", "traeger", "runde", "nummer", "code", "codes", "status", "anzahl", "about",
];
const QUARTER_SECONDS: i64 = 15 * 60;

/// The log of events.
pub(super) struct Ereignisse {
    pub(super) log: Log,
    /// How often each line is to be written, by its quarter of an hour. So a flood of the same event takes no room.
    held: Mutex<BTreeMap<(Moment, String), u64>>,
}

impl Ereignisse {
    pub(super) fn new(log: Log) -> Ereignisse {
        Ereignisse {
            log,
            held: Mutex::default(),
        }
    }

    fn hold(&self, now: Moment, mut entry: Map<String, Value>) {
        let quarter = now.rounded_down(QUARTER_SECONDS);
        entry.insert("zeit".to_owned(), json!(quarter.iso()));
        let line = Value::Object(entry).to_string();
        *self.held().entry((quarter, line)).or_default() += 1;
    }

    /// Writes the quarters that have ended.
    pub(super) fn write_ended(&self, now: Moment) {
        let current = (now.rounded_down(QUARTER_SECONDS), String::new());
        let ended = {
            let mut held = self.held();
            let current = held.split_off(&current);
            std::mem::replace(&mut *held, current)
        };
        self.write(ended);
    }

    /// Writes all that is held back.
    pub(super) fn write_all(&self) {
        let held = std::mem::take(&mut *self.held());
        self.write(held);
    }

    fn write(&self, lines: BTreeMap<(Moment, String), u64>) {
        for ((quarter, line), times) in lines {
            for _ in 0..times {
                self.log.write(quarter, &line);
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<(Moment, String), u64>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes events from `tracing`, and of each only what an event may say.
pub(super) struct Sammler {
    pub(super) ereignisse: Arc<Ereignisse>,
    pub(super) clock: Clock,
}

impl<S: Subscriber> Layer<S> for Sammler {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said {
            entry: Map::new(),
            has_cause: *event.metadata().level() <= Level::WARN,
        };
        event.record(&mut said);
        self.ereignisse.hold(self.clock.now(), said.entry);
    }
}

struct Said {
    entry: Map<String, Value>,
    /// Whether the sentence belongs to it: what did not work, and why.
    has_cause: bool,
}

impl Said {
    fn keep(&mut self, field: &Field, value: Value) {
        if EVENT_FIELDS.contains(&field.name()) {
            self.entry.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, json!(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" && self.has_cause {
            let cause = without_addresses(&format!("{value:?}"));
            self.entry.insert("grund".to_owned(), json!(cause));
        }
        self.keep(field, json!(format!("{value:?}")));
    }
}

/// Mail servers repeat the address that they refuse.
fn without_addresses(text: &str) -> String {
    let words = text.split(' ');
    let words: Vec<&str> = words.map(|word| if word.contains('@') { "…" } else { word }).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_names_no_address() {
        let said = without_addresses("550 <leitung@example.org>: no such user");
        assert_eq!(said, "550 … no such user");
    }
}
