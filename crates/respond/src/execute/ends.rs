//! What the acts on one account came to: for the ledger, for the owner, and for a person where no plan can end it.

use crate::execute::Held;
use crate::step::StepEnd;
use model::account::{CredentialVersion, Reach};
use model::id::AccountId;
use model::plan::{Act, Purpose};
use model::run::{Mover, PersonNeeded, StepState, Stuck};
use model::seal::SealedEntry;
use std::collections::BTreeSet;
use store::hidden::Hiding;
use store::holds::Holding;
use store::steps::{CaseState, Outcome};

/// What became of one account.
pub(super) struct Acted<'a> {
    pub(super) entry: &'a SealedEntry,
    /// Whether its credential is another than the plan names.
    pub(super) is_moved: bool,
    /// Whether the acts were those for a credential that has moved.
    pub(super) instead: bool,
    /// What each of its acts came to, by place.
    pub(super) ends: Vec<(u32, StepState)>,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) ours: Option<(AccountId, CredentialVersion)>,
    pub(super) hiding: Option<Hiding>,
    pub(super) holding: Option<Holding>,
    /// Whether an undo ended the hold.
    pub(super) released: bool,
    pub(super) state: CaseState,
    pub(super) reason: Option<String>,
    pub(super) telling: Telling,
    pub(super) stuck: Option<Stuck>,
    /// The step that stays to be done, where the service wants to be left alone: the account is not settled yet.
    pub(super) waits: Option<Waiting>,
}

/// A step that waits.
pub(super) struct Waiting {
    pub(super) place: u32,
    /// Calls of it that were made.
    pub(super) attempts: u32,
    /// Whether the answer to one of them was lost.
    pub(super) answer_was_lost: bool,
}

/// Whether an owner is told now: once, and of what was really done.
#[derive(Clone, Copy)]
pub(super) enum Telling {
    Wait,
    Due,
    Void,
}

/// How many things a step changed. Where an answer was lost, the last one counts only what was left to do: then nobody
/// knows, but for what is shown again, which is there or gone.
pub(super) fn changed(act: &Act, end: &StepEnd, answer_was_lost: bool) -> Option<u64> {
    match (&end.turned, answer_was_lost) {
        (_, false) => end.changed,
        (Some((_, gone)), true) if !act.shows().is_empty() => Some((act.shows().len() - gone.len()) as u64),
        (Some(_) | None, true) => None,
    }
}

/// Why an undo is stuck after an act, where it is.
pub(super) fn stuck_by(act: &Act, end: &StepEnd) -> Option<Stuck> {
    match (end.state, act) {
        (StepState::Failed, _) => Some(Stuck::Refused),
        (StepState::Skipped, _) if end.is_out_of_order => Some(Stuck::NotInOrder),
        (StepState::Skipped, Act::RestoreCredential) => Some(Stuck::CredentialMoved),
        (StepState::Skipped, Act::PutBackContact { .. }) => Some(Stuck::ContactMoved),
        (StepState::Skipped, Act::AddFactor { .. }) => Some(Stuck::FactorLost),
        (StepState::Skipped, _) => Some(Stuck::AccountGone),
        (StepState::Done, Act::ShowObjects { .. }) => {
            end.turned.as_ref().filter(|(_, gone)| !gone.is_empty()).map(|_| Stuck::ObjectGone)
        }
        (StepState::Done | StepState::Intended | StepState::Unknown, _) => None,
    }
}

/// Whoever can't be brought to an end by a plan, and is no probe of ours, is put into a person's queue, and who was mended is taken out.
/// `waiting` are those who stand in it now.
pub(super) fn queue(
    tx: &store::Tx,
    held: &Held,
    acted: &Acted<'_>,
    waiting: &BTreeSet<AccountId>,
) -> Result<(), store::StoreError> {
    let (plan, entry) = (&held.plan.header().plan, acted.entry.entry());
    if entry.is_probe() {
        return Ok(());
    }
    let account = &entry.account;
    let contains = match held.plan.header().purpose {
        Purpose::Contain | Purpose::Brake => true,
        Purpose::Undo { .. } | Purpose::Addendum { .. } => false,
    };
    let put = |why: PersonNeeded, saying: &str| tx.put_in_queue(plan, Some(&held.run), account, why, saying);
    if let Some(stuck) = acted.stuck {
        put(PersonNeeded::Stuck, stuck.todo())?;
    } else if held.undone.is_some() && acted.state == CaseState::Done && waiting.contains(account) {
        tx.close_in_queue(account, Some(PersonNeeded::Stuck), "rightful", "done by a later try")?;
    }
    let moved = if acted.is_moved || acted.instead { tx.moved(&held.run, account)? } else { None };
    match moved {
        Some(Mover::Unknown) => put(PersonNeeded::MovedUnknown, "its credential moved after sealing")?,
        Some(Mover::Intruder) => {
            put(PersonNeeded::MovedByIntruder, "the intruder changed its credential after sealing")?;
        }
        Some(Mover::Owner) => {}
        // Contained as planned: what an earlier plan had left to a person is done.
        None if contains && acted.state == CaseState::Done && waiting.contains(account) => {
            for why in [PersonNeeded::MovedUnknown, PersonNeeded::MovedByIntruder] {
                tx.close_in_queue(account, Some(why), "rightful", "contained by a later plan")?;
            }
        }
        None => {}
    }
    let touched = matches!(acted.telling, Telling::Due);
    if touched && held.undone.is_none() && entry.reach == Reach::None {
        put(PersonNeeded::Unreachable, "contained, and its owner can't be told in any way")?;
    }
    Ok(())
}

/// What all steps of an account make of it.
pub(super) fn case_state(ends: &[(u32, StepState)]) -> CaseState {
    let any = |state: StepState| ends.iter().any(|(_, s)| *s == state);
    if any(StepState::Unknown) || any(StepState::Intended) {
        CaseState::Unknown
    } else if any(StepState::Failed) {
        CaseState::Failed
    } else if any(StepState::Done) {
        CaseState::Done
    } else {
        CaseState::Skipped
    }
}
