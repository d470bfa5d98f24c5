//! `bench`, as anybody calls it.

use crate::world::RIGHTFUL;
use serde_json::Value;
use std::process::Command;

fn bench(more: &[&str]) -> (Option<i32>, Vec<u8>) {
    let output = Command::new(RIGHTFUL).arg("bench").args(more).output().expect("it starts");
    (output.status.code(), output.stdout)
}

#[test]
fn detection_is_measured_on_services_that_nobody_chose() {
    let asked = ["detect", "--settings", "3", "--seed", "11", "--accounts", "600", "--every", "9", "--json"];
    let (code, said) = bench(&asked);
    assert_eq!(code, Some(0));
    let value: Value = serde_json::from_slice(&said).expect("one JSON value");
    let services = value["services"].as_array().expect("a list");
    assert_eq!(services.len(), 3);
    let count = |of: &Value, what: &str| of["found"][what].as_u64().expect("a count");
    let attacks = value["whole"]["attacks"].as_object().expect("attacks");
    let victims: u64 = attacks.values().map(|of| count(of, "of")).sum();
    let found: u64 = attacks.values().map(|of| count(of, "n")).sum();
    assert!(victims > 0 && found > 0 && found <= victims, "{found} of {victims}");
    let upper = value["wrong"]["upper_95"].as_f64().expect("a bound");
    assert!(upper > 0.0 && upper <= 1.0 && upper >= value["wrong"]["share"].as_f64().unwrap_or(0.0));
    let timed: u64 = value["time_to_detection"]
        .as_object()
        .expect("by attack")
        .values()
        .map(|of| of["found"].as_u64().expect("a count"))
        .sum();
    assert_eq!(timed, found, "the last hunt of a routine finds what a hunt at the end does");
    let published = value["published"].as_array().expect("a list");
    assert_eq!(published.len(), 3, "COMPA, and Freeman at two thresholds, on the same events");
    for method in published {
        let of_method = method["attacks"].as_object().expect("attacks");
        let same = of_method.values().map(|of| of["of"].as_u64().expect("a count")).sum::<u64>();
        assert_eq!(same, victims, "each method is held against all victims: {method}");
        assert!(method["wrong"]["upper_95"].as_f64().expect("a bound") > 0.0);
    }
    assert_eq!(bench(&asked).1, said, "equal seeds say the same");
}

#[test]
fn nothing_to_measure_is_wrong_usage() {
    assert_eq!(bench(&["detect", "--settings", "0"]).0, Some(2));
    assert_eq!(bench(&["hunt", "--runs", "0"]).0, Some(2));
}

#[test]
fn the_hunt_is_measured_beside_its_floor_over_the_same_events() {
    let asked = ["hunt", "--accounts", "300", "--runs", "2", "--no-peer", "--json"];
    let (code, said) = bench(&asked);
    assert_eq!(code, Some(0));
    let value: Value = serde_json::from_slice(&said).expect("one JSON value");
    assert!(value["events"].as_u64().expect("a count") > 1_000);
    let runs = value["runs"].as_array().expect("a list");
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(|r| r["floor"].as_f64() > Some(0.0) && r["hunt"].as_f64() > Some(0.0)));
    assert!(value["median"]["peer"].is_null(), "no peer was asked for, and none is made up");
}

#[test]
fn what_is_no_parquet_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("events.parquet");
    std::fs::write(&file, "not at all").expect("it is written");
    let (code, _) = bench(&["hunt", "--no-peer", file.to_str().expect("a name")]);
    assert_eq!(code, Some(1));
}
