//! What a letter is written from: the sealed entry, and what was really done, as it stands on record when its notice
//! becomes due. An owner is never told what was only planned.

use crate::error::RespondError;
use crate::execute::Held;
use model::id::{AccountId, Millis, NoticeCode};
use model::plan::{Act, Entry, Header};
use model::run::StepState;
use std::collections::BTreeMap;
use store::holds::HoldRow;
use store::notices::Words;

/// What a letter is written from.
#[derive(Clone, Debug)]
pub struct LetterOrder<'a> {
    /// The plan's header.
    pub header: &'a Header,
    /// The sealed entry.
    pub entry: &'a Entry,
    /// The notice's code.
    pub code: &'a NoticeCode,
    /// What was done.
    pub done: WasDone,
    /// When, ms.
    pub at: Millis,
}

/// Writes letters, from an order and what the ledger says of the account in the same view of it.
pub type Letters<'a> = dyn Fn(&store::Read, &LetterOrder<'_>) -> Result<Words, String> + Sync + 'a;

/// What was done to an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WasDone {
    /// The acts that were confirmed, each with how many things it changed; `None` where that is no count, or not known.
    pub acts: Vec<(Act, Option<u64>)>,
    /// Objects that were really hidden.
    pub hidden: u64,
    /// Until when the account is taken off by us, ms.
    pub held_until: Option<Millis>,
}

impl WasDone {
    /// As if everything were done that an entry asks for, from a moment on: for whoever approves.
    #[must_use]
    pub fn as_planned(entry: &Entry, at: Millis) -> Self {
        let count = |act: &Act| (!act.shows().is_empty()).then_some(act.shows().len() as u64);
        Self {
            acts: entry.acts.iter().map(|a| (a.clone(), count(a))).collect(),
            hidden: entry.acts.iter().map(|a| a.hides().len() as u64).sum(),
            held_until: entry.acts.iter().find_map(Act::holds_ms).map(|lasts_ms| at + lasts_ms),
        }
    }

    /// As it stands on record, for some accounts of a run.
    pub(crate) fn on_record(
        read: &store::Read,
        held: &Held,
        accounts: &[AccountId],
    ) -> Result<BTreeMap<AccountId, Self>, RespondError> {
        let mut all: BTreeMap<AccountId, Self> =
            accounts.iter().map(|a| (a.clone(), Self::default())).collect();
        for step in read.steps(&held.run, accounts)?.into_iter().filter(|s| s.state == StepState::Done) {
            all.entry(step.account).or_default().acts.push((step.act, step.changed));
        }
        for (account, objects) in read.turned_objects(&held.run, accounts)? {
            all.entry(account).or_default().hidden = objects.len() as u64;
        }
        for hold in read.holds(&held.run, accounts)?.into_iter().filter(HoldRow::is_open) {
            all.entry(hold.account).or_default().held_until = Some(hold.ends_at);
        }
        Ok(all)
    }
}
