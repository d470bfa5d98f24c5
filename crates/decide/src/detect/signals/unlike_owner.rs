//! `unlike_owner`: out of a known device or session came messages with links, faster than the owner ever wrote.

use super::{Case, Finding, Signal, long};
use crate::detect::actor::Origin;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    let actor = case.actor();
    let Origin::Outburst(_) = actor.origin else { return None };
    let acts: Vec<usize> = case.own_acts().map(|(at, _)| at).collect();
    let summary = format!(
        "{} messages or posts with links within {}, where the owner never wrote more than {} in a row",
        acts.len(),
        long(actor.seen.1 - actor.seen.0),
        actor.usual_run
    );
    Some(Finding::new(Signal::UnlikeOwner, summary, acts))
}
