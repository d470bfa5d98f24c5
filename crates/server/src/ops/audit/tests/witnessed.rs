//! A witness signs what only grew, and nothing else; a verifier counts those it named.

use super::super::witness::Witnessed;
use super::super::{Trust, Verified, Witness, verify, witness};
use super::Log;
use crate::error::Result;
use ed25519_dalek::SigningKey;
use std::path::{Path, PathBuf};

struct Scene {
    at: tempfile::TempDir,
    log: Log,
}

impl Scene {
    fn new() -> Self {
        Self { at: tempfile::tempdir().unwrap(), log: Log::of(900) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.at.path().join(name)
    }

    /// Exports a log's first entries into a folder of its own, and has them signed.
    fn signs(&self, log: &Log, size: u64, is_first: bool) -> Result<Witnessed> {
        let folder = self.path(&format!("log-{size}"));
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        log.export(&folder, size).unwrap();
        self.signs_in(&folder, 1, is_first)
    }

    fn signs_in(&self, folder: &Path, n: u8, is_first: bool) -> Result<Witnessed> {
        let by = Witness {
            name: &format!("w{n}.example"),
            key: SigningKey::from_bytes(&[n; 32]),
            state: &self.path(&format!("state-{n}")),
            is_first,
        };
        witness(&folder.join("checkpoint"), folder, &self.log.public(), &by, 1_700_000_000 + u64::from(n))
    }

    fn refuses(&self, log: &Log, size: u64, is_first: bool, says: &str) {
        let state = std::fs::read(self.path("state-1")).ok();
        let why = self.signs(log, size, is_first).unwrap_err().to_string();
        assert!(why.contains(says), "{says}: {why}");
        let note = std::fs::read_to_string(self.path(&format!("log-{size}")).join("checkpoint")).unwrap();
        assert!(!note.contains("w1.example"), "{says}: it was signed all the same");
        assert_eq!(std::fs::read(self.path("state-1")).ok(), state, "{says}: the state moved");
    }

    fn verified(&self, folder: &Path, witnesses: &[u8], quorum: Option<usize>) -> Result<Verified> {
        let key = self.path("log.key");
        std::fs::write(&key, self.log.public().to_string()).unwrap();
        let named: Vec<_> = witnesses.iter().map(|n| self.path(&format!("w{n}.key"))).collect();
        verify(folder, &Trust::published(&key)?.with(&named, quorum)?, &[])
    }
}

#[test]
fn a_witness_signs_growth_and_refuses_to_go_back_or_to_sign_a_fork() {
    let scene = Scene::new();
    let log = &scene.log;
    scene.refuses(log, 300, false, "knows nothing of meadow.example/rightful");
    assert_eq!(scene.signs(log, 300, true).unwrap().from, 0);
    scene.refuses(log, 301, true, "were signed before");
    for (from, size) in [(300, 300), (300, 512), (512, 777)] {
        let signed = scene.signs(log, size, false).unwrap();
        assert_eq!((signed.from, signed.size), (from, size));
    }
    scene.refuses(log, 776, false, "a log does not go back");
    scene.refuses(&log.rewritten(500), 777, false, "this is a fork");
    for from in [0, 511, 776] {
        scene.refuses(&log.rewritten(from), 900, false, "it was rewritten (a fork)");
    }
    // What came after is another log's business.
    assert_eq!(scene.signs(&log.rewritten(777), 900, false).unwrap().from, 777);
}

#[test]
fn a_witness_refuses_tiles_that_are_not_the_checkpoints_and_a_log_it_has_no_key_of() {
    let scene = Scene::new();
    let folder = scene.path("log-600");
    scene.log.rewritten(599).export(&folder, 600).unwrap();
    std::fs::write(folder.join("checkpoint"), scene.log.checkpoint(600).sign(&scene.log.key).unwrap())
        .unwrap();
    let why = scene.signs_in(&folder, 1, true).unwrap_err().to_string();
    assert!(why.contains("are not those of"), "{why}");
    let stranger = Log { key: SigningKey::from_bytes(&[5; 32]), ..scene.log.clone() };
    scene.refuses(&stranger, 300, true, "bears no signature");
}

#[test]
fn a_state_that_cannot_be_read_is_no_empty_one() {
    let scene = Scene::new();
    std::fs::write(scene.path("state-1"), "{").unwrap();
    scene.refuses(&scene.log, 300, true, "can't be read");
}

#[test]
fn a_verifier_counts_the_witnesses_it_named() {
    let scene = Scene::new();
    let folder = scene.path("log");
    scene.log.export(&folder, 600).unwrap();
    for n in [1, 2] {
        let signed = scene.signs_in(&folder, n, true).unwrap();
        std::fs::write(scene.path(&format!("w{n}.key")), signed.key).unwrap();
    }
    let elsewhere = scene.path("elsewhere");
    scene.log.export(&elsewhere, 600).unwrap();
    std::fs::write(scene.path("w3.key"), scene.signs_in(&elsewhere, 3, true).unwrap().key).unwrap();

    let found = scene.verified(&folder, &[1, 2], None).unwrap();
    let said: Vec<_> = found.witnesses.iter().map(|w| (w.name.as_str(), w.at_s)).collect();
    assert_eq!(said, [("w1.example", 1_700_000_001), ("w2.example", 1_700_000_002)]);
    assert!(scene.verified(&folder, &[1, 2, 3], Some(2)).is_ok());
    for (witnesses, quorum) in
        [(&[1, 2, 3][..], None), (&[1, 2, 3], Some(3)), (&[3], None), (&[1, 3], Some(2))]
    {
        let why = scene.verified(&folder, witnesses, quorum).map(|_| ()).unwrap_err().to_string();
        assert!(why.contains("of the witnesses that were named signed it"), "{why}");
    }
    for (witnesses, quorum) in [(&[1, 1][..], None), (&[1], Some(2)), (&[1], Some(0)), (&[], Some(1))] {
        assert!(scene.verified(&folder, witnesses, quorum).is_err(), "{witnesses:?} {quorum:?}");
    }
    // A log's key is no witness's.
    std::fs::copy(scene.path("log.key"), scene.path("w4.key")).unwrap();
    let why = scene.verified(&folder, &[4], None).map(|_| ()).unwrap_err().to_string();
    assert!(why.contains("not a witness's public key"), "{why}");
    // The same log exported again keeps what witnesses added; a longer one has a checkpoint of its own.
    scene.log.export(&folder, 600).unwrap();
    assert!(scene.verified(&folder, &[1, 2], None).is_ok());
    scene.log.export(&folder, 601).unwrap();
    assert!(scene.verified(&folder, &[1], None).is_err());
}
