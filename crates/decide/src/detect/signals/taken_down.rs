//! `taken_down`: the owner's own hand changed the way in, and within the hour deleted posts that this hand had made: an
//! owner who finds what somebody else posted. Who tidies up what they posted themselves deletes posts of their own hand.

use super::{Case, Finding, Signal};
use crate::detect::act::Deed;
use crate::detect::actor::Origin;
use crate::detect::fold::NOBODY;
use crate::detect::words::Sym;
use model::id::Millis;
use std::collections::{BTreeSet, HashMap, HashSet};

/// How near the change and the deletion are.
const BESIDE_MS: Millis = 3_600_000;
/// So many posts were not deleted by mistake.
const POSTS_FULL: usize = 2;
/// What of the weight counts for one.
const ONE: f64 = 0.6;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    if !case.actor().is_doubtful() {
        return None;
    }
    let posts: HashMap<Sym, usize> = case
        .own_acts()
        .filter(|(_, act)| act.deed == Deed::Post && act.object.is_some())
        .map(|(at, act)| (act.object, at))
        .collect();
    // Several are deleted by an owner on a journey as well: by a device or session of theirs.
    let is_owners = |at: usize, on_a_journey: bool| {
        let hand = case.folded.hands[at];
        hand != NOBODY && hand != case.hand && {
            let actor = &case.folded.actors[usize::from(hand)];
            match actor.origin {
                Origin::Roaming(_) => on_a_journey,
                Origin::App(_) => false,
                Origin::Early | Origin::Arrived | Origin::Broken | Origin::Outburst(_) => {
                    !actor.is_doubtful()
                }
            }
        }
    };
    let of_owner = |at: &usize| is_owners(*at, true);
    let later = || (case.actor().first..case.acts.len()).filter(of_owner);
    let changes: Vec<(usize, Millis)> = later()
        .filter(|at| case.acts[*at].deed.changes_access())
        .map(|at| (at, case.acts[at].time))
        .collect();
    // The post, its deletion, and the change beside it.
    let mut acts: BTreeSet<usize> = BTreeSet::new();
    let mut gone: HashSet<usize> = HashSet::new();
    for at in later().filter(|at| case.acts[*at].deed == Deed::DeletePost) {
        let Some(post) = posts.get(&case.acts[at].object) else { continue };
        let near = |(_, changed): &&(usize, Millis)| (case.acts[at].time - changed).abs() <= BESIDE_MS;
        if let Some((change, _)) = changes.iter().find(near) {
            gone.insert(*post);
            acts.extend([*post, at, *change]);
        }
    }
    let at_home = acts.iter().all(|at| case.folded.hands[*at] == case.hand || is_owners(*at, false));
    if gone.is_empty() || (gone.len() < POSTS_FULL && !at_home) {
        return None;
    }
    let summary = format!(
        "the owner's own hand deleted {} of its posts within an hour of changing the way in",
        gone.len()
    );
    let share = if gone.len() >= POSTS_FULL { 1.0 } else { ONE };
    Some(Finding { share, ..Finding::new(Signal::TakenDown, summary, acts.into_iter().collect()) })
}
