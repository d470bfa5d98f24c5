//! Mistakes that people bring: a list wider than the evidence, and a rule that somebody wrote in a hurry, *whoever came
//! with a new phone from abroad*. The rule's answer has the form of a hunt's, and everybody in it is innocent.

use super::Stage;
use crate::error::{Error, Result, at};
use hunt::Answer;
use model::account::Account;
use model::event::Event;
use model::id::{AccountId, Millis};
use model::verdict::{
    Belief, Evidence, Family, Hand, Intruder, Moment, Route, Summary, Timeline, Verdict, Window,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How much of an account's past stands in its timeline.
const MOMENTS: usize = 30;

/// How far back the hasty rule looks, ms.
const RULE_MS: i64 = 7 * 86_400_000;
/// Look-alikes that the rule takes first.
const ALIKE: [&str; 5] = ["new_phone", "travel", "back_with_new_phone", "moved_abroad", "vpn"];

/// What each of the rule's two signals adds to the log-odds, and what it so comes to with the hunt's own prior of -8.
const WEIGHT: f64 = 5.75;
const CONFIDENCE: f64 = 0.970_688;
const SIGNALS: [&str; 2] = ["hasty_rule_device", "hasty_rule_burst"];

/// What the hasty rule says.
pub(crate) struct Rule {
    /// Where its answer stands.
    pub(crate) folder: PathBuf,
    /// Whom it names.
    pub(crate) named: BTreeSet<AccountId>,
}

/// Lets the hasty rule name so many accounts of a stage.
pub(crate) fn rule(stage: &Stage, wanted: usize) -> Result<Rule> {
    let (scene, folder) = (&stage.scene, stage.folder.path().join("hasty-rule"));
    let since = scene.population.events.last().map_or(0, |e| e.time) - RULE_MS;
    let (events, accounts) = (&scene.population.events, &scene.population.accounts);
    let named = write(&folder, events, accounts, scene.answer()?, &scene.trapped(&ALIKE), wanted, since)?;
    Ok(Rule { folder, named: named.into_iter().collect() })
}

/// Writes a list of everybody with a verdict, and `times` as many others.
pub(crate) fn wide_list(stage: &Stage, times: usize) -> Result<PathBuf> {
    let believed: Vec<&AccountId> = stage.scene.answer()?.verdicts.iter().map(|v| &v.account).collect();
    let accounts = stage.scene.population.accounts.iter().map(|a| &a.account);
    let others = accounts.filter(|a| !believed.contains(a)).take(believed.len() * times);
    let text: String = believed.iter().copied().chain(others).map(|a| format!("{a}\n")).collect();
    let path = stage.folder.path().join("list.txt");
    std::fs::write(&path, text).map_err(at(&path))?;
    Ok(path)
}

/// The hunt's own answer, of some accounts only.
pub(crate) fn part(stage: &Stage, some: &BTreeSet<AccountId>, name: &str) -> Result<PathBuf> {
    let answer = stage.scene.answer()?;
    let verdicts: Vec<Verdict> =
        answer.verdicts.iter().filter(|v| some.contains(&v.account)).cloned().collect();
    let timelines = answer.timelines.iter().filter(|t| some.contains(&t.account)).cloned().collect();
    let believed = verdicts.iter().filter(|v| v.verdict == Belief::Compromised).count();
    let said = Summary { calibration: answer.summary.calibration.clone(), ..summary(answer, believed) };
    let folder = stage.folder.path().join(name);
    save_answer(&folder, &Answer { verdicts, timelines, ..answer.clone() }, &said)?;
    Ok(folder)
}

/// The hunt's own answer with so large a share of it (0 to 1) named by the hasty rule besides.
pub(crate) fn diluted(stage: &Stage, share: f64) -> Result<Rule> {
    let answer = stage.scene.answer()?;
    let right = answer.verdicts.iter().filter(|v| v.verdict == Belief::Compromised).count() as f64;
    let rule = rule(stage, (right * share / (1.0 - share)).round() as usize)?;
    let wrong = hunt::read_answer(&rule.folder)?;
    let folder = stage.folder.path().join("diluted");
    let mixed = Answer {
        verdicts: answer.verdicts.iter().chain(&wrong.verdicts).cloned().collect(),
        timelines: answer.timelines.iter().chain(&wrong.timelines).cloned().collect(),
        ..answer.clone()
    };
    save_answer(&folder, &mixed, &Summary { weights: weights(answer), ..answer.summary.clone() })?;
    Ok(Rule { folder, ..rule })
}

/// The hunt's own answer with each account carrying the verdict of the one before it, as a join on the wrong key
/// leaves it. Timelines stay where they belong.
pub(crate) fn wrong_join(stage: &Stage) -> Result<PathBuf> {
    let answer = stage.scene.answer()?;
    let mut accounts: Vec<AccountId> = answer.verdicts.iter().map(|v| v.account.clone()).collect();
    accounts.rotate_right(1);
    let joined = answer.verdicts.iter().zip(accounts).map(|(v, account)| Verdict { account, ..v.clone() });
    let folder = stage.folder.path().join("wrong-join");
    save_answer(&folder, &Answer { verdicts: joined.collect(), ..answer.clone() }, &answer.summary)?;
    Ok(folder)
}

/// Writes the answer of the hasty rule into a folder: accounts whose last days look new, none of which the real hunt
/// found anything against. Gives the accounts.
fn write(
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
    let said = summary(answer, verdicts.len());
    let named = verdicts.iter().map(|v| v.account.clone()).collect();
    save_answer(folder, &Answer { verdicts, timelines, ..answer.clone() }, &said)?;
    Ok(named)
}

/// Writes an answer's files.
pub(super) fn save_answer(folder: &Path, answer: &Answer, said: &Summary) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    save(folder, "verdicts.jsonl", &lines(&answer.verdicts)?)?;
    save(folder, "timelines.jsonl", &lines(&answer.timelines)?)?;
    save(folder, "controls.jsonl", &lines(&answer.controls)?)?;
    save(folder, "summary.json", &serde_json::to_string(said)?)
}

fn verdict(account: &AccountId, life: &[&Event], since: Millis) -> Verdict {
    let late: Vec<&&Event> = life.iter().filter(|e| e.time >= since).collect();
    let evidence = |signal: &str, family, summary: &str| Evidence {
        signal: signal.to_owned(),
        family,
        weight: WEIGHT,
        summary: summary.to_owned(),
        events: late.iter().rev().take(3).map(|e| e.id.clone()).collect(),
        campaign: None,
    };
    let (start, end) = (late.first().map_or(since, |e| e.time), late.last().map_or(since, |e| e.time));
    Verdict {
        account: account.clone(),
        verdict: Belief::Compromised,
        route: Route::Credential,
        confidence: CONFIDENCE,
        window: Window { start, end },
        evidence: vec![
            evidence(SIGNALS[0], Family::Novelty, "the rule says: a phone not seen before"),
            evidence(SIGNALS[1], Family::Abuse, "the rule says: busier than usual"),
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
        weights: weights(answer),
        calibration: "none: a rule written by hand".to_owned(),
        ..answer.summary.clone()
    }
}

/// The hunt's own weights, and the rule's.
fn weights(answer: &Answer) -> BTreeMap<String, f64> {
    let mut weights = answer.summary.weights.clone();
    weights.extend(SIGNALS.map(|signal| (signal.to_owned(), WEIGHT)));
    weights
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
