//! Labels back into the confidence: `hunt calibrate`, and a hunt by what it wrote.

use crate::world::{World, lines, text};
use serde_json::Value;

fn number(of: &Value, what: &str) -> f64 {
    of[what].as_f64().unwrap_or_else(|| panic!("no {what} in {of}"))
}

fn json(world: &World, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(world.path(file)).expect("it is there")).expect("JSON")
}

#[test]
fn labels_correct_the_confidence_and_the_answer_says_so() {
    let world = World::new(61, 3000, 20);
    let nothing = world.ok(&["hunt", "calibrate"]);
    assert_eq!((&nothing["answered"], &nothing["brier"]), (&0.into(), &Value::Null));
    let refused = world.refused(&["hunt", "calibrate", "--out", "cal.json"], 1);
    assert!(refused.contains("59 are needed") && !world.path("cal.json").exists(), "{refused}");

    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    assert_eq!(text(&json(&world, "answer/summary.json"), "calibration"), "calibrated on simulated data");
    let plan = text(&world.ok(&["plan", "draft", "--hunt", "answer", "--author", "maker"]), "plan");
    world.ok(&["plan", "check", &plan]);
    world.ok(&["plan", "seal", &plan]);
    world.review(&plan);
    let planned = world.planned(&plan);
    let victims = world.victims();

    let found = world.ok(&["hunt", "calibrate", "--out", "cal.json"]);
    let answered = number(&found, "answered");
    assert!(answered >= 59.0 && answered <= planned.len() as f64, "{found}: the planted are no answers");
    let bins = found["reliability"].as_array().expect("bins");
    let sum = |what: &str| bins.iter().map(|bin| number(bin, what)).sum::<f64>();
    assert!((sum("verdicts") - answered).abs() < 1e-9, "{found}");
    let right = planned.iter().filter(|a| victims.contains(a)).count() as f64;
    assert!(sum("compromised") <= right && answered - sum("compromised") <= planned.len() as f64 - right);
    for bin in bins {
        let [least, so, most] = ["lower_95", "so", "upper_95"].map(|what| number(bin, what));
        assert!(least <= so && so <= most && most <= 1.0, "{bin}");
    }
    assert!(number(&found, "brier") < 0.1);

    let by = json(&world, "cal.json");
    let (stretch, shift) = (number(&by, "stretch"), number(&by, "shift"));
    world.ok(&["hunt", "sim/events.jsonl", "--out", "again", "--calibration", "cal.json"]);
    let (before, summary) = (json(&world, "answer/summary.json"), json(&world, "again/summary.json"));
    let said = text(&summary, "calibration");
    assert!(
        said.starts_with(&format!("calibrated on rehearsed answers ({answered} answers about rehearse:")),
        "{said}"
    );
    assert!((number(&summary, "prior") - (stretch * number(&before, "prior") + shift)).abs() < 1e-3);
    let verdicts = lines(&world.path("again/verdicts.jsonl"));
    assert!(verdicts.len() > 40);
    for verdict in &verdicts {
        let evidence = verdict["evidence"].as_array().expect("a list");
        let log_odds = number(&summary, "prior") + evidence.iter().map(|e| number(e, "weight")).sum::<f64>();
        let expected = 1.0 / (1.0 + (-log_odds).exp());
        assert!((number(verdict, "confidence") - expected).abs() < 1e-5, "{verdict}: {expected}");
    }
    // What the preflight computes again agrees as well.
    let plan = text(&world.ok(&["plan", "draft", "--hunt", "again", "--author", "maker"]), "plan");
    assert_eq!(text(&world.ok(&["plan", "check", &plan]), "state"), "checked");
    // Hunted by a correction, the same verdicts give the same correction: it is undone before it is fitted.
    world.ok(&["plan", "seal", &plan]);
    world.review(&plan);
    let again = world.ok(&["hunt", "calibrate", "--out", "cal2.json"]);
    assert_eq!(again["other_weights"], 0);
    assert!((number(&again["correction"], "stretch") - stretch).abs() < 0.2, "{again}");

    let mut broken = by.clone();
    broken["weights"] = "00".repeat(32).into();
    world.write("broken.json", &broken.to_string());
    let hunt = ["hunt", "sim/events.jsonl", "--out", "third", "--calibration", "broken.json"];
    assert!(world.refused(&hunt, 1).contains("other weights"));
    world.write("broken.json", "{\n\"format\": 3");
    assert!(world.refused(&hunt, 1).contains("broken.json, line 2"));
    assert!(!world.path("third").exists(), "nothing is hunted by a wrong file");
}
