//! The tables' versions: migrations in pairs, applied in order, all in one transaction. What is newer than this
//! program, or somebody else's, is refused and not touched.

use crate::cell::{Cell, Row, cells};
use crate::dialect::{Access, Conn};
use crate::error::StoreError;
use crate::url::Url;
use model::audit::Record;

/// Name, SQLite's text, PostgreSQL's text; the version is the place, from 1.
pub(crate) const MIGRATIONS: [(&str, &str, &str); 10] = [
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
    (
        COMMITMENTS,
        include_str!("../migrations/sqlite/0010_commitments.sql"),
        include_str!("../migrations/postgres/0010_commitments.sql"),
    ),
];

/// The one migration that SQL alone can't do: it hashes.
const COMMITMENTS: &str = "0010_commitments";

/// The latest version of the tables that this program knows.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the tables to this program's version.
pub(crate) fn migrate(conn: &mut Conn, url: &Url) -> Result<(), StoreError> {
    if version(conn, url)? == VERSION {
        return Ok(());
    }
    conn.begin(Access::Write)?;
    match up_to(conn, url, VERSION) {
        Ok(()) => conn.commit(),
        Err(error) => {
            conn.rollback()?;
            Err(error)
        }
    }
}

/// The version there is; 0 is an empty database.
pub(crate) fn version(conn: &mut Conn, url: &Url) -> Result<i64, StoreError> {
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

/// Brings the tables up to a version, within the writer's transaction.
pub(crate) fn up_to(conn: &mut Conn, url: &Url, wanted: i64) -> Result<(), StoreError> {
    // Read again under the writer's lock: two processes may have opened it at once.
    let found = version(conn, url)?;
    if found == 0 {
        conn.script(
            "CREATE TABLE IF NOT EXISTS ledger_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL)",
        )?;
    }
    let missing = (1..).zip(MIGRATIONS).filter(|(version, _)| (found + 1..=wanted).contains(version));
    for (version, (name, sqlite, postgres)) in missing {
        let text = match conn {
            Conn::Sqlite(_) => sqlite,
            Conn::Postgres(_) => postgres,
        };
        conn.script(text)?;
        if name == COMMITMENTS {
            commit_to_entries(conn)?;
        }
        conn.execute("INSERT INTO ledger_version (version, name) VALUES ($1, $2)", &cells![version, name])?;
    }
    Ok(())
}

/// Computes what the log commits to of each entry that is there. Of one that was erased before, it can't be known any
/// more, and stays unknown.
fn commit_to_entries(conn: &mut Conn) -> Result<(), StoreError> {
    let corrupt = |why: String| StoreError::Value { what: "an audit entry", why };
    let mut from = 0;
    loop {
        let sql = "SELECT seq, nonce, entry FROM audit WHERE seq >= $1 AND entry IS NOT NULL ORDER BY seq LIMIT 5000";
        let rows = conn.query(sql, &cells![from])?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let row = Row::new("audit", row);
            let (seq, nonce, entry) = (row.get::<i64>(0)?, row.get(1)?, row.json(2)?);
            let commitment = Record { entry, nonce }.commitment().map_err(|e| corrupt(e.to_string()))?;
            conn.execute("UPDATE audit SET commitment = $2 WHERE seq = $1", &cells![seq, commitment])?;
            from = seq + 1;
        }
    }
}
