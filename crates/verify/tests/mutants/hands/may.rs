//! Whether anything may be done at all: seal, consent, time, place, halt, lease, gate, limit.

use super::{Findings, changed, first_wave, house, seen, whatever};
use crate::crashing::{Crashing, Fate};
use crate::house::signed;
use model::id::{PlanId, RunId};
use model::operator::Decision;
use model::run::RunState;
use std::sync::atomic::{AtomicBool, Ordering};
use store::testing::{Database, script};

pub(super) fn only_what_is_sealed() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let before = house.states();
    script(database.url(), r#"UPDATE plan_value SET entry = replace(entry, '"reason":"', '"reason":"not ')"#);
    first_wave(&house, &Crashing::never(house.service()));
    let touched = changed(&house, &before);
    seen(!touched.is_empty(), || format!("entries were edited after sealing, and acted on: {touched:?}"))
}

pub(super) fn not_after_a_refusal() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    first_wave(&house, &Crashing::never(house.service()));
    whatever(|| house.go(&house.run, 0).expect("kept"));
    let digest = house.store.read(|r| r.sealed(&house.plan)).expect("it is sealed").digest();
    let refusal = signed(digest, "ana", Decision::Refuse, house.now() + 60_000);
    house.store.write(house.now(), |tx| tx.put_approval(&house.plan, &refusal)).expect("kept");
    let before = house.states();
    whatever(|| drop(house.wave(&*house.service(), &house.run, 1)));
    let touched = changed(&house, &before);
    seen(!touched.is_empty(), || format!("ana refused, and then were acted on: {touched:?}"))
}

pub(super) fn not_after_its_time() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let (late, run) = (PlanId::new("late"), RunId::new("late-run"));
    house.put(&house.draft("late"), &["ana", "ben"], false);
    let sealed = house.store.read(|r| r.sealed(&late)).expect("it is sealed");
    let ends_at = sealed.header().expires_at;
    // Their words hold longer than the plan does.
    for who in ["ana", "ben"] {
        let longer = signed(sealed.digest(), who, Decision::Approve, ends_at + 60_000);
        house.store.write(house.now(), |tx| tx.put_approval(&late, &longer)).expect("kept");
    }
    house.pass(ends_at - house.now());
    whatever(|| house.arm(&late, &run));
    let armed = house.store.read(|r| r.run(&run)).is_ok();
    seen(armed, || "the plan was over, and a run of it was permitted".to_owned())
}

pub(super) fn not_elsewhere() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let before = house.states();
    let mut other = Crashing::never(house.service());
    other.name = Some("django:other.example".to_owned());
    first_wave(&house, &other);
    let touched = changed(&house, &before);
    seen(!touched.is_empty(), || format!("acted on at another service: {touched:?}"))
}

pub(super) fn not_beyond_a_halt() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let before = house.states();
    let halting = Crashing::when(house.service(), |call| {
        if call.writes() {
            std::fs::write(house.halt.path(), "").expect("the file is written");
        }
        Fate::Through
    });
    first_wave(&house, &halting);
    let touched = changed(&house, &before);
    // A batch has two accounts, and the one that was begun is carried through.
    seen(touched.len() > 2, || format!("halted during the first batch, and acted on: {touched:?}"))
}

pub(super) fn not_beside_another() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let (asked, let_in) = (AtomicBool::new(false), AtomicBool::new(false));
    let beside = Crashing::when(house.service(), |call| {
        if call.writes() && !asked.swap(true, Ordering::SeqCst) {
            // Another process would settle what is open here, or begin the next batch.
            let went = whatever(|| house.wave(&*house.service(), &house.run, 0));
            let refused = matches!(went, Some(Err(respond::RespondError::Leased { .. })));
            let_in.store(!refused, Ordering::SeqCst);
        }
        Fate::Through
    });
    first_wave(&house, &beside);
    seen(let_in.load(Ordering::SeqCst), || "two processes worked on one run at once".to_owned())
}

pub(super) fn not_after_a_lost_lease() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let slept = AtomicBool::new(false);
    let slow = Crashing::when(house.service(), |call| {
        if call.name == "asked" && !slept.load(Ordering::SeqCst) {
            return Fate::Through;
        }
        if call.name == "stored_credentials" && !slept.swap(true, Ordering::SeqCst) {
            // So long that another takes the run over, and does the wave.
            house.pass(120_000);
            whatever(|| drop(house.wave(&*house.service(), &house.run, 0)));
        }
        Fate::Through
    });
    first_wave(&house, &slow);
    let state = house.store.read(|r| r.run(&house.run)).expect("it is there").state;
    seen(state == RunState::Halted, || "whoever had lost the lease halted the run".to_owned())
}

pub(super) fn not_without_a_go() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    first_wave(&house, &Crashing::never(house.service()));
    let before = house.states();
    whatever(|| drop(house.wave(&*house.service(), &house.run, 1)));
    let touched = changed(&house, &before);
    seen(!touched.is_empty(), || format!("no gate said go, and then were acted on: {touched:?}"))
}

pub(super) fn not_beyond_the_limit() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[("accounts_per_hour_max = 50000", "accounts_per_hour_max = 2")]);
    first_wave(&house, &Crashing::never(house.service()));
    let begun = house.store.read(|r| r.cases(&house.run)).expect("they are read").len();
    seen(begun > 2, || format!("two accounts an hour, and {begun} were begun"))
}
