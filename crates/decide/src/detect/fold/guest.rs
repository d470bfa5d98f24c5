//! A sign-in that names no device, by a browser like the owner's, from a new address in the owner's network: it is taken
//! for the owner's, since mostly it is. It becomes a hand of its own, of which nobody can say whose it is, so that what
//! it carries, and what befalls the owner's afterwards, can speak of it; by itself nothing is held against it.

use super::{ACTORS_MAX, Fold, NOBODY, SITTING_MS};
use crate::detect::act::Act;
use crate::detect::actor::{Actor, Origin};
use crate::detect::lore::{Feature, Lore, View};
use crate::detect::profile::{Distance, Tool};
use crate::detect::words::Set;
use model::id::Millis;

/// How long a guest stays that names no session.
const STAY_MS: Millis = 2 * 3_600_000;

impl Fold {
    /// Takes such guests out of the known hands.
    pub(super) fn guests(&mut self, acts: &[Act], lore: &Lore<'_>) {
        let may_begin = |act: &Act| act.device.is_none() && (act.is_login() || act.deed.changes_access());
        if !acts.iter().any(may_begin) {
            return;
        }
        let mut seen: Set<(Feature, u64)> = Set::default();
        let mut sessions: Set<u64> = Set::default();
        let mut hands: Set<u8> = Set::default();
        let mut found: Vec<(usize, View)> = Vec::new();
        for (at, act) in acts.iter().enumerate().filter(|(at, _)| self.hands[*at] != NOBODY) {
            let view = lore.view(act);
            let is_new = |feature: Feature| !seen.contains(&(feature, view.get(feature)));
            let from_elsewhere = view.get(Feature::Address) != 0
                && is_new(Feature::Address)
                && (view.get(Feature::Prefix) == 0 || is_new(Feature::Prefix))
                && (view.session == 0 || !sessions.contains(&view.session));
            if may_begin(act) && from_elsewhere && hands.contains(&self.hands[at]) {
                found.push((at, view));
            }
            for feature in [Feature::Address, Feature::Prefix] {
                seen.insert((feature, view.get(feature)));
            }
            sessions.insert(view.session);
            hands.insert(self.hands[at]);
        }
        for (first, view) in found {
            self.take_out(first, &view, acts, lore);
        }
    }

    /// Takes what belongs to a sign-in out of the hand that it was put to, where it names no device all along.
    fn take_out(&mut self, first: usize, view: &View, acts: &[Act], lore: &Lore<'_>) {
        let base = self.hands[first];
        let of = &self.actors[usize::from(base)];
        let is_known = !of.is_foreign() && matches!(of.origin, Origin::Early | Origin::Arrived);
        let run: Vec<(usize, View)> = (first..acts.len())
            .filter(|at| self.hands[*at] == base)
            .map(|at| (at, lore.view(&acts[at])))
            .filter(|(at, other)| match view.session {
                0 => {
                    other.get(Feature::Address) == view.get(Feature::Address)
                        && acts[*at].time - acts[first].time <= STAY_MS
                }
                session => other.session == session,
            })
            .collect();
        let named = run.iter().any(|(_, view)| view.device != 0);
        if !is_known || named || run.len() < 2 || self.actors.len() >= ACTORS_MAX {
            return;
        }
        let hand = self.actors.len() as u8;
        let mut actor = Actor::new(Origin::Arrived, first, acts[first].time);
        actor.distance = Distance::Neighbourhood;
        actor.tool = Tool::Unsure;
        actor.history = self.sittings(first, acts);
        for (at, view) in run {
            actor.take(&view, at, acts[at].time);
            self.hands[at] = hand;
            self.actors[usize::from(base)].acts -= 1;
        }
        self.actors.push(actor);
    }

    /// The owner's sittings before an act.
    fn sittings(&self, before: usize, acts: &[Act]) -> u32 {
        let is_owners = |at: &usize| {
            self.actors.get(usize::from(self.hands[*at])).is_some_and(|actor| !actor.is_foreign())
        };
        let mut owners = (0..before).filter(is_owners).map(|at| acts[at].time);
        let Some(mut last) = owners.next() else { return 0 };
        let mut sittings = 1;
        for time in owners {
            sittings += u32::from(time - last > SITTING_MS);
            last = time;
        }
        sittings
    }
}
