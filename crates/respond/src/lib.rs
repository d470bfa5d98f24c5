//! The hands: the only code that touches accounts.
//!
//! It makes no choice. What is done to whom, in which order, with which undo and to which contact is all in the
//! sealed plan; this crate cannot even see the room where that was decided.

pub mod brake;
pub mod consent;
pub mod execute;
pub mod halt;
pub mod keys;
pub mod outbox;
pub mod permit;
pub mod port;
pub mod probe;
pub mod recover;
pub mod rehearsal;
pub mod vault;

mod arm;
mod code;
mod error;
mod pace;
mod step;

pub use arm::arm;
pub use error::RespondError;
