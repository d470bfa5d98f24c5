//! The stage of one account: every act on it is written here, with the hand that made it.

use super::device::Device;
use super::dice::mix2;
use super::network::Address;
use super::text::Text;
use super::world::World;
use model::event::{Event, Kind, Outcome};
use model::id::{AccountId, AppId, EventId, ObjectId, SessionId};

/// Whose hand made an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hand {
    /// The owner's, or that of somebody the owner lets act.
    Owner,
    /// The intruder's.
    Intruder,
    /// Somebody outside: a machine that failed to get in, a reporter, the service.
    Other,
}

/// By what an act is done.
#[derive(Clone, Debug)]
pub(crate) struct Means {
    pub(crate) session: Option<String>,
    pub(crate) device: Option<String>,
    pub(crate) address: Option<Address>,
    pub(crate) agent: Option<String>,
    pub(crate) app: Option<String>,
}

/// A session and the time it is good for.
#[derive(Clone, Debug)]
pub(crate) struct Spell {
    pub(crate) id: String,
    pub(crate) device: Device,
    pub(crate) from: i64,
    pub(crate) until: i64,
}

/// The acts on one account so far.
pub(crate) struct Scene<'w> {
    pub(crate) world: &'w World,
    pub(crate) n: u32,
    pub(crate) name: AccountId,
    pub(crate) events: Vec<(Event, Hand)>,
    /// The owner's sessions.
    pub(crate) spells: Vec<Spell>,
    acts: u64,
    posts: u64,
    sessions: u64,
}

impl<'w> Scene<'w> {
    pub(crate) fn new(world: &'w World, n: u32) -> Self {
        let name = AccountId::new(world.account(n));
        Self { world, n, name, events: Vec::new(), spells: Vec::new(), acts: 0, posts: 40, sessions: 0 }
    }

    /// Writes an act down and gives it back to be completed.
    pub(crate) fn act(&mut self, hand: Hand, time: i64, kind: Kind, means: &Means) -> &mut Event {
        let id = EventId::new(self.world.opaque('e', (u64::from(self.n) << 28) | self.acts));
        self.acts += 1;
        let mut event = Event::new(id, time, self.name.clone(), kind);
        event.session = means.session.as_deref().map(SessionId::from);
        event.device.clone_from(&means.device);
        if let Some(address) = &means.address {
            event.ip = Some(address.ip.clone());
            event.asn = Some(address.asn);
            event.country = Some(address.country.to_owned());
        }
        event.user_agent.clone_from(&means.agent);
        event.app = means.app.as_deref().map(AppId::from);
        self.events.push((event, hand));
        let last = self.events.len() - 1;
        &mut self.events[last].0
    }

    /// A sign-in.
    pub(crate) fn login(&mut self, hand: Hand, time: i64, outcome: Outcome, means: &Means) {
        self.act(hand, time, Kind::Login, means).outcome = Some(outcome);
    }

    /// A post; its id.
    pub(crate) fn post(&mut self, hand: Hand, time: i64, means: &Means, text: Text) -> String {
        let object = self.world.post_id(self.n, self.posts);
        self.posts += 1;
        let lists = self.world.lists;
        let event = self.act(hand, time, Kind::Post, means);
        event.object = Some(ObjectId::from(object.as_str()));
        say(event, text, lists);
        object
    }

    /// A message to an account.
    pub(crate) fn message(&mut self, hand: Hand, time: i64, means: &Means, to: u32, text: Text) {
        let (object, lists) = (self.world.account(to), self.world.lists);
        let event = self.act(hand, time, Kind::Message, means);
        event.object = Some(ObjectId::new(object));
        say(event, text, lists);
    }

    /// An act on something.
    pub(crate) fn on(&mut self, hand: Hand, time: i64, kind: Kind, means: &Means, object: &str) {
        self.act(hand, time, kind, means).object = Some(ObjectId::from(object));
    }

    /// A new session id of this account.
    pub(crate) fn session(&mut self) -> String {
        self.sessions += 1;
        self.world.opaque('s', (u64::from(self.n) << 24) | self.sessions)
    }

    /// The means of a machine with a session at an address.
    pub(crate) fn means(&self, device: &Device, session: String, address: Address, time: i64) -> Means {
        Means {
            session: Some(session),
            device: (!device.bare).then(|| self.world.opaque('d', device.key)),
            address: Some(address),
            agent: Some(device.agent(&self.world.releases, time)),
            app: Some(device.app().to_owned()),
        }
    }

    /// The posts of a hand so far, with their times.
    pub(crate) fn posts_of(&self, hand: Hand) -> Vec<(i64, String)> {
        self.events
            .iter()
            .filter(|(e, h)| *h == hand && e.kind == Kind::Post)
            .filter_map(|(e, _)| e.object.as_ref().map(|o| (e.time, o.as_str().to_owned())))
            .collect()
    }

    /// A number of this account's own for a purpose.
    pub(crate) fn key(&self, purpose: u64) -> u64 {
        mix2(self.world.seed ^ purpose, u64::from(self.n))
    }
}

fn say(event: &mut Event, text: Text, lists: bool) {
    event.text = Some(text.text);
    event.lang = Some(text.lang.to_owned());
    if lists {
        event.urls = some(text.urls);
        event.mentions = some(text.mentions);
        event.hashtags = some(text.hashtags);
    }
}

fn some(list: Vec<String>) -> Option<Vec<String>> {
    (!list.is_empty()).then_some(list)
}
