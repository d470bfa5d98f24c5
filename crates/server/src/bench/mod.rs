//! Measurements that anybody can repeat. It plays simulated services and counts; it decides nothing.

mod beside;
mod compa;
mod detect;
mod freeman;
mod hunt;
mod peer;
mod published;
mod table;

use crate::error::{Result, at};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum BenchCommand {
    /// Detection on simulated services that nobody chose: what is found of each attack, and who is wronged.
    Detect(detect::Detect),
    /// The hunt's speed: what its columns cost to read, the hunt, and a peer's simple hunt, in one go.
    Hunt(hunt::Hunt),
}

pub(crate) fn bench(command: &BenchCommand, json: bool) -> Result<()> {
    match command {
        BenchCommand::Detect(asked) => detect::run(asked, json),
        BenchCommand::Hunt(asked) => hunt::run(asked, json),
    }
}

/// The files in a folder, by name.
fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect())
        .map_err(at(folder))?;
    files.sort();
    Ok(files)
}
