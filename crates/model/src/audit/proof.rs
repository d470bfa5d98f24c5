//! Proofs that an entry is in the log (C2SP `tlog-proof`): the place, the audit path and the checkpoint, with the record
//! itself as the extra data, so that one file and the log's public key are all that anybody needs.

use super::{Checkpoint, CheckpointError, Record};
use crate::canonical::{CanonicalError, canonical};
use crate::id::Digest;
use crate::merkle;
use crate::signed_note::{NoteError, NoteKey, SignedNote};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// No path in a tree of 2^63 leaves is longer.
const PATH_MAX: usize = 63;

/// An entry with all that shows it to be in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// The entry and its nonce.
    pub record: Record,
    /// The audit path, from the leaf's sibling to the root's child.
    pub path: Vec<Digest>,
    /// The checkpoint it leads to, with whatever signatures it bears.
    pub checkpoint: SignedNote,
}

/// Why a proof proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The text is no proof of an entry of such a log.
    #[error("not a proof: {0}")]
    Form(&'static str),
    /// The checkpoint in it is not to be trusted.
    #[error("its checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The entry has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The path does not lead from the entry to the root.
    #[error("entry {0} is not in the log of its checkpoint: the entry, its place or the path was changed")]
    NotInLog(u64),
}

impl From<NoteError> for ProofError {
    fn from(error: NoteError) -> Self {
        Self::Checkpoint(error.into())
    }
}

impl Proof {
    /// The proof as it is written to a file.
    ///
    /// # Errors
    /// Where the record has no canonical form.
    pub fn text(&self) -> Result<String, CanonicalError> {
        let record = STANDARD.encode(canonical(&self.record)?);
        let mut text = format!("{FIRST_LINE}\nextra {record}\nindex {}\n", self.record.entry.seq);
        for hash in &self.path {
            text.push_str(&STANDARD.encode(hash.0));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint.to_string());
        Ok(text)
    }

    /// Reads a proof; nothing of it is trusted before [`Proof::verify`].
    ///
    /// # Errors
    /// Where its form is another.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let form = ProofError::Form;
        let (head, note) = text.split_once("\n\n").ok_or(form("no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(form("its first line is another"));
        }
        let extra = lines.next().and_then(|l| l.strip_prefix("extra ")).ok_or(form("it holds no record"))?;
        let extra = STANDARD.decode(extra).map_err(|_| form("its record is not base64"))?;
        let record: Record = serde_json::from_slice(&extra).map_err(|_| form("its record is no record"))?;
        let index = lines.next().and_then(|l| l.strip_prefix("index ")).ok_or(form("it names no place"))?;
        if index != record.entry.seq.to_string() {
            return Err(form("the place it names is not the record's"));
        }
        let hash = |line: &str| {
            let bytes = STANDARD.decode(line).ok()?;
            <[u8; 32]>::try_from(bytes).ok().map(Digest)
        };
        let path: Option<Vec<_>> = lines.map(hash).collect();
        let path = path.filter(|p| p.len() <= PATH_MAX).ok_or(form("its path is not at most 63 hashes"))?;
        Ok(Self { record, path, checkpoint: SignedNote::parse(note)? })
    }

    /// Verifies it with the log's key; gives the checkpoint that the entry is under.
    ///
    /// # Errors
    /// Where the checkpoint is not the log's, or the entry is not in it.
    pub fn verify(&self, key: &NoteKey) -> Result<Checkpoint, ProofError> {
        let head = Checkpoint::of(&self.checkpoint, key)?;
        let (seq, leaf) = (self.record.entry.seq, self.record.leaf()?);
        if !merkle::verify_inclusion(leaf, seq, head.size, &self.path, &head.root) {
            return Err(ProofError::NotInLog(seq));
        }
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, tile};
    use super::*;
    use crate::signed_note::KeyKind;
    use ed25519_dalek::SigningKey;

    fn records(n: u64) -> Vec<Record> {
        let entry = |seq| Entry {
            seq,
            at: 7,
            actor: "ana".to_owned(),
            action: "plan.seal".to_owned(),
            subject: "p1".to_owned(),
            detail: serde_json::json!({ "n": seq }),
        };
        (0..n).map(|seq| Record { entry: entry(seq), nonce: Digest::of(&seq.to_be_bytes()) }).collect()
    }

    #[test]
    fn a_proof_is_read_back_and_holds_and_a_changed_one_does_not() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let public = NoteKey::new("log.example", KeyKind::Log, key.verifying_key()).unwrap();
        let records = records(300);
        let mut edge = tile::Edge::default();
        let mut first = Vec::new();
        for record in &records {
            first.extend(edge.push(record.leaf().unwrap()));
        }
        let mut tiles: Vec<_> = edge.partial().map(|(t, hashes)| (t, hashes.to_vec())).collect();
        tiles.extend(first);
        let mut read = |wanted: tile::Tile| -> Result<_, std::convert::Infallible> {
            Ok(tiles.iter().find(|(t, _)| *t == wanted).expect("a tile of the log").1.clone())
        };
        let mut node = |height, index| tile::subtree(height, index, 300, &mut read);
        let head = Checkpoint { origin: "log.example".to_owned(), size: 300, root: edge.root() };
        for seq in [0_u64, 255, 256, 299] {
            let path = merkle::inclusion(seq, 300, &mut node).unwrap().unwrap();
            let record = records[usize::try_from(seq).unwrap()].clone();
            let checkpoint = SignedNote::parse(&head.sign(&key).unwrap()).unwrap();
            let proof = Proof { record, path, checkpoint };
            let text = proof.text().unwrap();
            assert_eq!(Proof::parse(&text).unwrap(), proof);
            assert_eq!(proof.verify(&public).unwrap(), head);
            let mut changed = proof.clone();
            changed.record.entry.actor = "ben".to_owned();
            assert!(matches!(changed.verify(&public), Err(ProofError::NotInLog(_))));
            let mut changed = proof.clone();
            changed.path.swap(0, 1);
            assert!(matches!(changed.verify(&public), Err(ProofError::NotInLog(_))));
            let moved = text.replacen(&format!("index {seq}\n"), &format!("index {}\n", seq + 1), 1);
            assert!(matches!(Proof::parse(&moved), Err(ProofError::Form(_))));
        }
    }
}
