//! One run, as operators watch it.

use super::super::App;
use super::super::fault::Fault;
use super::{add, console};
use model::gate::GateCounts;
use model::id::{Millis, PlanId, RunId};
use model::notice::NoticeState;
use model::plan::{ActKind, Header};
use model::run::RunState;
use page::console::{AddendumRow, Gate, Halt, ProbeLine, Resting, RunPage, StepTally, UndoRow, Wave};
use std::collections::BTreeMap;
use store::runs::GateAt;
use store::{Read, StoreError};

/// A run under way is looked at again so often, s.
const REFRESH_S: u32 = 5;

/// The run's page.
pub(in crate::web) fn page(app: &App, id: &RunId) -> Result<RunPage, Fault> {
    let now = app.ctx.now();
    let found = app.ctx.store.read(|r| {
        let run = r.run(id)?;
        let header = r.plan(&run.plan)?.header;
        let waves = waves(r, id, &header, now)?;
        let inputs = r.gate_counts(id, now)?;
        let policy = r.policy_of(&run.plan)?;
        let probes = r.probe_rows(id)?.into_iter().map(probe).collect();
        let resting = crate::ops::run::resting(r, id, now)?;
        let notices = notices(r, id, &inputs)?;
        let stopped = (halts(r, id)?, resting, (addenda(r, id)?, undone(r, id)?));
        Ok((run, header, waves, probes, notices, inputs, policy, stopped))
    });
    let (run, header, waves, probes, notices, inputs, policy, (halts, resting, (addenda, undone))) = found?;
    let is_under_way = run.state == RunState::Running;
    Ok(RunPage {
        console: console(app, is_under_way.then_some(REFRESH_S)),
        run: run.id,
        plan: run.plan,
        digest: run.digest,
        purpose: header.purpose,
        state: run.state,
        armed_at: run.armed_at,
        started_at: run.started_at,
        ended_at: run.done_at,
        halts,
        waves,
        probes,
        resting: resting.map(|r| Resting {
            accounts: r.accounts,
            until_ms: r.until_ms,
            first_at: r.first_at,
        }),
        policy: Some(policy),
        notices,
        recovered: inputs.recovered,
        disputes_proved: inputs.disputes_proved,
        disputes_unproved: inputs.disputes_unproved,
        addenda,
        undone,
    })
}

fn probe(row: store::probes::ProbeRow) -> ProbeLine {
    let store::probes::ProbeRow { account, kind, wave, before, after, standing, saying, .. } = row;
    ProbeLine { account, kind, wave, before, after, standing, saying }
}

fn waves(read: &Read, run: &RunId, header: &Header, now: Millis) -> Result<Vec<Wave>, StoreError> {
    let begun = read.waves(run)?;
    let mut gates: BTreeMap<u32, Vec<Gate>> = BTreeMap::new();
    for gate in read.gates(run)? {
        let GateAt { row, reasons, decided_at } = gate;
        gates.entry(row.wave).or_default().push(Gate { decided_at, row, reasons });
    }
    // A wait is kept once; what it waits for moves on.
    if let Some(row) = crate::ops::run::gate_now(read, run, now)? {
        gates.entry(row.wave).or_default().push(Gate { decided_at: now, row, reasons: Vec::new() });
    }
    let mut tallies: BTreeMap<u32, StepTally> = BTreeMap::new();
    for case in read.cases(run)? {
        add(tallies.entry(case.wave).or_default(), case.state, 1);
    }
    let wave = |(number, &planned): (u32, &u64)| {
        let mut accounts = tallies.get(&number).copied().unwrap_or_default();
        accounts.untouched = planned.saturating_sub(accounts.begun());
        let row = begun.iter().find(|w| w.wave == number);
        Wave {
            number,
            accounts,
            started_at: row.map(|w| w.started_at),
            ended_at: row.and_then(|w| w.ended_at),
            gates: gates.remove(&number).unwrap_or_default(),
        }
    };
    Ok((0..).zip(&header.waves).map(wave).collect())
}

/// Notices by state, from counts alone: their letters are many and long.
fn notices(read: &Read, run: &RunId, inputs: &GateCounts) -> Result<BTreeMap<NoticeState, u64>, StoreError> {
    let failed = read.figures(std::slice::from_ref(run))?.notices_failed;
    let due = inputs.notices.saturating_sub(inputs.notices_accepted + failed);
    let by_state = [
        (NoticeState::Sent, inputs.notices_accepted),
        (NoticeState::Failed, failed),
        (NoticeState::Due, due),
    ];
    Ok(by_state.into_iter().filter(|(_, n)| *n > 0).collect())
}

/// What stopped the run and what set it going again, as the log has it.
fn halts(read: &Read, run: &RunId) -> Result<Vec<Halt>, StoreError> {
    let mut halts: Vec<Halt> = Vec::new();
    for entry in read.audit_records_of(run.as_str())?.into_iter().map(|record| record.entry) {
        match entry.action.as_str() {
            "run.halt" => halts.push(Halt {
                at: entry.at,
                by: entry.actor,
                reason: entry.detail["reason"].as_str().unwrap_or_default().to_owned(),
                lifted_at: None,
            }),
            "run.start" | "run.resume" => lift(&mut halts, entry.at),
            _ => {}
        }
    }
    Ok(halts)
}

fn lift(halts: &mut [Halt], at: Millis) {
    for halt in halts.iter_mut().filter(|h| h.lifted_at.is_none()) {
        halt.lifted_at = Some(at);
    }
}

fn addenda(read: &Read, run: &RunId) -> Result<Vec<AddendumRow>, StoreError> {
    let row = |plan: store::plans::PlanRow| {
        Ok(AddendumRow {
            run: read.run_of(&plan.id)?.map(|run| run.id),
            state: plan.state,
            accounts: plan.header.accounts,
            plan: plan.id,
        })
    };
    read.addenda_of(run)?.into_iter().map(row).collect()
}

fn undone(read: &Read, run: &RunId) -> Result<Vec<UndoRow>, StoreError> {
    let row = |plan: PlanId| {
        let entries = read.draft(&plan)?.entries;
        let is_restored =
            |acts: &[model::plan::Act]| acts.iter().any(|a| a.kind() == ActKind::RestoreCredential);
        let restored = entries.iter().filter(|e| is_restored(&e.acts)).count() as u64;
        Ok(UndoRow {
            run: read.run_of(&plan)?.map(|run| run.id),
            released: entries.len() as u64 - restored,
            restored,
            plan,
        })
    };
    read.undo_plans_of(run)?.into_iter().map(|plan| row(plan.id)).collect()
}
