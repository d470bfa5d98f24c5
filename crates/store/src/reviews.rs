//! The blind review of a sealed plan: the sample that was drawn, and what people say of accounts.

mod earlier;

pub use earlier::EarlierSeal;

use crate::cell::{Row, cells};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{AccountId, Digest, Millis, OperatorName, PlanId};
use model::labels::Label;

/// One account of a review's sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewItem {
    /// Its place in the order in which it is shown, from 0.
    pub place: u64,
    /// The account.
    pub account: AccountId,
    /// Whether it is a clear one, planted to see whether the reviewer looks.
    pub planted: bool,
}

/// A review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// What the sample was drawn with.
    pub seed: Digest,
    /// When, ms.
    pub drawn_at: Millis,
    /// The sample, in the order in which it is shown.
    pub items: Vec<ReviewItem>,
}

/// What a label is about: an account as one plan shows it, or as one hunt found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelSubject {
    /// A plan.
    Plan(PlanId),
    /// A hunt's answer.
    Hunt(Digest),
    /// What batches contained on a day, by `Per::Day`.
    Sample(i64),
}

impl LabelSubject {
    fn text(&self) -> String {
        match self {
            Self::Plan(plan) => format!("plan:{plan}"),
            Self::Hunt(digest) => format!("hunt:{digest}"),
            Self::Sample(day) => format!("sample:{day}"),
        }
    }

    fn read(row: &Row, place: usize) -> Result<Self, StoreError> {
        let text: String = row.get(place)?;
        match text.split_once(':') {
            Some(("plan", id)) => Ok(Self::Plan(PlanId::new(id))),
            Some(("hunt", hex)) if Digest::from_hex(hex).is_some() => Digest::from_hex(hex)
                .map(Self::Hunt)
                .ok_or_else(|| row.corrupt(place, "a digest was expected")),
            Some(("sample", day)) => {
                day.parse().map(Self::Sample).map_err(|_| row.corrupt(place, "a day was expected"))
            }
            Some(_) | None => Err(row.corrupt(place, "neither a plan, a hunt nor a sample")),
        }
    }
}

/// A person's label on one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelRow {
    /// What it is about.
    pub subject: LabelSubject,
    /// The account.
    pub account: AccountId,
    /// Who said it.
    pub operator: OperatorName,
    /// Whether the verdict was hidden from them.
    pub blind: bool,
    /// What they said.
    pub label: Label,
    /// When, ms.
    pub labelled_at: Millis,
}

impl Tx {
    /// Keeps the sample drawn for a sealed plan, and its seed in the audit.
    ///
    /// # Errors
    /// Where one was drawn already: a sample is not drawn again until it pleases.
    pub fn draw_review(
        &self,
        plan: &PlanId,
        seed: Digest,
        items: &[ReviewItem],
        by: &str,
    ) -> Result<(), StoreError> {
        let row = cells![plan, seed, self.now()].to_vec();
        self.insert("review", &["plan", "seed", "drawn_at"], &[row], "")?;
        let rows = items.iter().map(|i| cells![plan, i.place, &i.account, i.planted].to_vec());
        self.insert("review_item", &["plan", "place", "account", "planted"], &rows.collect::<Vec<_>>(), "")?;
        let detail = serde_json::json!({ "seed": seed, "sample": items.len() });
        self.audit(by, "plan.draw_review", plan.as_str(), detail).map(|_| ())
    }

    /// Keeps a label. A blind one stands as it was first given; another may be given again, and the last counts.
    ///
    /// # Errors
    /// Where this person gave a blind one of this account already.
    pub fn put_label(
        &self,
        subject: &LabelSubject,
        account: &AccountId,
        operator: &OperatorName,
        blind: bool,
        label: Label,
    ) -> Result<(), StoreError> {
        let tail = if blind {
            ""
        } else {
            "ON CONFLICT (subject, account, operator, blind)
             DO UPDATE SET label = excluded.label, labelled_at = excluded.labelled_at"
        };
        let row = cells![subject.text(), account, operator, blind, label, self.now()].to_vec();
        let columns = ["subject", "account", "operator", "blind", "label", "labelled_at"];
        self.insert("label", &columns, &[row], tail)?;
        let detail = serde_json::json!({ "blind": blind, "label": label, "subject": subject.text() });
        self.audit(operator.as_str(), "case.label", account.as_str(), detail).map(|_| ())
    }
}

fn label_row(row: &Row) -> Result<LabelRow, StoreError> {
    Ok(LabelRow {
        subject: LabelSubject::read(row, 0)?,
        account: row.get(1)?,
        operator: row.get(2)?,
        blind: row.get(3)?,
        label: row.get(4)?,
        labelled_at: row.get(5)?,
    })
}

impl Read {
    /// The review drawn for a plan.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn review(&self, plan: &PlanId) -> Result<Option<Review>, StoreError> {
        let sql = "SELECT plan, seed, drawn_at FROM review WHERE plan = $1";
        let Some(review) = self.row("review", sql, &cells![plan])? else { return Ok(None) };
        let sql = "SELECT place, account, planted FROM review_item WHERE plan = $1 ORDER BY place";
        let items = self.rows("review_item", sql, &cells![plan])?;
        let items = items
            .iter()
            .map(|row| Ok(ReviewItem { place: row.get(0)?, account: row.get(1)?, planted: row.get(2)? }))
            .collect::<Result<_, StoreError>>()?;
        Ok(Some(Review { seed: review.get(1)?, drawn_at: review.get(2)?, items }))
    }

    /// The labels given about a plan or a hunt, by account, then in the order given.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn labels(&self, subject: &LabelSubject) -> Result<Vec<LabelRow>, StoreError> {
        let sql = "SELECT subject, account, operator, blind, label, labelled_at FROM label
            WHERE subject = $1 ORDER BY account, labelled_at, operator";
        self.rows("label", sql, &cells![subject.text()])?.iter().map(label_row).collect()
    }

    /// All labels that an account was ever given, in the order given.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn labels_of(&self, account: &AccountId) -> Result<Vec<LabelRow>, StoreError> {
        let sql = "SELECT subject, account, operator, blind, label, labelled_at FROM label
            WHERE account = $1 ORDER BY labelled_at, subject, operator";
        self.rows("label", sql, &cells![account])?.iter().map(label_row).collect()
    }
}
