//! `takeover`, `full_takeover`: a stranger changed the mail address or telephone number and another way in, soon after
//! coming; or three, the mail address among them, so that no way back is left.

use super::{Case, Finding, Signal, locked_out, long, owner_gone, shared, stuffing_machine};
use crate::detect::act::Deed;
use crate::detect::actor::{Actor, Origin};
use crate::detect::fold::NOBODY;
use crate::detect::lore::Feature;
use crate::detect::profile::{Distance, Tool};
use std::collections::BTreeSet;

/// "In a row".
const ROW_MS: i64 = 2 * 3_600_000;

const RECOVERY_MS: i64 = 2 * 86_400_000;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    let actor = case.actor();
    let locked_out = locked_out::find(case).map(|f| f.share);
    if !actor.is_foreign() && locked_out.is_none() {
        return None;
    }
    let start = actor.seen.0;
    let changes: Vec<(usize, Deed)> = case
        .own_acts()
        .filter(|(_, act)| act.deed.changes_access() && act.time - start <= ROW_MS)
        .map(|(at, act)| (at, act.deed))
        .collect();
    let kinds: BTreeSet<Deed> = changes.iter().map(|(_, deed)| *deed).collect();
    // Who lost a phone on a journey sets a new password and second factor on the next one; who takes an account over
    // sees to it that its owner can't be reached.
    let reached_elsewhere = kinds.contains(&Deed::EmailChange) || kinds.contains(&Deed::PhoneChange);
    if kinds.len() < 2 || !reached_elsewhere {
        return None;
    }
    // Who asks for recovery first and then changes everything is an owner coming back.
    let recovered = case.acts[..actor.first].iter().rev().take_while(|a| start - a.time <= RECOVERY_MS);
    // In the owner's own country, or with little history, a stranger who changes everything may be the owner with a
    // new machine: then somebody else must speak too: the owner who can't come in, or the machine, which failed on others or came as
    // a stranger to others.
    let far = is_far(actor) && !goes_on(case) && !was_there(case);
    let gone = owner_gone::find(case).map(|f| f.signal);
    let spoken_for = locked_out == Some(1.0)
        || gone == Some(Signal::OwnerGone)
        || stuffing_machine::find(case).is_some()
        || shared::find(case)
            .iter()
            .any(|f| matches!(f.signal, Signal::SharedAddress | Signal::SharedDevice));
    if !(spoken_for || far || gone.is_some() || locked_out.is_some())
        || recovered.into_iter().any(|a| a.deed == Deed::RecoveryRequest)
    {
        return None;
    }
    let last = changes.last().map_or(start, |(at, _)| case.acts[*at].time);
    let summary = format!(
        "{} ways in or of being reached were changed within {} of coming",
        kinds.len(),
        long(last - start)
    );
    let signal = if kinds.len() >= 3 && kinds.contains(&Deed::EmailChange) {
        Signal::FullTakeover
    } else {
        Signal::Takeover
    };
    let finding = Finding::new(signal, summary, changes.into_iter().map(|(at, _)| at).collect());
    // Where the owner's habits alone speak, what a few sittings showed of them is little.
    let share = match locked_out {
        _any if spoken_for => 1.0,
        Some(share) => share,
        None => habits(actor.history),
    };
    Some(Finding { share, ..finding })
}

/// Sittings after which the owner's habits are known well enough to tell by them alone who changes the ways in.
const HABITS_FULL: f64 = 12.0;

/// How much habits count after so many sittings, as [`super::after`].
fn habits(sittings: u32) -> f64 {
    (f64::from(sittings).ln_1p() / HABITS_FULL.ln_1p()).min(1.0)
}

/// Whether everything about a hand is new, the country too: an owner who travels changes their ways in by the browser
/// that they know.
fn is_far(actor: &Actor) -> bool {
    actor.distance == Distance::Country
        && actor.history >= 2
        && matches!(actor.tool, Tool::New | Tool::Unlike)
}

/// Whether another hand was in its country before, on a journey: a place is not the owner's by that, but no new one.
fn was_there(case: &Case<'_>) -> bool {
    let actor = case.actor();
    let is_before = |other: &Actor| other.first < actor.first && !matches!(other.origin, Origin::App(_));
    let countries: Vec<u64> = actor.of(Feature::Country).values().collect();
    case.folded
        .actors
        .iter()
        .filter(|other| is_before(other))
        .any(|other| countries.iter().any(|country| other.of(Feature::Country).has(*country)))
}

/// Whether a hand that was there before the change acts after it: who changes the ways in to keep the owner out does
/// not leave them in.
fn goes_on(case: &Case<'_>) -> bool {
    let Some((change, _)) = case.own_acts().find(|(_, act)| act.deed.changes_access()) else { return false };
    case.folded.hands.iter().enumerate().skip(change).any(|(at, hand)| {
        *hand != NOBODY
            && *hand != case.hand
            && case.folded.actors[usize::from(*hand)].first < case.actor().first
            && !matches!(case.folded.actors[usize::from(*hand)].origin, Origin::App(_))
            && !case.acts[at].is_failed_login()
    })
}
