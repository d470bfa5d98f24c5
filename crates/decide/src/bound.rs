//! Exact one-sided bounds on a share, from a random sample (Clopper and Pearson, Biometrika 26, 1934).

use statrs::distribution::{Beta, ContinuousCDF};

/// The largest share that `hits` in `n` draws still allow at this one-sided confidence; 1 where nothing was drawn.
#[must_use]
pub fn upper(hits: u64, n: u64, confidence: f64) -> f64 {
    if hits >= n {
        return 1.0;
    }
    quantile(hits as f64 + 1.0, (n - hits) as f64, confidence)
}

/// The smallest share that `hits` in `n` draws still allow at this one-sided confidence; 0 where nothing was drawn.
#[must_use]
pub fn lower(hits: u64, n: u64, confidence: f64) -> f64 {
    if hits == 0 || n == 0 {
        return 0.0;
    }
    quantile(hits as f64, (n.saturating_sub(hits)) as f64 + 1.0, 1.0 - confidence)
}

/// The number of labels without an error that exclude a wrong share of `share_max`.
#[must_use]
pub fn labels_needed(share_max: f64, confidence: f64) -> u64 {
    ((1.0 - confidence).ln() / (1.0 - share_max).ln()).ceil() as u64
}

/// The quantile of a beta distribution, by bisection on its distribution function: exact to 1e-12, and free of the
/// convergence limits of closed approximations.
fn quantile(a: f64, b: f64, p: f64) -> f64 {
    let Ok(beta) = Beta::new(a, b) else { return 1.0 };
    let (mut low, mut high) = (0.0, 1.0);
    while high - low > 1e-12 {
        let middle = f64::midpoint(low, high);
        if beta.cdf(middle) < p { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_without_error_bound_what_the_policy_says() {
        for (share, labels) in [(0.05, 59), (0.02, 149), (0.01, 299), (0.001, 2995)] {
            assert_eq!(labels_needed(share, 0.95), labels);
            assert!(upper(0, labels, 0.95) <= share);
            assert!(upper(0, labels - 1, 0.95) > share);
        }
        assert!(upper(1, 236, 0.95) <= 0.02 && upper(1, 235, 0.95) > 0.02);
    }

    #[test]
    fn bounds_agree_with_the_binomial_tail() {
        // By definition: at the upper bound, seeing this few or fewer has probability 1 - confidence.
        for (k, n) in [(0_u32, 10_u32), (3, 40), (7, 20)] {
            let p = upper(u64::from(k), u64::from(n), 0.95);
            let tail: f64 =
                (0..=k).map(|i| choose(n, i) * p.powi(i as i32) * (1.0 - p).powi((n - i) as i32)).sum();
            assert!((tail - 0.05).abs() < 1e-6, "k={k} n={n}: {tail}");
        }
        for (k, n) in [(1_u32, 10_u32), (3, 40)] {
            let p = lower(u64::from(k), u64::from(n), 0.95);
            let tail: f64 =
                (k..=n).map(|i| choose(n, i) * p.powi(i as i32) * (1.0 - p).powi((n - i) as i32)).sum();
            assert!((tail - 0.05).abs() < 1e-6, "k={k} n={n}: {tail}");
        }
    }

    fn choose(n: u32, k: u32) -> f64 {
        (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product()
    }
}
