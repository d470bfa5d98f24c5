//! The policy's limits on what a run does: how many, how fast, and when.

use serde::{Deserialize, Serialize};

/// Waves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunPolicy {
    /// Accounts in the first wave.
    pub canary_accounts: u64,
    /// Most accounts in a wave.
    pub wave_accounts_max: u64,
    /// Accounts whose intent is committed together: what may be unknown after a crash.
    pub batch_accounts: u64,
    /// Calls to the service at once.
    pub parallel: u32,
    /// Most accounts acted on in any hour, over all runs.
    pub accounts_per_hour_max: u64,
    /// Calls of a step in a row whose answer is lost, before it is left unknown.
    pub attempts_max: u32,
    /// Most acts in any second at the service, over all runs of a ledger.
    pub acts_per_second_max: u32,
    /// How long a busy service is left alone where it does not say how long, ms.
    pub busy_ms: i64,
    /// How long it may be busy in a row, without one act done, before the run halts itself, ms.
    pub busy_ms_max: i64,
    /// How long after its answer was lost a call may still take effect, ms.
    pub late_ms: i64,
}

/// Hours of an owner's own day in which they are not contained, as a notice goes with the act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietPolicy {
    /// From this time of the owner's day, ms after midnight …
    pub from_ms: i64,
    /// … until this one; where the two are equal, there are no such hours.
    pub until_ms: i64,
    /// An intruder who was seen since so long before the plan is drafted gets no night as a present, ms. Who is in it by
    /// precaution always has quiet hours.
    pub idle_ms_min: i64,
}
