//! One account, as operators and support see it.

use super::super::App;
use super::super::caught;
use super::super::fault::Fault;
use super::console;
use crate::ops;
use crate::ops::story::Story;
use model::id::{AccountId, PlanId, RunId};
use model::plan::{Act, Entry, Tier};
use model::verdict::{Belief, Hand, Intruder, Moment, Verdict};
use page::console::{CasePage, Contained, Dispute, Labelled, Need, NoticeRow};
use std::collections::BTreeSet;
use store::notices::Notice;
use store::queue::QueueRow;
use store::reviews::LabelRow;
use store::{Read, StoreError};

/// What plans say of an account.
#[derive(Default)]
struct Standing {
    /// The plans it is in, the latest first, each with its run.
    plans: Vec<(PlanId, Option<RunId>)>,
    /// Its entry in the latest of them.
    entry: Option<Entry>,
    /// The latest plan that considered it and left it out.
    left_out_of: Option<PlanId>,
    /// The latest timeline that stands beside a plan.
    moments: Vec<Moment>,
}

/// What people said of an account, and what they are asked for.
struct Said {
    labels: Vec<LabelRow>,
    queued: Vec<QueueRow>,
}

/// The case's page.
pub(in crate::web) fn page(app: &App, account: &AccountId) -> Result<CasePage, Fault> {
    let (mut story, mut standing, said) = app.ctx.store.read(|r| {
        let said = Said { labels: r.labels_of(account)?, queued: r.queue_of(account)? };
        Ok((Story::read(r, account)?, Standing::read(r, account)?, said))
    })?;
    if story.moments.is_empty() {
        story.moments = std::mem::take(&mut standing.moments);
    }
    let entry = story.entry.take().or(standing.entry);
    let tier = entry.as_ref().map(|e| e.tier);
    let mut verdict = entry.map(|entry| concluded(entry, &story.moments));
    if let (None, Some(plan)) = (&verdict, &standing.left_out_of) {
        verdict = found_by_hunt(app, plan, account, &mut story);
    }
    let is_known = verdict.is_some() || !story.moments.is_empty() || !standing.plans.is_empty();
    if !is_known && standing.left_out_of.is_none() && said.labels.is_empty() {
        return Err(Fault::not_found("case"));
    }
    Ok(filled(app, account, &story, verdict, tier, standing.plans, said))
}

fn filled(
    app: &App,
    account: &AccountId,
    story: &Story,
    verdict: Option<Verdict>,
    tier: Option<Tier>,
    plans: Vec<(PlanId, Option<RunId>)>,
    said: Said,
) -> CasePage {
    let labelled = |l: LabelRow| Labelled { by: l.operator, label: l.label, at: l.labelled_at };
    let steps = story.chapters.iter().rev().flat_map(|chapter| &chapter.steps);
    CasePage {
        console: console(app, None),
        account: account.clone(),
        verdict,
        tier,
        plans,
        timeline: story.lines(),
        contained: steps
            .map(|s| Contained { act: s.kind, state: s.state, at: s.outcome_at, note: s.result.clone() })
            .collect(),
        notices: notices(app, &story.notices),
        labels: said.labels.into_iter().map(labelled).collect(),
        disputes: story
            .disputes
            .iter()
            .map(|d| Dispute { at: d.disputed_at, proved: d.proved_at.is_some() })
            .collect(),
        needs: said
            .queued
            .into_iter()
            .filter(|q| q.closed_at.is_none())
            .map(|q| Need { why: q.why, saying: q.saying, since: q.opened_at })
            .collect(),
        recovered_at: story.recovered_at(),
    }
}

impl Standing {
    fn read(read: &Read, account: &AccountId) -> Result<Self, StoreError> {
        let one = std::slice::from_ref(account);
        let mut standing = Self::default();
        for plan in read.plans()? {
            let entry = match plan.digest {
                Some(_) => read.values_of(&plan.id, one)?.into_iter().next().map(|v| v.entry),
                None => read.draft(&plan.id)?.entries.into_iter().find(|e| e.account == *account),
            };
            if standing.moments.is_empty() {
                standing.moments = read.timeline(&plan.id, account)?.map(|t| t.moments).unwrap_or_default();
            }
            if let Some(entry) = entry {
                standing.entry.get_or_insert(entry);
                let run = read.run_of(&plan.id)?.map(|run| run.id);
                standing.plans.push((plan.id, run));
            } else if standing.left_out_of.is_none()
                && read.left_out(&plan.id)?.iter().any(|l| l.account == *account)
            {
                standing.left_out_of = Some(plan.id);
            }
        }
        Ok(standing)
    }
}

/// What a hunt concluded, as the entry and the timeline copied it.
fn concluded(entry: Entry, moments: &[Moment]) -> Verdict {
    let theirs: Vec<_> = moments.iter().filter(|m| m.hand == Hand::Intruder).map(|m| &m.event).collect();
    let sessions: BTreeSet<_> = theirs.iter().filter_map(|e| e.session.clone()).collect();
    let apps: BTreeSet<_> = theirs.iter().filter_map(|e| e.app.clone()).collect();
    Verdict {
        account: entry.account,
        verdict: Belief::Compromised,
        route: entry.route,
        confidence: entry.confidence,
        window: entry.window,
        evidence: entry.evidence,
        intruder: Intruder {
            events: theirs.iter().map(|e| e.id.clone()).collect(),
            objects: theirs.iter().filter_map(|e| e.object.clone()).collect(),
            follows: entry.acts.iter().flat_map(Act::unfollows).cloned().collect(),
            likes: entry.acts.iter().flat_map(Act::unlikes).cloned().collect(),
            sessions: sessions.into_iter().collect(),
            apps: apps.into_iter().collect(),
            changes: Vec::new(),
        },
    }
}

/// Of an account that was left out, the hunt's own answer, where it is still at its place.
fn found_by_hunt(app: &App, plan: &PlanId, account: &AccountId, story: &mut Story) -> Option<Verdict> {
    let answer = ops::plan::answer_of(&app.ctx, plan).ok()?;
    if story.moments.is_empty() {
        let timeline = answer.timelines.into_iter().find(|t| t.account == *account);
        story.moments = timeline.map(|t| t.moments).unwrap_or_default();
    }
    answer.verdicts.into_iter().find(|v| v.account == *account)
}

fn notices(app: &App, notices: &[Notice]) -> Vec<NoticeRow> {
    let caught = app.mails.as_ref().filter(|_| !notices.is_empty()).map(super::super::Mails::all);
    let row = |notice: &Notice| NoticeRow {
        template: notice.template,
        state: notice.state,
        code: notice.code.clone(),
        at: notice.ended_at.or(notice.due_at).unwrap_or(notice.owed_at),
        mail: caught
            .as_ref()
            .and_then(|mails| mails.iter().position(|mail| caught::bears(mail, &notice.message_id)))
            .map(caught::name),
    };
    notices.iter().rev().map(row).collect()
}
