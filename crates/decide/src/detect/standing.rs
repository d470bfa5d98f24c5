//! What is held against an artefact: strangers carry it far more than chance would have it, as a group that breaks
//! its own profiles together (Egele et al., COMPA, TDSC 2015), by an exact binomial test against how often hands are
//! strange where they carry anything else.

use super::artefact::{Key, Sort};
use super::carriage::{Base, Carriage, Carried, Carrier, LEVELS, strangeness};
use super::words::Map;
use model::id::Millis;
use statrs::distribution::{Binomial, DiscreteCDF};

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
        self.foreign.len() >= NOTORIOUS_MIN && self.share() >= NOTORIOUS_SHARE
    }
}

const NOTORIOUS_MIN: usize = 6;
const NOTORIOUS_SHARE: f64 = 0.9;

/// Artefacts of the population.
#[derive(Clone, Debug, Default)]
pub struct Artefacts {
    standings: Map<Key, Standing>,
}

/// Fewest strangers that make a pattern, and the least share of strangers, by sort.
fn floor(sort: Sort) -> (usize, f64) {
    match sort {
        Sort::Text | Sort::Domain | Sort::Handle => (3, 0.5),
        Sort::Address => (4, 0.7),
        Sort::Device => (3, 0.7),
        Sort::Target => (4, 0.5),
        Sort::Agent => (6, 0.8),
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

/// The same where they are many, far beyond chance: a third of those who go on in a stolen session come from a network
/// that the owner uses as well, by accident.
const SURE_DOUBTFUL_SHARE: f64 = 0.5;

/// The sorts whose carriers do the same kind of thing: to post a link is to post.
fn like(sort: Sort) -> &'static [Sort] {
    match sort {
        Sort::Text => &[Sort::Text],
        Sort::Domain => &[Sort::Domain, Sort::Text],
        Sort::Handle => &[Sort::Handle, Sort::Text],
        Sort::Address => &[Sort::Address],
        Sort::Device => &[Sort::Device],
        Sort::Target => &[Sort::Target],
        Sort::Agent => &[Sort::Agent],
    }
}

impl Artefacts {
    /// Weighs what all accounts carried; `tried` is how many artefacts could have made a pattern by chance. Only the
    /// guilty ones are kept.
    #[must_use]
    pub fn weigh(carriage: Carriage, tried: usize) -> Self {
        let Carriage { mut carried, mut bases } = carriage;
        carried.sort_unstable_by_key(|c| (c.key, c.account, c.carrier, c.time, c.hand));
        for of_key in carried.chunk_by(|a, b| a.key == b.key) {
            let sort = of_key[0].key.sort;
            of_key.chunk_by(|a, b| a.account == b.account).for_each(|of_account| {
                bases[sort as usize].count(strangeness(one(of_account).carrier, sort));
            });
        }
        let mut standings = Map::default();
        for of_key in carried.chunk_by(|a, b| a.key == b.key) {
            let key = of_key[0].key;
            let bases: Vec<Base> = like(key.sort).iter().map(|sort| bases[*sort as usize]).collect();
            if let Some(standing) = settle(key.sort, of_key, &bases, tried.max(1) as f64) {
                standings.insert(key, standing);
            }
        }
        Self { standings }
    }

    /// What is known of an artefact, where it is guilty.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&Standing> {
        self.standings.get(&key)
    }

    /// The guilty ones, in no order.
    pub fn guilty(&self) -> impl Iterator<Item = (&Key, &Standing)> {
        self.standings.iter()
    }
}

/// The hand that stands for an account among those of its hands that carried an artefact, sorted by carrier.
fn one(of_account: &[Carried]) -> Carried {
    let own = of_account[0].carrier == Carrier::Own;
    if own { of_account[0] } else { of_account[of_account.len() - 1] }
}

/// Decides on one artefact: guilty at the narrowest level of strangeness at which its carriers are beyond chance.
fn settle(sort: Sort, of_key: &[Carried], bases: &[Base], tried: f64) -> Option<Standing> {
    let mut standing = Standing::default();
    let mut levels: [Vec<Carried>; LEVELS] = Default::default();
    for of_account in of_key.chunk_by(|a, b| a.account == b.account) {
        let one = one(of_account);
        if let Some(at) = strangeness(one.carrier, sort) {
            levels[at].push(one);
            continue;
        }
        match one.carrier {
            Carrier::Early => standing.early += 1,
            Carrier::App => standing.app += 1,
            Carrier::Own | Carrier::Roaming | Carrier::Abroad | Carrier::Outburst | Carrier::Foreign => {
                standing.own += 1;
            }
        }
        standing.others.push(one);
    }
    let (least, share_min) = floor(sort);
    let carriers = levels.iter().map(Vec::len).sum::<usize>() + (standing.own + standing.app) as usize;
    let mut strange = 0;
    let mut guilty_at = None;
    for (at, of_level) in levels.iter().enumerate() {
        strange += of_level.len();
        let share = strange as f64 / carriers.max(1) as f64;
        if guilty_at.is_some() || strange < least + at || share < share_min * SURE_SHARE {
            continue;
        }
        let chance = tail(strange as u64, carriers as u64, Base::rate(bases, at, strange, carriers)) * tried;
        let share_min = match at {
            0 if chance < FALSE_ALARM_SURE && strange >= SURE_MIN => share_min * SURE_SHARE,
            0 => share_min,
            _roaming if chance < FALSE_ALARM_SURE && strange >= SURE_MIN => SURE_DOUBTFUL_SHARE,
            _roaming => DOUBTFUL_SHARE,
        };
        if share >= share_min && chance < FALSE_ALARM {
            guilty_at = Some(at);
        }
    }
    let guilty_at = guilty_at?;
    // Where nearly all carriers are doubtful, the least doubtful of them are guilty with the others.
    let whole = strange as f64 >= DOUBTFUL_SHARE * carriers as f64;
    for (at, of_level) in levels.into_iter().enumerate() {
        if at <= guilty_at || whole {
            standing.foreign.extend(of_level);
        } else {
            standing.others.extend(of_level);
        }
    }
    standing.foreign.sort_by_key(|c| c.account);
    Some(standing)
}

/// The chance that of `n` carriers `k` or more are strangers where each is one with probability `p`.
fn tail(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    Binomial::new(p, n).map_or(1.0, |b| b.sf(k - 1))
}
