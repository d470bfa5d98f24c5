//! What an addendum is added to: a containment plan, and how each of its accounts stands now.
//!
//! It is what drafting and preflight are told; that it still is so is asked for again when an addendum is sealed and when
//! its intents are kept.

use crate::id::{AccountId, Digest, EventId, Millis, ObjectId, RunId};
use crate::plan::Tier;
use crate::verdict::Route;
use std::collections::{BTreeMap, BTreeSet};

/// How an account of a run stands, for whoever would add to what was done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Contained, by confirmed acts, and nothing of it was taken back.
    Contained,
    /// The run has not contained it, or it is not known whether it has.
    NotContained,
    /// It was nobody's victim.
    Exonerated,
    /// Its owner says *that was me*.
    Disputed,
    /// An undo of the run names it.
    TakenBack,
}

impl Standing {
    /// In words, for the record.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Contained => "the run contained it",
            Self::NotContained => "the run did not contain it, as far as is confirmed",
            Self::Exonerated => "it is exonerated",
            Self::Disputed => "its owner says: that was me",
            Self::TakenBack => "an undo of the run names it",
        }
    }
}

/// One account of the plan that is added to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Why it was in that plan.
    pub tier: Tier,
    /// How the intruder came in, by that plan.
    pub route: Route,
    /// The events that its evidence rested on, as far as they were the intruder's.
    pub cited: BTreeSet<EventId>,
    /// The intruder's last act that the plan knew of, ms: what was made later is for an addendum, also what was made
    /// between the hunt and the seal; what was made before and not named was left to the owner.
    pub seen_until: Millis,
    /// Objects that the plan, or an earlier addendum to it, has named already.
    pub named: BTreeSet<ObjectId>,
    /// How it stands now.
    pub standing: Standing,
}

/// The plan that is added to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Its run.
    pub run: RunId,
    /// Its digest.
    pub digest: Digest,
    /// Its accounts.
    pub parts: BTreeMap<AccountId, Part>,
}
