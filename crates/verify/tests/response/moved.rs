//! Credentials that moved between seal and act: what an owner chose is left alone; what the intruder, or nobody knows who,
//! chose is left in place and opens nothing; at every crash point.

use super::{Crashing, House};
use model::account::CredentialVersion;
use model::id::AccountId;
use model::run::{Mover, PersonNeeded};
use model::secret::Secret;
use std::collections::BTreeMap;
use store::testing::{Database, on_both};

/// A house in which three of the plan's accounts have chosen another password since it was sealed: by the owner's hand, the
/// intruder's, and nobody knows whose. With what is in place now.
fn moved(database: &Database) -> (House, BTreeMap<AccountId, (Mover, Option<CredentialVersion>)>) {
    let house = House::new(database, 9, 60);
    let service = house.service();
    let mut movers = BTreeMap::new();
    let hands = [Mover::Owner, Mover::Intruder, Mover::Unknown];
    for (account, mover) in house.some_with_password(3).into_iter().zip(hands) {
        // Whoever it is came in by a session; its password is what counts here.
        let session = house.states()[&account].sessions.first().cloned().expect("somebody is signed in");
        assert!(service.change_password(&session, &Secret::new("chosen since")));
        movers.insert(account.clone(), (mover, house.states()[&account].credential));
    }
    let told = movers.iter().filter(|(_, (m, _))| *m != Mover::Unknown).map(|(a, (m, _))| (a.clone(), *m));
    house.told_movers(&told.collect());
    (house, movers)
}

fn judge(house: &House, movers: &BTreeMap<AccountId, (Mover, Option<CredentialVersion>)>, what: &str) {
    let (states, queue) = (house.states(), house.queue());
    for (account, (mover, chosen)) in movers {
        let (is, needed) = (&states[account], queue.get(account).copied());
        assert_eq!(is.credential, *chosen, "{what}: {account}: {mover:?}: what was chosen is overwritten");
        let (off, person) = match mover {
            Mover::Owner => (false, None),
            Mover::Intruder => (true, Some(PersonNeeded::MovedByIntruder)),
            Mover::Unknown => (true, Some(PersonNeeded::MovedUnknown)),
        };
        assert_eq!((is.is_off, needed), (off, person), "{what}: {account}: {mover:?}");
        assert_eq!(is.sessions.is_empty(), off, "{what}: {account}: {mover:?}: sessions");
        assert!(!off || is.grants.is_empty(), "{what}: {account}: {mover:?}: grants");
    }
    assert_eq!(house.end_holds(&*house.service()), 0, "{what}");
    assert!(house.states().values().all(|s| !s.is_off), "{what}: somebody is off for good");
}

#[test]
fn what_was_chosen_since_is_left_and_opens_nothing_unless_it_is_the_owners() {
    on_both(|database| {
        let (house, movers) = moved(database);
        house.run(&*house.service());
        judge(&house, &movers, "no crash");
    });
}

#[test]
fn every_crash_point_of_a_run_with_moved_credentials_is_survived() {
    let calls = {
        let (house, _) = moved(&Database::sqlite());
        let counting = Crashing::never(house.service());
        house.run(&counting);
        counting.calls()
    };
    for point in 0..calls {
        for after in [false, true] {
            let (house, movers) = moved(&Database::sqlite());
            let crashing = Crashing::at(house.service(), point, after);
            let died =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| house.run(&crashing))).is_err();
            assert!(died, "call {point} of {calls} was not reached");
            house.run(&*house.service());
            judge(&house, &movers, &format!("crash at call {point}, after it took effect: {after}"));
        }
    }
}
