//! Runs read back, and the figures a gate is given.

use crate::cell::{Row, cells};
use crate::db::Read;
use crate::error::StoreError;
use model::gate::{GateCounts, GateRow};
use model::id::{Digest, Millis, PlanId, RunId};
use model::plan::Purpose;
use model::probe::Standing;
use model::run::RunState;

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// The id.
    pub id: RunId,
    /// The plan it executes.
    pub plan: PlanId,
    /// The digest that was approved.
    pub digest: Digest,
    /// Its state.
    pub state: RunState,
    /// Why it was halted.
    pub reason: Option<String>,
    /// When it was armed, ms.
    pub armed_at: Millis,
    /// When it was first started, ms.
    pub started_at: Option<Millis>,
    /// When it was last halted, ms.
    pub halted_at: Option<Millis>,
    /// When it was done, ms.
    pub done_at: Option<Millis>,
}

/// A wave that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaveRow {
    /// Which; 0 is the canary.
    pub wave: u32,
    /// When it began, ms.
    pub started_at: Millis,
    /// When it was through, ms.
    pub ended_at: Option<Millis>,
}

/// A gate's decision with its moment.
#[derive(Clone, Debug, PartialEq)]
pub struct GateAt {
    /// The decision and what it rests on.
    pub row: GateRow,
    /// What was said of each input, in a sentence each; of a gate kept by an older program there is nothing more.
    pub reasons: Vec<String>,
    /// When, ms.
    pub decided_at: Millis,
}

const RUN: &str = "SELECT id, plan, digest, state, reason, armed_at, started_at, halted_at, done_at FROM run";
const GATE: &str = "SELECT run, wave, decision, inputs, findings, reasons, decided_at FROM gate";

/// The steps of a run on owners' accounts.
const OWNERS_STEPS: &str =
    "SELECT COUNT(*) FROM step s JOIN account_run a ON a.run = s.run AND a.account = s.account
    WHERE s.run = $1 AND a.probe = 0";

/// A day, over which support contacts are counted, ms.
const DAY_MS: i64 = 86_400_000;

/// Owners who asked for a code since their account was acted on, have none any more, are not back, and dispute nothing.
const IN_VAIN: &str = "SELECT COUNT(*) FROM account_run a WHERE a.run = $1
    AND EXISTS (SELECT 1 FROM recovery_code c WHERE c.account = a.account AND c.made_at >= a.intended_at)
    AND NOT EXISTS (SELECT 1 FROM recovery_code c WHERE c.account = a.account AND c.expires_at > $2)
    AND NOT EXISTS (SELECT 1 FROM recovery r WHERE r.run = $3 AND r.account = a.account)
    AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.run = $3 AND d.account = a.account)";

/// True of what an owner said (`x`) about the run `$2`, whose account is one of the run `$1`.
const SAID: &str =
    "x.run = $2 AND EXISTS (SELECT 1 FROM account_run a WHERE a.run = $1 AND a.account = x.account)";

fn run_row(row: &Row) -> Result<RunRow, StoreError> {
    Ok(RunRow {
        id: row.get(0)?,
        plan: row.get(1)?,
        digest: row.get(2)?,
        state: row.get(3)?,
        reason: row.get(4)?,
        armed_at: row.get(5)?,
        started_at: row.get(6)?,
        halted_at: row.get(7)?,
        done_at: row.get(8)?,
    })
}

fn gate_at(row: &Row) -> Result<GateAt, StoreError> {
    let gate =
        GateRow { wave: row.get(1)?, decision: row.word(2)?, counts: row.json(3)?, findings: row.json(4)? };
    Ok(GateAt { row: gate, reasons: row.json(5)?, decided_at: row.get(6)? })
}

impl Read {
    /// A run.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or a row that can't be read.
    pub fn run(&self, run: &RunId) -> Result<RunRow, StoreError> {
        match self.row("run", &format!("{RUN} WHERE id = $1"), &cells![run])? {
            Some(row) => run_row(&row),
            None => Err(StoreError::Missing { what: "run", id: run.to_string() }),
        }
    }

    /// The run of a plan, where it was armed.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn run_of(&self, plan: &PlanId) -> Result<Option<RunRow>, StoreError> {
        let row = self.row("run", &format!("{RUN} WHERE plan = $1"), &cells![plan])?;
        row.as_ref().map(run_row).transpose()
    }

    /// All runs, the latest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn runs(&self) -> Result<Vec<RunRow>, StoreError> {
        self.rows("run", &format!("{RUN} ORDER BY armed_at DESC, id"), &[])?.iter().map(run_row).collect()
    }

    /// The waves that a run has begun, in order.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn waves(&self, run: &RunId) -> Result<Vec<WaveRow>, StoreError> {
        let sql = "SELECT wave, started_at, ended_at FROM wave WHERE run = $1 ORDER BY wave";
        let rows = self.rows("wave", sql, &cells![run])?;
        rows.iter()
            .map(|row| Ok(WaveRow { wave: row.get(0)?, started_at: row.get(1)?, ended_at: row.get(2)? }))
            .collect()
    }

    /// What the gates of a run decided, in order.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn gates(&self, run: &RunId) -> Result<Vec<GateAt>, StoreError> {
        let rows = self.rows("gate", &format!("{GATE} WHERE run = $1 ORDER BY place"), &cells![run])?;
        rows.iter().map(gate_at).collect()
    }

    /// What the gate after a wave said last.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn last_gate(&self, run: &RunId, wave: u32) -> Result<Option<GateAt>, StoreError> {
        let sql = format!("{GATE} WHERE run = $1 AND wave = $2 ORDER BY place DESC LIMIT 1");
        self.row("gate", &sql, &cells![run, wave])?.as_ref().map(gate_at).transpose()
    }

    /// What a gate is given, counted over the waves done so far. What owners say, they say of the run that contained them:
    /// for an addendum to it that counts as well, of those accounts that the addendum has begun with. `soaked_ms` is the time from the last settled
    /// account, or the last accepted notice, to `now`. Notices that can't go by mail are not counted. An owner's codes
    /// count as long as the retention keeps them, so that a recovery in vain is forgotten after a time.
    ///
    /// # Errors
    /// The database's.
    pub fn gate_counts(&self, run: &RunId, now: Millis) -> Result<GateCounts, StoreError> {
        let count = |table, sql: &str| self.count(table, sql, &cells![run]);
        // Owners can't answer before they are told: time counts from the last notice that was accepted as well.
        let settled = "SELECT COALESCE(MAX(ends.at), 0) FROM (
               SELECT MAX(settled_at) AS at FROM account_run WHERE run = $1 AND probe = 0
               UNION ALL SELECT MAX(ended_at) FROM notice WHERE run = $1 AND state = 'sent') AS ends";
        let about = match self.plan(&self.run(run)?.plan)?.header.purpose {
            Purpose::Addendum { run: of, .. } => of,
            Purpose::Contain | Purpose::Undo { .. } | Purpose::Brake => run.clone(),
        };
        let said = |table: &'static str, more: &str| {
            let sql = format!("SELECT COUNT(*) FROM {table} x WHERE {SAID} {more}");
            self.count(table, &sql, &cells![run, &about])
        };
        let in_vain = self.count("recovery_code", IN_VAIN, &cells![run, now, &about])?;
        let probes = self.probe_rows(run)?;
        let probes: Vec<Standing> = probes.iter().filter(|p| p.is_begun).map(|p| p.standing).collect();
        let standing = |is: Standing| probes.iter().filter(|p| **p == is).count() as u64;
        let settled_at = i64::try_from(count("account_run", settled)?).unwrap_or(now);
        Ok(GateCounts {
            contained: count(
                "account_run",
                "SELECT COUNT(*) FROM account_run WHERE run = $1 AND state = 'done' AND probe = 0",
            )?,
            acts: count("step", &format!("{OWNERS_STEPS} AND s.state IN ('done', 'failed', 'unknown')"))?,
            acts_failed: count("step", &format!("{OWNERS_STEPS} AND s.state IN ('failed', 'unknown')"))?,
            notices: count(
                "notice",
                "SELECT COUNT(*) FROM notice WHERE run = $1 AND contact IS NOT NULL
                 AND state IN ('due', 'sending', 'sent', 'failed')",
            )?,
            notices_accepted: count(
                "notice",
                "SELECT COUNT(*) FROM notice WHERE run = $1 AND state = 'sent'",
            )?,
            disputes_proved: said("dispute", "AND x.proved_at IS NOT NULL")?,
            disputes_unproved: said("dispute", "AND x.proved_at IS NULL")?,
            recovered: said(
                "recovery",
                "AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.run = x.run AND d.account = x.account)",
            )?,
            bounces: count(
                "notice",
                "SELECT COUNT(*) FROM notice WHERE run = $1 AND contact IS NOT NULL AND state = 'failed'",
            )?,
            recoveries_tried: said("recovery", "")? + in_vain,
            recoveries_failed: in_vain,
            support_contacts: count(
                "support_contact",
                "SELECT COUNT(*) FROM support_contact WHERE run = $1",
            )?,
            support_contacts_today: self.count(
                "support_contact",
                "SELECT COUNT(*) FROM support_contact WHERE run = $1 AND contacted_at > $2",
                &cells![run, now - DAY_MS],
            )?,
            probes: probes.len() as u64,
            probes_refused: standing(Standing::Refused),
            probes_accepted: standing(Standing::Accepted),
            probes_void: standing(Standing::Void),
            soaked_ms: now - settled_at,
        })
    }
}
