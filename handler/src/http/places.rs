//! How many connections there may be. When all places are taken, whoever has kept us waiting longest makes room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// All connections.
pub struct Places {
    limit: usize,
    taken: Mutex<Taken>,
    freed: Notify,
}

#[derive(Default)]
struct Taken {
    open: usize,
    /// Whose client we wait for, by the order in which the waiting began.
    waiting: BTreeMap<u64, Arc<Notify>>,
    next: u64,
}

/// One connection's place; free again when dropped.
pub struct Place {
    places: Arc<Places>,
    evicted: Arc<Notify>,
    /// Its number while we wait for the client.
    number: Mutex<Option<u64>>,
}

impl Places {
    pub fn new(limit: usize) -> Arc<Places> {
        Arc::new(Places {
            limit,
            taken: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// A place for a new connection, which waits for its client from now on.
    pub async fn take(self: &Arc<Places>) -> Arc<Place> {
        loop {
            let freed = self.freed.notified();
            if let Some(place) = self.take_now() {
                return place;
            }
            freed.await;
        }
    }

    fn take_now(self: &Arc<Places>) -> Option<Arc<Place>> {
        {
            let mut taken = self.taken();
            if taken.open >= self.limit {
                if let Some((_, longest)) = taken.waiting.pop_first() {
                    longest.notify_one();
                }
                return None;
            }
            taken.open += 1;
        }
        let place = Place {
            places: Arc::clone(self),
            evicted: Arc::default(),
            number: Mutex::default(),
        };
        place.waits();
        Some(Arc::new(place))
    }

    /// Grows with each connection and each request.
    pub fn visits(&self) -> u64 {
        self.taken().next
    }

    pub fn is_empty(&self) -> bool {
        self.taken().open == 0
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// It is the client's turn: this connection may be closed to make room.
    pub fn waits(&self) {
        let mut number = self.number();
        if number.is_none() {
            let mut taken = self.places.taken();
            taken.next += 1;
            *number = Some(taken.next);
            let next = taken.next;
            taken.waiting.insert(next, Arc::clone(&self.evicted));
        }
    }

    /// It is our turn: this connection is left alone.
    pub fn works(&self) {
        if let Some(number) = self.number().take() {
            self.places.taken().waiting.remove(&number);
        }
    }

    /// Done once this connection has to make room.
    pub async fn evicted(&self) {
        self.evicted.notified().await;
    }

    fn number(&self) -> MutexGuard<'_, Option<u64>> {
        self.number.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.works();
        self.places.taken().open -= 1;
        self.places.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_waits_longest_makes_room_and_who_works_is_left_alone() {
        let places = Places::new(2);
        let working = places.take().await;
        working.works();
        let waiting = places.take().await;
        assert!(places.take_now().is_none());
        waiting.evicted().await;
        drop(waiting);
        assert!(places.take_now().is_some());
        drop(working);
        assert!(places.is_empty());
    }
}
