//! The drill, as an operator calls it: mistakes and their twins, under faults.

use crate::world::RIGHTFUL;
use serde_json::Value;
use std::process::Command;

#[test]
fn mistakes_touch_nobody_outside_a_plan_and_their_twins_complete() {
    let drills =
        ["wider-than-believed", "wrong-join", "says-done", "run-twice", "under-scoped", "victims-undone"];
    let output = Command::new(RIGHTFUL)
        .arg("drill")
        .args(drills)
        .args(["--seed", "2", "--json"])
        .output()
        .expect("it starts");
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(rows.len(), drills.len() * 2);
    for row in &rows {
        assert_eq!(row["breach"], Value::Bool(false), "{row}");
        for zero in ["contained_outside_plan", "told_outside_plan", "hidden_outside_plan", "victims_restored"]
        {
            assert_eq!(row[zero], 0, "{zero}: {row}");
        }
    }
    assert!(output.status.success());
    let twins = rows.iter().filter(|r| r["twin"] == Value::Bool(true));
    let contained: u64 = twins.map(|r| r["victims_contained"].as_u64().unwrap_or(0)).sum();
    assert!(contained > 0, "{rows:?}");
}

#[test]
fn an_unknown_drill_is_told_the_nearest() {
    let output = Command::new(RIGHTFUL).args(["drill", "run-twise"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean run-twice"));
}
