//! Fits the weights of detection. `fit collect ROWS SEED SETTINGS ACCOUNTS` draws simulated services and keeps what
//! the signals say of each hand, with its truth; `fit solve ROWS` fits on three of four services, calibrates across
//! them, measures on the others, and writes the table that `decide` is built with (`fit solve ROWS --dry`: only says).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it prints what it measures")]

mod collect;
mod logistic;
mod measure;
mod rows;
mod solve;
mod table;

use std::error::Error;
use std::path::Path;

const USAGE: &str = "usage: fit collect ROWS SEED SETTINGS ACCOUNTS | fit solve ROWS [--dry]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["collect", rows, seed, settings, accounts] => {
            collect::collect(Path::new(rows), seed.parse()?, settings.parse()?, accounts.parse()?)
        }
        ["solve", rows] => solve::solve(Path::new(rows), true),
        ["solve", rows, "--dry"] => solve::solve(Path::new(rows), false),
        _other => Err(USAGE.into()),
    }
}
