//! Probe accounts: their register, those that a draft may take, and what of a plan they try.

#[cfg(test)]
mod tests;

use super::review::known;
use crate::context::Context;
use crate::error::{Error, Result};
use hunt::Answer;
use model::id::{AccountId, Millis, OperatorName, RunId};
use model::plan::{Draft, Purpose};
use model::probe::{Probe, ProbeKind, Standing, Tried, named, untried};
use model::secret::Secret;
use serde::Serialize;
use std::collections::BTreeSet;

/// Puts a probe account into the register, or gives it new credentials: it is armed with them from now on.
pub(crate) fn add(
    ctx: &Context,
    account: &AccountId,
    held: &[(ProbeKind, Secret)],
    by: &OperatorName,
) -> Result<()> {
    known(ctx, by)?;
    let capabilities = ctx.service.directory.capabilities();
    let futile: Vec<ProbeKind> =
        held.iter().map(|(kind, _)| *kind).filter(|k| !capabilities.probes.contains(k)).collect();
    if !futile.is_empty() || held.is_empty() {
        return Err(Error::failed(format!(
            "{} can try {}, and was given {}: what can't be tried is not kept",
            capabilities.name,
            named(&capabilities.probes),
            named(&held.iter().map(|(kind, _)| *kind).collect::<Vec<_>>())
        )));
    }
    let states = ctx.accounts(Some(std::slice::from_ref(account)))?;
    let state =
        states.get(account).ok_or_else(|| Error::failed(format!("the service knows no {account}")))?;
    if state.record.probe != Some(true) {
        return Err(Error::failed(format!("the service does not say that {account} is a probe account")).hint(
            "make an account of your own for it and mark it there (`probe` in the account record): an owner's is never one",
        ));
    }
    Ok(respond::probe::arm(
        &ctx.store,
        &*ctx.clock,
        &*ctx.chance,
        &ctx.master_key()?,
        account,
        held,
        by.as_str(),
    )?)
}

/// Takes a probe account out of the register, with what is held of it.
pub(crate) fn remove(ctx: &Context, account: &AccountId, by: &OperatorName) -> Result<()> {
    known(ctx, by)?;
    if ctx.store.write(ctx.now(), |tx| tx.remove_probe(account, by.as_str()))? {
        return Ok(());
    }
    Err(Error::failed(format!("{account} is not in the register")).hint("rightful probe list"))
}

/// The probes that a draft may take: no sealed plan waits for them, and the hunt has seen nobody on them. Preflight looks at
/// that again by a way of its own.
pub(crate) fn free(ctx: &Context, answer: &Answer) -> Result<Vec<Probe>> {
    let (probes, in_use) = ctx.store.read(|r| Ok((r.probes()?, r.probes_in_use()?)))?;
    let seen: BTreeSet<&AccountId> = answer
        .verdicts
        .iter()
        .map(|v| &v.account)
        .chain(answer.timelines.iter().map(|t| &t.account))
        .chain(answer.summary.left_out.iter().map(|n| &n.account))
        .collect();
    Ok(probes.into_iter().filter(|p| !in_use.contains(&p.account) && !seen.contains(&p.account)).collect())
}

/// What trying one way into an account came to the last time.
#[derive(Debug, Serialize)]
pub(crate) struct Way {
    pub(crate) kind: ProbeKind,
    /// Whether the connector can try it.
    pub(crate) can_be_tried: bool,
    /// The run that tried it last, and when, ms.
    pub(crate) run: Option<RunId>,
    pub(crate) tried_at: Option<Millis>,
    /// Each probe account that it tried.
    pub(crate) probes: Vec<Outcome>,
}

/// How a credential of a probe account stands.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) account: AccountId,
    pub(crate) before: Tried,
    pub(crate) after: Option<Tried>,
    pub(crate) standing: Standing,
}

/// What is refused to probe accounts, by way in: those that open an account of this service, and those that were tried.
/// It tries nothing: a credential is tried in a wave alone, and spent with it.
pub(crate) fn tried(ctx: &Context) -> Result<Vec<Way>> {
    let can = ctx.service.directory.capabilities();
    let mut ways = Vec::new();
    for kind in ProbeKind::ALL {
        let last = ctx.store.read(|r| r.last_tried(kind))?;
        if last.is_none() && !can.opens.contains(&kind) {
            continue;
        }
        let mut way = Way {
            kind,
            can_be_tried: can.probes.contains(&kind),
            run: None,
            tried_at: None,
            probes: Vec::new(),
        };
        if let Some((run, at, rows)) = last {
            (way.run, way.tried_at) = (Some(run), Some(at));
            let outcome = |r: store::probes::ProbeRow| Outcome {
                account: r.account,
                before: r.before,
                after: r.after,
                standing: r.standing,
            };
            way.probes = rows.into_iter().map(outcome).collect();
        }
        ways.push(way);
    }
    Ok(ways)
}

/// The kinds of credential that no probe of a containment's canary tries; none where the plan is for another service than the
/// one that is connected, which is the only one that can be asked.
pub(crate) fn unprobed(ctx: &Context, draft: &Draft) -> Vec<ProbeKind> {
    let capabilities = ctx.service.directory.capabilities();
    if capabilities.name != draft.header.connector || draft.header.purpose != Purpose::Contain {
        return Vec::new();
    }
    let canary = draft.probes.iter().filter(|p| p.wave == 0).map(|p| p.tries.as_slice());
    untried(&capabilities.opens, canary)
}
