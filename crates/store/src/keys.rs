//! Keys as the ledger names them: which master key is in force, with which one each run's key is wrapped, and which
//! runs' keys are destroyed. No key is ever here that could be used without the file outside.

use crate::cell::{Row, cells};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{Millis, RunId};
use serde_json::json;

/// A run's key as it was wrapped.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The run.
    pub run: RunId,
    /// The id of the master key that unwraps it.
    pub key_id: String,
    /// The wrapped bytes.
    pub wrapped: Vec<u8>,
    /// When it was made, ms.
    pub made_at: Millis,
}

fn wrapped(row: &Row) -> Result<WrappedKey, StoreError> {
    Ok(WrappedKey { run: row.get(0)?, key_id: row.get(1)?, wrapped: row.get(2)?, made_at: row.get(3)? })
}

impl Tx {
    /// Insists that the master key of this id is the one in force; the first that is used comes into force.
    ///
    /// # Errors
    /// Where another is: it was rotated meanwhile.
    pub fn insist_on_master_key(&self, id: &str) -> Result<(), StoreError> {
        match self.master_key_in_force()? {
            Some(found) if found == id => Ok(()),
            Some(found) => Err(StoreError::Value {
                what: "a run's key",
                why: format!("it is wrapped with master key {id}, and {found} is in force; do it again"),
            }),
            None => {
                self.insert("master_key", &["id", "made_at"], &[cells![id, self.now()].to_vec()], "")?;
                Ok(())
            }
        }
    }

    /// Puts a new master key in force: every run's key that there is comes in its new wrapping, all at once.
    ///
    /// # Errors
    /// Where one is missing or was wrapped anew meanwhile.
    pub fn rotate_master_key(&self, id: &str, rewrapped: &[WrappedKey], by: &str) -> Result<(), StoreError> {
        let was = self.master_key_in_force()?;
        self.execute("UPDATE master_key SET retired_at = $1 WHERE retired_at IS NULL", &cells![self.now()])?;
        self.insert("master_key", &["id", "made_at"], &[cells![id, self.now()].to_vec()], "")?;
        for key in rewrapped {
            self.execute(
                "UPDATE run_key SET wrapped = $2, key_id = $3 WHERE run = $1 AND wrapped IS NOT NULL",
                &cells![&key.run, key.wrapped.as_slice(), id],
            )?;
        }
        let left = "SELECT COUNT(*) FROM run_key WHERE wrapped IS NOT NULL AND key_id <> $1";
        if self.count("run_key", left, &cells![id])? > 0 {
            let why = "a run's key is missing among those wrapped anew; do it again".to_owned();
            return Err(StoreError::Value { what: "this rotation", why });
        }
        let detail = json!({ "from": was, "runs": rewrapped.len() });
        self.audit(by, "key.rotate", id, detail).map(|_| ())
    }
}

impl Read {
    /// The id of the master key in force; `None` before its first use.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn master_key_in_force(&self) -> Result<Option<String>, StoreError> {
        let row = self.row("master_key", "SELECT id FROM master_key WHERE retired_at IS NULL", &[])?;
        row.map(|row| row.get(0)).transpose()
    }

    /// The ids of the master keys that are retired and wrap nothing any more.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn retired_master_keys(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT m.id FROM master_key m WHERE m.retired_at IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM run_key k WHERE k.key_id = m.id AND k.wrapped IS NOT NULL) AND NOT EXISTS
            (SELECT 1 FROM probe_credential c WHERE c.key_id = m.id)";
        self.rows("master_key", sql, &[])?.iter().map(|row| row.get(0)).collect()
    }

    /// All runs' keys that are not destroyed, by run.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn wrapped_keys(&self) -> Result<Vec<WrappedKey>, StoreError> {
        let sql = "SELECT run, key_id, wrapped, made_at FROM run_key WHERE wrapped IS NOT NULL ORDER BY run";
        self.rows("run_key", sql, &[])?.iter().map(wrapped).collect()
    }

    /// When a run's key was destroyed, ms; `None` while it is there.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn run_key_destroyed_at(&self, run: &RunId) -> Result<Option<Millis>, StoreError> {
        let sql = "SELECT destroyed_at FROM run_key WHERE run = $1 AND destroyed_at IS NOT NULL";
        self.row("run_key", sql, &cells![run])?.map(|row| row.get(0)).transpose()
    }
}
