//! Connectors: real services behind the ports *directory*, *content* and *mailer*.
//!
//! One folder or file each, with its table of what a reset leaves alive. Nothing here sees the ledger or a plan: a
//! writing method is called with a permit, which only `respond` can make. SQL drivers are used in [`sql`] alone,
//! mail in [`smtp`] alone.

pub mod catcher;
pub mod django;
pub mod smtp;

mod error;
mod sql;

pub use error::ConnectError;
