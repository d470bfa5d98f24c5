//! Account records (account record v1), of which a hunt needs only little: since when an account is there.

use super::{Format, blocks};
use crate::error::HuntError;
use model::account::Account;
use std::path::Path;

/// Reads the records of a file, compressed or not.
///
/// # Errors
/// The first line that is no account record, by file and line: a wrong file of records is mended, not guessed at.
pub(crate) fn records(path: &Path) -> Result<Vec<Account>, HuntError> {
    let format = Format::of(path)?;
    if format == Format::Parquet {
        let what = "is Parquet; account records are read as JSON Lines".to_owned();
        return Err(HuntError::WrongFormat { file: path.to_owned(), what });
    }
    let mut records = Vec::new();
    for block in blocks::blocks(path, format)? {
        let block = block?;
        for (at, line) in block.bytes.split(|b| *b == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let record = serde_json::from_slice::<Account>(line).map_err(|e| HuntError::WrongFormat {
                file: path.to_owned(),
                what: format!("line {} is no account record ({e})", block.first_line + at as u64),
            })?;
            records.push(record);
        }
    }
    Ok(records)
}
