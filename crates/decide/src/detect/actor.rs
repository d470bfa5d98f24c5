//! An actor: one hand on an account, the run of its events that one device, session or application explains.

use super::lore::{Feature, View};
use super::profile::{Distance, Tally, Tool};
use super::words::Sym;
use model::id::Millis;

const DAY_MS: Millis = 86_400_000;

/// How an actor came to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// While there was too little history to call anything new.
    Early,
    /// By itself, later.
    Arrived,
    /// Out of a session of another hand, whose device, network or browser broke together.
    Broken,
    /// A known device or session, from a network that the owner was never seen in: on a journey, or taken along.
    Roaming(u8),
    /// A run of messages with links out of a known hand, faster than the owner ever wrote: a script's, perhaps.
    Outburst(u8),
    /// An application the account let in, acting from its own machines.
    App(Sym),
}

/// One hand.
#[derive(Clone, Debug)]
pub struct Actor {
    /// How it came.
    pub origin: Origin,
    /// How far from the owner's places, when it came.
    pub distance: Distance,
    /// How strange its tool was, when it came.
    pub tool: Tool,
    /// Its first act (index into the account's acts).
    pub first: usize,
    /// Its last act.
    pub last: usize,
    /// How many acts.
    pub acts: u32,
    /// When it came and was last seen, ms.
    pub seen: (Millis, Millis),
    /// On how many days.
    pub days: u32,
    /// Sittings the profile had when it came.
    pub history: u32,
    /// Of an outburst: the most messages that the owner wrote in a row otherwise.
    pub usual_run: u32,
    /// Whether strangers come and go on this account so often that one more means nothing (a browser that keeps no
    /// cookies, an owner always on the road).
    pub usual: bool,
    /// It has since shown that it is the owner's: it came home, or the owner's device came to its place.
    pub vindicated: bool,
    /// It turned out to be another actor of this account (an index).
    pub same_as: Option<u8>,
    devices: Tally,
    values: [Tally; 6],
}

impl Actor {
    /// An actor at its first act.
    #[must_use]
    pub fn new(origin: Origin, at: usize, time: Millis) -> Self {
        Self {
            origin,
            distance: Distance::Unknown,
            tool: Tool::Unsure,
            first: at,
            last: at,
            acts: 0,
            days: 0,
            seen: (time, time),
            history: 0,
            usual_run: 0,
            usual: false,
            vindicated: false,
            same_as: None,
            devices: Tally::default(),
            values: Default::default(),
        }
    }

    /// Takes one more act in.
    pub fn take(&mut self, view: &View, at: usize, time: Millis) {
        if self.acts == 0 || time.div_euclid(DAY_MS) != self.seen.1.div_euclid(DAY_MS) {
            self.days += 1;
        }
        self.last = at;
        self.seen.1 = time;
        self.acts += 1;
        self.devices.add(view.device, time);
        for (tally, value) in self.values.iter_mut().zip(view.values) {
            tally.add(value, time);
        }
    }

    /// Whether it is a stranger to the account: a tool and a place that the owner never used, or a broken session.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        if self.vindicated || self.usual || self.same_as.is_some() {
            return false;
        }
        match self.origin {
            Origin::Early | Origin::App(_) | Origin::Roaming(_) | Origin::Outburst(_) => false,
            Origin::Broken => true,
            Origin::Arrived => match self.tool {
                Tool::Known => false,
                Tool::Unsure => self.distance >= Distance::Network,
                // Where nothing is said of the place, or the service wrote its own over it, the tool must speak alone.
                Tool::New | Tool::Unlike => self.distance != Distance::Home,
            },
        }
    }

    /// Whether something may be held against it: a stranger, or a known hand in an unknown place or manner.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.same_as.is_none()
            && (self.is_foreign()
                || self.is_unsure()
                || matches!(self.origin, Origin::Roaming(_) | Origin::Outburst(_)))
    }

    /// Whether it came later, by a tool that could be the owner's, near the owner's places: nothing ties it to the
    /// owner, nothing sets it apart.
    #[must_use]
    pub fn is_unsure(&self) -> bool {
        self.origin == Origin::Arrived
            && !self.vindicated
            && self.tool == Tool::Unsure
            && self.distance == Distance::Neighbourhood
    }

    /// Whether it has a device of its own.
    #[must_use]
    pub fn has_device(&self) -> bool {
        !self.devices.is_empty()
    }

    /// Its devices.
    #[must_use]
    pub fn devices(&self) -> &Tally {
        &self.devices
    }

    /// Its values of a feature.
    #[must_use]
    pub fn of(&self, feature: Feature) -> &Tally {
        &self.values[feature as usize]
    }

    /// Whether a view shares a value that it has of a feature.
    #[must_use]
    pub fn shares(&self, feature: Feature, view: &View) -> bool {
        let value = view.get(feature);
        value != 0 && self.of(feature).has(value)
    }

    /// Whether a view has a value of a feature, and it is another than all this actor has.
    #[must_use]
    pub fn differs(&self, feature: Feature, view: &View) -> bool {
        let value = view.get(feature);
        value != 0 && !self.of(feature).is_empty() && !self.of(feature).has(value)
    }
}
