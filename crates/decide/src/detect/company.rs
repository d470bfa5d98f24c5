//! In whose company an intruder is: which other hands of the account are theirs too. Nothing is judged here of an account
//! without one.

use super::act::Act;
use super::actor::{Actor, Origin};
use super::fold::Folded;
use super::lore::Feature;
use super::profile::{Distance, Tool};
use super::signals::{self, Case, Finding, Signal};
use super::verdict::BESIDE_MS;
use model::id::Millis;
use model::verdict::Family;
use std::collections::{BTreeMap, BTreeSet};

/// The share of what a hand said that must be strangers' stuff, where nothing else is held against it.
const SAID_SHARE: f64 = 0.6;

/// On an account with an intruder, a second stranger who carries what strangers carry is no doubt any more: these hands
/// are given. And who came later with a machine of their own, near the owner's places, and says little but what
/// strangers to other accounts say is guilty by that: a place that the owner is in as well speaks for nobody then.
pub(super) fn seconds(
    case: &Case<'_>,
    guilty: &mut BTreeMap<u8, Vec<Finding>>,
    doubted: &BTreeMap<u8, Vec<Finding>>,
) -> BTreeSet<u8> {
    let Some(begin) = guilty.keys().map(|h| case.folded.actors[usize::from(*h)].seen.0).min() else {
        return BTreeSet::new();
    };
    for (hand, actor) in case.folded.actors.iter().enumerate() {
        let hand = hand as u8;
        if guilty.contains_key(&hand) || actor.seen.0 < begin || !has_a_machine_of_its_own(actor) {
            continue;
        }
        let found = says_what_strangers_say(&Case { hand, ..*case });
        if !found.is_empty() {
            guilty.insert(hand, found);
        }
    }
    doubted.iter().filter(|(_, found)| carries_a_campaign(found)).map(|(hand, _)| *hand).collect()
}

/// Whether a hand came later with a tool of its own, near enough to the owner's places to be no stranger by that.
pub(super) fn has_a_machine_of_its_own(actor: &Actor) -> bool {
    actor.same_as.is_none()
        && actor.origin == Origin::Arrived
        && matches!(actor.tool, Tool::New | Tool::Unlike)
        && !actor.is_foreign()
}

/// What a hand said that strangers to other accounts say, where that is most of what it said.
fn says_what_strangers_say(case: &Case<'_>) -> Vec<Finding> {
    let said = case.own_acts().filter(|(_, act)| act.deed.speaks()).count();
    let mut found = signals::carried(case);
    found.retain(|f| is_said(f.signal));
    let theirs: BTreeSet<usize> = found.iter().flat_map(|f| f.acts.iter().copied()).collect();
    if (theirs.len() as f64) < SAID_SHARE * said as f64 {
        return Vec::new();
    }
    found
}

/// Whether a signal is of what somebody says, and not of where from.
fn is_said(signal: Signal) -> bool {
    matches!(signal, Signal::SharedText | Signal::SharedDomain | Signal::SharedPage | Signal::SharedContact)
}

/// Whether a hand carries a guilty artefact of its own doing: a browser string and a network are nobody's.
fn carries_a_campaign(found: &[Finding]) -> bool {
    let of_many = [Signal::SharedTool, Signal::SharedNetwork];
    found.iter().any(|f| f.signal.family() == Family::Campaign && !of_many.contains(&f.signal))
}

/// Two strangers that come within this time of each other may be one.
const TOGETHER_MS: Millis = 3 * DAY_MS;
const DAY_MS: Millis = 86_400_000;

/// Whether a stranger is the same intruder as a guilty one: the same device or address, or the same browser at about
/// the same time; or one that only signed in shortly before, with the one that came after it (a list is checked by one
/// machine and used by another); or the hand that a script's messages came out of, if it came for them.
pub(super) fn is_same(folded: &Folded, acts: &[Act], hand: u8, guilty: u8) -> bool {
    let (a, b) = (&folded.actors[usize::from(hand)], &folded.actors[usize::from(guilty)]);
    if came_to_burst(folded, acts, hand, guilty) || same_machine(folded, hand, guilty) {
        return true;
    }
    if !a.is_foreign() || matches!(b.origin, Origin::App(_)) {
        return false;
    }
    let together = a.seen.0 <= b.seen.1 + TOGETHER_MS && b.seen.0 <= a.seen.1 + TOGETHER_MS;
    let far = a.distance >= Distance::Network && b.distance >= Distance::Network;
    let only_signed_in = |hand: u8| folded.acts_of(hand).all(|at| acts[at].is_login());
    // Who comes from elsewhere within a day of the check, and does not live there, uses what was checked.
    let uses_the_check = || {
        only_signed_in(guilty)
            && a.seen.0 >= b.seen.0
            && a.seen.0 <= b.seen.1 + DAY_MS
            && a.seen.1 <= a.seen.0 + DAY_MS
            && a.distance >= Distance::Network
    };
    let only_checked = || only_signed_in(hand) && a.seen.0 <= b.seen.0 || uses_the_check();
    let same_browser = a.of(Feature::Agent).values().any(|v| b.of(Feature::Agent).has(v));
    together && ((same_browser && far && a.seen.0 >= b.seen.0 - DAY_MS) || only_checked())
}

/// Whether a stranger stands at the machine of another hand: the same device, or the same address.
fn same_machine(folded: &Folded, hand: u8, other: u8) -> bool {
    let (a, b) = (&folded.actors[usize::from(hand)], &folded.actors[usize::from(other)]);
    let address = || a.of(Feature::Address).values().any(|v| b.of(Feature::Address).has(v));
    let device = || a.is_foreign() && a.devices().values().any(|d| b.devices().has(d));
    a.is_doubtful() && !matches!(b.origin, Origin::App(_)) && (address() || device())
}

/// Who stands at the machine of one of the intruder's hands is the intruder come back, whatever that hand was known by.
pub(super) fn same_machines(folded: &Folded, hands: &mut BTreeSet<u8>) {
    let more = |hands: &BTreeSet<u8>| {
        let others = (0..folded.actors.len() as u8).filter(|h| !hands.contains(h));
        others.filter(|h| hands.iter().any(|known| same_machine(folded, *h, *known))).collect::<Vec<u8>>()
    };
    // Each turn adds a hand, or is the last.
    while let found = more(hands)
        && !found.is_empty()
    {
        hands.extend(found);
    }
}

/// Whether a script's messages were taken out of a hand that signed in for them and did nothing before: what it did
/// besides, then and later, is by the same intruder. An owner's hand was there before.
fn came_to_burst(folded: &Folded, acts: &[Act], hand: u8, guilty: u8) -> bool {
    let (a, b) = (&folded.actors[usize::from(hand)], &folded.actors[usize::from(guilty)]);
    b.origin == Origin::Outburst(hand)
        && a.origin == Origin::Early
        && acts[a.first].is_login()
        && b.seen.0 - a.seen.0 <= BESIDE_MS
}
