//! Holds: whose they are, when they end, and what goes on from one to the next.

use crate::fixture::{self, account};
use model::account::ContactKind;
use model::id::{Digest, FactorId, RunId};
use model::plan::{Act, Purpose};
use model::run::HoldState;
use store::Store;
use store::holds::{Holding, Off};
use store::steps::Intent;
use store::testing::on_both;

/// A running run of two accounts, each to be held for `lasts_ms` from 2,000 on.
fn held(store: &Store, plan: &str, run: &str, lasts_ms: i64, is_off_before: bool) -> RunId {
    let mut draft = fixture::draft(plan, &[2], Purpose::Contain);
    draft.entries.iter_mut().for_each(|e| e.acts.push(Act::Hold { lasts_ms }));
    let sealed = fixture::sealed(store, draft);
    let run = fixture::running(store, &sealed, run);
    store.write(1_500, |tx| tx.begin_wave(&run, 0)).unwrap();
    let entries = fixture::to_do(store, &sealed, &run, 0);
    let intent = |entry| Intent {
        entry,
        credential: None,
        notice: None,
        factors: Vec::new(),
        hidden_before: Vec::new(),
        is_off_before,
    };
    let intents: Vec<_> = entries.iter().map(intent).collect();
    store.write(2_000, |tx| tx.intend(&run, &intents)).unwrap();
    run
}

fn states(store: &Store, run: &RunId) -> Vec<HoldState> {
    store.read(|r| r.holds_of_run(run)).unwrap().into_iter().map(|h| h.state).collect()
}

fn put(store: &Store, run: &RunId, i: usize, off: Option<Off>, answer_was_lost: bool) {
    let holding = Holding { account: account(i), off, answer_was_lost };
    store.write(2_100, |tx| tx.put_holdings(run, &[holding])).unwrap();
}

#[test]
fn what_another_took_off_is_not_given_back() {
    use HoldState::{Found, Intended, Left, Ours};
    // was it off before, what the service says, was an answer lost, what becomes of it
    let cases = [
        (false, Some(Off::Now), false, Ours),
        (false, Some(Off::Ours), true, Ours),
        (false, Some(Off::Others), true, Left),
        (false, Some(Off::CantTell), false, Left),
        (false, Some(Off::CantTell), true, Ours),
        (false, None, false, Left),
        (true, Some(Off::CantTell), true, Left),
        (true, Some(Off::Now), false, Ours),
    ];
    for (is_off_before, off, lost, becomes) in cases {
        on_both(|database| {
            let store = database.open();
            let run = held(&store, "p1", "r1", 100, is_off_before);
            let before = if is_off_before { Found } else { Intended };
            assert_eq!(states(&store, &run), [before, before]);
            put(&store, &run, 0, off, lost);
            assert_eq!(states(&store, &run), [becomes, before], "{is_off_before} {off:?} {lost}");
        });
    }
}

#[test]
fn a_hold_ends_by_its_time_and_one_whose_answer_was_lost_as_well() {
    on_both(|database| {
        let store = database.open();
        let run = held(&store, "p1", "r1", 100, false);
        put(&store, &run, 0, Some(Off::Now), false);
        assert!(store.write(2_099, store::Tx::take_due_holds).unwrap().is_empty(), "not yet");
        let due = store.write(2_100, store::Tx::take_due_holds).unwrap();
        assert_eq!(due.iter().map(|h| h.account.clone()).collect::<Vec<_>>(), [account(0), account(1)]);
        assert_eq!(states(&store, &run), [HoldState::Ending; 2]);
        store.write(2_101, |tx| tx.hold_ended(&run, &account(0), "on again")).unwrap();
        // what was not heard of is taken up again; what has ended is not
        let again = store.write(2_102, store::Tx::take_due_holds).unwrap();
        assert_eq!(again.iter().map(|h| h.account.clone()).collect::<Vec<_>>(), [account(1)]);
        // a call that was slower than the hold itself: what is off by us must end
        put(&store, &run, 0, Some(Off::Now), false);
        assert_eq!(store.write(2_103, store::Tx::take_due_holds).unwrap().len(), 2);
        store.write(2_104, |tx| tx.put_released(&run, &[account(1)])).unwrap();
        assert_eq!(states(&store, &run), [HoldState::Ending, HoldState::Released]);
    });
}

#[test]
fn a_later_hold_goes_on_where_an_earlier_one_ends() {
    on_both(|database| {
        let store = database.open();
        let brake = held(&store, "p1", "r1", 100, false);
        put(&store, &brake, 0, Some(Off::Now), false);
        put(&store, &brake, 1, Some(Off::Others), false);
        // the plan of two people finds both off: the one by us, the other by somebody else
        let run = held(&store, "p2", "r2", 5_000, true);
        assert_eq!(states(&store, &run), [HoldState::Intended, HoldState::Found]);
        put(&store, &run, 0, Some(Off::CantTell), false);
        put(&store, &run, 1, Some(Off::CantTell), false);
        assert_eq!(states(&store, &run), [HoldState::Ours, HoldState::Left]);
        assert!(store.write(2_100, store::Tx::take_due_holds).unwrap().is_empty(), "the later one goes on");
        assert_eq!(states(&store, &brake), [HoldState::Ended, HoldState::Left]);
        let due = store.write(7_000, store::Tx::take_due_holds).unwrap();
        assert_eq!(
            due.iter().map(|h| (h.run.clone(), h.account.clone())).collect::<Vec<_>>(),
            [(run, account(0))]
        );
    });
}

#[test]
fn an_undo_ends_only_our_hold_and_takes_out_only_what_was_put_back() {
    on_both(|database| {
        let store = database.open();
        let (theirs, before) = (Digest::of(b"theirs"), Digest::of(b"before"));
        let put_back = Act::PutBackContact { kind: ContactKind::Mail, in_place: theirs, before };
        let factor = FactorId::new("f1");
        let mut draft = fixture::draft("p1", &[2], Purpose::Contain);
        let remove = Act::RemoveFactor { factor: factor.clone() };
        draft.entries.iter_mut().for_each(|e| e.acts = vec![put_back.clone(), remove.clone()]);
        draft.entries[0].acts.push(Act::Hold { lasts_ms: 100 });
        let sealed = fixture::sealed(&store, draft);
        let run = fixture::running(&store, &sealed, "r1");
        fixture::wave(&store, &sealed, &run, 0);
        put(&store, &run, 0, Some(Off::Now), false);
        let undo = |id: &str, i: usize, acts: Vec<Act>| {
            let mut draft = fixture::draft(id, &[2], Purpose::Undo { run: run.clone() });
            draft.entries.iter_mut().for_each(|e| e.acts = vec![Act::Waive]);
            draft.entries[i].acts = acts;
            fixture::try_seal(&store, draft).map(|_| ()).map_err(|e| e.to_string())
        };
        let refused = |id: &str, i: usize, act: Act, why: &str| {
            let found = undo(id, i, vec![act]).unwrap_err();
            assert!(found.contains(why), "{why}: {found}");
        };
        undo("u1", 0, vec![Act::Release]).unwrap();
        refused("u2", 1, Act::Release, "did not take it off");
        let other = Act::PutBackContact { kind: ContactKind::Mail, in_place: before, before: theirs };
        refused("u3", 0, other.clone(), "stays the one from before");
        refused("u4", 0, Act::AddFactor { factor: factor.clone() }, "does not come back");
        fixture::exonerate(&store, &run, 2);
        undo("u5", 0, vec![other.clone(), Act::AddFactor { factor }]).unwrap();
        refused("u6", 0, put_back.clone(), "did not take out");
        refused("u7", 0, Act::AddFactor { factor: FactorId::new("f2") }, "did not remove");
    });
}
