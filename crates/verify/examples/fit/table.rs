//! The table that `decide` is built with.

use super::logistic::Fitted;
use decide::detect::Signal;
use std::fmt::Write;
use std::path::PathBuf;

/// Where it stands.
pub(crate) fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../decide/src/detect/signals/weights.rs")
}

/// Its text, with where it comes from.
pub(crate) fn text(fitted: &Fitted, provenance: &str) -> String {
    let mut text = String::from(
        "//! What each signal adds to the log-odds at the most, and what there is before any. Written by the example `fit` of\n\
         //! `verify`, and not by hand:\n//!\n",
    );
    provenance.lines().for_each(|line| {
        text.push_str(format!("//! {line}").trim_end());
        text.push('\n');
    });
    text.push_str("\nuse super::Signal;\n\n");
    text.push_str("/// Log-odds of a hand being an intruder's before anything is found.\n");
    writeln!(text, "pub const PRIOR: f64 = {:.2};\n", fitted.prior).expect("a string takes all");
    text.push_str("/// The most that a signal adds to the log-odds.\n");
    text.push_str("pub(super) fn weight(signal: Signal) -> f64 {\n    match signal {\n");
    for (signal, weight) in Signal::ALL.iter().zip(&fitted.weights) {
        writeln!(text, "        Signal::{signal:?} => {weight:.2},").expect("a string takes all");
    }
    text.push_str("    }\n}\n");
    text
}
