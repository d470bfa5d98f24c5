//! Timelines: what a reviewer, an owner's page and `case show` read of one account, both hands marked.

use super::act::Act;
use super::verdict::Judgement;
use super::words::Words;
use model::verdict::{Moment, Timeline};

/// Events before the intruder's first, for comparison.
const BEFORE: usize = 30;
/// Events from the first one on: a page that nobody could read to its end helps nobody.
const WITHIN_MAX: usize = 300;
/// Events after the intruder's last one: what the owner did about it.
const AFTER: usize = 10;

/// The window of a judgement with some events around it.
#[must_use]
pub fn timeline(judgement: &Judgement, acts: &[Act], words: &Words) -> Timeline {
    let (first, last) = judgement.span;
    let start = first.saturating_sub(BEFORE);
    let end = (last + 1 + AFTER).min(acts.len()).min(first + WITHIN_MAX);
    let moments =
        (start..end).map(|at| Moment { hand: judgement.hands[at], event: acts[at].event(words) }).collect();
    Timeline { account: judgement.verdict.account.clone(), moments }
}
