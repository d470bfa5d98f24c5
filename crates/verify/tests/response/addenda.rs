//! Addenda, judged from the service's own state: what they name is hidden and nothing else is changed, at each crash
//! point and with answers lost; an undo of the run shows it again, and none is carried out beside one.

use crate::response::crashing::{Crashing, Fate};
use crate::response::house::House;
use model::account::AccountState;
use model::id::{AccountId, ObjectId, RunId};
use model::notice::NoticeState;
use std::collections::{BTreeMap, BTreeSet};
use store::steps::CaseState;
use store::testing::{Database, on_both};

/// So many accounts are added to.
const ADDED: usize = 4;

/// A house whose plan is carried out, and an addendum to it that is sealed.
fn added(database: &Database) -> (House, BTreeMap<AccountId, ObjectId>) {
    let house = House::new(database, 5, 60);
    house.run(&*house.service());
    let objects = house.own_posts(ADDED);
    house.add(&objects);
    (house, objects)
}

/// Judges what an addendum did: just its objects are hidden, and nothing else is another.
fn judge(
    house: &House,
    before: &BTreeMap<AccountId, AccountState>,
    objects: &BTreeMap<AccountId, ObjectId>,
    what: &str,
) {
    for (account, is) in house.states() {
        let mut expected = before[&account].clone();
        expected.hidden.extend(objects.get(&account).cloned());
        expected.hidden.sort();
        let mut found = is.clone();
        found.hidden.sort();
        assert_eq!(found, expected, "{what}: {account}");
    }
}

fn is_shown(house: &House, object: &ObjectId) -> bool {
    house.service().visible(object)
}

#[test]
fn it_hides_what_it_names_and_its_owners_are_told_and_an_undo_shows_it_again() {
    on_both(|database| {
        let (house, objects) = added(database);
        let before = house.states();
        let run = house.carry_out_addendum(&*house.service());
        judge(&house, &before, &objects, "no faults");
        let notices = house.store.read(|r| r.notices(&run)).expect("notices");
        let told: BTreeSet<&AccountId> = notices.iter().map(|n| &n.account).collect();
        assert!(told.iter().copied().eq(objects.keys()) && notices.len() == ADDED, "one notice for each");
        let exonerated: BTreeSet<AccountId> = objects.keys().take(2).cloned().collect();
        house.undo(&exonerated);
        for (account, object) in &objects {
            let is_back = exonerated.contains(account);
            assert_eq!(is_shown(&house, object), is_back, "{account}: exonerated {is_back}");
        }
    });
}

#[test]
fn whose_posts_were_gone_already_is_told_nothing() {
    let house = House::new(&Database::sqlite(), 5, 60);
    house.run(&*house.service());
    let mut objects = house.own_posts(2);
    let (gone, object) = objects.iter_mut().next().expect("somebody");
    *object = "nobody-has-it".into();
    let gone = gone.clone();
    house.add(&objects);
    let before = house.states();
    let run = house.carry_out_addendum(&*house.service());
    objects.remove(&gone);
    judge(&house, &before, &objects, "one is gone");
    for notice in house.store.read(|r| r.notices(&run)).expect("notices") {
        let is_void = notice.state == NoticeState::Void;
        assert_eq!(is_void, notice.account == gone, "{}: {:?}", notice.account, notice.state);
    }
}

#[test]
fn every_crash_point_of_an_addendum_is_survived() {
    let calls = {
        let (house, _) = added(&Database::sqlite());
        let counting = Crashing::never(house.service());
        house.carry_out_addendum(&counting);
        counting.calls()
    };
    assert!(calls > ADDED as u64, "only {calls} calls to crash at");
    for point in 0..calls {
        for after in [false, true] {
            let what = format!("crash at call {point}, after it took effect: {after}");
            let (house, objects) = added(&Database::sqlite());
            let before = house.states();
            let crashing = Crashing::at(house.service(), point, after);
            let dies = std::panic::AssertUnwindSafe(|| house.carry_out_addendum(&crashing));
            assert!(std::panic::catch_unwind(dies).is_err(), "{what}: not reached");
            house.carry_out_addendum(&*house.service());
            judge(&house, &before, &objects, &what);
            // And what was hidden by a call of which nobody heard comes back as well.
            house.undo(&objects.keys().cloned().collect());
            assert!(objects.values().all(|o| is_shown(&house, o)), "{what}: something stays hidden");
        }
    }
}

#[test]
fn none_is_carried_out_beside_an_undo_or_a_dispute() {
    let (house, objects) = added(&Database::sqlite());
    let state = |run: &RunId| -> BTreeMap<AccountId, CaseState> {
        let cases = house.store.read(|r| r.cases(run)).expect("cases");
        cases.into_iter().map(|c| (c.account, c.state)).collect()
    };
    let disputed = objects.keys().next().expect("somebody").clone();
    house.store.write(house.now(), |tx| tx.dispute(&house.run, &disputed)).expect("it is kept");
    let before = house.states();
    let run = house.carry_out_addendum(&*house.service());
    let without: BTreeMap<_, _> =
        objects.iter().filter(|(a, _)| **a != disputed).map(|(a, o)| (a.clone(), o.clone())).collect();
    judge(&house, &before, &without, "one is disputed");
    assert_eq!(state(&run)[&disputed], CaseState::Frozen);

    let (house, objects) = added(&Database::sqlite());
    house.undo(&objects.keys().cloned().collect());
    let before = house.states();
    let run = house.carry_out_addendum(&*house.service());
    judge(&house, &before, &BTreeMap::new(), "all are given back");
    assert!(
        house.store.read(|r| r.cases(&run)).expect("cases").iter().all(|c| c.state == CaseState::Skipped)
    );
}

#[test]
fn an_undo_waits_for_a_late_call_of_what_was_added() {
    // A house in which little time passes with every look at the clock.
    let house = House::with(&Database::sqlite(), 5, 60, 1, &[]);
    house.run(&*house.service());
    let objects = house.own_posts(ADDED);
    house.add(&objects);
    let losing =
        Crashing::when(
            house.service(),
            |call| {
                if call.name == "hide" { Fate::LostAfter } else { Fate::Through }
            },
        );
    house.carry_out_addendum(&losing);
    let waited = house.waits();
    house.undo(&objects.keys().cloned().collect());
    assert!(house.waits() > waited, "it begins beside calls that may still take effect");
    assert!(objects.values().all(|o| is_shown(&house, o)), "something stays hidden");
}
