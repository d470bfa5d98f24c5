//! Which crate of ours may import which: the table of the house.

use super::graph::Graph;
use crate::checkout::{crates, sources};
use crate::rust::{paths, shipped};
use crate::{caught, none};

/// Each crate and what it may import, in builds and tests alike; its tests may import it with other features. `None` is
/// everything.
const MAY_IMPORT: &[(&str, Option<&[&str]>)] = &[
    ("model", Some(&[])),
    ("decide", Some(&["model"])),
    ("store", Some(&["model"])),
    ("page", Some(&["model"])),
    ("hunt", Some(&["model", "decide"])),
    ("respond", Some(&["model", "store"])),
    ("connect", Some(&["model", "respond"])),
    ("rehearse", Some(&["model", "respond"])),
    ("server", None),
    ("verify", None),
];

/// Of `respond`, the rooms that a crate may name: the ports, the permits that they take, and no way to act.
const DOORS_OF_RESPOND: &[&str] = &["port", "permit"];

fn imports(graph: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, asked) in &graph.ours {
        let Some((_, may)) = MAY_IMPORT.iter().find(|(it, _)| it == name) else {
            findings.push(format!("{name} has no line in the table of imports: give it one"));
            continue;
        };
        for to in asked.all().filter(|to| *to != name && graph.ours.contains_key(*to)) {
            if may.is_some_and(|may| !may.contains(&to.as_str())) {
                findings.push(format!("{name} imports {to}"));
            }
        }
    }
    let gone = MAY_IMPORT.iter().filter(|(name, _)| !graph.ours.contains_key(*name));
    findings.extend(gone.map(|(name, _)| format!("{name} is in the table of imports, and no crate")));
    findings
}

fn doors_of_respond(path: &str, code: &str) -> Vec<String> {
    let named = paths(code).into_iter().filter(|it| it == "respond" || it.starts_with("respond"));
    named
        .filter_map(|it| {
            let mut parts = it.split([':', ' ']).filter(|part| !part.is_empty());
            let (first, second) = (parts.next()?, parts.next().unwrap_or("itself"));
            (first == "respond" && !DOORS_OF_RESPOND.contains(&second))
                .then(|| format!("{path} names respond::{second}"))
        })
        .collect()
}

#[test]
fn crates_import_only_what_the_table_allows() {
    none(&imports(&Graph::read()));
    assert_eq!(Graph::read().ours.into_keys().collect::<Vec<_>>(), crates());
}

#[test]
fn an_import_through_a_wall_is_caught() {
    let house = Graph::read();
    for (from, to) in [
        ("model", "decide"),
        ("decide", "store"),
        ("decide", "hunt"),
        ("store", "respond"),
        ("page", "store"),
        ("hunt", "store"),
        ("respond", "decide"),
        ("connect", "store"),
        ("rehearse", "decide"),
    ] {
        caught(&imports(&house.clone().with(from, to)), &[from, to]);
        caught(&imports(&house.clone().with_in_tests(from, to)), &[from, to]);
    }
    let mut unknown = house;
    unknown.ours.entry("shed".to_owned()).or_default();
    caught(&imports(&unknown), &["shed", "no line in the table"]);
}

#[test]
fn connectors_and_rehearsals_see_only_the_ports_of_respond() {
    for name in ["connect", "rehearse"] {
        let findings: Vec<String> = shipped(&sources(name))
            .iter()
            .flat_map(|file| doors_of_respond(&file.path, &file.text))
            .collect();
        none(&findings);
    }
}

#[test]
fn a_way_to_act_from_a_connector_is_caught() {
    for code in
        ["use respond::{port::Mailer, execute};", "respond::execute::run(a);", "use respond as hands;"]
    {
        caught(&doors_of_respond("connect.rs", code), &["connect.rs", "respond::"]);
    }
    none(&doors_of_respond(
        "connect.rs",
        "use respond::port::{Directory, self}; use respond::permit::Permit;",
    ));
}
