//! Standing orders: what people signed, what stopped them, and the batches made under them with what each took from
//! the order's bounds. Whether an order is in force is not judged here.

mod sample;

pub use sample::{SampleItem, SampleRow};

use crate::cell::{Row, cells, json, word};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{Digest, Millis, PlanId};
use model::operator::{Approval, Consent};
use model::order::{Bound, Order, Per, Suspension};
use serde_json::json;

/// A standing order as the ledger has it.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderRow {
    /// What is signed.
    pub digest: Digest,
    /// The order.
    pub order: Order,
    /// When the first person signed it, ms.
    pub kept_at: Millis,
    /// When its dry batches were enough, ms; before that nothing under it is armed.
    pub released_at: Option<Millis>,
}

/// A suspension, with the batch that was not made, where there was one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspensionRow {
    /// What people sign who looked.
    pub digest: Digest,
    /// What stopped the order.
    pub suspension: Suspension,
    /// The draft that is for two people now.
    pub plan: Option<PlanId>,
}

/// A plan that was made under an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    /// The plan.
    pub plan: PlanId,
    /// The order's digest.
    pub order: Digest,
    /// Whether it is for looking only, and can't be armed.
    pub dry: bool,
    /// Its accounts.
    pub accounts: u64,
    /// The day it was made on, by [`Per::Day`].
    pub day: i64,
    /// When, ms.
    pub made_at: Millis,
}

impl Tx {
    /// Keeps an order that somebody is about to sign; one that is there already stays as it is.
    ///
    /// # Errors
    /// Where it has no canonical form.
    pub fn put_order(&self, order: &Order, by: &str) -> Result<Digest, StoreError> {
        let value = |e: model::CanonicalError| StoreError::Value { what: "an order", why: e.to_string() };
        let digest = order.digest().map_err(value)?;
        let mut row = cells![digest, self.now()].to_vec();
        row.push(json("an order", order)?);
        if self.insert("standing_order", &["digest", "kept_at", "body"], &[row], "ON CONFLICT DO NOTHING")?
            == 1
        {
            let detail =
                json!({ "ends_at": order.ends_at, "name": order.name, "starts_at": order.starts_at });
            self.audit(by, "order.keep", &digest.hex(), detail)?;
        }
        Ok(digest)
    }

    /// Keeps a person's signed word on an order or on a suspension; a later one of the same person replaces it.
    ///
    /// # Errors
    /// Where the operator is not on record.
    pub fn put_order_consent(&self, approval: &Approval) -> Result<(), StoreError> {
        let consent = &approval.consent;
        let mut row =
            cells![consent.digest, &consent.operator, consent.expires_at, &approval.signature, self.now()]
                .to_vec();
        row.push(word("a decision", &consent.decision)?);
        let columns = ["subject", "operator", "expires_at", "signature", "signed_at", "decision"];
        let tail = "ON CONFLICT (subject, operator) DO UPDATE SET expires_at = excluded.expires_at,
            signature = excluded.signature, signed_at = excluded.signed_at, decision = excluded.decision";
        self.insert("order_consent", &columns, &[row], tail)?;
        let detail = json!({
            "decision": consent.decision,
            "expires_at": consent.expires_at,
            "signature": approval.signature,
        });
        self.audit(consent.operator.as_str(), "order.consent", &consent.digest.hex(), detail).map(|_| ())
    }

    /// The dry batches are enough: from now on batches may be armed.
    ///
    /// # Errors
    /// Where it is released already.
    pub fn release_order(
        &self,
        order: &Digest,
        by: &str,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE standing_order SET released_at = $2 WHERE digest = $1 AND released_at IS NULL";
        if self.execute(sql, &cells![*order, self.now()])? != 1 {
            let found = "not there, or released".to_owned();
            return Err(StoreError::State { what: "order", id: order.hex(), found, wanted: "released" });
        }
        self.audit(by, "order.release", &order.hex(), detail).map(|_| ())
    }

    /// Stops an order until people have looked.
    ///
    /// # Errors
    /// Where there is no such order.
    pub fn suspend_order(
        &self,
        suspension: &Suspension,
        plan: Option<&PlanId>,
        by: &str,
    ) -> Result<Digest, StoreError> {
        let value = |e: model::CanonicalError| StoreError::Value { what: "a suspension", why: e.to_string() };
        let digest = suspension.digest().map_err(value)?;
        let mut row = cells![digest, suspension.order, plan, suspension.at].to_vec();
        row.push(json("a suspension", suspension)?);
        let columns = ["digest", "standing_order", "plan", "suspended_at", "body"];
        self.insert("order_suspension", &columns, &[row], "")?;
        let detail = json!({ "cause": suspension.cause, "plan": plan, "reason": suspension.reason });
        self.audit(by, "order.suspend", &suspension.order.hex(), detail)?;
        Ok(digest)
    }

    /// Keeps a dry batch: it takes nothing from any bound, and can't be armed.
    ///
    /// # Errors
    /// Where the plan is a batch already.
    pub fn put_dry_batch(&self, plan: &PlanId, order: &Digest, accounts: u64) -> Result<(), StoreError> {
        self.put_batch(plan, order, true, accounts)?;
        self.audit(
            "routine",
            "order.dry_batch",
            plan.as_str(),
            json!({ "accounts": accounts, "order": order }),
        )
        .map(|_| ())
    }

    /// Keeps a batch and takes what it needs from every bound, or nothing at all.
    ///
    /// # Errors
    /// [`StoreError::Limit`] with the counter's name where a bound would be passed.
    pub fn put_live_batch(
        &self,
        plan: &PlanId,
        order: &Digest,
        accounts: u64,
        bounds: &[Bound],
    ) -> Result<(), StoreError> {
        self.put_batch(plan, order, false, accounts)?;
        let mut uses = Vec::new();
        for bound in bounds.iter().filter(|b| b.wanted > 0) {
            let bucket = bound.per.bucket(self.now());
            self.reserve(&bound.counter, bucket, bound.wanted, bound.max)?;
            uses.push(cells![plan, &bound.counter, bucket, bound.wanted].to_vec());
        }
        self.insert("order_use", &["plan", "counter", "bucket", "used"], &uses, "")?;
        let detail = json!({ "accounts": accounts, "bounds": bounds, "order": order });
        self.audit("routine", "order.batch", plan.as_str(), detail).map(|_| ())
    }

    fn put_batch(&self, plan: &PlanId, order: &Digest, dry: bool, accounts: u64) -> Result<(), StoreError> {
        let day = Per::Day.bucket(self.now());
        let row = cells![plan, *order, dry, accounts, day, self.now()].to_vec();
        let columns = ["plan", "standing_order", "dry", "accounts", "day", "made_at"];
        self.insert("order_batch", &columns, &[row], "").map(|_| ())
    }
}

const ORDER: &str = "SELECT digest, body, kept_at, released_at FROM standing_order";
const BATCH: &str = "SELECT plan, standing_order, dry, accounts, day, made_at FROM order_batch";

fn order_row(row: &Row) -> Result<OrderRow, StoreError> {
    Ok(OrderRow { digest: row.get(0)?, order: row.json(1)?, kept_at: row.get(2)?, released_at: row.get(3)? })
}

fn batch_row(row: &Row) -> Result<BatchRow, StoreError> {
    Ok(BatchRow {
        plan: row.get(0)?,
        order: row.get(1)?,
        dry: row.get(2)?,
        accounts: row.get(3)?,
        day: row.get(4)?,
        made_at: row.get(5)?,
    })
}

impl Read {
    /// An order by its digest.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or a row that can't be read.
    pub fn order(&self, digest: &Digest) -> Result<OrderRow, StoreError> {
        match self.row("standing_order", &format!("{ORDER} WHERE digest = $1"), &cells![*digest])? {
            Some(row) => order_row(&row),
            None => Err(StoreError::Missing { what: "order", id: digest.hex() }),
        }
    }

    /// All orders, the latest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn orders(&self) -> Result<Vec<OrderRow>, StoreError> {
        let sql = format!("{ORDER} ORDER BY kept_at DESC, digest");
        self.rows("standing_order", &sql, &[])?.iter().map(order_row).collect()
    }

    /// What people signed of an order or a suspension; signatures and expiry are for the caller to check.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn order_consents(&self, subject: &Digest) -> Result<Vec<Approval>, StoreError> {
        let sql = "SELECT operator, subject, decision, expires_at, signature FROM order_consent
            WHERE subject = $1 ORDER BY operator";
        let rows = self.rows("order_consent", sql, &cells![*subject])?;
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

    /// What stopped an order, oldest first; whether people have looked since is for the caller to check.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn suspensions(&self, order: &Digest) -> Result<Vec<SuspensionRow>, StoreError> {
        let sql = "SELECT digest, body, plan FROM order_suspension WHERE standing_order = $1
            ORDER BY suspended_at, digest";
        let rows = self.rows("order_suspension", sql, &cells![*order])?;
        rows.iter()
            .map(|row| Ok(SuspensionRow { digest: row.get(0)?, suspension: row.json(1)?, plan: row.get(2)? }))
            .collect()
    }

    /// The batch that a plan is, where it was made under an order.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn batch(&self, plan: &PlanId) -> Result<Option<BatchRow>, StoreError> {
        let row = self.row("order_batch", &format!("{BATCH} WHERE plan = $1"), &cells![plan])?;
        row.as_ref().map(batch_row).transpose()
    }

    /// Batches made since a day, oldest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn batches_since(&self, day: i64) -> Result<Vec<BatchRow>, StoreError> {
        let sql = format!("{BATCH} WHERE day >= $1 ORDER BY made_at, plan");
        self.rows("order_batch", &sql, &cells![day])?.iter().map(batch_row).collect()
    }

    /// What a live batch took: counter, bucket, accounts.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn batch_uses(&self, plan: &PlanId) -> Result<Vec<(String, i64, u64)>, StoreError> {
        let sql = "SELECT counter, bucket, used FROM order_use WHERE plan = $1 ORDER BY counter";
        let rows = self.rows("order_use", sql, &cells![plan])?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// What all live batches together took from a counter in a bucket.
    ///
    /// # Errors
    /// The database's.
    pub fn used_by_batches(&self, counter: &str, bucket: i64) -> Result<u64, StoreError> {
        let sql =
            "SELECT CAST(COALESCE(SUM(used), 0) AS BIGINT) FROM order_use WHERE counter = $1 AND bucket = $2";
        self.count("order_use", sql, &cells![counter, bucket])
    }
}
