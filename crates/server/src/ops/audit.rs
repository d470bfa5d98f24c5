//! The audit log: checkpoints, export, and verification from files alone.

use crate::context::Context;
use crate::error::{Error, Result, at};
use model::audit::{Checkpoint, Record, parse_verifier_key, verifier_key};
use model::id::Digest;
use model::merkle;
use std::io::Write;
use std::path::Path;

/// Leaves and records are read in portions of so many.
const PORTION: u64 = 10_000;

/// Signs the log as it stands; gives the signed note.
pub(crate) fn checkpoint(ctx: &Context) -> Result<(Checkpoint, String)> {
    let key = ctx.audit_key()?;
    let origin = format!("{}/rightful", ctx.service.named.domain);
    let now = ctx.now();
    Ok(ctx.store.write(now, |tx| {
        let frontier = tx.audit_frontier()?;
        if let Some(last) = tx.last_checkpoint()?.filter(|c| c.size == frontier.size()) {
            return Ok((Checkpoint { origin, size: last.size, root: last.root }, last.note));
        }
        let checkpoint = Checkpoint { origin, size: frontier.size(), root: frontier.root() };
        let note = checkpoint.sign(&key);
        tx.put_checkpoint(&checkpoint, &note, &frontier)?;
        Ok((checkpoint, note))
    })?)
}

/// Writes the log into a folder: entries, leaves, a fresh checkpoint, and the key it is verified with.
pub(crate) fn export(ctx: &Context, folder: &Path) -> Result<u64> {
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let (checkpoint, note) = checkpoint(ctx)?;
    let mut entries = Vec::new();
    let mut leaves = String::new();
    for from in (0..checkpoint.size).step_by(PORTION as usize) {
        let n = PORTION.min(checkpoint.size - from);
        let (some, records) =
            ctx.store.read(|r| Ok((r.audit_leaves(from, n)?, r.audit_records(from, n)?)))?;
        for leaf in some {
            leaves.push_str(&leaf.hex());
            leaves.push('\n');
        }
        for record in records.into_iter().flatten() {
            writeln!(entries, "{}", model::canonical(&record)?).map_err(Error::failed)?;
        }
    }
    let key = verifier_key(&checkpoint.origin, &ctx.audit_key()?.verifying_key());
    let files = [
        ("entries.jsonl", entries),
        ("leaves", leaves.into_bytes()),
        ("checkpoint", note.into_bytes()),
        ("key", format!("{key}\n").into_bytes()),
    ];
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(at(&path))?;
    }
    Ok(checkpoint.size)
}

/// What a verification found to hold.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Verified {
    /// The log's name.
    pub(crate) origin: String,
    /// How many leaves.
    pub(crate) size: u64,
    /// The root over them.
    pub(crate) root: Digest,
    /// Entries that were there and are what their leaves commit to; the rest were erased.
    pub(crate) entries: u64,
}

/// Verifies an exported log from its files alone. An older checkpoint that somebody kept can be held against it too.
pub(crate) fn verify(folder: &Path, key: Option<&Path>, kept: &[std::path::PathBuf]) -> Result<Verified> {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(at(path));
    let (name, public) = parse_verifier_key(&read(key.unwrap_or(&folder.join("key")))?)?;
    let head = Checkpoint::open(&read(&folder.join("checkpoint"))?, &name, &public)?;
    let leaves = leaves(&folder.join("leaves"))?;
    let covers = |checkpoint: &Checkpoint, what: &Path| {
        let covered = usize::try_from(checkpoint.size).ok().and_then(|n| leaves.get(..n));
        match covered.map(merkle::root) {
            Some(root) if root == checkpoint.root => Ok(()),
            Some(_) => Err(Error::failed(format!(
                "{}: the first {} leaves have another root: the log was rewritten",
                what.display(),
                checkpoint.size
            ))),
            None => Err(Error::failed(format!(
                "{}: it covers {} entries and the log has {}: entries were removed",
                what.display(),
                checkpoint.size,
                leaves.len()
            ))),
        }
    };
    covers(&head, &folder.join("checkpoint"))?;
    if head.size != leaves.len() as u64 {
        return Err(Error::failed(format!(
            "{} leaves, and the checkpoint covers {}",
            leaves.len(),
            head.size
        )));
    }
    for path in kept {
        covers(&Checkpoint::open(&read(path)?, &name, &public)?, path)?;
    }
    let path = folder.join("entries.jsonl");
    let mut entries = 0;
    for (n, line) in (1..).zip(read(&path)?.lines()) {
        let bad = |why: String| Error::failed(format!("{}, line {n}: {why}", path.display()));
        let record: Record = serde_json::from_str(line).map_err(|e| bad(e.to_string()))?;
        let leaf = usize::try_from(record.entry.seq).ok().and_then(|i| leaves.get(i));
        if leaf != Some(&record.leaf()?) {
            return Err(bad(format!(
                "entry {} is not what its leaf commits to: it was changed",
                record.entry.seq
            )));
        }
        entries += 1;
    }
    Ok(Verified { origin: name, size: head.size, root: head.root, entries })
}

fn leaves(path: &Path) -> Result<Vec<Digest>> {
    let text = std::fs::read_to_string(path).map_err(at(path))?;
    (1..)
        .zip(text.lines())
        .map(|(n, line)| {
            Digest::from_hex(line)
                .ok_or_else(|| Error::failed(format!("{}, line {n}: not a leaf's hash", path.display())))
        })
        .collect()
}

/// The proof that an entry is in the log under the last checkpoint.
#[derive(serde::Serialize)]
pub(crate) struct Proof {
    pub(crate) record: Record,
    pub(crate) leaf: Digest,
    pub(crate) path: Vec<Digest>,
    pub(crate) checkpoint: String,
}

/// The proofs of an account's own entries.
pub(crate) fn prove(ctx: &Context, subject: &str) -> Result<Vec<Proof>> {
    let (checkpoint, note) = checkpoint(ctx)?;
    let (records, leaves) =
        ctx.store.read(|r| Ok((r.audit_records_of(subject)?, r.audit_leaves(0, checkpoint.size)?)))?;
    records
        .into_iter()
        .map(|record| {
            let index = usize::try_from(record.entry.seq).unwrap_or(usize::MAX);
            let path = merkle::inclusion_proof(&leaves, index)
                .ok_or_else(|| Error::failed(format!("entry {} is not in the log", record.entry.seq)))?;
            Ok(Proof { leaf: record.leaf()?, record, path, checkpoint: note.clone() })
        })
        .collect()
}
