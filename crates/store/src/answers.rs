//! What people and owners answered about the verdicts of sealed plans: labels of reviews, samples and single cases,
//! disputes, recoveries. It only lists; what it comes to is judged elsewhere.

use crate::cell::Row;
use crate::db::Read;
use crate::error::StoreError;
use model::id::{AccountId, OperatorName, PlanId};
use model::labels::Label;

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// By a person who looked.
    Label(OperatorName, Label),
    /// By the owner: *that was me*; whether it was proved.
    Dispute(bool),
    /// The owner came back.
    Recovered,
}

/// One answer about an account of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// The plan.
    pub plan: PlanId,
    /// The account.
    pub account: AccountId,
    /// What was said.
    pub said: Said,
}

/// Labels by what they are about: a plan, a hunt from which plans came, what batches contained on a day.
const LABELS: [&str; 3] = [
    "JOIN plan_value v ON l.subject = 'plan:' || v.plan AND v.account = l.account",
    "JOIN plan p ON l.subject = 'hunt:' || p.hunt JOIN plan_value v ON v.plan = p.id AND v.account = l.account",
    "JOIN order_sample_item i ON l.subject = 'sample:' || CAST(i.day AS TEXT) AND i.account = l.account
     JOIN plan_value v ON v.plan = i.plan AND v.account = i.account",
];

fn about(row: &Row, said: Said) -> Result<AnswerRow, StoreError> {
    Ok(AnswerRow { plan: row.get(0)?, account: row.get(1)?, said })
}

impl Read {
    /// All answers about accounts of plans, labels first, each sort by plan and account; of labels the later ones last. A
    /// clear account that was planted for a review is in no plan, and not here; nor are probe accounts.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn answers(&self) -> Result<Vec<AnswerRow>, StoreError> {
        let mut answers = Vec::new();
        for of in LABELS {
            let sql = format!(
                "SELECT v.plan, v.account, l.operator, l.label FROM label l {of} WHERE v.tier <> 'probe'
                 ORDER BY v.plan, v.account, l.labelled_at, l.operator, l.blind"
            );
            for row in self.rows("label", &sql, &[])? {
                answers.push(about(&row, Said::Label(row.get(2)?, row.get(3)?))?);
            }
        }
        let sql = "SELECT r.plan, d.account, d.proved_at FROM dispute d JOIN run r ON r.id = d.run
            ORDER BY r.plan, d.account";
        for row in self.rows("dispute", sql, &[])? {
            let proved_at: Option<i64> = row.get(2)?;
            answers.push(about(&row, Said::Dispute(proved_at.is_some()))?);
        }
        let sql =
            "SELECT r.plan, c.account FROM recovery c JOIN run r ON r.id = c.run ORDER BY r.plan, c.account";
        for row in self.rows("recovery", sql, &[])? {
            answers.push(about(&row, Said::Recovered)?);
        }
        Ok(answers)
    }
}
