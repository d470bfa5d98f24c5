//! Holds: accounts that a run took off for a while. Kept with the intent (was it off before us, when does it end) and
//! with the outcome (is it ours), so that the end gives back what we took and nothing else.

use crate::cell::{Cell, Row, cells};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use crate::steps::Intent;
use model::id::{AccountId, Millis, RunId};
use model::mutant::{self, Mutant};
use model::plan::Act;
use model::run::HoldState;
use serde_json::json;

/// One account that a run takes off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// The run.
    pub run: RunId,
    /// The account.
    pub account: AccountId,
    /// How far it is.
    pub state: HoldState,
    /// When it ends by itself, ms.
    pub ends_at: Millis,
    /// When it ended, ms.
    pub ended_at: Option<Millis>,
}

impl HoldRow {
    /// Whether the account is off by it, or may be.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.state {
            HoldState::Intended | HoldState::Ours | HoldState::Ending => true,
            HoldState::Found | HoldState::Left | HoldState::Ended | HoldState::Released => false,
        }
    }
}

/// Why an account is off, as the service answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// By this very call.
    Now,
    /// Already, by a hold of ours.
    Ours,
    /// Already, by somebody else.
    Others,
    /// Already; the service keeps no mark of who did it.
    CantTell,
}

/// What a hold came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The account.
    pub account: AccountId,
    /// Why it is off; `None` where the hold was not done.
    pub off: Option<Off>,
    /// Whether the answer to an earlier try was lost: where nobody can tell, an account that was on before the intent
    /// is then off by us.
    pub answer_was_lost: bool,
}

const HOLD: &str = "SELECT run, account, state, ends_at, ended_at FROM hold";

fn hold(row: &Row) -> Result<HoldRow, StoreError> {
    Ok(HoldRow {
        run: row.get(0)?,
        account: row.get(1)?,
        state: row.get(2)?,
        ends_at: row.get(3)?,
        ended_at: row.get(4)?,
    })
}

impl Tx {
    /// Keeps, with the intents, which accounts will be taken off and until when. One that another run of ours holds is
    /// taken over: it ends with the later of the two.
    pub(crate) fn intend_holds(&self, run: &RunId, intents: &[Intent<'_>]) -> Result<(), StoreError> {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for intent in intents {
            let entry = intent.entry.entry();
            let Some(lasts_ms) = entry.acts.iter().find_map(Act::holds_ms) else { continue };
            let is_ours = self.open_holds_of(&entry.account)?.iter().any(|h| h.run != *run);
            let found = intent.is_off_before && !is_ours;
            let state = if found { HoldState::Found } else { HoldState::Intended };
            rows.push(cells![run, &entry.account, state, self.now() + lasts_ms].to_vec());
        }
        self.insert("hold", &["run", "account", "state", "ends_at"], &rows, "")?;
        Ok(())
    }

    /// Keeps what holds came to.
    ///
    /// # Errors
    /// The database's.
    pub fn put_holdings(&self, run: &RunId, holdings: &[Holding]) -> Result<(), StoreError> {
        for holding in holdings {
            let lost = if holding.answer_was_lost { HoldState::Ours } else { HoldState::Left };
            // Taken off by this very call it is ours from any state: what is off by us must end.
            let any = "'intended', 'found', 'left', 'ours', 'ending', 'ended', 'released'";
            let (state, from) = match holding.off {
                Some(Off::Now) => (HoldState::Ours, any),
                Some(Off::Ours) => (HoldState::Ours, "'intended', 'found'"),
                // Another hold of ours is taken over by the intent, and then nobody can tell the two apart.
                Some(Off::CantTell) if self.another_holds(run, &holding.account)? => {
                    (HoldState::Ours, "'intended'")
                }
                Some(Off::CantTell) => (lost, "'intended'"),
                Some(Off::Others) | None => (HoldState::Left, "'intended'"),
            };
            let sql =
                format!("UPDATE hold SET state = $3 WHERE run = $1 AND account = $2 AND state IN ({from})");
            self.execute(&sql, &cells![run, &holding.account, state])?;
            let left = "UPDATE hold SET state = 'left' WHERE run = $1 AND account = $2 AND state = 'found'";
            self.execute(left, &cells![run, &holding.account])?;
        }
        Ok(())
    }

    fn another_holds(&self, run: &RunId, account: &AccountId) -> Result<bool, StoreError> {
        Ok(self.open_holds_of(account)?.iter().any(|h| h.run != *run))
    }

    /// Has the holds of a run end later: those that are open, or would be.
    ///
    /// # Errors
    /// The database's.
    pub fn extend_holds(&self, run: &RunId, until: Millis, by: &str) -> Result<u64, StoreError> {
        let sql = "UPDATE hold SET ends_at = $2 WHERE run = $1 AND ends_at < $2
            AND state IN ('intended', 'found', 'ours')";
        let extended = self.execute(sql, &cells![run, until])?;
        self.audit(by, "hold.extend", run.as_str(), json!({ "accounts": extended, "until": until }))?;
        Ok(extended)
    }

    /// Keeps that an undo ended holds of a run before their time.
    ///
    /// # Errors
    /// The database's.
    pub fn put_released(&self, run: &RunId, accounts: &[AccountId]) -> Result<(), StoreError> {
        let rows: Vec<Vec<Cell>> = accounts.iter().map(|a| cells![a].to_vec()).collect();
        let sql = "UPDATE hold SET state = 'released', ended_at = $2 FROM {} WHERE hold.run = $1
            AND hold.account = v.column1 AND hold.state IN ('intended', 'ours', 'ending')";
        self.over(sql, &cells![run, self.now()], &["TEXT"], &rows)?;
        Ok(())
    }

    /// Takes the holds whose time is over, and keeps that they are about to end; also those of which an earlier turn
    /// did not hear, and those whose own answer was lost. One that a later hold of the same account goes on from has
    /// ended with that.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn take_due_holds(&self) -> Result<Vec<HoldRow>, StoreError> {
        let sql = format!(
            "{HOLD} WHERE state IN ('intended', 'ours', 'ending') AND ends_at <= $1 ORDER BY ends_at, run, account"
        );
        if mutant::is_on(Mutant::HoldsForGood) {
            return Ok(Vec::new());
        }
        let due = self.rows("hold", &sql, &cells![self.now()])?;
        let due = due.iter().map(hold).collect::<Result<Vec<_>, _>>()?;
        let mut taken = Vec::with_capacity(due.len());
        for hold in due {
            let goes_on = |h: &HoldRow| h.run != hold.run && h.ends_at > self.now();
            if self.open_holds_of(&hold.account)?.iter().any(goes_on) {
                self.hold_ended(&hold.run, &hold.account, "a later hold goes on")?;
                continue;
            }
            let sql = "UPDATE hold SET state = 'ending' WHERE run = $1 AND account = $2
                AND state IN ('intended', 'ours')";
            if self.execute(sql, &cells![&hold.run, &hold.account])? == 1 {
                self.audit("rightful", "hold.ending", hold.account.as_str(), json!({ "run": hold.run }))?;
            }
            taken.push(hold);
        }
        Ok(taken)
    }

    /// Keeps that a hold has ended; one that has already stays so.
    ///
    /// # Errors
    /// The database's.
    pub fn hold_ended(&self, run: &RunId, account: &AccountId, how: &str) -> Result<(), StoreError> {
        let sql = "UPDATE hold SET state = 'ended', ended_at = $3 WHERE run = $1 AND account = $2
            AND state IN ('intended', 'ours', 'ending')";
        if self.execute(sql, &cells![run, account, self.now()])? == 1 {
            self.audit("rightful", "hold.end", account.as_str(), json!({ "how": how, "run": run }))?;
        }
        Ok(())
    }
}

impl Read {
    /// The holds of some accounts of a run.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn holds(&self, run: &RunId, accounts: &[AccountId]) -> Result<Vec<HoldRow>, StoreError> {
        let sql = format!("{HOLD} WHERE run = $1 AND account IN ({{}})");
        self.rows_of("hold", &sql, &cells![run], accounts.iter().map(Cell::from))?.iter().map(hold).collect()
    }

    /// Every hold of a run, in order of account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn holds_of_run(&self, run: &RunId) -> Result<Vec<HoldRow>, StoreError> {
        let sql = format!("{HOLD} WHERE run = $1 ORDER BY account");
        self.rows("hold", &sql, &cells![run])?.iter().map(hold).collect()
    }

    /// The holds by which an account is off, or may be, in any run.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn open_holds_of(&self, account: &AccountId) -> Result<Vec<HoldRow>, StoreError> {
        let sql = format!(
            "{HOLD} WHERE account = $1 AND state IN ('intended', 'ours', 'ending') ORDER BY ends_at, run"
        );
        self.rows("hold", &sql, &cells![account])?.iter().map(hold).collect()
    }
}
