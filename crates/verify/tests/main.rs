//! The judges, one integration binary: a module a subject.

mod checkout;
mod fit;
mod gates;
mod repository;
mod response;
mod rust;
mod simulated;
#[allow(dead_code, reason = "the mutants use the rest of it")]
mod simulation;
mod walls;

/// Fails with every finding on a line of its own.
#[track_caller]
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "{} found:\n  {}", findings.len(), findings.join("\n  "));
}

/// A broken twin is caught: fails unless some finding names all of `words`.
#[track_caller]
fn caught(findings: &[String], words: &[&str]) {
    assert!(
        findings.iter().any(|finding| words.iter().all(|word| finding.contains(word))),
        "no finding names {words:?} among:\n  {}",
        findings.join("\n  ")
    );
}
