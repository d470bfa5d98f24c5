//! The wall inside `decide`: what drafts a plan and what checks it share no code.

use crate::checkout::{Text, sources};
use crate::rust::{paths, shipped};
use crate::{caught, none};
use std::collections::{BTreeMap, BTreeSet};

const MAKING: &[&str] = &["gather", "plan"];
const CHECKING: &[&str] = &["preflight"];

/// Which of the crate's rooms (its top modules) names which.
fn rooms(files: &[Text]) -> BTreeMap<String, BTreeSet<String>> {
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let module = module(&file.path);
        let Some(room) = module.first().cloned() else { continue };
        let others = paths(&file.text).into_iter().filter_map(|path| room_of(&module, &path));
        named.entry(room.clone()).or_default().extend(others.filter(|other| *other != room));
    }
    named
}

fn module(path: &str) -> Vec<String> {
    let inner = path.split_once("/src/").map_or(path, |(_, inner)| inner).trim_end_matches(".rs");
    let parts = inner.split('/').filter(|part| !["lib", "mod"].contains(part));
    parts.map(str::to_owned).collect()
}

/// The room that a path leads to, read in a module; `None` where it leads out of the crate or stays in the module.
fn room_of(module: &[String], path: &str) -> Option<String> {
    let mut parts = path.split([':', ' ']).filter(|part| !part.is_empty()).peekable();
    let mut at: Vec<&str> = match parts.next()? {
        "crate" | "decide" => Vec::new(),
        "super" => module[..module.len().saturating_sub(1)].iter().map(String::as_str).collect(),
        _ => return None,
    };
    while parts.next_if_eq(&"super").is_some() {
        at.pop();
    }
    at.extend(parts.next());
    Some(at.first().map_or("*", |room| room).to_owned())
}

fn reached(rooms: &BTreeMap<String, BTreeSet<String>>, from: &[&str]) -> BTreeSet<String> {
    let mut waiting: Vec<String> = from.iter().map(|&room| room.to_owned()).collect();
    let mut found = BTreeSet::new();
    while let Some(room) = waiting.pop() {
        if found.insert(room.clone()) {
            waiting.extend(rooms.get(&room).into_iter().flatten().cloned());
        }
    }
    found
}

fn shared(files: &[Text]) -> Vec<String> {
    let rooms = rooms(files);
    let mut findings: Vec<String> = Vec::new();
    for room in MAKING.iter().chain(CHECKING).filter(|room| !rooms.contains_key(**room)) {
        findings.push(format!("decide has no room {room}: name the new one in this wall"));
    }
    let (making, checking) = (reached(&rooms, MAKING), reached(&rooms, CHECKING));
    let both = making.intersection(&checking);
    findings.extend(both.map(|room| format!("{room} serves both the making of a plan and its checks")));
    let everything = making.union(&checking).filter(|room| *room == "*");
    findings.extend(everything.map(|_| "a glob import hides what is shared".to_owned()));
    findings
}

#[test]
fn making_and_checking_share_no_room() {
    none(&shared(&shipped(&sources("decide"))));
}

#[test]
fn a_shared_room_is_caught() {
    let house = shipped(&sources("decide"));
    for (file, line, room) in [
        ("preflight", "use crate::plan::draft;", "plan"),
        ("preflight", "use crate::{gate, gather::Cohort};", "gather"),
        ("preflight", "fn a() { super::gather::gather(b) }", "gather"),
        ("plan", "use crate::preflight::Note;", "preflight"),
        ("gather", "use super::preflight;", "preflight"),
        ("preflight", "use crate::*;", "glob"),
    ] {
        caught(&shared(&twin(&house, &[(file, line)])), &[room]);
    }
    let through_a_third = [("preflight", "use crate::gate;"), ("gate", "use crate::gather;")];
    caught(&shared(&twin(&house, &through_a_third)), &["gather"]);
    let a_common_room = [("preflight", "use crate::bound;"), ("plan", "use crate::bound;")];
    caught(&shared(&twin(&house, &a_common_room)), &["bound"]);
    let gone: Vec<Text> = house.into_iter().filter(|file| !file.path.contains("/src/preflight")).collect();
    caught(&shared(&gone), &["no room preflight"]);
}

fn twin(house: &[Text], additions: &[(&str, &str)]) -> Vec<Text> {
    let mut twin = house.to_vec();
    for (room, line) in additions {
        let file = twin.iter_mut().find(|file| file.path.ends_with(&format!("/src/{room}.rs")));
        let file = file.expect("the room is a file of decide");
        file.text = format!("{}\n{line}\n", file.text);
    }
    twin
}
