//! The audit log's words: entries, leaves, and checkpoints in the C2SP forms `tlog-checkpoint` and `signed-note`.

use crate::canonical::{CanonicalError, canonical};
use crate::id::{Digest, Millis};
use crate::merkle;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
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
    /// The leaf's hash: RFC 6962's over SHA-256(nonce ‖ canonical entry).
    ///
    /// # Errors
    /// Where the entry has no canonical form.
    pub fn leaf(&self) -> Result<Digest, CanonicalError> {
        let mut bytes = self.nonce.0.to_vec();
        bytes.extend_from_slice(canonical(&self.entry)?.as_bytes());
        Ok(merkle::leaf(&Digest::of(&bytes).0))
    }
}

/// The head of the log at some size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The log's name; also its key's.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over their leaves.
    pub root: Digest,
}

/// Why a checkpoint is not to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The text is not a signed note with a checkpoint.
    #[error("not a signed checkpoint: {0}")]
    Form(&'static str),
    /// No signature by this key.
    #[error("the checkpoint bears no valid signature of {0}; use the key that was published with it")]
    Signature(String),
}

/// The signature type of Ed25519 in a signed note.
const ED25519: u8 = 1;

fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let mut bytes = name.as_bytes().to_vec();
    bytes.extend_from_slice(&[b'\n', ED25519]);
    bytes.extend_from_slice(key.as_bytes());
    let hash = Digest::of(&bytes);
    [hash.0[0], hash.0[1], hash.0[2], hash.0[3]]
}

/// The public key in the signed-note form `name+id+key`.
#[must_use]
pub fn verifier_key(name: &str, key: &VerifyingKey) -> String {
    let mut bytes = vec![ED25519];
    bytes.extend_from_slice(key.as_bytes());
    format!("{name}+{}+{}", hex::encode(key_id(name, key)), STANDARD.encode(bytes))
}

/// Reads a public key in the signed-note form: its name and the key.
///
/// # Errors
/// Where the text has another form or the id is not the key's.
pub fn parse_verifier_key(text: &str) -> Result<(String, VerifyingKey), CheckpointError> {
    let form = CheckpointError::Form("a key is written name+id+base64");
    let mut parts = text.trim().splitn(3, '+');
    let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(form);
    };
    let bytes = STANDARD.decode(encoded).map_err(|_| CheckpointError::Form("the key is not base64"))?;
    let Some((&ED25519, key)) = bytes.split_first() else {
        return Err(CheckpointError::Form("the key is not an Ed25519 key"));
    };
    let key = <[u8; 32]>::try_from(key)
        .ok()
        .and_then(|k| VerifyingKey::from_bytes(&k).ok())
        .ok_or(CheckpointError::Form("the key is not an Ed25519 key"))?;
    if hex::encode(key_id(name, &key)) != id {
        return Err(CheckpointError::Form("the key's id is not that of its name and bytes"));
    }
    Ok((name.to_owned(), key))
}

impl Checkpoint {
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.0))
    }

    /// The signed note.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = self.text();
        let mut bytes = key_id(&self.origin, &key.verifying_key()).to_vec();
        bytes.extend_from_slice(&key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n\u{2014} {} {}\n", self.origin, STANDARD.encode(bytes))
    }

    /// Reads a signed note and insists on the signature of this key.
    ///
    /// # Errors
    /// Where the form is another or the signature is missing or wrong.
    pub fn open(note: &str, name: &str, key: &VerifyingKey) -> Result<Self, CheckpointError> {
        let (head, signatures) =
            note.split_once("\n\n").ok_or(CheckpointError::Form("no empty line before the signatures"))?;
        let text = format!("{head}\n");
        let mut lines = head.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Form("fewer than three lines"));
        };
        let size = size.parse().map_err(|_| CheckpointError::Form("the size is not a number"))?;
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|r| <[u8; 32]>::try_from(r).ok())
            .ok_or(CheckpointError::Form("the root is not 32 bytes in base64"))?;
        let signed = signatures.lines().any(|line| {
            let mut words = line.split(' ');
            let (Some("\u{2014}"), Some(by), Some(encoded)) = (words.next(), words.next(), words.next())
            else {
                return false;
            };
            let Some(bytes) = STANDARD.decode(encoded).ok().filter(|b| b.len() == 68) else { return false };
            let Ok(signature) = Signature::from_slice(&bytes[4..]) else { return false };
            by == name && bytes[..4] == key_id(name, key) && key.verify(text.as_bytes(), &signature).is_ok()
        });
        if !signed || origin != name {
            return Err(CheckpointError::Signature(name.to_owned()));
        }
        Ok(Self { origin: origin.to_owned(), size, root: Digest(root) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_back_and_a_changed_one_is_not() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let checkpoint = Checkpoint { origin: "log.example".to_owned(), size: 5, root: Digest::of(b"x") };
        let note = checkpoint.sign(&key);
        let (name, public) = parse_verifier_key(&verifier_key("log.example", &key.verifying_key())).unwrap();
        assert_eq!(Checkpoint::open(&note, &name, &public).unwrap(), checkpoint);
        assert!(Checkpoint::open(&note.replacen("\n5\n", "\n6\n", 1), &name, &public).is_err());
        let other = SigningKey::from_bytes(&[4; 32]).verifying_key();
        assert!(Checkpoint::open(&note, &name, &other).is_err());
    }
}
