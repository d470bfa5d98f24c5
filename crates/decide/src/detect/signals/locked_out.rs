//! `locked_out`: after a stranger's change, the owner's own device or network tries to come back and fails, or asks
//! for recovery. Who mistypes and then comes in with what they know was not locked out.

use super::{Case, Finding, Signal};
use crate::detect::act::{Act, Deed};
use crate::detect::actor::{Actor, Origin};
use crate::detect::fold::NOBODY;
use crate::detect::lore::Feature;
use crate::detect::profile::{Distance, SITTING_MS, Tool};

const AFTER_MS: i64 = 14 * 86_400_000;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    let (change, tries) = if case.actor().is_foreign() { locked_out(case)? } else { turned_away(case)? };
    let summary =
        format!("afterwards the owner's own device or network failed to come in {} times", tries.len());
    Some(Finding::new(Signal::LockedOut, summary, std::iter::once(change).chain(tries).collect()))
}

/// A stranger's change, and the tries of the owner's after it.
fn locked_out(case: &Case<'_>) -> Option<(usize, Vec<usize>)> {
    let (change, at) = first_change(case)?;
    let tries = tries(case, change, at, |act| {
        let view = case.lore.view(act);
        case.folded.profile.tool(&view) == Tool::Known
            || case.folded.profile.distance(&view) == Distance::Home
    });
    let (first, last) = (*tries.first()?, *tries.last()?);
    let asked = case.acts[change..=last].iter().any(|act| act.deed == Deed::RecoveryRequest);
    let came_in = case.acts.iter().enumerate().skip(first).any(|(at, act)| {
        let hand = case.folded.hands[at];
        act.is_login() && hand != NOBODY && !case.folded.actors[usize::from(hand)].is_foreign()
    });
    (asked || !came_in).then_some((change, tries))
}

/// The change of a hand of which nobody can say whose it is, and the tries of the machine that was there before it, where
/// that is not let in any more: whatever little is known of either, the one turned the other out. A program tries an
/// old password by itself, so that once is not enough, and an owner who has a new machine uses the old one as well.
pub(super) fn turned_away(case: &Case<'_>) -> Option<(usize, Vec<usize>)> {
    let actor = case.actor();
    let unclear = actor.origin == Origin::Early || actor.is_unsure();
    if !unclear || actor.same_as.is_some() {
        return None;
    }
    let (change, at) = first_change(case)?;
    let before = |a: &&Actor| {
        a.same_as.is_none() && a.first < actor.first && !a.is_foreign() && !matches!(a.origin, Origin::App(_))
    };
    let before: Vec<&Actor> = case.folded.actors.iter().filter(before).collect();
    let tries = tries(case, change, at, |act| {
        let view = case.lore.view(act);
        let theirs = actor.devices().has(view.device) || actor.shares(Feature::Prefix, &view);
        let shares =
            |a: &Actor| view.device != 0 && a.devices().has(view.device) || a.shares(Feature::Prefix, &view);
        !theirs && before.iter().any(|a| shares(a))
    });
    let (first, last) = (*tries.first()?, *tries.last()?);
    let asked = tries.iter().any(|at| case.acts[*at].deed == Deed::RecoveryRequest);
    let again = case.acts[last].time - case.acts[first].time > SITTING_MS;
    let acts_on = case.folded.hands.iter().enumerate().skip(change).any(|(at, hand)| {
        *hand != NOBODY
            && *hand != case.hand
            && !matches!(case.folded.actors[usize::from(*hand)].origin, Origin::App(_))
            && !tries.contains(&at)
    });
    ((asked || again) && !acts_on).then_some((change, tries))
}

/// The hand's first change of a way in, by place and moment.
fn first_change(case: &Case<'_>) -> Option<(usize, i64)> {
    case.own_acts().find(|(_, act)| act.deed.changes_access()).map(|(at, act)| (at, act.time))
}

/// Sign-ins that failed and requests for recovery within a time after a change, of those that are the owner's.
fn tries(case: &Case<'_>, change: usize, at: i64, owners: impl Fn(&Act) -> bool) -> Vec<usize> {
    let of_owner = |act: &Act| {
        let tried = act.is_failed_login() || act.deed == Deed::RecoveryRequest;
        tried && act.time - at <= AFTER_MS && owners(act)
    };
    case.acts.iter().enumerate().skip(change).filter(|(_, act)| of_owner(act)).map(|(at, _)| at).collect()
}
