//! Every limit of a policy in one closed table: what `policy show`, `diff` and `what-if` speak of. A limit that has no row
//! here fails a test (`tests/contracts.rs`).

use super::Policy;

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A part of a whole, 0 to 1.
    Share,
    /// Accounts.
    Accounts,
    /// Different people.
    People,
    /// Milliseconds.
    Ms,
    /// Times as many.
    Times,
    /// Just a number; the limit says of what.
    Count,
}

impl Unit {
    /// The unit's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Accounts => "accounts",
            Self::People => "people",
            Self::Ms => "ms",
            Self::Times => "times",
            Self::Count => "count",
        }
    }
}

/// A limit.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Its place in the policy file.
    pub key: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// What it is for.
    pub what: &'static str,
    /// Its value; absent where the policy has no such section. Every limit is a whole number below 2^53, or a share.
    pub value: fn(&Policy) -> Option<f64>,
}

impl Limit {
    /// The limit at a place of the policy file.
    #[must_use]
    pub fn of(key: &str) -> Option<&'static Self> {
        LIMITS.iter().find(|l| l.key == key)
    }
}

const fn row(key: &'static str, unit: Unit, what: &'static str, value: fn(&Policy) -> Option<f64>) -> Limit {
    Limit { key, unit, what, value }
}

/// All of them, in the order of the shipped file.
pub const LIMITS: &[Limit] = &[
    row(
        "cohort.confidence_min",
        Unit::Share,
        "least confidence of a verdict whose account may enter a plan",
        |p| Some(p.cohort.confidence_min),
    ),
    row("cohort.families_min", Unit::Count, "least number of different families of evidence", |p| {
        Some(f64::from(p.cohort.families_min))
    }),
    row("cohort.precaution_accounts_max", Unit::Accounts, "most accounts of tier precaution", |p| {
        Some(p.cohort.precaution_accounts_max as f64)
    }),
    row(
        "cohort.list_left_out_share_max",
        Unit::Share,
        "share of a list that may be without evidence before the whole draft is refused",
        |p| Some(p.cohort.list_left_out_share_max),
    ),
    row("preflight.accounts_max", Unit::Accounts, "most accounts in a plan", |p| {
        Some(p.preflight.accounts_max as f64)
    }),
    row("preflight.active_share_max", Unit::Share, "most of the active base in a plan", |p| {
        Some(p.preflight.active_share_max)
    }),
    row("preflight.segment_share_max", Unit::Share, "most of any one segment of the active base", |p| {
        Some(p.preflight.segment_share_max)
    }),
    row(
        "preflight.segment_accounts_min",
        Unit::Accounts,
        "segments with fewer active accounts are not judged by share",
        |p| Some(p.preflight.segment_accounts_min as f64),
    ),
    row(
        "preflight.unreachable_share_max",
        Unit::Share,
        "most accounts whose owner can't be told by mail",
        |p| Some(p.preflight.unreachable_share_max),
    ),
    row(
        "preflight.changed_share_max",
        Unit::Share,
        "most accounts whose credential has moved since the plan was drafted",
        |p| Some(p.preflight.changed_share_max),
    ),
    row(
        "preflight.signal_share_max",
        Unit::Share,
        "share of the members that may rest on one signal before that is said",
        |p| Some(p.preflight.signal_share_max),
    ),
    row(
        "preflight.signal_accounts_min",
        Unit::Accounts,
        "plans of fewer accounts are not judged by their signals",
        |p| Some(p.preflight.signal_accounts_min as f64),
    ),
    row(
        "preflight.signal_leap_max",
        Unit::Times,
        "how many times its own history a signal's rate may surely be",
        |p| Some(p.preflight.signal_leap_max),
    ),
    row(
        "preflight.leap_share_max",
        Unit::Share,
        "share of the members that may rest on a signal that leapt",
        |p| Some(p.preflight.leap_share_max),
    ),
    row(
        "preflight.held_wrong_share_max",
        Unit::Share,
        "wrong share that labels must exclude before a signal that leapt counts",
        |p| Some(p.preflight.held_wrong_share_max),
    ),
    row(
        "preflight.placebo_share_max",
        Unit::Share,
        "most accounts that a placebo lets expect to be wrong",
        |p| Some(p.preflight.placebo_share_max),
    ),
    row(
        "preflight.placebo_history_ms_min",
        Unit::Ms,
        "events there must be before a placebo's window",
        |p| Some(p.preflight.placebo_history_ms_min as f64),
    ),
    row("preflight.confidence", Unit::Share, "one-sided confidence of these bounds", |p| {
        Some(p.preflight.confidence)
    }),
    row(
        "review.wrong_share_max",
        Unit::Share,
        "wrong share that the labels of the blind review must exclude",
        |p| Some(p.review.wrong_share_max),
    ),
    row("review.confidence", Unit::Share, "one-sided confidence of that bound", |p| {
        Some(p.review.confidence)
    }),
    row("review.whole_below_accounts", Unit::Accounts, "smaller plans are looked at whole", |p| {
        Some(p.review.whole_below_accounts as f64)
    }),
    row("review.planted_share_min", Unit::Share, "clear accounts planted among the sample", |p| {
        Some(p.review.planted_share_min)
    }),
    row("approval.people", Unit::People, "how many different people sign, none of them the author", |p| {
        Some(f64::from(p.approval.people))
    }),
    row("approval.large_accounts", Unit::Accounts, "from so many accounts on, more people sign", |p| {
        Some(p.approval.large_accounts as f64)
    }),
    row("approval.large_people", Unit::People, "how many sign then", |p| {
        Some(f64::from(p.approval.large_people))
    }),
    row("approval.valid_ms", Unit::Ms, "how long a plan is good, and a consent can hold", |p| {
        Some(p.approval.valid_ms as f64)
    }),
    row("run.canary_accounts", Unit::Accounts, "accounts in the first wave", |p| {
        Some(p.run.canary_accounts as f64)
    }),
    row("run.wave_accounts_max", Unit::Accounts, "most accounts in a wave", |p| {
        Some(p.run.wave_accounts_max as f64)
    }),
    row("run.batch_accounts", Unit::Accounts, "accounts whose intent is committed together", |p| {
        Some(p.run.batch_accounts as f64)
    }),
    row("run.parallel", Unit::Count, "calls to the service at once", |p| Some(f64::from(p.run.parallel))),
    row(
        "run.accounts_per_hour_max",
        Unit::Accounts,
        "most accounts acted on in any hour, over all runs",
        |p| Some(p.run.accounts_per_hour_max as f64),
    ),
    row("run.attempts_max", Unit::Count, "lost answers in a row before a step is left unknown", |p| {
        Some(f64::from(p.run.attempts_max))
    }),
    row(
        "run.acts_per_second_max",
        Unit::Count,
        "most acts in any second at the service, over all runs",
        |p| Some(f64::from(p.run.acts_per_second_max)),
    ),
    row("run.busy_ms", Unit::Ms, "how long a busy service is left alone that does not say how long", |p| {
        Some(p.run.busy_ms as f64)
    }),
    row(
        "run.busy_ms_max",
        Unit::Ms,
        "how long it may be busy without one act done before the run halts itself",
        |p| Some(p.run.busy_ms_max as f64),
    ),
    row("run.late_ms", Unit::Ms, "how long after its answer was lost a call may still take effect", |p| {
        Some(p.run.late_ms as f64)
    }),
    row("quiet.from_ms", Unit::Ms, "owners are left alone from this time of their own day", |p| {
        Some(p.quiet.from_ms as f64)
    }),
    row("quiet.until_ms", Unit::Ms, "until this one; none where the two are equal", |p| {
        Some(p.quiet.until_ms as f64)
    }),
    row(
        "quiet.idle_ms_min",
        Unit::Ms,
        "but not where the intruder was seen since so long before the plan was drafted",
        |p| Some(p.quiet.idle_ms_min as f64),
    ),
    row("gate.soak_min_ms", Unit::Ms, "how long a wave must have soaked", |p| {
        Some(p.gate.soak_min_ms as f64)
    }),
    row("gate.watch_ms", Unit::Ms, "how long a run is watched after its last wave", |p| {
        Some(p.gate.watch_ms as f64)
    }),
    row(
        "gate.notices_accepted_share_min",
        Unit::Share,
        "least share of notices accepted by the mail server",
        |p| Some(p.gate.notices_accepted_share_min),
    ),
    row(
        "gate.disputes_proved_share_max",
        Unit::Share,
        "of owners who came back or proved it: share who prove a mistake that halts",
        |p| Some(p.gate.disputes_proved_share_max),
    ),
    row(
        "gate.disputes_unproved_share_max",
        Unit::Share,
        "of the contained: share of disputes without proof that halts",
        |p| Some(p.gate.disputes_unproved_share_max),
    ),
    row(
        "gate.heard_disputes_share_max",
        Unit::Share,
        "of owners heard from: share of disputes that must be excluded",
        |p| Some(p.gate.heard_disputes_share_max),
    ),
    row(
        "gate.recoveries_failed_share_max",
        Unit::Share,
        "of owners who asked for a code: share who never got in that halts",
        |p| Some(p.gate.recoveries_failed_share_max),
    ),
    row("gate.acts_failed_share_max", Unit::Share, "share of failed steps that halts", |p| {
        Some(p.gate.acts_failed_share_max)
    }),
    row("gate.bounces_share_max", Unit::Share, "share of notices refused for good that halts", |p| {
        Some(p.gate.bounces_share_max)
    }),
    row(
        "gate.alarm_error",
        Unit::Share,
        "probability that an alarm is wrong where its limit is just met",
        |p| Some(p.gate.alarm_error),
    ),
    row("gate.pass_error", Unit::Share, "probability that a gate's information is wrong", |p| {
        Some(p.gate.pass_error)
    }),
    row("gate.wrong_share_stopped", Unit::Share, "a plan of which so much is wrong passes no gate", |p| {
        Some(p.gate.wrong_share_stopped)
    }),
    row(
        "gate.wrong_share_watched",
        Unit::Share,
        "share that ends the watch after the last wave when it is excluded",
        |p| Some(p.gate.wrong_share_watched),
    ),
    row(
        "gate.wrong_accounts_max",
        Unit::Accounts,
        "most accounts that a wave may contain wrongly, as far as a gate can exclude it",
        |p| Some(p.gate.wrong_accounts_max as f64),
    ),
    row(
        "gate.wronged_proved_share",
        Unit::Share,
        "of wronged owners heard from: who proves it; reckoned with",
        |p| Some(p.gate.wronged_proved_share),
    ),
    row(
        "gate.usual_proved_share",
        Unit::Share,
        "of victims heard from: who proves a mistake that was none; reckoned with",
        |p| Some(p.gate.usual_proved_share),
    ),
    row(
        "gate.heard_share",
        Unit::Share,
        "of all owners: heard from when a gate is expected to pass; reckoned with",
        |p| Some(p.gate.heard_share),
    ),
    row("support.owners_per_day", Unit::Count, "owners that supporters can answer on a day", |p| {
        Some(p.support.owners_per_day as f64)
    }),
    row("support.calling_share", Unit::Share, "of the contained: share expected to turn to support", |p| {
        Some(p.support.calling_share)
    }),
    row(
        "support.calling_share_max",
        Unit::Share,
        "of the contained: share turning to support that halts",
        |p| Some(p.support.calling_share_max),
    ),
    row("hold.lasts_ms_max", Unit::Ms, "longest that an account is taken off", |p| {
        Some(p.hold.lasts_ms_max as f64)
    }),
    row("hold.unreached_ms", Unit::Ms, "how long an account is held whose owner can't be told", |p| {
        Some(p.hold.unreached_ms as f64)
    }),
    row(
        "undo.one_person_accounts_max",
        Unit::Accounts,
        "up to so many accounts one person may approve an undo",
        |p| Some(p.undo.one_person_accounts_max as f64),
    ),
    row("undo.window_ms", Unit::Ms, "how long an old credential is kept sealed", |p| {
        Some(p.undo.window_ms as f64)
    }),
    row(
        "addendum.objects_per_account_max",
        Unit::Count,
        "most objects of one account that an addendum may hide; 0: no addenda",
        |p| Some(p.addendum.objects_per_account_max as f64),
    ),
    row("recovery.code_valid_ms", Unit::Ms, "how long a recovery code holds", |p| {
        Some(p.recovery.code_valid_ms as f64)
    }),
    row("recovery.codes_per_hour_max", Unit::Count, "codes that an account may be sent in an hour", |p| {
        Some(f64::from(p.recovery.codes_per_hour_max))
    }),
    row("recovery.wrong_codes_max", Unit::Count, "wrong codes before those outstanding are void", |p| {
        Some(f64::from(p.recovery.wrong_codes_max))
    }),
    row("recovery.password_length_min", Unit::Count, "characters of the shortest new password", |p| {
        Some(f64::from(p.recovery.password_length_min))
    }),
    row("retention.timelines_ms", Unit::Ms, "how long timelines are kept, from the end of their plan", |p| {
        Some(p.retention.timelines_ms as f64)
    }),
    row("retention.notices_ms", Unit::Ms, "how long the words of notices are kept", |p| {
        Some(p.retention.notices_ms as f64)
    }),
    row("retention.closed_cases_ms", Unit::Ms, "how long closed cases are kept", |p| {
        Some(p.retention.closed_cases_ms as f64)
    }),
    row("retention.recovery_codes_ms", Unit::Ms, "how long hashes of void recovery codes are kept", |p| {
        Some(p.retention.recovery_codes_ms as f64)
    }),
    row("retention.sessions_ms", Unit::Ms, "how long void sessions of owners are kept", |p| {
        Some(p.retention.sessions_ms as f64)
    }),
    row("retention.batch_rows", Unit::Count, "rows let go in one transaction", |p| {
        Some(p.retention.batch_rows as f64)
    }),
    row("order.people", Unit::People, "how many different people sign a standing order", |p| {
        Some(f64::from(p.order.people))
    }),
    row("order.valid_ms_max", Unit::Ms, "longest time it may be in force", |p| {
        Some(p.order.valid_ms_max as f64)
    }),
    row("order.confidence_min", Unit::Share, "least confidence that an order may ask for", |p| {
        Some(p.order.confidence_min)
    }),
    row("order.accounts_per_day_max", Unit::Accounts, "most accounts a day that an order may allow", |p| {
        Some(p.order.accounts_per_day_max as f64)
    }),
    row("order.active_share_per_day_max", Unit::Share, "most of the active base a day", |p| {
        Some(p.order.active_share_per_day_max)
    }),
    row("order.segment_share_per_day_max", Unit::Share, "most of any segment a day", |p| {
        Some(p.order.segment_share_per_day_max)
    }),
    row("order.reference_multiple_max", Unit::Times, "most times the order's frozen reference", |p| {
        Some(p.order.reference_multiple_max)
    }),
    row("order.signal_share_max", Unit::Share, "share of a batch that may rest on one signal", |p| {
        Some(p.order.signal_share_max)
    }),
    row(
        "order.signal_accounts_min",
        Unit::Accounts,
        "batches of fewer accounts are not judged by that share",
        |p| Some(p.order.signal_accounts_min as f64),
    ),
    row(
        "order.dry_days_min",
        Unit::Count,
        "days with a dry batch that was reviewed, before the first is armed",
        |p| Some(f64::from(p.order.dry_days_min)),
    ),
    row("order.dry_labels_min", Unit::Count, "labels on their accounts", |p| {
        Some(p.order.dry_labels_min as f64)
    }),
    row("brake.accounts_per_day_max", Unit::Accounts, "most accounts on any day, over all brakes", |p| {
        Some(p.brake.accounts_per_day_max as f64)
    }),
    row("brake.valid_ms", Unit::Ms, "when a brake ends by itself", |p| Some(p.brake.valid_ms as f64)),
    row("brake.longer_ms", Unit::Ms, "how much longer it may last on the word of two other people", |p| {
        Some(p.brake.longer_ms as f64)
    }),
    row("solo.accounts_max", Unit::Accounts, "most accounts that one person alone may decide on", |p| {
        p.solo.as_ref().map(|s| s.accounts_max as f64)
    }),
    row("solo.delay_ms", Unit::Ms, "time between that approval and the first act", |p| {
        p.solo.as_ref().map(|s| s.delay_ms as f64)
    }),
    row("reference.hunts", Unit::Count, "hunts that were counted when it was frozen", |p| {
        p.reference.as_ref().map(|s| s.hunts as f64)
    }),
    row("reference.accounts", Unit::Accounts, "accounts that they believed compromised, together", |p| {
        p.reference.as_ref().map(|s| s.accounts as f64)
    }),
    row("reference.active", Unit::Accounts, "active accounts that they looked at, together", |p| {
        p.reference.as_ref().map(|s| s.active as f64)
    }),
    row("reference.multiple_max", Unit::Times, "how many times that a plan may be", |p| {
        p.reference.as_ref().map(|s| s.multiple_max)
    }),
];
