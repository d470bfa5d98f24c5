//! Operators and what they signed. Whether the consents are enough is not judged here.

use crate::cell::{Row, cells, word};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{Millis, OperatorName, PlanId};
use model::operator::{Approval, Consent, Operator};

impl Tx {
    /// Adds an operator.
    ///
    /// # Errors
    /// Where the name or the key is taken: one key is one person.
    pub fn add_operator(&self, operator: &Operator, by: &str) -> Result<(), StoreError> {
        let row = cells![&operator.name, operator.public_key, operator.added_at].to_vec();
        self.insert("operator", &["name", "public_key", "added_at"], &[row], "")?;
        let detail = serde_json::json!({ "public_key": operator.public_key });
        self.audit(by, "operator.add", operator.name.as_str(), detail).map(|_| ())
    }

    /// Keeps an operator's signed consent to a plan's digest; a later one of the same person replaces it.
    ///
    /// # Errors
    /// Where the operator is not known, or the plan's digest is another.
    pub fn put_approval(&self, plan: &PlanId, approval: &Approval) -> Result<(), StoreError> {
        let consent = &approval.consent;
        if self.plan(plan)?.digest != Some(consent.digest) {
            let why =
                format!("it is of the digest {}, which is not that of plan {plan}", consent.digest.short());
            return Err(StoreError::Value { what: "this approval", why });
        }
        let mut row = cells![
            plan,
            &consent.operator,
            consent.digest,
            consent.expires_at,
            &approval.signature,
            self.now()
        ]
        .to_vec();
        row.push(word("a decision", &consent.decision)?);
        let columns = ["plan", "operator", "digest", "expires_at", "signature", "signed_at", "decision"];
        let tail = "ON CONFLICT (plan, operator) DO UPDATE SET expires_at = excluded.expires_at,
            signature = excluded.signature, signed_at = excluded.signed_at, decision = excluded.decision";
        self.insert("approval", &columns, &[row], tail)?;
        let detail = serde_json::json!({
            "decision": consent.decision,
            "digest": consent.digest,
            "expires_at": consent.expires_at,
            "signature": approval.signature,
        });
        self.audit(consent.operator.as_str(), "plan.consent", plan.as_str(), detail).map(|_| ())
    }
}

fn operator(row: &Row) -> Result<Operator, StoreError> {
    Ok(Operator { name: row.get(0)?, public_key: row.get(1)?, added_at: row.get(2)? })
}

impl Read {
    /// An operator by name.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn operator(&self, name: &OperatorName) -> Result<Option<Operator>, StoreError> {
        let sql = "SELECT name, public_key, added_at FROM operator WHERE name = $1";
        self.row("operator", sql, &cells![name])?.as_ref().map(operator).transpose()
    }

    /// All operators, by name.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn operators(&self) -> Result<Vec<Operator>, StoreError> {
        let sql = "SELECT name, public_key, added_at FROM operator ORDER BY name";
        self.rows("operator", sql, &[])?.iter().map(operator).collect()
    }

    /// When the first person signed a plan, ms.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn first_signed_at(&self, plan: &PlanId) -> Result<Option<Millis>, StoreError> {
        let sql = "SELECT plan, signed_at FROM approval WHERE plan = $1 ORDER BY signed_at LIMIT 1";
        self.row("approval", sql, &cells![plan])?.map(|row| row.get(1)).transpose()
    }

    /// What was signed of a plan, by operator; signatures and expiry are for the caller to check.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn approvals(&self, plan: &PlanId) -> Result<Vec<Approval>, StoreError> {
        let sql = "SELECT operator, digest, decision, expires_at, signature FROM approval
            WHERE plan = $1 ORDER BY operator";
        let rows = self.rows("approval", sql, &cells![plan])?;
        rows.iter()
            .map(|row| {
                let consent = Consent {
                    operator: row.get(0)?,
                    digest: row.get(1)?,
                    decision: row.word(2)?,
                    expires_at: row.get(3)?,
                };
                Ok(Approval { consent, signature: row.get(4)? })
            })
            .collect()
    }
}
