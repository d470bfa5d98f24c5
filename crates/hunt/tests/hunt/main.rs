//! Hunts over files: every format and order gives the same bytes, and bad input is refused with its place.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod bad_input;
mod intelligence;
mod mmdb;
mod scores;
mod service;
