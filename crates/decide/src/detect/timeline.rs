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
/// Changes of access after those: whoever made them may be in the account now, and a plan must know.
const CHANGES_MAX: usize = 20;

/// The window of a judgement with some events around it, and the last changes of access after it.
#[must_use]
pub fn timeline(judgement: &Judgement, acts: &[Act], words: &Words) -> Timeline {
    let (first, last) = judgement.span;
    let start = first.saturating_sub(BEFORE);
    let end = (last + 1 + AFTER).min(acts.len()).min(first + WITHIN_MAX);
    let mut later: Vec<usize> = (end..acts.len()).filter(|at| acts[*at].deed.changes_access()).collect();
    let later = later.split_off(later.len().saturating_sub(CHANGES_MAX));
    let moment = |at: usize| Moment { hand: judgement.hands[at], event: acts[at].event(words) };
    let moments = (start..end).chain(later).map(moment).collect();
    Timeline { account: judgement.verdict.account.clone(), moments }
}
