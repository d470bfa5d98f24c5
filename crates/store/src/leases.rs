//! Leases: who works on something now. A fence that grows with each new holder shows a holder that was too slow.

use crate::cell::cells;
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::Millis;

impl Tx {
    /// Takes or renews a lease until `until_ms`; gives its fence, or `None` where another holds it. `holder` must be
    /// another name for each process start: a renewal keeps the fence, a new holder raises it.
    ///
    /// # Errors
    /// The database's.
    pub fn lease(&self, name: &str, holder: &str, until_ms: Millis) -> Result<Option<u64>, StoreError> {
        let sql = "INSERT INTO lease (name, holder, fence, until_ms) VALUES ($1, $2, 1, $3)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms,
              fence = CASE WHEN lease.holder = excluded.holder THEN lease.fence ELSE lease.fence + 1 END
            WHERE lease.holder = excluded.holder OR lease.until_ms <= $4
            RETURNING name, fence";
        let row = self.row("lease", sql, &cells![name, holder, until_ms, self.now()])?;
        row.map(|row| row.get(1)).transpose()
    }

    /// Insists that the lease is still the one with this fence, whatever the clock says: called first in each
    /// transaction of its holder.
    ///
    /// # Errors
    /// [`StoreError::State`] where another has taken it since.
    pub fn insist_on_lease(&self, name: &str, fence: u64) -> Result<(), StoreError> {
        let sql = "SELECT fence FROM lease WHERE name = $1";
        let found = self.count("lease", sql, &cells![name])?;
        if found == fence {
            return Ok(());
        }
        let found = format!("held under fence {found}, ours was {fence}");
        Err(StoreError::State { what: "lease", id: name.to_owned(), found, wanted: "used by us" })
    }

    /// Gives a lease back.
    ///
    /// # Errors
    /// The database's; a lease that another has taken since is left alone.
    pub fn give_back_lease(&self, name: &str, fence: u64) -> Result<(), StoreError> {
        self.execute("UPDATE lease SET until_ms = 0 WHERE name = $1 AND fence = $2", &cells![name, fence])?;
        Ok(())
    }
}

impl Read {
    /// Who holds a lease, with its fence; `None` where it was given back or has ended.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn lease_holder(&self, name: &str, now: Millis) -> Result<Option<(String, u64)>, StoreError> {
        let sql = "SELECT name, holder, fence FROM lease WHERE name = $1 AND until_ms > $2";
        let row = self.row("lease", sql, &cells![name, now])?;
        row.map(|row| Ok((row.get(1)?, row.get(2)?))).transpose()
    }
}
