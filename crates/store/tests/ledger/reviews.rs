//! What reviewers are shown besides the sample.

use crate::fixture::{draft, sealed};
use model::id::PlanId;
use model::plan::{PlanState, Purpose};
use store::testing::on_both;

#[test]
fn earlier_seals_of_the_same_cohort_are_listed_and_others_are_not() {
    on_both(|database| {
        let store = database.open();
        // Accounts are numbered from 0: plans share as many as the smaller has.
        sealed(&store, draft("first", &[10], Purpose::Contain));
        store.write(5, |tx| tx.refuse_plan(&"first".into(), "ana", "the review")).unwrap();
        sealed(&store, draft("small", &[4], Purpose::Contain));
        sealed(&store, draft("again", &[10], Purpose::Contain));
        let found = store.read(|r| r.earlier_seals(&PlanId::new("again"))).unwrap();
        let named: Vec<_> = found.iter().map(|e| (e.plan.as_str(), e.accounts, e.shared)).collect();
        assert_eq!(named, [("first", 10, 10)], "four of ten are not the same cohort, and none is its own");
        let first = found.iter().find(|e| e.plan.as_str() == "first").unwrap();
        assert_eq!((first.state, first.reason.as_deref()), (PlanState::Refused, Some("the review")));
        assert!(store.read(|r| r.earlier_seals(&PlanId::new("nobody's"))).unwrap().is_empty());
    });
}
