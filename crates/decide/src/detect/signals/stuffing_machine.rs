//! `stuffing_machine`, `near_stuffer`: the hand signed in from a machine that failed to sign in to many other
//! accounts, or from one like it in the same network or behind the same address. Failures alone are no entry: somebody must have been let in. An
//! owner's own rented desktop in the network of such machines is only near them: a person must look.

use super::{Case, Finding, Signal};
use crate::detect::actor::Origin;
use crate::detect::entry::Trace;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    if !case.actor().is_foreign() && case.actor().origin != Origin::Early {
        return None;
    }
    let logins = || case.own_acts().filter(|(_, act)| act.is_login());
    if let Some((at, (trace, failed))) =
        logins().find_map(|(at, act)| Some((at, case.failures.stuffer(act, case.lore)?)))
    {
        let what = match trace {
            Trace::Address => "from the address",
            Trace::Device => "with the device",
            Trace::Network | Trace::Tool | Trace::ToolAtAddress => "from one of the addresses of a network",
        };
        let summary = format!("was let in {what} that failed to sign in to {failed} other accounts");
        return Some(Finding::new(Signal::StuffingMachine, summary, vec![at]));
    }
    let (at, failed) =
        logins().find_map(|(at, act)| Some((at, case.failures.near_stuffer(act, case.lore)?)))?;
    let summary = format!(
        "was let in from near a machine that failed to sign in to {failed} other accounts: at its address, or by its browser string"
    );
    Some(Finding::new(Signal::NearStuffer, summary, vec![at]))
}
