//! The drill: mistakes that real services made, rehearsed on a seeded service through the operations that commands call,
//! each with its twin without the mistake, which must complete. It must not decide anything, nor count from our journal.

mod cast;
mod chance;
mod count;
mod mistake;
mod row;
mod table;
mod weather;

use self::cast::Cast;
use self::mistake::{DRILLS, Drill};
use self::row::Row;
use self::weather::Weather;
use crate::cli::show;
use crate::error::{Error, Result};
use clap::Args;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Half of its time a drill waits, for its mail server and its disk.
const AT_ONCE_A_CORE: usize = 2;

/// What is drilled.
#[derive(Args)]
pub(crate) struct Request {
    /// Drills by name; all of them where none is named.
    names: Vec<String>,
    /// Everything follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, from `--seed` on.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Without faults around the mistake: no lost answers, no restarts, no second operator.
    #[arg(long)]
    fair: bool,
    /// Also write the table as Markdown.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

/// Plays the drills that are asked for; an error where one of them is a breach.
pub(crate) fn run(request: &Request, json: bool) -> Result<()> {
    let asked = asked(&request.names)?;
    let weather = if request.fair { Weather::FAIR } else { Weather::FAULTY };
    let mut rows = Vec::new();
    for seed in request.seed..request.seed + request.seeds {
        rows.extend(play_all(&asked, &Cast::new(seed, weather))?);
    }
    chance::judge(&mut rows);
    if let Some(file) = &request.table {
        std::fs::write(file, table::markdown(&rows, &asked)).map_err(crate::error::at(file))?;
    }
    let breaches = rows.iter().filter(|r| r.breach).count();
    if json {
        show::json(&rows);
    } else {
        show::line(table::summary(&rows));
    }
    if breaches == 0 {
        return Ok(());
    }
    let first = rows.iter().find(|r| r.breach).map(|r| format!("{}, seed {}", r.drill, r.seed));
    Err(Error::failed(format!("{breaches} of {} rehearsals broke the promise", rows.len()))
        .hint(format!("rightful drill {} --json", first.unwrap_or_default().replace(", seed", " --seed")))
        .said())
}

fn asked(names: &[String]) -> Result<Vec<&'static Drill>> {
    if names.is_empty() {
        return Ok(DRILLS.iter().collect());
    }
    let known = |name: &String| {
        DRILLS.iter().find(|d| d.name == name).ok_or_else(|| {
            let all: Vec<&str> = DRILLS.iter().map(|d| d.name).collect();
            let nearest = all
                .iter()
                .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
            Error::usage(format!("no drill is called {name:?}")).hint(format!(
                "did you mean {}? All: {}",
                nearest.unwrap_or(&""),
                all.join(", ")
            ))
        })
    };
    names.iter().map(known).collect()
}

/// Plays drills and their twins with one cast, several at once; the rows stand in the drills' order.
fn play_all(drills: &[&'static Drill], cast: &Cast) -> Result<Vec<Row>> {
    let work: Vec<(&Drill, bool)> = drills.iter().flat_map(|d| [(*d, false), (*d, true)]).collect();
    let next = AtomicUsize::new(0);
    let take = || -> Result<Vec<(usize, Row)>> {
        let mut rows = Vec::new();
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some((drill, twin)) = work.get(at)
        {
            let row = play(drill, cast, *twin)?;
            eprintln!("{}", table::line(&row));
            rows.push((at, row));
        }
        Ok(rows)
    };
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let played: Vec<Result<Vec<(usize, Row)>>> = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..work.len().min(cores * AT_ONCE_A_CORE)).map(|_| scope.spawn(take)).collect();
        let joined = takers.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.map(|taken| taken.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let mut rows = played.into_iter().collect::<Result<Vec<_>>>()?.concat();
    rows.sort_by_key(|(at, _)| *at);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Plays one drill, or its twin.
fn play(drill: &Drill, cast: &Cast, twin: bool) -> Result<Row> {
    let heard = std::cell::RefCell::new(Vec::new());
    let say = |line: &str| heard.borrow_mut().push(line.to_owned());
    let scene = (drill.scene)(cast, twin)?;
    let mut drilled = cast.begin(drill, twin, scene, &say)?;
    let played = (drill.play)(&mut drilled);
    if let Err(error) = played {
        drilled.expect(false, format!("it ended with an error: {error}"));
    }
    let row = count::count(&drilled)?;
    if row.breach {
        for line in heard.borrow().iter() {
            eprintln!("    {line}");
        }
    }
    Ok(row)
}
