//! Probe accounts: in a plan and a run like any other, in no count of owners' accounts; tried before and after, and kept.

use crate::fixture::{self, account};
use model::gate::GateDecision;
use model::id::RunId;
use model::plan::{Draft, Purpose, Tier};
use model::probe::{ProbeKind, Side, Standing, Tried};
use model::run::StepState;
use model::seal::Sealed;
use store::probes::{SealedProbe, Trial};
use store::steps::{CaseState, NoticeFate, Outcome, Settled};
use store::testing::on_both;
use store::{Store, StoreError};

/// Accounts 0.. of owners in these waves, and account 90 as a probe of the first of them.
fn draft(id: &str, waves: &[u64]) -> Draft {
    let mut draft = fixture::draft(id, waves, Purpose::Contain);
    let mut probe = fixture::entry(90, 0, &Purpose::Contain);
    (probe.tier, probe.contact) = (Tier::Probe, None);
    probe.tries = vec![ProbeKind::Password, ProbeKind::Session];
    draft.probes = vec![probe];
    draft.header.probes = 1;
    draft
}

fn arm(store: &Store, at: i64, kinds: &[ProbeKind]) -> Result<(), StoreError> {
    store.write(at, |tx| {
        kinds.iter().try_for_each(|kind| tx.arm_probe(&account(90), *kind, "key-1", b"sealed", "ana"))
    })
}

fn begun(store: &Store) -> (Sealed, RunId) {
    arm(store, 900, &[ProbeKind::Password, ProbeKind::Session]).unwrap();
    let sealed = fixture::sealed(store, draft("p1", &[2, 1]));
    let run = fixture::running(store, &sealed, "r1");
    (sealed, run)
}

fn put(store: &Store, run: &RunId, side: Side, outcomes: [Tried; 2]) {
    let kinds = [ProbeKind::Password, ProbeKind::Session];
    let trial = |(kind, outcome)| Trial { account: account(90), kind, wave: 0, outcome, saying: None };
    let trials: Vec<Trial> = kinds.into_iter().zip(outcomes).map(trial).collect();
    store.write(2_500, |tx| tx.put_trials(run, side, &trials)).unwrap();
}

fn standings(store: &Store, run: &RunId) -> Vec<Standing> {
    store.read(|r| r.probe_rows(run)).unwrap().into_iter().map(|p| p.standing).collect()
}

#[test]
fn a_probe_is_sealed_run_and_settled_and_counts_nowhere() {
    on_both(|database| {
        let store = database.open();
        let (sealed, run) = begun(&store);
        assert_eq!(store.read(|r| r.draft(&"p1".into())).unwrap(), draft("p1", &[2, 1]));
        let named =
            |values: Vec<model::seal::Value>| values.into_iter().map(|v| v.entry.account).collect::<Vec<_>>();
        assert_eq!(
            named(store.read(|r| r.values(&"p1".into(), None)).unwrap()),
            (0..3).map(account).collect::<Vec<_>>()
        );
        assert_eq!(named(store.read(|r| r.probe_values(&"p1".into())).unwrap()), [account(90)]);

        put(&store, &run, Side::Before, [Tried::Accepted; 2]);
        fixture::wave(&store, &sealed, &run, 0);
        let (cases, ours) = store.read(|r| Ok((r.cases(&run)?, r.probe_cases(&run)?))).unwrap();
        assert_eq!((cases.len(), ours.len(), &ours[0].account), (2, 1, &account(90)));
        assert!(store.read(|r| r.cases_of(&account(90))).unwrap().is_empty());
        let counts = store.read(|r| r.gate_counts(&run, 4_000)).unwrap();
        assert_eq!((counts.contained, counts.acts, counts.probes, counts.probes_refused), (2, 6, 2, 0));
        assert_eq!(store.read(|r| r.figures(std::slice::from_ref(&run))).unwrap().contained, 2);
        assert_eq!(standings(&store, &run), [Standing::Open; 2]);
        let counted = store.read(|r| r.count_cases(&run, CaseState::Done)).unwrap();
        assert_eq!(counted, 2);

        // What can't be told is tried again; what was told stays.
        put(&store, &run, Side::After, [Tried::Refused, Tried::CantTell]);
        assert_eq!(standings(&store, &run), [Standing::Refused, Standing::Open]);
        put(&store, &run, Side::After, [Tried::Accepted; 2]);
        assert_eq!(standings(&store, &run), [Standing::Refused, Standing::Accepted]);
        put(&store, &run, Side::After, [Tried::Refused; 2]);
        assert_eq!(standings(&store, &run), [Standing::Refused, Standing::Accepted]);
        let counts = store.read(|r| r.gate_counts(&run, 4_000)).unwrap();
        assert_eq!((counts.probes_refused, counts.probes_accepted), (1, 1));
        let spent = store.read(store::Read::probes).unwrap().remove(0);
        assert_eq!((spent.armed.len(), spent.spent.len()), (0, 2));

        // The next wave has none, and begins behind its gate as ever.
        store.write(5_000, |tx| tx.put_gate(&run, &fixture::gate(0, GateDecision::Go))).unwrap();
        fixture::wave(&store, &sealed, &run, 1);
    });
}

#[test]
fn no_wave_begins_before_all_that_is_held_was_accepted() {
    on_both(|database| {
        let store = database.open();
        let (_, run) = begun(&store);
        let begin = || store.write(2_600, |tx| tx.begin_wave(&run, 0));
        assert!(begin().is_err(), "nobody has tried it");
        for (one, other) in [(Tried::Accepted, Tried::Refused), (Tried::CantTell, Tried::Accepted)] {
            put(&store, &run, Side::Before, [one, other]);
            assert!(matches!(begin(), Err(StoreError::State { .. })));
        }
        put(&store, &run, Side::Before, [Tried::Accepted; 2]);
        begin().unwrap();
    });
}

#[test]
fn the_register_knows_no_owners_and_nothing_is_sealed_that_is_not_in_it() {
    on_both(|database| {
        let store = database.open();
        let unregistered = fixture::try_seal(&store, draft("p0", &[1]));
        assert!(matches!(unregistered, Err(StoreError::Missing { .. })));
        let (_, run) = begun(&store);
        let owners =
            store.write(2_000, |tx| tx.arm_probe(&account(0), ProbeKind::Grant, "key-1", b"x", "ana"));
        assert!(matches!(owners, Err(StoreError::State { .. })), "an owner's by p1");
        assert_eq!(store.read(store::Read::probes_in_use).unwrap(), [account(90)].into());

        // Given anew before its wave, it is armed; removed, it is gone with what was held.
        arm(&store, 2_001, &[ProbeKind::Session]).unwrap();
        let held = store.read(store::Read::probe_credentials).unwrap();
        assert_eq!(held.iter().map(|h| h.armed_at).collect::<Vec<_>>(), [900, 2_001]);
        let resealed: Vec<SealedProbe> =
            held.iter().map(|h| SealedProbe { sealed: b"anew".to_vec(), ..h.clone() }).collect();
        let half = store.write(2_002, |tx| tx.reseal_probes("key-2", &resealed[..1]));
        assert!(half.is_err(), "one stays under the old key");
        store.write(2_003, |tx| tx.reseal_probes("key-2", &resealed)).unwrap();
        let held = store.read(store::Read::probe_credentials).unwrap();
        assert!(held.iter().all(|h| h.key_id == "key-2" && h.sealed == b"anew"));
        assert!(store.write(2_004, |tx| tx.remove_probe(&account(90), "ana")).unwrap());
        assert!(!store.write(2_005, |tx| tx.remove_probe(&account(90), "ana")).unwrap());
        assert!(store.read(store::Read::probe_credentials).unwrap().is_empty());
        assert!(standings(&store, &run).is_empty());
    });
}

#[test]
fn what_a_run_has_contained_stays_as_it_is_until_it_was_tried() {
    on_both(|database| {
        let store = database.open();
        let (sealed, run) = begun(&store);
        put(&store, &run, Side::Before, [Tried::Accepted; 2]);
        fixture::wave(&store, &sealed, &run, 0);
        assert!(arm(&store, 3_100, &[ProbeKind::Password]).is_err());
        assert!(store.write(3_101, |tx| tx.remove_probe(&account(90), "ana")).is_err());
        put(&store, &run, Side::After, [Tried::Refused, Tried::CantTell]);
        assert!(arm(&store, 3_102, &[ProbeKind::Password]).is_err(), "one is open");
        put(&store, &run, Side::After, [Tried::Refused; 2]);
        let last = |kind| store.read(|r| r.last_tried(kind)).unwrap();
        let (of, _, rows) = last(ProbeKind::Session).expect("it was tried");
        assert_eq!((of, rows.len()), (run.clone(), 1));
        assert_eq!((rows[0].kind, rows[0].standing), (ProbeKind::Session, Standing::Refused));
        assert_eq!(last(ProbeKind::Grant), None, "nobody holds one");
        arm(&store, 3_103, &[ProbeKind::Password]).unwrap();
        let probe = store.read(store::Read::probes).unwrap().remove(0);
        assert_eq!((probe.armed, probe.spent), (vec![ProbeKind::Password], vec![ProbeKind::Session]));
        assert!(store.read(store::Read::probes_in_use).unwrap().is_empty(), "free for the next plan");
    });
}

#[test]
fn what_failed_on_a_probe_is_done_again_and_nothing_of_an_owners() {
    on_both(|database| {
        let store = database.open();
        let (sealed, run) = begun(&store);
        put(&store, &run, Side::Before, [Tried::Accepted; 2]);
        store.write(2_600, |tx| tx.begin_wave(&run, 0)).unwrap();
        let entries = fixture::to_do(&store, &sealed, &run, 0);
        fixture::intend(&store, &run, &entries).unwrap();
        let accounts = || entries.iter().map(|e| e.entry().account.clone());
        let outcomes: Vec<Outcome> = accounts()
            .flat_map(|account| {
                (0..3).map(move |place| Outcome {
                    account: account.clone(),
                    place,
                    state: if place == 1 { StepState::Failed } else { StepState::Done },
                    attempts: 1,
                    result: None,
                    changed: None,
                    answer_was_lost: false,
                })
            })
            .collect();
        let settled: Vec<Settled> = accounts()
            .map(|account| Settled {
                account,
                state: CaseState::Failed,
                reason: None,
                notice: NoticeFate::Wait,
                stuck: None,
            })
            .collect();
        store
            .write(3_000, |tx| {
                tx.record(&run, &outcomes)?;
                tx.settle(&run, &settled)
            })
            .unwrap();
        assert_eq!(standings(&store, &run), [Standing::Open; 2]);

        // Not while it is halted.
        store.write(3_001, |tx| tx.halt_run(&run, "ana", "a look")).unwrap();
        assert_eq!(store.write(3_002, |tx| tx.retry_probes(&run)).unwrap(), []);
        store.write(3_003, |tx| tx.start_run(&run, "ana")).unwrap();
        assert_eq!(store.write(3_004, |tx| tx.retry_probes(&run)).unwrap(), [account(90)]);
        let open = store.read(|r| r.open_cases(&run)).unwrap();
        assert_eq!(open.into_iter().map(|c| c.account).collect::<Vec<_>>(), [account(90)]);
        let states = |i| {
            let steps = store.read(|r| r.steps(&run, &[account(i)])).unwrap();
            steps.into_iter().map(|s| s.state).collect::<Vec<_>>()
        };
        assert_eq!(states(90), [StepState::Done, StepState::Intended, StepState::Done]);
        assert_eq!(states(0), [StepState::Done, StepState::Failed, StepState::Done]);
    });
}
