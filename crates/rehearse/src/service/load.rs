//! Reads the files of a population back, with only what the service needs of each event.

use super::replay::Act;
use crate::simulate::Truth;
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use model::account::Account;
use model::event::Kind;
use model::id::{AccountId, AppId, EventId, Millis, ObjectId, SessionId};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// A service that could not be opened, or could not keep a write.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A file is missing or can't be read or written.
    #[error(
        "can't use {path}: {source}; `rightful simulate --out DIR` writes the files of a rehearsed service"
    )]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{path} line {line} can't be read: {source}; was the file changed by hand?")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// A Parquet file is not what it should be.
    #[error("{path} can't be read as Parquet events: {reason}")]
    Parquet {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// Names the file in an error of the disk.
pub(super) fn at(path: &Path) -> impl Fn(std::io::Error) -> ServiceError {
    move |source| ServiceError::File { path: path.to_owned(), source }
}

/// A population's files, read.
pub(crate) struct Loaded {
    pub(crate) accounts: Vec<Account>,
    pub(crate) acts: Vec<Act>,
    pub(crate) truth: Vec<Truth>,
}

/// Reads a folder; the acts in order of time, then id.
pub(crate) fn load(dir: &Path) -> Result<Loaded, ServiceError> {
    let accounts = lines(&dir.join("accounts.jsonl"))?;
    let truth = lines(&dir.join("truth.jsonl"))?;
    let jsonl = dir.join("events.jsonl");
    let mut acts = if jsonl.exists() { json_acts(&jsonl)? } else { parquet_acts(&dir.join("events"))? };
    acts.par_sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    Ok(Loaded { accounts, acts, truth })
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, ServiceError> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(k, line)| {
            serde_json::from_str(line).map_err(|source| ServiceError::Line {
                path: path.to_owned(),
                line: k + 1,
                source,
            })
        })
        .collect()
}

/// An event's line, as far as it matters here.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    time: Millis,
    #[serde(borrow)]
    account: Cow<'a, str>,
    kind: Kind,
    #[serde(borrow, default)]
    outcome: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    session: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    device: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    app: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    object: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    change: Option<Cow<'a, str>>,
}

fn json_acts(path: &Path) -> Result<Vec<Act>, ServiceError> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    let lines: Vec<&str> = text.lines().collect();
    lines
        .par_iter()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(k, line)| {
            let line: Line<'_> = serde_json::from_str(line).map_err(|source| ServiceError::Line {
                path: path.to_owned(),
                line: k + 1,
                source,
            })?;
            Ok(Act {
                id: EventId::new(line.id),
                time: line.time,
                account: AccountId::new(line.account),
                kind: line.kind,
                failed: line.outcome.as_deref() == Some("failure"),
                session: line.session.map(SessionId::new),
                device: line.device.map(Cow::into_owned),
                app: line.app.map(AppId::new),
                object: line.object.map(ObjectId::new),
                change: line.change.map(Cow::into_owned),
            })
        })
        .collect()
}

const COLUMNS: [&str; 10] =
    ["id", "time", "account", "kind", "outcome", "session", "device", "app", "object", "change"];

fn parquet_acts(dir: &Path) -> Result<Vec<Act>, ServiceError> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)
        .map_err(at(dir))?
        .map(|entry| entry.map(|e| e.path()).map_err(at(dir)))
        .collect::<Result<_, _>>()?;
    paths.retain(|p| p.extension().is_some_and(|e| e == "parquet"));
    paths.sort();
    let mut acts = Vec::new();
    for path in paths {
        let file = File::open(&path).map_err(at(&path))?;
        one(file, &mut acts).map_err(|reason| ServiceError::Parquet { path: path.clone(), reason })?;
    }
    Ok(acts)
}

fn one(file: File, acts: &mut Vec<Act>) -> Result<(), String> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| e.to_string())?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), COLUMNS);
    for batch in builder.with_projection(mask).build().map_err(|e| e.to_string())? {
        rows(&batch.map_err(|e| e.to_string())?, acts)?;
    }
    Ok(())
}

fn rows(batch: &RecordBatch, acts: &mut Vec<Act>) -> Result<(), String> {
    let column = |name: &str| -> Result<&ArrayRef, String> {
        batch.column_by_name(name).ok_or_else(|| format!("it has no column {name}"))
    };
    let text = |name: &str| -> Result<&StringArray, String> {
        column(name)?.as_string_opt::<i32>().ok_or_else(|| format!("column {name} is no text"))
    };
    let times: &Int64Array =
        column("time")?.as_primitive_opt::<Int64Type>().ok_or("column time is no 64-bit integer")?;
    let (ids, accounts, kinds) = (text("id")?, text("account")?, text("kind")?);
    let (outcomes, sessions, devices) = (text("outcome")?, text("session")?, text("device")?);
    let (apps, objects, changes) = (text("app")?, text("object")?, text("change")?);
    let some = |from: &StringArray, row: usize| from.is_valid(row).then(|| from.value(row).to_owned());
    for row in 0..batch.num_rows() {
        let kind = serde_json::from_value(kinds.value(row).into()).map_err(|e| e.to_string())?;
        acts.push(Act {
            id: EventId::from(ids.value(row)),
            time: times.value(row),
            account: AccountId::from(accounts.value(row)),
            kind,
            failed: some(outcomes, row).as_deref() == Some("failure"),
            session: some(sessions, row).map(SessionId::new),
            device: some(devices, row),
            app: some(apps, row).map(AppId::new),
            object: some(objects, row).map(ObjectId::new),
            change: some(changes, row),
        });
    }
    Ok(())
}
