//! Consents that are none: given to another digest, by the author, or too late; and a list that comes twice.

use crate::world::{World, policy, text};

/// Runs a statement on the ledger's file, as somebody with access to it could.
fn edit_ledger(world: &World, statement: &str) {
    let script = format!(
        "import sqlite3,sys\nc=sqlite3.connect('rightful-data/ledger.sqlite3')\n\
         n=c.execute({statement:?}).rowcount\nc.commit()\nsys.exit(0 if n>0 else 1)"
    );
    let done = std::process::Command::new("python3")
        .args(["-c", &script])
        .current_dir(world.folder.path())
        .status()
        .expect("python3 starts");
    assert!(done.success(), "{statement}");
}

/// Drafts, checks, seals and reviews; each time until a review passes.
fn reviewed(world: &World, author: &str) -> String {
    for _ in 0..4 {
        let plan = text(&world.ok(&["plan", "draft", "--hunt", "answer", "--author", author]), "plan");
        world.ok(&["plan", "check", &plan]);
        world.ok(&["plan", "seal", &plan]);
        if world.review(&plan) {
            return plan;
        }
    }
    panic!("four reviews refused the plan");
}

#[test]
fn signatures_of_another_plan_and_of_the_author_are_no_consent() {
    let world = World::new(31, 1000, 20);
    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    let signed = reviewed(&world, "maker");
    world.approve(&signed);
    let other = reviewed(&world, "maker");
    edit_ledger(
        &world,
        &format!(
            "INSERT INTO approval SELECT '{other}', operator, digest, decision, expires_at, signature, signed_at \
             FROM approval WHERE plan = '{signed}'"
        ),
    );
    edit_ledger(&world, &format!("UPDATE plan SET state = 'approved' WHERE id = '{other}'"));
    let said = world.refused(&["run", "arm", &other], 1);
    assert!(said.contains("ana signed another digest"), "{said}");

    // Nor where the digest beside the signature is changed to fit.
    edit_ledger(
        &world,
        &format!(
            "UPDATE approval SET digest = (SELECT digest FROM plan WHERE id = '{other}') WHERE plan = '{other}'"
        ),
    );
    let said = world.refused(&["run", "arm", &other], 1);
    assert!(said.contains("ana's signature is not theirs"), "{said}");

    let own = reviewed(&world, "ana");
    world.approve(&own);
    let said = world.refused(&["run", "arm", &own], 3);
    assert!(said.contains("ana is the author"), "{said}");
    assert!(world.writes().is_empty());
}

#[test]
fn a_consent_to_a_plan_whose_time_is_over_is_none() {
    let world = World::new(32, 1000, 20);
    // Good for a millisecond: over before anybody can sign it.
    world.write("policy.toml", &policy(10).replace("valid_ms = 1814400000", "valid_ms = 1"));
    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    let plan = reviewed(&world, "maker");
    let key = "rightful-data/keys/ana.key";
    let said = world.refused(&["plan", "approve", &plan, "--operator", "ana", "--key", key], 1);
    assert!(said.contains("expired"), "{said}");
    assert!(world.refused(&["run", "arm", &plan], 3).contains("expired"));
    assert!(world.writes().is_empty());
}

#[test]
fn a_list_that_comes_twice_does_nothing_twice() {
    let world = World::new(33, 1000, 20);
    let (plan, run) = world.armed();
    let planned = world.planned(&plan);
    let draft = ["plan", "draft", "--hunt", "answer", "--list", "list.txt", "--author", "maker"];
    // A name that is there twice says that something is wrong with the file.
    world.write("list.txt", &format!("{}\n{}\n", planned[0], planned[0]));
    assert!(world.refused(&draft, 1).contains("line 2"));
    world.write("list.txt", &planned.iter().map(|a| format!("{a}\n")).collect::<String>());
    let first = world.ok(&draft);
    assert_eq!(first["accounts"].as_u64(), Some(planned.len() as u64));

    assert_eq!(text(&world.ok(&["run", "start", &run]), "state"), "done");
    let done = world.writes().len();
    // The same list again, after it was done: everybody on it is contained, and nobody is in the plan.
    let again = world.ok(&draft);
    assert_eq!(again["accounts"].as_u64(), Some(0));
    let shown = world.ok(&["plan", "show", &text(&again, "plan")]);
    let reasons = shown["left_out"].as_array().expect("who was left out");
    let contained = reasons.iter().filter(|l| l["code"] == "already_contained").count();
    assert_eq!(contained, planned.len());
    let said = world.refused(&["plan", "check", &text(&again, "plan")], 1);
    assert!(said.contains("can't be sealed"), "{said}");
    assert_eq!(world.writes().len(), done);
}

#[test]
fn a_plan_edited_after_its_export_is_another_in_each_line_and_each_entry() {
    let world = World::new(34, 1000, 20);
    let (plan, _) = world.armed();
    world.ok(&["plan", "export", &plan, "plan.txt"]);
    let (file, entries) = (world.read("plan.txt"), world.read("plan.txt.entries"));
    let digest = text(&world.ok(&["plan", "show", &plan]), "digest");
    let verify = ["plan", "verify", "plan.txt", "--digest", &digest];
    world.ok(&verify);
    let account = world.planned(&plan)[0].clone();
    let named = format!("\"account\":\"{account}\"");
    let edits = [
        ("an account", file.clone(), entries.replacen(&named, "\"account\":\"somebody-else\"", 1)),
        ("an act", file.clone(), entries.replacen("end_sessions", "waive", 1)),
        ("a line taken out", file.lines().take(2).map(|l| format!("{l}\n")).collect(), entries.clone()),
        ("the author", file.replacen("\"author\":\"maker\"", "\"author\":\"ana\"", 1), entries.clone()),
        ("its end", file.replacen("\"expires_at\":1", "\"expires_at\":9", 1), entries.clone()),
    ];
    for (what, file, entries) in edits {
        world.write("plan.txt", &file);
        world.write("plan.txt.entries", &entries);
        let said = world.refused(&verify, 1);
        assert!(said.contains("plan.txt") || said.contains("not the plan"), "{what}: {said}");
    }
}
