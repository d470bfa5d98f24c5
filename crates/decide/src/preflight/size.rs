//! How large the plan is: absolutely, by share of the active base and of each segment, against the frozen reference.

use super::{Check, Ground, Report, Severity, percent};
use model::note::Sure;
use std::collections::{BTreeMap, BTreeSet};

/// What accounts count under that belong to no segment.
const NO_SEGMENT: &str = "in no segment";

pub(super) fn empty(ground: &Ground<'_>, report: &mut Report) {
    if ground.entries().is_empty() {
        report.say(
            Check::Empty,
            Severity::Refuse,
            Sure::Exact,
            "nobody is in this plan".to_owned(),
            "see who was left out and why; a hunt that found nobody needs no plan",
        );
    }
}

pub(super) fn size(ground: &Ground<'_>, report: &mut Report) {
    let (n, most) = (ground.entries().len() as u64, ground.basis.policy.preflight.accounts_max);
    report.measure("preflight.accounts_max", "", n as f64, Severity::Refuse);
    if n > most {
        report.say(
            Check::Size,
            Severity::Refuse,
            Sure::Exact,
            format!("{n} accounts, and a plan may hold {most} (preflight.accounts_max)"),
            "find out why there are so many before anything else; then split, or raise the limit in a new policy",
        );
    }
}

/// Active accounts, and those of which it is not known: they can only make the base larger, and the share smaller. Probe
/// accounts are nobody's.
fn active(ground: &Ground<'_>) -> (u64, u64) {
    let owners = || ground.basis.states.values().filter(|s| s.record.probe != Some(true));
    let count = |of| owners().filter(|s| s.record.active == of).count() as u64;
    (count(Some(true)), count(None))
}

pub(super) fn active_share(ground: &Ground<'_>, report: &mut Report) {
    let (active, unknown) = active(ground);
    let most = ground.basis.policy.preflight.active_share_max;
    if active == 0 {
        report.say(
            Check::ActiveShare,
            Severity::Refuse,
            Sure::CannotTell,
            "the service names no active account, so the plan's share of the base is not known".to_owned(),
            "have the connector tell which accounts are active",
        );
        return;
    }
    let n = ground.entries().len();
    let share = n as f64 / active as f64;
    report.measure("preflight.active_share_max", "", share, Severity::Refuse);
    if share > most {
        let at_most = if unknown == 0 { "" } else { "at most " };
        report.say(
            Check::ActiveShare,
            Severity::Refuse,
            if unknown == 0 { Sure::Exact } else { Sure::Bounded },
            format!(
                "{n} of {active} active accounts ({at_most}{}), and the policy allows {} (preflight.active_share_max)",
                percent(share),
                percent(most)
            ),
            "so large a share is more often a wrong query or a change of the service itself than an attack",
        );
    }
}

pub(super) fn segments(ground: &Ground<'_>, report: &mut Report) {
    let limits = &ground.basis.policy.preflight;
    let members: BTreeSet<_> = ground.entries().iter().map(|e| &e.account).collect();
    let mut base: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (account, state) in ground.basis.states.iter().filter(|(_, s)| s.record.probe != Some(true)) {
        let counts = base.entry(state.record.segment.as_deref().unwrap_or(NO_SEGMENT)).or_default();
        counts.0 += u64::from(members.contains(account));
        counts.1 += u64::from(state.record.active == Some(true));
    }
    for (segment, (hit, active)) in base {
        if active < limits.segment_accounts_min {
            continue;
        }
        let share = hit as f64 / active as f64;
        report.measure("preflight.segment_share_max", segment, share, Severity::Refuse);
        if share > limits.segment_share_max {
            report.say(
                Check::SegmentShare,
                Severity::Refuse,
                Sure::Exact,
                format!(
                    "{hit} of {active} active accounts of segment {segment:?} ({}), and the policy allows {} \
                     (preflight.segment_share_max)",
                    percent(share),
                    percent(limits.segment_share_max)
                ),
                "look at what is special about this segment before its owners are locked out",
            );
        }
    }
}

/// The reference stands in the policy file and so never moves by itself: a moving one can be boiled like a frog.
pub(super) fn reference(ground: &Ground<'_>, report: &mut Report) {
    let Some(reference) = &ground.basis.policy.reference else {
        report.say(
            Check::Reference,
            Severity::Info,
            Sure::CannotTell,
            "the policy has no frozen reference, so that nothing says how many accounts are usual".to_owned(),
            "after some hunts that people let pass: rightful policy freeze, and put what it says into the policy",
        );
        return;
    };
    let (active, _) = active(ground);
    let usual = reference.accounts as f64 / reference.active as f64 * active as f64;
    let n = ground.entries().len();
    // Nobody active: the check of the active share refuses; here the multiple is beyond any limit.
    let multiple = if usual > 0.0 { n as f64 / usual } else { f64::MAX };
    report.measure("reference.multiple_max", "", multiple, Severity::Refuse);
    if multiple > reference.multiple_max {
        report.say(
            Check::Reference,
            Severity::Refuse,
            Sure::Exact,
            format!(
                "{n} accounts are {multiple:.1} times what a hunt over so many accounts found when the reference was \
                 frozen ({usual:.1}, from {} hunts); the policy allows {} times (reference.multiple_max)",
                reference.hunts, reference.multiple_max
            ),
            "find out what is new; where it is an attack, people raise the multiple in a new policy",
        );
    }
}
