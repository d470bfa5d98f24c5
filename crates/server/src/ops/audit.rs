//! The audit log for others: checkpoints, the log as static files, proofs, witnesses, and verification from files alone.
//! The forms are C2SP's `tlog-tiles`, `tlog-checkpoint`, `tlog-cosignature` and `tlog-proof`; what they look like stands
//! in `model::audit`, and what an entry means is nobody's business here.

mod export;
mod folder;
mod prove;
#[cfg(test)]
mod tests;
mod trust;
mod verify;
mod witness;

pub(crate) use export::export;
pub(crate) use folder::read_text;
pub(crate) use prove::{prove, verify_proof};
pub(crate) use trust::{Trust, log_key};
pub(crate) use verify::{Verified, verify};
pub(crate) use witness::{Witness, witness};

use crate::context::Context;
use crate::error::Result;
use model::audit::Checkpoint;
use model::signed_note::{KeyKind, NoteKey};

/// Entries are read from the ledger in portions of so many.
const PORTION: u64 = 10_000;

/// Signs the log as it stands; gives the signed note.
pub(crate) fn checkpoint(ctx: &Context) -> Result<(Checkpoint, String)> {
    let key = ctx.audit_key()?;
    let origin = origin(&ctx.service.named.domain);
    ctx.store.write_with(ctx.now(), |tx| {
        let frontier = tx.audit_frontier()?;
        if let Some(last) = tx.last_checkpoint()?.filter(|c| c.size == frontier.size()) {
            return Ok((Checkpoint { origin, size: last.size, root: last.root }, last.note));
        }
        let checkpoint = Checkpoint { origin, size: frontier.size(), root: frontier.root() };
        let note = checkpoint.sign(&key)?;
        tx.put_checkpoint(&checkpoint, &note, &frontier)?;
        Ok((checkpoint, note))
    })
}

/// The log's public key.
fn public_key(ctx: &Context) -> Result<NoteKey> {
    let origin = origin(&ctx.service.named.domain);
    Ok(NoteKey::new(&origin, KeyKind::Log, ctx.audit_key()?.verifying_key())?)
}

/// The log's name, at a service's domain.
pub(super) fn origin(domain: &str) -> String {
    format!("{domain}/rightful")
}
