//! A ledger carried out into one file and in again, whichever of the two databases it is on: all tables as they are at
//! one moment, while others write. No key is in it that could be used without the files outside.
//!
//! What comes in again is of the past. Nothing goes on by itself from there: whatever was armed or running is halted,
//! standing orders are suspended, no lease is anybody's, and the audit log says so.

mod form;

pub use form::{Backup, Header};

use crate::cell::{Cell, cells};
use crate::db::{Chance, Read, Store, Tx, lists};
use crate::dialect::{Access, Conn, PARAMETERS_MAX};
use crate::error::StoreError;
use crate::migrate;
use crate::url::Url;
use form::{FORM, Line, Writer};
use model::audit::Checkpoint;
use model::id::{Digest, Millis, RunId};
use model::merkle::Frontier;
use model::order::Suspension;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Write;

/// The table that migrations fill.
const VERSIONS: &str = "ledger_version";
/// Rows that are kept in memory until they go in together.
const ROWS_TOGETHER: usize = 500;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// What it says of itself.
    pub header: Header,
    /// How many rows.
    pub rows: u64,
    /// The checksum.
    pub sha256: Digest,
}

/// What a restore stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The runs that were armed or running.
    pub runs: Vec<RunId>,
    /// The standing orders whose time is not over: two people look first.
    pub orders: Vec<Digest>,
}

/// Who restores, when, and why everything is stopped.
pub struct Restoring<'a> {
    /// Who.
    pub by: &'a str,
    /// When, ms.
    pub now: Millis,
    /// Why runs are halted and orders suspended.
    pub reason: &'a str,
}

impl Store {
    /// Writes all of the ledger as it is at one moment. `sign` is handed the edge of the audit log at that moment, and
    /// gives the log's name and the signed note.
    ///
    /// # Errors
    /// The database's, `sign`'s, or where it can't be written.
    pub fn back_up<E: From<StoreError>>(
        &self,
        now: Millis,
        sign: impl FnOnce(&Frontier) -> Result<(Checkpoint, String), E>,
        out: &mut dyn Write,
    ) -> Result<BackedUp, E> {
        self.read_with(|read| {
            let (checkpoint, note) = sign(&whole_frontier(read)?)?;
            let header =
                Header { rightful_backup: FORM, version: migrate::VERSION, made_at: now, checkpoint, note };
            let mut writer = Writer::new(out, &header)?;
            let mut conn = read.conn.borrow_mut();
            for table in tables(&mut conn)? {
                let columns = conn.columns(&table)?;
                writer.table(&table, &columns)?;
                let sql = format!("SELECT {} FROM {table}", columns.join(", "));
                conn.each_row(&sql, |cells| writer.row(cells))?;
            }
            let (rows, sha256) = writer.end()?;
            Ok(BackedUp { header, rows, sha256 })
        })
    }
}

impl Backup {
    /// Puts it into an empty ledger, all or nothing: the tables as they were, brought to this program's version; then
    /// every run that was armed or running is halted, every standing order is suspended and every lease is void.
    ///
    /// # Errors
    /// Where the ledger is not empty or is none, the backup is of a newer version, or it is not what its checkpoint
    /// says.
    pub fn restore(&self, url: &Url, chance: Chance, how: &Restoring<'_>) -> Result<Stopped, StoreError> {
        let version = self.header().version;
        if !(1..=migrate::VERSION).contains(&version) {
            return Err(StoreError::Backup(format!(
                "it is of version {version}, and versions 1 to {} are known here; use the program that made it",
                migrate::VERSION
            )));
        }
        let mut conn = Conn::open(url)?;
        conn.begin(Access::Write)?;
        let tx = Tx::of(conn, how.now, chance);
        let done = self.put(&tx, url).and_then(|()| settle(&tx, self, how));
        let mut conn = tx.into_conn();
        match done {
            Ok(stopped) => conn.commit().map(|()| stopped),
            Err(error) => {
                conn.rollback()?;
                Err(error)
            }
        }
    }

    fn put(&self, tx: &Tx, url: &Url) -> Result<(), StoreError> {
        {
            let conn = &mut *tx.conn.borrow_mut();
            clear(conn, url)?;
            migrate::up_to(conn, url, self.header().version)?;
            conn.let_references_wait()?;
            self.load(conn)?;
            conn.insist_on_references()?;
            migrate::up_to(conn, url, migrate::VERSION)?;
        }
        let frontier = whole_frontier(tx)?;
        let said = &self.header().checkpoint;
        if (frontier.size(), frontier.root()) != (said.size, said.root) {
            return Err(StoreError::Backup(format!(
                "its audit log has {} entries under {}, and its checkpoint says {} under {}",
                frontier.size(),
                frontier.root(),
                said.size,
                said.root
            )));
        }
        Ok(())
    }

    fn load(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let bad = |why: String| StoreError::Backup(why);
        let mut left: BTreeSet<String> = tables(conn)?.into_iter().collect();
        let mut into: Option<(String, Vec<String>)> = None;
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for line in self.lines()? {
            match line? {
                Line::Table(table, columns) => {
                    insert(conn, into.as_ref(), &mut rows)?;
                    // Names become a part of the statement: only those that the tables have are taken.
                    if !left.remove(&table) || conn.columns(&table)? != columns {
                        return Err(bad(format!(
                            "table {table} is unknown, named twice, or has other columns"
                        )));
                    }
                    into = Some((table, columns));
                }
                Line::Row(cells) => {
                    let columns = into.as_ref().map_or(0, |(_, columns)| columns.len());
                    if cells.len() != columns {
                        return Err(bad("a row has not as many values as its table has columns".to_owned()));
                    }
                    rows.push(cells);
                    if rows.len() == ROWS_TOGETHER {
                        insert(conn, into.as_ref(), &mut rows)?;
                    }
                }
            }
        }
        insert(conn, into.as_ref(), &mut rows)?;
        match left.into_iter().next() {
            Some(table) => Err(bad(format!("table {table} is missing"))),
            None => Ok(()),
        }
    }
}

fn insert(
    conn: &mut Conn,
    into: Option<&(String, Vec<String>)>,
    rows: &mut Vec<Vec<Cell>>,
) -> Result<(), StoreError> {
    let Some((table, columns)) = into.filter(|_| !rows.is_empty()) else { return Ok(()) };
    for chunk in rows.chunks(PARAMETERS_MAX / columns.len()) {
        let values = lists(chunk.len(), columns.len(), 0, |n, _| format!("${n}"));
        let sql = format!("INSERT INTO {table} ({}) VALUES {values}", columns.join(", "));
        conn.execute(&sql, &chunk.concat())?;
    }
    rows.clear();
    Ok(())
}

/// Takes the tables of an empty ledger away; anything else is left as it is.
fn clear(conn: &mut Conn, url: &Url) -> Result<(), StoreError> {
    if migrate::version(conn, url)? == 0 {
        return Ok(());
    }
    let tables = conn.tables()?;
    for table in tables.iter().filter(|t| *t != VERSIONS) {
        if !conn.query(&format!("SELECT 1 FROM {table} LIMIT 1"), &[])?.is_empty() {
            return Err(StoreError::NotEmpty { place: url.to_string(), table: table.clone() });
        }
    }
    let tail = match conn {
        Conn::Sqlite(_) => "",
        Conn::Postgres(_) => " CASCADE",
    };
    tables.iter().try_for_each(|table| conn.script(&format!("DROP TABLE {table}{tail}")))
}

/// Nothing goes on by itself from what was restored.
fn settle(tx: &Tx, backup: &Backup, how: &Restoring<'_>) -> Result<Stopped, StoreError> {
    let runs = tx.halt_all(how.by, how.reason)?;
    // What batches took from the bounds since the backup is not known here.
    let alive = tx.orders()?.into_iter().filter(|row| row.order.ends_at > how.now);
    let orders: Vec<Digest> = alive.map(|row| row.digest).collect();
    for order in &orders {
        let (cause, reason) = ("restored".to_owned(), how.reason.to_owned());
        tx.suspend_order(&Suspension { order: *order, cause, reason, at: how.now }, None, how.by)?;
    }
    // A process that still works under a lease of later than the backup has a fence that this ledger does not know. No
    // count comes near a moment in ms: whatever fence it has, it is refused.
    tx.execute("UPDATE lease SET until_ms = 0, fence = $1", &cells![how.now])?;
    let header = backup.header();
    let detail = json!({
        "made_at": header.made_at,
        "size": header.checkpoint.size,
        "root": header.checkpoint.root,
        "version": header.version,
        "sha256": backup.sha256(),
        "halted": runs,
        "suspended": orders,
    });
    tx.audit(how.by, "db.restore", "ledger", detail)?;
    Ok(Stopped { runs, orders })
}

/// All tables with what people and runs did. What is referred to was made first, so that few references have to wait
/// while they go in again.
fn tables(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let mut tables = conn.tables()?;
    tables.retain(|table| table != VERSIONS);
    Ok(tables)
}

/// The audit log's edge from its leaves alone: what a kept checkpoint says of it is not believed.
fn whole_frontier(read: &Read) -> Result<Frontier, StoreError> {
    let mut frontier = Frontier::default();
    loop {
        let leaves = read.audit_leaves(frontier.size(), 50_000)?;
        if leaves.is_empty() {
            return Ok(frontier);
        }
        leaves.into_iter().for_each(|leaf| frontier.push(leaf));
    }
}
