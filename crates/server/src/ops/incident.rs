//! What the public is told: statements with figures from the ledger.

use crate::context::Context;
use crate::error::{Error, Result};
use model::id::{IncidentId, Millis, PlanId, RunId};
use model::incident::{Cause, IncidentState, Statement};
use model::operator::Decision;
use std::collections::BTreeSet;
use store::{Read, StoreError};

/// What a new version says.
pub(crate) struct Saying {
    pub(crate) state: IncidentState,
    pub(crate) title: Option<String>,
    pub(crate) cause: Cause,
    pub(crate) body: String,
    pub(crate) correction: bool,
}

/// Opens an incident over some runs.
pub(crate) fn open(
    ctx: &Context,
    title: &str,
    runs: &[RunId],
    aware_at: Option<Millis>,
    by: &str,
) -> Result<IncidentId> {
    let id = IncidentId::new(ctx.new_name("incident"));
    let now = ctx.now();
    ctx.store.write(now, |tx| {
        tx.open_incident(&id, title, aware_at.unwrap_or(now), by)?;
        runs.iter().try_for_each(|run| tx.attach_run(&id, run, by))
    })?;
    Ok(id)
}

/// Adds a run to an incident.
pub(crate) fn attach(ctx: &Context, id: &IncidentId, run: &RunId, by: &str) -> Result<()> {
    Ok(ctx.store.write(ctx.now(), |tx| tx.attach_run(id, run, by))?)
}

/// Publishes a new version, with the figures as they stand.
pub(crate) fn publish(ctx: &Context, id: &IncidentId, saying: Saying, by: &str) -> Result<Statement> {
    let now = ctx.now();
    ctx.store.write_with(now, |tx| {
        let incident = tx.incident(id)?.ok_or_else(|| {
            Error::failed(format!("there is no incident {id}")).hint("rightful incident list")
        })?;
        let runs = tx.runs_of_incident(id)?;
        let figures = decide::disclose::disclose(&tx.figures(&runs)?);
        let mut window: Option<(Millis, Millis)> = None;
        let mut decided_by_one = false;
        for run in &runs {
            let plan = tx.run(run)?.plan;
            decided_by_one |= one_decided(tx, &plan)?;
            for value in tx.values(&plan, None)? {
                let (start, end) = (value.entry.window.start, value.entry.window.end);
                window = Some(window.map_or((start, end), |(s, e)| (s.min(start), e.max(end))));
            }
        }
        let version = tx.statements(id)?.len() as u32 + 1;
        let statement = Statement {
            incident: id.clone(),
            version,
            state: saying.state,
            title: saying.title.unwrap_or(incident.title),
            cause: saying.cause,
            body: saying.body,
            correction: saying.correction,
            first_act_at: window.map(|w| w.0),
            last_act_at: window.map(|w| w.1),
            figures,
            decided_by_one,
            published_at: now,
        };
        tx.publish(&statement, by)?;
        Ok::<_, Error>(statement)
    })
}

/// Whether one person alone let a containment, or what was added to one, happen.
fn one_decided(read: &Read, plan: &PlanId) -> std::result::Result<bool, StoreError> {
    let asks_owners = read.plan(plan)?.header.purpose.asks_owners();
    let people: BTreeSet<_> = read
        .approvals(plan)?
        .into_iter()
        .filter(|a| a.consent.decision == Decision::Approve)
        .map(|a| a.consent.operator)
        .collect();
    Ok(asks_owners && people.len() == 1 && read.batch(plan)?.is_none())
}
