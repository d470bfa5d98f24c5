//! Addenda: to accounts that are contained, and only as long as nobody gives them back.

use super::{Findings, house, seen, whatever};
use model::id::{AccountId, ObjectId, PlanId};
use std::collections::{BTreeMap, BTreeSet};
use store::testing::Database;

fn is_sealed(house: &crate::house::House, plan: &str) -> bool {
    house.store.read(|r| r.sealed(&PlanId::new(plan))).is_ok()
}

fn more(accounts: &BTreeSet<AccountId>) -> BTreeMap<AccountId, ObjectId> {
    accounts.iter().map(|a| (a.clone(), format!("more of {a}").as_str().into())).collect()
}

pub(super) fn only_to_the_contained() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    whatever(|| house.run(&*house.service()));
    let exonerated = house.some_with_password(2);
    whatever(|| house.exonerate(&exonerated));
    let on_record = house.store.read(|r| r.exonerations(&house.run)).expect("it reads");
    let objects = more(&exonerated);
    whatever(|| house.add(&objects));
    let are_known = exonerated.iter().all(|a| on_record.contains_key(a));
    seen(are_known && is_sealed(&house, "addendum"), || {
        format!("an addendum to accounts that are exonerated is sealed: {exonerated:?}")
    })
}

pub(super) fn not_beside_an_undo() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    whatever(|| house.run(&*house.service()));
    let some = house.some_with_password(2);
    let objects = more(&some);
    whatever(|| house.add(&objects));
    whatever(|| house.undo(&some));
    let given_back = is_sealed(&house, "undo");
    whatever(|| drop(house.carry_out_addendum(&*house.service())));
    let begun: Vec<&AccountId> =
        some.iter().filter(|a| !house.steps_of(&"addendum-run".into(), a).is_empty()).collect();
    seen(given_back && !begun.is_empty(), || {
        format!("an undo gives them back, and an addendum hides on: {begun:?}")
    })
}
