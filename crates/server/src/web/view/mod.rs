//! Pages filled from the ledger. Reads only: nothing here writes, and nothing here decides.

pub(super) mod account;
pub(super) mod case;
pub(super) mod index;
pub(super) mod mail;
pub(super) mod plan;
pub(super) mod routine;
pub(super) mod run;

use super::App;
use model::id::RunId;
use page::console::{Console, StepTally};
use store::steps::CaseState;
use store::{Read, StoreError};

/// What every page of the console has around it.
fn console(app: &App, refresh_s: Option<u32>) -> Console {
    Console {
        service_name: app.ctx.service.named.name.clone(),
        badge: app.guide.badge.clone(),
        shown_at: app.ctx.now(),
        has_mails: app.mails.is_some(),
        refresh_s,
    }
}

/// All states that an account of a run can be in.
const CASE_STATES: [CaseState; 7] = [
    CaseState::Intended,
    CaseState::Done,
    CaseState::Skipped,
    CaseState::Failed,
    CaseState::Unknown,
    CaseState::Frozen,
    CaseState::Stuck,
];

/// Adds accounts of a run that are in one state.
fn add(tally: &mut StepTally, state: CaseState, accounts: u64) {
    match state {
        CaseState::Intended => tally.intended += accounts,
        CaseState::Done => tally.done += accounts,
        // Its owner disputed before its turn: left as it was.
        CaseState::Skipped | CaseState::Frozen => tally.skipped += accounts,
        CaseState::Failed => tally.failed += accounts,
        CaseState::Unknown => tally.unknown += accounts,
        CaseState::Stuck => tally.stuck += accounts,
    }
}

/// A run's accounts by state, of so many that its plan has.
fn tally_of(read: &Read, run: &RunId, accounts: u64) -> Result<StepTally, StoreError> {
    let mut tally = StepTally::default();
    for state in CASE_STATES {
        add(&mut tally, state, read.count_cases(run, state)?);
    }
    tally.untouched = accounts.saturating_sub(tally.begun());
    Ok(tally)
}
