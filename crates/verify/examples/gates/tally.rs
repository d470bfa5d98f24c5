//! Many runs of one kind of plan, and what came of them.

use crate::play::{End, Played, play};
use model::policy::Policy;

/// A kind of plan.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) accounts: u64,
    /// In hundredths.
    pub(crate) wrong_percent: u64,
}

/// What came of so many runs; shares between 0 and 1.
pub(crate) struct Tally {
    pub(crate) done: f64,
    pub(crate) halted: f64,
    pub(crate) out_of_time: f64,
    pub(crate) passed_canary: f64,
    /// Share of runs that contained a wrong account beyond the canary.
    pub(crate) beyond_canary: f64,
    pub(crate) wrong_mean: f64,
    /// Of 95 in 100 runs it is no more.
    pub(crate) wrong_p95: u64,
    /// Days until it was halted: half of those halted are sooner.
    pub(crate) halt_days: Option<f64>,
    /// Days until it was done: half and 95 in 100 of those done are sooner.
    pub(crate) done_days: Option<(f64, f64)>,
}

/// Plays `runs` runs of a kind, on all cores.
pub(crate) fn tally(kind: Kind, policy: &Policy, runs: u64) -> Tally {
    let wrong = (kind.accounts * kind.wrong_percent).div_ceil(100);
    let next = std::sync::atomic::AtomicU64::new(0);
    let played = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if seed >= runs {
                        return;
                    }
                    let one = play(kind.accounts, wrong, policy, seed);
                    played.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(one);
                }
            });
        }
    });
    count(&played.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

fn count(all: &[Played]) -> Tally {
    let share = |is: &dyn Fn(&Played) -> bool| all.iter().filter(|p| is(p)).count() as f64 / all.len() as f64;
    let days = |end: End| {
        let mut days: Vec<f64> =
            all.iter().filter(|p| p.end == end).map(|p| p.took_ms as f64 / 86_400_000.0).collect();
        days.sort_by(f64::total_cmp);
        days
    };
    let at = |sorted: &[f64], part: f64| sorted.get((sorted.len() as f64 * part) as usize).copied();
    let mut wrong: Vec<u64> = all.iter().map(|p| p.wrong_contained).collect();
    wrong.sort_unstable();
    let (halted, done) = (days(End::Halted), days(End::Done));
    Tally {
        done: share(&|p| p.end == End::Done),
        halted: share(&|p| p.end == End::Halted),
        out_of_time: share(&|p| p.end == End::OutOfTime),
        passed_canary: share(&|p| p.waves > 1),
        beyond_canary: share(&|p| p.wrong_beyond_canary > 0),
        wrong_mean: wrong.iter().sum::<u64>() as f64 / wrong.len().max(1) as f64,
        wrong_p95: wrong.get(wrong.len() * 95 / 100).copied().unwrap_or_default(),
        halt_days: at(&halted, 0.5),
        done_days: at(&done, 0.5).zip(at(&done, 0.95)),
    }
}
