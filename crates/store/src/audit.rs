//! The audit log: numbered without gaps, each entry with its nonce and its leaf, and the checkpoints over them.
//!
//! It is written beside every write, in the same transaction, and never read to decide.

use crate::cell::{cells, json};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::audit::{Checkpoint, Entry, Record};
use model::id::{Digest, Millis};
use model::merkle::Frontier;
use serde_json::Value;

/// One act for the log; place and moment are the transaction's.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// Who: an operator's name, `rightful`, or `owner`.
    pub actor: String,
    /// What, in the glossary's words: `plan.seal`.
    pub action: &'static str,
    /// Of what: a plan's, run's or account's id.
    pub subject: String,
    /// The particulars; never a secret, an address or a number.
    pub detail: Value,
}

/// A checkpoint as it was signed, with what is needed to go on from it.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedCheckpoint {
    /// How many entries it covers.
    pub size: u64,
    /// The root over their leaves.
    pub root: Digest,
    /// The signed note.
    pub note: String,
    /// The tree's right edge at that size.
    pub frontier: Frontier,
    /// When, ms.
    pub signed_at: Millis,
}

impl Tx {
    /// Appends one entry; gives its place in the log.
    ///
    /// # Errors
    /// The database's.
    pub fn audit(
        &self,
        actor: &str,
        action: &'static str,
        subject: &str,
        detail: Value,
    ) -> Result<u64, StoreError> {
        let act = Act { actor: actor.to_owned(), action, subject: subject.to_owned(), detail };
        self.audit_all(vec![act])
    }

    /// Appends entries in order; gives the first one's place.
    ///
    /// # Errors
    /// The database's.
    pub fn audit_all(&self, acts: Vec<Act>) -> Result<u64, StoreError> {
        let first = self.audit_size()?;
        let mut rows = Vec::with_capacity(acts.len());
        for (seq, act) in (first..).zip(acts) {
            let entry = Entry {
                seq,
                at: self.now(),
                actor: act.actor,
                action: act.action.to_owned(),
                subject: act.subject,
                detail: act.detail,
            };
            let text = json("an audit entry", &entry)?;
            let record = Record { entry, nonce: Digest(self.chance()) };
            let commitment = record
                .commitment()
                .map_err(|e| StoreError::Value { what: "an audit entry", why: e.to_string() })?;
            let leaf = model::audit::leaf(commitment);
            let mut row =
                cells![seq, self.now(), record.entry.subject, record.nonce, commitment, leaf].to_vec();
            row.push(text);
            rows.push(row);
        }
        let columns = ["seq", "recorded_at", "subject", "nonce", "commitment", "leaf", "entry"];
        self.insert("audit", &columns, &rows, "")?;
        Ok(first)
    }

    /// Keeps a signed checkpoint with the tree's right edge at its size.
    ///
    /// # Errors
    /// Where size or root are not the edge's, or one of that size is there.
    pub fn put_checkpoint(
        &self,
        checkpoint: &Checkpoint,
        note: &str,
        frontier: &Frontier,
    ) -> Result<(), StoreError> {
        if frontier.size() != checkpoint.size || frontier.root() != checkpoint.root {
            let why = "its size and root are not those of the tree's edge".to_owned();
            return Err(StoreError::Value { what: "a checkpoint", why });
        }
        let mut row = cells![checkpoint.size, checkpoint.root, note, self.now()].to_vec();
        row.push(json("a checkpoint", frontier)?);
        self.insert("checkpoint", &["size", "root", "signed_note", "signed_at", "frontier"], &[row], "")?;
        Ok(())
    }
}

impl Read {
    /// How many entries the log has; also the next one's place.
    ///
    /// # Errors
    /// The database's.
    pub fn audit_size(&self) -> Result<u64, StoreError> {
        self.count("audit", "SELECT COALESCE(MAX(seq) + 1, 0) FROM audit", &[])
    }

    /// The log's last entry: its place and leaf.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn audit_head(&self) -> Result<Option<(u64, Digest)>, StoreError> {
        let sql = "SELECT seq, leaf FROM audit ORDER BY seq DESC LIMIT 1";
        self.row("audit", sql, &[])?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }

    /// The leaf at a place.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn audit_leaf(&self, seq: u64) -> Result<Option<Digest>, StoreError> {
        self.row("audit", "SELECT leaf FROM audit WHERE seq = $1", &cells![seq])?
            .map(|r| r.get(0))
            .transpose()
    }

    /// When the last entry was recorded, ms.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn audit_last_at(&self) -> Result<Option<Millis>, StoreError> {
        let sql = "SELECT recorded_at FROM audit ORDER BY seq DESC LIMIT 1";
        self.row("audit", sql, &[])?.map(|row| row.get(0)).transpose()
    }

    /// The leaves from place `from` on, at most `limit`, in order.
    ///
    /// # Errors
    /// The database's, or a row that is missing or can't be read.
    pub fn audit_leaves(&self, from: u64, limit: u64) -> Result<Vec<Digest>, StoreError> {
        let sql = "SELECT seq, leaf FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2";
        let rows = self.rows("audit", sql, &cells![from, limit])?;
        (from..)
            .zip(&rows)
            .map(|(seq, row)| match row.get::<u64>(0)? == seq {
                true => row.get(1),
                false => Err(row.corrupt(0, &format!("the entry before it, {seq}, is missing"))),
            })
            .collect()
    }

    /// What the log commits to of the entries from place `from` on, at most `limit`, in order.
    ///
    /// # Errors
    /// The database's, a row that is missing or can't be read, or an entry that was erased before its commitment was
    /// kept beside it.
    pub fn audit_commitments(&self, from: u64, limit: u64) -> Result<Vec<Digest>, StoreError> {
        let sql = "SELECT seq, commitment FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2";
        let rows = self.rows("audit", sql, &cells![from, limit])?;
        let one = |(seq, row): (u64, &crate::cell::Row)| {
            match row.get::<u64>(0)? == seq {
            true => row.get::<Option<Digest>>(1)?.ok_or_else(|| StoreError::Value {
                what: "the audit log",
                why: format!(
                    "entry {seq} was erased by a version that did not keep what the log commits to of it; the log can be \
                     held against its leaves in the ledger alone, and not be laid out in tiles"
                ),
            }),
            false => Err(row.corrupt(0, &format!("the entry before it, {seq}, is missing"))),
        }
        };
        (from..).zip(&rows).map(one).collect()
    }

    /// The tree's right edge as the log stands: the last checkpoint's, and the leaves since.
    ///
    /// # Errors
    /// The database's, or a row that is missing or can't be read.
    pub fn audit_frontier(&self) -> Result<Frontier, StoreError> {
        let mut frontier = self.last_checkpoint()?.map(|c| c.frontier).unwrap_or_default();
        loop {
            let leaves = self.audit_leaves(frontier.size(), 50_000)?;
            if leaves.is_empty() {
                return Ok(frontier);
            }
            leaves.into_iter().for_each(|leaf| frontier.push(leaf));
        }
    }

    /// The records from place `from` on, at most `limit`, in order; `None` for one that was erased.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn audit_records(&self, from: u64, limit: u64) -> Result<Vec<Option<Record>>, StoreError> {
        let sql = "SELECT seq, nonce, entry FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2";
        self.rows("audit", sql, &cells![from, limit])?.iter().map(record).collect()
    }

    /// The records from place `from` on that were not erased, at most `limit`, in order.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn audit_records_left(&self, from: u64, limit: u64) -> Result<Vec<Record>, StoreError> {
        let sql =
            "SELECT seq, nonce, entry FROM audit WHERE seq >= $1 AND entry IS NOT NULL ORDER BY seq LIMIT $2";
        let rows = self.rows("audit", sql, &cells![from, limit])?;
        rows.iter().filter_map(|row| record(row).transpose()).collect()
    }

    /// The records about one subject, in order.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn audit_records_of(&self, subject: &str) -> Result<Vec<Record>, StoreError> {
        let sql = "SELECT seq, nonce, entry FROM audit WHERE subject = $1 ORDER BY seq";
        let rows = self.rows("audit", sql, &cells![subject])?;
        rows.iter().filter_map(|row| record(row).transpose()).collect()
    }

    /// The last checkpoint.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn last_checkpoint(&self) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql =
            "SELECT size, root, signed_note, frontier, signed_at FROM checkpoint ORDER BY size DESC LIMIT 1";
        let Some(row) = self.row("checkpoint", sql, &[])? else { return Ok(None) };
        let found = SignedCheckpoint {
            size: row.get(0)?,
            root: row.get(1)?,
            note: row.get(2)?,
            frontier: row.json(3)?,
            signed_at: row.get(4)?,
        };
        Ok(Some(found))
    }
}

fn record(row: &crate::cell::Row) -> Result<Option<Record>, StoreError> {
    match row.get::<Option<Digest>>(1)? {
        Some(nonce) => Ok(Some(Record { entry: row.json(2)?, nonce })),
        None => Ok(None),
    }
}
