//! What is known of values before any account is looked at: where each address stands, which browser each user
//! agent is, and which values the whole population took on at once. It turns an act into what a profile compares.

use super::act::Act;
use super::place::{Place, agent_family};
use super::shift::Shifts;
use super::words::{Map, Set, Sym, Words, hash64};
use model::id::Millis;

/// A sort of value that a profile keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// An exact address (a /64 of IPv6).
    Address,
    /// Its neighbourhood.
    Prefix,
    /// The network's number, or what stands for it.
    Network,
    /// The country.
    Country,
    /// The browser without versions.
    Agent,
    /// The client application.
    App,
}

impl Feature {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Address, Self::Prefix, Self::Network, Self::Country, Self::Agent, Self::App];

    /// The word for it in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Prefix => "prefix",
            Self::Network => "network",
            Self::Country => "country",
            Self::Agent => "user_agent",
            Self::App => "app",
        }
    }
}

/// An act as a profile sees it: keys to compare, 0 where absent or explained away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The device.
    pub device: u64,
    /// The session.
    pub session: u64,
    /// The values, in the order of [`Feature::ALL`].
    pub values: [u64; 6],
    /// That no device is named says nothing: the service has stopped to write them down.
    pub nameless: bool,
}

impl View {
    /// The value of one feature.
    #[must_use]
    pub fn get(&self, feature: Feature) -> u64 {
        self.values[feature as usize]
    }

    /// Whether it says anything of where it came from.
    #[must_use]
    pub fn has_place(&self) -> bool {
        self.values[..4].iter().any(|v| *v != 0)
    }
}

/// Dictionaries with what follows from each value.
pub struct Lore<'w> {
    /// The dictionaries.
    pub words: &'w Words,
    places: Vec<Place>,
    families: Vec<u64>,
    /// Values that came to everybody, with since when, by feature.
    explained: [Map<u64, Millis>; Feature::ALL.len()],
    /// Applications that act from their own machines, for many accounts.
    server_apps: Set<Sym>,
    /// Since when events name no devices any more.
    nameless_since: Option<Millis>,
    /// Names of accounts, in lower case.
    accounts: Set<u64>,
}

impl<'w> Lore<'w> {
    /// Looks at each value once.
    #[must_use]
    pub fn new(words: &'w Words) -> Self {
        let mut places = vec![Place::default(); words.ips.bound()];
        for (sym, ip) in words.ips.iter() {
            places[sym.index()] = Place::of(ip);
        }
        let mut families = vec![0; words.agents.bound()];
        for (sym, agent) in words.agents.iter() {
            families[sym.index()] = agent_family(agent);
        }
        Self {
            words,
            places,
            families,
            explained: Default::default(),
            server_apps: Set::default(),
            nameless_since: None,
            accounts: words.accounts.iter().map(|(_, name)| name_key(name)).collect(),
        }
    }

    /// Whether a name is an account's.
    #[must_use]
    pub(super) fn is_account(&self, name: &str) -> bool {
        self.accounts.contains(&name_key(name))
    }

    /// Takes in what the census of the population found.
    pub fn learn(&mut self, shifts: &Shifts) {
        self.explained = Default::default();
        for ((feature, value), since) in &shifts.explained {
            self.explained[*feature as usize].insert(*value, *since);
        }
        self.server_apps = shifts.server_apps.iter().copied().collect();
        self.nameless_since = shifts.nameless_since;
    }

    /// Whether an application acts from its own machines.
    #[must_use]
    pub fn is_server_app(&self, app: Sym) -> bool {
        self.server_apps.contains(&app)
    }

    /// Where an act came from.
    #[must_use]
    pub fn place(&self, act: &Act) -> Place {
        self.places.get(act.ip.index()).copied().unwrap_or_default()
    }

    /// What a profile would compare of an act, with nothing explained away.
    #[must_use]
    pub fn raw_view(&self, act: &Act) -> View {
        let place = self.place(act);
        let network = match act.asn {
            0 => place.region,
            asn => hash64(&asn.to_le_bytes(), 7),
        };
        View {
            device: act.device.index() as u64,
            session: act.session.index() as u64,
            values: [
                place.line,
                place.prefix,
                network,
                act.country.index() as u64,
                self.families.get(act.agent.index()).copied().unwrap_or(0),
                act.app.index() as u64,
            ],
            nameless: act.device.is_none() && self.nameless_since.is_some_and(|since| act.time >= since),
        }
    }

    /// What a profile compares of an act: values that the service itself put on everybody say nothing.
    #[must_use]
    pub fn view(&self, act: &Act) -> View {
        let mut view = self.raw_view(act);
        for feature in Feature::ALL {
            if self.is_explained(feature, view.get(feature), act.time) {
                view.values[feature as usize] = 0;
                if feature <= Feature::Country {
                    // An address that is not the user's says nothing of network and country either.
                    view.values[..4].fill(0);
                }
            }
        }
        view
    }

    /// Whether a value came to everybody before a moment.
    #[must_use]
    pub fn is_explained(&self, feature: Feature, value: u64, at: Millis) -> bool {
        let explained = &self.explained[feature as usize];
        value != 0 && !explained.is_empty() && explained.get(&value).is_some_and(|since| at >= *since)
    }
}

fn name_key(name: &str) -> u64 {
    hash64(name.to_lowercase().as_bytes(), 11)
}
