//! What others say: it may be listed, it makes nobody a member, and it is no family.

use crate::world::{VICTIMS, World, evidence, verdict};
use decide::preflight::Check;
use model::verdict::{Evidence, Family};

const MANY: [&str; 4] = ["new_device", "new_network", "stuffing_machine", "shared_domain"];

/// A word from outside about a victim, of a weight.
fn said(i: usize, weight: f64) -> Evidence {
    let mut said = evidence(i, &["new_device"]).remove(0);
    (said.signal, said.family, said.weight) = ("leaked_credential".to_owned(), Family::Intelligence, weight);
    said
}

/// A world in which it is said of everybody, by the weight that is given; a hunt states what it weighs at the most.
fn told(signals: &[&str], weight: f64) -> World {
    let mut w = World::new();
    w.summary.weights.insert("leaked_credential".to_owned(), 1.0);
    w.history.iter_mut().for_each(|h| {
        h.signals.insert("leaked_credential".to_owned(), 0);
    });
    w.verdicts = (0..VICTIMS).map(|i| verdict(i, signals)).collect();
    let prior = w.summary.prior;
    for (i, verdict) in w.verdicts.iter_mut().enumerate() {
        verdict.evidence.push(said(i, weight));
        let sum: f64 = verdict.evidence.iter().map(|e| e.weight).sum();
        let exact = 1.0 / (1.0 + (-(prior + sum)).exp());
        verdict.confidence = format!("{exact:.5e}").parse().unwrap();
    }
    w
}

#[test]
fn it_may_be_listed_for_nothing_and_other_evidence_may_not() {
    let mut w = told(&MANY, 0.0);
    assert_eq!(w.against(&w.draft()), [].into());
    w.verdicts[3].evidence[4].family = Family::Abuse;
    assert_eq!(w.against(&w.draft()), [Check::Confidence].into());
}

#[test]
fn who_does_not_reach_the_policy_without_it_is_no_member() {
    // 0.88 of their own, 0.95 with what others say.
    let nearly = ["new_device", "stuffing_machine"];
    let w = told(&nearly, 1.0);
    assert!(w.verdicts[0].confidence > w.policy.cohort.confidence_min);
    assert!(w.against(&w.draft()).contains(&Check::Evidence));
    let w = told(&MANY, 1.0);
    assert!(!w.against(&w.draft()).contains(&Check::Evidence), "they reach it of themselves");
}

#[test]
fn it_is_no_family_that_a_policy_asks_for() {
    let mut w = told(&MANY, 0.0);
    w.policy.cohort.families_min = 3;
    let draft = w.draft();
    assert_eq!(draft.entries.len(), VICTIMS);
    assert!(!w.against(&draft).contains(&Check::Evidence));
    w.policy.cohort.families_min = 4;
    assert!(w.against(&draft).contains(&Check::Evidence));
    assert!(w.draft().entries.is_empty(), "and nobody is drafted for it");
}
