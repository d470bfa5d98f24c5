//! Writes a hunt's answer: into a folder beside the one asked for, which takes its place when all is on disk, so that
//! a crash or a full disk leaves no half answer.

use crate::Clock;
use crate::engine::Found;
use crate::error::HuntError;
use crate::read::Loaded;
use crate::request::Request;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// All files an answer can have.
pub(crate) const FILES: [&str; 7] = [
    "verdicts.jsonl",
    "campaigns.jsonl",
    "timelines.jsonl",
    "controls.jsonl",
    "summary.json",
    "timing.json",
    "rejects.jsonl",
];

/// Refuses a folder that holds anything else than a hunt's answer.
pub(crate) fn check_vacant(dir: &Path) -> Result<(), HuntError> {
    let unwritable = |cause| HuntError::Unwritable { file: dir.to_owned(), cause };
    match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unwritable(error)),
        Ok(entries) => {
            for entry in entries {
                let name = entry.map_err(unwritable)?.file_name();
                if !FILES.iter().any(|f| name == *f) {
                    let found = name.to_string_lossy().into_owned();
                    return Err(HuntError::Occupied { dir: dir.to_owned(), found });
                }
            }
            Ok(())
        }
    }
}

/// Writes the answer.
pub(crate) fn write(
    request: &Request,
    loaded: &Loaded,
    found: &Found,
    clock: &mut Clock,
) -> Result<(), HuntError> {
    let out = &request.out;
    let beside = beside(out, "partial");
    let written = fill(&beside, request, loaded, found, clock).and_then(|()| put(&beside, out));
    if written.is_err() {
        // What could not be finished must not be taken for an answer; a failure to remove it changes nothing here.
        let _ = fs::remove_dir_all(&beside);
    }
    written
}

fn beside(out: &Path, what: &str) -> PathBuf {
    let name = out.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    out.with_file_name(format!(".{name}.{what}-{}", std::process::id()))
}

fn fill(
    dir: &Path,
    request: &Request,
    loaded: &Loaded,
    found: &Found,
    clock: &mut Clock,
) -> Result<(), HuntError> {
    fs::create_dir_all(dir).map_err(|cause| HuntError::Unwritable { file: dir.to_owned(), cause })?;
    lines(&dir.join("verdicts.jsonl"), &found.verdicts)?;
    lines(&dir.join("campaigns.jsonl"), &found.campaigns)?;
    lines(&dir.join("timelines.jsonl"), &found.timelines)?;
    lines(&dir.join("controls.jsonl"), &found.controls)?;
    lines(&dir.join("summary.json"), std::slice::from_ref(&found.summary))?;
    if !loaded.rejects.is_empty() {
        let mut rejects: Vec<RejectLine<'_>> = loaded
            .rejects
            .iter()
            .map(|r| RejectLine {
                file: request.files[r.file].display().to_string(),
                line: r.line,
                reason: &r.reason,
                content: &r.content,
            })
            .collect();
        rejects.sort();
        lines(&dir.join("rejects.jsonl"), &rejects)?;
    }
    clock.lap("write");
    let (laps, total) = clock.laps();
    let timing = Timing {
        seconds: laps.iter().map(|(phase, s)| ((*phase).to_owned(), *s)).collect(),
        seconds_total: total,
        threads: request.threads_or_all(),
        peak_memory_bytes: peak_memory_bytes(),
    };
    lines(&dir.join("timing.json"), &[timing])
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct RejectLine<'a> {
    file: String,
    line: u64,
    reason: &'a str,
    content: &'a str,
}

#[derive(Serialize)]
struct Timing {
    seconds: std::collections::BTreeMap<String, f64>,
    seconds_total: f64,
    threads: usize,
    peak_memory_bytes: Option<u64>,
}

fn lines<T: Serialize>(path: &Path, items: &[T]) -> Result<(), HuntError> {
    let unwritable = |cause| HuntError::Unwritable { file: path.to_owned(), cause };
    let mut to = BufWriter::new(File::create(path).map_err(unwritable)?);
    for item in items {
        serde_json::to_writer(&mut to, item).map_err(|e| unwritable(e.into()))?;
        to.write_all(b"\n").map_err(unwritable)?;
    }
    let file = to.into_inner().map_err(|e| unwritable(e.into_error()))?;
    file.sync_all().map_err(unwritable)
}

/// Puts the finished folder in the place of the one asked for.
fn put(from: &Path, out: &Path) -> Result<(), HuntError> {
    let unwritable = |cause| HuntError::Unwritable { file: out.to_owned(), cause };
    check_vacant(out)?;
    let old = beside(out, "old");
    let replaces = out.exists();
    if replaces {
        fs::rename(out, &old).map_err(unwritable)?;
    }
    if let Err(error) = fs::rename(from, out) {
        if replaces {
            fs::rename(&old, out).map_err(unwritable)?;
        }
        return Err(unwritable(error));
    }
    if replaces {
        fs::remove_dir_all(&old).map_err(unwritable)?;
    }
    Ok(())
}

/// The most memory the process ever held, where the system tells (Linux).
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
