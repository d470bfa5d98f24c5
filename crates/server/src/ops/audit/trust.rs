//! Whom a verifier believes: the log's key, and how many of which witnesses.

use super::folder::{Folder, read_text};
use crate::error::{Error, Result};
use model::audit::Checkpoint;
use model::signed_note::{KeyKind, NoteKey, Said, SignedNote};
use std::path::{Path, PathBuf};

/// Whom a verifier believes.
pub(crate) struct Trust {
    key: NoteKey,
    /// Whether the key was taken from the very folder that is to be verified.
    is_folders_own: bool,
    witnesses: Vec<NoteKey>,
    quorum: usize,
}

/// A witness that signed a checkpoint.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Cosigned {
    /// Its name.
    pub(crate) name: String,
    /// When it signed, s.
    pub(crate) at_s: u64,
}

impl Trust {
    /// The key that was published elsewhere.
    pub(crate) fn published(key: &Path) -> Result<Self> {
        Ok(Self { key: log_key(key)?, is_folders_own: false, witnesses: Vec::new(), quorum: 0 })
    }

    /// The key that lies in the folder: it shows that the folder agrees with itself, and no more.
    pub(crate) fn folders_own(folder: &Path) -> Result<Self> {
        Ok(Self { is_folders_own: true, ..Self::published(&Folder(folder).key())? })
    }

    /// The same with witnesses of whom so many must have signed; all of them where it is not said.
    pub(crate) fn with(mut self, witnesses: &[PathBuf], quorum: Option<usize>) -> Result<Self> {
        for path in witnesses {
            let key = read_key(path, KeyKind::Witness)?;
            if self.witnesses.contains(&key) {
                return Err(Error::usage(format!("{}: this witness was named before", path.display())));
            }
            self.witnesses.push(key);
        }
        self.quorum = quorum.unwrap_or(self.witnesses.len());
        if self.quorum > self.witnesses.len() || (self.quorum == 0 && quorum.is_some()) {
            return Err(Error::usage(format!(
                "a quorum of {} among {} witnesses",
                self.quorum,
                self.witnesses.len()
            ))
            .hint("name each witness's public key with --witness, and a quorum of at least one of them"));
        }
        Ok(self)
    }

    /// The log's key.
    pub(super) fn key(&self) -> &NoteKey {
        &self.key
    }

    /// Whether the key was taken from the very folder that is to be verified.
    pub(super) fn is_folders_own(&self) -> bool {
        self.is_folders_own
    }

    /// Reads a checkpoint file; insists on the log's signature.
    pub(super) fn read(&self, path: &Path) -> Result<(SignedNote, Checkpoint)> {
        let bad = |why: String| Error::failed(format!("{}: {why}", path.display()));
        let note = SignedNote::parse(&read_text(path)?).map_err(|e| bad(e.to_string()))?;
        let head = Checkpoint::of(&note, &self.key).map_err(|e| bad(e.to_string()))?;
        Ok((note, head))
    }

    /// Insists on as many witnesses' signatures as are wanted; gives all that there are.
    pub(super) fn cosigned(&self, note: &SignedNote, what: &str) -> Result<Vec<Cosigned>> {
        let mut found = Vec::new();
        for witness in &self.witnesses {
            match note.said_by(witness).map_err(|e| Error::failed(format!("{what}: {e}")))? {
                Some(Said::Cosigned { at_s }) => {
                    found.push(Cosigned { name: witness.name().to_owned(), at_s });
                }
                Some(Said::Signed) | None => {}
            }
        }
        if found.len() < self.quorum {
            return Err(Error::failed(format!(
                "{what}: {} of the witnesses that were named signed it, and {} must",
                found.len(),
                self.quorum
            )));
        }
        Ok(found)
    }
}

/// Reads a log's public key.
pub(crate) fn log_key(path: &Path) -> Result<NoteKey> {
    read_key(path, KeyKind::Log)
}

fn read_key(path: &Path, kind: KeyKind) -> Result<NoteKey> {
    NoteKey::parse(&read_text(path)?, kind).map_err(|e| Error::failed(format!("{}: {e}", path.display())))
}
