//! The tables' versions: migrations in pairs, applied in order, all in one transaction. What is newer than this
//! program, or somebody else's, is refused and not touched.

use crate::cell::{Cell, cells};
use crate::dialect::{Access, Conn};
use crate::error::StoreError;
use crate::url::Url;

/// Name, SQLite's text, PostgreSQL's text; the version is the place, from 1.
pub(crate) const MIGRATIONS: [(&str, &str, &str); 9] = [
    (
        "0001_ledger",
        include_str!("../migrations/sqlite/0001_ledger.sql"),
        include_str!("../migrations/postgres/0001_ledger.sql"),
    ),
    (
        "0002_taking_back",
        include_str!("../migrations/sqlite/0002_taking_back.sql"),
        include_str!("../migrations/postgres/0002_taking_back.sql"),
    ),
    (
        "0003_order",
        include_str!("../migrations/sqlite/0003_order.sql"),
        include_str!("../migrations/postgres/0003_order.sql"),
    ),
    (
        "0004_gates",
        include_str!("../migrations/sqlite/0004_gates.sql"),
        include_str!("../migrations/postgres/0004_gates.sql"),
    ),
    (
        "0005_preflight",
        include_str!("../migrations/sqlite/0005_preflight.sql"),
        include_str!("../migrations/postgres/0005_preflight.sql"),
    ),
    (
        "0006_acts",
        include_str!("../migrations/sqlite/0006_acts.sql"),
        include_str!("../migrations/postgres/0006_acts.sql"),
    ),
    (
        "0007_probes",
        include_str!("../migrations/sqlite/0007_probes.sql"),
        include_str!("../migrations/postgres/0007_probes.sql"),
    ),
    (
        "0008_rates",
        include_str!("../migrations/sqlite/0008_rates.sql"),
        include_str!("../migrations/postgres/0008_rates.sql"),
    ),
    (
        "0009_addenda",
        include_str!("../migrations/sqlite/0009_addenda.sql"),
        include_str!("../migrations/postgres/0009_addenda.sql"),
    ),
];

/// The latest version of the tables that this program knows.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the tables to this program's version.
pub(crate) fn migrate(conn: &mut Conn, url: &Url) -> Result<(), StoreError> {
    if version(conn, url)? == VERSION {
        return Ok(());
    }
    conn.begin(Access::Write)?;
    match apply(conn, url) {
        Ok(()) => conn.commit(),
        Err(error) => {
            conn.rollback()?;
            Err(error)
        }
    }
}

/// The version there is; 0 is an empty database.
fn version(conn: &mut Conn, url: &Url) -> Result<i64, StoreError> {
    let tables = conn.tables()?;
    if tables.is_empty() {
        return Ok(0);
    }
    if !tables.iter().any(|t| t == "ledger_version") {
        let found = format!("it has {} tables of another program", tables.len());
        return Err(StoreError::Foreign { place: url.to_string(), found });
    }
    let rows = conn.query("SELECT MAX(version) FROM ledger_version", &[])?;
    let found = match rows.into_iter().flatten().next() {
        Some(Cell::Int(n)) => n,
        Some(Cell::Null | Cell::Text(_) | Cell::Bytes(_)) | None => 0,
    };
    if found > VERSION {
        return Err(StoreError::Newer { place: url.to_string(), found, known: VERSION });
    }
    Ok(found)
}

fn apply(conn: &mut Conn, url: &Url) -> Result<(), StoreError> {
    // Read again under the writer's lock: two processes may have opened it at once.
    let found = version(conn, url)?;
    if found == 0 {
        conn.script(
            "CREATE TABLE IF NOT EXISTS ledger_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL)",
        )?;
    }
    for (version, (name, sqlite, postgres)) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        let text = match conn {
            Conn::Sqlite(_) => sqlite,
            Conn::Postgres(_) => postgres,
        };
        conn.script(text)?;
        conn.execute("INSERT INTO ledger_version (version, name) VALUES ($1, $2)", &cells![version, name])?;
    }
    Ok(())
}
