//! The audit log for others, by the command line: exported again and again, held against what was kept, witnessed, and
//! proved entry by entry.

use crate::older_ledger::copy;
use crate::world::{World, text};
use serde_json::Value;

/// Keeps the published key and the checkpoint of an exported log, as a stranger would.
fn keep(world: &World, name: &str) {
    for file in ["key", "checkpoint"] {
        let kept = world.path(&format!("{name}.{file}"));
        std::fs::copy(world.path("audit").join(file), kept).expect("it is kept");
    }
}

fn witness<'a>(state: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let words = ["audit", "witness", "audit/checkpoint", "--log", "audit", "--log-key", "first.key"];
    let own = ["--name", "witness.example/w1", "--key", "w1.secret", "--state", state];
    [&words[..], &own[..], more].concat()
}

#[test]
fn a_log_grows_in_its_folder_is_witnessed_and_an_entry_is_proved_to_a_stranger() {
    let world = World::new(55, 200, 10);
    let size = world.ok(&["audit", "export", "audit"])["size"].as_u64().expect("a size");
    assert!(world.ok(&["audit", "verify", "audit"])["key_is_folders_own"] == true);
    keep(&world, "first");
    copy(&world.path("rightful-data"), &world.path("yesterday"));
    world.ok(&["operator", "add", "cyd"]);
    world.ok(&["audit", "export", "audit"]);
    let kept = ["audit", "verify", "audit", "--key", "first.key", "--checkpoint", "first.checkpoint"];
    let verified = world.ok(&kept);
    assert_eq!(verified["kept"], serde_json::json!([size]));
    assert_eq!(
        (verified["size"].as_u64(), &verified["key_is_folders_own"]),
        (Some(size + 1), &Value::Bool(false))
    );

    let said = world.refused(&witness("w1.state", &[]), 1);
    assert!(said.contains("knows nothing of meadow.example/rightful") && said.contains("--first"), "{said}");
    let signed = world.ok(&witness("w1.state", &["--first"]));
    world.write("w1.key", &text(&signed, "key"));
    let said = world.refused(&[&kept[..], &["--witness", "first.key"][..]].concat(), 1);
    assert!(said.contains("not a witness's public key"), "{said}");
    let verified = world.ok(&[&kept[..], &["--witness", "w1.key"][..]].concat());
    assert_eq!(text(&verified["witnesses"][0], "name"), "witness.example/w1");

    let proofs = world.ok(&["audit", "prove", "cyd", "--checkpoint", "audit/checkpoint", "--out", "proofs"]);
    assert_eq!(proofs.as_array().map(Vec::len), Some(1), "{proofs}");
    let file = format!("proofs/{size}.tlog-proof");
    let alone = ["audit", "verify", "--proof", &file, "--key", "first.key", "--witness", "w1.key"];
    let shown = world.ok(&alone);
    assert_eq!(text(&shown[0]["record"]["entry"], "action"), "operator.add");
    let proof = world.read(&file);
    world.write(&file, &proof.replacen(&format!("\n{}\n", size + 1), &format!("\n{}\n", size + 2), 1));
    assert!(world.refused(&alone, 1).contains("does not fit the text"));
    // Under the older checkpoint there is no such entry yet.
    let none = world.ok(&["audit", "prove", "cyd", "--checkpoint", "first.checkpoint"]);
    assert_eq!(none, serde_json::json!([]));
    world.refused(&["audit", "verify", "--proof", &file], 2);

    // Yesterday's ledger neither goes over the longer log, nor does its own, which went another way, pass for it.
    copy(&world.path("yesterday"), &world.path("rightful-data"));
    assert!(world.refused(&["audit", "export", "audit"], 1).contains("the ledger is an older copy"));
    keep(&world, "second");
    world.ok(&["operator", "add", "dan"]);
    assert!(world.refused(&["audit", "export", "audit"], 1).contains("does not begin with"));
    std::fs::remove_dir_all(world.path("audit")).expect("the folder is there");
    world.ok(&["audit", "export", "audit"]);
    world.ok(&kept);
    let forked = ["audit", "verify", "audit", "--key", "first.key", "--checkpoint", "second.checkpoint"];
    assert!(world.refused(&forked, 1).contains("a fork"), "a fork passed");
    assert!(world.refused(&witness("w1.state", &[]), 1).contains("this is a fork"));
}

/// Against a foreign judge: `audit_judge.py`, run by what `integrations/django/tests/venv.sh` made.
#[cfg(feature = "services")]
mod judged {
    use super::*;
    use ed25519_dalek::SigningKey;
    use model::audit::tile::{self, Edge, Tile};
    use model::audit::{Checkpoint, leaf};
    use model::id::Digest;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    fn judge(world: &World, words: &[&str]) -> Value {
        let venv = std::env::var("RIGHTFUL_VENV")
            .expect("RIGHTFUL_VENV: a folder made by integrations/django/tests/venv.sh");
        let output = Command::new(format!("{venv}/bin/python"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/commands/audit_judge.py"))
            .args(words)
            .current_dir(world.folder.path())
            .output()
            .expect("python starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        serde_json::from_str(&said)
            .unwrap_or_else(|_| panic!("{words:?}: {said}{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Lays a changed log out in a folder of its own, signed by the true key.
    fn forge(world: &World, name: &str, change: impl Fn(&mut Vec<Digest>)) {
        let (from, to) = (world.path("audit"), world.path(name));
        let note = std::fs::read_to_string(from.join("checkpoint")).expect("a checkpoint");
        let mut head = note.lines();
        let (origin, size) = (head.next().expect("an origin"), head.next().expect("a size"));
        let size: u64 = size.parse().expect("a number");
        let bundles = (0..).map_while(|n| Tile::in_log(0, n, size));
        let read = |tile: Tile| std::fs::read(from.join(tile.bundle_path())).expect("a bundle");
        let mut entries: Vec<Digest> =
            bundles.flat_map(|t| tile::bundle(&read(t)).expect("entries")).collect();
        change(&mut entries);
        let write = |path: PathBuf, bytes: &[u8]| {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
            std::fs::write(path, bytes).expect("it is written");
        };
        let mut edge = Edge::default();
        let mut tiles = Vec::new();
        for entry in &entries {
            tiles.extend(edge.push(leaf(*entry)));
        }
        tiles.extend(edge.partial().map(|(tile, hashes)| (tile, hashes.to_vec())));
        for (tile, hashes) in tiles {
            write(to.join(tile.path()), &tile::bytes(&hashes));
            if tile.level == 0 {
                let some = &entries[(tile.index * tile::WIDTH) as usize..][..tile.width as usize];
                write(to.join(tile.bundle_path()), &tile::bundle_bytes(some));
            }
        }
        let secret = world.read("rightful-data/keys/audit.key");
        let secret = Digest::from_hex(secret.trim()).expect("a key");
        let head = Checkpoint { origin: origin.to_owned(), size: edge.size(), root: edge.root() };
        let note = head.sign(&SigningKey::from_bytes(&secret.0)).expect("a name");
        write(to.join("checkpoint"), note.as_bytes());
        write(to.join("entries.jsonl"), b"");
    }

    fn copied(from: &Path, to: &Path) {
        let done = Command::new("cp").arg("-r").args([from, to]).status().expect("cp starts");
        assert!(done.success());
    }

    #[test]
    fn a_foreign_judge_agrees_on_what_holds_and_on_what_was_tampered_with() {
        let world = World::new(41, 1000, 10);
        let (plan, run) = world.armed();
        world.ok(&["audit", "export", "audit"]);
        keep(&world, "first");
        let key = world.read("first.key");
        let key = key.trim();
        world.ok(&["run", "start", &run]);
        world.ok(&["audit", "export", "audit"]);
        let before = judge(&world, &["log", "audit", key, "--kept", "first.checkpoint"]);
        assert_eq!(before["problem"], Value::Null, "{before}");
        assert_eq!(before["size"], before["records"], "nothing is erased yet");
        assert!(before["levels"].as_u64() >= Some(2), "more than one tile: {before}");

        let accounts = world.planned(&plan);
        world.ok(&["privacy", "erase", &accounts[0], "--confirm", &accounts[0]]);
        world.ok(&["audit", "export", "audit"]);
        keep(&world, "second");
        let signed = world.ok(&witness("w1.state", &["--first"]));
        let w1 = text(&signed, "key");
        world.write("w1.key", &w1);
        let kept = ["--kept", "first.checkpoint", "--kept", "second.checkpoint"];
        let after = judge(&world, &[&["log", "audit", key, "--witness", &w1][..], &kept[..]].concat());
        assert_eq!(after["problem"], Value::Null, "{after}");
        assert!(after["records"].as_u64() < after["size"].as_u64(), "{after}");
        assert!(after["times"][0].as_u64() > Some(1_600_000_000), "{after}");

        // The proofs of an account that was not erased, under the checkpoint that was cosigned.
        let proved = ["audit", "prove", &accounts[1], "--checkpoint", "audit/checkpoint", "--out", "proofs"];
        let proofs = world.ok(&proved);
        let proofs = proofs.as_array().expect("proofs");
        assert!(!proofs.is_empty());
        for proof in proofs {
            let seq = proof["record"]["entry"]["seq"].as_u64().expect("a place");
            let file = format!("proofs/{seq}.tlog-proof");
            let found = judge(&world, &["proof", &file, key, "--witness", &w1]);
            assert_eq!((&found["problem"], found["index"].as_u64()), (&Value::Null, Some(seq)), "{found}");
            assert_eq!(text(&found, "subject"), accounts[1]);
        }
        assert_eq!(world.ok(&["audit", "prove", &accounts[0]]), serde_json::json!([]), "what was erased");

        for (name, words) in tampered(&world) {
            let found = judge(&world, &[&["log", &name, key][..], &kept[..]].concat());
            assert!(found["problem"].as_str().is_some_and(|p| p.contains(words)), "{name}: {found}");
            let ours = ["audit", "verify", &name, "--key", "first.key"];
            let kept = ["--checkpoint", "first.checkpoint", "--checkpoint", "second.checkpoint"];
            world.refused(&[&ours[..], &kept[..]].concat(), 1);
        }
        let path = world.path(&format!("proofs/{}.tlog-proof", proofs[0]["record"]["entry"]["seq"]));
        let proof = std::fs::read_to_string(&path).expect("a proof");
        let siblings: Vec<&str> = proof.split("\n\n").next().expect("a head").lines().skip(3).collect();
        let swapped = proof.replacen(siblings[0], "swapped", 1).replacen(siblings[1], siblings[0], 1);
        std::fs::write(&path, swapped.replacen("swapped", siblings[1], 1)).expect("it is written");
        let found = judge(&world, &["proof", &path.display().to_string(), key]);
        assert_eq!(found["problem"], "the path does not lead to the root");
        world.refused(&["audit", "verify", "--proof", &path.display().to_string(), "--key", "first.key"], 1);
    }

    /// Folders in each of which something was done to the log, and what the judge says of it.
    fn tampered(world: &World) -> Vec<(String, &'static str)> {
        let audit = world.path("audit");
        let changed = |name: &str, file: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
            let to = world.path(name);
            copied(&audit, &to);
            let path = to.join(file);
            std::fs::write(&path, change(std::fs::read(&path).expect("a file"))).expect("it is written");
        };
        let flipped = |mut bytes: Vec<u8>, at: usize| {
            bytes[at] ^= 1;
            bytes
        };
        changed("record", "entries.jsonl", &|bytes| {
            let text = String::from_utf8(bytes).expect("text");
            text.replacen("\"actor\":\"", "\"actor\":\"x", 1).into_bytes()
        });
        changed("entry", "tile/entries/000", &|bytes| flipped(bytes, 40));
        changed("leaf", "tile/0/000", &|bytes| flipped(bytes, 40));
        changed("foreign", "checkpoint", &|bytes| {
            let text = String::from_utf8(bytes).expect("text");
            text.replace("meadow.example", "forest.example").into_bytes()
        });
        forge(world, "removed", |entries| {
            entries.remove(20);
            entries.extend([Digest::of(b"one more"), Digest::of(b"and one")]);
        });
        forge(world, "shorter", |entries| entries.truncate(entries.len() - 1));
        forge(world, "rewritten", |entries| entries[3] = Digest::of(b"another"));
        let said = [
            ("record", "record 0 was changed"),
            ("entry", "entry 1 is not that of its leaf"),
            ("leaf", "entry 1 is not that of its leaf"),
            ("foreign", "a checkpoint of another log"),
            ("removed", "the log does not begin with that of a kept checkpoint"),
            ("shorter", "a kept checkpoint covers more entries"),
            ("rewritten", "the log does not begin with that of a kept checkpoint"),
        ];
        said.into_iter().map(|(name, words)| (name.to_owned(), words)).collect()
    }
}
