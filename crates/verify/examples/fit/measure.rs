//! What a fitted function finds on services it was not fitted to.

use crate::logistic::Fitted;
use crate::rows::{Hand, Service};
use std::collections::BTreeMap;

/// Of an attack's victims, those found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Recall {
    pub(crate) victims: u64,
    pub(crate) found: u64,
    pub(crate) sure: u64,
    pub(crate) suspected: u64,
}

/// Where confidences are cut into bins.
pub(crate) const BINS: [f64; 7] = [0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999];

/// What is found of some services.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    pub(crate) attacks: BTreeMap<String, Recall>,
    /// Hands on clear accounts that would be condemned, and so surely that a plan would take them.
    pub(crate) wrong: u64,
    pub(crate) wrong_sure: u64,
    /// Judged hands in each bin, the guilty ones among them, the sum of their confidences: each victim's counted as often
    /// as is asked for.
    pub(crate) bins: [(f64, f64, f64); BINS.len()],
}

impl Measured {
    pub(crate) fn of(services: &[&Service], fitted: &Fitted, victims_count: f64) -> Self {
        let mut sum = Self::default();
        for service in services {
            for victim in &service.victims {
                let judged: Vec<&Hand> = victim.hands.iter().filter(|h| h.may_be_judged).collect();
                judged.iter().for_each(|h| {
                    let hands = if h.guilty { victims_count } else { 1.0 };
                    sum.count(fitted.confidence(&h.found), h.guilty, hands);
                });
                let best = judged.iter().map(|h| fitted.confidence(&h.found)).fold(0.0, f64::max);
                let recall = sum.attacks.entry(victim.attack.clone()).or_default();
                recall.victims += 1;
                recall.found += u64::from(best >= 0.8);
                recall.sure += u64::from(best >= 0.9);
                recall.suspected += u64::from((0.3..0.8).contains(&best));
            }
            for clear in service.clear.iter().filter(|c| c.may_be_judged) {
                let confidence = fitted.confidence(&clear.found);
                sum.count(confidence, false, clear.hands as f64);
                sum.wrong += if confidence >= 0.8 { clear.hands } else { 0 };
                sum.wrong_sure += if confidence >= 0.9 { clear.hands } else { 0 };
            }
        }
        sum
    }

    fn count(&mut self, confidence: f64, guilty: bool, hands: f64) {
        if let Some(bin) = BINS.iter().rposition(|begin| confidence >= *begin) {
            self.bins[bin].0 += hands;
            self.bins[bin].1 += if guilty { hands } else { 0.0 };
            self.bins[bin].2 += confidence * hands;
        }
    }

    /// All attacks together.
    pub(crate) fn whole(&self) -> Recall {
        self.attacks.values().fold(Recall::default(), |sum, one| Recall {
            victims: sum.victims + one.victims,
            found: sum.found + one.found,
            sure: sum.sure + one.sure,
            suspected: sum.suspected + one.suspected,
        })
    }

    pub(crate) fn say(&self) {
        let line = |name: &str, r: &Recall| {
            let share = |n: u64| n as f64 / r.victims.max(1) as f64;
            println!(
                "  {name:15} {:6} victims, found {:.4}, at 0.9 {:.4}, suspected {:.4}",
                r.victims,
                share(r.found),
                share(r.sure),
                share(r.suspected)
            );
        };
        self.attacks.iter().for_each(|(name, recall)| line(name, recall));
        line("all", &self.whole());
        println!("  wrong: {} of clear hands, at 0.9 {}", self.wrong, self.wrong_sure);
        for (begin, (hands, guilty, sum)) in BINS.iter().zip(self.bins).filter(|(_, bin)| bin.0 > 0.0) {
            println!(
                "  from {begin:5}: {hands:8.1} hands, said {:.4}, guilty {:.4}",
                sum / hands,
                guilty / hands
            );
        }
    }
}
