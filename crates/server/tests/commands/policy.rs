//! The policy's commands; and files that can't be used as one.

use crate::world::{World, policy, text};
use serde_json::Value;

#[test]
fn a_limit_that_is_missing_or_contradicts_another_is_named() {
    let world = World::new(41, 1000, 20);
    let good = world.read("policy.toml");
    let cases = [
        ("placebo_share_max = 0.05\n", "", "placebo_share_max"),
        ("attempts_max = 3\n", "", "attempts_max"),
        ("batch_accounts = 20", "batch_accounts = 4001", "run.batch_accounts"),
        ("large_people = 3", "large_people = 1", "approval.large_people"),
        ("signal_leap_max = 3.0", "signal_leap_max = 0.5", "preflight.signal_leap_max"),
    ];
    for (from, to, named) in cases {
        assert!(good.contains(from), "{from}");
        world.write("policy.toml", &good.replace(from, to));
        let said = world.refused(&["plan", "list"], 1);
        assert!(said.contains(named), "{said}");
        let said = world.refused(&["policy", "show"], 1);
        assert!(said.contains(named), "{said}");
    }
}

#[test]
fn the_limits_are_shown_and_two_policies_held_against_each_other() {
    let world = World::new(42, 1000, 10);
    let shown = world.ok(&["policy", "show"]);
    let limits = shown["limits"].as_array().expect("limits");
    let canary = limits.iter().find(|l| l["key"] == "run.canary_accounts").expect("a row");
    assert_eq!((canary["value"].as_f64(), canary["unit"].as_str()), (Some(4000.0), Some("accounts")));
    let solo = limits.iter().find(|l| l["key"] == "solo.accounts_max").expect("a row");
    assert!(solo["value"].is_null(), "what the policy does not have is not made up: {solo}");

    world.write("other.toml", &policy(10).replace("active_share_max = 0.10", "active_share_max = 0.01"));
    assert_eq!(world.ok(&["policy", "diff", "policy.toml", "policy.toml"]), Value::Array(Vec::new()));
    let found = world.ok(&["policy", "diff", "policy.toml", "other.toml"]);
    let rows = found.as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{found}");
    assert_eq!(rows[0]["key"], "preflight.active_share_max");
    assert_eq!((rows[0]["a"].as_f64(), rows[0]["b"].as_f64()), (Some(0.1), Some(0.01)));
    assert!(world.refused(&["policy", "diff", "policy.toml", "missing.toml"], 1).contains("missing.toml"));
}

#[test]
fn past_plans_are_held_against_another_policy_and_what_cannot_be_told_is_said() {
    let world = World::new(43, 1000, 10);
    let (plan, run) = world.armed();
    let same = world.ok(&["policy", "what-if", "policy.toml"]);
    let of = |found: &Value, part: &str| -> Vec<Value> {
        let plans = found["plans"].as_array().expect("plans");
        let one = plans.iter().find(|p| p["plan"] == Value::String(plan.clone())).expect("the plan");
        one[part].as_array().expect("a list").clone()
    };
    assert!(of(&same, "changed").is_empty() && of(&same, "cannot_tell").is_empty(), "{same}");

    let strict = policy(10)
        .replace("active_share_max = 0.10", "active_share_max = 0.001")
        .replace("parallel = 8", "parallel = 4");
    world.write("strict.toml", &strict);
    let found = world.ok(&["policy", "what-if", "strict.toml"]);
    let changed = of(&found, "changed");
    let share = changed.iter().find(|c| c["limit"] == "preflight.active_share_max").expect("it is passed");
    assert_eq!(share["says"], "refuse");
    assert!(share["measured"].as_f64().is_some_and(|m| m > 0.001 && m < 0.1), "{share}");
    let unknown = of(&found, "cannot_tell");
    assert!(unknown.iter().any(|c| c["limit"] == "run.parallel"), "{found}");

    // What is usual: frozen from hunts that people let pass.
    world.ok(&["run", "start", &run]);
    let frozen = world.ok(&["policy", "freeze", "--since", "0", "--multiple", "5"]);
    assert_eq!(frozen["hunts"].as_u64(), Some(1));
    let (accounts, active) = (frozen["accounts"].as_u64(), frozen["active"].as_u64());
    assert!(accounts.is_some_and(|n| n > 0) && active > accounts, "{frozen}");
    let said = world.refused(&["policy", "freeze", "--since", "0", "--until", "1", "--multiple", "5"], 1);
    assert!(said.contains("no reference"), "{said}");
    // A plan that is many times of it is refused, by the section as it was said.
    let output = world.run(&["policy", "freeze", "--since", "0", "--multiple", "1"]);
    let section = String::from_utf8_lossy(&output.stdout)
        .replace(&format!("accounts = {}\n", accounts.unwrap_or(0)), "accounts = 1\n");
    world.write("policy.toml", &format!("{}\n{section}", world.read("policy.toml")));
    let draft = text(&world.ok(&["plan", "draft", "--hunt", "answer", "--author", "maker"]), "plan");
    let refused = world.run(&["plan", "check", &draft, "--json"]);
    let notes: Value = serde_json::from_slice(&refused.stdout).unwrap_or(Value::Null);
    assert!(notes["notes"].as_array().is_some_and(|n| !n.is_empty()), "{notes}");
}

#[test]
fn a_placebo_is_a_hunt_of_its_own_or_it_is_said_why_there_is_none() {
    let world = World::new(44, 1000, 20);
    // Two months, and an attack in the last third: there is room for a quiet window of the same length.
    let long = ["simulate", "--out", "long", "--seed", "44", "--accounts", "1000", "--days", "60"];
    world.ok(&[&long[..], &["--attacks", "stuffing_spam", "--attacked", "0.06"]].concat());
    world.write("rightful.toml", &world.read("rightful.toml").replace("\"sim\"", "\"long\""));
    world.ok(&["hunt", "long/events.jsonl", "--out", "answer"]);
    let draft = || text(&world.ok(&["plan", "draft", "--hunt", "answer", "--author", "maker"]), "plan");

    let plan = draft();
    let said = world.refused(&["plan", "check", &plan, "--placebo", "missing.jsonl"], 1);
    assert!(said.contains("missing.jsonl"), "{said}");
    let said = world.refused(&["plan", "check", &plan, "--placebo", "sim/events.jsonl"], 1);
    assert!(said.contains("no placebo") && said.contains("not the events"), "{said}");
    assert_eq!(text(&world.ok(&["plan", "show", &plan]), "state"), "draft", "nothing was decided");

    let placebo = |notes: &Value| -> Value {
        let notes = notes["notes"].as_array().expect("notes");
        notes.iter().find(|n| n["code"] == "placebo").expect("a note on the placebo").clone()
    };
    let checked = world.ok(&["plan", "check", &plan, "--placebo", "long/events.jsonl"]);
    let note = placebo(&checked);
    assert_eq!(note["sure"], "bounded", "{note}");
    assert!(text(&note, "text").contains("quiet window"), "{note}");
    assert!(world.path(&format!("rightful-data/placebo/{plan}/verdicts.jsonl")).exists());

    let without = placebo(&world.ok(&["plan", "check", &draft()]));
    assert_eq!((without["severity"].as_str(), without["sure"].as_str()), (Some("warn"), Some("cannot_tell")));

    // A month with attacks all over it has no quiet window.
    world.write("rightful.toml", &world.read("rightful.toml").replace("\"long\"", "\"sim\""));
    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    let said = world.refused(&["plan", "check", &draft(), "--placebo", "sim/events.jsonl"], 1);
    assert!(said.contains("no placebo") && said.contains("hours of events"), "{said}");
}
