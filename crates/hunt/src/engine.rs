//! The engine: accounts are folded in parallel, what ties them together is weighed, and each gets its verdict. All
//! judgement is `decide::detect`'s; here it is only spread over threads and put in order.

use crate::Clock;
use crate::calibration::Calibrated;
use crate::controls::controls;
use crate::error::HuntError;
use crate::read::Loaded;
use crate::request::Request;
use decide::detect::{
    Act, Apps, Artefacts, Attempt, Burden, Calibration, Carriage, Case, Census, Doubts, Failures, Folded,
    Hands, Intelligence, Judgement, Lore, Met, Outside, Patterns, Shifts, Signal, Use, attempts, campaigns,
    carried, census, fold, heard, judge, six_digits, timeline, uses,
};
use model::id::{AccountId, EventId, Millis};
use model::policy::CohortPolicy;
use model::verdict::{Belief, Campaign, Route, Summary, Timeline, Verdict, Window};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const ACTIVE_MS: Millis = 30 * 86_400_000;

/// What a hunt found, ready to be written.
pub(crate) struct Found {
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) campaigns: Vec<Campaign>,
    pub(crate) timelines: Vec<Timeline>,
    pub(crate) controls: Vec<Timeline>,
    pub(crate) summary: Summary,
}

/// What all accounts are judged by.
struct Ground<'a> {
    accounts: Vec<&'a [Act]>,
    lore: Lore<'a>,
    shifts: Shifts,
    artefacts: Artefacts,
    failures: Failures,
    apps: Apps,
    intelligence: Intelligence,
    /// The accounts on which there can be anything to find, in order.
    candidates: Vec<u32>,
    end: Millis,
    calibration: Calibration,
}

impl<'a> Ground<'a> {
    fn of(loaded: &'a Loaded, outside: Outside, calibration: Calibration, clock: &mut Clock) -> Self {
        let accounts: Vec<&[Act]> =
            loaded.partitions.iter().flat_map(|acts| acts.chunk_by(|a, b| a.account == b.account)).collect();
        let mut lore = Lore::new(&loaded.words);
        let shifts = shifts(&accounts, &lore);
        lore.learn(&shifts);
        let mut intelligence = Intelligence::new(outside, &loaded.words);
        clock.lap("shifts");

        let (parts, doubts) = accounts
            .par_iter()
            .enumerate()
            .fold(<(Parts, Doubts)>::default, |(mut parts, mut doubts), (at, acts)| {
                let folded = fold(acts, &lore);
                doubts.add(acts, &folded, &lore);
                parts.take(at as u32, acts, &folded, &lore, &intelligence);
                (parts, doubts)
            })
            .reduce(Default::default, |(mut parts, doubts), (more, others)| {
                parts.join(more);
                (parts, doubts.with(others))
            });
        let failures = Failures::count(&parts.attempts);
        let apps = Apps::weigh(&parts.uses);
        intelligence.learn(&parts.met);
        clock.lap("fold");
        let artefacts = artefacts(&accounts, &parts.hands, &lore, doubts, &apps);
        let candidates = candidates(&accounts, &parts, &artefacts, &failures, &lore);
        clock.lap("tie");
        let end = accounts.iter().filter_map(|a| a.last()).map(|a| a.time).max().unwrap_or(0);
        Self { accounts, lore, shifts, artefacts, failures, apps, intelligence, candidates, end, calibration }
    }

    /// What something makes of each candidate, in order.
    fn each<T: Send>(&self, make: impl Fn(u32, &Case<'_>) -> Option<T> + Sync) -> Vec<T> {
        let one = |account: &u32| {
            let acts = self.accounts[*account as usize];
            let folded = fold(acts, &self.lore);
            let burden = Burden::of(acts, &folded, &self.artefacts, &self.lore);
            let case = Case {
                acts,
                folded: &folded,
                hand: 0,
                lore: &self.lore,
                artefacts: &self.artefacts,
                burden: &burden,
                failures: &self.failures,
                apps: &self.apps,
                intelligence: &self.intelligence,
                calibration: self.calibration,
                end: self.end,
            };
            make(*account, &case)
        };
        self.candidates.par_iter().filter_map(one).collect()
    }
}

/// What the signals say of the hands on every account, before it is weighed.
pub(crate) fn hands(loaded: &Loaded, outside: Outside, clock: &mut Clock) -> Vec<HandHeard> {
    let ground = Ground::of(loaded, outside, Calibration::default(), clock);
    let words = &loaded.words;
    let of_account = ground.each(|_, case| {
        let account = AccountId::new(words.accounts.text(case.acts[0].account));
        let hands = heard(case).into_iter().map(|heard| HandHeard {
            account: account.clone(),
            events: heard.acts.iter().map(|at| words.ids.text(case.acts[*at].id).into()).collect(),
            found: heard.found,
            may_be_judged: heard.may_be_judged,
        });
        Some(hands.collect::<Vec<_>>())
    });
    of_account.into_iter().flatten().collect()
}

/// What the signals say of one hand on an account, before it is weighed.
#[derive(Clone, Debug, PartialEq)]
pub struct HandHeard {
    /// The account.
    pub account: AccountId,
    /// Each signal that found something, with how much of its weight counts.
    pub found: Vec<(Signal, f64)>,
    /// The events that this rests on.
    pub events: Vec<EventId>,
    /// Whether the families are there that a verdict needs.
    pub may_be_judged: bool,
}

/// Runs the detection over what was loaded.
pub(crate) fn hunt(
    loaded: &Loaded,
    request: &Request,
    outside: Outside,
    calibrated: Option<&Calibrated>,
    clock: &mut Clock,
) -> Result<Found, HuntError> {
    let words = &loaded.words;
    let calibration = calibrated.map(Calibrated::calibration).unwrap_or_default();
    let ground = Ground::of(loaded, outside, calibration, clock);
    let mut judgements: Vec<Judgement> = ground.each(|account, case| judge(account, case, request.since));
    judgements.sort_by(|a, b| {
        let (a, b) = (&a.verdict, &b.verdict);
        b.confidence.total_cmp(&a.confidence).then_with(|| a.account.cmp(&b.account))
    });
    if let Some(limits) = &request.cohort {
        judgements.iter_mut().for_each(|judgement| hold(&mut judgement.verdict, limits));
    }
    let judged = judgements.iter().map(|j| j.account).collect();
    let controls = controls(&ground.accounts, &ground.candidates, &judged, words);
    let acts_of = |account: u32| ground.accounts[account as usize];
    let (campaigns, left_out) = campaigns(&mut judgements, &ground.artefacts, &ground.lore, &acts_of);
    clock.lap("judge");
    let timelines: Vec<Timeline> =
        judgements.par_iter().map(|j| timeline(j, acts_of(j.account), words)).collect();
    clock.lap("timelines");

    let mut summary = summary(loaded, &ground.accounts, ground.shifts, calibration);
    if let Some(calibrated) = calibrated {
        summary.calibration = calibrated.said();
    }
    summary.left_out = left_out;
    summary.intelligence = ground.intelligence.files();
    summary.intelligence.extend(loaded.filled.iter().cloned());
    for judgement in &judgements {
        let verdict = &judgement.verdict;
        *summary
            .verdicts
            .entry(format!("{}.{}", belief(verdict.verdict), route(verdict.route)))
            .or_default() += 1;
    }
    let verdicts = judgements.into_iter().map(|j| j.verdict).collect();
    Ok(Found { verdicts, campaigns, timelines, controls, summary })
}

/// Only what may enter a plan under these limits is called compromised.
fn hold(verdict: &mut Verdict, limits: &CohortPolicy) {
    let reaches =
        verdict.confidence >= limits.confidence_min && verdict.families() >= limits.families_min as usize;
    if !reaches {
        verdict.verdict = Belief::Suspected;
    }
}

fn shifts(accounts: &[&[Act]], lore: &Lore<'_>) -> Shifts {
    let mut whole = accounts
        .par_iter()
        .fold(Census::default, |mut sum, acts| {
            sum.add(census(acts, lore));
            sum
        })
        .reduce(Census::default, |mut a, b| {
            a.add(b);
            a
        });
    let mut shifts = whole.shifts(lore);
    for shift in &mut shifts.told {
        shift.share = six_digits(shift.share);
    }
    shifts
}

/// What accounts give to the population's view.
#[derive(Default)]
struct Parts {
    attempts: Vec<Attempt>,
    uses: Vec<Use>,
    met: Vec<Met>,
    /// Accounts on which there can be something to find by themselves.
    visited: Vec<u32>,
    /// Of each account, in order.
    hands: Vec<Hands>,
}

impl Parts {
    fn take(
        &mut self,
        account: u32,
        acts: &[Act],
        folded: &Folded,
        lore: &Lore<'_>,
        intelligence: &Intelligence,
    ) {
        if folded.may_tell(acts) {
            self.visited.push(account);
        }
        self.attempts.extend(attempts(account, acts, folded, lore));
        self.uses.extend(uses(acts, folded, lore));
        let hands = Hands::of(acts, folded);
        self.met.extend(intelligence.met(acts, &hands, lore));
        self.hands.push(hands);
    }

    fn join(&mut self, mut more: Self) {
        self.attempts.append(&mut more.attempts);
        self.uses.append(&mut more.uses);
        self.met.append(&mut more.met);
        self.visited.append(&mut more.visited);
        self.hands.append(&mut more.hands);
    }
}

/// Weighs the artefacts that doubtful hands carry.
fn artefacts(
    accounts: &[&[Act]],
    hands: &[Hands],
    lore: &Lore<'_>,
    doubts: Doubts,
    apps: &Apps,
) -> Artefacts {
    let tried = doubts.tried();
    let patterns: Patterns = doubts.patterns();
    drop(doubts);
    let whole = accounts
        .par_iter()
        .zip(hands)
        .enumerate()
        .fold(Carriage::default, |sum, (at, (acts, hands))| {
            sum.with(carried(at as u32, acts, hands, lore, &patterns, apps))
        })
        .reduce(Carriage::default, Carriage::with);
    Artefacts::weigh(whole, tried)
}

/// The accounts on which there can be anything to find: those that may tell it by themselves, those that
/// carry a guilty artefact, and those that a stuffing machine was let in to.
fn candidates(
    accounts: &[&[Act]],
    parts: &Parts,
    artefacts: &Artefacts,
    failures: &Failures,
    lore: &Lore<'_>,
) -> Vec<u32> {
    let mut found: BTreeSet<u32> = parts.visited.iter().copied().collect();
    for (_, standing) in artefacts.guilty() {
        found.extend(standing.foreign.iter().chain(&standing.others).map(|c| c.account));
    }
    let entered = accounts.par_iter().enumerate().filter(|(_, acts)| failures.any_login(acts, lore));
    found.extend(entered.map(|(at, _)| at as u32).collect::<Vec<_>>());
    found.into_iter().collect()
}

fn summary(loaded: &Loaded, accounts: &[&[Act]], shifts: Shifts, by: Calibration) -> Summary {
    let events = accounts.iter().map(|a| a.len() as u64).sum();
    let start = accounts.iter().filter_map(|a| a.first()).map(|a| a.time).min().unwrap_or(0);
    let end = accounts.iter().filter_map(|a| a.last()).map(|a| a.time).max().unwrap_or(0);
    let lately = |acts: &&&[Act]| {
        let own = acts.iter().rev().find(|a| a.is_users_own() && a.deed.shows_a_hand());
        own.is_some_and(|a| a.time > end - ACTIVE_MS)
    };
    Summary {
        events,
        rejected: loaded.rejects.len() as u64,
        duplicates: loaded.duplicates,
        conflicting: loaded.conflicting,
        unknown_kinds: loaded.unknown_kinds.clone(),
        accounts: accounts.len() as u64,
        active: accounts.iter().filter(lately).count() as u64,
        window: Window { start, end },
        verdicts: BTreeMap::new(),
        shifts: shifts.told,
        left_out: Vec::new(),
        prior: by.prior(),
        weights: by.weights(),
        calibration: "calibrated on simulated data".to_owned(),
        intelligence: Vec::new(),
    }
}

fn belief(of: Belief) -> &'static str {
    match of {
        Belief::Compromised => "compromised",
        Belief::Suspected => "suspected",
    }
}

fn route(of: Route) -> &'static str {
    match of {
        Route::Credential => "credential",
        Route::Session => "session",
        Route::App => "app",
    }
}
