//! A correction of the confidence (Platt 1999): all log-odds stretched and moved alike. It goes into prior and weights
//! themselves, so that a confidence stays what the listed evidence comes to.

use super::signals::{PRIOR, Signal};
use super::verdict::six_digits;
use std::collections::BTreeMap;

/// How far two numbers of six digits may be apart and still be the same, relatively.
const DIGITS: f64 = 1e-4;

/// By how much log-odds are stretched, and then moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// The factor.
    pub stretch: f64,
    /// What is added.
    pub shift: f64,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { stretch: 1.0, shift: 0.0 }
    }
}

impl Calibration {
    /// The log-odds before any evidence.
    #[must_use]
    pub fn prior(self) -> f64 {
        six_digits(self.stretch * PRIOR + self.shift)
    }

    /// What a weight comes to.
    #[must_use]
    pub fn weight(self, weight: f64) -> f64 {
        six_digits(self.stretch * weight)
    }

    /// All weights by name, for the summary: the most that each adds.
    #[must_use]
    pub fn weights(self) -> BTreeMap<String, f64> {
        Signal::ALL.into_iter().map(|s| (s.name().to_owned(), self.weight(s.weight()))).collect()
    }

    /// The correction that an answer was made with, from the prior and weights that it states; none where it was made
    /// with other weights than today's.
    #[must_use]
    pub fn read_back(prior: f64, weights: &BTreeMap<String, f64>) -> Option<Self> {
        let ratio = |signal: Signal| weights.get(signal.name()).map(|w| w / signal.weight());
        let stretch = ratio(Signal::ALL[0])?;
        let same = |signal: Signal| ratio(signal).is_some_and(|r| (r / stretch - 1.0).abs() < DIGITS);
        let all_same =
            stretch > 0.0 && weights.len() == Signal::ALL.len() && Signal::ALL.into_iter().all(same);
        all_same.then_some(Self { stretch, shift: prior - stretch * PRIOR })
    }

    /// Log-odds as they were before this correction.
    #[must_use]
    pub fn undone(self, log_odds: f64) -> f64 {
        (log_odds - self.shift) / self.stretch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_is_read_back_from_what_an_answer_states_and_other_weights_are_not_taken_for_one() {
        for calibration in [Calibration::default(), Calibration { stretch: 0.731, shift: -1.25 }] {
            let read =
                Calibration::read_back(calibration.prior(), &calibration.weights()).expect("today's weights");
            assert!((read.stretch - calibration.stretch).abs() < 1e-4, "{read:?}");
            assert!((read.shift - calibration.shift).abs() < 1e-3, "{read:?}");
            let log_odds = calibration.stretch * 4.5 + calibration.shift;
            assert!((read.undone(log_odds) - 4.5).abs() < 1e-2);
        }
        let mut other = Calibration::default().weights();
        assert!((Calibration::default().prior() - PRIOR).abs() < 1e-12);
        other.insert(Signal::Burst.name().to_owned(), 0.7);
        assert_eq!(Calibration::read_back(PRIOR, &other), None, "one weight is another");
        other.remove(Signal::Burst.name());
        assert_eq!(Calibration::read_back(PRIOR, &other), None, "one is missing");
    }
}
