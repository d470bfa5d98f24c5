//! The owner's way back, as the pages and the demo call it.

use super::letters;
use crate::context::Context;
use crate::error::{Error, Result};
use model::exoneration::Proof;
use model::id::{AccountId, ObjectId, RunId};
use model::secret::Secret;
use model::verdict::Hand;
use respond::RespondError;
use respond::port::Effect;
use respond::recover;

/// Asks for a recovery code; the caller tells everybody the same, whatever came of it.
pub(crate) fn ask_code(ctx: &Context, account: &AccountId) -> Result<bool> {
    let domain = &ctx.service.named.domain;
    let writer = |order: &recover::CodeOrder| letters::code_letter(ctx, order);
    Ok(recover::ask_code(&ctx.store, &ctx.ports(), &ctx.policy.recovery, account, &writer, domain)?)
}

/// Takes a code; gives the secret of a session on the owner's case.
pub(crate) fn enter_code(ctx: &Context, account: &AccountId, code: &Secret) -> Result<Option<Secret>> {
    Ok(recover::enter_code(&ctx.store, &ctx.ports(), &ctx.policy.recovery, account, code)?)
}

/// Whose case a session is on.
pub(crate) fn owner_of(ctx: &Context, session: &Secret) -> Result<Option<AccountId>> {
    Ok(recover::owner_of(&ctx.store, session, ctx.now())?)
}

/// Sets the password the owner chose.
pub(crate) fn choose(ctx: &Context, account: &AccountId, chosen: &Secret) -> Result<Effect> {
    match recover::choose_credential(&ctx.store, &ctx.ports(), &ctx.policy.recovery, account, chosen) {
        Err(short @ RespondError::TooShort { .. }) => Err(Error::failed(short.to_string())
            .hint("a few words that only you would put together are long enough")),
        other => Ok(other?),
    }
}

/// Shows hidden objects again that the owner keeps.
pub(crate) fn keep(ctx: &Context, account: &AccountId, objects: &[ObjectId]) -> Result<u64> {
    Ok(recover::keep_objects(&ctx.store, &ctx.ports(), account, objects)?)
}

/// *That was me*.
pub(crate) fn dispute(ctx: &Context, account: &AccountId) -> Result<Option<RunId>> {
    Ok(recover::dispute(&ctx.store, &ctx.ports(), account)?)
}

/// Whether a device proves that its holder is the owner: one that the account was used from before the window, by a
/// hand that is not the intruder's. Rests on nothing that the mailbox gives.
pub(crate) fn prove_by_device(ctx: &Context, run: &RunId, account: &AccountId, device: &str) -> Result<bool> {
    let known = ctx.store.read(|r| {
        let plan = r.run(run)?.plan;
        let window =
            r.values_of(&plan, std::slice::from_ref(account))?.into_iter().next().map(|v| v.entry.window);
        let moments = r.timeline(&plan, account)?.map(|t| t.moments).unwrap_or_default();
        Ok(window.is_some_and(|w| {
            moments.iter().any(|m| {
                m.hand == Hand::Owner && m.event.time < w.start && m.event.device.as_deref() == Some(device)
            })
        }))
    })?;
    if known {
        ctx.store.write(ctx.now(), |tx| {
            tx.prove_dispute(run, account, Proof::Device, "used from it before the window", "rightful")
        })?;
    }
    Ok(known)
}
