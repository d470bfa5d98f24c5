//! The blind review, and approvals.

use super::plan::answer_of;
use crate::context::Context;
use crate::error::{Error, Result};
use decide::review::{Finding, Item, draw, judge};
use ed25519_dalek::SigningKey;
use model::id::{AccountId, Digest, OperatorName, PlanId};
use model::labels::Label;
use model::operator::{Consent, Decision, Operator, sign};
use model::plan::PlanState;
use model::policy::ReviewPolicy;
use model::verdict::Timeline;
use respond::RespondError;
use store::reviews::{LabelSubject, ReviewItem};

/// One account as a reviewer sees it: no verdict, and no word on whether it was planted.
#[derive(serde::Serialize)]
pub(crate) struct Shown {
    pub(crate) place: u64,
    pub(crate) account: AccountId,
    pub(crate) events: Vec<model::event::Event>,
}

/// Draws the sample of a sealed plan, after the seal; drawn once.
pub(crate) fn begin(ctx: &Context, plan: &PlanId, by: &str) -> Result<u64> {
    if let Some(drawn) = ctx.store.read(|r| r.review(plan))? {
        return Ok(drawn.items.len() as u64);
    }
    let answer = answer_of(ctx, plan)?;
    let row = ctx.store.read(|r| r.plan(plan))?;
    let digest = row.digest.ok_or_else(|| {
        Error::failed(format!("{plan} is {}, and only a sealed plan is reviewed", row.state.as_str()))
            .hint(format!("rightful plan seal {plan}"))
    })?;
    let members: Vec<AccountId> =
        ctx.store.read(|r| r.values(plan, None))?.into_iter().map(|v| v.entry.account).collect();
    let controls = answer.controls.iter().map(|t| t.account.clone());
    let clear: Vec<AccountId> = controls.filter(|a| members.binary_search(a).is_err()).collect();
    let seed = Digest::of(&[digest.0, ctx.chance.bytes()].concat());
    let items = draw(&seed, &members, &clear, &ctx.policy.review).ok_or_else(|| {
        Error::failed(format!(
            "the answer that {plan} was drafted from has {} clear accounts to plant, too few for a blind review",
            clear.len()
        ))
        .hint("hunt again over more events, or lay a controls.jsonl with timelines of clear accounts beside the verdicts")
    })?;
    let planted: Vec<Timeline> = answer
        .controls
        .into_iter()
        .filter(|t| items.iter().any(|i| i.planted && i.account == t.account))
        .collect();
    let rows: Vec<ReviewItem> = (1..)
        .zip(items)
        .map(|(place, Item { account, planted })| ReviewItem { place, account, planted })
        .collect();
    ctx.store.write(ctx.now(), |tx| {
        tx.put_timelines(plan, &planted)?;
        tx.draw_review(plan, seed, &rows, by)
    })?;
    Ok(rows.len() as u64)
}

/// What is left for a reviewer to look at, in the sample's order.
pub(crate) fn to_look_at(ctx: &Context, plan: &PlanId) -> Result<Vec<Shown>> {
    Ok(ctx.store.read(|r| {
        let Some(review) = r.review(plan)? else { return Ok(Vec::new()) };
        let labels = r.labels(&LabelSubject::Plan(plan.clone()))?;
        let mut shown = Vec::new();
        for item in review.items.iter().filter(|i| labels.iter().all(|l| l.account != i.account)) {
            let timeline = r.timeline(plan, &item.account)?;
            let events =
                timeline.map(|t| t.moments.into_iter().map(|m| m.event).collect()).unwrap_or_default();
            shown.push(Shown { place: item.place, account: item.account.clone(), events });
        }
        Ok(shown)
    })?)
}

/// Keeps a reviewer's label on an account of the sample.
pub(crate) fn label(
    ctx: &Context,
    plan: &PlanId,
    account: &AccountId,
    by: &OperatorName,
    label: Label,
) -> Result<()> {
    known(ctx, by)?;
    let sample = ctx.store.read(|r| r.review(plan))?;
    if !sample.is_some_and(|s| s.items.iter().any(|i| i.account == *account)) {
        return Err(Error::failed(format!("{account} is not in the sample of {plan}"))
            .hint(format!("rightful plan review {plan} lists it")));
    }
    let subject = LabelSubject::Plan(plan.clone());
    Ok(ctx.store.write(ctx.now(), |tx| tx.put_label(&subject, account, by, true, label))?)
}

/// Keeps what a person says of an account outside of a review.
pub(crate) fn label_case(ctx: &Context, account: &AccountId, by: &OperatorName, label: Label) -> Result<()> {
    known(ctx, by)?;
    let hunt = ctx.store.read(|r| {
        let case = r.cases_of(account)?.into_iter().next();
        case.map(|c| Ok(r.plan(&c.plan)?.header.hunt)).transpose()
    })?;
    let subject = LabelSubject::Hunt(hunt.unwrap_or(Digest::of(b"no hunt")));
    Ok(ctx.store.write(ctx.now(), |tx| {
        tx.put_label(&subject, account, by, false, label)?;
        let note = format!("labelled {}", label.as_str());
        tx.close_in_queue(account, None, by.as_str(), &note).map(|_| ())
    })?)
}

/// Takes an account out of a person's queue, with what they noted.
pub(crate) fn close_case(ctx: &Context, account: &AccountId, by: &OperatorName, note: &str) -> Result<u64> {
    known(ctx, by)?;
    let closed = ctx.store.write(ctx.now(), |tx| tx.close_in_queue(account, None, by.as_str(), note))?;
    if closed == 0 {
        return Err(Error::failed(format!("{account} is not in the queue")).hint("rightful case queue"));
    }
    Ok(closed)
}

/// Insists that an operator is on record.
pub(crate) fn known(ctx: &Context, name: &OperatorName) -> Result<Operator> {
    ctx.store.read(|r| r.operator(name))?.ok_or_else(|| {
        Error::failed(format!("no operator is called {name}"))
            .hint(format!("rightful operator add {name} --key FILE"))
    })
}

/// Insists that a key is the one on record for this person.
pub(crate) fn signer(ctx: &Context, name: &OperatorName, key: &SigningKey) -> Result<()> {
    if known(ctx, name)?.public_key.0 == key.verifying_key().to_bytes() {
        return Ok(());
    }
    Err(Error::failed(format!("this key is not {name}'s"))
        .hint("name the key file that `rightful operator add` made for them"))
}

/// What the labels say so far.
pub(crate) fn finding(ctx: &Context, plan: &PlanId) -> Result<Option<Finding>> {
    let policy = ctx.store.read(|r| r.policy_of(plan))?;
    finding_under(ctx, plan, &policy.review)
}

/// What the labels say under some limits.
pub(crate) fn finding_under(ctx: &Context, plan: &PlanId, limits: &ReviewPolicy) -> Result<Option<Finding>> {
    let (review, labels, members) = ctx.store.read(|r| {
        let labels = r.labels(&LabelSubject::Plan(plan.clone()))?;
        Ok((r.review(plan)?, labels, r.plan(plan)?.header.accounts))
    })?;
    let Some(review) = review else { return Ok(None) };
    let items: Vec<Item> =
        review.items.into_iter().map(|i| Item { account: i.account, planted: i.planted }).collect();
    let labels: Vec<_> = labels.into_iter().map(|l| (l.account, l.operator.to_string(), l.label)).collect();
    Ok(Some(judge(&items, &labels, members, limits)))
}

/// Ends a review whose labels are all there: the plan is reviewed, or refused.
pub(crate) fn conclude(ctx: &Context, plan: &PlanId, by: &str) -> Result<Finding> {
    let finding =
        finding(ctx, plan)?.ok_or_else(|| Error::failed(format!("no sample of {plan} was drawn yet")))?;
    if finding.unlabelled > 0 {
        return Err(Error::failed(format!(
            "{} accounts of the sample have no label yet",
            finding.unlabelled
        )));
    }
    let detail = serde_json::json!({
        "looked_at": finding.looked_at, "wrong": finding.wrong, "wrong_share_bound": finding.wrong_share_bound,
        "planted": finding.planted,
    });
    ctx.store.write(ctx.now(), |tx| match finding.passes {
        true => tx.mark_reviewed(plan, by, detail),
        false => tx.refuse_plan(plan, by, &finding.text),
    })?;
    Ok(finding)
}

/// Signs a decision on a plan's digest; the plan becomes approved with the last consent it needs.
pub(crate) fn approve(
    ctx: &Context,
    plan: &PlanId,
    by: &OperatorName,
    key: &SigningKey,
    decision: Decision,
) -> Result<PlanState> {
    signer(ctx, by, key)?;
    let row = ctx.store.read(|r| r.plan(plan))?;
    if row.state != PlanState::Reviewed {
        return Err(Error::failed(format!(
            "{plan} is {}, and only a reviewed plan is approved",
            row.state.as_str()
        ))
        .hint(format!("rightful plan show {plan} says what comes next")));
    }
    let digest = row.digest.ok_or_else(|| Error::failed(format!("{plan} has no digest")))?;
    let consent = Consent { digest, decision, expires_at: row.header.expires_at, operator: by.clone() };
    let approval = sign(consent, key)?;
    let now = ctx.now();
    ctx.store.write_with(now, |tx| {
        tx.put_approval(plan, &approval)?;
        match respond::consent::given(tx, plan, now) {
            Ok(consent) => {
                let detail = serde_json::json!({ "digest": digest, "one_person": consent.is_solo });
                tx.mark_approved(plan, by.as_str(), detail)?;
            }
            Err(RespondError::Refused { .. }) => {
                tx.refuse_plan(plan, by.as_str(), &format!("{by} refused it"))?;
            }
            Err(RespondError::NotApproved { .. }) => {}
            Err(other) => return Err(other),
        }
        Ok::<_, RespondError>(())
    })?;
    Ok(ctx.store.read(|r| Ok(r.plan(plan)?.state))?)
}
