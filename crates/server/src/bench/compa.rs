//! COMPA (Egele et al., NDSS 2013): a message that breaks its account's own profile proves nothing; a group of similar
//! messages within an hour, of which enough do, convicts the accounts whose messages they are. A bar to measure
//! against: detection never uses it.
//!
//! The weights are meant to be the paper's for Twitter and were not checked against its text: what this finds is an
//! approximation of COMPA, and no measurement of it. Chosen here: a message breaks the profile from half of the most it can
//! score, a domain is a link's host, hours are those of the clock, also for groups. Its exception for applications that
//! post for many is not here.

use decide::detect::hash64;
use model::event::{Event, Kind};
use model::id::{AccountId, Millis};
use std::collections::{BTreeSet, HashMap};

const HOUR_MS: Millis = 3_600_000;
const FEATURES: usize = 6;
/// Application, who is addressed, domain, hour, language, topic.
const WEIGHTS: [f64; FEATURES] = [3.3, 1.4, 0.96, 0.88, 0.58, 0.39];
const HOUR: usize = 3;
/// Messages without which there is no profile, and without which there is no group.
const PROFILE_MIN: u32 = 10;
const GROUP_MIN: usize = 10;
/// The share of its most that a message must score to break the profile.
const BROKEN: f64 = 0.5;
/// Words that two similar messages share in a row.
const GRAM: usize = 4;

/// Values of one feature with how often over all messages.
#[derive(Default)]
struct Model {
    counts: HashMap<u64, f64>,
    messages: f64,
}

impl Model {
    /// How odd a value is, 0 to 1: unseen, or rarer than the mean value.
    fn anomaly(&self, value: u64) -> f64 {
        let Some(count) = self.counts.get(&value) else { return 1.0 };
        let mean = self.counts.values().sum::<f64>() / self.counts.len() as f64;
        if *count >= mean { 0.0 } else { 1.0 - count / self.messages }
    }

    fn learn(&mut self, values: &[(u64, f64)]) {
        self.messages += 1.0;
        for (value, count) in values {
            *self.counts.entry(*value).or_default() += count;
        }
    }
}

/// An account's habits.
#[derive(Default)]
struct Profile {
    messages: u32,
    models: [Model; FEATURES],
}

impl Profile {
    /// Whether a message breaks it; none where there is too little to break.
    fn is_broken_by(&self, message: &[Vec<u64>; FEATURES]) -> Option<bool> {
        if self.messages < PROFILE_MIN {
            return None;
        }
        let of = |at: usize| {
            let values = &message[at];
            values.iter().map(|v| self.models[at].anomaly(*v)).sum::<f64>() / values.len() as f64
        };
        let score: f64 = WEIGHTS.iter().enumerate().map(|(at, weight)| weight * of(at)).sum();
        Some(score >= BROKEN * WEIGHTS.iter().sum::<f64>())
    }

    fn learn(&mut self, message: &[Vec<u64>; FEATURES]) {
        self.messages += 1;
        for (at, (model, values)) in self.models.iter_mut().zip(message).enumerate() {
            let counted: Vec<(u64, f64)> = if at == HOUR {
                // An hour is learnt with the ones beside it.
                values
                    .iter()
                    .flat_map(|h| [(h + 23) % 24, *h, (h + 1) % 24])
                    .map(|h| (h, 1.0 / 3.0))
                    .collect()
            } else {
                values.iter().map(|v| (*v, 1.0)).collect()
            };
            model.learn(&counted);
        }
    }
}

/// The share of a group's messages that must break their profiles.
fn share_needed(messages: usize) -> f64 {
    (-0.005 * messages as f64 + 0.82).max(0.1)
}

/// Messages of one hour that share something.
#[derive(Default)]
struct Group {
    messages: usize,
    /// The accounts of those that broke their profiles, one each.
    broken: Vec<AccountId>,
}

impl Group {
    fn convicts(&self) -> bool {
        self.messages >= GROUP_MIN
            && self.broken.len() as f64 > share_needed(self.messages) * self.messages as f64
    }
}

/// The accounts that it calls compromised; `events` are in order of time.
pub(super) fn compromised(events: &[Event]) -> BTreeSet<AccountId> {
    let mut profiles: HashMap<&AccountId, Profile> = HashMap::new();
    let mut groups: HashMap<u64, Group> = HashMap::new();
    let mut convicted = BTreeSet::new();
    let mut hour = Millis::MIN;
    let speaks = |e: &&Event| e.is_users_own() && matches!(e.kind, Kind::Post | Kind::Message);
    for event in events.iter().filter(speaks) {
        let now = event.time.div_euclid(HOUR_MS);
        if now != hour {
            settle(&mut groups, &mut convicted);
            hour = now;
        }
        let message = values(event);
        let profile = profiles.entry(&event.account).or_default();
        if let Some(broken) = profile.is_broken_by(&message) {
            for key in shared(event) {
                let group = groups.entry(key).or_default();
                group.messages += 1;
                if broken {
                    group.broken.push(event.account.clone());
                }
            }
        }
        profile.learn(&message);
    }
    settle(&mut groups, &mut convicted);
    convicted
}

fn settle(groups: &mut HashMap<u64, Group>, convicted: &mut BTreeSet<AccountId>) {
    convicted.extend(groups.drain().map(|(_, group)| group).filter(Group::convicts).flat_map(|g| g.broken));
}

/// What profiles keep of a message; what is absent is a value too.
fn values(event: &Event) -> [Vec<u64>; FEATURES] {
    let key = |text: &str| hash64(text.as_bytes(), 1).max(1);
    let all = |values: Vec<u64>| if values.is_empty() { vec![0] } else { values };
    let list = |list: &Option<Vec<String>>| list.iter().flatten().map(|v| key(v)).collect::<Vec<u64>>();
    let mut addressed = list(&event.mentions);
    if event.kind == Kind::Message {
        addressed.extend(event.object.as_ref().map(|o| key(o.as_str())));
    }
    [
        all(event.app.as_ref().map(|a| key(a.as_str())).into_iter().collect()),
        all(addressed),
        all(links(event).iter().map(|link| key(host(link))).collect()),
        vec![event.time.div_euclid(HOUR_MS).rem_euclid(24) as u64],
        all(event.lang.as_deref().map(key).into_iter().collect()),
        all(list(&event.hashtags)),
    ]
}

/// What a message may share with others: its links, and each run of words. Each once.
fn shared(event: &Event) -> BTreeSet<u64> {
    let text = event.text.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let grams = words.windows(GRAM).map(|gram| hash64(gram.join(" ").as_bytes(), 2));
    grams.chain(links(event).iter().map(|link| hash64(link.as_bytes(), 3))).collect()
}

fn links(event: &Event) -> Vec<&str> {
    match &event.urls {
        Some(urls) => urls.iter().map(String::as_str).collect(),
        None => {
            let words = event.text.as_deref().unwrap_or_default().split_whitespace();
            words.filter(|w| w.contains("://") || w.starts_with("www.")).collect()
        }
    }
}

fn host(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    rest.split(['/', '?', '#', ':']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty-one messages, twelve of them in English and nine in German: the mean is 10.5.
    #[test]
    fn a_worked_example_of_one_feature() {
        let mut languages = Model::default();
        let messages = [("en", 12), ("de", 9)];
        for (language, many) in messages {
            (0..many).for_each(|_| languages.learn(&[(hash64(language.as_bytes(), 1), 1.0)]));
        }
        let cases = [("en", 0.0), ("de", 1.0 - 9.0 / 21.0), ("fr", 1.0)];
        for (language, expected) in cases {
            let score = languages.anomaly(hash64(language.as_bytes(), 1));
            assert!((score - expected).abs() < 1e-12, "{language}: {score}");
        }
    }

    #[test]
    fn a_worked_example_of_the_share_a_group_needs() {
        for (messages, expected) in [(10, 0.77), (100, 0.32), (144, 0.1), (1000, 0.1)] {
            assert!((share_needed(messages) - expected).abs() < 1e-12, "{messages}");
        }
    }

    fn said(at: usize, account: usize, hour: i64, app: &str, text: &str) -> Event {
        let id = format!("{account}-{at}");
        let mut event = Event::new(
            id.as_str().into(),
            hour * HOUR_MS + at as i64,
            format!("u{account}").as_str().into(),
            Kind::Post,
        );
        event.app = Some(app.into());
        event.text = Some(text.to_owned());
        event
    }

    /// Twelve accounts with twenty quiet days each, of which so many then say the same within an hour by such an
    /// application and at such an hour.
    fn convicted(say: usize, app: &str, clock: i64) -> usize {
        let mut events = Vec::new();
        for account in 0..12 {
            events.extend(
                (0..20).map(|day| said(day, account, 24 * day as i64 + 9, "web", &format!("day {day}"))),
            );
        }
        events.extend((0..say).map(|account| {
            let mut event = said(
                99,
                account,
                24 * 30 + clock,
                app,
                "you have won a prize, look at https://win.example/now",
            );
            event.lang = Some("en".to_owned());
            event
        }));
        events.sort_by_key(|e| e.time);
        compromised(&events).len()
    }

    #[test]
    fn a_group_that_breaks_its_profiles_is_found_and_one_that_does_not_is_clear() {
        assert_eq!(convicted(12, "bulk", 3), 12, "another application, hour, language and domain");
        assert_eq!(convicted(9, "bulk", 3), 0, "too few for a group");
        assert_eq!(convicted(12, "web", 9), 0, "all say the same, as they always do");
    }
}
