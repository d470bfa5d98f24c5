//! Limits: one counter each, taken from in the transaction that records the intent. Reserve, then act.

use crate::cell::cells;
use crate::db::{Read, Tx};
use crate::error::{LimitReached, StoreError};

impl Tx {
    /// Takes `n` from a limit's counter for a bucket of time (an hour's number, say), or nothing at all.
    ///
    /// # Errors
    /// [`StoreError::Limit`] where more than `max` would be used; what was used before stays.
    pub fn reserve(&self, limit: &str, bucket: i64, n: u64, max: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO limit_use (name, bucket, used)
            SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT)
            WHERE CAST($3 AS BIGINT) <= CAST($4 AS BIGINT)
            ON CONFLICT (name, bucket) DO UPDATE SET used = limit_use.used + excluded.used
            WHERE limit_use.used + excluded.used <= CAST($4 AS BIGINT)";
        match self.execute(sql, &cells![limit, bucket, n, max])? {
            0 => Err(LimitReached { name: limit.to_owned(), wanted: n, max }.into()),
            _ => Ok(()),
        }
    }

    /// Takes up to `n` from a limit's counter for a bucket, as much as `max` leaves; gives how many. For rates: what is
    /// not taken in its time is gone, and so are rows of buckets that are long over.
    ///
    /// # Errors
    /// The database's.
    pub fn take_up_to(&self, limit: &str, bucket: i64, n: u64, max: u64) -> Result<u64, StoreError> {
        let over = "DELETE FROM limit_use WHERE name = $1 AND bucket < CAST($2 AS BIGINT)";
        self.execute(over, &cells![limit, bucket - KEPT_BUCKETS])?;
        let mut wanted = n.min(max.saturating_sub(self.used(limit, bucket)?));
        while wanted > 0 {
            match self.reserve(limit, bucket, wanted, max) {
                Ok(()) => return Ok(wanted),
                // Another process was sooner since it was read.
                Err(StoreError::Limit(_)) => {
                    wanted = wanted.min(max.saturating_sub(self.used(limit, bucket)?)).min(wanted - 1);
                }
                Err(other) => return Err(other),
            }
        }
        Ok(0)
    }
}

/// How many buckets of a rate are kept behind the one in use: for a clock that is set back a little.
const KEPT_BUCKETS: i64 = 60;

impl Read {
    /// How much of a limit is used in a bucket.
    ///
    /// # Errors
    /// The database's.
    pub fn used(&self, limit: &str, bucket: i64) -> Result<u64, StoreError> {
        let sql = "SELECT used FROM limit_use WHERE name = $1 AND bucket = $2";
        self.count("limit_use", sql, &cells![limit, bucket])
    }
}
