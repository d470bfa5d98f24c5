//! `burst`: a stranger posted or wrote in one hour more than the owner ever did.

use super::{Case, Finding, Signal};
use crate::detect::actor::Origin;

const HOUR_MS: i64 = 3_600_000;
const ACTS_MIN: usize = 6;
const TIMES_OWNER: usize = 3;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    // An outburst is told by its own signal.
    if !case.actor().is_doubtful() || matches!(case.actor().origin, Origin::Outburst(_)) {
        return None;
    }
    let speaking = |stranger: bool| -> Vec<usize> {
        let hands = case.folded.hands.iter().enumerate();
        hands
            .filter(|(at, hand)| (**hand == case.hand) == stranger && case.acts[*at].deed.speaks())
            .map(|(at, _)| at)
            .collect()
    };
    let (start, end) = busiest(case, &speaking(true))?;
    let theirs = speaking(true)[start..end].to_vec();
    let owners = busiest(case, &speaking(false)).map_or(0, |(start, end)| end - start);
    if theirs.len() < ACTS_MIN || theirs.len() < TIMES_OWNER * owners.max(1) {
        return None;
    }
    let summary = format!(
        "posted or wrote {} times within an hour, where the owner never did more than {owners}",
        theirs.len()
    );
    Some(Finding::new(Signal::Burst, summary, theirs))
}

fn busiest(case: &Case<'_>, acts: &[usize]) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    let mut start = 0;
    for end in 0..acts.len() {
        while case.acts[acts[end]].time - case.acts[acts[start]].time > HOUR_MS {
            start += 1;
        }
        if best.is_none_or(|(s, e)| end + 1 - start > e - s) {
            best = Some((start, end + 1));
        }
    }
    best
}
