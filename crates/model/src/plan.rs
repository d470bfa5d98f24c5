//! What will be done to whom: entries, the header, and the states a plan goes through; the acts are in a file of theirs.

mod act;

pub use act::{Act, ActKind, Grants, Purpose};

use crate::account::{ContactKind, Reach};
use crate::id::{AccountId, Digest, Millis, OperatorName, PlanId};
use crate::probe::ProbeKind;
use crate::quiet::Quiet;
use crate::verdict::{Evidence, Route, Window};
use serde::{Deserialize, Serialize};

/// Why an account may be in a cohort at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Convicted by at least two families of evidence.
    Evidence,
    /// Suspected and confirmed by a person, or a verified outside fact about this very account.
    Precaution,
    /// No verdict at all: a probe account of ours, contained so that it can be tried.
    Probe,
}

/// What a notice says; bound to the tier, route and purpose when the plan is made, never chosen when it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// Somebody knew the password.
    Credential,
    /// Somebody held a session.
    Session,
    /// An application did it; the password stays.
    App,
    /// A precaution: no claim that somebody was in.
    Precaution,
    /// The reset was a mistake; what was put back; an apology.
    Correction,
    /// A hold was lifted; the owner sets a new credential.
    Release,
    /// More of what the intruder wrote was hidden, after a notice that said what else was done.
    Addendum,
}

/// A contact by reference: the plan holds a digest, the ledger the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRef {
    /// Mail or phone.
    pub kind: ContactKind,
    /// SHA-256 of the contact's value.
    pub version: Digest,
}

/// One account of a plan: all that will be done to it and why. The values beside the plan's lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The account.
    pub account: AccountId,
    /// The wave it is acted on in; 0 is the canary.
    pub wave: u32,
    /// Why it may be here.
    pub tier: Tier,
    /// How the intruder came in.
    pub route: Route,
    /// One sentence for the approver.
    pub reason: String,
    /// The verdict's confidence.
    pub confidence: f64,
    /// The intruder's time on the account.
    pub window: Window,
    /// What it rests on, copied by value.
    pub evidence: Vec<Evidence>,
    /// The acts, in the order they are done.
    pub acts: Vec<Act>,
    /// What is done in their place where the credential has moved since sealing, and not by the owner as far as is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub if_moved: Vec<Act>,
    /// The part of the base it belongs to, as the service cut it when the plan was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// How the owner can be told.
    pub reach: Reach,
    /// Where the notice goes: the contact known from before the compromise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactRef>,
    /// What the notice says.
    pub notice: Template,
    /// Of a probe account: the credentials that are tried before and after its wave. Nobody's secrets are held but ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<ProbeKind>,
    /// The owner's hours in which it is not done; absent where it is done at any hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
}

impl Entry {
    /// All that is sealed for the account, in the order of its places: the acts, then those in their place.
    pub fn places(&self) -> impl Iterator<Item = &Act> {
        self.acts.iter().chain(&self.if_moved)
    }

    /// Whether it is a probe account of ours: nobody is told, and nobody counts it.
    #[must_use]
    pub fn is_probe(&self) -> bool {
        self.tier == Tier::Probe
    }
}

/// The first line of a plan file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The format's name and version.
    pub format: String,
    /// The plan.
    pub plan: PlanId,
    /// What it is for.
    pub purpose: Purpose,
    /// Who made it, and may therefore not approve it.
    pub author: OperatorName,
    /// When it was drafted, ms.
    pub drafted_at: Millis,
    /// When it ends to be good, ms.
    pub expires_at: Millis,
    /// How many accounts of owners: the lines after this one.
    pub accounts: u64,
    /// How many of these accounts each wave has, the canary first.
    pub waves: Vec<u64>,
    /// How many probe accounts: the lines after those.
    #[serde(default, skip_serializing_if = "is_none")]
    pub probes: u64,
    /// The policy it was made under.
    pub policy: Digest,
    /// The hunt's answer it was made from.
    pub hunt: Digest,
    /// The service it is for.
    pub connector: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(probes: &u64) -> bool {
    *probes == 0
}

/// The format written in a header.
pub const FORMAT: &str = "rightful-plan/1";

/// A plan that may still change: nothing can be done with it but to check and seal it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The header to be.
    pub header: Header,
    /// The owners' accounts, sorted, each once.
    pub entries: Vec<Entry>,
    /// Probe accounts of ours, sorted, each once; among no owners' accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Entry>,
    /// Those that were considered and left out, with the reason.
    pub left_out: Vec<LeftOut>,
}

/// An account that was considered and left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// The account.
    pub account: AccountId,
    /// A short name for the reason.
    pub code: LeftOutCode,
    /// One sentence.
    pub reason: String,
}

/// Why an account was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is explained by the sentence beside it")]
pub enum LeftOutCode {
    OnlySuspected,
    NotListed,
    BelowConfidence,
    OneFamily,
    NoEvidence,
    UnknownAccount,
    LabelledNotCompromised,
    Protected,
    AtRisk,
    ServiceAccount,
    Sentinel,
    Probe,
    NotReachable,
    NothingToRevoke,
    MissingAtService,
    AlreadyContained,
    BeyondOrder,
    NotContained,
    TakenBack,
    AnotherHand,
    BeyondAddendum,
    WaitsForPerson,
}

/// A plan's states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the policy's own words")]
pub enum PlanState {
    Draft,
    Checked,
    Sealed,
    Reviewed,
    Approved,
    Armed,
    Running,
    Done,
    Refused,
    Expired,
    Halted,
}

impl PlanState {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::Checked,
        Self::Sealed,
        Self::Reviewed,
        Self::Approved,
        Self::Armed,
        Self::Running,
        Self::Done,
        Self::Refused,
        Self::Expired,
        Self::Halted,
    ];

    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Checked => "checked",
            Self::Sealed => "sealed",
            Self::Reviewed => "reviewed",
            Self::Approved => "approved",
            Self::Armed => "armed",
            Self::Running => "running",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Halted => "halted",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }

    /// Whether the next state may follow this one.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Draft => matches!(next, Self::Checked | Self::Refused),
            Self::Checked => matches!(next, Self::Sealed | Self::Refused | Self::Expired),
            Self::Sealed => matches!(next, Self::Reviewed | Self::Refused | Self::Expired),
            Self::Reviewed => matches!(next, Self::Approved | Self::Refused | Self::Expired),
            Self::Approved => matches!(next, Self::Armed | Self::Refused | Self::Expired),
            Self::Armed => matches!(next, Self::Running | Self::Halted | Self::Expired),
            Self::Running => matches!(next, Self::Done | Self::Halted),
            Self::Halted => matches!(next, Self::Running),
            Self::Done | Self::Refused | Self::Expired => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_runs_that_was_not_armed_and_nothing_is_armed_that_was_not_approved() {
        for from in PlanState::ALL {
            assert_eq!(
                from.may_become(PlanState::Running),
                matches!(from, PlanState::Armed | PlanState::Halted),
                "{from:?}"
            );
            assert_eq!(from.may_become(PlanState::Armed), from == PlanState::Approved, "{from:?}");
            assert_eq!(from.may_become(PlanState::Approved), from == PlanState::Reviewed, "{from:?}");
        }
    }

    #[test]
    fn ended_states_stay() {
        for end in [PlanState::Done, PlanState::Refused, PlanState::Expired] {
            assert!(PlanState::ALL.into_iter().all(|next| !end.may_become(next)), "{end:?}");
        }
    }

    #[test]
    fn names_are_read_back() {
        assert!(PlanState::ALL.into_iter().all(|s| PlanState::from_name(s.as_str()) == Some(s)));
    }
}
