//! Steps: the intent is kept before the service is called, the outcome after it. An intent can only be made from an
//! entry that was found under the seal of the run's own plan.

mod look;

pub use look::{Case, Step};

use crate::audit::Act as AuditAct;
use crate::cell::{Cell, cells, json, word};
use crate::db::Tx;
use crate::error::StoreError;
use crate::notices::{NewNotice, Words};
use crate::put_back::SealedFactor;
use crate::runs::RunRow;
use model::account::CredentialVersion;
use model::id::{AccountId, ObjectId, RunId};
use model::mutant::{self, Mutant};
use model::plan::Purpose;
use model::run::{StepState, Stuck};
use model::seal::SealedEntry;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How far a run is with one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// The intent is kept; calls may be under way.
    Intended,
    /// All its acts are confirmed: contained, or by an undo plan taken back.
    Done,
    /// Nothing was done, for a reason on record.
    Skipped,
    /// An act was refused for good.
    Failed,
    /// An answer was lost: the service must be asked.
    Unknown,
    /// Its owner said *that was me* before its turn: nothing was done.
    Frozen,
    /// A part of an undo could not be done: a person must look. Never dropped, and tried again by a resume.
    Stuck,
}

impl CaseState {
    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Frozen => "frozen",
            Self::Stuck => "stuck",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Intended, Self::Done, Self::Skipped, Self::Failed, Self::Unknown, Self::Frozen, Self::Stuck]
            .into_iter()
            .find(|s| s.as_str() == name)
    }
}

/// An old credential, sealed under the run's key before anything is written at the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCredential {
    /// The account.
    pub account: AccountId,
    /// The cipher's nonce.
    pub nonce: Vec<u8>,
    /// The sealed bytes.
    pub ciphertext: Vec<u8>,
    /// The old credential's fingerprint.
    pub version_before: CredentialVersion,
    /// The fingerprint of ours, once it is in place.
    pub version_ours: Option<CredentialVersion>,
}

/// What is about to be done to one account.
#[derive(Clone, Debug)]
pub struct Intent<'a> {
    /// The entry, as found under the seal: account, wave and acts are its own.
    pub entry: &'a SealedEntry,
    /// The old credential, where one will be replaced.
    pub credential: Option<SealedCredential>,
    /// What was sealed of factors that will be removed.
    pub factors: Vec<SealedFactor>,
    /// The notice that will be owed.
    pub notice: Option<NewNotice>,
    /// Objects of the account that are hidden already: somebody else's doing.
    pub hidden_before: Vec<ObjectId>,
    /// Whether the account is off already.
    pub is_off_before: bool,
}

/// What one step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The account.
    pub account: AccountId,
    /// The act's place in the entry, from 0.
    pub place: u32,
    /// Done, skipped, failed or unknown.
    pub state: StepState,
    /// How many tries it took since the last outcome kept.
    pub attempts: u32,
    /// In words; never a secret.
    pub result: Option<String>,
    /// How many things it changed, where that is a count and is known.
    pub changed: Option<u64>,
    /// Whether the answer to one of its calls was lost: that call may still take effect.
    pub answer_was_lost: bool,
}

/// What becomes of an account's notice when the account is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeFate {
    /// It stays owed: the outcome is not known yet.
    Wait,
    /// Something was done: it is due, in these words, which say what.
    Due(Words),
    /// Nothing was done: it is void.
    Void,
}

/// What all acts on one account came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The account.
    pub account: AccountId,
    /// Anything but intended.
    pub state: CaseState,
    /// Why, where it is not done.
    pub reason: Option<String>,
    /// Its notice.
    pub notice: NoticeFate,
    /// Why it is stuck, where it is.
    pub stuck: Option<Stuck>,
}

impl Tx {
    /// Keeps intents for accounts of the open wave of a running run: the account's row, its steps, its sealed
    /// credential, its notice as owed. Take the limit in the same transaction; call the service after it.
    ///
    /// # Errors
    /// Where the run is not running, the entry is of another plan or wave, the account has an intent already, or its
    /// owner has said *that was me* since the plan was sealed; of an addendum, where the account it adds to is not
    /// contained any more.
    pub fn intend(&self, run: &RunId, intents: &[Intent<'_>]) -> Result<(), StoreError> {
        let row = self.running(run)?;
        let entries: Vec<&SealedEntry> = intents.iter().map(|i| i.entry).collect();
        self.check_entries(&row, &entries)?;
        let accounts: Vec<AccountId> = entries.iter().map(|e| e.entry().account.clone()).collect();
        if let Some(account) = self.frozen(&row.plan, &accounts)?.into_iter().next() {
            let found = "frozen by its owner's dispute".to_owned();
            return Err(StoreError::State {
                what: "account",
                id: account.to_string(),
                found,
                wanted: "intended",
            });
        }
        if let Some((account, standing)) = self.beyond_addendum(&row.plan, &accounts)?.into_iter().next() {
            return Err(StoreError::State {
                what: "account",
                id: account.to_string(),
                found: format!("beyond this addendum: {}", standing.in_words()),
                wanted: "intended",
            });
        }
        self.put_cases(&row, &entries, CaseState::Intended, None)?;
        self.put_steps(run, &entries)?;
        let credentials = intents.iter().filter_map(|i| i.credential.as_ref()).map(|c| {
            let bytes = [Cell::from(c.nonce.as_slice()), c.ciphertext.as_slice().into()];
            [&cells![run, &c.account, c.version_before, c.version_ours][..], &bytes].concat()
        });
        let columns = ["run", "account", "version_before", "version_ours", "nonce", "ciphertext"];
        self.insert("sealed_credential", &columns, &credentials.collect::<Vec<_>>(), "")?;
        self.intend_hiding(run, intents)?;
        self.intend_holds(run, intents)?;
        self.intend_factors(run, intents)?;
        let notices: Vec<&NewNotice> = intents.iter().filter_map(|i| i.notice.as_ref()).collect();
        self.owe_notices(run, &notices)?;
        let acts = intents.iter().map(|i| {
            let entry = i.entry.entry();
            let kinds: Vec<_> = entry.acts.iter().map(model::plan::Act::kind).collect();
            let notice = i.notice.as_ref().map(|n| n.code.as_str());
            let detail = json!({ "acts": kinds, "notice": notice, "run": run, "wave": entry.wave });
            AuditAct {
                actor: ACTOR.to_owned(),
                action: "step.intend",
                subject: entry.account.to_string(),
                detail,
            }
        });
        self.audit_all(acts.collect()).map(|_| ())
    }

    /// Settles accounts of the open wave of which nothing is to be done (skipped or frozen), without an intent.
    ///
    /// # Errors
    /// As [`Tx::intend`].
    pub fn pass_over(
        &self,
        run: &RunId,
        state: CaseState,
        entries: &[(&SealedEntry, String)],
    ) -> Result<(), StoreError> {
        if !matches!(state, CaseState::Skipped | CaseState::Frozen) {
            let found = "not intended yet".to_owned();
            return Err(StoreError::State {
                what: "account",
                id: run.to_string(),
                found,
                wanted: state.as_str(),
            });
        }
        let row = self.running(run)?;
        let sealed: Vec<&SealedEntry> = entries.iter().map(|(e, _)| *e).collect();
        self.check_entries(&row, &sealed)?;
        let reasons: Vec<&str> = entries.iter().map(|(_, reason)| reason.as_str()).collect();
        self.put_cases(&row, &sealed, state, Some(&reasons))?;
        let acts = entries.iter().map(|(entry, reason)| {
            let detail = json!({ "reason": reason, "run": run, "state": state });
            let subject = entry.entry().account.to_string();
            AuditAct { actor: ACTOR.to_owned(), action: "account.settle", subject, detail }
        });
        self.audit_all(acts.collect()).map(|_| ())
    }

    /// Keeps what steps came to: they were intended, or unknown until now.
    ///
    /// # Errors
    /// Where one of them has an outcome already, or the outcome is *intended*.
    pub fn record(&self, run: &RunId, outcomes: &[Outcome]) -> Result<(), StoreError> {
        let wrong = |wanted| StoreError::State {
            what: "a step of run",
            id: run.to_string(),
            found: "not there, or has its outcome".to_owned(),
            wanted,
        };
        if outcomes.iter().any(|o| o.state == StepState::Intended) {
            return Err(wrong(StepState::Intended.as_str()));
        }
        let rows: Vec<Vec<Cell>> = outcomes
            .iter()
            .map(|o| {
                let lost = u64::from(o.answer_was_lost);
                cells![&o.account, o.place, o.state, o.attempts, o.result.as_ref(), o.changed, lost].to_vec()
            })
            .collect();
        let sql = "UPDATE step SET state = v.column3, attempts = step.attempts + v.column4,
              result = v.column5, changed = v.column6, outcome_at = CAST($2 AS BIGINT),
              lost_at = CASE WHEN v.column7 = 1 THEN CAST($2 AS BIGINT) ELSE step.lost_at END
            FROM {} WHERE step.run = $1 AND step.account = v.column1 AND step.place = v.column2
              AND step.state IN ('intended', 'unknown')";
        let types = ["TEXT", "BIGINT", "TEXT", "BIGINT", "TEXT", "BIGINT", "BIGINT"];
        if self.over(sql, &cells![run, self.now()], &types, &rows)? != rows.len() as u64 {
            return Err(wrong("given another"));
        }
        let acts = outcomes.iter().map(|o| {
            let detail = json!({ "place": o.place, "result": o.result, "run": run, "state": o.state });
            AuditAct {
                actor: ACTOR.to_owned(),
                action: "step.outcome",
                subject: o.account.to_string(),
                detail,
            }
        });
        self.audit_all(acts.collect()).map(|_| ())
    }

    /// Keeps the fingerprints of the credentials that are ours now.
    ///
    /// # Errors
    /// Where an account has no sealed credential in this run.
    pub fn put_ours(&self, run: &RunId, ours: &[(AccountId, CredentialVersion)]) -> Result<(), StoreError> {
        let rows: Vec<Vec<Cell>> = ours.iter().map(|(account, v)| cells![account, *v].to_vec()).collect();
        let sql = "UPDATE sealed_credential SET version_ours = v.column2
            FROM {} WHERE sealed_credential.run = $1 AND sealed_credential.account = v.column1";
        if self.over(sql, &cells![run], &["TEXT", "TEXT"], &rows)? != rows.len() as u64 {
            return Err(StoreError::Missing { what: "sealed credential in run", id: run.to_string() });
        }
        Ok(())
    }

    /// Settles accounts that were intended, or unknown until now; their notices become due or void with it.
    ///
    /// # Errors
    /// Where one of them is settled already.
    pub fn settle(&self, run: &RunId, settled: &[Settled]) -> Result<(), StoreError> {
        let rows: Vec<Vec<Cell>> = settled
            .iter()
            .map(|s| cells![&s.account, s.state, s.reason.as_ref(), s.stuck].to_vec())
            .collect();
        let sql = "UPDATE account_run SET state = v.column2, reason = v.column3, stuck = v.column4,
              settled_at = CAST($2 AS BIGINT)
            FROM {} WHERE account_run.run = $1 AND account_run.account = v.column1
              AND account_run.state IN ('intended', 'unknown')";
        let types = ["TEXT", "TEXT", "TEXT", "TEXT"];
        let changed = self.over(sql, &cells![run, self.now()], &types, &rows)?;
        if changed != rows.len() as u64 || settled.iter().any(|s| s.state == CaseState::Intended) {
            let found = "not intended, or settled".to_owned();
            return Err(StoreError::State {
                what: "an account of run",
                id: run.to_string(),
                found,
                wanted: "settled",
            });
        }
        let (mut due, mut void) = (Vec::new(), Vec::new());
        for one in settled {
            match &one.notice {
                NoticeFate::Wait => {}
                NoticeFate::Due(words) => due.push((&one.account, words)),
                NoticeFate::Void => void.push(&one.account),
            }
        }
        self.notices_due(run, &due)?;
        self.notices_void(run, &void)?;
        let acts = settled.iter().map(|s| {
            let detail = json!({ "reason": s.reason, "run": run, "state": s.state, "stuck": s.stuck });
            AuditAct {
                actor: ACTOR.to_owned(),
                action: "account.settle",
                subject: s.account.to_string(),
                detail,
            }
        });
        self.audit_all(acts.collect()).map(|_| ())
    }

    /// Takes stuck accounts up again whose trying again may help: what was not done is intended anew, and with a
    /// restore also the ending of sessions before it. Gives whom.
    ///
    /// # Errors
    /// The database's.
    pub fn retry_stuck(&self, run: &RunId, by: &str) -> Result<Vec<AccountId>, StoreError> {
        let cases = self.stuck_cases(run)?;
        let again = cases.into_iter().filter(|c| c.stuck.is_some_and(Stuck::may_be_tried_again));
        let again: Vec<AccountId> = again.map(|c| c.account).collect();
        let rows: Vec<Vec<Cell>> = again.iter().map(|a| cells![a].to_vec()).collect();
        let steps = "UPDATE step SET state = 'intended', outcome_at = NULL FROM {} WHERE step.run = $1
            AND step.account = v.column1 AND (step.state IN ('failed', 'skipped')
              OR (step.kind = 'end_sessions' AND EXISTS (SELECT 1 FROM step s WHERE s.run = step.run
                AND s.account = step.account AND s.kind = 'restore_credential' AND s.state <> 'done')))";
        self.over(steps, &cells![run], &["TEXT"], &rows)?;
        let accounts = "UPDATE account_run SET state = 'intended', stuck = NULL, settled_at = NULL FROM {}
            WHERE account_run.run = $1 AND account_run.account = v.column1 AND account_run.state = 'stuck'";
        let taken = self.over(accounts, &cells![run], &["TEXT"], &rows)?;
        if taken > 0 {
            self.audit(by, "run.retry_stuck", run.as_str(), json!({ "accounts": taken }))?;
        }
        Ok(again)
    }

    /// Keeps a run's key, wrapped by one that lies outside the database.
    ///
    /// # Errors
    /// Where the run has one.
    pub fn put_run_key(&self, run: &RunId, key_id: &str, wrapped: &[u8]) -> Result<(), StoreError> {
        let row = cells![run, key_id, wrapped, self.now()].to_vec();
        self.insert("run_key", &["run", "key_id", "wrapped", "made_at"], &[row], "")?;
        self.audit(ACTOR, "run.make_key", run.as_str(), json!({ "key": key_id })).map(|_| ())
    }

    /// Destroys a run's key and what was sealed under it: from now on nothing of it can be restored.
    ///
    /// # Errors
    /// The database's.
    pub fn destroy_run_key(&self, run: &RunId, by: &str) -> Result<(), StoreError> {
        let sql =
            "UPDATE run_key SET wrapped = NULL, destroyed_at = $2 WHERE run = $1 AND wrapped IS NOT NULL";
        if mutant::is_on(Mutant::KeepsDestroyedKeys) || self.execute(sql, &cells![run, self.now()])? == 0 {
            return Ok(());
        }
        self.execute("DELETE FROM sealed_credential WHERE run = $1", &cells![run])?;
        self.execute("DELETE FROM sealed_factor WHERE run = $1", &cells![run])?;
        self.audit(by, "run.destroy_key", run.as_str(), json!({})).map(|_| ())
    }

    fn check_entries(&self, run: &RunRow, entries: &[&SealedEntry]) -> Result<(), StoreError> {
        let open = self.waves(&run.id)?.last().filter(|w| w.ended_at.is_none()).map(|w| w.wave);
        match entries.iter().find(|e| e.digest() != run.digest || Some(e.entry().wave) != open) {
            None => Ok(()),
            Some(entry) => Err(StoreError::State {
                what: "account",
                id: entry.entry().account.to_string(),
                found: "of another plan, or not of the run's open wave".to_owned(),
                wanted: "intended",
            }),
        }
    }

    fn put_cases(
        &self,
        run: &RunRow,
        entries: &[&SealedEntry],
        state: CaseState,
        reasons: Option<&[&str]>,
    ) -> Result<(), StoreError> {
        let settled_at = (state != CaseState::Intended).then(|| self.now());
        let rows = entries.iter().enumerate().map(|(i, e)| {
            let reason = reasons.and_then(|r| r.get(i).copied());
            let entry = e.entry();
            let end = cells![self.now(), settled_at, u64::from(entry.is_probe())];
            [&cells![&run.id, &run.plan, &entry.account, entry.wave, state, reason][..], &end].concat()
        });
        let columns =
            ["run", "plan", "account", "wave", "state", "reason", "intended_at", "settled_at", "probe"];
        self.insert("account_run", &columns, &rows.collect::<Vec<_>>(), "")?;
        Ok(())
    }

    fn put_steps(&self, run: &RunId, entries: &[&SealedEntry]) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        for entry in entries.iter().map(|e| e.entry()) {
            for (place, act) in (0_u64..).zip(&entry.acts) {
                let mut row =
                    cells![run, &entry.account, place, StepState::Intended, 0_u64, self.now()].to_vec();
                row.push(word("an act's kind", &act.kind())?);
                row.push(json("an act", act)?);
                rows.push(row);
            }
        }
        let columns = ["run", "account", "place", "state", "attempts", "intended_at", "kind", "act"];
        self.insert("step", &columns, &rows, "")?;
        Ok(())
    }
}

/// Who acts when no person does.
const ACTOR: &str = "rightful";

/// Whether a dispute freezes a plan of this purpose: taking back is what a dispute asks for.
pub(crate) fn freezes(purpose: &Purpose) -> bool {
    match purpose {
        Purpose::Contain | Purpose::Brake | Purpose::Addendum { .. } => true,
        Purpose::Undo { .. } => false,
    }
}
