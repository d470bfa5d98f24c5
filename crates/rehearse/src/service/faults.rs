//! Lost answers, calls that take effect an hour late, busy moments and limits of rate, decided by a seed and the step's own key: the same for any order of threads.

use crate::simulate::mix2;
use model::id::{Digest, Millis};
use respond::port::PortError;
use std::collections::HashMap;

/// How often a writing call goes wrong; shares between 0 and 1, drawn apart for each try of each step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Faults {
    /// Decides which.
    pub seed: u64,
    /// It took effect, and the answer was lost.
    pub lost_after: f64,
    /// It never arrived, and no answer came.
    pub lost_before: f64,
    /// The service was busy; nothing was done.
    pub busy: f64,
    /// No answer came, and it takes effect only when [`super::Service::let_late_arrive`] says so.
    pub late: f64,
    /// The service was busy; nothing was done, and it said how long to wait.
    pub throttled: f64,
}

impl Faults {
    /// None at all.
    #[must_use]
    pub const fn none(seed: u64) -> Self {
        Self { seed, lost_after: 0.0, lost_before: 0.0, busy: 0.0, late: 0.0, throttled: 0.0 }
    }
}

/// What whoever is throttled is told to wait, ms.
pub const RETRY_AFTER_MS: Millis = 20_000;

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Through,
    LostAfter,
    LostBefore,
    Busy,
    Late,
    Throttled,
}

/// Faults with the tries they were dealt to.
pub(crate) struct Dealt {
    faults: Option<Faults>,
    tries: HashMap<String, u64>,
}

impl Dealt {
    pub(crate) fn none() -> Self {
        Self { faults: None, tries: HashMap::new() }
    }

    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults: Some(faults), tries: HashMap::new() }
    }

    /// What happens to the next try of a step.
    pub(crate) fn next(&mut self, key: &str) -> Fate {
        let Some(faults) = self.faults else { return Fate::Through };
        let tries = self.tries.entry(key.to_owned()).or_default();
        *tries += 1;
        let digest = Digest::of(key.as_bytes()).0;
        let own = digest[..8].iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        let draw = mix2(mix2(faults.seed, own), *tries) as f64 / u64::MAX as f64;
        let fates = [
            (faults.lost_after, Fate::LostAfter),
            (faults.lost_before, Fate::LostBefore),
            (faults.busy, Fate::Busy),
            (faults.late, Fate::Late),
            (faults.throttled, Fate::Throttled),
        ];
        let mut below = 0.0;
        for (share, fate) in fates {
            below += share;
            if draw < below {
                return fate;
            }
        }
        Fate::Through
    }
}

/// The answer to a call that was lost.
pub(crate) fn lost() -> PortError {
    PortError::NoAnswer("the rehearsed service was told to lose this answer".to_owned())
}

/// The answer to a call that came too soon.
pub(crate) fn throttled() -> PortError {
    PortError::Throttled {
        retry_after_ms: RETRY_AFTER_MS,
        why: "the rehearsed service was told to throttle".to_owned(),
    }
}
