//! The daily sample: of what batches contained on a day, a random part is looked at on the next, blind. A day missed,
//! or a sample that does not meet the review's limit, suspends the order.

use super::{ROUTINE, day_name};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops::plan::answer_of;
use crate::ops::review::{Shown, known};
use decide::review::{Finding, Item, draw, judge};
use model::id::{AccountId, Digest, OperatorName, PlanId};
use model::labels::Label;
use model::order::{Per, Suspension};
use model::verdict::Timeline;
use std::collections::BTreeMap;
use store::orders::{OrderRow, SampleItem, SampleRow};
use store::reviews::LabelSubject;
use store::steps::CaseState;

/// Days looked back for a sample that was missed.
const DAYS_BACK: i64 = 8;

/// Draws the samples that are due and suspends the order where one was missed; gives the reason where it did.
pub(crate) fn see_to(ctx: &Context, order: &OrderRow) -> Result<Option<String>> {
    let today = Per::Day.bucket(ctx.now());
    let looked_at = ctx.store.read(|r| r.suspensions(&order.digest))?;
    for day in today - DAYS_BACK..today {
        let members = contained_on(ctx, day)?;
        if members.is_empty() {
            continue;
        }
        let sample = match ctx.store.read(|r| r.sample(day))? {
            Some(sample) => sample,
            None => draw_for(ctx, order, day, &members)?,
        };
        let cause = format!("missed:{}", day_name(day));
        let is_known = looked_at.iter().any(|s| s.suspension.cause == cause);
        if sample.passed.is_none() && day < today - 1 && !is_known {
            let left = to_look_at(ctx, day)?.len();
            let reason = format!(
                "the sample of {} was not looked at on the next day: {left} of its {} accounts have no label",
                day_name(day),
                sample.items.len()
            );
            suspend(ctx, order.digest, cause, reason.clone())?;
            return Ok(Some(reason));
        }
    }
    Ok(None)
}

fn suspend(ctx: &Context, order: Digest, cause: String, reason: String) -> Result<()> {
    let at = ctx.now();
    let suspension = Suspension { order, cause, reason, at };
    ctx.store.write(at, |tx| tx.suspend_order(&suspension, None, ROUTINE))?;
    Ok(())
}

/// Accounts that batches touched on a day, each with its plan.
fn contained_on(ctx: &Context, day: i64) -> Result<BTreeMap<AccountId, PlanId>> {
    Ok(ctx.store.read(|r| {
        let mut members = BTreeMap::new();
        // A batch ends with its plan's time, so that older ones contain nothing any more.
        for batch in r.batches_since(day - DAYS_BACK)?.into_iter().filter(|b| !b.dry) {
            let Some(run) = r.run_of(&batch.plan)? else { continue };
            for case in r.cases(&run.id)? {
                let touched = matches!(case.state, CaseState::Done | CaseState::Failed);
                if touched && case.settled_at.is_some_and(|at| Per::Day.bucket(at) == day) {
                    members.insert(case.account, batch.plan.clone());
                }
            }
        }
        Ok(members)
    })?)
}

fn draw_for(
    ctx: &Context,
    order: &OrderRow,
    day: i64,
    members: &BTreeMap<AccountId, PlanId>,
) -> Result<SampleRow> {
    let Some(plan) = members.values().next_back() else {
        return Err(Error::failed(format!("nothing was contained on {}", day_name(day))));
    };
    let controls = answer_of(ctx, plan)?.controls;
    let clear: Vec<AccountId> =
        controls.iter().map(|t| t.account.clone()).filter(|a| !members.contains_key(a)).collect();
    let mut bytes = order.digest.0.to_vec();
    bytes.extend_from_slice(&day.to_be_bytes());
    bytes.extend_from_slice(&ctx.chance.bytes());
    let seed = Digest::of(&bytes);
    let accounts: Vec<AccountId> = members.keys().cloned().collect();
    let items = draw(&seed, &accounts, &clear, &ctx.policy.review).ok_or_else(|| {
        Error::failed(format!(
            "{} clear accounts are too few to plant among the sample of {}",
            clear.len(),
            day_name(day)
        ))
        .hint("hunt over more events")
    })?;
    let planted: Vec<Timeline> =
        controls.into_iter().filter(|t| items.iter().any(|i| i.planted && i.account == t.account)).collect();
    let rows: Vec<SampleItem> = (1..)
        .zip(items)
        .map(|(place, Item { account, planted })| {
            let plan = members.get(&account).unwrap_or(plan).clone();
            SampleItem { place, account, plan, planted }
        })
        .collect();
    ctx.store.write(ctx.now(), |tx| {
        tx.put_timelines(plan, &planted)?;
        tx.draw_sample(day, &order.digest, seed, members.len() as u64, &rows)
    })?;
    ctx.store.read(|r| r.sample(day))?.ok_or_else(|| Error::failed(format!("no sample of {}", day_name(day))))
}

/// The days whose sample waits for labels.
pub(crate) fn open_days(ctx: &Context) -> Result<Vec<SampleRow>> {
    let since = Per::Day.bucket(ctx.now()) - DAYS_BACK;
    let all = ctx.store.read(|r| r.samples_since(since))?;
    Ok(all.into_iter().filter(|s| s.passed.is_none()).collect())
}

/// What is left of a day's sample to be looked at, in its order.
pub(crate) fn to_look_at(ctx: &Context, day: i64) -> Result<Vec<Shown>> {
    Ok(ctx.store.read(|r| {
        let Some(sample) = r.sample(day)? else { return Ok(Vec::new()) };
        let labels = r.labels(&LabelSubject::Sample(day))?;
        let mut shown = Vec::new();
        for item in sample.items.into_iter().filter(|i| labels.iter().all(|l| l.account != i.account)) {
            let timeline = r.timeline(&item.plan, &item.account)?;
            let events =
                timeline.map(|t| t.moments.into_iter().map(|m| m.event).collect()).unwrap_or_default();
            shown.push(Shown { place: item.place, account: item.account, events });
        }
        Ok(shown)
    })?)
}

/// Keeps a person's label on an account of a day's sample.
pub(crate) fn label(
    ctx: &Context,
    day: i64,
    account: &AccountId,
    by: &OperatorName,
    label: Label,
) -> Result<()> {
    known(ctx, by)?;
    let sample = ctx.store.read(|r| r.sample(day))?;
    if !sample.is_some_and(|s| s.items.iter().any(|i| i.account == *account)) {
        return Err(Error::failed(format!("{account} is not in the sample of {}", day_name(day)))
            .hint("rightful routine sample lists it"));
    }
    let subject = LabelSubject::Sample(day);
    Ok(ctx.store.write(ctx.now(), |tx| tx.put_label(&subject, account, by, true, label))?)
}

/// Ends a day's sample whose labels are all there; one that does not meet the limit suspends the order.
pub(crate) fn conclude(ctx: &Context, day: i64, by: &str) -> Result<Finding> {
    let missing = || Error::failed(format!("no sample of {} was drawn", day_name(day)));
    let (sample, labels) = ctx.store.read(|r| Ok((r.sample(day)?, r.labels(&LabelSubject::Sample(day))?)))?;
    let sample = sample.ok_or_else(missing)?;
    let items: Vec<Item> =
        sample.items.into_iter().map(|i| Item { account: i.account, planted: i.planted }).collect();
    let labels: Vec<_> = labels.into_iter().map(|l| (l.account, l.operator.to_string(), l.label)).collect();
    let finding = judge(&items, &labels, sample.members, &ctx.policy.review);
    if finding.unlabelled > 0 || sample.passed.is_some() {
        return Ok(finding);
    }
    let at = ctx.now();
    // What is found of yesterday stops the order of today.
    let order = crate::ops::order::current(ctx)?.map_or(sample.order, |order| order.row.digest);
    let suspension = Suspension {
        order,
        cause: format!("sample:{}", day_name(day)),
        reason: format!("the sample of {}: {}", day_name(day), finding.text),
        at,
    };
    ctx.store.write(at, |tx| {
        tx.end_sample(day, finding.passes, &finding.text, by)?;
        if !finding.passes {
            tx.suspend_order(&suspension, None, ROUTINE)?;
        }
        Ok(())
    })?;
    Ok(finding)
}
