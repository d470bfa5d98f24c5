//! What the gates between two waves ask for, the power that buys, and what the supporters can carry.

use super::RunPolicy;
use serde::{Deserialize, Serialize};

/// Between two waves. Two families of tests, each asked again and again: *alarms* that halt where a share surely
/// exceeds its limit, and *information* without which nothing passes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatePolicy {
    /// How long a wave must have soaked, ms.
    pub soak_min_ms: i64,
    /// How long a run is watched after its last wave, where its owners have not said enough before, ms.
    pub watch_ms: i64,
    /// Least share of notices accepted by the mail server.
    pub notices_accepted_share_min: f64,
    /// Of the owners who came back or proved that it was them: the share who proved it that must not be exceeded.
    pub disputes_proved_share_max: f64,
    /// Of those contained: the share of disputes without proof that must not be exceeded.
    pub disputes_unproved_share_max: f64,
    /// Of all owners heard from: the share of disputes, proved or not, that must be excluded before a gate passes.
    pub heard_disputes_share_max: f64,
    /// Of the owners who asked for a code: the share who never got in that must not be exceeded.
    pub recoveries_failed_share_max: f64,
    /// Of the steps: the share that failed that must not be exceeded.
    pub acts_failed_share_max: f64,
    /// Of the notices: the share refused for good that must not be exceeded.
    pub bounces_share_max: f64,
    /// Probability that an alarm is wrong where its limit is just met, over all looks together.
    pub alarm_error: f64,
    /// Probability that a gate's information is wrong, over all looks together: so often, at most, a wave starts of
    /// which more than `wrong_accounts_max` would be wrongly contained.
    pub pass_error: f64,
    /// A plan of which this share is wrong passes no gate, but with probability `pass_error`.
    pub wrong_share_stopped: f64,
    /// After the last wave the run is watched until this share is excluded, or `watch_ms` are over.
    pub wrong_share_watched: f64,
    /// Most accounts that a single wave may contain wrongly, as far as a gate can exclude it.
    pub wrong_accounts_max: u64,
    /// Of the wronged owners who are heard from: who proves it. What is reckoned with; the literature has less of it.
    pub wronged_proved_share: f64,
    /// Of the victims who are heard from: who proves a dispute by mistake. Waves are planned with it.
    pub usual_proved_share: f64,
    /// Of all owners: who has been heard from when a gate is expected to pass. Waves are planned with it.
    pub heard_share: f64,
}

/// The people who answer owners.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportPolicy {
    /// Owners they can answer on a day.
    pub owners_per_day: u64,
    /// Of the contained: the share expected to turn to them. Waves are planned with it.
    pub calling_share: f64,
    /// Of the contained: the share turning to them that must not be exceeded.
    pub calling_share_max: f64,
}

type Contradiction = (bool, &'static str, &'static str);

impl GatePolicy {
    pub(super) fn shares(&self) -> [(&'static str, f64); 14] {
        [
            ("gate.notices_accepted_share_min", self.notices_accepted_share_min),
            ("gate.disputes_proved_share_max", self.disputes_proved_share_max),
            ("gate.disputes_unproved_share_max", self.disputes_unproved_share_max),
            ("gate.heard_disputes_share_max", self.heard_disputes_share_max),
            ("gate.recoveries_failed_share_max", self.recoveries_failed_share_max),
            ("gate.acts_failed_share_max", self.acts_failed_share_max),
            ("gate.bounces_share_max", self.bounces_share_max),
            ("gate.alarm_error", self.alarm_error),
            ("gate.pass_error", self.pass_error),
            ("gate.wrong_share_stopped", self.wrong_share_stopped),
            ("gate.wrong_share_watched", self.wrong_share_watched),
            ("gate.wronged_proved_share", self.wronged_proved_share),
            ("gate.usual_proved_share", self.usual_proved_share),
            ("gate.heard_share", self.heard_share),
        ]
    }

    /// The share of proved disputes that must be excluded before a wave of so many accounts starts.
    #[must_use]
    pub fn proved_share_stopped(&self, next_accounts: u64) -> f64 {
        let let_through = self.wrong_accounts_max as f64 / next_accounts.max(1) as f64;
        self.wronged_proved_share * self.wrong_share_stopped.min(let_through)
    }

    /// The share of proved disputes that must be excluded before a run ends ahead of `watch_ms`.
    #[must_use]
    pub fn proved_share_watched(&self) -> f64 {
        self.wronged_proved_share * self.wrong_share_watched
    }

    pub(super) fn contradictions(&self, run: &RunPolicy) -> Vec<Contradiction> {
        let stopped = self.wronged_proved_share * self.wrong_share_stopped;
        // With not one dispute among n answers, no test at all excludes a share p with an error below (1-p)^n.
        let answers_least = self.pass_error.ln() / (1.0 - stopped).ln();
        vec![
            (self.soak_min_ms < 0, "gate.soak_min_ms", "can't be negative"),
            (self.watch_ms < self.soak_min_ms, "gate.watch_ms", "is shorter than the soak"),
            (
                self.usual_proved_share >= self.disputes_proved_share_max,
                "gate.usual_proved_share",
                "is not below gate.disputes_proved_share_max: right plans would be halted",
            ),
            (
                stopped <= self.disputes_proved_share_max,
                "gate.wrong_share_stopped",
                "with gate.wronged_proved_share it is not above gate.disputes_proved_share_max: what passes would be halted",
            ),
            (
                self.wrong_share_watched > self.wrong_share_stopped,
                "gate.wrong_share_watched",
                "is above gate.wrong_share_stopped: the last gate would ask for less than the others",
            ),
            (
                run.canary_accounts as f64 * self.heard_share < answers_least,
                "run.canary_accounts",
                "so few owners, heard from as gate.heard_share says, can't exclude gate.wrong_share_stopped",
            ),
        ]
    }
}

impl SupportPolicy {
    pub(super) fn shares(&self) -> [(&'static str, f64); 2] {
        [("support.calling_share", self.calling_share), ("support.calling_share_max", self.calling_share_max)]
    }

    /// The accounts of which as many owners are expected to turn to support as can be answered on a day.
    #[must_use]
    pub fn accounts_per_day(&self) -> u64 {
        (self.owners_per_day as f64 / self.calling_share).floor() as u64
    }

    pub(super) fn contradictions(&self, run: &RunPolicy) -> Vec<Contradiction> {
        vec![
            (
                self.calling_share >= self.calling_share_max,
                "support.calling_share",
                "is not below support.calling_share_max: what is expected would halt the run",
            ),
            (
                self.accounts_per_day() < run.canary_accounts,
                "support.owners_per_day",
                "the canary alone would be too much for the supporters",
            ),
        ]
    }
}
