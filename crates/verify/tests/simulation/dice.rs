//! Chance of one seed: what a play draws is the same in each run of it.

use model::id::Digest;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) struct Dice {
    seed: u64,
    drawn: AtomicU64,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }

    fn bits(&self) -> u64 {
        let drawn = self.drawn.fetch_add(1, Ordering::SeqCst);
        let [a, b, c, d, e, f, g, h, ..] = Digest::of(format!("{} {drawn}", self.seed).as_bytes()).0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// One of the numbers below `n`.
    pub(super) fn below(&self, n: u64) -> u64 {
        self.bits() % n.max(1)
    }

    /// Whether something comes that does so `in_thousand` times of a thousand.
    pub(super) fn comes(&self, in_thousand: u64) -> bool {
        self.below(1_000) < in_thousand
    }

    /// One of some, where there are any.
    pub(super) fn one<T: Clone>(&self, of: &[T]) -> Option<T> {
        of.get(usize::try_from(self.below(of.len() as u64)).ok()?).cloned()
    }
}
