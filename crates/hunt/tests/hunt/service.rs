//! A small service with an attack, as lines and as Parquet.

use arrow::array::{ArrayRef, Int64Array, ListBuilder, StringArray, StringBuilder, UInt32Array};
use arrow::record_batch::RecordBatch;
use hunt::Request;
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DAY: i64 = 86_400_000;
pub(crate) const START: i64 = 1_790_000_000_000;

/// 120 owners with three weeks of posts, and 12 of them used by a spammer on the last day.
pub(crate) fn events() -> Vec<Value> {
    let mut events = Vec::new();
    for n in 0..120i64 {
        for day in 0..21 {
            let words = ["river", "bread", "bicycle", "garden", "window", "harbour", "letter"];
            let text = format!(
                "the {} of u{n} and the {} went on {day} about",
                words[((n + day) % 7) as usize],
                words[((n * 3 + day * 2) % 7) as usize]
            );
            events.push(json!({"id": format!("e{n}-{day}"), "time": START + day * DAY + n * 1000, "account": format!("u{n}"),
                "kind": "post", "session": format!("s{n}"), "device": format!("d{n}"), "ip": format!("10.0.{n}.7"), "asn": 64500,
                "country": "DE", "user_agent": "Browser/1.0 (Desktop)", "app": "web", "object": format!("p{n}-{day}"),
                "text": text, "lang": "en"}));
        }
    }
    for n in 0..12i64 {
        let at = START + 20 * DAY + 1_000_000 + n * 60_000;
        let mut add = |id: &str, more: Value| {
            let mut event = json!({"id": format!("x{n}-{id}"), "time": at + 5000, "account": format!("u{n}"),
                "session": format!("xs{n}"), "device": format!("xd{n}"), "ip": format!("192.0.2.{n}"), "asn": 65000,
                "country": "ZZ", "user_agent": "Tool/2", "app": "web"});
            for (key, value) in more.as_object().into_iter().flatten() {
                event[key] = value.clone();
            }
            events.push(event);
        };
        add("in", json!({"kind": "login", "outcome": "success", "time": at}));
        add(
            "post",
            json!({"kind": "post", "object": format!("xp{n}"), "mentions": ["@a"],
            "text": "free vouchers for everybody until midnight", "urls": [format!("https://lure.example/{n}")]}),
        );
        add("mail", json!({"kind": "email_change", "previous": format!("hash{n}"), "time": at + 9000}));
    }
    events.push(json!({"id": "odd", "time": START, "account": "u5", "kind": "dance", "hashtags": []}));
    events
}

pub(crate) fn lines(events: &[Value]) -> String {
    events.iter().map(|e| format!("{e}\n")).collect()
}

pub(crate) fn write(dir: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, content).unwrap();
    path
}

pub(crate) fn parquet(path: &Path, events: &[Value]) {
    let text = |name: &str| -> ArrayRef {
        Arc::new(events.iter().map(|e| e[name].as_str().map(str::to_owned)).collect::<StringArray>())
    };
    let list = |name: &str| -> ArrayRef {
        let mut builder = ListBuilder::new(StringBuilder::new());
        for event in events {
            match event[name].as_array() {
                Some(items) => {
                    items.iter().for_each(|i| builder.values().append_option(i.as_str()));
                    builder.append(true);
                }
                None => builder.append(false),
            }
        }
        Arc::new(builder.finish())
    };
    let mut columns: Vec<(&str, ArrayRef)> = [
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
        "previous",
    ]
    .into_iter()
    .map(|name| (name, text(name)))
    .collect();
    columns.extend(["urls", "mentions", "hashtags"].into_iter().map(|name| (name, list(name))));
    let time = events.iter().map(|e| e["time"].as_i64()).collect::<Int64Array>();
    let asn = events.iter().map(|e| e["asn"].as_u64().map(|n| n as u32)).collect::<UInt32Array>();
    columns.push(("time", Arc::new(time)));
    columns.push(("asn", Arc::new(asn)));
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    let properties =
        parquet::file::properties::WriterProperties::builder().set_max_row_group_row_count(Some(500)).build();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Hunts, and gives the answer's files but for the timing.
pub(crate) fn hunt(request: &Request) -> Vec<(String, Vec<u8>)> {
    hunt::run(request, &|_| {}).unwrap();
    files(&request.out)
}

pub(crate) fn files(out: &Path) -> Vec<(String, Vec<u8>)> {
    let names = ["verdicts.jsonl", "campaigns.jsonl", "timelines.jsonl", "summary.json"];
    names.into_iter().map(|n| (n.to_owned(), fs::read(out.join(n)).unwrap())).collect()
}
