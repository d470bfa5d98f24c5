//! Taking back: an undo is a plan like any other, drafted from a run, sealed, and approved by its size.

use super::exonerate::{Looked, look};
use super::plan::seal_plan;
use crate::context::Context;
use crate::error::{Error, Result};
use decide::plan::{Occasion, Undone, draft_undo};
use model::exoneration::{Exoneration, Way};
use model::id::{AccountId, OperatorName, PlanId, RunId};
use model::plan::{ActKind, PlanState, Purpose};
use model::run::StepState;
use std::collections::{BTreeMap, BTreeSet};
use store::holds::HoldRow;
use store::steps::{CaseState, Step};
use store::undo::Retraction;
use store::{Read, StoreError};

/// What an undo would do.
#[derive(serde::Serialize)]
pub(crate) struct Preview {
    /// Accounts whose old credential comes back, with why.
    pub(crate) restored: BTreeMap<AccountId, String>,
    /// Accounts that are only released: the verdict stands.
    pub(crate) released: BTreeSet<AccountId>,
    /// When the old credentials were destroyed with the undo window, ms: from then on nobody can be restored, and the
    /// exonerated above get back what was hidden, an apology, and set a new credential.
    pub(crate) credentials_destroyed_at: Option<i64>,
    /// Accounts that are not taken back yet, each with the addendum's run that has begun with it: what came of that is
    /// not known.
    pub(crate) unsettled: BTreeMap<AccountId, RunId>,
    #[serde(skip)]
    exonerated: BTreeMap<AccountId, Exoneration>,
}

/// Who of a run is exonerated, and who is not.
pub(crate) fn preview(ctx: &Context, run: &RunId, only: &[AccountId]) -> Result<Preview> {
    ctx.store.read_with(|r| {
        let row = r.run(run)?;
        if let Purpose::Addendum { run: of, .. } = r.plan(&row.plan)?.header.purpose {
            return Err(Error::failed(format!(
                "{run} is an addendum to {of}: what it hid comes back with what it was added to"
            ))
            .hint(format!("rightful run undo {of} --preview")));
        }
        let (looked, unsettled) = (look(r, run, None)?, r.added_and_open(run)?);
        Ok(previewed(&looked, open_accounts(r, run)?, unsettled, only, r.run_key_destroyed_at(run)?))
    })
}

fn previewed(
    looked: &Looked,
    open: BTreeSet<AccountId>,
    unsettled: BTreeMap<AccountId, RunId>,
    only: &[AccountId],
    gone: Option<i64>,
) -> Preview {
    let is_asked = |account: &AccountId| only.is_empty() || only.contains(account);
    let mut preview = Preview {
        restored: BTreeMap::new(),
        released: BTreeSet::new(),
        credentials_destroyed_at: gone,
        unsettled: unsettled.into_iter().filter(|(account, _)| is_asked(account)).collect(),
        exonerated: BTreeMap::new(),
    };
    for account in open.into_iter().filter(is_asked) {
        match looked.exonerated.get(&account) {
            Some(found) => {
                preview.restored.insert(account.clone(), found.why.clone());
                preview.exonerated.insert(account, found.clone());
            }
            None => {
                preview.released.insert(account);
            }
        }
    }
    preview
}

/// Accounts that a run acted on and no undo has taken back; those with which an addendum has begun once it is known what
/// came of it.
fn open_accounts(read: &Read, run: &RunId) -> std::result::Result<BTreeSet<AccountId>, StoreError> {
    let touched = |c: &store::steps::Case| matches!(c.state, CaseState::Done | CaseState::Failed);
    let mut open: BTreeSet<AccountId> =
        read.cases(run)?.into_iter().filter(touched).map(|c| c.account).collect();
    for plan in read.undo_plans_of(run)? {
        if let Some(undo) = read.run_of(&plan.id)? {
            for case in read.cases(&undo.id)?.into_iter().filter(|c| c.state == CaseState::Done) {
                open.remove(&case.account);
            }
        }
    }
    for account in read.added_and_open(run)?.keys() {
        open.remove(account);
    }
    Ok(open)
}

/// What withdrawing a signal comes to in one run.
#[derive(serde::Serialize)]
pub(crate) struct Retracted {
    /// The run.
    pub(crate) run: RunId,
    /// Accounts that rested on it and don't reach the policy without it, with what is left: restored.
    pub(crate) restored: BTreeMap<AccountId, String>,
    /// Accounts that rested on it and stand without it: left contained.
    pub(crate) left_contained: BTreeMap<AccountId, String>,
    /// Accounts whose confidence can't be computed again: a person must look.
    pub(crate) cant_tell: BTreeSet<AccountId>,
    /// The sealed undo, where something is taken back and this is no preview.
    pub(crate) plan: Option<PlanId>,
}

/// Withdraws a signal and drafts the undo of just what rested on it; with `only_preview` it only says what would be.
pub(crate) fn retract(ctx: &Context, retraction: &Retraction, only_preview: bool) -> Result<Vec<Retracted>> {
    let found = ctx.store.read_with(|r| retracted(r, retraction))?;
    if only_preview {
        return Ok(found);
    }
    ctx.store.write(ctx.now(), |tx| tx.retract(retraction))?;
    let drafted = found.into_iter().map(|mut one| {
        let accounts: Vec<AccountId> = one.restored.keys().cloned().collect();
        if !accounts.is_empty() {
            one.plan = Some(draft(ctx, &one.run, &accounts, &retraction.operator)?);
        }
        Ok(one)
    });
    drafted.collect()
}

fn retracted(read: &Read, retraction: &Retraction) -> Result<Vec<Retracted>> {
    let mut found = Vec::new();
    let mut known = BTreeSet::new();
    for row in read.runs()? {
        let header = read.plan(&row.plan)?.header;
        let asked = retraction.run.as_ref().is_none_or(|of| *of == row.id);
        if header.purpose != Purpose::Contain || !asked {
            continue;
        }
        if let Some(hunt) = read.hunt(&header.hunt)? {
            known.extend(hunt.summary.weights.into_keys());
        }
        let open = open_accounts(read, &row.id)?;
        let before = look(read, &row.id, None)?;
        let after = look(read, &row.id, Some(retraction))?;
        let is_new = |a: &AccountId| open.contains(a) && !before.exonerated.contains_key(a);
        let restored: BTreeMap<_, _> = after
            .exonerated
            .into_iter()
            .filter(|(a, e)| e.way == Way::Retracted && is_new(a))
            .map(|(a, e)| (a, e.why))
            .collect();
        found.push(Retracted {
            run: row.id,
            restored,
            left_contained: after.stands.into_iter().filter(|(a, _)| open.contains(a)).collect(),
            cant_tell: after.cant_tell.into_iter().filter(|a| open.contains(a)).collect(),
            plan: None,
        });
    }
    if !known.contains(&retraction.signal) {
        let names = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Error::failed(format!("no run rests on a hunt with a signal {}", retraction.signal))
            .hint(format!("the signals are: {names}")));
    }
    found.retain(|f| !f.restored.is_empty() || !f.left_contained.is_empty() || !f.cant_tell.is_empty());
    Ok(found)
}

/// An undo of this one account that waits for a yes, or a fresh one.
pub(crate) fn draft_for_one(
    ctx: &Context,
    run: &RunId,
    account: &AccountId,
    author: &OperatorName,
) -> Result<PlanId> {
    let waiting = ctx.store.read(|r| {
        for plan in r.undo_plans_of(run)? {
            let waits = !matches!(plan.state, PlanState::Done | PlanState::Refused | PlanState::Expired);
            if waits && !r.values_of(&plan.id, std::slice::from_ref(account))?.is_empty() {
                return Ok(Some(plan.id));
            }
        }
        Ok(None)
    })?;
    match waiting {
        Some(plan) => Ok(plan),
        None => draft(ctx, run, std::slice::from_ref(account), author),
    }
}

/// Drafts and seals the undo of a run, for all of its accounts or some.
pub(crate) fn draft(ctx: &Context, run: &RunId, only: &[AccountId], author: &OperatorName) -> Result<PlanId> {
    let preview = preview(ctx, run, only)?;
    let accounts: Vec<AccountId> = preview.restored.keys().chain(&preview.released).cloned().collect();
    if accounts.is_empty() {
        let nothing = Error::failed(format!("nothing of {run} is left to be taken back"));
        return Err(match preview.unsettled.values().next() {
            Some(addendum) => {
                nothing.hint(format!("rightful run resume {addendum} settles what it has begun"))
            }
            None => nothing,
        });
    }
    let (header, values, kept, mut turned, held) = ctx.store.read(|r| {
        let plan = r.run(run)?.plan;
        let mut kept = BTreeMap::new();
        for account in &accounts {
            kept.insert(account.clone(), r.kept_objects(run, account)?);
        }
        let turned = r.turned_with_addenda(run, &accounts)?;
        let held: BTreeSet<AccountId> =
            r.holds(run, &accounts)?.into_iter().filter(HoldRow::is_open).map(|h| h.account).collect();
        Ok((r.plan(&plan)?.header, r.values_of(&plan, &accounts)?, kept, turned, held))
    })?;
    let (done, sealed, put_back) = ctx.store.read(|r| {
        let steps = r.steps(run, &accounts)?.into_iter();
        // What was found as it should be was not ours.
        let done: Vec<Step> = steps.filter(|s| s.state == StepState::Done && s.changed != Some(0)).collect();
        let sealed: BTreeSet<_> =
            r.sealed_factors(run, &accounts)?.into_iter().map(|f| (f.account, f.factor)).collect();
        Ok((done, sealed, r.contact_values(&r.run(run)?.plan, &accounts)?))
    })?;
    let replaced: BTreeSet<&AccountId> =
        done.iter().filter(|s| s.kind == ActKind::RequireNewCredential).map(|s| &s.account).collect();
    let is_kept = |step: &&Step| {
        step.act.removes().is_none_or(|factor| sealed.contains(&(step.account.clone(), factor.clone())))
    };
    let put_back_of = |account: &AccountId| {
        done.iter().filter(|s| s.account == *account).filter(is_kept).map(|s| s.act.clone()).collect()
    };
    let mut undone: Vec<Undone> = values
        .into_iter()
        .map(|v| Undone {
            exonerated: preview.restored.get(&v.entry.account).cloned(),
            kept: kept.get(&v.entry.account).cloned().unwrap_or_default(),
            turned: turned.remove(&v.entry.account).unwrap_or_default(),
            put_back: put_back_of(&v.entry.account),
            is_held: held.contains(&v.entry.account),
            is_restorable: preview.credentials_destroyed_at.is_none() && replaced.contains(&v.entry.account),
            entry: v.entry,
        })
        .collect();
    undone.sort_by(|a, b| a.entry.account.cmp(&b.entry.account));
    let capabilities = ctx.service.directory.capabilities();
    let plan = PlanId::new(ctx.new_name("undo"));
    let now = ctx.now();
    let draft = draft_undo(
        run.clone(),
        undone,
        &Occasion {
            plan: plan.clone(),
            author: author.clone(),
            at: now,
            hunt: header.hunt,
            connector: capabilities.name.clone(),
            policy: (&ctx.policy, ctx.policy.digest()?),
            can: &capabilities.acts,
            outlives_ms: capabilities.outlives_ms(),
        },
    );
    ctx.store.write(now, |tx| {
        let contained = tx.run(run)?.plan;
        let contacts = tx.contacts(&contained, &accounts)?;
        tx.exonerate(run, &preview.exonerated, author.as_str())?;
        tx.put_draft(&draft, &ctx.policy)?;
        tx.put_contacts(&plan, &contacts)?;
        tx.put_contact_values(&plan, &put_back)?;
        tx.check_plan(&plan, &[note(&preview)], author.as_str())?;
        Ok(())
    })?;
    seal_plan(ctx, &plan, author.as_str())?;
    Ok(plan)
}

fn note(preview: &Preview) -> store::plans::Note {
    let (restored, released) = (preview.restored.len(), preview.released.len());
    let text = match preview.credentials_destroyed_at {
        None => {
            format!(
                "{restored} exonerated accounts get their old credential back; {released} are only released"
            )
        }
        Some(_) => format!(
            "the old credentials were destroyed with the undo window: {restored} exonerated and {released} others are only released"
        ),
    };
    store::plans::Note {
        code: "undo".to_owned(),
        severity: store::plans::Severity::Info,
        text,
        sure: Some(model::note::Sure::Exact),
        todo: "know both numbers before you approve".to_owned(),
    }
}
