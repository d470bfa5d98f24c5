//! `bench detect`: services drawn from seeds, each hunted over by the way that files go, each answer held against the
//! truth.

use super::published::{self, Method, Standing};
use super::{in_folder, table};
use crate::cli::show::{self, Progress};
use crate::error::{Error, Result};
use clap::Args;
use hunt::{Known, Score, read_answer};
use model::id::{AccountId, Millis};
use model::verdict::Belief;
use rehearse::simulate::{Format, Settings, population, write};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What is measured.
#[derive(Args)]
pub(crate) struct Detect {
    /// How many services.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    settings: u64,
    /// The first service's seed; the others follow it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Accounts of each service.
    #[arg(long, default_value_t = 4000, value_parser = clap::value_parser!(u32).range(100..))]
    accounts: u32,
    /// Also hunt every so many days, as a routine would, to see how soon each attack is found.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    every: Option<u32>,
    #[arg(long)]
    threads: Option<usize>,
}

/// One service and how the answer on it stands.
#[derive(Serialize)]
pub(super) struct Service {
    pub(super) settings: Settings,
    pub(super) score: Score,
}

/// Everything measured.
#[derive(Default, Serialize)]
pub(super) struct Measured {
    pub(super) services: Vec<Service>,
    pub(super) whole: Score,
    /// Of each attack's victims that were found in the end: how long after the intruder's first act a hunt first found
    /// them, ms. Empty where that was not asked for.
    pub(super) delays_ms: BTreeMap<String, Vec<Millis>>,
    /// Methods from papers, on the same events.
    pub(super) published: BTreeMap<Method, Standing>,
}

pub(super) fn run(asked: &Detect, json: bool) -> Result<()> {
    let progress = Progress::new();
    let mut measured = Measured::default();
    for seed in asked.seed..asked.seed.saturating_add(asked.settings) {
        let settings = Settings::drawn(seed, asked.accounts);
        let done = measured.services.len();
        progress.say(
            &format!("service {} of {}", done + 1, asked.settings),
            &format!("(seed {seed}): {}", table::in_words(&settings)),
        );
        let score = one(&settings, asked, &mut measured)?;
        measured.whole.add(&score);
        measured.services.push(Service { settings, score });
    }
    progress.done();
    if json {
        show::json(&table::as_json(&measured));
    } else {
        table::say(&measured);
    }
    Ok(())
}

/// Plays a service, hunts over it, and compares.
fn one(settings: &Settings, asked: &Detect, measured: &mut Measured) -> Result<Score> {
    let dir = tempfile::tempdir().map_err(Error::failed)?;
    let population = population(settings);
    write(&population, dir.path(), Format::Parquet).map_err(Error::failed)?;
    let known = Known::read(dir.path())?;
    published::measure(&mut measured.published, &population.events, &known);
    drop(population);
    let files = in_folder(&dir.path().join("events"))?;
    let hunted = |until: Option<Millis>| hunted(&files, dir.path(), until, asked.threads);
    let answer = hunted(None)?;
    if let Some(days) = asked.every {
        let step = Millis::from(days) * 86_400_000;
        let mut waiting: BTreeSet<&AccountId> =
            believed(&answer).filter(|a| known.taken.contains_key(*a)).collect();
        let mut now = settings.start_ms() + step;
        while now < settings.end_ms + step && !waiting.is_empty() {
            let past = now.min(settings.end_ms);
            let found = hunted(Some(past))?;
            for account in believed(&found) {
                let Some(taken) = known.taken.get(account).filter(|_| waiting.remove(account)) else {
                    continue;
                };
                measured.delays_ms.entry(taken.attack.clone()).or_default().push(past - taken.start);
            }
            now += step;
        }
    }
    Ok(Score::of(&answer, &known))
}

fn hunted(
    files: &[PathBuf],
    dir: &Path,
    until: Option<Millis>,
    threads: Option<usize>,
) -> Result<hunt::Answer> {
    let out = dir.join("answer");
    let request = hunt::Request { threads, until, ..hunt::Request::new(files.to_vec(), out.clone()) };
    hunt::run(&request, &|_| {})?;
    Ok(read_answer(&out)?)
}

fn believed(answer: &hunt::Answer) -> impl Iterator<Item = &AccountId> {
    answer.verdicts.iter().filter(|v| v.verdict == Belief::Compromised).map(|v| &v.account)
}
