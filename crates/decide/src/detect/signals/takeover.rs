//! `takeover`, `full_takeover`: a stranger changed two, or three, of contact, password and second factor, soon after
//! coming.

use super::{Case, Finding, Signal, locked_out, long, owner_gone, stuffing_machine};
use crate::detect::act::Deed;
use crate::detect::profile::Distance;
use std::collections::BTreeSet;

/// "In a row".
const ROW_MS: i64 = 2 * 3_600_000;

const RECOVERY_MS: i64 = 2 * 86_400_000;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    let actor = case.actor();
    if !actor.is_foreign() {
        return None;
    }
    let start = actor.seen.0;
    // Who asks for recovery first and then changes everything is an owner coming back.
    let recovered = case.acts[..actor.first].iter().rev().take_while(|a| start - a.time <= RECOVERY_MS);
    // In the owner's own country, or with little history, a stranger who changes everything may be the owner with a
    // new machine: then somebody else must speak too, the owner who can't come in, or the machine's other failures.
    let spoken_for = actor.distance == Distance::Country && actor.history >= 2
        || locked_out::find(case).is_some()
        || owner_gone::find(case).is_some()
        || stuffing_machine::find(case).is_some();
    if !spoken_for || recovered.into_iter().any(|a| a.deed == Deed::RecoveryRequest) {
        return None;
    }
    let changes: Vec<(usize, Deed)> = case
        .own_acts()
        .filter(|(_, act)| act.deed.changes_access() && act.time - start <= ROW_MS)
        .map(|(at, act)| (at, act.deed))
        .collect();
    let kinds: BTreeSet<Deed> = changes.iter().map(|(_, deed)| *deed).collect();
    if kinds.len() < 2 {
        return None;
    }
    let last = changes.last().map_or(start, |(at, _)| case.acts[*at].time);
    let summary = format!(
        "{} ways in or of being reached were changed within {} of coming",
        kinds.len(),
        long(last - start)
    );
    let signal = if kinds.len() >= 3 { Signal::FullTakeover } else { Signal::Takeover };
    Some(Finding::new(signal, summary, changes.into_iter().map(|(at, _)| at).collect()))
}
