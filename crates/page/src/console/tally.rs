//! Counts that a page shows, taken from what it is about.

use crate::picture::{self, Part};
use model::account::Reach;
use model::plan::{ActKind, Entry, LeftOut, LeftOutCode, Tier};
use model::run::StepState;
use model::verdict::Route;
use std::collections::BTreeMap;

/// A plan's accounts by tier, route, act and reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanTally {
    /// How many accounts.
    pub accounts: u64,
    /// Accounts by tier.
    pub tiers: BTreeMap<Tier, u64>,
    /// Accounts by route.
    pub routes: BTreeMap<Route, u64>,
    /// Accounts, and objects where an act has them, by act.
    pub acts: BTreeMap<ActKind, ActTally>,
    /// Accounts by how their owner can be told.
    pub reach: BTreeMap<Reach, u64>,
    /// Accounts that are left alone at night.
    pub quiet: u64,
}

/// One act over a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActTally {
    /// Accounts it is done to.
    pub accounts: u64,
    /// Objects it is done to; none for acts without objects.
    pub objects: u64,
}

impl PlanTally {
    /// Counts entries.
    #[must_use]
    pub fn of(entries: &[Entry]) -> Self {
        let mut tally = Self::default();
        for entry in entries {
            tally.accounts += 1;
            *tally.tiers.entry(entry.tier).or_default() += 1;
            *tally.routes.entry(entry.route).or_default() += 1;
            *tally.reach.entry(entry.reach).or_default() += 1;
            tally.quiet += u64::from(entry.quiet.is_some());
            for act in &entry.acts {
                let of_kind = tally.acts.entry(act.kind()).or_default();
                of_kind.accounts += 1;
                let turned = act.hides().len() + act.shows().len();
                of_kind.objects += (turned + act.unfollows().len() + act.unlikes().len()) as u64;
            }
        }
        tally
    }
}

/// Accounts left out for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutGroup {
    /// The reason's name.
    pub code: LeftOutCode,
    /// How many.
    pub accounts: u64,
    /// The first few, with their sentences.
    pub some: Vec<LeftOut>,
}

impl LeftOutGroup {
    /// Groups by reason, the largest first; of each the first `some_max` are kept to be shown.
    #[must_use]
    pub fn of(left_out: &[LeftOut], some_max: usize) -> Vec<Self> {
        let mut by_code: BTreeMap<LeftOutCode, Self> = BTreeMap::new();
        for one in left_out {
            let group = by_code.entry(one.code).or_insert_with(|| Self {
                code: one.code,
                accounts: 0,
                some: Vec::new(),
            });
            group.accounts += 1;
            if group.some.len() < some_max {
                group.some.push(one.clone());
            }
        }
        let mut groups: Vec<Self> = by_code.into_values().collect();
        groups.sort_by_key(|g| std::cmp::Reverse(g.accounts));
        groups
    }
}

/// Accounts by how far the acts on them are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepTally {
    /// Not begun.
    pub untouched: u64,
    /// Begun, not confirmed.
    pub intended: u64,
    /// Every act is confirmed or was rightly left.
    pub done: u64,
    /// Left as they were: a premise no longer held.
    pub skipped: u64,
    /// Refused by the service.
    pub failed: u64,
    /// No answer: the service must be asked.
    pub unknown: u64,
    /// An undo of which a part could not be done: a person must look.
    pub stuck: u64,
}

impl StepTally {
    /// All accounts.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.untouched + self.begun()
    }

    /// Those on which something was begun.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.intended + self.done + self.skipped + self.failed + self.unknown + self.stuck
    }

    /// Adds accounts whose acts are in one state.
    pub fn add(&mut self, state: StepState, accounts: u64) {
        match state {
            StepState::Intended => self.intended += accounts,
            StepState::Done => self.done += accounts,
            StepState::Skipped => self.skipped += accounts,
            StepState::Failed => self.failed += accounts,
            StepState::Unknown => self.unknown += accounts,
        }
    }

    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            untouched: self.untouched + other.untouched,
            intended: self.intended + other.intended,
            done: self.done + other.done,
            skipped: self.skipped + other.skipped,
            failed: self.failed + other.failed,
            unknown: self.unknown + other.unknown,
            stuck: self.stuck + other.stuck,
        }
    }

    /// As parts of a bar.
    pub(crate) fn parts(&self) -> Vec<Part> {
        picture::stacked(&[
            ("good", "done", self.done),
            ("idle", "skipped", self.skipped),
            ("mid", "under way", self.intended),
            ("ask", "unknown", self.unknown),
            ("bad", "failed", self.failed),
            ("bad", "stuck", self.stuck),
            ("rest", "not begun", self.untouched),
        ])
    }
}
