//! What is found of each hand, before it is weighed: what the weights are fitted to. It gives no verdict.

use super::signals::{self, Case, Signal};
use super::verdict::may_be_judged;

/// What the signals say of one hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Each signal that found something, once, with how much of its weight counts.
    pub found: Vec<(Signal, f64)>,
    /// The acts that the findings rest on, by place.
    pub acts: Vec<usize>,
    /// Whether the families are there that a verdict needs.
    pub may_be_judged: bool,
}

/// What is found of the hands of an account of which anything is. `case` gives what all hands share.
#[must_use]
pub fn heard(case: &Case<'_>) -> Vec<Heard> {
    let hands = case.folded.actors.iter().enumerate().filter(|(_, a)| a.same_as.is_none() && a.acts > 0);
    hands
        .filter_map(|(hand, _)| {
            let found = signals::all(&Case { hand: hand as u8, ..*case });
            let mut acts: Vec<usize> = found.iter().flat_map(|f| f.acts.iter().copied()).collect();
            acts.sort_unstable();
            acts.dedup();
            (!found.is_empty()).then(|| Heard {
                may_be_judged: may_be_judged(found.iter()),
                found: found.iter().map(|f| (f.signal, f.share)).collect(),
                acts,
            })
        })
        .collect()
}
