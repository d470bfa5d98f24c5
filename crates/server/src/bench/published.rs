//! Methods from papers (Freeman as published, COMPA as near as it is known here), on the same events as ours, scored by the same truth. Generous to them: an account counts as
//! found whatever it was flagged for.

use super::compa;
use super::freeman::{Freeman, Login};
use decide::detect::hash64;
use hunt::{Known, Share};
use model::event::{Event, Kind, Outcome};
use model::id::AccountId;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A method from a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Method {
    Compa,
    /// With one sign-in in a thousand challenged.
    FreemanThousandth,
    /// With one in a hundred challenged.
    FreemanHundredth,
}

impl Method {
    pub(super) const ALL: [Self; 3] = [Self::Compa, Self::FreemanThousandth, Self::FreemanHundredth];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Compa => "COMPA, approximated",
            Self::FreemanThousandth => "Freeman at 0.1 %",
            Self::FreemanHundredth => "Freeman at 1 %",
        }
    }
}

/// How a method stands against the truth.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Standing {
    /// Of each attack's victims, those flagged.
    pub(super) attacks: BTreeMap<String, Share>,
    /// Of those flagged, those that are nobody's victim.
    pub(super) wrong: Share,
}

impl Standing {
    pub(super) fn whole(&self) -> Share {
        let mut whole = Share::default();
        for of in self.attacks.values() {
            whole = Share { of: whole.of + of.of, n: whole.n + of.n };
        }
        whole
    }

    /// Puts another service's flagged accounts to these.
    fn count(&mut self, flagged: &BTreeSet<AccountId>, known: &Known) {
        for taken in known.taken.values() {
            let of = self.attacks.entry(taken.attack.clone()).or_default();
            of.of += 1;
            of.n += u64::from(flagged.contains(&taken.account));
        }
        self.wrong.of += flagged.len() as u64;
        self.wrong.n += flagged.iter().filter(|a| !known.taken.contains_key(*a)).count() as u64;
    }
}

/// Runs each method over a service's events, in order of time, and counts.
pub(super) fn measure(standings: &mut BTreeMap<Method, Standing>, events: &[Event], known: &Known) {
    let scores = login_scores(events);
    for method in Method::ALL {
        let flagged = match method {
            Method::Compa => compa::compromised(events),
            Method::FreemanThousandth => challenged(&scores, 0.001),
            Method::FreemanHundredth => challenged(&scores, 0.01),
        };
        standings.entry(method).or_default().count(&flagged, known);
    }
}

/// Each sign-in that was let in, with its account and score; without history there is none, and it is never challenged.
fn login_scores(events: &[Event]) -> Vec<(Option<f64>, &AccountId)> {
    let mut model = Freeman::default();
    let mut keys: HashMap<&AccountId, u64> = HashMap::new();
    let let_in =
        |e: &&Event| e.is_users_own() && e.kind == Kind::Login && e.outcome == Some(Outcome::Success);
    let scored = events.iter().filter(let_in).map(|event| {
        let next = keys.len() as u64;
        let login = login(event, *keys.entry(&event.account).or_insert(next));
        let score = model.score(&login);
        model.learn(&login);
        (score, &event.account)
    });
    scored.collect()
}

/// The accounts of the highest scores, of which there are at most such a share of all sign-ins; equal scores are
/// challenged together or not at all.
fn challenged(scores: &[(Option<f64>, &AccountId)], share: f64) -> BTreeSet<AccountId> {
    let most = (scores.len() as f64 * share) as usize;
    let mut by_score: Vec<(f64, &AccountId)> =
        scores.iter().filter_map(|(score, account)| Some(((*score)?, *account))).collect();
    by_score.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut taken = 0;
    for equal in by_score.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        if taken + equal.len() > most {
            break;
        }
        taken += equal.len();
    }
    by_score[..taken].iter().map(|(_, account)| (*account).clone()).collect()
}

fn login(event: &Event, user: u64) -> Login {
    let key = |text: Option<&str>| text.map_or(0, |t| hash64(t.as_bytes(), 1));
    let agent = event.user_agent.as_deref();
    Login {
        user,
        ip: [key(event.ip.as_deref()), event.asn.map_or(0, u64::from), key(event.country.as_deref())],
        agent: [key(agent), key(agent.map(browser)), key(agent.map(system)), key(agent.map(machine))],
    }
}

/// The browser with its version: the most telling product of a user agent, else the first.
fn browser(agent: &str) -> &str {
    let product = |name: &&str| agent.split(' ').find(|part| part.starts_with(*name));
    let telling = ["Edg/", "OPR/", "Firefox/", "Chrome/", "Version/"].iter().find_map(product);
    telling.or_else(|| agent.split(' ').next()).unwrap_or(agent)
}

/// The system: what stands in the first brackets.
fn system(agent: &str) -> &str {
    agent.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inside, _)| inside)
}

fn machine(agent: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| agent.contains(word));
    if has(&["iPad", "Tablet"]) {
        "tablet"
    } else if has(&["Mobile", "iPhone", "Android"]) {
        "mobile"
    } else {
        "desktop"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_are_challenged_than_were_asked_for() {
        let accounts: Vec<AccountId> = (0..10).map(|n| AccountId::new(format!("u{n}"))).collect();
        let scores = |of: [f64; 10]| of.map(Some).into_iter().zip(&accounts).collect::<Vec<_>>();
        let apart = scores([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
        assert_eq!(challenged(&apart, 0.2).into_iter().collect::<Vec<_>>(), accounts[8..]);
        let tied = scores([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 7.0, 9.0]);
        assert_eq!(challenged(&tied, 0.2).into_iter().collect::<Vec<_>>(), accounts[9..], "a tie is not cut");
        let mut unknown = apart;
        unknown[9].0 = None;
        assert_eq!(challenged(&unknown, 0.1).into_iter().collect::<Vec<_>>(), accounts[8..9]);
    }

    #[test]
    fn a_user_agent_is_taken_apart() {
        let agent =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36";
        assert_eq!((browser(agent), system(agent)), ("Chrome/126.0.0.0", "Windows NT 10.0; Win64; x64"));
        assert_eq!((machine(agent), machine("App/1 (iPhone; iOS 17)")), ("desktop", "mobile"));
        assert_eq!((browser("curl/8"), system("curl/8")), ("curl/8", ""));
    }
}
