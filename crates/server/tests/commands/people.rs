//! What one person may do, and what takes back: rehearsal, brake, a withdrawn signal, an erasure.

use crate::world::{World, lines, text};
use std::collections::BTreeSet;

fn touched(world: &World) -> BTreeSet<String> {
    world.writes().iter().map(|w| text(w, "account")).collect()
}

#[test]
fn a_rehearsal_says_what_would_be_done_and_does_none_of_it() {
    let world = World::new(51, 1200, 20);
    let (plan, run) = world.armed();
    let shown = world.ok(&["run", "start", &plan, "--rehearse"]);
    let planned = world.planned(&plan).len() as u64;
    assert_eq!(shown["accounts"].as_u64(), Some(planned));
    assert_eq!(shown["would_act"].as_u64(), Some(planned), "{shown}");
    assert!(shown["acts"]["end_sessions"].as_u64() > Some(0) && shown["not_yet"].is_null(), "{shown}");
    let letters: u64 =
        shown["letters"].as_object().unwrap().values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(letters, planned);
    assert!(world.writes().is_empty() && world.catcher.mails().is_empty());
    assert_eq!(text(&world.ok(&["run", "show", &run]), "state"), "armed");

    // One whose credential moves meanwhile is named; by its run, all the same.
    let account = world.planned(&plan)[0].clone();
    let other = world.ok(&["run", "start", &run, "--rehearse"]);
    assert_eq!(other["plan"], shown["plan"]);
    assert!(!account.is_empty() && other["moved"].as_array().is_some_and(Vec::is_empty), "{other}");
}

#[test]
fn a_brake_ends_sessions_on_one_word_and_knows_its_bounds() {
    let world = World::new(52, 1200, 20);
    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    let named: Vec<String> =
        lines(&world.path("answer/verdicts.jsonl")).iter().take(3).map(|v| text(v, "account")).collect();
    let key = "rightful-data/keys/ana.key";
    let mut words = vec!["run", "brake", "--hunt", "answer", "--operator", "ana", "--key", key];
    let without_verdict = world.refused(&[&words[..], &["u000000-nobody"]].concat(), 1);
    assert!(without_verdict.contains("no verdict"), "{without_verdict}");
    let not_theirs =
        world.refused(&["run", "brake", &named[0], "--hunt", "answer", "--operator", "ben", "--key", key], 1);
    assert!(not_theirs.contains("not ben's"), "{not_theirs}");
    assert!(touched(&world).is_empty());

    words.extend(named.iter().map(String::as_str));
    let done = world.ok(&words);
    assert_eq!(done["accounts"], 3);
    assert_eq!(touched(&world), named.iter().cloned().collect());
    let kinds: BTreeSet<String> = world.writes().iter().map(|w| text(w, "write")).collect();
    assert!(!kinds.contains("credential") && !kinds.contains("hide"), "a brake never resets: {kinds:?}");
}

#[test]
fn a_brake_takes_no_more_than_its_limits_on_a_day_and_ends_by_its_time() {
    let world = World::new(54, 1200, 20);
    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    let named: Vec<String> =
        lines(&world.path("answer/verdicts.jsonl")).iter().take(3).map(|v| text(v, "account")).collect();
    let shipped = world.read("policy.toml");
    let brake = "[brake]\n# One person, at night: sessions ended or accounts held, nothing else.\n";
    let (two, hour) = ("accounts_per_day_max = 2\n", "valid_ms = 3600000\n");
    let tight = shipped
        .replace(&format!("{brake}accounts_per_day_max = 200\n"), &format!("{brake}{two}"))
        .replace("valid_ms = 7200000              # two hours\n", hour);
    assert!(tight.contains(&format!("{brake}{two}{hour}")), "{tight}");
    world.write("policy.toml", &tight);
    let pulled = |accounts: &[String]| {
        let key = "rightful-data/keys/ana.key";
        let words = ["run", "brake", "--hunt", "answer", "--operator", "ana", "--key", key];
        words.into_iter().chain(accounts.iter().map(String::as_str)).map(str::to_owned).collect::<Vec<_>>()
    };
    let said = |accounts: &[String]| {
        let words = pulled(accounts);
        world.refused(&words.iter().map(String::as_str).collect::<Vec<_>>(), 1)
    };
    let done = |accounts: &[String]| {
        let words = pulled(accounts);
        world.ok(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert!(said(&named).contains("brake.accounts_per_day"), "three on a day of two");
    assert!(touched(&world).is_empty());
    let first = done(&named[..2]);
    assert_eq!(touched(&world).len(), 2);
    assert!(said(&named[2..]).contains("brake.accounts_per_day"), "over all brakes of the day");
    // Its time is the policy's, and two policies tell them apart.
    world.write(
        "policy.toml",
        &tight.replace(two, "accounts_per_day_max = 3\n").replace(hour, "valid_ms = 7200000\n"),
    );
    let second = done(&named[2..]);
    let lasts = |braked: &serde_json::Value| {
        let plan = world.ok(&["plan", "show", braked["plan"].as_str().expect("a plan")]);
        plan["header"]["expires_at"].as_i64().unwrap() - plan["header"]["drafted_at"].as_i64().unwrap()
    };
    assert_eq!((lasts(&first), lasts(&second)), (3_600_000, 7_200_000));
}

#[test]
fn a_withdrawn_signal_takes_back_just_what_rested_on_it() {
    let world = World::new(53, 1500, 20);
    let (plan, run) = world.armed();
    world.ok(&["run", "start", &run]);
    // The signal on which the fewest accounts of the plan rest.
    let planned: BTreeSet<String> = world.planned(&plan).into_iter().collect();
    let mut carried: std::collections::BTreeMap<String, BTreeSet<String>> = std::collections::BTreeMap::new();
    for verdict in lines(&world.path("answer/verdicts.jsonl")) {
        let account = text(&verdict, "account");
        for evidence in verdict["evidence"].as_array().unwrap().iter().filter(|_| planned.contains(&account))
        {
            carried.entry(text(evidence, "signal")).or_default().insert(account.clone());
        }
    }
    let unknown = world.refused(&["run", "retract", "--signal", "no-such-signal", "--preview"], 1);
    assert!(unknown.contains("no-such-signal"), "{unknown}");
    let restored = |shown: &serde_json::Value| -> BTreeSet<String> {
        let runs = shown["runs"].as_array().or_else(|| shown.as_array()).expect("runs").clone();
        runs.iter().filter_map(|r| r["restored"].as_object()).flat_map(|r| r.keys().cloned()).collect()
    };
    let before = world.writes().len();
    for (signal, accounts) in &carried {
        let shown = world.ok(&["run", "retract", "--signal", signal, "--preview"]);
        let back = restored(&shown);
        assert!(back.is_subset(accounts), "{signal}: {back:?} did not rest on it");
    }
    assert_eq!(world.writes().len(), before, "a preview does nothing");
}

#[test]
fn an_erased_account_is_gone_from_the_ledger_and_the_seal_still_verifies() {
    let world = World::new(54, 1200, 20);
    let (plan, run) = world.armed();
    world.ok(&["run", "start", &run]);
    let account = world.planned(&plan)[0].clone();
    world.ok(&["privacy", "hold", &account, "--reason", "a court asked", "--operator", "ana"]);
    let held = world.refused(&["privacy", "erase", &account, "--confirm", &account], 1);
    assert!(held.contains("hold"), "{held}");
    world.ok(&["privacy", "lift", &account, "--reason", "it is over", "--operator", "ana"]);
    let other = world.refused(&["privacy", "erase", &account, "--confirm", "somebody-else"], 2);
    assert!(other.contains(&account), "{other}");
    world.ok(&["privacy", "erase", &account, "--confirm", &account]);
    world.ok(&["plan", "export", &plan, "plan.txt"]);
    world.ok(&["plan", "verify", "plan.txt"]);
    world.ok(&["audit", "export", "audit"]);
    world.ok(&["audit", "verify", "audit"]);
    assert!(!world.read("plan.txt").contains(&account), "the exported plan still names it");
}
