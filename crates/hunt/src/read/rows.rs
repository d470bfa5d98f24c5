//! Rows of Parquet as events: the same column names as the lines have fields; what is absent is absent, what has the
//! wrong type is an error that names the column.

use super::line::{Line, Moment, Str, rfc3339};
use super::sink::Drain;
use crate::error::HuntError;
use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, TimeUnit};
use arrow::record_batch::RecordBatch;
use model::event::{Initiator, Outcome};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::RowGroupMetaData;
use std::borrow::Cow;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

const TEXTS: [&str; 16] = [
    "id",
    "account",
    "kind",
    "outcome",
    "session",
    "device",
    "ip",
    "country",
    "user_agent",
    "app",
    "object",
    "text",
    "lang",
    "initiator",
    "previous",
    "change",
];
const LISTS: [&str; 3] = ["urls", "mentions", "hashtags"];

fn wrong(file: &Path, what: String) -> HuntError {
    HuntError::WrongFormat { file: file.to_owned(), what }
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, HuntError> {
    let file = File::open(path).map_err(|cause| HuntError::Unreadable { file: path.to_owned(), cause })?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| {
        wrong(path, format!("is a Parquet file that is cut off or damaged ({e}); copy it again"))
    })
}

/// The row groups of a file, with their bytes.
pub(crate) fn groups(path: &Path) -> Result<Vec<u64>, HuntError> {
    let builder = open(path)?;
    let schema = builder.schema();
    for needed in ["id", "time", "account", "kind"] {
        if schema.column_with_name(needed).is_none() {
            let have: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            return Err(wrong(path, format!("has no column `{needed}` (it has {})", have.join(", "))));
        }
    }
    Ok(builder
        .metadata()
        .row_groups()
        .iter()
        .map(|g| u64::try_from(g.compressed_size()).unwrap_or(0))
        .collect())
}

/// Reads one row group into a drain.
pub(crate) fn group(path: &Path, file: usize, group: usize, drain: &mut Drain<'_>) -> Result<(), HuntError> {
    let builder = open(path)?;
    let before: i64 =
        builder.metadata().row_groups().iter().take(group).map(RowGroupMetaData::num_rows).sum();
    let known = builder.schema().fields().iter().enumerate().filter(|(_, f)| {
        let name = f.name().as_str();
        TEXTS.contains(&name) || LISTS.contains(&name) || name == "time" || name == "asn"
    });
    let mask = ProjectionMask::roots(builder.parquet_schema(), known.map(|(at, _)| at).collect::<Vec<_>>());
    let damaged = |e: String| wrong(path, format!("is damaged in row group {group} ({e}); copy it again"));
    let reader = builder.with_row_groups(vec![group]).with_projection(mask).with_batch_size(8192);
    let reader = reader.build().map_err(|e| damaged(e.to_string()))?;
    let mut row = u64::try_from(before).unwrap_or(0) + 1;
    for batch in reader {
        let batch = batch.map_err(|e| damaged(e.to_string()))?;
        let columns = Columns::of(&batch).map_err(|what| wrong(path, what))?;
        for at in 0..batch.num_rows() {
            match columns.line(at) {
                Ok(line) => drain.event(&line)?,
                Err(reason) => drain.reject(file, row, reason, b""),
            }
            row += 1;
        }
    }
    drain.report(file)
}

/// The columns of a batch in the types that are read.
struct Columns {
    texts: [Option<StringArray>; TEXTS.len()],
    lists: [Option<ListArray>; LISTS.len()],
    time: Times,
    asn: Option<ArrayRef>,
}

enum Times {
    Millis(ArrayRef),
    Text(StringArray),
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self, String> {
        let as_type = |name: &str, to: &DataType, fits: &dyn Fn(&DataType) -> bool| match batch
            .column_by_name(name)
        {
            None => Ok(None),
            Some(column) => {
                let from = column.data_type();
                if matches!(from, DataType::Null) {
                    return Ok(None);
                }
                if !fits(from) {
                    return Err(format!("has a column `{name}` of type {from}"));
                }
                cast(column, to).map(Some).map_err(|e| format!("has a column `{name}` of type {from} ({e})"))
            }
        };
        let mut texts = [const { None }; TEXTS.len()];
        for (slot, name) in texts.iter_mut().zip(TEXTS) {
            *slot = as_type(name, &DataType::Utf8, &is_text)?.map(|a| a.as_string::<i32>().clone());
        }
        let list = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
        let mut lists = [const { None }; LISTS.len()];
        for (slot, name) in lists.iter_mut().zip(LISTS) {
            *slot = as_type(name, &list, &is_list)?.map(|a| a.as_list::<i32>().clone());
        }
        let time = match batch.column_by_name("time").map(Array::data_type) {
            Some(t) if is_text(t) => {
                as_type("time", &DataType::Utf8, &is_text)?.map(|a| Times::Text(a.as_string::<i32>().clone()))
            }
            Some(DataType::Timestamp(_, _)) => {
                let ms = DataType::Timestamp(TimeUnit::Millisecond, None);
                as_type("time", &ms, &|_| true)?
                    .map(|a| cast(&a, &DataType::Int64).map(Times::Millis).map_err(|e| e.to_string()))
                    .transpose()?
            }
            _integer => as_type("time", &DataType::Int64, &DataType::is_integer)?.map(Times::Millis),
        };
        let time = time.ok_or_else(|| "has no column `time`".to_owned())?;
        let asn = as_type("asn", &DataType::Int64, &DataType::is_integer)?;
        Ok(Self { texts, lists, time, asn })
    }

    fn text(&self, column: usize, row: usize) -> Option<&str> {
        self.texts[column].as_ref().filter(|a| a.is_valid(row)).map(|a| a.value(row))
    }

    fn list(&self, column: usize, row: usize) -> Option<Vec<Str<'_>>> {
        let lists = self.lists[column].as_ref().filter(|a| a.is_valid(row))?;
        let offsets = lists.value_offsets();
        let items = lists.values().as_string::<i32>();
        let (start, end) = (offsets[row] as usize, offsets[row + 1] as usize);
        Some(
            (start..end)
                .filter(|at| items.is_valid(*at))
                .map(|at| Str(Cow::Borrowed(items.value(at))))
                .collect(),
        )
    }

    fn line(&self, row: usize) -> Result<Line<'_>, String> {
        let needed = |column: usize| {
            self.text(column, row)
                .map(|t| Str(Cow::Borrowed(t)))
                .ok_or_else(|| format!("no {}", TEXTS[column]))
        };
        let text = |column: usize| self.text(column, row).map(|t| Str(Cow::Borrowed(t)));
        let time = match &self.time {
            Times::Millis(ms) if ms.is_valid(row) => ms.as_primitive::<Int64Type>().value(row),
            Times::Text(texts) if texts.is_valid(row) => rfc3339(texts.value(row))?,
            Times::Millis(_) | Times::Text(_) => return Err("no time".to_owned()),
        };
        let asn = match &self.asn {
            Some(asn) if asn.is_valid(row) => {
                let asn = asn.as_primitive::<Int64Type>().value(row);
                Some(u32::try_from(asn).map_err(|_| format!("asn {asn} is no AS number"))?)
            }
            _absent => None,
        };
        let outcome = match self.text(3, row) {
            None => None,
            Some("success") => Some(Outcome::Success),
            Some("failure") => Some(Outcome::Failure),
            Some(other) => return Err(format!("unknown outcome `{other}`")),
        };
        let initiator = match self.text(13, row) {
            None => None,
            Some("user") => Some(Initiator::User),
            Some("admin") => Some(Initiator::Admin),
            Some("policy") => Some(Initiator::Policy),
            Some("system") => Some(Initiator::System),
            Some(other) => return Err(format!("unknown initiator `{other}`")),
        };
        Line {
            id: needed(0)?,
            time: Moment(time),
            account: needed(1)?,
            kind: needed(2)?,
            outcome,
            session: text(4),
            device: text(5),
            ip: text(6),
            asn,
            country: text(7),
            user_agent: text(8),
            app: text(9),
            object: text(10),
            text: text(11),
            lang: text(12),
            urls: self.list(0, row),
            mentions: self.list(1, row),
            hashtags: self.list(2, row),
            initiator,
            previous: text(14),
            change: text(15),
        }
        .checked()
    }
}

fn is_text(of: &DataType) -> bool {
    let of = if let DataType::Dictionary(_, values) = of { values } else { of };
    matches!(of, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_list(of: &DataType) -> bool {
    if let DataType::List(item) | DataType::LargeList(item) = of { is_text(item.data_type()) } else { false }
}
