//! Wrong files: each gives an error that names the place and the next step, and loses nothing.

use crate::world::{World, text};
use std::io::Write;

#[test]
fn events_that_cannot_be_read_are_named_and_nothing_is_left_behind() {
    let world = World::new(21, 1000, 10);
    let events = world.read("sim/events.jsonl");

    world.write("picture.png", "\u{89}PNG\r\n\u{1a}\n not events at all");
    assert!(world.refused(&["hunt", "picture.png", "--out", "a"], 1).contains("picture.png"));

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(events.as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    std::fs::write(world.path("cut.gz"), &whole[..whole.len() / 2]).unwrap();
    let said = world.refused(&["hunt", "cut.gz", "--out", "a"], 1);
    assert!(said.contains("cut.gz") && said.contains("line"), "{said}");

    assert!(world.refused(&["hunt", "missing.jsonl", "--out", "a"], 1).contains("missing.jsonl"));
    assert!(!world.path("a").exists(), "no half answer");

    // A few broken and doubled lines are counted and kept, and the rest goes on.
    let mut lines: Vec<&str> = events.lines().collect();
    let doubled = lines[0];
    lines.insert(5, "{\"id\":");
    lines.push(doubled);
    world.write("few.jsonl", &(lines.join("\n") + "\n"));
    let summary = world.ok(&["hunt", "few.jsonl", "--out", "few"]);
    assert_eq!((summary["rejected"].as_u64(), summary["duplicates"].as_u64()), (Some(1), Some(1)));
    assert!(world.read("few/rejects.jsonl").contains("\"line\":6"));

    world.write("broken.jsonl", &"nonsense\n".repeat(100));
    let said = world.refused(&["hunt", "broken.jsonl", "--out", "b"], 1);
    assert!(said.contains("broken.jsonl") && !world.path("b").exists(), "{said}");
}

#[test]
fn files_of_intelligence_are_named_in_the_summary_and_a_wrong_one_is_refused_without_its_text() {
    let world = World::new(24, 1000, 10);
    let hunt = |more: &[&'static str]| [&["hunt", "sim/events.jsonl", "--out", "answer"], more].concat();
    world.write("domains.txt", "lure.example\nbob@lure.example:hunter2\n");
    let said = world.refused(&hunt(&["--intel-domains", "domains.txt"]), 1);
    assert!(said.contains("domains.txt:2:") && !said.contains("hunter2"), "{said}");
    let said = world.refused(&hunt(&["--mmdb", "domains.txt"]), 1);
    assert!(said.contains("domains.txt") && !world.path("answer").exists(), "{said}");
    world.write("addresses.txt", "192.0.2.0/24\n2001:db8::/32\n");
    world.write("leaks.jsonl", "{\"account\":\"nobody\",\"time\":\"2026-01-02T03:04:05Z\"}\n");
    let plain = world.ok(&hunt(&[]));
    let told = world.ok(&hunt(&["--intel-addresses", "addresses.txt", "--intel-leaked", "leaks.jsonl"]));
    assert!(plain.get("intelligence").is_none());
    let files: Vec<_> = told["intelligence"].as_array().into_iter().flatten().collect();
    assert_eq!(
        files.iter().map(|f| f["kind"].as_str().unwrap_or_default()).collect::<Vec<_>>(),
        ["addresses", "leaked"]
    );
    assert_eq!((files[0]["names"].as_u64(), files[1]["met"].as_u64()), (Some(2), Some(0)));
    assert_eq!(told["verdicts"], plain["verdicts"]);
}

#[test]
fn a_list_with_unknown_accounts_refuses_the_draft() {
    let world = World::new(22, 1000, 10);
    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    world.write("list.txt", "nobody-we-know\n");
    let said =
        world.refused(&["plan", "draft", "--hunt", "answer", "--list", "list.txt", "--author", "maker"], 1);
    assert!(said.contains("nobody-we-know") && said.contains("wrong file"), "{said}");
}

#[test]
fn a_tampered_plan_does_not_run() {
    let world = World::new(23, 1000, 10);
    let (plan, run) = world.armed();
    let edited = edit_ledger(&world, &plan);
    assert!(edited, "the ledger was edited");
    let said = world.refused(&["run", "start", &run], 1);
    assert!(said.contains("sealed"), "{said}");
    assert!(world.writes().is_empty(), "nothing was done");
}

/// Changes one account of the sealed entries in the ledger's file, as somebody with access to it could.
fn edit_ledger(world: &World, plan: &str) -> bool {
    let script = format!(
        "import sqlite3,sys\nc=sqlite3.connect('rightful-data/ledger.sqlite3')\n\
         n=c.execute(\"UPDATE plan_value SET entry=replace(entry,'end_sessions','waive') WHERE plan=? AND entry LIKE '%end_sessions%'\",('{plan}',)).rowcount\n\
         c.commit()\nsys.exit(0 if n>0 else 1)"
    );
    std::process::Command::new("python3")
        .args(["-c", &script])
        .current_dir(world.folder.path())
        .status()
        .is_ok_and(|s| s.success())
}

#[test]
fn a_ledger_of_a_newer_version_is_left_as_it_is() {
    let world = World::new(24, 1000, 10);
    let script = "import sqlite3\nc=sqlite3.connect('rightful-data/ledger.sqlite3')\n\
        t=[r[0] for r in c.execute(\"SELECT name FROM sqlite_master WHERE type='table' AND name LIKE '%version%'\")]\n\
        t and c.execute('UPDATE '+t[0]+' SET version=9999 WHERE version=(SELECT max(version) FROM '+t[0]+')')\nc.commit()";
    assert!(
        std::process::Command::new("python3")
            .args(["-c", script])
            .current_dir(world.folder.path())
            .status()
            .unwrap()
            .success()
    );
    let said = world.refused(&["operator", "list"], 1);
    assert!(said.contains("9999") && said.contains("newer"), "{said}");
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known() {
    let world = World::new(25, 1000, 10);
    let config = world.read("rightful.toml").replace("rehearsed", "reheased");
    world.write("rightful.toml", &config);
    let said = world.refused(&["plan", "list"], 1);
    assert!(said.contains("line 5") && said.contains("did you mean `rehearsed`?"), "{said}");
    let policy = world.read("policy.toml").replace("canary_accounts", "canary_acounts");
    world.write("policy.toml", &policy);
    world.write("rightful.toml", &config.replace("reheased", "rehearsed"));
    assert!(world.refused(&["plan", "list"], 1).contains("canary_acounts"));
}

#[test]
fn a_full_disk_loses_nothing() {
    let world = World::new(26, 1000, 10);
    // /dev/full answers every write as a full disk does.
    std::os::unix::fs::symlink("/dev/full", world.path("full")).unwrap();
    let said = world.refused(&["directory", "snapshot", "full"], 1);
    assert!(said.contains("full") && said.contains("No space left"), "{said}");
    let (plan, _) = world.armed();
    assert_eq!(text(&world.ok(&["plan", "show", &plan]), "state"), "armed");
}
