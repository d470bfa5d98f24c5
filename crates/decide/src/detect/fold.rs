//! The fold: one account's acts in order of (time, id) become actors, each judged against the profile as it stood
//! before the actor came. An actor that looks foreign teaches the profile nothing, unless it comes home later.
//!
//! It must not look at other accounts: what ties accounts together is found from what it gives.

mod guest;

use super::act::{Act, Deed, listed_urls};
use super::actor::{Actor, Origin};
use super::evasion::all_links;
use super::lore::{Feature, Lore, View};
use super::profile::{Distance, Profile, SITTING_MS};
use super::text;
use super::words::{Map, Sym};
use model::id::Millis;

/// The hand of an act that shows none, or one that can't be told.
pub const NOBODY: u8 = u8::MAX;
const ACTORS_MAX: usize = 200;
/// Days after which a network is one the owner lives in.
const SETTLED_DAYS: u32 = 4;
/// A run of messages ends with a pause longer than this.
const RUN_GAP_MS: Millis = 3 * 60_000;
/// Messages in a run that is fast, and the share of them with a link.
const RUN_MIN: usize = 5;
/// The same where they lead to several places.
const RUN_SEVERAL_MIN: usize = 3;
const RUN_LINKED: f64 = 0.8;
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

    /// Whether there can be anything to find on an account by itself: a stranger, an application, somebody who is
    /// not let in after a way in was changed, or a post that was deleted beside such a change.
    #[must_use]
    pub fn may_tell(&self, acts: &[Act]) -> bool {
        let in_vain = |act: &Act| act.is_failed_login() || act.deed == Deed::RecoveryRequest;
        self.actors.iter().any(|a| a.is_foreign() || matches!(a.origin, Origin::App(_)))
            || acts.iter().skip_while(|act| !act.deed.changes_access()).any(in_vain)
            || self.may_be_taken_down(acts)
    }
}

impl Folded {
    /// Whether a post may have been deleted for not being the owner's.
    fn may_be_taken_down(&self, acts: &[Act]) -> bool {
        let did = |is: fn(Deed) -> bool| acts.iter().any(|act| is(act.deed));
        did(Deed::changes_access)
            && did(|deed| deed == Deed::DeletePost)
            && self.actors.iter().any(Actor::is_doubtful)
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
    fold.end(acts, lore)
}

#[derive(Default)]
struct Fold {
    actors: Vec<Actor>,
    hands: Vec<u8>,
    profile: Profile,
    by_device: Map<u64, u8>,
    /// Hands that came out of another's session or device, and may show what it showed.
    copies: Vec<u8>,
    by_session: Map<u64, Vec<u8>>,
    by_app: Map<Sym, u8>,
    /// Applications let in, by the object of the grant, with when.
    granted: Map<u64, Millis>,
    /// Known hands in unknown networks.
    roaming: Map<(u8, u64), u8>,
    /// Messages and posts, by place.
    said: Vec<usize>,
}

impl Fold {
    fn take(&mut self, at: usize, act: &Act, lore: &Lore<'_>) {
        let view = lore.view(act);
        let Some(hand) = self.hand_of(at, act, &view, lore) else { return };
        let known = self.resolve(hand);
        if act.deed.speaks() {
            self.said.push(at);
        }
        let of = &self.actors[usize::from(known)];
        if matches!(of.origin, Origin::App(_)) {
            self.hands[at] = known;
            self.actors[usize::from(known)].take(&view, at, act.time);
            return;
        }
        if view.device != 0 && (of.origin != Origin::Broken || !self.by_device.contains_key(&view.device)) {
            self.by_device.insert(view.device, known);
        }
        if view.session != 0 {
            let of_session = self.by_session.entry(view.session).or_default();
            if !of_session.contains(&known) {
                of_session.push(known);
            }
        }
        if of.is_foreign() {
            self.hands[at] = known;
            let at_home = self.profile.distance(&view) == Distance::Home;
            let actor = &mut self.actors[usize::from(known)];
            actor.take(&view, at, act.time);
            actor.vindicated = at_home && actor.origin != Origin::Broken;
            if actor.vindicated {
                self.profile.learn(&view, act.time);
            }
            return;
        }
        let hand = self.roams(known, at, act.time, &view).unwrap_or(known);
        self.hands[at] = hand;
        self.actors[usize::from(hand)].take(&view, at, act.time);
        let mut learnt = view;
        if hand != known {
            // The device and session go on; the place is learnt once it has been lived in.
            self.actors[usize::from(known)].acts += 1;
            if self.actors[usize::from(hand)].days < SETTLED_DAYS {
                learnt.values[..4].fill(0);
            }
        }
        self.profile.learn(&learnt, act.time);
    }

    /// The hand for a known device or session in a network where the owner was never seen.
    fn roams(&mut self, known: u8, at: usize, time: Millis, view: &View) -> Option<u8> {
        if self.profile.distance(view) < Distance::Network || !self.profile.is_established(time) {
            return None;
        }
        let [_, prefix, network, country, ..] = view.values;
        let place = if network != 0 { network } else { prefix ^ country };
        if let Some(hand) = self.roaming.get(&(known, place)) {
            return Some(*hand);
        }
        let hand = self.begin(Origin::Roaming(known), at, time, view)?;
        self.roaming.insert((known, place), hand);
        Some(hand)
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
        let of_device =
            self.by_device.get(&view.device).filter(|_| view.device != 0).map(|h| self.resolve(*h));
        if let Some(device) = of_device
            && self.breaks(&self.actors[usize::from(device)], view)
        {
            // A browser's cookies are copied all together: the device's goes along with the session's. With a session of
            // its own, it may be another browser on the owner's machine.
            if let Some(copy) = self.copy_of(view) {
                return Some(copy);
            }
            if self
                .by_session
                .get(&view.session)
                .is_some_and(|of| of.iter().any(|h| self.resolve(*h) == device))
            {
                return self.begin(Origin::Broken, at, act.time, view);
            }
        }
        let of_session = (view.session != 0).then(|| self.best_of_session(view)).flatten();
        if let Some(device) = of_device {
            if let Some(session) = of_session
                && session != device
                && !self.actors[usize::from(session)].has_device()
                && self.actors[usize::from(session)].origin != Origin::Broken
            {
                self.join(session, device);
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
        // A new session without a device, where the owner's always name theirs, is not simply more of the owner's.
        let unusual = view.session != 0 && self.profile.names_devices() && !view.nameless;
        if view.device == 0
            && !unusual
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
        if act.app.is_none()
            || (self.granted.is_empty() && !lore.is_server_app(act.app))
            || self.by_device.contains_key(&view.device)
        {
            return None;
        }
        let let_in = self.granted.contains_key(&app_key(lore.words.apps.text(act.app)));
        (lore.is_server_app(act.app) || (let_in && act.device.is_none())).then_some(act.app)
    }

    /// Of the hands that took a device's cookie along, the one that shows the same browser or network.
    fn copy_of(&self, view: &View) -> Option<u8> {
        let shares = |a: &Actor| a.shares(Feature::Agent, view) || a.shares(Feature::Network, view);
        let mut copies = self.copies.iter().copied().map(|h| (h, &self.actors[usize::from(h)]));
        copies.find(|(_, a)| a.devices().has(view.device) && shares(a)).map(|(hand, _)| hand)
    }

    /// Of the hands a session knows, the one nearest to a view.
    fn best_of_session(&self, view: &View) -> Option<u8> {
        let hands = self.by_session.get(&view.session)?;
        hands.iter().map(|h| self.resolve(*h)).max_by_key(|h| {
            let actor = &self.actors[usize::from(*h)];
            let score =
                4 * u8::from(actor.shares(Feature::Address, view) || actor.shares(Feature::Prefix, view))
                    + 3 * u8::from(actor.shares(Feature::Network, view))
                    + 2 * u8::from(actor.shares(Feature::Agent, view));
            (score, std::cmp::Reverse(*h))
        })
    }

    /// Whether a session, or a device's cookie, has changed hands: of device, network and browser, what is known breaks
    /// together. An update, a new address, or a cookie that was cleared at home breaks one of them only.
    fn breaks(&self, actor: &Actor, view: &View) -> bool {
        let device = view.device != 0 && actor.has_device() && !actor.devices().has(view.device);
        let agent = actor.differs(Feature::Agent, view)
            && !self.profile.has(Feature::Agent, view.get(Feature::Agent));
        let network = actor.differs(Feature::Network, view)
            && self.profile.distance(view) > Distance::Neighbourhood
            || actor.differs(Feature::Country, view);
        network && (device || agent)
    }

    /// The hand that an act without device and session is most like: the same browser from the same place.
    fn most_alike(&self, view: &View, at: Millis) -> Option<u8> {
        let mut best: Option<(u8, u8)> = None;
        for (hand, actor) in self.actors.iter().enumerate() {
            let of_another =
                matches!(actor.origin, Origin::App(_) | Origin::Roaming(_) | Origin::Outburst(_));
            if actor.same_as.is_some() || of_another || actor.differs(Feature::Agent, view) {
                continue;
            }
            let in_network = actor.shares(Feature::Network, view) && at - actor.seen.1 < 8 * WEEK_MS;
            let near = if actor.shares(Feature::Address, view) {
                3
            } else if actor.shares(Feature::Prefix, view) {
                2
            } else {
                u8::from(in_network || !view.has_place())
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
        if origin == Origin::Broken {
            self.copies.push(hand);
        }
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

    /// Takes runs of messages with links out of the known hands that never wrote half as fast but then.
    fn outbursts(&mut self, acts: &[Act], lore: &Lore<'_>) {
        let mut known = std::mem::take(&mut self.said);
        known.retain(|at| {
            let actor = &self.actors[usize::from(self.hands[*at])];
            !actor.is_foreign() && !matches!(actor.origin, Origin::App(_))
        });
        let same_run = |a: &usize, b: &usize| {
            acts[*b].time - acts[*a].time <= RUN_GAP_MS && self.hands[*a] == self.hands[*b]
        };
        let runs: Vec<(&[usize], Option<Vec<u64>>)> =
            known.chunk_by(same_run).map(|run| (run, fast(run, acts, lore))).collect();
        let usual =
            runs.iter().filter(|(_, fast)| fast.is_none()).map(|(run, _)| run.len()).max().unwrap_or(0);
        for (run, fast) in runs {
            let Some(lead) = fast.filter(|_| run.len() >= usual * 3 / 2) else { continue };
            let run: Vec<usize> =
                run.iter().zip(lead).filter(|(_, leads_to)| *leads_to != 0).map(|(at, _)| *at).collect();
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            if self.actors.len() >= ACTORS_MAX {
                continue;
            }
            let hand = self.actors.len() as u8;
            let base = self.hands[*first];
            let mut actor = self.actors[usize::from(base)].clone();
            actor.origin = Origin::Outburst(base);
            (actor.first, actor.last) = (*first, *last);
            actor.seen = (acts[*first].time, acts[*last].time);
            actor.acts = run.len() as u32;
            actor.usual_run = usual as u32;
            self.actors[usize::from(base)].acts -= run.len() as u32;
            self.actors.push(actor);
            for at in &run {
                self.hands[*at] = hand;
            }
        }
    }

    /// A stranger whose place the owner's own device came to, later, was the owner (who moved).
    fn end(mut self, acts: &[Act], lore: &Lore<'_>) -> Folded {
        for actor in &mut self.actors {
            let arrived = actor.origin == Origin::Arrived && actor.is_foreign();
            if arrived && actor.of(Feature::Prefix).values().any(|p| self.profile.has(Feature::Prefix, p)) {
                actor.vindicated = true;
            }
        }
        self.guests(acts, lore);
        self.outbursts(acts, lore);
        Folded { actors: self.actors, hands: self.hands, profile: self.profile }
    }
}

/// Where the first link of a message or post leads: a domain's key; 0 where it has no link.
fn leads_to(act: &Act, lore: &Lore<'_>) -> u64 {
    let first = match lore.words.lists.get(act.lists).and_then(listed_urls) {
        Some(urls) => urls.map(text::domain).find_map(|d| d),
        None => lore
            .words
            .texts
            .get(act.text)
            .and_then(|t| all_links(t).iter().find_map(|link| text::domain(link))),
    };
    first.map_or(0, |domain| text::domain_key(&domain) | 1)
}

/// Where each message of a run leads, if it is faster than people write: nearly all with links, and many, or to several
/// places.
fn fast(run: &[usize], acts: &[Act], lore: &Lore<'_>) -> Option<Vec<u64>> {
    if run.len() < RUN_SEVERAL_MIN {
        return None;
    }
    let lead: Vec<u64> = run.iter().map(|at| leads_to(&acts[*at], lore)).collect();
    let linked = lead.iter().filter(|l| **l != 0).count();
    let several = lead.iter().any(|l| *l != 0 && *l != lead[0]);
    let least = if several { RUN_SEVERAL_MIN } else { RUN_MIN };
    (run.len() >= least && linked as f64 >= RUN_LINKED * run.len() as f64).then_some(lead)
}

/// An application's name as a key, whichever field it stands in.
#[must_use]
pub(super) fn app_key(name: &str) -> u64 {
    super::words::hash64(name.as_bytes(), 8)
}
