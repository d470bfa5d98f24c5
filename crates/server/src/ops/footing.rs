//! Whether the ground still holds before anything is begun: the ledger is not older than what this machine saw of it,
//! and the clock goes neither back nor by leaps. Where it does not hold, nothing is started, and a person looks.

use crate::context::Context;
use crate::error::{Error, Result, at};
use model::id::{Digest, Millis};
use respond::port::Clock;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Clocks of several machines differ a little, and are set right by small steps; a leap is more than this, ms.
const LEAP_MS: i64 = 60_000;

/// The last entry of the audit log that this machine saw. Its leaf rests on a random nonce: no other log has it there.
#[derive(Serialize, Deserialize)]
struct Mark {
    seq: u64,
    leaf: Digest,
    seen_at: Millis,
}

/// How the clock went since it was looked at last, beside a count that nobody can set.
#[derive(Default)]
pub(crate) struct Pace(Mutex<Option<(Millis, Millis)>>);

impl Pace {
    /// By how much the clock leapt since the last look, ms; from now on it is held against this one.
    fn leap(&self, clock: &dyn Clock) -> Option<Millis> {
        let look = (clock.now(), clock.steady());
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(look);
        let (now, steady) = last?;
        let leap = (look.0 - now) - (look.1 - steady);
        (leap.abs() > LEAP_MS).then_some(leap)
    }
}

/// Insists on a ledger and a clock that can be built on.
pub(crate) fn insist(ctx: &Context) -> Result<()> {
    ledger(ctx)?;
    clock(ctx)
}

/// Notes how far the ledger has come. What is noted is never behind what was done: it is called after the commit, and
/// an older mark asks for less.
pub(crate) fn keep(ctx: &Context) -> Result<()> {
    let Some((seq, leaf)) = ctx.store.read(store::Read::audit_head)? else { return Ok(()) };
    let (path, text) = (file(ctx), serde_json::to_string(&Mark { seq, leaf, seen_at: ctx.now() })?);
    // Two may do this at once: each writes a file of its own, and the mark is always one of them, whole.
    let written = tempfile::NamedTempFile::new_in(&ctx.data).and_then(|mut fresh| {
        fresh.write_all(text.as_bytes())?;
        fresh.as_file().sync_all()?;
        fresh.persist(&path).map_err(|e| e.error).map(drop)
    });
    written.map_err(at(&path))
}

fn file(ctx: &Context) -> PathBuf {
    ctx.data.join("ledger.seen")
}

fn ledger(ctx: &Context) -> Result<()> {
    let path = file(ctx);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at(&path)(error)),
    };
    let mark: Mark = serde_json::from_str(&text)
        .map_err(|e| Error::failed(format!("{} can't be read: {e}", path.display())))?;
    if ctx.store.read(|r| r.audit_leaf(mark.seq))? == Some(mark.leaf) {
        return Ok(());
    }
    Err(Error::halted(format!(
        "the ledger is not the one that this machine saw at {}: entry {} of its audit log is missing, or another. It \
         was restored from an older copy, or changed, and does not know what was done since",
        crate::cli::show::moment(mark.seen_at),
        mark.seq
    ))
    .hint(format!(
        "nothing is started. Hold the log against a kept checkpoint (rightful audit verify) and find out which accounts \
         were acted on since; to go on with this ledger all the same, remove {}",
        path.display()
    )))
}

fn clock(ctx: &Context) -> Result<()> {
    let last = ctx.store.read(store::Read::audit_last_at)?;
    if let Some(error) = last.and_then(|last| went_back(ctx.now(), last)) {
        return Err(error);
    }
    match ctx.pace.leap(&*ctx.clock) {
        None => Ok(()),
        Some(ms) => Err(Error::halted(format!(
            "the clock leapt by {} s while this process ran: it was set, or the machine slept",
            ms / 1000
        ))
        .hint("see whether it is right now; then rightful run resume")),
    }
}

fn went_back(now: Millis, last: Millis) -> Option<Error> {
    (now + LEAP_MS < last).then(|| {
        Error::halted(format!(
            "the clock says {}, and the ledger's last entry is of {}: the clock went back",
            crate::cli::show::moment(now),
            crate::cli::show::moment(last)
        ))
        .hint("set the clock right; consents, soaks and limits by the hour can't be told by this one")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    /// A clock that can be set, beside a count that can't.
    #[derive(Default)]
    struct Settable {
        now: AtomicI64,
        steady: AtomicI64,
    }

    impl Settable {
        fn pass(&self, ms: i64) {
            self.now.fetch_add(ms, Ordering::SeqCst);
            self.steady.fetch_add(ms, Ordering::SeqCst);
        }
    }

    impl Clock for Settable {
        fn now(&self) -> Millis {
            self.now.load(Ordering::SeqCst)
        }

        fn steady(&self) -> Millis {
            self.steady.load(Ordering::SeqCst)
        }

        fn sleep(&self, ms: Millis) {
            self.pass(ms);
        }
    }

    #[test]
    fn a_leap_either_way_is_said_once_and_time_that_passes_is_none() {
        let (pace, clock) = (Pace::default(), Settable::default());
        assert_eq!(pace.leap(&clock), None, "the first look has nothing to be held against");
        clock.pass(7_200_000);
        assert_eq!(pace.leap(&clock), None, "two hours that passed");
        clock.now.fetch_add(30_000, Ordering::SeqCst);
        assert_eq!(pace.leap(&clock), None, "set right by half a minute");
        clock.now.fetch_add(86_400_000, Ordering::SeqCst);
        assert_eq!(pace.leap(&clock), Some(86_400_000));
        assert_eq!(pace.leap(&clock), None, "said once");
        clock.now.fetch_sub(3_600_000, Ordering::SeqCst);
        assert_eq!(pace.leap(&clock), Some(-3_600_000));
    }

    #[test]
    fn a_clock_behind_the_ledger_is_refused_and_one_a_little_behind_is_not() {
        assert!(went_back(1_000_000, 1_000_000 + LEAP_MS).is_none());
        assert!(went_back(1_000_000, 1_000_001 + LEAP_MS).is_some());
        assert!(went_back(9_000_000, 1_000_000).is_none());
    }
}
