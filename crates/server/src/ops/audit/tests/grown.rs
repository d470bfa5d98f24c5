//! However a log grew in a folder, it is the log that is laid out at once; and that is the plain Merkle tree.

use super::{Log, Seeded};
use std::collections::BTreeMap;
use std::path::Path;

/// Each file below a folder, by its path there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn grows_as_at_once(log: &Log, sizes: &[u64], why: &str) {
    let at = tempfile::tempdir().unwrap();
    let (step, whole) = (at.path().join("step"), at.path().join("whole"));
    let size = *sizes.last().unwrap();
    let mut kept = Vec::new();
    for n in sizes {
        log.export(&step, *n).unwrap();
        kept.push(log.keep(at.path(), *n));
    }
    log.export(&whole, size).unwrap();
    let (stepped, wanted) = (files(&step), files(&whole));
    for (name, bytes) in &wanted {
        assert_eq!(stepped.get(name), Some(bytes), "{why}: {name}");
    }
    for name in stepped.keys().filter(|name| !wanted.contains_key(*name)) {
        // What an older checkpoint needs stays until the full tile is there.
        let (full, _) = name.split_once(".p/").unwrap_or_else(|| panic!("{why}: {name}"));
        assert!(!stepped.contains_key(full), "{why}: {name} beside its full tile");
    }
    for folder in [&step, &whole] {
        let verified = log.verified(folder, &kept).unwrap_or_else(|e| panic!("{why}: {e}"));
        assert_eq!((verified.size, verified.root), (size, log.root(size)), "{why}");
        assert_eq!(verified.kept, sizes, "{why}");
        let erased = if log.erased_every > 0 { size.div_ceil(log.erased_every) } else { 0 };
        assert_eq!(verified.entries, size - erased, "{why}");
    }
}

#[test]
fn a_log_that_grew_in_random_steps_is_the_one_laid_out_at_once() {
    for seed in 0..12 {
        let mut seeded = Seeded::new(seed);
        let mut sizes = vec![seeded.below(3)];
        for _ in 0..4 {
            // Steps within a tile, to its very edge, and over several.
            let last = sizes[sizes.len() - 1];
            let next = match seeded.below(3) {
                0 => last + 1 + seeded.below(40),
                1 => (last / 256 + 1) * 256,
                _ => last + 1 + seeded.below(900),
            };
            sizes.push(next);
        }
        let mut log = Log::of(sizes[4]);
        log.erased_every = seeded.below(5);
        grows_as_at_once(&log, &sizes, &format!("seed {seed}, sizes {sizes:?}"));
    }
}

#[test]
fn a_log_of_three_levels_of_tiles_grows_in_the_same_way() {
    let log = Log::of(66_000);
    grows_as_at_once(&log, &[0, 1, 255, 256, 65_535, 65_536, 66_000], "three levels");
}

#[test]
fn what_was_erased_since_goes_from_the_folder_and_the_log_still_verifies() {
    let at = tempfile::tempdir().unwrap();
    let folder = at.path().join("log");
    let mut log = Log::of(600);
    log.export(&folder, 600).unwrap();
    assert_eq!(log.verified(&folder, &[]).unwrap().entries, 600);
    log.erased_every = 3;
    log.export(&folder, 600).unwrap();
    assert_eq!(log.verified(&folder, &[]).unwrap().entries, 400);
}

#[test]
fn a_folder_of_another_log_or_of_a_longer_one_is_left_as_it_is() {
    let at = tempfile::tempdir().unwrap();
    let folder = at.path().join("log");
    let log = Log::of(700);
    log.export(&folder, 600).unwrap();
    let before = files(&folder);
    for (other, size, says) in [
        (log.clone(), 300, "the ledger is an older copy"),
        (log.rewritten(500), 600, "does not begin with"),
        (log.rewritten(10), 700, "does not begin with"),
        (Log { key: ed25519_dalek::SigningKey::from_bytes(&[8; 32]), ..log.clone() }, 700, "no signature"),
    ] {
        let why = other.export(&folder, size).unwrap_err().to_string();
        assert!(why.contains(says), "{says}: {why}");
        assert!(files(&folder) == before, "{says}: something was written");
    }
    log.export(&folder, 700).unwrap();
    assert_eq!(log.verified(&folder, &[]).unwrap().size, 700);
}
