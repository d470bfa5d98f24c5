//! A witness: signs a checkpoint of somebody else's log if the log only grew since the last one that it signed. What it
//! signed last is in a file of its own, written before the signature leaves; nothing of the ledger is used.

use super::folder::{Folder, begin, end, read_text, write_whole};
use crate::error::{Error, Result, at};
use ed25519_dalek::SigningKey;
use model::audit::{Checkpoint, CheckpointError, tile};
use model::id::Digest;
use model::merkle;
use model::signed_note::{KeyKind, NoteKey, SignedNote};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// A witness at work.
pub(crate) struct Witness<'a> {
    /// The name it signs under.
    pub(crate) name: &'a str,
    /// Its own key.
    pub(crate) key: SigningKey,
    /// Where it keeps what it signed last.
    pub(crate) state: &'a Path,
    /// Whether it says that it never signed this log.
    pub(crate) is_first: bool,
}

/// What a witness signed.
#[derive(Debug, Serialize)]
pub(crate) struct Witnessed {
    /// The log.
    pub(crate) origin: String,
    /// The size it had when this witness signed it last; 0 where it never did.
    pub(crate) from: u64,
    /// The size it signed now.
    pub(crate) size: u64,
    /// The witness's public key.
    pub(crate) key: String,
}

/// What a witness signed last of a log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    size: u64,
    root: Digest,
    /// The note itself: where the log says another thing later, both together are the evidence.
    checkpoint: String,
}

/// Checks a checkpoint against the log's key, the tiles, and what the witness signed last; then adds its signature to
/// the file.
pub(crate) fn witness(
    path: &Path,
    log: &Path,
    log_key: &NoteKey,
    by: &Witness<'_>,
    now_s: u64,
) -> Result<Witnessed> {
    let bad = |why: CheckpointError| Error::failed(format!("{}: {why}", path.display()));
    let text = read_text(path)?;
    let note = SignedNote::parse(&text).map_err(|e| bad(e.into()))?;
    let head = Checkpoint::of(&note, log_key).map_err(bad)?;
    let own = NoteKey::new(by.name, KeyKind::Witness, by.key.verifying_key())?;
    // Held until the end: between the look at what was signed last and the new signature nobody else signs.
    let _turn = turn(by.state)?;
    let mut state = read(by.state)?;
    let last = state.get(&head.origin);
    match (last, by.is_first) {
        (None, false) => {
            return Err(Error::failed(format!("{} knows nothing of {}", by.state.display(), head.origin))
                .hint("if this witness never signed that log, say --first; if it did, lay the file back"));
        }
        (Some(last), true) => {
            return Err(Error::failed(format!(
                "{} says that {} entries of {} were signed before",
                by.state.display(),
                last.size,
                head.origin
            ))
            .hint("leave --first out"));
        }
        (Some(_), false) | (None, true) => {}
    }
    let from = last.map_or(0, |last| last.size);
    grew(&Folder(log), last, &head, path)?;
    let signed = note.cosign(by.name, &by.key, now_s)?;
    state.insert(head.origin.clone(), Seen { size: head.size, root: head.root, checkpoint: text });
    keep(by.state, &state)?;
    write_whole(path, signed.to_string().as_bytes())?;
    Ok(Witnessed { origin: head.origin, from, size: head.size, key: own.to_string() })
}

/// Insists that the log of this checkpoint is the one in the folder, and begins with what was signed last.
fn grew(files: &Folder<'_>, last: Option<&Seen>, head: &Checkpoint, path: &Path) -> Result<()> {
    let refuse = |why: String| {
        Error::failed(format!("{}: {why}", path.display()))
            .hint("keep this file and the witness's: the two signatures of the log are the evidence")
    };
    let (size, root) = last.map_or((0, merkle::root(&[])), |last| (last.size, last.root));
    if head.size < size {
        return Err(refuse(format!(
            "it covers {} entries, and {size} were signed before: a log does not go back",
            head.size
        )));
    }
    if head.size == size && head.root != root {
        return Err(refuse(format!("another log of {size} entries was signed before: this is a fork")));
    }
    let mut read = |tile| files.hashes(tile);
    let mut node = |height, index| tile::subtree(height, index, head.size, &mut read);
    if merkle::root_of(head.size, &mut node)? != head.root {
        return Err(Error::failed(format!(
            "the tiles in {} are not those of {}: one of the two was changed, or they belong to different moments",
            files.0.display(),
            path.display()
        ))
        .hint("ask for a fresh export together with its checkpoint"));
    }
    let proof = merkle::consistency(size, head.size, &mut node)?.unwrap_or_default();
    if !merkle::verify_consistency((size, &root), (head.size, &head.root), &proof) {
        return Err(refuse(format!(
            "its log of {} entries does not begin with the {size} that were signed before: it was rewritten (a fork)",
            head.size
        )));
    }
    Ok(())
}

type State = BTreeMap<String, Seen>;

fn read(path: &Path) -> Result<State> {
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|e| Error::failed(format!("{} can't be read: {e}", path.display()))),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(State::new()),
        Err(e) => Err(at(path)(e)),
    }
}

fn keep(path: &Path, state: &State) -> Result<()> {
    let mut file = begin(path)?;
    serde_json::to_writer_pretty(&mut file, state)?;
    file.write_all(b"\n").map_err(at(path))?;
    end(file, path)
}

/// A file beside the state that one process at a time holds.
fn turn(state: &Path) -> Result<std::fs::File> {
    let path = state.with_added_extension("lock");
    let file = OpenOptions::new().create(true).append(true).open(&path).map_err(at(&path))?;
    file.lock().map_err(at(&path))?;
    Ok(file)
}
