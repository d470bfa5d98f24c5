//! Addenda: what the same hand made after a plan was sealed, drafted from a later hunt for accounts that the plan's run
//! contained. From there on an addendum is a plan like any other.

#[cfg(test)]
mod tests;

use super::exonerate::look;
use super::plan::{Prepared, keep, labels};
use crate::context::Context;
use crate::error::{Error, Result};
use decide::gather::{Sources, gather};
use decide::plan::{Occasion, draft_addendum};
use model::addendum::{Parent, Standing};
use model::id::{AccountId, OperatorName, PlanId, RunId};
use model::plan::{Act, Draft, Purpose};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a draft came to.
pub(crate) struct Drafted {
    /// The plan.
    pub(crate) plan: PlanId,
    /// Accounts in it.
    pub(crate) accounts: u64,
    /// Objects that it would hide.
    pub(crate) objects: u64,
    /// Accounts left out.
    pub(crate) left_out: usize,
}

/// Drafts an addendum to the plan of a run.
pub(crate) fn draft(ctx: &Context, run: &RunId, hunt: &Path, author: &OperatorName) -> Result<Drafted> {
    let most = ctx.policy.addendum.objects_per_account_max;
    if most == 0 {
        return Err(Error::failed("the policy allows no addendum (addendum.objects_per_account_max)").hint(
            "what people may hide is for the policy to say: change it there, with those who answer for it",
        ));
    }
    insist_on_containment(ctx, run)?;
    let answer = hunt::read_answer(hunt)?;
    let accounts: Vec<AccountId> = answer.verdicts.iter().map(|v| v.account.clone()).collect();
    let parent = parent(ctx, run, &accounts)?;
    let (states, labels) = (ctx.accounts(None)?, labels(ctx, &answer)?);
    // They are contained, and that is what an addendum is for.
    let contained = BTreeMap::new();
    // It hides posts, and does nothing else.
    let (moved, unsettled) = (BTreeMap::new(), BTreeSet::new());
    let cohort = gather(&Sources {
        verdicts: &answer.verdicts,
        list: None,
        states: &states,
        labels: &labels,
        contained: &contained,
        moved: &moved,
        unsettled: &unsettled,
        policy: &ctx.policy,
    });
    let capabilities = ctx.service.directory.capabilities();
    let occasion = Occasion {
        plan: PlanId::new(ctx.new_name("addendum")),
        author: author.clone(),
        at: ctx.now(),
        hunt: answer.digest,
        connector: capabilities.name.clone(),
        policy: (&ctx.policy, ctx.policy.digest()?),
        can: &capabilities.acts,
        outlives_ms: capabilities.outlives_ms(),
    };
    let draft = draft_addendum(&parent, &cohort, &answer.timelines, &occasion);
    drop(cohort);
    if draft.entries.is_empty() {
        return Err(Error::failed(format!(
            "nothing is to be added to {run}: of {} accounts that this hunt looked at, none that it contained shows a new \
             post of the same hand",
            accounts.len()
        ))
        .hint(match draft.left_out.first() {
            Some(first) => format!("{}, the first of them: {}", first.account, first.reason),
            None => "whoever is in an account that the run did not contain needs a plan: rightful plan draft".to_owned(),
        }));
    }
    let objects = draft.entries.iter().flat_map(|e| &e.acts).map(|a: &Act| a.hides().len() as u64).sum();
    // Who may enter by precaution is bounded where they do: in an addendum nobody does.
    let drafted = keep(ctx, Prepared::new(draft, answer, hunt, &states, None))?;
    Ok(Drafted { plan: drafted.plan, accounts: drafted.accounts, objects, left_out: drafted.left_out })
}

/// Only a containment is added to: an addendum to an addendum is one to what that was added to.
fn insist_on_containment(ctx: &Context, run: &RunId) -> Result<()> {
    let purpose = ctx.store.read(|r| Ok(r.plan(&r.run(run)?.plan)?.header.purpose))?;
    match purpose {
        Purpose::Contain => Ok(()),
        Purpose::Addendum { run: of, .. } => {
            Err(Error::failed(format!("{run} is itself an addendum, to {of}"))
                .hint(format!("rightful plan addendum {of} --hunt DIR")))
        }
        Purpose::Undo { .. } | Purpose::Brake => {
            Err(Error::failed(format!("{run} contains nobody for good: nothing can be added to it"))
                .hint("rightful plan draft --hunt DIR"))
        }
    }
}

/// What a draft is added to, as it stands now; nothing where it is no addendum.
pub(crate) fn parent_of(ctx: &Context, draft: &Draft) -> Result<Option<Parent>> {
    let Purpose::Addendum { run, .. } = &draft.header.purpose else { return Ok(None) };
    let accounts: Vec<AccountId> = draft.entries.iter().map(|e| e.account.clone()).collect();
    parent(ctx, run, &accounts).map(Some)
}

/// What is added to. Who is exonerated by what is on record stands so, whether an undo was drafted yet or not.
fn parent(ctx: &Context, run: &RunId, accounts: &[AccountId]) -> Result<Parent> {
    Ok(ctx.store.read(|r| {
        let mut parent = r.parent(run, accounts)?;
        for account in look(r, run, None)?.exonerated.keys() {
            if let Some(part) = parent.parts.get_mut(account)
                && part.standing == Standing::Contained
            {
                part.standing = Standing::Exonerated;
            }
        }
        Ok(parent)
    })?)
}
