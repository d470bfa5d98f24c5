//! What concerns a whole ledger and in which the two databases differ: all rows of a table one after another, references
//! that hold only once everything is there, and files without what was deleted.

use super::{Conn, query_file, sqlite_error};
use crate::cell::Cell;
use crate::error::StoreError;

/// Rows that a server's cursor hands over at a time.
const FETCHED_ROWS: usize = 2_000;

impl Conn {
    /// A table's columns, in their order.
    pub(crate) fn columns(&mut self, table: &str) -> Result<Vec<String>, StoreError> {
        let sql = match self {
            Self::Sqlite(_) => "SELECT name FROM pragma_table_info($1) ORDER BY cid",
            Self::Postgres(_) => {
                "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
                 WHERE table_schema = current_schema() AND CAST(table_name AS TEXT) = $1 ORDER BY ordinal_position"
            }
        };
        let rows = self.query(sql, &[Cell::from(table)])?;
        let texts = rows.into_iter().flatten().filter_map(|cell| match cell {
            Cell::Text(name) => Some(name),
            Cell::Null | Cell::Int(_) | Cell::Bytes(_) => None,
        });
        Ok(texts.collect())
    }

    /// Hands over every row that a statement without parameters answers, a few in memory at a time. Only within a
    /// transaction.
    pub(crate) fn each_row<E: From<StoreError>>(
        &mut self,
        sql: &str,
        mut take: impl FnMut(Vec<Cell>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Sqlite(c) => {
                let mut statement = c.prepare(sql).map_err(sqlite_error)?;
                let columns = statement.column_count();
                let mut rows = statement.query([]).map_err(sqlite_error)?;
                while let Some(row) = rows.next().map_err(sqlite_error)? {
                    let cells = (0..columns).map(|i| row.get(i)).collect::<rusqlite::Result<_>>();
                    take(cells.map_err(sqlite_error)?)?;
                }
                Ok(())
            }
            Self::Postgres(_) => {
                self.script(&format!("DECLARE whole NO SCROLL CURSOR FOR {sql}"))?;
                let fetch = format!("FETCH {FETCHED_ROWS} FROM whole");
                loop {
                    let rows = self.fetch(&fetch)?;
                    if rows.is_empty() {
                        break;
                    }
                    rows.into_iter().try_for_each(&mut take)?;
                }
                Ok(self.script("CLOSE whole")?)
            }
        }
    }

    /// Like [`Conn::query`] for a cursor, whose columns are another's at each use: nothing is prepared ahead.
    fn fetch(&mut self, sql: &str) -> Result<Vec<Vec<Cell>>, StoreError> {
        match self {
            Self::Sqlite(c) => query_file(c, sql, &[]).map_err(sqlite_error),
            Self::Postgres(s) => {
                let rows = s.client.query(sql, &[]).map_err(|e| s.error(&e))?;
                rows.iter().map(super::row_of_server).collect()
            }
        }
    }

    /// From here on to [`Conn::insist_on_references`], rows may refer to what is not there yet. Only within a
    /// transaction; nothing else may look at the tables meanwhile.
    pub(crate) fn let_references_wait(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => self.script("PRAGMA defer_foreign_keys = ON"),
            Self::Postgres(_) => self.alter_references("DEFERRABLE INITIALLY DEFERRED"),
        }
    }

    /// Insists that whatever is referred to is there.
    pub(crate) fn insist_on_references(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => {
                let broken =
                    self.query("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check", &[])?;
                match broken.into_iter().next().and_then(|row| row.into_iter().next()) {
                    Some(Cell::Text(table)) => {
                        Err(StoreError::Constraint(format!("a row of {table} refers to what is not there")))
                    }
                    Some(Cell::Null | Cell::Int(_) | Cell::Bytes(_)) | None => Ok(()),
                }
            }
            Self::Postgres(_) => {
                self.script("SET CONSTRAINTS ALL IMMEDIATE")?;
                self.alter_references("NOT DEFERRABLE")
            }
        }
    }

    /// Takes the bytes of what was deleted from these tables out of the database's files. Not within a transaction.
    pub(crate) fn scrub(&mut self, tables: &[&str]) -> Result<(), StoreError> {
        match self {
            // What is deleted is overwritten at once (`secure_delete`); what was is still in the write-ahead log.
            Self::Sqlite(_) => {
                let answer = self.query("PRAGMA wal_checkpoint(TRUNCATE)", &[])?;
                match answer.into_iter().flatten().next() {
                    Some(Cell::Int(0)) => Ok(()),
                    Some(Cell::Int(_) | Cell::Null | Cell::Text(_) | Cell::Bytes(_)) | None => {
                        let why = "it is being read, and what was deleted is still in its write-ahead log";
                        Err(StoreError::Busy(why.to_owned()))
                    }
                }
            }
            // A plain VACUUM leaves the bytes in their pages until others come to lie there.
            Self::Postgres(_) => {
                tables.iter().try_for_each(|table| self.script(&format!("VACUUM (FULL) {table}")))
            }
        }
    }

    fn alter_references(&mut self, to: &str) -> Result<(), StoreError> {
        let sql = "SELECT CAST(format('ALTER TABLE %I ALTER CONSTRAINT %I ', r.relname, c.conname) AS TEXT)
            FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
            WHERE c.contype = 'f' AND n.nspname = current_schema() ORDER BY 1";
        for cell in self.query(sql, &[])?.into_iter().flatten() {
            if let Cell::Text(alter) = cell {
                self.script(&format!("{alter}{to}"))?;
            }
        }
        Ok(())
    }
}
