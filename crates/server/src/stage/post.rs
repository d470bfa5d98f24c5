//! What the stage's mail server says to a recipient: a share deferred the first time, a share that bounces, or nothing
//! taken at all. Who it meets follows from the seed and the address.

use connect::catcher::Answer;
use model::id::Digest;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A mail server's moods.
pub(crate) struct Post {
    seed: u64,
    moods: Mutex<Moods>,
}

#[derive(Default)]
struct Moods {
    deferred: f64,
    bounced: f64,
    down: bool,
    deferred_once: BTreeSet<String>,
}

impl Post {
    /// One that defers this share of the recipients the first time.
    pub(crate) fn new(seed: u64, deferred: f64) -> Self {
        Self { seed, moods: Mutex::new(Moods { deferred, ..Moods::default() }) }
    }

    /// Whether it takes nothing from now on.
    pub(crate) fn down(&self, down: bool) {
        self.lock().down = down;
    }

    /// From now on this share of the addresses does not exist.
    pub(crate) fn bounce(&self, share: f64) {
        self.lock().bounced = share;
    }

    /// What it says to a recipient.
    pub(crate) fn answer(&self, to: &str) -> Answer {
        let mut moods = self.lock();
        let draw = |what: &str| {
            let digest = Digest::of(format!("{what} {} {to}", self.seed).as_bytes()).0;
            f64::from(u16::from_be_bytes([digest[0], digest[1]])) / 65_536.0
        };
        if moods.down {
            Answer::Defer
        } else if draw("bounce") < moods.bounced {
            Answer::Refuse
        } else if draw("defer") < moods.deferred && moods.deferred_once.insert(to.to_owned()) {
            Answer::Defer
        } else {
            Answer::Take
        }
    }

    fn lock(&self) -> MutexGuard<'_, Moods> {
        self.moods.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
