//! The ledger's tests: each runs on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says by panicking that something is wrong")]

mod addenda;
mod answers;
mod audit;
mod backup;
mod fixture;
mod flow;
mod holds;
mod limits;
mod orders;
mod owners;
mod preflight;
mod privacy;
mod probes;
mod queue;
mod refusals;
mod reviews;
mod transitions;
