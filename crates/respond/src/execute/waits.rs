//! What waits: for a service that wants to be left alone, and for a moment of its own, while others go on. A halt takes
//! effect meanwhile, and the lease is kept.

use super::{Executor, Held, WaveEnd};
use crate::error::RespondError;
use crate::pace::Rest;
use model::id::{AccountId, Millis};
use model::seal::SealedEntry;
use std::collections::BTreeMap;

/// Whether to go on is looked at so often, ms; a lease lasts much longer.
const LOOK_MS: Millis = 5_000;

/// Why nothing is started for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// The hour's limit is used up.
    Hour,
    /// So many accounts wait, and all others of the wave are through.
    Accounts {
        /// For calls of the run that is undone: their answers were lost, and they may still take effect.
        late: u64,
    },
}

/// The accounts of a batch that wait, each with the moment until when.
type Waiting = BTreeMap<AccountId, Millis>;

/// Those that wait until the soonest moment, with all that were counted before.
pub(super) fn sooner(before: Option<(Millis, Pause)>, waiting: Waiting) -> Option<(Millis, Pause)> {
    let Some(first) = waiting.values().min().copied() else { return before };
    let late = waiting.len() as u64;
    Some(match before {
        Some((until, Pause::Accounts { late: so_far })) => {
            (until.min(first), Pause::Accounts { late: so_far + late })
        }
        Some((_, Pause::Hour)) | None => (first, Pause::Accounts { late }),
    })
}

impl Executor<'_> {
    /// Splits a batch into those that can be acted on now, and those that wait.
    pub(super) fn split(
        &self,
        held: &Held,
        entries: Vec<SealedEntry>,
    ) -> Result<(Vec<SealedEntry>, Waiting), RespondError> {
        let now = self.ports.clock.now();
        let Some((undone, _)) = &held.undone else { return Ok((entries, Waiting::new())) };
        // What would be taken back could be done once more after it.
        let accounts: Vec<AccountId> = entries.iter().map(|e| e.entry().account.clone()).collect();
        let late_ms = held.policy.run.late_ms;
        let waiting = self.store.read(|r| r.late_until(undone, &accounts, late_ms, now))?;
        let now = entries.into_iter().filter(|e| !waiting.contains_key(&e.entry().account)).collect();
        Ok((now, waiting))
    }

    /// Waits until the service no longer wants to be left alone; gives why not to go on, where that is so. A run that
    /// would have to wait for too long is halted: what it has begun stays intended, and a resume goes on.
    pub(super) fn wait_out(&self, held: &Held) -> Result<Option<WaveEnd>, RespondError> {
        loop {
            if let Some(end) = self.stopped(held)? {
                return Ok(Some(end));
            }
            let now = self.ports.clock.now();
            match held.pace.rest(now) {
                Rest::Over => return Ok(None),
                Rest::Until(until) => {
                    self.ports.clock.sleep((until - now).min(LOOK_MS));
                    // The lease is renewed.
                    self.write(held, |_| Ok(()))?;
                }
                Rest::TooLong(why) => {
                    self.write(held, |tx| Ok(tx.halt_run(&held.run, "rightful", &why)?))?;
                    return Ok(Some(WaveEnd::Halted(why)));
                }
            }
        }
    }
}
