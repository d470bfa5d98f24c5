//! The fold: one account's acts in order of (time, id) become actors, each judged against the profile as it stood
//! before the actor came. An actor that looks foreign teaches the profile nothing, unless it comes home later.
//!
//! It must not look at other accounts: what ties accounts together is found from what it gives.

use super::act::{Act, Deed};
use super::actor::{Actor, Origin};
use super::lore::{Feature, Lore, View};
use super::profile::{Distance, Profile, Tool};
use super::words::Sym;
use model::id::Millis;
use std::collections::HashMap;

/// The hand of an act that shows none, or one that can't be told.
pub const NOBODY: u8 = u8::MAX;
const ACTORS_MAX: usize = 200;
/// A session's actors that are looked at.
const WEEK_MS: Millis = 7 * 86_400_000;
/// Strangers a sitting above which strangers are usual on an account.
const STRANGERS_SHARE: f64 = 0.15;

/// What the fold makes of one account.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    /// The hands, in order of coming.
    pub actors: Vec<Actor>,
    /// For each act the index of its hand, or [`NOBODY`].
    pub hands: Vec<u8>,
    /// The owner's habits at the end.
    pub profile: Profile,
}

impl Folded {
    /// The acts of one hand, by index.
    pub fn acts_of(&self, hand: u8) -> impl Iterator<Item = usize> {
        self.hands.iter().enumerate().filter(move |(_, h)| **h == hand).map(|(at, _)| at)
    }
}

/// Folds one account's acts, which must be sorted by (time, id).
#[must_use]
pub fn fold(acts: &[Act], lore: &Lore<'_>) -> Folded {
    debug_assert!(acts.is_sorted_by_key(|a| a.time), "acts come in order of time");
    let mut fold = Fold { hands: vec![NOBODY; acts.len()], ..Fold::default() };
    for (at, act) in acts.iter().enumerate() {
        if act.is_users_own() && act.deed.shows_a_hand() && !act.is_failed_login() {
            fold.take(at, act, lore);
        }
    }
    fold.end()
}

#[derive(Default)]
struct Fold {
    actors: Vec<Actor>,
    hands: Vec<u8>,
    profile: Profile,
    by_device: HashMap<u64, u8>,
    by_session: HashMap<u64, Vec<u8>>,
    by_app: HashMap<Sym, u8>,
    /// Applications let in, by the object of the grant, with when and by which hand.
    granted: HashMap<u64, Millis>,
}

impl Fold {
    fn take(&mut self, at: usize, act: &Act, lore: &Lore<'_>) {
        let view = lore.view(act);
        let Some(hand) = self.hand_of(at, act, &view, lore) else { return };
        let resolved = self.resolve(hand);
        self.hands[at] = resolved;
        let actor = &mut self.actors[usize::from(resolved)];
        actor.take(&view, at, act.time);
        let is_app = matches!(actor.origin, Origin::App(_));
        if !is_app {
            if actor.is_foreign() && self.profile.distance(&view) == Distance::Home && actor.origin != Origin::Broken {
                actor.vindicated = true;
            }
            if view.device != 0 {
                self.by_device.insert(view.device, resolved);
            }
            if view.session != 0 {
                let of_session = self.by_session.entry(view.session).or_default();
                if !of_session.contains(&resolved) {
                    of_session.push(resolved);
                }
            }
            if !self.actors[usize::from(resolved)].is_foreign() {
                self.profile.learn(&view, act.time);
            }
        }
    }

    fn resolve(&self, mut hand: u8) -> u8 {
        while let Some(same) = self.actors[usize::from(hand)].same_as {
            hand = same;
        }
        hand
    }

    fn hand_of(&mut self, at: usize, act: &Act, view: &View, lore: &Lore<'_>) -> Option<u8> {
        if act.deed == Deed::AppAuthorize && act.object.is_some() {
            // Grants name an application as an object; acts name it as an app: compare what both say.
            self.granted.entry(app_key(lore.words.objects.text(act.object))).or_insert(act.time);
        }
        if let Some(app) = self.app_of(act, view, lore) {
            if let Some(hand) = self.by_app.get(&app) {
                return Some(*hand);
            }
            let hand = self.begin(Origin::App(app), at, act.time, view)?;
            self.by_app.insert(app, hand);
            return Some(hand);
        }
        let of_device = self.by_device.get(&view.device).filter(|_| view.device != 0).map(|h| self.resolve(*h));
        let of_session = (view.session != 0).then(|| self.best_of_session(view)).flatten();
        if let Some(device) = of_device {
            if let Some(session) = of_session {
                if session != device && !self.actors[usize::from(session)].has_device() {
                    self.join(session, device);
                }
            } else if view.session == 0 || !self.by_session.contains_key(&view.session) {
                // A known device with a session of its own.
            }
            return Some(device);
        }
        if let Some(session) = of_session {
            let actor = &self.actors[usize::from(session)];
            if self.breaks(actor, view) {
                return self.begin(Origin::Broken, at, act.time, view);
            }
            return Some(session);
        }
        if view.device == 0
            && let Some(alike) = self.most_alike(view, act.time)
        {
            return Some(alike);
        }
        if view.device == 0 && view.session == 0 && !view.has_place() && view.get(Feature::Agent) == 0 {
            return None;
        }
        self.begin(Origin::Arrived, at, act.time, view)
    }

    /// The application an act is by, where it acts from its own machines.
    fn app_of(&self, act: &Act, view: &View, lore: &Lore<'_>) -> Option<Sym> {
        if act.app.is_none() || self.by_device.contains_key(&view.device) {
            return None;
        }
        let let_in = self.granted.contains_key(&app_key(lore.words.apps.text(act.app)));
        (lore.is_server_app(act.app) || (let_in && act.device.is_none())).then_some(act.app)
    }

    /// Of the hands a session knows, the one nearest to a view.
    fn best_of_session(&self, view: &View) -> Option<u8> {
        let hands = self.by_session.get(&view.session)?;
        hands.iter().map(|h| self.resolve(*h)).max_by_key(|h| {
            let actor = &self.actors[usize::from(*h)];
            let score = 4 * u8::from(actor.shares(Feature::Address, view) || actor.shares(Feature::Prefix, view))
                + 3 * u8::from(actor.shares(Feature::Network, view))
                + 2 * u8::from(actor.shares(Feature::Agent, view));
            (score, std::cmp::Reverse(*h))
        })
    }

    /// Whether a session has changed hands: of device, network and browser, what is known breaks together. An
    /// update, a new address, or a cookie that was cleared at home breaks one of them only.
    fn breaks(&self, actor: &Actor, view: &View) -> bool {
        let device = view.device != 0 && actor.has_device() && !actor.devices().has(view.device);
        let agent = actor.differs(Feature::Agent, view) && !self.profile.has(Feature::Agent, view.get(Feature::Agent));
        let network = actor.differs(Feature::Network, view)
            && self.profile.distance(view) > Distance::Neighbourhood
            || actor.differs(Feature::Country, view);
        network && (device || agent)
    }

    /// The hand that an act without device and session is most like: the same browser from the same place.
    fn most_alike(&self, view: &View, at: Millis) -> Option<u8> {
        let mut best: Option<(u8, u8)> = None;
        for (hand, actor) in self.actors.iter().enumerate() {
            if actor.same_as.is_some() || matches!(actor.origin, Origin::App(_)) || actor.differs(Feature::Agent, view) {
                continue;
            }
            let near = if actor.shares(Feature::Address, view) {
                3
            } else if actor.shares(Feature::Prefix, view) {
                2
            } else if actor.shares(Feature::Network, view) && at - actor.seen.1 < 8 * WEEK_MS {
                1
            } else if !view.has_place() {
                1
            } else {
                0
            };
            // Of two as near, the owner's: nothing is put on a stranger that the owner may have done.
            let near = near * 2 + u8::from(near > 0 && !actor.is_foreign());
            if near > 0 && best.is_none_or(|(score, _)| near > score) {
                best = Some((near, hand as u8));
            }
        }
        best.map(|(_, hand)| hand)
    }

    fn begin(&mut self, origin: Origin, at: usize, time: Millis, view: &View) -> Option<u8> {
        if self.actors.len() >= ACTORS_MAX {
            return None;
        }
        let hand = self.actors.len() as u8;
        let early = origin == Origin::Arrived && !self.profile.is_established(time);
        let mut actor = Actor::new(if early { Origin::Early } else { origin }, at, time);
        actor.distance = self.profile.distance(view);
        actor.tool = self.profile.tool(view);
        actor.history = self.profile.sittings();
        let strangers = self.actors.iter().filter(|a| a.is_foreign() && time - a.seen.0 > WEEK_MS).count();
        actor.usual = strangers >= 3 && strangers as f64 > STRANGERS_SHARE * f64::from(actor.history);
        self.actors.push(actor);
        Some(hand)
    }

    /// Two actors turn out to be one hand.
    fn join(&mut self, gone: u8, into: u8) {
        let actor = &mut self.actors[usize::from(gone)];
        actor.same_as = Some(into);
        let (acts, first) = (actor.acts, actor.first);
        let whole = &mut self.actors[usize::from(into)];
        whole.acts += acts;
        whole.first = whole.first.min(first);
        for hand in &mut self.hands {
            if *hand == gone {
                *hand = into;
            }
        }
    }

    /// A stranger whose place the owner's own device came to, later, was the owner (who moved).
    fn end(mut self) -> Folded {
        for actor in &mut self.actors {
            let arrived = actor.origin == Origin::Arrived && actor.is_foreign();
            if arrived && actor.of(Feature::Prefix).values().any(|p| self.profile.has(Feature::Prefix, p)) {
                actor.vindicated = true;
            }
        }
        Folded { actors: self.actors, hands: self.hands, profile: self.profile }
    }
}

/// An application's name as a key, whichever field it stands in.
#[must_use]
pub fn app_key(name: &str) -> u64 {
    super::words::hash64(name.as_bytes(), 8)
}

/// Whether a stranger is strange in a strong sense: another network at least, with another tool.
#[must_use]
pub fn is_strange(actor: &Actor) -> bool {
    actor.is_foreign() && actor.distance >= Distance::Network && actor.tool >= Tool::New
        || actor.is_foreign() && actor.origin == Origin::Broken
}
