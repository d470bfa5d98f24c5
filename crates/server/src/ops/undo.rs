//! Taking back: an undo is a plan like any other, drafted from a run, sealed, and approved by its size.

use super::plan::seal_plan;
use crate::context::Context;
use crate::error::{Error, Result};
use decide::plan::{Occasion, Undone, draft_undo};
use model::id::{AccountId, OperatorName, PlanId, RunId};
use model::labels::Label;
use std::collections::{BTreeMap, BTreeSet};
use store::Read;
use store::StoreError;
use store::steps::CaseState;

/// What an undo would do.
#[derive(serde::Serialize)]
pub(crate) struct Preview {
    /// Accounts whose old credential comes back, with why.
    pub(crate) restored: BTreeMap<AccountId, String>,
    /// Accounts that are only released: the verdict stands.
    pub(crate) released: BTreeSet<AccountId>,
}

/// Who of a run is exonerated, and who is not.
pub(crate) fn preview(ctx: &Context, run: &RunId, only: &[AccountId]) -> Result<Preview> {
    Ok(ctx.store.read(|r| {
        let mut preview = Preview { restored: BTreeMap::new(), released: BTreeSet::new() };
        let back = taken_back(r, run)?;
        for case in r.cases(run)? {
            let touched = matches!(case.state, CaseState::Done | CaseState::Failed);
            let asked = only.is_empty() || only.contains(&case.account);
            if !touched || !asked || back.contains(&case.account) {
                continue;
            }
            match exonerated(r, run, &case.account)? {
                Some(why) => {
                    preview.restored.insert(case.account, why);
                }
                None => {
                    preview.released.insert(case.account);
                }
            }
        }
        Ok(preview)
    })?)
}

/// Accounts of a run that an earlier undo has taken back.
fn taken_back(read: &Read, run: &RunId) -> std::result::Result<BTreeSet<AccountId>, StoreError> {
    let mut back = BTreeSet::new();
    for plan in read.undo_plans_of(run)? {
        if let Some(undo) = read.run_of(&plan.id)? {
            back.extend(
                read.cases(&undo.id)?.into_iter().filter(|c| c.state == CaseState::Done).map(|c| c.account),
            );
        }
    }
    Ok(back)
}

/// A proved dispute, or a person's last word *not compromised* since the containment.
fn exonerated(
    read: &Read,
    run: &RunId,
    account: &AccountId,
) -> std::result::Result<Option<String>, StoreError> {
    let proved = read.disputes_of(account)?.into_iter().find(|d| d.run == *run && d.proved_at.is_some());
    if let Some(dispute) = proved {
        let how = dispute.how.unwrap_or_default();
        return Ok(Some(format!("its owner said \u{201c}that was me\u{201d}, proved by {how}")));
    }
    let last = read.labels_of(account)?.into_iter().filter(|l| !l.blind).max_by_key(|l| l.labelled_at);
    Ok(last
        .filter(|l| l.label == Label::NotCompromised)
        .map(|l| format!("{} looked and says: not compromised", l.operator)))
}

/// Drafts and seals the undo of a run, for all of its accounts or some.
pub(crate) fn draft(ctx: &Context, run: &RunId, only: &[AccountId], author: &OperatorName) -> Result<PlanId> {
    let preview = preview(ctx, run, only)?;
    let accounts: Vec<AccountId> = preview.restored.keys().chain(&preview.released).cloned().collect();
    if accounts.is_empty() {
        return Err(Error::failed(format!("nothing of {run} is left to be taken back")));
    }
    let (header, values, kept) = ctx.store.read(|r| {
        let plan = r.run(run)?.plan;
        let mut kept = BTreeMap::new();
        for account in &accounts {
            kept.insert(account.clone(), r.kept_objects(run, account)?);
        }
        Ok((r.plan(&plan)?.header, r.values_of(&plan, &accounts)?, kept))
    })?;
    let mut undone: Vec<Undone> = values
        .into_iter()
        .map(|v| Undone {
            exonerated: preview.restored.get(&v.entry.account).cloned(),
            kept: kept.get(&v.entry.account).cloned().unwrap_or_default(),
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
            connector: capabilities.name,
            policy: (&ctx.policy, ctx.policy.digest()?),
            can: &capabilities.acts,
        },
    );
    ctx.store.write(now, |tx| {
        let contained = tx.run(run)?.plan;
        let contacts = tx.contacts(&contained, &accounts)?;
        tx.put_draft(&draft, &ctx.policy)?;
        tx.put_contacts(&plan, &contacts)?;
        tx.check_plan(&plan, &[note(&preview)], author.as_str())?;
        Ok(())
    })?;
    seal_plan(ctx, &plan, author.as_str())?;
    Ok(plan)
}

fn note(preview: &Preview) -> store::plans::Note {
    store::plans::Note {
        code: "undo".to_owned(),
        severity: store::plans::Severity::Info,
        text: format!(
            "{} exonerated accounts get their old credential back; {} are only released",
            preview.restored.len(),
            preview.released.len()
        ),
        todo: "know both numbers before you approve".to_owned(),
    }
}
