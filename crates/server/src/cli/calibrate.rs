//! `hunt calibrate`: does a confidence mean what it says, by what people and owners answered; and the correction.

use super::Call;
use super::show::{self, row};
use crate::error::{Result, at};
use crate::ops::calibrate::{self, Counted};
use clap::Args;
use decide::calibrate::{Bin, Truth, brier};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Calibrate {
    /// Write the correction to a file, for `hunt --calibration FILE`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn calibrate(call: &Call, asked: &Calibrate) -> Result<()> {
    let ctx = call.context()?;
    let counted = calibrate::count(&ctx)?;
    // Without a file to write, too few answers are something to look at, and no error.
    let fitted = match &asked.out {
        Some(file) => {
            let fitted = calibrate::fit(&ctx, &counted)?;
            std::fs::write(file, serde_json::to_string_pretty(&fitted)? + "\n").map_err(at(file))?;
            Some(fitted)
        }
        None => None,
    };
    let score = (!counted.answered.is_empty()).then(|| brier(&counted.answered));
    if call.json {
        show::json(&json!({
            "answered": counted.answered.len(), "said": said(&counted), "other_weights": counted.other_weights,
            "not_here": counted.not_here, "reliability": counted.bins().iter().map(bin).collect::<Vec<_>>(),
            "brier": score, "correction": fitted, "file": asked.out,
        }));
        return Ok(());
    }
    show::table(&table(&counted));
    for (what, n) in said(&counted).as_object().into_iter().flatten() {
        show::line(format!("{what}: {n}"));
    }
    for (what, n) in [
        ("verdicts of other weights than this version's, not taken", counted.other_weights),
        ("answers about accounts that are in no sealed plan here any more", counted.not_here),
    ] {
        if n > 0 {
            show::line(format!("{what}: {n}"));
        }
    }
    if let Some(score) = score {
        show::line(format!("Brier score: {score:.5}"));
    }
    show::line("only verdicts that came into a plan were answered: of what was left clear this says nothing");
    if let (Some(fitted), Some(file)) = (fitted, &asked.out) {
        show::line(format!(
            "log-odds times {}, plus {}: Brier score {:.5} on answers that each was fitted without",
            fitted.stretch, fitted.shift, fitted.brier_corrected
        ));
        show::line(format!(
            "{}\n  next: rightful hunt FILE… --out DIR --calibration {}",
            fitted.said(),
            file.display()
        ));
    }
    Ok(())
}

fn table(counted: &Counted) -> Vec<Vec<String>> {
    let mut rows =
        vec![row!["confidence from", "verdicts", "compromised", "said", "so", "at least", "at most"]];
    rows.extend(counted.bins().iter().map(|b| {
        let so = b.compromised as f64 / b.verdicts as f64;
        let [said, so, least, most] = [b.said, so, b.bounds.0, b.bounds.1].map(|x| format!("{x:.4}"));
        row![b.from, b.verdicts, b.compromised, said, so, least, most]
    }));
    rows
}

fn bin(b: &Bin) -> Value {
    json!({ "from": b.from, "verdicts": b.verdicts, "compromised": b.compromised, "said": b.said,
        "so": b.compromised as f64 / b.verdicts as f64, "lower_95": b.bounds.0, "upper_95": b.bounds.1 })
}

fn said(counted: &Counted) -> Value {
    let named = counted.truths.iter().map(|(truth, n)| {
        let name = match truth {
            Truth::Compromised => "compromised",
            Truth::NotCompromised => "not_compromised",
            Truth::Disagreed => "people_disagree",
            Truth::Unproved => "that_was_me_unproved",
            Truth::CantTell => "cant_tell",
        };
        (name.to_owned(), Value::from(*n))
    });
    Value::Object(named.collect())
}
