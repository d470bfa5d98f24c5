//! What is on record, before a call and after it, and what is done where it tells of something else than was sealed.

use super::{Findings, changed, first_wave, house, seen, whatever};
use crate::crashing::{Crashing, Fate};
use model::account::CredentialVersion;
use model::id::{AccountId, Digest, PlanId, RunId};
use model::plan::ActKind;
use model::run::StepState;
use model::secret::Secret;
use std::sync::atomic::{AtomicBool, Ordering};
use store::testing::Database;

/// A service at which one act always fares so.
fn failing(house: &crate::house::House, name: &'static str, fate: Fate) -> Crashing<'static> {
    Crashing::when(house.service(), move |call| if call.name == name { fate } else { Fate::Through })
}

pub(super) fn intent_is_first() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let before = house.states();
    let killed =
        Crashing::when(house.service(), |c| if c.writes() { Fate::KilledAfter } else { Fate::Through });
    first_wave(&house, &killed);
    let touched = changed(&house, &before);
    let unknown: Vec<_> = touched.iter().filter(|a| house.steps(a).is_empty()).collect();
    seen(!unknown.is_empty(), || format!("killed in a call, and nothing is on record of {unknown:?}"))
}

pub(super) fn outcome_follows() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let before = house.states();
    first_wave(&house, &Crashing::never(house.service()));
    let touched = changed(&house, &before);
    let intended = |a: &&_| house.steps(a).iter().all(|s| s.state == StepState::Intended);
    let open: Vec<_> = touched.iter().filter(intended).collect();
    seen(!open.is_empty(), || format!("the calls were answered, and no outcome is on record of {open:?}"))
}

/// Accounts whose sessions are on record as ended, and are alive.
fn only_on_record(fate: Fate) -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    first_wave(&house, &failing(&house, "end_sessions", fate));
    let alive = house.states().into_values().filter(|s| !s.sessions.is_empty());
    let told = |a: &_| {
        let steps = house.steps(a).into_iter();
        steps.filter(|s| s.kind == ActKind::EndSessions).any(|s| s.state == StepState::Done)
    };
    let only: Vec<_> = alive.map(|s| s.record.account).filter(told).collect();
    seen(!only.is_empty(), || format!("sessions are ended on record, and alive at the service: {only:?}"))
}

pub(super) fn a_refusal_is_no_success() -> Findings {
    only_on_record(Fate::Refused)
}

pub(super) fn a_lost_answer_is_unknown() -> Findings {
    only_on_record(Fate::LostBefore)
}

pub(super) fn a_refusal_is_of_its_own_call() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let before = house.states();
    // The first call ends somebody's sessions, and nobody hears of it; every later one is refused.
    let ended = AtomicBool::new(false);
    let refusing = Crashing::when(house.service(), |call| match call.name {
        "end_sessions" if !ended.swap(true, Ordering::SeqCst) => Fate::LostAfter,
        "end_sessions" => Fate::Refused,
        _ => Fate::Through,
    });
    first_wave(&house, &refusing);
    let after = house.states();
    let failed = |a: &&AccountId| {
        let steps = house.steps(a).into_iter();
        let mut lost = steps.filter(|s| s.kind == ActKind::EndSessions && s.lost_at.is_some());
        lost.any(|s| s.state == StepState::Failed)
    };
    let signed_out = |a: &&AccountId| !before[*a].sessions.is_empty() && after[*a].sessions.is_empty();
    let wrong: Vec<_> = before.keys().filter(signed_out).filter(failed).collect();
    seen(!wrong.is_empty(), || format!("sessions are ended, and that is kept as failed: {wrong:?}"))
}

pub(super) fn who_is_gone_is_passed_over() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let gone = house.planned().into_values().find(|e| e.wave == 0).expect("a canary").account;
    let mut service = Crashing::never(house.service());
    service.missing = Some(gone.clone());
    first_wave(&house, &service);
    seen(!house.steps(&gone).is_empty(), || format!("{gone} was gone, and acts on it were intended"))
}

pub(super) fn an_old_ledger_starts_nothing() -> Findings {
    let (newer, older) = (Database::sqlite(), Database::sqlite());
    let done = house(&newer, &[]);
    // The same ledger as it was before: made from the same seed, so that plan, run and key are the same.
    let copy = house(&older, &[]).before(done.service());
    first_wave(&done, &Crashing::never(done.service()));
    first_wave(&copy, &Crashing::never(copy.service()));
    let ours = |a: &_| done.replaced(a) && !copy.steps(a).is_empty();
    let begun: Vec<_> = copy.planned().into_keys().filter(ours).collect();
    seen(!begun.is_empty(), || format!("a ledger from before the run began anew with {begun:?}"))
}

pub(super) fn what_was_chosen_stays() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let account = house.some_with_password(1).into_iter().next().expect("one");
    let session = house.states()[&account].sessions.first().cloned().expect("somebody is signed in");
    assert!(house.service().change_password(&session, &Secret::new("chosen since")), "it is kept");
    let chosen = house.states()[&account].credential;
    whatever(|| house.run(&*house.service()));
    let now = house.states()[&account].credential;
    seen(now != chosen, || format!("what was chosen for {account} since sealing is overwritten"))
}

pub(super) fn the_old_credential_is_kept() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let before = house.states();
    whatever(|| house.run(&*house.service()));
    let version = |old: &Secret| {
        CredentialVersion(Digest::of(format!("rightful credential\0{}", old.reveal()).as_bytes()))
    };
    let kept = house.old_credentials();
    let other = |(a, old): &(&_, &_)| before[*a].credential != Some(version(old));
    let lost: Vec<_> = kept.iter().filter(other).map(|(a, _)| a).collect();
    seen(!lost.is_empty(), || format!("what is sealed is not the old credential of {lost:?}"))
}

pub(super) fn a_dispute_freezes() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let (again, run) = (PlanId::new("again"), RunId::new("run-again"));
    house.put(&house.draft("again"), &["ana", "ben"], false);
    house.arm(&again, &run);
    whatever(|| house.run(&*house.service()));
    let values = house.store.read(|r| r.values(&again, Some(0))).expect("they are read");
    let account = values.into_iter().next().expect("a canary").entry.account;
    whatever(|| house.store.write(house.now(), |tx| tx.dispute(&house.run, &account)).expect("kept"));
    let disputed = !house.store.read(|r| r.disputes_of(&account)).expect("it reads").is_empty();
    house.start(&run);
    whatever(|| drop(house.wave(&*house.service(), &run, 0)));
    let begun = !house.steps_of(&run, &account).is_empty();
    seen(disputed && begun, || format!("{account} was disputed, and another run acted on it"))
}
