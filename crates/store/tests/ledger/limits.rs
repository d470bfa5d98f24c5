//! A limit is never exceeded, whoever takes from it; a lease has one holder.

use std::sync::atomic::{AtomicU64, Ordering};
use store::StoreError;
use store::testing::on_both;

#[test]
fn a_limit_is_never_exceeded_by_concurrent_reservers() {
    on_both(|database| {
        let stores = [database.open(), database.open()];
        let taken = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for store in &stores {
                for n in 1..=4_u64 {
                    let taken = &taken;
                    scope.spawn(move || {
                        for _ in 0..15 {
                            match store.write(0, |tx| tx.reserve("accounts_per_hour", 3, n, 100)) {
                                Ok(()) => taken.fetch_add(n, Ordering::SeqCst),
                                Err(StoreError::Limit(limit)) => {
                                    assert_eq!((limit.wanted, limit.max), (n, 100));
                                    0
                                }
                                Err(other) => panic!("{other}"),
                            };
                        }
                    });
                }
            }
        });
        let used = stores[0].read(|r| r.used("accounts_per_hour", 3)).unwrap();
        assert_eq!(used, taken.into_inner());
        assert!((97..=100).contains(&used), "all but what is smaller than the largest wish: {used}");
    });
}

#[test]
fn what_a_failed_transaction_reserved_is_free_again() {
    on_both(|database| {
        let store = database.open();
        let failed = store.write(0, |tx| {
            tx.reserve("hour", 1, 10, 10)?;
            tx.reserve("hour", 1, 1, 10)
        });
        assert!(matches!(failed, Err(StoreError::Limit(_))), "{failed:?}");
        assert_eq!(store.read(|r| r.used("hour", 1)).unwrap(), 0);
        assert!(matches!(store.write(0, |tx| tx.reserve("hour", 1, 11, 10)), Err(StoreError::Limit(_))));
        store.write(0, |tx| tx.reserve("hour", 1, 10, 10)).unwrap();
        store.write(0, |tx| tx.reserve("hour", 2, 10, 10)).unwrap();
        store.write(0, |tx| tx.reserve("hour", 1, 0, 10)).unwrap();
    });
}

#[test]
fn a_lease_has_one_holder_and_its_fence_tells_the_slow_one() {
    on_both(|database| {
        let store = database.open();
        let lease = |now, holder: &str| store.write(now, |tx| tx.lease("outbox", holder, now + 10)).unwrap();
        assert_eq!(lease(0, "a"), Some(1));
        assert_eq!(lease(5, "b"), None);
        assert_eq!(lease(9, "a"), Some(1), "renewed until 19");
        assert_eq!(lease(18, "b"), None);
        assert_eq!(lease(19, "b"), Some(2));
        assert!(store.write(19, |tx| tx.insist_on_lease("outbox", 1)).is_err());
        store.write(19, |tx| tx.insist_on_lease("outbox", 2)).unwrap();
        store.write(19, |tx| tx.give_back_lease("outbox", 1)).unwrap();
        assert_eq!(lease(20, "a"), None, "a lost lease can't be given back");
        store.write(20, |tx| tx.give_back_lease("outbox", 2)).unwrap();
        assert_eq!(lease(20, "a"), Some(3));
    });
}
