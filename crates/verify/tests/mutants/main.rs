//! Broken twins of what decides, bounds and acts: each is caught by its own test, and by no other's.
//!
//! A binary of its own, since a twin of the executor is switched on for a whole process: what must not see one takes its
//! turn too (`model::mutant::with`), where tests share a process.

#![cfg(test)]

mod gates;
mod hands;
mod kept;
mod limits;
mod played;

#[path = "../response/crashing.rs"]
#[allow(dead_code, reason = "shared with the judges of the response")]
mod crashing;
#[path = "../response/house.rs"]
#[allow(dead_code, reason = "shared with the judges of the response")]
mod house;
#[path = "../simulation/mod.rs"]
#[allow(dead_code, reason = "shared with the judges of the response")]
mod simulation;
#[path = "../../../decide/tests/preflight/world.rs"]
#[allow(dead_code, reason = "shared with the mutants of preflight")]
mod world;

/// Where the simulation finds house and service.
mod response {
    pub(crate) use crate::{crashing, house};
}
