//! Earlier seals of the same cohort: whoever seals again until a sample is kind leaves a trail, and reviewers see it.

use crate::cell::cells;
use crate::db::Read;
use crate::error::StoreError;
use model::id::{Millis, PlanId};
use model::plan::PlanState;
use serde::Serialize;

/// A plan that was sealed before, over at least half of the same accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EarlierSeal {
    /// The plan.
    pub plan: PlanId,
    /// What became of it.
    pub state: PlanState,
    /// Why, where it was refused or halted.
    pub reason: Option<String>,
    /// When it was sealed, ms.
    pub sealed_at: Millis,
    /// Its accounts.
    pub accounts: u64,
    /// Those of them that are in the later plan too.
    pub shared: u64,
}

impl Read {
    /// Containment plans sealed before `plan` that hold at least half of its accounts, oldest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn earlier_seals(&self, plan: &PlanId) -> Result<Vec<EarlierSeal>, StoreError> {
        let sql = "SELECT p.id, p.state, p.reason, p.sealed_at, p.accounts, COUNT(*)
            FROM plan later
            JOIN plan_value mine ON mine.plan = later.id
            JOIN plan_value other ON other.account = mine.account
            JOIN plan p ON p.id = other.plan
            WHERE mine.tier <> 'probe' AND other.tier <> 'probe' AND later.id = $1 AND p.id <> later.id AND p.undo_of IS NULL AND p.sealed_at <= later.sealed_at
            GROUP BY p.id, p.state, p.reason, p.sealed_at, p.accounts, later.accounts
            HAVING COUNT(*) * 2 >= later.accounts
            ORDER BY p.sealed_at, p.id";
        let rows = self.rows("plan", sql, &cells![plan])?;
        rows.iter()
            .map(|row| {
                let state: String = row.get(1)?;
                let state = PlanState::from_name(&state);
                Ok(EarlierSeal {
                    plan: row.get(0)?,
                    state: state.ok_or_else(|| row.corrupt(1, "a plan's state was expected"))?,
                    reason: row.get(2)?,
                    sealed_at: row.get(3)?,
                    accounts: row.get(4)?,
                    shared: row.get(5)?,
                })
            })
            .collect()
    }
}
