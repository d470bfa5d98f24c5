//! The login score of Freeman et al. (Who Are You?, NDSS 2016, equation 7 without attack data), as published with the
//! edge cases and weights of das-group's `rba-algorithm`. A bar to measure against: detection never uses it.

use std::collections::HashMap;

/// What each level of an address adds: the address itself, its network, its country.
const IP_WEIGHTS: [f64; 3] = [0.6, 0.3, 0.1];
/// What each level of a user agent adds: all of it, browser, system, sort of machine.
const AGENT_WEIGHTS: [f64; 4] =
    [0.538_665_384_055_135_9, 0.268_045_149_862_566_6, 0.188_182_951_001_095_36, 0.005_106_515_081_202_152];
/// A value that a user never had is so many times as likely with everybody.
const UNSEEN: f64 = 4.0;
const LEVELS: usize = IP_WEIGHTS.len() + AGENT_WEIGHTS.len();

/// A sign-in that was let in, by keys of its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login {
    pub(super) user: u64,
    /// Address, network, country.
    pub(super) ip: [u64; 3],
    /// User agent, browser, system, sort of machine.
    pub(super) agent: [u64; 4],
}

impl Login {
    fn values(&self) -> [u64; LEVELS] {
        let ([a, b, c], [d, e, f, g]) = (self.ip, self.agent);
        [a, b, c, d, e, f, g]
    }
}

/// All sign-ins so far: what it holds grows with users and with different values, not with sign-ins.
#[derive(Default)]
pub(super) struct Freeman {
    logins: u64,
    counts: [HashMap<u64, u64>; LEVELS],
    users: HashMap<u64, User>,
}

#[derive(Default)]
struct User {
    logins: u64,
    /// Level and value with how often, sorted.
    counts: Vec<((u8, u64), u32)>,
}

impl User {
    fn share(&self, level: usize, value: u64) -> f64 {
        let found = self.counts.binary_search_by_key(&(level as u8, value), |(key, _)| *key);
        found.map_or(0.0, |at| f64::from(self.counts[at].1) / self.logins as f64)
    }
}

impl Freeman {
    /// How much rather it is an attacker's than this user's; none where the user never signed in before.
    pub(super) fn score(&self, login: &Login) -> Option<f64> {
        let user = self.users.get(&login.user)?;
        let values = login.values();
        let address = self.ratio(user, 0, &IP_WEIGHTS, &values[..IP_WEIGHTS.len()]);
        let agent = self.ratio(user, IP_WEIGHTS.len(), &AGENT_WEIGHTS, &values[IP_WEIGHTS.len()..]);
        let attacked = 1.0 / self.users.len() as f64;
        Some(address * agent * attacked / (user.logins as f64 / self.logins as f64))
    }

    /// p(x) / p(x | user) of a feature whose levels begin at `from`.
    fn ratio(&self, user: &User, from: usize, weights: &[f64], values: &[u64]) -> f64 {
        let (mut everybody, mut owner) = (0.0, 0.0);
        for (at, (weight, value)) in weights.iter().zip(values).enumerate() {
            let count = self.counts[from + at].get(value).copied().unwrap_or(0) as f64;
            let likelihood =
                if at == 0 { self.smoothed(count, from, weights.len()) } else { count / self.logins as f64 };
            everybody += weight * likelihood;
            owner += weight * user.share(from + at, *value);
        }
        if owner > 0.0 { everybody / owner } else { UNSEEN }
    }

    /// The likelihood of a value at the first level. Values not seen yet take as much as there are values at the levels
    /// below, and one; among the sign-ins with this very value that is one a level.
    fn smoothed(&self, count: f64, from: usize, levels: usize) -> f64 {
        let below: usize = self.counts[from + 1..from + levels].iter().map(HashMap::len).sum();
        let (all, unseen) = (self.logins as f64, below as f64 + 1.0);
        if count > 0.0 {
            (count / all) * (1.0 - unseen / (all + unseen)) * (1.0 - levels as f64 / (count + levels as f64))
        } else {
            1.0 / (all + unseen)
        }
    }

    /// Takes a sign-in in.
    pub(super) fn learn(&mut self, login: &Login) {
        self.logins += 1;
        let user = self.users.entry(login.user).or_default();
        user.logins += 1;
        for (level, value) in login.values().into_iter().enumerate() {
            *self.counts[level].entry(value).or_default() += 1;
            let key = (level as u8, value);
            match user.counts.binary_search_by_key(&key, |(key, _)| *key) {
                Ok(at) => user.counts[at].1 = user.counts[at].1.saturating_add(1),
                Err(at) => user.counts.insert(at, (key, 1)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(user: u64, ip: [u64; 3], agent: [u64; 4]) -> Login {
        Login { user, ip, agent }
    }

    /// Six sign-ins of three users; the expected scores are what the functions of das-group's notebook give for them
    /// (`freeman_rba_score` without its hash tables, on the sign-ins before).
    #[test]
    fn a_worked_example_gives_what_the_public_implementation_gives() {
        let (home, chrome) = ([1, 10, 100], [1, 10, 100, 1000]);
        let (office, firefox) = ([2, 10, 100], [2, 20, 100, 1000]);
        let mut model = Freeman::default();
        for (user, ip, agent) in [
            (1, home, chrome),
            (1, home, chrome),
            (2, office, firefox),
            (2, [3, 11, 100], firefox),
            (3, [4, 12, 101], [3, 30, 101, 1001]),
            (1, [5, 10, 100], chrome),
        ] {
            model.learn(&login(user, ip, agent));
        }
        let cases = [
            ("at home", login(1, home, chrome), Some(0.092_841_502_212_552_36)),
            ("another's all", login(1, [4, 12, 101], [3, 30, 101, 1001]), Some(10.666_666_666_666_666)),
            (
                "a new address in a known network",
                login(2, [9, 11, 100], firefox),
                Some(0.202_454_025_348_782_26),
            ),
            ("what nobody has", login(3, [8, 13, 102], [4, 40, 102, 1001]), Some(61.610_995_495_095_93)),
            ("no history", login(4, home, chrome), None),
        ];
        for (case, login, expected) in cases {
            let score = model.score(&login);
            let same = match (score, expected) {
                (Some(score), Some(expected)) => (score / expected - 1.0).abs() < 1e-12,
                (score, expected) => score.is_none() && expected.is_none(),
            };
            assert!(same, "{case}: {score:?}, not {expected:?}");
        }
    }
}
