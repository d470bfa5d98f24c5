//! The same events give the same bytes, whatever they come in.

use crate::service::{START, events, hunt, lines, parquet, write};
use hunt::{Request, read_answer};
use model::policy::CohortPolicy;
use model::verdict::Belief;
use serde_json::json;
use std::fs;
use std::io::Write;

#[test]
fn formats_order_split_and_threads_leave_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let events = events();
    let plain = write(dir.path(), "plain", lines(&events).as_bytes());
    let request = |files: Vec<std::path::PathBuf>, out: &str| Request::new(files, dir.path().join(out));
    let expected = hunt(&request(vec![plain.clone()], "out"));
    assert!(expected.iter().all(|(_, bytes)| !bytes.is_empty()));

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines(&events).as_bytes()).unwrap();
    let gzip = write(dir.path(), "events.jsonl", &gzip.finish().unwrap());
    assert_eq!(hunt(&request(vec![gzip], "gz")), expected, "gzip, told by its bytes and not its name");

    let zstd = zstd::encode_all(lines(&events).as_bytes(), 1).unwrap();
    let zstd = write(dir.path(), "events.parquet", &zstd);
    assert_eq!(hunt(&request(vec![zstd], "zst")), expected, "zstd");

    let columns = dir.path().join("columns.json");
    parquet(&columns, &events);
    assert_eq!(hunt(&request(vec![columns], "pq")), expected, "Parquet");

    let mut reversed = events.clone();
    reversed.reverse();
    let (a, b) = reversed.split_at(700);
    let a = write(dir.path(), "a", lines(a).as_bytes());
    let b_path = dir.path().join("b");
    parquet(&b_path, b);
    for (threads, files) in [(1, vec![a.clone(), b_path.clone()]), (4, vec![b_path, a])] {
        let mut split = request(files, &format!("split{threads}"));
        split.threads = Some(threads);
        assert_eq!(hunt(&split), expected, "split, reversed, {threads} threads");
    }
    let twice = request(vec![plain.clone(), plain], "twice");
    let summary = hunt::run(&twice, &|_| {}).unwrap();
    assert_eq!(summary.duplicates, events.len() as u64);
    assert_eq!((summary.conflicting, summary.events), (0, events.len() as u64));
}

#[test]
fn the_answer_reads_back_and_names_what_was_found() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "events", lines(&events()).as_bytes());
    let request = Request::new(vec![file], dir.path().join("out"));
    let summary = hunt::run(&request, &|_| {}).unwrap();
    let answer = read_answer(&request.out).unwrap();
    assert_eq!(answer.summary, summary);
    assert_eq!(answer.verdicts.len(), 12);
    assert!(answer.verdicts.iter().all(|v| v.verdict == Belief::Compromised && v.intruder.events.len() == 3));
    assert!(answer.verdicts.iter().all(|v| v.intruder.changes[0].previous.is_some()));
    assert!(answer.verdicts.is_sorted_by(|a, b| (b.confidence, &a.account) <= (a.confidence, &b.account)));
    assert_eq!(answer.timelines.len(), 12);
    assert_eq!(answer.campaigns[0].size, 12);
    assert_eq!(summary.unknown_kinds["dance"], 1);
    assert_eq!(summary.verdicts["compromised.credential"], 12);

    fs::remove_file(request.out.join("timelines.jsonl")).unwrap();
    fs::remove_file(request.out.join("campaigns.jsonl")).unwrap();
    let partial = read_answer(&request.out).unwrap();
    assert_eq!((partial.digest, partial.timelines.len()), (answer.digest, 0));
    let verdicts = request.out.join("verdicts.jsonl");
    let text = fs::read_to_string(&verdicts).unwrap().replacen("0.9", "0.8", 1);
    fs::write(&verdicts, &text).unwrap();
    assert_ne!(read_answer(&request.out).unwrap().digest, answer.digest);
    fs::write(&verdicts, format!("{text}{{\"account\":1}}\n")).unwrap();
    let error = read_answer(&request.out).unwrap_err().to_string();
    assert!(error.contains("verdicts.jsonl:13"), "{error}");
}

#[test]
fn a_quiet_service_gets_no_verdict() {
    let dir = tempfile::tempdir().unwrap();
    let quiet: Vec<_> =
        events().into_iter().filter(|e| !e["id"].as_str().unwrap().starts_with('x')).collect();
    let file = write(dir.path(), "events", lines(&quiet).as_bytes());
    let summary = hunt::run(&Request::new(vec![file], dir.path().join("out")), &|_| {}).unwrap();
    assert!(summary.verdicts.is_empty() && summary.shifts.is_empty());
    assert_eq!(fs::read(dir.path().join("out/verdicts.jsonl")).unwrap(), b"");
}

#[test]
fn of_two_events_with_one_id_the_smaller_line_stays_whatever_came_first() {
    let dir = tempfile::tempdir().unwrap();
    let mut copies = events();
    let other = json!({"id": "x3-post", "time": START, "account": "u77", "kind": "like"});
    copies.push(other.clone());
    copies.insert(0, copies[40].clone());
    let one = write(dir.path(), "one", lines(&copies).as_bytes());
    copies.reverse();
    let two = write(dir.path(), "two", lines(&copies).as_bytes());
    let first = Request::new(vec![one], dir.path().join("out1"));
    let expected = hunt(&first);
    assert_eq!(hunt(&Request::new(vec![two], dir.path().join("out2"))), expected);
    let summary = read_answer(&first.out).unwrap().summary;
    assert_eq!((summary.duplicates, summary.conflicting), (2, 1));
    assert_eq!(summary.events, events().len() as u64);
}

#[test]
fn since_and_until_bound_what_is_judged() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "events", lines(&events()).as_bytes());
    let mut request = Request::new(vec![file], dir.path().join("out"));
    request.until = Some(START + 20 * 86_400_000);
    assert!(hunt::run(&request, &|_| {}).unwrap().verdicts.is_empty());
    request.until = None;
    request.since = Some(START + 19 * 86_400_000);
    assert_eq!(hunt::run(&request, &|_| {}).unwrap().verdicts["compromised.credential"], 12);
    request.since = Some(START + 22 * 86_400_000);
    assert!(hunt::run(&request, &|_| {}).unwrap().verdicts.is_empty());
}

#[test]
fn under_a_policy_only_what_may_enter_a_plan_is_compromised() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "events.jsonl", lines(&events()).as_bytes());
    let believed = |confidence_min: Option<f64>, name: &str| {
        let cohort = confidence_min.map(|confidence_min| CohortPolicy {
            confidence_min,
            families_min: 2,
            precaution_accounts_max: 0,
            list_left_out_share_max: 0.05,
        });
        let request = Request { cohort, ..Request::new(vec![file.clone()], dir.path().join(name)) };
        hunt::run(&request, &|_| {}).unwrap();
        let verdicts = read_answer(&request.out).unwrap().verdicts;
        let compromised = verdicts.iter().filter(|v| v.verdict == Belief::Compromised).count();
        (compromised, verdicts.len())
    };
    let (free, all) = believed(None, "free");
    assert!(free > 0, "somebody is found");
    assert_eq!(believed(Some(0.01), "low"), (free, all), "a policy that everybody reaches changes nothing");
    assert_eq!(believed(Some(0.999_999_9), "high"), (0, all), "nobody is lost: they are suspected");
}
