//! The accounts of a batch as the hands take them up: the sealed entry, what its acts need, and what is done already.

use super::prepare::{Go, Means};
use crate::step::Earlier;
use model::id::Millis;
use model::plan::Act;
use model::run::StepState;
use model::seal::SealedEntry;
use std::collections::BTreeMap;

/// One account to be acted on, with what is done already.
#[derive(Clone)]
pub(super) struct Work<'a> {
    pub(super) entry: &'a SealedEntry,
    pub(super) means: Means,
    pub(super) done: Vec<(u32, StepState)>,
    /// Begun by an earlier call, whose answers may have been lost.
    pub(super) resumed: bool,
    /// Whether nobody knows if calls were made since the ledger last heard: the process that made them died.
    pub(super) left_open: bool,
    /// Steps of which an answer was lost, each with the moment.
    pub(super) lost: BTreeMap<u32, Millis>,
    /// Calls of the next step that are not on record yet.
    pub(super) tried: u32,
    /// Whether the acts are those for a credential that has moved.
    pub(super) instead: bool,
}

impl<'a> Work<'a> {
    /// An account whose intent was just kept.
    pub(super) fn new(entry: &'a SealedEntry, means: Means) -> Self {
        Self {
            entry,
            means,
            done: Vec::new(),
            resumed: false,
            left_open: false,
            lost: BTreeMap::new(),
            tried: 0,
            instead: false,
        }
    }

    /// What is known of calls of a step that were made before.
    pub(super) fn earlier(&self, place: u32) -> Earlier {
        match self.lost.get(&place) {
            Some(at) => Earlier::Lost(*at),
            None if self.left_open => Earlier::Perhaps,
            None => Earlier::Answered,
        }
    }
}

/// The accounts of a batch that can be acted on, none of it done yet.
pub(super) fn works<'a>(entries: &'a [SealedEntry], go: &[Go], now: Millis) -> Vec<Work<'a>> {
    let work = |g: &Go| {
        let hold_ends_at = hold_end(&entries[g.place].entry().acts, now);
        Work::new(&entries[g.place], Means { hold_ends_at, ..g.means.clone() })
    };
    go.iter().map(work).collect()
}

/// When the hold among acts ends, ms, where its intent is kept at `now`.
pub(super) fn hold_end(acts: &[Act], now: Millis) -> Option<Millis> {
    acts.iter().find_map(Act::holds_ms).map(|lasts_ms| now + lasts_ms)
}
