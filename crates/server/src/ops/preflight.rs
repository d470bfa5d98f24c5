//! Preflight: gathers what the checks read, has them decide, keeps what they said and measured. The placebo is a hunt of its
//! own, into the data folder.

use super::plan::{answer_of, labels};
use crate::context::Context;
use crate::error::{Error, Result};
use decide::preflight::{
    Basis, Figure, Match, Note, PastHunt, PlaceboYield, Severity, matches, placebo_window, placebo_yield,
    preflight,
};
use hunt::Answer;
use model::id::{AccountId, CampaignId, Digest, PlanId};
use model::plan::{Draft, PlanState, Purpose};
use respond::port::Guard;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use store::hunts::Counted;

/// Runs the preflight on a draft; gives its notes and what became of it. `placebo` are the files of events that the plan's
/// hunt looked at, and `mmdb` those it took networks from; without events nothing says what it finds where nobody was
/// attacked.
pub(crate) fn check(
    ctx: &Context,
    plan: &PlanId,
    by: &str,
    placebo: &[PathBuf],
    mmdb: &[PathBuf],
) -> Result<(PlanState, Vec<store::plans::Note>)> {
    let answer = answer_of(ctx, plan)?;
    let draft = ctx.store.read(|r| r.draft(plan))?;
    let (states, labels) = (ctx.accounts(None)?, labels(ctx, &answer)?);
    let (history, probes) = (history(ctx, &answer.digest)?, ctx.store.read(store::Read::probes)?);
    let parent = super::addendum::parent_of(ctx, &draft)?;
    let capabilities = ctx.service.directory.capabilities();
    let mut basis = Basis {
        verdicts: &answer.verdicts,
        timelines: &answer.timelines,
        summary: &answer.summary,
        states: &states,
        labels: &labels,
        history: &history,
        placebo: None,
        guard_is_atomic: capabilities.guard == Guard::Atomic,
        can: &capabilities.acts,
        outlives_ms: capabilities.outlives_ms(),
        probes: &probes,
        opens: &capabilities.opens,
        can_try: &capabilities.probes,
        parent: parent.as_ref(),
        policy: &ctx.policy,
    };
    let found =
        if placebo.is_empty() { None } else { Some(ask_placebo(ctx, &draft, &basis, placebo, mmdb)?) };
    basis.placebo = found.as_ref();
    let report = preflight(&draft, &basis);
    let notes: Vec<_> = report.notes.into_iter().map(kept).collect();
    let figures: Vec<_> = report.figures.into_iter().map(measured).collect();
    let state = ctx.store.write(ctx.now(), |tx| {
        tx.put_figures(plan, &figures)?;
        tx.check_plan(plan, &notes, by)
    })?;
    Ok((state, notes))
}

/// Hunts over the quiet window before a draft's attack; the answer stays in the data folder, to be looked at.
fn ask_placebo(
    ctx: &Context,
    draft: &Draft,
    basis: &Basis<'_>,
    files: &[PathBuf],
    mmdb: &[PathBuf],
) -> Result<PlaceboYield> {
    let no = |e: decide::preflight::PlaceboError| {
        Error::failed(format!("there can be no placebo: {e}")).hint(
            "check the plan without --placebo, which is then said; or name events that reach further back",
        )
    };
    let window = placebo_window(draft, basis.summary, basis.policy).map_err(no)?;
    let folder = ctx.data.join("placebo");
    std::fs::create_dir_all(&folder).map_err(crate::error::at(&folder))?;
    let out = folder.join(draft.header.plan.as_str());
    let request = hunt::Request {
        since: Some(window.start),
        until: Some(window.end),
        intelligence: hunt::IntelligenceFiles { mmdb: mmdb.to_vec(), ..Default::default() },
        ..hunt::Request::new(files.to_vec(), out.clone())
    };
    hunt::run(&request, &|_| {})?;
    let Answer { verdicts, summary, .. } = hunt::read_answer(&out)?;
    placebo_yield(window, &verdicts, &summary, basis).map_err(no)
}

/// The earlier hunts that people let pass, but for this one.
fn history(ctx: &Context, own: &Digest) -> Result<Vec<PastHunt>> {
    let passed = ctx.store.read(store::Read::hunts_that_passed)?;
    Ok(passed.into_iter().filter(|c| c.hunt.digest != *own).map(past).collect())
}

/// What a hunt counted; a signal that it knew and found on nobody is counted as none.
fn past(counted: Counted) -> PastHunt {
    let known = counted.hunt.summary.weights.into_keys().map(|signal| (signal, 0));
    let signals = known.chain(counted.signals).collect();
    PastHunt { active: counted.hunt.summary.active, signals }
}

fn kept(note: Note) -> store::plans::Note {
    store::plans::Note {
        code: note.check.code().to_owned(),
        severity: weight(note.severity),
        text: note.text,
        sure: Some(note.sure),
        todo: note.todo,
    }
}

fn measured(figure: Figure) -> store::plans::Figure {
    store::plans::Figure {
        limit: figure.limit.to_owned(),
        of: figure.of,
        measured: figure.measured,
        severity: weight(figure.severity),
    }
}

fn weight(severity: Severity) -> store::plans::Severity {
    match severity {
        Severity::Info => store::plans::Severity::Info,
        Severity::Warn => store::plans::Severity::Warn,
        Severity::Refuse => store::plans::Severity::Refuse,
    }
}

/// Who matches a campaign of a plan's hunt and is not in the plan, from the ledger alone. Only a containment plan can be
/// too small in this sense.
pub(crate) fn left_out_matches(ctx: &Context, plan: &PlanId) -> Result<Vec<Match>> {
    if ctx.store.read(|r| r.plan(plan))?.header.purpose != Purpose::Contain {
        return Ok(Vec::new());
    }
    let (near, left_out, ties, draft) = ctx.store.read(|r| {
        let hunt = r.plan(plan)?.header.hunt;
        let near = r.hunt(&hunt)?.map(|h| h.summary.left_out).unwrap_or_default();
        Ok((near, r.left_out(plan)?, r.members(&hunt)?, r.draft(plan)?))
    })?;
    let campaign_of: BTreeMap<AccountId, CampaignId> = ties
        .into_iter()
        .filter_map(|m| m.account.zip(m.ties.into_iter().find_map(|tie| tie.campaign)))
        .collect();
    let members: BTreeSet<&AccountId> = draft.entries.iter().map(|e| &e.account).collect();
    Ok(matches(&near, &left_out, &campaign_of, &members))
}
