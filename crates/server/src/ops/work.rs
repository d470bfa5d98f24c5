//! A worker's turn: every run that is running is taken one step further, unless another worker is at it. What holds for one
//! process holds for many: a run is leased, what a worker that died had begun is settled by asking, and rates and limits are
//! taken from one ledger.

use super::run::{self, Advance};
use crate::context::Context;
use crate::error::Result;
use model::id::RunId;
use model::run::RunState;

/// What a turn came to for one run.
pub(crate) enum Went {
    /// It went a step further; what that was.
    On(Advance),
    /// Another worker is at it.
    Elsewhere,
    /// It could not be worked on now. The next turn tries again.
    Failed(crate::error::Error),
}

/// Takes each running run a step further; gives what came of each.
///
/// # Errors
/// Where the ledger can't be read.
pub(crate) fn turn(ctx: &Context, progress: &(dyn Fn(u64) + Sync)) -> Result<Vec<(RunId, Went)>> {
    let runs = ctx.store.read(store::Read::runs)?;
    let running = runs.into_iter().filter(|r| r.state == RunState::Running);
    let one = |run: RunId| {
        let went = match run::advance(ctx, &run, progress) {
            Ok(Advance::Elsewhere) => Went::Elsewhere,
            Ok(step) => Went::On(step),
            Err(error) => Went::Failed(error),
        };
        (run, went)
    };
    Ok(running.map(|r| one(r.id)).collect())
}
