//! The operations: load, decide or do, save. Called by the command line, the web pages and the demo alike.

pub(crate) mod accounts;
pub(crate) mod addendum;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod brake;
pub(crate) mod calibrate;
pub(crate) mod exonerate;
pub(crate) mod explain;
pub(crate) mod footing;
pub(crate) mod incident;
pub(crate) mod letters;
pub(crate) mod order;
pub(crate) mod owner;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod preflight;
pub(crate) mod privacy;
pub(crate) mod probe;
pub(crate) mod rehearsal;
pub(crate) mod review;
pub(crate) mod routine;
pub(crate) mod run;
pub(crate) mod story;
pub(crate) mod support;
pub(crate) mod undo;
pub(crate) mod work;
