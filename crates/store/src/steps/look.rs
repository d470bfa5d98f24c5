//! Steps and accounts of a run read back: what is still to do, what is open after a crash, what was done.

use super::{CaseState, SealedCredential, freezes};
use crate::cell::{Cell, Row, cells};
use crate::db::Read;
use crate::error::StoreError;
use crate::plans::look_value;
use model::id::{AccountId, Millis, PlanId, RunId};
use model::mutant::{self, Mutant};
use model::plan::{Act, ActKind};
use model::run::{Mover, StepState, Stuck};
use model::seal::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One account in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The run.
    pub run: RunId,
    /// The run's plan.
    pub plan: PlanId,
    /// The account.
    pub account: AccountId,
    /// The wave it is in.
    pub wave: u32,
    /// How far it is.
    pub state: CaseState,
    /// Why, where it is not done.
    pub reason: Option<String>,
    /// When the intent was kept, ms.
    pub intended_at: Millis,
    /// When it was settled, ms.
    pub settled_at: Option<Millis>,
    /// Why it is stuck, where it is.
    pub stuck: Option<Stuck>,
    /// By whom its credential was found moved since sealing, where it was.
    pub moved: Option<Mover>,
}

/// One act on one account, as far as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The account.
    pub account: AccountId,
    /// The act's place in the entry, from 0.
    pub place: u32,
    /// The act's name.
    pub kind: ActKind,
    /// The act.
    pub act: Act,
    /// How far it is.
    pub state: StepState,
    /// How many tries are on record.
    pub attempts: u32,
    /// What it came to, in words.
    pub result: Option<String>,
    /// How many things it changed, where that is a count and is known: an answer may have been lost.
    pub changed: Option<u64>,
    /// When the intent was kept, ms.
    pub intended_at: Millis,
    /// When the outcome was kept, ms.
    pub outcome_at: Option<Millis>,
    /// When it was last kept that the answer to a call was lost, ms.
    pub lost_at: Option<Millis>,
}

const CASE: &str = "SELECT run, plan, account, wave, state, reason, intended_at, settled_at, stuck,
      moved FROM account_run";
const STEP: &str =
    "SELECT account, place, kind, act, state, attempts, result, intended_at, outcome_at, changed,
      lost_at FROM step";

fn case(row: &Row) -> Result<Case, StoreError> {
    Ok(Case {
        run: row.get(0)?,
        plan: row.get(1)?,
        account: row.get(2)?,
        wave: row.get(3)?,
        state: row.get(4)?,
        reason: row.get(5)?,
        intended_at: row.get(6)?,
        settled_at: row.get(7)?,
        stuck: row.get(8)?,
        moved: row.get(9)?,
    })
}

fn step(row: &Row) -> Result<Step, StoreError> {
    Ok(Step {
        account: row.get(0)?,
        place: row.get(1)?,
        kind: row.word(2)?,
        act: row.json(3)?,
        state: row.get(4)?,
        attempts: row.get(5)?,
        result: row.get(6)?,
        intended_at: row.get(7)?,
        outcome_at: row.get(8)?,
        changed: row.get(9)?,
        lost_at: row.get(10)?,
    })
}

impl Read {
    /// The next values of a wave that the run has not begun with, in order, at most `limit`, after the line `after` (0:
    /// from the first). Each call looks past all that were begun with: ask for many at once.
    ///
    /// # Errors
    /// The database's, or a row that can't be read or was erased.
    pub fn to_do(&self, run: &RunId, wave: u32, after: u64, limit: u64) -> Result<Vec<Value>, StoreError> {
        let sql = "SELECT v.n, v.nonce, v.entry FROM run r JOIN plan_value v ON v.plan = r.plan
            LEFT JOIN account_run a ON a.run = r.id AND a.account = v.account
            WHERE r.id = $1 AND v.wave = $2 AND a.account IS NULL AND v.n > $4
            ORDER BY v.n LIMIT $3";
        self.rows("plan_value", sql, &cells![run, wave, limit, after])?.iter().map(look_value).collect()
    }

    /// The accounts of a run, probes and all, that are intended or unknown: what a resume begins with, in order of account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn open_cases(&self, run: &RunId) -> Result<Vec<Case>, StoreError> {
        let sql = format!("{CASE} WHERE run = $1 AND state IN ('intended', 'unknown') ORDER BY account");
        self.rows("account_run", &sql, &cells![run])?.iter().map(case).collect()
    }

    /// The accounts of a run that are stuck, in order of account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn stuck_cases(&self, run: &RunId) -> Result<Vec<Case>, StoreError> {
        let sql = format!("{CASE} WHERE run = $1 AND state = 'stuck' ORDER BY account");
        self.rows("account_run", &sql, &cells![run])?.iter().map(case).collect()
    }

    /// All owners' accounts a run has begun with, in order of account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn cases(&self, run: &RunId) -> Result<Vec<Case>, StoreError> {
        let sql = format!("{CASE} WHERE run = $1 AND probe = 0 ORDER BY account");
        self.rows("account_run", &sql, &cells![run])?.iter().map(case).collect()
    }

    /// The probe accounts a run has begun with, in order of account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn probe_cases(&self, run: &RunId) -> Result<Vec<Case>, StoreError> {
        let sql = format!("{CASE} WHERE run = $1 AND probe = 1 ORDER BY account");
        self.rows("account_run", &sql, &cells![run])?.iter().map(case).collect()
    }

    /// One owner's account in all runs, the latest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn cases_of(&self, account: &AccountId) -> Result<Vec<Case>, StoreError> {
        let sql = format!("{CASE} WHERE account = $1 AND probe = 0 ORDER BY intended_at DESC, run");
        self.rows("account_run", &sql, &cells![account])?.iter().map(case).collect()
    }

    /// How many owners' accounts of a run are in a state.
    ///
    /// # Errors
    /// The database's.
    pub fn count_cases(&self, run: &RunId, state: CaseState) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM account_run WHERE run = $1 AND state = $2 AND probe = 0";
        self.count("account_run", sql, &cells![run, state])
    }

    /// The steps of some accounts of a run, by account, then place.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn steps(&self, run: &RunId, accounts: &[AccountId]) -> Result<Vec<Step>, StoreError> {
        let sql = format!("{STEP} WHERE run = $1 AND account IN ({{}})");
        let rows = self.rows_of("step", &sql, &cells![run], accounts.iter().map(Cell::from))?;
        let mut steps = rows.iter().map(step).collect::<Result<Vec<_>, _>>()?;
        steps.sort_by(|a, b| (&a.account, a.place).cmp(&(&b.account, b.place)));
        Ok(steps)
    }

    /// Until when calls of a run, or of what added to it, on some accounts may still take effect: `late_ms` from the moment that their answer
    /// was lost; those of which that is over are absent.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn late_until(
        &self,
        run: &RunId,
        accounts: &[AccountId],
        late_ms: Millis,
        now: Millis,
    ) -> Result<BTreeMap<AccountId, Millis>, StoreError> {
        let sql = "SELECT account, MAX(lost_at) FROM step WHERE run = $1 AND lost_at > $2 AND account IN ({})
            GROUP BY account";
        let since = now.saturating_sub(late_ms);
        let mut late: BTreeMap<AccountId, Millis> = BTreeMap::new();
        for run in self.with_addenda(run)? {
            for row in self.rows_of("step", sql, &cells![&run, since], accounts.iter().map(Cell::from))? {
                let until = row.get::<Millis>(1)?.saturating_add(late_ms);
                late.entry(row.get(0)?).and_modify(|at| *at = until.max(*at)).or_insert(until);
            }
        }
        Ok(late)
    }

    /// Those of some accounts whose owners said *that was me* since a plan was sealed; none for a plan that takes
    /// back, which is what they asked for.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn frozen(&self, plan: &PlanId, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError> {
        let plan = self.plan(plan)?;
        if !freezes(&plan.header.purpose) || mutant::is_on(Mutant::ForgetsDisputes) {
            return Ok(BTreeSet::new());
        }
        let sql = "SELECT account FROM dispute WHERE disputed_at >= $1 AND account IN ({})";
        let since = plan.sealed_at.unwrap_or(plan.header.drafted_at);
        let rows = self.rows_of("dispute", sql, &cells![since], accounts.iter().map(Cell::from))?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The sealed credentials of some accounts of a run.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn sealed_credentials(
        &self,
        run: &RunId,
        accounts: &[AccountId],
    ) -> Result<Vec<SealedCredential>, StoreError> {
        let sql = "SELECT account, nonce, ciphertext, version_before, version_ours FROM sealed_credential
            WHERE run = $1 AND account IN ({})";
        let rows = self.rows_of("sealed_credential", sql, &cells![run], accounts.iter().map(Cell::from))?;
        rows.iter()
            .map(|row| {
                Ok(SealedCredential {
                    account: row.get(0)?,
                    nonce: row.get(1)?,
                    ciphertext: row.get(2)?,
                    version_before: row.get(3)?,
                    version_ours: row.get(4)?,
                })
            })
            .collect()
    }

    /// A run's key as it was wrapped, with the id of the key that unwraps it; `None` where there is none any more.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn run_key(&self, run: &RunId) -> Result<Option<(String, Vec<u8>)>, StoreError> {
        let sql = "SELECT run, key_id, wrapped FROM run_key WHERE run = $1 AND wrapped IS NOT NULL";
        let row = self.row("run_key", sql, &cells![run])?;
        row.map(|row| Ok((row.get(1)?, row.get(2)?))).transpose()
    }
}
