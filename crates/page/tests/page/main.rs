//! What people read, held to its promises by program.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers fail the test")]

mod letters;
mod look;
mod pages;
mod reading;
mod sample;
mod support;
