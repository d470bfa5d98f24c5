//! Time and chance of the demonstration: time is moved by hand, chance comes from the seed.

use model::id::{Digest, Millis};
use respond::port::{Chance, Clock};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// A clock that stands still until it is moved.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    /// Set to a moment.
    pub(crate) fn at(now: Millis) -> Self {
        Self(AtomicI64::new(now))
    }

    /// Moves it on.
    pub(crate) fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }
}

/// Bytes that depend on the seed alone: for a service that is thrown away, never for a real one.
pub(crate) struct SeededChance {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededChance {
    /// From a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Chance for SeededChance {
    fn bytes(&self) -> [u8; 32] {
        let n = self.drawn.fetch_add(1, Ordering::SeqCst);
        Digest::of(&[b"rightful demo".as_slice(), &self.seed.to_be_bytes(), &n.to_be_bytes()].concat()).0
    }
}
