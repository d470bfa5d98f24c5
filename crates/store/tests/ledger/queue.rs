//! A person's queue: opened once for a reason, closed by a person or by what mended it, and opened again.

use crate::fixture::{self, account};
use model::account::CredentialVersion;
use model::id::{Digest, OperatorName};
use model::labels::Label;
use model::plan::{Act, Purpose};
use model::run::PersonNeeded;
use store::reviews::LabelSubject;
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

#[test]
fn what_is_on_record_of_a_credential_is_what_plans_named_what_we_set_and_what_was_said_of_it() {
    on_both(|database| {
        let store = database.open();
        let accounts = [account(0), account(1), account(2), account(77)];
        let on_record = || store.read(|r| r.credentials_on_record(&accounts)).unwrap();
        assert!(on_record().is_empty(), "no plan named any");
        let (run, entries) = fixture::intended(&store, &[3]);
        fixture::done(&store, &run, &entries).unwrap();
        let mut again = fixture::draft("again", &[3], Purpose::Contain);
        again.header.drafted_at = 2_000;
        let other = CredentialVersion(Digest::of(b"another"));
        again.entries[2].acts[0] = Act::RequireNewCredential { guard: other };
        fixture::sealed(&store, again);
        let known = on_record();
        assert_eq!(known.len(), 3, "no plan named account 77");
        let named = |i: usize| (known[&account(i)].version, known[&account(i)].since);
        let first = CredentialVersion(Digest::of(&1_usize.to_be_bytes()));
        assert_eq!(named(1), (first, 1_000), "since the first plan that named it");
        assert_eq!(named(2), (other, 2_000), "the latest");
        assert!(known.values().all(|k| !k.is_asked && k.answered_at.is_none() && k.recovered_at.is_none()));

        let (plan, why) = ("again".into(), PersonNeeded::MovedUnknown);
        let subject = LabelSubject::Hunt(Digest::of(b"hunt"));
        let label = |at: i64, i: usize, blind: bool, label: Label| {
            let by = OperatorName::new("ana");
            store.write(at, |tx| tx.put_label(&subject, &account(i), &by, blind, label)).unwrap();
        };
        label(2_500, 0, false, Label::Compromised);
        store
            .write(3_000, |tx| {
                tx.recovered(&run, &account(2))?;
                (0..3).try_for_each(|i| tx.put_in_queue(&plan, None, &account(i), why, "in words"))
            })
            .unwrap();
        label(4_000, 1, true, Label::Compromised);
        assert!((0..3).all(|i| on_record()[&account(i)].is_asked));
        assert!((0..2).all(|i| on_record()[&account(i)].answered_at.is_none()), "nobody who was asked");
        label(5_000, 1, false, Label::Compromised);
        label(5_000, 2, false, Label::CantTell);
        store.write(5_000, |tx| tx.close_in_queue(&account(1), None, "ana", "looked")).unwrap();
        let said = |i: usize| (on_record()[&account(i)].is_asked, on_record()[&account(i)].answered_at);
        assert_eq!((said(1), said(2)), ((false, Some(5_000)), (true, None)));
        assert_eq!(on_record()[&account(2)].recovered_at, Some(3_000));
    });
}
