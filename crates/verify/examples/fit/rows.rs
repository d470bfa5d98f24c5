//! What was collected: a line a service, with what the signals say of each hand.

use decide::detect::Signal;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::Path;

/// What is found of one hand: the signal's place in `Signal::ALL`, and how much of its weight counts.
pub(crate) type Found = Vec<(usize, f64)>;

/// A hand on a victim's account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Hand {
    /// Whether what is held against it is the intruder's doing.
    pub(crate) guilty: bool,
    /// Whether the families are there that a verdict needs.
    pub(crate) may_be_judged: bool,
    pub(crate) found: Found,
}

/// A victim and the hands on its account of which anything is found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Victim {
    pub(crate) attack: String,
    pub(crate) hands: Vec<Hand>,
}

/// Hands on accounts that nobody took, alike in what is found of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Clear {
    pub(crate) hands: u64,
    pub(crate) may_be_judged: bool,
    pub(crate) found: Found,
}

/// One service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Service {
    pub(crate) seed: u64,
    pub(crate) accounts: u32,
    /// The names that the places of `found` stand for.
    pub(crate) signals: Vec<String>,
    pub(crate) victims: Vec<Victim>,
    pub(crate) clear: Vec<Clear>,
}

/// The names of all signals, in order.
pub(crate) fn names() -> Vec<String> {
    Signal::ALL.iter().map(|s| s.name().to_owned()).collect()
}

/// Reads what was collected with the signals of today.
pub(crate) fn read(path: &Path) -> Result<Vec<Service>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let services: Vec<Service> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    match services.iter().find(|s| s.signals != names()) {
        Some(other) => {
            Err(format!("seed {} was collected with other signals: collect again", other.seed).into())
        }
        None => Ok(services),
    }
}
