//! Taking back: undo, holds, keys.

use super::{Findings, first_wave, house, seen, whatever};
use crate::crashing::{Crashing, Fate};
use model::id::PlanId;
use model::plan::ActKind;
use model::run::{HoldState, StepState};
use std::collections::BTreeSet;
use store::testing::Database;

pub(super) fn sessions_end_first() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    whatever(|| house.run(&*house.service()));
    let exonerated = house.some_with_password(2);
    let refusing = Crashing::when(house.service(), |call| {
        if call.name == "end_sessions" { Fate::Refused } else { Fate::Through }
    });
    whatever(|| house.exonerate(&exonerated));
    whatever(|| house.undo_through(&exonerated, &refusing));
    // By what is on record they are alive.
    let beside = |a: &&_| {
        let steps = house.steps_of(&"undo-run".into(), a);
        let of = |kind| steps.iter().find(|s| s.kind == kind).map(|s| s.state);
        of(ActKind::EndSessions) == Some(StepState::Failed)
            && of(ActKind::RestoreCredential) == Some(StepState::Done)
    };
    let restored: Vec<_> = exonerated.iter().filter(beside).collect();
    seen(!restored.is_empty(), || {
        format!("sessions could not be ended, and the old credential is back: {restored:?}")
    })
}

fn is_sealed(house: &crate::house::House) -> bool {
    house.store.read(|r| r.sealed(&PlanId::new("undo"))).is_ok()
}

pub(super) fn only_the_exonerated() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    whatever(|| house.run(&*house.service()));
    // Nothing of it is on record.
    let some = house.some_with_password(2);
    whatever(|| house.undo_through(&some, &*house.service()));
    seen(is_sealed(&house), || "an undo that restores two of whom nobody says why is sealed".to_owned())
}

pub(super) fn only_what_was_done() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    first_wave(&house, &Crashing::never(house.service()));
    whatever(|| house.undo_through(&BTreeSet::new(), &*house.service()));
    seen(is_sealed(&house), || "an undo of accounts to which nothing was done is sealed".to_owned())
}

pub(super) fn what_others_took_off_is_theirs() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let held = |e: &model::plan::Entry| e.acts.iter().any(|a| a.kind() == ActKind::Hold);
    let planned = house.planned().into_values().filter(held);
    let account = planned.map(|e| e.account).next().expect("somebody is to be held");
    assert!(house.service().moderate(&account, true), "it is kept");
    whatever(|| house.run(&*house.service()));
    let holds = house.store.read(|r| r.holds(&house.run, std::slice::from_ref(&account))).expect("it reads");
    let claimed = holds.iter().any(|h| !matches!(h.state, HoldState::Found | HoldState::Left));
    seen(claimed, || format!("{account} was off by a moderator, and is on record as {holds:?}"))
}

pub(super) fn a_hold_ends() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    whatever(|| house.run(&*house.service()));
    house.end_holds(&*house.service());
    let ours = |s: &model::account::AccountState| s.is_off;
    let off: Vec<_> = house.states().into_values().filter(ours).map(|s| s.record.account).collect();
    seen(!off.is_empty(), || format!("the time of holds is over, and these are still off: {off:?}"))
}

pub(super) fn a_key_ends() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    whatever(|| house.run(&*house.service()));
    whatever(|| house.finish());
    let past = house.expire_after(2 * house.window_ms());
    let kept = house.copy_of_keys().into_iter().filter(|k| past.contains(&k.run)).count();
    seen(kept > 0, || format!("the undo window is over, and {kept} keys of runs are still there"))
}

pub(super) fn one_word_is_too_little() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let Some(run) = whatever(|| house.brake(2)) else { return Vec::new() };
    let end = house.brake_end(&run);
    whatever(|| house.make_longer(&run, ("ana", "ana"), end + 3_600_000));
    let longer = house.brake_end(&run);
    seen(longer > end, || format!("ana alone makes a brake longer, from {end} to {longer}"))
}
