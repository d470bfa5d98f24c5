//! Five thousand seeds of the response under fire: whatever comes, every invariant holds, and every state is reached.
//!
//! A failure names its seed; `RIGHTFUL_SEEDS=N..M` plays those alone, and `./test --soak MINUTES` plays on and on.

#![cfg(test)]

use crate::simulation::{Reached, hush, play};
use std::ops::Range;

/// Seeds that each of the parts of this test plays where nobody asks for others.
const SEEDS: u64 = 1_250;

/// The states and transitions that must be seen: one that no play reaches is dead, or is not looked at.
const MUST_BE_REACHED: [&str; 23] = [
    "run running",
    "run halted",
    "run done",
    "case intended",
    "case unknown",
    "case done",
    "case skipped",
    "case failed",
    "case stuck",
    "case intended to done",
    "case intended to skipped",
    "case intended to unknown",
    "case unknown to done",
    "case stuck to done",
    "step intended to done",
    "step intended to skipped",
    "step intended to unknown",
    "step unknown to done",
    "notice owed",
    "notice due",
    "notice sending",
    "notice sent",
    "notice failed",
];

fn asked_for() -> Option<Range<u64>> {
    let text = std::env::var("RIGHTFUL_SEEDS").ok()?;
    let (from, to) = text.split_once("..").expect("RIGHTFUL_SEEDS=FROM..TO");
    Some(from.parse().expect("a number")..to.parse().expect("a number"))
}

/// Plays seeds; gives what was reached. Fails with every seed that broke something.
#[track_caller]
fn plays(seeds: Range<u64>) -> Reached {
    hush();
    let mut reached = Reached::new();
    let mut broken = Vec::new();
    for seed in seeds {
        let played = std::panic::catch_unwind(|| play(seed));
        match played {
            Ok(played) => {
                reached.extend(played.reached);
                broken.extend(played.found.into_iter().map(|what| format!("seed {seed}: {what}")));
            }
            Err(why) => {
                let said = why.downcast_ref::<String>().cloned().unwrap_or_default();
                broken.push(format!("seed {seed}: the play itself fails: {said}"));
            }
        }
    }
    crate::none(&broken);
    reached
}

/// A part of the seeds; several, so that they are played side by side.
fn part(n: u64) {
    let seeds = match (asked_for(), n) {
        (Some(seeds), 0) => seeds,
        (Some(_), _) => return,
        (None, _) => n * SEEDS..(n + 1) * SEEDS,
    };
    let is_whole = seeds.end - seeds.start >= SEEDS;
    let reached = plays(seeds);
    if is_whole {
        let missed: Vec<String> = MUST_BE_REACHED
            .iter()
            .filter(|m| !reached.contains(**m))
            .map(|m| format!("never seen: {m}"))
            .collect();
        crate::none(&missed);
    }
}

#[test]
fn every_invariant_holds_whatever_comes_first_part() {
    part(0);
}

#[test]
fn every_invariant_holds_whatever_comes_second_part() {
    part(1);
}

#[test]
fn every_invariant_holds_whatever_comes_third_part() {
    part(2);
}

#[test]
fn every_invariant_holds_whatever_comes_fourth_part() {
    part(3);
}

#[test]
fn a_seed_plays_the_same_each_time() {
    hush();
    let marks: Vec<(String, String)> = (7..12).map(|seed| (play(seed).mark, play(seed).mark)).collect();
    assert!(marks.iter().all(|(first, second)| first == second), "{marks:?}");
}
