//! `mass_follow`: a stranger followed more accounts in a day than the owner in a lifetime of days.

use super::{Case, Finding, Signal};
use crate::detect::act::Deed;
use std::collections::HashMap;

const DAY_MS: i64 = 86_400_000;
const FOLLOWS_MIN: usize = 8;
/// The share of all it did: who came to follow does little else.
const SHARE_MIN: f64 = 0.5;
const TIMES_OWNER: usize = 3;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    if !case.actor().is_foreign() {
        return None;
    }
    let mut days: HashMap<(bool, i64), Vec<usize>> = HashMap::new();
    for (at, act) in case.acts.iter().enumerate().filter(|(_, act)| act.deed == Deed::Follow) {
        let theirs = case.folded.hands[at] == case.hand;
        days.entry((theirs, act.time.div_euclid(DAY_MS))).or_default().push(at);
    }
    let most = |theirs: bool| {
        let of = days.iter().filter(|((t, _), _)| *t == theirs);
        of.map(|((_, day), acts)| (acts.len(), std::cmp::Reverse(*day), acts))
            .max_by_key(|(n, day, _)| (*n, *day))
    };
    let (follows, _, acts) = most(true)?;
    let owners = most(false).map_or(0, |(n, ..)| n);
    let all = case.own_acts().filter(|(_, act)| !act.is_login()).count();
    if follows < FOLLOWS_MIN
        || (follows as f64) < SHARE_MIN * all as f64
        || follows < TIMES_OWNER * owners.max(1)
    {
        return None;
    }
    let summary =
        format!("followed {follows} accounts in a day, where the owner never followed more than {owners}");
    Some(Finding::new(Signal::MassFollow, summary, acts.clone()))
}
