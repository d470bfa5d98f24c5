//! `broken_session`: a session went on from another device, network and browser at once: its token was taken.

use super::{Case, Finding, Signal};
use crate::detect::actor::Origin;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    let actor = case.actor();
    if actor.origin != Origin::Broken || !actor.is_foreign() {
        return None;
    }
    let session = case.acts[actor.first].session;
    let before = (0..actor.first).rev().find(|at| case.acts[*at].session == session)?;
    let summary =
        "a session of the owner's went on with another device, network or browser, all at once".to_owned();
    Some(Finding::new(Signal::BrokenSession, summary, vec![before, actor.first]))
}
