//! `model` and `decide` see no clock, no chance, no file, no socket, no thread.

use super::graph::{Graph, built_into};
use crate::checkout::{Text, sources};
use crate::rust::{paths, shipped, under, within};
use crate::{caught, none};

/// Everything that the pure rooms are built from. A new one is looked at and added by hand.
const BUILT_FROM: &[(&str, &[&str])] = &[
    (
        "model",
        &[
            "base64",
            "ed25519-dalek",
            "hex",
            "jiff",
            "serde",
            "serde_json",
            "serde_json_canonicalizer",
            "sha2",
            "thiserror",
            "toml",
            "zeroize",
        ],
    ),
    ("decide", &["hashbrown", "model", "psl", "serde", "serde_json", "sha2", "statrs"]),
];

/// What their tests may add: each draws its cases from a seed that it prints.
const TESTED_WITH: &[&str] = &["insta", "proptest"];

/// What may not come in behind another crate's back either.
const OUTSIDE: &[&str] = &[
    "async-std",
    "chrono",
    "crossbeam-channel",
    "crossbeam-deque",
    "fastrand",
    "getrandom",
    "memmap2",
    "mio",
    "rand",
    "rand_chacha",
    "rand_core",
    "rayon",
    "rayon-core",
    "smol",
    "socket2",
    "tempfile",
    "time",
    "tokio",
    "walkdir",
];

/// Paths of the standard library that reach outside.
const ROOTS: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::os",
    "std::process",
    "std::thread",
    "std::time",
    "std::hash::RandomState",
    "rand",
    "getrandom",
    "std::*",
    "std as",
];

/// Of `std::net`, the plain values; all else there opens something.
const NET_VALUES: &[&str] = &["IpAddr", "Ipv4Addr", "Ipv6Addr", "AddrParseError"];

/// Names that reach outside wherever they stand.
const NAMES: &[&[&str]] = &[
    &["SystemTime"],
    &["Instant"],
    &["Timestamp", "now"],
    &["Zoned", "now"],
    &["println!"],
    &["print!"],
    &["eprintln!"],
    &["eprint!"],
    &["dbg!"],
];

fn built_from(graph: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, known) in BUILT_FROM {
        let asked = &graph.ours[*name];
        for to in asked.built.iter().filter(|to| !known.contains(&to.as_str())) {
            findings.push(format!("{name} is built from {to}, which nobody has looked at"));
        }
        for to in &asked.tests {
            if !known.contains(&to.as_str()) && !TESTED_WITH.contains(&to.as_str()) {
                findings.push(format!("{name} is tested with {to}, which nobody has looked at"));
            }
        }
    }
    findings
}

fn outside(name: &str, built: &[String]) -> Vec<String> {
    let found = built.iter().filter(|it| OUTSIDE.contains(&it.as_str()));
    found.map(|it| format!("{it} is built into {name}")).collect()
}

fn reaches_outside(file: &Text) -> Vec<String> {
    let named = paths(&file.text);
    let aliased = named.iter().any(|path| path.starts_with("std as "));
    let roots = ROOTS.iter().filter(|root| under(&named, root)).map(|root| (*root).to_owned());
    let names = NAMES.iter().filter(|parts| within(&named, parts)).map(|parts| parts.join("::"));
    let net = named.iter().filter(|path| opens_a_socket(path)).cloned();
    let all = roots.chain(names).chain(net).chain(aliased.then(|| "std under another name".to_owned()));
    all.map(|it| format!("{} names {it}", file.path)).collect()
}

fn opens_a_socket(path: &str) -> bool {
    let inside = path.strip_prefix("std::net").or_else(|| path.strip_prefix("core::net"));
    inside.is_some_and(|rest| {
        let name = rest.trim_start_matches("::").split("::").next().unwrap_or_default();
        !NET_VALUES.contains(&name)
    })
}

#[test]
fn pure_rooms_are_built_from_known_crates() {
    none(&built_from(&Graph::read()));
    for (name, _) in BUILT_FROM {
        none(&outside(name, &built_into(name)));
    }
}

#[test]
fn an_unknown_crate_in_a_pure_room_is_caught() {
    let house = Graph::read();
    for (from, to) in [("model", "getrandom"), ("decide", "rayon"), ("decide", "tokio"), ("model", "uuid")] {
        caught(&built_from(&house.clone().with(from, to)), &[from, "built from", to]);
    }
    caught(&built_from(&house.with_in_tests("decide", "rand")), &["decide", "tested with", "rand"]);
    caught(&outside("decide", &["decide".to_owned(), "rand_core".to_owned()]), &["rand_core", "decide"]);
    caught(&outside("respond", &built_into("store")), &["tokio"]);
}

#[test]
fn pure_rooms_name_nothing_outside() {
    for name in ["model", "decide"] {
        let files = shipped(&sources(name));
        none(&files.iter().flat_map(reaches_outside).collect::<Vec<_>>());
    }
}

#[test]
fn a_pure_room_that_reaches_outside_is_caught() {
    let gate = sources("decide")
        .into_iter()
        .find(|file| file.path.ends_with("/gate.rs"))
        .expect("decide has a gate");
    for (line, name) in [
        ("use std::{collections::BTreeMap, fs};", "std::fs"),
        ("fn read(from: impl std::io::Read) {}", "std::io"),
        ("fn a() { let b = std::net::TcpStream::connect(c); }", "std::net::TcpStream"),
        ("use std::net::{IpAddr, UdpSocket};", "std::net::UdpSocket"),
        ("use std::net;", "std::net"),
        ("fn a() { std::thread::spawn(b); }", "std::thread"),
        ("use std::time::Duration;", "std::time"),
        ("fn a(now: SystemTime) {}", "SystemTime"),
        ("fn a() -> Instant { b() }", "Instant"),
        ("fn a() { jiff::Timestamp::now() }", "Timestamp::now"),
        ("use rand::Rng;", "rand"),
        ("fn a() { getrandom::fill(b) }", "getrandom"),
        ("fn a() { println!(\"{b}\") }", "println!"),
        ("use std as outside;", "std under another name"),
        ("use std::*;", "std::*"),
    ] {
        let text = format!("{}\n{line}\n", gate.text);
        let twin = shipped(&[Text { path: gate.path.clone(), text }]);
        caught(&reaches_outside(&twin[0]), &["gate.rs", name]);
    }
}
