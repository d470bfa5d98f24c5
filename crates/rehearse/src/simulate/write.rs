//! The files of a population: events, accounts, truth, traps.

use super::Population;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `events.jsonl`, one JSON object a line.
    Jsonl,
    /// `events/part-00000.parquet` and on, zstd.
    Parquet,
}

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The disk refused.
    #[error("can't write {path}: {source}; is there room, and may this user write there?")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A value has no form in the file.
    #[error("can't put the values of {path} into its format: {source}")]
    Form {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Writes `events.jsonl` or `events/*.parquet`, `accounts.jsonl`, `truth.jsonl` and `traps.json` into a folder.
///
/// # Errors
/// Where the folder or a file can't be written.
pub fn write(population: &Population, dir: &Path, format: Format) -> Result<(), WriteError> {
    fs::create_dir_all(dir).map_err(at(dir))?;
    match format {
        Format::Jsonl => lines(&dir.join("events.jsonl"), &population.events)?,
        Format::Parquet => super::parquet_events::write(&population.events, &dir.join("events"))?,
    }
    lines(&dir.join("accounts.jsonl"), &population.accounts)?;
    lines(&dir.join("truth.jsonl"), &population.truth)?;
    let path = dir.join("traps.json");
    let text = serde_json::to_string_pretty(&population.traps)
        .map_err(|e| WriteError::Form { path: path.clone(), source: e.into() })?;
    fs::write(&path, text + "\n").map_err(at(&path))
}

fn lines<T: Serialize>(path: &Path, items: &[T]) -> Result<(), WriteError> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).map_err(at(path))?);
    for item in items {
        serde_json::to_writer(&mut out, item)
            .map_err(|e| WriteError::Form { path: path.to_owned(), source: e.into() })?;
        out.write_all(b"\n").map_err(at(path))?;
    }
    out.flush().map_err(at(path))
}

/// Names the file in an error of the disk.
pub(super) fn at(path: &Path) -> impl Fn(std::io::Error) -> WriteError {
    move |source| WriteError::File { path: path.to_owned(), source }
}
