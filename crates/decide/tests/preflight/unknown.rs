//! What is unknown never passes a check that needs it, and is said.

use crate::world::{VICTIMS, World, id, verdict};
use decide::preflight::{Check, Note, Severity};
use model::labels::Label;
use model::note::Sure;

fn note(w: &World, check: Check) -> Note {
    let report = w.report(Check::ALL, &w.draft());
    report.notes.into_iter().find(|n| n.check == check).unwrap_or_else(|| panic!("{check:?} said nothing"))
}

#[test]
fn what_is_unknown_does_not_pass() {
    type Change = fn(&mut World);
    let cases: [(Check, Severity, Change); 10] = [
        (Check::ActiveShare, Severity::Refuse, |w| {
            w.states.values_mut().for_each(|s| s.record.active = None);
        }),
        (Check::Sentinel, Severity::Refuse, |w| w.edit(5, |r| r.sentinel = None)),
        (Check::Protected, Severity::Refuse, |w| w.edit(5, |r| r.protected = None)),
        (Check::AtRisk, Severity::Refuse, |w| w.edit(5, |r| r.at_risk = None)),
        (Check::ServiceAccount, Severity::Refuse, |w| w.edit(5, |r| r.service = None)),
        (Check::OwnEvents, Severity::Refuse, |w| w.timelines.clear()),
        (Check::Confidence, Severity::Refuse, |w| {
            w.summary.weights.remove("new_device");
        }),
        (Check::SignalRate, Severity::Warn, |w| w.history.clear()),
        (Check::Placebo, Severity::Warn, |w| w.placebo = None),
        (Check::Reference, Severity::Info, |w| w.policy.reference = None),
    ];
    for (check, severity, change) in cases {
        let mut w = World::new();
        change(&mut w);
        let note = note(&w, check);
        assert_eq!((note.severity, note.sure), (severity, Sure::CannotTell), "{note:?}");
    }
}

#[test]
fn a_first_hunt_can_be_sealed() {
    let mut w = World::new();
    w.history.clear();
    w.placebo = None;
    w.policy.reference = None;
    let said = w.said(Check::ALL, &w.draft());
    assert!(said.values().all(|s| *s < Severity::Refuse), "{said:?}");
}

#[test]
fn a_timeline_that_was_cut_does_not_accuse_and_does_not_acquit() {
    let mut w = World::new();
    // What is cited comes after what is shown, and the timeline ends before the window does.
    let shown = &mut w.timelines[7].moments;
    let mut first = shown[1].clone();
    shown.truncate(1);
    for n in 0..300 {
        first.event.id = format!("busy-{n}").as_str().into();
        shown.push(first.clone());
    }
    let said = note(&w, Check::OwnEvents);
    assert_eq!((said.severity, said.sure), (Severity::Refuse, Sure::CannotTell));
    w.timelines[7].moments[2].event.id = "u0007-a".into();
    assert!(!w.said(Check::ALL, &w.draft()).contains_key(&Check::OwnEvents), "some of it is shown");
}

#[test]
fn a_signal_that_leapt_counts_again_when_people_looked_at_members_that_nobody_chose() {
    let mut w = World::new();
    for i in 0..VICTIMS / 10 {
        w.verdicts[i] = verdict(i, &["new_device", "new_network", "mass_follow"]);
    }
    assert_eq!(note(&w, Check::SignalRate).severity, Severity::Refuse);
    for i in 0..VICTIMS / 10 - 1 {
        w.labels.insert(id(i), Label::Compromised);
    }
    let held = note(&w, Check::SignalRate);
    assert_eq!(held.severity, Severity::Refuse, "one has no label yet");
    assert!(held.todo.contains("u0007"), "and it is named: {}", held.todo);
    w.labels.insert(id(VICTIMS / 10 - 1), Label::Compromised);
    assert_eq!(note(&w, Check::SignalRate).severity, Severity::Warn);
    w.labels.insert(id(0), Label::CantTell);
    assert_eq!(note(&w, Check::SignalRate).severity, Severity::Refuse, "one can't be told");
}

#[test]
fn a_leap_on_which_nobody_rests_is_no_matter() {
    let mut w = World::new();
    for i in 0..VICTIMS / 2 {
        let many = ["new_device", "new_network", "stuffing_machine", "shared_domain", "mass_follow"];
        w.verdicts[i] = verdict(i, &many);
    }
    assert_eq!(w.against(&w.draft()), [].into());
}

#[test]
fn what_was_new_about_a_hand_may_have_been_seen_before_the_window_and_what_it_did_may_not() {
    let mut w = World::new();
    let seen = |w: &World| w.said(Check::ALL, &w.draft()).contains_key(&Check::InWindow);
    // The owner's moment, long before: new_device and new_network come first in the evidence.
    let before = w.timelines[7].moments[0].event.id.clone();
    w.verdicts[7].evidence[0].events = vec![before.clone()];
    assert!(!seen(&w), "a place that was new days before");
    w.verdicts[7].evidence[2].events = vec![before];
    assert!(seen(&w), "a sign-in by a stuffing machine, days before");
}

#[test]
fn evidence_may_weigh_less_than_the_hunt_states_and_never_more() {
    for (by, expected) in [(-0.5, false), (0.5, true), (-2.5, true)] {
        let mut w = World::new();
        let found = &mut w.verdicts[3];
        found.evidence[0].weight += by;
        let sum: f64 = found.evidence.iter().map(|e| e.weight).sum();
        found.confidence = 1.0 / (1.0 + (8.0 - sum).exp());
        let draft = w.draft();
        let said = w.said(&[Check::Confidence], &draft);
        assert_eq!(said.contains_key(&Check::Confidence), expected, "{by}");
    }
}
