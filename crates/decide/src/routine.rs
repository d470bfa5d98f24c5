//! The daily routine's judgement: who of a cohort may be in a batch, what stops a batch so that people look, and
//! whether the dry batches were enough. It knows no counter and no clock; bounds are handed in with what is used.

use crate::bound;
use crate::gather::Cohort;
use model::account::Reach;
use model::id::AccountId;
use model::order::{Bound, Order};
use model::plan::{Entry, LeftOut, LeftOutCode, Tier};
use model::policy::Policy;
use model::verdict::{Family, Shift, Summary};
use std::collections::{BTreeMap, BTreeSet};

/// Something that stops a batch, and the order with it, until people have looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What, in one word and a value.
    pub cause: String,
    /// One sentence.
    pub reason: String,
}

/// Leaves those to people who are not for the routine: tier precaution, below the order's confidence, or an owner who
/// can't be told by mail.
#[must_use]
pub fn narrow<'a>(mut cohort: Cohort<'a>, order: &Order) -> Cohort<'a> {
    let mut kept = Vec::new();
    for member in std::mem::take(&mut cohort.members) {
        let why = if member.tier != Tier::Evidence {
            Some("by precaution".to_owned())
        } else if member.verdict.confidence < order.confidence_min {
            Some(format!(
                "confidence {} is below the order's {}",
                member.verdict.confidence, order.confidence_min
            ))
        } else if member.reach != Reach::Mail {
            Some("its owner can't be told by mail".to_owned())
        } else {
            None
        };
        match why {
            None => kept.push(member),
            Some(why) => cohort.left_out.push(LeftOut {
                account: member.verdict.account.clone(),
                code: LeftOutCode::BeyondOrder,
                reason: format!("for people, not for the routine: {why}"),
            }),
        }
    }
    cohort.members = kept;
    cohort.left_out.sort();
    cohort
}

/// What stops this batch, apart from bounds: an answer that is not calibrated as the order asks, a systemic shift that
/// nobody has looked at yet (`looked_at` are causes), a signal that carries too much of it.
#[must_use]
pub fn stops(
    entries: &[Entry],
    summary: &Summary,
    order: &Order,
    policy: &Policy,
    looked_at: &BTreeSet<String>,
) -> Vec<Stop> {
    let mut found = Vec::new();
    if !order.calibration.takes(&summary.calibration) {
        found.push(Stop {
            cause: "calibration".to_owned(),
            reason: format!(
                "the hunt says {:?}, and the order takes a confidence calibrated on {} alone",
                summary.calibration,
                order.calibration.as_str()
            ),
        });
    }
    found.extend(summary.shifts.iter().map(shift).filter(|stop| !looked_at.contains(&stop.cause)));
    found.extend(carrying(entries, policy));
    found
}

fn shift(shift: &Shift) -> Stop {
    Stop {
        cause: format!("shift:{}={}", shift.feature, shift.value),
        reason: format!(
            "{} {:?} came to {} accounts at once: something of the service itself changed, and nobody has looked at it yet",
            shift.feature, shift.value, shift.accounts
        ),
    }
}

/// A signal carries an account that would have too few families of evidence without it.
fn carrying(entries: &[Entry], policy: &Policy) -> Option<Stop> {
    let limits = &policy.order;
    let all = entries.len() as u64;
    if all < limits.signal_accounts_min {
        return None;
    }
    let mut carried: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in entries {
        let signals: BTreeSet<&str> = entry.evidence.iter().map(|e| e.signal.as_str()).collect();
        for signal in signals {
            let others = entry.evidence.iter().filter(|e| e.signal != signal).map(|e| e.family);
            let others: BTreeSet<Family> = others.filter(|f| f.counts()).collect();
            if others.len() < policy.cohort.families_min as usize {
                *carried.entry(signal).or_default() += 1;
            }
        }
    }
    let (signal, n) = carried.into_iter().max_by_key(|(signal, n)| (*n, *signal))?;
    let share = n as f64 / all as f64;
    (share > limits.signal_share_max).then(|| Stop {
        cause: format!("signal:{signal}"),
        reason: format!(
            "without the signal {signal}, {n} of {all} accounts ({:.0} %) would not be in this batch; the policy allows {:.0} % \
             (order.signal_share_max)",
            share * 100.0,
            limits.signal_share_max * 100.0
        ),
    })
}

/// The bounds that this batch would pass, by what is used of each already.
#[must_use]
pub fn passed(bounds: &[(Bound, u64)]) -> Vec<Stop> {
    let over = bounds.iter().filter(|(bound, used)| bound.wanted > 0 && used + bound.wanted > bound.max);
    over.map(|(bound, used)| beyond(bound, *used)).collect()
}

fn beyond(bound: &Bound, used: u64) -> Stop {
    let counter = bound.counter.trim_start_matches("routine.");
    Stop {
        cause: format!("bound:{counter}"),
        reason: format!(
            "{counter}: the batch has {} accounts, {used} were contained before it, and the order's bound is {}",
            bound.wanted, bound.max
        ),
    }
}

/// What the reviews of dry batches say.
#[derive(Clone, Debug, PartialEq)]
pub struct DryFinding {
    /// Different days with a batch that was reviewed.
    pub days: u64,
    /// Different accounts looked at.
    pub labels: u64,
    /// Of these, not compromised or not to be told.
    pub wrong: u64,
    /// The wrong share that the labels do not exclude.
    pub wrong_share_bound: f64,
    /// Whether batches may be armed.
    pub enough: bool,
    /// One sentence.
    pub text: String,
}

/// Judges dry batches: `days` on which one was reviewed, how many others wait for their review, and for each account
/// looked at whether it was wrong.
#[must_use]
pub fn dry(
    days: &BTreeSet<i64>,
    unreviewed: u64,
    looked_at: &BTreeMap<AccountId, bool>,
    policy: &Policy,
) -> DryFinding {
    let labels = looked_at.len() as u64;
    let wrong = looked_at.values().filter(|wrong| **wrong).count() as u64;
    let wrong_share_bound = bound::upper(wrong, labels, policy.review.confidence);
    let limits = &policy.order;
    let days = days.len() as u64;
    let enough = unreviewed == 0
        && days >= u64::from(limits.dry_days_min)
        && labels >= limits.dry_labels_min
        && wrong_share_bound <= policy.review.wrong_share_max;
    let text = format!(
        "dry batches were reviewed on {days} of {} days, {unreviewed} wait for their review; {labels} of {} accounts looked at, {wrong} \
         wrong or not to be told: surely at most {:.2} % (the policy allows {:.2} %)",
        limits.dry_days_min,
        limits.dry_labels_min,
        wrong_share_bound * 100.0,
        policy.review.wrong_share_max * 100.0
    );
    DryFinding { days, labels, wrong, wrong_share_bound, enough, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::order::Per;
    use model::plan::{Act, Template};
    use model::verdict::{Evidence, Route, Window};

    fn policy() -> Policy {
        Policy::parse(include_str!("../../../policy/shipped.toml")).unwrap()
    }

    fn entry(n: usize, evidence: &[(&str, Family)]) -> Entry {
        let evidence = evidence.iter().map(|(signal, family)| Evidence {
            signal: (*signal).to_owned(),
            family: *family,
            weight: 3.0,
            summary: String::new(),
            events: Vec::new(),
            campaign: None,
        });
        Entry {
            account: AccountId::new(format!("u{n}")),
            wave: 0,
            tier: Tier::Evidence,
            route: Route::Credential,
            reason: String::new(),
            confidence: 0.99,
            window: Window { start: 1, end: 2 },
            evidence: evidence.collect(),
            acts: vec![Act::EndSessions],
            quiet: None,
            if_moved: Vec::new(),
            tries: Vec::new(),
            segment: None,
            reach: Reach::Mail,
            contact: None,
            notice: Template::Credential,
        }
    }

    #[test]
    fn a_signal_that_carries_most_of_a_batch_stops_it_and_one_beside_others_does_not() {
        let alone = [("stranger", Family::Novelty), ("burst", Family::Abuse)];
        let beside = [("stranger", Family::Novelty), ("burst", Family::Abuse), ("taken", Family::Takeover)];
        let told =
            [("stranger", Family::Novelty), ("burst", Family::Abuse), ("leaked", Family::Intelligence)];
        let batch = |carried: usize| -> Vec<Entry> {
            (0..20).map(|n| if n < carried { entry(n, &alone) } else { entry(n, &beside) }).collect()
        };
        assert_eq!(carrying(&batch(10), &policy()), None);
        assert_eq!(carrying(&batch(11), &policy()).map(|s| s.cause).as_deref(), Some("signal:stranger"));
        let told: Vec<Entry> = (0..20).map(|n| entry(n, &told)).collect();
        assert_eq!(
            carrying(&told, &policy()).map(|s| s.cause).as_deref(),
            Some("signal:stranger"),
            "no family"
        );
        assert_eq!(carrying(&batch(20)[..19], &policy()), None, "too few to be judged by share");
    }

    #[test]
    fn a_bound_may_be_met_and_not_passed() {
        let bound = |wanted| Bound { counter: "routine.x".to_owned(), per: Per::Day, wanted, max: 10 };
        assert_eq!(passed(&[(bound(4), 6)]), []);
        assert_eq!(passed(&[(bound(5), 6)])[0].cause, "bound:x");
        assert_eq!(passed(&[(bound(0), 99)]), [], "it takes nothing");
    }

    #[test]
    fn dry_batches_are_enough_by_days_labels_and_the_exact_bound() {
        let days: BTreeSet<i64> = (0..7).collect();
        let looked = |n: usize, wrong: usize| -> BTreeMap<AccountId, bool> {
            (0..n).map(|i| (AccountId::new(format!("u{i}")), i < wrong)).collect()
        };
        let policy = policy();
        assert!(dry(&days, 0, &looked(149, 0), &policy).enough);
        assert!(!dry(&days, 1, &looked(149, 0), &policy).enough, "one batch waits for its review");
        assert!(!dry(&(0..6).collect(), 0, &looked(149, 0), &policy).enough, "six days");
        assert!(!dry(&days, 0, &looked(148, 0), &policy).enough);
        assert!(!dry(&days, 0, &looked(235, 1), &policy).enough);
        assert!(dry(&days, 0, &looked(236, 1), &policy).enough);
    }
}
