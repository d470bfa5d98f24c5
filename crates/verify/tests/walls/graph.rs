//! What our crates ask for and what the whole build resolves to, read from `cargo metadata`.

use crate::checkout::root;
use cargo_metadata::{CargoOpt, DependencyKind, MetadataCommand};
use std::collections::BTreeMap;
use std::env;
use std::process::Command;

/// What a crate of ours asks for, by the real name of the package, whatever it is renamed to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// What it is built from.
    pub(crate) built: Vec<String>,
    /// What only its tests need.
    pub(crate) tests: Vec<String>,
}

impl Asked {
    /// Both.
    pub(crate) fn all(&self) -> impl Iterator<Item = &String> {
        self.built.iter().chain(&self.tests)
    }
}

/// Our crates with what they ask for, and the names of all packages in the build.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) ours: BTreeMap<String, Asked>,
    pub(crate) resolved: Vec<String>,
}

impl Graph {
    /// The house as it stands, with every feature on.
    pub(crate) fn read() -> Self {
        let metadata = MetadataCommand::new()
            .manifest_path(root().join("Cargo.toml"))
            .features(CargoOpt::AllFeatures)
            .other_options(["--locked".to_owned()])
            .exec()
            .expect("cargo metadata answers, and Cargo.lock is up to date");
        let mut graph = Self::default();
        for package in &metadata.packages {
            graph.resolved.push(package.name.to_string());
            if metadata.workspace_members.contains(&package.id) {
                let asked = graph.ours.entry(package.name.to_string()).or_default();
                for dependency in &package.dependencies {
                    let list = if dependency.kind == DependencyKind::Development {
                        &mut asked.tests
                    } else {
                        &mut asked.built
                    };
                    list.push(dependency.name.clone());
                }
            }
        }
        graph
    }

    /// A broken twin: the same house in which `from` also asks for `to`.
    pub(crate) fn with(mut self, from: &str, to: &str) -> Self {
        self.ours.get_mut(from).expect("a crate of ours").built.push(to.to_owned());
        self.resolved.push(to.to_owned());
        self
    }

    /// A broken twin: the same house in which the tests of `from` also ask for `to`.
    pub(crate) fn with_in_tests(mut self, from: &str, to: &str) -> Self {
        self.ours.get_mut(from).expect("a crate of ours").tests.push(to.to_owned());
        self
    }
}

/// Every package that ends up in a crate of ours when it is built alone, its own name among them.
pub(crate) fn built_into(name: &str) -> Vec<String> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal",
            "--target",
            "all",
            "--prefix",
            "none",
            "--package",
            name,
        ])
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut names: Vec<String> =
        lines.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    assert!(names.iter().any(|it| it == name), "cargo tree names {name}");
    names
}
