//! Values on their way into the tables and out again: text, whole numbers, bytes, nothing else. A digest is kept as
//! hexadecimal text, a truth as 0 or 1, a state by its name, anything with parts as canonical JSON.

use crate::error::StoreError;
use model::account::CredentialVersion;
use model::id::{AccountId, Digest, FactorId, IncidentId, NoticeCode, ObjectId, OperatorName, PlanId, RunId};
use model::secret::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One value of a row. It may be a secret, so `Debug` tells only its kind.
#[derive(Clone)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Int(_) => "‹number›",
            Self::Text(_) => "‹text›",
            Self::Bytes(_) => "‹bytes›",
        })
    }
}

/// The parameters of a statement, in order.
macro_rules! cells {
    ($($value:expr),* $(,)?) => { [$($crate::cell::Cell::from($value)),*] };
}
pub(crate) use cells;

impl From<i64> for Cell {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<u64> for Cell {
    /// Counts and places: none comes near 2^63, and one that did would be refused by a later comparison.
    fn from(n: u64) -> Self {
        Self::Int(i64::try_from(n).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Cell {
    fn from(n: u32) -> Self {
        Self::Int(n.into())
    }
}

impl From<bool> for Cell {
    fn from(yes: bool) -> Self {
        Self::Int(yes.into())
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&[u8]> for Cell {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<&Secret> for Cell {
    fn from(secret: &Secret) -> Self {
        Self::Text(secret.reveal().to_owned())
    }
}

impl From<Digest> for Cell {
    fn from(digest: Digest) -> Self {
        Self::Text(digest.hex())
    }
}

impl From<CredentialVersion> for Cell {
    fn from(version: CredentialVersion) -> Self {
        version.0.into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a cell can be read as; the error says what was expected.
pub(crate) trait FromCell: Sized {
    fn from_cell(cell: Cell) -> Result<Self, String>;
}

fn expected<T>(what: &str) -> Result<T, String> {
    Err(format!("{what} was expected"))
}

impl FromCell for i64 {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        match cell {
            Cell::Int(n) => Ok(n),
            Cell::Null | Cell::Text(_) | Cell::Bytes(_) => expected("a number"),
        }
    }
}

impl FromCell for u64 {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        Self::try_from(i64::from_cell(cell)?).or_else(|_| expected("a count"))
    }
}

impl FromCell for u32 {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        Self::try_from(i64::from_cell(cell)?).or_else(|_| expected("a small count"))
    }
}

impl FromCell for bool {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        match i64::from_cell(cell)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => expected("0 or 1"),
        }
    }
}

impl FromCell for String {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        match cell {
            Cell::Text(text) => Ok(text),
            Cell::Null | Cell::Int(_) | Cell::Bytes(_) => expected("a text"),
        }
    }
}

impl FromCell for Vec<u8> {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        match cell {
            Cell::Bytes(bytes) => Ok(bytes),
            Cell::Null | Cell::Int(_) | Cell::Text(_) => expected("bytes"),
        }
    }
}

impl FromCell for Secret {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        Ok(Self::new(String::from_cell(cell)?))
    }
}

impl FromCell for Digest {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        Self::from_hex(&String::from_cell(cell)?).map_or_else(|| expected("a digest"), Ok)
    }
}

impl FromCell for CredentialVersion {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        Ok(Self(Digest::from_cell(cell)?))
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        if matches!(cell, Cell::Null) { Ok(None) } else { T::from_cell(cell).map(Some) }
    }
}

macro_rules! names {
    ($($name:ty),+) => {$(
        impl From<&$name> for Cell {
            fn from(name: &$name) -> Self {
                Self::Text(name.as_str().to_owned())
            }
        }

        impl FromCell for $name {
            fn from_cell(cell: Cell) -> Result<Self, String> {
                Ok(Self::new(String::from_cell(cell)?))
            }
        }
    )+};
}
names!(AccountId, ObjectId, FactorId, PlanId, RunId, OperatorName, IncidentId, NoticeCode);

macro_rules! states {
    ($($state:ty),+) => {$(
        impl From<$state> for Cell {
            fn from(state: $state) -> Self {
                Self::from(state.as_str())
            }
        }

        impl FromCell for $state {
            fn from_cell(cell: Cell) -> Result<Self, String> {
                Self::from_name(&String::from_cell(cell)?).map_or_else(|| expected("a known state"), Ok)
            }
        }
    )+};
}
states!(
    model::plan::PlanState,
    model::run::RunState,
    model::run::StepState,
    model::notice::NoticeState,
    model::labels::Label,
    model::incident::IncidentState,
    model::run::Stuck,
    model::run::HoldState,
    model::run::PersonNeeded,
    model::run::Mover,
    model::exoneration::Way,
    model::exoneration::Proof,
    model::note::Sure,
    model::probe::ProbeKind,
    model::probe::Tried,
    model::probe::Side,
    crate::plans::Severity,
    crate::steps::CaseState
);

/// A value with parts, as canonical JSON.
pub(crate) fn json<T: Serialize>(what: &'static str, value: &T) -> Result<Cell, StoreError> {
    let text = model::canonical(value).map_err(|e| StoreError::Value { what, why: e.to_string() })?;
    Ok(Cell::Text(text))
}

/// A value that serde writes as one word, as that word.
pub(crate) fn word<T: Serialize>(what: &'static str, value: &T) -> Result<Cell, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(Cell::Text(word)),
        Ok(_) => Err(StoreError::Value { what, why: "it is not one word".to_owned() }),
        Err(e) => Err(StoreError::Value { what, why: e.to_string() }),
    }
}

/// A row as it was selected. The first column is its key, named in errors: never select a secret first.
pub(crate) struct Row {
    table: &'static str,
    cells: Vec<Cell>,
}

impl Row {
    pub(crate) fn new(table: &'static str, cells: Vec<Cell>) -> Self {
        Self { table, cells }
    }

    /// The row as it was answered.
    pub(crate) fn into_cells(self) -> Vec<Cell> {
        self.cells
    }

    /// Column `place` (from 0) as a `T`.
    pub(crate) fn get<T: FromCell>(&self, place: usize) -> Result<T, StoreError> {
        match self.cells.get(place) {
            Some(cell) => T::from_cell(cell.clone()).map_err(|why| self.corrupt(place, &why)),
            None => Err(self.corrupt(place, "there is no such column")),
        }
    }

    /// Column `place` read as the JSON of a `T`. What the JSON says is kept out of the error.
    pub(crate) fn json<T: DeserializeOwned>(&self, place: usize) -> Result<T, StoreError> {
        let text: String = self.get(place)?;
        serde_json::from_str(&text).map_err(|e| {
            self.corrupt(
                place,
                &format!("its JSON can't be read ({:?}, column {})", e.classify(), e.column()),
            )
        })
    }

    /// Column `place` read as one word of a `T`.
    pub(crate) fn word<T: DeserializeOwned>(&self, place: usize) -> Result<T, StoreError> {
        let text: String = self.get(place)?;
        serde_json::from_value(serde_json::Value::String(text))
            .map_err(|_| self.corrupt(place, "an unknown word"))
    }

    pub(crate) fn corrupt(&self, place: usize, why: &str) -> StoreError {
        let key = match self.cells.first() {
            Some(Cell::Int(n)) => n.to_string(),
            Some(Cell::Text(text)) => text.clone(),
            Some(Cell::Null | Cell::Bytes(_)) | None => "?".to_owned(),
        };
        StoreError::Corrupt { table: self.table, key, why: format!("value {place}: {why}") }
    }
}
