//! A person's queue: accounts that no plan can bring to an end. A row is opened in the transaction of what made it
//! necessary, and closed by a person's label or note, or where the thing itself was mended.

use crate::cell::{Row, cells};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{AccountId, Millis, PlanId, RunId};
use model::run::PersonNeeded;
use serde_json::json;
use std::collections::BTreeSet;

/// An account that needs a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// The plan by which it came to need one.
    pub plan: PlanId,
    /// The account.
    pub account: AccountId,
    /// Why.
    pub why: PersonNeeded,
    /// The run, where one acted on it.
    pub run: Option<RunId>,
    /// One sentence.
    pub saying: String,
    /// Since when, ms.
    pub opened_at: Millis,
    /// When it was closed, ms.
    pub closed_at: Option<Millis>,
    /// By whom.
    pub closed_by: Option<String>,
    /// What they noted.
    pub note: Option<String>,
}

const QUEUE: &str =
    "SELECT plan, account, why, run, saying, opened_at, closed_at, closed_by, note FROM person_queue";

fn queued(row: &Row) -> Result<QueueRow, StoreError> {
    Ok(QueueRow {
        plan: row.get(0)?,
        account: row.get(1)?,
        why: row.get(2)?,
        run: row.get(3)?,
        saying: row.get(4)?,
        opened_at: row.get(5)?,
        closed_at: row.get(6)?,
        closed_by: row.get(7)?,
        note: row.get(8)?,
    })
}

impl Tx {
    /// Puts an account into the queue; one that stands there for the same reason is opened again.
    ///
    /// # Errors
    /// Where there is no such plan or run.
    pub fn put_in_queue(
        &self,
        plan: &PlanId,
        run: Option<&RunId>,
        account: &AccountId,
        why: PersonNeeded,
        saying: &str,
    ) -> Result<(), StoreError> {
        let row = cells![plan, account, why, run, saying, self.now()].to_vec();
        let columns = ["plan", "account", "why", "run", "saying", "opened_at"];
        let tail =
            "ON CONFLICT (plan, account, why) DO UPDATE SET saying = excluded.saying, closed_at = NULL,
            closed_by = NULL, note = NULL";
        self.insert("person_queue", &columns, &[row], tail)?;
        let detail = json!({ "plan": plan, "run": run, "why": why });
        self.audit("rightful", "queue.open", account.as_str(), detail).map(|_| ())
    }

    /// Closes what is open of an account, for one reason or all; gives how many rows.
    ///
    /// # Errors
    /// The database's.
    pub fn close_in_queue(
        &self,
        account: &AccountId,
        why: Option<PersonNeeded>,
        by: &str,
        note: &str,
    ) -> Result<u64, StoreError> {
        let sql = "UPDATE person_queue SET closed_at = $2, closed_by = $3, note = $4
            WHERE account = $1 AND closed_at IS NULL AND (CAST($5 AS TEXT) IS NULL OR why = $5)";
        let closed = self.execute(sql, &cells![account, self.now(), by, note, why])?;
        if closed > 0 {
            let detail = json!({ "note": note, "rows": closed, "why": why });
            self.audit(by, "queue.close", account.as_str(), detail)?;
        }
        Ok(closed)
    }
}

impl Read {
    /// Who needs a person now, the longest waiting first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn queue(&self) -> Result<Vec<QueueRow>, StoreError> {
        let sql = format!("{QUEUE} WHERE closed_at IS NULL ORDER BY opened_at, account, why");
        self.rows("person_queue", &sql, &[])?.iter().map(queued).collect()
    }

    /// The accounts that need a person now.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn queued_accounts(&self) -> Result<BTreeSet<AccountId>, StoreError> {
        let sql = "SELECT DISTINCT account FROM person_queue WHERE closed_at IS NULL";
        self.rows("person_queue", sql, &[])?.iter().map(|row| row.get(0)).collect()
    }

    /// All that an account ever needed a person for, the latest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn queue_of(&self, account: &AccountId) -> Result<Vec<QueueRow>, StoreError> {
        let sql = format!("{QUEUE} WHERE account = $1 ORDER BY opened_at DESC, why");
        self.rows("person_queue", &sql, &cells![account])?.iter().map(queued).collect()
    }
}
