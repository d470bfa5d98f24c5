//! Labels and owners' answers, held against the confidences of the verdicts in sealed plans. It loads, has `decide` judge,
//! and hands back; it changes nothing in the ledger.

use crate::context::Context;
use crate::error::{Error, Result};
use decide::calibrate::{self, ANSWERS_MIN, Answered, Bin, Said, Truth};
use decide::detect::Calibration;
use hunt::Calibrated;
use model::id::{AccountId, Digest, OperatorName, PlanId};
use model::labels::Label;
use model::plan::Purpose;
use std::collections::BTreeMap;
use store::answers::AnswerRow;
use store::plans::PlanRow;

/// What the answers come to.
pub(crate) struct Counted {
    /// Verdicts of which the truth is known.
    pub(crate) answered: Vec<Answered>,
    /// Verdicts by what was said of them.
    pub(crate) truths: BTreeMap<Truth, u64>,
    /// Verdicts that were made with other weights than this version's.
    pub(crate) other_weights: u64,
    /// Answers about accounts that were erased, or that stand in no sealed plan of this service.
    pub(crate) not_here: u64,
}

impl Counted {
    pub(crate) fn bins(&self) -> Vec<Bin> {
        calibrate::reliability(&self.answered)
    }
}

/// One verdict: an account as one hunt found it, whichever plans it was in.
type Verdict = (Digest, AccountId);

/// Everything that was said of one verdict.
#[derive(Default)]
struct Heard {
    /// The latest plan that holds it.
    plan: Option<PlanId>,
    /// Of each person the last label that says something.
    labels: BTreeMap<OperatorName, Label>,
    owner: Vec<Said>,
}

impl Heard {
    fn said(&self) -> Vec<Said> {
        self.labels.values().map(|label| Said::Label(*label)).chain(self.owner.iter().copied()).collect()
    }
}

/// Counts what was said of the verdicts in the sealed plans of the connected service.
pub(crate) fn count(ctx: &Context) -> Result<Counted> {
    let service = ctx.service.directory.capabilities().name.clone();
    let (plans, answers) = ctx.store.read(|r| Ok((r.plans()?, r.answers()?)))?;
    let is_told = |p: &PlanRow| {
        p.digest.is_some() && p.header.purpose == Purpose::Contain && p.header.connector == service
    };
    // The latest first: of the plans that hold a verdict the latest stands for it.
    let order: Vec<&PlanRow> = plans.iter().filter(|p| is_told(p)).collect();
    let place: BTreeMap<&PlanId, usize> = order.iter().enumerate().map(|(at, p)| (&p.id, at)).collect();
    let mut heard: BTreeMap<Verdict, Heard> = BTreeMap::new();
    let mut counted =
        Counted { answered: Vec::new(), truths: BTreeMap::new(), other_weights: 0, not_here: 0 };
    for AnswerRow { plan, account, said } in answers {
        let Some(at) = place.get(&plan) else {
            counted.not_here += 1;
            continue;
        };
        let one = heard.entry((order[*at].header.hunt, account)).or_default();
        if one.plan.as_ref().is_none_or(|before| place[before] > *at) {
            one.plan = Some(plan);
        }
        match said {
            store::answers::Said::Label(operator, label) => {
                let kept = one.labels.entry(operator).or_insert(label);
                if label != Label::CantTell {
                    *kept = label;
                }
            }
            store::answers::Said::Dispute(proved) => one.owner.push(Said::Dispute { proved }),
            store::answers::Said::Recovered => one.owner.push(Said::Recovered),
        }
    }
    weigh(ctx, &heard, &mut counted)?;
    Ok(counted)
}

/// Puts each verdict beside its truth.
fn weigh(ctx: &Context, heard: &BTreeMap<Verdict, Heard>, counted: &mut Counted) -> Result<()> {
    let mut scales: BTreeMap<Digest, Option<(f64, Calibration)>> = BTreeMap::new();
    for ((hunt, account), one) in heard {
        let (Some(truth), Some(plan)) = (calibrate::truth(&one.said()), &one.plan) else { continue };
        let (value, summary) = ctx.store.read(|r| {
            let value = r.values_of(plan, std::slice::from_ref(account))?.into_iter().next();
            let known = scales.contains_key(hunt);
            Ok((value, if known { None } else { r.hunt(hunt)?.map(|h| h.summary) }))
        })?;
        let scale = *scales.entry(*hunt).or_insert_with(|| {
            let summary = summary?;
            Some((summary.prior, Calibration::read_back(summary.prior, &summary.weights)?))
        });
        let Some(entry) = value.map(|v| v.entry) else {
            counted.not_here += 1;
            continue;
        };
        *counted.truths.entry(truth).or_default() += 1;
        let compromised = match truth {
            Truth::Compromised => true,
            Truth::NotCompromised => false,
            Truth::Disagreed | Truth::Unproved | Truth::CantTell => continue,
        };
        let Some((prior, scale)) = scale else {
            counted.other_weights += 1;
            continue;
        };
        let log_odds = prior + entry.evidence.iter().map(|e| e.weight).sum::<f64>();
        counted.answered.push(Answered {
            confidence: entry.confidence,
            log_odds: scale.undone(log_odds),
            compromised,
        });
    }
    Ok(())
}

/// The correction that the answers ask for, ready to be written.
pub(crate) fn fit(ctx: &Context, counted: &Counted) -> Result<Calibrated> {
    let answered = &counted.answered;
    if answered.len() < ANSWERS_MIN {
        return Err(Error::failed(format!(
            "the truth is known of {} verdicts, and {ANSWERS_MIN} are needed before a confidence is corrected",
            answered.len()
        ))
        .hint("label more: rightful plan review PLAN, rightful case label ACCOUNT"));
    }
    let by = calibrate::fit(answered);
    if by.stretch <= 0.0 {
        return Err(Error::failed(
            "by these answers a higher confidence means that less is wrong there, not more: no stretch and shift mends that",
        )
        .hint("look at the verdicts that were wrong: rightful case show ACCOUNT"));
    }
    Ok(Calibrated {
        format: Calibrated::format(),
        service: ctx.service.directory.capabilities().name.clone(),
        answers: answered.len() as u64,
        compromised: answered.iter().filter(|a| a.compromised).count() as u64,
        weights: Calibrated::weights_digest(),
        stretch: decide::detect::six_digits(by.stretch),
        shift: decide::detect::six_digits(by.shift),
        brier: calibrate::brier(answered),
        brier_corrected: calibrate::brier_corrected(answered),
        fitted_at: ctx.now(),
    })
}
