//! Runs, their waves, and the gates between two. A run's plan moves with it, in the same transaction.

mod look;

pub use look::{GateAt, RunRow, WaveRow};

use crate::cell::{Cell, cells, json};
use crate::db::Tx;
use crate::error::StoreError;
use model::gate::{GateDecision, GateRow};
use model::id::{AccountId, PlanId, RunId};
use model::mutant::{self, Mutant};
use model::plan::{Entry, PlanState};
use model::probe::{Side, Tried};
use model::run::RunState;
use serde_json::json;

/// The states a run may be in before it becomes `next`.
fn before(next: RunState) -> &'static [RunState] {
    match next {
        RunState::Armed => &[],
        RunState::Running => &[RunState::Armed, RunState::Halted],
        RunState::Halted => &[RunState::Armed, RunState::Running],
        RunState::Done => &[RunState::Running],
    }
}

impl Tx {
    /// Arms an approved plan: its one run is permitted, nothing is done yet.
    ///
    /// # Errors
    /// Where the plan is not approved, or has a run.
    pub fn arm_run(&self, run: &RunId, plan: &PlanId, by: &str) -> Result<(), StoreError> {
        self.move_plan(plan, PlanState::Armed, None)?;
        let digest = self.sealed(plan)?.digest();
        let row = cells![run, plan, digest, RunState::Armed, self.now()].to_vec();
        self.insert("run", &["id", "plan", "digest", "state", "armed_at"], &[row], "")?;
        self.audit(by, "run.arm", run.as_str(), json!({ "digest": digest, "plan": plan })).map(|_| ())
    }

    /// Starts an armed run, or a halted one again.
    ///
    /// # Errors
    /// Where it is neither armed nor halted.
    pub fn start_run(&self, run: &RunId, by: &str) -> Result<(), StoreError> {
        let was = self.move_run(run, RunState::Running, None)?;
        self.move_plan(&was.plan, PlanState::Running, None)?;
        self.execute(
            "UPDATE run SET started_at = $2 WHERE id = $1 AND started_at IS NULL",
            &cells![run, self.now()],
        )?;
        let action = if was.state == RunState::Halted { "run.resume" } else { "run.start" };
        self.audit(by, action, run.as_str(), json!({})).map(|_| ())
    }

    /// Halts a run: nothing new is started. One that is halted already stays so; says whether it was halted now.
    ///
    /// # Errors
    /// Where it is done.
    pub fn halt_run(&self, run: &RunId, by: &str, reason: &str) -> Result<bool, StoreError> {
        if self.run(run)?.state == RunState::Halted {
            return Ok(false);
        }
        let was = self.move_run(run, RunState::Halted, Some(reason))?;
        self.move_plan(&was.plan, PlanState::Halted, Some(reason))?;
        self.execute("UPDATE run SET halted_at = $2 WHERE id = $1", &cells![run, self.now()])?;
        self.audit(by, "run.halt", run.as_str(), json!({ "reason": reason })).map(|_| ())?;
        Ok(true)
    }

    /// Halts every run that is armed or running; gives which.
    ///
    /// # Errors
    /// The database's.
    pub fn halt_all(&self, by: &str, reason: &str) -> Result<Vec<RunId>, StoreError> {
        let alive =
            self.runs()?.into_iter().filter(|r| matches!(r.state, RunState::Armed | RunState::Running));
        let alive: Vec<RunId> = alive.map(|r| r.id).collect();
        for run in &alive {
            self.halt_run(run, by, reason)?;
        }
        Ok(alive)
    }

    /// Ends a run whose waves are all through.
    ///
    /// # Errors
    /// Where it is not running, or a wave has not ended.
    pub fn finish_run(&self, run: &RunId, by: &str) -> Result<(), StoreError> {
        let waves = self.plan(&self.run(run)?.plan)?.header.waves.len();
        let ended = self.waves(run)?.iter().filter(|w| w.ended_at.is_some()).count();
        if ended < waves {
            let found = format!("at {ended} of {waves} waves");
            return Err(StoreError::State { what: "run", id: run.to_string(), found, wanted: "done" });
        }
        let was = self.move_run(run, RunState::Done, None)?;
        self.move_plan(&was.plan, PlanState::Done, None)?;
        self.execute("UPDATE run SET done_at = $2 WHERE id = $1", &cells![run, self.now()])?;
        self.audit(by, "run.finish", run.as_str(), json!({})).map(|_| ())
    }

    /// Begins a wave. The first needs a running run; any other also that the one before it ended and that the last
    /// gate after it says go. Every credential of its probe accounts was accepted before.
    ///
    /// # Errors
    /// Where that is not so, or the plan has no such wave.
    pub fn begin_wave(&self, run: &RunId, wave: u32) -> Result<(), StoreError> {
        let refuse = |found: String| StoreError::State {
            what: "run",
            id: run.to_string(),
            found,
            wanted: "begun with this wave",
        };
        let row = self.running(run)?;
        let waves = self.waves(run)?;
        let planned = self.plan(&row.plan)?.header.waves.len();
        if waves.len() != wave as usize || waves.len() >= planned {
            return Err(refuse(format!("at wave {} of {planned}, and asked for {wave}", waves.len())));
        }
        if let Some(last) = waves.last() {
            if last.ended_at.is_none() {
                return Err(refuse(format!("still in wave {}", last.wave)));
            }
            let gate = self.last_gate(run, last.wave)?;
            let says_go = gate.map(|g| g.row.decision) == Some(GateDecision::Go);
            if !says_go && !mutant::is_on(Mutant::StartsWithoutGo) {
                return Err(refuse(format!("without a gate that says go after wave {}", last.wave)));
            }
        }
        if let Some(account) = self.unproved(run, &row.plan, wave)? {
            return Err(refuse(format!(
                "without a trial in which all that is held of probe {account} was accepted"
            )));
        }
        let begun = cells![run, wave, self.now()].to_vec();
        self.insert("wave", &["run", "wave", "started_at"], &[begun], "")?;
        self.audit("rightful", "wave.begin", run.as_str(), json!({ "wave": wave })).map(|_| ())
    }

    /// A probe account of a wave of which a credential was not accepted before.
    fn unproved(&self, run: &RunId, plan: &PlanId, wave: u32) -> Result<Option<AccountId>, StoreError> {
        let before = self.trials(run, Side::Before)?;
        let is_proved = |entry: &Entry| {
            entry.tries.iter().all(|k| before.get(&(entry.account.clone(), *k)) == Some(&Tried::Accepted))
        };
        let mut probes = self.probe_values(plan)?.into_iter().map(|v| v.entry);
        Ok(probes.find(|e| e.wave == wave && !is_proved(e)).map(|e| e.account))
    }

    /// Ends a wave: each of its accounts has been intended, and none is left as merely intended.
    ///
    /// # Errors
    /// Where an account is still to be done, or the wave is not open.
    pub fn end_wave(&self, run: &RunId, wave: u32) -> Result<(), StoreError> {
        let sql = "SELECT COUNT(*) FROM run r JOIN plan_value v ON v.plan = r.plan
            LEFT JOIN account_run a ON a.run = r.id AND a.account = v.account
            WHERE r.id = $1 AND v.wave = $2 AND (a.state IS NULL OR a.state = 'intended')";
        let open = self.count("account_run", sql, &cells![run, wave])?;
        let ended = match open {
            0 => self.execute(
                "UPDATE wave SET ended_at = $3 WHERE run = $1 AND wave = $2 AND ended_at IS NULL",
                &cells![run, wave, self.now()],
            )?,
            _ => 0,
        };
        if ended != 1 {
            let found = format!("not in wave {wave}, or has {open} accounts of it to do");
            return Err(StoreError::State {
                what: "run",
                id: run.to_string(),
                found,
                wanted: "through with it",
            });
        }
        self.audit("rightful", "wave.end", run.as_str(), json!({ "wave": wave })).map(|_| ())
    }

    /// Keeps what a gate decided of a wave.
    ///
    /// # Errors
    /// Where the run has not begun that wave.
    pub fn put_gate(&self, run: &RunId, gate: &GateRow) -> Result<(), StoreError> {
        let place = self.count("gate", "SELECT COUNT(*) FROM gate WHERE run = $1", &cells![run])?;
        let reasons: Vec<&str> = gate.findings.iter().map(|f| f.reason.as_str()).collect();
        let mut row = cells![run, place, gate.wave, gate.decision.as_str(), self.now()].to_vec();
        row.push(json("a gate's counts", &gate.counts)?);
        row.push(json("a gate's reasons", &reasons)?);
        row.push(json("a gate's findings", &gate.findings)?);
        let columns = ["run", "place", "wave", "decision", "decided_at", "inputs", "reasons", "findings"];
        self.insert("gate", &columns, &[row], "")?;
        let detail = json!({
            "decision": gate.decision,
            "counts": gate.counts,
            "findings": gate.findings,
            "wave": gate.wave,
        });
        self.audit("rightful", "gate.decide", run.as_str(), detail).map(|_| ())
    }

    /// The run, if it is running.
    pub(crate) fn running(&self, run: &RunId) -> Result<RunRow, StoreError> {
        let row = self.run(run)?;
        if row.state == RunState::Running {
            return Ok(row);
        }
        let found = row.state.as_str().to_owned();
        Err(StoreError::State { what: "run", id: run.to_string(), found, wanted: "acted on" })
    }

    /// The one way a run's state changes: compared and set in one statement. Gives the run as it was.
    fn move_run(&self, run: &RunId, next: RunState, reason: Option<&str>) -> Result<RunRow, StoreError> {
        let was = self.run(run)?;
        let before = before(next);
        let params: Vec<Cell> =
            cells![run, next, reason].into_iter().chain(before.iter().map(|s| Cell::from(*s))).collect();
        let states = (4..=params.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        let sql = format!("UPDATE run SET state = $2, reason = $3 WHERE id = $1 AND state IN ({states})");
        if self.execute(&sql, &params)? == 1 {
            return Ok(was);
        }
        let found = was.state.as_str().to_owned();
        Err(StoreError::State { what: "run", id: run.to_string(), found, wanted: next.as_str() })
    }
}
