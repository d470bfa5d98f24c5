//! The placebo: the same detection over a quiet window of the same length, just before the attack. Whom it convicts
//! there it convicts wrongly, and so many wrong ones are to be expected in the plan.

use super::{Basis, Check, Ground, Report, Severity, percent};
use crate::bound;
use model::account::AccountState;
use model::id::{AccountId, Digest, Millis};
use model::labels::Label;
use model::note::Sure;
use model::plan::Draft;
use model::policy::Policy;
use model::verdict::{Belief, IntelligenceKind, Summary, Verdict, Window};
use std::collections::BTreeSet;

/// What the same detection found in a quiet window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceboYield {
    /// The window; its end is the attack's begin.
    pub window: Window,
    /// Accounts that would enter a plan.
    pub believed: u64,
    /// Active accounts it looked at.
    pub active: u64,
}

/// Why there can be no placebo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceboError {
    /// The plan names nobody.
    Empty,
    /// The events begin too late for a quiet window of that length and enough before it to know owners by, ms.
    TooShort {
        /// What it takes before the attack.
        needed_ms: Millis,
        /// What there is.
        found_ms: Millis,
    },
    /// Somebody really was compromised in that window: it isn't quiet.
    TrueVerdicts {
        /// How many.
        accounts: usize,
        /// The first.
        first: AccountId,
    },
    /// The events are not those that the plan's hunt looked at.
    OtherEvents,
    /// The networks and countries of addresses are not from the files that the plan's hunt was given.
    OtherNetworks,
}

impl std::fmt::Display for PlaceboError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hours = |ms: &Millis| ms / 3_600_000;
        match self {
            Self::Empty => f.write_str("nobody is in this plan, so that there is no window to compare with"),
            Self::TooShort { needed_ms, found_ms } => write!(
                f,
                "before the attack there are {} hours of events, and a placebo of the same length with enough history before it \
                 needs {}",
                hours(found_ms),
                hours(needed_ms)
            ),
            Self::TrueVerdicts { accounts, first } => write!(
                f,
                "{accounts} accounts really were compromised in the window of the placebo, {first} the first of them: it is not quiet"
            ),
            Self::OtherEvents => f.write_str("these are not the events that the plan's hunt looked at"),
            Self::OtherNetworks => f.write_str(
                "the plan's hunt took networks and countries from other MMDB files; name the same ones (--mmdb)",
            ),
        }
    }
}

/// The quiet window of a draft: as long as the attack, and just before it.
///
/// # Errors
/// Where nobody is in the plan, or the hunt's events begin too late.
pub fn placebo_window(draft: &Draft, summary: &Summary, policy: &Policy) -> Result<Window, PlaceboError> {
    let starts = draft.entries.iter().map(|e| e.window.start);
    let ends = draft.entries.iter().map(|e| e.window.end);
    let (Some(start), Some(end)) = (starts.min(), ends.max()) else { return Err(PlaceboError::Empty) };
    let length = (end - start).max(1);
    let needed_ms = length.saturating_add(policy.preflight.placebo_history_ms_min);
    let found_ms = start - summary.window.start;
    if found_ms < needed_ms {
        return Err(PlaceboError::TooShort { needed_ms, found_ms });
    }
    Ok(Window { start: start - length, end: start })
}

/// What a hunt over the quiet window came to (its events up to the window's end, its verdicts from its begin on).
///
/// # Errors
/// Where it looked at other events, or the window is not quiet: the plan's own hunt, which saw what came later too, or a
/// person's label, says that somebody was there.
pub fn placebo_yield(
    window: Window,
    verdicts: &[Verdict],
    summary: &Summary,
    basis: &Basis<'_>,
) -> Result<PlaceboYield, PlaceboError> {
    if summary.window.start != basis.summary.window.start || summary.window.end >= window.end {
        return Err(PlaceboError::OtherEvents);
    }
    if networks(summary) != networks(basis.summary) {
        return Err(PlaceboError::OtherNetworks);
    }
    let limits = &basis.policy.cohort;
    let found: Vec<&Verdict> = verdicts
        .iter()
        .filter(|v| {
            let families: BTreeSet<_> = v.evidence.iter().map(|e| e.family).filter(|f| f.counts()).collect();
            v.verdict == Belief::Compromised
                && v.confidence >= limits.confidence_min
                && families.len() >= limits.families_min as usize
        })
        .collect();
    let overlaps = |w: Window| w.start < window.end && w.end >= window.start;
    let convicted = basis.verdicts.iter().filter(|v| v.verdict == Belief::Compromised && overlaps(v.window));
    let labelled = found.iter().filter(|v| basis.labels.get(&v.account) == Some(&Label::Compromised));
    let mut real: BTreeSet<&AccountId> = convicted.map(|v| &v.account).collect();
    real.extend(labelled.map(|v| &v.account));
    if let Some(first) = real.first() {
        return Err(PlaceboError::TrueVerdicts { accounts: real.len(), first: (*first).clone() });
    }
    Ok(PlaceboYield { window, believed: found.len() as u64, active: summary.active })
}

/// The files that networks and countries came from, in their order. What others say convicts nobody, with or without it.
fn networks(summary: &Summary) -> Vec<Digest> {
    let files = summary.intelligence.iter().filter(|f| f.kind == IntelligenceKind::Mmdb);
    files.map(|f| f.digest).collect()
}

pub(super) fn check(ground: &Ground<'_>, report: &mut Report) {
    let limits = &ground.basis.policy.preflight;
    if ground.entries().is_empty() {
        return;
    }
    let Some(placebo) = ground.basis.placebo else {
        report.say(
            Check::Placebo,
            Severity::Warn,
            Sure::CannotTell,
            "no placebo was asked: nothing says how many such a hunt finds where nobody was attacked"
                .to_owned(),
            "rightful plan check PLAN --placebo FILE…, with the hunt's own events",
        );
        return;
    };
    let is_active = |s: &&AccountState| s.record.active == Some(true);
    let active = ground.basis.states.values().filter(is_active).count() as f64;
    let members = ground.entries().len() as f64;
    let share = |of_active: f64| (of_active * active / members).min(1.0);
    let expected = share(placebo.believed as f64 / placebo.active.max(1) as f64);
    let most = share(bound::upper(placebo.believed, placebo.active, limits.confidence));
    report.measure("preflight.placebo_share_max", "", expected, Severity::Refuse);
    let severity = if expected > limits.placebo_share_max {
        Severity::Refuse
    } else if most > limits.placebo_share_max {
        Severity::Warn
    } else {
        Severity::Info
    };
    let todo = match severity {
        Severity::Refuse => {
            "the detection finds about as much where nothing was: hunt again without the rule that did"
        }
        Severity::Warn => "so small a plan can't be told from what the hunt finds anyway: look at it whole",
        Severity::Info => "a detection that finds nobody there is no proof that it finds the right ones here",
    };
    report.say(
        Check::Placebo,
        severity,
        Sure::Bounded,
        format!(
            "over a quiet window of the same length the same detection convicts {} of {} active accounts: {} of this plan are to be \
             expected wrong, surely no more than {} ({} sure); the policy allows {} (preflight.placebo_share_max)",
            placebo.believed,
            placebo.active,
            percent(expected),
            percent(most),
            percent(limits.confidence),
            percent(limits.placebo_share_max)
        ),
        todo,
    );
}
