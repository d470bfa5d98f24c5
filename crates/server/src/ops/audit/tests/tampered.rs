//! Whatever somebody does to an exported log is found, and the place is named.

use super::Log;
use std::path::{Path, PathBuf};

/// Changes one byte of a file.
fn flip(path: PathBuf, at: usize) {
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn shorten(path: PathBuf, by: usize) {
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - by);
    std::fs::write(path, bytes).unwrap();
}

fn lines(folder: &Path, change: impl Fn(&mut Vec<String>)) {
    let path = folder.join("entries.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

type Tampering = (&'static str, fn(&Log, &Path), &'static [&'static str]);

/// What is done, how, and what is said of it. The log has 600 entries, every fifth erased; checkpoints of 300 and 600
/// were kept.
const TAMPERINGS: &[Tampering] = &[
    (
        "a record is changed",
        |_, log| lines(log, |l| l[99] = l[99].replace("ana", "ben")),
        &["entries.jsonl, line 100", "entry 124 is not what its leaf commits to"],
    ),
    (
        "a record's nonce is changed",
        |_, log| lines(log, |l| l[0] = l[0].replacen("\"nonce\":\"", "\"nonce\":\"0", 1)),
        &["entries.jsonl, line 1", "64 hexadecimal digits"],
    ),
    (
        "two records change places",
        |_, log| lines(log, |l| l.swap(7, 8)),
        &["entries.jsonl, line 9", "comes after a later one"],
    ),
    (
        "a record is added",
        |_, log| lines(log, |l| l.push(l[0].replace("\"seq\":1,", "\"seq\":600,"))),
        &["entries.jsonl, line 481", "entry 600 is not in a log of 600"],
    ),
    (
        "an entry is changed in its bundle",
        |_, log| flip(log.join("tile/entries/001"), 34 * 5 + 2),
        &["tile/0/001: leaf 5 (entry 261)", "tile/entries/001"],
    ),
    (
        "an entry's length is changed",
        |_, log| flip(log.join("tile/entries/001"), 34 * 5 + 1),
        &["tile/entries/001: it does not hold 256 entries"],
    ),
    ("a leaf is changed", |_, log| flip(log.join("tile/0/002.p/88"), 32 * 87), &["leaf 87 (entry 599)"]),
    (
        "entry and leaf are changed alike",
        |log, folder| {
            let other = log.rewritten(599);
            let tile = model::audit::tile::Tile::in_log(0, 2, 600).unwrap();
            let some = other.records[512..].iter();
            let entries: Vec<_> = some.clone().map(|r| r.commitment().unwrap()).collect();
            let leaves: Vec<_> = some.map(|r| r.leaf().unwrap()).collect();
            super::super::folder::Folder(folder).write_bundle(tile, &entries).unwrap();
            super::super::folder::Folder(folder).write_hashes(tile, &leaves).unwrap();
        },
        &["entries.jsonl", "entry 599 is not what its leaf commits to"],
    ),
    (
        "a hash above is changed",
        |_, log| flip(log.join("tile/1/000.p/2"), 33),
        &["tile/1/000.p/2: hash 1 is not that of the tile below"],
    ),
    (
        "a tile is removed",
        |_, log| std::fs::remove_file(log.join("tile/0/001")).unwrap(),
        &["tile/0/001 is missing"],
    ),
    (
        "a bundle is removed",
        |_, log| std::fs::remove_file(log.join("tile/entries/002.p/88")).unwrap(),
        &["tile/entries/002.p/88 is missing"],
    ),
    (
        "a leaf is cut off",
        |_, log| shorten(log.join("tile/0/002.p/88"), 32),
        &["tile/0/002.p/88: it does not hold 88 hashes"],
    ),
    (
        "the checkpoint's size is changed",
        |_, log| {
            let path = log.join("checkpoint");
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(path, text.replacen("\n600\n", "\n599\n", 1)).unwrap();
        },
        &["checkpoint: the signature of meadow.example/rightful does not fit"],
    ),
    (
        "the log is truncated and signed anew",
        |log, folder| {
            std::fs::remove_dir_all(folder).unwrap();
            log.export(folder, 500).unwrap();
        },
        &["kept-600: it covers 600 entries and the log has 500: entries were removed"],
    ),
    (
        "an old entry is rewritten and all signed anew",
        |log, folder| {
            std::fs::remove_dir_all(folder).unwrap();
            log.rewritten(299).export(folder, 600).unwrap();
        },
        &["kept-300: the first 300 leaves have another root: the log was rewritten"],
    ),
    (
        "the log goes on from an older one in another way",
        |log, folder| {
            std::fs::remove_dir_all(folder).unwrap();
            log.rewritten(400).export(folder, 600).unwrap();
        },
        &["kept-600: the first 600 leaves have another root", "a fork"],
    ),
    (
        "the checkpoint is one of other entries",
        |log, folder| {
            let note = log.rewritten(0).checkpoint(600).sign(&log.key).unwrap();
            std::fs::write(folder.join("checkpoint"), note).unwrap();
        },
        &["checkpoint: the root over the 600 leaves", "the tiles were changed after it was signed"],
    ),
    (
        "the checkpoint is another log's",
        |log, folder| {
            let mut head = log.checkpoint(600);
            head.origin = "other.example/rightful".to_owned();
            std::fs::write(folder.join("checkpoint"), head.sign(&log.key).unwrap()).unwrap();
        },
        &["checkpoint: it is a checkpoint of the log other.example/rightful"],
    ),
    (
        "the checkpoint is signed by another key",
        |log, folder| {
            let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
            std::fs::write(folder.join("checkpoint"), log.checkpoint(600).sign(&key).unwrap()).unwrap();
        },
        &["checkpoint: it bears no signature"],
    ),
];

#[test]
fn whatever_is_done_to_the_files_is_found_and_its_place_is_named() {
    let mut log = Log::of(600);
    log.erased_every = 5;
    for (what, tamper, says) in TAMPERINGS {
        let at = tempfile::tempdir().unwrap();
        let folder = at.path().join("log");
        log.export(&folder, 600).unwrap();
        let kept = [300, 600].map(|size| log.keep(at.path(), size));
        let verified = log.verified(&folder, &kept).unwrap();
        assert_eq!((verified.entries, verified.kept), (480, vec![300, 600]), "before {what}");
        tamper(&log, &folder);
        let why = log.verified(&folder, &kept).map(|_| ()).unwrap_err().to_string();
        for words in *says {
            assert!(why.contains(words), "{what}: {words:?} is not in: {why}");
        }
    }
}
