//! Writes a simulated population: `simulate OUT SEED ACCOUNTS [EVENTS] [jsonl|parquet]`.

use rehearse::simulate::{Format, Settings, population, write};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, seed, accounts, rest @ ..] = arguments.as_slice() else {
        return Err("usage: simulate OUT SEED ACCOUNTS [EVENTS] [jsonl|parquet]".into());
    };
    let events = rest.first().filter(|e| *e != "0").map(|e| e.parse()).transpose()?;
    let format = match rest.get(1).map(String::as_str) {
        Some("parquet") => Format::Parquet,
        Some("jsonl") | None => Format::Jsonl,
        Some(other) => return Err(format!("no format is called {other}").into()),
    };
    let settings =
        Settings { seed: seed.parse()?, accounts: accounts.parse()?, events, ..Settings::default() };
    let population = population(&settings);
    eprintln!(
        "{} accounts, {} events, {} compromised",
        population.accounts.len(),
        population.events.len(),
        population.truth.len()
    );
    write(&population, std::path::Path::new(out), format)?;
    Ok(())
}
