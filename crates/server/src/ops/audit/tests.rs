//! A log in memory, laid out in folders: however it grew, whatever was erased, and whatever somebody did to the files.

mod grown;
mod tampered;
mod witnessed;

use super::export::{Source, lay_out};
use super::{Trust, verify};
use crate::error::Result;
use ed25519_dalek::SigningKey;
use model::audit::{Checkpoint, Entry, Record};
use model::id::Digest;
use model::merkle;
use model::signed_note::{KeyKind, NoteKey};
use std::path::{Path, PathBuf};

const ORIGIN: &str = "meadow.example/rightful";

/// A log in memory, with its key.
#[derive(Clone)]
struct Log {
    records: Vec<Record>,
    key: SigningKey,
    /// Every so many-th record is erased; 0 is none.
    erased_every: u64,
}

impl Log {
    fn of(size: u64) -> Self {
        let records = (0..size).map(|seq| record(seq, "")).collect();
        Self { records, key: SigningKey::from_bytes(&[9; 32]), erased_every: 0 }
    }

    /// The same log with another history from a place on.
    fn rewritten(&self, from: u64) -> Self {
        let mut other = self.clone();
        for (seq, one) in (0..).zip(&mut other.records).skip(from as usize) {
            *one = record(seq, "another");
        }
        other
    }

    fn public(&self) -> NoteKey {
        NoteKey::new(ORIGIN, KeyKind::Log, self.key.verifying_key()).unwrap()
    }

    fn root(&self, size: u64) -> Digest {
        let leaves: Vec<_> = self.records[..size as usize].iter().map(|r| r.leaf().unwrap()).collect();
        merkle::root(&leaves)
    }

    fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint { origin: ORIGIN.to_owned(), size, root: self.root(size) }
    }

    /// Brings a folder to the log's first entries.
    fn export(&self, folder: &Path, size: u64) -> Result<()> {
        let head = self.checkpoint(size);
        let all = &self.records;
        let some = |from: u64, n: u64| &all[from.min(all.len() as u64) as usize..][..n as usize];
        let erased = |seq: u64| self.erased_every > 0 && seq.is_multiple_of(self.erased_every);
        let source = Source {
            // Shorter portions than are asked for, and none that fits a tile.
            commitments: &|from, n| {
                Ok(some(from, n.min(701)).iter().map(|r| r.commitment().unwrap()).collect())
            },
            records: &|from, n| {
                let left = all.iter().skip(from as usize).filter(|r| !erased(r.entry.seq));
                Ok(left.take(n.min(701) as usize).cloned().collect())
            },
        };
        lay_out(folder, &head, &head.sign(&self.key).unwrap(), &self.public(), &source)
    }

    fn keep(&self, folder: &Path, size: u64) -> PathBuf {
        let path = folder.join(format!("kept-{size}"));
        std::fs::write(&path, self.checkpoint(size).sign(&self.key).unwrap()).unwrap();
        path
    }

    /// What a verifier says who has the published key and these checkpoints.
    fn verified(&self, folder: &Path, kept: &[PathBuf]) -> Result<super::Verified> {
        let key = folder.parent().unwrap().join("published.key");
        std::fs::write(&key, self.public().to_string()).unwrap();
        verify(folder, &Trust::published(&key)?, kept)
    }
}

fn record(seq: u64, what: &str) -> Record {
    let entry = Entry {
        seq,
        at: 1_000 + seq as i64,
        actor: "ana".to_owned(),
        action: "test.write".to_owned(),
        subject: format!("s{}", seq % 7),
        detail: serde_json::json!({ "n": seq, "what": what }),
    };
    Record { entry, nonce: Digest::of(format!("{seq} {what}").as_bytes()) }
}

/// Numbers that a seed gives, one after another.
struct Seeded(Digest);

impl Seeded {
    fn new(seed: u64) -> Self {
        Self(Digest::of(&seed.to_be_bytes()))
    }

    fn below(&mut self, n: u64) -> u64 {
        self.0 = Digest::of(&self.0.0);
        u64::from_be_bytes(*self.0.0.first_chunk().unwrap()) % n
    }
}
