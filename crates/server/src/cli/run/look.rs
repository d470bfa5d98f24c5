//! `rightful run show` and `run list`: what runs are at, in figures and in sentences. It writes nothing.

use crate::cli::Call;
use crate::cli::show::{self, row};
use crate::context::Context;
use crate::error::Result;
use crate::ops;
use model::id::{PlanId, RunId};
use model::plan::Purpose;
use std::collections::BTreeMap;

/// A run in figures.
pub(super) fn status(ctx: &Context, run: &RunId) -> Result<serde_json::Value> {
    Ok(ctx.store.read_with(|r| {
        let row = r.run(run)?;
        let mut accounts: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut moved: BTreeMap<&'static str, u64> = BTreeMap::new();
        for case in r.cases(run)? {
            if let Some(mover) = case.moved {
                *moved.entry(mover.as_str()).or_default() += 1;
            }
            *accounts.entry(case.state.as_str()).or_default() += 1;
        }
        let mut notices: BTreeMap<&'static str, u64> = BTreeMap::new();
        for notice in r.notices(run)? {
            *notices.entry(notice.state.as_str()).or_default() += 1;
        }
        let next_gate = ops::run::gate_now(r, run, ctx.now())?;
        let gates: Vec<_> = r.gates(run)?.into_iter().map(|g| serde_json::json!({ "at": g.decided_at, "gate": g.row })).collect();
        let waves: Vec<_> = r
            .waves(run)?
            .into_iter()
            .map(|w| serde_json::json!({ "wave": w.wave, "started_at": w.started_at, "ended_at": w.ended_at }))
            .collect();
        let mut holds: BTreeMap<&'static str, u64> = BTreeMap::new();
        for hold in r.holds_of_run(run)? {
            *holds.entry(hold.state.as_str()).or_default() += 1;
        }
        Ok::<_, respond::RespondError>(serde_json::json!({
            "run": run, "plan": row.plan, "digest": row.digest, "state": row.state, "reason": row.reason,
            "planned_waves": r.plan(&row.plan)?.header.waves, "waves": waves, "accounts": accounts, "notices": notices, "holds": holds, "moved": moved,
            "probes": probe_rows(r, run)?, "quiet": ops::run::resting(r, run, ctx.now())?, "gates": gates, "next_gate": next_gate,
            "adds_to": adds_to(r, &row.plan)?, "addenda": addenda(r, run)?, "brake": brake(r, &row.plan)?, "stuck": stuck_rows(r, run)?, "disputes": r.disputes(run)?.len(), "recovered": r.recoveries(run)?.len(),
        }))
    })?)
}

/// What trying the probe accounts came to.
fn probe_rows(
    read: &store::Read,
    run: &RunId,
) -> std::result::Result<Vec<serde_json::Value>, store::StoreError> {
    let row = |p: store::probes::ProbeRow| {
        serde_json::json!({
            "account": p.account, "kind": p.kind, "wave": p.wave, "before": p.before, "after": p.after,
            "shows": p.standing, "why": p.saying,
        })
    };
    Ok(read.probe_rows(run)?.into_iter().map(row).collect())
}

/// What a plan adds to; nothing for a plan that is no addendum.
pub(in crate::cli) fn adds_to(
    read: &store::Read,
    plan: &PlanId,
) -> std::result::Result<Option<serde_json::Value>, store::StoreError> {
    let Purpose::Addendum { run, to } = read.plan(plan)?.header.purpose else { return Ok(None) };
    let parent = read.run(&run)?.plan;
    Ok(Some(serde_json::json!({ "run": run, "plan": parent, "digest": to })))
}

/// The same in words.
pub(in crate::cli) fn adds_to_line(adds_to: &serde_json::Value) -> Option<String> {
    let of = |field: &str| adds_to[field].as_str();
    Some(format!("an addendum to {}, which {} carried out", of("plan")?, of("run")?))
}

/// The addenda to a run's plan, each with its state.
fn addenda(
    read: &store::Read,
    run: &RunId,
) -> std::result::Result<Vec<serde_json::Value>, store::StoreError> {
    let row = |p: store::plans::PlanRow| serde_json::json!({ "plan": p.id, "state": p.state.as_str(), "accounts": p.header.accounts });
    Ok(read.addenda_of(run)?.into_iter().map(row).collect())
}

/// When a brake ends, and who signed for longer; nothing for a run that is none.
fn brake(
    read: &store::Read,
    plan: &PlanId,
) -> std::result::Result<Option<serde_json::Value>, respond::RespondError> {
    let end = respond::consent::brake_end(read, plan)?;
    Ok(end.map(|end| {
        serde_json::json!({
            "ends_at": end.at, "by_itself_at": end.by_itself_at, "longer_by": end.people,
            "longer_needs": respond::consent::LONGER_PEOPLE,
        })
    }))
}

/// What is stuck, and what a person can do.
fn stuck_rows(
    read: &store::Read,
    run: &RunId,
) -> std::result::Result<Vec<serde_json::Value>, store::StoreError> {
    let row = |case: store::steps::Case| {
        serde_json::json!({
            "account": case.account, "why": case.stuck, "reason": case.reason,
            "todo": case.stuck.map(model::run::Stuck::todo),
        })
    };
    Ok(read.stuck_cases(run)?.into_iter().map(row).collect())
}

/// Shows a run: its figures, what waits, what is stuck, its probes, its waves and their gates.
pub(super) fn show_run(call: &Call, ctx: &Context, run: &RunId) -> Result<()> {
    let status = status(ctx, run)?;
    if call.json {
        show::json(&status);
        return Ok(());
    }
    let (row, planned, waves, gates, now) = ctx.store.read(|r| {
        let row = r.run(run)?;
        let now = ops::run::gate_now(r, run, ctx.now())?;
        Ok((row.clone(), r.plan(&row.plan)?.header.waves, r.waves(run)?, r.gates(run)?, now))
    })?;
    show::table(&[
        row!["run", run],
        row!["plan", row.plan],
        row!["digest", row.digest.short()],
        row!["state", row.state.as_str()],
        row!["accounts", status["accounts"]],
        row!["notices", status["notices"]],
        row!["holds", status["holds"]],
        row!["credential changed since sealing, by", status["moved"]],
        row!["disputes", status["disputes"]],
        row!["recovered", status["recovered"]],
    ]);
    if let Some(reason) = &row.reason {
        show::line(format!("because: {reason}"));
    }
    if let Some(ends_at) = status["brake"]["ends_at"].as_i64() {
        let people = status["brake"]["longer_by"].as_array().map_or(0, Vec::len);
        let needed = respond::consent::LONGER_PEOPLE;
        show::line(format!(
            "the brake ends at {}; {people} of the {needed} people it takes have signed that it should last longer",
            show::moment(ends_at)
        ));
    }
    if let Some(line) = adds_to_line(&status["adds_to"]) {
        show::line(line);
    }
    for plan in ctx.store.read(|r| r.addenda_of(run))? {
        show::line(format!(
            "addendum  {}  {}  {} accounts",
            plan.id,
            plan.state.as_str(),
            plan.header.accounts
        ));
    }
    if let Some(resting) = ctx.store.read(|r| ops::run::resting(r, run, ctx.now()))? {
        show::line(format!(
            "{} wait until {} local, the first until {}",
            resting.accounts,
            show::time_of_day(resting.until_ms),
            show::moment(resting.first_at)
        ));
    }
    for case in ctx.store.read(|r| r.stuck_cases(run))? {
        let (why, todo) = case.stuck.map_or(("", ""), |s| (s.as_str(), s.todo()));
        let reason = case.reason.unwrap_or_default();
        show::line(format!("stuck  {}  {why}: {reason}\n  {todo}", case.account));
    }
    for p in ctx.store.read(|r| r.probe_rows(run))? {
        let after = p.after.map_or("not yet", model::probe::Tried::as_str);
        let why = p.saying.map_or_else(String::new, |why| format!(": {why}"));
        show::line(format!(
            "probe  {}  wave {}  {}: {} before, {after} after{why}",
            p.account,
            p.wave,
            p.kind.as_str(),
            p.before.as_str()
        ));
    }
    for (wave, size) in (0_u32..).zip(&planned) {
        let state = waves.iter().find(|w| w.wave == wave);
        let bar = match state.map(|w| w.ended_at) {
            Some(Some(at)) => format!("[##########] through at {}", show::moment(at)),
            Some(None) => "[#####-----] under way".to_owned(),
            None => "[----------] not begun".to_owned(),
        };
        show::line(format!("wave {wave}  {size:>7} accounts  {bar}"));
        let kept = gates.iter().rfind(|g| g.row.wave == wave);
        // A wait is kept once; what it waits for moves on.
        if let Some(gate) = now.as_ref().filter(|g| g.wave == wave).or(kept.map(|g| &g.row)) {
            show::line(format!("  gate: {}", gate.decision.as_str()));
            for finding in &gate.findings {
                show::line(format!("    {:<4}  {}", finding.state.as_str(), finding.reason));
            }
            if let Some(old) = kept.filter(|_| gate.findings.is_empty()) {
                old.reasons.iter().for_each(|reason| show::line(format!("    {reason}")));
            }
        }
    }
    Ok(())
}

/// Lists the runs.
pub(super) fn list(call: &Call, ctx: &Context) -> Result<()> {
    let runs = ctx.store.read(store::Read::runs)?;
    if call.json {
        let runs: Vec<_> = runs
            .iter()
            .map(|r| serde_json::json!({ "run": r.id, "plan": r.plan, "state": r.state, "digest": r.digest, "reason": r.reason }))
            .collect();
        show::json(&runs);
        return Ok(());
    }
    let mut rows = vec![row!["run", "plan", "state", "armed"]];
    rows.extend(runs.iter().map(|r| row![r.id, r.plan, r.state.as_str(), show::moment(r.armed_at)]));
    show::table(&rows);
    Ok(())
}
