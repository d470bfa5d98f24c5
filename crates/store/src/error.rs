//! What can go wrong with the ledger; each says where, and what to do next. No error holds a stored value.

use model::seal::SealError;

/// A limit that would be exceeded: nothing was taken from it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the limit {name} is {max} and {wanted} more would exceed it; wait for the next hour, or raise the limit in the policy"
)]
pub struct LimitReached {
    /// The limit.
    pub name: String,
    /// How much was asked for.
    pub wanted: u64,
    /// The most there is.
    pub max: u64,
}

/// Why the ledger did not do what it was asked. A transaction that ends in an error has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not a URL of a ledger.
    #[error(
        "a ledger is named sqlite:PATH or postgres://…, and this begins with {scheme:?}; correct the configuration"
    )]
    Url {
        /// What stands before the colon.
        scheme: String,
    },
    /// It can't be opened or reached.
    #[error("the ledger {place} can't be opened: {why}; check that it is there, running, and may be written")]
    Open {
        /// Where, without a password.
        place: String,
        /// The system's or server's words.
        why: String,
    },
    /// It was written by a newer version of this program.
    #[error(
        "the ledger {place} is of version {found} and this program knows versions up to {known}: use the newer program, or restore a backup made before it was upgraded"
    )]
    Newer {
        /// Where.
        place: String,
        /// Its version.
        found: i64,
        /// The latest one known here.
        known: i64,
    },
    /// There is something else.
    #[error(
        "{place} is not a ledger ({found}) and was left as it is; name another file, or an empty database"
    )]
    Foreign {
        /// Where.
        place: String,
        /// What was found.
        found: String,
    },
    /// A backup goes into an empty ledger alone.
    #[error(
        "the ledger {place} is not empty (table {table} has rows) and was left as it is; name another one, and keep this one as it is"
    )]
    NotEmpty {
        /// Where.
        place: String,
        /// A table that has rows.
        table: String,
    },
    /// A backup that can't be written, or is of no use.
    #[error("the backup: {0}")]
    Backup(String),
    /// No room left.
    #[error("no room left for the ledger: {0}; make room, then do it again (nothing of it was kept)")]
    Full(String),
    /// Somebody else holds the ledger for too long.
    #[error("the ledger is busy: {0}; do it again (nothing of it was kept)")]
    Busy(String),
    /// The connection was lost: whether a commit under way was kept is unknown.
    #[error("the connection to the ledger was lost: {0}; look at what was kept before doing it again")]
    Lost(String),
    /// A rule of the tables does not allow it (already there, or refers to what is not).
    #[error("the ledger refuses it: {0}; look at what is already there")]
    Constraint(String),
    /// A state can't follow the one that is.
    #[error(
        "{what} {id} is {found}, so it can't become {wanted}; look at it again, somebody may have moved it"
    )]
    State {
        /// `plan`, `run`, `step`, `notice`, …
        what: &'static str,
        /// Its id.
        id: String,
        /// The state it is in.
        found: String,
        /// The state asked for.
        wanted: &'static str,
    },
    /// There is none.
    #[error("there is no {what} {id}; list what there is")]
    Missing {
        /// `plan`, `run`, …
        what: &'static str,
        /// The id asked for.
        id: String,
    },
    /// A limit would be exceeded.
    #[error(transparent)]
    Limit(#[from] LimitReached),
    /// A row holds what it can't.
    #[error("table {table}, row {key}: {why}; the ledger was changed by other hands: restore a backup")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
        /// What is wrong.
        why: String,
    },
    /// A sealed plan is not what its digest says.
    #[error("plan {plan}: {source}")]
    Seal {
        /// The plan.
        plan: String,
        /// What does not hold.
        source: SealError,
    },
    /// A value that can't be kept.
    #[error("{what} can't be kept: {why}")]
    Value {
        /// What.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// Anything else the database says.
    #[error("the database says: {0}; report it with the command that was given")]
    Database(String),
}
