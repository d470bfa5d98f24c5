//! What may follow a run: that it is taken back, and that it is added to.

use serde::{Deserialize, Serialize};

/// Taking back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoPolicy {
    /// Up to so many accounts one person may approve.
    pub one_person_accounts_max: u64,
    /// How long an old credential is kept sealed, ms.
    pub window_ms: i64,
}

/// Adding what the same hand made after a plan was sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddendumPolicy {
    /// Most objects of one account that an addendum may hide; with 0 there are no addenda.
    pub objects_per_account_max: u64,
}
