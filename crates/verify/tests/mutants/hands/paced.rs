//! When something is called: no faster than allowed, not where the service wants to be left alone, not while an earlier call
//! may still take effect, and not by night.

use super::{Findings, first_wave, house, seen, whatever};
use crate::crashing::{Crashing, Fate};
use crate::house::House;
use model::id::{AccountId, RunId};
use model::plan::ActKind;
use model::run::HoldState;
use rehearse::service::{Faults, RETRY_AFTER_MS};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use store::testing::Database;

/// One hand: which call comes after which is no chance.
const ONE_HAND: (&str, &str) = ("parallel = 8", "parallel = 1");

pub(super) fn no_faster_than_allowed() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[ONE_HAND, ("acts_per_second_max = 50", "acts_per_second_max = 2")]);
    house.stand_still();
    let seconds: Mutex<BTreeMap<i64, u32>> = Mutex::new(BTreeMap::new());
    let counting = Crashing::when(house.service(), |call| {
        if call.writes() {
            *seconds.lock().expect("nobody dies").entry(house.now().div_euclid(1000)).or_default() += 1;
        }
        Fate::Through
    });
    first_wave(&house, &counting);
    let most = seconds.lock().expect("nobody dies").values().copied().max().unwrap_or_default();
    seen(most > 2, || format!("two acts a second, and {most} were done in one"))
}

pub(super) fn left_alone() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[ONE_HAND]);
    house.stand_still();
    let (asked_at, called_at) = (Mutex::new(None), Mutex::new(None));
    let throttling = Crashing::when(house.service(), |call| {
        if !call.writes() {
            return Fate::Through;
        }
        let mut asked_at = asked_at.lock().expect("nobody dies");
        if asked_at.is_none() {
            *asked_at = Some(house.now());
            return Fate::Throttled;
        }
        called_at.lock().expect("nobody dies").get_or_insert(house.now());
        Fate::Through
    });
    first_wave(&house, &throttling);
    let asked_at = *asked_at.lock().expect("nobody dies");
    let called_at = *called_at.lock().expect("nobody dies");
    let early = asked_at.zip(called_at).filter(|(asked, called)| called - asked < RETRY_AFTER_MS);
    seen(early.is_some(), || format!("to be left alone for {RETRY_AFTER_MS} ms, and called again: {early:?}"))
}

/// A run of which every second call is late, and what is open asked for.
fn run_late(house: &House) {
    house.service().set_faults(Faults { late: 0.5, ..Faults::none(5) });
    whatever(|| house.run(&*house.service()));
    house.service().set_faults(Faults::none(5));
    whatever(|| house.settle(&*house.service()));
}

/// Until when calls of the house's run may take effect, by account, of one kind of act or all.
fn late_until(house: &House, of: Option<ActKind>) -> BTreeMap<AccountId, i64> {
    let late_ms = house.policy().run.late_ms;
    let lost = |account: &AccountId| {
        let steps = house.steps(account).into_iter().filter(|s| of.is_none_or(|kind| s.kind == kind));
        steps.filter_map(|s| s.lost_at).max()
    };
    let all = house.planned().into_keys();
    all.filter_map(|account| Some((account.clone(), lost(&account)? + late_ms))).collect()
}

pub(super) fn an_undo_waits() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    run_late(&house);
    whatever(|| house.undo_through(&BTreeSet::new(), &*house.service()));
    let undone = house.store.read(|r| r.cases(&RunId::new("undo-run"))).unwrap_or_default();
    let late = late_until(&house, None);
    let beside = |c: &store::steps::Case| late.get(&c.account).is_some_and(|until| c.intended_at < *until);
    let early: Vec<_> = undone.into_iter().filter(beside).map(|c| c.account).collect();
    seen(!early.is_empty(), || format!("calls of the run may still take effect, and are undone: {early:?}"))
}

pub(super) fn a_hold_stays_watched() -> Findings {
    let database = Database::sqlite();
    // Calls may be late for longer than a hold lasts.
    let house = house(&database, &[("late_ms = 3600000", "late_ms = 259200000")]);
    run_late(&house);
    whatever(|| house.end_holds(&*house.service()));
    let late = late_until(&house, Some(ActKind::Hold));
    let accounts: Vec<AccountId> = late.keys().cloned().collect();
    let holds = house.store.read(|r| r.holds(&house.run, &accounts)).expect("it reads");
    let ended = holds.into_iter().filter(|h| h.state == HoldState::Ended);
    let early: Vec<_> = ended.filter(|h| h.ended_at.is_some_and(|at| at < late[&h.account])).collect();
    seen(!early.is_empty(), || format!("may still be taken off, and nobody looks any more: {early:?}"))
}

pub(super) fn not_by_night() -> Findings {
    let database = Database::sqlite();
    let limits = [
        // However lately the intruder was seen.
        ("idle_ms_min = 172800000", "idle_ms_min = 0"),
        // It must be said, or the house has no night.
        ("until_ms = 25200000", "until_ms = 25200000"),
    ];
    let house = house(&database, &limits);
    let planned = house.planned();
    whatever(|| house.run(&*house.service()));
    let asleep = |(account, at): &(AccountId, i64)| {
        planned[account].quiet.as_ref().is_some_and(|quiet| quiet.ends(*at).is_some())
    };
    let woken: Vec<_> = house.intended().into_iter().filter(asleep).map(|(a, _)| a).collect();
    seen(!woken.is_empty(), || format!("contained in their own night: {woken:?}"))
}
