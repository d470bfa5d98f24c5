//! What the demonstration says while it goes on, on standard error.

use std::time::Instant;

/// Prints each step as it happens.
pub(crate) struct Teller {
    began: Instant,
    step: std::cell::Cell<u32>,
}

impl Teller {
    /// Begins.
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), step: std::cell::Cell::new(0) }
    }

    /// A new step.
    pub(crate) fn step(&self, what: &str) {
        self.step.set(self.step.get() + 1);
        eprintln!("\n{:>5.1} s  {}. {what}", self.seconds(), self.step.get());
    }

    /// Something seen within a step.
    pub(crate) fn say(&self, what: impl std::fmt::Display) {
        for line in what.to_string().lines() {
            eprintln!("         {line}");
        }
    }

    /// Seconds since the beginning.
    pub(crate) fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }
}
