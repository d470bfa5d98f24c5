//! Why the hands did not do what they were asked.

use crate::port::PortError;
use crate::vault::VaultError;
use model::id::{OperatorName, PlanId, RunId};
use model::seal::SealError;
use store::StoreError;

/// Why the hands did not do what they were asked. Nothing is done to an account where an error is returned before
/// its intent was kept; after that, the ledger says how far it came.
#[derive(Debug, thiserror::Error)]
pub enum RespondError {
    /// The ledger's.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The service's, where it is read.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The plan is not the one that was sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A value has no canonical form.
    #[error(transparent)]
    Canonical(#[from] model::CanonicalError),
    /// A key does not fit.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Too few people consent.
    #[error("plan {plan} has {have} of the {need} approvals it needs{missing}")]
    NotApproved {
        /// The plan.
        plan: PlanId,
        /// Valid consents of different people.
        have: u32,
        /// How many it takes.
        need: u32,
        /// Why others did not count.
        missing: String,
    },
    /// Somebody said no.
    #[error("{operator} refused plan {plan}; draft it again")]
    Refused {
        /// The plan.
        plan: PlanId,
        /// Who.
        operator: OperatorName,
    },
    /// Its time is over.
    #[error("plan {plan} expired; draft it again, so that its premises are looked at anew")]
    Expired {
        /// The plan.
        plan: PlanId,
    },
    /// The policy beside the plan is not the one in its header.
    #[error("the policy kept with plan {plan} is not the one that its header names; draft it again")]
    OtherPolicy {
        /// The plan.
        plan: PlanId,
    },
    /// One person alone decided, and the delay is not over.
    #[error(
        "plan {plan} was decided by one person alone: nothing is started before {until} ms (solo.delay_ms)"
    )]
    TooEarly {
        /// The plan.
        plan: PlanId,
        /// When it may start, ms.
        until: model::id::Millis,
    },
    /// A brake that does not last longer.
    #[error("run {run} does not last longer: {why}")]
    NotLonger {
        /// The run.
        run: RunId,
        /// Why.
        why: String,
    },
    /// A batch that its standing order does not cover.
    #[error("the standing order does not cover plan {plan}: {why}")]
    NotCovered {
        /// The plan.
        plan: PlanId,
        /// What is missing.
        why: String,
    },
    /// Another process works on the run.
    #[error("another process works on run {run}; halt it there, or wait until its lease ends")]
    Leased {
        /// The run.
        run: RunId,
    },
    /// The plan is for another service.
    #[error(
        "the plan is for {planned:?}, and {connected:?} is connected; use the configuration of that service"
    )]
    OtherService {
        /// By the header.
        planned: String,
        /// By the connector.
        connected: String,
    },
    /// A master key is not at hand.
    #[error(transparent)]
    KeyMissing(#[from] crate::vault::KeyMissing),
    /// A letter can't be written.
    #[error("the notice for {account} can't be written: {why}")]
    Letter {
        /// Whose.
        account: model::id::AccountId,
        /// Why.
        why: String,
    },
    /// The service holds what this run makes, and the ledger knows nothing of it.
    #[error(
        "the credential of {account} is already the one that this run makes, and the ledger knows of no intent: the \
         ledger is an older copy. Nothing was done; find out what was done since, before anything else"
    )]
    LedgerBehind {
        /// The first account of which it is so.
        account: model::id::AccountId,
    },
    /// A credential that its owner chose is too short.
    #[error("the password has {length} characters, and {least} are needed")]
    TooShort {
        /// Its characters.
        length: usize,
        /// The policy's.
        least: u32,
    },
    /// The old credentials' key is gone.
    #[error(
        "the old credentials of run {run} were destroyed with its undo window: nothing can be restored, only released"
    )]
    KeyGone {
        /// The run.
        run: RunId,
    },
}
