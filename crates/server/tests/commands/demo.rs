//! The demonstration, as a newcomer has it.

use crate::world::RIGHTFUL;
use serde_json::Value;
use std::process::Command;

fn demo(seed: u64) -> Value {
    let output = Command::new(RIGHTFUL)
        .args(["demo", "--once", "--json", "--seed", &seed.to_string()])
        .output()
        .expect("the binary starts");
    assert!(output.status.success(), "seed {seed}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON value")
}

#[test]
fn the_mission_happens() {
    for seed in [1, 2] {
        let summary = demo(seed);
        let n = |field: &str| summary[field].as_u64().unwrap_or_else(|| panic!("{field} in {summary}"));
        assert!(n("victims_contained") * 10 >= n("victims") * 9, "seed {seed}: {summary}");
        assert_eq!(n("contained_outside_plan"), 0, "seed {seed}");
        assert_eq!(n("owner_posts_hidden"), 0, "seed {seed}");
        assert_eq!(n("contained_innocent_by_routine"), 0, "seed {seed}");
        assert_eq!(n("victims_restored"), 0, "seed {seed}");
        assert_eq!(summary["list_refused"], Value::Bool(true), "seed {seed}");
        assert_eq!(n("halted_runs"), 1, "seed {seed}");
        assert_eq!(n("restored"), n("contained_innocent"), "seed {seed}");
        assert!(n("recovered") > 0 && n("posts_hidden") > 0 && n("notices") > 0, "seed {seed}: {summary}");
    }
}
