//! All in which SQLite and PostgreSQL differ: how a connection is opened, how a transaction begins, how a parameter
//! is written, and what an error means. No statement of the ledger stands here.
//!
//! PostgreSQL is reached *without TLS*: use a socket, the loopback, or a network that is closed by other means. A URL
//! that insists on TLS (`sslmode=require`) is refused by the driver, not silently served without.

mod whole;

use crate::cell::Cell;
use crate::error::StoreError;
use crate::url::Url;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

/// The mark in a SQLite file's header that says it is ours: "RGHT".
const APPLICATION_ID: i32 = 0x5247_4854;
/// The advisory lock that one writer at a time holds on a PostgreSQL database: "RIGHTFUL" in ASCII.
const WRITER_LOCK: i64 = 0x5249_4748_5446_554c;
/// How long a statement waits for another process's transaction.
const WAIT: Duration = Duration::from_secs(30);
/// The most parameters one statement may bear (SQLite's limit is 32,766, PostgreSQL's 65,535).
pub(crate) const PARAMETERS_MAX: usize = 30_000;
/// Longer texts are made for one set and would crowd out the others in a cache of prepared statements.
const CACHED_SQL_CHARS_MAX: usize = 2_000;

/// One connection.
pub(crate) enum Conn {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Server>),
}

pub(crate) struct Server {
    client: postgres::Client,
    prepared: HashMap<String, postgres::Statement>,
}

/// What a transaction may do.
#[derive(Clone, Copy)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Conn {
    /// Opens a connection. A file that is not ours is refused before anything is written to it.
    pub(crate) fn open(url: &Url) -> Result<Self, StoreError> {
        match url {
            Url::Sqlite(path) => open_file(url, path),
            Url::Postgres(text) => open_server(url, text.reveal()),
        }
    }

    /// Begins a transaction. There is one writer at a time on either database: the audit's numbers have no gaps, so
    /// writers would queue for it anyway, and what queues from the start can't deadlock.
    pub(crate) fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        match (self, access) {
            (Self::Sqlite(c), Access::Read) => c.execute_batch("BEGIN DEFERRED").map_err(sqlite_error),
            (Self::Sqlite(c), Access::Write) => c.execute_batch("BEGIN IMMEDIATE").map_err(sqlite_error),
            (Self::Postgres(s), Access::Read) => {
                s.batch("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            }
            (Self::Postgres(s), Access::Write) => {
                // READ COMMITTED, so that each statement sees all that earlier holders of the lock committed.
                s.batch(&format!(
                    "BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({WRITER_LOCK})"
                ))
            }
        }
    }

    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        self.script("COMMIT")
    }

    /// Rolls back; a connection on which that failed must not be used again.
    pub(crate) fn rollback(&mut self) -> Result<(), StoreError> {
        match self {
            // SQLite has rolled back by itself after some errors, a full disk among them.
            Self::Sqlite(c) if c.is_autocommit() => Ok(()),
            Self::Sqlite(c) => c.execute_batch("ROLLBACK").map_err(sqlite_error),
            Self::Postgres(s) => s.batch("ROLLBACK"),
        }
    }

    /// Runs statements without parameters.
    pub(crate) fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(c) => c.execute_batch(sql).map_err(sqlite_error),
            Self::Postgres(s) => s.batch(sql),
        }
    }

    /// The names of all tables there are, in the order in which they were made.
    pub(crate) fn tables(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = match self {
            Self::Sqlite(_) => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
            }
            Self::Postgres(_) => {
                "SELECT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.oid"
            }
        };
        let rows = self.query(sql, &[])?;
        Ok(rows
            .into_iter()
            .flatten()
            .filter_map(|cell| match cell {
                Cell::Text(name) => Some(name),
                Cell::Null | Cell::Int(_) | Cell::Bytes(_) => None,
            })
            .collect())
    }

    /// Runs one statement; says how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, cells: &[Cell]) -> Result<u64, StoreError> {
        refuse_nul(cells)?;
        match self {
            Self::Sqlite(c) => {
                let text = numbered(sql);
                let params = rusqlite::params_from_iter(cells);
                let changed = if text.len() <= CACHED_SQL_CHARS_MAX {
                    c.prepare_cached(&text).and_then(|mut s| s.execute(params))
                } else {
                    c.execute(&text, params)
                };
                Ok(changed.map_err(sqlite_error)? as u64)
            }
            Self::Postgres(s) => {
                let statement = s.prepared(sql)?;
                s.client.execute(&statement, &references(cells)).map_err(|e| s.error(&e))
            }
        }
    }

    /// Runs one statement; gives the rows it answers.
    pub(crate) fn query(&mut self, sql: &str, cells: &[Cell]) -> Result<Vec<Vec<Cell>>, StoreError> {
        refuse_nul(cells)?;
        match self {
            Self::Sqlite(c) => query_file(c, &numbered(sql), cells).map_err(sqlite_error),
            Self::Postgres(s) => {
                let statement = s.prepared(sql)?;
                let rows = s.client.query(&statement, &references(cells)).map_err(|e| s.error(&e))?;
                rows.iter().map(row_of_server).collect()
            }
        }
    }
}

/// SQLite's form of `$1`. No statement of the ledger has a dollar sign for anything else.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

/// PostgreSQL can't keep U+0000 in a text; so that both databases give the same answers, neither may.
fn refuse_nul(cells: &[Cell]) -> Result<(), StoreError> {
    if cells.iter().any(|c| matches!(c, Cell::Text(text) if text.contains('\0'))) {
        return Err(StoreError::Value { what: "a text", why: "it holds the character U+0000".to_owned() });
    }
    Ok(())
}

// ---- SQLite

fn open_file(url: &Url, path: &Path) -> Result<Conn, StoreError> {
    let open_error = |why: String| StoreError::Open { place: url.to_string(), why };
    let is_ours = recognise(url, path)?;
    if !is_ours {
        make_private(path).map_err(|e| open_error(e.to_string()))?;
    }
    let conn = rusqlite::Connection::open(path).map_err(|e| open_error(e.to_string()))?;
    let set_up = || -> rusqlite::Result<()> {
        conn.busy_timeout(WAIT)?;
        if !is_ours {
            // Before the write-ahead log is on, so that the mark stands in the file itself at once.
            conn.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        // What is deleted is overwritten in its page, and does not lie about until something else is written there.
        conn.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(()))?;
        conn.pragma_update(None, "foreign_keys", "ON")?;
        conn.set_prepared_statement_cache_capacity(256);
        Ok(())
    };
    set_up().map_err(|e| {
        let why = e.to_string();
        let error = sqlite_error(e);
        if matches!(error, StoreError::Database(_)) { open_error(why) } else { error }
    })?;
    Ok(Conn::Sqlite(conn))
}

/// Whether there is a file of ours; an absent or empty one is not, and a file of anybody else's is an error.
///
/// It is read as plain bytes: SQLite itself might already write to what it opens. The header is that of "Database
/// File Format" (sqlite.org), section 1.3: a magic string at 0, the application id at 68.
fn recognise(url: &Url, path: &Path) -> Result<bool, StoreError> {
    let open_error = |e: std::io::Error| StoreError::Open { place: url.to_string(), why: e.to_string() };
    let foreign = |found: &str| StoreError::Foreign { place: url.to_string(), found: found.to_owned() };
    let mut head = Vec::new();
    match std::fs::File::open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(open_error(e)),
        Ok(file) => file.take(100).read_to_end(&mut head).map_err(open_error)?,
    };
    if head.is_empty() {
        return Ok(false);
    }
    if !head.starts_with(b"SQLite format 3\0") {
        return Err(foreign("it is not a SQLite file"));
    }
    match head.get(68..72) {
        Some(id) if id == APPLICATION_ID.to_be_bytes() => Ok(true),
        Some(_) | None => Err(foreign("it is another program's SQLite file")),
    }
}

/// Makes the file, if it is absent, for its owner's eyes only: it will hold addresses. SQLite gives the files it puts
/// beside it the same permissions.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn query_file(conn: &rusqlite::Connection, sql: &str, cells: &[Cell]) -> rusqlite::Result<Vec<Vec<Cell>>> {
    let mut statement = conn.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(cells))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push((0..columns).map(|i| row.get(i)).collect::<rusqlite::Result<_>>()?);
    }
    Ok(all)
}

impl rusqlite::ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl rusqlite::types::FromSql for Cell {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        use rusqlite::types::{FromSqlError, ValueRef};
        match value {
            ValueRef::Null => Ok(Self::Null),
            ValueRef::Integer(n) => Ok(Self::Int(n)),
            ValueRef::Text(_) => Ok(Self::Text(value.as_str()?.to_owned())),
            ValueRef::Blob(bytes) => Ok(Self::Bytes(bytes.to_vec())),
            ValueRef::Real(_) => Err(FromSqlError::InvalidType),
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn sqlite_error(error: rusqlite::Error) -> StoreError {
    let why = error.to_string();
    let code = error.sqlite_error_code();
    if code == Some(rusqlite::ErrorCode::DiskFull) {
        StoreError::Full(why)
    } else if matches!(code, Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)) {
        StoreError::Busy(why)
    } else if code == Some(rusqlite::ErrorCode::ConstraintViolation) {
        StoreError::Constraint(why)
    } else {
        StoreError::Database(why)
    }
}

// ---- PostgreSQL

fn open_server(url: &Url, text: &str) -> Result<Conn, StoreError> {
    let open_error = |why: String| StoreError::Open { place: url.to_string(), why };
    let mut config: postgres::Config =
        text.parse().map_err(|_| open_error("its URL can't be read".to_owned()))?;
    config.application_name("rightful");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    let client = config.connect(postgres::NoTls).map_err(|e| open_error(words(&e)))?;
    let mut server = Box::new(Server { client, prepared: HashMap::new() });
    // A commit that the server may still lose is no commit; a stricter setting than `on` is left alone.
    server.batch(&format!(
        "SET lock_timeout = {}; SELECT set_config('synchronous_commit',
           CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
           ELSE current_setting('synchronous_commit') END, false)",
        WAIT.as_millis()
    ))?;
    Ok(Conn::Postgres(server))
}

impl Server {
    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.client.batch_execute(sql).map_err(|e| self.error(&e))
    }

    fn prepared(&mut self, sql: &str) -> Result<postgres::Statement, StoreError> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).map_err(|e| self.error(&e))?;
        if sql.len() <= CACHED_SQL_CHARS_MAX {
            self.prepared.insert(sql.to_owned(), statement.clone());
        }
        Ok(statement)
    }

    fn error(&self, error: &postgres::Error) -> StoreError {
        let why = words(error);
        // Appendix A of PostgreSQL's manual, "Error Codes".
        match error.code().map(postgres::error::SqlState::code) {
            Some("53100") => StoreError::Full(why),
            Some("55P03" | "40001" | "40P01") => StoreError::Busy(why),
            Some(code) if code.starts_with("23") => StoreError::Constraint(why),
            Some(code) if code.starts_with("08") || code.starts_with("57P") => StoreError::Lost(why),
            Some(_) => StoreError::Database(why),
            None if self.client.is_closed() => StoreError::Lost(why),
            None => StoreError::Database(why),
        }
    }
}

/// What happened, without the *detail* of the server's error, which quotes stored values.
fn words(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => match db.constraint() {
            Some(constraint) => format!("{} ({constraint})", db.message()),
            None => db.message().to_owned(),
        },
        None => {
            let cause = std::error::Error::source(error).map(|s| format!(": {s}")).unwrap_or_default();
            format!("{error}{cause}")
        }
    }
}

fn references(cells: &[Cell]) -> Vec<&(dyn ToSql + Sync)> {
    cells.iter().map(|c| c as &(dyn ToSql + Sync)).collect()
}

type Anything = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Cell {
    fn to_sql(&self, ty: &Type, out: &mut postgres::types::private::BytesMut) -> Result<IsNull, Anything> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) if *ty == Type::INT4 => i32::try_from(*n)?.to_sql(ty, out),
            Self::Int(n) if *ty == Type::INT8 => n.to_sql(ty, out),
            Self::Text(text) if *ty == Type::TEXT => text.to_sql(ty, out),
            Self::Bytes(bytes) if *ty == Type::BYTEA => bytes.to_sql(ty, out),
            Self::Int(_) | Self::Text(_) | Self::Bytes(_) => Err(format!("a parameter is no {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn row_of_server(row: &postgres::Row) -> Result<Vec<Cell>, StoreError> {
    let cell = |i: usize, ty: &Type| -> Result<Cell, postgres::Error> {
        Ok(if *ty == Type::INT8 {
            row.try_get::<_, Option<i64>>(i)?.into()
        } else if *ty == Type::INT4 {
            row.try_get::<_, Option<i32>>(i)?.map(i64::from).into()
        } else if *ty == Type::BYTEA {
            row.try_get::<_, Option<Vec<u8>>>(i)?.map_or(Cell::Null, Cell::Bytes)
        } else {
            row.try_get::<_, Option<String>>(i)?.into()
        })
    };
    row.columns()
        .iter()
        .enumerate()
        .map(|(i, column)| cell(i, column.type_()).map_err(|e| StoreError::Database(words(&e))))
        .collect()
}

#[cfg(test)]
mod tests {

    #[test]
    fn the_two_schemas_say_the_same() {
        for (name, sqlite, postgres) in crate::migrate::MIGRATIONS {
            let meant = sqlite.replace(" STRICT;", ";").replace("INTEGER", "BIGINT").replace("BLOB", "BYTEA");
            assert_eq!(meant, postgres.replace(" TEXT COLLATE \"C\"", " TEXT"), "{name}");
        }
    }
}
