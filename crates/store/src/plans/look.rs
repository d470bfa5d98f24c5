//! Plans read back. A sealed plan is held against its digest each time.

use super::{Figure, Note, OwnerContact};
use crate::cell::{Cell, Row, cells};
use crate::db::Read;
use crate::error::StoreError;
use model::id::{AccountId, Digest, Millis, OperatorName, PlanId, RunId};
use model::plan::{Draft, Entry, Header, LeftOut, PlanState};
use model::policy::Policy;
use model::seal::{Line, Sealed, Value};
use model::verdict::Timeline;

/// A plan without its lines.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRow {
    /// The id.
    pub id: PlanId,
    /// Its state.
    pub state: PlanState,
    /// Who made it.
    pub author: OperatorName,
    /// The header; once sealed it is under the digest.
    pub header: Header,
    /// The digest, once sealed.
    pub digest: Option<Digest>,
    /// Why it was refused or halted.
    pub reason: Option<String>,
    /// When it was sealed, ms.
    pub sealed_at: Option<Millis>,
    /// When its state last changed, ms.
    pub moved_at: Millis,
}

const PLAN: &str = "SELECT id, state, author, header, digest, reason, sealed_at, moved_at FROM plan";

fn plan_row(row: &Row) -> Result<PlanRow, StoreError> {
    Ok(PlanRow {
        id: row.get(0)?,
        state: row.get(1)?,
        author: row.get(2)?,
        header: row.json(3)?,
        digest: row.get(4)?,
        reason: row.get(5)?,
        sealed_at: row.get(6)?,
        moved_at: row.get(7)?,
    })
}

impl Read {
    /// A plan.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or a row that can't be read.
    pub fn plan(&self, plan: &PlanId) -> Result<PlanRow, StoreError> {
        match self.row("plan", &format!("{PLAN} WHERE id = $1"), &cells![plan])? {
            Some(row) => plan_row(&row),
            None => Err(StoreError::Missing { what: "plan", id: plan.to_string() }),
        }
    }

    /// All plans, the latest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn plans(&self) -> Result<Vec<PlanRow>, StoreError> {
        let sql = format!("{PLAN} ORDER BY drafted_at DESC, id");
        self.rows("plan", &sql, &[])?.iter().map(plan_row).collect()
    }

    /// The plans that take back a run, the latest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn undo_plans_of(&self, run: &RunId) -> Result<Vec<PlanRow>, StoreError> {
        self.plans_where("undo_of = $1", run)
    }

    /// The plans of a run in a sense that `condition` says, the latest first.
    pub(crate) fn plans_where(&self, condition: &str, run: &RunId) -> Result<Vec<PlanRow>, StoreError> {
        let sql = format!("{PLAN} WHERE {condition} ORDER BY drafted_at DESC, id");
        self.rows("plan", &sql, &cells![run])?.iter().map(plan_row).collect()
    }

    /// The policy a plan was made under.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or a row that can't be read.
    pub fn policy_of(&self, plan: &PlanId) -> Result<Policy, StoreError> {
        let sql = "SELECT id, policy FROM plan WHERE id = $1";
        match self.row("plan", sql, &cells![plan])? {
            Some(row) => row.json(1),
            None => Err(StoreError::Missing { what: "plan", id: plan.to_string() }),
        }
    }

    /// A plan's draft, as it was put; a sealed plan's, too.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or a row that can't be read. Entries that were erased are absent.
    pub fn draft(&self, plan: &PlanId) -> Result<Draft, StoreError> {
        let header = self.plan(plan)?.header;
        let sql = "SELECT n, entry FROM plan_value WHERE plan = $1 AND entry IS NOT NULL ORDER BY n";
        let rows = self.rows("plan_value", sql, &cells![plan])?;
        let all = rows.iter().map(|row| row.json(1)).collect::<Result<Vec<Entry>, _>>()?;
        let (probes, entries) = all.into_iter().partition(Entry::is_probe);
        Ok(Draft { header, entries, probes, left_out: self.left_out(plan)? })
    }

    /// The accounts that a plan left out, sorted.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn left_out(&self, plan: &PlanId) -> Result<Vec<LeftOut>, StoreError> {
        let sql = "SELECT account, code, reason FROM left_out WHERE plan = $1 ORDER BY account";
        let rows = self.rows("left_out", sql, &cells![plan])?;
        rows.iter()
            .map(|row| Ok(LeftOut { account: row.get(0)?, code: row.word(1)?, reason: row.get(2)? }))
            .collect()
    }

    /// What preflight said of a plan.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn notes(&self, plan: &PlanId) -> Result<Vec<Note>, StoreError> {
        let sql = "SELECT code, severity, saying, todo, sure FROM note WHERE plan = $1 ORDER BY place";
        let rows = self.rows("note", sql, &cells![plan])?;
        rows.iter()
            .map(|row| {
                Ok(Note {
                    code: row.get(0)?,
                    severity: row.get(1)?,
                    text: row.get(2)?,
                    todo: row.get(3)?,
                    sure: row.get(4)?,
                })
            })
            .collect()
    }

    /// What preflight measured of a plan.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn measured(&self, plan: &PlanId) -> Result<Vec<Figure>, StoreError> {
        let sql = "SELECT policy_key, subject, measured, severity FROM figure WHERE plan = $1 ORDER BY place";
        let rows = self.rows("figure", sql, &cells![plan])?;
        rows.iter()
            .map(|row| {
                Ok(Figure {
                    limit: row.get(0)?,
                    of: row.get(1)?,
                    measured: row.json(2)?,
                    severity: row.get(3)?,
                })
            })
            .collect()
    }

    /// A plan's seal, held against its digest.
    ///
    /// # Errors
    /// [`StoreError::Seal`] where it is not what was sealed, [`StoreError::State`] where it isn't sealed.
    pub fn sealed(&self, plan: &PlanId) -> Result<Sealed, StoreError> {
        let row = self.plan(plan)?;
        let Some(digest) = row.digest else {
            let found = row.state.as_str().to_owned();
            return Err(StoreError::State {
                what: "plan",
                id: plan.to_string(),
                found,
                wanted: "read as sealed",
            });
        };
        let sql = "SELECT n, commitment FROM plan_line WHERE plan = $1 ORDER BY n";
        let lines = self.rows("plan_line", sql, &cells![plan])?;
        let lines = lines.iter().map(|row| Ok(Line { n: row.get(0)?, commitment: row.get(1)? }));
        let lines = lines.collect::<Result<_, StoreError>>()?;
        Sealed::read(row.header, lines, digest)
            .map_err(|source| StoreError::Seal { plan: plan.to_string(), source })
    }

    /// The values of owners' accounts beside a sealed plan's lines, in order, without those that were erased; of one wave, or
    /// of all.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn values(&self, plan: &PlanId, wave: Option<u32>) -> Result<Vec<Value>, StoreError> {
        let sql = "SELECT n, nonce, entry FROM plan_value WHERE plan = $1 AND nonce IS NOT NULL AND tier <> 'probe'";
        let rows = match wave {
            Some(wave) => {
                self.rows("plan_value", &format!("{sql} AND wave = $2 ORDER BY n"), &cells![plan, wave])
            }
            None => self.rows("plan_value", &format!("{sql} ORDER BY n"), &cells![plan]),
        };
        rows?.iter().map(value).collect()
    }

    /// The values of a sealed plan's probe accounts, in order.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn probe_values(&self, plan: &PlanId) -> Result<Vec<Value>, StoreError> {
        let sql = "SELECT n, nonce, entry FROM plan_value
            WHERE plan = $1 AND nonce IS NOT NULL AND tier = 'probe' ORDER BY n";
        self.rows("plan_value", sql, &cells![plan])?.iter().map(value).collect()
    }

    /// The values of some accounts of a sealed plan, in order of account; accounts it does not name are absent.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn values_of(&self, plan: &PlanId, accounts: &[AccountId]) -> Result<Vec<Value>, StoreError> {
        let sql = "SELECT n, nonce, entry FROM plan_value
            WHERE plan = $1 AND nonce IS NOT NULL AND account IN ({})";
        let rows = self.rows_of("plan_value", sql, &cells![plan], accounts.iter().map(Cell::from))?;
        let mut values = rows.iter().map(value).collect::<Result<Vec<_>, _>>()?;
        values.sort_by_key(|v| v.n);
        Ok(values)
    }

    /// The contacts of some accounts, as a plan means them.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn contacts(&self, plan: &PlanId, accounts: &[AccountId]) -> Result<Vec<OwnerContact>, StoreError> {
        let sql = "SELECT account, version, kind, value, language, time_zone FROM contact
            WHERE plan = $1 AND account IN ({})";
        let rows = self.rows_of("contact", sql, &cells![plan], accounts.iter().map(Cell::from))?;
        rows.iter()
            .map(|row| {
                Ok(OwnerContact {
                    account: row.get(0)?,
                    version: row.get(1)?,
                    kind: row.word(2)?,
                    value: row.get(3)?,
                    language: row.get(4)?,
                    time_zone: row.get(5)?,
                })
            })
            .collect()
    }

    /// An account's timeline as it stands beside a plan.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn timeline(&self, plan: &PlanId, account: &AccountId) -> Result<Option<Timeline>, StoreError> {
        let sql = "SELECT account, moments FROM timeline WHERE plan = $1 AND account = $2";
        let row = self.row("timeline", sql, &cells![plan, account])?;
        row.map(|row| Ok(Timeline { account: row.get(0)?, moments: row.json(1)? })).transpose()
    }
}

pub(crate) fn value(row: &Row) -> Result<Value, StoreError> {
    Ok(Value { n: row.get(0)?, nonce: row.get(1)?, entry: row.json(2)? })
}
