//! `broken_session`, `two_hands`: a session, or the cookie of a device, went on from another network with another
//! browser or device at once: it was copied. Where the owner's hand goes on in it as well, two use it.

use super::{Case, Finding, Signal};
use crate::detect::act::Act;
use crate::detect::actor::Origin;
use crate::detect::fold::NOBODY;
use crate::detect::lore::Feature;

/// Sittings after which the hand that was there first is the owner's.
const SITTINGS_MIN: u32 = 4;

pub(super) fn find(case: &Case<'_>) -> Vec<Finding> {
    let actor = case.actor();
    if actor.origin != Origin::Broken || !actor.is_foreign() {
        return Vec::new();
    }
    let first = &case.acts[actor.first];
    let same = |at: &usize| goes_on(first, &case.acts[*at]) && case.folded.hands[*at] != case.hand;
    let Some(before) = (0..actor.first).rev().find(same) else { return Vec::new() };
    let summary =
        "a session or device of the owner's went on with another device, network or browser, all at once"
            .to_owned();
    let mut found = vec![Finding::new(Signal::BrokenSession, summary, vec![before, actor.first])];
    let of_owner = |at: &usize| {
        let hand = case.folded.hands[*at];
        hand != NOBODY && !case.folded.actors[usize::from(hand)].is_doubtful()
    };
    // Of two hands that were hardly seen before, nobody can say which one is the owner's.
    if actor.history < SITTINGS_MIN {
        return found;
    }
    // Who takes a new machine into use does not go back to the old one's cookies. What named no browser shows no other.
    let another = |at: &usize| shows_another(case, &case.acts[*at], first);
    if (0..actor.first).filter(same).any(|at| another(&at))
        && let Some(after) = (actor.first + 1..case.acts.len()).filter(same).filter(another).find(of_owner)
    {
        let summary = "the owner's own device, network and browser went on in it afterwards".to_owned();
        found.push(Finding::new(Signal::TwoHands, summary, vec![actor.first, after]));
    }
    found
}

/// Whether two acts name browsers or devices, and not the same.
fn shows_another(case: &Case<'_>, act: &Act, other: &Act) -> bool {
    let (a, b) = (case.lore.view(act).get(Feature::Agent), case.lore.view(other).get(Feature::Agent));
    a != 0 && b != 0 && a != b || act.device.is_some() && other.device.is_some() && act.device != other.device
}

/// Whether an act is of the same session, or shows the same device.
fn goes_on(act: &Act, other: &Act) -> bool {
    act.session.is_some() && act.session == other.session
        || act.device.is_some() && act.device == other.device
}
