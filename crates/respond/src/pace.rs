//! How fast the service is called, and when it is left alone. The rate is one number of the policy, which the service's
//! configuration may lower; it is kept over the threads of a process here, and over all processes by the ledger. It
//! decides nothing: who waits is done later, and whoever waits too long is halted by the executor.

use crate::port::{Clock, PortError, Rate};
use model::id::Millis;
use model::mutant::{self, Mutant};
use model::policy::RunPolicy;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Store, StoreError};

const SECOND_MS: Millis = 1000;
/// A second's acts are taken from the ledger in so many parts, so that two processes share them.
const PARTS: u64 = 4;

/// What the calls to one service keep to.
pub(crate) struct Pace {
    counter: String,
    acts_per_second: u64,
    hands: usize,
    busy_ms: Millis,
    busy_ms_max: Millis,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The second that acts were taken for, and how many are left of them.
    second: i64,
    left: u64,
    /// Nothing is called before this moment, ms.
    shut_until: Millis,
    /// How long the service has asked to be left alone since an act was last done, ms.
    shut_ms: Millis,
    /// What it said.
    said: String,
    /// Why the ledger could not be asked.
    fault: Option<StoreError>,
}

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Now.
    Now,
    /// Not before the executor has looked: the service wants to be left alone, or the ledger can't be asked.
    Shut,
}

/// Whether the service wants to be left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// No.
    Over,
    /// Until this moment, ms.
    Until(Millis),
    /// For longer than the policy allows; one sentence.
    TooLong(String),
}

impl Pace {
    pub(crate) fn new(policy: &RunPolicy, connector: &str, rate: &Rate) -> Self {
        let least = |allowed: u32, asked: Option<std::num::NonZeroU32>| {
            asked.map_or(allowed, |asked| asked.get().min(allowed))
        };
        Self {
            counter: format!("acts_per_second {connector}"),
            acts_per_second: least(policy.acts_per_second_max, rate.acts_per_second).into(),
            hands: least(policy.parallel, rate.parallel) as usize,
            busy_ms: policy.busy_ms,
            busy_ms_max: policy.busy_ms_max,
            state: Mutex::new(State::default()),
        }
    }

    /// How many calls may be made at once.
    pub(crate) fn hands(&self) -> usize {
        self.hands
    }

    /// Waits until another act may be done, for no longer than its second takes to come.
    pub(crate) fn turn(&self, store: &Store, clock: &dyn Clock) -> Turn {
        loop {
            let mut state = self.lock();
            let now = clock.now();
            let is_shut = now < state.shut_until && !mutant::is_on(Mutant::CallsOnWhenThrottled);
            if is_shut || state.fault.is_some() {
                return Turn::Shut;
            }
            let second = now.div_euclid(SECOND_MS);
            if state.second != second || state.left == 0 {
                let (part, max) = (self.acts_per_second.div_ceil(PARTS), self.acts_per_second);
                match store.write(now, |tx| tx.take_up_to(&self.counter, second, part, max)) {
                    Ok(taken) => (state.second, state.left) = (second, taken),
                    Err(fault) => {
                        state.fault = Some(fault);
                        return Turn::Shut;
                    }
                }
            }
            if mutant::is_on(Mutant::CallsTooFast) {
                return Turn::Now;
            }
            if state.left > 0 {
                state.left -= 1;
                return Turn::Now;
            }
            drop(state);
            clock.sleep((second + 1) * SECOND_MS - now);
        }
    }

    /// The service did, or refused, what it was asked: it is not too busy.
    pub(crate) fn answered(&self) {
        self.lock().shut_ms = 0;
    }

    /// The service wants to be left alone, where that is what an error says; whether it does.
    pub(crate) fn heard(&self, error: &PortError, now: Millis) -> bool {
        let (for_ms, said) = match error {
            PortError::Busy(why) => (self.busy_ms, why),
            PortError::Throttled { retry_after_ms, why } => ((*retry_after_ms).max(1), why),
            PortError::NoAnswer(_) | PortError::Refused(_) => return false,
        };
        let (mut state, until) = (self.lock(), now.saturating_add(for_ms));
        if until > state.shut_until {
            // Several threads hear it at once, and it is one and the same rest.
            let from = state.shut_until.max(now);
            state.shut_ms = state.shut_ms.saturating_add(until - from);
            state.shut_until = until;
            state.said.clone_from(said);
        }
        true
    }

    /// Whether it still wants to be.
    pub(crate) fn rest(&self, now: Millis) -> Rest {
        let state = self.lock();
        if state.shut_until <= now {
            Rest::Over
        } else if state.shut_ms > self.busy_ms_max {
            Rest::TooLong(format!(
                "the service has asked to be left alone for {} s in a row without one act done, and run.busy_ms_max is \
                 {} s: {}; what is left stays to be done, and `rightful run resume` goes on",
                state.shut_ms / SECOND_MS,
                self.busy_ms_max / SECOND_MS,
                state.said
            ))
        } else {
            Rest::Until(state.shut_until)
        }
    }

    /// Why the ledger could not be asked, where it could not; said once.
    pub(crate) fn take_fault(&self) -> Option<StoreError> {
        self.lock().fault.take()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
