//! One plan, as its approvers see it.

use super::super::App;
use super::super::fault::Fault;
use super::console;
use crate::context::Context;
use crate::ops;
use model::id::{Millis, PlanId};
use model::operator::Approval;
use model::plan::{ActKind, Draft};
use page::console::{
    ApprovalRow, LeftOutGroup, MatchGroup, Note, PlanPage, PlanTally, Review, Reviewer, Severity,
};
use respond::port::Guard;
use store::{Read, StoreError};

/// So many accounts of the cohort are shown; the plan's file has them all.
const COHORT_SHOWN: usize = 50;
/// So many of those left out, for each reason.
const LEFT_OUT_SHOWN: usize = 5;

/// So many of those who match a campaign, for each campaign; the command line has them all.
const MATCHES_SHOWN: usize = 20;

/// The plan's page.
pub(in crate::web) fn page(app: &App, id: &PlanId) -> Result<PlanPage, Fault> {
    let ctx = &app.ctx;
    let now = ctx.now();
    let review = review(ctx, id)?;
    let (row, draft, policy, notes, approvals, run, operators) = ctx.store.read(|r| {
        let row = r.plan(id)?;
        let approvals = approvals(r, id, now)?;
        let run = r.run_of(id)?.map(|run| run.id);
        Ok((row, r.draft(id)?, r.policy_of(id)?, r.notes(id)?, approvals, run, r.operators()?.len()))
    })?;
    let unprobed = ops::probe::unprobed(ctx, &draft);
    let Draft { header, mut entries, probes, left_out } = draft;
    let capabilities = ctx.service.directory.capabilities();
    let is_atomic = capabilities.guard == Guard::Atomic || capabilities.name != header.connector;
    let requires = |e: &&model::plan::Entry| e.acts.iter().any(|a| a.kind() == ActKind::RequireNewCredential);
    let guarded = entries.iter().filter(requires).count() as u64;
    let tally = PlanTally::of(&entries);
    let matches = ops::preflight::left_out_matches(ctx, id)?
        .chunk_by(|a, b| a.campaign == b.campaign)
        .map(|of_one| MatchGroup {
            campaign: of_one[0].campaign.clone(),
            accounts: of_one.len() as u64,
            some: of_one.iter().take(MATCHES_SHOWN).map(|m| (m.account.clone(), m.reason.clone())).collect(),
        })
        .collect();
    entries.truncate(COHORT_SHOWN);
    Ok(PlanPage {
        console: console(app, None),
        approvals_needed: respond::consent::needed(&header, &policy, operators).0,
        header,
        state: row.state,
        state_reason: row.reason,
        digest: row.digest,
        sealed_at: row.sealed_at,
        tally,
        guard_not_atomic: if is_atomic { 0 } else { guarded },
        notes: notes.into_iter().map(note).collect(),
        review,
        approvals,
        cohort: entries,
        probes,
        unprobed,
        left_out: LeftOutGroup::of(&left_out, LEFT_OUT_SHOWN),
        matches,
        run,
    })
}

fn note(note: store::plans::Note) -> Note {
    let severity = match note.severity {
        store::plans::Severity::Info => Severity::Info,
        store::plans::Severity::Warn => Severity::Warn,
        store::plans::Severity::Refuse => Severity::Refuse,
    };
    Note { severity, code: note.code, text: note.text, sure: note.sure, todo: note.todo }
}

fn review(ctx: &Context, plan: &PlanId) -> Result<Option<Review>, Fault> {
    let Some(finding) = ops::review::finding(ctx, plan).map_err(|e| missing_first(ctx, plan, e))? else {
        return Ok(None);
    };
    let limit = ctx.store.read(|r| r.policy_of(plan))?.review.wrong_share_max;
    let reviewer = |(name, (missed, planted)): (String, (u64, u64))| Reviewer {
        name: model::id::OperatorName::new(name),
        planted,
        missed,
    };
    Ok(Some(Review {
        looked_at: finding.looked_at,
        unlabelled: finding.unlabelled,
        wrong: finding.wrong,
        wrong_share_bound: finding.wrong_share_bound,
        wrong_share_max: limit,
        passes: finding.passes,
        reviewers: finding.planted.into_iter().map(reviewer).collect(),
    }))
}

/// Where the plan is not there at all, that is what is said.
fn missing_first(ctx: &Context, plan: &PlanId, error: crate::error::Error) -> Fault {
    ctx.store.read(|r| r.plan(plan)).err().map_or_else(|| Fault::from(error), Fault::from)
}

/// Each with the moment it was given, which the log has.
fn approvals(read: &Read, plan: &PlanId, now: Millis) -> Result<Vec<ApprovalRow>, StoreError> {
    let log = read.audit_records_of(plan.as_str())?;
    let digest = read.plan(plan)?.digest;
    let given_at = |approval: &Approval| {
        let by = approval.consent.operator.as_str();
        let mut last = log.iter().rev().map(|record| &record.entry);
        last.find(|e| e.action == "plan.consent" && e.actor == by).map_or(now, |e| e.at)
    };
    let mut rows = Vec::new();
    for approval in read.approvals(plan)? {
        let operator = read.operator(&approval.consent.operator)?;
        let holds = operator.zip(digest).is_some_and(|(o, digest)| approval.holds(&o, &digest, now));
        rows.push(ApprovalRow {
            at: given_at(&approval),
            operator: approval.consent.operator,
            decision: approval.consent.decision,
            expires_at: approval.consent.expires_at,
            holds,
        });
    }
    rows.sort_by_key(|row| row.at);
    Ok(rows)
}
