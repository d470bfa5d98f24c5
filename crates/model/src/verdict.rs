//! What a hunt concludes of an account, and what that rests on (the files a hunt writes).

use crate::id::{AccountId, AppId, CampaignId, Digest, EventId, Millis, ObjectId, SessionId};
use serde::{Deserialize, Serialize};

/// What a hunt believes of an account. An account without a verdict is clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Belief {
    /// Believed compromised: may enter a plan.
    Compromised,
    /// A person must look first.
    Suspected,
}

/// How the intruder came in, hence what must be taken from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// The password is known: a new one is required.
    Credential,
    /// A session was stolen: revoke, and a new credential.
    Session,
    /// A malicious application was let in: its grant is revoked; the password stays.
    App,
}

/// The family a piece of evidence belongs to; `compromised` needs novelty and one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// A foreign actor.
    Novelty,
    /// What it did: lures, bursts, mass follows.
    Abuse,
    /// Contact, password and second factor changed in a row by a foreign actor.
    Takeover,
    /// Artefacts shared with other accounts' foreign actors.
    Campaign,
    /// A sign-in in a run of failures across many accounts from the same machines.
    Entry,
    /// Facts from outside, never alone.
    Intelligence,
}

impl Family {
    /// Whether it is one of the families that a verdict, and a policy, ask for: what others say of an account never is.
    #[must_use]
    pub fn counts(self) -> bool {
        match self {
            Self::Novelty | Self::Abuse | Self::Takeover | Self::Campaign | Self::Entry => true,
            Self::Intelligence => false,
        }
    }
}

/// One rule's finding about one account, copied by value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The rule.
    pub signal: String,
    /// Its family.
    pub family: Family,
    /// Its log-odds weight, as it entered the confidence.
    pub weight: f64,
    /// One plain sentence: what was seen against what is usual.
    pub summary: String,
    /// The events it rests on.
    pub events: Vec<EventId>,
    /// The campaign it rests on, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
}

/// A piece of evidence without its particulars: all that a confidence is computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tie {
    /// The rule.
    pub signal: String,
    /// Its family.
    pub family: Family,
    /// Its log-odds weight.
    pub weight: f64,
    /// The campaign it rests on, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
}

impl From<&Evidence> for Tie {
    fn from(evidence: &Evidence) -> Self {
        Self {
            signal: evidence.signal.clone(),
            family: evidence.family,
            weight: evidence.weight,
            campaign: evidence.campaign.clone(),
        }
    }
}

/// From the intruder's first act to the last one seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First act, ms.
    pub start: Millis,
    /// Last act seen, ms.
    pub end: Millis,
}

/// A change the intruder made, with what was there before where it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The event's kind.
    pub kind: crate::event::Kind,
    /// The value before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// The event.
    pub event: EventId,
}

/// What is attributed to the intruder, so that only that is touched, and nothing of the owner's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the contract's own words")]
pub struct Intruder {
    pub events: Vec<EventId>,
    pub objects: Vec<ObjectId>,
    /// Accounts that were followed in the intruder's hand alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<AccountId>,
    /// What was liked in the intruder's hand alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub likes: Vec<ObjectId>,
    pub sessions: Vec<SessionId>,
    pub apps: Vec<AppId>,
    pub changes: Vec<Change>,
}

/// A line of `verdicts.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the contract's own words")]
pub struct Verdict {
    pub account: AccountId,
    pub verdict: Belief,
    pub route: Route,
    /// A stated function of the evidence, between 0 and 1.
    pub confidence: f64,
    pub window: Window,
    pub evidence: Vec<Evidence>,
    pub intruder: Intruder,
}

impl Verdict {
    /// How many different families the evidence spans, of those that count.
    #[must_use]
    pub fn families(&self) -> usize {
        let families = self.evidence.iter().map(|e| e.family).filter(|f| f.counts());
        families.collect::<std::collections::BTreeSet<_>>().len()
    }
}

/// A line of `campaigns.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// The id, made from the content.
    pub id: CampaignId,
    /// How many accounts it ties together.
    pub size: u64,
    /// What they share: kind of artefact and value.
    pub artefacts: Vec<Artefact>,
    /// A few texts as they were sent.
    pub sample_texts: Vec<String>,
    /// First act, ms.
    pub first: Millis,
    /// Last act, ms.
    pub last: Millis,
}

/// A value that ties accounts together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Artefact {
    /// What sort of value: `text`, `domain`, `address`, `prefix`, `user_agent`, `app`, `target`, `device`, …
    pub kind: String,
    /// The value.
    pub value: String,
}

/// Whose hand an event shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    /// The rightful owner's.
    Owner,
    /// The intruder's.
    Intruder,
    /// Neither can be said.
    Unknown,
}

/// One line of a person's timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Whose hand.
    pub hand: Hand,
    /// The event itself.
    pub event: crate::event::Event,
}

/// A line of `timelines.jsonl`: what a reviewer, an owner's page and `case show` read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// The account.
    pub account: AccountId,
    /// In time order: the window, and some events before it.
    pub moments: Vec<Moment>,
}

/// A change that came to a large share of the base at once: the service's own doing, and no evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// The feature that changed.
    pub feature: String,
    /// The value that came.
    pub value: String,
    /// How many accounts carry it.
    pub accounts: u64,
    /// Of the active accounts, 0 to 1.
    pub share: f64,
    /// When it began, ms.
    pub since: Millis,
}

/// An account that carries a campaign's artefact and was left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearMiss {
    /// The account.
    pub account: AccountId,
    /// The campaign it looks like.
    pub campaign: CampaignId,
    /// Why it was left out.
    pub reason: String,
}

/// `summary.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Events that count.
    pub events: u64,
    /// Lines that could not be read.
    pub rejected: u64,
    /// Events seen twice.
    pub duplicates: u64,
    /// Of these, the ones whose second copy said something else.
    pub conflicting: u64,
    /// Kinds this version does not know, with their counts.
    pub unknown_kinds: std::collections::BTreeMap<String, u64>,
    /// Accounts seen.
    pub accounts: u64,
    /// Accounts with an event of their own in the last 30 days of the input.
    pub active: u64,
    /// First and last moment of the input.
    pub window: Window,
    /// Verdicts by belief and route: `compromised.credential` → count.
    pub verdicts: std::collections::BTreeMap<String, u64>,
    /// Systemic shifts.
    pub shifts: Vec<Shift>,
    /// Matched a campaign's artefact, left out.
    pub left_out: Vec<NearMiss>,
    /// Log-odds before any evidence.
    pub prior: f64,
    /// The most that each signal adds, in log-odds: a piece of evidence says what it adds where little is known.
    pub weights: std::collections::BTreeMap<String, f64>,
    /// What the confidence was calibrated on.
    pub calibration: String,
    /// The files of intelligence that the hunt was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intelligence: Vec<IntelligenceFile>,
}

/// What a file of intelligence speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntelligenceKind {
    /// Domains that are said to be bad.
    Domains,
    /// Addresses and prefixes that are said to be bad.
    Addresses,
    /// Accounts whose credential is said to be leaked.
    Leaked,
    /// The network and country of addresses.
    Mmdb,
}

/// A file of intelligence, and what it came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntelligenceFile {
    /// What it speaks of.
    pub kind: IntelligenceKind,
    /// Its name, without the folder.
    pub file: String,
    /// SHA-256 over its bytes.
    pub digest: Digest,
    /// How many values it names; an MMDB does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<u64>,
    /// How many of these the events met; of an MMDB, how many events it filled in.
    pub met: u64,
    /// How many of these owners here use as well, so that they say nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub common: Option<u64>,
    /// The first of those, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub common_first: Vec<String>,
}
