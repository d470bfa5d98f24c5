//! Erasure: what the ledger holds of one account besides the bare fact that it was acted on. Seals and the audit's
//! tree still hold, since lines and leaves are commitments and stay.

use crate::cell::cells;
use crate::db::Tx;
use crate::error::StoreError;
use model::id::AccountId;
use serde_json::json;

/// What is erased, and for the last one how: the log keeps its leaf.
const ERASURES: [&str; 11] = [
    "UPDATE plan_value SET entry = NULL, nonce = NULL WHERE account = $1",
    "DELETE FROM contact WHERE account = $1",
    "DELETE FROM timeline WHERE account = $1",
    "DELETE FROM left_out WHERE account = $1",
    "DELETE FROM label WHERE account = $1",
    "DELETE FROM sealed_credential WHERE account = $1",
    "DELETE FROM recovery_code WHERE account = $1",
    "DELETE FROM owner_session WHERE account = $1",
    "UPDATE notice SET subject = '', body_text = '', body_html = '', contact = NULL, reply = NULL WHERE account = $1",
    "UPDATE dispute SET how = NULL WHERE account = $1",
    "UPDATE audit SET subject = NULL, entry = NULL, nonce = NULL WHERE subject = $1",
];

impl Tx {
    /// Erases what the ledger holds of an account. What stays: its id in plans and runs that are over, with states and
    /// moments, so that the figures still add up. Whether a legal hold forbids it is for the caller to know.
    ///
    /// # Errors
    /// Where a plan that names it is neither done nor refused nor expired.
    pub fn erase_account(&self, account: &AccountId, by: &str) -> Result<(), StoreError> {
        let sql = "SELECT p.id, p.state FROM plan_value v JOIN plan p ON p.id = v.plan
            WHERE v.account = $1 AND p.state NOT IN ('done', 'refused', 'expired') ORDER BY p.id LIMIT 1";
        if let Some(row) = self.row("plan", sql, &cells![account])? {
            let found = format!("in plan {}, which is {}", row.get::<String>(0)?, row.get::<String>(1)?);
            return Err(StoreError::State {
                what: "account",
                id: account.to_string(),
                found,
                wanted: "erased",
            });
        }
        for sql in ERASURES {
            self.execute(sql, &cells![account])?;
        }
        self.audit(by, "privacy.erase", "account", json!({})).map(|_| ())
    }
}
