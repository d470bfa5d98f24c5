//! Files of intelligence: what they come to in an answer, and how they are refused.

use crate::mmdb::{mmdb, mmdb_v4};
use crate::service::{events, hunt, lines, parquet, write};
use hunt::{IntelligenceFiles, Request, read_answer};
use model::id::Digest;
use model::verdict::{Belief, Family, IntelligenceKind, Summary};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The events, without the fields that an MMDB file knows.
fn bare(fields: &[&str]) -> Vec<Value> {
    let mut events = events();
    for event in &mut events {
        fields.iter().for_each(|field| {
            event.as_object_mut().unwrap().remove(*field);
        });
    }
    events
}

fn summary(request: &Request) -> Summary {
    hunt::run(request, &|_| {}).unwrap()
}

fn refused(request: &Request) -> String {
    let error = hunt::run(request, &|_| {}).expect_err("it is refused").to_string();
    assert!(!request.out.exists());
    error
}

fn with_mmdb(file: &Path, out: PathBuf, mmdb: Vec<PathBuf>) -> Request {
    let intelligence = IntelligenceFiles { mmdb, ..IntelligenceFiles::default() };
    Request { intelligence, ..Request::new(vec![file.to_owned()], out) }
}

/// All files of an answer but the summary.
fn found(request: &Request) -> Vec<(String, Vec<u8>)> {
    hunt(request).into_iter().filter(|(name, _)| name != "summary.json").collect()
}

#[test]
fn events_without_network_and_country_are_hunted_as_if_they_stated_what_the_files_say() {
    let dir = tempfile::tempdir().unwrap();
    let stated = write(dir.path(), "stated", lines(&events()).as_bytes());
    let expected = found(&Request::new(vec![stated], dir.path().join("stated-out")));
    let bare = bare(&["asn", "country"]);
    let plain = write(dir.path(), "bare", lines(&bare).as_bytes());
    let without = found(&Request::new(vec![plain.clone()], dir.path().join("without")));
    assert_ne!(without, expected, "the fields say something");

    let asn = |n: u32| json!({"autonomous_system_number": n, "autonomous_system_organization": "A network"});
    let country =
        |code: &str| json!({"country": {"geoname_id": 1, "iso_code": code, "names": {"en": "Some"}}});
    let both = |n: u32, code: &str| json!({"asn": format!("AS{n}"), "country_code": code, "as_domain": "net.example"});
    let of = |own: Value, strange: Value| mmdb(&[("10.0.0.0/8", own), ("192.0.2.0/24", strange)]);
    let networks = write(dir.path(), "asn.mmdb", &of(asn(64500), asn(65000)));
    let countries = write(dir.path(), "country.mmdb", &of(country("DE"), country("ZZ")));
    let whole = write(dir.path(), "whole.mmdb", &of(both(64500, "DE"), both(65000, "ZZ")));
    let old = of(json!({"country": "DE", "asn": 64500}), json!({"country": "ZZ", "asn": 65000}));
    let old = write(dir.path(), "old.mmdb", &old);
    for (name, files) in
        [("two", vec![networks.clone(), countries]), ("whole", vec![whole]), ("old", vec![old])]
    {
        assert_eq!(found(&with_mmdb(&plain, dir.path().join(name), files)), expected, "{name}");
    }
    let told = read_answer(&dir.path().join("two")).unwrap().summary.intelligence;
    assert_eq!(told.iter().map(|f| f.file.as_str()).collect::<Vec<_>>(), ["asn.mmdb", "country.mmdb"]);
    assert_eq!(told[0].digest, Digest::of(&fs::read(networks).unwrap()));
    let filled = events().iter().filter(|e| e["ip"].is_string()).count() as u64;
    assert!(told.iter().all(|f| f.kind == IntelligenceKind::Mmdb && f.met == filled && f.names.is_none()));
}

#[test]
fn what_an_event_states_stays_and_only_what_is_missing_is_filled_in() {
    let dir = tempfile::tempdir().unwrap();
    let stated = write(dir.path(), "stated", lines(&events()).as_bytes());
    let expected = found(&Request::new(vec![stated.clone()], dir.path().join("out")));
    let other = json!({"autonomous_system_number": 1, "country": {"iso_code": "AQ"}});
    let other = mmdb(&[("10.0.0.0/8", other.clone()), ("192.0.2.0/24", other)]);
    let other = write(dir.path(), "other.mmdb", &other);
    let request = with_mmdb(&stated, dir.path().join("kept"), vec![other]);
    assert_eq!(found(&request), expected);
    assert_eq!(summary(&request).intelligence[0].met, 0);

    // One of both is missing; the file would say the other differently.
    let half = write(dir.path(), "half", lines(&bare(&["country"])).as_bytes());
    let record = |code: &str| json!({"autonomous_system_number": 1, "country": {"iso_code": code}});
    let half_said = mmdb(&[("10.0.0.0/8", record("DE")), ("192.0.2.0/24", record("ZZ"))]);
    let half_said = write(dir.path(), "half.mmdb", &half_said);
    assert_eq!(found(&with_mmdb(&half, dir.path().join("half-out"), vec![half_said])), expected);
}

#[test]
fn files_order_split_and_threads_leave_no_trace_beside_intelligence_either() {
    let dir = tempfile::tempdir().unwrap();
    let bare = bare(&["asn", "country"]);
    let record = |n: u32, code: &str| json!({"autonomous_system_number": n, "country": {"iso_code": code}});
    let known = mmdb(&[("10.0.0.0/9", record(64500, "DE")), ("192.0.2.0/24", record(65000, "ZZ"))]);
    let said = |name: &str, text: &str| Some(write(dir.path(), name, text.as_bytes()));
    let intelligence = IntelligenceFiles {
        domains: said("domains", "lure.example\nother.example\n"),
        addresses: said("addresses", "192.0.2.0/25\n10.0.0.0/16\n"),
        leaked: said("leaked", "u3\nu4\nnobody\n"),
        mmdb: vec![write(dir.path(), "known.mmdb", &known)],
    };
    // What is given twice is settled by what was given, whatever is filled in.
    let mut twice = bare.clone();
    let mut copy = bare[7].clone();
    copy["asn"] = json!(64500);
    twice.push(copy);
    let request = |files: Vec<PathBuf>, out: &str, threads: usize| Request {
        intelligence: intelligence.clone(),
        threads: Some(threads),
        ..Request::new(files, dir.path().join(out))
    };
    let one = write(dir.path(), "one", lines(&twice).as_bytes());
    let expected = hunt(&request(vec![one], "out1", 1));
    let told = read_answer(&dir.path().join("out1")).unwrap().summary;
    assert_eq!((told.duplicates, told.conflicting), (1, 1));
    let names_met: Vec<_> = told.intelligence.iter().map(|f| (f.kind, f.names, f.met)).collect();
    assert_eq!(
        names_met[..3],
        [
            (IntelligenceKind::Domains, Some(2), 1),
            (IntelligenceKind::Addresses, Some(2), 2),
            (IntelligenceKind::Leaked, Some(3), 2)
        ]
    );
    assert_eq!(told.intelligence[1].common_first, ["10.0.0.0/16"], "all owners come from there");
    twice.reverse();
    let (a, b) = twice.split_at(900);
    let a = write(dir.path(), "a", lines(a).as_bytes());
    let b_path = dir.path().join("b");
    parquet(&b_path, b);
    for (threads, files) in [(3, vec![a.clone(), b_path.clone()]), (4, vec![b_path, a])] {
        assert_eq!(hunt(&request(files, &format!("out{threads}"), threads)), expected, "{threads} threads");
    }
}

#[test]
fn an_answer_names_the_files_and_is_as_sure_as_without_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "events", lines(&events()).as_bytes());
    let plain = Request::new(vec![file.clone()], dir.path().join("plain"));
    assert!(summary(&plain).intelligence.is_empty());
    let text = fs::read_to_string(plain.out.join("summary.json")).unwrap();
    assert!(!text.contains("\"intelligence\""), "without files a summary is what it was");
    let leaks: String = (0..12).map(|n| format!("{{\"account\":\"u{n}\",\"time\":5}}\n")).collect();
    let domains = write(dir.path(), "domains.txt", b"# bad\nlure.example\n");
    let intelligence = IntelligenceFiles {
        domains: Some(domains.clone()),
        addresses: Some(write(dir.path(), "addresses.txt", b"192.0.2.0/24 ; SBL\n")),
        leaked: Some(write(dir.path(), "leaks.jsonl", leaks.as_bytes())),
        mmdb: Vec::new(),
    };
    let told = Request { intelligence, out: dir.path().join("told"), ..plain.clone() };
    let summary = summary(&told);
    assert_eq!(summary.intelligence[0].digest, Digest::of(&fs::read(domains).unwrap()));
    let (plain, told) = (read_answer(&plain.out).unwrap(), read_answer(&told.out).unwrap());
    assert_eq!(told.summary, summary);
    assert_eq!(told.verdicts.len(), 12);
    for (plain, told) in plain.verdicts.iter().zip(&told.verdicts) {
        let outside: Vec<_> = told.evidence.iter().filter(|e| e.family == Family::Intelligence).collect();
        let signals: Vec<&str> = outside.iter().map(|e| e.signal.as_str()).collect();
        assert_eq!(signals, ["bad_domain", "bad_address", "leaked_credential"], "{}", told.account);
        let short = summary.intelligence[0].digest.short();
        assert!(
            outside[0]
                .summary
                .contains(&format!("lure.example, which the file domains.txt (SHA-256 {short})"))
        );
        assert_eq!(told.verdict, Belief::Compromised);
        assert_eq!((&told.account, told.confidence), (&plain.account, plain.confidence));
        assert_eq!(told.intruder, plain.intruder);
    }
}

#[test]
fn a_wrong_file_is_refused_with_its_place_before_anything_is_read() {
    let dir = tempfile::tempdir().unwrap();
    // The events are not there: what is refused is refused before them.
    let gone = dir.path().join("gone");
    let out = dir.path().join("out");
    let bad = write(dir.path(), "bad.txt", b"lure.example\nbob@lure.example:hunter2\n");
    let intelligence = IntelligenceFiles { domains: Some(bad), ..IntelligenceFiles::default() };
    let error = refused(&Request { intelligence, ..Request::new(vec![gone.clone()], out.clone()) });
    assert!(error.contains("bad.txt:2: ") && !error.contains("hunter2"), "{error}");

    let whole = mmdb(&[("10.0.0.0/8", json!({"country": {"iso_code": "DE"}}))]);
    let cut = write(dir.path(), "cut.mmdb", &whole[..whole.len() / 2]);
    let text = write(dir.path(), "text.mmdb", b"10.0.0.0/8 DE\n");
    for (file, name) in [(cut, "cut.mmdb"), (text, "text.mmdb"), (dir.path().join("no.mmdb"), "no.mmdb")] {
        let error = refused(&with_mmdb(&gone, out.clone(), vec![file]));
        assert!(error.contains(name), "{error}");
    }
    let events = write(dir.path(), "events", lines(&bare(&["country"])).as_bytes());
    let odd = [
        (json!({"country": {"iso_code": "Germany"}}), "\"Germany\""),
        (json!({"country": "de"}), "\"de\""),
        (json!({"autonomous_system_number": "a lot"}), "odd.mmdb"),
    ];
    for (record, says) in odd {
        let file = write(dir.path(), "odd.mmdb", &mmdb(&[("10.0.0.0/8", record)]));
        let error = refused(&with_mmdb(&events, out.clone(), vec![file]));
        assert!(error.contains("odd.mmdb: ") && error.contains(says), "{error}");
    }
}

#[test]
fn addresses_of_both_kinds_are_looked_up_and_what_a_file_does_not_know_stays_open() {
    let dir = tempfile::tempdir().unwrap();
    let ips =
        ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8:1::1", "2001:db9::1", "203.0.113.1", "not an address"];
    let events: Vec<Value> = (0..)
        .zip(ips)
        .map(|(n, ip)| json!({"id": format!("e{n}"), "time": n, "account": "u", "kind": "post", "ip": ip}))
        .collect();
    let file = write(dir.path(), "events", lines(&events).as_bytes());
    let record = json!({"autonomous_system_number": 7});
    let six = mmdb(&[("192.0.2.0/24", record.clone()), ("2001:db8::/32", record.clone())]);
    let four = mmdb_v4(&[("192.0.2.0/24", record)]);
    for (name, bytes, filled) in [("six", six, 3), ("four", four, 2)] {
        let known = write(dir.path(), &format!("{name}.mmdb"), &bytes);
        let summary = summary(&with_mmdb(&file, dir.path().join(name), vec![known]));
        assert_eq!(summary.intelligence[0].met, filled, "{name}");
    }
}
