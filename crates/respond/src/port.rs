//! The ports: what the protected service must be able to do for us, and what the house is handed from outside.
//!
//! A writing method takes a [`Permit`]. Only this crate makes one, from a step read back from a sealed plan, so a
//! connector can't be made to act on an account that no sealed plan names.

use crate::permit::{OwnerPermit, Permit, TrialPermit};
use model::account::{AccountState, ContactKind, CredentialVersion};
use model::id::{AccountId, AppId, Digest, FactorId, Millis, ObjectId};
use model::plan::{ActKind, Grants};
use model::probe::ProbeKind;
use model::secret::Secret;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// How a connector makes sure that a credential is replaced only if it is the one the plan names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Compare and swap in one statement.
    Atomic,
    /// Read, compare, write: a change in between is lost.
    ReadBefore,
    /// It can't be told.
    None,
}

/// Whether an act may be done again when its answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The service knows our attempt by its key.
    Keyed,
    /// The service's state tells whether it was done.
    Comparable,
    /// Neither: a lost answer goes to a person.
    None,
}

/// What a connector says of itself; the approver sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// `django:example.test`: kind and place, as it is written in a plan's header.
    pub name: String,
    /// How the credential is guarded.
    pub guard: Guard,
    /// Whether lost answers can be resolved.
    pub repeat: Repeat,
    /// The acts it can do.
    pub acts: Vec<ActKind>,
    /// What a reset alone leaves alive here, and by which act it dies (or that it doesn't): kind → sentence.
    pub survives: BTreeMap<String, String>,
    /// What no act here ends, and which whoever holds it could climb back with: kind → how long it lives on at most, ms.
    /// Only a hold keeps it from being used.
    pub outlives: BTreeMap<String, Millis>,
    /// The kinds of credential that open an account here.
    pub opens: Vec<ProbeKind>,
    /// Those of them that it can really try, on probe accounts.
    pub probes: Vec<ProbeKind>,
}

impl Capabilities {
    /// How long a hold must last here until everything that can't be revoked has died; `None` where there is nothing.
    #[must_use]
    pub fn outlives_ms(&self) -> Option<Millis> {
        self.outlives.values().copied().max()
    }
}

/// What went wrong at the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// The call may or may not have taken effect: ask before doing it again.
    #[error("no answer from the service: {0}")]
    NoAnswer(String),
    /// It was refused and nothing was done; trying again may help.
    #[error("the service is busy: {0}")]
    Busy(String),
    /// It was refused and nothing was done: we ask too much, and it says how long it wants to be left alone.
    #[error("the service wants to be left alone for {retry_after_ms} ms: {why}")]
    Throttled {
        /// How long, ms.
        retry_after_ms: Millis,
        /// Its words.
        why: String,
    },
    /// It was refused for good.
    #[error("the service refused: {0}")]
    Refused(String),
}

/// What a writing act came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is so now; `count` things were changed (sessions, grants, objects; 0 is fine).
    Done {
        /// How many.
        count: u64,
    },
    /// The premise no longer holds (the credential moved, the account is gone): nothing was done.
    PremiseGone {
        /// What was found instead.
        found: String,
    },
}

/// What hiding or showing objects came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turned {
    /// They are so now. What is in neither list was so before: somebody else's doing, and not ours to take back.
    Done {
        /// Those that this very call changed.
        turned: Vec<ObjectId>,
        /// Those that are not there any more.
        gone: Vec<ObjectId>,
    },
    /// The premise no longer holds (the account is gone): nothing was done.
    PremiseGone {
        /// What was found instead.
        found: String,
    },
}

impl From<Turned> for Effect {
    fn from(turned: Turned) -> Self {
        match turned {
            Turned::Done { turned, .. } => Self::Done { count: turned.len() as u64 },
            Turned::PremiseGone { found } => Self::PremiseGone { found },
        }
    }
}

/// What taking an account off came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenOff {
    /// It is off now, by this very call.
    Now,
    /// It was off already.
    Already {
        /// Whether by a hold of ours; `None` where the service keeps no mark that would tell.
        ours: Option<bool>,
    },
    /// The premise no longer holds (the account is gone): nothing was done.
    PremiseGone {
        /// What was found instead.
        found: String,
    },
}

/// What requiring a new credential came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// Ours is in place.
    Done {
        /// Its fingerprint.
        ours: CredentialVersion,
    },
    /// Another one is in place than the plan names, and it is not the same one written anew: nothing was done.
    Moved {
        /// What was found instead.
        found: String,
    },
    /// There is none, or the account is gone: nothing was done.
    PremiseGone {
        /// What was found instead.
        found: String,
    },
}

/// A credential as the service stores it (a hash, say), with its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCredential {
    /// Its fingerprint.
    pub version: CredentialVersion,
    /// To be sealed before anything is written; never logged.
    pub stored: Secret,
}

/// Factors as the service stores them, to be sealed before anything is written; never logged.
pub type StoredFactors = BTreeMap<(AccountId, FactorId), Secret>;

/// What the service says of an act whose answer was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It took effect.
    Done,
    /// It did not.
    NotDone,
    /// It can't be told.
    CantTell,
}

/// Accounts, credentials, sessions and grants.
pub trait Directory: Send + Sync {
    /// What this connector can do.
    fn capabilities(&self) -> Capabilities;

    /// Acts that the service would refuse by the permissions that this connector has, each with why; found without
    /// writing anything.
    ///
    /// # Errors
    /// Where the service can't be read.
    fn forbidden(&self) -> Result<BTreeMap<ActKind, String>, PortError>;

    /// The accounts as they are now; `None` asks for all. Accounts that the service does not know are absent.
    ///
    /// # Errors
    /// Where the service can't be read.
    fn snapshot(&self, accounts: Option<&[AccountId]>) -> Result<Vec<AccountState>, PortError>;

    /// Reads the stored credentials of the permits' accounts, in one call. An account without a credential is absent.
    ///
    /// It is read and sealed *before* the intent is committed: after a crash between two writes the old credential
    /// could not be had any more, and a wrong reset could not be undone.
    ///
    /// # Errors
    /// Where the service can't be read.
    fn stored_credentials(
        &self,
        permits: &[Permit],
    ) -> Result<BTreeMap<AccountId, StoredCredential>, PortError>;

    /// Replaces the stored credential by one made from `secret` (random, known to nobody), if the one in place is
    /// still `guard`. What did not exist is never created.
    ///
    /// The stored form must be a function of `secret` and the permit's account, so that [`Directory::asked`] can
    /// tell after a lost answer whether the credential in place is ours.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn require_new_credential(
        &self,
        permit: &Permit,
        guard: &CredentialVersion,
        secret: &Secret,
    ) -> Result<Replaced, PortError>;

    /// Ends every session of the permit's account.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn end_sessions(&self, permit: &Permit) -> Result<Effect, PortError>;

    /// Revokes grants and tokens of the permit's account, and kills outstanding reset links and codes where
    /// `grants` is all.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn revoke_grants(&self, permit: &Permit, grants: &Grants) -> Result<Effect, PortError>;

    /// Puts `before` in the place of the permit's account's contact of a kind, if the one in place still is `in_place`
    /// (SHA-256 of its value). Where `before` is in place already, that is done, with nothing changed.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn put_back_contact(
        &self,
        permit: &Permit,
        kind: ContactKind,
        in_place: &Digest,
        before: &Secret,
    ) -> Result<Effect, PortError>;

    /// Reads what is needed to add factors again, of the permits' accounts: read and sealed before the intent, as old
    /// credentials are. One that is gone, or of which the service gives nothing away, is absent, and can't be put back.
    ///
    /// # Errors
    /// Where the service can't be read.
    fn stored_factors(&self, wanted: &[(Permit, FactorId)]) -> Result<StoredFactors, PortError>;

    /// Removes a factor of the permit's account; one that is gone is done, with nothing changed.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn remove_factor(&self, permit: &Permit, factor: &FactorId) -> Result<Effect, PortError>;

    /// Adds a factor again as it was; one that is there is done, with nothing changed.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn add_factor(&self, permit: &Permit, factor: &FactorId, stored: &Secret) -> Result<Effect, PortError>;

    /// Takes the permit's account off: nobody signs in, and no token opens anything, until [`Directory::release`]. Only
    /// where it is on; one that somebody else has taken off is left to them.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn hold(&self, permit: &Permit) -> Result<TakenOff, PortError>;

    /// Ends our hold of the permit's account. What another took off stays off, as far as the service can tell the two
    /// apart; where the account is on, that is done, with nothing changed.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn release(&self, permit: &Permit) -> Result<Effect, PortError>;

    /// Puts the old stored credential back, if the one in place is `ours`. The caller has ended the sessions first.
    /// Where the old one is in place already (an earlier answer was lost), that is done, with nothing changed.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn restore_credential(
        &self,
        permit: &Permit,
        ours: &CredentialVersion,
        old: &Secret,
    ) -> Result<Effect, PortError>;

    /// Whether a requirement of `secret` took effect on the permit's account: is the credential in place ours?
    /// Where it is, its fingerprint.
    ///
    /// # Errors
    /// Where the service did not answer.
    fn asked(
        &self,
        permit: &Permit,
        secret: &Secret,
    ) -> Result<(Asked, Option<CredentialVersion>), PortError>;

    /// Sets the credential that the owner chose, if the one in place is still `guard`.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn choose_credential(
        &self,
        permit: &OwnerPermit,
        guard: &CredentialVersion,
        chosen: &Secret,
    ) -> Result<Effect, PortError>;
}

/// Posts, messages and whatever else others can see.
pub trait Content: Send + Sync {
    /// Hides objects of the permit's account. An object of another account is refused, not hidden.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn hide(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError>;

    /// Shows objects of the permit's account again.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn show(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError>;

    /// Takes back follows of the permit's account; one that is not there any more is done, with nothing changed.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn unfollow(&self, permit: &Permit, accounts: &[AccountId]) -> Result<Effect, PortError>;

    /// Takes back likes of the permit's account; one that is not there any more is done, with nothing changed.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn unlike(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Effect, PortError>;

    /// Shows an object again that its owner, back in the account, wants to keep.
    ///
    /// # Errors
    /// Where the service did not answer or refused.
    fn keep(&self, permit: &OwnerPermit, objects: &[ObjectId]) -> Result<Effect, PortError>;
}

/// What trying a credential came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    /// It opens the account.
    Accepted,
    /// It opens nothing, and that is the credential's own end: not only because the account is off for a while.
    Refused,
    /// No answer that says either.
    CantTell(String),
}

/// The way in that an intruder has, on probe accounts of ours.
pub trait Prober: Send + Sync {
    /// Really tries a credential of the permit's account, by the service's own front door: signs in, goes on with a session,
    /// uses a grant. What is held is shown to nobody else.
    fn try_credential(&self, permit: &TrialPermit, kind: ProbeKind, held: &Secret) -> Trial;
}

/// A message to an owner, ready to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The Message-ID without angle brackets: the same for each try of one notice.
    pub message_id: String,
    /// The recipient.
    pub to: Secret,
    /// The subject.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part, saying the same.
    pub html: String,
    /// The Date header's moment, ms.
    pub date: Millis,
}

/// What the mail server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// 250: it is theirs now.
    Accepted,
    /// A 5xx: never to be tried again.
    Refused {
        /// The code and text, without the address.
        reply: String,
    },
    /// A 4xx, or no connection: to be tried later.
    Later {
        /// Why.
        reason: String,
    },
}

/// Mail.
pub trait Mailer: Send + Sync {
    /// Hands one message over.
    fn send(&self, mail: &Mail) -> Delivery;
}

/// Time, handed in.
pub trait Clock: Send + Sync {
    /// Now, ms since 1970 UTC.
    fn now(&self) -> Millis;

    /// The time since some moment, ms, counted by what nobody can set: held against [`Clock::now`], it shows a clock
    /// that leaps.
    fn steady(&self) -> Millis;

    /// Lets so many ms pass, as [`Clock::steady`] counts them.
    fn sleep(&self, ms: Millis);
}

/// Chance, handed in; cryptographic outside of tests.
pub trait Chance: Send + Sync {
    /// 32 fresh random bytes.
    fn bytes(&self) -> [u8; 32];
}

/// How fast the service may be called, where its owners ask for less than the policy allows; never more than that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Acts in any second.
    pub acts_per_second: Option<NonZeroU32>,
    /// Calls at once.
    pub parallel: Option<NonZeroU32>,
}

/// Everything from outside that the hands need.
pub struct Ports<'a> {
    /// The service's accounts.
    pub directory: &'a dyn Directory,
    /// The service's content.
    pub content: &'a dyn Content,
    /// The service's front door, for probe accounts.
    pub prober: &'a dyn Prober,
    /// The mail server.
    pub mailer: &'a dyn Mailer,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Chance.
    pub chance: &'a dyn Chance,
    /// How fast the service may be called.
    pub rate: Rate,
}

/// The applications in a listing of grants; for connectors.
#[must_use]
pub fn listed(grants: &Grants, held: &[AppId]) -> Vec<AppId> {
    match grants {
        Grants::All => held.to_vec(),
        Grants::Of(apps) => held.iter().filter(|a| apps.contains(a)).cloned().collect(),
    }
}
