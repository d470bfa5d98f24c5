//! What an account's owner usually does: values with how often and how lately, of bounded size. It only counts; what
//! may be counted is the fold's business.

use super::lore::{Feature, View};
use model::id::Millis;

/// Values kept of one feature; the one not seen for longest goes first.
const VALUES_MAX: usize = 48;
/// A pause after which the next act begins another sitting.
pub(super) const SITTING_MS: Millis = 30 * 60 * 1000;
const DAY_MS: Millis = 86_400_000;
/// Sittings after which an owner is known another step better.
const STEPS: [u32; ACQUAINTANCES - 1] = [2, 4, 8, 16];
/// How many steps an owner may be known by, the first of them hardly at all.
pub(super) const ACQUAINTANCES: usize = 5;

/// Values with their counts.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    items: Vec<(u64, u32, Millis)>,
}

impl Tally {
    /// Counts a value; 0 is none.
    pub fn add(&mut self, value: u64, at: Millis) {
        if value == 0 {
            return;
        }
        // The value of last time is nearly always the last one: look from the end.
        if let Some(found) = self.items.iter().rposition(|(v, ..)| *v == value) {
            let (_, count, last) = &mut self.items[found];
            *count = count.saturating_add(1);
            *last = at;
            let end = self.items.len() - 1;
            self.items.swap(found, end);
            return;
        }
        if self.items.len() >= VALUES_MAX
            && let Some(oldest) = self.items.iter().enumerate().min_by_key(|(_, (_, _, last))| *last)
        {
            self.items.swap_remove(oldest.0);
        }
        self.items.push((value, 1, at));
    }

    /// Whether a value was seen.
    #[must_use]
    pub fn has(&self, value: u64) -> bool {
        self.items.iter().rev().any(|(v, ..)| *v == value)
    }

    /// Whether nothing was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many different values are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = u64> {
        self.items.iter().map(|(v, ..)| *v)
    }
}

/// How far from home a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distance {
    /// Nothing is said of the place.
    Unknown,
    /// The address or its neighbourhood is the owner's.
    Home,
    /// A new neighbourhood in a network the owner uses.
    Neighbourhood,
    /// A network the owner never used, in a country known.
    Network,
    /// A country the owner never was in.
    Country,
}

/// How strange the tool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// A device the owner uses.
    Known,
    /// Nothing is said of the device; the browser is one the owner uses, or not said either.
    Unsure,
    /// A device the owner never used, with a browser like the owner's; or no device, and another browser.
    New,
    /// A device and a browser the owner never used.
    Unlike,
}

/// When an owner came to be known by each step better.
#[derive(Clone, Copy, Debug)]
pub struct Acquaintance([Millis; STEPS.len()]);

impl Default for Acquaintance {
    fn default() -> Self {
        Self([Millis::MAX; STEPS.len()])
    }
}

impl Acquaintance {
    /// Takes in an act of the owner's, by which of their sittings it belongs to.
    fn learn(&mut self, sitting: u32, at: Millis) {
        if let Some(step) = STEPS.iter().position(|s| *s == sitting) {
            self.0[step] = at;
        }
    }

    /// By how many steps the owner is known at a moment: by the sittings that were over then, whoever acts now.
    pub(super) fn at(&self, time: Millis) -> u8 {
        self.0.iter().filter(|known| **known < time).count() as u8
    }
}

/// The owner's habits up to a moment.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    devices: Tally,
    values: [Tally; 6],
    events: u32,
    /// Of these, the ones that named a device.
    with_device: u32,
    sittings: u32,
    acquaintance: Acquaintance,
    first: Millis,
    last: Millis,
}

impl Profile {
    /// Counts an act of the owner's.
    pub fn learn(&mut self, view: &View, at: Millis) {
        if self.events == 0 {
            self.first = at;
            self.sittings = 1;
        } else if at - self.last > SITTING_MS {
            self.sittings += 1;
        }
        self.last = at;
        self.acquaintance.learn(self.sittings, at);
        self.events += 1;
        self.with_device += u32::from(view.device != 0 || view.nameless);
        self.devices.add(view.device, at);
        for (tally, value) in self.values.iter_mut().zip(view.values) {
            tally.add(value, at);
        }
    }

    /// Whether there is enough to call anything new: some acts, the first of them half a day ago at least.
    #[must_use]
    pub fn is_established(&self, at: Millis) -> bool {
        self.events >= 2 && at - self.first >= DAY_MS / 2
    }

    /// Sittings counted.
    #[must_use]
    pub fn sittings(&self) -> u32 {
        self.sittings
    }

    /// When the owner came to be known.
    #[must_use]
    pub fn acquaintance(&self) -> Acquaintance {
        self.acquaintance
    }

    /// Moment of the first act counted.
    #[must_use]
    pub fn first(&self) -> Millis {
        self.first
    }

    /// Whether a value of a feature was seen.
    #[must_use]
    pub fn has(&self, feature: Feature, value: u64) -> bool {
        self.values[feature as usize].has(value)
    }

    /// The values of one feature.
    #[must_use]
    pub fn of(&self, feature: Feature) -> &Tally {
        &self.values[feature as usize]
    }

    /// How far a view is from home.
    #[must_use]
    pub fn distance(&self, view: &View) -> Distance {
        let [address, prefix, network, country, ..] = view.values;
        if !view.has_place() || self.values[..4].iter().all(Tally::is_empty) {
            Distance::Unknown
        } else if self.has(Feature::Address, address) || self.has(Feature::Prefix, prefix) {
            Distance::Home
        } else if country != 0
            && !self.of(Feature::Country).is_empty()
            && !self.has(Feature::Country, country)
        {
            Distance::Country
        } else if network != 0 && self.has(Feature::Network, network) {
            Distance::Neighbourhood
        } else if network != 0 {
            Distance::Network
        } else if address != 0 {
            Distance::Neighbourhood
        } else {
            Distance::Unknown
        }
    }

    /// Whether the owner's acts name their device as a rule, so that one that names none is unusual.
    #[must_use]
    pub fn names_devices(&self) -> bool {
        self.events >= 4 && f64::from(self.with_device) >= 0.97 * f64::from(self.events)
    }

    /// How strange the tool of a view is.
    #[must_use]
    pub fn tool(&self, view: &View) -> Tool {
        let agent = view.get(Feature::Agent);
        let agents = self.of(Feature::Agent);
        let unlike = agent != 0 && !agents.is_empty() && !agents.has(agent);
        let seen_device =
            (view.device != 0 && !self.devices.is_empty()) || (self.names_devices() && !view.nameless);
        match (seen_device, unlike) {
            (true, _) if view.device != 0 && self.devices.has(view.device) => Tool::Known,
            (true, true) => Tool::Unlike,
            (true, false) | (false, true) => Tool::New,
            (false, false) => Tool::Unsure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(device: u64, place: [u64; 4], agent: u64) -> View {
        let [address, prefix, network, country] = place;
        View { device, session: 0, values: [address, prefix, network, country, agent, 0], nameless: false }
    }

    #[test]
    fn distance_and_tool_are_told_from_what_the_owner_used() {
        let mut owner = Profile::default();
        let home = view(1, [10, 20, 30, 40], 50);
        assert_eq!((owner.distance(&home), owner.tool(&home)), (Distance::Unknown, Tool::Unsure));
        for day in 0..4 {
            owner.learn(&home, day * DAY_MS);
        }
        assert!(owner.is_established(4 * DAY_MS));
        let cases = [
            (home, Distance::Home, Tool::Known),
            (view(2, [11, 20, 30, 40], 50), Distance::Home, Tool::New),
            (view(2, [11, 21, 30, 40], 51), Distance::Neighbourhood, Tool::Unlike),
            (view(0, [11, 21, 31, 40], 50), Distance::Network, Tool::New),
            (view(0, [11, 21, 31, 41], 51), Distance::Country, Tool::Unlike),
            (view(1, [0, 0, 0, 0], 0), Distance::Unknown, Tool::Known),
        ];
        for (seen, distance, tool) in cases {
            assert_eq!((owner.distance(&seen), owner.tool(&seen)), (distance, tool), "{seen:?}");
        }
    }

    #[test]
    fn an_owner_is_known_by_sittings_that_are_over() {
        let mut owner = Profile::default();
        let home = view(1, [10, 20, 30, 40], 50);
        for day in 0..9 {
            owner.learn(&home, day * DAY_MS);
            owner.learn(&home, day * DAY_MS + 60_000);
        }
        let known = owner.acquaintance();
        let cases = [
            ("before anything", 0, 0),
            ("within the second sitting", DAY_MS + 60_000, 0),
            ("a stranger between the second and the third", DAY_MS + 90_000_000 / 2, 1),
            ("the owner in the third", 2 * DAY_MS, 1),
            ("the owner in the fifth", 4 * DAY_MS + 60_000, 2),
            ("the owner in the ninth", 8 * DAY_MS, 3),
            ("long after", 400 * DAY_MS, 3),
        ];
        for (case, at, steps) in cases {
            assert_eq!(known.at(at), steps, "{case}");
        }
    }

    #[test]
    fn a_tally_stays_small_and_forgets_the_oldest() {
        let mut tally = Tally::default();
        for value in 1..=1000 {
            tally.add(value, value as i64);
        }
        assert_eq!(tally.len(), VALUES_MAX);
        assert!(tally.has(1000) && !tally.has(1));
    }
}
