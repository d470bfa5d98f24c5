//! A person's queue: opened once for a reason, closed by a person or by what mended it, and opened again.

use crate::fixture::{self, account};
use model::plan::Purpose;
use model::run::PersonNeeded;
use store::testing::on_both;

#[test]
fn who_needs_a_person_stands_in_the_queue_until_somebody_has_looked() {
    on_both(|database| {
        let store = database.open();
        fixture::sealed(&store, fixture::draft("p1", &[2], Purpose::Contain));
        let plan = "p1".into();
        let put = |at: i64, i: usize, why: PersonNeeded| {
            store.write(at, |tx| tx.put_in_queue(&plan, None, &account(i), why, "in words")).unwrap();
        };
        put(10, 1, PersonNeeded::MovedUnknown);
        put(20, 0, PersonNeeded::Unreachable);
        put(30, 0, PersonNeeded::Stuck);
        put(40, 1, PersonNeeded::MovedUnknown);
        let open = || {
            let rows = store.read(store::Read::queue).unwrap();
            rows.into_iter().map(|q| (q.account, q.why, q.opened_at)).collect::<Vec<_>>()
        };
        let moved = (account(1), PersonNeeded::MovedUnknown, 10);
        let unreachable = (account(0), PersonNeeded::Unreachable, 20);
        let stuck = (account(0), PersonNeeded::Stuck, 30);
        assert_eq!(
            open(),
            [moved.clone(), unreachable.clone(), stuck],
            "once for a reason, the longest first"
        );
        assert_eq!(store.read(store::Read::queued_accounts).unwrap().len(), 2);
        let close = |i: usize, why: Option<PersonNeeded>| {
            store.write(50, |tx| tx.close_in_queue(&account(i), why, "ana", "called them")).unwrap()
        };
        assert_eq!(close(0, Some(PersonNeeded::Stuck)), 1, "for its own reason alone");
        assert_eq!(open(), [moved, unreachable]);
        assert_eq!((close(1, None), close(1, None)), (1, 0));
        let past = store.read(|r| r.queue_of(&account(1))).unwrap();
        assert_eq!((past[0].closed_at, past[0].note.as_deref()), (Some(50), Some("called them")));
        put(60, 1, PersonNeeded::MovedUnknown);
        assert_eq!(open().len(), 2, "and again");
    });
}
