//! What is held against an artefact: strangers carry it far more than chance would have it, as a group that breaks
//! its own profiles together (Egele et al., COMPA, TDSC 2015), by an exact binomial test against how often hands are
//! strange where they carry anything else, on accounts whose owners are known as well.

use super::artefact::{Key, Sort};
use super::carriage::{Base, Carriage, Carried, Carrier, INSISTENT, LEVELS, Tried, strangeness};
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
    /// Whether strangers carry it beyond chance, over all that were looked at.
    is_guilty: bool,
    /// Whether they do so far that it counts beside others of its kind.
    leans: bool,
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

const NOTORIOUS_MIN: usize = 4;
const NOTORIOUS_SHARE: f64 = 0.8;

/// Artefacts of the population.
#[derive(Clone, Debug, Default)]
pub struct Artefacts {
    standings: Map<Key, Standing>,
}

/// Fewest strangers that make a pattern, and the least share of strangers, by sort.
fn floor(sort: Sort) -> (usize, f64) {
    match sort {
        Sort::Text | Sort::Domain | Sort::Page | Sort::Handle => (3, 0.5),
        Sort::Address => (4, 0.7),
        Sort::Device => (3, 0.7),
        Sort::Target => (4, 0.5),
        Sort::Agent | Sort::Network | Sort::Mention => (6, 0.8),
    }
}

/// The chance, over all artefacts of a sort, that even one innocent one seems guilty.
const FALSE_ALARM: f64 = 0.02;
/// The same where owners carry it as well: what an attacker brings along is hardly ever an owner's own, so that an
/// artefact with owners among its carriers has more to prove.
const FALSE_ALARM_MIXED: f64 = 5e-4;
/// The chance that one innocent artefact leans so far towards strangers: nothing by itself, something where one hand
/// carries several.
const LEANING: f64 = 1e-3;
/// The share of strangers of an artefact that leans.
const LEANING_SHARE: f64 = 0.75;
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

/// The share of strange hands that makes a pattern where most of them are known hands in an unknown manner: a chain
/// letter is passed on as fast as a worm writes, but many pass it on at their leisure.
const OUTBURST_SHARE: f64 = 0.8;

/// The share of strange carriers that insist, to make a pattern by that.
const INSISTENT_SHARE: f64 = 0.5;

/// Nine of ten strange carriers are strange because of the artefact.
const PURE_MIN: f64 = 0.9;

/// The sorts whose carriers do the same kind of thing: to post a link is to post.
fn like(sort: Sort) -> &'static [Sort] {
    match sort {
        Sort::Text => &[Sort::Text],
        Sort::Domain => &[Sort::Domain, Sort::Text],
        Sort::Page => &[Sort::Page, Sort::Text],
        Sort::Handle => &[Sort::Handle, Sort::Text],
        Sort::Mention => &[Sort::Mention, Sort::Text],
        Sort::Address => &[Sort::Address],
        Sort::Device => &[Sort::Device],
        Sort::Target => &[Sort::Target],
        Sort::Agent => &[Sort::Agent],
        Sort::Network => &[Sort::Network],
    }
}

impl Artefacts {
    /// Weighs what all accounts carried; `tried` is how many artefacts could have made a pattern by chance. Only the
    /// guilty ones are kept.
    #[must_use]
    pub fn weigh(carriage: Carriage, tried: Tried) -> Self {
        let Carriage { mut carried, mut bases } = carriage;
        carried.sort_unstable_by_key(|c| (c.key, c.account, c.carrier, c.time, c.hand));
        for of_key in carried.chunk_by(|a, b| a.key == b.key) {
            let sort = of_key[0].key.sort;
            of_key.chunk_by(|a, b| a.account == b.account).for_each(|of_account| {
                let one = one(of_account);
                if one.carrier != Carrier::Early {
                    bases[sort as usize].count(strangeness(one.carrier, sort), one.insists, one.known);
                }
            });
        }
        let mut standings = Map::default();
        for of_key in carried.chunk_by(|a, b| a.key == b.key) {
            let key = of_key[0].key;
            let bases: Vec<Base> = like(key.sort).iter().map(|sort| bases[*sort as usize]).collect();
            if let Some(standing) = settle(key.sort, of_key, &bases, tried.of(key.sort)) {
                standings.insert(key, standing);
            }
        }
        Self { standings }
    }

    /// What is known of an artefact, where it is guilty.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&Standing> {
        self.standings.get(&key).filter(|s| s.is_guilty)
    }

    /// What is known of an artefact that is guilty, or that leans towards strangers so far that it counts beside others.
    #[must_use]
    pub fn leaning(&self, key: Key) -> Option<&Standing> {
        self.standings.get(&key)
    }

    /// The guilty ones, in no order.
    pub fn guilty(&self) -> impl Iterator<Item = (&Key, &Standing)> {
        self.standings.iter().filter(|(_, s)| s.is_guilty)
    }
}

/// The hand that stands for an account among those of its hands that carried an artefact: who brought it there, of
/// those of whom anything can be said.
fn one(of_account: &[Carried]) -> Carried {
    let told = |c: &&Carried| (c.carrier == Carrier::Early, c.time, c.carrier, c.hand);
    of_account.iter().min_by_key(told).copied().unwrap_or(of_account[0])
}

/// Decides on one artefact: guilty at the narrowest level of strangeness at which its carriers are beyond chance.
fn settle(sort: Sort, of_key: &[Carried], bases: &[Base], tried: f64) -> Option<Standing> {
    let mut standing = Standing::default();
    let mut levels: [Vec<Carried>; LEVELS] = Default::default();
    let mut of_this = Base::default();
    for of_account in of_key.chunk_by(|a, b| a.account == b.account) {
        let one = one(of_account);
        let strangeness = strangeness(one.carrier, sort);
        if one.carrier != Carrier::Early {
            of_this.count(strangeness, one.insists, one.known);
        }
        if let Some(at) = strangeness {
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
        let rate = Base::rate(bases, at, &of_this);
        let chance = tail(strange as u64, carriers as u64, rate) * tried;
        let share_min = match at {
            0 if chance < FALSE_ALARM_SURE && strange >= SURE_MIN => share_min * SURE_SHARE,
            0 => share_min,
            _roaming if chance < FALSE_ALARM_SURE && strange >= SURE_MIN => SURE_DOUBTFUL_SHARE,
            _roaming if purity(share, rate) >= PURE_MIN => SURE_DOUBTFUL_SHARE,
            _roaming => DOUBTFUL_SHARE,
        };
        let alarm = if strange == carriers { FALSE_ALARM } else { FALSE_ALARM_MIXED };
        let outbursts = levels[0].iter().filter(|c| c.carrier == Carrier::Outburst).count();
        let share_min = if 2 * outbursts > strange { share_min.max(OUTBURST_SHARE) } else { share_min };
        if share >= share_min && chance < alarm {
            guilty_at = Some(at);
        }
        standing.leans |= at == 0 && share >= LEANING_SHARE && chance < LEANING * tried;
    }
    // Who insists is hardly ever an owner on a journey: fewer of them are a pattern.
    let insistent = levels.iter().flatten().filter(|c| c.insists).count();
    if guilty_at.is_none()
        && insistent > least
        && insistent as f64 >= share_min.max(INSISTENT_SHARE) * carriers as f64
    {
        let chance = tail(insistent as u64, carriers as u64, Base::rate(bases, INSISTENT, &of_this)) * tried;
        if chance < FALSE_ALARM_MIXED {
            guilty_at = Some(INSISTENT);
        }
    }
    standing.is_guilty = guilty_at.is_some();
    let guilty_at = guilty_at.or(standing.leans.then_some(0))?;
    // Where nearly all carriers are doubtful, the least doubtful of them are guilty with the others.
    let whole = strange as f64 >= DOUBTFUL_SHARE * carriers as f64;
    for (at, of_level) in levels.into_iter().enumerate() {
        for one in of_level {
            let with_them = if guilty_at == INSISTENT { one.insists || at == 0 } else { at <= guilty_at };
            if with_them || whole {
                standing.foreign.push(one);
            } else {
                standing.others.push(one);
            }
        }
    }
    standing.foreign.sort_by_key(|c| c.account);
    Some(standing)
}

/// How many of the strange carriers are there because of the artefact, where a share of all carriers is strange and a
/// rate of them would be anyway: the rest are owners on a journey.
fn purity(share: f64, rate: f64) -> f64 {
    (share - rate) / ((1.0 - rate) * share)
}

/// The chance that of `n` carriers `k` or more are strangers where each is one with probability `p`.
fn tail(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    Binomial::new(p, n).map_or(1.0, |b| b.sf(k - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key { sort: Sort::Domain, value: 7 };
    const KINDS: [Carrier; 4] = [Carrier::Foreign, Carrier::Abroad, Carrier::Roaming, Carrier::Own];

    /// So many strangers, hands abroad, roaming ones and owners, of owners known so well.
    fn carriers(many: [u32; 4], known: u8) -> Vec<Carried> {
        let kinds = KINDS.iter().zip(many).flat_map(|(kind, many)| std::iter::repeat_n(*kind, many as usize));
        let of = |(account, carrier)| Carried {
            key: KEY,
            account,
            hand: 0,
            carrier,
            time: 0,
            act: 0,
            known,
            insists: false,
        };
        (0..).zip(kinds).map(of).collect()
    }

    /// A thousand other carriers of owners known so well, of which so many are strangers, abroad or roaming.
    fn usual(elsewhere: [usize; 3], known: u8) -> Base {
        let mut base = Base::default();
        for (level, many) in elsewhere.into_iter().enumerate() {
            (0..many).for_each(|_| base.count(Some(level), false, known));
        }
        (0..1000 - elsewhere.iter().sum::<usize>()).for_each(|_| base.count(None, false, known));
        base
    }

    /// Whether a domain is guilty, and whether it leans.
    fn settled(carried: &[Carried], bases: &[Base]) -> (bool, bool) {
        settle(Sort::Domain, carried, bases, 500.0).map_or((false, false), |s| (s.is_guilty, s.leans))
    }

    #[test]
    fn an_artefact_is_guilty_by_how_far_its_carriers_are_beyond_chance() {
        let elsewhere = usual([50, 20, 100], 0);
        let cases = [
            ("strangers alone", [5, 0, 0, 0], (true, true)),
            ("three strangers, of whom one in twenty is one anyway", [3, 0, 0, 0], (false, true)),
            ("as many strangers as owners", [4, 0, 0, 4], (false, false)),
            ("five travellers among eight who share a link", [2, 3, 0, 3], (false, false)),
            ("sessions used abroad, some of them from a network of the owner's", [2, 8, 0, 5], (true, false)),
            ("a link that many carry about", [2, 2, 8, 30], (false, false)),
        ];
        for (case, many, expected) in cases {
            assert_eq!(settled(&carriers(many, 0), &[elsewhere]), expected, "{case}");
        }
        // Where every second hand is a stranger, five are nothing.
        assert_eq!(settled(&carriers([5, 0, 0, 0], 0), &[usual([500, 0, 0], 0)]), (false, false));
    }

    #[test]
    fn a_few_who_say_it_again_and_again_are_a_pattern_and_a_few_who_pass_it_on_are_none() {
        let insisting = |many: [u32; 4], insist: usize| {
            let mut carried = carriers(many, 0);
            carried.iter_mut().take(insist).for_each(|one| one.insists = true);
            settled(&carried, &[usual([50, 20, 100], 0)]).0
        };
        // Stolen sessions, and hands in the owner's own network that can't be told from the owner's.
        assert!(insisting([2, 3, 0, 2], 5));
        assert!(!insisting([2, 3, 0, 2], 2));
        assert!(!insisting([2, 3, 0, 12], 5), "most of its carriers are owners at home");
    }

    #[test]
    fn chance_is_told_from_owners_who_are_known_as_well() {
        // Who was hardly seen yet is in a new network every other time; who was seen often hardly ever.
        let bases = [usual([100, 50, 350], 0), usual([20, 10, 20], 4)];
        assert_eq!(settled(&carriers([0, 1, 6, 1], 0), &bases), (false, false));
        assert_eq!(settled(&carriers([0, 1, 6, 1], 4), &bases), (true, false));
    }
}
