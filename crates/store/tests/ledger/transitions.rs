//! States: only the steps that the model allows, whatever order they are asked for in; each made once.

use crate::fixture;
use model::gate::GateDecision;
use model::id::{PlanId, RunId};
use model::note::Sure;
use model::plan::{PlanState, Purpose};
use model::run::RunState;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::plans::{Note, Severity};
use store::testing::on_both;
use store::{Store, StoreError};

/// Asks for a move; says where it leads.
fn ask(store: &Store, plan: &PlanId, next: PlanState) -> Result<(), StoreError> {
    let run = RunId::new(format!("run of {plan}"));
    store.write(5, |tx| match next {
        PlanState::Draft => {
            tx.put_draft(&fixture::draft(plan.as_str(), &[2], Purpose::Contain), &fixture::policy())
        }
        PlanState::Checked => tx.check_plan(plan, &[], "ana").map(|_| ()),
        PlanState::Sealed => {
            let (sealed, values) = model::seal::seal(tx.draft(plan)?, fixture::nonces()).unwrap();
            tx.seal_plan(&sealed, &values, "ana")
        }
        PlanState::Reviewed => tx.mark_reviewed(plan, "ana", json!({})),
        PlanState::Approved => tx.mark_approved(plan, "ana", json!({})),
        PlanState::Armed => tx.arm_run(&run, plan, "ana"),
        PlanState::Running => tx.start_run(&run, "ana"),
        PlanState::Done => tx.finish_run(&run, "ana"),
        PlanState::Refused => tx.refuse_plan(plan, "ana", "no"),
        PlanState::Expired => tx.expire_plan(plan, "ana"),
        PlanState::Halted => tx.halt_run(&run, "ana", "stop").map(|_| ()),
    })
}

#[test]
fn any_order_of_requests_moves_only_as_the_model_allows() {
    on_both(|database| {
        let cases = Config { cases: 12, failure_persistence: None, ..Config::default() };
        let store = database.open();
        let count = AtomicUsize::new(0);
        let moves = prop::collection::vec(prop::sample::select(PlanState::ALL.to_vec()), 1..25);
        // A walk that gets far, then anything.
        let walk = [
            PlanState::Draft,
            PlanState::Checked,
            PlanState::Sealed,
            PlanState::Reviewed,
            PlanState::Approved,
            PlanState::Armed,
            PlanState::Running,
        ];
        let strategy = (0..=walk.len(), moves);
        TestRunner::new(cases)
            .run(&strategy, |(far, moves)| {
                let plan = PlanId::new(format!("p{}", count.fetch_add(1, Ordering::SeqCst)));
                let mut armed = false;
                let mut at: Option<PlanState> = None;
                for next in walk.into_iter().take(far).chain(moves) {
                    let size = store.read(store::Read::audit_size).unwrap();
                    let asked = ask(&store, &plan, next);
                    let allowed = match at {
                        None => next == PlanState::Draft,
                        // Halting a halted run is no move, and no error; a run is done when its waves are.
                        Some(PlanState::Halted | PlanState::Expired)
                            if armed && next == PlanState::Halted =>
                        {
                            prop_assert!(asked.is_ok(), "{:?} to {:?}: {:?}", at, next, asked);
                            continue;
                        }
                        Some(at) => at.may_become(next) && next != PlanState::Done,
                    };
                    prop_assert_eq!(asked.is_ok(), allowed, "{:?} to {:?}: {:?}", at, next, asked);
                    if allowed {
                        at = Some(next);
                        armed |= next == PlanState::Armed;
                    } else {
                        prop_assert_eq!(store.read(store::Read::audit_size).unwrap(), size);
                    }
                    let found = store.read(|r| r.plan(&plan)).map(|p| p.state).ok();
                    prop_assert_eq!(found, at);
                }
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn of_two_that_ask_at_once_one_is_told_no() {
    on_both(|database| {
        let stores = [database.open(), database.open()];
        let sealed = fixture::sealed(&stores[0], fixture::draft("p1", &[2], Purpose::Contain));
        let plan = &sealed.header().plan;
        let made = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for store in stores.iter().cycle().take(6) {
                let made = &made;
                scope.spawn(move || match store.write(9, |tx| tx.mark_reviewed(plan, "ana", json!({}))) {
                    Ok(()) => {
                        made.fetch_add(1, Ordering::SeqCst);
                    }
                    Err(StoreError::State { what: "plan", found, .. }) => assert_eq!(found, "reviewed"),
                    Err(other) => panic!("{other}"),
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
        let records = stores[0].read(|r| r.audit_records_of("p1")).unwrap();
        assert_eq!(records.iter().filter(|r| r.entry.action == "plan.review").count(), 1);
    });
}

#[test]
fn a_note_that_refuses_ends_the_draft() {
    on_both(|database| {
        let store = database.open();
        let plan = PlanId::new("p1");
        store
            .write(1, |tx| tx.put_draft(&fixture::draft("p1", &[2], Purpose::Contain), &fixture::policy()))
            .unwrap();
        let note = |code: &str, severity| Note {
            code: code.to_owned(),
            severity,
            text: format!("{code} was found"),
            sure: (severity != Severity::Warn).then_some(Sure::CannotTell),
            todo: "look".to_owned(),
        };
        let notes =
            [note("size", Severity::Info), note("wide", Severity::Refuse), note("shift", Severity::Warn)];
        assert_eq!(store.write(2, |tx| tx.check_plan(&plan, &notes, "ana")).unwrap(), PlanState::Refused);
        let row = store.read(|r| r.plan(&plan)).unwrap();
        assert_eq!((row.state, row.reason.as_deref()), (PlanState::Refused, Some("wide was found")));
        assert_eq!(store.read(|r| r.notes(&plan)).unwrap(), notes);
    });
}

#[test]
fn only_what_was_drafted_can_be_sealed() {
    on_both(|database| {
        let store = database.open();
        let draft = fixture::draft("p1", &[3], Purpose::Contain);
        store.write(1, |tx| tx.put_draft(&draft, &fixture::policy())).unwrap();
        store.write(1, |tx| tx.check_plan(&"p1".into(), &[], "ana")).unwrap();
        assert_eq!(store.read(|r| r.draft(&"p1".into())).unwrap(), draft, "every bit of it");
        let mut other = draft.clone();
        other.entries[1].confidence = 0.5;
        let (sealed, values) = model::seal::seal(other, fixture::nonces()).unwrap();
        assert!(store.write(2, |tx| tx.seal_plan(&sealed, &values, "ana")).is_err());
        let (sealed, values) = model::seal::seal(draft, fixture::nonces()).unwrap();
        let mut swapped = values.clone();
        swapped[0].nonce = values[1].nonce;
        assert!(store.write(2, |tx| tx.seal_plan(&sealed, &swapped, "ana")).is_err());
        store.write(2, |tx| tx.seal_plan(&sealed, &values, "ana")).unwrap();
        assert_eq!(store.read(|r| r.sealed(&"p1".into())).unwrap(), sealed);
        assert_eq!(store.read(|r| r.values(&"p1".into(), None)).unwrap(), values);
    });
}

#[test]
fn a_wave_begins_only_on_a_gate_that_says_go() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[2, 3], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        let begin = |wave| store.write(10, |tx| tx.begin_wave(&run, wave));
        assert!(begin(1).is_err(), "the canary is first");
        begin(0).unwrap();
        store.write(10, |tx| tx.put_gate(&run, &fixture::gate(0, GateDecision::Go))).unwrap();
        assert!(begin(1).is_err(), "still in the canary, whatever the gate says");
        let entries = fixture::to_do(&store, &sealed, &run, 0);
        fixture::intend(&store, &run, &entries).unwrap();
        fixture::done(&store, &run, &entries).unwrap();
        store.write(10, |tx| tx.end_wave(&run, 0)).unwrap();
        assert!(begin(0).is_err(), "once");
        for decision in [GateDecision::Wait, GateDecision::Halt] {
            store.write(11, |tx| tx.put_gate(&run, &fixture::gate(0, decision))).unwrap();
        }
        assert!(begin(1).is_err(), "the last word is halt");
        store.write(12, |tx| tx.put_gate(&run, &fixture::gate(0, GateDecision::Go))).unwrap();
        store.write(12, |tx| tx.halt_run(&run, "ana", "wait")).unwrap();
        assert!(begin(1).is_err(), "halted");
        assert!(store.write(12, |tx| tx.finish_run(&run, "ana")).is_err(), "halted");
        store.write(13, |tx| tx.start_run(&run, "ana")).unwrap();
        assert!(store.write(13, |tx| tx.finish_run(&run, "ana")).is_err(), "a wave is left");
        fixture::wave(&store, &sealed, &run, 1);
        assert!(begin(2).is_err(), "there is none");
        store.write(14, |tx| tx.finish_run(&run, "ana")).unwrap();
        let row = store.read(|r| r.run(&run)).unwrap();
        assert_eq!((row.state, row.done_at, row.reason), (RunState::Done, Some(14), None));
        assert_eq!(store.read(|r| r.plan(&"p1".into())).unwrap().state, PlanState::Done);
        assert_eq!(store.read(|r| r.gates(&run)).unwrap().len(), 4);
        let unasked = fixture::sealed(&store, fixture::draft("p2", &[1, 1], Purpose::Contain));
        let other = fixture::running(&store, &unasked, "r2");
        fixture::wave(&store, &unasked, &other, 0);
        assert!(store.write(15, |tx| tx.begin_wave(&other, 1)).is_err(), "no gate yet");
        store.write(15, |tx| tx.halt_run(&other, "ana", "enough")).unwrap();
        assert!(store.write(15, |tx| tx.halt_run(&run, "ana", "late")).is_err());
        assert_eq!(store.write(15, |tx| tx.halt_all("ana", "late")).unwrap(), vec![]);
    });
}
