//! Keys that end: after a rotation the old master key opens nothing, an undo still restores; after the undo window a
//! run's key is gone, also from copies, once the master key is replaced.

use crate::response::house::House;
use store::testing::Database;

#[test]
fn an_undo_restores_after_a_rotation_and_the_old_key_opens_nothing() {
    let database = Database::sqlite();
    let mut house = House::new(&database, 3, 30);
    let service = house.service();
    house.run(&*service);
    let before = house.states();
    let copy = house.copy_of_keys();
    assert!(copy.iter().all(|k| house.opens(k)), "the twin: before it, they open");
    house.rotate([8; 32]);
    assert!(copy.iter().all(|k| !house.opens(k)), "a copy from before opens with no key at hand");
    assert!(house.copy_of_keys().iter().all(|k| house.opens(k)));
    let exonerated = house.some_with_password(2);
    house.undo(&exonerated);
    let after = house.states();
    for (account, was) in &before {
        let moved = after[account].credential != was.credential;
        assert_eq!(
            moved,
            exonerated.contains(account),
            "{account}: only the exonerated have their old one back"
        );
    }
}

#[test]
fn a_run_key_dies_with_the_undo_window_and_not_before() {
    let database = Database::sqlite();
    let mut house = House::new(&database, 4, 30);
    house.run(&*house.service());
    house.finish();
    let copy = house.copy_of_keys();
    assert!(house.expire_after(house.window_ms() / 2).is_empty(), "the window is open");
    assert_eq!(house.expire_after(house.window_ms()).len(), 1);
    assert!(house.copy_of_keys().is_empty());
    assert!(house.opens(&copy[0]), "a backup of the ledger still has it");
    house.rotate([7; 32]);
    assert!(!house.opens(&copy[0]), "until the master key is replaced");
}
