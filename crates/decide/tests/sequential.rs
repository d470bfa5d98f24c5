//! Tests that are asked again and again: how often they err when the first look that says enough decides, how soon
//! they see, and that a bound for a single look would err.

#![cfg(test)]

use decide::bound;
use decide::sequential::{exceeds, is_below, needed, upper};

/// A stream of numbers in [0, 1) from a seed (Steele, Lea and Flood's SplitMix64, 2014).
struct Draws(u64);

impl Draws {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

const RUNS: u64 = 500;
const LOOKS: u64 = 200;

/// In what share of runs `says` is true at any of the looks, with this share of hits.
fn ever(share: f64, seed: u64, says: impl Fn(u64, u64) -> bool) -> f64 {
    let mut said = 0;
    for run in 0..RUNS {
        let mut draws = Draws(seed * 1_000_003 + run);
        let mut hits = 0;
        for n in 1..=LOOKS {
            hits += u64::from(draws.unit() < share);
            if says(hits, n) {
                said += 1;
                break;
            }
        }
    }
    said as f64 / RUNS as f64
}

/// Three standard deviations of a share that was counted in so many runs.
fn luck(share: f64) -> f64 {
    3.0 * (share * (1.0 - share) / RUNS as f64).sqrt()
}

#[test]
fn however_often_they_are_asked_they_err_no_more_than_they_say() {
    for (seed, limit) in [(1, 0.03), (2, 0.05), (3, 0.375), (4, 0.6)] {
        for error in [0.05, 0.2] {
            let alarms = ever(limit, seed, |k, n| exceeds(k, n, limit, error));
            assert!(alarms <= error + luck(error), "seed {seed}: {alarms} alarms at a share of {limit}");
            let passes = ever(limit, seed + 9, |k, n| is_below(k, n, limit, error));
            assert!(passes <= error + luck(error), "seed {seed}: {passes} passes at a share of {limit}");
        }
    }
}

#[test]
fn a_bound_for_one_look_errs_more_often_than_it_says() {
    let alarms = ever(0.05, 5, |k, n| bound::lower(k, n, 0.95) > 0.05);
    assert!(alarms > 0.15, "only {alarms}: looking often would be harmless");
}

#[test]
fn what_is_beyond_the_limit_is_seen_and_what_is_not_stays_clear() {
    let alarm = |share, seed| ever(share, seed, |k, n| exceeds(k, n, 0.03, 0.05));
    assert!(alarm(0.5, 6) > 0.999, "half of all");
    assert!(alarm(0.164, 7) > 0.99, "three in ten wrong");
    assert!(alarm(0.018, 8) < 0.02, "a right plan");
    let pass = |share, seed| ever(share, seed, |k, n| is_below(k, n, 0.375, 0.05));
    assert!(pass(0.018, 9) > 0.999, "a right plan");
    assert!(pass(0.5, 10) < 0.03, "a plan of which all is wrong");
}

#[test]
fn nothing_known_shows_nothing_and_each_answer_counts() {
    assert!(!exceeds(0, 0, 0.03, 0.05) && !is_below(0, 0, 0.6, 0.05));
    assert!((upper(0, 0, 0.05) - 1.0).abs() < 1e-5);
    let cases = [
        (0, 8, 0.375, false),
        (0, 9, 0.375, true),
        (1, 9, 0.375, false),
        (1, 15, 0.375, true),
        (3, 15, 0.375, false),
    ];
    for (hits, n, limit, shown) in cases {
        assert_eq!(is_below(hits, n, limit, 0.05), shown, "{hits} of {n} below {limit}");
    }
    for (hits, n, limit, shown) in [
        (1, 1, 0.03, false),
        (2, 2, 0.03, true),
        (2, 9, 0.03, false),
        (3, 9, 0.03, true),
        (3, 60, 0.03, false),
    ] {
        assert_eq!(exceeds(hits, n, limit, 0.05), shown, "{hits} of {n} above {limit}");
    }
}

#[test]
fn the_bound_and_the_answers_needed_are_the_test_turned_round() {
    for hits in 0..6 {
        for limit in [0.1, 0.375, 0.6] {
            let n = needed(hits, limit, 0.05).expect("enough answers show it");
            assert!(is_below(hits, n, limit, 0.05) && !is_below(hits, n - 1, limit, 0.05));
            assert!(upper(hits, n, 0.05) <= limit + 1e-5 && upper(hits, n - 1, 0.05) > limit - 1e-5);
        }
    }
}

#[test]
fn many_answers_are_judged_as_surely_as_few() {
    let million = 1_000_000;
    assert!(exceeds(31_000, million, 0.03, 0.05) && !exceeds(30_000, million, 0.03, 0.05));
    assert!(is_below(29_000, million, 0.03, 0.05) && !is_below(30_000, million, 0.03, 0.05));
    assert!(!exceeds(0, million, 0.03, 0.05) && !is_below(million, million, 0.03, 0.05));
    assert!(!exceeds(5, 5, 1.0, 0.05) && !is_below(0, 5, 0.0, 0.05));
}
