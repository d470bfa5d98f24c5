//! Probe accounts: their register, those that a draft may take, and what of a plan they try.

#[cfg(test)]
mod tests;

use super::review::known;
use crate::context::Context;
use crate::error::{Error, Result};
use hunt::Answer;
use model::id::{AccountId, OperatorName};
use model::plan::{Draft, Purpose};
use model::probe::{Probe, ProbeKind, named, untried};
use model::secret::Secret;
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
