//! Room in memory: how many bodies of uploads and how many workbooks there may be at once, and how many of one Träger.
//!
//! Whoever sends slowly keeps others waiting for a few seconds at most: where somebody waits, the slowest body is cut off.

use crate::rejection::Rejection;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How long somebody waits for room.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bodies of uploads in memory at once, and those of one Träger among them.
const BODIES: usize = 16;
const BODIES_PER_TRAEGER: usize = 2;
/// Workbooks that are written for one Träger at once.
const WORKBOOKS_PER_TRAEGER: usize = 2;
/// So many more of one Träger may wait.
const WAITING_PER_TRAEGER: usize = 4;
/// How often the slowest body makes room while somebody waits, and how long each is left alone.
const CUT_EVERY: Duration = Duration::from_secs(1);
const LEFT_ALONE: Duration = Duration::from_secs(2);

/// So many of one Träger at once, and a few more in line.
pub struct PerTraeger {
    at_once: usize,
    /// By Schulträgernummer; no more than there are Träger.
    own: Mutex<HashMap<String, Own>>,
}

#[derive(Clone)]
struct Own {
    at_once: Arc<Semaphore>,
    in_line: Arc<Semaphore>,
}

impl PerTraeger {
    pub fn workbooks() -> PerTraeger {
        PerTraeger::new(WORKBOOKS_PER_TRAEGER)
    }

    fn new(at_once: usize) -> PerTraeger {
        PerTraeger {
            at_once,
            own: Mutex::default(),
        }
    }

    /// A place in this Träger's line, and what is waited for in it.
    fn line(&self, traeger: &str) -> Result<(OwnedSemaphorePermit, Arc<Semaphore>), Rejection> {
        let new = || Own {
            at_once: Arc::new(Semaphore::new(self.at_once)),
            in_line: Arc::new(Semaphore::new(self.at_once + WAITING_PER_TRAEGER)),
        };
        let own = locked(&self.own).entry(traeger.to_owned()).or_insert_with(new).clone();
        let in_line = own.in_line.try_acquire_owned().map_err(|_| Rejection::Busy)?;
        Ok((in_line, own.at_once))
    }

    /// Waits a while for this Träger's turn, which lasts until what is given is dropped.
    pub async fn turn(&self, traeger: &str) -> Result<impl Sized + use<>, Rejection> {
        let (in_line, at_once) = self.line(traeger)?;
        let turn = tokio::time::timeout(PATIENCE, at_once.acquire_owned()).await;
        match turn {
            Ok(Ok(turn)) => Ok((in_line, turn)),
            _ => Err(Rejection::Busy),
        }
    }
}

/// Room for bodies of uploads.
pub struct Bodies {
    all: Arc<Semaphore>,
    own: PerTraeger,
    /// Those that are being sent.
    sent: Mutex<Vec<Weak<Sending>>>,
}

/// Room for one body.
pub struct Room {
    /// Until all of it is here.
    pub sending: Option<Arc<Sending>>,
    _permits: [OwnedSemaphorePermit; 3],
}

/// How fast a body comes.
pub struct Sending {
    traeger: String,
    begun: Instant,
    bytes: AtomicU64,
    cut: Notify,
}

impl Sending {
    pub fn came(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Done once this body has to make room.
    pub async fn cut_off(&self) {
        self.cut.notified().await;
    }

    fn bytes_per_second(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed) / self.begun.elapsed().as_secs().max(1)
    }
}

impl Default for Bodies {
    fn default() -> Bodies {
        Bodies {
            all: Arc::new(Semaphore::new(BODIES)),
            own: PerTraeger::new(BODIES_PER_TRAEGER),
            sent: Mutex::default(),
        }
    }
}

impl Bodies {
    /// Waits a while, without reading anything yet. Among those who send already, the slowest make room for whoever waits.
    pub async fn room(&self, traeger: &str) -> Result<Room, Rejection> {
        let (in_line, own) = self.own.line(traeger)?;
        let all = Arc::clone(&self.all);
        let both = async {
            let own = self.while_cutting(own, |sending| sending.traeger == traeger).await?;
            Ok::<_, AcquireError>((own, self.while_cutting(all, |_| true).await?))
        };
        let Ok(Ok((own, all))) = tokio::time::timeout(PATIENCE, both).await else {
            return Err(Rejection::Busy);
        };
        let sending = Arc::new(Sending {
            traeger: traeger.to_owned(),
            begun: Instant::now(),
            bytes: AtomicU64::default(),
            cut: Notify::new(),
        });
        locked(&self.sent).push(Arc::downgrade(&sending));
        Ok(Room {
            sending: Some(sending),
            _permits: [own, all, in_line],
        })
    }

    async fn while_cutting(
        &self,
        places: Arc<Semaphore>,
        in_the_way: impl Fn(&Sending) -> bool,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        let mut place = std::pin::pin!(places.acquire_owned());
        loop {
            tokio::select! {
                biased;
                place = &mut place => return place,
                () = tokio::time::sleep(CUT_EVERY) => self.cut_slowest(&in_the_way),
            }
        }
    }

    fn cut_slowest(&self, in_the_way: impl Fn(&Sending) -> bool) {
        let mut sent = locked(&self.sent);
        sent.retain(|sending| sending.strong_count() > 0);
        let sendings = sent
            .iter()
            .enumerate()
            .filter_map(|(n, sending)| Some((n, sending.upgrade()?)));
        let slowest = sendings
            .filter(|(_, sending)| in_the_way(sending) && sending.begun.elapsed() >= LEFT_ALONE)
            .min_by_key(|(_, sending)| sending.bytes_per_second());
        if let Some((n, sending)) = slowest {
            sent.swap_remove(n);
            sending.cut.notify_one();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn where_somebody_waits_only_the_slowest_body_is_cut_off() {
        let bodies = Bodies::default();
        let mut rooms = Vec::new();
        for n in 0..BODIES {
            let room = bodies.room(&format!("traeger {}", n / 2)).await.expect("room");
            let sending = room.sending.clone().expect("a body");
            sending.came(if n == 5 { 10_000 } else { 20_000 });
            rooms.push((room, sending));
        }
        let begun = Instant::now();
        let slow = rooms.remove(5);
        let (sixteenth, slowest) = slow;
        let makes_room = async {
            slowest.cut_off().await;
            drop(sixteenth);
        };
        let (late, ()) = tokio::join!(bodies.room("a late one"), makes_room);
        assert!(late.is_ok() && begun.elapsed() < Duration::from_secs(5));
        for (_, sending) in rooms {
            let cut = tokio::time::timeout(Duration::from_millis(1), sending.cut_off());
            assert!(cut.await.is_err(), "who sends faster goes on");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_traeger_has_its_turns_and_a_short_line() {
        let workbooks = PerTraeger::workbooks();
        let (first, _second) = (workbooks.turn("10054").await, workbooks.turn("10054").await);
        assert!(workbooks.turn("10066").await.is_ok(), "it concerns nobody else");
        let line: Vec<_> = (0..WAITING_PER_TRAEGER).map(|_| workbooks.line("10054")).collect();
        assert!(line.iter().all(Result::is_ok));
        assert!(workbooks.turn("10054").await.is_err(), "the line is full");
        drop((line, first));
        assert!(workbooks.turn("10054").await.is_ok());
    }
}
