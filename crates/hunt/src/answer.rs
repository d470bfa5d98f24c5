//! Reads a hunt's answer back, ours or another tool's: errors name file and line.

use crate::error::HuntError;
use model::id::Digest;
use model::verdict::{Campaign, Summary, Timeline, Verdict};
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// A hunt's answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Most certain first.
    pub verdicts: Vec<Verdict>,
    /// Empty where the folder has no `campaigns.jsonl`.
    pub campaigns: Vec<Campaign>,
    /// Empty where the folder has no `timelines.jsonl`.
    pub timelines: Vec<Timeline>,
    /// Clear accounts, for the blind review to plant; empty where the folder has no `controls.jsonl`.
    pub controls: Vec<Timeline>,
    /// What the hunt says of itself.
    pub summary: Summary,
    /// SHA-256 over the canonical lines of the verdicts, in the order of the file, a line feed after each.
    pub digest: Digest,
}

/// Reads the answer in a folder; `verdicts.jsonl` and `summary.json` must be there.
///
/// # Errors
/// The first file that can't be read, or the first line that is not what the file should hold, or that names an
/// account twice.
pub fn read_answer(dir: &Path) -> Result<Answer, HuntError> {
    let path = dir.join("verdicts.jsonl");
    let verdicts: Vec<Verdict> = lines(&path, true)?;
    let mut canonical = String::new();
    let mut seen = HashSet::new();
    for (at, verdict) in verdicts.iter().enumerate() {
        let bad = |cause: String| HuntError::BadAnswer { file: path.clone(), line: at as u64 + 1, cause };
        if !seen.insert(&verdict.account) {
            return Err(bad(format!("a second verdict on account {}", verdict.account)));
        }
        if !(0.0..=1.0).contains(&verdict.confidence) {
            return Err(bad(format!("confidence {} is not between 0 and 1", verdict.confidence)));
        }
        canonical.push_str(&model::canonical(verdict).map_err(|e| bad(e.to_string()))?);
        canonical.push('\n');
    }
    let path = dir.join("summary.json");
    let text = text(&path)?;
    let summary = serde_json::from_str(&text).map_err(|e| HuntError::BadAnswer {
        file: path.clone(),
        line: e.line() as u64,
        cause: e.to_string(),
    })?;
    Ok(Answer {
        campaigns: lines(&dir.join("campaigns.jsonl"), false)?,
        timelines: lines(&dir.join("timelines.jsonl"), false)?,
        controls: lines(&dir.join("controls.jsonl"), false)?,
        digest: Digest::of(canonical.as_bytes()),
        verdicts,
        summary,
    })
}

fn text(path: &Path) -> Result<String, HuntError> {
    let bytes = fs::read(path).map_err(|cause| HuntError::Unreadable { file: path.to_owned(), cause })?;
    String::from_utf8(bytes).map_err(|e| {
        let start = e.utf8_error().valid_up_to();
        let line = e.as_bytes()[..start].iter().filter(|b| **b == b'\n').count() as u64 + 1;
        HuntError::BadAnswer { file: path.to_owned(), line, cause: "not UTF-8".to_owned() }
    })
}

fn lines<T: DeserializeOwned>(path: &Path, needed: bool) -> Result<Vec<T>, HuntError> {
    if !needed && !path.exists() {
        return Ok(Vec::new());
    }
    let mut items = Vec::new();
    for (at, line) in text(path)?.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        items.push(serde_json::from_str(line).map_err(|e| HuntError::BadAnswer {
            file: path.to_owned(),
            line: at as u64 + 1,
            cause: e.to_string(),
        })?);
    }
    Ok(items)
}
