//! A seeded service to rehearse on: its people, its intruders, its events, and the mistakes to be made with them.
//!
//! It serves the demo, the drills and the tests. It never sees a threshold and imports no judgement; it must not
//! read a clock or draw chance that a seed did not give it.

pub mod people;
pub mod service;
pub mod simulate;
