//! The placebo's window and yield: of the same length, quiet, with enough history; else there is none.

use crate::world::{VICTIMS, World, id, verdict};
use decide::preflight::{Check, PlaceboError, Severity, placebo_window, placebo_yield};
use model::id::Digest;
use model::labels::Label;
use model::verdict::{Belief, IntelligenceFile, IntelligenceKind, Window};

const DAY: i64 = 86_400_000;

/// An attack of two days, on the twentieth day of the events.
fn attacked() -> World {
    let mut w = World::new();
    let window = Window { start: 20 * DAY, end: 22 * DAY };
    w.summary.window = Window { start: 0, end: 30 * DAY };
    w.verdicts.iter_mut().for_each(|v| v.window = window);
    for moment in w.timelines.iter_mut().flat_map(|t| &mut t.moments) {
        moment.event.time += 20 * DAY;
    }
    w
}

#[test]
fn the_window_is_as_long_as_the_attack_and_just_before_it() {
    let w = attacked();
    let window = placebo_window(&w.draft(), &w.summary, &w.policy).unwrap();
    assert_eq!(window, Window { start: 18 * DAY, end: 20 * DAY });
}

#[test]
fn without_enough_history_there_is_none() {
    let mut w = attacked();
    w.summary.window.start = 11 * DAY;
    placebo_window(&w.draft(), &w.summary, &w.policy).unwrap();
    w.summary.window.start += 1;
    let found = placebo_window(&w.draft(), &w.summary, &w.policy).unwrap_err();
    assert_eq!(found, PlaceboError::TooShort { needed_ms: 9 * DAY, found_ms: 9 * DAY - 1 });
    let mut empty = w.draft();
    empty.entries.clear();
    assert_eq!(placebo_window(&empty, &w.summary, &w.policy), Err(PlaceboError::Empty));
}

#[test]
fn its_yield_is_whom_a_plan_would_hold() {
    let w = attacked();
    let window = Window { start: 18 * DAY, end: 20 * DAY };
    let mut summary = w.summary.clone();
    summary.window.end = 20 * DAY - 1;
    let found = |i: usize, belief, confidence| {
        let mut v = verdict(i, &["new_device", "shared_domain"]);
        (v.verdict, v.confidence, v.window) = (belief, confidence, Window { start: 19 * DAY, end: 19 * DAY });
        v
    };
    let verdicts = [
        found(VICTIMS, Belief::Compromised, 0.95),
        found(VICTIMS + 1, Belief::Compromised, 0.85),
        found(VICTIMS + 2, Belief::Suspected, 0.95),
    ];
    let placebo = placebo_yield(window, &verdicts, &summary, &w.basis()).unwrap();
    assert_eq!(placebo.believed, 1, "one is below the policy's confidence, one only suspected");
}

#[test]
fn a_window_in_which_somebody_really_was_is_not_quiet() {
    let mut w = attacked();
    let window = Window { start: 18 * DAY, end: 20 * DAY };
    let mut summary = w.summary.clone();
    summary.window.end = 20 * DAY - 1;
    let mut found = verdict(VICTIMS, &["new_device", "shared_domain"]);
    found.window = Window { start: 19 * DAY, end: 19 * DAY };
    let yielded = |w: &World| placebo_yield(window, std::slice::from_ref(&found), &summary, &w.basis());
    assert_eq!(yielded(&w).unwrap().believed, 1);

    w.labels.insert(id(VICTIMS), Label::Compromised);
    assert!(matches!(yielded(&w), Err(PlaceboError::TrueVerdicts { accounts: 1, .. })), "a person says so");
    w.labels.clear();
    w.verdicts[0].window.start = 19 * DAY;
    assert!(matches!(yielded(&w), Err(PlaceboError::TrueVerdicts { .. })), "the plan's hunt says so");
}

#[test]
fn other_events_are_no_placebo() {
    let w = attacked();
    let window = Window { start: 18 * DAY, end: 20 * DAY };
    let mut summary = w.summary.clone();
    summary.window.end = 20 * DAY - 1;
    placebo_yield(window, &[], &summary, &w.basis()).unwrap();
    summary.window.start += 1;
    assert_eq!(placebo_yield(window, &[], &summary, &w.basis()), Err(PlaceboError::OtherEvents));
    summary.window = w.summary.window;
    let late = placebo_yield(window, &[], &summary, &w.basis());
    assert_eq!(late, Err(PlaceboError::OtherEvents), "it saw the attack");
}

#[test]
fn a_plan_too_small_for_the_bound_is_told_so_and_not_refused() {
    let mut w = World::new();
    let said = |w: &World| w.said(&[Check::Placebo], &w.draft())[&Check::Placebo];
    assert_eq!(said(&w), Severity::Info);
    w.verdicts.truncate(20);
    assert_eq!(said(&w), Severity::Warn, "three in four thousand are not excluded, and there are twenty");
    w.placebo.as_mut().unwrap().believed = 2;
    assert_eq!(said(&w), Severity::Refuse, "a tenth is to be expected");
}

#[test]
fn it_takes_networks_from_the_files_that_the_hunt_took_them_from() {
    let mut w = attacked();
    let window = Window { start: 18 * DAY, end: 20 * DAY };
    let file = |kind, of: &str| IntelligenceFile {
        kind,
        file: of.to_owned(),
        digest: Digest::of(of.as_bytes()),
        names: None,
        met: 7,
        common: None,
        common_first: Vec::new(),
    };
    let networks = |of: &str| file(IntelligenceKind::Mmdb, of);
    w.summary.intelligence = vec![file(IntelligenceKind::Leaked, "leaks"), networks("a"), networks("b")];
    let given = |files: &[IntelligenceFile]| {
        let mut summary = w.summary.clone();
        summary.window.end = 20 * DAY - 1;
        summary.intelligence = files.to_vec();
        placebo_yield(window, &[], &summary, &w.basis()).err()
    };
    assert_eq!(given(&[networks("a"), networks("b")]), None, "what others say makes no difference");
    for other in [&[][..], &[networks("a")], &[networks("b"), networks("a")]] {
        assert_eq!(given(other), Some(PlaceboError::OtherNetworks));
    }
}
