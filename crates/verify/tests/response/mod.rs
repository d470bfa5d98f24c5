//! The response under faults and crashes, judged from the service's own state: nobody outside the plan is touched,
//! each credential is replaced once, what was begun is finished, and an undo gives back exactly what it may.

#![cfg(test)]

mod addenda;
mod brake;
#[allow(dead_code, reason = "the mutants use the rest of it")]
pub(crate) mod crashing;
#[allow(dead_code, reason = "the mutants use the rest of it")]
pub(crate) mod house;
mod keys;
mod mail;
mod moved;
mod quiet;
mod rates;

use crashing::Crashing;
use house::House;
use model::account::{AccountState, ContactKind};
use model::id::{AccountId, Digest};
use model::plan::{Act, ActKind};
use model::secret::Secret;
use rehearse::service::Faults;
use respond::execute::WaveEnd;
use std::collections::BTreeMap;
use store::testing::{Database, on_both};

/// What the service says of everybody.
type States = BTreeMap<AccountId, AccountState>;

/// Judges a finished containment by what changed at the service.
fn judge(house: &House, before: &States, what: &str) {
    let after = house.states();
    let planned = house.planned();
    assert_eq!(house.owners_follows_gone(), 0, "{what}: what an owner follows or likes is taken back");
    for (account, was) in before {
        let is = &after[account];
        let Some(entry) = planned.get(account) else {
            assert_eq!(was, is, "{what}: {account} is outside the plan and was touched");
            continue;
        };
        for act in &entry.acts {
            match act {
                Act::RequireNewCredential { guard } => {
                    assert_eq!(
                        was.credential,
                        Some(*guard),
                        "{what}: {account} was planned against another credential"
                    );
                    assert_ne!(is.credential, was.credential, "{what}: {account} keeps the credential");
                }
                Act::Hold { .. } => assert!(is.is_off, "{what}: {account} is not taken off"),
                Act::EndSessions => assert!(is.sessions.is_empty(), "{what}: {account} has sessions"),
                Act::RevokeGrants { .. } => {
                    assert!(
                        house.intruders_apps(account).iter().all(|a| !is.grants.contains(a)),
                        "{what}: {account}"
                    );
                }
                Act::HideObjects { objects } => {
                    assert!(
                        is.hidden.iter().all(|o| objects.contains(o)),
                        "{what}: {account}: more is hidden"
                    );
                    // What its owner has deleted already stays so.
                    let seen = objects.iter().filter(|o| house.service().visible(o)).count();
                    assert_eq!(seen, 0, "{what}: {account}: less is hidden: {:?}", house.steps(account));
                }
                Act::Unfollow { accounts } => {
                    let follows = house.service().follows(account);
                    assert!(
                        accounts.iter().all(|a| !follows.contains_key(a)),
                        "{what}: {account} follows on"
                    );
                }
                Act::Unlike { objects } => {
                    let likes = house.service().likes(account);
                    assert!(objects.iter().all(|o| !likes.contains_key(o)), "{what}: {account} likes on");
                }
                Act::PutBackContact { kind, in_place, before } => {
                    let found = is.record.in_place(*kind).map(|c| Digest::of(c.value.reveal().as_bytes()));
                    assert_eq!(found, Some(*before), "{what}: {account} has another contact than before");
                    assert_ne!(
                        found,
                        Some(*in_place),
                        "{what}: {account}: the intruder's contact is in place"
                    );
                }
                Act::RemoveFactor { factor } => {
                    assert!(is.factors.iter().all(|f| f.id != *factor), "{what}: {account} has {factor}");
                }
                Act::Waive
                | Act::RestoreCredential
                | Act::ShowObjects { .. }
                | Act::Release
                | Act::AddFactor { .. } => {
                    panic!("{what}: {account}: an undo in a containment")
                }
            }
        }
    }
    house.insist_on_one_notice_each(what);
}

#[test]
fn a_run_without_faults_does_exactly_the_plan_on_both_databases() {
    on_both(|database| {
        let house = House::new(database, 1, 200);
        let before = house.states();
        house.run(&*house.service());
        judge(&house, &before, "no faults");
    });
}

#[test]
fn an_operator_who_comes_to_a_wave_that_another_has_ended_does_nothing_and_is_told_so() {
    on_both(|database| {
        let house = House::new(database, 2, 150);
        assert_eq!(house.goes(&*house.service(), 0), WaveEnd::Through);
        let (states, rows) = (house.states(), house.store.read(|r| r.waves(&house.run)).expect("waves"));
        assert_eq!(house.goes(&*house.service(), 0), WaveEnd::Through);
        assert!(house.states() == states, "a second hand changed something");
        assert_eq!(house.store.read(|r| r.waves(&house.run)).expect("waves"), rows);
        house.gate(0);
        assert_eq!(house.goes(&*house.service(), 1), WaveEnd::Through, "and the run goes on");
    });
}

#[test]
fn answers_lost_late_and_refused_change_nothing_in_the_end() {
    for seed in 1..=15 {
        let house = House::new(&Database::sqlite(), seed, 150);
        let before = house.states();
        house.service().set_faults(Faults {
            lost_after: 0.15,
            lost_before: 0.15,
            busy: 0.1,
            late: 0.1,
            throttled: 0.1,
            ..Faults::none(seed)
        });
        house.run(&*house.service());
        // What is unknown or failed under faults is on record as such; without them a resume settles the unknown.
        house.service().set_faults(Faults::none(seed));
        house.service().let_late_arrive();
        house.settle(&*house.service());
        assert!(house.failed().is_empty(), "seed {seed}: {:?}", house.failed());
        let after = house.states();
        for (account, was) in before.iter().filter(|(a, _)| !house.planned().contains_key(*a)) {
            assert_eq!(*was, after[account], "seed {seed}: {account} is outside the plan and was touched");
        }
        house.end_holds(&*house.service());
        let off: Vec<_> = house.states().into_iter().filter(|(_, s)| s.is_off).map(|(a, _)| a).collect();
        assert!(off.is_empty(), "seed {seed}: off for good: {off:?}");
        assert!(house.unknown().is_empty(), "seed {seed}: unknown after asking: {:?}", house.unknown());
    }
}

#[test]
fn what_was_begun_is_settled_when_the_time_of_its_plan_is_over_and_nothing_more_is_begun() {
    let house = House::new(&Database::sqlite(), 4, 60);
    let crashing = Crashing::at(house.service(), 12, true);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| house.run(&crashing))).is_err();
    let open = house.unknown();
    assert!(died && !open.is_empty(), "nobody is left open");
    house.pass_the_plan();
    assert!(house.refused(0).contains("expired"));
    let begun = house.intended().len();
    house.settle(&*house.service());
    assert!(house.unknown().is_empty() && house.failed().is_empty());
    assert_eq!(house.intended().len(), begun, "nobody new is begun with");
    let states = house.states();
    assert!(open.iter().all(|a| states[a].sessions.is_empty()), "somebody is half contained");
}

#[test]
fn every_crash_point_of_a_small_run_is_survived() {
    let calls = {
        let house = House::new(&Database::sqlite(), 5, 60);
        let counting = Crashing::never(house.service());
        house.run(&counting);
        counting.calls()
    };
    assert!(calls > 20, "only {calls} calls to crash at");
    for point in 0..calls {
        for after in [false, true] {
            let house = House::new(&Database::sqlite(), 5, 60);
            let before = house.states();
            let crashing = Crashing::at(house.service(), point, after);
            let died =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| house.run(&crashing))).is_err();
            assert!(died, "call {point} of {calls} was not reached");
            house.run(&*house.service());
            judge(&house, &before, &format!("crash at call {point}, after it took effect: {after}"));
        }
    }
}

#[test]
fn an_undo_restores_the_exonerated_and_no_victim() {
    on_both(|database| {
        let house = House::new(database, 7, 200);
        let before = house.states();
        house.run(&*house.service());
        let exonerated = house.some_with_password(3);
        house.undo(&exonerated);
        let after = house.states();
        for account in house.planned().keys() {
            let is_back = after[account].credential == before[account].credential;
            let was_replaced = house.replaced(account);
            assert_eq!(
                is_back,
                exonerated.contains(account) || !was_replaced,
                "{account}: exonerated {}",
                exonerated.contains(account)
            );
            if exonerated.contains(account) {
                assert!(after[account].sessions.is_empty(), "{account}: a session came back to life");
                assert!(after[account].hidden.is_empty(), "{account}: something stays hidden");
            }
            assert!(!after[account].is_off, "{account}: it is still off");
            let mail =
                |states: &States| states[account].record.in_place(ContactKind::Mail).map(|c| c.value.clone());
            let is_theirs = mail(&after) == mail(&before);
            let put_back = house.planned()[account].acts.iter().any(|a| a.kind() == ActKind::PutBackContact);
            assert_eq!(is_theirs, exonerated.contains(account) || !put_back, "{account}: another contact");
            let factors = after[account].factors == before[account].factors;
            let removed = house.planned()[account].acts.iter().any(|a| a.removes().is_some());
            assert_eq!(factors, exonerated.contains(account) || !removed, "{account}: other factors");
        }
    });
}

#[test]
fn what_the_intruder_set_is_taken_out_and_what_the_owner_set_since_stays() {
    let house = House::new(&Database::sqlite(), 8, 200);
    let service = house.service();
    let has = |kind: ActKind| {
        let all = house.planned().into_values();
        all.filter(|e| e.acts.iter().any(|a| a.kind() == kind)).map(|e| e.account).collect::<Vec<_>>()
    };
    let (mails, factors) = (has(ActKind::PutBackContact), has(ActKind::RemoveFactor));
    assert!(mails.len() > 2 && factors.len() > 2, "{} contacts, {} factors", mails.len(), factors.len());
    // Support has helped one owner to an address of their own meanwhile.
    let (helped, own) = (&mails[0], Secret::new("owner@own.example"));
    assert!(service.support_sets_mail(helped, &own), "it is kept");
    let before = house.states();
    house.run(&*service);
    let after = house.states();
    assert_eq!(service.contact_in_place(helped, ContactKind::Mail), Some(own), "theirs is not overwritten");
    for account in &mails[1..] {
        let known = before[account].record.mail_known_before(house.planned()[account].window.start);
        let known = known.map(|(_, c)| c.value.clone());
        assert!(
            known.is_some() && service.contact_in_place(account, ContactKind::Mail) == known,
            "{account}"
        );
    }
    for account in &factors {
        for factor in before[account].factors.iter().filter(|f| !after[account].factors.contains(f)) {
            assert!(service.sign_in_by_passkey(account, &factor.id).is_err(), "{account}: {}", factor.id);
        }
    }
}

#[test]
fn a_hold_keeps_out_who_could_climb_back_and_ends_by_itself_at_every_crash_point() {
    let calls = {
        let house = House::new(&Database::sqlite(), 6, 40);
        house.run(&*house.service());
        let counting = Crashing::never(house.service());
        house.end_holds(&counting);
        counting.calls()
    };
    assert!(calls > 3, "only {calls} holds to end");
    for point in 0..calls {
        for after in [false, true] {
            let house = House::new(&Database::sqlite(), 6, 40);
            let service = house.service();
            let before = house.states();
            let moderated = house.planned().into_keys().next().expect("somebody is planned");
            house.run(&*service);
            assert_eq!(house.climbed_back(&before), [], "while they are off nobody climbs back");
            assert!(service.moderate(&moderated, true), "it is kept");
            assert!(service.let_tokens_die(), "it is kept");
            let crashing = Crashing::at(service.clone(), point, after);
            let ending = std::panic::AssertUnwindSafe(|| house.end_holds(&crashing));
            assert!(std::panic::catch_unwind(ending).is_err(), "call {point} of {calls} was not reached");
            assert_eq!(house.end_holds(&*service), 0, "call {point}, after it took effect: {after}");
            let off: Vec<_> = house.states().into_iter().filter(|(_, s)| s.is_off).map(|(a, _)| a).collect();
            assert_eq!(off, [moderated], "call {point}: a moderator's word stands, all others are on again");
            assert_eq!(house.climbed_back(&before), [], "and their tokens have died");
        }
    }
}

#[test]
fn without_a_hold_somebody_climbs_back() {
    let house = House::new(&Database::sqlite(), 6, 40);
    let before = house.states();
    house.run(&*house.service());
    house.end_holds(&*house.service());
    assert!(!house.climbed_back(&before).is_empty(), "the twin: the tokens are alive when the holds end");
}
