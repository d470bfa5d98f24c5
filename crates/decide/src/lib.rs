//! The judgement: pure functions from what is known to what follows from it.
//!
//! No file, no socket, no clock, no chance, no thread: the same inputs give the same answer, so that everything
//! decided can be decided again by somebody else.

pub mod bound;
pub mod calibrate;
pub mod detect;
pub mod disclose;
pub mod exonerate;
pub mod gate;
pub mod gather;
pub mod moved;
pub mod plan;
pub mod preflight;
pub mod review;
pub mod routine;
pub mod sequential;
pub mod waves;
