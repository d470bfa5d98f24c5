//! The accounts of a batch as the hands take them up: the sealed entry, what its acts need, and what is done already.

use super::prepare::{Go, Means};
use model::id::Millis;
use model::plan::Act;
use model::run::StepState;
use model::seal::SealedEntry;

/// One account to be acted on, with what is done already.
pub(super) struct Work<'a> {
    pub(super) entry: &'a SealedEntry,
    pub(super) means: Means,
    pub(super) done: Vec<(u32, StepState)>,
    /// Begun by an earlier call, whose answers may have been lost.
    pub(super) resumed: bool,
    /// Whether the acts are those for a credential that has moved.
    pub(super) instead: bool,
}

/// The accounts of a batch that can be acted on, none of it done yet.
pub(super) fn works<'a>(entries: &'a [SealedEntry], go: &[Go], now: Millis) -> Vec<Work<'a>> {
    let work = |g: &Go| Work {
        entry: &entries[g.place],
        means: Means { hold_ends_at: hold_end(&entries[g.place].entry().acts, now), ..g.means.clone() },
        done: Vec::new(),
        resumed: false,
        instead: false,
    };
    go.iter().map(work).collect()
}

/// When the hold among acts ends, ms, where its intent is kept at `now`.
pub(super) fn hold_end(acts: &[Act], now: Millis) -> Option<Millis> {
    acts.iter().find_map(Act::holds_ms).map(|lasts_ms| now + lasts_ms)
}
