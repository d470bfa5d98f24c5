//! Policies held against each other, and against what was measured of past plans. Nothing is measured anew: what the ledger
//! does not have can't be told, and that is said.

use crate::context::Context;
use crate::error::{Error, Result};
use model::id::{Digest, Millis, PlanId};
use model::plan::{PlanState, Purpose, Tier};
use model::policy::{LIMITS, Limit, Policy, ReferencePolicy};
use serde::Serialize;
use std::path::Path;

/// A limit of which two policies say something else; absent where a policy has no such section.
#[derive(Debug, Serialize)]
pub(crate) struct Difference {
    pub(crate) key: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) what: &'static str,
    pub(crate) a: Option<f64>,
    pub(crate) b: Option<f64>,
}

/// The limits in which two policies differ, in the order of the file.
pub(crate) fn diff(a: &Policy, b: &Policy) -> Vec<Difference> {
    let of = |limit: &Limit| Difference {
        key: limit.key,
        unit: limit.unit.as_str(),
        what: limit.what,
        a: (limit.value)(a),
        b: (limit.value)(b),
    };
    LIMITS.iter().map(of).filter(|d| d.a != d.b).collect()
}

/// What is usual by the ledger: the hunts recorded in a time of which a plan came that people let pass.
pub(crate) fn freeze(
    ctx: &Context,
    since: Millis,
    until: Millis,
    multiple_max: f64,
) -> Result<ReferencePolicy> {
    if !(1.0..f64::INFINITY).contains(&multiple_max) {
        return Err(Error::usage(format!("--multiple is at least 1, not {multiple_max}")));
    }
    let passed = ctx.store.read(store::Read::hunts_that_passed)?;
    let within: Vec<_> = passed.iter().filter(|c| (since..until).contains(&c.hunt.recorded_at)).collect();
    let sum = |of: fn(&store::hunts::Hunt) -> u64| within.iter().map(|c| of(&c.hunt)).sum::<u64>();
    let (accounts, active) = (sum(|h| h.believed), sum(|h| h.summary.active));
    if accounts == 0 {
        return Err(Error::failed(format!(
            "{} hunts of that time came to a plan that people let pass, and found {accounts} accounts: that is no reference",
            within.len()
        ))
        .hint("freeze after some hunts whose plans were reviewed; --since and --until choose the time"));
    }
    Ok(ReferencePolicy { hunts: within.len() as u64, accounts, active, multiple_max })
}

/// What past plans would have met under another policy.
#[derive(Debug, Serialize)]
pub(crate) struct WhatIf {
    /// The other policy's digest.
    pub(crate) policy: Digest,
    pub(crate) plans: Vec<PlanUnder>,
}

/// One plan under another policy.
#[derive(Debug, Serialize)]
pub(crate) struct PlanUnder {
    pub(crate) plan: PlanId,
    pub(crate) state: &'static str,
    pub(crate) accounts: u64,
    /// Limits of which something is known of this plan, and about which the two policies disagree for it.
    pub(crate) changed: Vec<Changed>,
    /// Limits that are another in the other policy, and about which nothing can be told.
    pub(crate) cannot_tell: Vec<CannotTell>,
}

/// A limit that a plan meets under one policy and not under the other.
#[derive(Debug, Serialize)]
pub(crate) struct Changed {
    pub(crate) limit: &'static str,
    /// Of what, where it is not of the whole plan.
    pub(crate) of: String,
    pub(crate) measured: f64,
    /// The limit it was made under, and the other's.
    pub(crate) was: Option<f64>,
    pub(crate) would_be: Option<f64>,
    /// What the other policy says.
    pub(crate) says: String,
}

impl Changed {
    /// What is so of the whole plan.
    fn of_plan(
        limit: &'static str,
        measured: f64,
        was: Option<f64>,
        would_be: Option<f64>,
        says: &str,
    ) -> Self {
        Self { limit, of: String::new(), measured, was, would_be, says: says.to_owned() }
    }
}

/// A limit about which nothing can be told of a plan.
#[derive(Debug, Serialize)]
pub(crate) struct CannotTell {
    pub(crate) limit: &'static str,
    pub(crate) why: &'static str,
}

/// Figures were measured under limits of their own: where one of these is another, the figure would be another.
const MEASURED_UNDER: &[(&str, &[&str])] = &[
    ("preflight.segment_share_max", &["preflight.segment_accounts_min"]),
    (
        "preflight.signal_share_max",
        &["cohort.confidence_min", "cohort.families_min", "preflight.signal_accounts_min"],
    ),
    (
        "preflight.signal_leap_max",
        &[
            "cohort.confidence_min",
            "cohort.families_min",
            "preflight.signal_accounts_min",
            "preflight.leap_share_max",
            "preflight.held_wrong_share_max",
            "preflight.confidence",
        ],
    ),
    (
        "preflight.placebo_share_max",
        &["cohort.confidence_min", "cohort.families_min", "preflight.placebo_history_ms_min"],
    ),
    ("reference.multiple_max", &["reference.hunts", "reference.accounts", "reference.active"]),
];

/// Holds every containment plan of the ledger against another policy.
pub(crate) fn what_if(ctx: &Context, other: &Policy) -> Result<WhatIf> {
    let plans = ctx.store.read(store::Read::plans)?;
    let contains = plans.into_iter().filter(|p| p.header.purpose == Purpose::Contain);
    let plans = contains.map(|p| under(ctx, &p, other)).collect::<Result<_>>()?;
    Ok(WhatIf { policy: other.digest()?, plans })
}

fn under(ctx: &Context, plan: &store::plans::PlanRow, other: &Policy) -> Result<PlanUnder> {
    let id = &plan.id;
    let (own, figures) = ctx.store.read(|r| Ok((r.policy_of(id)?, r.measured(id)?)))?;
    let differs: Vec<&'static str> = diff(&own, other).into_iter().map(|d| d.key).collect();
    let value = |policy: &Policy, key: &str| Limit::of(key).and_then(|l| (l.value)(policy));
    let mut changed = Vec::new();
    let mut told: Vec<&'static str> = Vec::new();
    let mut cannot_tell = Vec::new();
    for figure in &figures {
        let Some(limit) = Limit::of(&figure.limit) else { continue };
        let conditions = MEASURED_UNDER.iter().find(|(key, _)| *key == limit.key).map_or(&[][..], |(_, c)| c);
        if conditions.iter().any(|c| differs.contains(c)) {
            continue;
        }
        told.push(limit.key);
        let (was, would_be) = (value(&own, limit.key), value(other, limit.key));
        let passes = |most: Option<f64>| most.is_none_or(|most| figure.measured <= most);
        if passes(was) != passes(would_be) {
            let says = if passes(would_be) { "passes" } else { figure.severity.as_str() };
            let of_it = Changed::of_plan(limit.key, figure.measured, was, would_be, says);
            changed.push(Changed { of: figure.of.clone(), ..of_it });
        }
    }
    members(ctx, plan, &own, other, &mut changed, &mut told)?;
    reviewed(ctx, plan, &own, other, &mut changed, &mut told)?;
    for key in differs.into_iter().filter(|key| !told.contains(key)) {
        cannot_tell.push(CannotTell { limit: key, why: why(plan.state, key) });
    }
    let (state, accounts) = (plan.state.as_str(), plan.header.accounts);
    Ok(PlanUnder { plan: id.clone(), state, accounts, changed, cannot_tell })
}

/// Members who would not be in it, by confidence and families, from the entries themselves.
fn members(
    ctx: &Context,
    plan: &store::plans::PlanRow,
    own: &Policy,
    other: &Policy,
    changed: &mut Vec<Changed>,
    told: &mut Vec<&'static str>,
) -> Result<()> {
    let entries = ctx.store.read(|r| r.draft(&plan.id))?.entries;
    if entries.len() as u64 != plan.header.accounts {
        // Some were erased: who they were can't be told.
        return Ok(());
    }
    let by_evidence = || entries.iter().filter(|e| e.tier == Tier::Evidence);
    let least = other.cohort.confidence_min;
    let unsure = by_evidence().filter(|e| e.confidence < least).count();
    if least >= own.cohort.confidence_min {
        told.push("cohort.confidence_min");
        if unsure > 0 {
            changed.push(out("cohort.confidence_min", unsure, own.cohort.confidence_min, least));
        }
    }
    let families = |e: &model::plan::Entry| {
        e.evidence.iter().map(|e| e.family).collect::<std::collections::BTreeSet<_>>().len() as u32
    };
    let least = other.cohort.families_min;
    if least >= own.cohort.families_min {
        told.push("cohort.families_min");
        let few = by_evidence().filter(|e| families(e) < least).count();
        if few > 0 {
            changed.push(out("cohort.families_min", few, own.cohort.families_min.into(), least.into()));
        }
    }
    let precautions = entries.len() - by_evidence().count();
    told.push("cohort.precaution_accounts_max");
    let (was, most) = (own.cohort.precaution_accounts_max, other.cohort.precaution_accounts_max);
    if precautions as u64 > most {
        changed.push(Changed::of_plan(
            "cohort.precaution_accounts_max",
            precautions as f64,
            Some(was as f64),
            Some(most as f64),
            "refused when it is drafted",
        ));
    }
    Ok(())
}

fn out(limit: &'static str, accounts: usize, was: f64, would_be: f64) -> Changed {
    let says = format!("{accounts} members would not be in it");
    Changed::of_plan(limit, accounts as f64, Some(was), Some(would_be), &says)
}

/// Whether the labels of its review exclude the other policy's wrong share.
fn reviewed(
    ctx: &Context,
    plan: &store::plans::PlanRow,
    own: &Policy,
    other: &Policy,
    changed: &mut Vec<Changed>,
    told: &mut Vec<&'static str>,
) -> Result<()> {
    let then = super::review::finding_under(ctx, &plan.id, &own.review)?;
    let now = super::review::finding_under(ctx, &plan.id, &other.review)?;
    let Some((then, now)) = then.zip(now).filter(|(then, _)| then.unlabelled == 0) else { return Ok(()) };
    told.extend(["review.wrong_share_max", "review.confidence"]);
    if now.passes != then.passes {
        changed.push(Changed::of_plan(
            "review.wrong_share_max",
            now.wrong_share_bound,
            Some(own.review.wrong_share_max),
            Some(other.review.wrong_share_max),
            if now.passes { "passes" } else { "the review refuses it" },
        ));
    }
    Ok(())
}

fn why(state: PlanState, key: &str) -> &'static str {
    let section = key.split('.').next().unwrap_or_default();
    match section {
        "preflight" | "reference" if state == PlanState::Draft => "it was not checked",
        "preflight" | "reference" => {
            "it was not measured, or under limits that are other now: check a new draft under that policy"
        }
        "cohort" => "who was left out would have to be considered again: draft under that policy",
        "review" => "the sample was drawn under its own limits, or there was none",
        "approval" | "run" | "gate" => "what people and owners would have done then can't be known",
        _ => "it is not about a plan",
    }
}

/// Reads a policy's file.
pub(crate) fn read(file: &Path) -> Result<Policy> {
    crate::context::policy(Some(file))
}
