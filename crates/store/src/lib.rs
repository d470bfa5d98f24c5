//! The memory: plans, reviews, runs, notices, owners, incidents and the audit log, on SQLite (embedded) or PostgreSQL
//! behind one wall.
//!
//! It judges nothing and acts on nothing. What may follow what is checked here, in the statement that writes it, so
//! that two processes can't both do it; every write of consequence stands in the audit log, by the same transaction.
//! One SQL text serves both databases; `dialect` holds all in which they differ.

mod audit;
mod cell;
mod db;
mod dialect;
mod error;
mod migrate;
mod url;

pub mod addenda;
pub mod answers;
pub mod backup;
pub mod erase;
pub mod floor;
pub mod hidden;
pub mod holds;
pub mod hunts;
pub mod incidents;
pub mod keys;
pub mod leases;
pub mod limits;
pub mod moved;
pub mod notices;
pub mod operators;
pub mod orders;
pub mod owners;
pub mod plans;
pub mod probes;
pub mod put_back;
pub mod queue;
pub mod reviews;
pub mod runs;
pub mod steps;
#[cfg(feature = "testing")]
pub mod testing;
pub mod undo;

pub use audit::{Act as AuditAct, SignedCheckpoint};
pub use db::{Chance, Read, Store, Tx};
pub use error::{LimitReached, StoreError};
pub use url::Url;
