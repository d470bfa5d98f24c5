//! Proofs of single entries, each a file of its own that the log's public key is enough for.

use super::export::each;
use super::trust::{Cosigned, Trust};
use super::{checkpoint, public_key};
use crate::context::Context;
use crate::error::{Error, Result};
use model::audit::tile::{Edge, WIDTH};
use model::audit::{Checkpoint, Proof, Record, leaf};
use model::id::Digest;
use model::merkle;
use model::signed_note::SignedNote;
use std::path::Path;

/// The proof that an entry is in the log under a checkpoint.
#[derive(serde::Serialize)]
pub(crate) struct Proved {
    pub(crate) record: Record,
    pub(crate) leaf: Digest,
    pub(crate) path: Vec<Digest>,
    pub(crate) checkpoint: String,
    /// The same as a file (C2SP `tlog-proof`).
    pub(crate) proof: String,
}

/// The proofs of a subject's own entries: under a kept checkpoint those that it covers, otherwise all, under a fresh
/// one.
pub(crate) fn prove(ctx: &Context, subject: &str, kept: Option<&Path>) -> Result<Vec<Proved>> {
    let (head, note) = match kept {
        None => checkpoint(ctx)?,
        Some(path) => {
            let text = super::read_text(path)?;
            let head = Checkpoint::open(&text, &public_key(ctx)?)
                .map_err(|e| Error::failed(format!("{}: {e}", path.display())))?;
            (head, text)
        }
    };
    let note = SignedNote::parse(&note)?;
    let leaves =
        |from: u64, n: u64| -> Result<Vec<Digest>> { Ok(ctx.store.read(|r| r.audit_commitments(from, n))?) };
    let tiles = Tiles::read(head.size, &leaves)?;
    if tiles.root != head.root {
        return Err(Error::failed(format!(
            "the first {} entries of the ledger's log are not those of the checkpoint: one of the two was rewritten",
            head.size
        )));
    }
    let records = ctx.store.read(|r| r.audit_records_of(subject))?;
    let mut proved = Vec::new();
    for record in records.into_iter().filter(|r| r.entry.seq < head.size) {
        let seq = record.entry.seq;
        let path =
            merkle::inclusion(seq, head.size, &mut |height, index| tiles.subtree(height, index, &leaves))?
                .ok_or_else(|| Error::failed(format!("entry {seq} is not in the log")))?;
        let proof = Proof { record, path, checkpoint: note.clone() };
        proved.push(Proved {
            leaf: proof.record.leaf()?,
            proof: proof.text()?,
            record: proof.record,
            path: proof.path,
            checkpoint: note.to_string(),
        });
    }
    Ok(proved)
}

type Commitments<'a> = dyn Fn(u64, u64) -> Result<Vec<Digest>> + 'a;

/// The roots of the full tiles of level 0, an eighth of a byte an entry; what lies below is read again.
struct Tiles {
    roots: Vec<Digest>,
    root: Digest,
}

impl Tiles {
    fn read(size: u64, leaves: &Commitments<'_>) -> Result<Self> {
        let (mut edge, mut roots) = (Edge::default(), Vec::new());
        each(0, size, leaves, |commitment| {
            let full = edge.push(leaf(commitment));
            roots.extend(full.iter().filter(|(t, _)| t.level == 0).map(|(_, hashes)| merkle::root(hashes)));
            Ok(())
        })?;
        Ok(Self { roots, root: edge.root() })
    }

    fn subtree(&self, height: u32, index: u64, leaves: &Commitments<'_>) -> Result<Digest> {
        let (from, n) = (index << height, 1_u64 << height);
        if n < WIDTH {
            let mut hashes = Vec::new();
            each(from, from + n, leaves, |commitment| {
                hashes.push(leaf(commitment));
                Ok(())
            })?;
            return Ok(merkle::root(&hashes));
        }
        let tiles = (from / WIDTH) as usize..((from + n) / WIDTH) as usize;
        Ok(merkle::root(&self.roots[tiles]))
    }
}

/// What a proof shows.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Shown {
    pub(crate) record: Record,
    /// The size and root of the log that it is in.
    pub(crate) checkpoint: Checkpoint,
    /// The witnesses that were named and signed the checkpoint.
    pub(crate) witnesses: Vec<Cosigned>,
}

/// Verifies a proof from its file and the log's public key.
pub(crate) fn verify_proof(path: &Path, trust: &Trust) -> Result<Shown> {
    let bad = |why: String| Error::failed(format!("{}: {why}", path.display()));
    let proof = Proof::parse(&super::read_text(path)?).map_err(|e| bad(e.to_string()))?;
    let checkpoint = proof.verify(trust.key()).map_err(|e| bad(e.to_string()))?;
    let witnesses = trust.cosigned(&proof.checkpoint, &path.display().to_string())?;
    Ok(Shown { record: proof.record, checkpoint, witnesses })
}
