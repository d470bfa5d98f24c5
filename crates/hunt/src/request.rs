//! What is asked of a hunt, and what it says while it works.

use crate::error::HuntError;
use crate::intelligence::IntelligenceFiles;
use model::id::Millis;
use model::policy::CohortPolicy;
use std::path::PathBuf;

/// A hunt over files.
#[derive(Clone, Debug)]
pub struct Request {
    /// JSON Lines (plain, gzip, zstd) or Parquet, in any order.
    pub files: Vec<PathBuf>,
    /// The folder for the answer; made, or replaced where it holds an earlier answer.
    pub out: PathBuf,
    /// Account records, where there are some.
    pub accounts: Option<PathBuf>,
    /// The policy's limits on who may enter a plan: what does not reach them is suspected, for a person to look at.
    pub cohort: Option<CohortPolicy>,
    /// A correction of the confidence, as `hunt calibrate` writes it.
    pub calibration: Option<PathBuf>,
    /// What others say, and where addresses stand.
    pub intelligence: IntelligenceFiles,
    /// Profiles are made from all before, verdicts rest on what came from it on, ms.
    pub since: Option<Millis>,
    /// Events from it on are passed over, ms.
    pub until: Option<Millis>,
    /// Threads; all of the machine's where absent.
    pub threads: Option<usize>,
    /// The share of lines that may be unreadable, 0 to 1.
    pub max_rejects: f64,
    /// Bytes the events may take in memory; more is refused rather than swapped.
    pub memory_bytes: Option<u64>,
}

impl Request {
    /// A hunt with the usual settings.
    #[must_use]
    pub fn new(files: Vec<PathBuf>, out: PathBuf) -> Self {
        Self {
            files,
            out,
            accounts: None,
            cohort: None,
            calibration: None,
            intelligence: IntelligenceFiles::default(),
            since: None,
            until: None,
            threads: None,
            max_rejects: 0.01,
            memory_bytes: None,
        }
    }

    pub(crate) fn checked(&self) -> Result<(), HuntError> {
        if self.files.is_empty() {
            return Err(HuntError::Setting("no file of events is named; name at least one".to_owned()));
        }
        if !(0.0..=1.0).contains(&self.max_rejects) {
            let max = self.max_rejects;
            return Err(HuntError::Setting(format!("--max-rejects is a share between 0 and 1, not {max}")));
        }
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since >= until
        {
            return Err(HuntError::Setting("--since must be before --until".to_owned()));
        }
        if self.threads == Some(0) {
            return Err(HuntError::Setting("--threads must be at least 1".to_owned()));
        }
        Ok(())
    }

    pub(crate) fn threads_or_all(&self) -> usize {
        self.threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
            .clamp(1, 256)
    }
}

/// How far a hunt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Bytes of lines (or of row groups) read so far, of about so many on disk.
    Reading {
        /// So far, uncompressed.
        bytes: u64,
        /// On disk, compressed as they are.
        of_bytes: u64,
    },
    /// So many events of so many accounts are in memory, sorted.
    Sorted {
        /// Events.
        events: u64,
        /// Accounts.
        accounts: u64,
    },
    /// Each account has been folded into its actors.
    Folded,
    /// What ties accounts together has been found.
    Tied,
    /// The answer is being written.
    Writing,
}
