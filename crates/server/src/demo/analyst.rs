//! The mistake: a rule that somebody wrote in a hurry, *whoever came with a new phone from abroad*. Its answer has
//! the form of a hunt's, and everybody in it is innocent.

use crate::error::{Error, Result, at};
use hunt::Answer;
use model::account::Account;
use model::event::Event;
use model::id::{AccountId, Millis};
use model::verdict::{
    Belief, Evidence, Family, Hand, Intruder, Moment, Route, Summary, Timeline, Verdict, Window,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How much of an account's past stands in its timeline.
const MOMENTS: usize = 30;

/// Writes the answer of the hasty rule into a folder: accounts whose last days look new, none of which the real hunt
/// found anything against. Gives the accounts.
pub(crate) fn write(
    folder: &Path,
    events: &[Event],
    accounts: &[Account],
    answer: &Answer,
    preferred: &BTreeSet<AccountId>,
    wanted: usize,
    rule_since: Millis,
) -> Result<Vec<AccountId>> {
    let found: BTreeSet<&AccountId> = answer.verdicts.iter().map(|v| &v.account).collect();
    let by_hand = |a: &Account| [a.protected, a.at_risk, a.service, a.sentinel].contains(&Some(true));
    let usable: BTreeSet<&AccountId> = accounts
        .iter()
        .filter(|a| !by_hand(a) && a.active == Some(true) && a.mail_known_before(rule_since).is_some())
        .map(|a| &a.account)
        .filter(|a| !found.contains(a))
        .collect();
    let mut lives: BTreeMap<&AccountId, Vec<&Event>> = BTreeMap::new();
    for event in events.iter().filter(|e| e.is_users_own() && usable.contains(&e.account)) {
        lives.entry(&event.account).or_default().push(event);
    }
    let lately = |life: &[&Event]| {
        life.iter().any(|e| e.time >= rule_since) && life.iter().any(|e| e.time < rule_since)
    };
    let (first, second): (Vec<_>, Vec<_>) =
        lives.into_iter().filter(|(_, l)| lately(l)).partition(|(a, _)| preferred.contains(*a));
    let chosen: Vec<_> = first.into_iter().chain(second).take(wanted).collect();
    if chosen.len() < wanted {
        return Err(Error::failed(format!(
            "only {} of {wanted} accounts for the mistaken plan",
            chosen.len()
        ))
        .hint("give the demo more accounts (--accounts)"));
    }
    let mut verdicts = Vec::new();
    let mut timelines = Vec::new();
    for (account, life) in &chosen {
        verdicts.push(verdict(account, life, rule_since));
        timelines.push(timeline(account, life, rule_since));
    }
    verdicts.sort_by(|a, b| a.account.cmp(&b.account));
    timelines.sort_by(|a, b| a.account.cmp(&b.account));
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    save(folder, "verdicts.jsonl", &lines(&verdicts)?)?;
    save(folder, "timelines.jsonl", &lines(&timelines)?)?;
    save(folder, "controls.jsonl", &lines(&answer.controls)?)?;
    save(folder, "summary.json", &serde_json::to_string(&summary(answer, verdicts.len()))?)?;
    Ok(verdicts.into_iter().map(|v| v.account).collect())
}

fn verdict(account: &AccountId, life: &[&Event], since: Millis) -> Verdict {
    let late: Vec<&&Event> = life.iter().filter(|e| e.time >= since).collect();
    let evidence = |signal: &str, family, summary: &str| Evidence {
        signal: signal.to_owned(),
        family,
        weight: 4.0,
        summary: summary.to_owned(),
        events: late.iter().take(3).map(|e| e.id.clone()).collect(),
        campaign: None,
    };
    let (start, end) = (late.first().map_or(since, |e| e.time), late.last().map_or(since, |e| e.time));
    Verdict {
        account: account.clone(),
        verdict: Belief::Compromised,
        route: Route::Credential,
        confidence: 0.97,
        window: Window { start, end },
        evidence: vec![
            evidence("hasty_rule_device", Family::Novelty, "the rule says: a phone not seen before"),
            evidence("hasty_rule_burst", Family::Abuse, "the rule says: busier than usual"),
        ],
        // The rule says who, and nothing of what: no post is held against anybody.
        intruder: Intruder { events: late.iter().map(|e| e.id.clone()).collect(), ..Intruder::default() },
    }
}

fn timeline(account: &AccountId, life: &[&Event], since: Millis) -> Timeline {
    let from = life.len().saturating_sub(MOMENTS);
    let moments = life[from..]
        .iter()
        .map(|e| Moment {
            hand: if e.time >= since { Hand::Intruder } else { Hand::Owner },
            event: (*e).clone(),
        })
        .collect();
    Timeline { account: account.clone(), moments }
}

fn summary(answer: &Answer, believed: usize) -> Summary {
    Summary {
        verdicts: BTreeMap::from([("compromised.credential".to_owned(), believed as u64)]),
        left_out: Vec::new(),
        shifts: Vec::new(),
        calibration: "none: a rule written by hand".to_owned(),
        ..answer.summary.clone()
    }
}

fn lines<T: serde::Serialize>(values: &[T]) -> Result<String> {
    let mut text = String::new();
    for value in values {
        text.push_str(&serde_json::to_string(value)?);
        text.push('\n');
    }
    Ok(text)
}

fn save(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    std::fs::write(&path, text).map_err(at(&path))
}
