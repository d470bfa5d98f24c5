//! What can go wrong on the way from files to an answer; every message names the place and the next step.

use std::path::PathBuf;

/// Why a hunt, or the reading of its answer, stopped. Nothing has been written when it is returned.
#[derive(Debug, thiserror::Error)]
pub enum HuntError {
    /// A file can't be opened or read.
    #[error("{}: can't be read ({cause}); check the path and the permissions", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A compressed file ends in the middle, or is damaged.
    #[error("{}: {what} near line {line} ({cause}); copy the file again from its source", file.display())]
    Damaged {
        /// Which.
        file: PathBuf,
        /// The last line that came out whole.
        line: u64,
        /// Truncated or damaged, and which compression.
        what: String,
        /// What the decoder says.
        cause: String,
    },
    /// A file that is none of the formats.
    #[error("{}: {what}; events are JSON Lines (plain, gzip or zstd) or Parquet, see docs/events.md", file.display())]
    WrongFormat {
        /// Which.
        file: PathBuf,
        /// What it looks like.
        what: String,
    },
    /// More lines than allowed can't be read.
    #[error(
        "{rejected} of {lines} lines can't be read, more than the {} % allowed: {}; mend the export, or allow more with --max-rejects",
        allowed * 100.0,
        places.join("; ")
    )]
    TooManyRejects {
        /// Lines that can't be read.
        rejected: u64,
        /// Lines in all, as far as was read.
        lines: u64,
        /// The share allowed.
        allowed: f64,
        /// The first bad places, with their reasons.
        places: Vec<String>,
    },
    /// No event in any file.
    #[error("no events in {0}; name at least one file that holds some")]
    Empty(String),
    /// A setting that makes no sense.
    #[error("{0}")]
    Setting(String),
    /// The folder for the answer holds something else.
    #[error("{}: holds {found}, which is no hunt's answer; name a new folder, or empty this one", dir.display())]
    Occupied {
        /// The folder.
        dir: PathBuf,
        /// One thing in it.
        found: String,
    },
    /// The answer can't be written.
    #[error("{}: can't be written ({cause}); nothing was left behind, make room or name another folder", file.display())]
    Unwritable {
        /// Which file or folder.
        file: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A file of an answer says something that is none.
    #[error("{}:{line}: {cause}; run the hunt again, or mend the line", file.display())]
    BadAnswer {
        /// Which file.
        file: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        cause: String,
    },
    /// A file of intelligence holds a line that can't be read; the line itself is not repeated.
    #[error("{}:{line}: {cause}; mend the line, or name the right file (docs/events.md)", file.display())]
    BadIntelligence {
        /// Which file.
        file: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        cause: &'static str,
    },
    /// An MMDB file is none, or is damaged.
    #[error("{}: {what}; name an MMDB file with networks or countries, or copy it again", file.display())]
    BadMmdb {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// There are more different values than the engine can number.
    #[error(
        "more than four billion different values of `{0}`; hunt over a shorter time (--since, --until) or fewer files"
    )]
    Full(&'static str),
}
