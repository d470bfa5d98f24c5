//! The audit log's words: entries, what the log commits to of each, its leaves. How the log is laid out for others
//! stands in `tile`, what is signed of it in `checkpoint`, what shows one entry to be in it in `proof`.

mod checkpoint;
mod proof;
pub mod tile;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use proof::{Proof, ProofError};

use crate::canonical::{CanonicalError, canonical};
use crate::id::{Digest, Millis};
use crate::merkle;
use serde::{Deserialize, Serialize};

/// One thing that happened, as it is kept for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Place in the log, from 0.
    pub seq: u64,
    /// When, ms.
    pub at: Millis,
    /// Who: an operator's name, `rightful`, or `owner`.
    pub actor: String,
    /// What, in the glossary's words: `plan.seal`, `step.intend`.
    pub action: String,
    /// Of what: a plan's, run's or account's id.
    pub subject: String,
    /// The particulars; never a secret, an address or a number.
    pub detail: serde_json::Value,
}

/// An entry with its nonce: what the leaf commits to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The entry.
    pub entry: Entry,
    /// 32 random bytes, so that the leaf gives nothing away.
    pub nonce: Digest,
}

impl Record {
    /// What the log keeps for good: SHA-256(nonce ‖ canonical entry). Without the nonce it gives nothing away.
    ///
    /// # Errors
    /// Where the entry has no canonical form.
    pub fn commitment(&self) -> Result<Digest, CanonicalError> {
        let mut bytes = self.nonce.0.to_vec();
        bytes.extend_from_slice(canonical(&self.entry)?.as_bytes());
        Ok(Digest::of(&bytes))
    }

    /// The leaf's hash: RFC 6962's over the commitment.
    ///
    /// # Errors
    /// Where the entry has no canonical form.
    pub fn leaf(&self) -> Result<Digest, CanonicalError> {
        self.commitment().map(leaf)
    }
}

/// The leaf's hash of a commitment, which is the log's entry as others see it.
#[must_use]
pub fn leaf(commitment: Digest) -> Digest {
    merkle::leaf(&commitment.0)
}
