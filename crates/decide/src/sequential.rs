//! Tests on a share that may be asked again after every answer, without wearing out.
//!
//! A gate is asked every half hour for weeks. A bound that is exact for one look (`bound`) errs far more often than it
//! says when the best of many looks decides. Here the evidence against a limit `p` after `k` hits among `n` is the
//! likelihood ratio of a mixture of the shares on the other side of the limit to the limit itself,
//!
//! ```text
//!           ∫ qᵏ (1−q)ⁿ⁻ᵏ dπ(q)
//! E(k,n) = ─────────────────────   with π = Beta(1, 4), cut off at p and brought to mass 1 on its side,
//!              pᵏ (1−p)ⁿ⁻ᵏ
//! ```
//!
//! the beta-binomial mixture martingale of Robbins (Annals of Mathematical Statistics 41, 1970). While the limit holds,
//! `E` is a nonnegative supermartingale that begins at 1, so that it *ever* reaches `1/error` with probability at most
//! `error` (Ville 1939; Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 49, 2021). One may therefore look
//! as often as one likes, and stop at the first look that says enough.
//!
//! The mixture looks most at small shares, where the truth about a plan lies, and takes every share into account: it
//! needs no guess of how wrong a plan may be, as Wald's ratio of two single shares (1945) does, at a cost of a factor
//! of about two in `E`.

use statrs::function::beta::{beta_reg, ln_beta};

/// The mixture's two parameters.
const A: f64 = 1.0;
const B: f64 = 4.0;

/// Answers beyond which nobody looks for [`needed`].
const ANSWERS_MAX: u64 = 1_000_000;

/// Whether it is shown that the share exceeds `limit` (0 to 1), where being shown it wrongly, at whatever look, has
/// probability `error` at most.
#[must_use]
pub fn exceeds(hits: u64, n: u64, limit: f64, error: f64) -> bool {
    ln_above(hits, n, limit) >= -error.ln()
}

/// Whether it is shown that the share lies below `limit` (0 to 1), where being shown it wrongly, at whatever look, has
/// probability `error` at most. With nothing known nothing is shown.
#[must_use]
pub fn is_below(hits: u64, n: u64, limit: f64, error: f64) -> bool {
    ln_below(hits, n, limit) >= -error.ln()
}

/// The smallest share that [`is_below`] excludes: an upper bound that holds at all looks together; 1 where none is.
#[must_use]
pub fn upper(hits: u64, n: u64, error: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while high - low > 1e-6 {
        let middle = f64::midpoint(low, high);
        if is_below(hits, n, middle, error) { high = middle } else { low = middle }
    }
    high
}

/// How many answers it takes in all until [`is_below`] holds, if no more hits come; `None` where a million don't do.
#[must_use]
pub fn needed(hits: u64, limit: f64, error: f64) -> Option<u64> {
    let (mut low, mut high) = (hits, hits.max(1));
    while !is_below(hits, high, limit, error) {
        if high > ANSWERS_MAX {
            return None;
        }
        (low, high) = (high, high * 2);
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        if is_below(hits, middle, limit, error) { high = middle } else { low = middle }
    }
    Some(high)
}

/// The natural logarithm of the evidence that the share exceeds `limit`.
fn ln_above(hits: u64, n: u64, limit: f64) -> f64 {
    ln_ratio(hits, n, limit, |a, b| beta_reg(b, a, 1.0 - limit))
}

/// The natural logarithm of the evidence that the share lies below `limit`.
fn ln_below(hits: u64, n: u64, limit: f64) -> f64 {
    ln_ratio(hits, n, limit, |a, b| beta_reg(a, b, limit))
}

/// `mass` is what a beta distribution has on the side that is looked at.
fn ln_ratio(hits: u64, n: u64, limit: f64, mass: impl Fn(f64, f64) -> f64) -> f64 {
    let (hits, n) = (hits.min(n) as f64, n as f64);
    if !(limit > 0.0 && limit < 1.0) {
        // No share lies beyond 0 and 1, and nothing can be shown of one.
        return f64::NEG_INFINITY;
    }
    let (a, b) = (hits + A, n - hits + B);
    let mixed = ln_beta(a, b) + mass(a, b).ln() - ln_beta(A, B) - mass(A, B).ln();
    mixed - hits * limit.ln() - (n - hits) * (1.0 - limit).ln()
}
