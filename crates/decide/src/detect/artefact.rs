//! Artefacts: values that tie accounts together, with how many of their carriers are strangers to the account.
//! A petition is carried by its signers' own hands; a lure is carried by strangers. It knows no verdicts.

use super::act::{Act, Deed, listed_urls};
use super::actor::Origin;
use super::fold::{Folded, NOBODY};
use super::lore::{Feature, Lore};
use super::profile::Distance;
use super::text;
use model::id::Millis;
use statrs::distribution::{Binomial, DiscreteCDF};
use std::collections::{HashMap, HashSet};

/// A sort of artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// Near-identical text (a band of its sketch).
    Text,
    /// The registrable domain of a link.
    Domain,
    /// An exact address.
    Address,
    /// A device.
    Device,
    /// An account followed.
    Target,
    /// A full user agent.
    Agent,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Text, Self::Domain, Self::Address, Self::Device, Self::Target, Self::Agent];

    /// The word for it in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Domain => "domain",
            Self::Address => "address",
            Self::Device => "device",
            Self::Target => "target",
            Self::Agent => "user_agent",
        }
    }
}

/// A value of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which sort.
    pub sort: Sort,
    /// The value, as a number.
    pub value: u64,
}

/// Whose hand carried an artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// The owner's.
    Own,
    /// One that came before there was history: it says nothing.
    Early,
    /// An application's.
    App,
    /// A known one, in a network where the owner was never seen.
    Roaming,
    /// A known one, in a country where the owner was never seen.
    Abroad,
    /// A known one, in a manner that the owner never showed.
    Outburst,
    /// A stranger's.
    Foreign,
}

/// One hand of one account that carried an artefact.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
    /// What.
    pub key: Key,
    /// The account (its place in the hunt's list).
    pub account: u32,
    /// The hand.
    pub hand: u8,
    /// Whose.
    pub carrier: Carrier,
    /// When first, ms.
    pub time: Millis,
    /// At which act of the account.
    pub act: u32,
}

/// The artefacts of one act.
pub(super) fn keys(act: &Act, lore: &Lore<'_>, each: &mut impl FnMut(Key)) {
    let view = lore.view(act);
    let mut give = |sort: Sort, value: u64| {
        if value != 0 {
            each(Key { sort, value });
        }
    };
    give(Sort::Address, view.get(Feature::Address));
    give(Sort::Device, view.device);
    give(Sort::Agent, if view.get(Feature::Agent) == 0 { 0 } else { act.agent.index() as u64 });
    if act.deed == Deed::Follow {
        give(Sort::Target, act.object.index() as u64);
    }
    if act.deed.speaks() || act.deed == Deed::ProfileChange {
        for domain in domains(act, lore) {
            give(Sort::Domain, text::domain_key(&domain));
        }
        if let Some(bands) = lore.words.texts.get(act.text).and_then(text::sketch) {
            for band in bands {
                give(Sort::Text, band);
            }
        }
    }
}

/// The registrable domains an act's links lead to.
#[must_use]
pub(super) fn domains(act: &Act, lore: &Lore<'_>) -> Vec<String> {
    let listed = lore.words.lists.get(act.lists).and_then(listed_urls);
    match listed {
        Some(urls) => urls.filter_map(text::domain).collect(),
        None => lore
            .words
            .texts
            .get(act.text)
            .map(|t| text::links(t).filter_map(text::domain).collect())
            .unwrap_or_default(),
    }
}

/// Whose a hand is.
#[must_use]
pub(super) fn carrier(folded: &Folded, hand: u8) -> Carrier {
    let actor = &folded.actors[usize::from(hand)];
    match actor.origin {
        _any if actor.is_foreign() => Carrier::Foreign,
        Origin::App(_) => Carrier::App,
        Origin::Roaming(_) if actor.distance == Distance::Country => Carrier::Abroad,
        Origin::Roaming(_) => Carrier::Roaming,
        Origin::Outburst(_) => Carrier::Outburst,
        Origin::Early => Carrier::Early,
        Origin::Arrived if actor.is_unsure() => Carrier::Roaming,
        Origin::Arrived | Origin::Broken => Carrier::Own,
    }
}

/// What the hands of one account carried, each artefact once a hand.
#[must_use]
pub fn carried(account: u32, acts: &[Act], folded: &Folded, lore: &Lore<'_>) -> Vec<Carried> {
    let mut seen: HashSet<(Key, u8)> = HashSet::new();
    let mut found = Vec::new();
    // An early hand that the account lived with for most of the time is the owner's as far as anybody can tell.
    let span = acts.last().map_or(0, |a| a.time) - acts.first().map_or(0, |a| a.time);
    for (at, act) in acts.iter().enumerate() {
        let hand = folded.hands[at];
        if hand == NOBODY {
            continue;
        }
        let mut whose = carrier(folded, hand);
        let actor = &folded.actors[usize::from(hand)];
        if whose == Carrier::Early && span > 0 && 2 * (actor.seen.1 - actor.seen.0) >= span {
            whose = Carrier::Own;
        }
        keys(act, lore, &mut |key| {
            if seen.insert((key, hand)) {
                found.push(Carried { key, account, hand, carrier: whose, time: act.time, act: at as u32 });
            }
        });
    }
    found
}

/// What is known of one artefact across the population.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Accounts whose own hand carried it.
    pub own: u32,
    /// Accounts where it can't be said.
    pub early: u32,
    /// Accounts where an application carried it.
    pub app: u32,
    /// Accounts where only a stranger carried it, or a known hand in an unknown place or manner.
    pub foreign: Vec<Carried>,
    /// The other accounts that carried it, for those that ask why they were left out.
    pub others: Vec<Carried>,
    /// Whether strangers carry it far more than chance would have it.
    pub guilty: bool,
}

impl Standing {
    /// The share of strangers among the carriers of whom something can be said.
    #[must_use]
    pub fn share(&self) -> f64 {
        let foreign = self.foreign.len() as f64;
        foreign / (foreign + f64::from(self.own + self.app)).max(1.0)
    }

    /// The shortest time in which four of five strangers came to carry it, ms.
    #[must_use]
    pub fn span_ms(&self) -> Millis {
        let mut times: Vec<Millis> = self.foreign.iter().map(|c| c.time).collect();
        times.sort_unstable();
        let most = (times.len() * 4).div_ceil(5).max(1);
        times.windows(most).map(|w| w[most - 1] - w[0]).min().unwrap_or(0)
    }

    /// Whether it is known for a stranger's so surely that who carries it is one, whatever else is known of them.
    #[must_use]
    pub fn is_notorious(&self) -> bool {
        self.guilty && self.foreign.len() >= NOTORIOUS_MIN && self.share() >= NOTORIOUS_SHARE
    }
}

const NOTORIOUS_MIN: usize = 6;
const NOTORIOUS_SHARE: f64 = 0.9;

/// Artefacts of the population.
#[derive(Clone, Debug, Default)]
pub struct Artefacts {
    standings: HashMap<Key, Standing>,
}

/// Fewest strangers that make a pattern, and the least share of strangers, by sort.
fn floor(sort: Sort) -> (usize, f64) {
    match sort {
        Sort::Text | Sort::Domain => (3, 0.5),
        Sort::Address => (4, 0.7),
        Sort::Device => (3, 0.7),
        Sort::Target => (4, 0.5),
        Sort::Agent => (6, 0.8),
    }
}

/// Whether a known hand in an unknown place counts as a stranger for a sort: it does for what it says and does, not
/// for where it is (a crowd of known devices behind one new address is a crowd).
fn counts_roaming(sort: Sort) -> bool {
    match sort {
        Sort::Text | Sort::Domain | Sort::Target => true,
        Sort::Address | Sort::Device | Sort::Agent => false,
    }
}

/// The chance, over all artefacts looked at, that even one innocent one seems guilty.
const FALSE_ALARM: f64 = 0.02;
/// So many strangers, so far beyond chance, make a pattern at a smaller share: what an intruder did before there was
/// history, or by a hand that could be the owner's, counts as the owner's here.
const SURE_MIN: usize = 8;
const FALSE_ALARM_SURE: f64 = 1e-6;
const SURE_SHARE: f64 = 0.7;
/// The share of strangers and roaming hands together that makes a pattern.
const DOUBTFUL_SHARE: f64 = 0.75;

/// How strange a carrier is: a stranger, a known hand abroad, or one in an unknown network at home.
const LEVELS: usize = 3;

fn level(carrier: Carrier) -> Option<usize> {
    match carrier {
        Carrier::Foreign | Carrier::Outburst => Some(0),
        Carrier::Abroad => Some(1),
        Carrier::Roaming => Some(2),
        Carrier::Own | Carrier::Early | Carrier::App => None,
    }
}

/// Accounts of a sort: all that carry any, and those where a carrier is at least as strange as each level.
#[derive(Default)]
struct Base {
    any: HashSet<u32>,
    strange: [HashSet<u32>; LEVELS],
}

impl Base {
    /// The chance that a carrier is at least as strange as a level, told from the accounts that do *not* carry the
    /// artefact in question: an attack must not make itself look usual.
    fn rate(bases: &[&Self], level: usize, strange: usize, carriers: usize) -> f64 {
        let strange_elsewhere: usize =
            bases.iter().map(|b| b.strange[level].len().saturating_sub(strange)).sum();
        let elsewhere: usize = bases.iter().map(|b| b.any.len().saturating_sub(carriers)).sum();
        ((strange_elsewhere as f64 + 1.0) / (elsewhere as f64 + 2.0)).clamp(1e-4, 0.9)
    }
}

/// The sorts whose carriers do the same kind of thing: to post a link is to post.
fn like(sort: Sort) -> &'static [Sort] {
    match sort {
        Sort::Text => &[Sort::Text],
        Sort::Domain => &[Sort::Domain, Sort::Text],
        Sort::Address => &[Sort::Address],
        Sort::Device => &[Sort::Device],
        Sort::Target => &[Sort::Target],
        Sort::Agent => &[Sort::Agent],
    }
}

impl Artefacts {
    /// Weighs what all accounts carried. Only artefacts that some stranger carried are kept.
    #[must_use]
    pub fn weigh(mut carried: Vec<Carried>) -> Self {
        carried.sort_unstable_by_key(|c| (c.key, c.account, c.carrier, c.time, c.hand));
        let mut standings: HashMap<Key, (Standing, [Vec<Carried>; LEVELS])> = HashMap::new();
        let mut bases: HashMap<Sort, Base> = HashMap::new();
        for of_key in carried.chunk_by(|a, b| a.key == b.key) {
            let sort = of_key[0].key.sort;
            let base = bases.entry(sort).or_default();
            base.any.extend(of_key.iter().map(|c| c.account));
            if of_key.iter().all(|c| level(c.carrier).is_none()) {
                continue;
            }
            let mut standing = Standing::default();
            let mut levels: [Vec<Carried>; LEVELS] = Default::default();
            for of_account in of_key.chunk_by(|a, b| a.account == b.account) {
                // The owner's own hand explains it; else the strangest hand does.
                let own = of_account[0].carrier == Carrier::Own;
                let one = if own { of_account[0] } else { of_account[of_account.len() - 1] };
                let at = level(one.carrier).filter(|at| *at == 0 || counts_roaming(sort));
                if let Some(at) = at {
                    base.strange[at..].iter_mut().for_each(|s| {
                        s.insert(one.account);
                    });
                    levels[at].push(one);
                    continue;
                }
                match one.carrier {
                    Carrier::Early => standing.early += 1,
                    Carrier::App => standing.app += 1,
                    Carrier::Own
                    | Carrier::Roaming
                    | Carrier::Abroad
                    | Carrier::Outburst
                    | Carrier::Foreign => {
                        standing.own += 1;
                    }
                }
                standing.others.push(one);
            }
            standings.insert(of_key[0].key, (standing, levels));
        }
        let several = |levels: &[Vec<Carried>; LEVELS]| levels.iter().map(Vec::len).sum::<usize>() > 1;
        let tried = standings.values().filter(|(_, levels)| several(levels)).count().max(1) as f64;
        let settled = standings.into_iter().map(|(key, (standing, levels))| {
            let bases: Vec<&Base> = like(key.sort).iter().filter_map(|sort| bases.get(sort)).collect();
            (key, settle(key.sort, standing, levels, &bases, tried))
        });
        Self { standings: settled.collect() }
    }

    /// What is known of an artefact that some stranger carried.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&Standing> {
        self.standings.get(&key)
    }

    /// The guilty ones, in no order.
    pub fn guilty(&self) -> impl Iterator<Item = (&Key, &Standing)> {
        self.standings.iter().filter(|(_, s)| s.guilty)
    }
}

/// Decides on one artefact: at the narrowest level of strangeness at which its carriers are beyond chance.
fn settle(
    sort: Sort,
    mut standing: Standing,
    levels: [Vec<Carried>; LEVELS],
    bases: &[&Base],
    tried: f64,
) -> Standing {
    let (least, share_min) = floor(sort);
    let carriers = levels.iter().map(Vec::len).sum::<usize>() + (standing.own + standing.app) as usize;
    let mut strange = 0;
    let mut guilty_at = None;
    for (at, of_level) in levels.iter().enumerate() {
        strange += of_level.len();
        let share = strange as f64 / carriers.max(1) as f64;
        let chance = tail(strange as u64, carriers as u64, Base::rate(bases, at, strange, carriers)) * tried;
        let share_min = match at {
            0 if chance < FALSE_ALARM_SURE && strange >= SURE_MIN => share_min * SURE_SHARE,
            0 => share_min,
            _roaming => DOUBTFUL_SHARE,
        };
        if guilty_at.is_none() && strange >= least + at && share >= share_min && chance < FALSE_ALARM {
            guilty_at = Some(at);
        }
    }
    standing.guilty = guilty_at.is_some();
    // Where nearly all carriers are doubtful, the least doubtful of them are guilty with the others.
    let whole = strange as f64 >= DOUBTFUL_SHARE * carriers as f64;
    for (at, of_level) in levels.into_iter().enumerate() {
        if guilty_at.is_some_and(|guilty| at <= guilty || whole) {
            standing.foreign.extend(of_level);
        } else if standing.guilty {
            standing.others.extend(of_level);
        } else if at == 0 {
            standing.foreign.extend(of_level);
        }
    }
    standing.foreign.sort_by_key(|c| c.account);
    if !standing.guilty {
        standing.others = Vec::new();
    }
    standing
}

/// The chance that of `n` carriers `k` or more are strangers where each is one with probability `p`.
fn tail(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    Binomial::new(p, n).map_or(1.0, |b| b.sf(k - 1))
}

/// An artefact as people read it, from an act that carries it.
#[must_use]
pub(super) fn said(key: Key, act: &Act, lore: &Lore<'_>) -> String {
    let words = lore.words;
    match key.sort {
        Sort::Text => text::masked(words.texts.text(act.text)),
        Sort::Domain => {
            domains(act, lore).into_iter().find(|d| text::domain_key(d) == key.value).unwrap_or_default()
        }
        Sort::Address => words.ips.text(act.ip).to_owned(),
        Sort::Device => words.devices.text(act.device).to_owned(),
        Sort::Target => words.objects.text(act.object).to_owned(),
        Sort::Agent => words.agents.text(act.agent).to_owned(),
    }
}
