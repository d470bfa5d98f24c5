//! What people and owners answered about the verdicts of sealed plans.

use crate::fixture::{self, account};
use model::exoneration::Proof;
use model::id::{Digest, PlanId};
use model::labels::Label;
use model::plan::Purpose;
use store::answers::{AnswerRow, Said};
use store::reviews::LabelSubject;
use store::testing::on_both;

#[test]
fn answers_are_listed_with_the_plan_they_are_about_and_others_are_not() {
    on_both(|database| {
        let store = database.open();
        assert_eq!(store.read(store::Read::answers).unwrap(), [], "nothing was said");
        let (run, entries) = fixture::intended(&store, &[4]);
        fixture::done(&store, &run, &entries).unwrap();
        let plan = store.read(|r| r.run(&run)).unwrap().plan;
        let of_plan = LabelSubject::Plan(plan.clone());
        let of_hunt = LabelSubject::Hunt(Digest::of(b"hunt"));
        let other = LabelSubject::Hunt(Digest::of(b"another hunt"));
        for (subject, i, who, blind, label) in [
            (&of_plan, 0, "ana", true, Label::Compromised),
            (&of_plan, 1, "ana", true, Label::CantTell),
            (&of_plan, 77, "ana", true, Label::NotCompromised), // planted: in no plan
            (&of_hunt, 1, "ben", false, Label::NotCompromised),
            (&other, 2, "ben", false, Label::Compromised),
        ] {
            store.write(5_000, |tx| tx.put_label(subject, &account(i), &who.into(), blind, label)).unwrap();
        }
        store
            .write(6_000, |tx| {
                tx.dispute(&run, &account(2))?;
                tx.prove_dispute(&run, &account(2), Proof::Support, "a passport", "ana")?;
                tx.dispute(&run, &account(3))?;
                tx.recovered(&run, &account(3))
            })
            .unwrap();
        let said = |i: usize, said: Said| AnswerRow { plan: plan.clone(), account: account(i), said };
        let expected = [
            said(0, Said::Label("ana".into(), Label::Compromised)),
            said(1, Said::Label("ana".into(), Label::CantTell)),
            said(1, Said::Label("ben".into(), Label::NotCompromised)),
            said(2, Said::Dispute(true)),
            said(3, Said::Dispute(false)),
            said(3, Said::Recovered),
        ];
        assert_eq!(store.read(store::Read::answers).unwrap(), expected);
    });
}

#[test]
fn a_label_about_a_hunt_is_about_each_plan_that_came_from_it_and_names_the_account() {
    on_both(|database| {
        let store = database.open();
        fixture::sealed(&store, fixture::draft("large", &[3], Purpose::Contain));
        fixture::sealed(&store, fixture::draft("small", &[1], Purpose::Contain));
        let subject = LabelSubject::Hunt(Digest::of(b"hunt"));
        let label = |i: usize| {
            store.write(5_000, |tx| {
                tx.put_label(&subject, &account(i), &"ana".into(), false, Label::Compromised)
            })
        };
        label(0).unwrap();
        label(2).unwrap();
        let found = store.read(store::Read::answers).unwrap();
        let named: Vec<_> = found.iter().map(|a| (a.plan.clone(), a.account.clone())).collect();
        let (large, small) = (PlanId::new("large"), PlanId::new("small"));
        assert_eq!(named, [(large.clone(), account(0)), (large, account(2)), (small, account(0))]);
    });
}
