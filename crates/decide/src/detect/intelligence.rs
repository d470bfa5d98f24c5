//! Intelligence: what others say of domains, addresses and accounts, held against what the hunt saw. It never decides:
//! it is no family that a verdict needs, and it counts only up to an even chance, so that whoever is believed compromised
//! is so without it, and just as surely. What owners here use themselves says nothing, whoever names it.

use super::act::{Act, Deed};
use super::artefact::{Sort, hosts};
use super::calibration::Calibration;
use super::carriage::{Carrier, Hands, strangeness};
use super::lore::{Feature, Lore};
use super::outside::{Outside, Prefix, Source};
use super::signals::Finding;
use super::words::{Map, Words};
use model::id::Millis;
use model::verdict::{IntelligenceFile, IntelligenceKind};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

/// Something that a file names, by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Named {
    Domain(u32),
    Prefix(u32),
}

/// That an account's hands met something that a file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    named: Named,
    by_owner: bool,
}

/// On how many accounts something was met by the owner's hand, and on how many by a stranger's alone.
#[derive(Clone, Copy, Debug, Default)]
struct Crowd {
    owners: u32,
    strangers: u32,
}

/// So many owners, and so many of all who carry it, make something usual here: a hosting provider's prefix has the exits
/// of VPNs in it, and a shortener's domain is on every list.
const OWNERS_MIN: u32 = 3;
const OWNERS_SHARE: f64 = 0.2;
/// A file that names so many of all accounts says nothing of any one of them.
const LEAKED_SHARE: f64 = 0.5;

impl Crowd {
    fn is_common(self) -> bool {
        let carriers = f64::from(self.owners) + f64::from(self.strangers);
        self.owners >= OWNERS_MIN && f64::from(self.owners) >= OWNERS_SHARE * carriers
    }
}

/// What a file says of an act.
pub(super) struct Said<'a> {
    pub(super) source: &'a Source,
    /// As the file has it.
    pub(super) value: String,
    /// Owners here who use it themselves.
    pub(super) owners: u32,
}

/// What the files say, with what the hunt saw of it.
#[derive(Clone, Debug, Default)]
pub struct Intelligence {
    outside: Outside,
    /// The place of each domain.
    domains: HashMap<String, u32>,
    /// For each address of the hunt the place of the narrowest prefix around it, and 1; 0 for none.
    of_address: Vec<u32>,
    crowds: Map<Named, Crowd>,
    /// Accounts of the hunt that the file of leaks names.
    leaked: u64,
    /// Whether these are so many of all that it says nothing of any one.
    leaked_is_common: bool,
}

impl Intelligence {
    /// Looks at each value of the hunt once.
    #[must_use]
    pub fn new(mut outside: Outside, words: &Words) -> Self {
        if let Some((_, names)) = &mut outside.domains {
            names.sort_unstable();
            names.dedup();
        }
        if let Some((_, prefixes)) = &mut outside.prefixes {
            prefixes.sort_unstable();
            prefixes.dedup();
        }
        let names = outside.domains.iter().flat_map(|(_, names)| names);
        let domains = names.zip(0..).map(|(name, at)| (name.clone(), at)).collect();
        let of_address = outside.prefixes.as_ref().map(|(_, p)| of_address(p, words)).unwrap_or_default();
        let (mut leaked, mut accounts) = (0_u64, 0_u64);
        if let Some((_, named)) = &outside.leaked {
            for (_, account) in words.accounts.iter() {
                accounts += 1;
                leaked += u64::from(named.contains_key(account));
            }
        }
        let leaked_is_common = leaked > 1 && leaked as f64 >= LEAKED_SHARE * accounts as f64;
        Self { outside, domains, of_address, crowds: Map::default(), leaked, leaked_is_common }
    }

    /// Whether no file was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Outside { domains, prefixes, leaked } = &self.outside;
        domains.is_none() && prefixes.is_none() && leaked.is_none()
    }

    /// What the hands of one account met, each once.
    #[must_use]
    pub fn met(&self, acts: &[Act], hands: &Hands, lore: &Lore<'_>) -> Vec<Met> {
        if self.outside.domains.is_none() && self.outside.prefixes.is_none() {
            return Vec::new();
        }
        let mut found: BTreeMap<Named, bool> = BTreeMap::new();
        for (at, act) in acts.iter().enumerate() {
            let Some(carrier) = hands.carrier(at).filter(|c| *c != Carrier::App) else { continue };
            let mut take = |named: Named, sort: Sort| {
                *found.entry(named).or_default() |= strangeness(carrier, sort).is_none();
            };
            self.prefix_of(act, lore).into_iter().for_each(|named| take(named, Sort::Address));
            self.domain_of(act, lore).into_iter().for_each(|named| take(named, Sort::Domain));
        }
        found.into_iter().map(|(named, by_owner)| Met { named, by_owner }).collect()
    }

    /// Takes in what was met on all accounts.
    pub fn learn(&mut self, met: &[Met]) {
        for Met { named, by_owner } in met {
            let crowd = self.crowds.entry(*named).or_default();
            if *by_owner { crowd.owners += 1 } else { crowd.strangers += 1 }
        }
    }

    fn prefix_of(&self, act: &Act, lore: &Lore<'_>) -> Option<Named> {
        let at = self.of_address.get(act.ip.index()).copied()?.checked_sub(1)?;
        // An address that the service wrote on everybody is nobody's.
        (lore.view(act).get(Feature::Address) != 0).then_some(Named::Prefix(at))
    }

    fn domain_of(&self, act: &Act, lore: &Lore<'_>) -> Option<Named> {
        let may_link = act.deed.speaks() || act.deed == Deed::ProfileChange;
        if self.domains.is_empty() || !may_link {
            return None;
        }
        let places = hosts(act, lore).into_iter().filter_map(|host| self.domain_around(&host));
        places.min().map(Named::Domain)
    }

    /// The narrowest named domain that a host is, or stands under.
    fn domain_around(&self, host: &str) -> Option<u32> {
        let mut rest = Some(host);
        while let Some(name) = rest {
            if let Some(at) = self.domains.get(name) {
                return Some(*at);
            }
            rest = name.split_once('.').map(|(_, rest)| rest);
        }
        None
    }

    fn said(&self, named: Named) -> Option<Said<'_>> {
        let crowd = self.crowds.get(&named).copied().unwrap_or_default();
        let (source, value) = match named {
            Named::Domain(at) => {
                let (source, names) = self.outside.domains.as_ref()?;
                (source, names[at as usize].clone())
            }
            Named::Prefix(at) => {
                let (source, prefixes) = self.outside.prefixes.as_ref()?;
                (source, prefixes[at as usize].to_string())
            }
        };
        (!crowd.is_common()).then_some(Said { source, value, owners: crowd.owners })
    }

    /// What is said of a domain that an act links to.
    pub(super) fn bad_domain(&self, act: &Act, lore: &Lore<'_>) -> Option<Said<'_>> {
        self.domain_of(act, lore).and_then(|named| self.said(named))
    }

    /// What is said of the address that an act came from.
    pub(super) fn bad_address(&self, act: &Act, lore: &Lore<'_>) -> Option<Said<'_>> {
        self.prefix_of(act, lore).and_then(|named| self.said(named))
    }

    /// Whether an account's credential is said to be leaked, and since when.
    pub(super) fn leaked(&self, account: &str) -> Option<(&Source, Option<Millis>)> {
        let (source, accounts) = self.outside.leaked.as_ref().filter(|_| !self.leaked_is_common)?;
        accounts.get(account).map(|since| (source, *since))
    }

    /// What each file came to.
    #[must_use]
    pub fn files(&self) -> Vec<IntelligenceFile> {
        let mut files = Vec::new();
        if let Some((source, names)) = &self.outside.domains {
            let place = |named: &Named| if let Named::Domain(at) = named { Some(*at as usize) } else { None };
            let (met, common) = self.came_to(place);
            let common = common.into_iter().map(|at| names[at].clone());
            files.push(file(IntelligenceKind::Domains, source, names.len(), met, common));
        }
        if let Some((source, prefixes)) = &self.outside.prefixes {
            let place = |named: &Named| if let Named::Prefix(at) = named { Some(*at as usize) } else { None };
            let (met, common) = self.came_to(place);
            let common = common.into_iter().map(|at| prefixes[at].to_string());
            files.push(file(IntelligenceKind::Addresses, source, prefixes.len(), met, common));
        }
        if let Some((source, accounts)) = &self.outside.leaked {
            let common = if self.leaked_is_common { self.leaked } else { 0 };
            // Whom it names is nobody's business but the file's.
            let said = file(IntelligenceKind::Leaked, source, accounts.len(), self.leaked, [].into_iter());
            files.push(IntelligenceFile { common: (common > 0).then_some(common), ..said });
        }
        files
    }

    /// How many of a kind were met, and the places of those that owners use, in order.
    fn came_to(&self, place: impl Fn(&Named) -> Option<usize>) -> (u64, Vec<usize>) {
        let of_kind = || self.crowds.iter().filter_map(|(named, crowd)| Some((place(named)?, crowd)));
        let mut common: Vec<usize> = of_kind().filter(|(_, c)| c.is_common()).map(|(at, _)| at).collect();
        common.sort_unstable();
        (of_kind().count() as u64, common)
    }
}

/// So many of what owners use are named in a summary.
const COMMON_NAMED: usize = 20;

fn file(
    kind: IntelligenceKind,
    source: &Source,
    names: usize,
    met: u64,
    common: impl ExactSizeIterator<Item = String>,
) -> IntelligenceFile {
    IntelligenceFile {
        kind,
        file: source.name.clone(),
        digest: source.digest,
        names: Some(names as u64),
        met,
        common: (common.len() > 0).then_some(common.len() as u64),
        common_first: common.take(COMMON_NAMED).collect(),
    }
}

/// For each address the narrowest prefix around it.
fn of_address(prefixes: &[Prefix], words: &Words) -> Vec<u32> {
    let places: HashMap<Prefix, u32> = prefixes.iter().copied().zip(0..).collect();
    let mut lengths: Vec<u8> = prefixes.iter().map(Prefix::length).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    lengths.dedup();
    let mut found = vec![0; words.ips.bound()];
    for (sym, ip) in words.ips.iter() {
        let Ok(address) = ip.trim().parse::<IpAddr>() else { continue };
        let around = |length: &u8| places.get(&Prefix::around(address, *length));
        found[sym.index()] = lengths.iter().find_map(around).map_or(0, |at| at + 1);
    }
    found
}

/// The log-odds up to which what others say may carry a hand: an even chance, far below what a plan takes.
const LOG_ODDS_MAX: f64 = 0.0;

/// Lets what others say count only as far as [`LOG_ODDS_MAX`]; where the rest alone reaches that, it is listed and counts for
/// nothing. So nobody who is believed compromised is so by it, or more surely so, under any policy.
pub(super) fn restrain<'f>(by: Calibration, found: impl Iterator<Item = &'f mut Finding>) {
    let (others, mut named): (Vec<_>, Vec<_>) = found.partition(|f| f.signal.family().counts());
    let own = by.prior() + others.iter().map(|f| by.weight(f.weight())).sum::<f64>();
    let said: f64 = named.iter().map(|f| by.weight(f.weight())).sum();
    let room = (LOG_ODDS_MAX - own).max(0.0);
    if said > room {
        named.iter_mut().for_each(|f| f.share *= room / said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::signals::Signal;

    fn finding(signal: Signal) -> Finding {
        Finding { signal, share: 1.0, summary: String::new(), acts: vec![0], artefact: None }
    }

    /// Log-odds without what others say, and with it, for some evidence under a calibration.
    fn log_odds(by: Calibration, signals: &[Signal]) -> (f64, f64) {
        let mut found: Vec<Finding> = signals.iter().copied().map(finding).collect();
        let sum = |found: &[Finding], counts: bool| {
            let of = found.iter().filter(|f| f.signal.family().counts() || !counts);
            by.prior() + of.map(|f| by.weight(f.weight())).sum::<f64>()
        };
        let own = sum(&found, true);
        restrain(by, found.iter_mut());
        assert!((sum(&found, true) - own).abs() < 1e-9, "nothing else is touched");
        (own, sum(&found, false))
    }

    #[test]
    fn it_carries_to_an_even_chance_and_takes_nothing_away() {
        use Signal::{BadAddress, BadDomain, Burst, FullTakeover, LeakedCredential, NewCountry, NewDevice};
        let said = [BadDomain, BadAddress, LeakedCredential];
        let own: [&[Signal]; 5] = [
            &[],
            &[NewDevice],
            &[NewDevice, NewCountry, Burst],
            &[NewDevice, FullTakeover],
            &[NewDevice, NewCountry, FullTakeover, Burst],
        ];
        for by in [Calibration::default(), Calibration { stretch: 1.7, shift: 0.4 }] {
            for own in own {
                let all: Vec<Signal> = own.iter().chain(&said).copied().collect();
                let (without, with) = log_odds(by, &all);
                assert!(with >= without - 1e-9, "{own:?}");
                assert!(with <= without.max(LOG_ODDS_MAX) + 1e-4, "{own:?}: {without}, with it {with}");
                let full: f64 = said.iter().map(|s| by.weight(s.weight())).sum();
                assert!(with <= without + full + 1e-9);
                assert!(without + full > LOG_ODDS_MAX || (with - without - full).abs() < 1e-9, "{own:?}");
            }
        }
    }
}
