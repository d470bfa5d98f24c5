//! SQLite, for small sites: opened as it lies there, never made, its journal mode left alone.

use super::{Cell, Mode, Param};
use crate::error::ConnectError;
use model::secret::Secret;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::time::Duration;

const WAIT_MS: u64 = 5_000;

pub(super) fn open(url: &Secret, place: &str) -> Result<Connection, ConnectError> {
    let path = url.reveal().trim_start_matches("sqlite:");
    let unreachable =
        |e: rusqlite::Error| ConnectError::Unreachable { place: place.into(), reason: e.to_string() };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(unreachable)?;
    conn.busy_timeout(Duration::from_millis(WAIT_MS)).map_err(unreachable)?;
    conn.execute_batch("PRAGMA foreign_keys = ON").map_err(unreachable)?;
    Ok(conn)
}

pub(super) fn begin(conn: &mut Connection, mode: Mode) -> rusqlite::Result<Transaction<'_>> {
    conn.transaction_with_behavior(match mode {
        Mode::Read => TransactionBehavior::Deferred,
        Mode::Write => TransactionBehavior::Immediate,
    })
}

pub(super) fn rows(
    tx: &Transaction<'_>,
    sql: &str,
    params: &[Param<'_>],
) -> rusqlite::Result<Vec<Vec<Cell>>> {
    let mut statement = tx.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut found = statement.query(rusqlite::params_from_iter(params.iter().map(value)))?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        all.push((0..width).map(|i| row.get_ref(i).map(cell)).collect::<rusqlite::Result<Vec<_>>>()?);
    }
    Ok(all)
}

pub(super) fn run(tx: &Transaction<'_>, sql: &str, params: &[Param<'_>]) -> rusqlite::Result<u64> {
    let changed = tx.prepare_cached(sql)?.execute(rusqlite::params_from_iter(params.iter().map(value)))?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

fn value(param: &Param<'_>) -> Value {
    match param {
        Param::One(text) => Value::Text((*text).to_owned()),
        Param::Many(list) => Value::Text(serde_json::Value::from(list.to_vec()).to_string()),
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(n) => Some(Secret::new(n.to_string())),
        ValueRef::Real(n) => Some(Secret::new(n.to_string())),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(Secret::new(String::from_utf8_lossy(bytes))),
    }
}

/// SQLite's own messages name tables and columns, never values.
pub(super) fn said(place: &str, error: &rusqlite::Error) -> ConnectError {
    let (place, reason) = (place.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ConnectError::Busy { place, reason },
        Some(ErrorCode::SystemIoFailure | ErrorCode::DiskFull) => ConnectError::Lost { place, reason },
        Some(ErrorCode::CannotOpen | ErrorCode::NotADatabase | ErrorCode::PermissionDenied) => {
            ConnectError::Unreachable { place, reason }
        }
        Some(_) | None => ConnectError::Refused { place, reason },
    }
}
