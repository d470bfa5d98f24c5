//! The binary as its users have it: whole threads through the command line, killed, fed with wrong files.

#![cfg(test)]

mod audit;
mod backup;
mod bad_input;
mod bench;
mod bench_data;
mod calibrate;
mod consents;
mod demo;
#[cfg(feature = "services")]
mod django;
mod drill;
mod kill;
mod lost_ledger;
mod older_ledger;
mod people;
mod policy;
mod probes;
mod thread;
mod work;
mod world;
