//! Checkpoints (C2SP `tlog-checkpoint`): the head of a log, as a signed note.

use crate::id::Digest;
use crate::signed_note::{NoteError, NoteKey, SignedNote};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

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
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no signed note, or the signature is wrong.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The note's text is no checkpoint.
    #[error("not a checkpoint: {0}")]
    Form(&'static str),
    /// It is the head of another log.
    #[error("it is a checkpoint of the log {found}, and the key is that of {wanted}")]
    Other {
        /// The log it is of.
        found: String,
        /// The log that is wanted.
        wanted: String,
    },
    /// The log did not sign it.
    #[error("it bears no signature of {0}'s key; use the key that the log published")]
    Unsigned(String),
}

impl Checkpoint {
    /// The signed note.
    ///
    /// # Errors
    /// Where the origin is no name that a note can bear.
    pub fn sign(&self, key: &SigningKey) -> Result<String, NoteError> {
        let text = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.0));
        Ok(SignedNote::of(text)?.sign(&self.origin, key)?.to_string())
    }

    /// Reads a note and insists on the signature of the log's key.
    ///
    /// # Errors
    /// Where the form is another, the signature is missing or wrong, or it is another log's.
    pub fn open(note: &str, key: &NoteKey) -> Result<Self, CheckpointError> {
        Self::of(&SignedNote::parse(note)?, key)
    }

    /// The same of a note that was read.
    ///
    /// # Errors
    /// Where the text is no checkpoint, the signature is missing or wrong, or it is another log's.
    pub fn of(note: &SignedNote, key: &NoteKey) -> Result<Self, CheckpointError> {
        let found = Self::read(note.text())?;
        if found.origin != key.name() {
            return Err(CheckpointError::Other { found: found.origin, wanted: key.name().to_owned() });
        }
        match note.said_by(key)? {
            Some(_) => Ok(found),
            None => Err(CheckpointError::Unsigned(found.origin)),
        }
    }

    /// Lines after the third are extensions, which nobody has to know.
    fn read(text: &str) -> Result<Self, CheckpointError> {
        let form = CheckpointError::Form;
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(form("fewer than three lines"));
        };
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(form("an empty line"));
        }
        let number = size.parse::<u64>().ok().filter(|n| n.to_string() == size);
        let size = number.ok_or(form("the size is not a number, or not in its plain form"))?;
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|r| <[u8; 32]>::try_from(r).ok())
            .ok_or(form("the root is not 32 bytes in base64"))?;
        Ok(Self { origin: origin.to_owned(), size, root: Digest(root) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed_note::KeyKind;

    #[test]
    fn a_checkpoint_is_read_back_and_a_changed_or_foreign_one_is_not() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let public = |name: &str, key: &SigningKey| {
            NoteKey::new(name, KeyKind::Log, key.verifying_key()).expect("a name")
        };
        let checkpoint = Checkpoint { origin: "log.example".to_owned(), size: 5, root: Digest::of(b"x") };
        let note = checkpoint.sign(&key).unwrap();
        let ours = public("log.example", &key);
        assert_eq!(Checkpoint::open(&note, &ours), Ok(checkpoint.clone()));
        assert!(matches!(
            Checkpoint::open(&note.replacen("\n5\n", "\n6\n", 1), &ours),
            Err(CheckpointError::Note(NoteError::Wrong(_)))
        ));
        let other = public("log.example", &SigningKey::from_bytes(&[4; 32]));
        assert!(matches!(Checkpoint::open(&note, &other), Err(CheckpointError::Unsigned(_))));
        let elsewhere = public("other.example", &key);
        assert!(matches!(Checkpoint::open(&note, &elsewhere), Err(CheckpointError::Other { .. })));
    }

    #[test]
    fn a_note_of_another_form_is_no_checkpoint() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let public = NoteKey::new("log.example", KeyKind::Log, key.verifying_key()).unwrap();
        let root = STANDARD.encode([7; 32]);
        let open = |text: String| {
            let note = SignedNote::of(text).unwrap().sign("log.example", &key).unwrap();
            Checkpoint::of(&note, &public)
        };
        assert!(open(format!("log.example\n12\n{root}\n")).is_ok());
        assert!(open(format!("log.example\n12\n{root}\nan extension\n")).is_ok());
        for wrong in [
            format!("log.example\n012\n{root}\n"),
            format!("log.example\n+12\n{root}\n"),
            format!("log.example\n-1\n{root}\n"),
            format!("log.example\n\n{root}\n"),
            "log.example\n12\nAAAA\n".to_owned(),
            "log.example\n12\n".to_owned(),
            format!("log.example\n12\n{root}\n\nafter an empty line\n"),
        ] {
            assert!(matches!(open(wrong.clone()), Err(CheckpointError::Form(_))), "{wrong:?}");
        }
    }
}
