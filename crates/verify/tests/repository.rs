//! The repository as somebody else will find it: it names no machine and no registry, and what a newcomer needs is there.

use crate::checkout::{Text, listed, read};
use crate::{caught, none};

/// Written in halves, so that this file does not find itself.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

const REGISTRY_HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("deb.debian", ".org"),
    concat!("security.debian", ".org"),
];

/// Cargo itself writes where a crate comes from into this one.
const NOT_OURS: &[&str] = &["Cargo.lock"];

fn places(file: &Text) -> Vec<String> {
    let words = MACHINE_PATHS.iter().chain(REGISTRY_HOSTS);
    let mut findings = Vec::new();
    for word in words {
        for (at, line) in file.text.lines().enumerate().filter(|(_, line)| line.contains(word)) {
            findings.push(format!("{}:{} names {word}: {}", file.path, at + 1, line.trim()));
        }
    }
    findings
}

/// The commands in a Markdown text's fenced blocks.
fn commands(markdown: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in markdown.lines().map(str::trim) {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            found.push(line.trim_start_matches("$ ").to_owned());
        }
    }
    found
}

fn readme(markdown: &str) -> Vec<String> {
    let commands = commands(markdown);
    let mut findings = Vec::new();
    if !commands.iter().any(|line| line.starts_with("./test")) {
        findings.push("README.md has no command ./test".to_owned());
    }
    let demo = |line: &&String| {
        (line.starts_with("cargo run ") && line.contains("-- demo")) || line.starts_with("rightful demo")
    };
    if !commands.iter().any(|line| demo(&line)) {
        findings.push("README.md has no command for the demo".to_owned());
    }
    findings
}

fn missing(files: &[String]) -> Vec<String> {
    let needed = ["Cargo.lock", "LICENSE", "README.md", "rust-toolchain.toml", "test"];
    let gone = needed.iter().filter(|name| !files.iter().any(|file| file == *name));
    gone.map(|name| format!("{name} is not in the repository")).collect()
}

#[test]
fn no_machine_and_no_registry_is_named() {
    let files: Vec<Text> = listed()
        .iter()
        .filter(|path| !NOT_OURS.contains(&path.as_str()))
        .filter_map(|path| read(path))
        .collect();
    assert!(files.len() > 50, "only {} texts were read", files.len());
    none(&files.iter().flat_map(places).collect::<Vec<_>>());
}

#[test]
fn a_named_machine_or_registry_is_caught() {
    for word in MACHINE_PATHS.iter().chain(REGISTRY_HOSTS) {
        let text = format!("one line\nsee {word}there\n");
        caught(&places(&Text { path: "a.md".to_owned(), text }), &["a.md:2", word]);
    }
}

#[test]
fn what_a_newcomer_needs_is_there() {
    none(&missing(&listed()));
    none(&readme(&read("README.md").map(|file| file.text).unwrap_or_default()));
}

#[test]
fn what_a_newcomer_lacks_is_caught() {
    let whole = listed();
    for name in ["Cargo.lock", "LICENSE"] {
        let twin: Vec<String> = whole.iter().filter(|file| *file != name).cloned().collect();
        caught(&missing(&twin), &[name]);
    }
    none(&readme("```sh\ncargo run --release -- demo\n./test\n```\n"));
    caught(&readme("Run ./test and\n```sh\ncargo run --release -- demo\n```\n"), &["./test"]);
    caught(&readme("```sh\n./test\n```\n`cargo run --release -- demo`\n"), &["demo"]);
}
