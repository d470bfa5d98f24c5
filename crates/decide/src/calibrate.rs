//! What people and owners answered, against how sure the detection was: does a confidence mean what it says, and by which
//! correction would it? It reads no ledger and changes nothing.

use crate::bound;
use crate::detect::Calibration;
use model::labels::Label;

/// Answers without which nothing is fitted: no error in so many excludes a wrong share of 5 %.
pub const ANSWERS_MIN: usize = 59;
/// Where the bins of confidence begin; the last one ends with 1.
pub const BINS: [f64; 8] = [0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999];
/// How sure each bound is, one-sided.
const CONFIDENCE: f64 = 0.95;
/// How much the fit is drawn to leaving things as they are.
const PENALTY: f64 = 1.0;
/// Parts of the answers, each scored by a fit to the others.
const FOLDS: usize = 5;
const STEPS: usize = 60;

/// One thing that was said of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// By a person who looked; of one person's labels the last.
    Label(Label),
    /// By the owner: *that was me*, with a proof that does not rest on the mailbox, or without.
    Dispute {
        /// Whether it was proved.
        proved: bool,
    },
    /// The owner came back.
    Recovered,
}

/// What all that was said of a verdict comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// Somebody else was in.
    Compromised,
    /// Only the owner was.
    NotCompromised,
    /// People disagree.
    Disagreed,
    /// The owner says *that was me*, which an intruder could say as well.
    Unproved,
    /// Who looked can't tell.
    CantTell,
}

/// What is true of an account: a proved dispute before any label, labels before what owners did. An owner who comes back
/// and says nothing else is taken for a victim, as in the gates. None where nothing was said.
#[must_use]
pub fn truth(said: &[Said]) -> Option<Truth> {
    let has = |what: Said| said.contains(&what);
    let label = |label: Label| has(Said::Label(label));
    if said.is_empty() {
        return None;
    }
    let truth = if has(Said::Dispute { proved: true }) {
        Truth::NotCompromised
    } else {
        match (label(Label::Compromised), label(Label::NotCompromised)) {
            (true, true) => Truth::Disagreed,
            (true, false) => Truth::Compromised,
            (false, true) => Truth::NotCompromised,
            (false, false) if has(Said::Dispute { proved: false }) => Truth::Unproved,
            (false, false) if has(Said::Recovered) => Truth::Compromised,
            (false, false) => Truth::CantTell,
        }
    };
    Some(truth)
}

/// A verdict of which the truth is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answered {
    /// How sure it was.
    pub confidence: f64,
    /// The log-odds that its evidence comes to by today's weights, without any correction.
    pub log_odds: f64,
    /// Whether somebody else was in.
    pub compromised: bool,
}

/// What a bin of confidences said, and what was so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Where it begins.
    pub from: f64,
    /// Verdicts in it.
    pub verdicts: u64,
    /// Of these, those on accounts that somebody else was in.
    pub compromised: u64,
    /// The mean confidence.
    pub said: f64,
    /// The share that the true ones allow at least, and at most.
    pub bounds: (f64, f64),
}

/// The verdicts by how sure they were; bins without any are left out.
#[must_use]
pub fn reliability(answers: &[Answered]) -> Vec<Bin> {
    let bin_of = |a: &Answered| BINS.iter().rposition(|from| a.confidence >= *from);
    let bins = BINS.iter().enumerate().map(|(at, from)| {
        let of: Vec<&Answered> = answers.iter().filter(|a| bin_of(a) == Some(at)).collect();
        let verdicts = of.len() as u64;
        let compromised = of.iter().filter(|a| a.compromised).count() as u64;
        let said = of.iter().map(|a| a.confidence).sum::<f64>() / verdicts as f64;
        let bounds = (
            bound::lower(compromised, verdicts, CONFIDENCE),
            bound::upper(compromised, verdicts, CONFIDENCE),
        );
        Bin { from: *from, verdicts, compromised, said, bounds }
    });
    bins.filter(|bin| bin.verdicts > 0).collect()
}

/// The mean square of what each confidence missed the truth by (Brier 1950).
#[must_use]
pub fn brier(answers: &[Answered]) -> f64 {
    mean_square(answers.iter().map(|a| (a.confidence, a.compromised)))
}

/// The same by corrections that were fitted to other answers than those they are held against.
#[must_use]
pub fn brier_corrected(answers: &[Answered]) -> f64 {
    let of_fold = |fold: usize| {
        let (held_out, fitted): (Vec<_>, Vec<_>) =
            answers.iter().enumerate().partition(|(at, _)| at % FOLDS == fold);
        let fitted: Vec<Answered> = fitted.into_iter().map(|(_, a)| *a).collect();
        let by = fit(&fitted);
        held_out.into_iter().map(move |(_, a)| (chance(by, a.log_odds), a.compromised)).collect::<Vec<_>>()
    };
    mean_square((0..FOLDS).flat_map(of_fold))
}

fn mean_square(of: impl Iterator<Item = (f64, bool)>) -> f64 {
    let (sum, n) =
        of.fold((0.0, 0.0), |(sum, n), (said, so)| (sum + (said - f64::from(u8::from(so))).powi(2), n + 1.0));
    sum / n
}

fn chance(by: Calibration, log_odds: f64) -> f64 {
    1.0 / (1.0 + (-(by.stretch * log_odds + by.shift)).exp())
}

/// The correction that fits the answers best: logistic regression on the log-odds with Platt's targets, drawn to leaving
/// them as they are, by Newton's method with halved steps.
#[must_use]
pub fn fit(answers: &[Answered]) -> Calibration {
    let yes = answers.iter().filter(|a| a.compromised).count() as f64;
    let no = answers.len() as f64 - yes;
    let target = |a: &Answered| if a.compromised { (yes + 1.0) / (yes + 2.0) } else { 1.0 / (no + 2.0) };
    let loss = |by: Calibration| {
        let misfit: f64 = answers
            .iter()
            .map(|a| {
                let z = by.stretch * a.log_odds + by.shift;
                // ln(1 + e^z) without overflow
                z.max(0.0) + (-z.abs()).exp().ln_1p() - target(a) * z
            })
            .sum();
        misfit + PENALTY / 2.0 * ((by.stretch - 1.0).powi(2) + by.shift.powi(2))
    };
    let mut by = Calibration::default();
    for _ in 0..STEPS {
        let (mut g, mut h) = ([PENALTY * (by.stretch - 1.0), PENALTY * by.shift], [PENALTY, 0.0, PENALTY]);
        for a in answers {
            let p = chance(by, a.log_odds);
            let (miss, curve) = (p - target(a), p * (1.0 - p));
            g = [g[0] + miss * a.log_odds, g[1] + miss];
            h = [h[0] + curve * a.log_odds * a.log_odds, h[1] + curve * a.log_odds, h[2] + curve];
        }
        let det = h[0] * h[2] - h[1] * h[1];
        let step = [(h[2] * g[0] - h[1] * g[1]) / det, (h[0] * g[1] - h[1] * g[0]) / det];
        let now = loss(by);
        let halved = (0..30).map(|half| 0.5_f64.powi(half)).find_map(|part| {
            let next = Calibration { stretch: by.stretch - part * step[0], shift: by.shift - part * step[1] };
            (loss(next) < now).then_some(next)
        });
        match halved {
            Some(next) => by = next,
            None => break,
        }
    }
    by
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At each log-odds a thousand verdicts, of which as many are true as the correction says.
    fn answers(true_by: Calibration) -> Vec<Answered> {
        let at = |log_odds: f64| {
            let so = (chance(true_by, log_odds) * 1000.0).round() as usize;
            let confidence = chance(Calibration::default(), log_odds);
            (0..1000).map(move |n| Answered { confidence, log_odds, compromised: n < so })
        };
        (-3..=6).flat_map(|z| at(f64::from(z))).collect()
    }

    #[test]
    fn a_confidence_that_says_too_much_is_corrected_and_one_that_does_not_is_left() {
        let too_sure = answers(Calibration { stretch: 0.5, shift: -1.0 });
        let by = fit(&too_sure);
        assert!((by.stretch - 0.5).abs() < 0.01 && (by.shift + 1.0).abs() < 0.02, "{by:?}");
        assert!(brier_corrected(&too_sure) < brier(&too_sure) - 0.01);
        let right = answers(Calibration::default());
        let by = fit(&right);
        assert!((by.stretch - 1.0).abs() < 0.01 && by.shift.abs() < 0.02, "{by:?}");
        assert!((brier_corrected(&right) - brier(&right)).abs() < 1e-3);
        let one_sided = vec![Answered { confidence: 0.95, log_odds: 3.0, compromised: true }; 60];
        let by = fit(&one_sided);
        assert!(
            by.stretch > 0.5 && by.stretch < 2.0 && by.shift.is_finite(),
            "nothing is learnt from: {by:?}"
        );
    }

    #[test]
    fn a_worked_example_of_reliability() {
        let verdict = |confidence, compromised| Answered { confidence, log_odds: 0.0, compromised };
        let mut of = vec![verdict(0.92, true); 9];
        of.push(verdict(0.94, false));
        of.push(verdict(0.6, false));
        let bins = reliability(&of);
        assert_eq!(bins.len(), 2);
        assert_eq!((bins[1].from, bins[1].verdicts, bins[1].compromised), (0.9, 10, 9));
        assert!((bins[1].said - 0.922).abs() < 1e-9);
        assert_eq!(bins[1].bounds, (bound::lower(9, 10, 0.95), bound::upper(9, 10, 0.95)));
        let expected = (9.0 * 0.08_f64.powi(2) + 0.94_f64.powi(2) + 0.36) / 11.0;
        assert!((brier(&of) - expected).abs() < 1e-12);
    }

    #[test]
    fn what_was_said_comes_to_one_truth() {
        let (yes, no) = (Said::Label(Label::Compromised), Said::Label(Label::NotCompromised));
        let unsure = Said::Label(Label::CantTell);
        let (proved, unproved) = (Said::Dispute { proved: true }, Said::Dispute { proved: false });
        let cases: [(&[Said], Option<Truth>); 11] = [
            (&[], None),
            (&[yes], Some(Truth::Compromised)),
            (&[no, unsure], Some(Truth::NotCompromised)),
            (&[yes, no], Some(Truth::Disagreed)),
            (&[unsure], Some(Truth::CantTell)),
            (&[proved, yes], Some(Truth::NotCompromised)),
            (&[unproved], Some(Truth::Unproved)),
            (&[unproved, yes], Some(Truth::Compromised)),
            (&[unproved, Said::Recovered], Some(Truth::Unproved)),
            (&[Said::Recovered], Some(Truth::Compromised)),
            (&[Said::Recovered, no], Some(Truth::NotCompromised)),
        ];
        for (said, expected) in cases {
            assert_eq!(truth(said), expected, "{said:?}");
        }
    }
}
