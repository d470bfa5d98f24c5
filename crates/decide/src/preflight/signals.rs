//! Signals: whether one alone carries the cohort, and whether its rate has leapt against its own history. A clean-up that
//! raises one signal on clean accounts shows in both.

use super::evidence::logistic;
use super::{Check, Ground, Report, Severity, percent};
use crate::bound;
use model::id::{AccountId, Digest};
use model::labels::Label;
use model::note::Sure;
use model::plan::{Entry, Tier};
use model::policy::PreflightPolicy;
use model::verdict::{Belief, Family};
use std::collections::{BTreeMap, BTreeSet};

/// So many of those whom people should look at are named; all of them where they are few enough to be labelled by hand.
const WAITING_SHOWN: usize = 60;

/// An earlier hunt, by what it counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastHunt {
    /// Active accounts it looked at.
    pub active: u64,
    /// Accounts believed compromised that carry each signal the hunt knew; 0 is said as 0.
    pub signals: BTreeMap<String, u64>,
}

/// The members of tier evidence that would not be convicted without each signal. Members by a person's word rest on
/// that word.
fn carried<'a>(ground: &Ground<'a>) -> BTreeMap<&'a str, Vec<&'a AccountId>> {
    let mut carried: BTreeMap<&str, Vec<&AccountId>> = BTreeMap::new();
    for entry in ground.entries().iter().filter(|e| e.tier == Tier::Evidence) {
        let signals: BTreeSet<&str> = entry.evidence.iter().map(|e| e.signal.as_str()).collect();
        for signal in signals {
            let of = carried.entry(signal).or_default();
            if !stands_without(ground, entry, signal) {
                of.push(&entry.account);
            }
        }
    }
    carried
}

fn stands_without(ground: &Ground<'_>, entry: &Entry, signal: &str) -> bool {
    let limits = &ground.basis.policy.cohort;
    let rest = || entry.evidence.iter().filter(move |e| e.signal != signal);
    let families: BTreeSet<Family> = rest().map(|e| e.family).filter(|f| f.counts()).collect();
    families.contains(&Family::Novelty)
        && families.len() >= limits.families_min as usize
        && logistic(ground.basis.summary.prior, rest().map(|e| e.weight)) >= limits.confidence_min
}

pub(super) fn share(ground: &Ground<'_>, report: &mut Report) {
    let limits = &ground.basis.policy.preflight;
    let n = ground.entries().len();
    // So few are looked at one by one anyway.
    if (n as u64) < limits.signal_accounts_min {
        return;
    }
    for (signal, accounts) in carried(ground) {
        let share = ground.share(accounts.len());
        report.measure("preflight.signal_share_max", signal, share, Severity::Warn);
        if share > limits.signal_share_max {
            report.say(
                Check::SignalShare,
                Severity::Warn,
                Sure::Exact,
                format!(
                    "without the signal {signal}, {} of {n} accounts ({}) would not be convicted; more than {} \
                     (preflight.signal_share_max) rest on it",
                    accounts.len(),
                    percent(share),
                    percent(limits.signal_share_max)
                ),
                "if this one rule is wrong, so is most of the plan: look at it with that in mind",
            );
        }
    }
}

/// Holds each signal's rate against its history, by the exact test of two Poisson rates (Przyborowski and Wilenski,
/// Biometrika 31, 1940): given the sum of both counts, the new one is binomial.
pub(super) fn rate(ground: &Ground<'_>, report: &mut Report) {
    let limits = &ground.basis.policy.preflight;
    let n = ground.entries().len() as u64;
    if n < limits.signal_accounts_min {
        return;
    }
    let mut unknown = Vec::new();
    for (signal, accounts) in carried(ground) {
        let past = past(ground.basis.history, signal);
        let Some((k_past, active_past)) = past else {
            unknown.push(signal);
            continue;
        };
        let (k, active) = now(ground, signal);
        let times = leap(k, active, k_past, active_past, limits.confidence);
        let share = ground.share(accounts.len());
        if share <= limits.leap_share_max {
            continue;
        }
        let look = look(ground, signal, &accounts);
        let severity = if look.is_enough() { Severity::Warn } else { Severity::Refuse };
        report.measure("preflight.signal_leap_max", signal, times, severity);
        if times <= limits.signal_leap_max {
            continue;
        }
        let found = format!(
            "the signal {signal} is on {k} of {active} active accounts, and was on {k_past} of {active_past} in earlier hunts: \
             at the least {times:.1} times as many ({} sure), where the policy allows {} times (preflight.signal_leap_max); \
             {} of {n} members ({}) rest on it",
            percent(limits.confidence),
            limits.signal_leap_max,
            accounts.len(),
            percent(share)
        );
        report.say(
            Check::SignalRate,
            severity,
            Sure::Bounded,
            format!("{found}{}", look.says(limits)),
            &look.todo(),
        );
    }
    if !unknown.is_empty() {
        report.say(
            Check::SignalRate,
            Severity::Warn,
            Sure::CannotTell,
            format!("no earlier hunt tells what is usual for {}", unknown.join(", ")),
            "nothing says whether these rates are unusual: look at the review with that in mind",
        );
    }
}

/// What people said of members that rest on a signal: of those that nobody chose, the first by the hash of hunt, signal
/// and account, so many as are needed without an error.
struct Look<'a> {
    looked_at: usize,
    waiting: Vec<&'a AccountId>,
    wrong: usize,
    /// Whether they are all that rest on it, so that nothing is left open.
    is_whole: bool,
}

fn look<'a>(ground: &Ground<'a>, signal: &str, accounts: &[&'a AccountId]) -> Look<'a> {
    let limits = &ground.basis.policy.preflight;
    let hunt = ground.draft.header.hunt;
    let hash = |a: &AccountId| Digest::of(format!("{hunt}\n{signal}\n{a}").as_bytes());
    let mut order: Vec<(Digest, &AccountId)> = accounts.iter().map(|a| (hash(a), *a)).collect();
    order.sort_unstable();
    let needed = bound::labels_needed(limits.held_wrong_share_max, limits.confidence) as usize;
    let sample = order.into_iter().take(needed).map(|(_, account)| account);
    let mut look = Look { looked_at: 0, waiting: Vec::new(), wrong: 0, is_whole: accounts.len() <= needed };
    for account in sample {
        match ground.basis.labels.get(account) {
            None => look.waiting.push(account),
            Some(label) => {
                look.looked_at += 1;
                look.wrong += usize::from(*label != Label::Compromised);
            }
        }
    }
    look
}

impl Look<'_> {
    fn is_enough(&self) -> bool {
        self.waiting.is_empty() && self.wrong == 0
    }

    fn says(&self, limits: &PreflightPolicy) -> String {
        if !self.is_enough() {
            return String::new();
        }
        let open = if self.is_whole { 0.0 } else { limits.held_wrong_share_max };
        format!(
            "; people looked at {} of these that nobody chose, and each was compromised: surely at most {} are not",
            self.looked_at,
            percent(open)
        )
    }

    fn todo(&self) -> String {
        if self.is_enough() {
            return "it is an attack that is new here, and no flood; look at the review with that in mind"
                .to_owned();
        }
        if self.wrong > 0 {
            return "people looked, and not all are compromised: find out what raised the signal, and hunt again without it"
                .to_owned();
        }
        let shown: Vec<&str> = self.waiting.iter().take(WAITING_SHOWN).map(|a| a.as_str()).collect();
        format!(
            "find out what raised it; where it is an attack, label the {} that nobody chose (rightful case label; {}{}) and \
             draft again",
            self.waiting.len(),
            shown.join(", "),
            if self.waiting.len() > WAITING_SHOWN { " …" } else { "" }
        )
    }
}

/// Accounts that carried a signal, and active accounts, over the hunts that knew it.
fn past(history: &[PastHunt], signal: &str) -> Option<(u64, u64)> {
    let knew = history.iter().filter_map(|h| h.signals.get(signal).map(|k| (*k, h.active)));
    let (k, active) = knew.fold((0, 0), |(k, active), (more, base)| (k + more, active + base));
    (active > 0).then_some((k, active))
}

fn now(ground: &Ground<'_>, signal: &str) -> (u64, u64) {
    let believed = ground.basis.verdicts.iter().filter(|v| v.verdict == Belief::Compromised);
    let k = believed.filter(|v| v.evidence.iter().any(|e| e.signal == signal)).count() as u64;
    (k, ground.basis.summary.active.max(1))
}

/// How many times its history a rate is, at the least, at this one-sided confidence.
fn leap(k: u64, active: u64, k_past: u64, active_past: u64, confidence: f64) -> f64 {
    let p = bound::lower(k, k + k_past, confidence);
    p / (1.0 - p) * active_past as f64 / active as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_is_what_chance_would_not_give() {
        // The same rate, twice: no leap, and no more than one in twenty would say so.
        assert!(leap(50, 3000, 50, 3000, 0.95) < 1.0);
        // Ten times the rate, on few and on many.
        assert!(leap(10, 3000, 1, 3000, 0.95) < 3.0, "too few to tell");
        assert!(leap(200, 3000, 20, 3000, 0.95) > 6.0);
        // Never seen before: the longer nobody saw it, the more it says.
        assert!(leap(3, 3000, 0, 3000, 0.95) < 1.0);
        assert!(leap(3, 3000, 0, 90_000, 0.95) > 10.0);
        // By definition: where the true ratio is that bound, so many or more have probability 1 - confidence.
        let bound = leap(7, 1000, 2, 1000, 0.95);
        let p: f64 = bound / (1.0 + bound);
        let tail: f64 =
            [36.0 * p.powi(7) * (1.0 - p).powi(2), 9.0 * p.powi(8) * (1.0 - p), p.powi(9)].iter().sum();
        assert!((tail - 0.05).abs() < 1e-6, "{tail}");
    }

    #[test]
    fn a_hunt_that_did_not_know_a_signal_says_nothing_of_it() {
        let hunt = |signals: &[(&str, u64)]| PastHunt {
            active: 100,
            signals: signals.iter().map(|(s, k)| ((*s).to_owned(), *k)).collect(),
        };
        let history = [hunt(&[("a", 2), ("b", 0)]), hunt(&[("a", 1)])];
        assert_eq!(past(&history, "a"), Some((3, 200)));
        assert_eq!(past(&history, "b"), Some((0, 100)));
        assert_eq!(past(&history, "c"), None);
    }
}
