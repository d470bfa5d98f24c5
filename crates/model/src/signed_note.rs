//! Signed notes (C2SP `signed-note`): a text and who signed it, by Ed25519 as the log does, or as a witness does
//! (C2SP `tlog-cosignature`, version 1). What a text says is not this file's business.

use crate::id::Digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use std::fmt;

/// A note may bear so many signatures; more are refused before one is looked at.
const SIGNATURES_MAX: usize = 64;

/// Why a note, or a key, is not to be trusted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The text is no signed note.
    #[error("not a signed note: {0}")]
    Form(&'static str),
    /// The text is no key, or not one of the kind that is wanted.
    #[error("not a {wanted}: {why}")]
    Key {
        /// The kind that is wanted.
        wanted: KeyKind,
        /// What is wrong.
        why: &'static str,
    },
    /// A line says that a known key signed, and it did not.
    #[error("the signature of {0} does not fit the text: it was changed after it was signed")]
    Wrong(String),
}

/// What a key signs: also the number of its signature type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A log signs its own texts.
    Log = 1,
    /// A witness signs, with the moment, that it saw nothing but growth.
    Witness = 4,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Log => "log's public key",
            Self::Witness => "witness's public key",
        })
    }
}

/// A public key with the name it signs under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey {
    name: String,
    kind: KeyKind,
    key: VerifyingKey,
}

impl NoteKey {
    /// A key under a name.
    ///
    /// # Errors
    /// Where the name is none that a signature line can bear.
    pub fn new(name: &str, kind: KeyKind, key: VerifyingKey) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key { wanted: kind, why: "its name is empty, or has a space or a plus" });
        }
        Ok(Self { name: name.to_owned(), kind, key })
    }

    /// Reads `name+id+key`.
    ///
    /// # Errors
    /// Where the text has another form, the id is not the key's, or it is a key of the other kind.
    pub fn parse(text: &str, wanted: KeyKind) -> Result<Self, NoteError> {
        let wrong = |why| NoteError::Key { wanted, why };
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("it is written name+id+base64"));
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| wrong("what it holds is not base64"))?;
        let Some((&kind, key)) = bytes.split_first() else { return Err(wrong("it is empty")) };
        if kind != wanted as u8 {
            return Err(wrong("its type is another"));
        }
        let key = <[u8; 32]>::try_from(key)
            .ok()
            .and_then(|k| VerifyingKey::from_bytes(&k).ok())
            .ok_or(wrong("it is not an Ed25519 key"))?;
        let found = Self::new(name, wanted, key)?;
        if hex::encode(found.id()) != id {
            return Err(wrong("its id is not that of its name and bytes"));
        }
        Ok(found)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> [u8; 4] {
        let mut bytes = self.name.as_bytes().to_vec();
        bytes.extend_from_slice(&[b'\n', self.kind as u8]);
        bytes.extend_from_slice(self.key.as_bytes());
        let hash = Digest::of(&bytes);
        [hash.0[0], hash.0[1], hash.0[2], hash.0[3]]
    }
}

/// `name+id+key`, as it is published.
impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.kind as u8], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(bytes))
    }
}

/// Neither empty, nor with what ends a word of a signature line or a part of a key.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control())
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// What a key said under a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It signed the text.
    Signed,
    /// It signed the text with the moment, seconds since 1970-01-01 UTC.
    Cosigned {
        /// The moment.
        at_s: u64,
    },
}

/// A text with the signatures under it; none was looked at before it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    lines: Vec<Line>,
}

impl SignedNote {
    /// A text that nobody signed yet; its last character is the end of its last line.
    ///
    /// # Errors
    /// Where it is empty, does not end its last line, or holds a control character.
    pub fn of(text: String) -> Result<Self, NoteError> {
        if text.contains(|c: char| c < ' ' && c != '\n') {
            return Err(NoteError::Form("it holds a control character"));
        }
        if text.is_empty() || !text.ends_with('\n') {
            return Err(NoteError::Form("its text does not end with a line's end"));
        }
        Ok(Self { text, lines: Vec::new() })
    }

    /// Reads a note.
    ///
    /// # Errors
    /// Where its form is another.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        let (head, below) =
            note.rsplit_once("\n\n").ok_or(NoteError::Form("no empty line before the signatures"))?;
        let mut found = Self::of(format!("{head}\n"))?;
        let below = below.strip_suffix('\n').ok_or(NoteError::Form("its last line does not end"))?;
        for line in below.split('\n') {
            found.lines.push(read_line(line).ok_or(NoteError::Form("a line below is no signature"))?);
            if found.lines.len() > SIGNATURES_MAX {
                return Err(NoteError::Form("it bears too many signatures"));
            }
        }
        Ok(found)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What this key said under the text; `None` where it said nothing.
    ///
    /// # Errors
    /// Where a line that names the key is not its signature.
    pub fn said_by(&self, key: &NoteKey) -> Result<Option<Said>, NoteError> {
        let mut found = None;
        for line in self.lines.iter().filter(|l| l.name == key.name && l.id == key.id()) {
            let said = check(&self.text, line, key).ok_or_else(|| NoteError::Wrong(key.name.clone()))?;
            found = Some(said);
        }
        Ok(found)
    }

    /// Signs as a log.
    ///
    /// # Errors
    /// Where the name is none that a signature line can bear.
    pub fn sign(self, name: &str, key: &SigningKey) -> Result<Self, NoteError> {
        let bytes = key.sign(self.text.as_bytes()).to_bytes().to_vec();
        let by = NoteKey::new(name, KeyKind::Log, key.verifying_key())?;
        Ok(self.with(&by, bytes))
    }

    /// Signs as a witness, with the moment in seconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// Where the name is none that a signature line can bear.
    pub fn cosign(self, name: &str, key: &SigningKey, at_s: u64) -> Result<Self, NoteError> {
        let signature = key.sign(cosigned(&self.text, at_s).as_bytes()).to_bytes();
        let by = NoteKey::new(name, KeyKind::Witness, key.verifying_key())?;
        Ok(self.with(&by, [at_s.to_be_bytes().as_slice(), &signature].concat()))
    }

    /// With one more line, in place of an older one by the same key.
    fn with(mut self, by: &NoteKey, bytes: Vec<u8>) -> Self {
        let line = Line { name: by.name.clone(), id: by.id(), bytes };
        self.lines.retain(|l| l.name != line.name || l.id != line.id);
        self.lines.push(line);
        self
    }
}

/// The note as it is written.
impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for line in &self.lines {
            let bytes = [line.id.as_slice(), &line.bytes].concat();
            writeln!(f, "\u{2014} {} {}", line.name, STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}

fn read_line(line: &str) -> Option<Line> {
    let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (id, bytes) = bytes.split_first_chunk::<4>()?;
    is_name(name).then(|| Line { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
}

/// What a witness signs: the moment, then the whole text.
fn cosigned(text: &str, at_s: u64) -> String {
    format!("cosignature/v1\ntime {at_s}\n{text}")
}

fn check(text: &str, line: &Line, key: &NoteKey) -> Option<Said> {
    let (message, signature, said) = match key.kind {
        KeyKind::Log => (text.to_owned(), line.bytes.as_slice(), Said::Signed),
        KeyKind::Witness => {
            let (at, signature) = line.bytes.split_first_chunk::<8>()?;
            let at_s = u64::from_be_bytes(*at);
            // The specification's limit.
            i64::try_from(at_s).ok()?;
            (cosigned(text, at_s), signature, Said::Cosigned { at_s })
        }
    };
    let signature = Signature::from_slice(signature).ok()?;
    key.key.verify(message.as_bytes(), &signature).ok().map(|()| said)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of golang.org/x/mod/sumdb/note, whose format the specification took over.
    const PUBLISHED: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const PUBLISHED_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    fn witness(n: u8) -> (SigningKey, NoteKey) {
        let key = SigningKey::from_bytes(&[n; 32]);
        let public = NoteKey::new(&format!("w{n}.example"), KeyKind::Witness, key.verifying_key()).unwrap();
        (key, public)
    }

    #[test]
    fn the_published_example_verifies_and_is_written_as_it_was() {
        let key = NoteKey::parse(PUBLISHED_KEY, KeyKind::Log).unwrap();
        let note = SignedNote::parse(PUBLISHED).unwrap();
        assert_eq!(note.said_by(&key), Ok(Some(Said::Signed)));
        assert_eq!((note.to_string().as_str(), key.to_string().as_str()), (PUBLISHED, PUBLISHED_KEY));
        let changed = SignedNote::parse(&PUBLISHED.replace("answer", "anchor")).unwrap();
        assert_eq!(changed.said_by(&key), Err(NoteError::Wrong("PeterNeumann".to_owned())));
        assert!(NoteKey::parse(PUBLISHED_KEY, KeyKind::Witness).is_err(), "a key says what it is for");
        assert!(NoteKey::parse(&PUBLISHED_KEY.replace("c74f", "c74e"), KeyKind::Log).is_err());
    }

    #[test]
    fn cosignatures_stand_beside_each_other_and_a_strangers_line_is_passed_over() {
        let (one, public_one) = witness(1);
        let (two, public_two) = witness(2);
        let note = SignedNote::parse(PUBLISHED).unwrap();
        let note = note.cosign("w1.example", &one, 100).unwrap().cosign("w2.example", &two, 101).unwrap();
        let note = SignedNote::parse(&note.to_string()).unwrap();
        assert_eq!(note.said_by(&public_one), Ok(Some(Said::Cosigned { at_s: 100 })));
        assert_eq!(note.said_by(&public_two), Ok(Some(Said::Cosigned { at_s: 101 })));
        assert_eq!(note.said_by(&witness(3).1), Ok(None));
        // The later one takes the earlier one's place; the moment is a part of what is signed.
        let again = note.cosign("w1.example", &one, 200).unwrap();
        assert_eq!(again.said_by(&public_one), Ok(Some(Said::Cosigned { at_s: 200 })));
        assert_eq!(again.to_string().matches("w1.example").count(), 1);
        let mut lied = again;
        lied.lines[2].bytes[7] = 201;
        assert_eq!(lied.said_by(&public_one), Err(NoteError::Wrong("w1.example".to_owned())));
        assert_eq!(NoteKey::parse(&public_two.to_string(), KeyKind::Witness), Ok(public_two));
    }

    #[test]
    fn what_has_another_form_is_refused() {
        let line = PUBLISHED.lines().last().unwrap();
        for wrong in [
            "text\n",
            "text\n\n",
            &format!("text\n\n{line}"),
            &format!("te\txt\n\n{line}\n"),
            &format!("text\n\n- {}\n", &line[4..]),
            &format!("text\n\n{line}\nmore\n"),
            "text\n\n\u{2014} name AAA=\n",
            "text\n\n\u{2014} na+me AAAAAAAA\n",
            &format!("text\n\n{}", format!("{line}\n").repeat(SIGNATURES_MAX + 1)),
        ] {
            assert!(matches!(SignedNote::parse(wrong), Err(NoteError::Form(_))), "{wrong:?}");
        }
        // Empty lines in the text are its own: the last one ends it.
        let text = format!("a\n\nb\n\n{line}\n");
        assert_eq!(SignedNote::parse(&text).unwrap().text(), "a\n\nb\n");
    }
}
