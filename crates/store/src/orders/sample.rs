//! The daily sample of what batches contained: drawn once a day, and ended by its labels.

use crate::cell::{Row, cells};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{AccountId, Digest, Millis, PlanId};
use serde_json::json;

/// One account of a day's sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleItem {
    /// Its place in the order in which it is shown, from 1.
    pub place: u64,
    /// The account.
    pub account: AccountId,
    /// The plan beside which its timeline is kept.
    pub plan: PlanId,
    /// Whether it is a clear one, planted to see whether the reviewer looks.
    pub planted: bool,
}

/// A day's sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleRow {
    /// The day whose containments it is of, by `Per::Day`.
    pub day: i64,
    /// The order in force when it was drawn.
    pub order: Digest,
    /// What it was drawn with.
    pub seed: Digest,
    /// Accounts that were contained on that day.
    pub members: u64,
    /// When it was drawn, ms.
    pub drawn_at: Millis,
    /// Whether it met the limit; nothing while labels are missing.
    pub passed: Option<bool>,
    /// What its labels say, in a sentence.
    pub saying: Option<String>,
    /// The sample, in the order in which it is shown.
    pub items: Vec<SampleItem>,
}

impl Tx {
    /// Keeps the sample drawn for a day, and its seed in the audit.
    ///
    /// # Errors
    /// Where one was drawn already: a sample is not drawn again until it pleases.
    pub fn draw_sample(
        &self,
        day: i64,
        order: &Digest,
        seed: Digest,
        members: u64,
        items: &[SampleItem],
    ) -> Result<(), StoreError> {
        let row = cells![day, *order, seed, members, self.now()].to_vec();
        self.insert("order_sample", &["day", "standing_order", "seed", "members", "drawn_at"], &[row], "")?;
        let rows = items.iter().map(|i| cells![day, i.place, &i.account, &i.plan, i.planted].to_vec());
        let columns = ["day", "place", "account", "plan", "planted"];
        self.insert("order_sample_item", &columns, &rows.collect::<Vec<_>>(), "")?;
        let detail = json!({ "day": day, "members": members, "sample": items.len(), "seed": seed });
        self.audit("routine", "order.draw_sample", &order.hex(), detail).map(|_| ())
    }

    /// Ends a day's sample whose labels are all there.
    ///
    /// # Errors
    /// Where it was not drawn, or has ended.
    pub fn end_sample(&self, day: i64, passed: bool, saying: &str, by: &str) -> Result<(), StoreError> {
        let sql = "UPDATE order_sample SET passed = $2, saying = $3, ended_at = $4
            WHERE day = $1 AND ended_at IS NULL";
        if self.execute(sql, &cells![day, passed, saying, self.now()])? != 1 {
            let found = "not drawn, or ended".to_owned();
            return Err(StoreError::State {
                what: "sample of day",
                id: day.to_string(),
                found,
                wanted: "ended",
            });
        }
        let detail = json!({ "day": day, "passed": passed, "saying": saying });
        self.audit(by, "order.end_sample", &day.to_string(), detail).map(|_| ())
    }
}

const SAMPLE: &str = "SELECT day, standing_order, seed, members, drawn_at, passed, saying FROM order_sample";

impl Read {
    /// The sample drawn for a day.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn sample(&self, day: i64) -> Result<Option<SampleRow>, StoreError> {
        let row = self.row("order_sample", &format!("{SAMPLE} WHERE day = $1"), &cells![day])?;
        row.as_ref().map(|row| self.sample_row(row)).transpose()
    }

    /// The samples drawn for days since one, oldest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn samples_since(&self, day: i64) -> Result<Vec<SampleRow>, StoreError> {
        let rows =
            self.rows("order_sample", &format!("{SAMPLE} WHERE day >= $1 ORDER BY day"), &cells![day])?;
        rows.iter().map(|row| self.sample_row(row)).collect()
    }

    fn sample_row(&self, row: &Row) -> Result<SampleRow, StoreError> {
        let day: i64 = row.get(0)?;
        let sql = "SELECT place, account, plan, planted FROM order_sample_item WHERE day = $1 ORDER BY place";
        let items = self.rows("order_sample_item", sql, &cells![day])?;
        let item = |row: &Row| {
            Ok(SampleItem {
                place: row.get(0)?,
                account: row.get(1)?,
                plan: row.get(2)?,
                planted: row.get(3)?,
            })
        };
        Ok(SampleRow {
            day,
            order: row.get(1)?,
            seed: row.get(2)?,
            members: row.get(3)?,
            drawn_at: row.get(4)?,
            passed: row.get(5)?,
            saying: row.get(6)?,
            items: items.iter().map(item).collect::<Result<_, StoreError>>()?,
        })
    }
}
