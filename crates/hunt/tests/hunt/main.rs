//! Hunts over files: every format and order gives the same bytes, and bad input is refused with its place.

mod answers;
mod bad_input;
mod service;
