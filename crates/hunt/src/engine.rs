//! The engine: accounts are folded in parallel, what ties them together is weighed, and each gets its verdict. All
//! judgement is `decide::detect`'s; here it is only spread over threads and put in order.

use crate::Clock;
use crate::controls::controls;
use crate::error::HuntError;
use crate::read::Loaded;
use crate::request::Request;
use decide::detect::{
    Act, Apps, Artefacts, Attempt, Carried, Case, Census, Failures, Judgement, Lore, Origin, Shifts, Use,
    attempts, campaigns, carried, census, fold, judge, six_digits, timeline, uses, weights,
};
use model::account::Account;
use model::id::Millis;
use model::verdict::{Belief, Campaign, Route, Summary, Timeline, Verdict, Window};
use rayon::prelude::*;
use std::collections::BTreeMap;

const ACTIVE_MS: Millis = 30 * 86_400_000;

/// What a hunt found, ready to be written.
pub(crate) struct Found {
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) campaigns: Vec<Campaign>,
    pub(crate) timelines: Vec<Timeline>,
    pub(crate) controls: Vec<Timeline>,
    pub(crate) summary: Summary,
}

/// Runs the detection over what was loaded.
pub(crate) fn hunt(
    loaded: &Loaded,
    _records: &[Account],
    request: &Request,
    clock: &mut Clock,
) -> Result<Found, HuntError> {
    let words = &loaded.words;
    let accounts: Vec<&[Act]> =
        loaded.partitions.iter().flat_map(|acts| acts.chunk_by(|a, b| a.account == b.account)).collect();
    let mut lore = Lore::new(words);
    let shifts = shifts(&accounts, &lore);
    lore.learn(shifts.explained.clone(), shifts.server_apps.clone());
    clock.lap("shifts");

    let parts: Vec<_> =
        accounts.par_iter().enumerate().map(|(at, acts)| part(at as u32, acts, &lore)).collect();
    clock.lap("fold");
    let candidates: Vec<u32> =
        parts.iter().enumerate().filter(|(_, p)| p.candidate).map(|(at, _)| at as u32).collect();
    let (mut all_carried, mut all_attempts, mut all_uses) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        all_carried.extend(part.carried);
        all_attempts.extend(part.attempts);
        all_uses.extend(part.uses);
    }
    let artefacts = Artefacts::weigh(all_carried);
    let failures = Failures::count(&all_attempts);
    let apps = Apps::weigh(&all_uses);
    clock.lap("tie");

    let mut judgements: Vec<Judgement> = candidates
        .par_iter()
        .filter_map(|account| {
            let acts = accounts[*account as usize];
            let folded = fold(acts, &lore);
            let case = Case {
                acts,
                folded: &folded,
                hand: 0,
                lore: &lore,
                artefacts: &artefacts,
                failures: &failures,
                apps: &apps,
            };
            judge(*account, &case, request.since)
        })
        .collect();
    judgements.sort_by(|a, b| {
        let (a, b) = (&a.verdict, &b.verdict);
        b.confidence.total_cmp(&a.confidence).then_with(|| a.account.cmp(&b.account))
    });
    let judged = judgements.iter().map(|j| j.account).collect();
    let controls = controls(&accounts, &candidates, &judged, words);
    let acts_of = |account: u32| accounts[account as usize];
    let (campaigns, left_out) = campaigns(&mut judgements, &artefacts, &lore, &acts_of);
    clock.lap("judge");
    let timelines: Vec<Timeline> =
        judgements.par_iter().map(|j| timeline(j, acts_of(j.account), words)).collect();
    clock.lap("timelines");

    let mut summary = summary(loaded, &accounts, shifts);
    summary.left_out = left_out;
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

/// What one account gives to the population's view.
struct Part {
    candidate: bool,
    carried: Vec<Carried>,
    attempts: Vec<Attempt>,
    uses: Vec<Use>,
}

fn part(account: u32, acts: &[Act], lore: &Lore<'_>) -> Part {
    let folded = fold(acts, lore);
    let candidate =
        folded.actors.iter().any(|a| a.is_doubtful() || matches!(a.origin, Origin::App(_) | Origin::Early));
    Part {
        candidate,
        carried: carried(account, acts, &folded, lore),
        attempts: attempts(account, acts, &folded, lore),
        uses: uses(acts, &folded, lore),
    }
}

fn summary(loaded: &Loaded, accounts: &[&[Act]], shifts: Shifts) -> Summary {
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
        prior: decide::detect::PRIOR,
        weights: weights(),
        calibration: "calibrated on simulated data".to_owned(),
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
