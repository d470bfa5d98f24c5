//! `bench hunt`: in one go what the hunt's columns cost to read, the whole hunt, and a peer's simple hunt, over the same
//! files with as many threads.

use super::in_folder;
use super::peer::{Peer, Ran};
use crate::cli::show::{self, Progress};
use crate::error::{Error, Result, at};
use clap::Args;
use rehearse::simulate::{Format, Settings, population, write};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What is measured.
#[derive(Args)]
pub(crate) struct Hunt {
    /// Files of Parquet; a simulated service's where none is named.
    files: Vec<PathBuf>,
    /// Accounts of the simulated service.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(100..))]
    accounts: u32,
    /// The simulated service's seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often all is run; the medians count.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Without the peer, which comes from PyPI.
    #[arg(long)]
    no_peer: bool,
    #[arg(long)]
    threads: Option<usize>,
}

/// What a run came to, seconds.
#[derive(Serialize)]
struct Run {
    floor: f64,
    hunt: f64,
    /// By the hunt's own clock.
    phases: serde_json::Value,
    peak_memory_bytes: u64,
    peer: Option<Ran>,
}

/// Everything measured.
#[derive(Serialize)]
struct Measured {
    events: u64,
    bytes: u64,
    threads: usize,
    runs: Vec<Run>,
    median: Median,
}

#[derive(Serialize)]
struct Median {
    floor: f64,
    hunt: f64,
    peer: Option<f64>,
    hunt_over_floor: f64,
    hunt_over_peer: Option<f64>,
    events_a_second: f64,
}

pub(super) fn run(asked: &Hunt, json: bool) -> Result<()> {
    let progress = Progress::new();
    let dir = tempfile::tempdir().map_err(Error::failed)?;
    let files = if asked.files.is_empty() {
        progress.say("simulating", &format!("{} accounts", asked.accounts));
        let settings = Settings { seed: asked.seed, accounts: asked.accounts, ..Settings::default() };
        write(&population(&settings), dir.path(), Format::Parquet).map_err(Error::failed)?;
        in_folder(&dir.path().join("events"))?
    } else {
        asked.files.clone()
    };
    let threads = asked
        .threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let peer = if asked.no_peer {
        None
    } else {
        progress.say("installing", "the peer");
        Some(Peer::install()?)
    };
    let bytes = files.iter().map(|f| f.metadata().map(|m| m.len()).map_err(at(f))).sum::<Result<u64>>()?;
    let (mut runs, mut events) = (Vec::new(), 0);
    for n in 1..=asked.runs {
        progress.say(&format!("run {n} of {}", asked.runs), "floor, hunt, peer");
        let began = Instant::now();
        events = hunt::floor(&files, threads)?;
        let floor = began.elapsed().as_secs_f64();
        let began = Instant::now();
        let timing = hunted(&files, &dir.path().join("answer"), threads)?;
        runs.push(Run {
            floor,
            hunt: began.elapsed().as_secs_f64(),
            peak_memory_bytes: timing["peak_memory_bytes"].as_u64().unwrap_or(0),
            phases: timing["seconds"].clone(),
            peer: peer.as_ref().map(|p| p.hunt(&files, threads)).transpose()?,
        });
    }
    progress.done();
    let measured = Measured { events, bytes, threads, median: middle(&runs, events), runs };
    if json {
        show::json(&measured);
    } else {
        say(&measured);
    }
    Ok(())
}

/// The whole hunt in a process of its own, so that its memory is its own; its timing.
fn hunted(files: &[PathBuf], out: &Path, threads: usize) -> Result<serde_json::Value> {
    let mut command = Command::new(std::env::current_exe().map_err(Error::failed)?);
    command.arg("hunt").args(files).arg("--out").arg(out).args(["--threads", &threads.to_string()]);
    let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status().map_err(Error::failed)?;
    if !ended.success() {
        return Err(
            Error::failed(format!("the hunt failed ({ended})")).hint("rightful hunt FILE… --out answer")
        );
    }
    let timing = out.join("timing.json");
    Ok(serde_json::from_slice(&std::fs::read(&timing).map_err(at(&timing))?)?)
}

fn middle(runs: &[Run], events: u64) -> Median {
    let of = |what: &dyn Fn(&Run) -> Option<f64>| -> Option<f64> {
        let mut all = runs.iter().map(what).collect::<Option<Vec<f64>>>()?;
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied()
    };
    let floor = of(&|r| Some(r.floor)).unwrap_or(f64::NAN);
    let hunt = of(&|r| Some(r.hunt)).unwrap_or(f64::NAN);
    let peer = of(&|r| r.peer.as_ref().map(|p| p.seconds));
    Median {
        floor,
        hunt,
        peer,
        hunt_over_floor: hunt / floor,
        hunt_over_peer: peer.map(|p| hunt / p),
        events_a_second: events as f64 / hunt,
    }
}

fn say(measured: &Measured) {
    let Measured { events, bytes, threads, runs, median } = measured;
    show::line(format!(
        "{events} events, {} MB of Parquet, {threads} threads, {} runs",
        bytes / 1_000_000,
        runs.len()
    ));
    show::line(format!("floor   {:>8.2} s  its columns read, and nothing done with them", median.floor));
    let memory = runs.iter().map(|r| r.peak_memory_bytes).max().unwrap_or(0) / 1_000_000;
    show::line(format!(
        "hunt    {:>8.2} s  {:.1} times the floor; {:.0} events a second, {memory} MB at the most",
        median.hunt, median.hunt_over_floor, median.events_a_second
    ));
    match (median.peer, median.hunt_over_peer, runs.first().and_then(|r| r.peer.as_ref())) {
        (Some(peer), Some(over), Some(ran)) => show::line(format!(
            "DuckDB  {peer:>8.2} s  {}, a simple hunt: rarity of four features; ours takes {over:.1} times as long",
            ran.version
        )),
        _none => show::line("DuckDB         –    not asked for (--no-peer)"),
    }
}
