//! The log has no gaps, whoever writes; a checkpoint goes on from the last one; what failed left nothing.

use ed25519_dalek::SigningKey;
use model::audit::Checkpoint;
use model::merkle;
use serde_json::json;
use store::StoreError;
use store::testing::{on_both, script};

#[test]
fn numbers_have_no_gaps_under_concurrent_writers() {
    on_both(|database| {
        let stores = [database.open(), database.open()];
        std::thread::scope(|scope| {
            for (s, store) in stores.iter().enumerate() {
                for thread in 0..4 {
                    scope.spawn(move || {
                        for i in 0..12_i64 {
                            let subject = format!("{s}-{thread}-{i}");
                            let written = store.write(i, |tx| {
                                tx.audit("ana", "test.write", &subject, json!({ "i": i }))?;
                                tx.audit("ana", "test.write", &subject, json!({ "i": i }))?;
                                match i % 3 {
                                    0 => {
                                        Err(StoreError::Value { what: "this", why: "rolled back".to_owned() })
                                    }
                                    _ => Ok(()),
                                }
                            });
                            assert_eq!(written.is_ok(), i % 3 != 0, "{written:?}");
                        }
                    });
                }
            }
        });
        let records = stores[0].read(|r| r.audit_records(0, 1_000)).unwrap();
        assert_eq!(records.len(), 2 * 4 * 8 * 2);
        let leaves = stores[0].read(|r| r.audit_leaves(0, 1_000)).unwrap();
        for (seq, (record, leaf)) in (0..).zip(records.iter().zip(&leaves)) {
            let record = record.as_ref().unwrap();
            assert_eq!(record.entry.seq, seq);
            assert_eq!(record.leaf().unwrap(), *leaf);
        }
        for pair in records.chunks(2) {
            let subjects = pair.iter().map(|r| r.as_ref().unwrap().entry.subject.clone());
            assert_eq!(
                subjects.collect::<std::collections::BTreeSet<_>>().len(),
                1,
                "one transaction's entries"
            );
        }
    });
}

#[test]
fn a_checkpoint_goes_on_from_the_one_before() {
    on_both(|database| {
        let store = database.open();
        let key = SigningKey::from_bytes(&[1; 32]);
        for (at, more) in [(0, 3), (1, 0), (2, 5)] {
            for _ in 0..more {
                store.write(at, |tx| tx.audit("ana", "test.write", "x", json!({}))).unwrap();
            }
            let frontier = store.read(store::Read::audit_frontier).unwrap();
            let leaves = store.read(|r| r.audit_leaves(0, 100)).unwrap();
            assert_eq!(frontier.root(), merkle::root(&leaves));
            if more == 0 {
                continue;
            }
            let checkpoint =
                Checkpoint { origin: "log.example".to_owned(), size: frontier.size(), root: frontier.root() };
            let note = checkpoint.sign(&key).unwrap();
            store.write(at, |tx| tx.put_checkpoint(&checkpoint, &note, &frontier)).unwrap();
            let kept = store.read(store::Read::last_checkpoint).unwrap().unwrap();
            assert_eq!(
                (kept.size, kept.root, kept.note, kept.signed_at),
                (checkpoint.size, checkpoint.root, note, at)
            );
            let lie = Checkpoint { size: checkpoint.size + 1, ..checkpoint };
            assert!(store.write(at, |tx| tx.put_checkpoint(&lie, "", &frontier)).is_err());
        }
    });
}

#[test]
fn an_entry_keeps_numbers_and_letters_as_they_were() {
    on_both(|database| {
        let store = database.open();
        let detail =
            json!({ "share": 0.1 + 0.2, "big": 9_007_199_254_740_993_i64, "text": "ß\u{1F600}\u{0}\"\n" });
        store.write(7, |tx| tx.audit("ana", "test.write", "ü'$1", detail.clone())).unwrap();
        let found = store.read(|r| r.audit_records_of("ü'$1")).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].entry.at, found[0].entry.actor.as_str()), (7, "ana"));
        assert_eq!(found[0].entry.detail["text"], detail["text"]);
        assert_eq!(found[0].entry.detail["share"], detail["share"]);
        let leaves = store.read(|r| r.audit_leaves(0, 10)).unwrap();
        assert_eq!(found[0].leaf().unwrap(), leaves[0]);
    });
}

#[test]
fn an_older_ledger_learns_what_its_log_commits_to() {
    on_both(|database| {
        let store = database.open();
        for n in 0..3_i64 {
            store.write(n, |tx| tx.audit("ana", "test.write", &format!("s{n}"), json!({ "n": n }))).unwrap();
        }
        let kept = store.read(|r| r.audit_commitments(0, 10)).unwrap();
        let leaves = store.read(|r| r.audit_leaves(0, 10)).unwrap();
        assert_eq!(kept.iter().copied().map(model::audit::leaf).collect::<Vec<_>>(), leaves);
        drop(store);
        // As the version before left it, one entry already erased.
        script(
            database.url(),
            "ALTER TABLE audit DROP COLUMN commitment; DELETE FROM ledger_version WHERE version = 10;
             UPDATE audit SET subject = NULL, entry = NULL, nonce = NULL WHERE seq = 2",
        );
        let store = database.open();
        assert_eq!(store.read(|r| r.audit_commitments(0, 2)).unwrap(), kept[..2]);
        let why = store.read(|r| r.audit_commitments(0, 3)).unwrap_err().to_string();
        assert!(why.contains("entry 2 was erased by a version"), "{why}");
        assert_eq!(store.read(|r| r.audit_records_left(0, 10)).unwrap().len(), 2);
        assert_eq!(store.read(|r| r.audit_leaves(0, 10)).unwrap(), leaves);
    });
}
