//! Probe accounts: the register, what is held of each (sealed; no secret is ever here that could be used without the key
//! outside), and what trying it before and after a wave came to.

use crate::cell::{Cell, Row, cells};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use crate::steps::CaseState;
use model::id::{AccountId, Millis, PlanId, RunId};
use model::probe::{Probe, ProbeKind, Side, Standing, Tried};
use model::run::RunState;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A credential of a probe account as it was sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedProbe {
    /// The account.
    pub account: AccountId,
    /// Of what kind.
    pub kind: ProbeKind,
    /// The id of the master key that opens it.
    pub key_id: String,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
    /// When it was given, ms.
    pub armed_at: Millis,
}

/// One credential tried before or after a wave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The account.
    pub account: AccountId,
    /// The credential.
    pub kind: ProbeKind,
    /// The wave.
    pub wave: u32,
    /// What it came to.
    pub outcome: Tried,
    /// Why it can't be told; never a secret.
    pub saying: Option<String>,
}

/// How a credential of a probe account stands in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeRow {
    /// The account.
    pub account: AccountId,
    /// The credential.
    pub kind: ProbeKind,
    /// The wave.
    pub wave: u32,
    /// Whether that wave has begun.
    pub is_begun: bool,
    /// How far the run is with the account.
    pub case: Option<CaseState>,
    /// What it came to before the wave.
    pub before: Tried,
    /// What it came to after it.
    pub after: Option<Tried>,
    /// What was said last where it can't be told.
    pub saying: Option<String>,
    /// What that shows.
    pub standing: Standing,
}

fn sealed(row: &Row) -> Result<SealedProbe, StoreError> {
    Ok(SealedProbe {
        account: row.get(0)?,
        kind: row.get(1)?,
        key_id: row.get(2)?,
        sealed: row.get(3)?,
        armed_at: row.get(4)?,
    })
}

fn standing(row: &Row) -> Result<ProbeRow, StoreError> {
    let (case, before, after): (Option<CaseState>, Tried, Option<Tried>) =
        (row.get(4)?, row.get(5)?, row.get(6)?);
    let contained = match case {
        // What failed is done again.
        None | Some(CaseState::Intended | CaseState::Unknown | CaseState::Failed) => None,
        Some(CaseState::Done) => Some(true),
        Some(CaseState::Skipped | CaseState::Frozen | CaseState::Stuck) => Some(false),
    };
    let (said_before, said_after): (Option<String>, Option<String>) = (row.get(7)?, row.get(8)?);
    Ok(ProbeRow {
        account: row.get(0)?,
        kind: row.get(1)?,
        wave: row.get(2)?,
        is_begun: row.get(3)?,
        case,
        before,
        after,
        saying: if after.is_some() { said_after } else { said_before },
        standing: Standing::of(before, contained, after),
    })
}

impl Tx {
    /// Keeps a sealed credential of a probe account, which comes into the register with its first; it is armed from now on.
    ///
    /// # Errors
    /// Where a plan names the account as an owner's, or a run is at work on it.
    pub fn arm_probe(
        &self,
        account: &AccountId,
        kind: ProbeKind,
        key_id: &str,
        sealed: &[u8],
        by: &str,
    ) -> Result<(), StoreError> {
        self.insist_on_nobodys(account)?;
        self.insist_on_idle(account)?;
        let row = cells![account, self.now(), by].to_vec();
        self.insert("probe", &["account", "added_at", "added_by"], &[row], "ON CONFLICT DO NOTHING")?;
        let row = cells![account, kind, key_id, sealed, self.now()].to_vec();
        let columns = ["account", "kind", "key_id", "sealed", "armed_at"];
        let tail =
            "ON CONFLICT (account, kind) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed,
            armed_at = excluded.armed_at, spent_at = NULL";
        self.insert("probe_credential", &columns, &[row], tail)?;
        self.audit(by, "probe.arm", account.as_str(), json!({ "kind": kind })).map(|_| ())
    }

    /// Takes a probe account out of the register, with what is held of it; false where it is not in it.
    ///
    /// # Errors
    /// Where a run is at work on it.
    pub fn remove_probe(&self, account: &AccountId, by: &str) -> Result<bool, StoreError> {
        self.insist_on_idle(account)?;
        self.execute("DELETE FROM probe_credential WHERE account = $1", &cells![account])?;
        if self.execute("DELETE FROM probe WHERE account = $1", &cells![account])? == 0 {
            return Ok(false);
        }
        self.audit(by, "probe.remove", account.as_str(), json!({}))?;
        Ok(true)
    }

    fn insist_on_nobodys(&self, account: &AccountId) -> Result<(), StoreError> {
        let sql = "SELECT plan FROM plan_value WHERE account = $1 AND tier <> 'probe' ORDER BY plan LIMIT 1";
        let Some(row) = self.row("plan_value", sql, &cells![account])? else { return Ok(()) };
        let plan: PlanId = row.get(0)?;
        Err(StoreError::State {
            what: "account",
            id: account.to_string(),
            found: format!("an owner's by {plan}"),
            wanted: "a probe account",
        })
    }

    /// What a run has contained and not tried to an end stays as it is.
    fn insist_on_idle(&self, account: &AccountId) -> Result<(), StoreError> {
        let sql = "SELECT r.id FROM account_run a JOIN run r ON r.id = a.run
            WHERE a.account = $1 AND a.probe = 1 AND r.state = 'running' AND EXISTS
              (SELECT 1 FROM probe_trial b WHERE b.run = a.run AND b.account = a.account AND b.side = 'before'
               AND NOT EXISTS (SELECT 1 FROM probe_trial t WHERE t.run = b.run AND t.account = b.account
                 AND t.kind = b.kind AND t.side = 'after' AND t.outcome <> 'cant_tell')) LIMIT 1";
        let Some(row) = self.row("account_run", sql, &cells![account])? else { return Ok(()) };
        let run: RunId = row.get(0)?;
        Err(StoreError::State {
            what: "probe account",
            id: account.to_string(),
            found: format!("in {run}, which has not tried it to an end"),
            wanted: "changed",
        })
    }

    /// Insists that probes are in the register.
    pub(crate) fn insist_on_register(&self, probes: &BTreeSet<&AccountId>) -> Result<(), StoreError> {
        let known: BTreeSet<AccountId> = self.probes()?.into_iter().map(|p| p.account).collect();
        match probes.iter().find(|a| !known.contains(**a)) {
            None => Ok(()),
            Some(account) => {
                Err(StoreError::Missing { what: "probe account in the register", id: account.to_string() })
            }
        }
    }

    /// Keeps what trying credentials came to. What was accepted or refused after a wave stays so, and is spent with it.
    ///
    /// # Errors
    /// The database's.
    pub fn put_trials(&self, run: &RunId, side: Side, trials: &[Trial]) -> Result<(), StoreError> {
        let was: BTreeMap<(AccountId, ProbeKind), Tried> = self.trials(run, side)?;
        let rows: Vec<Vec<Cell>> = trials
            .iter()
            .map(|t| {
                let end = cells![t.outcome, t.saying.as_ref(), self.now()];
                [&cells![run, &t.account, t.kind, side, t.wave][..], &end].concat()
            })
            .collect();
        let columns = ["run", "account", "kind", "side", "wave", "outcome", "saying", "tried_at"];
        let tail = "ON CONFLICT (run, account, kind, side) DO UPDATE SET outcome = excluded.outcome,
            saying = excluded.saying, tried_at = excluded.tried_at
            WHERE probe_trial.side = 'before' OR probe_trial.outcome = 'cant_tell'";
        self.insert("probe_trial", &columns, &rows, tail)?;
        for t in trials {
            if side == Side::After {
                let sql = "UPDATE probe_credential SET spent_at = $3
                    WHERE account = $1 AND kind = $2 AND spent_at IS NULL";
                self.execute(sql, &cells![&t.account, t.kind, self.now()])?;
            }
            // What can't be told is tried again and again: only what is new is an entry of the log.
            if was.get(&(t.account.clone(), t.kind)) != Some(&t.outcome) {
                let detail = json!({
                    "kind": t.kind,
                    "outcome": t.outcome,
                    "run": run,
                    "saying": t.saying,
                    "side": side,
                    "wave": t.wave,
                });
                self.audit("rightful", "probe.try", t.account.as_str(), detail)?;
            }
        }
        Ok(())
    }

    /// Takes up probe accounts again of which an act failed: it is intended anew, while the run is running. Gives them.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn retry_probes(&self, run: &RunId) -> Result<Vec<AccountId>, StoreError> {
        // Another operator may have been sooner to halt it.
        if self.run(run)?.state != RunState::Running {
            return Ok(Vec::new());
        }
        let failed = "SELECT account FROM account_run WHERE run = $1 AND probe = 1 AND state = 'failed' ORDER BY account";
        let rows = self.rows("account_run", failed, &cells![run])?;
        let again = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<AccountId>, _>>()?;
        let steps =
            "UPDATE step SET state = 'intended', outcome_at = NULL WHERE run = $1 AND state = 'failed'
            AND account IN (SELECT a.account FROM account_run a
              WHERE a.run = $1 AND a.probe = 1 AND a.state = 'failed')";
        self.execute(steps, &cells![run])?;
        let accounts = "UPDATE account_run SET state = 'intended', settled_at = NULL
            WHERE run = $1 AND probe = 1 AND state = 'failed'";
        let taken = self.execute(accounts, &cells![run])?;
        if taken > 0 {
            self.audit("rightful", "probe.retry", run.as_str(), json!({ "accounts": taken }))?;
        }
        Ok(again)
    }

    /// Keeps credentials that were sealed anew under a new master key.
    ///
    /// # Errors
    /// Where one of them stays under another key.
    pub fn reseal_probes(&self, key_id: &str, resealed: &[SealedProbe]) -> Result<(), StoreError> {
        for one in resealed {
            let sql = "UPDATE probe_credential SET sealed = $3, key_id = $4 WHERE account = $1 AND kind = $2";
            self.execute(sql, &cells![&one.account, one.kind, one.sealed.as_slice(), key_id])?;
        }
        let left = "SELECT COUNT(*) FROM probe_credential WHERE key_id <> $1";
        if self.count("probe_credential", left, &cells![key_id])? > 0 {
            let why = "a probe's credential is missing among those sealed anew; do it again".to_owned();
            return Err(StoreError::Value { what: "this rotation", why });
        }
        Ok(())
    }
}

impl Read {
    /// The register, in order of account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn probes(&self) -> Result<Vec<Probe>, StoreError> {
        let rows =
            self.rows("probe", "SELECT account, added_at, added_by FROM probe ORDER BY account", &[])?;
        let mut probes = rows
            .iter()
            .map(|row| {
                Ok(Probe {
                    account: row.get(0)?,
                    armed: Vec::new(),
                    spent: Vec::new(),
                    added_at: row.get(1)?,
                    added_by: row.get(2)?,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let sql = "SELECT account, kind, spent_at FROM probe_credential";
        for row in self.rows("probe_credential", sql, &[])? {
            let (account, kind, spent): (AccountId, ProbeKind, Option<Millis>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let probe = probes.iter_mut().find(|p| p.account == account);
            probe.map(|p| if spent.is_some() { &mut p.spent } else { &mut p.armed }).into_iter().for_each(
                |k| {
                    k.push(kind);
                    k.sort_unstable();
                },
            );
        }
        Ok(probes)
    }

    /// Probe accounts that a sealed plan still waits for: they are in no other.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn probes_in_use(&self) -> Result<BTreeSet<AccountId>, StoreError> {
        let sql = "SELECT DISTINCT v.account FROM plan_value v JOIN plan p ON p.id = v.plan
            WHERE v.tier = 'probe' AND p.state IN ('sealed', 'reviewed', 'approved', 'armed', 'running')
              AND NOT EXISTS (SELECT 1 FROM account_run a WHERE a.plan = v.plan AND a.account = v.account
                AND a.settled_at IS NOT NULL)";
        self.rows("plan_value", sql, &[])?.iter().map(|row| row.get(0)).collect()
    }

    /// All that is held of probe accounts, by account, then kind.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn probe_credentials(&self) -> Result<Vec<SealedProbe>, StoreError> {
        let sql =
            "SELECT account, kind, key_id, sealed, armed_at FROM probe_credential ORDER BY account, kind";
        self.rows("probe_credential", sql, &[])?.iter().map(sealed).collect()
    }

    /// How each credential stands that a run has tried, by wave, account and kind.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn probe_rows(&self, run: &RunId) -> Result<Vec<ProbeRow>, StoreError> {
        let sql = "SELECT t.account, t.kind, t.wave, CAST(CASE WHEN w.wave IS NULL THEN 0 ELSE 1 END AS BIGINT), a.state,
              t.outcome, x.outcome, t.saying, x.saying
            FROM probe_trial t
            LEFT JOIN wave w ON w.run = t.run AND w.wave = t.wave
            LEFT JOIN account_run a ON a.run = t.run AND a.account = t.account
            LEFT JOIN probe_trial x ON x.run = t.run AND x.account = t.account AND x.kind = t.kind AND x.side = 'after'
            WHERE t.run = $1 AND t.side = 'before' ORDER BY t.wave, t.account, t.kind";
        self.rows("probe_trial", sql, &cells![run])?.iter().map(standing).collect()
    }

    /// How each credential of a kind stands in the run that tried that kind last, with the run and when, ms; nothing
    /// where none ever did.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn last_tried(&self, kind: ProbeKind) -> Result<Option<(RunId, Millis, Vec<ProbeRow>)>, StoreError> {
        let sql =
            "SELECT run, tried_at FROM probe_trial WHERE kind = $1 ORDER BY tried_at DESC, run DESC LIMIT 1";
        let Some(row) = self.row("probe_trial", sql, &cells![kind])? else { return Ok(None) };
        let (run, at): (RunId, Millis) = (row.get(0)?, row.get(1)?);
        let mut rows = self.probe_rows(&run)?;
        rows.retain(|r| r.kind == kind);
        Ok(Some((run, at, rows)))
    }

    /// What trying came to on one side of the waves of a run.
    pub(crate) fn trials(
        &self,
        run: &RunId,
        side: Side,
    ) -> Result<BTreeMap<(AccountId, ProbeKind), Tried>, StoreError> {
        let sql = "SELECT account, kind, outcome FROM probe_trial WHERE run = $1 AND side = $2";
        let rows = self.rows("probe_trial", sql, &cells![run, side])?;
        rows.iter().map(|row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).collect()
    }
}
