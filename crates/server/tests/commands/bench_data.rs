//! `bench takeover` and `bench sequence`: public data sets' forms, on small files with known answers.

use crate::world::RIGHTFUL;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const HEADING: &str = "index,Login Timestamp,User ID,Round-Trip Time [ms],IP Address,Country,Region,City,ASN,User Agent \
                       String,Browser Name and Version,OS Name and Version,Device Type,Login Successful,Is Attack IP,Is \
                       Account Takeover";

fn bench(what: &str, more: &[&str]) -> Output {
    Command::new(RIGHTFUL).args(["bench", what]).args(more).output().expect("it starts")
}

/// A sign-in: who, on which day, from where, let in or not, a takeover or not.
fn row(user: usize, day: usize, place: &str, agent: &str, let_in: &str, taken: &str) -> String {
    format!(
        "0,2020-02-{:02} 12:{:02}:00.{user:03},{user},,{place},-,-,{},\"Browser, {agent}\",{agent},System {agent},desktop,{let_in},False,{taken}",
        day + 1,
        user % 60,
        if place.starts_with("203") { 64_999 } else { 64_500 },
    )
    .replace(&format!("{place},-"), &format!("{place},{},-", if agent == "Tool 9" { "ZZ" } else { "NO" }))
}

/// A hundred users who sign in at home on ten days; then five are taken over, five travel, and many tries are refused.
fn rows() -> Vec<String> {
    let home = |user: usize| format!("10.0.{user}.7");
    let mut rows = vec![HEADING.to_owned()];
    for day in 0..10 {
        rows.extend((0..100).map(|user| row(user, day, &home(user), "Browser 12", "True", "False")));
    }
    rows.extend((0..50).map(|user| row(user, 11, "203.0.113.9", "Tool 9", "False", "False")));
    rows.extend((0..5).map(|user| row(user, 12, "203.0.113.9", "Tool 9", "True", "True")));
    rows.extend((50..55).map(|user| row(user, 13, "203.0.113.50", "Browser 12", "True", "False")));
    rows
}

fn written(dir: &Path, rows: &[String]) -> String {
    let file = dir.join("rba.csv");
    std::fs::write(&file, format!("{}\n", rows.join("\n"))).expect("it is written");
    file.to_str().expect("a name").to_owned()
}

#[test]
fn takeovers_are_counted_among_the_challenged() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = written(dir.path(), &rows());
    let output = bench("takeover", &["--rba", &file, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
    assert_eq!(
        (&value["rows"], &value["let_in"], &value["takeovers"]),
        (&1060.into(), &1010.into(), &5.into())
    );
    assert_eq!(value["without_history"]["freeman"], 100, "the first sign-in of each");
    let recall = value["recall"].as_array().expect("a list");
    // The five takeovers are the highest: of 1010 sign-ins 1.01 are challenged at 0.1 %, and all five at 0.5 %.
    for (at, challenged, expected) in [(0, 0.001, 0.202), (1, 0.005, 1.0), (2, 0.01, 1.0), (3, 0.02, 1.0)] {
        assert_eq!(recall[at]["challenged"], challenged);
        for method in ["ours", "freeman"] {
            let of = |what: &str| recall[at][method][what].as_f64().expect("a share");
            assert!((of("recall") - expected).abs() < 1e-9, "{method} at {challenged}: {}", of("recall"));
            assert!(of("low_95") <= expected && expected <= of("high_95") + 1e-9, "{method} at {challenged}");
        }
    }
    assert!(
        value["scored"]["ours"].as_str().is_some_and(|s| s.contains("new_network")),
        "it says what is scored"
    );
    assert_eq!(
        bench("takeover", &["--rba", &file, "--json"]).stdout,
        output.stdout,
        "equal seeds draw the same"
    );
    let people = bench("takeover", &["--rba", &file]);
    assert!(
        String::from_utf8_lossy(&people.stdout)
            .contains("1010 of them let in, of 100 users; 5 account takeovers")
    );
}

#[test]
fn a_bad_login_file_is_refused_with_its_line() {
    let dir = tempfile::tempdir().expect("a folder");
    let refused = |rows: &[String], expected: &str| {
        let output = bench("takeover", &["--rba", &written(dir.path(), rows)]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(expected), "{said}");
    };
    let mut bad = rows();
    bad[7] = bad[7].replace("True", "yes");
    refused(&bad, "rba.csv, line 8: Login Successful \"yes\" is not True or False");
    refused(&rows()[1..], "line 1: there is no column \"Login Timestamp\"");
    refused(&rows()[..900], "nothing to find");
    let missing = bench("takeover", &["--rba", dir.path().join("none.csv").to_str().expect("a name")]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("none.csv"));
}

/// Three users of words of their own; `strangers` says of whose words each labelled block is.
fn folder(labels: &str, whose: [&[usize]; 3]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let block = |user: usize| (0..100).map(|n| format!("u{user}w{}\n", n % 7)).collect::<String>();
    for (user, of) in whose.iter().enumerate() {
        let blocks: String = std::iter::repeat_n(&user, 5).chain(of.iter()).map(|u| block(*u)).collect();
        std::fs::write(dir.path().join(format!("User{}", user + 1)), blocks).expect("it is written");
    }
    std::fs::write(dir.path().join("masquerade_summary.txt"), labels).expect("it is written");
    dir
}

#[test]
fn strangers_among_blocks_are_counted_and_no_signal_is_made_up() {
    let dir = folder("0 0 0\n0 1 0\n1 0 0\n", [&[0, 0, 2], &[1, 0, 1], &[2, 2, 2]]);
    let name = dir.path().to_str().expect("a name");
    let output = bench("sequence", &[name, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
    assert_eq!((&value["blocks_scored"], &value["blocks_of_strangers"]), (&9.into(), &2.into()));
    assert_eq!((&value["auc"], &value["hits"][1]["hits"]), (&1.0.into(), &1.0.into()));
    assert_eq!(value["hits"][1]["false_alarms"], 0.013);
    assert!(value["own_signal"].is_null(), "detection has none, and it is said");
    let people = bench("sequence", &[name]);
    assert!(
        String::from_utf8_lossy(&people.stdout).contains("detection has no signal over sequences of its own")
    );
    // Labels that say the opposite of what is there: the same scores, the other way round.
    let dir = folder("1 1 1\n1 0 1\n0 1 1\n", [&[0, 0, 2], &[1, 0, 1], &[2, 2, 2]]);
    let output = bench("sequence", &[dir.path().to_str().expect("a name"), "--json"]);
    let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
    assert_eq!((&value["auc"], &value["hits"][0]["hits"]), (&0.0.into(), &0.0.into()));
}

#[test]
fn a_folder_that_does_not_fit_is_refused_with_its_line() {
    let dir = folder("0 0 0\n0 1\n", [&[0, 0], &[1, 0], &[2, 2]]);
    let output = bench("sequence", &[dir.path().to_str().expect("a name")]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("masquerade_summary.txt, line 2: 2 labels for 3 users"), "{said}");
}
