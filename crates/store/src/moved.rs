//! Credentials that moved between a plan's seal and its act: by whom, as far as is on record, and what was done instead.

use crate::audit::Act as AuditAct;
use crate::cell::{Cell, cells, json, word};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{AccountId, Digest, Millis, PlanId, RunId};
use model::labels::Label;
use model::plan::{Act, Entry};
use model::run::{HoldState, Mover, OnRecord, PersonNeeded, StepState};
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
            let kinds: Vec<_> = entry.if_moved.iter().map(Act::kind).collect();
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
    /// What is on record of the credentials of some accounts: those that no plan named are absent.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn credentials_on_record(
        &self,
        accounts: &[AccountId],
    ) -> Result<BTreeMap<AccountId, OnRecord>, StoreError> {
        let of = |accounts: &[AccountId]| accounts.iter().map(Cell::from).collect::<Vec<_>>();
        let mut found: BTreeMap<AccountId, OnRecord> = BTreeMap::new();
        let sql = "SELECT v.account, p.drafted_at, v.entry FROM plan_value v JOIN plan p ON p.id = v.plan
            WHERE p.undo_of IS NULL AND p.addendum_to IS NULL AND v.tier <> 'probe' AND v.account IN ({})
            ORDER BY p.drafted_at";
        for row in self.rows_of("plan_value", sql, &[], of(accounts))? {
            let (account, since, entry): (AccountId, Millis, Entry) =
                (row.get(0)?, row.get(1)?, row.json(2)?);
            let Some(version) = entry.acts.iter().find_map(Act::guard) else { continue };
            if found.get(&account).is_none_or(|last| last.version != version) {
                let (ours, recovered_at) = (Vec::new(), None);
                let on_record =
                    OnRecord { version, since, ours, recovered_at, is_asked: false, answered_at: None };
                found.insert(account, on_record);
            }
        }
        let named: Vec<AccountId> = found.keys().cloned().collect();
        let sql = "SELECT account, version_ours FROM sealed_credential
            WHERE version_ours IS NOT NULL AND account IN ({})";
        for row in self.rows_of("sealed_credential", sql, &[], of(&named))? {
            if let Some(one) = found.get_mut(&row.get::<AccountId>(0)?) {
                one.ours.push(row.get(1)?);
            }
        }
        let sql = "SELECT account, MAX(recovered_at) FROM recovery WHERE account IN ({}) GROUP BY account";
        for row in self.rows_of("recovery", sql, &[], of(&named))? {
            if let Some(one) = found.get_mut(&row.get::<AccountId>(0)?) {
                one.recovered_at = row.get(1)?;
            }
        }
        let sql = "SELECT account, opened_at, closed_at FROM person_queue WHERE why = $1 AND account IN ({})";
        for row in self.rows_of("person_queue", sql, &cells![PersonNeeded::MovedUnknown], of(&named))? {
            let (account, asked_at, closed_at): (AccountId, Millis, Option<Millis>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            // A blind label is an answer to another question.
            let said = self.labels_of(&account)?;
            let said = said.iter().filter(|l| !l.blind && l.labelled_at >= asked_at);
            let last = said.max_by_key(|l| l.labelled_at);
            if let Some(one) = found.get_mut(&account) {
                one.is_asked |= closed_at.is_none();
                one.answered_at = one
                    .answered_at
                    .max(last.filter(|l| l.label == Label::Compromised).map(|l| l.labelled_at));
            }
        }
        Ok(found)
    }

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
