//! Sealing: every byte of a plan fixed under one digest, so that what was approved is what is done.
//!
//! A plan file is a header line and one line an account, sorted by account: owners' accounts first, then the probe accounts
//! of ours, which the header counts apart. A line holds a commitment,
//! SHA-256(nonce ‖ canonical entry); entry and nonce stand beside it and can be erased without breaking the seal. The
//! digest is the RFC 6962 root over all lines, the header's first.

use crate::canonical::{CanonicalError, canonical};
use crate::id::{AccountId, Digest};
use crate::merkle;
use crate::mutant::{self, Mutant};
use crate::plan::{Draft, Entry, FORMAT, Header, Purpose};
use serde::{Deserialize, Serialize};

/// Why a draft can't be sealed, or a seal does not hold.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The header names another format.
    #[error("the header's format is {found:?}, and this version reads {FORMAT:?}; export the plan again")]
    Format {
        /// What the header says.
        found: String,
    },
    /// Entries are not sorted, or one account is there twice.
    #[error("entry {place}: {account} is out of order or there twice; draft the plan again")]
    Order {
        /// Which entry, from 1.
        place: usize,
        /// Its account.
        account: AccountId,
    },
    /// The header's counts are not those of the entries.
    #[error(
        "the header counts {header} accounts in its waves and there are {entries} entries; draft the plan again"
    )]
    Count {
        /// By the header.
        header: u64,
        /// There are.
        entries: u64,
    },
    /// A probe among the owners' accounts, or an owner's account among the probes.
    #[error(
        "{account}: probe accounts and owners' accounts are sealed apart, each in a wave of the plan; draft the plan again"
    )]
    Probe {
        /// Whose entry.
        account: AccountId,
    },
    /// An act does not fit the plan's purpose.
    #[error("{account}: a plan of this purpose can't hold {act}; draft the plan again")]
    Act {
        /// Whose entry.
        account: AccountId,
        /// The act's name.
        act: &'static str,
    },
    /// The digest is another.
    #[error(
        "the digest of these lines is {found}, and {expected} was expected: the plan was changed after it was sealed"
    )]
    Digest {
        /// Over the lines at hand.
        found: Digest,
        /// The sealed one.
        expected: Digest,
    },
    /// An entry is not what its line commits to.
    #[error("line {line}: the entry is not the one that was sealed")]
    Entry {
        /// Which line of the file, from 1 (the header).
        line: u64,
    },
    /// A line is not the canonical form of what it says.
    #[error("line {line} is not a line of a plan file in canonical form: {why}")]
    Line {
        /// Which line of the file, from 1 (the header).
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// A value has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// A line of the plan file after the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// SHA-256(nonce ‖ canonical entry).
    pub commitment: Digest,
    /// Its place among the accounts, from 1.
    pub n: u64,
}

/// An entry with its nonce: what stands beside a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// The line's place, from 1.
    pub n: u64,
    /// 32 random bytes, so that a commitment gives nothing away.
    pub nonce: Digest,
    /// What the line commits to.
    pub entry: Entry,
}

impl Value {
    /// SHA-256(nonce ‖ canonical entry).
    ///
    /// # Errors
    /// Where the entry has no canonical form.
    pub fn commitment(&self) -> Result<Digest, CanonicalError> {
        let mut bytes = self.nonce.0.to_vec();
        bytes.extend_from_slice(canonical(&self.entry)?.as_bytes());
        Ok(Digest::of(&bytes))
    }
}

/// A plan whose every byte is fixed. Made by [`seal`] from a draft, or read back and held against its digest.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    digest: Digest,
    header: Header,
    lines: Vec<Line>,
}

/// One entry that was found under a seal: the only thing a step can be made from.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedEntry {
    digest: Digest,
    entry: Entry,
}

impl SealedEntry {
    /// The entry.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The plan's digest that it was held against.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// Seals a draft. `nonces` gives 32 fresh random bytes a call.
///
/// # Errors
/// Where the draft is out of order, miscounted, or holds an act that its purpose does not allow.
pub fn seal(draft: Draft, mut nonces: impl FnMut() -> [u8; 32]) -> Result<(Sealed, Vec<Value>), SealError> {
    check(&draft)?;
    let count = draft.entries.len() + draft.probes.len();
    let mut values = Vec::with_capacity(count);
    let mut lines = Vec::with_capacity(count);
    for (n, entry) in (1..).zip(draft.entries.into_iter().chain(draft.probes)) {
        let value = Value { n, nonce: Digest(nonces()), entry };
        lines.push(Line { commitment: value.commitment()?, n });
        values.push(value);
    }
    let digest = digest(&draft.header, &lines)?;
    Ok((Sealed { digest, header: draft.header, lines }, values))
}

fn check(draft: &Draft) -> Result<(), SealError> {
    if draft.header.format != FORMAT {
        return Err(SealError::Format { found: draft.header.format.clone() });
    }
    let entries = draft.entries.len() as u64;
    let waves: u64 = draft.header.waves.iter().sum();
    if draft.header.accounts != entries || waves != entries {
        return Err(SealError::Count { header: draft.header.accounts.min(waves), entries });
    }
    let probes = draft.probes.len() as u64;
    if draft.header.probes != probes {
        return Err(SealError::Count { header: draft.header.probes, entries: probes });
    }
    in_order(&draft.entries, &draft.header)?;
    in_order(&draft.probes, &draft.header)?;
    apart(draft)?;
    let mut counted = vec![0_u64; draft.header.waves.len()];
    for entry in &draft.entries {
        if let Some(count) = counted.get_mut(entry.wave as usize) {
            *count += 1;
        }
    }
    if counted != draft.header.waves {
        return Err(SealError::Count { header: waves, entries: counted.iter().sum() });
    }
    Ok(())
}

/// Each account once, sorted, with acts that the plan's purpose allows.
fn in_order(entries: &[Entry], header: &Header) -> Result<(), SealError> {
    let mut before: Option<&AccountId> = None;
    for (place, entry) in (1..).zip(entries) {
        if before.is_some_and(|b| *b >= entry.account) {
            return Err(SealError::Order { place, account: entry.account.clone() });
        }
        before = Some(&entry.account);
        let wrong = entry.places().find(|a| !header.purpose.allows(a.kind()));
        let wrong = wrong.or_else(|| entry.if_moved.iter().find(|a| !a.kind().is_good_for_moved()));
        if let Some(act) = wrong {
            return Err(SealError::Act { account: entry.account.clone(), act: act.kind().as_str() });
        }
    }
    Ok(())
}

/// No probe is among the owners' accounts, and no owner's account among the probes; an addendum, which revokes nothing
/// that could be tried, has none.
fn apart(draft: &Draft) -> Result<(), SealError> {
    let is_owners = |a: &AccountId| draft.entries.binary_search_by(|e| e.account.cmp(a)).is_ok();
    let is_astray =
        |p: &&Entry| !p.is_probe() || p.wave as usize >= draft.header.waves.len() || is_owners(&p.account);
    let hidden = draft.entries.iter().find(|e| e.is_probe());
    let is_added = matches!(draft.header.purpose, Purpose::Addendum { .. });
    match hidden.or_else(|| draft.probes.iter().find(|p| is_added || is_astray(p))) {
        Some(entry) => Err(SealError::Probe { account: entry.account.clone() }),
        None => Ok(()),
    }
}

fn digest(header: &Header, lines: &[Line]) -> Result<Digest, CanonicalError> {
    let mut frontier = merkle::Frontier::default();
    frontier.push(merkle::leaf(canonical(header)?.as_bytes()));
    for line in lines {
        frontier.push(merkle::leaf(canonical(line)?.as_bytes()));
    }
    Ok(frontier.root())
}

impl Sealed {
    /// Reads a plan back from its parts and holds it against the digest that was approved.
    ///
    /// # Errors
    /// Where it is not the plan that was sealed.
    pub fn read(header: Header, lines: Vec<Line>, expected: Digest) -> Result<Self, SealError> {
        let found = digest(&header, &lines)?;
        if found != expected {
            return Err(SealError::Digest { found, expected });
        }
        Ok(Self { digest: found, header, lines })
    }

    /// Reads a plan file (a header line, then one line an account) and computes its digest.
    ///
    /// # Errors
    /// Where a line is not in canonical form, or the count is wrong.
    pub fn parse(file: &str) -> Result<Self, SealError> {
        let mut texts = (1..).zip(file.lines());
        let (_, first) =
            texts.next().ok_or(SealError::Line { line: 1, why: "the file is empty".to_owned() })?;
        let header: Header = read_line(1, first)?;
        if header.format != FORMAT {
            return Err(SealError::Format { found: header.format });
        }
        let lines = texts.map(|(n, text)| read_line(n, text)).collect::<Result<Vec<Line>, _>>()?;
        let counted = header.accounts.saturating_add(header.probes);
        if counted != lines.len() as u64 {
            return Err(SealError::Count { header: counted, entries: lines.len() as u64 });
        }
        let digest = digest(&header, &lines)?;
        Ok(Self { digest, header, lines })
    }

    /// The digest over header and lines.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The lines, one an account.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The plan file's text: header and lines, each ended by a line feed.
    ///
    /// # Errors
    /// Where a part has no canonical form.
    pub fn file(&self) -> Result<String, SealError> {
        let mut text = canonical(&self.header)? + "\n";
        for line in &self.lines {
            text.push_str(&canonical(line)?);
            text.push('\n');
        }
        Ok(text)
    }

    /// Holds an entry against its line.
    ///
    /// # Errors
    /// Where the entry is not what the line commits to.
    pub fn open(&self, value: Value) -> Result<SealedEntry, SealError> {
        let line =
            usize::try_from(value.n).ok().and_then(|n| n.checked_sub(1)).and_then(|i| self.lines.get(i));
        match line {
            Some(line)
                if line.n == value.n && line.commitment == value.commitment()?
                    || mutant::is_on(Mutant::BelievesEntries) =>
            {
                Ok(SealedEntry { digest: self.digest, entry: value.entry })
            }
            Some(_) | None => Err(SealError::Entry { line: value.n + 1 }),
        }
    }
}

/// Reads one line and insists that it is written in canonical form, so that equal plans have equal bytes.
fn read_line<T: Serialize + for<'de> Deserialize<'de>>(line: u64, text: &str) -> Result<T, SealError> {
    let value: T = serde_json::from_str(text).map_err(|e| SealError::Line { line, why: e.to_string() })?;
    if canonical(&value)? != text {
        return Err(SealError::Line {
            line,
            why: "the text is not RFC 8785's form of what it says".to_owned(),
        });
    }
    Ok(value)
}
