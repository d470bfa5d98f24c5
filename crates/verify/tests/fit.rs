//! The regression behind detection's weights finds what it should, and what it writes is what `decide` is built with.

#[allow(dead_code, reason = "the example uses the rest")]
#[path = "../examples/fit/logistic.rs"]
mod logistic;
#[allow(dead_code, reason = "the example uses the rest")]
#[path = "../examples/fit/table.rs"]
mod table;

use crate::checkout::read;
use crate::{caught, none};
use decide::detect::{PRIOR, Signal};
use logistic::{Fitted, Row, calibration, fit, scored, sigmoid, stretched};

/// Hands of which each mix of three signals is found, as many guilty as a function says.
fn rows(by: &Fitted) -> Vec<Row> {
    let mut rows = Vec::new();
    for mix in 0..8_usize {
        let found: Vec<(usize, f64)> =
            (0..3).filter(|at| mix >> at & 1 == 1).map(|at| (at, 1.0 / (at + 1) as f64)).collect();
        let guilty = 1e6 * by.confidence(&found);
        rows.push(Row { n: guilty, guilty: true, found: found.clone() });
        rows.push(Row { n: 1e6 - guilty, guilty: false, found });
    }
    rows
}

fn apart(a: &Fitted, b: &Fitted) -> f64 {
    let weights = a.weights.iter().zip(&b.weights).map(|(a, b)| (a - b).abs());
    weights.fold((a.prior - b.prior).abs(), f64::max)
}

#[test]
fn the_function_that_made_the_hands_is_found_again() {
    let truth = Fitted { prior: -3.0, weights: vec![2.0, 0.5, 4.0] };
    let found = fit(&rows(&truth), &[1.0; 3], &[(0.1, 9.0); 3], 1.0);
    assert!(apart(&found, &truth) < 0.01, "{found:?}");
    // What speaks for the owner is kept at its floor, and what is never found at its centre.
    let turned = Fitted { prior: -3.0, weights: vec![2.0, -1.0, 4.0] };
    assert!((fit(&rows(&turned), &[1.0; 3], &[(0.1, 9.0); 3], 1.0).weights[1] - 0.1).abs() < 1e-9);
    let held = fit(&rows(&truth), &[1.0; 3], &[(0.1, 3.0); 3], 1.0);
    assert!((held.weights[2] - 3.0).abs() < 1e-9, "and what speaks too loudly at its ceiling");
    let unseen = fit(&rows(&truth), &[1.0, 1.0, 1.0, 7.0], &[(0.1, 9.0); 4], 1.0);
    assert!((unseen.weights[3] - 7.0).abs() < 1e-9);
}

#[test]
fn a_function_that_says_too_much_is_brought_back() {
    let truth = Fitted { prior: -3.0, weights: vec![2.0, 0.5, 4.0] };
    let boasts = stretched(&truth, 2.0, 1.0);
    assert!((boasts.confidence(&[(0, 1.0)]) - sigmoid(-1.0)).abs() < 1e-12);
    let (stretch, shift) = calibration(&scored(&boasts, &rows(&truth)));
    assert!(apart(&stretched(&boasts, stretch, shift), &truth) < 0.01, "{stretch} {shift}");
}

/// What the table says, written again.
fn rewritten(text: &str) -> String {
    let of_today =
        Fitted { prior: PRIOR, weights: Signal::ALL.iter().map(|signal| signal.weight()).collect() };
    let provenance: Vec<&str> = text
        .lines()
        .skip_while(|line| *line != "//!")
        .skip(1)
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    table::text(&of_today, &provenance.join("\n"))
}

fn by_hand(text: &str) -> Vec<String> {
    let differs = rewritten(text) != text;
    differs.then(|| "weights.rs is not as `fit` writes it".to_owned()).into_iter().collect()
}

#[test]
fn the_weights_are_as_the_program_writes_them() {
    let table = read("crates/decide/src/detect/signals/weights.rs").expect("the table").text;
    none(&by_hand(&table));
    caught(&by_hand(&table.replacen("Signal::Burst => ", "Signal::Burst => 1", 1)), &["weights.rs"]);
    assert!(Signal::ALL.iter().all(|signal| signal.weight() > 0.0));
}
