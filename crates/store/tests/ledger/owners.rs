//! Notices, the owner's way back, and the public's figures.

use crate::fixture::{self, account, address};
use model::account::CredentialVersion;
use model::exoneration::Proof;
use model::id::{Digest, IncidentId, NoticeCode};
use model::incident::{Cause, Few, Figures, IncidentState, PublicCount, PublicFigures, Statement};
use model::labels::Label;
use model::notice::NoticeState;
use model::plan::Purpose;
use model::verdict::{Summary, Window};
use store::StoreError;
use store::reviews::{LabelSubject, ReviewItem};
use store::testing::on_both;

#[test]
fn a_notice_is_taken_by_one_and_again_when_nothing_was_heard() {
    on_both(|database| {
        let store = database.open();
        let (run, entries) = fixture::intended(&store, &[3]);
        let take = |now| store.write(now, |tx| tx.take_notices(2, now + 100)).unwrap();
        assert_eq!(take(2_500), vec![], "owed is not due");
        fixture::done(&store, &run, &entries).unwrap();
        let first = take(3_000);
        let seen: Vec<_> =
            first.iter().map(|o| (o.notice.account.clone(), o.to.reveal().to_owned())).collect();
        assert_eq!(seen, [(account(0), address(0)), (account(1), address(1))]);
        assert_eq!(take(3_001).len(), 1);
        assert_eq!(take(3_002), vec![]);
        let code = |i: usize| NoticeCode::new(format!("r1-{}", account(i)));
        assert!(store.write(3_003, |tx| tx.notice_sent(&code(0), "250 ok")).unwrap());
        assert!(store.write(3_003, |tx| tx.notice_later(&code(1), "451 later", 3_500)).unwrap());
        assert_eq!(take(3_101).len(), 1, "nothing was heard of the third");
        let again = take(3_500);
        assert_eq!(again.len(), 2);
        assert!(again.iter().all(|o| o.notice.attempts >= 2));
        assert_eq!(again[0].notice.message_id, first[1].notice.message_id);
        assert!(store.write(3_501, |tx| tx.notice_failed(&code(1), "550 no such user")).unwrap());
        let row = store.read(|r| r.notice(&code(1))).unwrap().unwrap();
        assert_eq!((row.state, row.reply.as_deref()), (NoticeState::Failed, Some("550 no such user")));
        assert_eq!(store.read(|r| r.count_notices(NoticeState::Failed)).unwrap(), 1);
        let text = format!("{:?}", store.read(|r| r.audit_records(0, 1_000)).unwrap());
        assert!(!text.contains("mail.example"), "no address in the audit");
    });
}

#[test]
fn of_two_senders_the_sooner_word_stands_and_an_acceptance_before_a_later() {
    on_both(|database| {
        let store = database.open();
        let (run, entries) = fixture::intended(&store, &[3]);
        let code = |i: usize| NoticeCode::new(format!("r1-{}", account(i)));
        assert!(store.write(2_500, |tx| tx.notice_sent(&code(0), "250")).is_err(), "it is only owed");
        fixture::done(&store, &run, &entries).unwrap();
        assert!(store.write(2_600, |tx| tx.notice_sent(&code(0), "250")).is_err(), "nobody has taken it");
        let take = |now| store.write(now, |tx| tx.take_notices(3, now + 100)).unwrap().len();
        // A slow sender, and one who takes all of it over.
        assert_eq!((take(3_000), take(3_101)), (3, 3));
        assert!(store.write(3_102, |tx| tx.notice_sent(&code(0), "250")).unwrap());
        assert!(!store.write(3_103, |tx| tx.notice_sent(&code(0), "250")).unwrap(), "once");
        assert!(!store.write(3_103, |tx| tx.notice_failed(&code(0), "550")).unwrap(), "it was accepted");
        assert!(
            !store.write(3_103, |tx| tx.notice_later(&code(0), "451", 9_999)).unwrap(),
            "it was accepted"
        );
        assert!(store.write(3_104, |tx| tx.notice_later(&code(1), "451", 9_999)).unwrap());
        assert!(
            store.write(3_105, |tx| tx.notice_sent(&code(1), "250")).unwrap(),
            "the slow one was accepted"
        );
        assert!(store.write(3_106, |tx| tx.notice_failed(&code(2), "550")).unwrap());
        assert!(!store.write(3_107, |tx| tx.notice_sent(&code(2), "250")).unwrap());
        let state = |i| store.read(|r| r.notice(&code(i))).unwrap().unwrap().state;
        assert_eq!([0, 1, 2].map(state), [NoticeState::Sent, NoticeState::Sent, NoticeState::Failed]);
        let records = store.read(|r| r.audit_records(0, 1_000)).unwrap();
        assert_eq!(records.iter().filter(|a| format!("{a:?}").contains("notice.end")).count(), 3);
    });
}

#[test]
fn two_workers_never_take_one_notice() {
    on_both(|database| {
        let stores = [database.open(), database.open()];
        let sealed = fixture::sealed(&stores[0], fixture::draft("p1", &[60], Purpose::Contain));
        let run = fixture::running(&stores[0], &sealed, "r1");
        fixture::wave(&stores[0], &sealed, &run, 0);
        let taken = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for store in stores.iter().cycle().take(4) {
                let taken = &taken;
                scope.spawn(move || {
                    loop {
                        let got = store.write(4_000, |tx| tx.take_notices(7, 5_000)).unwrap();
                        if got.is_empty() {
                            return;
                        }
                        taken.lock().unwrap().extend(got.into_iter().map(|o| o.notice.account));
                    }
                });
            }
        });
        let mut taken = taken.into_inner().unwrap();
        taken.sort();
        assert_eq!(taken, (0..60).map(account).collect::<Vec<_>>());
    });
}

#[test]
fn what_is_erased_is_gone_and_seal_and_log_still_hold() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[3], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        fixture::wave(&store, &sealed, &run, 0);
        let refused = store.write(4_000, |tx| tx.erase_account(&account(1), "ana"));
        assert!(matches!(refused, Err(StoreError::State { what: "account", .. })), "{refused:?}");
        store.write(4_001, |tx| tx.finish_run(&run, "ana")).unwrap();
        let leaves = store.read(|r| r.audit_leaves(0, 1_000)).unwrap();
        store.write(4_002, |tx| tx.erase_account(&account(1), "ana")).unwrap();
        assert_eq!(store.read(|r| r.sealed(&"p1".into())).unwrap(), sealed);
        assert_eq!(store.read(|r| r.values(&"p1".into(), None)).unwrap().len(), 2);
        assert_eq!(store.read(|r| r.contacts(&"p1".into(), &[account(0), account(1)])).unwrap().len(), 1);
        assert_eq!(store.read(|r| r.audit_records_of(account(1).as_str())).unwrap(), vec![]);
        assert_eq!(store.read(|r| r.audit_leaves(0, 1_000)).unwrap()[..leaves.len()], leaves);
        let after = store.read(|r| r.audit_records(0, 1_000)).unwrap();
        assert_eq!(after.iter().filter(|r| r.is_none()).count(), 5, "intent, three outcomes, settled");
        assert_eq!(store.read(|r| r.figures(&[run])).unwrap().contained, 3);
    });
}

#[test]
fn a_recovery_code_opens_once_and_wrong_ones_end_it() {
    on_both(|database| {
        let store = database.open();
        let version = CredentialVersion(Digest::of(b"now"));
        let (right, wrong) = (Digest::of(b"right"), Digest::of(b"wrong"));
        let put = |now| store.write(now, |tx| tx.put_recovery_code(right, &account(0), version, now + 100));
        let using = |now, hash, who: usize| {
            store.write(now, |tx| tx.use_recovery_code(hash, &account(who), 3)).unwrap()
        };
        put(0).unwrap();
        assert_eq!(using(1, right, 1), None, "another account's");
        assert_eq!(using(1, wrong, 0), None);
        assert_eq!(using(1, wrong, 0), None);
        assert_eq!(using(99, right, 0), Some(version));
        assert_eq!(using(99, right, 0), None, "once");
        let second = Digest::of(b"second");
        let put = |hash, now| {
            store.write(now, |tx| tx.put_recovery_code(hash, &account(0), version, now + 100)).unwrap();
        };
        put(second, 100);
        assert_eq!(using(200, second, 0), None, "too late");
        let third = Digest::of(b"third");
        put(third, 300);
        for _ in 0..3 {
            assert_eq!(using(301, wrong, 0), None);
        }
        assert_eq!(using(302, third, 0), None, "ended by wrong ones");

        let session = Digest::of(b"session");
        store.write(400, |tx| tx.open_owner_session(session, &account(0), 500)).unwrap();
        assert_eq!(store.read(|r| r.owner_of_session(session, 499)).unwrap(), Some(account(0)));
        assert_eq!(store.read(|r| r.owner_of_session(session, 500)).unwrap(), None);
        store.write(401, |tx| tx.end_owner_session(session)).unwrap();
        assert_eq!(store.read(|r| r.owner_of_session(session, 402)).unwrap(), None);
    });
}

#[test]
fn a_blind_label_stands_as_first_given() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[3], Purpose::Contain));
        let plan = &sealed.header().plan;
        let items: Vec<_> = [(2, false), (7, true), (0, false)]
            .into_iter()
            .zip(0..)
            .map(|((i, planted), place)| ReviewItem { place, account: account(i), planted })
            .collect();
        let seed = Digest::of(b"seed");
        store.write(5, |tx| tx.draw_review(plan, seed, &items, "ana")).unwrap();
        assert!(store.write(6, |tx| tx.draw_review(plan, seed, &items, "ana")).is_err(), "drawn once");
        let review = store.read(|r| r.review(plan)).unwrap().unwrap();
        assert_eq!((review.seed, review.drawn_at, review.items), (seed, 5, items));
        let subject = LabelSubject::Plan(plan.clone());
        let say = |blind, label| {
            store.write(7, |tx| tx.put_label(&subject, &account(2), &"bo".into(), blind, label))
        };
        say(true, Label::CantTell).unwrap();
        assert!(matches!(say(true, Label::Compromised), Err(StoreError::Constraint(_))));
        say(false, Label::Compromised).unwrap();
        say(false, Label::NotCompromised).unwrap();
        let labels = store.read(|r| r.labels(&subject)).unwrap();
        let seen: Vec<_> = labels.iter().map(|l| (l.blind, l.label)).collect();
        assert_eq!(seen.len(), 2);
        assert!(seen.contains(&(true, Label::CantTell)) && seen.contains(&(false, Label::NotCompromised)));
        assert_eq!(store.read(|r| r.labels_of(&account(2))).unwrap().len(), 2);
    });
}

#[test]
fn the_publics_figures_are_the_ledgers() {
    on_both(|database| {
        let store = database.open();
        let summary = Summary {
            events: 10,
            rejected: 0,
            duplicates: 0,
            conflicting: 0,
            unknown_kinds: [].into(),
            accounts: 50,
            active: 50,
            window: Window { start: 1, end: 2 },
            verdicts: [
                ("compromised.credential".to_owned(), 11),
                ("compromised.app".to_owned(), 2),
                ("suspected.app".to_owned(), 9),
            ]
            .into(),
            shifts: vec![],
            left_out: vec![],
            prior: -7.0,
            weights: [].into(),
            calibration: "calibrated on simulated data".to_owned(),
            intelligence: Vec::new(),
        };
        store.write(1, |tx| tx.put_hunt("ana", Digest::of(b"hunt"), "hunts/1", &summary)).unwrap();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[10], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        fixture::wave(&store, &sealed, &run, 0);
        for out in store.write(3_100, |tx| tx.take_notices(9, 9_999)).unwrap() {
            store.write(3_100, |tx| tx.notice_sent(&out.notice.code, "250")).unwrap();
        }
        store
            .write(3_200, |tx| {
                tx.dispute(&run, &account(0))?;
                tx.dispute(&run, &account(1))?;
                tx.dispute(&run, &account(9))?;
                tx.prove_dispute(&run, &account(0), Proof::Passkey, "older than the window", "bo")?;
                tx.prove_dispute(&run, &account(9), Proof::Support, "spoke to them", "bo")?;
                tx.recovered(&run, &account(4))?;
                tx.recovered(&run, &account(4))?;
                tx.keep_objects(&run, &account(4), &["b".into(), "a".into(), "b2".into()])
            })
            .unwrap();
        assert!(store.write(3_200, |tx| tx.dispute(&run, &account(77))).is_err(), "not in this run");
        fixture::exonerate(&store, &run, 10);
        let undo = fixture::sealed(&store, fixture::draft("p2", &[3], Purpose::Undo { run: run.clone() }));
        let undoing = fixture::running(&store, &undo, "r2");
        fixture::wave(&store, &undo, &undoing, 0);

        // Plans that only wish to take back do not count: one a draft, one refused after its seal.
        let wish = fixture::draft("p3", &[10], Purpose::Undo { run: run.clone() });
        store.write(3_250, |tx| tx.put_draft(&wish, &fixture::policy())).unwrap();
        fixture::sealed(&store, fixture::draft("p4", &[10], Purpose::Undo { run: run.clone() }));
        store.write(3_250, |tx| tx.refuse_plan(&"p4".into(), "ana", "no")).unwrap();
        assert_eq!(store.read(|r| r.undo_plans_of(&run)).unwrap().len(), 3);

        let id = IncidentId::new("i1");
        store
            .write(3_300, |tx| {
                tx.open_incident(&id, "Accounts in other hands", 100, "ana")?;
                tx.attach_run(&id, &run, "ana")?;
                tx.attach_run(&id, &run, "ana")
            })
            .unwrap();
        let runs = store.read(|r| r.runs_of_incident(&id)).unwrap();
        assert_eq!(runs, std::slice::from_ref(&run));
        let figures = store.read(|r| r.figures(&runs)).unwrap();
        let expected = Figures {
            believed_compromised: 13,
            contained: 10,
            by_precaution: 2,
            by_mistake: 4,
            put_back: 3,
            notices_sent: 9,
            notices_failed: 0,
            recovered: 1,
        };
        assert_eq!(figures, expected);
        assert_eq!(
            store.read(|r| r.kept_objects(&run, &account(4))).unwrap(),
            ["a".into(), "b".into(), "b2".into()]
        );
        let inputs = store.read(|r| r.gate_counts(&run, 4_000)).unwrap();
        assert_eq!((inputs.disputes_proved, inputs.disputes_unproved, inputs.recovered), (2, 1, 1));
        assert_eq!((inputs.disputes(), inputs.judged(), inputs.heard()), (3, 3, 4));

        let few = PublicCount::Few(Few::FewerThan10);
        let mut statement = Statement {
            incident: id.clone(),
            version: 1,
            state: IncidentState::Identified,
            title: "Accounts in other hands".to_owned(),
            cause: Cause::NotYet,
            body: "…".to_owned(),
            correction: false,
            first_act_at: Some(1),
            last_act_at: None,
            figures: PublicFigures {
                believed_compromised: PublicCount::About(13),
                contained: few,
                by_precaution: few,
                by_mistake: few,
                put_back: few,
                notices_sent: few,
                notices_failed: few,
                recovered: few,
            },
            decided_by_one: true,
            published_at: 3_400,
        };
        store.write(3_400, |tx| tx.publish(&statement, "ana")).unwrap();
        assert!(store.write(3_400, |tx| tx.publish(&statement, "ana")).is_err(), "a version once");
        statement.version = 2;
        statement.state = IncidentState::Resolved;
        store.write(3_500, |tx| tx.publish(&statement, "ana")).unwrap();
        assert_eq!(store.read(|r| r.statements(&id)).unwrap().len(), 2);
        let incident = store.read(|r| r.incident(&id)).unwrap().unwrap();
        assert_eq!((incident.state, incident.resolved_at), (IncidentState::Resolved, Some(3_400)));
        assert_eq!(store.read(store::Read::incidents).unwrap(), [incident]);
    });
}

#[test]
fn a_gate_counts_bounces_recoveries_in_vain_and_owners_who_turned_to_support() {
    on_both(|database| {
        let store = database.open();
        let sealed = fixture::sealed(&store, fixture::draft("p1", &[6], Purpose::Contain));
        let run = fixture::running(&store, &sealed, "r1");
        fixture::wave(&store, &sealed, &run, 0);
        for (n, out) in store.write(3_100, |tx| tx.take_notices(9, 9_999)).unwrap().into_iter().enumerate() {
            let code = out.notice.code;
            store
                .write(3_100, |tx| match n {
                    0 => tx.notice_failed(&code, "550"),
                    _ => tx.notice_sent(&code, "250"),
                })
                .unwrap();
        }
        let version = CredentialVersion(Digest::of(b"now"));
        store
            .write(4_000, |tx| {
                for n in 0..4 {
                    let code = Digest::of(format!("code {n}").as_bytes());
                    tx.put_recovery_code(code, &account(n), version, 4_100)?;
                }
                tx.recovered(&run, &account(0))?;
                tx.dispute(&run, &account(1))?;
                tx.support_contact(&run, &account(2), "ana")
            })
            .unwrap();
        let day = 86_400_000;
        assert!(
            !store.write(4_001 + day, |tx| tx.support_contact(&run, &account(2), "ana")).unwrap(),
            "once"
        );
        store.write(4_001 + day, |tx| tx.support_contact(&run, &account(3), "ana")).unwrap();
        assert!(store.write(4_002, |tx| tx.support_contact(&run, &account(77), "ana")).is_err());
        let counts = |now| store.read(|r| r.gate_counts(&run, now)).unwrap();
        let at_once = counts(4_050);
        assert_eq!((at_once.recoveries_tried, at_once.recoveries_failed), (1, 0), "their codes still hold");
        let later = counts(4_100);
        assert_eq!(
            (later.recoveries_tried, later.recoveries_failed),
            (3, 2),
            "the one who disputes is not in vain"
        );
        assert_eq!((later.bounces, later.notices_accepted), (1, later.notices - 1));
        assert_eq!((later.support_contacts, later.support_contacts_today), (2, 2));
        let next_day = counts(4_001 + day);
        assert_eq!((next_day.support_contacts, next_day.support_contacts_today), (2, 1));
    });
}
