//! `locked_out`: after a stranger's change, the owner's own device or network tries to come back and fails, or asks
//! for recovery. Who mistypes and then comes in with what they know was not locked out. Where nothing was seen before
//! the change, nobody can say which of two is the owner: a person must look.

use super::{Case, Finding, Signal};
use crate::detect::act::{Act, Deed};
use crate::detect::actor::{Actor, Origin};
use crate::detect::fold::NOBODY;
use crate::detect::lore::{Feature, View};
use crate::detect::profile::{Distance, SITTING_MS, Tool};

const AFTER_MS: i64 = 14 * 86_400_000;

/// What of the weight counts where nobody can say which of two is the owner.
pub(super) const EITHER: f64 = 0.5;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    let found = if case.actor().is_foreign() { locked_out(case) } else { turned_away(case) };
    if let Some((change, tries)) = found {
        let summary =
            format!("afterwards the owner's own device or network failed to come in {} times", tries.len());
        let acts = std::iter::once(change).chain(tries).collect();
        return Some(Finding::new(Signal::LockedOut, summary, acts));
    }
    let (change, tries) = stands_outside(case)?;
    let summary =
        format!("afterwards somebody on another machine asked for help after {} tries, in vain", tries.len());
    let acts = std::iter::once(change).chain(tries).collect();
    Some(Finding { share: EITHER, ..Finding::new(Signal::LockedOut, summary, acts) })
}

/// A stranger's change, and the tries of the owner's after it.
fn locked_out(case: &Case<'_>) -> Option<(usize, Vec<usize>)> {
    let (change, at) = first_change(case)?;
    let tries = tries(case, change, at, |act| {
        let (view, profile, stranger) = (case.lore.view(act), &case.folded.profile, case.actor());
        // An address that changes every day, without a device: the owner's network and browser, not both the stranger's.
        let alike = profile.distance(&view) == Distance::Neighbourhood
            && profile.has(Feature::Agent, view.get(Feature::Agent))
            && !(stranger.shares(Feature::Network, &view) && stranger.shares(Feature::Agent, &view));
        profile.tool(&view) == Tool::Known || profile.distance(&view) == Distance::Home || alike
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
        // Neighbours share a network: it tells two apart only where one is in another.
        let network = !actor.shares(Feature::Network, &view) && !actor.of(Feature::Network).is_empty();
        let shares = |a: &Actor| {
            view.device != 0 && a.devices().has(view.device)
                || a.shares(Feature::Prefix, &view)
                || network && a.shares(Feature::Network, &view)
        };
        !is_its_machine(actor, &view) && before.iter().any(|a| shares(a))
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

/// The change of a hand before which nothing was seen, that did nothing since, and the tries of another machine that
/// asked for help and was not let in. Who was welcomed and set everything up goes on.
pub(super) fn stands_outside(case: &Case<'_>) -> Option<(usize, Vec<usize>)> {
    let actor = case.actor();
    let is_app = |hand: u8| matches!(case.folded.actors[usize::from(hand)].origin, Origin::App(_));
    if actor.origin != Origin::Early || actor.same_as.is_some() {
        return None;
    }
    let (change, at) = first_change(case)?;
    let others = case.folded.hands.iter().filter(|h| **h != NOBODY && **h != case.hand);
    if others.into_iter().any(|hand| !is_app(*hand)) || actor.seen.1 - at > SITTING_MS {
        return None;
    }
    let tries = tries(case, change, at, |act| !is_its_machine(actor, &case.lore.view(act)));
    let asked = |at: &usize| case.acts[*at].deed == Deed::RecoveryRequest;
    let same_machine = |a: usize, b: usize| {
        let (a, b) = (case.lore.view(&case.acts[a]), case.lore.view(&case.acts[b]));
        let prefix = a.get(Feature::Prefix);
        a.device != 0 && a.device == b.device || prefix != 0 && prefix == b.get(Feature::Prefix)
    };
    let help = tries.iter().copied().find(asked)?;
    let of_them: Vec<usize> = tries.into_iter().filter(|at| same_machine(*at, help)).collect();
    of_them.iter().any(|at| !asked(at)).then_some((change, of_them))
}

/// Whether an act shows the hand's own machine.
fn is_its_machine(actor: &Actor, view: &View) -> bool {
    actor.devices().has(view.device) || actor.shares(Feature::Prefix, view)
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
