//! A run's steps: intent, outcome, resume; nothing outside the plan, nothing twice.

use crate::fixture::{self, account, words};
use model::gate::GateDecision;
use model::id::{AccountId, Digest, RunId};
use model::notice::NoticeState;
use model::plan::Purpose;
use model::run::StepState;
use model::seal::seal;
use store::StoreError;
use store::steps::{CaseState, Intent, NoticeFate, Outcome, Settled};
use store::testing::on_both;

fn outcome(i: usize, place: u32, state: StepState) -> Outcome {
    Outcome {
        answer_was_lost: false,
        account: account(i),
        place,
        state,
        attempts: 2,
        result: Some("as told".to_owned()),
        changed: Some(1),
    }
}

#[test]
fn an_intent_is_made_only_from_the_runs_own_seal_and_only_once() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[2, 2], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        let canary = fixture::to_do(&store, &sealed, &run, 0);
        assert_eq!(canary.len(), 2);
        assert!(fixture::intend(&store, &run, &canary).is_err(), "no wave is open");
        store.write(1_500, |tx| tx.begin_wave(&run, 0)).unwrap();
        let later = fixture::to_do(&store, &sealed, &run, 1);
        assert!(fixture::intend(&store, &run, &later).is_err(), "not this wave's");
        let (other, values) = seal(fixture::draft("p9", &[3], Purpose::Contain), fixture::nonces()).unwrap();
        let foreign: Vec<_> = values.into_iter().map(|v| other.open(v).unwrap()).collect();
        assert!(fixture::intend(&store, &run, &foreign).is_err(), "another plan's");
        fixture::intend(&store, &run, &canary).unwrap();
        assert!(matches!(fixture::intend(&store, &run, &canary), Err(StoreError::Constraint(_))), "twice");
        assert_eq!(fixture::to_do(&store, &sealed, &run, 0), vec![]);
        assert_eq!(store.read(|r| r.open_cases(&run)).unwrap().len(), 2);
        let halted = store.write(2_001, |tx| tx.halt_run(&run, "ana", "stop")).unwrap();
        assert!(halted);
        fixture::done(&store, &run, &canary).unwrap();
        assert!(store.write(2_002, |tx| tx.end_wave(&run, 0)).is_ok(), "what was begun may end while halted");
        let actions: Vec<String> = store
            .read(|r| r.audit_records_of(account(0).as_str()))
            .unwrap()
            .into_iter()
            .map(|r| r.entry.action)
            .collect();
        assert_eq!(
            actions,
            ["step.intend", "step.outcome", "step.outcome", "step.outcome", "account.settle"],
            "intent before outcome"
        );
    });
}

#[test]
fn outcomes_follow_intents_and_unknown_can_be_resolved() {
    on_both(|database| {
        let store = database.open();
        let (run, entries) = fixture::intended(&store, &[3]);
        let record = |outcomes: &[Outcome]| store.write(2_100, |tx| tx.record(&run, outcomes));
        assert!(record(&[outcome(0, 0, StepState::Intended)]).is_err(), "no outcome");
        assert!(record(&[outcome(0, 7, StepState::Done)]).is_err(), "no such step");
        record(&[outcome(0, 0, StepState::Unknown), outcome(0, 1, StepState::Done)]).unwrap();
        assert!(
            record(&[outcome(0, 2, StepState::Done), outcome(0, 1, StepState::Failed)]).is_err(),
            "one of them has its outcome: nothing is kept"
        );
        record(&[outcome(0, 0, StepState::Done)]).unwrap();
        let steps = store.read(|r| r.steps(&run, &[account(0)])).unwrap();
        let seen: Vec<_> = steps.iter().map(|s| (s.place, s.state, s.attempts)).collect();
        assert_eq!(seen, [(0, StepState::Done, 4), (1, StepState::Done, 2), (2, StepState::Intended, 0)]);
        assert_eq!(steps[0].act, entries[0].entry().acts[0]);

        let settle = |i: usize, state, notice| {
            let settled =
                Settled { account: account(i), state, reason: Some("why".to_owned()), notice, stuck: None };
            store.write(2_200, |tx| tx.settle(&run, &[settled]))
        };
        settle(0, CaseState::Unknown, NoticeFate::Wait).unwrap();
        settle(1, CaseState::Skipped, NoticeFate::Void).unwrap();
        assert!(settle(1, CaseState::Done, NoticeFate::Due(words())).is_err(), "settled");
        assert!(settle(2, CaseState::Intended, NoticeFate::Wait).is_err());
        assert!(store.write(2_201, |tx| tx.end_wave(&run, 0)).is_err(), "one is merely intended");
        settle(2, CaseState::Failed, NoticeFate::Due(words())).unwrap();
        store.write(2_202, |tx| tx.end_wave(&run, 0)).unwrap();
        settle(0, CaseState::Done, NoticeFate::Due(words())).unwrap();
        let states: Vec<_> = store.read(|r| r.notices(&run)).unwrap().iter().map(|n| n.state).collect();
        assert_eq!(states, [NoticeState::Due, NoticeState::Void, NoticeState::Due]);
        let cases: Vec<_> = store.read(|r| r.cases(&run)).unwrap().into_iter().map(|c| c.state).collect();
        assert_eq!(cases, [CaseState::Done, CaseState::Skipped, CaseState::Failed]);

        let inputs = store.read(|r| r.gate_counts(&run, 2_300)).unwrap();
        assert_eq!((inputs.contained, inputs.acts, inputs.acts_failed), (1, 2, 0));
        assert_eq!((inputs.notices, inputs.notices_accepted, inputs.soaked_ms), (2, 0, 100));
    });
}

#[test]
fn what_is_passed_over_is_settled_without_a_step() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[2], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        store.write(1_500, |tx| tx.begin_wave(&run, 0)).unwrap();
        let entries = fixture::to_do(&store, &sealed, &run, 0);
        let skips = [(&entries[0], "the credential moved".to_owned())];
        assert!(store.write(1_501, |tx| tx.pass_over(&run, CaseState::Done, &skips)).is_err());
        store.write(1_501, |tx| tx.pass_over(&run, CaseState::Skipped, &skips)).unwrap();
        assert_eq!(fixture::to_do(&store, &sealed, &run, 0).len(), 1);
        let case = store.read(|r| r.cases_of(&account(0))).unwrap().remove(0);
        assert_eq!((case.state, case.reason.as_deref()), (CaseState::Skipped, Some("the credential moved")));
        assert_eq!(store.read(|r| r.steps(&run, &[account(0)])).unwrap(), vec![]);
    });
}

#[test]
fn an_account_whose_owner_disputes_is_frozen_in_other_plans() {
    on_both(|database| {
        let store = database.open();
        let first = fixture::sealed(&store, fixture::draft("p1", &[2], Purpose::Contain));
        let r1 = fixture::running(&store, &first, "r1");
        fixture::wave(&store, &first, &r1, 0);
        let second = fixture::sealed(&store, fixture::draft("p2", &[2], Purpose::Contain));
        let r2 = fixture::running(&store, &second, "r2");
        store.write(4_000, |tx| tx.dispute(&r1, &account(1))).unwrap();
        store.write(4_000, |tx| tx.begin_wave(&r2, 0)).unwrap();
        let frozen = store.read(|r| r.frozen(&"p2".into(), &[account(0), account(1)])).unwrap();
        assert_eq!(frozen.into_iter().collect::<Vec<AccountId>>(), [account(1)]);
        let entries = fixture::to_do(&store, &second, &r2, 0);
        assert!(matches!(fixture::intend(&store, &r2, &entries), Err(StoreError::State { .. })));
        fixture::intend(&store, &r2, &entries[..1]).unwrap();
        fixture::exonerate(&store, &r1, 2);
        let undo = fixture::sealed(&store, fixture::draft("p3", &[2], Purpose::Undo { run: r1 }));
        let r3 = fixture::running(&store, &undo, "r3");
        fixture::wave(&store, &undo, &r3, 0);
        assert_eq!(store.read(|r| r.count_cases(&r3, CaseState::Done)).unwrap(), 2);
    });
}

#[test]
fn credentials_are_kept_with_the_intent_and_die_with_the_key() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[2], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        store.write(1_400, |tx| tx.put_run_key(&run, "k1", &[0, 1, 254])).unwrap();
        assert_eq!(store.read(|r| r.run_key(&run)).unwrap(), Some(("k1".to_owned(), vec![0, 1, 254])));
        store.write(1_500, |tx| tx.begin_wave(&run, 0)).unwrap();
        let entries = fixture::to_do(&store, &sealed, &run, 0);
        fixture::intend(&store, &run, &entries).unwrap();
        let ours = model::account::CredentialVersion(Digest::of(b"ours"));
        store.write(1_600, |tx| tx.put_ours(&run, &[(account(1), ours)])).unwrap();
        let kept = store.read(|r| r.sealed_credentials(&run, &[account(1)])).unwrap();
        let expected =
            store::steps::SealedCredential { version_ours: Some(ours), ..fixture::credential(&entries[1]) };
        assert_eq!(kept, [expected]);
        store.write(1_700, |tx| tx.destroy_run_key(&run, "rightful")).unwrap();
        assert_eq!(store.read(|r| r.run_key(&run)).unwrap(), None);
        assert_eq!(store.read(|r| r.sealed_credentials(&run, &[account(1)])).unwrap(), vec![]);
    });
}

#[test]
fn a_large_wave_goes_in_sets() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[10, 7_000], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        fixture::wave(&store, &sealed, &run, 0);
        store.write(3_100, |tx| tx.put_gate(&run, &fixture::gate(0, GateDecision::Go))).unwrap();
        fixture::wave(&store, &sealed, &run, 1);
        assert_eq!(store.read(|r| r.count_cases(&run, CaseState::Done)).unwrap(), 7_010);
        let all: Vec<AccountId> = (0..7_010).map(account).collect();
        let steps = store.read(|r| r.steps(&run, &all)).unwrap();
        assert_eq!(steps.len(), 3 * 7_010);
        assert!(steps.iter().all(|s| s.state == StepState::Done && s.attempts == 1));
        let size = store.read(store::Read::audit_size).unwrap();
        assert_eq!(store.read(|r| r.audit_leaves(0, size + 1)).unwrap().len() as u64, size);
    });
}

#[test]
fn no_account_outside_the_plan_can_be_written_by_any_hand() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[2], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        store.write(1_500, |tx| tx.begin_wave(&run, 0)).unwrap();
        let sql = "INSERT INTO account_run (run, plan, account, wave, state, intended_at)
            VALUES ('r1', 'p1', 'outsider', 0, 'intended', 1)";
        let error = match database.url() {
            store::Url::Sqlite(path) => {
                let conn = rusqlite::Connection::open(path).unwrap();
                conn.pragma_update(None, "foreign_keys", "ON").unwrap();
                conn.execute(sql, []).unwrap_err().to_string()
            }
            store::Url::Postgres(url) => {
                let mut client = postgres::Client::connect(url.reveal(), postgres::NoTls).unwrap();
                client.execute(sql, &[]).unwrap_err().as_db_error().unwrap().message().to_owned()
            }
        };
        assert!(error.to_lowercase().contains("foreign key"), "{error}");
        let entries = fixture::to_do(&store, &sealed, &run, 0);
        let intent = Intent {
            entry: &entries[0],
            credential: None,
            notice: None,
            factors: Vec::new(),
            hidden_before: Vec::new(),
            is_off_before: false,
        };
        store.write(1_501, |tx| tx.intend(&run, &[intent])).unwrap();
        assert_eq!(store.read(|r| r.run(&RunId::new("r1"))).unwrap().digest, sealed.digest());
    });
}

#[test]
fn a_lost_answer_is_kept_with_its_moment_and_may_be_late_for_a_while() {
    on_both(|database| {
        let store = database.open();
        let (run, _) = fixture::intended(&store, &[3]);
        let lost = |o: Outcome| Outcome { answer_was_lost: true, ..o };
        let record = |at, outcomes: &[Outcome]| store.write(at, |tx| tx.record(&run, outcomes)).unwrap();
        record(2_000, &[lost(outcome(0, 0, StepState::Unknown)), outcome(1, 0, StepState::Done)]);
        record(2_300, &[lost(outcome(2, 0, StepState::Done)), lost(outcome(2, 1, StepState::Unknown))]);
        // An answer that comes later does not undo that one was lost.
        record(2_500, &[outcome(0, 0, StepState::Done)]);
        let steps = store.read(|r| r.steps(&run, &[account(0), account(1)])).unwrap();
        let lost_at: Vec<_> = steps.iter().filter(|s| s.place == 0).map(|s| s.lost_at).collect();
        assert_eq!(lost_at, [Some(2_000), None]);
        let all = [account(0), account(1), account(2)];
        let late = |now| store.read(|r| r.late_until(&run, &all, 1_000, now)).unwrap();
        assert_eq!(late(2_600), [(account(0), 3_000), (account(2), 3_300)].into());
        assert_eq!(late(3_000), [(account(2), 3_300)].into());
        assert_eq!(late(3_300), [].into());
    });
}
