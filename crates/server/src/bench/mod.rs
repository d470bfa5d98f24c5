//! Measurements that anybody can repeat. It plays simulated services and counts; it decides nothing.

mod detect;
mod table;

use crate::error::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum BenchCommand {
    /// Detection on simulated services that nobody chose: what is found of each attack, and who is wronged.
    Detect(detect::Detect),
}

pub(crate) fn bench(command: &BenchCommand, json: bool) -> Result<()> {
    match command {
        BenchCommand::Detect(asked) => detect::run(asked, json),
    }
}
