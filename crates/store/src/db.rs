//! The ledger opened, and its transactions. It has no clock: the moment of a transaction is handed in, and every row
//! it writes bears that one.

use crate::cell::{Cell, Row};
use crate::dialect::{Access, Conn, PARAMETERS_MAX};
use crate::error::StoreError;
use crate::migrate;
use crate::url::Url;
use model::id::Millis;
use std::cell::RefCell;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Gives 32 fresh random bytes a call; cryptographic outside of tests.
pub type Chance = Arc<dyn Fn() -> [u8; 32] + Send + Sync>;

/// Connections kept open when nobody uses them.
const IDLE_MAX: usize = 8;

/// The tables of what is sealed by keys that come to be destroyed.
const SEALED: [&str; 4] = ["run_key", "sealed_credential", "sealed_factor", "probe_credential"];

/// The ledger, open.
///
/// Every call blocks its thread, and PostgreSQL's driver brings a runtime of its own: inside of an asynchronous
/// runtime, call it on a thread where blocking is allowed.
pub struct Store {
    url: Url,
    chance: Chance,
    idle: Mutex<Vec<Conn>>,
    turn: Mutex<()>,
}

/// A transaction that reads: all it sees is of one moment.
pub struct Read {
    pub(crate) conn: RefCell<Conn>,
}

/// A transaction that writes: all of it is kept, or nothing. There is one at a time on a ledger.
pub struct Tx {
    read: Read,
    now: Millis,
    chance: Chance,
}

impl Deref for Tx {
    type Target = Read;

    fn deref(&self) -> &Read {
        &self.read
    }
}

impl Store {
    /// Opens the ledger, makes it where there is none, and brings an older one to this program's version. `chance`
    /// gives the audit's nonces.
    ///
    /// # Errors
    /// Where it can't be opened, is of a newer version, or is not a ledger; what is not one is left as it is.
    pub fn open(url: &Url, chance: Chance) -> Result<Self, StoreError> {
        let mut conn = Conn::open(url)?;
        migrate::migrate(&mut conn, url)?;
        Ok(Self { url: url.clone(), chance, idle: Mutex::new(vec![conn]), turn: Mutex::new(()) })
    }

    /// Where it lies.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The version of the tables.
    #[must_use]
    pub fn version(&self) -> i64 {
        migrate::VERSION
    }

    /// Takes the bytes of destroyed keys, and of what was sealed under them, out of the database's files. Copies that
    /// somebody made of the files, the server's archived log among them, are out of its reach: there they are sealed by
    /// a master key that is gone.
    ///
    /// # Errors
    /// The database's, or where others are reading; then the bytes are still there.
    pub fn scrub(&self) -> Result<(), StoreError> {
        Conn::open(&self.url)?.scrub(&SEALED)
    }

    /// Reads in one transaction.
    ///
    /// # Errors
    /// The closure's, or the database's.
    pub fn read<T>(&self, look: impl FnOnce(&Read) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.read_with(look)
    }

    /// [`Store::read`] for a closure with an error of its own.
    ///
    /// # Errors
    /// The closure's, or the database's.
    pub fn read_with<T, E: From<StoreError>>(
        &self,
        look: impl FnOnce(&Read) -> Result<T, E>,
    ) -> Result<T, E> {
        let read = Read { conn: RefCell::new(self.begin(Access::Read)?) };
        let found = look(&read);
        self.end(read.conn.into_inner(), found, false)
    }

    /// Writes in one transaction, committed when the closure ends well and rolled back when not. Do not call it, or
    /// the service, from within: one writer holds the ledger.
    ///
    /// # Errors
    /// The closure's, or the database's; then nothing was written ([`StoreError::Lost`] apart).
    pub fn write<T>(
        &self,
        now: Millis,
        act: impl FnOnce(&Tx) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write_with(now, act)
    }

    /// [`Store::write`] for a closure with an error of its own.
    ///
    /// # Errors
    /// The closure's, or the database's; then nothing was written ([`StoreError::Lost`] apart).
    pub fn write_with<T, E: From<StoreError>>(
        &self,
        now: Millis,
        act: impl FnOnce(&Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        // Threads of one process wait here in turn; the database's own waiting is for other processes.
        let _turn = held(&self.turn);
        let read = Read { conn: RefCell::new(self.begin(Access::Write)?) };
        let tx = Tx { read, now, chance: self.chance.clone() };
        let done = act(&tx);
        self.end(tx.read.conn.into_inner(), done, true)
    }

    fn begin(&self, access: Access) -> Result<Conn, StoreError> {
        let idle = held(&self.idle).pop();
        let had_one = idle.is_some();
        let mut conn = idle.map_or_else(|| Conn::open(&self.url), Ok)?;
        match conn.begin(access) {
            // A connection that lay idle may have died since; a fresh one tells whether the database has.
            Err(StoreError::Lost(_)) if had_one => {
                held(&self.idle).clear();
                conn = Conn::open(&self.url)?;
                conn.begin(access)?;
            }
            begun => begun?,
        }
        Ok(conn)
    }

    /// A connection goes back among the idle ones only if its transaction is surely over; else it is closed, which
    /// ends the transaction.
    fn end<T, E: From<StoreError>>(&self, mut conn: Conn, done: Result<T, E>, write: bool) -> Result<T, E> {
        let value = match done {
            Ok(value) if write => {
                if let Err(error) = conn.commit() {
                    if conn.rollback().is_ok() {
                        self.put_back(conn);
                    }
                    return Err(error.into());
                }
                Ok(value)
            }
            other => {
                if let Err(error) = conn.rollback() {
                    // The closure's own error says more than the failed rollback after it.
                    return Err(other.err().unwrap_or_else(|| error.into()));
                }
                other
            }
        };
        self.put_back(conn);
        value
    }

    fn put_back(&self, conn: Conn) {
        let mut idle = held(&self.idle);
        if idle.len() < IDLE_MAX {
            idle.push(conn);
        }
    }

    /// Leaves a SQLite ledger no room to grow, as a full disk would, or gives it room again. Nobody else may use the
    /// store meanwhile.
    ///
    /// # Errors
    /// The database's.
    #[cfg(feature = "testing")]
    pub fn leave_no_room(&self, full: bool) -> Result<(), StoreError> {
        let mut conn = self.begin(Access::Write)?;
        conn.rollback()?;
        // SQLite raises a limit below the file's size to that size. It is a setting of one connection.
        conn.script(if full { "PRAGMA max_page_count = 1" } else { "PRAGMA max_page_count = 1073741823" })?;
        let mut idle = held(&self.idle);
        idle.clear();
        idle.push(conn);
        Ok(())
    }
}

/// What a panic left behind these locks is whole: connections are taken out before they are used.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Read {
    /// All rows a statement answers. The first column is the row's key, named in errors.
    pub(crate) fn rows(
        &self,
        table: &'static str,
        sql: &str,
        cells: &[Cell],
    ) -> Result<Vec<Row>, StoreError> {
        let rows = self.conn.borrow_mut().query(sql, cells)?;
        Ok(rows.into_iter().map(|cells| Row::new(table, cells)).collect())
    }

    /// The first row a statement answers.
    pub(crate) fn row(
        &self,
        table: &'static str,
        sql: &str,
        cells: &[Cell],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(table, sql, cells)?.into_iter().next())
    }

    /// The one number a statement answers.
    pub(crate) fn count(&self, table: &'static str, sql: &str, cells: &[Cell]) -> Result<u64, StoreError> {
        match self.row(table, sql, cells)? {
            Some(row) => row.get(0),
            None => Ok(0),
        }
    }

    /// The rows of a set of keys, asked in chunks: `{}` in the statement becomes the list of the keys' parameters,
    /// which come after `cells`.
    pub(crate) fn rows_of(
        &self,
        table: &'static str,
        sql: &str,
        cells: &[Cell],
        keys: impl IntoIterator<Item = Cell>,
    ) -> Result<Vec<Row>, StoreError> {
        let keys: Vec<Cell> = keys.into_iter().collect();
        let mut all = Vec::new();
        for chunk in keys.chunks(PARAMETERS_MAX - cells.len()) {
            let params = [cells, chunk].concat();
            let list =
                (cells.len() + 1..=params.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
            all.extend(self.rows(table, &sql.replace("{}", &list), &params)?);
        }
        Ok(all)
    }
}

impl Tx {
    /// A transaction that was begun on a connection of its own.
    pub(crate) fn of(conn: Conn, now: Millis, chance: Chance) -> Self {
        Self { read: Read { conn: RefCell::new(conn) }, now, chance }
    }

    /// The connection, to end the transaction.
    pub(crate) fn into_conn(self) -> Conn {
        self.read.conn.into_inner()
    }

    /// The moment of this transaction.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.now
    }

    /// 32 fresh random bytes.
    pub(crate) fn chance(&self) -> [u8; 32] {
        (self.chance)()
    }

    /// Runs one statement; says how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, cells: &[Cell]) -> Result<u64, StoreError> {
        self.read.conn.borrow_mut().execute(sql, cells)
    }

    /// Inserts rows in as few statements as the parameters allow; `tail` may say what to do on a conflict.
    pub(crate) fn insert(
        &self,
        into: &str,
        columns: &[&str],
        rows: &[Vec<Cell>],
        tail: &str,
    ) -> Result<u64, StoreError> {
        self.insert_whole(&format!("{into} ({})", columns.join(", ")), columns.len(), rows, tail)
    }

    /// The same for rows of so many cells, all that the table has.
    pub(crate) fn insert_whole(
        &self,
        into: &str,
        width: usize,
        rows: &[Vec<Cell>],
        tail: &str,
    ) -> Result<u64, StoreError> {
        let mut inserted = 0;
        for chunk in rows.chunks(PARAMETERS_MAX / width) {
            let values = lists(chunk.len(), width, 0, |n, _| format!("${n}"));
            let sql = format!("INSERT INTO {into} VALUES {values} {tail}");
            inserted += self.execute(&sql, &chunk.concat())?;
        }
        Ok(inserted)
    }

    /// Runs one statement over a set of rows: `{}` in it becomes `(VALUES …) AS v`, whose columns are `v.column1`, …
    /// of the given types (BIGINT, TEXT); their parameters come after `cells`.
    pub(crate) fn over(
        &self,
        sql: &str,
        cells: &[Cell],
        types: &[&str],
        rows: &[Vec<Cell>],
    ) -> Result<u64, StoreError> {
        let mut changed = 0;
        for chunk in rows.chunks((PARAMETERS_MAX - cells.len()) / types.len()) {
            let values = lists(chunk.len(), types.len(), cells.len(), |n, column| {
                format!("CAST(${n} AS {})", types[column])
            });
            let set = format!("(VALUES {values}) AS v");
            changed += self.execute(&sql.replace("{}", &set), &[cells, &chunk.concat()].concat())?;
        }
        Ok(changed)
    }
}

/// `(a, b), (a, b), …`: rows of columns, whose parameters begin after `offset`.
pub(crate) fn lists(
    rows: usize,
    columns: usize,
    offset: usize,
    mut one: impl FnMut(usize, usize) -> String,
) -> String {
    let mut text = String::with_capacity(rows * columns * 8);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                text.push_str(", ");
            }
            text.push_str(&one(offset + row * columns + column + 1, column));
        }
        text.push(')');
    }
    text
}
