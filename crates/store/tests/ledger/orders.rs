//! Standing orders in the ledger: bounds are taken whole or not at all, a sample is drawn once.

use crate::fixture;
use model::id::Digest;
use model::order::{Bound, Order, Per, Suspension};
use model::plan::Purpose;
use store::StoreError;
use store::orders::SampleItem;
use store::testing::on_both;

fn order() -> Order {
    let text = "name = \"daily\"\nstarts_at = \"2026-11-01T00:00:00Z\"\nends_at = \"2026-12-01T00:00:00Z\"\n\
        calibration = \"labels\"\nconfidence_min = 0.97\n[bounds]\naccounts_per_hour_max = 4\n\
        accounts_per_day_max = 5\nactive_share_per_day_max = 0.005\nsegment_share_per_day_max = 0.02\n\
        reference_multiple_max = 3.0\n[reference]\naccounts_per_day = 10\nactive = 10000\nsegments = {}\n";
    Order::parse(text, &fixture::policy(), "rehearse:here").unwrap()
}

fn bound(counter: &str, per: Per, wanted: u64, max: u64) -> Bound {
    Bound { counter: counter.to_owned(), per, wanted, max }
}

#[test]
fn a_batch_takes_from_every_bound_or_from_none() {
    on_both(|database| {
        let store = database.open();
        for id in ["p1", "p2"] {
            fixture::sealed(&store, fixture::draft(id, &[3], Purpose::Contain));
        }
        let order = store.write(5, |tx| tx.put_order(&order(), "ana")).unwrap();
        let bounds = [bound("hour", Per::Hour, 3, 4), bound("day", Per::Day, 3, 5)];
        store.write(5, |tx| tx.put_live_batch(&"p1".into(), &order, 3, &bounds)).unwrap();
        // The next hour has room, the day has not: nothing is taken from either.
        let refused = store.write(3_600_005, |tx| tx.put_live_batch(&"p2".into(), &order, 3, &bounds));
        match refused {
            Err(StoreError::Limit(limit)) => assert_eq!((limit.name.as_str(), limit.max), ("day", 5)),
            other => panic!("{other:?}"),
        }
        store
            .read(|r| {
                assert_eq!((r.used("hour", 0)?, r.used("hour", 1)?, r.used("day", 0)?), (3, 0, 3));
                assert_eq!(r.used_by_batches("day", 0)?, 3);
                assert_eq!(r.batch(&"p2".into())?, None);
                assert_eq!(r.batches_since(0)?.len(), 1);
                assert_eq!(r.batch_uses(&"p1".into())?.len(), 2);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn what_was_kept_of_an_order_is_read_back() {
    on_both(|database| {
        let store = database.open();
        let digest = store.write(5, |tx| tx.put_order(&order(), "ana")).unwrap();
        assert_eq!(store.write(9, |tx| tx.put_order(&order(), "ben")).unwrap(), digest, "kept once");
        store.write(6, |tx| tx.release_order(&digest, "routine", serde_json::json!({}))).unwrap();
        assert!(store.write(7, |tx| tx.release_order(&digest, "routine", serde_json::json!({}))).is_err());
        let suspension = Suspension {
            order: digest,
            cause: "sample".to_owned(),
            reason: "one is wrong".to_owned(),
            at: 8,
        };
        let named = store.write(8, |tx| tx.suspend_order(&suspension, None, "routine")).unwrap();
        let row = store.read(|r| r.order(&digest)).unwrap();
        assert_eq!((row.order, row.kept_at, row.released_at), (order(), 5, Some(6)));
        let open = store.read(|r| r.suspensions(&digest)).unwrap();
        assert_eq!((open[0].digest, &open[0].suspension), (named, &suspension));
    });
}

#[test]
fn a_days_sample_is_drawn_once_and_ended_once() {
    on_both(|database| {
        let store = database.open();
        fixture::sealed(&store, fixture::draft("p1", &[3], Purpose::Contain));
        let order = store.write(5, |tx| tx.put_order(&order(), "ana")).unwrap();
        let items = [SampleItem { place: 1, account: "u1".into(), plan: "p1".into(), planted: false }];
        let draw = |n: u8| store.write(6, |tx| tx.draw_sample(3, &order, Digest([n; 32]), 3, &items));
        draw(1).unwrap();
        assert!(draw(2).is_err(), "not until it pleases");
        store.write(7, |tx| tx.end_sample(3, false, "wrong", "ana")).unwrap();
        assert!(store.write(8, |tx| tx.end_sample(3, true, "right", "ana")).is_err());
        let sample = store.read(|r| r.sample(3)).unwrap().unwrap();
        assert_eq!((sample.passed, sample.items.as_slice()), (Some(false), &items[..]));
        assert_eq!(store.read(|r| r.samples_since(4)).unwrap(), []);
    });
}
