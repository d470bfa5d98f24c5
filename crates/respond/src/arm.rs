//! Arming: the one run of an approved plan is permitted, and gets its key. Nothing is done yet.

use crate::consent;
use crate::error::RespondError;
use crate::port::Ports;
use crate::vault::{KeyRing, RunKey};
use model::id::{PlanId, RunId};
use model::mutant::{self, Mutant};
use store::Store;

/// Arms a plan.
///
/// # Errors
/// Where it is not approved, has expired, has a run already, or is for another service.
pub fn arm(
    store: &Store,
    ports: &Ports<'_>,
    master: &KeyRing,
    plan: &PlanId,
    run: &RunId,
    by: &str,
) -> Result<(), RespondError> {
    let now = ports.clock.now();
    let key = RunKey::new(ports.chance.bytes());
    let wrapped = master.current().wrap(run, &key, ports.chance.bytes())?;
    store.write_with(now, |tx| {
        // A delay counts from the approval to the first act; arming is neither.
        consent::given(tx, plan, now)?;
        same_service(ports, &tx.plan(plan)?.header.connector)?;
        tx.arm_run(run, plan, by)?;
        tx.insist_on_master_key(&master.current().id())?;
        tx.put_run_key(run, &master.current().id(), &wrapped)?;
        Ok(())
    })
}

/// Insists that the plan was made for the service that is connected.
pub(crate) fn same_service(ports: &Ports<'_>, planned: &str) -> Result<(), RespondError> {
    let connected = ports.directory.capabilities().name;
    if connected == planned || mutant::is_on(Mutant::TakesAnotherService) {
        return Ok(());
    }
    Err(RespondError::OtherService { planned: planned.to_owned(), connected })
}
