//! A ledger that is restored from its backup by the command line: nothing goes on by itself, and what came after the
//! backup is not forgotten by those who kept a checkpoint.

use crate::world::{World, text};

#[test]
fn a_restored_ledger_starts_nothing_and_its_rewind_is_told_by_a_kept_checkpoint() {
    let world = World::new(41, 1000, 10);
    let (_, run) = world.armed();
    let kept = world.ok(&["db", "backup", "ledger.backup"]);
    assert!(text(&kept, "not_in_it").contains("the master key"), "{kept}");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(world.path("ledger.backup")).expect("it was written").permissions(),
    );
    assert_eq!(mode & 0o077, 0, "it holds addresses");
    let again = world.refused(&["db", "backup", "ledger.backup"], 1);
    assert!(again.contains("overwrites nothing"), "{again}");
    for secret in ["rightful-data/keys/audit.key", "rightful-data/keys/ana.key"] {
        assert!(!world.read("ledger.backup").contains(world.read(secret).trim()), "{secret} is in it");
    }

    assert_eq!(text(&world.ok(&["run", "start", &run]), "state"), "done");
    let (writes, mails) = (world.writes().len(), world.catcher.mails().len());
    world.ok(&["audit", "export", "audit"]);
    let not_empty = world.refused(&["db", "restore", "ledger.backup"], 1);
    assert!(not_empty.contains("is not empty"), "{not_empty}");

    for end in ["", "-wal", "-shm"] {
        // Where all is in the file, the other two are gone already.
        drop(std::fs::remove_file(world.path(&format!("rightful-data/ledger.sqlite3{end}"))));
    }
    let restored = world.ok(&["db", "restore", "ledger.backup"]);
    assert_eq!(restored["halted"], serde_json::json!([run]));
    assert_eq!(restored["signature_checked"], true);
    assert_eq!(restored["checkpoint"], kept["checkpoint"]);
    let shown = world.ok(&["run", "show", &run]);
    assert_eq!(text(&shown, "state"), "halted", "{shown}");
    assert!(shown.to_string().contains("the ledger was restored from a backup of"), "{shown}");

    // This machine saw more than the backup knows; and who takes its mark away is stopped by what the service holds.
    for begun in ["start", "resume"] {
        let said = world.refused(&["run", begun, &run], 4);
        assert!(said.contains("restored from an older copy") && said.contains("ledger.seen"), "{said}");
    }
    std::fs::remove_file(world.path("rightful-data/ledger.seen")).expect("the mark is there");
    let said = world.refused(&["run", "resume", &run], 4);
    assert!(said.contains("the ledger is an older copy"), "{said}");
    assert_eq!(
        (world.writes().len(), world.catcher.mails().len()),
        (writes, mails),
        "something was done twice"
    );

    // The log says what happened to it, and whoever kept a checkpoint sees what is missing.
    let proofs = world.ok(&["audit", "prove", "ledger"]);
    let actions: Vec<String> =
        proofs.as_array().expect("proofs").iter().map(|p| text(&p["record"]["entry"], "action")).collect();
    assert!(actions.contains(&"db.restore".to_owned()), "{actions:?}");
    let said = world.refused(&["audit", "verify", "--checkpoint", "audit/checkpoint"], 1);
    assert!(said.contains("entries were removed") || said.contains("a fork"), "{said}");
    assert!(world.refused(&["audit", "export", "audit"], 1).contains("audit"));
}

#[test]
fn a_backup_of_another_log_is_refused_and_without_the_key_it_is_said_that_nobody_checked() {
    let world = World::new(56, 200, 10);
    world.ok(&["db", "backup", "ledger.backup"]);
    std::fs::rename(world.path("rightful-data"), world.path("lost")).expect("the data folder is there");
    let key = |from: &str| {
        std::fs::create_dir_all(world.path("rightful-data/keys")).expect("it is made");
        std::fs::copy(world.path(from), world.path("rightful-data/keys/audit.key")).expect("it is copied");
    };
    key("lost/keys/ana.key");
    let said = world.refused(&["db", "restore", "ledger.backup"], 1);
    assert!(said.contains("bears no signature") && said.contains("keys/audit.key"), "{said}");
    std::fs::remove_file(world.path("rightful-data/keys/audit.key")).expect("it is there");
    assert_eq!(world.ok(&["db", "restore", "ledger.backup"])["signature_checked"], false);
    key("lost/keys/audit.key");
    assert_eq!(world.ok(&["operator", "list"]).as_array().map(Vec::len), Some(2));
    world.ok(&["audit", "verify"]);
    // Nothing came after the backup: the next command goes on.
    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    world.ok(&["plan", "draft", "--hunt", "answer", "--author", "maker"]);
}
