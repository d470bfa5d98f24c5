//! The floor of a run: the rows it left, written once more by bare statements, in batches of the same size and with as many
//! commits. For measurements alone: what is written lies in tables of its own, and nobody reads it.

use crate::cell::{Cell, cells};
use crate::db::Store;
use crate::error::StoreError;
use model::id::{AccountId, RunId};
use std::collections::HashMap;

/// The tables that an intent and its outcome are written to, each with the column of the account, the columns of its key and
/// what an outcome sets in it (nothing, where it is not touched again).
const TABLES: [(&str, usize, &str, &str); 5] = [
    ("account_run", 2, "account, run", "state = 'done', settled_at = 2"),
    (
        "step",
        1,
        "account, run, place",
        "state = 'done', attempts = 1, result = 'done', changed = 1, outcome_at = 2",
    ),
    ("sealed_credential", 1, "account, run", "version_ours = version_before"),
    ("hidden_object", 1, "account, run, object", "state = 'turned'"),
    ("notice", 2, "account", "state = 'due', due_at = 2, try_at = 2"),
];

/// Rows by table, then by account.
type Rows = HashMap<AccountId, Vec<Vec<Cell>>>;

/// What a run has written, batch by batch.
pub struct Floor {
    accounts: Vec<Vec<AccountId>>,
    tables: Vec<Rows>,
    /// The log's entries of each account: of its intent, and of what came of it.
    log: HashMap<AccountId, Vec<Vec<Cell>>>,
}

impl Floor {
    /// Reads what a run has written, in batches of so many accounts.
    ///
    /// # Errors
    /// The database's.
    pub fn of(store: &Store, run: &RunId, batch: usize) -> Result<Self, StoreError> {
        store.read(|read| {
            let accounts: Vec<AccountId> = read.cases(run)?.into_iter().map(|c| c.account).collect();
            let by_account = |sql: &str, params: &[Cell], at: usize| -> Result<Rows, StoreError> {
                let mut rows = Rows::new();
                for row in read.rows("floor", sql, params)? {
                    let cells = row.into_cells();
                    if let Some(Cell::Text(account)) = cells.get(at) {
                        rows.entry(AccountId::new(account.clone())).or_default().push(cells);
                    }
                }
                Ok(rows)
            };
            let mut tables = Vec::new();
            for (table, at, _, _) in TABLES {
                tables.push(by_account(&format!("SELECT * FROM {table} WHERE run = $1"), &cells![run], at)?);
            }
            // Those of accounts alone: a run's own entries are few.
            let log = by_account(
                "SELECT subject, seq, recorded_at, entry, nonce, leaf FROM audit ORDER BY seq",
                &[],
                0,
            )?;
            let accounts = accounts.chunks(batch.max(1)).map(<[AccountId]>::to_vec).collect();
            Ok(Self { accounts, tables, log })
        })
    }

    /// Makes the empty tables, in the ledger that the rows were read from; those of an earlier measurement are gone.
    ///
    /// # Errors
    /// The database's.
    pub fn prepare(&self, store: &Store) -> Result<(), StoreError> {
        store.write(0, |tx| {
            for (table, _, key, _) in TABLES {
                tx.execute(&format!("DROP TABLE IF EXISTS floor_{table}"), &[])?;
                tx.execute(&format!("CREATE TABLE floor_{table} AS SELECT * FROM {table} WHERE 1 = 0"), &[])?;
                tx.execute(&format!("CREATE UNIQUE INDEX floor_{table}_key ON floor_{table} ({key})"), &[])?;
            }
            tx.execute("DROP TABLE IF EXISTS floor_audit", &[])?;
            tx.execute(
                "CREATE TABLE floor_audit AS SELECT subject, seq, recorded_at, entry, nonce, leaf FROM audit WHERE 1 = 0",
                &[],
            )?;
            tx.execute("CREATE UNIQUE INDEX floor_audit_key ON floor_audit (seq)", &[]).map(|_| ())
        })
    }

    /// Writes the rows: of each batch the intents in one transaction, what came of them in another. Gives how many rows.
    ///
    /// # Errors
    /// The database's.
    pub fn write(&self, store: &Store) -> Result<u64, StoreError> {
        let mut written = 0;
        for batch in &self.accounts {
            written += store.write(1, |tx| {
                let intents = self.log_of(batch, |rows| rows.get(..1).unwrap_or_default());
                let mut rows = tx.insert_whole("floor_audit", LOG, &intents, "")?;
                for ((table, ..), of) in TABLES.iter().zip(&self.tables) {
                    let all: Vec<Vec<Cell>> =
                        batch.iter().filter_map(|a| of.get(a)).flatten().cloned().collect();
                    let width = all.first().map_or(1, Vec::len);
                    rows += tx.insert_whole(&format!("floor_{table}"), width, &all, "")?;
                }
                Ok(rows)
            })?;
            written += store.write(2, |tx| {
                let outcomes = self.log_of(batch, |rows| rows.get(1..).unwrap_or_default());
                let mut rows = tx.insert_whole("floor_audit", LOG, &outcomes, "")?;
                let keys: Vec<Vec<Cell>> = batch.iter().map(|a| cells![a].to_vec()).collect();
                for (table, _, _, set) in TABLES {
                    let sql = format!(
                        "UPDATE floor_{table} SET {set} FROM {{}} WHERE floor_{table}.account = v.column1"
                    );
                    rows += tx.over(&sql, &[], &["TEXT"], &keys)?;
                }
                Ok(rows)
            })?;
        }
        Ok(written)
    }

    /// Entries of the log about a batch.
    fn log_of(&self, batch: &[AccountId], part: impl Fn(&[Vec<Cell>]) -> &[Vec<Cell>]) -> Vec<Vec<Cell>> {
        batch.iter().filter_map(|a| self.log.get(a)).flat_map(|rows| part(rows)).cloned().collect()
    }

    /// Takes the tables away again.
    ///
    /// # Errors
    /// The database's.
    pub fn clear(&self, store: &Store) -> Result<(), StoreError> {
        store.write(0, |tx| {
            for table in TABLES.iter().map(|(table, ..)| *table).chain(["audit"]) {
                tx.execute(&format!("DROP TABLE IF EXISTS floor_{table}"), &[])?;
            }
            Ok(())
        })
    }
}

/// Cells of a row of the log.
const LOG: usize = 6;
