//! Erasure, holds, retention: what is let go, what stays, and that seal and log verify afterwards.

use crate::fixture::{self, account};
use model::plan::Purpose;
use store::erase::HeldThing;
use store::testing::on_both;

/// Every leaf of the log is still there, with its commitment, and is what each entry left commits to.
fn log_verifies(store: &store::Store) {
    let (leaves, records) =
        store.read(|r| Ok((r.audit_leaves(0, 9_999)?, r.audit_records(0, 9_999)?))).unwrap();
    assert_eq!(leaves.len(), records.len());
    let commitments = store.read(|r| r.audit_commitments(0, 9_999)).unwrap();
    assert_eq!(commitments.into_iter().map(model::audit::leaf).collect::<Vec<_>>(), leaves);
    for (leaf, record) in leaves.iter().zip(records).filter_map(|(l, r)| Some((l, r?))) {
        assert_eq!(*leaf, record.leaf().unwrap());
    }
}

#[test]
fn a_hold_keeps_and_an_erasure_leaves_seal_and_log_whole() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[3], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        fixture::wave(&store, &sealed, &run, 0);
        store.write(3_100, |tx| tx.finish_run(&run, "ana")).unwrap();
        for thing in [HeldThing::Account(account(1)), HeldThing::Run(run.clone())] {
            store.write(3_200, |tx| tx.hold(&thing, "a court asks", "ana")).unwrap();
            assert!(store.write(3_200, |tx| tx.hold(&thing, "again", "ana")).is_err());
            let refused = store.write(3_201, |tx| tx.erase_account(&account(1), "ana")).unwrap_err();
            assert!(refused.to_string().contains("a court asks"), "{refused}");
            store.write(3_202, |tx| tx.lift_hold(&thing, "it is over", "ana")).unwrap();
            assert!(store.write(3_202, |tx| tx.lift_hold(&thing, "again", "ana")).is_err());
        }
        let erased = store.write(3_300, |tx| tx.erase_account(&account(1), "ana")).unwrap();
        let of = |place: &str| erased.iter().find(|(p, _)| *p == place).map(|(_, rows)| *rows);
        assert_eq!(
            (of("plan entries"), of("contacts"), of("notices"), of("steps")),
            (Some(1), Some(1), Some(1), Some(3))
        );
        assert_eq!(store.read(|r| r.sealed(&"p1".into())).unwrap().digest(), sealed.digest());
        assert_eq!(store.read(|r| r.values(&"p1".into(), None)).unwrap().len(), 2, "the others' stay");
        assert!(store.read(|r| r.audit_records_of(account(1).as_str())).unwrap().is_empty());
        assert!(!store.read(|r| r.audit_records_of(account(0).as_str())).unwrap().is_empty());
        log_verifies(&store);
    });
}

#[test]
fn what_is_past_its_time_goes_in_portions_but_for_what_is_held() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[5], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        fixture::wave(&store, &sealed, &run, 0);
        store.write(3_100, |tx| tx.finish_run(&run, "ana")).unwrap();
        store.write(3_200, |tx| tx.hold(&HeldThing::Account(account(2)), "a court asks", "ana")).unwrap();
        let mut policy = fixture::policy().retention;
        policy.batch_rows = 3;
        let early = 3_100 + policy.closed_cases_ms - 1;
        let let_go = |now| store.write(now, |tx| tx.let_go(&policy)).unwrap();
        assert!(let_go(early).is_empty(), "not before its time");
        let late = early + 1;
        assert_eq!(let_go(late), [("plan entries", 3), ("contacts", 3)]);
        assert_eq!(let_go(late), [("plan entries", 1), ("contacts", 1)]);
        assert!(let_go(late).is_empty());
        let left = store.read(|r| r.values(&"p1".into(), None)).unwrap();
        assert_eq!(left.iter().map(|v| v.entry.account.clone()).collect::<Vec<_>>(), [account(2)]);
        assert_eq!(store.read(|r| r.sealed(&"p1".into())).unwrap().digest(), sealed.digest());
        log_verifies(&store);
    });
}

#[test]
fn an_undo_is_sealed_only_as_a_part_of_what_its_run_did() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[2, 1], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        fixture::wave(&store, &sealed, &run, 0);
        let undo = |id: &str, n: u64| {
            let draft = fixture::draft(id, &[n], Purpose::Undo { run: run.clone() });
            fixture::try_seal(&store, draft)
        };
        let refused = undo("u1", 2).unwrap_err().to_string();
        assert!(refused.contains("without a reason on record"), "{refused}");
        fixture::exonerate(&store, &run, 2);
        undo("u2", 2).unwrap();
        let refused = undo("u3", 3).unwrap_err().to_string();
        assert!(refused.contains("did nothing to it"), "{refused}");
    });
}
