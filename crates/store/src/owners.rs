//! The owner's way back: codes, sessions, recoveries, disputes, and the hidden objects they keep.

use crate::cell::{Row, cells};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::account::CredentialVersion;
use model::exoneration::Proof;
use model::id::{AccountId, Digest, Millis, ObjectId, RunId};
use serde_json::json;

/// An owner's *that was me*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The run it is about.
    pub run: RunId,
    /// The account.
    pub account: AccountId,
    /// When it was said, ms.
    pub disputed_at: Millis,
    /// When it was proved, ms.
    pub proved_at: Option<Millis>,
    /// What proved it.
    pub proof: Option<Proof>,
    /// In words, how.
    pub how: Option<String>,
}

fn dispute(row: &Row) -> Result<Dispute, StoreError> {
    Ok(Dispute {
        run: row.get(0)?,
        account: row.get(1)?,
        disputed_at: row.get(2)?,
        proved_at: row.get(3)?,
        how: row.get(4)?,
        proof: row.get(5)?,
    })
}

/// Who acts when an owner does.
const OWNER: &str = "owner";

impl Tx {
    /// Keeps that an owner said *that was me*; said again, the first time stands. Further acts are frozen from now on.
    ///
    /// # Errors
    /// Where the run has not begun with the account.
    pub fn dispute(&self, run: &RunId, account: &AccountId) -> Result<(), StoreError> {
        let row = cells![run, account, self.now()].to_vec();
        let new = self.insert(
            "dispute",
            &["run", "account", "disputed_at"],
            &[row],
            "ON CONFLICT (run, account) DO NOTHING",
        )?;
        match new {
            0 => Ok(()),
            _ => self.audit(OWNER, "case.dispute", account.as_str(), json!({ "run": run })).map(|_| ()),
        }
    }

    /// Keeps that a dispute was proved, and how; the first proof stands.
    ///
    /// # Errors
    /// Where there is no dispute.
    pub fn prove_dispute(
        &self,
        run: &RunId,
        account: &AccountId,
        proof: Proof,
        how: &str,
        by: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE dispute SET proved_at = COALESCE(proved_at, CAST($3 AS BIGINT)),
            how = COALESCE(how, CAST($4 AS TEXT)), proof = COALESCE(proof, CAST($5 AS TEXT)),
            proved_by = COALESCE(proved_by, CAST($6 AS TEXT)) WHERE run = $1 AND account = $2";
        match self.execute(sql, &cells![run, account, self.now(), how, proof, by])? {
            0 => Err(StoreError::Missing { what: "dispute of account", id: account.to_string() }),
            _ => self
                .audit(
                    by,
                    "case.prove_dispute",
                    account.as_str(),
                    json!({ "how": how, "proof": proof, "run": run }),
                )
                .map(|_| ()),
        }
    }

    /// Keeps that an owner turned to support; said again, the first time stands. Whether it was kept now.
    ///
    /// # Errors
    /// Where the run has not begun with the account.
    pub fn support_contact(&self, run: &RunId, account: &AccountId, by: &str) -> Result<bool, StoreError> {
        let row = cells![run, account, self.now(), by].to_vec();
        let tail = "ON CONFLICT (run, account) DO NOTHING";
        let columns = ["run", "account", "contacted_at", "told_by"];
        if self.insert("support_contact", &columns, &[row], tail)? == 0 {
            return Ok(false);
        }
        self.audit(by, "case.support_contact", account.as_str(), json!({ "run": run }))?;
        Ok(true)
    }

    /// Keeps that an owner is back; back again, the first time stands.
    ///
    /// # Errors
    /// Where the run has not begun with the account.
    pub fn recovered(&self, run: &RunId, account: &AccountId) -> Result<(), StoreError> {
        let row = cells![run, account, self.now()].to_vec();
        let tail = "ON CONFLICT (run, account) DO NOTHING";
        match self.insert("recovery", &["run", "account", "recovered_at"], &[row], tail)? {
            0 => Ok(()),
            _ => self.audit(OWNER, "case.recover", account.as_str(), json!({ "run": run })).map(|_| ()),
        }
    }

    /// Keeps the hash of a recovery code, bound to the credential that is in place now.
    ///
    /// # Errors
    /// The database's.
    pub fn put_recovery_code(
        &self,
        hash: Digest,
        account: &AccountId,
        credential: CredentialVersion,
        expires_at: Millis,
    ) -> Result<(), StoreError> {
        let row = cells![hash, account, credential, self.now(), expires_at, 0_u64].to_vec();
        let columns = ["hash", "account", "credential", "made_at", "expires_at", "wrong"];
        self.insert("recovery_code", &columns, &[row], "")?;
        self.audit(OWNER, "case.ask_code", account.as_str(), json!({ "expires_at": expires_at })).map(|_| ())
    }

    /// Uses up a recovery code: gives the credential it is bound to, once, and ends the account's other codes. A wrong
    /// one counts against those outstanding; at `wrong_max` they end.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn use_recovery_code(
        &self,
        hash: Digest,
        account: &AccountId,
        wrong_max: u32,
    ) -> Result<Option<CredentialVersion>, StoreError> {
        let sql = "SELECT account, credential FROM recovery_code
            WHERE hash = $1 AND account = $2 AND ended_at IS NULL AND expires_at > $3";
        let found = self.row("recovery_code", sql, &cells![hash, account, self.now()])?;
        let (sql, action) = match found {
            Some(_) => (
                "UPDATE recovery_code SET ended_at = $2 WHERE account = $1 AND ended_at IS NULL
                 AND CAST($3 AS BIGINT) >= 0",
                "case.use_code",
            ),
            None => (
                "UPDATE recovery_code SET wrong = wrong + 1, ended_at = CASE WHEN wrong + 1 >= $3
                 THEN CAST($2 AS BIGINT) END WHERE account = $1 AND ended_at IS NULL",
                "case.wrong_code",
            ),
        };
        let touched = self.execute(sql, &cells![account, self.now(), wrong_max])?;
        if touched > 0 {
            self.audit(OWNER, action, account.as_str(), json!({}))?;
        }
        found.map(|row| row.get(1)).transpose()
    }

    /// Opens an owner's session on our own pages.
    ///
    /// # Errors
    /// The database's.
    pub fn open_owner_session(
        &self,
        hash: Digest,
        account: &AccountId,
        expires_at: Millis,
    ) -> Result<(), StoreError> {
        let row = cells![hash, account, self.now(), expires_at].to_vec();
        self.insert("owner_session", &["hash", "account", "made_at", "expires_at"], &[row], "")?;
        Ok(())
    }

    /// Ends an owner's session on our own pages.
    ///
    /// # Errors
    /// The database's.
    pub fn end_owner_session(&self, hash: Digest) -> Result<(), StoreError> {
        self.execute("DELETE FROM owner_session WHERE hash = $1", &cells![hash])?;
        Ok(())
    }

    /// Keeps that an owner wants hidden objects shown again.
    ///
    /// # Errors
    /// Where the run has not begun with the account.
    pub fn keep_objects(
        &self,
        run: &RunId,
        account: &AccountId,
        objects: &[ObjectId],
    ) -> Result<(), StoreError> {
        let rows = objects.iter().map(|o| cells![run, account, o, self.now()].to_vec());
        let tail = "ON CONFLICT (run, account, object) DO NOTHING";
        self.insert(
            "kept_object",
            &["run", "account", "object", "kept_at"],
            &rows.collect::<Vec<_>>(),
            tail,
        )?;
        let detail = json!({ "objects": objects, "run": run });
        self.audit(OWNER, "case.keep_objects", account.as_str(), detail).map(|_| ())
    }
}

impl Read {
    /// The disputes about a run, by account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn disputes(&self, run: &RunId) -> Result<Vec<Dispute>, StoreError> {
        let sql = "SELECT run, account, disputed_at, proved_at, how, proof FROM dispute WHERE run = $1 ORDER BY account";
        self.rows("dispute", sql, &cells![run])?.iter().map(dispute).collect()
    }

    /// An account's disputes, the latest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn disputes_of(&self, account: &AccountId) -> Result<Vec<Dispute>, StoreError> {
        let sql = "SELECT run, account, disputed_at, proved_at, how, proof FROM dispute WHERE account = $1
            ORDER BY disputed_at DESC, run";
        self.rows("dispute", sql, &cells![account])?.iter().map(dispute).collect()
    }

    /// When the owners of a run's accounts came back, by account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn recoveries(&self, run: &RunId) -> Result<Vec<(AccountId, Millis)>, StoreError> {
        let sql = "SELECT account, recovered_at FROM recovery WHERE run = $1 ORDER BY account";
        self.rows("recovery", sql, &cells![run])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Whose session on our own pages this is, if it still holds at `now`.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn owner_of_session(&self, hash: Digest, now: Millis) -> Result<Option<AccountId>, StoreError> {
        let sql = "SELECT account FROM owner_session WHERE hash = $1 AND expires_at > $2";
        self.row("owner_session", sql, &cells![hash, now])?.map(|row| row.get(0)).transpose()
    }

    /// The objects that an owner wants shown again, sorted.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn kept_objects(&self, run: &RunId, account: &AccountId) -> Result<Vec<ObjectId>, StoreError> {
        let sql = "SELECT object FROM kept_object WHERE run = $1 AND account = $2 ORDER BY object";
        self.rows("kept_object", sql, &cells![run, account])?.iter().map(|row| row.get(0)).collect()
    }
}
