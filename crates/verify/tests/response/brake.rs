//! A brake ends by itself, unless two people who did not pull it say otherwise; and then not for ever.

use super::house::House;
use model::id::RunId;
use store::testing::{Database, on_both};

const ANA: (&str, &str) = ("ana", "ana");
const BEN: (&str, &str) = ("ben", "ben");
const CLEO: (&str, &str) = ("cleo", "cleo");

/// A house in which Cleo has just pulled the brake, and when it ends by itself.
fn pulled(database: &Database) -> (House, RunId, i64) {
    let house = House::new(database, 6, 60);
    house.stand_still();
    let run = house.brake(4);
    let end = house.brake_end(&run);
    assert_eq!(off(&house), 4);
    (house, run, end)
}

fn off(house: &House) -> usize {
    house.states().values().filter(|s| s.is_off).count()
}

/// The brake's own end comes: whether the accounts are still off.
fn outlasts_its_end(house: &House, end: i64) -> bool {
    house.pass(end - house.now());
    house.end_holds_now();
    off(house) > 0
}

#[test]
fn two_people_who_did_not_pull_it_make_a_brake_longer_and_it_ends_then() {
    on_both(|database| {
        let (house, run, end) = pulled(database);
        let until = end + house.policy().brake.longer_ms;
        assert_eq!(house.make_longer(&run, ANA, until), Ok(end), "one is too few");
        assert_eq!(house.make_longer(&run, ANA, until), Ok(end), "however often they say it");
        assert_eq!(house.make_longer(&run, BEN, until), Ok(until));
        assert!(outlasts_its_end(&house, end));
        assert!(house.goes_on(&run));
        house.pass(until - house.now() - 1);
        house.end_holds_now();
        assert_eq!(off(&house), 4, "a moment before");
        house.pass(1);
        house.end_holds_now();
        assert_eq!(off(&house), 0, "nobody makes it last for ever");
        assert!(!house.goes_on(&run));
    });
}

#[test]
fn one_person_or_whoever_pulled_it_makes_no_brake_longer() {
    let (house, run, end) = pulled(&Database::sqlite());
    let until = end + house.policy().brake.longer_ms;
    let own = house.make_longer(&run, CLEO, until);
    assert!(own.as_ref().is_err_and(|why| why.contains("cleo pulled it")), "{own:?}");
    assert_eq!(house.make_longer(&run, ANA, until), Ok(end));
    assert!(!outlasts_its_end(&house, end));
    assert!(!house.goes_on(&run));
    let late = house.make_longer(&run, BEN, until);
    assert!(late.as_ref().is_err_and(|why| why.contains("it is over")), "{late:?}");
}

#[test]
fn consents_that_end_too_soon_are_forged_or_go_too_far_do_not_count_for_more() {
    let (house, run, end) = pulled(&Database::sqlite());
    let most = end + house.policy().brake.longer_ms;
    assert!(house.make_longer(&run, ANA, end).is_err(), "it says no more than the brake itself");
    assert!(house.make_longer(&run, ("ana", "ben"), most).is_err(), "ana's key is not ben's");
    assert_eq!(house.make_longer(&run, ANA, most + 1_000_000_000), Ok(end));
    // Of two the one who says less counts, and the policy before both.
    assert_eq!(house.make_longer(&run, BEN, end + 60_000), Ok(end + 60_000));
    assert_eq!(house.make_longer(&run, BEN, most + 1_000_000_000), Ok(most));
}

#[test]
fn a_consent_that_has_ended_carries_a_brake_no_further() {
    let (house, run, end) = pulled(&Database::sqlite());
    assert_eq!(house.make_longer(&run, ANA, end + 60_000), Ok(end));
    assert_eq!(house.make_longer(&run, BEN, end + 3_600_000), Ok(end + 60_000));
    house.pass(end + 60_000 - house.now());
    house.end_holds_now();
    assert_eq!(off(&house), 0, "ana's consent has ended, and ben alone is too few");
    assert!(!house.goes_on(&run));
}
