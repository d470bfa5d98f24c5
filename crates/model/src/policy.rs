//! The limits under which a plan comes about. No limit has a default here: the shipped file states every one, and a
//! file that leaves one out, or names one that nobody knows, is refused.

mod after;
mod gate;
mod limits;
mod run;

pub use after::{AddendumPolicy, UndoPolicy};
pub use gate::{GatePolicy, SupportPolicy};
pub use limits::{LIMITS, Limit, Unit};
pub use run::{QuietPolicy, RunPolicy};

use crate::canonical::{CanonicalError, canonical};
use crate::id::Digest;
use serde::{Deserialize, Serialize};

/// A policy file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The file's own version, raised by whoever changes it.
    pub version: u32,
    /// Who may enter a cohort.
    pub cohort: CohortPolicy,
    /// What a draft is held against.
    pub preflight: PreflightPolicy,
    /// The blind review.
    pub review: ReviewPolicy,
    /// Who must say yes.
    pub approval: ApprovalPolicy,
    /// Waves.
    pub run: RunPolicy,
    /// Hours in which owners are left alone.
    pub quiet: QuietPolicy,
    /// Between two waves.
    pub gate: GatePolicy,
    /// The people who answer owners.
    pub support: SupportPolicy,
    /// Taking an account off.
    pub hold: HoldPolicy,
    /// Taking back.
    pub undo: UndoPolicy,
    /// Adding to what was done.
    pub addendum: AddendumPolicy,
    /// The owner's way back.
    pub recovery: RecoveryPolicy,
    /// How long what names people is kept.
    pub retention: RetentionPolicy,
    /// What a standing order may allow.
    pub order: OrderPolicy,
    /// What one person may do at night.
    pub brake: BrakePolicy,
    /// A forum with one administrator; where it is absent, one person alone never decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solo: Option<SoloPolicy>,
    /// What was usual; where it is absent, preflight says that nobody froze it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ReferencePolicy>,
}

/// Who may enter a cohort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CohortPolicy {
    /// Least confidence of a verdict.
    pub confidence_min: f64,
    /// Least number of different families of evidence.
    pub families_min: u32,
    /// Most accounts of tier precaution.
    pub precaution_accounts_max: u64,
    /// Share of a list that may be without evidence before the whole draft is refused.
    pub list_left_out_share_max: f64,
}

/// What a draft is held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreflightPolicy {
    /// Most accounts in a plan.
    pub accounts_max: u64,
    /// Most of the active base.
    pub active_share_max: f64,
    /// Most of any one segment of the active base.
    pub segment_share_max: f64,
    /// Segments with fewer active accounts are not judged by share.
    pub segment_accounts_min: u64,
    /// Most accounts whose owner can't be told by mail.
    pub unreachable_share_max: f64,
    /// Most accounts whose credential has moved since the hunt's last event.
    pub changed_share_max: f64,
    /// Share of the members that may rest on one signal before that is said.
    pub signal_share_max: f64,
    /// Plans of fewer accounts are not judged by their signals.
    pub signal_accounts_min: u64,
    /// How many times its own history a signal's rate may surely be, where members rest on it …
    pub signal_leap_max: f64,
    /// … more of them than this share.
    pub leap_share_max: f64,
    /// The wrong share that labels must exclude before such a signal counts all the same.
    pub held_wrong_share_max: f64,
    /// Most accounts, by share, that a placebo lets expect to be wrong.
    pub placebo_share_max: f64,
    /// Events there must be before a placebo's window, to know owners by, ms.
    pub placebo_history_ms_min: i64,
    /// One-sided confidence of these bounds.
    pub confidence: f64,
}

/// What was usual when it was frozen (`rightful policy freeze`): it stands in the file, and so never moves by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferencePolicy {
    /// Hunts that were counted.
    pub hunts: u64,
    /// Accounts that they believed compromised, together.
    pub accounts: u64,
    /// Active accounts that they looked at, together.
    pub active: u64,
    /// How many times that a plan may be.
    pub multiple_max: f64,
}

/// The blind review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewPolicy {
    /// The wrong share that the labels must exclude.
    pub wrong_share_max: f64,
    /// One-sided confidence of that bound.
    pub confidence: f64,
    /// Smaller plans are looked at whole.
    pub whole_below_accounts: u64,
    /// Clear accounts planted among the sample.
    pub planted_share_min: f64,
}

/// Who must say yes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalPolicy {
    /// How many different people, none of them the author.
    pub people: u32,
    /// From so many accounts on …
    pub large_accounts: u64,
    /// … so many people.
    pub large_people: u32,
    /// How long a plan is good, and the longest that a consent may hold, ms.
    pub valid_ms: i64,
}

/// Taking an account off for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldPolicy {
    /// Longest hold, ms; where tokens live longer, nothing is held, and it is said.
    pub lasts_ms_max: i64,
    /// How long an account is held whose owner can't be told in any way, ms: until a person has looked.
    pub unreached_ms: i64,
}

/// The owner's way back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryPolicy {
    /// How long a recovery code holds, ms.
    pub code_valid_ms: i64,
    /// Codes an account may be sent in an hour.
    pub codes_per_hour_max: u32,
    /// Wrong codes before those outstanding are void.
    pub wrong_codes_max: u32,
    /// Shortest new password, in characters.
    pub password_length_min: u32,
}

/// How long what names people is kept; whatever is under a legal hold stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionPolicy {
    /// Timelines, from the end of their plan, ms.
    pub timelines_ms: i64,
    /// The words of notices, from their end, ms.
    pub notices_ms: i64,
    /// Entries, contacts and labels of closed cases, from the end of their plan, ms.
    pub closed_cases_ms: i64,
    /// Hashes of recovery codes, from the moment they are void, ms.
    pub recovery_codes_ms: i64,
    /// Owners' sessions on our own pages, from the moment they are void, ms.
    pub sessions_ms: i64,
    /// Rows that are let go in one transaction.
    pub batch_rows: u64,
}

/// What a standing order may allow; the order itself is a file of its own, signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderPolicy {
    /// How many different people sign it, and look where it was suspended.
    pub people: u32,
    /// Longest time it may be in force, ms.
    pub valid_ms_max: i64,
    /// Least confidence that an order may ask for.
    pub confidence_min: f64,
    /// Most accounts a day that an order may allow.
    pub accounts_per_day_max: u64,
    /// Most of the active base a day.
    pub active_share_per_day_max: f64,
    /// Most of any segment a day.
    pub segment_share_per_day_max: f64,
    /// Most times the order's frozen reference.
    pub reference_multiple_max: f64,
    /// Most accounts of a batch, by share, that would not be in it without one signal.
    pub signal_share_max: f64,
    /// Batches of fewer accounts are not judged by that share.
    pub signal_accounts_min: u64,
    /// Different days with a dry batch that was reviewed, before the first is armed.
    pub dry_days_min: u32,
    /// Labels on their accounts, of which the wrong share must meet the review's limit.
    pub dry_labels_min: u64,
}

/// What one person may do at night.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrakePolicy {
    /// Most accounts on any day (UTC), over all brakes.
    pub accounts_per_day_max: u64,
    /// When a brake ends by itself, unless two people approve it, ms.
    pub valid_ms: i64,
    /// How much longer it may last on the word of two people who did not pull it, ms.
    pub longer_ms: i64,
}

/// A forum with one administrator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoloPolicy {
    /// Most accounts that one person alone may decide on.
    pub accounts_max: u64,
    /// Time between the approval and the first act, ms.
    pub delay_ms: i64,
}

const DAY_MS: i64 = 86_400_000;
/// The longest that quiet hours can be.
const QUIET_MS_MAX: i64 = DAY_MS / 2;
/// Thirty days: the longest that a standing order can be in force.
const ORDER_MS_MAX: i64 = 2_592_000_000;
/// The most accounts, and the shortest delay in ms, that a policy can set for one person alone.
const SOLO_ACCOUNTS_MAX: u64 = 20;
const SOLO_DELAY_MS_MIN: i64 = 1_800_000;

/// Why a policy can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, a limit is missing, or one is there that nobody knows.
    #[error("the policy can't be read: {0}")]
    Form(String),
    /// A limit makes no sense, or contradicts another.
    #[error("policy, {key}: {why}")]
    Limit {
        /// Where.
        key: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl Policy {
    /// Reads and checks a policy file.
    ///
    /// # Errors
    /// Where a limit is missing, unknown, senseless or contradicts another; the message names it.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = toml::from_str(text).map_err(|e| PolicyError::Form(e.to_string()))?;
        policy.check()?;
        Ok(policy)
    }

    /// The digest that each plan names.
    ///
    /// # Errors
    /// Where it has no canonical form.
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        Ok(Digest::of(canonical(self)?.as_bytes()))
    }

    fn check(&self) -> Result<(), PolicyError> {
        let shares = [
            ("cohort.confidence_min", self.cohort.confidence_min),
            ("cohort.list_left_out_share_max", self.cohort.list_left_out_share_max),
            ("preflight.active_share_max", self.preflight.active_share_max),
            ("preflight.segment_share_max", self.preflight.segment_share_max),
            ("preflight.unreachable_share_max", self.preflight.unreachable_share_max),
            ("preflight.changed_share_max", self.preflight.changed_share_max),
            ("preflight.signal_share_max", self.preflight.signal_share_max),
            ("preflight.leap_share_max", self.preflight.leap_share_max),
            ("preflight.held_wrong_share_max", self.preflight.held_wrong_share_max),
            ("preflight.placebo_share_max", self.preflight.placebo_share_max),
            ("preflight.confidence", self.preflight.confidence),
            ("review.wrong_share_max", self.review.wrong_share_max),
            ("review.confidence", self.review.confidence),
            ("review.planted_share_min", self.review.planted_share_min),
            ("order.confidence_min", self.order.confidence_min),
            ("order.active_share_per_day_max", self.order.active_share_per_day_max),
            ("order.segment_share_per_day_max", self.order.segment_share_per_day_max),
            ("order.signal_share_max", self.order.signal_share_max),
        ];
        let mut shares = shares.into_iter().chain(self.gate.shares()).chain(self.support.shares());
        if let Some((key, _)) = shares.find(|(_, share)| !(*share > 0.0 && *share < 1.0)) {
            return Err(PolicyError::Limit { key, why: "a share lies between 0 and 1, both excluded" });
        }
        let counts = [
            ("preflight.accounts_max", self.preflight.accounts_max),
            ("preflight.signal_accounts_min", self.preflight.signal_accounts_min),
            ("approval.people", u64::from(self.approval.people)),
            ("run.canary_accounts", self.run.canary_accounts),
            ("run.batch_accounts", self.run.batch_accounts),
            ("run.parallel", u64::from(self.run.parallel)),
            ("run.accounts_per_hour_max", self.run.accounts_per_hour_max),
            ("run.attempts_max", u64::from(self.run.attempts_max)),
            ("run.acts_per_second_max", u64::from(self.run.acts_per_second_max)),
            ("gate.wrong_accounts_max", self.gate.wrong_accounts_max),
            ("support.owners_per_day", self.support.owners_per_day),
            ("retention.batch_rows", self.retention.batch_rows),
            ("order.accounts_per_day_max", self.order.accounts_per_day_max),
            ("order.dry_days_min", u64::from(self.order.dry_days_min)),
            ("order.dry_labels_min", self.order.dry_labels_min),
            ("brake.accounts_per_day_max", self.brake.accounts_per_day_max),
        ];
        if let Some((key, _)) = counts.into_iter().find(|(_, n)| *n == 0) {
            return Err(PolicyError::Limit { key, why: "must be at least 1" });
        }
        let orders = [
            (
                self.cohort.families_min < 2,
                "cohort.families_min",
                "a verdict needs novelty and at least one more family: at least 2",
            ),
            (
                self.preflight.signal_leap_max.is_nan() || self.preflight.signal_leap_max < 1.0,
                "preflight.signal_leap_max",
                "must be at least 1: a rate that stays as it was is no leap",
            ),
            (
                self.preflight.placebo_history_ms_min < 0,
                "preflight.placebo_history_ms_min",
                "can't be negative",
            ),
            (
                self.approval.large_people < self.approval.people,
                "approval.large_people",
                "a large plan can't need fewer people than a small one",
            ),
            (
                self.run.wave_accounts_max < self.run.canary_accounts,
                "run.wave_accounts_max",
                "is smaller than the canary",
            ),
            (
                self.run.batch_accounts > self.run.canary_accounts,
                "run.batch_accounts",
                "is larger than the canary: the first batch would be all of it",
            ),
            (self.run.busy_ms <= 0, "run.busy_ms", "must be positive"),
            (
                self.run.busy_ms_max < self.run.busy_ms,
                "run.busy_ms_max",
                "is shorter than run.busy_ms: the first busy answer would halt a run",
            ),
            (self.run.late_ms < 0, "run.late_ms", "can't be negative"),
            (
                !(0..DAY_MS).contains(&self.quiet.from_ms),
                "quiet.from_ms",
                "is a time of the day: 0 to 86399999",
            ),
            (
                !(0..DAY_MS).contains(&self.quiet.until_ms),
                "quiet.until_ms",
                "is a time of the day: 0 to 86399999",
            ),
            (
                (self.quiet.until_ms - self.quiet.from_ms).rem_euclid(DAY_MS) > QUIET_MS_MAX,
                "quiet.until_ms",
                "is more than twelve hours after quiet.from_ms: an intruder would have more than half of each day",
            ),
            (self.quiet.idle_ms_min < 0, "quiet.idle_ms_min", "can't be negative"),
            (self.approval.valid_ms <= 0, "approval.valid_ms", "must be positive"),
            (
                self.approval.valid_ms < self.gate.watch_ms,
                "approval.valid_ms",
                "is shorter than gate.watch_ms: no gate could wait for owners as long as the last one does",
            ),
            (self.recovery.code_valid_ms <= 0, "recovery.code_valid_ms", "must be positive"),
            (
                !(1..=self.hold.lasts_ms_max).contains(&self.hold.unreached_ms),
                "hold.unreached_ms",
                "must be positive, and not longer than hold.lasts_ms_max",
            ),
            (self.brake.longer_ms <= 0, "brake.longer_ms", "must be positive"),
            (
                self.brake.valid_ms.saturating_add(self.brake.longer_ms) > self.hold.lasts_ms_max,
                "brake.longer_ms",
                "with brake.valid_ms is longer than hold.lasts_ms_max: a brake may hold for its whole time",
            ),
            (self.undo.window_ms <= 0, "undo.window_ms", "must be positive: nothing could be restored"),
            (
                self.retention.closed_cases_ms < self.undo.window_ms,
                "retention.closed_cases_ms",
                "is shorter than undo.window_ms: what could still be restored would have lost its case",
            ),
            (
                self.retention.timelines_ms < self.undo.window_ms,
                "retention.timelines_ms",
                "is shorter than undo.window_ms: a dispute could not be looked into any more",
            ),
            (
                self.retention.notices_ms < self.undo.window_ms,
                "retention.notices_ms",
                "is shorter than undo.window_ms: a correction would quote words that are gone",
            ),
            (self.retention.recovery_codes_ms < 0, "retention.recovery_codes_ms", "can't be negative"),
            (self.retention.sessions_ms < 0, "retention.sessions_ms", "can't be negative"),
            (self.order.people < 2, "order.people", "a standing order is signed by at least 2 people"),
            (
                !(1..=ORDER_MS_MAX).contains(&self.order.valid_ms_max),
                "order.valid_ms_max",
                "a standing order lasts at most thirty days",
            ),
            (
                self.order.confidence_min < self.cohort.confidence_min,
                "order.confidence_min",
                "is below cohort.confidence_min: the routine can't be surer than a plan with less",
            ),
            (self.order.reference_multiple_max < 1.0, "order.reference_multiple_max", "must be at least 1"),
            (self.brake.valid_ms <= 0, "brake.valid_ms", "must be positive"),
        ];
        match orders
            .into_iter()
            .chain(self.gate.contradictions(&self.run))
            .chain(self.support.contradictions(&self.run))
            .chain(self.solo_orders())
            .chain(self.reference_orders())
            .find(|(wrong, _, _)| *wrong)
        {
            Some((_, key, why)) => Err(PolicyError::Limit { key, why }),
            None => Ok(()),
        }
    }

    fn reference_orders(&self) -> Vec<(bool, &'static str, &'static str)> {
        let Some(reference) = &self.reference else { return Vec::new() };
        vec![
            (
                reference.hunts == 0 || reference.accounts == 0,
                "reference.accounts",
                "must be at least 1, from at least one hunt: what nobody ever saw is no reference",
            ),
            (
                reference.active < reference.accounts,
                "reference.active",
                "are fewer than reference.accounts: more can't be compromised than there are",
            ),
            (
                reference.multiple_max.is_nan() || reference.multiple_max < 1.0,
                "reference.multiple_max",
                "must be at least 1",
            ),
        ]
    }

    fn solo_orders(&self) -> Vec<(bool, &'static str, &'static str)> {
        let Some(solo) = &self.solo else { return Vec::new() };
        vec![
            (
                !(1..=SOLO_ACCOUNTS_MAX).contains(&solo.accounts_max),
                "solo.accounts_max",
                "one person alone decides on at least 1 account and at most 20",
            ),
            (
                solo.delay_ms < SOLO_DELAY_MS_MIN,
                "solo.delay_ms",
                "one person alone waits at least thirty minutes (1800000)",
            ),
            (
                solo.accounts_max >= self.review.whole_below_accounts,
                "solo.accounts_max",
                "is not below review.whole_below_accounts: all accounts of such a plan are looked at",
            ),
        ]
    }
}
