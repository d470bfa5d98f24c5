//! Broken twins are asked for by the judges' tests alone, and stand in no program that is shipped.

use crate::checkout::{crates, read};
use crate::{caught, none};
use std::env;
use std::process::Command;

/// The feature by which they are asked for, and its one home.
const FEATURE: &str = "mutants";
const HOME: &str = "model";
/// Who may ask for it, for tests.
const ASKS: &str = "verify";

/// The features with which everything in the program is built.
fn built_with(package: &str, edges: &str) -> Vec<String> {
    let tree = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--locked", "--prefix", "none", "--target", "all", "--all-features"])
        .args(["--edges", edges, "--package", package])
        .current_dir(crate::checkout::root())
        .output()
        .expect("cargo tree runs");
    assert!(tree.status.success(), "cargo tree: {}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8_lossy(&tree.stdout).lines().map(str::to_owned).collect()
}

fn shipped(lines: &[String]) -> Vec<String> {
    let word = format!("feature \"{FEATURE}\"");
    lines.iter().filter(|line| line.contains(&word)).map(|line| format!("built in: {line}")).collect()
}

/// Who asks for the feature in a manifest, and where.
fn asking(name: &str, manifest: &str) -> Vec<String> {
    let mut section = "";
    let mut findings = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let names_it = !line.trim_start().starts_with('#') && line.contains(FEATURE);
        let is_home = name == HOME && section == "[features]";
        let is_test = name == ASKS && matches!(section, "[dev-dependencies]" | "[[test]]");
        if names_it && !is_home && !is_test {
            findings.push(format!("{name} asks for the broken twins in {section}: {line}"));
        }
    }
    findings
}

#[test]
fn no_broken_twin_is_shipped() {
    none(&shipped(&built_with("server", "normal,build,features")));
    for name in crates() {
        let manifest = read(&format!("crates/{name}/Cargo.toml")).expect("a manifest").text;
        none(&asking(&name, &manifest));
    }
}

#[test]
fn a_twin_that_would_be_shipped_is_caught() {
    // The judges' own tests are built with them: what is looked for can be seen.
    caught(&shipped(&built_with("verify", "normal,dev,features")), &["built in", "model", FEATURE]);
    let asks = "[dependencies]\nmodel = { workspace = true, features = [\"mutants\"] }\n";
    caught(&asking("server", asks), &["server asks", "[dependencies]"]);
    caught(&asking("verify", asks), &["verify asks"]);
    caught(&asking("respond", "[features]\nmutants = [\"model/mutants\"]\n"), &["respond asks"]);
    none(&asking("verify", &asks.replace("[dep", "[dev-dep")));
}
