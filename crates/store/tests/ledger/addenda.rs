//! Addenda: to whom one may be sealed, when it may act, what an undo gives back of it, what its gates count.

use crate::fixture::{self, account};
use model::addendum::Standing;
use model::id::{AccountId, Digest, RunId};
use model::plan::{Act, Draft, Purpose, Template};
use model::run::StepState;
use model::seal::{Sealed, SealedEntry};
use std::collections::BTreeSet;
use store::hidden::Hiding;
use store::steps::Outcome;
use store::testing::on_both;
use store::{Store, StoreError};

/// A run that contained accounts 0 to 5, and has not begun with 6 and 7.
fn contained(store: &Store) -> (Sealed, RunId) {
    let sealed = fixture::sealed(store, fixture::draft("p1", &[6, 2], Purpose::Contain));
    let run = fixture::running(store, &sealed, "r1");
    fixture::wave(store, &sealed, &run, 0);
    (sealed, run)
}

/// An addendum to a plan, for some of these accounts.
fn addendum(id: &str, to: &Sealed, run: &RunId, accounts: &[usize]) -> Draft {
    let purpose = Purpose::Addendum { run: run.clone(), to: to.digest() };
    let most = accounts.iter().max().map_or(0, |n| *n as u64 + 1);
    let mut draft = fixture::draft(id, &[most], purpose);
    let named: BTreeSet<AccountId> = accounts.iter().map(|i| account(*i)).collect();
    draft.entries.retain(|e| named.contains(&e.account));
    draft.header.accounts = draft.entries.len() as u64;
    draft.header.waves = vec![draft.header.accounts];
    draft
}

fn refused(store: &Store, draft: Draft) -> String {
    fixture::try_seal(store, draft).expect_err("it is sealed").to_string()
}

/// A release of these accounts, which shows these objects of each.
fn release(id: &str, run: &RunId, accounts: usize, shown: fn(usize) -> &'static str) -> Draft {
    let mut draft = fixture::draft(id, &[accounts as u64], Purpose::Undo { run: run.clone() });
    for (i, entry) in draft.entries.iter_mut().enumerate() {
        entry.acts = vec![Act::Waive, Act::ShowObjects { objects: vec![shown(i).into()] }];
        entry.notice = Template::Release;
    }
    draft
}

/// Begins the one wave of an addendum.
fn begun(store: &Store, sealed: &Sealed, run: &RunId) -> Vec<SealedEntry> {
    store.write(1_500, |tx| tx.begin_wave(run, 0)).unwrap();
    fixture::to_do(store, sealed, run, 0)
}

#[test]
fn it_is_sealed_for_accounts_that_its_run_contained_and_for_no_other() {
    on_both(|database| {
        let store = database.open();
        let (plan, run) = contained(&store);
        let other = |id: &str, accounts: &[usize]| refused(&store, addendum(id, &plan, &run, accounts));
        assert!(other("a1", &[6]).contains("did not contain it"), "its turn has not come");
        assert!(other("a2", &[0, 77]).contains("u000077"), "it is in another plan, or in none");
        let mut of_another = addendum("a3", &plan, &run, &[0]);
        of_another.header.purpose = Purpose::Addendum { run: run.clone(), to: Digest::of(b"another") };
        assert!(refused(&store, of_another).contains("draft it again"));
        let mut many = addendum("a4", &plan, &run, &[0]);
        let objects = (0..201).map(|n| format!("o{n}").as_str().into()).collect();
        many.entries[0].acts = vec![Act::HideObjects { objects }];
        assert!(refused(&store, many).contains("addendum.objects_per_account_max"));

        // What is on record of one of them is seen in each.
        fixture::exonerate(&store, &run, 1);
        store.write(3_200, |tx| tx.dispute(&run, &account(1))).unwrap();
        let mut undo = fixture::draft("u1", &[3], Purpose::Undo { run: run.clone() });
        undo.entries.iter_mut().for_each(|e| e.acts = vec![Act::Waive]);
        undo.entries.drain(..2);
        (undo.header.accounts, undo.header.waves) = (1, vec![1]);
        fixture::sealed(&store, undo);
        let standings = store.read(|r| r.standings(&run, &[0, 1, 2, 3, 6, 77].map(account))).unwrap();
        let expected = [
            (0, Standing::Exonerated),
            (1, Standing::Disputed),
            (2, Standing::TakenBack),
            (3, Standing::Contained),
            (6, Standing::NotContained),
            (77, Standing::NotContained),
        ];
        assert_eq!(standings, expected.map(|(i, s)| (account(i), s)).into());
        assert!(other("a5", &[0]).contains("exonerated"));
        assert!(other("a6", &[1]).contains("that was me"));
        assert!(other("a7", &[2]).contains("an undo of the run names it"));

        // An undo that will never be is none; and what is contained may be added to.
        store.write(3_300, |tx| tx.refuse_plan(&"u1".into(), "ana", "no")).unwrap();
        fixture::sealed(&store, addendum("a8", &plan, &run, &[2, 3]));
        let kept = store.read(|r| r.addenda_of(&run)).unwrap();
        assert_eq!(kept.iter().filter(|p| p.digest.is_some()).count(), 1);
        let sealed = store.read(|r| r.audit_records_of("a8")).unwrap();
        let sealed = sealed.iter().find(|r| r.entry.action == "plan.seal").unwrap();
        assert_eq!(sealed.entry.detail["addendum_to"]["run"], "r1");

        // No object is named twice, unless what named it will never be.
        assert!(other("a9", &[3]).contains("was named before"));
        store.write(3_400, |tx| tx.refuse_plan(&"a8".into(), "ana", "no")).unwrap();
        fixture::sealed(&store, addendum("a10", &plan, &run, &[3]));

        // An addendum is added to no addendum.
        let second = fixture::sealed(&store, addendum("a11", &plan, &run, &[4]));
        let adding = fixture::running(&store, &second, "r2");
        fixture::wave(&store, &second, &adding, 0);
        assert!(refused(&store, addendum("a12", &second, &adding, &[4])).contains("contains nobody"));
        let undo = release("u2", &adding, 1, |_| "more4");
        assert!(refused(&store, undo).contains("with the undo of run r1"));
    });
}

#[test]
fn it_acts_on_nobody_who_was_taken_back_or_disputed_since_its_seal() {
    on_both(|database| {
        let store = database.open();
        let (plan, run) = contained(&store);
        let sealed = fixture::sealed(&store, addendum("a1", &plan, &run, &[0, 1, 2]));
        let adding = fixture::running(&store, &sealed, "r2");
        let entries = begun(&store, &sealed, &adding);
        let beyond =
            |store: &Store| store.read(|r| r.beyond_addendum(&"a1".into(), &[0, 1, 2].map(account))).unwrap();
        assert!(beyond(&store).is_empty());
        let mut undo = fixture::draft("u1", &[1], Purpose::Undo { run: run.clone() });
        undo.entries[0].acts = vec![Act::Waive];
        fixture::sealed(&store, undo);
        store.write(900, |tx| tx.dispute(&run, &account(1))).unwrap();
        let expected = [(account(0), Standing::TakenBack), (account(1), Standing::Disputed)];
        assert_eq!(beyond(&store), expected.into());
        for i in [0, 1] {
            let refused = fixture::intend(&store, &adding, &entries[i..=i]).unwrap_err();
            assert!(matches!(refused, StoreError::State { wanted: "intended", .. }), "{refused}");
        }
        fixture::intend(&store, &adding, &entries[2..]).unwrap();
        // For a containment nothing of this is asked.
        assert!(store.read(|r| r.beyond_addendum(&"p1".into(), &[account(0)])).unwrap().is_empty());
    });
}

#[test]
fn an_undo_gives_back_what_was_added_and_waits_until_that_is_known() {
    on_both(|database| {
        let store = database.open();
        let (plan, run) = contained(&store);
        let sealed = fixture::sealed(&store, addendum("a1", &plan, &run, &[0, 1]));
        let adding = fixture::running(&store, &sealed, "r2");
        let entries = begun(&store, &sealed, &adding);
        assert!(store.read(|r| r.added_and_open(&run)).unwrap().is_empty());
        fixture::intend(&store, &adding, &entries).unwrap();
        let open = [0, 1].map(|i| (account(i), adding.clone()));
        assert_eq!(store.read(|r| r.added_and_open(&run)).unwrap(), open.into());
        let shown = |i| ["more0", "more1"][i];
        assert!(refused(&store, release("u1", &run, 2, shown)).contains("not known yet"));

        let lost = Outcome {
            account: account(0),
            place: 0,
            state: StepState::Unknown,
            attempts: 1,
            result: None,
            changed: None,
            answer_was_lost: true,
        };
        store.write(2_500, |tx| tx.record(&adding, &[lost])).unwrap();
        let late = |of: &RunId| store.read(|r| r.late_until(of, &[0, 1].map(account), 100, 2_550)).unwrap();
        assert_eq!(late(&run), [(account(0), 2_600)].into(), "an undo of the run waits for it");
        assert_eq!(late(&adding), [(account(0), 2_600)].into());

        let hiding = |i: usize, object: &str| Hiding {
            account: account(i),
            turned: vec![object.into()],
            gone: Vec::new(),
            answer_was_lost: false,
        };
        store.write(2_600, |tx| tx.put_turned(&adding, &[hiding(0, "more0"), hiding(1, "more1")])).unwrap();
        fixture::done(&store, &adding, &entries).unwrap();
        let accounts = [0, 1].map(account);
        assert!(store.read(|r| r.turned_objects(&run, &accounts)).unwrap().is_empty(), "it hid none itself");
        let turned = store.read(|r| r.turned_with_addenda(&run, &accounts)).unwrap();
        let expected = [(account(0), ["more0".into()].into()), (account(1), ["more1".into()].into())];
        assert_eq!(turned, expected.into());
        assert_eq!(store.read(|r| r.with_addenda(&run)).unwrap(), [run.clone(), adding.clone()]);
        assert!(refused(&store, release("u2", &run, 2, |_| "more0")).contains("did not hide"));
        fixture::sealed(&store, release("u3", &run, 2, shown));
    });
}

#[test]
fn its_gates_count_what_owners_say_of_the_run_that_contained_them() {
    on_both(|database| {
        let store = database.open();
        let (plan, run) = contained(&store);
        store
            .write(3_200, |tx| {
                [0, 1, 5].iter().try_for_each(|i| tx.recovered(&run, &account(*i)))?;
                tx.dispute(&run, &account(4))
            })
            .unwrap();
        let sealed = fixture::sealed(&store, addendum("a1", &plan, &run, &[0, 1, 2]));
        let adding = fixture::running(&store, &sealed, "r2");
        let counts = |of: &RunId| {
            let counts = store.read(|r| r.gate_counts(of, 4_000)).unwrap();
            (counts.contained, counts.recovered, counts.disputes_unproved, counts.recoveries_tried)
        };
        assert_eq!(counts(&adding), (0, 0, 0, 0), "nobody is begun with");
        fixture::wave(&store, &sealed, &adding, 0);
        assert_eq!(counts(&adding), (3, 2, 0, 2), "of its own accounts alone");
        store.write(4_000, |tx| tx.dispute(&run, &account(2))).unwrap();
        assert_eq!(counts(&adding), (3, 2, 1, 2), "that was me, said of the first letter or of the second");
        assert_eq!(counts(&run), (6, 3, 2, 3));
    });
}
