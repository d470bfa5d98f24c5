//! `locked_out`: after a stranger's change, the owner's own device or network tries to come back and fails, or asks
//! for recovery. Who mistypes and then comes in with what they know was not locked out.

use super::{Case, Finding, Signal};
use crate::detect::act::Deed;
use crate::detect::fold::NOBODY;
use crate::detect::profile::{Distance, Tool};

const AFTER_MS: i64 = 14 * 86_400_000;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    if !case.actor().is_foreign() {
        return None;
    }
    let change = case.own_acts().find(|(_, act)| act.deed.changes_access())?;
    let tries = case.acts.iter().enumerate().skip(change.0).filter(|(_, act)| {
        let tried = act.is_failed_login() || act.deed == Deed::RecoveryRequest;
        let view = case.lore.view(act);
        let owners = case.folded.profile.tool(&view) == Tool::Known
            || case.folded.profile.distance(&view) == Distance::Home;
        tried && owners && act.time - change.1.time <= AFTER_MS
    });
    let tries: Vec<usize> = tries.map(|(at, _)| at).collect();
    let (Some(first), Some(last)) = (tries.first(), tries.last()) else { return None };
    let asked = case.acts[change.0..=*last].iter().any(|act| act.deed == Deed::RecoveryRequest);
    let came_in = case.acts.iter().enumerate().skip(*first).any(|(at, act)| {
        let hand = case.folded.hands[at];
        act.is_login() && hand != NOBODY && !case.folded.actors[usize::from(hand)].is_foreign()
    });
    if came_in && !asked {
        return None;
    }
    let summary =
        format!("afterwards the owner's own device or network failed to come in {} times", tries.len());
    Some(Finding::new(Signal::LockedOut, summary, std::iter::once(change.0).chain(tries).collect()))
}
