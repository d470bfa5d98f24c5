//! A backup's file: a header line, each table's name and columns with its rows below, and at the end how many they were
//! and the SHA-256 of all lines before. JSON, so that it can be read without this program; a line is never longer than
//! its row.

use crate::cell::Cell;
use crate::error::StoreError;
use model::audit::Checkpoint;
use model::id::{Digest, Millis};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};

/// The form that this program writes and reads.
pub(super) const FORM: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The form of the file.
    pub rightful_backup: u32,
    /// The version of the tables.
    pub version: i64,
    /// When it was made, ms.
    pub made_at: Millis,
    /// The audit log at its moment.
    pub checkpoint: Checkpoint,
    /// The same, signed by the log.
    pub note: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    table: String,
    columns: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    rows: u64,
    sha256: Digest,
}

/// Writes a backup, line after line.
pub(super) struct Writer<'a> {
    out: &'a mut dyn Write,
    hash: Sha256,
    rows: u64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut dyn Write, header: &Header) -> Result<Self, StoreError> {
        let mut writer = Self { out, hash: Sha256::new(), rows: 0 };
        writer.line(header)?;
        Ok(writer)
    }

    pub(super) fn table(&mut self, table: &str, columns: &[String]) -> Result<(), StoreError> {
        self.line(&Table { table: table.to_owned(), columns: columns.to_vec() })
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>) -> Result<(), StoreError> {
        self.rows += 1;
        let values: Vec<Value> = cells.into_iter().map(value).collect();
        self.line(&values)
    }

    /// Ends the file; gives how many rows it has and its checksum.
    pub(super) fn end(mut self) -> Result<(u64, Digest), StoreError> {
        let (rows, sha256) = (self.rows, Digest(self.hash.clone().finalize().into()));
        self.line(&End { rows, sha256 })?;
        self.out.flush().map_err(|e| StoreError::Backup(e.to_string()))?;
        Ok((rows, sha256))
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), StoreError> {
        let unable = |why: String| StoreError::Backup(why);
        let mut line = serde_json::to_vec(value).map_err(|e| unable(e.to_string()))?;
        line.push(b'\n');
        self.hash.update(&line);
        self.out.write_all(&line).map_err(|e| unable(e.to_string()))
    }
}

/// One line between header and end.
pub(super) enum Line {
    Table(String, Vec<String>),
    Row(Vec<Cell>),
}

/// A backup whose checksum holds.
pub struct Backup {
    path: PathBuf,
    header: Header,
    rows: u64,
    sha256: Digest,
}

impl Backup {
    /// Opens a backup: reads all of it once, and insists that it is whole.
    ///
    /// # Errors
    /// Where it is none, is damaged, or is of a form or version that this program does not know.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let bad = |why: String| StoreError::Backup(format!("{}: {why}", path.display()));
        let mut file = BufReader::new(File::open(path).map_err(|e| bad(e.to_string()))?);
        let (mut hash, mut header, mut rows) = (Sha256::new(), None, 0);
        let (mut last, mut line) = (Vec::new(), Vec::new());
        while file.read_until(b'\n', &mut line).map_err(|e| bad(e.to_string()))? > 0 {
            hash.update(&last);
            if header.is_none() {
                header = Some(serde_json::from_slice::<Header>(&line).map_err(|e| bad(none(&e)))?);
            } else if last.starts_with(b"[") {
                rows += 1;
            }
            std::mem::swap(&mut last, &mut line);
            line.clear();
        }
        let header = header.ok_or_else(|| bad("it is empty".to_owned()))?;
        let end: End = serde_json::from_slice(&last)
            .ok()
            .filter(|_| last.ends_with(b"\n"))
            .ok_or_else(|| bad("its end is missing: it was cut off".to_owned()))?;
        if end.sha256 != Digest(hash.finalize().into()) || end.rows != rows {
            return Err(bad("its checksum is another: it was changed, or is damaged".to_owned()));
        }
        if header.rightful_backup != FORM {
            return Err(bad(format!("its form is {}, and {FORM} is known here", header.rightful_backup)));
        }
        Ok(Self { path: path.to_owned(), header, rows, sha256: end.sha256 })
    }

    /// What it says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Its checksum.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// What stands between header and end.
    pub(super) fn lines(&self) -> Result<impl Iterator<Item = Result<Line, StoreError>> + use<>, StoreError> {
        let path = self.path.clone();
        let file = File::open(&path).map_err(|e| StoreError::Backup(format!("{}: {e}", path.display())))?;
        let lines: Lines<_> = BufReader::new(file).lines();
        let numbered = (1_u64..).zip(lines).skip(1);
        Ok(numbered.filter_map(move |(n, line)| {
            let bad = |why: String| StoreError::Backup(format!("{}, line {n}: {why}", path.display()));
            let line = match line {
                Ok(line) if line.starts_with("{\"rows\":") => return None,
                Ok(line) => line,
                Err(e) => return Some(Err(bad(e.to_string()))),
            };
            Some(parse(&line).map_err(bad))
        }))
    }
}

fn none(error: &serde_json::Error) -> String {
    format!("it is no backup of a ledger ({:?}, column {})", error.classify(), error.column())
}

/// What a line holds stays out of the error.
fn parse(line: &str) -> Result<Line, String> {
    let unable =
        |e: serde_json::Error| format!("it can't be read ({:?}, column {})", e.classify(), e.column());
    if line.starts_with('{') {
        let Table { table, columns } = serde_json::from_str(line).map_err(unable)?;
        return Ok(Line::Table(table, columns));
    }
    let values: Vec<Value> = serde_json::from_str(line).map_err(unable)?;
    values
        .into_iter()
        .map(cell)
        .collect::<Option<_>>()
        .map(Line::Row)
        .ok_or("a value is of no known kind".to_owned())
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(n) => n.into(),
        Cell::Text(text) => text.into(),
        Cell::Bytes(bytes) => serde_json::json!({ "hex": hex::encode(bytes) }),
    }
}

fn cell(value: Value) -> Option<Cell> {
    match value {
        Value::Null => Some(Cell::Null),
        Value::Number(n) => n.as_i64().map(Cell::Int),
        Value::String(text) => Some(Cell::Text(text)),
        Value::Object(map) if map.len() == 1 => {
            map.get("hex")?.as_str().and_then(|text| hex::decode(text).ok()).map(Cell::Bytes)
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
