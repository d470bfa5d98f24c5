//! `bench sequence`: a folder of one token a line per user, with labels (the form of the Schonlau masquerade data:
//! `User1` …, blocks of 100, the first of them the owner's for certain; a table of 0 and 1, a row a block, a column a
//! user). How well what is not the owner's is told by the tokens of a block alone.
//!
//! Detection has no signal of its own over such sequences, and this says so: what is measured is the bar, naive Bayes with
//! updating.

use super::masquerade::{self, BLOCK, Data};
use super::naive_bayes;
use crate::cli::show::{self, Progress, row};
use crate::error::Result;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// The shares of the owners' blocks that may be called a stranger's.
const FALSE_ALARMS: [f64; 3] = [0.01, 0.013, 0.046];
const NO_SIGNAL: &str = "detection has no signal over sequences of its own: what is measured is the bar";
const METHOD: &str = "naive Bayes with updating: the sum of ln p(others) - ln p(self) per block; a profile learns a \
                      block that scored as its owner's";

/// What is measured.
#[derive(Args)]
pub(crate) struct Sequence {
    /// The folder: `User1`, `User2` …, and the labels.
    dir: PathBuf,
    /// The labels, where the folder holds more than one other file.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
}

pub(super) fn run(asked: &Sequence, json: bool) -> Result<()> {
    let progress = Progress::new();
    progress.say("reading", &asked.dir.display().to_string());
    let data = masquerade::read(&asked.dir, asked.labels.as_deref())?;
    progress.say("scoring", &format!("{} users", data.users.len()));
    let told = Told::of(&naive_bayes::scores(&data));
    progress.done();
    let hits: Vec<(f64, f64)> = FALSE_ALARMS.iter().map(|share| (*share, told.hits(*share))).collect();
    if json {
        show::json(&json!({
            "users": data.users.len(), "block": BLOCK, "blocks_of_the_owner_for_certain": data.certain,
            "blocks_scored": told.owners.len() + told.strangers.len(), "blocks_of_strangers": told.strangers.len(),
            "own_signal": null, "note": NO_SIGNAL, "method": METHOD, "auc": told.auc(),
            "hits": hits.iter().map(|(share, hits)| json!({ "false_alarms": share, "hits": hits })).collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    say(&data, &told, &hits);
    Ok(())
}

fn say(data: &Data, told: &Told, hits: &[(f64, f64)]) {
    show::line(format!(
        "{} users, {} blocks of {BLOCK} scored, {} of them a stranger's",
        data.users.len(),
        told.owners.len() + told.strangers.len(),
        told.strangers.len()
    ));
    show::line(NO_SIGNAL);
    show::line(METHOD);
    let mut rows = vec![row!["AUC", format!("{:.4}", told.auc())]];
    rows.extend(hits.iter().map(|(share, hits)| {
        row![format!("hits at {} % false alarms", share * 100.0), format!("{:.2} %", hits * 100.0)]
    }));
    show::table(&rows);
}

/// Scores of the owners' blocks and of the strangers', each sorted.
struct Told {
    owners: Vec<f64>,
    strangers: Vec<f64>,
}

impl Told {
    fn of(scores: &[(f64, bool)]) -> Self {
        let of = |stranger: bool| {
            let mut of: Vec<f64> =
                scores.iter().filter(|(_, s)| *s == stranger).map(|(score, _)| *score).collect();
            of.sort_by(f64::total_cmp);
            of
        };
        Self { owners: of(false), strangers: of(true) }
    }

    /// The chance that a stranger's block scores above an owner's; a tie is half.
    fn auc(&self) -> f64 {
        let below = |score: f64| self.owners.partition_point(|o| *o < score);
        let not_above = |score: f64| self.owners.partition_point(|o| *o <= score);
        let sum: f64 = self.strangers.iter().map(|s| (below(*s) + not_above(*s)) as f64 / 2.0).sum();
        sum / (self.owners.len() as f64 * self.strangers.len() as f64)
    }

    /// The share of the strangers' blocks above the lowest score that at most such a share of the owners' exceed.
    fn hits(&self, false_alarms: f64) -> f64 {
        let allowed = (self.owners.len() as f64 * false_alarms) as usize;
        let bound = self.owners[self.owners.len() - 1 - allowed.min(self.owners.len() - 1)];
        let above = self.strangers.len() - self.strangers.partition_point(|s| *s <= bound);
        above as f64 / self.strangers.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_apart_is_counted_exactly() {
        let owners = (0..100).map(|n| (f64::from(n), false));
        let strangers = [(99.5, true), (98.5, true), (50.0, true), (-1.0, true)];
        let told = Told::of(&owners.chain(strangers).collect::<Vec<_>>());
        let expected = (100.0 + 99.0 + 50.5 + 0.0) / 400.0;
        assert!((told.auc() - expected).abs() < 1e-12, "{}", told.auc());
        // One owner's block may exceed the bound of 98, four of them that of 95.
        for (false_alarms, hits) in [(0.0, 0.25), (0.01, 0.5), (0.046, 0.5), (0.5, 0.75)] {
            assert!((told.hits(false_alarms) - hits).abs() < 1e-12, "at {false_alarms}");
        }
    }
}
