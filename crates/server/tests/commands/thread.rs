//! The whole thread through the commands, and back.

use crate::world::{World, lines, text};
use serde_json::Value;
use std::collections::BTreeSet;

fn touched(world: &World) -> BTreeSet<String> {
    world.writes().iter().map(|w| text(w, "account")).collect()
}

#[test]
fn from_events_to_a_verified_log_and_back_again() {
    let world = World::new(11, 1500, 10);
    let (plan, run) = world.armed();
    let planned: BTreeSet<String> = world.planned(&plan).into_iter().collect();
    assert!(touched(&world).is_empty(), "nothing is done before the run starts");

    let done = world.ok(&["run", "start", &run]);
    assert_eq!(text(&done, "state"), "done");
    assert_eq!(touched(&world), planned, "exactly the plan's accounts");
    let notices = done["notices"]["sent"].as_u64().unwrap_or(0);
    assert_eq!(world.catcher.mails().len() as u64, notices);
    assert!(notices > 0);

    // Nobody posted on since the plan was sealed: by its run or by itself named, nothing is to be added to it.
    for of in [&run, &plan] {
        let nothing = world.refused(&["plan", "addendum", of, "--hunt", "answer"], 1);
        assert!(nothing.contains("nothing is to be added") && nothing.contains(&run), "{nothing}");
    }
    assert_eq!(world.ok(&["run", "show", &run])["addenda"], Value::Array(Vec::new()));
    assert_eq!(world.ok(&["plan", "show", &plan])["adds_to"], Value::Null);

    // A plan file verifies from itself, and a changed one is another.
    world.ok(&["plan", "export", &plan, "plan.txt"]);
    let digest = text(&world.ok(&["plan", "show", &plan]), "digest");
    assert_eq!(text(&world.ok(&["plan", "verify", "plan.txt", "--digest", &digest]), "digest"), digest);
    let file = world.read("plan.txt").replacen("\"n\":1}", "\"n\":7}", 1);
    world.write("changed.txt", &file);
    assert!(
        world.refused(&["plan", "verify", "changed.txt", "--digest", &digest], 1).contains("not the plan")
    );

    // One exonerated account gets its password back, the others are released.
    let innocent = planned.first().expect("somebody").clone();
    world.ok(&["case", "label", &innocent, "not-compromised", "--operator", "ana"]);
    let preview = world.ok(&["run", "undo", &run, "--preview"]);
    assert_eq!(preview["restored"].as_object().map(serde_json::Map::len), Some(1));
    let undo = text(&world.ok(&["run", "undo", &run, "--author", "maker"]), "plan");
    assert!(
        world.refused(&["run", "arm", &undo], 3).contains("approvals"),
        "an undo of many needs people too"
    );
    world.approve(&undo);
    let before = world.writes().len();
    world.ok(&["run", "arm", &undo]);
    assert_eq!(text(&world.ok(&["run", "start", &undo]), "state"), "done");
    let no_containment = world.refused(&["plan", "addendum", &undo, "--hunt", "answer"], 1);
    assert!(
        no_containment.contains("contains nobody") && no_containment.contains("plan draft"),
        "{no_containment}"
    );
    let credentials: Vec<Value> =
        world.writes().split_off(before).into_iter().filter(|w| w["write"] == "credential").collect();
    assert!(credentials.iter().all(|w| w["account"] == Value::String(innocent.clone())), "{credentials:?}");

    world.ok(&["audit", "export", "audit"]);
    world.ok(&["audit", "verify", "audit"]);
    let kept = world.read("audit/checkpoint");
    world.write("kept", &kept);
    std::fs::remove_dir_all(world.path("audit/tile/entries")).expect("the log has entries");
    assert!(world.refused(&["audit", "verify", "audit", "--checkpoint", "kept"], 1).contains("removed"));
}

#[test]
fn nothing_runs_without_two_people_who_did_not_make_it() {
    let world = World::new(12, 1200, 10);
    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    let plan = text(&world.ok(&["plan", "draft", "--hunt", "answer", "--author", "ana"]), "plan");
    world.refused(&["plan", "seal", &plan], 1);
    world.ok(&["plan", "check", &plan]);
    world.ok(&["plan", "seal", &plan]);
    assert!(world.refused(&["run", "arm", &plan], 3).contains("approvals"));
    let key = |name: &str| format!("rightful-data/keys/{name}.key");
    let too_early = world.refused(&["plan", "approve", &plan, "--operator", "ben", "--key", &key("ben")], 1);
    assert!(too_early.contains("reviewed"), "{too_early}");
    assert!(world.review(&plan), "nobody innocent is in it");
    let not_theirs = world.refused(&["plan", "approve", &plan, "--operator", "ben", "--key", &key("ana")], 1);
    assert!(not_theirs.contains("not ben's"), "{not_theirs}");
    let other = world.refused(
        &["plan", "approve", &plan, "--operator", "ben", "--key", &key("ben"), "--digest", "00000000"],
        2,
    );
    assert!(other.contains("is not the digest"), "{other}");
    world.approve(&plan);
    assert!(world.refused(&["run", "arm", &plan], 3).contains("ana is the author"));
    assert!(touched(&world).is_empty());
    world.ok(&["operator", "add", "cleo"]);
    world.ok(&["plan", "approve", &plan, "--operator", "cleo", "--key", &key("cleo")]);
    world.ok(&["run", "arm", &plan]);
}

#[test]
fn the_halt_file_stops_everything_and_says_so() {
    let world = World::new(13, 1200, 10);
    let (_, run) = world.armed();
    world.write("rightful-data/HALT", "");
    assert!(world.refused(&["run", "start", &run], 4).contains("HALT"));
    assert!(touched(&world).is_empty());
    std::fs::remove_file(world.path("rightful-data/HALT")).unwrap();
    assert_eq!(text(&world.ok(&["run", "start", &run]), "state"), "done");
    assert!(!touched(&world).is_empty());
}

#[test]
fn one_person_holds_a_few_and_a_person_can_see_who_needs_one() {
    let world = World::new(14, 1200, 10);
    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    let found = lines(&world.path("answer/verdicts.jsonl"));
    let victims = world.victims();
    let victim = found.iter().map(|v| text(v, "account")).find(|a| victims.contains(a)).expect("somebody");
    let key = "rightful-data/keys/ana.key";
    let hold = ["run", "brake", &victim, "--hunt", "answer", "--hold", "--operator", "ana", "--key", key];
    let run = text(&world.ok(&hold), "run");
    assert_eq!(world.ok(&["run", "show", &run])["holds"]["ours"], 1);
    let off: Vec<Value> = world.writes().into_iter().filter(|w| w["write"] == "off").collect();
    assert_eq!(off.len(), 1);
    assert_eq!((text(&off[0], "account"), text(&off[0], "by")), (victim.clone(), "hold".to_owned()));
    let ended = world.ok(&["run", "end-holds"]);
    assert_eq!(ended["ended"], 0, "its time is not over");
    // Whoever pulled it makes it no longer, one other is too few, two are enough.
    let longer = |who: &str| {
        let key = format!("rightful-data/keys/{who}.key");
        world.run(&["run", "brake", "--extend", &run, "--operator", who, "--key", &key])
    };
    let end = || world.ok(&["run", "show", &run])["brake"].clone();
    let by_itself = end()["ends_at"].as_i64().expect("it ends");
    assert!(!longer("ana").status.success(), "ana pulled it");
    assert!(longer("ben").status.success());
    assert_eq!(end()["ends_at"].as_i64(), Some(by_itself), "{}", end());
    assert!(longer("ben").status.success(), "and says it once more");
    assert_eq!(end()["ends_at"].as_i64(), Some(by_itself), "{}", end());
    world.ok(&["operator", "add", "cleo"]);
    assert!(longer("cleo").status.success());
    assert_eq!(end()["ends_at"].as_i64(), Some(by_itself + 28_800_000), "{}", end());
    let held = &world.ok(&["case", "show", &victim])["holds"];
    assert_eq!(held.as_array().map(Vec::len), Some(1), "{held}");
    assert_eq!(world.ok(&["case", "queue"]), Value::Array(Vec::new()));
    let explained = world.ok(&["case", "explain", &victim]);
    assert_eq!(text(&explained, "account"), victim);
    let said = text(&explained, "text");
    assert!(said.contains("We took your account off until") && said.contains("case prove"), "{said}");
    let code = text(&explained["letters"][0], "code");
    assert_eq!(text(&world.ok(&["case", "explain", &code]), "account"), victim);
    assert!(world.refused(&["case", "explain", "nobody"], 1).contains("nothing is on record of nobody"));
    let nobody = world.refused(&["case", "close", &victim, "--note", "seen", "--operator", "ana"], 1);
    assert!(nobody.contains("not in the queue"), "{nobody}");
}
