//! How many takeovers are found where the highest-scored sign-ins are challenged, in one pass and bounded memory: scores
//! fall into bins, and the users are drawn anew with replacement as the sign-ins pass (Poisson bootstrap by user:
//! Chamandy et al. 2012). It knows no method.

use decide::detect::hash64;

const BINS: usize = 4096;

/// Sign-ins and takeovers by score, in the data and in each resample of its users.
pub(super) struct Curve {
    seed: u64,
    resamples: usize,
    /// By bin, in it by resample; the data itself first.
    all: Vec<u32>,
    taken: Vec<u32>,
    weights: Vec<u32>,
}

/// Takeovers found, as a share, with the middle 95 % of the resamples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) recall: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Curve {
    /// The bin of what can't be scored: never challenged.
    pub(super) const UNKNOWN: usize = 0;

    pub(super) fn new(resamples: usize, seed: u64) -> Self {
        let size = BINS * (resamples + 1);
        let weights = vec![1; resamples + 1];
        Self { seed, resamples, all: vec![0; size], taken: vec![0; size], weights }
    }

    /// The bin of a score between 0 and 1; what is beyond is at the end.
    pub(super) fn bin(score: f64) -> usize {
        1 + (score.clamp(0.0, 1.0) * (BINS - 2) as f64) as usize
    }

    /// Counts a sign-in of a user's.
    pub(super) fn count(&mut self, user: u64, bin: usize, taken: bool) {
        for (at, weight) in self.weights.iter_mut().enumerate().skip(1) {
            *weight = drawn(self.seed, user, at as u64);
        }
        let from = bin * (self.resamples + 1);
        let counts = &mut self.all[from..=from + self.resamples];
        counts
            .iter_mut()
            .zip(&self.weights)
            .for_each(|(count, weight)| *count = count.saturating_add(*weight));
        if taken {
            let counts = &mut self.taken[from..=from + self.resamples];
            counts.iter_mut().zip(&self.weights).for_each(|(count, weight)| *count += weight);
        }
    }

    fn sum(&self, of: &[u32], resample: usize) -> u64 {
        of.iter().skip(resample).step_by(self.resamples + 1).map(|n| u64::from(*n)).sum()
    }

    pub(super) fn sign_ins(&self) -> u64 {
        self.sum(&self.all, 0)
    }

    pub(super) fn takeovers(&self) -> u64 {
        self.sum(&self.taken, 0)
    }

    /// Sign-ins that could not be scored.
    pub(super) fn unknown(&self) -> u64 {
        u64::from(self.all[Self::UNKNOWN])
    }

    /// What is found where so large a share of the sign-ins is challenged, the highest scores first. Of equal scores a
    /// part is challenged, as chance would have it. None where there are no takeovers.
    pub(super) fn recall(&self, challenged: f64) -> Option<Found> {
        let recall = self.recall_in(challenged, 0)?;
        let mut drawn: Vec<f64> =
            (1..=self.resamples).filter_map(|resample| self.recall_in(challenged, resample)).collect();
        drawn.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = ((drawn.len() as f64 - 1.0) * share).round().max(0.0) as usize;
            drawn.get(place).copied().unwrap_or(recall)
        };
        Some(Found { recall, low: at(0.025), high: at(0.975) })
    }

    fn recall_in(&self, challenged: f64, resample: usize) -> Option<f64> {
        let takeovers = self.sum(&self.taken, resample);
        let mut left = challenged * self.sum(&self.all, resample) as f64;
        let mut found = 0.0;
        for bin in (Self::UNKNOWN + 1..BINS).rev() {
            let at = bin * (self.resamples + 1) + resample;
            let (all, taken) = (f64::from(self.all[at]), f64::from(self.taken[at]));
            if all > left {
                found += taken * left / all;
                break;
            }
            left -= all;
            found += taken;
        }
        (takeovers > 0).then(|| found / takeovers as f64)
    }
}

/// How often a user is drawn in a resample: Poisson with mean 1.
fn drawn(seed: u64, user: u64, resample: u64) -> u32 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&user.to_le_bytes());
    bytes[8..].copy_from_slice(&resample.to_le_bytes());
    let unit = (hash64(&bytes, seed) >> 11) as f64 / (1_u64 << 53) as f64;
    let (mut times, mut chance) = (0, (-1.0_f64).exp());
    let mut below = chance;
    while unit >= below && times < 12 {
        times += 1;
        chance /= f64::from(times);
        below += chance;
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand sign-ins, ten of them with a high score: of these, four of the five takeovers.
    fn curve() -> Curve {
        let mut curve = Curve::new(100, 7);
        for user in 0..1000 {
            let high = user < 10;
            curve.count(user, Curve::bin(if high { 0.9 } else { 0.1 }), user < 4 || user == 999);
        }
        curve
    }

    #[test]
    fn what_is_challenged_first_is_what_scores_highest() {
        let curve = curve();
        assert_eq!((curve.sign_ins(), curve.takeovers(), curve.unknown()), (1000, 5, 0));
        let at = |share: f64| curve.recall(share).expect("there are takeovers").recall;
        assert!((at(0.01) - 0.8).abs() < 1e-12, "all ten");
        assert!((at(0.005) - 0.4).abs() < 1e-12, "half of the ten, as chance would have it");
        assert!((at(1.0) - 1.0).abs() < 1e-12, "everybody");
        let found = curve.recall(0.01).expect("there are takeovers");
        assert!(found.low < found.recall && found.recall < found.high, "{found:?}");
    }

    #[test]
    fn what_has_no_score_is_never_challenged() {
        let mut curve = Curve::new(20, 7);
        (0..100).for_each(|user| curve.count(user, Curve::UNKNOWN, user == 0));
        assert!(curve.recall(1.0).is_some_and(|f| f.recall < 1e-12 && f.high < 1e-12));
        assert_eq!(curve.unknown(), 100);
    }

    #[test]
    fn users_are_drawn_once_on_average_and_equal_seeds_draw_the_same() {
        let all: Vec<u32> = (0..100_000).map(|user| drawn(1, user, 3)).collect();
        let mean = f64::from(all.iter().sum::<u32>()) / 1e5;
        let square = all.iter().map(|n| (f64::from(*n) - mean).powi(2)).sum::<f64>() / 1e5;
        assert!((mean - 1.0).abs() < 0.02 && (square - 1.0).abs() < 0.03, "{mean} {square}");
        let again: Vec<u32> = (0..100_000).map(|user| drawn(1, user, 3)).collect();
        assert_eq!(all, again);
        assert_ne!(drawn_all(1), drawn_all(2));
    }

    fn drawn_all(seed: u64) -> Vec<u32> {
        (0..100).map(|user| drawn(seed, user, 1)).collect()
    }
}
