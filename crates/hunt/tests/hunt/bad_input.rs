//! Bad input is refused, or put aside, with its place and the next step.

use crate::service::{events, files, lines, parquet, write};
use hunt::{HuntError, Request};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

fn refused(dir: &Path, files: Vec<PathBuf>) -> String {
    let out = dir.join("out");
    let error = hunt::run(&Request::new(files, out.clone()), &|_| {}).unwrap_err();
    let left: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!out.exists(), "{left:?}");
    assert!(!left.iter().any(|n| n.to_string_lossy().starts_with('.')), "{left:?}");
    error.to_string()
}

fn assert_says(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    }
}

#[test]
fn broken_lines_are_put_aside_with_their_place_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = lines(&events()).into_bytes();
    text.extend_from_slice(b"{\"id\":\"broken\n\n{\"id\":\"\xff\xfe\"}\n");
    let file = write(dir.path(), "events", &text);
    let request = Request::new(vec![file.clone()], dir.path().join("out"));
    let summary = hunt::run(&request, &|_| {}).unwrap();
    assert_eq!((summary.rejected, summary.events), (2, events().len() as u64));
    let rejects = fs::read_to_string(request.out.join("rejects.jsonl")).unwrap();
    let first: serde_json::Value = serde_json::from_str(rejects.lines().next().unwrap()).unwrap();
    assert_eq!(first["line"], events().len() as u64 + 1);
    assert_eq!(first["file"], file.display().to_string());
    assert_eq!(first["content"], "{\"id\":\"broken");
    assert!(rejects.lines().nth(1).unwrap().contains("UTF-8"));
}

#[test]
fn too_many_broken_lines_refuse_the_whole_input() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = lines(&events());
    text.insert_str(0, &"nonsense\n".repeat(60));
    let file = write(dir.path(), "events", text.as_bytes());
    assert_says(&refused(dir.path(), vec![file.clone()]), &["60 of", "events:1:", "--max-rejects"]);
    let mut request = Request::new(vec![file], dir.path().join("out"));
    request.max_rejects = 0.05;
    assert_eq!(hunt::run(&request, &|_| {}).unwrap().rejected, 60);
}

#[test]
fn a_file_cut_off_or_of_a_wrong_format_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines(&events()).as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let cut = write(dir.path(), "cut.gz", &gzip[..gzip.len() / 2]);
    assert_says(&refused(dir.path(), vec![cut]), &["cut.gz", "cut off", "copy the file again"]);
    let zstd = zstd::encode_all(lines(&events()).as_bytes(), 1).unwrap();
    let cut = write(dir.path(), "cut.zst", &zstd[..zstd.len() / 2]);
    assert_says(&refused(dir.path(), vec![cut]), &["cut.zst", "zstd file is cut off"]);
    let whole = dir.path().join("whole.parquet");
    parquet(&whole, &events());
    let bytes = fs::read(&whole).unwrap();
    let cut = write(dir.path(), "cut.parquet", &bytes[..bytes.len() / 2]);
    assert_says(&refused(dir.path(), vec![cut]), &["cut.parquet", "cut off or damaged"]);
    let csv = write(dir.path(), "events.csv", b"id,time,account\n1,2,3\n");
    assert_says(&refused(dir.path(), vec![csv]), &["events.csv", "no line of it is a JSON object"]);
    let picture = write(dir.path(), "p.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    assert_says(&refused(dir.path(), vec![picture]), &["p.png", "binary", "89 50 4e 47"]);
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    assert_says(&refused(dir.path(), vec![folder]), &["is a folder"]);
}

#[test]
fn nothing_to_read_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    assert_says(&refused(dir.path(), vec![dir.path().join("gone")]), &["gone", "check the path"]);
    let empty = write(dir.path(), "empty", b"");
    assert_says(&refused(dir.path(), vec![empty.clone()]), &["no events", "empty"]);
    assert!(matches!(
        hunt::run(&Request::new(Vec::new(), dir.path().join("out")), &|_| {}),
        Err(HuntError::Setting(_))
    ));
    let full = write(dir.path(), "full", lines(&events()).as_bytes());
    assert!(hunt::run(&Request::new(vec![empty, full], dir.path().join("out")), &|_| {}).is_ok());
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "events", lines(&events()).as_bytes());
    let out = dir.path().join("out");
    let request = Request::new(vec![file], out.clone());
    hunt::run(&request, &|_| {}).unwrap();
    let before = files(&out);
    hunt::run(&request, &|_| {}).unwrap();
    assert_eq!(files(&out), before, "an earlier answer is replaced");
    fs::write(out.join("thesis.tex"), "years of work").unwrap();
    let error = hunt::run(&request, &|_| {}).unwrap_err().to_string();
    assert_says(&error, &["thesis.tex", "name a new folder"]);
    assert_eq!(files(&out), before);
}

#[test]
fn missing_columns_and_wrong_types_of_parquet_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("short.parquet");
    let column: arrow::array::ArrayRef = std::sync::Arc::new(arrow::array::Int64Array::from(vec![1, 2]));
    let batch =
        arrow::record_batch::RecordBatch::try_from_iter([("id", column.clone()), ("time", column.clone())]);
    let save = |batch: arrow::record_batch::RecordBatch| {
        let file = fs::File::create(&path).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    };
    save(batch.unwrap());
    assert_says(&refused(dir.path(), vec![path.clone()]), &["no column `account`", "id, time"]);
    let columns = ["id", "time", "account", "kind"].map(|name| (name, column.clone()));
    save(arrow::record_batch::RecordBatch::try_from_iter(columns).unwrap());
    assert_says(&refused(dir.path(), vec![path.clone()]), &["column `id` of type Int64"]);
}
