//! The words of the house: what every other room speaks in.
//!
//! Nothing here reads a clock, a file, a socket or chance; nothing here decides or acts. A type that lives here
//! is either a contract with the outside (events, verdicts, plan lines) or a state machine whose wrong states
//! cannot be written.

pub mod account;
pub mod addendum;
pub mod audit;
pub mod event;
pub mod exoneration;
pub mod gate;
pub mod id;
pub mod incident;
pub mod labels;
pub mod merkle;
pub mod mutant;
pub mod note;
pub mod notice;
pub mod operator;
pub mod order;
pub mod plan;
pub mod policy;
pub mod probe;
pub mod quiet;
pub mod run;
pub mod seal;
pub mod secret;
pub mod signed_note;
pub mod verdict;

mod canonical;

pub use canonical::{CanonicalError, canonical};
