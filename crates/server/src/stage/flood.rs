//! A clean-up of the service's own, and what a detection says that takes it for somebody's hand: one signal on clean accounts,
//! beside what is new about everybody now and then.

use super::hasty::save_answer;
use super::{Scene, Stage};
use crate::error::{Error, Result};
use hunt::Answer;
use model::event::{Event, Initiator, Kind};
use model::id::{AccountId, EventId, Millis};
use model::verdict::{
    Belief, Evidence, Family, Hand, Intruder, Moment, Route, Summary, Timeline, Verdict, Window,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What the clean-up's events are called by.
pub(crate) const CLEAN_UP: &str = "clean-up-";
/// The signal that it raises, and what such accounts have besides: a new phone from another network, as many owners.
const RAISED: (&str, Family) = ("full_takeover", Family::Takeover);
const BESIDE: [&str; 4] = ["new_device", "new_browser", "new_network", "new_country"];
/// How much of an account's own past stands in its timeline.
const MOMENTS: usize = 20;

/// The acts of a clean-up on one account: the service revokes tokens and ends sessions.
pub(crate) fn acts(account: &AccountId, at: Millis) -> [Event; 2] {
    [(Kind::AppRevoke, 0), (Kind::Logout, 1)].map(|(kind, n)| {
        let id = EventId::new(format!("{CLEAN_UP}{account}-{n}"));
        let mut event = Event::new(id, at + n * 1000, account.clone(), kind);
        event.initiator = Some(Initiator::System);
        event
    })
}

/// Sentinels, and clean accounts that could be in any plan, of those that were cleaned up: nobody has a verdict on them.
pub(crate) fn cleaned(scene: &Scene) -> Result<(BTreeSet<AccountId>, BTreeSet<AccountId>)> {
    let touched: BTreeSet<&AccountId> = of_the_clean_up(scene).map(|e| &e.account).collect();
    let convicted: BTreeSet<&AccountId> = scene.answer()?.verdicts.iter().map(|v| &v.account).collect();
    let free = scene.population.accounts.iter().filter(|a| {
        touched.contains(&a.account)
            && !convicted.contains(&a.account)
            && [a.protected, a.at_risk, a.service].iter().all(|mark| *mark == Some(false))
            && a.mail_known_before(scene.end_ms - LATEST_MS).is_some()
    });
    let (sentinels, clean): (Vec<_>, Vec<_>) = free.partition(|a| a.sentinel == Some(true));
    let names =
        |accounts: Vec<&model::account::Account>| accounts.into_iter().map(|a| a.account.clone()).collect();
    Ok((names(sentinels), names(clean)))
}

/// How long before the end the clean-up is, ms.
pub(crate) const LATEST_MS: i64 = 7_200_000;

fn of_the_clean_up(scene: &Scene) -> impl Iterator<Item = &Event> {
    scene.population.events.iter().filter(|e| e.id.as_str().starts_with(CLEAN_UP))
}

/// What such a detection answers: these accounts, convicted by what the clean-up did. Its confidences follow from the
/// hunt's own prior and weights.
pub(crate) fn answer(stage: &Stage, name: &str, accounts: &BTreeSet<AccountId>) -> Result<PathBuf> {
    let scene = &stage.scene;
    let real = scene.answer()?;
    let mut lives: BTreeMap<&AccountId, Vec<&Event>> = BTreeMap::new();
    for event in scene.population.events.iter().filter(|e| accounts.contains(&e.account)) {
        lives.entry(&event.account).or_default().push(event);
    }
    let weight = |signal: &str| {
        let stated = real.summary.weights.get(signal).copied();
        stated.ok_or_else(|| Error::failed(format!("the hunt states no weight for {signal}")))
    };
    let raised = weight(RAISED.0)?;
    let beside = BESIDE.map(weight).into_iter().collect::<Result<Vec<f64>>>()?;
    let confidence = 1.0 / (1.0 + (-(real.summary.prior + raised + beside.iter().sum::<f64>())).exp());
    let mut verdicts = Vec::new();
    let mut timelines = Vec::new();
    for (account, life) in lives {
        let acts: Vec<&&Event> = life.iter().filter(|e| e.id.as_str().starts_with(CLEAN_UP)).collect();
        let (Some(first), Some(last)) = (acts.first(), acts.last()) else { continue };
        let evidence = |signal: &str, family, weight| Evidence {
            signal: signal.to_owned(),
            family,
            weight,
            summary: "what the clean-up did, taken for somebody's".to_owned(),
            events: acts.iter().map(|e| e.id.clone()).collect(),
            campaign: None,
        };
        let mut all = vec![evidence(RAISED.0, RAISED.1, raised)];
        all.extend(BESIDE.iter().zip(&beside).map(|(signal, w)| evidence(signal, Family::Novelty, *w)));
        verdicts.push(Verdict {
            account: account.clone(),
            verdict: Belief::Compromised,
            route: Route::Credential,
            confidence,
            window: Window { start: first.time, end: last.time },
            evidence: all,
            intruder: Intruder { events: acts.iter().map(|e| e.id.clone()).collect(), ..Intruder::default() },
        });
        let from = life.len().saturating_sub(MOMENTS);
        let hand = |e: &Event| if e.id.as_str().starts_with(CLEAN_UP) { Hand::Intruder } else { Hand::Owner };
        let moments = life[from..].iter().map(|e| Moment { hand: hand(e), event: (*e).clone() }).collect();
        timelines.push(Timeline { account: account.clone(), moments });
    }
    let said = Summary {
        verdicts: BTreeMap::from([("compromised.credential".to_owned(), verdicts.len() as u64)]),
        left_out: Vec::new(),
        shifts: Vec::new(),
        ..real.summary.clone()
    };
    let folder = stage.folder.path().join(name);
    save_answer(&folder, &Answer { verdicts, timelines, ..real.clone() }, &said)?;
    Ok(folder)
}
