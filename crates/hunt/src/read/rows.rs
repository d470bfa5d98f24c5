//! Rows of Parquet as events: the same column names as the lines have fields; what is absent is absent, what has the
//! wrong type is an error that names the column.

use super::columns::{Columns, LISTS, TEXTS, coded, is_text};
use super::drain::{Drain, Unread};
use crate::error::HuntError;
use arrow::datatypes::{FieldRef, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Rows of a batch: enough that what is done once a batch costs nothing a row.
const BATCH: usize = 1 << 15;
/// Columns of few values, which every writer keeps in a dictionary.
const FEW: [&str; 8] = ["kind", "outcome", "country", "user_agent", "app", "lang", "initiator", "change"];

fn wrong(file: &Path, what: String) -> HuntError {
    HuntError::WrongFormat { file: file.to_owned(), what }
}

fn open(path: &Path) -> Result<(File, ArrowReaderMetadata), HuntError> {
    let file = File::open(path).map_err(|cause| HuntError::Unreadable { file: path.to_owned(), cause })?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default()).map_err(|e| {
        wrong(path, format!("is a Parquet file that is cut off or damaged ({e}); copy it again"))
    })?;
    Ok((file, metadata))
}

/// The row groups of a file, with their bytes.
pub(crate) fn groups(path: &Path) -> Result<Vec<u64>, HuntError> {
    let (_, metadata) = open(path)?;
    let schema = metadata.schema();
    for needed in ["id", "time", "account", "kind"] {
        if schema.column_with_name(needed).is_none() {
            let have: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            return Err(wrong(path, format!("has no column `{needed}` (it has {})", have.join(", "))));
        }
    }
    let groups = metadata.metadata().row_groups().iter();
    Ok(groups.map(|g| u64::try_from(g.compressed_size()).unwrap_or(0)).collect())
}

/// Reads one row group into a drain.
pub(crate) fn group(path: &Path, file: usize, group: usize, drain: &mut Drain<'_>) -> Result<(), HuntError> {
    let (source, metadata) = open(path)?;
    let before: i64 =
        metadata.metadata().row_groups().iter().take(group).map(RowGroupMetaData::num_rows).sum();
    let damaged = |e: String| wrong(path, format!("is damaged in row group {group} ({e}); copy it again"));
    let reader = reader(source, &metadata, group).map_err(|e| damaged(e.to_string()))?;
    let mut number = u64::try_from(before).unwrap_or(0) + 1;
    let mut last = None;
    for batch in reader {
        let batch = batch.map_err(|e| damaged(e.to_string()))?;
        let columns = Columns::of(&batch, last.take()).map_err(|what| wrong(path, what))?;
        let columns = last.insert(columns);
        for row in 0..batch.num_rows() {
            match drain.row(columns, row) {
                Ok(()) => {}
                Err(Unread::This(reason)) => drain.reject(file, number, reason, b""),
                Err(Unread::All(error)) => return Err(error),
            }
            number += 1;
        }
    }
    drain.report(file)
}

/// Reads one row group and does nothing with it; how many rows it has.
pub(crate) fn group_rows(path: &Path, group: usize) -> Result<u64, HuntError> {
    let (source, metadata) = open(path)?;
    let damaged = |e: String| wrong(path, format!("is damaged in row group {group} ({e}); copy it again"));
    let mut rows = 0;
    for batch in reader(source, &metadata, group).map_err(|e| damaged(e.to_string()))? {
        rows += batch.map_err(|e| damaged(e.to_string()))?.num_rows() as u64;
    }
    Ok(rows)
}

/// A reader of one row group: only the columns that are read, and as numbers of a dictionary those that stand so in it.
fn reader(
    file: File,
    metadata: &ArrowReaderMetadata,
    group: usize,
) -> Result<ParquetRecordBatchReader, ParquetError> {
    let row_group = metadata.metadata().row_group(group);
    let as_read = |field: &FieldRef| -> FieldRef {
        let name = field.name().as_str();
        let chunk = row_group.columns().iter().find(|c| c.column_path().string() == name);
        match chunk.is_some_and(|c| TEXTS.contains(&name) && is_text(field.data_type()) && is_coded(c, name))
        {
            true => Arc::new(field.as_ref().clone().with_data_type(coded())),
            false => Arc::clone(field),
        }
    };
    let fields: Vec<FieldRef> = metadata.schema().fields().iter().map(as_read).collect();
    let schema = Schema::new_with_metadata(fields, metadata.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    let known = builder.schema().fields().iter().enumerate().filter(|(_, f)| {
        let name = f.name().as_str();
        TEXTS.contains(&name) || LISTS.contains(&name) || name == "time" || name == "asn"
    });
    let mask = ProjectionMask::roots(builder.parquet_schema(), known.map(|(at, _)| at).collect::<Vec<_>>());
    builder.with_row_groups(vec![group]).with_projection(mask).with_batch_size(BATCH).build()
}

/// Whether all pages of a column stand in its dictionary: of others one would have to be made, at more cost than it saves.
/// Where the file does not say it of its pages, columns of few values are taken to.
fn is_coded(chunk: &ColumnChunkMetaData, name: &str) -> bool {
    let coded = [Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY];
    match chunk.page_encoding_stats_mask() {
        Some(pages) => coded.iter().any(|e| pages.is_only(*e)),
        None => chunk.encodings().any(|e| coded.contains(&e)) && FEW.contains(&name),
    }
}
