//! What waits: for a service that wants to be left alone, and for a moment of its own, while others go on. A halt takes
//! effect meanwhile, and the lease is kept.

use super::{Executor, Held, WaveEnd};
use crate::error::RespondError;
use crate::pace::Rest;
use model::id::{AccountId, Millis};
use model::mutant::{self, Mutant};
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
    Accounts(Waits),
}

/// How many accounts wait, by what for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// For the end of their owners' quiet hours.
    pub quiet: u64,
    /// For calls of the run that is undone: their answers were lost, and they may still take effect.
    pub late: u64,
}

/// What waits of a wave: until when, ms, by the soonest, and how many.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) until: Option<Millis>,
    pub(super) waits: Waits,
}

impl Waiting {
    fn add(&mut self, until: Millis) {
        self.until = Some(self.until.map_or(until, |soonest| soonest.min(until)));
    }
}

impl Executor<'_> {
    /// Those of a batch that can be acted on now; the others are added to what waits.
    pub(super) fn due(
        &self,
        held: &Held,
        entries: Vec<SealedEntry>,
        waiting: &mut Waiting,
    ) -> Result<Vec<SealedEntry>, RespondError> {
        let now = self.ports.clock.now();
        let late = match &held.undone {
            // What would be taken back could be done once more after it.
            Some((undone, _)) if !mutant::is_on(Mutant::UndoesBesideLateCalls) => {
                let accounts: Vec<AccountId> = entries.iter().map(|e| e.entry().account.clone()).collect();
                let late_ms = held.policy.run.late_ms;
                self.store.read(|r| r.late_until(undone, &accounts, late_ms, now))?
            }
            Some(_) | None => BTreeMap::new(),
        };
        let mut due = Vec::with_capacity(entries.len());
        for sealed in entries {
            let entry = sealed.entry();
            if let Some(until) = late.get(&entry.account) {
                waiting.add(*until);
                waiting.waits.late += 1;
            } else if let Some(until) = entry.quiet.as_ref().and_then(|quiet| quiet.ends(now))
                && !mutant::is_on(Mutant::ActsByNight)
            {
                waiting.add(until);
                waiting.waits.quiet += 1;
            } else {
                due.push(sealed);
            }
        }
        Ok(due)
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
