//! What a hunt can't be faster than: its columns read from Parquet on all threads, and nothing done with them. For
//! measurements only.

use crate::error::HuntError;
use crate::read::{group_rows, groups};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Reads the columns that a hunt reads, with as many threads; how many rows there are.
///
/// # Errors
/// Where a file is no Parquet, or damaged.
pub fn floor(files: &[PathBuf], threads: usize) -> Result<u64, HuntError> {
    let mut jobs = Vec::new();
    for file in files {
        jobs.extend((0..groups(file)?.len()).map(|group| (file, group)));
    }
    let (next, rows) = (AtomicUsize::new(0), AtomicU64::new(0));
    let take = || -> Result<(), HuntError> {
        while let Some((file, group)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            rows.fetch_add(group_rows(file, *group)?, Ordering::Relaxed);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let takers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(take)).collect();
        let mut joined = takers.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.try_for_each(|taken| taken.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    Ok(rows.into_inner())
}
