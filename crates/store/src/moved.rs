//! Credentials that moved between a plan's seal and its act: by whom, as far as is on record, and what was done instead.

use crate::audit::Act as AuditAct;
use crate::cell::{Cell, cells, json, word};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{AccountId, Digest, Millis, PlanId, RunId};
use model::run::{HoldState, Mover, StepState};
use model::seal::SealedEntry;
use serde_json::json;
use std::collections::BTreeMap;

impl Tx {
    /// Keeps whose hand moved credentials of a plan's accounts after it was sealed, by a later hunt; the last one counts.
    ///
    /// # Errors
    /// Where there is no such plan.
    pub fn put_movers(
        &self,
        plan: &PlanId,
        hunt: &Digest,
        movers: &BTreeMap<AccountId, Mover>,
        by: &str,
    ) -> Result<(), StoreError> {
        let row = |(account, mover): (&AccountId, &Mover)| {
            cells![plan, account, *mover, *hunt, self.now()].to_vec()
        };
        let rows: Vec<Vec<Cell>> = movers.iter().map(row).collect();
        let columns = ["plan", "account", "mover", "hunt", "seen_at"];
        let tail = "ON CONFLICT (plan, account) DO UPDATE SET mover = excluded.mover, hunt = excluded.hunt,
            seen_at = excluded.seen_at";
        self.insert("credential_move", &columns, &rows, tail)?;
        let detail = json!({ "accounts": movers.len(), "hunt": hunt });
        self.audit(by, "plan.movers", plan.as_str(), detail).map(|_| ())
    }

    /// Keeps that an account's credential had moved when its turn came, and by whom.
    ///
    /// # Errors
    /// The database's.
    pub fn put_moved(&self, run: &RunId, account: &AccountId, mover: Mover) -> Result<(), StoreError> {
        let sql = "UPDATE account_run SET moved = $3 WHERE run = $1 AND account = $2";
        self.execute(sql, &cells![run, account, mover])?;
        self.audit("rightful", "account.moved", account.as_str(), json!({ "by": mover, "run": run }))
            .map(|_| ())
    }

    /// Keeps the intents of what was sealed for a credential that has moved; each with whether the account is off.
    ///
    /// # Errors
    /// Where they are intended already.
    pub fn intend_instead(&self, run: &RunId, entries: &[(&SealedEntry, bool)]) -> Result<(), StoreError> {
        let (mut rows, mut holds, mut acts) = (Vec::new(), Vec::new(), Vec::new());
        for (entry, is_off) in entries.iter().map(|(e, off)| (e.entry(), off)) {
            for (place, act) in (entry.acts.len() as u64..).zip(&entry.if_moved) {
                let mut row =
                    cells![run, &entry.account, place, StepState::Intended, 0_u64, self.now()].to_vec();
                row.push(word("an act's kind", &act.kind())?);
                row.push(json("an act", act)?);
                rows.push(row);
                if let Some(lasts_ms) = act.holds_ms() {
                    let is_ours = self.open_holds_of(&entry.account)?.iter().any(|h| h.run != *run);
                    let found = *is_off && !is_ours;
                    let state = if found { HoldState::Found } else { HoldState::Intended };
                    holds.push(cells![run, &entry.account, state, self.now() + lasts_ms].to_vec());
                }
            }
            let kinds: Vec<_> = entry.if_moved.iter().map(model::plan::Act::kind).collect();
            let detail = json!({ "acts": kinds, "because": "the credential has moved", "run": run });
            let (subject, actor) = (entry.account.to_string(), "rightful".to_owned());
            acts.push(AuditAct { actor, action: "step.intend", subject, detail });
        }
        let columns = ["run", "account", "place", "state", "attempts", "intended_at", "kind", "act"];
        self.insert("step", &columns, &rows, "")?;
        // A hold of the acts that were not done was left, and its row is taken over.
        let tail =
            "ON CONFLICT (run, account) DO UPDATE SET state = excluded.state, ends_at = excluded.ends_at,
            ended_at = NULL WHERE hold.state = 'left'";
        self.insert("hold", &["run", "account", "state", "ends_at"], &holds, tail)?;
        self.audit_all(acts).map(|_| ())
    }
}

impl Read {
    /// Who moved the credential of an account since the plan of a run was sealed, as far as is on record: the owner where
    /// they came back by a recovery, or where a later hunt says so.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn mover(&self, run: &RunId, account: &AccountId) -> Result<Mover, StoreError> {
        let plan = self.plan(&self.run(run)?.plan)?;
        let since: Millis = plan.sealed_at.unwrap_or(plan.header.drafted_at);
        let sql = "SELECT COUNT(*) FROM recovery WHERE account = $1 AND recovered_at >= $2";
        if self.count("recovery", sql, &cells![account, since])? > 0 {
            return Ok(Mover::Owner);
        }
        let sql = "SELECT mover FROM credential_move WHERE plan = $1 AND account = $2";
        let row = self.row("credential_move", sql, &cells![&plan.id, account])?;
        row.map_or(Ok(Mover::Unknown), |row| row.get(0))
    }

    /// By whom the credential of an account of a run was found moved; `None` where it was not.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn moved(&self, run: &RunId, account: &AccountId) -> Result<Option<Mover>, StoreError> {
        let sql = "SELECT moved FROM account_run WHERE run = $1 AND account = $2";
        match self.row("account_run", sql, &cells![run, account])? {
            Some(row) => row.get(0),
            None => Ok(None),
        }
    }
}
