//! The gate between two waves: whether what is known by now is enough to go on, and good enough.
//!
//! An alarm halts where a share surely exceeds its limit. A gate passes only with information: of the owners who came
//! back so few proved that it was them that a plan as wrong as the policy stops is excluded. Silence is no information.
//! Both are tests that may be asked as often as one likes (`sequential`).
//!
//! Owners whose dispute waits for its proof count neither as right nor as wrong there; that most of all who are heard
//! from dispute is excluded by a test of its own, so that a plan that is wholly wrong is stopped even where nobody can
//! prove anything.

mod inputs;

use model::gate::{Finding, GateCounts, GateDecision, GateInput, GateRow, InputState};
use model::policy::Policy;

/// What a gate stands between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// The wave that is through.
    pub wave: u32,
    /// Its accounts.
    pub accounts: u64,
    /// The accounts of the wave after it; `None` after the last, where nothing more is started.
    pub next: Option<u64>,
    /// Whether owners are waited for. They are not where a plan takes back what was done (they asked for it), nor by a
    /// brake.
    pub asks_owners: bool,
}

/// Decides what follows a wave.
#[must_use]
pub fn gate(occasion: &Occasion, counts: GateCounts, policy: &Policy) -> GateRow {
    by(&GateInput::ALL, occasion, counts, policy)
}

/// The same by these inputs alone: less than [`gate`], for the judges of what each of them catches.
#[must_use]
pub fn by(inputs: &[GateInput], occasion: &Occasion, counts: GateCounts, policy: &Policy) -> GateRow {
    let findings: Vec<Finding> =
        inputs.iter().map(|input| inputs::look(*input, occasion, &counts, policy)).collect();
    let says = |state| findings.iter().any(|f| f.state == state);
    let decision = if says(InputState::Halt) {
        GateDecision::Halt
    } else if says(InputState::Wait) {
        GateDecision::Wait
    } else {
        GateDecision::Go
    };
    GateRow { wave: occasion.wave, decision, counts, findings }
}
