//! A service that asks for less, one that never stops asking, calls that arrive an hour late, and a refusal after a lost
//! answer: nothing is done twice, nothing outside the plan, and nothing is called failed that took effect.

use super::crashing::Crashing;
use super::house::{House, MINUTE};
use super::{States, judge};
use model::plan::{Act, ActKind};
use model::run::StepState;
use rehearse::service::{Faults, RETRY_AFTER_MS};
use respond::execute::WaveEnd;
use std::collections::BTreeSet;
use store::testing::{Database, on_both};

/// Nobody outside the plan was touched.
fn outside(house: &House, before: &States, what: &str) {
    let after = house.states();
    for (account, was) in before.iter().filter(|(a, _)| !house.planned().contains_key(*a)) {
        assert_eq!(*was, after[account], "{what}: {account} is outside the plan and was touched");
    }
}

#[test]
fn a_service_that_throttles_is_waited_for_and_all_of_the_plan_is_done() {
    for seed in 1..=10 {
        let house = House::new(&Database::sqlite(), seed, 150);
        let before = house.states();
        house.stand_still();
        let began = house.now();
        house.service().set_faults(Faults { throttled: 0.3, busy: 0.2, ..Faults::none(seed) });
        house.run(&*house.service());
        assert!(house.now() - began >= RETRY_AFTER_MS, "seed {seed}: it was not waited for");
        judge(&house, &before, &format!("throttled, seed {seed}"));
        assert!(house.failed().is_empty() && house.unknown().is_empty(), "seed {seed}");
    }
}

#[test]
fn a_service_that_throttles_for_ever_halts_the_run_and_a_resume_does_what_is_left() {
    for from_wave in [0, 1] {
        on_both(|database| {
            let house = House::new(database, 3, 150);
            let before = house.states();
            house.stand_still();
            for wave in 0..from_wave {
                assert_eq!(house.goes(&*house.service(), wave), WaveEnd::Through);
                house.gate(wave);
            }
            let so_far = house.states();
            house.service().set_faults(Faults { throttled: 1.0, ..Faults::none(3) });
            let end = house.goes(&*house.service(), from_wave);
            assert!(matches!(&end, WaveEnd::Halted(why) if why.contains("run.busy_ms_max")), "{end:?}");
            assert!(house.states() == so_far, "each call was refused, and something was done");
            assert!(house.failed().is_empty(), "{:?}", house.failed());
            assert!(!house.unknown().is_empty(), "what was begun stays to be done");
            house.service().set_faults(Faults::none(3));
            house.run(&*house.service());
            judge(&house, &before, "throttled for ever, then resumed");
        });
    }
}

#[test]
fn a_halt_takes_effect_while_the_service_is_waited_for() {
    let house = House::new(&Database::sqlite(), 4, 150);
    let before = house.states();
    house.stand_still();
    let began = house.now();
    house.service().set_faults(Faults { throttled: 1.0, ..Faults::none(4) });
    house.halt_while_asleep();
    let end = house.goes(&*house.service(), 0);
    assert!(matches!(&end, WaveEnd::Halted(why) if why.contains("HALT")), "{end:?}");
    assert!(house.now() - began <= RETRY_AFTER_MS, "it was waited for to the end");
    assert!(house.states() == before);
    house.take_the_file_away();
    house.service().set_faults(Faults::none(4));
    house.run(&*house.service());
    judge(&house, &before, "halted while waiting, then resumed");
}

#[test]
fn the_rate_of_the_policy_is_kept() {
    let house = House::with(
        &Database::sqlite(),
        2,
        100,
        MINUTE,
        &[("acts_per_second_max = 50", "acts_per_second_max = 2")],
    );
    house.stand_still();
    let began = house.now();
    house.run(&*house.service());
    let acts: usize = house.planned().values().map(|e| e.acts.len()).sum();
    // The first and the last of the seconds need not be whole.
    let least_ms = (acts as i64 / 2 - 2) * 1000;
    let took_ms = house.now() - began;
    assert!(took_ms >= least_ms, "{acts} acts at 2 a second were done in {took_ms} ms");
}

#[test]
fn an_act_of_each_kind_that_takes_effect_an_hour_late_is_found_and_is_ours() {
    let mut kinds = BTreeSet::new();
    for seed in 1..=6 {
        let house = House::new(&Database::sqlite(), seed, 200);
        let before = house.states();
        house.stand_still();
        // Every call: the first of each account, then when that is settled the next.
        house.service().set_faults(Faults { late: 1.0, ..Faults::none(seed) });
        house.run(&*house.service());
        let longest = house.planned().values().map(|e| e.acts.len()).max().unwrap_or(0);
        for _ in 0..=longest {
            outside(&house, &before, &format!("late, seed {seed}"));
            house.service().let_late_arrive();
            house.settle(&*house.service());
        }
        house.service().set_faults(Faults::none(seed));
        house.service().let_late_arrive();
        house.settle(&*house.service());
        house.flush();
        judge(&house, &before, &format!("late, seed {seed}"));
        assert!(house.failed().is_empty() && house.unknown().is_empty(), "seed {seed}");
        for account in house.planned().keys() {
            let steps = house.steps(account);
            kinds.extend(steps.iter().filter(|s| s.lost_at.is_some()).map(|s| s.kind));
            // Ours: what an undo would have to take back is known, as after answers that came in time.
            let replaced = house.states()[account].credential.filter(|_| house.replaced(account));
            assert_eq!(house.ours(account), replaced, "seed {seed}: {account}: whose credential is it?");
        }
    }
    let all = [
        ActKind::RequireNewCredential,
        ActKind::EndSessions,
        ActKind::RevokeGrants,
        ActKind::HideObjects,
        ActKind::Hold,
        ActKind::PutBackContact,
        ActKind::RemoveFactor,
        ActKind::Unfollow,
        ActKind::Unlike,
    ];
    assert_eq!(kinds, BTreeSet::from(all), "each kind was late");
}

#[test]
fn a_late_call_after_the_one_that_came_through_changes_nothing() {
    for seed in 1..=8 {
        let house = House::new(&Database::sqlite(), seed, 150);
        let before = house.states();
        house.service().set_faults(Faults { late: 0.4, ..Faults::none(seed) });
        house.run(&*house.service());
        house.service().set_faults(Faults::none(seed));
        house.settle(&*house.service());
        house.flush();
        let done = house.states();
        assert!(house.service().let_late_arrive() > 5, "seed {seed}: hardly any call was late");
        assert!(house.states() == done, "seed {seed}: something was done twice");
        judge(&house, &before, &format!("late after a repeat, seed {seed}"));
    }
}

#[test]
fn an_undo_waits_for_late_calls_of_its_run_and_is_not_undone_by_them() {
    for seed in [7, 8, 9] {
        let house = House::new(&Database::sqlite(), seed, 200);
        let before = house.states();
        house.stand_still();
        house.service().set_faults(Faults { late: 0.3, ..Faults::none(seed) });
        house.run(&*house.service());
        house.service().set_faults(Faults::none(seed));
        house.settle(&*house.service());
        house.flush();
        let everybody: BTreeSet<_> = house.planned().into_keys().collect();
        house.undo(&everybody);
        assert!(house.waits() > 0, "seed {seed}: it did not wait, and nothing was late");
        house.service().let_late_arrive();
        let after = house.states();
        for account in &everybody {
            let (was, is) = (&before[account], &after[account]);
            assert_eq!(is.credential, was.credential, "seed {seed}: {account} has another credential");
            assert!(
                !is.is_off && is.hidden.is_empty(),
                "seed {seed}: {account} is off, or something is hidden"
            );
            assert_eq!(is.factors, was.factors, "seed {seed}: {account} has other factors");
        }
    }
}

#[test]
fn a_call_that_takes_an_account_off_after_its_hold_ended_is_taken_back() {
    // Calls may be late for longer than a hold lasts.
    let says = [("late_ms = 3600000", "late_ms = 259200000")];
    let house = House::with(&Database::sqlite(), 6, 60, MINUTE, &says);
    house.stand_still();
    house.service().set_faults(Faults { late: 0.3, ..Faults::none(6) });
    house.run(&*house.service());
    house.service().set_faults(Faults::none(6));
    house.settle(&*house.service());
    let off = || house.states().values().filter(|s| s.is_off).count();
    assert!(off() > 3, "hardly anybody is held");
    assert_eq!(house.end_holds(&*house.service()), 0);
    assert_eq!(off(), 0, "each hold is over");
    house.service().let_late_arrive();
    assert!(off() > 0, "no call came after the end of its hold");
    assert_eq!(house.end_holds(&*house.service()), 0);
    assert_eq!(off(), 0, "off for good");
}

#[test]
fn what_took_effect_before_the_process_died_is_not_called_failed_by_a_later_refusal() {
    let calls = {
        let house = House::new(&Database::sqlite(), 5, 60);
        let counting = Crashing::never(house.service());
        house.run(&counting);
        counting.calls()
    };
    let (mut found, mut open) = (0, 0);
    for point in 0..calls {
        let house = House::new(&Database::sqlite(), 5, 60);
        let before = house.states();
        let crashing = Crashing::at(house.service(), point, true);
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| house.run(&crashing))).is_err();
        assert!(died, "call {point} of {calls} was not reached");
        house.run(&Crashing::refusing(house.service()));
        for (account, is) in house.states() {
            if !house.planned().contains_key(&account) {
                continue;
            }
            let was = &before[&account];
            for step in house.steps(&account) {
                let took_effect = match &step.act {
                    Act::RequireNewCredential { .. } => is.credential != was.credential,
                    Act::Hold { .. } => is.is_off && !was.is_off,
                    Act::EndSessions => is.sessions.is_empty() && !was.sessions.is_empty(),
                    Act::RemoveFactor { .. } => is.factors != was.factors,
                    Act::RevokeGrants { .. }
                    | Act::HideObjects { .. }
                    | Act::Unfollow { .. }
                    | Act::Unlike { .. }
                    | Act::PutBackContact { .. }
                    | Act::Waive
                    | Act::RestoreCredential
                    | Act::ShowObjects { .. }
                    | Act::Release
                    | Act::AddFactor { .. } => continue,
                };
                let at = format!("killed after call {point}: {account}: {:?}: {:?}", step.kind, step.result);
                match step.state {
                    StepState::Done => found += 1,
                    StepState::Unknown => open += 1,
                    StepState::Failed => assert!(!took_effect, "{at}: it took effect, and is called failed"),
                    StepState::Skipped | StepState::Intended => {}
                }
            }
        }
        // When it is too late for it to take effect any more, a refusal is what it is; but where nobody can tell.
        let longest = house.planned().values().map(|e| e.acts.len()).max().unwrap_or(0);
        for _ in 0..=longest {
            house.pass_late();
            house.settle(&Crashing::refusing(house.service()));
        }
        for account in house.unknown() {
            let open: Vec<_> =
                house.steps(&account).into_iter().filter(|s| s.state == StepState::Unknown).collect();
            let dark = |kind| {
                matches!(
                    kind,
                    ActKind::RevokeGrants | ActKind::PutBackContact | ActKind::Unfollow | ActKind::Unlike
                )
            };
            let told = open.iter().all(|s| dark(s.kind));
            assert!(told, "killed after call {point}: {account}: {open:?}");
        }
    }
    assert!(found > 10 && open > 5, "{found} found done, {open} left open");
}
