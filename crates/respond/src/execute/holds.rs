//! The end of holds: each account that we took off is given back when the time sealed for it is over, whatever became of
//! its run. Nothing new is begun by it, so that a halt does not stop it, nor does the end of an approval.

use crate::error::RespondError;
use crate::pace::{Pace, Turn};
use crate::permit::Permit;
use crate::port::{Effect, PortError, Ports};
use model::id::{AccountId, RunId};
use model::mutant::{self, Mutant};
use model::plan::ActKind;
use model::seal::{Sealed, SealedEntry};
use std::collections::BTreeMap;
use store::Store;
use store::holds::HoldRow;
use store::steps::Step;

/// What ending holds came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoldsEnded {
    /// Accounts that are on again.
    pub ended: u64,
    /// Accounts that are on again, and given back once more with later turns: the answer to a call that took them off was
    /// lost, and it may still take effect.
    pub watched: u64,
    /// Accounts that could not be given back now, with why: tried again with the next turn.
    pub open: Vec<(AccountId, String)>,
}

/// Ends every hold whose time is over. The end is kept as intended before the service is called; one that was
/// interrupted is taken up again, and asking twice changes nothing. The service is called no faster than the policy of each
/// plan allows, and left alone when it asks to be: what is left is open until the next turn.
///
/// # Errors
/// The ledger's, or where a plan is not the one that was sealed.
pub fn end_due_holds(store: &Store, ports: &Ports<'_>) -> Result<HoldsEnded, RespondError> {
    let due = store.write(ports.clock.now(), store::Tx::take_due_holds)?;
    let connected = ports.directory.capabilities().name;
    let mut plans: BTreeMap<RunId, (Sealed, Pace)> = BTreeMap::new();
    let mut ended = HoldsEnded::default();
    for hold in due {
        if !plans.contains_key(&hold.run) {
            let (plan, policy) = store.read(|r| {
                let plan = r.run(&hold.run)?.plan;
                Ok((r.sealed(&plan)?, r.policy_of(&plan)?))
            })?;
            let pace = Pace::new(&policy.run, &connected, &ports.rate);
            plans.insert(hold.run.clone(), (plan, pace));
        }
        let (plan, pace) = &plans[&hold.run];
        match end_one(store, ports, plan, pace, &hold)? {
            Ok(Given::Back) => ended.ended += 1,
            Ok(Given::ForNow) => ended.watched += 1,
            Err(why) => ended.open.push((hold.account, why)),
        }
    }
    Ok(ended)
}

/// How an account was given back.
enum Given {
    Back,
    /// A call that takes it off may still take effect: the hold stays about to end.
    ForNow,
}

fn end_one(
    store: &Store,
    ports: &Ports<'_>,
    plan: &Sealed,
    pace: &Pace,
    hold: &HoldRow,
) -> Result<Result<Given, String>, RespondError> {
    let connected = ports.directory.capabilities().name;
    if connected != plan.header().connector {
        return Ok(Err(format!("it is held at {}, and {connected} is connected", plan.header().connector)));
    }
    let id = &plan.header().plan;
    let values = store.read(|r| r.values_of(id, std::slice::from_ref(&hold.account)))?;
    let entry = values.into_iter().next().map(|v| plan.open(v)).transpose()?;
    let Some(permit) = entry.as_ref().and_then(permit) else {
        return Ok(Err("its plan names no hold of it".to_owned()));
    };
    if pace.turn(store, ports.clock) == Turn::Shut {
        return match pace.take_fault() {
            Some(fault) => Err(fault.into()),
            None => Ok(Err("the service wants to be left alone for a while".to_owned())),
        };
    }
    let how = match ports.directory.release(&permit) {
        Ok(Effect::Done { count: 0 }) => "it was on already".to_owned(),
        Ok(Effect::Done { .. }) => "on again".to_owned(),
        Ok(Effect::PremiseGone { found }) => found,
        Err(error) => {
            pace.heard(&error, ports.clock.now());
            return Ok(Err(match error {
                PortError::Busy(why)
                | PortError::Throttled { why, .. }
                | PortError::NoAnswer(why)
                | PortError::Refused(why) => why,
            }));
        }
    };
    let now = ports.clock.now();
    let (steps, policy) = store.read(|r| {
        Ok((r.steps(&hold.run, std::slice::from_ref(&hold.account))?, r.policy_of(&plan.header().plan)?))
    })?;
    let is_late = |s: &Step| {
        s.kind == ActKind::Hold && s.lost_at.is_some_and(|at| at.saturating_add(policy.run.late_ms) > now)
    };
    if steps.iter().any(is_late) && !mutant::is_on(Mutant::ForgetsLateHolds) {
        return Ok(Ok(Given::ForNow));
    }
    store.write(now, |tx| tx.hold_ended(&hold.run, &hold.account, &how))?;
    Ok(Ok(Given::Back))
}

/// What allows the end is the sealed hold itself.
fn permit(entry: &SealedEntry) -> Option<Permit> {
    let place = entry.entry().places().position(|a| a.kind() == ActKind::Hold)?;
    Permit::new(entry, place)
}
