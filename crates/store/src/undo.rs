//! Taking back, as it stands on record: withdrawn signals, who is exonerated and why, what a hunt's campaigns rest on;
//! and the one check that an undo is a part of what its run did.

use crate::cell::{Row, cells, json};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use crate::holds::HoldRow;
use crate::steps::{CaseState, Step};
use model::exoneration::Exoneration;
use model::id::{AccountId, Digest, Millis, OperatorName, RunId};
use model::mutant::{self, Mutant};
use model::plan::{Act, ActKind, Purpose};
use model::run::{HoldState, StepState};
use model::seal::Value;
use model::verdict::{Tie, Verdict};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A signal that was withdrawn: it holds for every hunt that was on record then, or for one run's accounts alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retraction {
    /// The signal.
    pub signal: String,
    /// The one run it is withdrawn for; `None` is all.
    pub run: Option<RunId>,
    /// Why.
    pub reason: String,
    /// Who withdrew it.
    pub operator: OperatorName,
    /// When, ms.
    pub retracted_at: Millis,
}

/// What one verdict of a hunt rests on, where it names a campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The account; `None` where it was erased: its ties still hold others.
    pub account: Option<AccountId>,
    /// What it rests on.
    pub ties: Vec<Tie>,
}

impl Tx {
    /// Withdraws a signal.
    ///
    /// # Errors
    /// Where there is no such run.
    pub fn retract(&self, retraction: &Retraction) -> Result<(), StoreError> {
        let place = self.count("retraction", "SELECT COALESCE(MAX(place) + 1, 0) FROM retraction", &[])?;
        let Retraction { signal, run, reason, operator, .. } = retraction;
        let row = cells![place, signal, run.as_ref(), reason, operator, self.now()].to_vec();
        let columns = ["place", "signal", "run", "reason", "operator", "retracted_at"];
        self.insert("retraction", &columns, &[row], "")?;
        let detail = json!({ "reason": reason, "run": run });
        self.audit(operator.as_str(), "signal.retract", signal, detail).map(|_| ())
    }

    /// Puts on record that accounts of a run are exonerated, and why; the first reason stands.
    ///
    /// # Errors
    /// Where the run has not begun with one of them.
    pub fn exonerate(
        &self,
        run: &RunId,
        exonerated: &BTreeMap<AccountId, Exoneration>,
        by: &str,
    ) -> Result<(), StoreError> {
        for (account, found) in exonerated {
            let row = cells![run, account, found.way, &found.why, self.now()].to_vec();
            let columns = ["run", "account", "way", "why", "exonerated_at"];
            if self.insert("exoneration", &columns, &[row], "ON CONFLICT (run, account) DO NOTHING")? == 1 {
                let detail = json!({ "run": run, "way": found.way, "why": found.why });
                self.audit(by, "case.exonerate", account.as_str(), detail)?;
            }
        }
        Ok(())
    }

    /// Keeps what the verdicts of a hunt rest on that name a campaign; kept before, it stays as it is.
    ///
    /// # Errors
    /// Where there is no such hunt.
    pub fn put_members(&self, hunt: &Digest, verdicts: &[Verdict]) -> Result<(), StoreError> {
        let named = verdicts.iter().filter(|v| v.evidence.iter().any(|e| e.campaign.is_some()));
        let rows = (0_u64..).zip(named).map(|(place, verdict)| {
            let ties: Vec<Tie> = verdict.evidence.iter().map(Tie::from).collect();
            let mut row = cells![*hunt, place, &verdict.account].to_vec();
            row.push(json("ties", &ties)?);
            Ok(row)
        });
        let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        let columns = ["hunt", "place", "account", "ties"];
        self.insert("campaign_member", &columns, &rows, "ON CONFLICT (hunt, place) DO NOTHING")?;
        Ok(())
    }

    /// Insists that an undo is a part of what its run did: only accounts that the run acted on, and of each only what
    /// takes back a thing that was really done.
    pub(crate) fn check_undo(&self, of: &RunId, values: &[Value]) -> Result<(), StoreError> {
        if let Purpose::Addendum { run, .. } = self.plan(&self.run(of)?.plan)?.header.purpose {
            let why = format!("{of} is an addendum: what it hid comes back with the undo of run {run}");
            return Err(StoreError::Value { what: "this undo", why });
        }
        let accounts: Vec<AccountId> = values.iter().map(|v| v.entry.account.clone()).collect();
        let touched: BTreeSet<AccountId> = self
            .cases(of)?
            .into_iter()
            .filter(|c| matches!(c.state, CaseState::Done | CaseState::Failed))
            .map(|c| c.account)
            .collect();
        // Where an answer was lost nobody counted; what was found as it should be was not ours.
        let done: Vec<Step> = self
            .steps(of, &accounts)?
            .into_iter()
            .filter(|s| s.state == StepState::Done && s.changed != Some(0))
            .collect();
        let replaced: BTreeSet<AccountId> = done
            .iter()
            .filter(|s| s.kind == ActKind::RequireNewCredential)
            .map(|s| s.account.clone())
            .collect();
        let (turned, exonerated) = (self.turned_with_addenda(of, &accounts)?, self.exonerations(of)?);
        let open = self.added_and_open(of)?;
        let ours = |h: &HoldRow| h.is_open() || h.state == HoldState::Ended;
        let held: BTreeSet<AccountId> =
            self.holds(of, &accounts)?.into_iter().filter(ours).map(|h| h.account).collect();
        for value in values {
            let account = &value.entry.account;
            let refuse = |why: &str| {
                let why = format!("{account}: {why}; an undo takes back only what run {of} did");
                Err(StoreError::Value { what: "this undo", why })
            };
            if !touched.contains(account) && !mutant::is_on(Mutant::UndoesWhatWasNotDone) {
                return refuse("the run did nothing to it");
            }
            // What it hides after this would stay hidden.
            if open.contains_key(account) {
                return refuse("an addendum has begun with it, and what came of that is not known yet");
            }
            for act in &value.entry.acts {
                match act {
                    Act::EndSessions | Act::Waive => {}
                    Act::RestoreCredential if !replaced.contains(account) => {
                        return refuse("its credential was not replaced");
                    }
                    Act::RestoreCredential
                        if !exonerated.contains_key(account) && !mutant::is_on(Mutant::RestoresAnybody) =>
                    {
                        return refuse("nobody is exonerated without a reason on record");
                    }
                    Act::RestoreCredential => {}
                    Act::ShowObjects { objects } => {
                        let ours = turned.get(account);
                        if objects.iter().any(|o| ours.is_none_or(|t| !t.contains(o))) {
                            return refuse("it would show an object that the run did not hide");
                        }
                    }
                    Act::PutBackContact { kind, in_place, before } => {
                        let other = Act::PutBackContact { kind: *kind, in_place: *before, before: *in_place };
                        if !done.iter().any(|s| s.account == *account && s.act == other) {
                            return refuse("it would put back a contact that the run did not take out");
                        }
                        if !exonerated.contains_key(account) {
                            return refuse("a true victim's contact stays the one from before");
                        }
                    }
                    Act::AddFactor { factor } => {
                        let other = Act::RemoveFactor { factor: factor.clone() };
                        if !done.iter().any(|s| s.account == *account && s.act == other) {
                            return refuse("it would add a factor that the run did not remove");
                        }
                        if !exonerated.contains_key(account) {
                            return refuse("an intruder's factor does not come back");
                        }
                    }
                    Act::Release if held.contains(account) => {}
                    Act::Release => return refuse("the run did not take it off"),
                    Act::RequireNewCredential { .. }
                    | Act::RevokeGrants { .. }
                    | Act::HideObjects { .. }
                    | Act::Unfollow { .. }
                    | Act::Unlike { .. }
                    | Act::RemoveFactor { .. }
                    | Act::Hold { .. } => return refuse(act.kind().as_str()),
                }
            }
        }
        Ok(())
    }
}

impl Read {
    /// All withdrawn signals, the first first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn retractions(&self) -> Result<Vec<Retraction>, StoreError> {
        let sql = "SELECT signal, run, reason, operator, retracted_at FROM retraction ORDER BY place";
        let read = |row: &Row| {
            Ok(Retraction {
                signal: row.get(0)?,
                run: row.get(1)?,
                reason: row.get(2)?,
                operator: row.get(3)?,
                retracted_at: row.get(4)?,
            })
        };
        self.rows("retraction", sql, &[])?.iter().map(read).collect()
    }

    /// Who of a run is exonerated, with the reason on record.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn exonerations(&self, run: &RunId) -> Result<BTreeMap<AccountId, Exoneration>, StoreError> {
        let sql = "SELECT account, way, why FROM exoneration WHERE run = $1";
        let rows = self.rows("exoneration", sql, &cells![run])?;
        rows.iter().map(|row| Ok((row.get(0)?, Exoneration { way: row.get(1)?, why: row.get(2)? }))).collect()
    }

    /// What a hunt's verdicts rest on that name a campaign.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn members(&self, hunt: &Digest) -> Result<Vec<Member>, StoreError> {
        let sql = "SELECT account, ties FROM campaign_member WHERE hunt = $1 ORDER BY place";
        let rows = self.rows("campaign_member", sql, &cells![*hunt])?;
        rows.iter().map(|row| Ok(Member { account: row.get(0)?, ties: row.json(1)? })).collect()
    }
}
