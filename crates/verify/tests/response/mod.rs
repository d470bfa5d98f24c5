//! The response under faults and crashes, judged from the service's own state: nobody outside the plan is touched,
//! each credential is replaced once, what was begun is finished, and an undo gives back exactly what it may.

#![cfg(test)]

mod crashing;
mod house;
mod keys;

use crashing::Crashing;
use house::House;
use model::account::AccountState;
use model::id::AccountId;
use model::plan::Act;
use rehearse::service::Faults;
use std::collections::BTreeMap;
use store::testing::{Database, on_both};

/// What the service says of everybody.
type States = BTreeMap<AccountId, AccountState>;

/// Judges a finished containment by what changed at the service.
fn judge(house: &House, before: &States, what: &str) {
    let after = house.states();
    let planned = house.planned();
    for (account, was) in before {
        let is = &after[account];
        let Some(entry) = planned.get(account) else {
            assert_eq!(was, is, "{what}: {account} is outside the plan and was touched");
            continue;
        };
        for act in &entry.acts {
            match act {
                Act::RequireNewCredential { guard } => {
                    assert_eq!(
                        was.credential,
                        Some(*guard),
                        "{what}: {account} was planned against another credential"
                    );
                    assert_ne!(is.credential, was.credential, "{what}: {account} keeps the credential");
                }
                Act::EndSessions => assert!(is.sessions.is_empty(), "{what}: {account} has sessions"),
                Act::RevokeGrants { .. } => {
                    assert!(
                        house.intruders_apps(account).iter().all(|a| !is.grants.contains(a)),
                        "{what}: {account}"
                    );
                }
                Act::HideObjects { objects } => {
                    assert!(
                        is.hidden.iter().all(|o| objects.contains(o)),
                        "{what}: {account}: more is hidden"
                    );
                    // What its owner has deleted already stays so.
                    let seen = objects.iter().filter(|o| house.service().visible(o)).count();
                    assert_eq!(seen, 0, "{what}: {account}: less is hidden: {:?}", house.steps(account));
                }
                Act::Waive | Act::RestoreCredential | Act::ShowObjects { .. } => {
                    panic!("{what}: {account}: an undo in a containment")
                }
            }
        }
    }
    house.insist_on_one_notice_each(what);
}

#[test]
fn a_run_without_faults_does_exactly_the_plan_on_both_databases() {
    on_both(|database| {
        let house = House::new(database, 1, 200);
        let before = house.states();
        house.run(&*house.service());
        judge(&house, &before, "no faults");
    });
}

#[test]
fn answers_lost_late_and_refused_change_nothing_in_the_end() {
    for seed in 1..=15 {
        let house = House::new(&Database::sqlite(), seed, 150);
        let before = house.states();
        house.service().set_faults(Faults { seed, lost_after: 0.15, lost_before: 0.15, busy: 0.1 });
        house.run(&*house.service());
        // What is unknown or failed under faults is on record as such; without them a resume settles the unknown.
        house.service().set_faults(Faults { seed, lost_after: 0.0, lost_before: 0.0, busy: 0.0 });
        house.settle(&house.service());
        let failed = house.failed();
        let after = house.states();
        for (account, was) in before.iter().filter(|(a, _)| !house.planned().contains_key(*a)) {
            assert_eq!(*was, after[account], "seed {seed}: {account} is outside the plan and was touched");
        }
        assert!(house.unknown().is_empty(), "seed {seed}: unknown after asking: {:?}", house.unknown());
        assert!(failed.len() * 4 < house.planned().len(), "seed {seed}: most of the plan failed: {failed:?}");
    }
}

#[test]
fn every_crash_point_of_a_small_run_is_survived() {
    let calls = {
        let house = House::new(&Database::sqlite(), 5, 60);
        let counting = Crashing::never(house.service());
        house.run(&counting);
        counting.calls()
    };
    assert!(calls > 20, "only {calls} calls to crash at");
    for point in 0..calls {
        for after in [false, true] {
            let house = House::new(&Database::sqlite(), 5, 60);
            let before = house.states();
            let crashing = Crashing::at(house.service(), point, after);
            let died =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| house.run(&crashing))).is_err();
            assert!(died, "call {point} of {calls} was not reached");
            house.run(&*house.service());
            judge(&house, &before, &format!("crash at call {point}, after it took effect: {after}"));
        }
    }
}

#[test]
fn an_undo_restores_the_exonerated_and_no_victim() {
    on_both(|database| {
        let house = House::new(database, 7, 200);
        let before = house.states();
        house.run(&*house.service());
        let exonerated = house.some_with_password(3);
        house.undo(&exonerated);
        let after = house.states();
        for account in house.planned().keys() {
            let is_back = after[account].credential == before[account].credential;
            let was_replaced = house.replaced(account);
            assert_eq!(
                is_back,
                exonerated.contains(account) || !was_replaced,
                "{account}: exonerated {}",
                exonerated.contains(account)
            );
            if exonerated.contains(account) {
                assert!(after[account].sessions.is_empty(), "{account}: a session came back to life");
                assert!(after[account].hidden.is_empty(), "{account}: something stays hidden");
            }
        }
    });
}
