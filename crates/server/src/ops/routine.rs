//! The daily routine: under a standing order it hunts, drafts, checks and seals small plans by itself, and arms those
//! that provably meet the order's bounds. Whatever is more, or other, than the order allows becomes a draft for two
//! people, and the order rests until they have looked: nothing is kept for the next hour.

pub(crate) mod sample;
pub(crate) mod status;
#[cfg(test)]
mod tests;

use super::order::{Known, current, none};
use super::plan::{check, keep, prepare, seal_plan};
use super::run::{Advance, advance, arm, start};
use crate::context::Context;
use crate::error::{Error, Result};
use decide::routine::{DryFinding, Stop, dry, narrow, passed, stops};
use model::id::{AccountId, OperatorName, PlanId, RunId};
use model::labels::Label;
use model::order::{Bound, Order, Per, ROUTINE, Suspension};
use model::plan::{Entry, PlanState};
use model::run::RunState;
use respond::RespondError;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use store::orders::BatchRow;
use store::reviews::LabelSubject;
use store::{Read, StoreError};

/// How long a process has the routine for itself; what it has not sealed by then it can't.
const LEASE_MS: i64 = 3_600_000;
const LEASE: &str = "routine";
const DAY_MS: i64 = 86_400_000;

/// What the routine looks at.
pub(crate) enum Input {
    /// A hunt's answer.
    Answer(PathBuf),
    /// Files of events, to be hunted over.
    Events(Vec<PathBuf>),
}

/// What a turn of the routine came to.
#[derive(Debug, serde::Serialize)]
#[serde(tag = "turn", rename_all = "snake_case")]
pub(crate) enum Turn {
    /// Nobody was found for whom the routine is meant.
    Nothing,
    /// A batch to be looked at, never armed.
    Dry { plan: PlanId, accounts: u64, why: String },
    /// A batch was armed and carried out as far as its gates let it.
    Batch { plan: PlanId, run: RunId, accounts: u64, state: RunState },
    /// It is for two people, and the order rests until they have looked.
    ForPeople { plan: Option<PlanId>, reasons: Vec<String> },
}

/// One turn: earlier batches are carried on, yesterday's sample is seen to, then a new batch is made.
pub(crate) fn turn(ctx: &Context, input: &Input, only_dry: bool) -> Result<Turn> {
    if ctx.halt_file().is_there() {
        return Err(Error::halted(format!(
            "{} is there: nothing is started",
            ctx.halt_file().path().display()
        )));
    }
    let now = ctx.now();
    let holder = format!("{ROUTINE}/{}", hex::encode(&ctx.chance.bytes()[..8]));
    let fence = ctx.store.write(now, |tx| tx.lease(LEASE, &holder, now + LEASE_MS))?.ok_or_else(|| {
        Error::failed("another process is at the routine").hint("let it end; its turn is this one")
    })?;
    let done = with_lease(ctx, input, only_dry, fence);
    ctx.store.write(ctx.now(), |tx| tx.give_back_lease(LEASE, fence))?;
    done
}

fn with_lease(ctx: &Context, input: &Input, only_dry: bool, fence: u64) -> Result<Turn> {
    carry_on(ctx)?;
    let order = current(ctx)?.ok_or_else(none)?;
    order.insist()?;
    if let Some(reason) = sample::see_to(ctx, &order.row)? {
        return Ok(Turn::ForPeople { plan: None, reasons: vec![reason] });
    }
    let answer = found(ctx, input)?;
    let prepared =
        prepare(ctx, &answer, None, &OperatorName::new(ROUTINE), &|cohort| narrow(cohort, &order.row.order))?;
    if prepared.draft.entries.is_empty() {
        return Ok(Turn::Nothing);
    }
    let (summary, entries) = (prepared.answer.summary.clone(), prepared.draft.entries.clone());
    let drafted = keep(ctx, prepared)?;
    let plan = drafted.plan;
    let mut against: Vec<Stop> = drafted.refused.into_iter().map(refused).collect();
    if against.is_empty() {
        let (state, notes) = check(ctx, &plan, ROUTINE)?;
        if state == PlanState::Refused {
            let texts = notes.into_iter().filter(|n| n.severity == store::plans::Severity::Refuse);
            against.extend(texts.map(|n| refused(format!("{}: {}", n.code, n.text))));
        }
    }
    let bounds = order.row.order.bounds_on(&entries, ctx.policy.preflight.segment_accounts_min);
    against.extend(stops(&entries, &summary, &order.row.order, &ctx.policy, &looked_at(ctx, &order)?));
    against.extend(passed(&used(ctx, &bounds)?));
    if !against.is_empty() {
        return suspend(ctx, &order, &plan, &against);
    }
    seal_plan(ctx, &plan, ROUTINE)?;
    let accounts = entries.len() as u64;
    let finding = dry_finding(ctx, &order.row.order)?;
    if only_dry || (order.row.released_at.is_none() && !finding.enough) {
        let why = if only_dry { "asked for".to_owned() } else { finding.text };
        ctx.store.write(ctx.now(), |tx| {
            tx.insist_on_lease(LEASE, fence)?;
            tx.put_dry_batch(&plan, &order.row.digest, accounts)
        })?;
        return Ok(Turn::Dry { plan, accounts, why });
    }
    match take(ctx, &order, &plan, &entries, &bounds, &finding, fence) {
        Ok(()) => {}
        // Another process took from the same bound meanwhile: what was sealed is for people.
        Err(RespondError::Store(StoreError::Limit(limit))) => {
            let reason = format!("{}: its bound of {} is used up", limit.name, limit.max);
            let cause = format!("bound:{}", limit.name.trim_start_matches("routine."));
            return suspend(ctx, &order, &plan, &[Stop { cause, reason }]);
        }
        Err(other) => return Err(other.into()),
    }
    let run = arm(ctx, &plan, ROUTINE)?;
    start(ctx, &run, ROUTINE)?;
    carry(ctx, &run)?;
    let state = ctx.store.read(|r| r.run(&run))?.state;
    Ok(Turn::Batch { plan, run, accounts, state })
}

/// The answer to look at; events are hunted over into a folder of the data folder, named by the moment.
fn found(ctx: &Context, input: &Input) -> Result<PathBuf> {
    match input {
        Input::Answer(folder) => Ok(folder.clone()),
        Input::Events(files) => {
            let out = ctx.data.join("routine").join(ctx.now().to_string());
            std::fs::create_dir_all(ctx.data.join("routine")).map_err(crate::error::at(&ctx.data))?;
            hunt::run(&hunt::Request::new(files.clone(), out.clone()), &|_| {})?;
            Ok(out)
        }
    }
}

fn refused(reason: String) -> Stop {
    Stop { cause: "preflight".to_owned(), reason }
}

/// Everything at which two people have looked under this order.
fn looked_at(ctx: &Context, order: &Known) -> Result<BTreeSet<String>> {
    let all = ctx.store.read(|r| r.suspensions(&order.row.digest))?;
    // The order is in force, so that each of them was looked at.
    Ok(all.into_iter().map(|s| s.suspension.cause).collect())
}

fn used(ctx: &Context, bounds: &[Bound]) -> Result<Vec<(Bound, u64)>> {
    let now = ctx.now();
    Ok(ctx
        .store
        .read(|r| bounds.iter().map(|b| Ok((b.clone(), r.used(&b.counter, b.per.bucket(now))?))).collect())?)
}

/// The order rests; the batch stays as it is, for two people.
fn suspend(ctx: &Context, order: &Known, plan: &PlanId, against: &[Stop]) -> Result<Turn> {
    let now = ctx.now();
    ctx.store.write(now, |tx| {
        for stop in against {
            let suspension = Suspension {
                order: order.row.digest,
                cause: stop.cause.clone(),
                reason: stop.reason.clone(),
                at: now,
            };
            tx.suspend_order(&suspension, Some(plan), ROUTINE)?;
        }
        Ok(())
    })?;
    let reasons = against.iter().map(|s| s.reason.clone()).collect();
    Ok(Turn::ForPeople { plan: Some(plan.clone()), reasons })
}

/// Takes from every bound and makes the plan approved, in one transaction, with the consent that was checked in it.
fn take(
    ctx: &Context,
    order: &Known,
    plan: &PlanId,
    entries: &[Entry],
    bounds: &[Bound],
    finding: &DryFinding,
    fence: u64,
) -> std::result::Result<(), RespondError> {
    let (now, digest) = (ctx.now(), order.row.digest);
    ctx.store.write_with(now, |tx| {
        tx.insist_on_lease(LEASE, fence)?;
        if order.row.released_at.is_none() {
            let detail = serde_json::json!({
                "days": finding.days, "labels": finding.labels, "wrong": finding.wrong,
                "wrong_share_bound": finding.wrong_share_bound,
            });
            tx.release_order(&digest, ROUTINE, detail)?;
        }
        tx.put_live_batch(plan, &digest, entries.len() as u64, bounds)?;
        respond::consent::check(tx, plan, now)?;
        tx.mark_reviewed(plan, ROUTINE, serde_json::json!({ "order": digest }))?;
        tx.mark_approved(plan, ROUTINE, serde_json::json!({ "order": digest }))?;
        Ok(())
    })
}

/// What the reviews of dry batches say, of all that were made for this policy and service while an order may last.
pub(crate) fn dry_finding(ctx: &Context, order: &Order) -> Result<DryFinding> {
    let now = ctx.now();
    let since = Per::Day.bucket(now - ctx.policy.order.valid_ms_max);
    let (days, unreviewed, looked) = ctx.store.read(|r| {
        let (mut days, mut unreviewed, mut looked) = (BTreeSet::new(), 0, BTreeMap::new());
        for batch in r.batches_since(since)?.into_iter().filter(|b| b.dry) {
            let of = r.order(&batch.order)?.order;
            if of.policy != order.policy || of.connector != order.connector {
                continue;
            }
            if review_of(r, &batch, &mut looked)? {
                days.insert(batch.day);
            } else if batch.day < Per::Day.bucket(now) {
                unreviewed += 1;
            }
        }
        Ok((days, unreviewed, looked))
    })?;
    Ok(dry(&days, unreviewed, &looked, &ctx.policy))
}

/// Adds what was said of a batch's own accounts; whether its review has ended.
fn review_of(
    read: &Read,
    batch: &BatchRow,
    looked: &mut BTreeMap<AccountId, bool>,
) -> std::result::Result<bool, StoreError> {
    let Some(review) = read.review(&batch.plan)? else { return Ok(false) };
    let labels = read.labels(&LabelSubject::Plan(batch.plan.clone()))?;
    let mut ended = true;
    for item in review.items.iter().filter(|i| !i.planted) {
        let mut said = labels.iter().filter(|l| l.blind && l.account == item.account).peekable();
        ended &= said.peek().is_some();
        for label in said {
            *looked.entry(item.account.clone()).or_insert(false) |= label.label != Label::Compromised;
        }
    }
    Ok(ended)
}

/// Carries on what earlier turns began.
fn carry_on(ctx: &Context) -> Result<()> {
    let open = ctx.store.read(|r| {
        let mut open = Vec::new();
        for run in r.runs()?.into_iter().filter(|run| run.state == RunState::Running) {
            if r.batch(&run.plan)?.is_some() {
                open.push(run.id);
            }
        }
        Ok(open)
    })?;
    open.iter().try_for_each(|run| carry(ctx, run))
}

/// Carries a run as far as its gates let it now. A batch that its order covers no more is halted at once, even where
/// a gate would have waited, and says why.
fn carry(ctx: &Context, run: &RunId) -> Result<()> {
    loop {
        let now = ctx.now();
        let uncovered = ctx.store.read_with(|r| {
            let plan = r.run(run)?.plan;
            let ended = r.waves(run)?.iter().filter(|w| w.ended_at.is_some()).count();
            if ended == r.plan(&plan)?.header.waves.len() {
                return Ok(None);
            }
            match respond::consent::check(r, &plan, now) {
                Err(RespondError::NotCovered { why, .. }) => Ok(Some(why)),
                Err(expired @ RespondError::Expired { .. }) => Ok(Some(expired.to_string())),
                Ok(_) => Ok(None),
                Err(other) => Err(other),
            }
        })?;
        if let Some(why) = uncovered {
            super::run::halt(ctx, run, ROUTINE, &why)?;
            return Ok(());
        }
        match advance(ctx, run, &|_| {})? {
            Advance::Wave(_) => {}
            Advance::Gate(_)
            | Advance::Paced(..)
            | Advance::Unproved(_)
            | Advance::Halted(_)
            | Advance::Done
            | Advance::Elsewhere => {
                return Ok(());
            }
        }
    }
}

/// The day that a moment lies in, as people write it.
pub(crate) fn day_name(day: i64) -> String {
    jiff::Timestamp::from_millisecond(day.saturating_mul(DAY_MS))
        .map_or_else(|_| format!("day {day}"), |t| t.strftime("%Y-%m-%d").to_string())
}

/// Reads a day as people write it.
pub(crate) fn day_of(text: &str) -> Result<i64> {
    let moment = format!("{text}T00:00:00Z").parse::<jiff::Timestamp>();
    moment
        .map(|t| Per::Day.bucket(t.as_millisecond()))
        .map_err(|_| Error::usage(format!("{text:?} is no day; 2026-11-08 is one")))
}
