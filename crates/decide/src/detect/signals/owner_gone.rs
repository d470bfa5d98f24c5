//! `owner_gone`, `owner_quiet`: since a stranger changed the ways in, the owner was not seen any more, for as long as would have seen
//! several sittings before; nor did the stranger settle in, as an owner with a new machine does.

use super::{Case, Finding, Signal, long};
use crate::detect::fold::NOBODY;

/// Sittings that the owner would have had meanwhile; by chance (Poisson) none in one of fifty cases.
const EXPECTED_MIN: f64 = 4.0;
/// The same in one of seven cases.
const EXPECTED_QUIET_MIN: f64 = 2.0;
/// Sittings before, to know the owner's pace.
const SITTINGS_MIN: u32 = 3;
/// Days on which an owner with a new machine is seen by it.
const SETTLED_DAYS: u32 = 2;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    let actor = case.actor();
    if !actor.is_foreign() || actor.days >= SETTLED_DAYS || actor.history < SITTINGS_MIN {
        return None;
    }
    let (at, change) = case.own_acts().find(|(_, act)| act.deed.changes_access())?;
    let seen_again = case.folded.hands[at..].iter().enumerate().any(|(later, hand)| {
        *hand != NOBODY && *hand != case.hand && !case.acts[at + later].is_failed_login()
    });
    let before = change.time - case.folded.profile.first();
    let away = case.end - change.time;
    if seen_again || before <= 0 {
        return None;
    }
    let expected = f64::from(actor.history) * away as f64 / before as f64;
    let signal = if expected >= EXPECTED_MIN { Signal::OwnerGone } else { Signal::OwnerQuiet };
    (expected >= EXPECTED_QUIET_MIN).then(|| {
        let summary = format!(
            "the owner was not seen again in the {} after it, where {expected:.0} sittings would be usual",
            long(away)
        );
        Finding::new(signal, summary, vec![at])
    })
}
