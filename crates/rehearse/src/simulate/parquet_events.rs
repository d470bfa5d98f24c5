//! Events as Parquet: the contract's column names, `time` as 64-bit milliseconds, lists as lists, zstd.

use super::write::{WriteError, at};
use arrow::array::{ArrayRef, Int64Array, ListBuilder, RecordBatch, StringBuilder, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema};
use model::event::{Event, Outcome};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

const EVENTS_A_FILE: usize = 1_000_000;
const EVENTS_A_BATCH: usize = 65_536;

/// Writes events into `part-00000.parquet` and on, a million a file.
pub(super) fn write(events: &[Event], dir: &Path) -> Result<(), WriteError> {
    fs::create_dir_all(dir).map_err(at(dir))?;
    let chunks: Vec<&[Event]> =
        if events.is_empty() { vec![&[]] } else { events.chunks(EVENTS_A_FILE).collect() };
    for (k, chunk) in chunks.into_iter().enumerate() {
        let path = dir.join(format!("part-{k:05}.parquet"));
        let file = File::create(&path).map_err(at(&path))?;
        one(chunk, file).map_err(|source| WriteError::Form { path: path.clone(), source })?;
    }
    Ok(())
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn one(events: &[Event], file: File) -> Result<(), Failure> {
    let schema = Arc::new(schema());
    let properties =
        WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?)).build();
    let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties))?;
    for batch in events.chunks(EVENTS_A_BATCH) {
        writer.write(&RecordBatch::try_new(schema.clone(), columns(batch)?)?)?;
    }
    writer.close()?;
    Ok(())
}

fn schema() -> Schema {
    let text = |name: &str, needed: bool| Field::new(name, DataType::Utf8, !needed);
    let list = |name: &str| {
        Field::new(name, DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))), true)
    };
    Schema::new(vec![
        text("id", true),
        Field::new("time", DataType::Int64, false),
        text("account", true),
        text("kind", true),
        text("outcome", false),
        text("session", false),
        text("device", false),
        text("ip", false),
        Field::new("asn", DataType::UInt32, true),
        text("country", false),
        text("user_agent", false),
        text("app", false),
        text("object", false),
        text("text", false),
        text("lang", false),
        list("urls"),
        list("mentions"),
        list("hashtags"),
        text("initiator", false),
        text("previous", false),
        text("change", false),
    ])
}

fn columns(events: &[Event]) -> Result<Vec<ArrayRef>, Failure> {
    Ok(vec![
        texts(events, |e| Some(e.id.as_str())),
        Arc::new(events.iter().map(|e| Some(e.time)).collect::<Int64Array>()),
        texts(events, |e| Some(e.account.as_str())),
        owned(events, |e| word(&e.kind))?,
        texts(events, |e| {
            e.outcome.map(|o| match o {
                Outcome::Success => "success",
                Outcome::Failure => "failure",
            })
        }),
        texts(events, |e| e.session.as_ref().map(model::id::SessionId::as_str)),
        texts(events, |e| e.device.as_deref()),
        texts(events, |e| e.ip.as_deref()),
        Arc::new(events.iter().map(|e| e.asn).collect::<UInt32Array>()),
        texts(events, |e| e.country.as_deref()),
        texts(events, |e| e.user_agent.as_deref()),
        texts(events, |e| e.app.as_ref().map(model::id::AppId::as_str)),
        texts(events, |e| e.object.as_ref().map(model::id::ObjectId::as_str)),
        texts(events, |e| e.text.as_deref()),
        texts(events, |e| e.lang.as_deref()),
        lists(events, |e| e.urls.as_deref()),
        lists(events, |e| e.mentions.as_deref()),
        lists(events, |e| e.hashtags.as_deref()),
        owned(events, |e| e.initiator.map_or(Ok(None), |i| word(&i)))?,
        texts(events, |e| e.previous.as_deref()),
        texts(events, |e| e.change.as_deref()),
    ])
}

fn texts<'a>(events: &'a [Event], get: impl Fn(&'a Event) -> Option<&'a str>) -> ArrayRef {
    let mut builder = StringBuilder::new();
    for event in events {
        builder.append_option(get(event));
    }
    Arc::new(builder.finish())
}

fn owned(
    events: &[Event],
    get: impl Fn(&Event) -> Result<Option<String>, serde_json::Error>,
) -> Result<ArrayRef, Failure> {
    let mut builder = StringBuilder::new();
    for event in events {
        builder.append_option(get(event)?);
    }
    Ok(Arc::new(builder.finish()))
}

fn lists<'a>(events: &'a [Event], get: impl Fn(&'a Event) -> Option<&'a [String]>) -> ArrayRef {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for event in events {
        match get(event) {
            Some(items) => {
                for item in items {
                    builder.values().append_value(item);
                }
                builder.append(true);
            }
            None => builder.append(false),
        }
    }
    Arc::new(builder.finish())
}

/// The contract's word for a closed value, as JSON has it.
fn word<T: serde::Serialize>(value: &T) -> Result<Option<String>, serde_json::Error> {
    Ok(serde_json::to_value(value)?.as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::event::Kind;

    #[test]
    fn a_kind_is_written_as_its_word() {
        assert_eq!(word(&Kind::MfaChange).unwrap().as_deref(), Some("mfa_change"));
        assert_eq!(word(&Kind::Unknown("poke".to_owned())).unwrap().as_deref(), Some("poke"));
    }
}
