//! `run start --rehearse`: everything on the real service but the writes, and how long the real run takes at least.

use super::letters;
use crate::context::Context;
use crate::error::{Error, Result};
use model::id::{Digest, Millis, PlanId, RunId};
use respond::rehearsal::Rehearsal;

/// What was found, with what the policy's own limits say of the time.
#[derive(serde::Serialize)]
pub(crate) struct Rehearsed {
    pub(crate) plan: PlanId,
    pub(crate) digest: Digest,
    /// Who would have to say yes still; `None` where the plan may be run now.
    pub(crate) not_yet: Option<String>,
    /// Accounts a wave.
    pub(crate) waves: Vec<u64>,
    /// The soaks of all waves, ms: gates may wait longer for owners.
    pub(crate) soaks_ms: Millis,
    /// The time that the limit of accounts an hour takes, ms.
    pub(crate) limit_ms: Millis,
    #[serde(flatten)]
    pub(crate) found: Rehearsal,
}

/// Rehearses a plan, named by itself or by its run.
pub(crate) fn rehearse(ctx: &Context, id: &str, progress: &dyn Fn(u64)) -> Result<Rehearsed> {
    let (named, run) = (PlanId::new(id), RunId::new(id));
    let runs = ctx.store.read(store::Read::runs)?;
    let plan = runs.into_iter().find(|row| row.id == run).map_or(named, |row| row.plan);
    let row = ctx.store.read(|r| r.plan(&plan)).map_err(|e| Error::from(e).hint("rightful plan list"))?;
    let digest = row.digest.ok_or_else(|| {
        Error::failed(format!("{plan} is {}, and only a sealed plan is rehearsed", row.state.as_str()))
            .hint(format!("rightful plan seal {plan}"))
    })?;
    let now = ctx.now();
    let not_yet = ctx.store.read_with(|r| Ok::<_, Error>(respond::consent::check(r, &plan, now).err()))?;
    let letters = letters::writer(ctx);
    let found = respond::rehearsal::rehearse(&ctx.store, &ctx.ports(), &letters, &plan, progress)?;
    let (limits, waves) = (&ctx.policy, row.header.waves);
    let hours = found.would_act.saturating_sub(1) / limits.run.accounts_per_hour_max;
    Ok(Rehearsed {
        plan,
        digest,
        not_yet: not_yet.map(|e| e.to_string()),
        soaks_ms: limits.gate.soak_min_ms.saturating_mul(waves.len().try_into().unwrap_or(Millis::MAX)),
        limit_ms: Millis::try_from(hours).unwrap_or(Millis::MAX).saturating_mul(3_600_000),
        waves,
        found,
    })
}
