//! Measurements that anybody can repeat. It plays simulated services, reads public data sets, and counts; it decides
//! nothing.

mod beside;
mod compa;
mod curve;
mod detect;
mod freeman;
mod hunt;
mod masquerade;
mod naive_bayes;
mod null;
mod peer;
mod published;
mod rba;
mod respond;
mod sequence;
mod table;
mod takeover;

use crate::error::{Result, at};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum BenchCommand {
    /// Detection on simulated services that nobody chose: what is found of each attack, and who is wronged.
    Detect(detect::Detect),
    /// The hunt's speed: what its columns cost to read, the hunt, and a peer's simple hunt, in one go.
    Hunt(hunt::Hunt),
    /// A run's speed: its rows written by bare statements, and the run, on the ledger's databases.
    Respond(respond::Respond),
    /// Account takeovers among challenged sign-ins, on the public login data set for risk-based authentication.
    Takeover(takeover::Takeover),
    /// Strangers among blocks of tokens, on a folder in the form of the Schonlau masquerade data.
    Sequence(sequence::Sequence),
}

pub(crate) fn bench(command: &BenchCommand, json: bool) -> Result<()> {
    match command {
        BenchCommand::Detect(asked) => detect::run(asked, json),
        BenchCommand::Hunt(asked) => hunt::run(asked, json),
        BenchCommand::Respond(asked) => respond::run(asked, json),
        BenchCommand::Takeover(asked) => takeover::run(asked, json),
        BenchCommand::Sequence(asked) => sequence::run(asked, json),
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
