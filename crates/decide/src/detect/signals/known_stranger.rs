//! `known_stranger`: on an account with too little history to call anything new, the hand does what only strangers to
//! many other accounts do, or came by their machine; or it turned out who was there before.

use super::{Case, Finding, Signal, locked_out};
use crate::detect::act::Deed;
use crate::detect::actor::Origin;
use crate::detect::artefact::{Key, Sort, keys};
use std::collections::BTreeSet;

/// The share of what the hand said or whom it followed that must be strangers' stuff.
const SHARE_MIN: f64 = 0.6;

/// What of the weight counts where nobody can say which of two is the owner.
const EITHER_NEW: f64 = 0.75;

/// How much was said, or how many were followed, and how much of it is strangers' stuff.
#[derive(Default)]
struct Told {
    all: usize,
    theirs: usize,
}

impl Told {
    fn is_theirs(&self) -> bool {
        self.theirs > 0 && self.theirs as f64 >= SHARE_MIN * self.all as f64
    }
}

/// Whether a sort is of what an act says or takes up, and not of its machine.
fn is_content(sort: Sort) -> bool {
    match sort {
        Sort::Mention | Sort::Text | Sort::Domain | Sort::Page | Sort::Handle | Sort::Target => true,
        Sort::Address | Sort::Device | Sort::Agent | Sort::Network => false,
    }
}

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    let actor = case.actor();
    if actor.origin != Origin::Early {
        return None;
    }
    let mut known: Option<(usize, Sort, usize, Key)> = None;
    let mut notorious: BTreeSet<usize> = BTreeSet::new();
    let mut by_machine = false;
    for (at, key) in case.burden() {
        let Some(standing) = case.artefacts.leaning(key).filter(|s| s.is_notorious()) else { continue };
        if matches!(key.sort, Sort::Agent | Sort::Network) {
            continue;
        }
        if is_content(key.sort) {
            notorious.insert(at);
        } else {
            by_machine = true;
        }
        let accounts = standing.foreign.len();
        if known.is_none_or(|(most, ..)| accounts > most) {
            known = Some((accounts, key.sort, at, key));
        }
    }
    let (mut speech, mut follows) = (Told::default(), Told::default());
    for (at, act) in case.own_acts().filter(|_| !notorious.is_empty()) {
        let mut says = false;
        keys(act, case.lore, &mut |key| says |= is_content(key.sort));
        let told = if matches!(act.deed, Deed::Follow | Deed::Like) { &mut follows } else { &mut speech };
        told.all += usize::from(says);
        told.theirs += usize::from(notorious.contains(&at));
    }
    // Who says what strangers say may follow whom they like, and the other way round.
    if let Some((accounts, sort, at, key)) = known
        && (by_machine || speech.is_theirs() || (speech.all == 0 && follows.is_theirs()))
    {
        let summary = format!(
            "there is little history, but the {} is that of a stranger to {accounts} other accounts",
            sort.name()
        );
        return Some(Finding {
            artefact: Some(key),
            ..Finding::new(Signal::KnownStranger, summary, vec![at])
        });
    }
    if let Some((change, tries)) = locked_out::turned_away(case) {
        let summary =
            "there is little history, but the machine that was there before is not let in since this one's change"
                .to_owned();
        let before = actor.history;
        let finding = Finding::novelty(Signal::KnownStranger, summary, change, before);
        return Some(Finding { acts: std::iter::once(change).chain(tries).collect(), ..finding });
    }
    if let Some((change, tries)) = locked_out::stands_outside(case) {
        let summary =
            "there is no history, and since this hand's change another machine asks for help in vain";
        let finding = Finding::new(Signal::KnownStranger, summary.to_owned(), vec![change]);
        let acts = std::iter::once(change).chain(tries).collect();
        return Some(Finding { share: EITHER_NEW, acts, ..finding });
    }
    // Who goes on to do something is judged by what that is: owners share a VPN's exit with such machines.
    if !case.own_acts().all(|(_, act)| act.is_login()) {
        return None;
    }
    let entry = case.own_acts().find_map(|(at, act)| Some((at, case.failures.stuffer(act, case.lore)?.1)));
    let (at, failed) = entry?;
    let summary = format!(
        "there is little history, but the machine is one that failed to sign in to {failed} other accounts"
    );
    Some(Finding::new(Signal::KnownStranger, summary, vec![at]))
}
