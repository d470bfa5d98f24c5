//! The questions: files of events in, a hunt's answer out.
//!
//! It reads, folds each account with `decide::detect` on all threads, and writes the answer files. It never touches
//! an account, and it does not know the ledger.

mod answer;
mod calibration;
mod controls;
mod engine;
mod error;
mod floor;
mod intelligence;
mod read;
mod request;
mod score;
mod write;

pub use answer::{Answer, read_answer};
pub use calibration::Calibrated;
pub use engine::HandHeard;
pub use error::HuntError;
pub use floor::floor;
pub use intelligence::IntelligenceFiles;
pub use request::{Progress, Request};
pub use score::{BINS, Known, OfAttack, SURE, Score, Share, Taken};
pub use write::peak_memory_bytes;

use engine::Found;
use model::verdict::Summary;
use std::time::Instant;

/// Hunts over files and writes the answer to a folder, which appears whole or not at all.
///
/// The answer is the same to the byte for any order of the files, number of threads, or way the events are split
/// over files (but for `timing.json`).
///
/// # Errors
/// Where the input can't be read or holds too much that can't be, or the answer can't be written; nothing is left
/// behind then.
pub fn run(request: &Request, progress: &dyn Fn(Progress)) -> Result<Summary, HuntError> {
    request.checked()?;
    write::check_vacant(&request.out)?;
    let mut clock = Clock::new();
    // Nothing of the records goes into a verdict yet; a wrong file is refused now and not when a plan is drafted.
    request.accounts.as_deref().map(read::records).transpose()?;
    let calibrated = request.calibration.as_deref().map(Calibrated::read).transpose()?;
    let outside = request.intelligence.outside()?;
    let of_bytes = request.files.iter().filter_map(|f| f.metadata().ok()).map(|m| m.len()).sum();
    let bytes = std::cell::Cell::new(0);
    let loaded = read::load(request, &|more| {
        bytes.set(bytes.get() + more);
        progress(Progress::Reading { bytes: bytes.get(), of_bytes });
    })?;
    clock.lap("read");
    let found: Found = pool(request)?
        .install(|| engine::hunt(&loaded, request, outside, calibrated.as_ref(), &mut clock))?;
    progress(Progress::Tied);
    progress(Progress::Writing);
    write::write(request, &loaded, &found, &mut clock)?;
    Ok(found.summary)
}

/// What the signals say of every hand in files of events, before it is weighed: what the weights are fitted to.
///
/// # Errors
/// As [`run`], but that nothing is written.
pub fn heard(request: &Request) -> Result<Vec<HandHeard>, HuntError> {
    request.checked()?;
    let outside = request.intelligence.outside()?;
    let loaded = read::load(request, &|_| {})?;
    Ok(pool(request)?.install(|| engine::hands(&loaded, outside, &mut Clock::new())))
}

fn pool(request: &Request) -> Result<rayon::ThreadPool, HuntError> {
    let threads = request.threads_or_all();
    let refused = |e| HuntError::Setting(format!("{threads} threads can't be started: {e}"));
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(refused)
}

/// Seconds by phase, for `timing.json`.
pub(crate) struct Clock {
    started: Instant,
    last: Instant,
    laps: Vec<(&'static str, f64)>,
}

impl Clock {
    fn new() -> Self {
        let now = Instant::now();
        Self { started: now, last: now, laps: Vec::new() }
    }

    pub(crate) fn lap(&mut self, phase: &'static str) {
        let now = Instant::now();
        self.laps.push((phase, (now - self.last).as_secs_f64()));
        self.last = now;
    }

    pub(crate) fn laps(&self) -> (&[(&'static str, f64)], f64) {
        (&self.laps, self.started.elapsed().as_secs_f64())
    }
}
