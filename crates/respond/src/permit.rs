//! Permits: the proof, in the type, that a sealed plan (or the owner, in their own case) asked for an act.

use model::id::{AccountId, Digest};
use model::seal::SealedEntry;

/// Permits one step on one account of a sealed plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    account: AccountId,
    key: String,
}

impl Permit {
    /// From an entry found under the seal: act `place` of all that is sealed for it. `None` where there is no such act.
    pub(crate) fn new(entry: &SealedEntry, place: usize) -> Option<Self> {
        entry.entry().places().nth(place)?;
        let account = entry.entry().account.clone();
        let key = Digest::of(format!("{}\n{account}\n{place}", entry.digest()).as_bytes()).hex();
        Some(Self { account, key })
    }

    /// The one account it is good for.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The same for each try of the same step: what a service that knows keys is given.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Permits to try the credentials of one probe account of a sealed plan: whoever is handed none can't sign in as anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialPermit {
    account: AccountId,
}

impl TrialPermit {
    /// From an entry found under the seal. `None` where it is an owner's.
    pub(crate) fn new(entry: &SealedEntry) -> Option<Self> {
        let account = entry.entry().account.clone();
        entry.entry().is_probe().then_some(Self { account })
    }

    /// The one account it is good for.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }
}

/// Permits the owner's own act, on their own case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerPermit {
    account: AccountId,
}

impl OwnerPermit {
    /// From a case that the owner has proved to be theirs (`recover`).
    pub(crate) fn new(account: AccountId) -> Self {
        Self { account }
    }

    /// The one account it is good for.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }
}
