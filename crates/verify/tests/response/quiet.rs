//! Owners are left alone in their own night, and everybody is contained all the same.

use super::house::{House, MINUTE};
use super::judge;
use respond::execute::{Pause, WaveEnd};
use std::collections::BTreeSet;
use store::testing::{Database, on_both};

/// Everybody's quiet hours count, however lately the intruder was seen.
const FOR_ALL: (&str, &str) = ("idle_ms_min = 172800000", "idle_ms_min = 0");
/// It must be said, or the house has none.
const NIGHT: (&str, &str) = ("until_ms = 25200000", "until_ms = 25200000");

#[test]
fn nobody_is_contained_in_their_own_night_and_everybody_by_the_end() {
    on_both(|database| {
        let house = House::with(database, 3, 200, MINUTE, &[FOR_ALL, NIGHT]);
        house.stand_still();
        let before = house.states();
        let planned = house.planned();
        let zones: BTreeSet<_> = planned.values().filter_map(|e| e.quiet.as_ref().map(|q| &q.zone)).collect();
        assert!(zones.len() > 3, "owners live in {} zones", zones.len());
        house.run(&*house.service());
        assert!(house.waits() > 0, "it was nobody's night");
        for (account, at) in house.intended() {
            let quiet = planned[&account].quiet.as_ref().expect("each has a zone");
            assert_eq!(quiet.ends(at), None, "{account} in {} at {at}", quiet.zone);
        }
        house.flush();
        judge(&house, &before, "by night");
        let waited = house.waits();
        house.undo(&BTreeSet::new());
        assert_eq!(house.waits(), waited, "who is given back waits for no morning");
    });
}

#[test]
fn an_intruder_who_was_just_seen_gets_no_night() {
    let says = [("idle_ms_min = 172800000", "idle_ms_min = 31536000000"), NIGHT];
    let house = House::with(&Database::sqlite(), 3, 200, MINUTE, &says);
    assert!(house.planned().values().all(|e| e.quiet.is_none()));
    house.run(&*house.service());
    assert_eq!(house.waits(), 0);
}

#[test]
fn a_plan_ends_while_somebody_waits_and_they_are_left_as_they_are() {
    let house = House::with(&Database::sqlite(), 3, 200, MINUTE, &[FOR_ALL, NIGHT]);
    house.stand_still();
    let before = house.states();
    let mut wave = 0;
    let waiting = loop {
        match house.goes(&*house.service(), wave) {
            WaveEnd::Through => {
                house.gate(wave);
                wave += 1;
            }
            WaveEnd::Paced(_, Pause::Accounts(waits)) => break waits.quiet,
            other @ (WaveEnd::Paced(_, Pause::Hour) | WaveEnd::Halted(_) | WaveEnd::Unproved(_)) => {
                panic!("{other:?}")
            }
        }
    };
    let begun = house.intended();
    house.pass_the_plan();
    let why = house.refused(wave);
    assert!(why.contains("expired"), "{why}");
    assert_eq!(house.intended(), begun);
    let of_wave = house.planned().into_values().filter(|e| e.wave == wave);
    let left: Vec<_> = of_wave.filter(|e| !begun.contains_key(&e.account)).map(|e| e.account).collect();
    assert_eq!(left.len() as u64, waiting);
    for account in left {
        assert_eq!(house.states()[&account], before[&account], "{account} was touched");
    }
}
