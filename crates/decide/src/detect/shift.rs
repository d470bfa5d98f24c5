//! Systemic shifts: a value that comes to a share of the whole population at once, on hands that otherwise continue,
//! is the service's own doing (an application renamed, a proxy that writes its address on everybody, a network
//! renumbered). It explains novelty away and is told by name; no verdict may rest on it.

use super::act::{Act, Deed};
use super::fold::app_key;
use super::lore::{Feature, Lore, View};
use super::words::{Map, Set, Sym};
use model::id::Millis;
use std::collections::{HashMap, HashSet};

const DAY_MS: Millis = 86_400_000;
/// "At once": arrivals of a value are counted in a window this long.
const WINDOW_MS: Millis = 7 * DAY_MS;
/// The share of the accounts with history that must take a value on within the window.
const SHARE_MIN: f64 = 0.02;
const ACCOUNTS_MIN: usize = 25;
/// The share of arrivals on hands that continue (an attack comes on hands that don't).
const CONTINUING_MIN: f64 = 0.7;
/// So many times as many accounts are needed where only a browser tells that a hand continues.
const ALIKE_TIMES: usize = 2;
/// The share of all arrivals that falls in the window.
const AT_ONCE_MIN: f64 = 0.7;
/// The share of the accounts with history whose acts stop to name a device within the window: no intruder does that.
const NAMELESS_MIN: f64 = 0.25;
/// Accounts that had the value all along, to those that it came to, at most.
const NATIVES_MAX: f64 = 0.25;
/// Accounts that an application acts for from one address of its own, at least, on average.
const USES_OF_A_MACHINE: usize = 4;
/// The same of an application that was let in.
const USES_OF_A_MACHINE_LET_IN: usize = 2;

/// How a value came to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coming {
    /// It was there while the account had no history.
    Native,
    /// On a hand known from before.
    Continuing,
    /// By a browser known from before, where neither device nor session is named: an intruder's may be the same.
    Alike,
    /// On a new hand.
    Fresh,
}

/// One account's share in the census.
#[derive(Clone, Debug, Default)]
pub struct Census {
    arrivals: Vec<(Feature, u64, Millis, Coming, Sym)>,
    /// Applications acting without a device, with the network and the address they act from.
    bare_apps: Vec<(Sym, u64, u64)>,
    /// Applications acting on a device.
    held_apps: Vec<Sym>,
    /// Applications that the account let in, by name.
    let_in: Vec<u64>,
    accounts: usize,
    /// Accounts with a history long enough to take anything on.
    with_history: usize,
    /// For accounts whose acts named their devices and then stopped to: when they did.
    gone_nameless: Vec<Millis>,
}

/// Looks at one account's acts, sorted by time, for values that came to it.
#[must_use]
pub fn census(acts: &[Act], lore: &Lore<'_>) -> Census {
    let mut census = Census { accounts: 1, ..Census::default() };
    let mut devices: Vec<u64> = Vec::new();
    let mut sessions: Map<u64, View> = Map::default();
    let mut known: Set<(Feature, u64)> = Set::default();
    let (mut first, mut seen) = (None, 0u32);
    let mut naming_of = Naming::default();
    for act in acts.iter().filter(|a| a.is_users_own() && a.deed.shows_a_hand() && !a.is_failed_login()) {
        let view = lore.raw_view(act);
        let since = *first.get_or_insert(act.time);
        naming_of.take(view.device != 0, act.time);
        let history = act.time - since >= DAY_MS && seen >= 4;
        census.with_history = census.with_history.max(usize::from(history));
        let continuing = if view.device != 0 {
            devices.contains(&view.device)
        } else {
            sessions.get(&view.session).is_some_and(|before| {
                let same = |f: Feature| before.get(f) != 0 && before.get(f) == view.get(f);
                same(Feature::Agent) || same(Feature::Network) || same(Feature::Prefix)
            })
        };
        let agent = (Feature::Agent, view.get(Feature::Agent));
        let alike = view.device == 0 && view.session == 0 && known.contains(&agent);
        for feature in Feature::ALL {
            let value = view.get(feature);
            if value != 0 && known.insert((feature, value)) {
                let coming = match (history, continuing) {
                    (false, _) => Coming::Native,
                    (true, true) => Coming::Continuing,
                    (true, false) if alike => Coming::Alike,
                    (true, false) => Coming::Fresh,
                };
                census.arrivals.push((feature, value, act.time, coming, naming(feature, act)));
            }
        }
        if act.deed == Deed::AppAuthorize && act.object.is_some() {
            census.let_in.push(app_key(lore.words.objects.text(act.object)));
        }
        if act.app.is_some() {
            if view.device == 0 {
                let address = view.get(Feature::Address);
                let bare = (act.app, view.get(Feature::Network), address);
                if address != 0 && !census.bare_apps.contains(&bare) && census.bare_apps.len() < 256 {
                    census.bare_apps.push(bare);
                }
            } else if !census.held_apps.contains(&act.app) {
                census.held_apps.push(act.app);
            }
        }
        if view.device != 0 && !devices.contains(&view.device) {
            devices.push(view.device);
        }
        if view.session != 0 {
            sessions.entry(view.session).or_insert(view);
        }
        seen += 1;
    }
    census.gone_nameless.extend(naming_of.stopped());
    census
}

/// Whether an account's acts name their devices, and when they stopped to.
#[derive(Default)]
struct Naming {
    named: u32,
    /// Acts without a device before the last one with.
    gaps: u32,
    since: Option<Millis>,
    after: u32,
}

impl Naming {
    fn take(&mut self, named: bool, at: Millis) {
        if named {
            self.gaps += self.after;
            (self.since, self.after) = (None, 0);
            self.named += 1;
        } else {
            self.since.get_or_insert(at);
            self.after += 1;
        }
    }

    fn stopped(&self) -> Option<Millis> {
        self.since.filter(|_| self.named >= 4 && self.gaps * 10 <= self.named && self.after >= 2)
    }
}

/// The symbol that names a value in an answer.
fn naming(feature: Feature, act: &Act) -> Sym {
    match feature {
        Feature::Address | Feature::Prefix | Feature::Network => act.ip,
        Feature::Country => act.country,
        Feature::Agent => act.agent,
        Feature::App => act.app,
    }
}

impl Census {
    /// Puts another account's share to this.
    pub fn add(&mut self, mut other: Self) {
        self.arrivals.append(&mut other.arrivals);
        self.bare_apps.append(&mut other.bare_apps);
        self.held_apps.append(&mut other.held_apps);
        self.let_in.append(&mut other.let_in);
        self.accounts += other.accounts;
        self.with_history += other.with_history;
        self.gone_nameless.append(&mut other.gone_nameless);
    }

    /// What the population took on at once.
    #[must_use]
    pub fn shifts(&mut self, lore: &Lore<'_>) -> Shifts {
        self.arrivals.sort_unstable_by_key(|(feature, value, at, ..)| (*feature, *value, *at));
        let least = ((SHARE_MIN * self.with_history as f64).ceil() as usize).max(ACCOUNTS_MIN);
        let mut shifts = Shifts { server_apps: self.server_apps(lore), ..Shifts::default() };
        self.gone_nameless.sort_unstable();
        if let Some((start, end)) = densest(&self.gone_nameless)
            && (end - start) as f64 >= NAMELESS_MIN * self.with_history as f64
            && end - start >= ACCOUNTS_MIN
        {
            let since = self.gone_nameless[start];
            shifts.nameless_since = Some(since);
            shifts.told.push(model::verdict::Shift {
                feature: "device".to_owned(),
                value: "none is named any more".to_owned(),
                accounts: (end - start) as u64,
                share: (end - start) as f64 / self.with_history.max(1) as f64,
                since,
            });
        }
        for group in self.arrivals.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let came: Vec<_> = group.iter().filter(|(_, _, _, c, _)| *c != Coming::Native).collect();
            if came.len() < least {
                continue;
            }
            let Some((start, end)) = densest(&came.iter().map(|(_, _, at, ..)| *at).collect::<Vec<_>>())
            else {
                continue;
            };
            let within = &came[start..end];
            let many = within.len() >= ALIKE_TIMES * least;
            let continues = |c: Coming| c == Coming::Continuing || (many && c == Coming::Alike);
            let continuing = within.iter().filter(|(_, _, _, c, _)| continues(*c)).count();
            let since = within[0].2;
            let natives = group.iter().filter(|(_, _, at, c, _)| *c == Coming::Native && *at < since).count();
            if within.len() < least
                || (continuing as f64) < CONTINUING_MIN * within.len() as f64
                || (within.len() as f64) < AT_ONCE_MIN * came.len() as f64
                || natives as f64 > NATIVES_MAX * within.len() as f64
            {
                continue;
            }
            let (feature, value, ..) = group[0];
            shifts.explained.insert((feature, value), since);
            shifts.told.push(model::verdict::Shift {
                feature: feature.name().to_owned(),
                value: group
                    .iter()
                    .map(|(.., sym)| said(feature, *sym, group, lore))
                    .min()
                    .unwrap_or_default(),
                accounts: within.len() as u64,
                share: within.len() as f64 / self.with_history.max(1) as f64,
                since,
            });
        }
        shifts.settle();
        shifts
    }

    /// Applications that act without a device, for several accounts, from few networks and from machines that they
    /// share: a client acts from its users' homes, also where the service writes no devices down. Of one that somebody let
    /// in, machines that a few share are enough, wherever they stand.
    fn server_apps(&mut self, lore: &Lore<'_>) -> HashSet<Sym> {
        let let_in: HashSet<u64> = self.let_in.drain(..).collect();
        let held: HashMap<Sym, usize> = self.held_apps.iter().fold(HashMap::new(), |mut count, app| {
            *count.entry(*app).or_default() += 1;
            count
        });
        let mut bare: HashMap<Sym, (usize, HashSet<u64>, HashSet<u64>)> = HashMap::new();
        for (app, network, address) in &self.bare_apps {
            let (uses, networks, addresses) = bare.entry(*app).or_default();
            *uses += 1;
            networks.insert(*network);
            addresses.insert(*address);
        }
        bare.into_iter()
            .filter(|(app, (uses, networks, addresses))| {
                let few_networks = networks.len() <= 2 || networks.len() * 20 <= *uses;
                let of_a_machine = match let_in.contains(&app_key(lore.words.apps.text(*app))) {
                    true => USES_OF_A_MACHINE_LET_IN,
                    false => USES_OF_A_MACHINE,
                };
                *uses >= 5
                    && (few_networks || of_a_machine == USES_OF_A_MACHINE_LET_IN)
                    && addresses.len() * of_a_machine <= *uses
                    && held.get(app).copied().unwrap_or(0) * 10 <= *uses
            })
            .map(|(app, _)| app)
            .collect()
    }
}

/// Start and end of the window that holds most of the moments, which are sorted.
fn densest(moments: &[Millis]) -> Option<(usize, usize)> {
    let mut best = None;
    let mut start = 0;
    for end in 0..moments.len() {
        while moments[end] - moments[start] > WINDOW_MS {
            start += 1;
        }
        if best.is_none_or(|(s, e)| end + 1 - start > e - s) {
            best = Some((start, end + 1));
        }
    }
    best
}

fn said(
    feature: Feature,
    sym: Sym,
    _group: &[(Feature, u64, Millis, Coming, Sym)],
    lore: &Lore<'_>,
) -> String {
    let words = lore.words;
    match feature {
        Feature::Address => words.ips.text(sym).to_owned(),
        Feature::Prefix | Feature::Network => {
            super::place::prefix_text(words.ips.text(sym)).unwrap_or_else(|| words.ips.text(sym).to_owned())
        }
        Feature::Country => words.names.text(sym).to_owned(),
        Feature::Agent => words.agents.text(sym).to_owned(),
        Feature::App => words.apps.text(sym).to_owned(),
    }
}

/// What the census found.
#[derive(Clone, Debug, Default)]
pub struct Shifts {
    /// Values that explain novelty away, with since when.
    pub explained: HashMap<(Feature, u64), Millis>,
    /// The shifts by name, for the summary.
    pub told: Vec<model::verdict::Shift>,
    /// Applications that act from their own machines.
    pub server_apps: HashSet<Sym>,
    /// Since when events name no devices any more.
    pub nameless_since: Option<Millis>,
}

impl Shifts {
    /// One address that came to everybody brings its prefix, network and country: it is told once.
    fn settle(&mut self) {
        self.told.sort_by(|a, b| (a.since, &a.feature, &a.value).cmp(&(b.since, &b.feature, &b.value)));
        let addresses: Vec<(Millis, u64)> =
            self.told.iter().filter(|s| s.feature == "address").map(|s| (s.since, s.accounts)).collect();
        self.told.retain(|s| {
            let of_address = s.feature == "prefix" || s.feature == "network" || s.feature == "country";
            !(of_address && addresses.contains(&(s.since, s.accounts)))
        });
    }
}
