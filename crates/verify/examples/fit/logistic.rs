//! Logistic regression with an L2 penalty and weights that are kept within bounds: cyclic coordinate descent by
//! Newton steps within a trust region (Genkin, Lewis and Madigan, Technometrics 49, 2007).
//!
//! It makes the sum of `n (ln (1 + e^z) - y z)` smallest, with `z` the offset, plus the prior, plus the weighted shares,
//! plus `penalty / 2` times the sum of the squares of the weights' distances from their centres. The prior is free.

/// So many hands of which the same is found.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) n: f64,
    pub(crate) guilty: bool,
    pub(crate) found: Vec<(usize, f64)>,
}

/// The function that is fitted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fitted {
    pub(crate) prior: f64,
    pub(crate) weights: Vec<f64>,
}

impl Fitted {
    /// The log-odds of a hand being guilty.
    pub(crate) fn log_odds(&self, found: &[(usize, f64)]) -> f64 {
        self.prior + found.iter().map(|(at, share)| self.weights[*at] * share).sum::<f64>()
    }

    /// The same as a probability.
    pub(crate) fn confidence(&self, found: &[(usize, f64)]) -> f64 {
        sigmoid(self.log_odds(found))
    }
}

pub(crate) fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

const ROUNDS_MAX: usize = 2000;
const STEP_MIN: f64 = 1e-6;

/// Fits, each weight drawn towards its centre, where it starts, and kept between its bounds.
pub(crate) fn fit(rows: &[Row], centres: &[f64], bounds: &[(f64, f64)], penalty: f64) -> Fitted {
    let mut fitted = Fitted { prior: -8.0, weights: centres.to_vec() };
    let mut z: Vec<f64> = rows.iter().map(|row| fitted.log_odds(&row.found)).collect();
    // The prior is a column of ones, behind all others.
    let mut columns: Vec<Vec<(usize, f64)>> = vec![Vec::new(); centres.len() + 1];
    for (at, row) in rows.iter().enumerate() {
        row.found.iter().for_each(|(column, share)| columns[*column].push((at, *share)));
        columns[centres.len()].push((at, 1.0));
    }
    let mut trust = vec![1.0; columns.len()];
    for _ in 0..ROUNDS_MAX {
        let mut longest: f64 = 0.0;
        for (j, column) in columns.iter().enumerate() {
            let (mut slope, mut bend) = (0.0, 1e-9);
            for (at, x) in column {
                let p = sigmoid(z[*at]);
                slope += rows[*at].n * (p - f64::from(rows[*at].guilty)) * x;
                bend += rows[*at].n * p * (1.0 - p) * x * x;
            }
            let is_prior = j == centres.len();
            let now = if is_prior { fitted.prior } else { fitted.weights[j] };
            if !is_prior {
                slope += penalty * (now - centres[j]);
                bend += penalty;
            }
            let mut step = (-slope / bend).clamp(-trust[j], trust[j]);
            if !is_prior {
                step = step.max(bounds[j].0 - now).min(bounds[j].1 - now);
            }
            trust[j] = (2.0 * step.abs()).max(trust[j] / 2.0);
            longest = longest.max(step.abs());
            column.iter().for_each(|(at, x)| z[*at] += step * x);
            if is_prior {
                fitted.prior += step;
            } else {
                fitted.weights[j] += step;
            }
        }
        if longest < STEP_MIN {
            break;
        }
    }
    fitted
}

/// Rows of which nothing is kept but the log-odds that a function gives them.
pub(crate) fn scored(by: &Fitted, rows: &[Row]) -> Vec<Row> {
    rows.iter().map(|row| Row { found: vec![(0, by.log_odds(&row.found))], ..row.clone() }).collect()
}

/// Platt's calibration (Platt, 1999): how log-odds must be stretched and moved to fit rows that are scored.
pub(crate) fn calibration(scored: &[Row]) -> (f64, f64) {
    let by = fit(scored, &[1.0], &[(0.0, f64::INFINITY)], 1.0);
    (by.weights[0], by.prior)
}

/// A function whose log-odds are stretched and moved is such a function again.
pub(crate) fn stretched(fitted: &Fitted, stretch: f64, shift: f64) -> Fitted {
    let weights = fitted.weights.iter().map(|w| w * stretch).collect();
    Fitted { prior: fitted.prior * stretch + shift, weights }
}
