//! The site's own database, SQLite or PostgreSQL, behind one small wall; besides `store` the only place with SQL drivers.
//!
//! Every value goes in and comes out as text (a list as an array of text), cast in SQL to the column's own type: so one
//! statement serves both databases and every kind of primary key. What comes out is [`Secret`] until the caller knows
//! better, because a row of somebody's user table mostly is.

mod dialect;
mod postgres;
mod sqlite;

pub(crate) use dialect::{Dialect, quoted};

use crate::error::ConnectError;
use model::secret::Secret;
use std::sync::{Mutex, PoisonError};

/// One cell: text, or null.
pub(crate) type Cell = Option<Secret>;

/// A value handed to a statement.
pub(crate) enum Param<'a> {
    /// One value, written as text.
    One(&'a str),
    /// A list of values, each written as text.
    Many(&'a [String]),
}

/// Whether a transaction only reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One consistent view of the tables.
    Read,
    /// Takes the write lock first, where the database has one.
    Write,
}

/// A running transaction.
pub(crate) enum Tx<'a> {
    Sqlite(rusqlite::Transaction<'a>, &'a str),
    Postgres(::postgres::Transaction<'a>, &'a str),
}

impl Tx<'_> {
    /// Reads rows; each has as many cells as the statement names, all cast to text by it.
    pub(crate) fn rows(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Vec<Cell>>, ConnectError> {
        match self {
            Self::Sqlite(tx, place) => sqlite::rows(tx, sql, params).map_err(|e| sqlite::said(place, &e)),
            Self::Postgres(tx, place) => {
                postgres::rows(tx, sql, params).map_err(|e| postgres::said(place, &e))
            }
        }
    }

    /// Runs a writing statement: how many rows it changed.
    pub(crate) fn run(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, ConnectError> {
        match self {
            Self::Sqlite(tx, place) => sqlite::run(tx, sql, params).map_err(|e| sqlite::said(place, &e)),
            Self::Postgres(tx, place) => {
                postgres::run(tx, sql, params).map_err(|e| postgres::said(place, &e))
            }
        }
    }

    fn commit(self) -> Result<(), ConnectError> {
        match self {
            Self::Sqlite(tx, place) => tx.commit().map_err(|e| sqlite::said(place, &e)),
            Self::Postgres(tx, place) => tx.commit().map_err(|e| postgres::said(place, &e)),
        }
    }
}

enum Open {
    Sqlite(rusqlite::Connection),
    Postgres(Box<::postgres::Client>),
}

/// A database, opened when it is needed and again after a lost connection.
pub(crate) struct Database {
    url: Secret,
    place: String,
    dialect: Dialect,
    open: Mutex<Option<Open>>,
}

impl Database {
    /// Takes `sqlite:PATH` or `postgres://…`; opens nothing yet.
    pub(crate) fn new(url: &Secret) -> Result<Self, ConnectError> {
        let (dialect, place) = if let Some(path) = url.reveal().strip_prefix("sqlite:") {
            (Dialect::Sqlite, format!("the site's database {path}"))
        } else if url.reveal().starts_with("postgres://") || url.reveal().starts_with("postgresql://") {
            (Dialect::Postgres, postgres::place(url)?)
        } else {
            return Err(ConnectError::Setting {
                key: "database",
                reason: "must be sqlite:PATH or postgres://USER@HOST/NAME".into(),
            });
        };
        Ok(Self { url: url.clone(), place, dialect, open: Mutex::new(None) })
    }

    /// Which of the two it is.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Where it is, for errors; without user and password.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// An error of ours about this database.
    pub(crate) fn refused(&self, reason: impl Into<String>) -> ConnectError {
        ConnectError::Refused { place: self.place.clone(), reason: reason.into() }
    }

    /// Does `work` in one transaction: committed where it is `Ok`, rolled back otherwise.
    pub(crate) fn within<T>(
        &self,
        mode: Mode,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, ConnectError>,
    ) -> Result<T, ConnectError> {
        let mut slot = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.attempt(&mut slot, mode, work);
        if matches!(done, Err(ConnectError::Lost { .. } | ConnectError::Unreachable { .. })) {
            *slot = None;
        }
        done
    }

    fn attempt<T>(
        &self,
        slot: &mut Option<Open>,
        mode: Mode,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, ConnectError>,
    ) -> Result<T, ConnectError> {
        let mut tx = match self.opened(slot)? {
            Open::Sqlite(conn) => {
                Tx::Sqlite(sqlite::begin(conn, mode).map_err(|e| sqlite::said(&self.place, &e))?, &self.place)
            }
            Open::Postgres(client) => Tx::Postgres(
                postgres::begin(client, mode).map_err(|e| postgres::said(&self.place, &e))?,
                &self.place,
            ),
        };
        let value = work(&mut tx)?;
        tx.commit()?;
        Ok(value)
    }

    fn opened<'a>(&self, slot: &'a mut Option<Open>) -> Result<&'a mut Open, ConnectError> {
        if let Some(Open::Postgres(client)) = slot
            && client.is_closed()
        {
            *slot = None;
        }
        match slot {
            Some(open) => Ok(open),
            None => Ok(slot.insert(match self.dialect {
                Dialect::Sqlite => Open::Sqlite(sqlite::open(&self.url, &self.place)?),
                Dialect::Postgres => Open::Postgres(Box::new(postgres::open(&self.url, &self.place)?)),
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_kind_of_database_is_refused_without_showing_the_address() {
        let error = Database::new(&Secret::new("mysql://root:hunter2@db.example/x")).err().unwrap();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn the_place_names_no_password() {
        let db = Database::new(&Secret::new("postgres://site:hunter2@127.0.0.1:1/forum")).unwrap();
        assert!(!db.place().contains("hunter2") && db.place().contains("forum"), "{}", db.place());
        let error = db.within(Mode::Read, |tx| tx.rows("SELECT 1", &[])).unwrap_err();
        assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_missing_file_is_not_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("absent.db");
        let db = Database::new(&Secret::new(format!("sqlite:{}", path.display()))).unwrap();
        assert!(matches!(
            db.within(Mode::Read, |tx| tx.rows("SELECT 1", &[])),
            Err(ConnectError::Unreachable { .. })
        ));
        assert!(!path.exists());
    }
}
